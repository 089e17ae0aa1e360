"""A Dask cluster of processes on this machine against its threads: `python -m tests.benchmarks.cluster_bench`.

Needs the extra `cluster`. Threads and cluster take turns in the same run.
"""

from __future__ import annotations

import asyncio
import importlib.util
import math
import pickle
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from smtj_engine.dynamics.noise import ensemble
from smtj_engine.dynamics.stability import stability_diagram
from smtj_engine.files.tiles import encode
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.results import Result
from smtj_engine.scale import cluster, executor
from smtj_engine.transport.sweeps import bias_sweep
from tests.benchmarks.measure import Figure

#: Side of the diagram that is timed, points of the sweep, samples of the ensemble.
SIDE, POINTS, SAMPLES = 256, 2001, 100_000


def diagram(monitor: Monitor = silent, side: int = SIDE) -> Result:
    """A stability diagram over 35 ns."""
    return stability_diagram(Magnet(), Drive(), x=("drive.tau_par", np.linspace(-0.009, 0.003, side)),
                             y=("magnet.q_par", np.linspace(0.005, 0.245, side)), monitor=monitor)


def sweep() -> Result:
    """A bias sweep with torques."""
    return bias_sweep(Junction(), bias=np.linspace(-1, 1, POINTS))


def samples() -> Result:
    """An ensemble in thermal noise, of which only the end is kept."""
    return ensemble(Magnet(volume=200.0), Drive(temperature=300.0), count=SAMPLES, instants=1)


def efficiency(client: Any, what: str, call: Callable[[], object], repeats: int = 5) -> list[Figure]:
    """How much of the threads' speed as many worker processes reach, in the place of this context: by the clock,
    and by processor time (of client, scheduler and workers), which other programs on the machine blur less."""
    def used() -> float:
        return time.process_time() + sum(client.run(time.process_time).values())

    ratios, shares, seconds = [], [], []
    call()
    for _ in range(repeats):
        before, begin = used(), time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
        there, here, begin = used() - before, time.process_time(), time.perf_counter()
        with executor.at(executor.Threads()):
            call()
        ratios.append((time.perf_counter() - begin) / seconds[-1])
        shares.append((time.process_time() - here) / there)
    count = executor.workers()
    return [Figure(what, f"{count} worker processes", statistics.median(seconds), "s"),
            Figure(what, f"efficiency against {count} threads", statistics.median(ratios), "", 0.85, least=True),
            Figure(what, "the same by processor time", statistics.median(shares), "")]


def cancels(client: Any, repeats: int = 5) -> list[Figure]:
    """From the wish to stop a diagram until the map has returned and every worker is idle."""
    seconds = []
    for _ in range(repeats):
        asked = 0.0

        def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
            nonlocal asked
            if fraction > 0.3:  # the level of the largest tiles
                asked = time.perf_counter()
                raise Cancelled

        try:
            diagram(stop)
        except Cancelled:
            client.run(_idle)
            seconds.append(time.perf_counter() - asked)
    return [Figure("cancel to every worker idle", f"the longest of {repeats}", max(seconds), "s", 1.0)]


async def _idle(dask_worker: Any) -> None:
    """In a worker: return when nothing runs any more."""
    while dask_worker.state.executing_count or dask_worker.state.ready:
        await asyncio.sleep(1e-3)


def _nothing(tile: int, check: Callable[[], None]) -> int:
    return tile


def messages(count: int = 2000) -> list[Figure]:
    """What a tile costs that does nothing; scheduler and client are one process here."""
    def empty() -> tuple[float, float]:
        begin, used = time.perf_counter(), time.process_time()
        for _ in executor.completed(_nothing, range(count), silent):
            pass
        return (time.perf_counter() - begin) / count * 1e3, (time.process_time() - used) / count * 1e3

    there, used = empty()
    with executor.at(executor.Threads()):
        here, _ = empty()
    return [Figure("an empty tile", "cluster", there, "ms"), Figure("an empty tile", "threads", here, "ms"),
            Figure("an empty tile", "CPU time of scheduler and client", used, "ms")]


class _Weighing:
    """A place that weighs what would travel."""

    def __init__(self, inner: executor.Place) -> None:
        self._inner, self.workers, self.grain = inner, inner.workers, inner.grain
        self.out = self.back = self.longest = 0.0

    def completed(self, function: Callable[[Any, executor.Check], Any], tiles: Sequence[Any], monitor: Monitor,
                  note: str) -> Iterator[tuple[int, Any]]:
        for index, tile in enumerate(tiles):
            self.out += len(pickle.dumps((function, tile), protocol=5))
            begin = time.thread_time()
            answer = function(tile, lambda: None)
            self.longest = max(self.longest, time.thread_time() - begin)
            self.back += len(encode(answer))
            yield index, answer


def weights() -> list[Figure]:
    """Bytes per point to the workers and back (as a tile file keeps them), and the longest tile's CPU time."""
    figures = []
    for what, call, points in (("cell of a diagram", diagram, SIDE**2), ("point of a bias sweep", sweep, POINTS)):
        scale = _Weighing(executor.here())
        with executor.at(scale):
            call()
        figures += [Figure(what, "sent to a worker", scale.out / points, "bytes"),
                    Figure(what, "returned and kept", scale.back / points, "bytes"),
                    Figure(what, "CPU time of the longest tile", scale.longest, "s")]
    return figures


def table() -> list[Figure]:
    """All figures."""
    if importlib.util.find_spec("distributed") is None:
        return [Figure("not run: pip install '.[cluster]'", "", math.nan, "")]
    begin = time.perf_counter()
    with cluster.on(f"local:{executor.processors()}") as place:
        client = place.client  # type: ignore[attr-defined]
        return [Figure("cluster of this machine's processes", "ready after", time.perf_counter() - begin, "s"),
                *efficiency(client, f"diagram {SIDE} × {SIDE}", diagram),
                *efficiency(client, f"{POINTS} bias points", sweep),
                *efficiency(client, f"ensemble of {SAMPLES}", samples),
                *cancels(client), *messages(), *weights()]


if __name__ == "__main__":
    for figure in table():
        print(figure)
