"""Speed of the window: `python -m tests.benchmarks.window_bench`, on the running display or an Xvfb of its own.

Each start is a child process of its own, timed from the moment before it is started. The child runs the program's
own main(), listens to its signals and moves the mouse by Qt events; it reports in one line of JSON.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from smtj_engine import warm
from tests.benchmarks.measure import Figure, measured

#: What a home-made script begins with: Qt, pyqtgraph, one empty plot.
EMPTY = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import pyqtgraph as pg
application = QApplication([])
plot = pg.PlotWidget()
plot.show()
QTimer.singleShot(0, lambda: QTimer.singleShot(0, application.quit))
application.exec()
print("{\\"painted\\": %r}" % (time.monotonic() - float(sys.argv[1])))
"""
#: A home-made script: numpy and matplotlib redraw one curve of 181 points when a slider moves.
SCRIPT = """
import time, numpy as np, matplotlib
matplotlib.use("QtAgg")
import matplotlib.pyplot as plt
from matplotlib.widgets import Slider
from smtj_engine import Junction, angular_curve
figure, axes = plt.subplots(3, 1)
lines = [a.plot(np.arange(181), np.zeros(181))[0] for a in axes]
def redraw(alpha):
    data = angular_curve(Junction(rashba=alpha)).data
    for a, line, name in zip(axes, lines, ("tamr", "torque_par", "torque_perp")):
        line.set_ydata(data[name].values); a.relim(); a.autoscale_view()
    figure.canvas.draw(); figure.canvas.flush_events()
plt.show(block=False)
redraw(4.0)
times = []
for alpha in np.linspace(1, 6, 60):
    begin = time.perf_counter(); redraw(alpha); times.append(time.perf_counter() - begin)
print("{\\"redraws\\": %r}" % sorted(times))
"""
#: The longest that a child may take (s): the first start ever compiles everything.
CHILD = 120
#: Two busy programs in C, which share the cores with an idle window: what the machine itself does to a heartbeat.
BUSY = ["sha256sum", "/dev/zero"]


def child(*command: str, **environment: str) -> dict[str, Any]:
    """Run a child to its end and return what its last line says."""
    said = subprocess.run([sys.executable, *command], env={**os.environ, **environment}, text=True,
                          capture_output=True, timeout=CHILD, check=False)
    if said.returncode:
        raise RuntimeError(said.stderr)
    answer: dict[str, Any] = json.loads(said.stdout.strip().splitlines()[-1])
    return answer


def role(name: str, **environment: str) -> dict[str, Any]:
    """The program itself, with something done in it (window_child.py)."""
    with tempfile.TemporaryDirectory() as folder:
        own = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"), folder)
        own["SMTJ_TOUR"] = "off"    # else it comes at each of these first starts
        return child("-m", "tests.benchmarks.window_child", name, repr(time.monotonic()), **own, **environment)


def prepare() -> None:
    """Compile the kernels, if they are not yet: else each start does so beside what is measured, and none ends."""
    if not warm.is_warm():
        subprocess.run([sys.executable, "-m", "smtj_engine.warm"], stdout=subprocess.DEVNULL, check=True)


