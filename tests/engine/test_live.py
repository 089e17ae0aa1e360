"""The live folder: whatever happens to the process, every run that was kept is there."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtj_engine.files import FileError, live, session
from smtj_engine.files.lock import Held, Lock
from smtj_engine.parameters import Setup
from tests.engine import samples, sessions
from tests.engine.killed import RUNS


@pytest.fixture
def folder(tmp_path: Path):
    """A live folder with a session in it, held by this process."""
    made = live.LiveFolder.create(tmp_path)
    made.write(sessions.session())
    yield made
    made.close()


def test_what_was_written_comes_back(folder) -> None:
    found = live.read(folder.path)
    sessions.same(sessions.session(), found.session)
    assert found.warnings == []


@settings(max_examples=25)
@given(current=samples.setups(), other=samples.setups(), name=st.text(max_size=30))
def test_a_run_without_numbers_comes_back_with_any_setup(tmp_path_factory, current: Setup, other: Setup,
                                                         name: str) -> None:
    folder = live.LiveFolder.create(tmp_path_factory.getbasetemp() / "any")
    run = session.StoredRun(id="a", name=name, kind="bias", setup=other, state="failed")
    stored = session.StoredSession(setup=current, runs=(run,))
    try:
        folder.write(stored)
        assert live.read(folder.path) == session.Found(session=stored, warnings=[])
    finally:
        folder.close(keep=False)


def test_run_files_are_never_written_again(folder) -> None:
    def files() -> dict[str, tuple[int, int]]:
        return {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in folder.path.glob("runs/*")}

    before = files()
    stored = sessions.session()
    renamed = dataclasses.replace(stored.runs[0], name="renamed", visible=False, colour="#ff0000")
    folder.write(dataclasses.replace(stored, runs=(renamed, *stored.runs[1:])))
    assert files() == before and len(before) == 3
    run = live.read(folder.path).session.runs[0]
    assert (run.name, run.visible, run.colour) == ("renamed", False, "#ff0000")


def test_a_deleted_run_stays_until_the_folder_is_closed(tmp_path: Path) -> None:
    folder = live.LiveFolder.create(tmp_path)
    folder.write(sessions.session())
    rest = dataclasses.replace(sessions.session(), runs=sessions.session().runs[1:])
    folder.write(rest, gone=["aaaa"])
    assert [run.id for run in live.read(folder.path).session.runs] == ["bbbb", "cccc", "dddd"]
    assert (folder.path / "runs" / "aaaa.h5").exists()
    folder.close()
    assert not (folder.path / "runs" / "aaaa.h5").exists()
    sessions.same(rest, live.read(folder.path).session)


def test_a_deleted_run_stays_away_from_a_session_that_was_restored_twice(tmp_path: Path) -> None:
    folder = live.LiveFolder.create(tmp_path)
    rest = dataclasses.replace(sessions.session(), runs=sessions.session().runs[1:])
    folder.write(sessions.session())
    folder.write(rest, gone=["aaaa"])
    folder._lock.release()      # the process is killed
    for _ in range(2):
        folder = live.LiveFolder.adopt(folder.path)
        found = live.read(folder.path).session
        assert [run.id for run in found.runs] == ["bbbb", "cccc", "dddd"]
        folder.write(found)     # the window that restored it knows of no deleted run
        folder._lock.release()
    assert [left.runs for left in live.left_behind(tmp_path)] == [3]


def test_a_run_that_the_index_does_not_know_is_found(folder) -> None:
    folder.write_run(sessions.run("eeee", "the newest", 5.0, seconds=1.5))
    found = live.read(folder.path).session.runs[-1]
    assert (found.id, found.name, found.seconds) == ("eeee", "the newest", 1.5)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', "\0" * 100, '{"format": 1, "runs": 7}'])
def test_without_its_index_the_runs_are_still_there(folder, content: str) -> None:
    (folder.path / "index.json").write_text(content, encoding="utf-8")
    found = live.read(folder.path)
    assert {run.name for run in found.session.runs} == {"Angular 1", "thick — α_R", "stopped"}
    assert found.session.setup == sessions.SETUP and found.warnings


def test_a_damaged_run_costs_that_run_and_is_not_removed(folder) -> None:
    file = folder.path / "runs" / "aaaa.h5"
    file.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(1000))
    found = live.read(folder.path)
    assert [run.id for run in found.session.runs] == ["bbbb", "cccc", "dddd"]
    assert "Angular 1" in found.warnings[0]
    folder.close()
    assert file.exists()


def test_what_was_running_is_told_as_interrupted(folder) -> None:
    waiting = tuple(session.StoredRun(id=state, name=state, kind="bias", setup=sessions.SETUP, state=state)
                    for state in session.WAITING)
    folder.write(dataclasses.replace(sessions.session(), runs=waiting), gone=["aaaa", "bbbb", "cccc"])
    assert [run.state for run in live.read(folder.path).session.runs] == ["cancelled", "cancelled"]


@pytest.mark.parametrize("entry", [{"id": "../../etc"}, {"id": "x", "changes": {"junction.rashba": "much"}}, 7,
                                   {"id": "x", "kind": "bias", "changes": []}])
def test_an_index_with_nonsense_in_it_harms_nothing(folder, entry: object) -> None:
    index = json.loads((folder.path / "index.json").read_text(encoding="utf-8"))
    index["runs"].append(entry)
    (folder.path / "index.json").write_text(json.dumps(index), encoding="utf-8")
    sessions.same(sessions.session(), live.read(folder.path).session)


@pytest.mark.parametrize("what", ["full", "read-only", "real full", "real read-only"])
def test_a_disk_that_refuses_is_named(tmp_path: Path, monkeypatch, what: str) -> None:
    reason = "disk is full" if "full" in what else "can only be read"
    with sessions.refusing_disk(what, tmp_path, monkeypatch) as place, pytest.raises(FileError, match=reason):
        folder = live.LiveFolder.create(place)
        try:
            folder.write(sessions.session())
        finally:
            folder.close()


@pytest.mark.parametrize("what", ["real full", "real read-only"])
def test_a_lock_on_a_disk_that_refuses_is_named(tmp_path: Path, monkeypatch, what: str) -> None:
    reason = "disk is full" if "full" in what else "can only be read"
    with sessions.refusing_disk(what, tmp_path, monkeypatch) as place:
        if "full" in what:
            with contextlib.suppress(OSError):
                (place / "filling").write_bytes(bytes(1 << 16))
        with pytest.raises(FileError, match=reason):
            Lock(place / "lock")
        assert not (place / "lock").exists()


# -- killed --------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the deaths are forked")
def test_killed_at_any_moment_every_kept_run_is_there(tmp_path: Path) -> None:
    """SIGKILL at each call that touches the disk, one after the other, in processes of their own."""
    said = subprocess.run([sys.executable, "-m", "tests.engine.killed", str(tmp_path)], capture_output=True,
                          text=True, check=True, timeout=300).stdout
    deaths = [json.loads(line) for line in said.splitlines()]
    assert len(deaths) > 20 and [killed for *_, killed in deaths] == [True] * (len(deaths) - 1) + [False]
    for place, kept, _ in deaths:
        left = live.left_behind(Path(place))
        assert len(left) == 1 or not kept
        for each in left:
            found = live.read(each.path)
            names = {run.id for run in found.session.runs}
            assert names >= set(kept) - {"run0"} and found.warnings == []
            assert "run0" in names or len(kept) == RUNS     # it was deleted last
            for run in found.session.runs:
                assert run.result is not None
                np.testing.assert_array_equal(run.result.data["tamr"],
                                              sessions.result(float(run.id[3:])).data["tamr"])


# -- left behind ---------------------------------------------------------------------------------------


def test_a_folder_in_use_is_not_left_behind(tmp_path: Path, folder) -> None:
    assert live.left_behind(tmp_path) == []
    with pytest.raises(FileError, match="open in another window"):
        live.discard(folder.path)
    folder.close()
    left, = live.left_behind(tmp_path)
    assert (left.path, left.runs, left.title, left.closed) == (folder.path, 4, "fe_mgo", False)


def test_an_empty_folder_is_nothing_to_restore(tmp_path: Path) -> None:
    live.LiveFolder.create(tmp_path).close()
    assert live.left_behind(tmp_path) == []
    assert live.left_behind(tmp_path / "missing") == []


def test_the_newest_closed_folders_are_kept_and_all_that_were_not_closed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(live, "KEPT", 2)
    names = []
    for number in range(6):
        folder = live.LiveFolder.create(tmp_path)
        folder.write(session.StoredSession(preset="fe_mgo"), closed=number > 1)
        folder.close()
        for file in (folder.path / "index.json", folder.path / "runs", folder.path):
            os.utime(file, (1000 * number, 1000 * number))
        names.append(folder.path)
    live.prune(tmp_path)
    assert set(tmp_path.iterdir()) == {names[0], names[1], names[4], names[5]}


def test_what_is_in_a_file_is_not_kept_twice(tmp_path: Path) -> None:
    file = session.save(sessions.session(), tmp_path / "day.smtj.h5")
    for name in (str(file), str(tmp_path / "gone.smtj.h5")):
        folder = live.LiveFolder.create(tmp_path / "sessions")
        folder.write(sessions.session(), file=name, saved=True)
        folder.close()
    live.prune(tmp_path / "sessions")
    assert [left.file for left in live.left_behind(tmp_path / "sessions")] == [str(tmp_path / "gone.smtj.h5")]


# -- the lock ------------------------------------------------------------------------------------------


def test_a_lock_is_held_once_and_says_by_whom(tmp_path: Path) -> None:
    first = Lock(tmp_path / "a.lock")
    with pytest.raises(Held, match=f"process {os.getpid()}"):
        Lock(tmp_path / "a.lock")
    first.release()
    assert not (tmp_path / "a.lock").exists()
    Lock(tmp_path / "a.lock").release()


def test_a_killed_process_gives_its_lock_back(tmp_path: Path) -> None:
    source = (f"from smtj_engine.files.lock import Lock; lock = Lock({str(tmp_path / 'a.lock')!r}); "
              "print('held', flush=True); input()")
    with subprocess.Popen([sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline() == b"held\n"
        with pytest.raises(Held, match=f"process {child.pid}"):
            Lock(tmp_path / "a.lock")
        child.kill()
    Lock(tmp_path / "a.lock").release()


def test_a_folder_that_takes_no_lock_is_no_holder(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        Lock(tmp_path / "missing" / "a.lock")
    assert not isinstance(caught.value, Held)
