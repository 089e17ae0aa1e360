"""Current, conductance, torques, spin current and interface energy of one junction at a list of angles.

The Fermi sea is integrated along a contour in the upper half of the energy plane with the in-plane wave vector
turned into the lower half plane, where the integrand is smooth (bound states included). The bias window is
integrated over real energies, cell by cell between the channel openings (physics.md, section 4).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from smtj_engine.constants import E2_H, EV_UM2_IN_MJ_M2, HBAR2_2M, PER_A2_IN_PER_UM2
from smtj_engine.transport import kernels
from smtj_engine.transport.barrier import Model
from smtj_engine.transport.quadrature import Cell, adaptive, azimuths, gauss, sin_squared

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Factors of the window's columns: current and conductance (e²/h per area), torques and longitudinal spin
#: current. ∫d²k∥/4π² is (1/2π)∫k dk, hence 1/8π² with the spin current's (1/2)(1/2π).
_WINDOW = PER_A2_IN_PER_UM2 * np.array([E2_H / (2 * np.pi)] * 2 + [1 / (8 * np.pi**2)] * 2
                                       + [-1 / (8 * np.pi**2)])
#: Factors of the sea's columns: T_perp = −∂Ω/∂θ, T_par = −(1/sinθ)∂Ω/∂φ (M is opposite to s), Ω.
_SEA = PER_A2_IN_PER_UM2 / (2 * np.pi**2) * np.array([-1.0, -1.0, EV_UM2_IN_MJ_M2])
#: How far the path of k∥ is turned into the lower half plane of x = k∥² (rad), and its scale in units of the
#: largest Fermi wave vector: measured, the errors of 12 × 24 nodes are then about 1e-8 (see the tests).
_TURN = 1.4
#: f is exactly 0 or 1 this many k_BT away from µ, and panels between these multiples resolve it.
_THERMAL_PANELS = (0.0, 6.0, 16.0, 40.0)


@dataclasses.dataclass(frozen=True)
class Rule:
    """Orders of the integrals: sea (contour × k∥) with its check, cells with their check, and tolerances."""

    sea: tuple[tuple[int, int], ...]
    cell: tuple[int, int]
    tolerance: float
    azimuth: float
    fourier: float


#: accuracy -> rule. The sea tries its pairs of orders until two agree to √tolerance (spectral convergence then
#: puts the second well below the tolerance).
RULES: dict[str, Rule] = {
    "draft": Rule(((6, 12), (8, 16), (16, 32)), (8, 5), 1e-4, 1e-4, 1e-3),
    "normal": Rule(((12, 24), (16, 32), (24, 48), (32, 64), (48, 96), (64, 160)), (16, 11), 1e-9, 1e-6, 1e-8),
    "reference": Rule(((16, 32), (24, 48), (32, 64), (48, 96), (64, 160), (96, 240)), (20, 14), 1e-12, 1e-7, 1e-11),
}


@dataclasses.dataclass(frozen=True)
class Angles:
    """Directions of M as arrays of equal length (rad)."""

    theta: Array
    phi: Array

    @classmethod
    def degrees(cls, theta: object, phi: object) -> Angles:
        """From degrees, broadcast against each other."""
        pair = np.broadcast_arrays(np.radians(np.atleast_1d(np.asarray(theta, float))),
                                   np.radians(np.atleast_1d(np.asarray(phi, float))))
        return cls(pair[0].copy(), pair[1].copy())

    @property
    def rows(self) -> Array:
        """cosθ, sinθ, cosφ, sinφ; on the axis sinθ is exactly 0."""
        sine = np.where(np.isclose(self.theta, np.pi, rtol=0, atol=1e-15), 0.0, np.sin(self.theta))
        return np.array([np.cos(self.theta), sine, np.cos(self.phi), np.sin(self.phi)])


Check = Callable[[], None]


def _no_check() -> None:
    """Nobody wants to stop."""


def window(model: Model, angles: Angles, rule: Rule, check: Check = _no_check) -> Array:
    """What the bias adds: shape (angles, 5).

    Columns: current density (A/µm²), dI/dV (S/µm²), in-plane and perpendicular torque beyond the sea at µ_N
    (eV/µm²), spin current along M (eV/µm²).
    """
    numbers, rows = np.array(model.numbers), angles.rows

    def evaluate(cell: Cell, order_e: int, order_x: int) -> Array:
        check()
        out = np.zeros((rows.shape[1], 5))
        e, weights = cell.energies(order_e)
        both, edge = _fermi_weights(model, e, weights, cell.point)
        fractions, weights_x = sin_squared(order_x, *cell.part[2:])
        kernels.window(e, both, edge, cell.lo, cell.hi, fractions, weights_x, numbers, rows, azimuths(),
                       rule.azimuth, out)
        return out

    cells = list(_cells(model))
    if not cells:
        return np.zeros((rows.shape[1], 5))
    return adaptive(cells, evaluate, *rule.cell, rule.tolerance) * _WINDOW


def _fermi_weights(model: Model, e: Array, weights: Array, point: bool) -> tuple[Array, Array]:
    """Weights times f_F − f_N, and times −f_N' (the edge of the window, which moves with V)."""
    if point:
        return np.zeros_like(e), weights
    if model.thermal == 0:
        return weights * np.sign(model.bias), np.zeros_like(e)
    at_f = np.abs(e - model.fermi) / (2 * model.thermal)
    at_n = np.abs(e - model.mu_n) / (2 * model.thermal)
    half_f, half_n = np.exp(-at_f), np.exp(-at_n)  # 1/(2 cosh) without overflow
    v = abs(model.bias) / (2 * model.thermal)
    # f_F − f_N = sinh(V/2kT)/(2 cosh cosh): exact for small V, where the difference of two f is not
    grow = np.exp(np.minimum(v - at_f - at_n, 0.0)) * -np.expm1(-2 * v)
    difference = np.sign(model.bias) * grow / ((1 + half_f**2) * (1 + half_n**2))
    return weights * difference, weights * (half_n / (1 + half_n**2)) ** 2 / model.thermal