@contextmanager
def busy(count: int) -> Iterator[None]:
    """As many busy C processes at our side."""
    programs = [subprocess.Popen(BUSY, stdout=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def starts(repeats: int = 3) -> Iterator[Figure]:
    """From the command to a painted, editable window and to the first curve; the first ever start too."""
    def middle(key: str, answers: list[dict[str, Any]]) -> float:
        return statistics.median(answer[key] for answer in answers)

    what = "start to painted, editable window"
    ours = [role("start") for _ in range(repeats + 1)][1:]
    yield Figure(what, "this program", middle("painted", ours), "s", 1.0)
    yield Figure("start to first curve", "this program", middle("curve", ours), "s", 2.0)
    yield Figure("longest stall until the first curve", "this program", 1e3 * middle("stall", ours), "ms", 150)
    empty = [child("-c", EMPTY, repr(time.monotonic())) for _ in range(repeats)]
    yield Figure(what, "an empty pyqtgraph window", middle("painted", empty), "s")
    with tempfile.TemporaryDirectory() as folder:
        fresh = role("start", NUMBA_CACHE_DIR=folder)   # pip has compiled the Python files already
    yield Figure("first start ever to first curve", "this program, nothing compiled", fresh["curve"], "s", 15.0)


def drags() -> list[Figure]:
    """From a move of the mouse on the slider of α_R or V to the repainted plots."""
    figures = []
    found = role("drag")
    for name, what in (("angular", "slider to repainted curves, angular view"),
                       ("bias", "slider to repainted curves, bias view")):
        times = sorted(found[name])
        figures += [Figure(what, "this program, median", 1e3 * statistics.median(times), "ms"),
                    Figure(what, "95th percentile", 1e3 * times[int(0.95 * len(times))], "ms", 50.0),
                    Figure(what, "pictures in a second", found[name + "_rate"], "1/s")]
    script = sorted(child("-c", SCRIPT)["redraws"])
    figures.append(Figure("slider to repainted curves", "same engine, matplotlib, 95th percentile",
                          1e3 * script[int(0.95 * len(script))], "ms"))
    return figures


def heartbeat() -> list[Figure]:
    """Delays of a 5 ms timer on the GUI thread while all cores compute, and beside as many C programs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    ours = role("load")
    with busy(cores):
        beside = role("idle")
    figures = []
    for who, found in (("diagram on all cores", ours), (f"idle, beside {cores} C programs", beside)):
        beats = sorted(found["beats"])
        figures += [Figure("GUI thread late, 99th percentile", who, 1e3 * beats[int(0.99 * len(beats))], "ms",
                           50.0 if found is ours else None),
                    Figure("GUI thread late, longest", who, 1e3 * beats[-1], "ms")]
    return [*figures, Figure("Esc to stopped, longest of 10", "diagram on all cores", 1e3 * max(ours["cancels"]),
                             "ms", 100.0)]


def memory() -> list[Figure]:
    """Resident memory: the window with its first curve, ten runs more, two thousand live pictures more."""
    found = role("memory")
    return [Figure("memory of the window", "this program", found["empty"], "MiB"),
            Figure("growth by ten runs", "this program", found["runs"] - found["empty"], "MiB", 100.0),
            Figure("growth by 1000 more live curves", "this program", found["curves"] - found["runs"], "MiB")]


def sphere() -> list[Figure]:
    """How often the sphere is drawn anew while the precession plays."""
    figures = []
    for choice in ("opengl", "painter"):
        found = role("sphere", SMTJ_3D=choice)
        wide, high = found["size"]
        figures += [Figure("sphere while playing, pictures in a second", f"{choice}, {wide} × {high} pixels",
                           found["rate"], "1/s", 50.0, least=True),
                    Figure("memory of the window with the sphere", choice, found["memory"], "MiB")]
    return figures


def diagrams() -> list[Figure]:
    """The 64 × 64 diagram while the damping is dragged: each is drawn coarse, and finer until the next one."""
    found, what = role("stability"), "diagram 64 × 64 while the damping is dragged"
    return [Figure(what, "diagrams in a second", found["diagrams"], "1/s", 5.0, least=True),
            Figure(what, "pictures in a second, coarse to fine", found["pictures"], "1/s"),
            Figure(what, "cells of a diagram computed, median", 100 * statistics.median(found["shares"]), "%"),
            Figure(what, "theory drawn in a second", found["theory"], "1/s", 60.0, least=True),
            Figure(what, "moves of the mouse in a second", found["moves"], "1/s"),
            Figure(what, "processor time of the window for a move", found["used"], "ms", 1000 / 60)]


def table() -> Iterator[Figure]:
    """All figures, as they come."""
    import tests.conftest  # noqa: F401  a display, and folders of its own

    prepare()
    yield from measured((starts, drags, diagrams, sphere, heartbeat, memory))


if __name__ == "__main__":
    for figure in table():
        print(figure, flush=True)
