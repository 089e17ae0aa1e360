"""Run by test_day.py: a day at the program itself, `day.py morning|afternoon FOLDER`. Not a test itself.

The morning works with the real widgets and is killed with unsaved work; the afternoon starts again, is offered the
restore, takes it and compares. Each writes what it saw as JSON into the folder.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox

import smtj_gui.__main__ as program
from smtj_engine.files import csv, resources
from smtj_gui import export_dialogs
from smtj_gui.main_window import MainWindow
from smtj_gui.sequence_dialog import SequenceDialog
from smtj_gui.views.import_dialog import ImportDialog
from smtj_gui.views.plot import CurvePlot

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
#: The kernels may have to be compiled first.
PATIENCE_MS = 120_000


def wait(ms: int) -> None:
    """Let the program run; QTest.qWait would keep Python from the worker threads meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def until(true: Callable[[], bool], what: str) -> None:
    """Let the program run until something holds."""
    waited = QElapsedTimer()
    waited.start()
    while not true():
        if waited.hasExpired(PATIENCE_MS):
            raise TimeoutError(what)
        wait(20)


def dialog(kind: type[QDialog]) -> QDialog | None:
    """The dialog of this kind that is open."""
    return next((one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()), None)


def when_open(kind: type[QDialog], act: Callable[[QDialog], None]) -> None:
    """Do something in a dialog that blocks whoever opens it."""
    def look() -> None:
        found = dialog(kind)
        act(found) if found is not None else QTimer.singleShot(50, look)

    QTimer.singleShot(0, look)


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key of the menus, which only the active window hears; a dialog has left it inactive where no window
    manager is."""
    window.activateWindow()
    until(window.isActiveWindow, "the active window")
    QTest.keyClick(window, key, modifier)


def seen(window: MainWindow) -> dict[str, object]:
    """What is to be the same after the restore: setup, runs, their numbers, the measured data and the marks."""
    fitting = next((view for view in window.views if view.key == "fit"), None)
    return {
        "rashba": window.session.setup.junction.rashba,
        "runs": {run.name: [run.kind, run.state, run.setup.junction.rashba,
                            float(abs(run.result.data[next(iter(run.result.data.data_vars))]).sum())]
                 for run in window.session.runs},
        "measured": None if fitting is None or fitting.measurement is None else
        [fitting.measurement.name, float(fitting.measurement.values.sum()), sorted(fitting.table.varied)],
    }


def morning(window: MainWindow, folder: Path) -> None:
    """Open, edit, sweep, import, fit, overlay, export, save, and a kill in the middle of more work."""
    session = window.session
    until(lambda: window.view is not None and window.view.current_result() is not None, "the first curve")
    assert session.setup.junction.bias == 0.8, "the setup file that was named on the command line"

    field = window.setup_panel.forms[0].rows["junction.rashba"].field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "3")
    QTest.keyClick(field, Qt.Key.Key_Return)
    until(lambda: window.view.current_result().setup.junction.rashba == 3.0, "the curve of the edit")

    def sweep(box: QDialog) -> None:
        box.loops[0].choose("junction.rashba")
        box.loops[0].values.setText("1 2 4")
        box.start.click()

    when_open(SequenceDialog, sweep)
    press(window, Qt.Key.Key_F5, SHIFT)
    until(lambda: sum(run.state == "finished" for run in session.runs) == 3, "the sweep")

    sample = str(resources.path("measured/tamr_theta.csv"))
    QFileDialog.getOpenFileName = staticmethod(lambda *_: (sample, ""))
    press(window, Qt.Key.Key_I, CTRL)
    until(lambda: dialog(ImportDialog) is not None, "the import dialog")
    QTest.keyClick(dialog(ImportDialog), Qt.Key.Key_Return)
    fitting = window.view
    until(lambda: fitting.measurement is not None, "the data")
    QTest.mouseClick(fitting.fit_button, Qt.MouseButton.LeftButton)
    until(lambda: fitting.fitted is not None, "the fit")
    QTest.mouseClick(fitting.use_button, Qt.MouseButton.LeftButton)

    window.tabs.setCurrentIndex(0)
    until(lambda: window.view.current_result().setup == session.setup, "the curve of the fit")
    plot = window.view.findChildren(CurvePlot)[0]
    until(lambda: len(plot.lines) == 4, "the runs of the sweep over the curve of the fit")

    target = export_dialogs.Target(folder / "curve.csv")
    export_dialogs.Dialogs.table = lambda *_: target
    press(window, Qt.Key.Key_E, CTRL)
    until((folder / "curve.csv").exists, "the export")
    exported = csv.read(folder / "curve.csv")
    assert exported.setup == session.setup and exported.data.equals(window.view.current_result().data)

    QFileDialog.getSaveFileName = staticmethod(lambda *_: (str(folder / "day.smtj.h5"), ""))
    press(window, Qt.Key.Key_S, CTRL)
    until(lambda: window.archive.file is not None and not window.archive.modified, "the save")

    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    until(lambda: window.view.current_result().setup.junction.rashba == 5.0, "the last edit")
    press(window, Qt.Key.Key_F5)
    until(lambda: len(session.runs) == 5 and window.archive.status.startswith("Kept")
          and not window.archive._behind and not window.archive._then, "the last run on disk")
    (folder / "morning.json").write_text(json.dumps(seen(window)), encoding="utf-8")
    os.kill(os.getpid(), signal.SIGKILL)


def afternoon(window: MainWindow, folder: Path) -> None:
    """Restore what the kill has left, and compare two runs."""
    until(lambda: dialog(QMessageBox) is not None, "the offer to restore")
    button = next(one for one in dialog(QMessageBox).buttons() if one.text() == "Restore")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    until(lambda: len(window.session.runs) == 5, "the restore")
    while window.tabs.build_next() is not None:
        pass
    panel = window.runs_panel
    for item in (panel.table.topLevelItem(0), panel.table.topLevelItem(2)):
        item.setSelected(True)
    compare = panel._compare
    rows = [[compare.topLevelItem(at).text(column) for column in range(3)]
            for at in range(compare.topLevelItemCount())]
    (folder / "afternoon.json").write_text(json.dumps({**seen(window), "compared": rows}), encoding="utf-8")
    window.close()


def main(part: str, folder: Path) -> int:
    """Start the program with a script in it."""
    acts = {"morning": morning, "afternoon": afternoon}
    real = program.start

    def start(window: MainWindow) -> None:
        real(window)

        def act() -> None:
            window.activateWindow()
            try:
                acts[part](window, folder)
            except BaseException:
                traceback.print_exc()
                os._exit(3)

        QTimer.singleShot(0, window, act)

    program.start = start
    return program.main(["smtj", *([str(folder / "mine.toml")] if part == "morning" else [])])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
