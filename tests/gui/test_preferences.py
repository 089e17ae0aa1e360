"""Preferences: kept, felt at once, and forgiving about what somebody wrote into the file."""

from __future__ import annotations

import contextlib
import threading

import pytest
from PySide6.QtCore import QLocale, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from smtj_engine.files import csv
from smtj_engine.monitor import Interrupted, silent
from smtj_engine.scale import cluster, executor
from smtj_gui import exporting
from smtj_gui.cluster_test import ClusterTest
from smtj_gui.colours import SETS
from smtj_gui.conductor import Conductor
from smtj_gui.film_dialog import NumberBox
from smtj_gui.jobs import JobRunner
from smtj_gui.look import LIGHT
from smtj_gui.preferences import ALL, Preferences
from smtj_gui.preferences_dialog import PreferencesDialog
from smtj_gui.run_queue import RunQueue
from smtj_gui.views.controls import Controls
from tests.gui.fakes import fake_result

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def dialog(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_Comma, CTRL)
    dialog = window.assistance._preferences
    qtbot.waitUntil(dialog.isVisible)
    yield dialog
    dialog.defaults.click()
    dialog.close()


def choose(chooser, data) -> None:
    """As the user does it, by the keyboard."""
    chooser.setFocus()
    chooser.setCurrentIndex(chooser.findData(data))
    chooser.activated.emit(chooser.currentIndex())


def stored(window, name: str) -> object:
    window._settings.sync()
    return QSettings(window._settings.fileName(), QSettings.Format.IniFormat).value(name)


@pytest.mark.parametrize("nonsense", ["", "purple", "-3", "1e9", "nan"])
def test_nonsense_in_the_file_is_the_default(tmp_path, nonsense) -> None:
    settings = QSettings(str(tmp_path / "a.ini"), QSettings.Format.IniFormat)
    for name in ALL:
        settings.setValue(name, nonsense)
    chosen = Preferences(settings)
    assert {name: chosen[name] for name in ALL} == {name: each.default for name, each in ALL.items()}


def test_choices_are_kept_in_their_types(tmp_path) -> None:
    path = str(tmp_path / "a.ini")
    values = {"theme": "dark", "text_pt": 12, "colours": "tol", "decimal_comma": True, "autosave": False,
              "rest_s": 5.5, "threads": 3, "cluster": "tcp://host:8786"}
    settings = QSettings(path, QSettings.Format.IniFormat)
    chosen = Preferences(settings)
    for name, value in values.items():
        chosen.choose(name, value)
    settings.sync()
    again = Preferences(QSettings(path, QSettings.Format.IniFormat))
    assert {name: again[name] for name in ALL} == values
    with pytest.raises(ValueError):
        again.choose("cluster", "somewhere")


def test_theme_and_size_of_the_text_are_felt_at_once(window, dialog, qtbot) -> None:
    field = window.setup_panel.forms[0].rows["junction.rashba"].field
    width, size = field.width(), QApplication.font().pointSize()
    choose(dialog.choosers["text_pt"], 16)
    assert QApplication.font().pointSize() == field.font().pointSize() == 16
    assert field.width() > 1.3 * width and str(stored(window, "text_pt")) == "16"
    choose(dialog.choosers["theme"], "dark")
    assert window.theme.dark
    window._look.choose("light")
    assert dialog.choosers["theme"].currentData() == "light"     # the menu's choice is seen in the dialog
    dialog.defaults.click()
    assert QApplication.font().pointSize() == size and field.width() == width


def test_colours_are_taken_by_curves_and_by_new_runs(window, dialog, session) -> None:
    before = session.add(fake_result())
    choose(dialog.choosers["colours"], "tol")
    assert window.theme.lines in (SETS["tol"].light, SETS["tol"].dark)
    assert session.add(fake_result()).colour == SETS["tol"].runs[0]
    assert before.colour == SETS["okabe-ito"].runs[0]
    dialog.defaults.click()
    assert window.theme.lines == SETS["okabe-ito"].light and window.theme is LIGHT


