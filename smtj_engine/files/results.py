"""Results as HDF5: variables at the file's root, opened by xarray (engine h5netcdf), readable as NXdata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from smtj_engine.files import guard, seal, setups
from smtj_engine.files.disk import explain, write_bytes
from smtj_engine.files.errors import FileError
from smtj_engine.monitor import Monitor, silent
from smtj_engine.results import FORMAT, Provenance, Result
from smtj_engine.version import __version__

#: The variable that a viewer of NXdata shows first, by kind.
_SIGNALS = {"angular": "tamr", "bias": "torque_par", "rashba": "torque_par", "energy": "omega", "trajectory": "m",
            "stability": "resistance", "limit-cycles": "frequency", "spectrum": "amplitude_mx",
            "ensemble": "switched", "switching": "probability",
            "spin-diode": "rectified", "loop": "mean_resistance", "readout": "resistance", "rate": "rate"}
_NEXUS = ("NX_class", "signal", "axes", "auxiliary_signals", "title")
#: Attributes of the run that a result belongs to begin with this (see `session`).
RUN = "run_"
_OURS = ("format", "program", "kind", "setup", "version", "accuracy", "seed", "date", "notes")


def save(result: Result, path: str | Path) -> Path:
    """Write one result, whole or not at all; FileError when that fails."""
    return write_bytes(path, seal.sealed(to_bytes(result)))


def to_bytes(result: Result, **more: object) -> memoryview:
    """The HDF5 file of one result, built in memory so that a full disk cannot leave half of one.

    `more` are further attributes of the file, whose names begin with RUN.
    """
    data = as_dataset(result, **more)
    return data.to_netcdf(engine="h5netcdf", encoding=checksums(data))


def as_dataset(result: Result, **more: object) -> xr.Dataset:
    """The result's dataset with everything else that a file says in its attributes."""
    data = result.data.drop_encoding()
    data.attrs = {**_file_attributes(result), **_nexus_attributes(result), **more} | {
        key: value for key, value in result.data.attrs.items() if key not in (*_OURS, *_NEXUS)}
    return data


def checksums(data: xr.Dataset) -> dict[Any, dict[str, bool]]:
    """The encoding that gives every array of numbers a checksum of its own."""
    return {name: {"fletcher32": True} for name, variable in data.variables.items()
            if variable.size and variable.ndim and variable.dtype.kind in "fiub"}


def load(path: str | Path, monitor: Monitor = silent) -> Result:
    """Read one result; FileError naming file and reason when it is not one, damaged or newer.

    A file whose checksum does not fit is first read in a child process (see `guard`), and gets a note.
    """
    with guard.trusted(path, monitor) as (place, warnings):
        return warned(read(place), warnings)


def warned(result: Result, warnings: list[str]) -> Result:
    """The result with warnings among its notes."""
    if warnings:
        result.data.attrs["notes"] = [*result.notes, *warnings]
    return result


def read(path: str | Path, group: str = "/") -> Result:
    """Read one result with libhdf5 as it is, for files that can be trusted; FileError as for `load`."""
    path = Path(path)
    try:
        path.stat()
        data = xr.load_dataset(path, engine="h5netcdf", phony_dims="access", group=group).drop_encoding()
    except OSError as error:
        reason = explain(error) if error.errno else "this is not an HDF5 file, or it is damaged"
        raise FileError(path, reason) from error
    except (ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        raise FileError(path, f"the HDF5 file is damaged or not of this program ({error})") from error
    attributes = {str(name): plain(value) for name, value in data.attrs.items()}
    data.attrs = {name: value for name, value in attributes.items()
                  if name not in (*_OURS, *_NEXUS) and not name.startswith(RUN)}
    notes = attributes.get("notes", [])  # HDF5 holds no empty list, and gives back a single sentence bare
    data.attrs["notes"] = [notes] if isinstance(notes, str) else notes
    setups.check_format(attributes.get("format"), FORMAT, path, "a result of SMTJ")
    return _result(data, attributes, path)


def provenance_of(attributes: Mapping[str, Any], source: str | Path) -> Provenance:
    """Version, accuracy, seed and date as a file's attributes give them."""
    try:
        return Provenance(version=str(attributes["version"]), accuracy=str(attributes["accuracy"]),
                          date=str(attributes["date"]), seed=attributes.get("seed"))
    except KeyError as missing:
        raise FileError(source, f"the file is damaged: it does not say its {missing.args[0]}") from None


def provenance_attributes(result: Result) -> dict[str, Any]:
    """What every file says about where its numbers come from; a seed only where there is one."""
    origin = result.provenance
    seed = {} if origin.seed is None else {"seed": origin.seed}
    return {"format": FORMAT, "program": f"SMTJ {__version__}", "kind": result.kind, "version": origin.version,
            "accuracy": origin.accuracy, "date": origin.date, **seed}


def plain(value: Any) -> Any:
    """An attribute as plain Python data: numpy scalars and arrays become numbers and lists."""
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


def _result(data: xr.Dataset, attributes: Mapping[str, Any], path: Path) -> Result:
    try:
        kind, text = str(attributes["kind"]), str(attributes["setup"])
    except KeyError as missing:
        raise FileError(path, f"the file is damaged: it does not say its {missing.args[0]}") from None
    return Result(kind=kind, setup=setups.from_toml(text, path), data=data,
                  provenance=provenance_of(attributes, path))


def _file_attributes(result: Result) -> dict[str, Any]:
    notes = {"notes": result.notes} if result.notes else {}
    return {**provenance_attributes(result), "setup": setups.to_toml(result.setup), **notes}


def _nexus_attributes(result: Result) -> dict[str, Any]:
    """The attributes by which NeXus viewers find what to plot against what."""
    data = result.data
    varying = [str(name) for name, variable in data.data_vars.items() if variable.ndim]
    if not varying:
        return {"NX_class": "NXdata"}
    signal = _SIGNALS.get(result.kind, "")
    signal = signal if signal in varying else varying[0]
    dims = data[signal].dims
    others = [name for name in varying if name != signal and data[name].dims == dims]
    return {"NX_class": "NXdata", "title": f"SMTJ {result.kind}", "signal": signal,
            "axes": [str(dim) if dim in data.coords else "." for dim in dims],
            **({"auxiliary_signals": others} if others else {})}
