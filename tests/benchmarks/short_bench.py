"""The short benchmark of CI: `python -m tests.benchmarks short [--store]`, about a minute.

Each case takes turns with a named alternative; a ratio that fell below half of what is stored for this class of
processor fails. Most run in one thread and compare processor time, so that neither the number of cores nor other
programs matter. `--store` keeps the present ratios: after a change that is meant.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from smtj_engine.dynamics.noise import ensemble
from smtj_engine.dynamics.stability import stability_diagram
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.monitor import Monitor
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.scale import executor
from smtj_engine.transport.sweeps import angular_curve, bias_sweep, transport_point
from tests.benchmarks import dynamics_bench, ratios, transport_bench

#: What, this program, the alternative, and how many times the alternative's work this program does.
Case = tuple[str, Callable[[], object], Callable[[], object], float]


class OneThread:
    """A place that works out every tile in the calling thread."""

    workers = grain = 1

    def completed(self, function: Callable[[Any, executor.Check], Any], tiles: Sequence[Any], monitor: Monitor,
                  note: str) -> Iterator[tuple[int, Any]]:
        for index, tile in enumerate(tiles):
            monitor(index / len(tiles), note)
            yield index, function(tile, lambda: None)


def _often(call: Callable[[], object], times: int) -> Callable[[], object]:
    """The same many times, where once is too short to be timed."""
    def calls() -> None:
        for _ in range(times):
            call()

    return calls


def _diagram(side: int = 48) -> object:
    return stability_diagram(Magnet(), Drive(), x=("drive.tau_par", np.linspace(-0.009, 0.003, side)),
                             y=("magnet.q_par", np.linspace(0.005, 0.245, side)))


def dynamics() -> Iterator[Case]:
    """Macrospins against one trajectory after the other in numba, and against scipy; per trajectory."""
    scalar, units = dynamics_bench.scalar_kernel(), 9861.0  # of time in 35 ns
    m, taus = dynamics_bench.direction(10.0, 0.0), np.array([-0.004, -0.002])
    steps, lanes = 10_000, dynamics_bench.kernels.LANES
    state, par = dynamics_bench.spread_lanes(lanes, 0.1)

    def one_by_one(duration: float) -> Callable[[], object]:
        return lambda: scalar(m, taus, 0.01, 0.2, 0.25, 0.1, int(10 * duration))

    yield ("RK4 in lanes, against numba one by one",
           lambda: dynamics_bench.kernels.advance(state.copy(), par, None, None, None, steps),
           one_by_one(steps / 10), lanes / 2)
    yield "stability diagram, 48 × 48, against numba one by one", _diagram, one_by_one(units), 48**2 / 2
    warm = Magnet(volume=200.0), Drive(temperature=300.0)
    yield ("ensemble of 5000 in noise, against numba one by one without noise",
           lambda: ensemble(*warm, count=5000, duration=5.0, instants=2), one_by_one(units / 7), 5000 / 2)
    times = np.linspace(0, 7, 200)
    yield ("one trajectory of 7 ns, against scipy DOP853",
           lambda: trajectory(Magnet(), Drive(tau_par=-0.002), times=times),
           dynamics_bench.scipy_trajectory(times), 1)


def transport() -> Iterator[Case]:
    """Currents and torques, against as many conductances (one integral each) in numpy arrays."""
    kernel, arrays, _ = transport_bench.conductances()
    junction, bias = Junction(bias=0.8), np.linspace(-1, 1, 101)
    gamma = Junction(bias=0.4, dresselhaus_bulk=3.0)
    for what, call, times, points in (
            ("conductance", kernel, 1000, 1),
            ("point with the Fermi sea", lambda: transport_point(junction, 45.0), 10, 1),
            ("point with bulk Dresselhaus", lambda: transport_point(gamma, 45.0, 10.0), 4, 1),
            ("angular curve, 181 points", lambda: angular_curve(junction), 3, 181),
            ("bias sweep, 101 points", lambda: bias_sweep(Junction(), bias=bias), 1, 101),
            ("draft of a bias sweep", lambda: bias_sweep(Junction(), bias=bias, accuracy="draft"), 3, 101)):
        yield f"{what}, against numpy arrays", _often(call, times), _often(arrays, 100), times * points / 100


def threads() -> Iterator[Case]:
    """All cores against all cores: whether the kernels let other threads run."""
    scalar, m, taus = dynamics_bench.scalar_kernel(), dynamics_bench.direction(10.0, 0.0), np.array([-0.004])

    def on_all_cores() -> object:
        with executor.at(executor.Threads()):
            return _diagram(96)

    def one_by_one() -> None:
        dynamics_bench.on_all_cores(lambda: scalar(m, taus, 0.01, 0.2, 0.25, 0.1, 98_610), executor.processors())

    yield ("stability diagram on all threads, against numba one by one on all", on_all_cores, one_by_one,
           96**2 / executor.processors())


def start() -> float | None:
    """Processor time of a start up to its first curve, against an empty pyqtgraph window; None without a display
    (or on Windows, which does not tell it). All processes of the start count: the engine's child too."""
    try:
        import resource

        import tests.conftest  # noqa: F401  a display, and folders of its own
    except (ImportError, SystemExit):
        return None
    from tests.benchmarks.window_bench import EMPTY, child, prepare, role

    def used() -> float:
        return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])

    prepare()
    return ratios.ratio(ratios.timed(lambda: role("start"), used),
                        ratios.timed(lambda: child("-c", EMPTY, repr(time.monotonic())), used))


def measured() -> Iterator[tuple[str, float | None]]:
    """Every case and its ratio, for the same work."""
    with executor.at(OneThread()):
        for part, clock in ((dynamics, time.thread_time), (transport, time.thread_time),
                            (threads, time.perf_counter)):
            for case, ours, theirs, work in part():
                yield case, work * ratios.ratio(ratios.timed(ours, clock), ratios.timed(theirs, clock))
    yield "start with its first curve, against an empty pyqtgraph window", start()


def main(store: bool) -> int:
    """Print every case and its verdict; 1 if one fell below half, else 0."""
    name = ratios.feature_class()
    known = ratios.read().get(name)
    print(f"{name}" + ("" if known else ": nothing is stored of this class, so this only reports"))
    found = {}
    for case, value in measured():
        found[case] = value
        print(ratios.Verdict(case, value, (known or {}).get(case)), flush=True)
    if store:
        ratios.write(name, found)
        print(f"stored in {ratios.STORED.name}")
        return 0
    fallen = [verdict.case for verdict in ratios.judged(found, known) if verdict.fallen]
    if fallen:
        print(f"slower than half of what is stored: {'; '.join(fallen)}")
    return int(bool(fallen))
