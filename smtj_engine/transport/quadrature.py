"""Nodes and weights that converge spectrally, and cells that split until two orders agree.

The in-plane wave vector enters as x = k∥². Between two channel openings x = x₁ + (x₂ − x₁)sin²(πt/2) removes the
square roots at both ends (physics.md, section 4), so Gauss-Legendre in t converges fast.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: Gives up splitting here and keeps what it has: only hot electrons over thick barriers come this far.
MOST_CELLS = 6000
#: Of more cells each may err less, so that the sum stays within the tolerance.
FEW_CELLS = 8
#: An error smaller than this part of the first observable (the current) is rounding noise, not worth a split.
NOISE = 1e-14

#: A cell is a piece of the (energy, x) plane, a row of these columns: the energy panel; which of its ends is a
#: band bottom, where a square root must be removed (LINEAR, ROOT_FIRST, ROOT_LAST, ROOT_BOTH), or that it is a
#: single energy (POINT: the edge term of the conductance); x between the openings (e + LO)/A (NaN: 0) and
#: (e + HI)/A; and the part [S1, S2] × [T1, T2] of the unit square that the panel and the interval map to.
FIRST, LAST, ENDS, LO, HI, S1, S2, T1, T2, CELL = range(10)
LINEAR, ROOT_FIRST, ROOT_LAST, ROOT_BOTH, POINT = range(5)


@functools.cache
def gauss(n: int) -> tuple[Array, Array]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return (nodes + 1) / 2, weights / 2


@functools.cache
def tailed_gauss(n: int) -> tuple[Array, Array, Array]:
    """The same, and rows (4, n) that take the Gauss terms of an integrand to its Legendre coefficients n/2 − 1,
    n/2, n − 2, n − 1: how they fall tells what the rule misses."""
    nodes, weights = gauss(n)
    orders = np.array([n // 2 - 1, n // 2, n - 2, n - 1])
    polynomials = np.polynomial.legendre.legvander(2 * nodes - 1, n - 1)
    return nodes, weights, np.ascontiguousarray((2 * orders + 1)[:, None] * polynomials.T[orders])


@functools.cache
def azimuths() -> Array:
    """cos and sin of n equidistant azimuths at columns n to 2n − 1, for n = 8, 16, … 1024."""
    table = np.zeros((2, 2048))
    n = 8
    while n <= 1024:
        angle = 2 * np.pi * np.arange(n) / n
        table[:, n:2 * n] = np.cos(angle), np.sin(angle)
        n *= 2
    return table


def panel(first: float, last: float, ends: int, order: int) -> tuple[Array, Array]:
    """Nodes and weights on [first, last] with square roots removed at the given ends."""
    s, weights = gauss(order)
    if ends == ROOT_FIRST:
        s, weights = s * s, 2 * s * weights
    elif ends == ROOT_LAST:
        s, weights = 1 - (1 - s) ** 2, 2 * (1 - s) * weights
    elif ends == ROOT_BOTH:
        s, weights = np.sin(np.pi * s / 2) ** 2, np.pi / 2 * np.sin(np.pi * s) * weights
    return first + (last - first) * s, (last - first) * weights


#: evaluate(cells, energy order, x order) -> values (cells, angles, observables)
Evaluate = Callable[[Array, int, int], Array]


def adaptive(cells: Array, evaluate: Evaluate, order: int, lower: int, tolerance: float,
             most: int = MOST_CELLS) -> Array:
    """Sum over the cells, each split until the rule of order `order` and that of order `lower` agree.

    The two rules' difference measures the lower one's error; with spectral convergence the higher one's is that
    to the power order/lower, which `tolerance` (relative to the sum of the cells' sizes, for each observable)
    bounds. Returns (angles, observables); raises whatever evaluate raises (Cancelled between two calls).
    """
    limit = tolerance ** (lower / order)
    total: Array = np.zeros(1)
    size: Array = np.zeros(1)
    count = 0
    while len(cells):
        values = evaluate(cells, order, order)
        error = np.abs(values - evaluate(cells, lower, lower)).max(axis=1)
        scale = size + np.abs(values).max(axis=1).sum(axis=0)
        count += len(cells)
        share = np.maximum(limit / max(1.0, count / FEW_CELLS) * scale, NOISE * scale[0] + 1e-300)
        rough = (error > share).any(axis=1) & (count < most)
        total = total + values[~rough].sum(axis=0)
        size = size + np.abs(values[~rough]).max(axis=1).sum(axis=0)
        cells = _split(cells[rough], values[rough], evaluate, order, lower, share)
    return total


#: estimate(cells) -> values (cells, angles, observables), errors of the rules in energy and x (cells, 2,
#: observables)
Estimate = Callable[[Array], tuple[Array, Array]]


def estimated(cells: Array, estimate: Estimate, tolerance: float, most: int = MOST_CELLS) -> Array:
    """Sum over the cells, each halved until what its rules may miss is below the tolerance, as in `adaptive`.

    Returns (angles, observables); raises whatever estimate raises (Cancelled between two calls).
    """
    total: Array = np.zeros(1)
    size: Array = np.zeros(1)
    count = 0
    while len(cells):
        values, errors = estimate(cells)
        largest = np.abs(values).max(axis=1)
        scale = size + largest.sum(axis=0)
        count += len(cells)
        share = np.maximum(tolerance / max(1.0, count / FEW_CELLS) * scale, NOISE * scale[0] + 1e-290)
        worst = (errors / share).max(axis=2)
        rough = (worst.sum(axis=1) > 1.0) & (count < most)
        if not rough.any():
            return np.asarray(total + values.sum(axis=0))
        total = total + values[~rough].sum(axis=0)
        size = size + largest[~rough].sum(axis=0)
        cells = _halves(cells[rough], worst[rough, 1] >= worst[rough, 0])
    return total


def _split(cells: Array, values: Array, evaluate: Evaluate, order: int, lower: int, share: Array) -> Array:
    """Two halves of each cell, along the direction in which a lower order costs more."""
    if not len(cells):
        return cells
    in_x = (np.abs(values - evaluate(cells, order, lower)).max(axis=1) / share).max(axis=1)
    in_e = (np.abs(values - evaluate(cells, lower, order)).max(axis=1) / share).max(axis=1)
    return _halves(cells, in_x >= in_e)


def _halves(cells: Array, along_x: NDArray[np.bool_]) -> Array:
    """Two halves of each cell, along x or else along the energy."""
    along_x = along_x | (cells[:, ENDS] == POINT)
    left, right = cells.copy(), cells.copy()
    rows = np.arange(len(cells))
    low = np.where(along_x, T1, S1)
    middle = (cells[rows, low] + cells[rows, low + 1]) / 2
    left[rows, low + 1] = middle
    right[rows, low] = middle
    return np.concatenate([left, right])
