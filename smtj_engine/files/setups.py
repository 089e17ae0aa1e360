"""Setups as TOML text, one line per parameter: `junction.rashba = 4.0 # eV A^2, Rashba parameter`.

A parameter that is None is an absent key; a key that is absent takes its default. The names on the left are
the flags of the command line.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from smtj_engine.files.disk import read_text, write_text
from smtj_engine.files.errors import FileError
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, walk, with_values
from smtj_engine.version import __version__

#: Number of the layout that this version writes.
FORMAT = 1


def save(setup: Setup, path: str | Path) -> Path:
    """Write a setup file that the window opens and `smtj run --setup` runs."""
    return write_text(path, to_toml(setup))


def load(path: str | Path) -> Setup:
    """Read a setup file; FileError naming file and reason when it is not one, damaged or newer."""
    return from_toml(read_text(path), path)


def to_toml(setup: Setup) -> str:
    """The setup as TOML text, each parameter with its unit and label as a comment."""
    import tomlkit

    lines, group = [f"# SMTJ {__version__} setup", f"format = {FORMAT}"], ""
    for path, spec, value in walk(setup):  # written by the line: tomlkit's documents take 0.1 s for a setup
        if path.rpartition(".")[0] != group:
            group = path.rpartition(".")[0]
            lines.append("")
        said = ", ".join(filter(None, (spec.ascii_unit, spec.label)))
        if value is None:
            lines.append(f"# {path} is not set: {spec.none_means or 'no value'} ({said})")
        else:
            item = tomlkit.item(list(value) if isinstance(value, tuple) else value)
            lines.append(f"{path} = {item.as_string()} # {said}")
    return "\n".join(lines) + "\n"


def from_toml(text: str, source: str | Path = "setup") -> Setup:
    """Parse the TOML text of a setup; `source` names it in the FileError of a refused one."""
    return from_table(parse(text, source), source)


def parse(text: str, source: str | Path) -> dict[str, Any]:
    """TOML text as plain data; FileError when it is damaged."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(source, f"this is not valid TOML: {error}") from None


def from_table(table: Mapping[str, Any], source: str | Path) -> Setup:
    """A setup from parsed TOML: checks its format number, its keys, and every value."""
    check_format(table.get("format"), FORMAT, source, "an SMTJ setup")
    known = {path for path, _, _ in walk(Setup())}
    values = dict(_flatten({key: value for key, value in table.items() if key != "format"}))
    for path in values:
        if path not in known:
            near = difflib.get_close_matches(path, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise FileError(source, f"there is no parameter {path!r}{hint}")
    try:
        return with_values(Setup(), values)
    except ParameterError as error:
        raise FileError(source, str(error)) from error


def check_format(number: object, newest: int, source: str | Path, what: str) -> None:
    """Refuse a file of a newer program, and one that is not ours at all."""
    if type(number) is not int or number < 1:
        raise FileError(source, f"this is not {what}: it has no format number (a line `format = {newest}`)")
    if number > newest:
        raise FileError(source, f"it was written by a newer version of SMTJ (format {number}; this version, "
                                f"{__version__}, reads up to format {newest}): please update the program")


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested tables as (dotted path, value); an empty table has no values to give."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
