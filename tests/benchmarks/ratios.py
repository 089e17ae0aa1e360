"""Ratios of alternatives to this program, stored for each class of processor, so that a loss of speed shows.

A ratio is the time of a named alternative over the time of this program, both in one run. It moves little with the
machine's clock and load, but with the width of its vectors: hence the classes.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

#: Ratios by class and case: {class: {case: ratio}}.
STORED = Path(__file__).with_name("stored.json")
#: A ratio below this part of the stored one fails.
LEAST = 0.5
#: How often the two take turns.
TURNS = 5


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One case: the ratio found (None: not run), the one stored (None: none) and whether it fell below half."""

    case: str
    found: float | None
    stored: float | None

    @property
    def fallen(self) -> bool:
        """Only what was measured here and is known of this class can fall."""
        return self.found is not None and self.stored is not None and self.found < LEAST * self.stored

    def __str__(self) -> str:
        if self.found is None:
            return f"{self.case:<66}  not run"
        known = "not stored" if self.stored is None else f"stored {self.stored:>9.3g}"
        return f"{self.case:<66}{self.found:>9.3g}  {known}{'  FELL BELOW HALF' if self.fallen else ''}"


def judged(found: Mapping[str, float | None], stored: Mapping[str, float] | None) -> list[Verdict]:
    """Every case that was found or is stored, beside what is stored of this class (None: an unknown class)."""
    known = stored or {}
    return [Verdict(case, found.get(case), known.get(case)) for case in (*found, *(set(known) - set(found)))]


def timed(call: Callable[[], object], clock: Callable[[], float] = time.thread_time) -> Callable[[], float]:
    """The same, but it returns the seconds that it took: of this thread's processor time, which other programs
    on the machine do not blur, unless another clock is given."""
    def seconds() -> float:
        begin = clock()
        call()
        return clock() - begin

    return seconds


def ratio(ours: Callable[[], float], theirs: Callable[[], float], turns: int = TURNS) -> float:
    """The median over some turns of theirs/ours (seconds); both are called once before, to compile."""
    ours(), theirs()
    found = []
    for _ in range(turns):
        mine = ours()
        found.append(theirs() / mine)
    return statistics.median(found)


def feature_class() -> str:
    """This processor's class: its architecture and the widest vectors that LLVM uses there, such as
    "x86_64 AVX-512"."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    widest = next((name for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("sve", "SVE"),
                                           ("neon", "NEON"), ("sse4.2", "SSE4.2")) if features.get(flag)), "plain")
    machine = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{machine} {widest}"


def read(path: Path | None = None) -> dict[str, dict[str, float]]:
    """What is stored; nothing where there is no file yet."""
    path = path or STORED
    known: dict[str, dict[str, float]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return known


def write(name: str, found: Mapping[str, float | None], path: Path | None = None) -> None:
    """Store the ratios of one class; other classes, and cases that were not run now, stay."""
    known = read(path)
    known[name] = known.get(name, {}) | {
        case: float(f"{value:.3g}") for case, value in found.items() if value is not None}
    (path or STORED).write_text(json.dumps(known, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
