"""Tables of measured numbers in HDF5 files (xarray, NeXus, plain h5py), read in a child process with a time limit.

libhdf5 can hang or crash on a damaged file; in a child that costs a sentence, not the program.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from smtj_engine.files.disk import explain
from smtj_engine.files.errors import FileError
from smtj_engine.measured import Table

#: A reader that has not ended after this long (s) is stopped.
TIME_LIMIT = 10.0
#: More numbers than this are no measured curve.
MOST_NUMBERS = 2_000_000
_POLL = 0.05


def read(path: str | Path, check: Callable[[], None] = lambda: None) -> Table:
    """The table of an HDF5 file; check() is called meanwhile and may raise. FileError when there is none."""
    path = Path(path)
    command = [sys.executable, "-m", "smtj_engine.files.hdf5_tables", str(path)]
    root = str(Path(__file__).resolve().parents[2])
    start = time.monotonic()
    try:
        child = subprocess.Popen(command, cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
    except OSError as error:
        raise FileError(path, explain(error)) from error
    with child:
        try:
            while True:
                try:
                    said, complaint = child.communicate(timeout=_POLL)
                    break
                except subprocess.TimeoutExpired:
                    check()
                    if time.monotonic() - start > TIME_LIMIT:
                        raise FileError(path, f"reading the HDF5 file took longer than {TIME_LIMIT:g} s; it is "
                                              "probably damaged") from None
        finally:
            child.kill()
    if child.returncode == 3:
        raise FileError(path, complaint.decode(errors="replace").strip())
    if child.returncode:
        raise FileError(path, "the HDF5 file is damaged or not of a kind that can be read")
    return _unpack(said, path)


def _unpack(said: bytes, path: Path) -> Table:
    head, _, rest = said.partition(b"\n")
    told = json.loads(head)
    values = np.load(io.BytesIO(rest), allow_pickle=False)
    return Table(tuple(told["names"]), tuple(told["units"]), values, tuple(told["remarks"]), 0, path.name)


def _columns(path: str) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, str], list[str]]:
    """Columns of one length by name, their units, and the file's attributes: in the child."""
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="h5netcdf", phony_dims="access") as data:
            found = _of_dataset(data)
            remarks = [f"{name} = {value}" for name, value in data.attrs.items() if np.ndim(value) == 0]
    except (ValueError, KeyError, TypeError, AttributeError):
        found, remarks = {}, []
    if len(found) < 2:
        found = _of_tree(path)
    return ({name: column for name, (column, _) in found.items()},
            {name: unit for name, (_, unit) in found.items()}, remarks)


def _of_dataset(data: Any) -> dict[str, tuple[np.ndarray[Any, Any], str]]:
    """The variables of a labelled file along the dimensions that most of them share."""
    numeric = {str(name): variable for name, variable in data.variables.items()
               if variable.dtype.kind in "fiu" and variable.ndim and variable.size <= MOST_NUMBERS}
    wanted = max((variable.dims for variable in numeric.values()), key=lambda dims: sum(
        set(other.dims) <= set(dims) for other in numeric.values()), default=())
    sizes = {dim: data.sizes[dim] for dim in wanted}
    if not 0 < int(np.prod(list(sizes.values()))) <= MOST_NUMBERS:
        return {}
    return {name: (np.asarray(variable.set_dims(sizes).transpose(*sizes).values, float).ravel(),
                   str(variable.attrs.get("units", "")))
            for name, variable in numeric.items() if set(variable.dims) <= set(wanted)}


def _of_tree(path: str) -> dict[str, tuple[np.ndarray[Any, Any], str]]:
    """The one-dimensional data sets of the commonest length, wherever they are; links are not followed twice."""
    import h5py

    found: dict[str, tuple[np.ndarray[Any, Any], str]] = {}

    def look(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim == 1 and item.dtype.kind in "fiu" and (
                1 < item.size <= MOST_NUMBERS) and len(found) < 1000:
            unit = item.attrs.get("units", "")
            found[name.rpartition("/")[2] if name.rpartition("/")[2] not in found else name] = (
                np.asarray(item[()], float), unit.decode() if isinstance(unit, bytes) else str(unit))

    with h5py.File(path, "r") as file:
        file.visititems(look)
    lengths = [column.size for column, _ in found.values()]
    length = max(set(lengths), key=lambda size: (lengths.count(size), size), default=0)
    return {name: pair for name, pair in found.items() if pair[0].size == length}


def main(path: str) -> int:
    """In the child: write names, units and numbers to the standard output; status 3 with a sentence otherwise."""
    try:
        columns, units, remarks = _columns(path)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        print(f"this is not an HDF5 file that can be read ({error})", file=sys.stderr)
        return 3
    if len(columns) < 2:
        print("there are no two columns of numbers of equal length in it", file=sys.stderr)
        return 3
    head = {"names": list(columns), "units": [units[name] for name in columns], "remarks": remarks}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    stream = io.BytesIO()
    np.save(stream, np.stack(list(columns.values()), axis=1), allow_pickle=False)
    sys.stdout.buffer.write(stream.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
