"""Session files: the same session back, readable by others, older formats read, everything else refused."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from smtj_engine.files import FileError, csv, guard, live, opening, results, seal, session
from smtj_engine.monitor import Cancelled
from tests.engine import samples, sessions

FORMATS = Path(__file__).with_name("formats")


@pytest.fixture(scope="module")
def packed() -> bytes:
    return session.to_bytes(sessions.session())


@pytest.fixture
def path(tmp_path: Path, packed: bytes) -> Path:
    """A session file."""
    (tmp_path / "day.smtj.h5").write_bytes(packed)
    return tmp_path / "day.smtj.h5"


def unsealed(path: Path, change: Callable[[h5py.File], None] = lambda file: None) -> Path:
    """The file as somebody left it who changed it with another program."""
    with h5py.File(path, "r+") as file:
        change(file)
        file.attrs["touched"] = 1
    assert not seal.intact(path)
    return path


def test_round_trip_is_exact(path: Path) -> None:
    found = session.load(path)
    sessions.same(sessions.session(), found.session)
    assert found.warnings == []


def test_an_empty_session_comes_back(tmp_path: Path) -> None:
    found = session.load(session.save(session.StoredSession(), tmp_path / "a.smtj.h5"))
    assert found.session == session.StoredSession()


@settings(max_examples=10)
@given(setup=samples.setups(), name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_any_setup_and_any_name_come_back(tmp_path_factory: pytest.TempPathFactory, setup: session.Setup,
                                          name: str) -> None:
    stored = session.StoredSession(setup=setup, runs=(session.StoredRun(
        id="a", name=name, kind="bias", setup=setup, state="failed"),))
    file = session.save(stored, tmp_path_factory.mktemp("s") / "a.smtj.h5")
    assert session.load(file).session == stored


def test_xarray_reads_a_run_inside(path: Path) -> None:
    with xr.open_dataset(path, engine="h5netcdf", group="runs/aaaa") as data:
        np.testing.assert_array_equal(data["torque_par"], sessions.result().data["torque_par"])
        assert data.attrs["run_name"] == "Angular 1"
    with h5py.File(path) as file:
        assert list(file["runs/aaaa"].attrs["axes"]) == ["theta"]
        assert file.attrs["kind"] == "session"


def live_folder(root: Path) -> Path:
    """The live folder of a session, as a program that was killed leaves it."""
    folder = live.LiveFolder.create(root)
    folder.write(sessions.session())
    folder.close()
    return folder.path


# -- older formats, newer and foreign files ------------------------------------------------------------


def test_there_is_a_sample_of_every_format() -> None:
    numbers = range(1, session.FORMAT + 1)
    assert {file.name for file in FORMATS.iterdir()} >= {f"session_{number}.smtj.h5" for number in numbers}
    assert {file.name for file in FORMATS.iterdir()} >= {f"index_{number}.json" for number in numbers}


@pytest.mark.parametrize("file", sorted(FORMATS.glob("session_*.smtj.h5")), ids=lambda file: file.name)
def test_every_format_of_session_files_is_read(file: Path) -> None:
    found = session.load(file)
    sessions.same(sessions.session(), found.session)
    assert found.warnings == []


@pytest.mark.parametrize("file", sorted(FORMATS.glob("index_*.json")), ids=lambda file: file.name)
def test_every_format_of_live_folders_is_read(tmp_path: Path, file: Path) -> None:
    folder = live_folder(tmp_path)
    shutil.copy(file, folder / "index.json")
    found = live.read(folder)
    sessions.same(sessions.session(), found.session)
    assert found.warnings == []


@pytest.mark.parametrize("file", sorted(FORMATS.glob("result_*.h5")), ids=lambda file: file.name)
def test_every_format_of_results_is_read(file: Path) -> None:
    samples.same(sessions.result(), results.load(file))


def test_an_older_format_goes_through_each_step(path: Path, tmp_path: Path, monkeypatch) -> None:
    """As if this were a program whose formats 2 and 3 renamed the preset twice."""
    def renamed(before: str, after: str) -> Callable[[dict], dict]:
        return lambda head: {after if key == before else key: value for key, value in head.items()}

    folder = live_folder(tmp_path)
    monkeypatch.setattr(session, "_STEPS", (renamed("preset", "material"), renamed("material", "preset")))
    monkeypatch.setattr(session, "FORMAT", 3)
    sessions.same(sessions.session(), session.load(path).session)
    sessions.same(sessions.session(), live.read(folder).session)


def test_a_newer_session_is_refused(path: Path) -> None:
    unsealed(path, lambda file: file.attrs.__setitem__("format", session.FORMAT + 1))
    with pytest.raises(FileError, match="newer version of SMTJ") as caught:
        session.load(path)
    assert caught.value.path == path    # not the copy that was tried


def test_a_newer_live_folder_is_refused(tmp_path: Path) -> None:
    folder = live_folder(tmp_path)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    (folder / "index.json").write_text(json.dumps({**index, "format": session.FORMAT + 1}), encoding="utf-8")
    with pytest.raises(FileError, match="newer version of SMTJ"):
        live.read(folder)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["numbers"] = [1.0, 2.0]
    with pytest.raises(FileError, match="not a result of SMTJ"):
        opening.read(tmp_path / "a.h5")


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "empty"), (b"theta,TAMR\n0,0\n", "not an HDF5 file"), (pickle.dumps({"a": 1}), "not an HDF5 file"),
    (None, "no such file")])
def test_what_is_no_hdf5_is_refused_without_a_child(tmp_path: Path, content: bytes | None, reason: str,
                                                    monkeypatch) -> None:
    monkeypatch.setattr(guard, "_read_in_child", lambda *_: pytest.fail("a child was started"))
    path = tmp_path / "a.smtj.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=reason) as caught:
        session.load(path)
    assert caught.value.path == path


def test_a_result_is_no_session_and_the_reverse(path: Path, tmp_path: Path) -> None:
    alone = results.save(sessions.result(), tmp_path / "a.h5")
    with pytest.raises(FileError, match="not a session"):
        session.load(alone)
    with pytest.raises(FileError):
        results.load(path)


def test_opening_tells_them_apart(path: Path, tmp_path: Path) -> None:
    alone = results.save(sessions.result(), tmp_path / "a.h5")
    table = csv.write(sessions.result(), tmp_path / "a.csv")
    sessions.same(sessions.session(), opening.read(path).session)
    samples.same(sessions.result(), opening.read(alone))
    samples.same(sessions.result(), opening.read(table))


# -- damage --------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(data=st.data())
def test_no_changed_bit_and_no_cut_passes_the_seal(packed: bytes, data: st.DataObject,
                                                   tmp_path_factory: pytest.TempPathFactory) -> None:
    content = bytearray(packed)
    if data.draw(st.booleans(), "cut"):
        del content[data.draw(st.integers(8, len(content) - 1), "length"):]
    else:
        at = data.draw(st.integers(8, len(content) - 1), "byte")
        content[at] ^= 1 << data.draw(st.integers(0, 7), "bit")
    path = tmp_path_factory.getbasetemp() / "damaged.h5"
    path.write_bytes(content)
    assert not seal.intact(path)


def survives(path: Path) -> None:
    """A damaged session file is refused with its name, or gives some of its runs with a warning."""
    try:
        found = opening.read(path)
    except FileError as error:
        assert error.path == path and error.reason
        return
    assert isinstance(found, session.Found) and found.warnings
    whole = {run.id: run for run in sessions.session().runs}
    for run in found.session.runs:
        assert run.id in whole
        if run.result is not None:      # the arrays have checksums of their own: what comes is what was there
            for name in ("torque_par", "tamr"):
                np.testing.assert_array_equal(run.result.data[name], whole[run.id].result.data[name])


@pytest.mark.parametrize("seed", range(4))
def test_a_file_with_a_changed_bit(path: Path, packed: bytes, seed: int) -> None:
    random = np.random.default_rng(seed)
    content = bytearray(packed)
    content[random.integers(8, len(content) - 80)] ^= 1 << int(random.integers(8))
    path.write_bytes(content)
    survives(path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_a_file_with_many_changed_bits_or_a_cut(path: Path, packed: bytes, seed: int) -> None:
    random = np.random.default_rng(seed)
    content = bytearray(packed[:int(random.integers(100, len(packed)))] if seed % 2 else packed)
    for at in random.integers(8, len(content), 30):
        content[at] ^= 1 << int(random.integers(8))
    path.write_bytes(content)
    survives(path)


def test_a_damaged_run_costs_that_run_only(path: Path, packed: bytes) -> None:
    number = np.float64(1.0 / 100).tobytes()    # in tamr of the second run
    at = packed.index(np.float64(1.5 / 100).tobytes()) if number not in packed else packed.index(number)
    content = bytearray(packed)
    content[at] ^= 1
    path.write_bytes(content)
    found = session.load(path)
    assert len(found.session.runs) == 3 and {run.id for run in found.session.runs} >= {"dddd"}
    assert "checksum does not fit" in found.warnings[0] and "could not be read" in found.warnings[1]


def test_a_file_without_a_seal_is_read_in_a_child_and_then_trusted(path: Path, monkeypatch) -> None:
    opened, real = [], session.read
    monkeypatch.setattr(session, "read", lambda place, *_: (opened.append(place), real(place))[1])
    unsealed(path)
    found = session.load(path)
    sessions.same(sessions.session(), found.session)
    assert opened and path not in opened


def test_a_changed_setup_is_told(path: Path) -> None:
    """Attributes have no checksum of their own, so only the seal knows."""
    path.write_bytes(path.read_bytes().replace(b"junction.rashba = 2.5", b"junction.rashba = 3.5"))
    found = session.load(path)
    assert found.session.setup.junction.rashba == 3.5
    assert "checksum does not fit" in found.warnings[0]


def test_a_sealed_file_needs_no_child(path: Path, monkeypatch) -> None:
    monkeypatch.setattr(guard, "_read_in_child", lambda *_: pytest.fail("a child was started"))
    session.load(path)


def child(monkeypatch, source: str) -> None:
    """Have the guard start this program instead of its own."""
    monkeypatch.setattr(guard, "_command", lambda source_file, copy: ["-c", source])


@pytest.mark.parametrize("source", [
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "raise SystemExit(1)", "print('ready')",
    "print('ready'); print('nonsense')"])
def test_a_child_that_dies_or_babbles_is_a_refusal(path: Path, monkeypatch, source: str) -> None:
    unsealed(path)
    child(monkeypatch, source)
    with pytest.raises(FileError, match="damaged") as caught:
        session.load(path)
    assert caught.value.path == path


def test_a_child_that_hangs_is_ended(path: Path, monkeypatch) -> None:
    unsealed(path)
    child(monkeypatch, "import time; print('ready', flush=True); time.sleep(1000)")
    monkeypatch.setattr(guard, "LIMIT", 0.2)
    with pytest.raises(FileError, match=r"could not be read within 0\.2 s"):
        session.load(path)


def test_waiting_for_a_child_can_be_cancelled(path: Path, monkeypatch) -> None:
    unsealed(path)
    child(monkeypatch, "import time; print('ready', flush=True); time.sleep(1000)")

    def cancel(fraction: float, note: str = "", partial: object = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        session.load(path, cancel)


# -- disks that refuse ---------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["full", "read-only", "real full", "real read-only"])
def test_a_disk_that_refuses_is_named_and_nothing_is_left(tmp_path: Path, monkeypatch, what: str) -> None:
    with sessions.refusing_disk(what, tmp_path, monkeypatch) as folder:
        before = sorted(folder.iterdir())
        with pytest.raises(FileError, match="disk is full" if "full" in what else "can only be read"):
            session.save(sessions.session(), folder / "a.smtj.h5")
        assert sorted(folder.iterdir()) == before


def test_the_old_file_survives_a_full_disk(path: Path, packed: bytes, monkeypatch) -> None:
    with sessions.refusing_disk("full", path.parent, monkeypatch), pytest.raises(FileError):
        session.save(session.StoredSession(), path)
    assert path.read_bytes() == packed
