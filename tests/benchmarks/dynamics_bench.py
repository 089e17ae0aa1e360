"""Speed of the macrospin engine: `python -m tests.benchmarks.dynamics_bench`.

The alternatives are what one would write without it: a scalar numba loop, scipy's DOP853, and (pip install
'.[bench]') cmtj in as many processes as there are cores, and heyoka.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smtj_engine.dynamics import lanes, noise, starts
from smtj_engine.dynamics.cells import build, direction
from smtj_engine.dynamics.classify import classify
from smtj_engine.dynamics.fields import slope
from smtj_engine.dynamics.stability import stability_diagram
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.dynamics.waveform import Flock, driven
from smtj_engine.parameters import Drive, Magnet
from smtj_engine.scale.executor import workers
from tests.benchmarks import cmtj_peer, heyoka_peer
from tests.benchmarks.measure import Figure, interleaved, measured

from smtj_engine.dynamics import kernels  # isort: skip  (after lanes, which chooses the kernels' cache)

Array = NDArray[np.float64]
MAGNET, DRIVE = Magnet(), Drive(tau_par=-0.002)
#: ns; one step of the plain loop in time units.
DURATION, STEP = 35.0, 0.1


def on_all_cores(job: Callable[[], object], count: int = 0) -> None:
    """The same job once on every core at the same time."""
    threads = [threading.Thread(target=job) for _ in range(count or workers())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def spread_lanes(count: int, step: float) -> tuple[Array, Array]:
    """M and P of the kernels for lanes over the preset's range of τ∥."""
    spins = build(MAGNET, DRIVE, None, {"drive.tau_par": np.linspace(-0.004, -0.002, count)}, count).spins
    par = lanes.pack(spins).par
    par[:, 1:8] *= step
    return np.repeat(direction(10.0, 0.0), count), par.T.ravel().copy()


def scalar_kernel() -> Callable[..., None]:
    """What one writes in an hour: one trajectory after the other, RK4, square-root renormalization."""
    from numba import njit

    @njit(nogil=True)
    def rhs(x, y, z, eta, q, qz, tau):  # type: ignore[no-untyped-def]
        hx, hy, hz = q * x, 0.0, qz * z
        f = tau * z
        ax = z * hy - y * hz - f * x * z
        ay = x * hz - z * hx - f * y * z
        az = y * hx - x * hy + f * (1 - z * z)
        c = 1 / (1 + eta * eta)
        return (c * (ax + eta * (y * az - z * ay)), c * (ay + eta * (z * ax - x * az)),
                c * (az + eta * (x * ay - y * ax)))

    @njit(nogil=True)
    def scalar(m, taus, eta, q, qz, h, steps):  # type: ignore[no-untyped-def]
        for i in range(taus.shape[0]):
            x, y, z = m[0], m[1], m[2]
            for _ in range(steps):
                a = rhs(x, y, z, eta, q, qz, taus[i])
                b = rhs(x + h / 2 * a[0], y + h / 2 * a[1], z + h / 2 * a[2], eta, q, qz, taus[i])
                c = rhs(x + h / 2 * b[0], y + h / 2 * b[1], z + h / 2 * b[2], eta, q, qz, taus[i])
                d = rhs(x + h * c[0], y + h * c[1], z + h * c[2], eta, q, qz, taus[i])
                x += h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0])
                y += h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1])
                z += h / 6 * (a[2] + 2 * b[2] + 2 * c[2] + d[2])
                r = 1 / np.sqrt(x * x + y * y + z * z)
                x, y, z = x * r, y * r, z * r

    return scalar  # type: ignore[no-any-return]


