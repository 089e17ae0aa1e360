"""Autosave: finished runs at once, edits after a rest, refusals told, nothing lost when the program is killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from smtj_engine.files import FileError, live
from smtj_engine.files import session as packed
from smtj_engine.files.lock import Lock
from smtj_engine.parameters import Setup
from smtj_engine.schema import with_value
from smtj_gui import archive as module
from smtj_gui import deleted
from smtj_gui.archive import Archive, lock_of
from smtj_gui.session import Session
from tests.engine import sessions
from tests.gui.fakes import fake_preset, fake_result

PATIENCE = 30_000


@pytest.fixture
def archive(session: Session, tmp_path: Path, qtbot):
    made = Archive(session, tmp_path / "sessions")
    yield made
    made.close()


def kept(archive: Archive):
    """A check for qtbot.waitUntil: everything is in the folder."""
    return lambda: archive.status.startswith("Kept") and not archive._behind and not archive._then


def on_disk(archive: Archive) -> packed.StoredSession:
    return live.read(next(archive.root.iterdir())).session


def test_nothing_is_written_before_something_is_done(archive, tmp_path) -> None:
    archive.settle(lambda error: None)
    assert not archive.root.exists()


def test_a_finished_run_is_kept_at_once_without_the_gui_thread(archive, session, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(Archive, "rest", 10**8)
    threads = set()
    real = live.LiveFolder.write
    monkeypatch.setattr(live.LiveFolder, "write", lambda *a: (threads.add(threading.current_thread()), real(*a)))
    session.add(fake_result())
    qtbot.waitUntil(lambda: archive.status.startswith("Kept"), timeout=PATIENCE)
    run = session.add(None, kind="angular", state="running")
    session.update(run, state="finished", result=fake_result())
    qtbot.waitUntil(lambda: len(on_disk(archive).runs) == 2, timeout=PATIENCE)
    assert threading.main_thread() not in threads


def test_edits_are_kept_after_a_rest(archive, session, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(Archive, "rest", 50)
    session.edit("junction.rashba", 5.0)
    assert not archive.root.exists()
    qtbot.waitUntil(kept(archive), timeout=PATIENCE)
    assert on_disk(archive).setup == session.setup
    run = session.add(fake_result())
    session.update(run, name="thin", colour="#123456", visible=False)
    qtbot.waitUntil(kept(archive), timeout=PATIENCE)
    stored, = on_disk(archive).runs
    assert (stored.name, stored.colour, stored.visible) == ("thin", "#123456", False)


def test_the_rest_is_two_seconds() -> None:
    assert Archive.rest == 2000


def test_a_deleted_run_comes_back_by_undo_and_goes_with_the_session(archive, session, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(Archive, "rest", 10)
    run = session.add(fake_result())
    session.remove([run])
    qtbot.waitUntil(kept(archive), timeout=PATIENCE)
    qtbot.waitUntil(lambda: on_disk(archive).runs == (), timeout=PATIENCE)
    session.undo()
    qtbot.waitUntil(lambda: len(on_disk(archive).runs) == 1, timeout=PATIENCE)


def test_of_many_deleted_runs_only_the_newest_stay_in_memory_and_all_come_back(
        archive, session, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(deleted, "MOST_RUNS", 3)
    told: list[str] = []
    session.not_undone.connect(told.append)
    runs = [session.add(fake_result(with_value(Setup(), "junction.rashba", at / 2))) for at in range(8)]
    numbers = [run.result.data["torque_par"].values.copy() for run in runs]
    qtbot.waitUntil(lambda: all(archive.place_of(run) is not None for run in runs), timeout=PATIENCE)
    session.remove(runs[:2])
    for run in runs[2:]:
        session.remove([run])
    assert [run.result is None for run in runs] == [True] * 5 + [False] * 3
    archive.place_of(runs[2]).unlink()
    for _ in range(7):
        session.undo()
    assert session.runs == [*runs[:2], *runs[3:]] and len(told) == 1
    assert told[0].startswith("Angular 3 cannot be brought back: ")
    for run, values in zip(runs, numbers, strict=True):
        if run is not runs[2]:
            np.testing.assert_array_equal(run.result.data["torque_par"].values, values)
    for _ in range(7):
        session.redo()
    assert session.runs == [] and sum(run.result is not None for run in runs) == 3
    session.undo()
    assert session.runs == runs[7:]


def test_large_deleted_runs_leave_memory_too(archive, session, qtbot, monkeypatch) -> None:
    runs = [session.add(fake_result()) for _ in range(3)]
    monkeypatch.setattr(deleted, "MOST_BYTES", runs[0].result.data.nbytes * 1.5)
    qtbot.waitUntil(lambda: all(archive.place_of(run) is not None for run in runs), timeout=PATIENCE)
    session.remove(runs)
    assert [run.result is None for run in runs] == [True, True, False]
    session.undo()
    assert session.runs == runs and all(run.result is not None for run in runs)


@pytest.mark.parametrize("what", ["full", "read-only", "real full", "real read-only"])
def test_a_refusing_disk_is_told_once_and_tried_again(session, tmp_path, qtbot, monkeypatch, what) -> None:
    monkeypatch.setattr(module, "AGAIN", 20)
    told: list[FileError] = []
    (tmp_path / "small").mkdir()
    with sessions.refusing_disk(what, tmp_path / "small", monkeypatch) as place:
        archive = Archive(session, place / "sessions")
        archive.trouble.connect(told.append)
        with qtbot.waitSignal(archive.trouble, timeout=PATIENCE):
            run = session.add(fake_result())
        tries = []
        archive.changed.connect(lambda: tries.append(archive.status))
        qtbot.waitUntil(lambda: len(tries) > 3, timeout=PATIENCE)
        assert len(told) == 1 and archive.status.startswith("Not kept: the disk")
        assert archive.worth_keeping and run.result is not None
        errors = []
        archive.settle(errors.append)
        qtbot.waitUntil(lambda: bool(errors), timeout=PATIENCE)
        assert isinstance(errors[0], FileError)
        with qtbot.waitSignal(archive.saved, timeout=PATIENCE):     # elsewhere there is room
            archive.save(tmp_path / "elsewhere.smtj.h5")
        assert len(packed.load(tmp_path / "elsewhere.smtj.h5").session.runs) == 1
        archive.close()


def test_it_goes_on_when_there_is_room_again(session, tmp_path, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 20)
    archive = Archive(session, tmp_path / "sessions")
    with (sessions.refusing_disk("full", tmp_path, monkeypatch),
          qtbot.waitSignal(archive.trouble, timeout=PATIENCE)):
        session.add(fake_result())
    qtbot.waitUntil(kept(archive), timeout=PATIENCE)
    runs = [run for folder in archive.root.iterdir() for run in live.read(folder).session.runs]
    assert runs and archive.error is None
    archive.close()


def test_save_says_what_is_in_the_file(archive, session, qtbot, tmp_path) -> None:
    session.edit("junction.rashba", 5.0)
    session.add(fake_result())
    path = tmp_path / "day.smtj.h5"
    with qtbot.waitSignal(archive.saved, timeout=PATIENCE):
        archive.save(path)
    assert archive.file == path and not archive.modified
    sessions.same(session.stored(), packed.load(path).session)
    session.edit("junction.rashba", 6.0)
    assert archive.modified


def test_an_edit_while_it_is_saved_is_not_lost(archive, session, qtbot, tmp_path) -> None:
    session.add(fake_result())
    with qtbot.waitSignal(archive.saved, timeout=PATIENCE):
        archive.save(tmp_path / "day.smtj.h5")
        session.edit("junction.rashba", 6.0)
    assert archive.modified
    assert packed.load(tmp_path / "day.smtj.h5").session.setup.junction.rashba == 4.0


def test_a_file_of_another_window_is_not_overwritten(archive, session, qtbot, tmp_path) -> None:
    path = tmp_path / "day.smtj.h5"
    lock = lock_of(path)
    with qtbot.waitSignal(archive.refused, timeout=PATIENCE) as heard:
        archive.save(path)
    assert "open in another window" in heard.args[0].reason and heard.args[0].path == path
    assert archive.file is None and not path.exists()
    lock.release()
    with qtbot.waitSignal(archive.saved, timeout=PATIENCE):
        archive.save(path)
    with pytest.raises(FileError, match="another window"):
        lock_of(path)


def test_a_saved_session_leaves_no_folder_and_an_unsaved_one_does(session, tmp_path, qtbot) -> None:
    for number, path in enumerate((None, tmp_path / "day.smtj.h5")):
        archive = Archive(session, tmp_path / f"sessions{number}")
        session.add(fake_result())
        if path is not None:
            with qtbot.waitSignal(archive.saved, timeout=PATIENCE):
                archive.save(path)
        archive.close()
        left = live.left_behind(archive.root)
        assert [each.closed for each in left] == ([True] if path is None else [])
    Lock(tmp_path / ".day.smtj.h5.lock").release()      # the file's lock was given back


def test_another_session_does_not_get_into_this_ones_folder(archive, session, qtbot) -> None:
    session.add(fake_result())
    qtbot.waitUntil(kept(archive), timeout=PATIENCE)
    archive.switch(lambda: session.become(sessions.session(), fake_preset()))
    qtbot.waitUntil(kept(archive), timeout=PATIENCE)
    old, new = sorted(archive.root.iterdir(), key=lambda path: len(live.read(path).session.runs))
    assert [run.name for run in live.read(old).session.runs] == ["Angular 1"]
    sessions.same(session.stored(), live.read(new).session)
    assert [left.path for left in live.left_behind(archive.root)] == [old]
    assert not archive.modified
    assert session.add(fake_result()).name == "Angular 2"


_WORKER = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from smtj_engine.files import live
from smtj_gui.archive import Archive
from smtj_gui.session import Session
from tests.gui.fakes import fake_preset, fake_result

real = live.LiveFolder.write_run

def write_run(folder, run):
    fresh = run.result is not None and run.id not in folder._written
    real(folder, run)
    if fresh:
        print(run.id, flush=True)

live.LiveFolder.write_run = write_run
app = QCoreApplication([])
session = Session(fake_preset())
archive = Archive(session, Path(sys.argv[1]))

def work():
    session.edit("junction.rashba", 1.0 + len(session.runs) % 7)
    session.add(fake_result(session.setup))

timer = QTimer()
timer.timeout.connect(work)
timer.start(20)
app.exec()
"""


@pytest.mark.parametrize("seed", range(3))
def test_killed_while_it_works_every_kept_run_is_there(tmp_path: Path, seed: int) -> None:
    """A real process, a real kill -9, at a moment that nobody chose: while it is in the middle of its work."""
    with subprocess.Popen([sys.executable, "-c", _WORKER, str(tmp_path)], stdout=subprocess.PIPE,
                          text=True) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().strip() for _ in range(5 + 7 * seed)]
        child.kill()
        told += child.stdout.read().split("\n")[:-1]    # the last line may be cut
    left, = live.left_behind(tmp_path)
    found = live.read(left.path)
    assert not left.closed and found.warnings == []
    assert {run.id for run in found.session.runs if run.result is not None} >= set(filter(None, told))
