"""Run by test_scaled.py with QT_SCALE_FACTOR set: pictures of window and dialogs, and what is cut off in them.

`scaled.py FOLDER` writes PNGs and prints one line of JSON. Not a test itself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEventLoop, QSettings, Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from smtj_engine import presets
from smtj_gui.conductor import Conductor
from smtj_gui.jobs import JobRunner
from smtj_gui.look import Look, configure_plots, tint
from smtj_gui.main_window import MainWindow
from smtj_gui.session import Session
from smtj_gui.views import VIEWS

#: The kernels may have to be compiled first.
_PATIENCE_MS = 120_000


def wait(ms: int) -> None:
    """Let the program run; QTest.qWait would keep Python from the worker threads meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def cut_off(root: QWidget) -> list[str]:
    """Visible plain words that are wider than their widget, and widgets that reach out of the window."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not root.window():
            continue
        least = widget.minimumSizeHint().width()
        if isinstance(widget, QAbstractButton) and widget.text() and widget.width() < least - 1:
            found.append(f"button {widget.text()}: {widget.width()} < {least}")
        plain = isinstance(widget, QLabel) and not widget.wordWrap() and "<" not in widget.text()
        if plain and widget.width() < widget.fontMetrics().horizontalAdvance(widget.text()) - 1:
            found.append(f"label {widget.text()}: {widget.width()}")
    return found


def main(folder: Path) -> int:
    """Show, wait for the first curve, take pictures."""
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication([])
    look = Look(app, QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat))
    configure_plots(look.theme)
    session, runner = Session(presets.load(presets.DEFAULT)), JobRunner()
    conductor = Conductor(session, runner)
    window = MainWindow(session, runner, conductor, look, QSettings(str(folder / "w.ini"),
                                                                     QSettings.Format.IniFormat))
    window.resize(1280, 800)
    window.show()
    window.open(VIEWS)
    tint(window, look.theme)
    conductor.set_ready()
    waited = QElapsedTimer()
    waited.start()
    while window.view.current_result() is None and not waited.hasExpired(_PATIENCE_MS):
        wait(50)
    answer: dict[str, object] = {"ratio": window.devicePixelRatio(), "cut": {}}
    window.assistance.preferences()
    window.assistance.help()
    helper = window.assistance
    shown = {"window": window, "preferences": helper._preferences, "help": helper.help_window}
    for name, widget in shown.items():
        wait(300)
        picture = widget.grab()
        picture.save(str(folder / f"{name}.png"))
        answer[name] = [picture.width(), picture.height(), widget.width(), widget.height()]
        answer["cut"][name] = cut_off(widget)
    print(json.dumps(answer), flush=True)
    for widget in reversed(shown.values()):
        widget.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
