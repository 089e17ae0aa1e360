"""Current, conductance, torques, spin current and interface energy of one junction at a list of angles.

The Fermi sea is integrated along a contour in the upper half of the energy plane with the in-plane wave vector
turned into the lower half plane, where the integrand is smooth (bound states included). The bias window is
integrated over real energies, cell by cell between the channel openings (physics.md, section 4).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smtj_engine.constants import E2_H, HBAR2_2M, PER_A2_IN_PER_UM2
from smtj_engine.transport import kernels, matrix_kernels, matrix_sea_kernels, window_kernels
from smtj_engine.transport.barrier import Model
from smtj_engine.transport.quadrature import (
    CELL,
    POINT,
    ROOT_FIRST,
    ROOT_LAST,
    adaptive,
    azimuths,
    estimated,
    gauss,
    panel,
    tailed_gauss,
)

Array = NDArray[np.float64]
Complex = NDArray[np.complexfloating[Any, Any]]

#: Factors of the window's columns: current and conductance (e²/h per area), torques and longitudinal spin
#: current. ∫d²k∥/4π² is (1/2π)∫k dk, hence 1/8π² with the spin current's (1/2)(1/2π).
_WINDOW = PER_A2_IN_PER_UM2 * np.array([E2_H / (2 * np.pi)] * 2 + [1 / (8 * np.pi**2)] * 2
                                       + [-1 / (8 * np.pi**2)])
#: Factor of the sea's columns: T_perp = −∂Ω/∂θ and T_par = −(1/sinθ)∂Ω/∂φ (M is opposite to s).
_SEA = -PER_A2_IN_PER_UM2 / (2 * np.pi**2)
#: How far the path of k∥² is turned into its lower half plane (rad); with bound states half of it is left at this
#: distance from µ, in units of the contour's size.
_TURN, _STRAIGHT = 1.4, 0.3
#: f is exactly 0 or 1 this many k_BT away from µ, and panels between these multiples resolve it.
_THERMAL_PANELS = (0.0, 6.0, 16.0, 40.0)
#: Cells in one kernel call: even 10 nm of barrier then stay below some milliseconds.
_BATCH = 8
#: The most cells for the waves of F with an interface state among them.
_FEWER_CELLS = 1000
#: An eigenvalue of Λ + iK − W (1/Å) above this makes a resonance.
_NEARLY_BOUND = -0.05


@dataclasses.dataclass(frozen=True)
class Rule:
    """How finely to integrate.

    sea: the contour's first order (half as much again in front of a magnet; k∥ has twice as many nodes, with γ six
    times; all double until two agree to √sea_tolerance, as spectral convergence squares errors); window: nodes of
    a cell in energy and x; missed: what they may miss by their own estimate; cell: order of a cell and its check
    where there is no estimate, tolerance: of these two; azimuth: the root of what azimuths may miss; fourier: of a
    curve's series.
    """

    sea: int
    sea_tolerance: float
    window: tuple[int, int]
    missed: float
    cell: tuple[int, int]
    tolerance: float
    azimuth: float
    fourier: float


#: accuracy -> rule. The sea is finer than the rest because T_perp(V) − T_perp(0) is a small difference.
RULES: dict[str, Rule] = {
    "draft": Rule(4, 1e-6, (6, 16), 1e-4, (8, 5), 1e-4, 1e-4, 1e-3),
    "normal": Rule(8, 1e-10, (12, 24), 1e-9, (16, 11), 1e-10, 3e-6, 1e-8),
    "reference": Rule(12, 1e-12, (16, 32), 1e-11, (20, 14), 1e-11, 1e-7, 1e-11),
}
#: What rounding leaves of a sum over the sea whose terms cancel, relative to the sum of their sizes (measured: a
#: tenth of it; opposite azimuths cancel almost exactly).
_ROUNDED = 3e-17
#: The last order of the sea is at least this: 96 × 192 nodes resolve every junction in the tests.
_LAST_ORDER = 96


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

    @functools.cached_property
    def rows(self) -> Array:
        """cosθ, sinθ, cosφ, sinφ; on the axis sinθ is exactly 0."""
        sine = np.where(self.theta == np.pi, 0.0, np.sin(self.theta))
        return np.array([np.cos(self.theta), sine, np.cos(self.phi), np.sin(self.phi)])


Check = Callable[[], None]


def _no_check() -> None:
    """Nobody wants to stop."""


def _kernels(model: Model) -> ModuleType:
    """The kernels of a junction: scalar Λ, or matrices."""
    return matrix_sea_kernels if model.matrix else kernels


def solve(model: Model, angles: Angles, rule: Rule, check: Check = _no_check) -> tuple[Array, list[str]]:
    """Everything at every direction: shape (angles, 5), and sentences for the user.

    Columns: current density (A/µm²), dI/dV (S/µm²), in-plane and perpendicular torque (eV/µm²), spin current
    along M (eV/µm²). Raises what check raises, between two kernel calls.
    """
    sine = float(np.abs(angles.rows[1]).max())
    if model.bulk:
        return _solve_with_bulk(model, angles, rule, sine, check)
    notes, between = bound_states(model, sine)
    from_f = (model.bias > 0 and between) or _leaks_to_normal(model, sine)
    columns = _window(model, angles, rule, from_f, check)
    mu = model.mu_n if from_f else model.fermi
    columns[:, [3, 2]] += sea(model, mu, angles, rule, check, bound=bool(notes))
    return columns, notes


def _solve_with_bulk(model: Model, angles: Angles, rule: Rule, sine: float,
                     check: Check) -> tuple[Array, list[str]]:
    """The same with γ: where it lets the interface bind electrons among the k∥ in use, the torque is NaN."""
    from_f = _leaks_to_normal(model, sine)
    columns = _window(model, angles, rule, from_f, check)
    if math.isnan(_end_of_path(model)):
        columns[:, 2:4] = np.nan
        return columns, ["bound_states: with this α_R, β and γ the interface binds electrons up to the k∥ where "
                         "γ turns the barrier's mass negative; the Fermi sea, and with it the torque, is not "
                         "defined. The current is not affected"]
    columns[:, [3, 2]] += sea(model, model.mu_n if from_f else model.fermi, angles, rule, check)
    return columns, []


@functools.lru_cache(maxsize=256)
def _end_of_path(model: Model) -> float:
    """A k∥ between the last wave and the pole of 1/m±, with no interface state bound before it; NaN: none.

    Near the pole one spin has no kinetic energy in the barrier, so that with α states are always bound there. They
    belong to the model's failure, not to the junction: k∥ beyond those of the waves are left out.
    """
    highest = max(model.fermi, model.mu_n) + 10 * model.thermal
    last = model.widest(max(model.fermi, model.mu_n) + 40 * model.thermal)
    end = last + min(0.5 * (model.bulk_limit - last), last)
    k = np.concatenate([last * (np.arange(40) + 0.5) / 40, np.linspace(last, end, 41)])
    edge = HBAR2_2M * k * k + min(-opening for opening in model.openings)
    out = np.empty_like(k)
    matrix_sea_kernels.bound_margin(np.minimum(edge, highest), k * k, np.array(model.numbers), 1.0, out)
    first = float(min(k[out > 0], default=end))
    if first < 1.02 * last:
        return math.nan
    return end if first == end else last + 0.8 * (first - last)


def _leaks_to_normal(model: Model, sine: float) -> bool:
    """Whether an interface state that F binds lies among the channels of N.

    Its resonance in the waves of N may be too sharp to integrate; those of F then carry the window. It is bound
    most where the last channel of F opens, which the samples approach as squares.
    """
    normal, up = model.opening_right, model.exchange
    if normal <= up or model.bias == 0:
        return False
    e = np.linspace(min(model.fermi, model.mu_n), max(model.fermi, model.mu_n) + 10 * model.thermal, 9)[:, None]
    x = (e + up + (normal - up) * ((np.arange(16) + 0.5) / 16) ** 2) / HBAR2_2M
    inside = x > 0
    out = np.empty(int(inside.sum()))
    _kernels(model).bound_margin(np.broadcast_to(e, x.shape)[inside], x[inside], np.array(model.numbers), sine,
                                 out)
    return bool(np.any(out > _NEARLY_BOUND))


def _window(model: Model, angles: Angles, rule: Rule, from_f: bool, check: Check) -> Array:
    """What the bias adds to a sea filled to µ_F, or (from_f) to µ_N: the columns of solve."""
    numbers, rows = np.array(model.numbers), angles.rows
    room = matrix_kernels.workspace(rows.shape[1]) if model.matrix else None

    def both(cells: Array, order_e: int, order_x: int) -> tuple[Array, Array]:
        rules = *tailed_gauss(order_e), *tailed_gauss(order_x)
        out, errors = np.zeros((len(cells), rows.shape[1], 5)), np.empty((len(cells), 2, 5))
        for first in range(0, len(cells), _BATCH):
            check()
            part = slice(first, first + _BATCH)
            window_kernels.window(cells[part], *rules, numbers, model.thermal, rows, azimuths(), rule.azimuth,
                                  from_f, room, out[part], errors[part])
        return out, errors

    cells = np.array(list(window_cells(model, from_f)), dtype=float).reshape(-1, CELL)
    if not len(cells):
        return np.zeros((rows.shape[1], 5))
    if not from_f:
        return estimated(cells, lambda cells: both(cells, *rule.window), rule.missed) * _WINDOW
    # A resonance among F's waves may be too sharp for an estimate by one rule's nodes; edges split without end.
    return adaptive(cells, lambda cells, order_e, order_x: both(cells, order_e, order_x)[0], *rule.cell,
                    rule.tolerance, _FEWER_CELLS) * _WINDOW


def window_cells(model: Model, from_f: bool) -> Iterator[tuple[float, ...]]:
    """The window's panels between Fermi levels and band bottoms, times the intervals between openings."""
    bottoms = {-opening for opening in model.openings}
    if model.thermal == 0:
        ends = sorted((model.fermi, model.mu_n))
        yield from _strips(model, model.mu_n, model.mu_n, POINT, from_f)
    else:
        steps = [sign * step * model.thermal for step in _THERMAL_PANELS for sign in (1, -1)]
        ends = sorted({mu + step for mu in (model.fermi, model.mu_n) for step in steps} | _thermionic(model))
    for first, last in pairwise(sorted({*ends, *(bottom for bottom in bottoms if ends[0] < bottom < ends[-1])})):
        if last - first > 1e-14:
            yield from _strips(model, first, last, _ends(first, last, bottoms), from_f)