def _cells(model: Model) -> Iterator[Cell]:
    """The window's panels between Fermi levels and band bottoms, times the intervals between openings."""
    bottoms = [-opening for opening in model.openings]
    lowest = -model.exchange  # below it nothing is incident from F
    if model.thermal == 0:
        ends = sorted((model.fermi, model.mu_n))
        yield from _strips(model, model.mu_n, model.mu_n, False)
    else:
        steps = [sign * step * model.thermal for step in _THERMAL_PANELS for sign in (1, -1)]
        ends = sorted({mu + step for mu in (model.fermi, model.mu_n) for step in steps} | _thermionic(model))
    inside = [bottom for bottom in bottoms if ends[0] < bottom < ends[-1]]
    for first, last in pairwise(sorted({*ends, *inside})):
        if last > lowest and last - first > 1e-14:
            yield from _strips(model, first, last, first in inside or last in inside)


def _thermionic(model: Model) -> set[float]:
    """Panels up to the barrier's top, where hot electrons may outweigh those that tunnel."""
    top = model.fermi + model.height + max(0.0, -model.bias)
    decay = 2 * model.thickness * np.sqrt(model.mass * model.height / HBAR2_2M)
    if model.height / model.thermal > decay + 40:
        return set()
    last = max(model.fermi, model.mu_n) + 40 * model.thermal
    count = int(np.ceil(max(0.0, top + 40 * model.thermal - last) / (20 * model.thermal)))
    return {last + 20 * model.thermal * (i + 1) for i in range(count)}


def _strips(model: Model, first: float, last: float, curved: bool) -> Iterator[Cell]:
    """The cells of one energy panel: x between the openings, up to that of the majority channel."""
    middle = (first + last) / 2
    if middle + model.exchange <= 0:
        return
    lo = np.nan
    for hi in sorted(opening for opening in model.openings if opening <= model.exchange):
        if middle + hi > 0:
            if hi > lo or np.isnan(lo):
                yield Cell(first, last, curved, lo, hi)
            lo = hi


def sea(model: Model, angles: Angles, rule: Rule, check: Check = _no_check) -> tuple[Array, list[str]]:
    """The Fermi sea filled to µ_N: shape (angles, 3), and sentences on bound states.

    Columns: perpendicular and in-plane torque (eV/µm²), energy Ω(θ, φ) − Ω(0) (mJ/m²).
    """
    numbers, rows = np.array(model.numbers), angles.rows
    notes = bound_states(model, float(np.abs(rows[1]).max()))
    start = _contour_start(model)
    before: Array | None = None
    total = np.zeros((rows.shape[1], 3))
    for order_e, order_k in rule.sea:
        total = np.zeros((rows.shape[1], 3))
        for e, weights in _contours(model, start, order_e):
            check()
            _add_sea(model, e, weights, order_k, numbers, rows, rule, total)
        if before is not None and _agree(total, before, rule.tolerance):
            break
        before = total
    return total * _SEA, notes


