"""The main window: keys, menus, files, messages, closing."""

from __future__ import annotations

import gc
import threading

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from smtj_engine.files import setups
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Junction, Setup
from smtj_engine.schema import ParameterError
from smtj_gui import actions
from smtj_gui.__main__ import broken_pyside
from smtj_gui.look import DARK, LIGHT, Look
from smtj_gui.panels.activity import time_text
from smtj_gui.panels.palette import Palette, score
from smtj_gui.warm_up import WarmUp
from tests.gui.fakes import fake_result

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def front(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_actions_of_menus_in_menus_outlive_a_collection(window) -> None:
    gc.collect()
    texts = [action.text() for action in actions.named(window.menus)]
    assert {"No recent files", "No earlier sessions", "Light theme"} <= set(texts)


def test_title_says_what_is_changed(window, session) -> None:
    assert window.windowTitle() == "SMTJ — Fe/MgO"
    session.edit("junction.rashba", 5.0)
    assert window.windowTitle() == "SMTJ — Fe/MgO (changed)"
    session.undo()
    assert window.windowTitle() == "SMTJ — Fe/MgO"


def test_undo_and_redo_by_key(front, session) -> None:
    session.edit("junction.rashba", 5.0)
    assert "α_R" in front.actions_["undo"].text()
    QTest.keyClick(front, Qt.Key.Key_Z, CTRL)
    assert session.setup == Setup()
    QTest.keyClick(front, Qt.Key.Key_Z, CTRL | SHIFT)
    assert session.setup.junction.rashba == 5.0
    assert not front.actions_["redo"].isEnabled()


def test_undo_key_works_while_a_field_has_the_focus(front, session) -> None:
    field = front.setup_panel.forms[0].rows["junction.rashba"].field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Z, CTRL)
    assert session.setup == Setup() and field.text() == "4"


def test_run_key_keeps_a_run(front, conductor, session, qtbot) -> None:
    conductor.set_wanted(["angular"])
    with qtbot.waitSignal(conductor.live):
        conductor.set_ready()
    QTest.keyClick(front, Qt.Key.Key_F5)
    assert [run.state for run in session.runs] == ["finished"]
    assert front.toasts.messages == ["Kept as Angular 1."]


def test_esc_cancels_within_a_tenth_of_a_second(front, conductor, engine, session, runner, qtbot) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(setup, monitor):
        try:
            while not ended.wait(0.001):    # a kernel call
                monitor(0.2, "half way")
                begun.set()
        except Cancelled:
            ended.set()
            raise
        return fake_result(setup)

    engine.work = work
    conductor.set_wanted(["angular"])
    conductor.set_ready()
    assert begun.wait(5)
    with qtbot.waitSignal(runner.cancelled, timeout=100):
        QTest.keyClick(front, Qt.Key.Key_Escape)
    assert ended.is_set() and runner.active() == []


def test_long_work_is_told_in_the_status_bar_and_stopped_there(front, conductor, engine, runner, qtbot) -> None:
    def work(setup, monitor):
        while True:
            monitor(0.43, "angles")
            threading.Event().wait(0.001)   # a kernel call

    engine.work = work
    conductor.set_wanted(["angular"])
    conductor.set_ready()
    bar = front.activity
    high = bar.sizeHint().height()
    qtbot.waitUntil(lambda: "43%" in bar.text() and "left" in bar.text())
    assert bar._stop.isVisible()
    assert bar.sizeHint().height() == high  # else every plot is laid out and painted anew
    with qtbot.waitSignal(runner.cancelled):
        qtbot.mouseClick(bar._stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bar._stop.isVisible())


def test_setup_file_round_trip_by_drop(window, session, tmp_path) -> None:
    path = setups.save(Setup(junction=Junction(rashba=2.5)), tmp_path / "mine.toml")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                      Qt.KeyboardModifier.NoModifier)
    window.dropEvent(drop)
    assert session.setup.junction.rashba == 2.5
    session.undo()
    assert session.setup == Setup()


def test_of_several_dropped_files_one_is_opened_and_that_is_told(window, session, tmp_path) -> None:
    names = [tmp_path / name for name in ("MINE.TOML", "other.toml")]
    for name, rashba in zip(names, (2.5, 1.5), strict=True):
        setups.save(Setup(junction=Junction(rashba=rashba)), tmp_path / "made.toml").rename(name)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(name)) for name in names])
    rest = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    drag, drop = QDragEnterEvent(QPoint(5, 5), *rest), QDropEvent(QPointF(5, 5), *rest)
    for event, take in ((drag, window.dragEnterEvent), (drop, window.dropEvent)):
        event.ignore()
        take(event)
        assert event.isAccepted()
    assert session.setup.junction.rashba == 2.5
    assert any("Only MINE.TOML" in message for message in window.toasts.messages)


