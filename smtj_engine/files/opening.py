"""Any file with numbers of this program, whether it turns out to hold one result or a whole session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smtj_engine.files.session import Found
from smtj_engine.monitor import Monitor, silent

if TYPE_CHECKING:
    from smtj_engine.results import Result

_TEXT = (".csv", ".tsv", ".txt", ".dat")
_HDF5 = (".h5", ".hdf5", ".nc")
#: The endings of files that `read` takes.
ENDINGS = (*_TEXT, *_HDF5)


def read(path: str | Path, monitor: Monitor = silent) -> Found | Result:
    """A session or a result; FileError naming file and reason when it is none, damaged or newer."""
    path = Path(path)
    if path.suffix.lower() in _TEXT:
        from smtj_engine.files import csv

        return csv.read(path)
    return _read_hdf5(path, monitor)


def is_foreign_table(path: str | Path) -> bool:
    """Whether a text file is somebody else's: not marked as one of this program's own CSV files."""
    path = Path(path)
    if path.suffix.lower() not in _TEXT:
        return False
    try:
        with path.open("rb") as stream:
            return not stream.read(16).lstrip(b"\xef\xbb\xbf").startswith(b"# SMTJ ")
    except OSError:
        return False    # whoever reads it says why it cannot be read


def _read_hdf5(path: Path, monitor: Monitor) -> Found | Result:
    from smtj_engine.files import guard, results, session

    with guard.trusted(path, monitor) as (place, warnings):
        if not session.is_session(place):
            return results.warned(results.read(place), warnings)
        found = session.read(place, monitor)
    return Found(session=found.session, warnings=warnings + found.warnings)
