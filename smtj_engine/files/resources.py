"""Where the program's own files are: presets, icons, help."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

from smtj_engine.files.disk import read_text
from smtj_engine.files.errors import FileError

_PACKAGE = Path(__file__).resolve().parent.parent


@functools.cache
def folder() -> Path:
    """The checkout's resources/ when the package lies in one, else the copy inside the installed package."""
    checkout = _PACKAGE.parent
    for place in (checkout / "resources", _PACKAGE / "_resources"):
        if place.is_dir() and (place.parent == _PACKAGE or _is_ours(checkout / "pyproject.toml")):
            return place
    raise FileError(_PACKAGE / "_resources", "the program's resources are missing; please install it again")


def path(name: str) -> Path:
    """The path of one resource, such as "icons/run.svg"; FileError if it is missing."""
    found = folder() / name
    if not found.exists():
        raise FileError(found, "this resource of the program is missing; please install it again")
    return found


def text(name: str) -> str:
    """The text of one resource, such as "presets/fe_mgo.toml"."""
    return read_text(path(name))


def names(under: str, suffix: str) -> list[str]:
    """The file names with this suffix in one folder of the resources, without the suffix, sorted."""
    return sorted(entry.stem for entry in path(under).iterdir() if entry.suffix == suffix)


def _is_ours(pyproject: Path) -> bool:
    """Whether this is the pyproject.toml of smtj, not of some project that our package was copied into."""
    try:
        return bool(tomllib.loads(read_text(pyproject))["project"]["name"] == "smtj")
    except (FileError, tomllib.TOMLDecodeError, KeyError, TypeError):
        return False
