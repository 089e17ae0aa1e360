"""A session in one file: each run under /runs/<id> as xarray and NeXus viewers read it, the rest as attributes.

The dataclasses here are what a session is to the files, whoever shows it. No file is believed: it holds text and
numbers only, and nothing in it is ever executed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtj_engine.files import guard, seal, setups
from smtj_engine.files.disk import explain, write_bytes
from smtj_engine.files.errors import FileError
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Setup
from smtj_engine.version import __version__

if TYPE_CHECKING:
    from smtj_engine.results import Result

#: What session files are called.
SUFFIX = ".smtj.h5"
#: From the attributes of format n to those of n + 1, for n = 1, 2, …; nothing has changed yet.
_STEPS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
#: Number of the layout that this version writes, in packed files and in the index of live folders.
FORMAT = 1 + len(_STEPS)
#: The states of a run that has ended, and of one that has not.
ENDED = ("finished", "cancelled", "failed")
WAITING = ("queued", "running")
_INTERRUPTED = "It was not calculated when the session was left; Resume does it."
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_COLOUR = re.compile(r"(#[0-9a-fA-F]{6})?")


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """One run: what the user calls it, how it looks and ended; result is None where there is none."""

    id: str
    name: str
    kind: str
    setup: Setup
    colour: str = ""
    state: str = "finished"
    visible: bool = True
    seconds: float = 0.0
    message: str = ""
    result: Result | None = None

    def __post_init__(self) -> None:
        """ValueError for what no run of this program has: a file may say anything."""
        if not _ID.fullmatch(self.id) or not _COLOUR.fullmatch(self.colour):
            raise ValueError(f"a run has the id {self.id!r} and the colour {self.colour!r}")
        if self.state not in (*ENDED, *WAITING) or not 0 <= self.seconds < float("inf"):
            raise ValueError(f"a run has the state {self.state!r} after {self.seconds} s")


@dataclass(frozen=True, kw_only=True)
class StoredSession:
    """The current setup, the preset it is compared with, the runs in their order, and the window's state."""

    setup: Setup = field(default_factory=Setup)
    preset: str = ""
    runs: tuple[StoredRun, ...] = ()
    window: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a file or folder gave, and what the user should know of it."""

    session: StoredSession
    warnings: list[str]


def save(session: StoredSession, path: str | Path, monitor: Monitor = silent) -> Path:
    """Write a session file, whole or not at all; FileError when that fails."""
    return write_bytes(path, to_bytes(session, monitor))


def to_bytes(session: StoredSession, monitor: Monitor = silent) -> bytes:
    """The sealed HDF5 file of a session."""
    import xarray as xr

    nodes, encoding = {"/": xr.Dataset(attrs=_head(session))}, {}
    for order, run in enumerate(session.runs):
        monitor(order / (2 * len(session.runs)), f"packing {run.name}")
        place = f"/runs/{run.id}"
        nodes[place], encoding[place] = _node(run, order)
    tree = xr.DataTree.from_dict(nodes)
    return seal.sealed(tree.to_netcdf(engine="h5netcdf", encoding=encoding))


def load(path: str | Path, monitor: Monitor = silent) -> Found:
    """Read a session file; FileError naming file and reason when it is not one, damaged or newer.

    Runs that cannot be read are left out and named in the warnings. A file whose checksum does not fit is first
    read in a child process (see `guard`).
    """
    with guard.trusted(path, monitor) as (place, warnings):
        found = read(place, monitor)
    return replace(found, warnings=warnings + found.warnings)


def is_session(path: str | Path) -> bool:
    """Whether an HDF5 file that can be trusted says that it is a session; FileError if it cannot be read."""
    return str(_groups(Path(path))[0].get("kind", "")) == "session"


def read(path: str | Path, monitor: Monitor = silent) -> Found:
    """Read a session with libhdf5 as it is, for files that can be trusted; FileError as for `load`."""
    path = Path(path)
    head, groups = _groups(path)
    if head.get("kind") != "session":
        raise FileError(path, "this is not a session of SMTJ")
    head = migrated(head, path)
    runs: list[tuple[int, StoredRun]] = []
    warnings: list[str] = []
    for number, (name, attributes) in enumerate(groups.items()):
        monitor(number / len(groups), f"reading {attributes.get('run_name', name)}")
        try:
            runs.append((int(attributes["run_order"]), _run(name, attributes, path)))
        except (FileError, ValueError, KeyError, TypeError) as error:
            reason = error.reason if isinstance(error, FileError) else str(error)
            warnings.append(f"The run {attributes.get('run_name', name)} could not be read: {reason}.")
    if groups and not runs:
        raise FileError(path, f"the file is damaged: none of its runs can be read. {warnings[0]}")
    runs.sort(key=lambda pair: pair[0])
    return Found(session=restored(head, tuple(run for _, run in runs), path), warnings=warnings)


def migrated(head: dict[str, Any], path: Path) -> dict[str, Any]:
    """What a file says of itself, in the words of this version; FileError for a newer or a foreign one."""
    setups.check_format(head.get("format"), FORMAT, path, "a session of SMTJ")
    for step in _STEPS[head["format"] - 1:]:
        head = step(head)
    return head


def head_of(session: StoredSession) -> dict[str, Any]:
    """Everything of a session but its runs, as plain data."""
    return {"format": FORMAT, "program": f"SMTJ {__version__}", "kind": "session",
            "setup": setups.to_toml(session.setup), "preset": session.preset, "window": dict(session.window)}


def restored(head: Mapping[str, Any], runs: tuple[StoredRun, ...], path: Path) -> StoredSession:
    """The opposite of `head_of`; FileError when something is missing or of the wrong kind."""
    try:
        window = head["window"]
        if not isinstance(window, dict):
            raise TypeError("the window's state is no table")
        return StoredSession(setup=setups.from_toml(str(head["setup"]), path), preset=str(head["preset"]),
                             runs=runs, window=window)
    except (KeyError, TypeError) as error:
        raise FileError(path, f"the file is damaged: {error}") from error


def run_attributes(run: StoredRun) -> dict[str, Any]:
    """What a run's own file says of it beside the result."""
    return {"run_name": run.name, "run_colour": run.colour, "run_state": run.state,
            "run_visible": int(run.visible), "run_seconds": run.seconds, "run_message": run.message}


