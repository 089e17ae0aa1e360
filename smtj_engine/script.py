"""A calculation as a Python script that runs as it stands and gives the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smtj_engine.analyses import ANALYSES, Analysis
from smtj_engine.parameters import Setup
from smtj_engine.schema import groups, specs
from smtj_engine.version import __version__


def to_python(setup: Setup, key: str) -> str:
    """The script that repeats the analysis `key` (KeyError if there is none) of a setup.

    Every value that the answer depends on is written out, with its unit, so that the numbers stay what they are
    when a default changes.
    """
    analysis = ANALYSES[key]
    body = list(_arguments(setup, "", analysis, 1))
    names = sorted(set(_classes(setup, "", analysis)))
    return "\n".join([
        f'"""{analysis.title}: {analysis.help}.', "", f'Written by SMTJ {__version__}.', '"""', "",
        "from smtj_engine.analyses import ANALYSES", "from smtj_engine.files import csv",
        "from smtj_engine.monitor import silent", f"from smtj_engine.parameters import {', '.join(names)}", "",
        "setup = Setup(", *body, ")",
        f"result = ANALYSES[{key!r}].run(setup, silent)", "print(result.data)",
        f'csv.write(result, "{key}.csv")', ""])


def _arguments(owner: Any, prefix: str, analysis: Analysis, depth: int) -> Iterator[str]:
    """One line for each value that is used, groups as calls of their classes."""
    indent = "    " * depth
    for name, group in groups(owner).items():
        inside = list(_arguments(group, f"{prefix}{name}.", analysis, depth + 1))
        if inside:
            yield f"{indent}{name}={type(group).__name__}("
            yield from inside
            yield f"{indent}),"
    for name, spec in specs(owner).items():
        if analysis.depends_on(prefix + name):
            unit = f"  # {spec.unit}" if spec.unit else ""
            yield f"{indent}{name}={getattr(owner, name)!r},{unit}"


def _classes(owner: Any, prefix: str, analysis: Analysis) -> Iterator[str]:
    """The classes that the script needs."""
    yield type(owner).__name__
    for name, group in groups(owner).items():
        if any(_arguments(group, f"{prefix}{name}.", analysis, 0)):
            yield from _classes(group, f"{prefix}{name}.", analysis)