def _agree(total: Array, before: Array, tolerance: float) -> bool:
    """Whether two orders agree well enough that the higher one meets the tolerance."""
    scale = np.abs(total).max(axis=0)
    scale[:2] = scale[:2].max()
    return bool(np.all(np.abs(total - before).max(axis=0) <= tolerance ** (2 / 3) * scale + 1e-300))


def _add_sea(model: Model, e: Complex, weights: Complex, order: int, numbers: Array, rows: Array, rule: Rule,
             total: Array) -> None:
    """One contour times the turned path k = k₀u/(1−u)·exp(−i·turn/2), in the kernel's terms."""
    u, weights_u = gauss(order)
    turned = _scale(model) * np.exp(-0.5j * _TURN)
    k = turned * u / (1 - u)
    x, weights_x = k * k, k * turned / (1 - u) ** 2 * weights_u
    kernels.sea(*_parts(e), *_parts(weights), *_parts(x), *_parts(weights_x), numbers, rows, azimuths(),
                rule.azimuth, total)


def _parts(values: Complex) -> tuple[Array, Array]:
    return np.ascontiguousarray(values.real), np.ascontiguousarray(values.imag)


def _depth(model: Model) -> float:
    """From the lowest band bottom to µ_N (eV), at least 0.3 eV: the natural size of the contour."""
    return max(model.mu_n - min(-opening for opening in model.openings), 0.3)


def _scale(model: Model) -> float:
    return float(np.sqrt(_depth(model) / HBAR2_2M))


def _contours(model: Model, start: float, order: int) -> Iterator[tuple[Complex, Complex]]:
    """Energies and weights: the half circle from below all states to µ_N, then at T > 0 what f changes."""
    s, weights = gauss(order)
    u, du = np.pi * (1 - (1 - s) ** 2), 2 * np.pi * (1 - s) * weights
    radius = (model.mu_n - start) / 2
    arm = radius * np.exp(1j * (np.pi - u))
    yield (model.mu_n + start) / 2 + arm, -1j * arm * du
    if model.thermal > 0:
        for first, last in pairwise(_thermal_breaks(model)):
            curved = not {first, last}.isdisjoint(-opening for opening in model.openings)
            nodes, weights = Cell(first, last, curved, np.nan, 0.0).energies(order)
            step = 1 / (1 + np.exp(np.abs(nodes - model.mu_n) / model.thermal))
            yield nodes + 0j, weights * np.where(nodes < model.mu_n, -step, step) + 0j


def _thermal_breaks(model: Model) -> list[float]:
    """Multiples of k_BT about µ_N, and the band bottoms among them, where the integrand has a root."""
    ends = {model.mu_n + sign * step * model.thermal for step in _THERMAL_PANELS for sign in (1, -1)}
    low, high = min(ends), max(ends)
    return sorted(ends | {-opening for opening in model.openings if low < -opening < high})


def _contour_start(model: Model) -> float:
    """A real energy below every band bottom and every bound state."""
    lowest = min(min(-opening for opening in model.openings), model.mu_n)
    depth = _depth(model)
    start = lowest - 0.3 * depth
    while _margins(model, 1.0, start).max() > 0:
        depth *= 2
        start = lowest - 0.3 * depth
    return start


def _margins(model: Model, sine: float, highest: float) -> Array:
    """Largest eigenvalue of Λ + iK − W over k∥ at the continuum's edge, or at `highest` where that is lower."""
    u = (np.arange(60) + 0.5) / 60
    x = (2 * _scale(model) * u / (1 - u)) ** 2
    edge = HBAR2_2M * x + min(-opening for opening in model.openings)
    out = np.empty_like(x)
    kernels.bound_margin(np.minimum(edge, highest), x, np.array(model.numbers), sine, out)
    return out


def bound_states(model: Model, sine: float) -> list[str]:
    """Sentences on interface states under the continuum that are, or may be, filled (physics.md, section 4).

    sine: the largest |sinθ| asked for.
    """
    highest, lowest = max(model.fermi, model.mu_n), min(model.fermi, model.mu_n)
    filled = _margins(model, sine, highest + 10 * model.thermal) > 0
    if not filled.any():
        return []
    notes = ["bound_states: the interface binds electrons below the continuum; the Fermi sea is integrated along "
             "a contour that includes them, and the current is not affected"]
    if model.bias != 0 and np.any(filled & (_margins(model, sine, lowest - 10 * model.thermal) <= 0)):
        notes.append("bound_states: some lie between the two Fermi levels, where their filling is undefined; "
                     "they are counted as filled up to the normal metal's")
    return notes
