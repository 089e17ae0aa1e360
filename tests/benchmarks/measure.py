"""What the benchmarks share: a line of the table, and timing in turns.

Named alternatives take turns in the same run, and medians are shown, so that a busy moment of the machine hits all
of them. Nothing is asserted: figures move with the machine, ratios are what to keep.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping


@dataclasses.dataclass(frozen=True)
class Figure:
    """One line of the table: what, who, how much (nan: not measured, `what` says why), and the project's target
    (None: a comparison)."""

    what: str
    who: str
    value: float
    unit: str
    target: float | None = None
    least: bool = False  # the target is a least value, not a most

    @property
    def verdict(self) -> str:
        """The target and whether it was met."""
        if self.target is None:
            return ""
        met = self.value >= self.target if self.least else self.value <= self.target
        return f"{'≥' if self.least else '≤'} {self.target:g}: {'met' if met else 'missed'}"

    def __str__(self) -> str:
        if math.isnan(self.value):
            return self.what
        return f"{self.what:<46}{self.who:<38}{self.value:>11.4g} {self.unit:<14}{self.verdict}"


def interleaved(calls: Mapping[str, Callable[[], object]], repeats: int,
                clock: Callable[[], float] = time.perf_counter) -> dict[str, float]:
    """The median time (s, wall time unless another clock is given) of each call; they take turns, after one call
    each that compiles."""
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            begin = clock()
            call()
            times[name].append(clock() - begin)
    return {name: statistics.median(values) for name, values in times.items()}


def measured(parts: Iterable[Callable[[], Iterable[Figure]]], seconds: float = 300.0) -> Iterator[Figure]:
    """The figures of each part as they come; once the time (s) is used up, the parts left only say so."""
    begin = time.monotonic()
    for part in parts:
        what = part.__name__.replace("_", " ")
        if time.monotonic() - begin > seconds:
            yield Figure(f"{what}: not run, {seconds:g} s are over", "", math.nan, "")
            continue
        try:
            yield from part()
        except subprocess.TimeoutExpired as late:
            yield Figure(f"{what}: stopped, a child took more than {late.timeout:g} s", "", math.nan, "")
