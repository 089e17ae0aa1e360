"""How the cost grows: `python -m tests.benchmarks.growth_bench`.

Each line is the exponent p of a least-squares fit of log(time) = p log(size) + constant. Sizes take turns, the
smallest time of each is fitted, since other work on the machine only adds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from smtj_engine.dynamics.stability import stability_diagram
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.transport.sweeps import angular_curve, bias_sweep
from tests.benchmarks.measure import Figure


def exponent(call: Callable[[int], object], sizes: Sequence[int], repeats: int = 5) -> float:
    """The power of the size with which the time of a call grows."""
    for size in sizes:
        call(size)
    best = np.full(len(sizes), np.inf)
    for _ in range(repeats):
        for at, size in enumerate(sizes):
            begin = time.perf_counter()
            call(size)
            best[at] = min(best[at], time.perf_counter() - begin)
    return float(np.polyfit(np.log(sizes), np.log(best), 1)[0])


def diagram(side: int) -> object:
    """A stability diagram of side² cells over 35 ns."""
    return stability_diagram(Magnet(), Drive(), x=("drive.tau_par", np.linspace(-0.009, 0.003, side)),
                             y=("magnet.q_par", np.linspace(0.005, 0.245, side)))


def angles(count: int) -> object:
    """An angular curve."""
    return angular_curve(Junction(bias=0.8), theta_deg=np.linspace(0.0, 180.0, count))


def bias(count: int) -> object:
    """A bias sweep with torques."""
    return bias_sweep(Junction(), bias=np.linspace(-1.0, 1.0, count))


def length(duration: int) -> object:
    """A precession over so many ns, at 1000 instants."""
    return trajectory(Magnet(), Drive(tau_par=-0.002), times=np.linspace(0.0, float(duration), 1000))


def table() -> Iterator[Figure]:
    """All exponents as they come, beside what the algorithm should give."""
    cases: tuple[tuple[str, str, Callable[[int], object], tuple[int, ...]], ...] = (
        ("cost of a diagram against its side", "2: each cell once", diagram, (64, 128, 256)),
        ("cost of a curve against its angles", "0: few solved, then a series", angles, (91, 361, 1441, 5761)),
        ("cost of a sweep against its bias points", "1", bias, (51, 101, 201, 401)),
        ("cost of a path against its length", "1", length, (200, 400, 800, 1600)))
    for what, expected, call, sizes in cases:
        yield Figure(what, f"{sizes[0]} to {sizes[-1]}, expected {expected}", exponent(call, sizes), "(exponent)")


if __name__ == "__main__":
    for figure in table():
        print(figure)
