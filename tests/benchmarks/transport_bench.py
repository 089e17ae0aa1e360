"""Speed of the transport engine: `python -m tests.benchmarks.transport_bench`.

The alternatives are what one would write without it: numpy arrays over the same nodes, and scipy's adaptive
cubature. kwant is not run: it has no wheels, and its source did not build with the compilers and Cython of 2026.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import integrate

from smtj_engine.constants import E2_H, HBAR2_2M, PER_A2_IN_PER_UM2
from smtj_engine.parameters import Junction
from smtj_engine.transport import window_kernels
from smtj_engine.transport.barrier import Model, model
from smtj_engine.transport.observables import Angles
from smtj_engine.transport.quadrature import POINT, azimuths, gauss, tailed_gauss
from smtj_engine.transport.sweeps import angular_curve, bias_sweep, transport_point
from tests.benchmarks.measure import Figure, interleaved, measured

Array = NDArray[np.float64]


def transmission(one: Model, x: Array, azimuth: Array, theta: float) -> Array:
    """T(E_F, k∥) of a rectangular barrier at zero bias, written with numpy arrays (physics.md, section 4)."""
    up, down = (np.sqrt((one.fermi + sign * one.exchange) / HBAR2_2M - x + 0j) for sign in (1, -1))
    normal = np.sqrt(one.k_normal_squared - x + 0j)
    kappa = np.sqrt(one.mass * one.height / HBAR2_2M + x)
    slope = -1j * normal * one.mass / kappa
    psi = np.cosh(kappa * one.thickness) + slope * np.sinh(kappa * one.thickness)
    lam = -kappa / one.mass * (np.sinh(kappa * one.thickness) + slope * np.cosh(kappa * one.thickness)) / psi
    flux = normal.real / np.abs(psi) ** 2
    k_mean, delta = (up + down) / 2, (up - down) / 2
    a = lam + 1j * k_mean
    w = one.rashba * np.sqrt(x) / HBAR2_2M
    sw = -np.sin(theta) * w * np.cos(azimuth)
    det = a * a + delta * delta - w * w + 2j * delta * sw
    n0 = np.abs(a) ** 2 + np.abs(delta) ** 2 + w * w + 2 * delta.imag * sw
    sn = 2 * (a.real * delta.imag - a.imag * delta.real) + 2 * a.real * sw
    values: Array = 8 * flux * (k_mean.real * n0 + delta.real * sn) / np.abs(det) ** 2
    return values


def conductances() -> tuple[Callable[[], float], Callable[[], float], Callable[[], float]]:
    """The zero-bias conductance, one integral over k∥: by this program's kernel, by numpy arrays over the same
    nodes, and by scipy's adaptive cubature."""
    one, theta = model(Junction()), np.pi / 4
    edges = sorted({0.0, (one.fermi - one.exchange) / HBAR2_2M, one.k_normal_squared})
    factor = PER_A2_IN_PER_UM2 * E2_H / (2 * np.pi)
    cells = np.array([[one.fermi, one.fermi, POINT, np.nan if lo == 0 else HBAR2_2M * lo - one.fermi,
                       HBAR2_2M * hi - one.fermi, 0, 1, 0, 1] for lo, hi in pairwise(edges)])
    rows, numbers = Angles.degrees(45.0, 0.0).rows, np.array(one.numbers)

    def kernel() -> float:
        out, errors = np.zeros((len(cells), 1, 5)), np.empty((len(cells), 2, 5))
        window_kernels.window(cells, *tailed_gauss(16), *tailed_gauss(16), numbers, 0.0, rows, azimuths(), 1e-5,
                              False, None, out, errors)
        return float(out[:, 0, 1].sum() * factor)

    def arrays() -> float:
        t, weights = gauss(16)
        azimuth = 2 * np.pi * np.arange(16) / 16
        total = 0.0
        for lo, hi in pairwise(edges):
            x = lo + (hi - lo) * np.sin(np.pi * t / 2) ** 2
            wx = (hi - lo) * np.pi / 4 * np.sin(np.pi * t) * weights
            total += float(wx @ transmission(one, x[:, None], azimuth, theta).mean(axis=1))
        return total * factor

    def cubature() -> float:
        total = 0.0
        for lo, hi in pairwise(edges):
            answer = integrate.cubature(lambda z: transmission(one, z[:, 0], z[:, 1], theta), [lo, 0], [hi, np.pi],
                                        rtol=1e-6)
            total += float(answer.estimate) / np.pi / 2
        return total * factor

    return kernel, arrays, cubature