def _ends(first: float, last: float, bottoms: set[float]) -> int:
    """Which ends of a panel are band bottoms."""
    return (ROOT_FIRST if first in bottoms else 0) + (ROOT_LAST if last in bottoms else 0)


def _thermionic(model: Model) -> set[float]:
    """Panels up to the barrier's top, where hot electrons may outweigh those that tunnel."""
    top = model.fermi + model.height + max(0.0, -model.bias)
    decay = 2 * model.thickness * np.sqrt(model.mass * model.height / HBAR2_2M)
    if model.height / model.thermal > decay + 40:
        return set()
    last = max(model.fermi, model.mu_n) + 40 * model.thermal
    count = int(np.ceil(max(0.0, top + 40 * model.thermal - last) / (20 * model.thermal)))
    return {last + 20 * model.thermal * (i + 1) for i in range(count)}


def _strips(model: Model, first: float, last: float, ends: int, from_f: bool) -> Iterator[tuple[float, ...]]:
    """The cells of one energy panel: x between the openings, up to the last channel that brings waves.

    Where nothing but the conductance is asked for, waves that one electrode reflects are left out: at a state that
    F binds among the channels of N their nothing is 0/0.
    """
    middle = (first + last) / 2
    normal, up = model.opening_right, model.exchange
    most = min(normal, up) if ends == POINT or model.bias == 0 else up if from_f else normal
    lo = np.nan
    for hi in sorted(set(model.openings)):
        if middle + hi > 0 and hi <= most:
            yield first, last, ends, lo, hi, 0.0, 1.0, 0.0, 1.0
            lo = hi


