"""The parameters as flags of a command: one per declaration, on top of a setup file or a preset."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from smtj_engine.files import setups
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, Spec, walk, with_values


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """--cluster, for `machines`."""
    parser.add_argument("--cluster", metavar="ADDRESS",
                        help="compute on a Dask cluster: tcp://host:8786, or local:N for N processes here")


@contextlib.contextmanager
def machines(address: str | None) -> Iterator[None]:
    """Compute on this machine's threads, or on the cluster at an address; ParameterError when that cannot be."""
    if address is None:
        yield
        return
    from smtj_engine.scale import cluster

    try:
        with cluster.on(address):
            yield
    except cluster.ClusterError as error:
        raise ParameterError("--cluster", address, str(error)) from error


def add(parser: argparse.ArgumentParser, listed: Callable[[str], bool]) -> None:
    """--setup, --preset and a flag for every parameter; only those that `listed` names stand in the help."""
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--setup", metavar="FILE", type=Path, help="start from a setup file (TOML)")
    start.add_argument("--preset", metavar="KEY", help="start from a preset; `smtj presets` lists them")
    if listed("drive.waveform.values"):
        parser.add_argument("--waveform", metavar="FILE", type=Path,
                            help="take drive.waveform.times (ns) and .values from a file with two columns")
    groups: dict[str, Any] = {}
    for path, spec, value in walk(Setup()):
        name = path.rpartition(".")[0]
        if name not in groups:
            groups[name] = parser.add_argument_group(name)
        groups[name].add_argument(f"--{path}", metavar=_metavar(spec),
                                  help=_help(spec, value) if listed(path) else argparse.SUPPRESS)


def _metavar(spec: Spec) -> str:
    if spec.choices:
        return "WORD"
    return "NUMBERS" if spec.many else "NUMBER"


def _help(spec: Spec, value: Any) -> str:
    """Label, unit, range or choices, default: from the declaration."""
    parts = [f"{spec.label}, {spec.symbol}" + (f" ({spec.unit})" if spec.unit else "")]
    if spec.choices:
        parts.append("one of " + ", ".join(spec.choices))
    elif spec.low is not None or spec.high is not None:
        parts.append(f"{'' if spec.low is None else format(spec.low, 'g')} to "
                     f"{'' if spec.high is None else format(spec.high, 'g')}".strip())
    if spec.optional:
        parts.append(f"none: {spec.none_means}")
    default = " ".join(f"{item:g}" for item in value) if isinstance(value, tuple) else value
    parts.append(f"default {'none' if default is None else default}")
    return "; ".join(parts).replace("%", "%%")


def one_text_each(arguments: list[str]) -> list[str]:
    """Join each parameter flag with the numbers after it, since argparse takes -1e-3 for a flag."""
    joined: list[str] = []
    for argument in arguments:
        open_flag = joined and joined[-1].startswith("--") and "." in joined[-1].partition("=")[0]
        if open_flag and (_is_number(argument) or ("=" not in joined[-1] and not argument.startswith("-"))):
            joined[-1] += (" " if "=" in joined[-1] else "=") + argument
        else:
            joined.append(argument)
    return joined


def _is_number(text: str) -> bool:
    try:
        _numbers(text)
    except ValueError:
        return False
    return True


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.replace(",", " ").split())


def setup(options: argparse.Namespace) -> Setup:
    """The setup file or preset, with the parameters of the flags on top."""
    from smtj_engine import presets

    base = Setup()
    if options.setup:
        base = setups.load(options.setup)
    elif options.preset:
        if options.preset not in presets.names():
            raise ParameterError("preset", options.preset, f"must be one of {', '.join(presets.names())}")
        base = presets.load(options.preset).setup
    given = vars(options)
    values = {path: _value(spec, given[path]) for path, spec, _ in walk(base) if given[path] is not None}
    if given.get("waveform"):
        from smtj_engine.files import waveforms

        values["drive.waveform.times"], values["drive.waveform.values"] = waveforms.read(given["waveform"])
    return with_values(base, values)


def _value(spec: Spec, text: str) -> object:
    """A flag's text as the declaration wants it; a text that is no number is left for the check to refuse."""
    if spec.choices:
        return text
    if spec.optional and text.lower() == "none":
        return None
    try:
        found = _numbers(text)
    except ValueError:
        return text
    return found if spec.many or len(found) != 1 else found[0]