def plain_kernel(repeats: int = 9) -> list[Figure]:
    """ns per trajectory and step of RK4 on all cores: lanes against one trajectory after the other."""
    steps, width, cores = 100_000, kernels.LANES, workers()
    scalar = scalar_kernel()
    taus = np.linspace(-0.004, -0.002, 8)

    short, long = spread_lanes(width, STEP), spread_lanes(width, 10 * STEP)

    def plain() -> None:
        kernels.advance(short[0].copy(), short[1], None, None, None, steps)

    def eighth() -> None:
        kernels.advance(long[0].copy(), long[1], None, None, lanes.DOP853, steps // 4)

    def one_by_one() -> None:
        scalar(direction(10.0, 0.0), taus, 0.01, 0.2, 0.25, STEP, steps)

    found = interleaved({"lanes": lambda: on_all_cores(plain), "dop": lambda: on_all_cores(eighth),
                         "scalar": lambda: on_all_cores(one_by_one)}, repeats)
    unit, work, rk4 = "ns/step", cores * steps * 1e-9, "RK4, all cores, per trajectory"
    return [Figure(rk4, "lanes of this program", found["lanes"] / (work * width), unit, 2.3),
            Figure(rk4, "numba, scalar", found["scalar"] / (work * len(taus)), unit),
            Figure("DOP853, all cores, per trajectory", "lanes of this program", found["dop"] / (work * width / 4),
                   unit)]


def scipy_trajectory(times: Array, tau_par: float = -0.002, tolerance: float = 1e-9) -> Callable[[], Any]:
    """The same path by scipy, as one writes it: m at some times (ns)."""
    from scipy.integrate import solve_ivp

    spins = build(MAGNET, Drive(tau_par=tau_par), None).spins
    return lambda: solve_ivp(lambda _, m: slope(spins, m[None])[0], (0, times[-1] / spins.unit[0]),
                             direction(10.0, 0.0), method="DOP853", rtol=tolerance, atol=tolerance / 100,
                             t_eval=times / spins.unit[0])


def one_trajectory(repeats: int = 5) -> list[Figure]:
    """One trajectory of 35 ns as a user calls it, against scipy at a comparable error."""
    times = np.linspace(0, 35, 1000)

    def ours(method: str) -> Callable[[], object]:
        return lambda: trajectory(MAGNET, DRIVE, times=times, method=method)

    found = interleaved({"dop853": ours("dop853"), "rk4": ours("rk4")}, repeats)
    found |= interleaved({"scipy": scipy_trajectory(times)}, 1)
    return [Figure("one trajectory, 35 ns, 1000 instants", who, found[key] * 1e3, "ms") for key, who in
            (("dop853", "this program, DOP853 and its error"), ("rk4", "this program, RK4 and its error"),
             ("scipy", "scipy DOP853, rtol 1e-9"))]


def diagrams(repeats: int = 5, sides: tuple[int, ...] = (64, 256)) -> list[Figure]:
    """Stability diagrams over 35 ns as a user calls them, with states, frequencies and neighbouring starts."""
    targets = {64: 0.15, 256: 2.5}
    figures = []
    for side in sides:
        def call(side: int = side) -> object:
            return stability_diagram(MAGNET, Drive(), x=("drive.tau_par", np.linspace(-0.009, 0.003, side)),
                                     y=("magnet.q_par", np.linspace(0.005, 0.245, side)))

        seconds = interleaved({"diagram": call}, repeats if side < 200 else 3)["diagram"]
        figures.append(Figure(f"diagram {side} × {side}, 35 ns", "this program", seconds, "s", targets.get(side)))
        begin = time.process_time()
        call()
        used = (time.process_time() - begin) / workers()
        figures.append(Figure(f"diagram {side} × {side}, 35 ns", "CPU time / cores (idle machine)", used, "s"))
    return figures


def against_cmtj(sides: tuple[int, ...] = (64, 256), repeats: int = 3) -> list[Figure]:
    """The same diagrams with the same (constant) law: this program as users call it, cmtj with Fig. 3's RK4."""
    if not cmtj_peer.installed():
        return [Figure("cmtj: not installed, pip install '.[bench]'", "", np.nan, "")]
    cores, units = workers(), DURATION / float(build(MAGNET, DRIVE, None).spins.unit[0])
    tau, q_par = np.linspace(-0.009, 0.003, 8), np.linspace(0.005, 0.245, 8)
    sample = list(zip(tau.tolist(), q_par.tolist(), strict=True))

    def ours(side: int) -> Callable[[], object]:
        axes = (np.linspace(ends[0], ends[-1], side) for ends in (tau, q_par))
        x, y = zip(("drive.tau_par", "magnet.q_par"), axes, strict=True)
        return lambda: stability_diagram(MAGNET, Drive(law="constant"), x=x, y=y)

    with cmtj_peer.processes(cores) as pool:
        def theirs() -> object:
            return pool.map(cmtj_peer.integrate, [(sample, units, STEP)] * cores, chunksize=1)

        found = interleaved({"cmtj": theirs, **{str(side): ours(side) for side in sides}}, repeats)
    per_cell = found["cmtj"] / (cores * len(sample))
    figures = [Figure("RK4, all cores, per trajectory", f"cmtj, {cores} processes", per_cell / units * STEP * 1e9,
                      "ns/step"),
               Figure("m after 10 time units, same law", "difference of cmtj", _apart_from_cmtj(10.0), "")]
    for side in sides:
        what = f"diagram {side} × {side}, 35 ns, constant law"
        figures += [Figure(what, "this program", found[str(side)], "s"),
                    Figure(what, f"cmtj, from {cores * len(sample)} cells", per_cell * side**2, "s"),
                    Figure(what, "this program, times cmtj", per_cell * side**2 / found[str(side)], "×", 500.0,
                           least=True)]
    return figures


def to_an_error(count: int = 512, duration: float = 2.0, repeats: int = 5) -> list[Figure]:
    """Trajectories of 2 ns to an error below 1e-6, on one core: the tiles of this program, heyoka, scipy."""
    tau = np.linspace(-0.004, -0.002, count)
    spins = build(MAGNET, DRIVE, None, {"drive.tau_par": tau}, count).spins
    start, units = starts.fixed(10.0, 0.0, spins), duration / spins.unit

    def ours(phase: float = lanes.TILE_PHASE) -> Array:
        return lanes.run(spins, start, units, lambda: None, phase=phase, at_rest=0.0, tail=0).end

    exact = ours(lanes.TILE_PHASE / 8)
    ends: dict[str, Callable[[], Array]] = {"this program, DOP853 in lanes": ours}
    if heyoka_peer.installed():
        batch = heyoka_peer.Batch(MAGNET.q_par, MAGNET.q_perp - MAGNET.n_z, MAGNET.damping, 1e-6)
        ends[f"heyoka, {batch.width} at a time"] = lambda: batch.end(start[0], tau, float(units[0]))
    found = interleaved(ends, repeats, time.thread_time)
    figures = [_with_error(who, call() - exact, found[who] / count) for who, call in ends.items()]
    if not heyoka_peer.installed():
        figures.append(Figure("heyoka: not run, pip install '.[bench]'", "", np.nan, ""))
    one = scipy_trajectory(np.array([0.0, duration]), float(tau[0]), 1e-7)
    begin = time.thread_time()
    end = one().y[:, -1]
    return [*figures, _with_error("scipy DOP853, rtol 1e-7", end - exact[0], time.thread_time() - begin)]


def _with_error(who: str, error: Array, seconds: float) -> Figure:
    """A trajectory's time, with the largest error of m beside who it is."""
    return Figure("one trajectory of 2 ns, one core", f"{who}, {np.abs(error).max():.0e}", seconds * 1e6, "µs")


def _apart_from_cmtj(duration: float) -> float:
    """The largest difference of m after a while (time units): whether both solve the same equation."""
    theirs = cmtj_peer.integrate(([(-0.002, 0.2)], duration, STEP))
    unit = float(build(MAGNET, DRIVE, None).spins.unit[0])
    ours = trajectory(MAGNET, Drive(tau_par=-0.002, law="constant"), times=[duration * unit], method="rk4")
    return float(np.abs(theirs - ours.data["m"].values).max())


def processor_time(side: int = 64) -> list[Figure]:
    """CPU time of the kernels for such a diagram on one core, which other programs do not blur."""
    tau, q = np.meshgrid(np.linspace(-0.009, 0.003, side), np.linspace(0.005, 0.245, side))
    spins = build(MAGNET, Drive(), None, {"drive.tau_par": tau.ravel(), "magnet.q_par": q.ravel()}, side**2).spins
    start = starts.fixed(10.0, 0.0, spins)
    figures = []
    coarse = {"phase": 1.4, "at_rest": 1e-4, "tail": 0}
    for who, options in (("every cell", {}), ("its neighbouring start", coarse)):
        begin = time.thread_time()
        lanes.run(spins, start, DURATION / spins.unit, lambda: None, **options)  # type: ignore[arg-type]
        used = (time.thread_time() - begin) / side**2 * 1e6
        figures.append(Figure(f"CPU time in a {side} × {side} diagram", who, used, "µs/cell, one core"))
    return figures


def noisy_steps(repeats: int = 25) -> list[Figure]:
    """CPU time of a step of one tile with thermal noise, normal numbers included, against one without."""
    magnet, drive = Magnet(volume=2000.0), Drive(temperature=300.0)
    spin, start = driven(magnet, drive, None), direction(10.0, 0.0)
    legs = spin.legs(np.array([20.0]), noise.PHASE)
    keys = noise.keys(0, np.arange(kernels.LANES))

    def march(strength: float) -> float:
        flock = Flock(spin, start, keys, strength)
        begin = time.thread_time()
        flock.follow(legs, 0, len(legs.counts))
        return (time.thread_time() - begin) / (int(legs.counts.sum()) * kernels.LANES) * 1e9

    strengths = (0.0, noise.diffusion(magnet, drive))
    still, noisy = np.array([[march(one) for one in strengths] for _ in range(repeats + 1)])[1:].min(axis=0)
    what = "RK4 in a tile with a waveform, one core"
    return [Figure(what, "without noise", still, "ns/step"),
            Figure(what, "with noise, times that", noisy / still, "×", 1.5)]


def labels(count: int = 20_000) -> list[Figure]:
    """Cells away from boundaries (2e-4 in τ∥) that a five times finer run labels differently."""
    rng = np.random.default_rng(0)
    tau, q_par = rng.uniform(-0.009, 0.003, count), rng.uniform(0.01, 0.24, count)
    spins = build(MAGNET, Drive(), None, {"drive.tau_par": tau, "magnet.q_par": q_par}, count).spins
    start, duration = starts.fixed(10.0, 0.0, spins), DURATION / spins.unit
    found = [classify(spins, lanes.run(spins, start, duration, lambda: None, phase=phase, tail=tail), duration)[0]
             for phase, tail in ((lanes.TILE_PHASE, kernels.TAIL), (lanes.TILE_PHASE / 5, 5 * kernels.TAIL))]
    edges = -0.01 * np.array([0.25 - q_par / 2, 0.25 + 0 * q_par, 0.25 + q_par])
    away = np.abs(tau - edges).min(axis=0) > 2e-4
    share = 100 * float((found[0] != found[1])[away].mean())
    return [Figure("cells labelled differently", "against a five times finer run", share, "%", 0.1)]


def table() -> Iterator[Figure]:
    """All figures, as they come."""
    yield from measured((plain_kernel, one_trajectory, to_an_error, diagrams, against_cmtj, processor_time,
                         noisy_steps, labels))


if __name__ == "__main__":
    for figure in table():
        print(figure)