def one_integral(repeats: int = 200) -> list[Figure]:
    """The zero-bias conductance by all three."""
    kernel, arrays, cubature = conductances()
    expected = transport_point(Junction(), 45.0).conductance
    found = interleaved({"kernel": kernel, "numpy": arrays}, repeats)
    found |= interleaved({"cubature": cubature}, 3)
    what, error = "conductance, one integral over k∥", "error {:.0e}"
    values = {"kernel": kernel(), "numpy": arrays(), "cubature": cubature()}
    names = {"kernel": "this program's kernel", "numpy": "numpy batch", "cubature": "scipy cubature"}
    return [Figure(what, f"{names[key]}, {error.format(abs(value / expected - 1))}", found[key] * 1e6, "µs")
            for key, value in values.items()]


def curves(repeats: int = 15) -> list[Figure]:
    """What the window asks for, as a user calls it."""
    junction, bias = Junction(bias=0.8), np.linspace(-1, 1, 101)
    calls = {
        ("one point with the Fermi sea, V = 0.2 V", 1e3, "ms", 0.5):
            lambda: transport_point(Junction(bias=0.2), 45.0),
        ("one point with the Fermi sea, V = 0.8 V", 1e3, "ms", 0.5): lambda: transport_point(junction, 45.0),
        ("angular curve, 181 points, V = 0.8 V", 1e3, "ms", 10.0): lambda: angular_curve(junction),
        ("bias sweep, 101 points with torques", 1e3, "ms", 60.0): lambda: bias_sweep(Junction(), bias=bias),
        ("draft of the angular curve", 1e3, "ms", 5.0): lambda: angular_curve(junction, accuracy="draft"),
        ("draft of the bias sweep", 1e3, "ms", 5.0): lambda: bias_sweep(Junction(), bias=bias, accuracy="draft"),
    }
    found = interleaved({key[0]: call for key, call in calls.items()}, repeats)
    return [Figure(what, "this program", found[what] * scale, unit, target) for what, scale, unit, target in calls]


def matrices(repeats: int = 15) -> list[Figure]:
    """One point where Λ is a matrix, against the scalar path, in processor time: at most four times is the target.

    That of the calling thread: on a busy machine longer calls are the ones that are interrupted, and the process
    has other threads, those of earlier benchmarks.
    """
    junctions = {"scalar": Junction(bias=0.4, dresselhaus=1.0),
                 "bulk Dresselhaus": Junction(bias=0.4, dresselhaus_bulk=3.0),
                 "second magnet": Junction(bias=0.4, rashba=0.0, right_k_up=1.09, right_k_down=0.4),
                 "second magnet, Rashba": Junction(bias=0.4, right_k_up=1.09, right_k_down=0.4)}
    found = interleaved({name: lambda one=one: transport_point(one, 45.0, 10.0)  # type: ignore[misc]
                         for name, one in junctions.items()}, repeats, time.thread_time)
    return [Figure(f"one point, {name}", "times the scalar path", found[name] / found["scalar"], "", 4.0)
            for name in junctions if name != "scalar"]


def table() -> Iterator[Figure]:
    """All figures, as they come."""
    yield from measured((one_integral, curves, matrices))
    yield Figure("kwant: not run (no wheels; its source did not build here)", "", np.nan, "")


if __name__ == "__main__":
    for figure in table():
        print(figure)