def run_of(name: str, attributes: Mapping[str, Any], kind: str, setup: Setup, result: Result | None) -> StoredRun:
    """The opposite of `run_attributes`; KeyError, ValueError or TypeError when something is missing or wrong.

    What was waiting or being calculated when the file was written comes back as cancelled.
    """
    state, message = str(attributes["run_state"]), str(attributes["run_message"])
    if state in WAITING:
        state, message = "cancelled", _INTERRUPTED
    return StoredRun(id=name, name=str(attributes["run_name"]), kind=kind, setup=setup, result=result,
                     colour=str(attributes["run_colour"]), state=state, message=message,
                     visible=bool(attributes["run_visible"]), seconds=float(attributes["run_seconds"]))


def own_attributes(path: Path) -> dict[str, Any]:
    """The attributes that `run_attributes` gave to a run's own file; FileError if it cannot be read."""
    return {name: value for name, value in _groups(path)[0].items() if name.startswith("run_")}


def _head(session: StoredSession) -> dict[str, Any]:
    head = head_of(session)
    return {**head, "window": json.dumps(head["window"])}


def _node(run: StoredRun, order: int) -> tuple[Any, dict[Any, dict[str, bool]]]:
    """A run's dataset and encoding; a dataset without variables where the run has no result."""
    import xarray as xr

    from smtj_engine.files import results

    more = {**run_attributes(run), "run_order": order}
    if run.result is None:
        return xr.Dataset(attrs={"kind": run.kind, "setup": setups.to_toml(run.setup), **more}), {}
    data = results.as_dataset(run.result, **more)
    return data, results.checksums(data)


def _run(name: str, attributes: Mapping[str, Any], path: Path) -> StoredRun:
    from smtj_engine.files import results

    if "format" not in attributes:     # a run without a result
        return run_of(name, attributes, str(attributes["kind"]), setups.from_toml(attributes["setup"], path), None)
    result = results.read(path, f"/runs/{name}")
    return run_of(name, attributes, result.kind, result.setup, result)


def _groups(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The attributes of the root, and of each run's group; FileError when they cannot be read."""
    import h5py

    try:
        path.stat()
        with h5py.File(path, "r") as file:
            runs = file.get("runs", {})
            head = _attributes(file)
            groups = {str(name): _attributes(group) for name, group in runs.items()}
        if "window" in head:
            head["window"] = json.loads(head["window"])
        return head, groups
    except OSError as error:
        reason = explain(error) if error.errno else "this is not an HDF5 file, or it is damaged"
        raise FileError(path, reason) from error
    except (ValueError, KeyError, RuntimeError, TypeError, AttributeError, RecursionError) as error:
        raise FileError(path, f"the file is damaged or not of this program ({error})") from error


def _attributes(place: Any) -> dict[str, Any]:
    """The attributes of a group that are one word or number; the lists that viewers need are not ours to read."""
    import h5py
    import numpy as np

    plain = {}
    for name, value in place.attrs.items():
        if isinstance(value, np.ndarray) and value.shape == (1,):   # how netCDF writes a number
            value = value[0]
        if isinstance(value, h5py.Empty):
            value = ""
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, str | int | float):
            plain[str(name)] = value
    return plain