def sea(model: Model, mu: float, angles: Angles, rule: Rule, check: Check = _no_check, *,
        bound: bool = False) -> Array:
    """The Fermi sea filled to µ: perpendicular and in-plane torque (eV/µm²), shape (angles, 2).

    It is the gradient of the energy Ω (physics.md, section 4). bound: the interface binds states.
    """
    numbers, rows = np.array(model.numbers), angles.rows
    start = contour_start(model, mu, bound)
    order, before = rule.sea, np.full((rows.shape[1], 3), np.inf)
    while True:
        total = np.zeros((rows.shape[1], 3))
        # two magnets see each other by electrons near µ: what is sharper is sharper in energy
        for e, weights in contours(model, mu, start, order if model.right_exchange == 0 else 3 * order // 2):
            check()
            _add_sea(model, mu, e, weights, 2 * order, numbers, rows, rule, bound, total)
        if order >= _LAST_ORDER or _agree(total, before, rule.sea_tolerance):
            return total[:, :2] * _SEA
        order, before = 2 * order, total


def _agree(total: Array, before: Array, tolerance: float) -> bool:
    """Whether two orders agree well enough that the higher one meets the tolerance.

    Along an axis the torque is zero only by rounded sums: what their terms add up to, the third column, has its
    part in what they may miss.
    """
    change = np.abs(total - before)[:, :2].max()
    return bool(change <= tolerance ** 0.5 * np.abs(total[:, :2]).max() + _ROUNDED * total[:, 2].max())


def _add_sea(model: Model, mu: float, e: Complex, weights: Complex, order: int, numbers: Array, rows: Array,
             rule: Rule, bound: bool, total: Array) -> None:
    """One contour times its paths of k∥."""
    turn, k, weights_k = paths(model, mu, e, order, bound)
    if model.matrix:
        k, weights_k = k + 0j, weights_k + 0j
    _kernels(model).sea(e, weights, turn, k, weights_k, numbers, rows, azimuths(), rule.azimuth, total)


def paths(model: Model, mu: float, e: Complex, order: int,
          bound: bool) -> tuple[Complex, Array | Complex, Array | Complex]:
    """The turned paths k = k₀u/(1−u)·exp(−i·turn/2): a factor for each energy, nodes and weights of k∥.

    The path passes below the openings and the rising bands of interface states, where the integrand is smooth.
    Bands may also fall with k∥: with bound states the path is straight far from µ, so that none is crossed.
    """
    if model.bulk:
        return np.ones(len(e), dtype=complex), *_finite_path(model, order)
    turn = np.full(len(e), _TURN)
    if bound:
        turn /= 1 + (np.where(e.imag > 0, np.abs(e - mu), 0.0) / (_STRAIGHT * _depth(model, mu))) ** 2
    u, weights_u = gauss(order)
    scale = _scale(model, mu)
    return np.exp(-0.5j * turn), scale * u / (1 - u), scale / (1 - u) ** 2 * weights_u


def _finite_path(model: Model, order: int) -> tuple[Complex, Complex]:
    """k∥ from 0, below the openings, to a real end between the last wave at µ and the pole of 1/m± that γ makes.

    On the real axis beyond the last wave the contour of E encloses nothing, so the end does not matter; beyond
    the pole the model has negative masses. The path is less turned than others, and needs more nodes.
    """
    x = _end_of_path(model) ** 2
    u, weights = gauss(3 * order)
    k = np.sqrt(x * (u - 1j * u * (1 - u)))
    return k, x * (1 - 1j * (1 - 2 * u)) / (2 * k) * weights


def _depth(model: Model, mu: float) -> float:
    """From the lowest band bottom to µ (eV), at least 0.3 eV: the natural size of the contour."""
    return max(mu - min(-opening for opening in model.openings), 0.3)


def _scale(model: Model, mu: float) -> float:
    """The wave vector (1/Å) that belongs to that energy."""
    return float(np.sqrt(_depth(model, mu) / HBAR2_2M))


def contours(model: Model, mu: float, start: float, order: int) -> Iterator[tuple[Complex, Complex]]:
    """Energies and weights: the half circle from below all states to µ, then at T > 0 what f changes."""
    s, weights = gauss(order)
    u, du = np.pi * (1 - (1 - s) ** 2), 2 * np.pi * (1 - s) * weights
    radius = (mu - start) / 2
    arm = radius * np.exp(1j * (np.pi - u))
    yield (mu + start) / 2 + arm, -1j * arm * du
    if model.thermal > 0:
        bottoms = {-opening for opening in model.openings}
        for first, last in pairwise(_thermal_breaks(model, mu)):
            nodes, weights = panel(first, last, _ends(first, last, bottoms), order)
            step = 1 / (1 + np.exp(np.abs(nodes - mu) / model.thermal))
            yield nodes + 0j, weights * np.where(nodes < mu, -step, step) + 0j


def _thermal_breaks(model: Model, mu: float) -> list[float]:
    """Multiples of k_BT about µ, and the band bottoms among them, where the integrand has a root."""
    ends = {mu + sign * step * model.thermal for step in _THERMAL_PANELS for sign in (1, -1)}
    low, high = min(ends), max(ends)
    return sorted(ends | {-opening for opening in model.openings if low < -opening < high})


def contour_start(model: Model, mu: float, bound: bool) -> float:
    """A real energy below every band bottom and every bound state, if there are any."""
    lowest = min(min(-opening for opening in model.openings), mu)
    depth = _depth(model, mu)
    start = lowest - 0.3 * depth
    while bound and _margins(model, 1.0, start).max() > 0:
        depth *= 2
        start = lowest - 0.3 * depth
    return start


def _margins(model: Model, sine: float, highest: float) -> Array:
    """Largest eigenvalue of Λ + iK − W over k∥ at the continuum's edge, or at `highest` where that is lower."""
    u = (np.arange(60) + 0.5) / 60
    x = (2 * _scale(model, model.fermi) * u / (1 - u)) ** 2
    edge = HBAR2_2M * x + min(-opening for opening in model.openings)
    out = np.empty_like(x)
    _kernels(model).bound_margin(np.minimum(edge, highest), x, np.array(model.numbers), sine, out)
    return out


def bound_states(model: Model, sine: float) -> tuple[list[str], bool]:
    """Sentences on interface states under the continuum that are, or may be, filled; and whether some lie
    between the Fermi levels (physics.md, section 4). sine: the largest |sinθ| asked for."""
    highest, lowest = max(model.fermi, model.mu_n), min(model.fermi, model.mu_n)
    filled = _margins(model, sine, highest + 10 * model.thermal) > 0
    if not filled.any():
        return [], False
    notes = ["bound_states: the interface binds electrons below the continuum; the Fermi sea is integrated along "
             "a contour that includes them, and the current is not affected"]
    between = model.bias != 0 and bool(np.any(filled & (_margins(model, sine, lowest - 10 * model.thermal) <= 0)))
    if between:
        notes.append("bound_states: some lie between the two Fermi levels, where their filling is undefined; "
                     "they are counted as filled up to the lower one")
    return notes, between
