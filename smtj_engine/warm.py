"""Compiles every kernel by running each analysis once on a tiny grid: `python -m smtj_engine.warm`.

The window runs this as a child process at its first start, because compiling in a worker thread stalls it.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from smtj_engine import cache
from smtj_engine.parameters import Junction, Setup
from smtj_engine.schema import ParameterError, walk, with_values
from smtj_engine.version import __version__

#: Junctions that reach every kernel: cold and warm electrodes, one and two kinds of spin-orbit interaction,
#: both directions of the current, no barrier at all, bound states, and drives that move in time.
_JUNCTIONS: tuple[dict[str, object], ...] = (
    {},
    {"junction.bias": 0.5, "drive.law": "transport", "numerics.trajectory.method": "rk4"},
    {"junction.bias": -0.5, "junction.temperature": 300.0, "junction.dresselhaus": 1.0,
     "drive.law": "transport", "numerics.spin_diode.method": "time"},
    {"junction.bias": 0.5, "junction.barrier_thickness": 0.0},
    {"junction.rashba": 12.0},
    {"drive.waveform.target": "h_z", "drive.waveform.level": 0.01, "numerics.spin_diode.method": "time"},
    {"drive.waveform.target": "h_z", "drive.waveform.level": 0.01, "drive.law": "transport", "junction.bias": 0.5},
    {"drive.waveform.target": "h_z", "drive.waveform.level": 0.01, "drive.law": "transport", "junction.bias": 0.5,
     "junction.dresselhaus": 1.0},
)
#: Junctions whose barrier or right electrode acts on the spin: their kernels take as long again, and come last.
_MATRIX: tuple[dict[str, object], ...] = (
    {"junction.bias": 0.5, "junction.dresselhaus_bulk": 2.0},
    {"junction.bias": 0.5, "junction.right_k_down": 0.4},
)


#: Ends of the paths that say how much is computed.
_SIZES = ("points", "count", "instants")


def is_warm(key: str = "") -> bool:
    """Whether the kernels of one analysis (default: all) lie compiled in the cache; imports no numba."""
    return _marker(key).is_file()


def compile_all() -> Iterator[str]:
    """Run each analysis with every junction, yielding a line before each step; then leave its marker.

    Analyses come in the order of their table, so that curves are ready long before diagrams.
    """
    cache.prepare().mkdir(parents=True, exist_ok=True)
    from smtj_engine.analyses import ANALYSES
    from smtj_engine.monitor import silent
    from smtj_engine.scale.executor import processors

    helper = _helper() if processors() > 1 and not is_warm("angular") else None
    tiny: dict[str, object] = {path: spec.low for path, spec, _ in walk(Setup()) if path.endswith(_SIZES)}
    tiny["numerics.accuracy"] = "draft"
    total = len(_JUNCTIONS) * len(ANALYSES) + len(_MATRIX)
    for at, (key, analysis) in enumerate(ANALYSES.items()):
        for step, junction in enumerate(_JUNCTIONS, start=at * len(_JUNCTIONS) + 1):
            yield f"{step}/{total} {analysis.title}"
            if not analysis.kernels:
                break
            if helper is not None:
                _beside(helper)
                helper = None
            with contextlib.suppress(ParameterError):  # an analysis may refuse a junction
                analysis.run(with_values(Setup(), {**tiny, **junction}), silent)
        _marker(key).touch()
    for step, junction in enumerate(_MATRIX, start=total - len(_MATRIX) + 1):
        yield f"{step}/{total} Barriers and electrodes that act on the spin"
        ANALYSES["angular"].run(with_values(Setup(), {**tiny, **junction}), silent)
    _marker().touch()


def _helper() -> subprocess.Popen[bytes]:
    """A second process for the Fermi sea's kernels, which hardly share a function with those of the bias window:
    the first curve waits for both, on two processors for the longer one only.

    What they do share both compile for the same types, so that neither spoils the other's index of the cache.
    """
    return subprocess.Popen([sys.executable, "-m", "smtj_engine.warm", "sea"], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _beside(helper: subprocess.Popen[bytes]) -> None:
    """Compile the other half of what the first curve needs; if the helper fails, the analysis compiles both."""
    try:
        _compile("window")
    finally:
        helper.wait()


def _compile(part: str) -> None:
    """Compile the kernels of the bias window ("window") or of the Fermi sea ("sea") by one small sum."""
    from smtj_engine.transport import barrier, observables

    one, angles = barrier.model(Junction()), observables.Angles.degrees(45.0, 0.0)
    rule = observables.RULES["draft"]
    if part == "window":
        observables._window(one, angles, rule, from_f=False, check=lambda: None)
    else:
        observables.bound_states(one, sine=1.0)
        observables.sea(one, one.fermi, angles, rule)


def main() -> int:
    """Compile with one line per step on the standard output; "sea" compiles the Fermi sea's kernels only."""
    if sys.argv[1:] == ["sea"]:
        _compile("sea")
        return 0
    for line in compile_all():
        print(f"preparing the engine: {line}", flush=True)
    return 0


def _marker(key: str = "") -> Path:
    """The file that says so; another installation of this version shares the folder, but not the kernels."""
    return cache.prepare() / "-".join(filter(None, ("warm", __version__, cache.installation_hash(), key)))


if __name__ == "__main__":
    sys.exit(main())