def test_a_decimal_comma_is_shown_and_both_signs_are_taken(window, dialog, session) -> None:
    row = window.setup_panel.forms[0].rows["junction.bias"]
    values = Controls(session, "numerics.angular", [], parent=window)
    session.edit_many({"numerics.angular.family": "junction.rashba", "numerics.angular.family_values": (0.5, 1.5)})
    session.edit("junction.bias", 0.5)
    dialog.decimal.setFocus()
    QTest.keyClick(dialog.decimal, Qt.Key.Key_Space)
    assert row.field.text() == "0,5" and values.family.values.text() == "0,5 1,5"
    for text, value in (("1,25", 1.25), ("-0.5", -0.5), ("125e-2 V", 1.25)):
        row.field.setFocus()
        row.field.selectAll()
        QTest.keyClicks(row.field, text)
        QTest.keyClick(row.field, Qt.Key.Key_Return)
        assert session.setup.junction.bias == value and row.field.text() == str(value).replace(".", ",")
    values.family.values.setText("0,5")     # without the decimal comma these are two numbers
    values.family.values.commit()
    assert session.setup.numerics.angular.family_values == (0.5,)
    dialog.decimal.setChecked(False)
    assert row.field.text() == "1.25" and QLocale().decimalPoint() == "."


def test_spin_boxes_take_both_signs(window, dialog) -> None:
    for comma in (True, False):
        dialog.decimal.setChecked(comma)
        box = NumberBox(dialog)
        box.show()
        for text in ("2.5", "3,5"):
            box.selectAll()
            QTest.keyClicks(box.lineEdit(), text)
            assert box.value() == float(text.replace(",", "."))


