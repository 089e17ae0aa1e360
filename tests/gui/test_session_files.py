"""The File menu: new, open, save, recent, reopen, restore, and what is said when a file is refused."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QPushButton

from smtj_engine.files import csv, live, results
from smtj_engine.files import session as packed
from smtj_engine.files.live import LiveFolder
from smtj_gui.archive import lock_of
from tests.engine import sessions
from tests.gui.fakes import fake_result

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PATIENCE = 30_000


@pytest.fixture
def front(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def day(tmp_path) -> Path:
    """A session file."""
    return packed.save(sessions.session(), tmp_path / "day.smtj.h5")


def opened(window, qtbot, path, **how) -> None:
    with qtbot.waitSignal(window.session.replaced, timeout=PATIENCE):
        window.sessions.open(path, **how)


def said(window, qtbot, words: str) -> None:
    qtbot.waitUntil(lambda: any(words in message for message in window.toasts.messages), timeout=PATIENCE)


def press(window, qtbot, words: str) -> None:
    """Press the button of the newest message that has one with these words."""
    button = next(button for toast in reversed(window.toasts._toasts) for button in toast.findChildren(QPushButton)
                  if button.text() == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def killed(root: Path) -> Path:
    """What a killed program leaves."""
    folder = LiveFolder.create(root)
    folder.write(sessions.session())
    folder.close()
    return folder.path


# -- save ----------------------------------------------------------------------------------------------


def test_save_asks_once_and_then_saves_by_key(front, session, qtbot, tmp_path, monkeypatch) -> None:
    asked = []
    target = tmp_path / "mine"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (asked.append(a[2]), (str(target), ""))[1])
    session.add(fake_result())
    with qtbot.waitSignal(front.archive.saved, timeout=PATIENCE):
        QTest.keyClick(front, Qt.Key.Key_S, CTRL)
    assert asked[0].endswith("Fe-MgO.smtj.h5")
    assert front.windowTitle() == "SMTJ — Fe/MgO — mine.smtj.h5"
    session.edit("junction.rashba", 5.0)
    assert front.windowTitle() == "SMTJ — Fe/MgO (changed) — mine.smtj.h5*"
    with qtbot.waitSignal(front.archive.saved, timeout=PATIENCE):
        QTest.keyClick(front, Qt.Key.Key_S, CTRL)
    assert len(asked) == 1
    assert packed.load(tmp_path / "mine.smtj.h5").session.setup.junction.rashba == 5.0
    assert [path.name for path in front.sessions.recent()] == ["mine.smtj.h5"]


@pytest.mark.parametrize("what", ["full", "read-only"])
def test_a_refused_save_offers_another_place(front, session, qtbot, tmp_path, monkeypatch, what) -> None:
    session.add(fake_result())
    (tmp_path / "small").mkdir()
    targets = [str(tmp_path / "elsewhere.smtj.h5")]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (targets.pop(), ""))
    with sessions.refusing_disk(what, tmp_path / "small", monkeypatch):
        front.archive.save(tmp_path / "small" / "day.smtj.h5")
        said(front, qtbot, "Everything is still here")
        with qtbot.waitSignal(front.archive.saved, timeout=PATIENCE):
            press(front, qtbot, "Save elsewhere…")
    assert len(packed.load(tmp_path / "elsewhere.smtj.h5").session.runs) == 1


def test_an_added_ending_does_not_replace_a_file_unasked(front, day, monkeypatch) -> None:
    before = day.read_bytes()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(day).removesuffix(".smtj.h5"), ""))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    front.sessions.save_session_as()
    front.archive.wait()
    assert day.read_bytes() == before


# -- open ----------------------------------------------------------------------------------------------


def test_open_brings_back_setup_runs_and_title(front, session, qtbot, day, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(day), ""))
    with qtbot.waitSignal(session.replaced, timeout=PATIENCE):
        QTest.keyClick(front, Qt.Key.Key_O, CTRL)
    assert session.setup == sessions.SETUP and not session.undo_text
    assert [run.name for run in session.runs] == ["Angular 1", "thick — α_R", "stopped", "Bias 1"]
    assert session.runs[0].colour == "#0072b2" and session.runs[1].colour
    assert front.runs_panel.table.topLevelItemCount() == 4
    assert front.windowTitle() == "SMTJ — Fe/MgO (changed) — day.smtj.h5"
    assert session.add(fake_result()).name == "Angular 2"


def test_a_setup_a_run_and_a_table_are_opened_beside_what_is_there(window, session, qtbot, tmp_path) -> None:
    session.add(fake_result())
    for path in (results.save(sessions.result(), tmp_path / "alone.h5"),
                 csv.write(sessions.result(), tmp_path / "table.csv")):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                          Qt.KeyboardModifier.NoModifier)
        with qtbot.waitSignal(session.runs_changed, timeout=PATIENCE):
            window.dropEvent(drop)
    assert [run.name for run in session.runs] == ["Angular 1", "alone", "table"]
    assert window.archive.file is None


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "the file is empty"), (b"not HDF5", "not an HDF5 file"), (b"\x89HDF\r\n\x1a\n" + bytes(500), "damaged"),
    (None, "no such file")])
def test_a_refused_file_changes_nothing(window, session, qtbot, tmp_path, content, reason) -> None:
    run = session.add(fake_result())
    session.edit("junction.rashba", 5.0)
    before = session.stored()
    path = tmp_path / "bad.smtj.h5"
    if content is not None:
        path.write_bytes(content)
    window.sessions.open(path)
    said(window, qtbot, reason)
    assert str(path) in window.toasts.messages[-1]
    assert session.stored() == before and session.runs == [run] and session.undo_text
    assert not path.with_name(".bad.smtj.h5.lock").exists()


def test_a_damaged_session_is_opened_with_a_warning_and_not_saved_over(window, session, qtbot, day) -> None:
    with h5py.File(day, "r+") as file:
        del file["runs/aaaa/tamr"]
        file["runs/bbbb"].attrs["run_state"] = "nonsense"
    opened(window, qtbot, day)
    said(window, qtbot, "could not be read")
    assert "bbbb" not in {run.id for run in session.runs}
    assert window.archive.file is None and window.archive.modified


def test_reading_can_be_stopped(front, session, qtbot, day, monkeypatch) -> None:
    with h5py.File(day, "r+") as file:
        file.attrs["touched"] = 1
    monkeypatch.setattr("smtj_engine.files.guard._command",
                        lambda *_: ["-c", "import time; print('ready', flush=True); time.sleep(1000)"])
    front.sessions.open(day)
    qtbot.waitUntil(lambda: "Opening day.smtj.h5" in front.activity.text(), timeout=PATIENCE)
    with qtbot.waitSignal(front._runner.cancelled, timeout=PATIENCE):
        qtbot.mouseClick(front.activity._stop, Qt.MouseButton.LeftButton)
    assert session.runs == [] and not day.with_name(f".{day.name}.lock").exists()
    with qtbot.waitSignal(front._runner.started, timeout=PATIENCE):   # and another file can be opened
        front.sessions.open(day)
    front.stop()


def test_a_file_that_another_window_holds_is_opened_as_a_copy(window, session, qtbot, day) -> None:
    lock = lock_of(day)
    window.sessions.open(day)
    said(window, qtbot, "open in another window")
    assert session.runs == []
    with qtbot.waitSignal(session.replaced, timeout=PATIENCE):
        press(window, qtbot, "Open a copy")
    assert len(session.runs) == 4 and window.archive.file is None
    lock.release()


def test_an_opened_file_is_locked_until_it_is_left(window, qtbot, day) -> None:
    opened(window, qtbot, day)
    with pytest.raises(packed.FileError, match="another window"):
        lock_of(day)
    with qtbot.waitSignal(window.session.replaced, timeout=PATIENCE):
        window.sessions.new_session()
    lock = lock_of(day)
    assert lock is not None
    lock.release()


@pytest.mark.parametrize("answers", [True, False])
def test_a_runs_file_is_revealed(window, session, qtbot, monkeypatch, answers) -> None:
    shown = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: (shown.append(url.toLocalFile()), answers)[1])
    run = session.add(fake_result())
    window.runs_panel.table.topLevelItem(0).setSelected(True)
    qtbot.waitUntil(lambda: window.archive.status.startswith("Kept"), timeout=PATIENCE)
    window.runs_panel.actions_["reveal"].trigger()
    folder = next((window.archive.root).iterdir())
    assert Path(shown[0]) == folder / "runs" and (folder / "runs" / f"{run.id}.h5").exists()
    assert f"{run.id}.h5" in window.toasts.messages[-1]
    if not answers:
        assert QGuiApplication.clipboard().text().endswith(f"{run.id}.h5")


# -- new, recent, earlier ------------------------------------------------------------------------------


def test_a_new_session_keeps_the_present_one_among_the_earlier(front, session, qtbot) -> None:
    session.edit("junction.rashba", 5.0)
    session.add(fake_result(session.setup))
    with qtbot.waitSignal(session.replaced, timeout=PATIENCE):
        QTest.keyClick(front, Qt.Key.Key_N, CTRL)
    assert session.runs == [] and not session.changed and not session.undo_text
    front.archive.wait()
    menu = next(menu for menu in front._menus["&File"].findChildren(QMenu) if "Earlier" in menu.title())
    menu.aboutToShow.emit()
    entry, = menu.actions()
    assert entry.text().endswith("Fe/MgO, 1 run")
    with qtbot.waitSignal(session.replaced, timeout=PATIENCE):
        entry.trigger()
    assert session.setup.junction.rashba == 5.0 and len(session.runs) == 1


def test_recent_files_are_opened_from_their_menu(window, session, qtbot, day) -> None:
    opened(window, qtbot, day)
    menu = next(menu for menu in window._menus["&File"].findChildren(QMenu) if "recent" in menu.title())
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["day.smtj.h5"]
    day.rename(day.with_name("moved.smtj.h5"))
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["No recent files"]


def test_the_last_session_is_reopened(window, session, qtbot, day) -> None:
    window.sessions.reopen_last()
    said(window, qtbot, "There is no earlier session.")
    opened(window, qtbot, day)
    window.sessions.close()
    with qtbot.waitSignal(session.replaced, timeout=PATIENCE):
        window.sessions.reopen_last()
    assert window.archive.file == day
    session.add(fake_result())
    window.sessions.close()     # not saved: the folder is newer than the file
    with qtbot.waitSignal(session.replaced, timeout=PATIENCE):
        window.sessions.reopen_last()
    assert len(session.runs) == 5 and window.archive.file == day and window.archive.modified


# -- restore -------------------------------------------------------------------------------------------


def answer(window, qtbot, words: str) -> None:
    """Answer the question that is on screen."""
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    button = next(button for button in box.buttons() if button.text() == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_after_a_kill_the_session_is_offered_and_restored(window, session, qtbot, tmp_path) -> None:
    folder = killed(tmp_path / "sessions")
    window.sessions.offer_restore()
    with qtbot.waitSignal(session.replaced, timeout=PATIENCE):
        answer(window, qtbot, "Restore")
    assert session.setup == sessions.SETUP
    for run, stored in zip(session.runs, sessions.session().runs, strict=True):
        assert (run.id, run.name, run.state, run.seconds) == (stored.id, stored.name, stored.state, stored.seconds)
        assert (run.result is None) == (stored.result is None)
    with pytest.raises(packed.FileError, match="another window"):
        LiveFolder.adopt(folder)        # it is this window's own now


def test_what_is_not_wanted_now_is_offered_again_and_can_be_deleted(window, qtbot, tmp_path, monkeypatch) -> None:
    folder = killed(tmp_path / "sessions")
    asked = []
    no, yes = QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes
    for words, sure, there in (("Not now", yes, True), ("Delete it", no, True), ("Delete it", yes, False)):
        monkeypatch.setattr(QMessageBox, "question", lambda *given, sure=sure, **_: asked.append(given[2]) or sure)
        window.sessions.offer_restore()
        answer(window, qtbot, words)
        assert folder.exists() == there
    assert len(asked) == 2 and all("4 runs? Nothing brings that back." in question for question in asked)
    window.sessions.offer_restore()
    assert not any(box.isVisible() for box in window.findChildren(QMessageBox))


def test_a_session_that_was_closed_is_not_offered(window, session, qtbot, tmp_path) -> None:
    session.add(fake_result())
    window.sessions.close()
    window.sessions.offer_restore()
    assert not window.findChildren(QMessageBox)


# -- closing -------------------------------------------------------------------------------------------


def test_closing_keeps_everything_without_a_question(window, session, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(QMessageBox, "exec", lambda *_: pytest.fail("asked"))
    session.add(fake_result())
    session.edit("junction.rashba", 5.0)
    assert window.close()
    left, = live.left_behind(tmp_path / "sessions")
    assert left.closed and live.read(left.path).session.setup.junction.rashba == 5.0


def test_closing_asks_when_something_would_be_lost(window, session, qtbot, tmp_path, monkeypatch) -> None:
    answers = ["Cancel", "Lose it"]

    def choose(box):
        words = answers.pop(0)
        next(button for button in box.buttons() if button.text().replace("&", "") == words).click()

    monkeypatch.setattr(QMessageBox, "exec", choose)
    with sessions.refusing_disk("full", tmp_path / "sessions", monkeypatch):
        session.add(fake_result())
        said(window, qtbot, "cannot be kept")
        assert not window.close() and window.isVisible()
        assert window.close()
    assert answers == []
