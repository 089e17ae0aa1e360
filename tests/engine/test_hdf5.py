"""HDF5 files: the same result back, readable by xarray and NeXus viewers, refused when damaged."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from smtj_engine.analyses import ANALYSES
from smtj_engine.files import FileError, results, setups
from smtj_engine.monitor import silent
from smtj_engine.parameters import Setup
from smtj_engine.schema import with_values
from tests.engine import samples


@settings(max_examples=25)
@given(values=st.lists(st.floats(width=64), min_size=10, max_size=10), setup=samples.setups(),
       family=st.booleans())
def test_round_trip_is_exact(tmp_path_factory: pytest.TempPathFactory, values: list[float], setup: Setup,
                             family: bool) -> None:
    with np.errstate(over="ignore", under="ignore"):
        result = samples.result(values, family=family, setup=setup)
    path = results.save(result, tmp_path_factory.mktemp("h5") / "a.h5")
    samples.same(result, results.load(path))


@pytest.mark.parametrize("key", ANALYSES)
def test_every_kind_of_result_is_given_back(tmp_path: Path, key: str) -> None:
    result = ANALYSES[key].run(with_values(Setup(), samples.tiny(key)), silent)
    samples.same(result, results.load(results.save(result, tmp_path / "a.h5")))


@pytest.mark.parametrize("notes", [[], ["one sentence"], ["one", "two"]])
def test_notes_stay_a_list(tmp_path: Path, notes: list[str]) -> None:
    result = samples.result()
    result.data.attrs["notes"] = notes
    assert results.load(results.save(result, tmp_path / "a.h5")).notes == notes


def test_saving_again_what_was_loaded_changes_nothing(tmp_path: Path) -> None:
    once = results.load(results.save(samples.result(), tmp_path / "a.h5"))
    samples.same(once, results.load(results.save(once, tmp_path / "a.h5")))


def test_xarray_opens_it_with_the_variables_at_the_root(tmp_path: Path) -> None:
    result = samples.result()
    path = results.save(result, tmp_path / "a.h5")
    with xr.open_dataset(path, engine="h5netcdf") as data:
        np.testing.assert_array_equal(data["torque_par"], result.data["torque_par"])
        assert data["torque_par"].attrs["units"] == "eV/um^2"
        assert setups.from_toml(data.attrs["setup"]) == result.setup
        assert data.attrs["format"] == 1
        assert data.attrs["kind"] == "angular"


def test_a_nexus_viewer_finds_signal_and_axes(tmp_path: Path) -> None:
    path = results.save(samples.result(), tmp_path / "a.h5")
    with h5py.File(path) as file:
        assert file.attrs["NX_class"] == "NXdata"
        axes = list(file.attrs["axes"])
        assert file.attrs["signal"] == "tamr"
        assert axes == ["rashba", "theta"]
        assert file[file.attrs["signal"]].shape == tuple(file[axis].size for axis in axes)
        for name in file.attrs["auxiliary_signals"]:
            assert file[name].shape == file["tamr"].shape


def _damaged(content: bytes, what: str) -> bytes:
    if what == "empty":
        return b""
    if what == "half":
        return content[:len(content) // 2]
    if what == "text":
        return b"theta,TAMR\n0,0\n"
    number = np.float64(-1 / 7).tobytes()  # inside torque_par
    assert content.count(number) == 1
    return content.replace(number, np.float64(-1 / 6).tobytes())


@pytest.mark.parametrize("what", ["empty", "half", "text", "a changed number"])
def test_a_damaged_file_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(_damaged(bytes(results.to_bytes(samples.result())), what))
    with pytest.raises(FileError) as caught:
        results.load(path)
    assert caught.value.path == path


@pytest.mark.parametrize(("attribute", "value", "reason"), [
    ("format", 2, "newer version"), ("format", None, "not a result"), ("kind", None, "kind"),
    ("setup", None, "setup"), ("setup", "format = 1\njunction.rashba = 99", "must stay below"),
    ("date", None, "date")])
def test_a_file_that_lacks_something_is_refused(tmp_path: Path, attribute: str, value: object,
                                                reason: str) -> None:
    path = results.save(samples.result(), tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        if value is None:
            del file.attrs[attribute]
        else:
            file.attrs[attribute] = value
    with pytest.raises(FileError, match=reason):
        results.load(path)


def test_a_foreign_hdf5_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["numbers"] = [1.0, 2.0]
    with pytest.raises(FileError):
        results.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        results.load(tmp_path / "a.h5")