def test_tables_have_the_decimal_sign_and_give_the_same_numbers(dialog, tmp_path) -> None:
    dialog.decimal.setChecked(True)
    result = fake_result()
    target = exporting.Target(tmp_path / "a.csv", *next(iter(exporting.data_filters().values()))[:3])
    exporting._write_data(result, target, silent)
    rows = [line for line in target.path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert rows[2].count(";") == 7 and "." not in rows[2] and rows[2].startswith("1,0;")
    assert csv.read(target.path).data.identical(csv.from_text(csv.to_text(result)).data)
    with pytest.raises(ValueError):
        csv.to_text(result, ",", ",")


def test_rest_and_autosave_reach_the_archive(window, dialog, session) -> None:
    dialog.rest.setValue(7.5)
    assert window.archive.rest == 7500 and "7.5 s" in window.archive.habit
    dialog.autosave.setChecked(False)
    assert window.archive.rest is None and not dialog.rest.isEnabled()
    session.edit("junction.rashba", 5.0)
    assert not window.archive._rest.isActive() and window.archive.modified
    dialog.autosave.setChecked(True)
    assert window.archive._rest.isActive()      # what was edited meanwhile is kept now


def test_threads_reach_the_executor(dialog, monkeypatch) -> None:
    monkeypatch.setattr(executor, "processors", lambda: 4)
    one = PreferencesDialog(dialog._chosen, dialog.parent())
    choose(one.choosers["threads"], 3)
    assert executor.workers() == 3
    names = {name for _, name in executor.completed(_thread, list(range(40)), silent)}
    assert 1 <= len(names) <= 3
    choose(one.choosers["threads"], 0)
    assert executor.workers() == 4


def _thread(tile: int, check) -> str:
    return threading.current_thread().name


def test_a_wrong_address_is_refused_where_it_stands(window, dialog, qtbot) -> None:
    dialog.address.setFocus()
    QTest.keyClicks(dialog.address, "host 8786")
    QTest.keyClick(dialog.address, Qt.Key.Key_Return)
    assert "no address" in dialog.answer.text() and window.conductor.cluster == ""
    dialog.address.clear()
    QTest.keyClicks(dialog.address, "tcp://127.0.0.1:9")
    QTest.keyClick(dialog.address, Qt.Key.Key_Return)
    assert dialog.answer.text() == "" and window.conductor.cluster == "tcp://127.0.0.1:9"
    assert dialog.isVisible()       # Enter is no button


def test_a_run_is_sent_to_the_cluster_and_a_live_curve_is_not(window, dialog, session, conductor, engine, qtbot,
                                                             monkeypatch) -> None:
    class Elsewhere:
        workers, grain = 7, 1

        def completed(self, function, tiles, monitor, note):
            return executor.Threads().completed(function, tiles, monitor, note)

    @contextlib.contextmanager
    def on(address):
        if address.endswith(":9"):
            raise cluster.ClusterError(f"nobody answers at {address}")
        with executor.at(Elsewhere()):
            yield

    monkeypatch.setattr(cluster, "on", on)
    seen = []
    engine.work = lambda setup, monitor: (seen.append(executor.workers()), fake_result(setup))[1]
    dialog.address.setText("tcp://host:8786")
    QTest.keyClick(dialog.address, Qt.Key.Key_Return)
    conductor.set_wanted(["angular"])
    with qtbot.waitSignal(conductor.live):
        conductor.set_ready()
    run, = session.enqueue("angular", {"a": session.setup})
    qtbot.waitUntil(lambda: run.state == "finished")
    assert seen == [executor.threads(), 7]
    dialog.address.setText("tcp://host:9")
    QTest.keyClick(dialog.address, Qt.Key.Key_Return)
    run, = session.enqueue("angular", {"b": session.setup})
    qtbot.waitUntil(lambda: run.state == "failed")
    assert run.message.startswith("Cluster: nobody answers at tcp://host:9")
    assert run.message in window.toasts.messages


def test_a_run_whose_cluster_is_gone_keeps_what_there_is(window, session, conductor, engine, qtbot) -> None:
    def lost(setup, monitor):
        raise Interrupted("the scheduler at tcp://host:8786 is gone", fake_result(setup))

    engine.work = lost
    conductor.set_ready()
    run, = session.enqueue("angular", {"a": session.setup})
    qtbot.waitUntil(lambda: run.state == "cancelled")
    assert run.result is not None and "is gone" in run.message
    assert window.toasts.messages == ["a ended early: the scheduler at tcp://host:8786 is gone."]


@pytest.mark.slow
def test_runs_of_the_window_on_worker_processes(qtbot, session) -> None:
    runner = JobRunner()
    conductor = Conductor(session, runner)
    conductor.set_ready()
    queue = RunQueue(session, conductor, runner)
    conductor.cluster = "local:1"
    away, = session.enqueue("rashba", {"away": session.setup})
    qtbot.waitUntil(lambda: away.ended, timeout=120_000)
    conductor.cluster = ""
    here, = session.enqueue("rashba", {"here": session.setup})
    qtbot.waitUntil(lambda: here.ended, timeout=120_000)
    runner.shutdown()
    assert away.state == "finished", away.message
    assert away.result.data.equals(here.result.data) and queue.waiting == []


def test_the_connection_is_tested_and_answered_in_a_sentence(window, dialog, qtbot) -> None:
    qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
    assert "this machine" in dialog.answer.text()
    dialog.address.setText("tcp://127.0.0.1:9")
    dialog._tester._command = ("-c", "import sys; print('nobody answers at', sys.argv[1]); sys.exit(1)")
    with qtbot.waitSignal(dialog._tester.ended, timeout=30_000):
        qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
        assert not dialog.test.isEnabled()
    assert dialog.answer.text() == "Nobody answers at tcp://127.0.0.1:9." and dialog.test.isEnabled()


def test_a_test_that_hangs_is_ended(qtbot) -> None:
    test = ClusterTest(command=("-c", "import time; time.sleep(600)"), limit=300)
    with qtbot.waitSignal(test.ended, timeout=30_000) as answer:
        test.start("tcp://host:1")
    assert answer.args[0] is False and "no answer within" in answer.args[1].lower()


def test_dask_missing_is_told_with_the_command_that_installs_it(qtbot) -> None:
    hide = ("import sys; sys.modules['distributed'] = None; sys.argv[0] = 'x'; "
            "from smtj_engine.scale.__main__ import main; sys.exit(main(sys.argv[1]))")
    test = ClusterTest(command=("-c", hide))
    with qtbot.waitSignal(test.ended, timeout=60_000) as answer:
        test.start("tcp://host:1")
    assert answer.args[0] is False and "pip install 'smtj[cluster]'" in answer.args[1]