def test_bad_file_is_told_and_changes_nothing(window, session, tmp_path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("format = 1\njunction.rashba = 1000\n")
    window.files.open(str(path))
    assert session.setup == Setup()
    assert "rashba" in window.toasts.messages[0]


def test_setup_is_saved_and_a_bad_place_is_told(window, session, tmp_path) -> None:
    session.edit("junction.rashba", 5.0)
    window.files.save(str(tmp_path / "mine.toml"))
    assert setups.load(tmp_path / "mine.toml") == session.setup
    (tmp_path / "file").write_text("")
    window.files.save(str(tmp_path / "file" / "mine.toml"))
    assert window.toasts._toasts[-1].property("serious")
    assert session.setup.junction.rashba == 5.0


def test_refusal_marks_the_field_and_is_told(window, conductor) -> None:
    conductor.refused.emit(ParameterError("rashba_slope", 3.0, "α(V) passes its limit"))
    row = window.setup_panel.forms[0].rows["junction.rashba_slope"]
    assert row.field.property("refused") and row._error.text() == "α(V) passes its limit"
    assert window.toasts.messages == ["rashba_slope: α(V) passes its limit"]


def test_failure_has_details_on_demand(window, conductor) -> None:
    conductor.failed.emit("The calculation failed: no convergence", "Traceback …")
    assert window.toasts.messages == ["The calculation failed: no convergence"]
    conductor.failed.emit("The calculation failed: no convergence", "Traceback …")
    assert len(window.toasts.messages) == 1     # not said twice


def test_deleting_a_run_offers_undo(window, session, qtbot) -> None:
    session.add(fake_result())
    window.runs_panel.table.topLevelItem(0).setSelected(True)
    window.runs_panel.actions_["delete"].trigger()
    toast = window.toasts._toasts[-1]
    button = next(toast._buttons.itemAt(at).widget() for at in range(1, toast._buttons.count()))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(session.runs) == 1


def test_theme_is_chosen_and_remembered(window, qapp) -> None:
    window._look.choose("dark")
    assert qapp.palette().window().color().name() == DARK.window
    assert Look(qapp, window._settings).theme == DARK
    window._look.choose("light")
    assert window.theme == LIGHT


def test_palette_finds_every_action(front, session, qtbot) -> None:
    front.find_action()
    palette = front.findChild(Palette)
    QTest.keyClicks(palette.field, "drk")
    assert palette.list.item(0).text().startswith("Dark theme")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert front._look.mode == "dark"
    front._look.choose("light")


def test_letters_in_order_and_word_starts_first() -> None:
    assert score("xyz", "Export data") is None
    assert score("ed", "Export data") < score("ed", "Undeleted")
    assert score("", "anything") == 0


def test_every_action_has_a_method_a_tip_and_a_key_of_its_own(window) -> None:
    keys = [action.shortcut().toString() for action in actions.named(window.menus)
            if not action.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))
    assert all(action.toolTip() for action in window.actions_.values())


def test_closing_waits_for_the_job(window, conductor, engine, runner, qtbot) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(setup, monitor):
        try:
            while True:
                monitor(0.1)
                begun.set()
        finally:
            ended.set()

    engine.work = work
    conductor.set_wanted(["angular"])
    conductor.set_ready()
    assert begun.wait(5)
    assert window.close() and ended.is_set()


def test_closing_asks_while_a_run_is_active(window, session, monkeypatch) -> None:
    session.add(None, kind="angular", state="running")
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answers.pop(0))
    assert not window.close()
    assert window.close()


def test_geometry_and_groups_are_remembered(window, qtbot) -> None:
    window.setup_panel.forms[1].set_opened(True)
    window.close()
    stored = QSettings(window._settings.fileName(), QSettings.Format.IniFormat)
    assert stored.value("groups") == ["Junction", "Magnet"]
    assert stored.value("geometry") is not None


def test_help_and_keys_open(window) -> None:
    window.assistance.keys()
    assert "Ctrl+K" in window.assistance.help_window.text()
    window.assistance.help()
    assert len(window.assistance.help_window.text()) > 200


def test_this_pyside_is_not_the_broken_one() -> None:
    assert not broken_pyside()


def test_failed_preparation_is_told_and_work_goes_on(qtbot, qapp, monkeypatch) -> None:
    monkeypatch.setattr("smtj_engine.warm.is_warm", lambda: False)
    warm = WarmUp(command=("-c", "raise SystemExit('no compiler here')"))
    with qtbot.waitSignals([warm.failed, warm.done], timeout=10_000, order="strict"):
        warm.start()
    assert "no compiler here" in warm._output


def test_preparation_is_told_step_by_step(qtbot, qapp, monkeypatch) -> None:
    monkeypatch.setattr("smtj_engine.warm.is_warm", lambda: False)
    lines = [f"preparing the engine: {step}" for step in ("1/3 Angular", "2/3 Angular", "3/3 Bias")]
    warm, news, prepared = WarmUp(command=("-c", f"print(*{lines}, sep=chr(10))")), [], []
    warm.news.connect(news.append)
    warm.prepared.connect(prepared.append)
    with qtbot.assertNotEmitted(warm.failed), qtbot.waitSignal(warm.done, timeout=10_000):
        warm.start()
    assert "Preparing the engine" in news[0] and "3/3" in news[-1]
    assert prepared == ["Angular"]     # Bias is only ready when the child has ended


def test_ready_engine_starts_no_child(qtbot, qapp, monkeypatch) -> None:
    monkeypatch.setattr("smtj_engine.warm.is_warm", lambda: True)
    warm = WarmUp()
    with qtbot.assertNotEmitted(warm.news), qtbot.waitSignal(warm.done):
        warm.start()


def test_durations_in_words() -> None:
    assert [time_text(seconds) for seconds in (0.02, 0.42, 12.4, 200.0)] == [
        "20 ms", "0.4 s", "12 s", "3 min 20 s"]


def test_copy_belongs_to_the_field_that_has_the_focus(front) -> None:
    field = front.setup_panel.forms[0].rows["junction.rashba"].field
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_C, CTRL)
    assert QApplication.clipboard().text() == "4" and front.toasts.messages == []
