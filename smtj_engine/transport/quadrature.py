"""Nodes and weights that converge spectrally, and cells that split until two orders agree.

The in-plane wave vector enters as x = k∥². Between two channel openings x = x₁ + (x₂ − x₁)sin²(πt/2) removes the
square roots at both ends (physics.md, section 4), so Gauss-Legendre in t converges fast.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: Gives up splitting here and keeps what it has: far more than any junction in the tests needs.
MOST_CELLS = 4000
#: An observable smaller than this part of the first one (the current) is rounding noise, not worth a split.
NOISE = 1e-12


@functools.cache
def gauss(n: int) -> tuple[Array, Array]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return (nodes + 1) / 2, weights / 2


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


def sin_squared(n: int, first: float = 0.0, last: float = 1.0) -> tuple[Array, Array]:
    """Fractions sin²(πt/2) of an interval and their weights, t in [first, last]."""
    nodes, weights = gauss(n)
    t = first + (last - first) * nodes
    return np.sin(np.pi * t / 2) ** 2, np.pi / 2 * np.sin(np.pi * t) * (last - first) * weights


@dataclasses.dataclass(frozen=True)
class Cell:
    """A piece of the (energy, x) plane: an energy panel, two channel openings and a part of the unit square.

    x lies between the openings of the channels (e + lo)/A and (e + hi)/A (lo NaN: from 0). curved: the panel ends
    at a band bottom, where sin² removes the root; a panel of no width is a single energy, for the edge term of
    the conductance.
    """

    first: float
    last: float
    curved: bool
    lo: float
    hi: float
    part: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)

    @property
    def point(self) -> bool:
        """Whether the cell is a single energy."""
        return self.first == self.last

    def energies(self, n: int) -> tuple[Array, Array]:
        """Energy nodes and weights."""
        if self.point:
            return np.array([self.first]), np.array([1.0])
        low, high = self.part[:2]
        if self.curved:
            fractions, weights = sin_squared(n, low, high)
        else:
            nodes, weights = gauss(n)
            fractions, weights = low + (high - low) * nodes, (high - low) * weights
        return self.first + (self.last - self.first) * fractions, (self.last - self.first) * weights

    def split(self, along_x: bool) -> tuple[Cell, Cell]:
        """Two halves, along x or along the energy."""
        a, b, c, d = self.part
        if along_x:
            middle = (c + d) / 2
            parts = (a, b, c, middle), (a, b, middle, d)
        else:
            middle = (a + b) / 2
            parts = (a, middle, c, d), (middle, b, c, d)
        return dataclasses.replace(self, part=parts[0]), dataclasses.replace(self, part=parts[1])


#: evaluate(cell, energy order, x order) -> values (angles, observables)
Evaluate = Callable[[Cell, int, int], Array]


def adaptive(cells: Sequence[Cell], evaluate: Evaluate, order: int, lower: int, tolerance: float) -> Array:
    """Sum of the cells, each split until the rule of order `order` and that of order `lower` agree.

    The two rules' difference measures the lower one's error; with spectral convergence the higher one's is that
    to the power order/lower, which `tolerance` (relative to the sum of the cells' sizes, for each observable)
    bounds. Raises whatever evaluate raises (Cancelled between two calls).
    """
    limit = tolerance ** (lower / order)
    done: list[Array] = []
    todo = [(cell, *_measure(cell, evaluate, order, lower)) for cell in cells]
    while todo:
        scale = sum(np.abs(value).max(axis=0) for value in (*done, *(entry[1] for entry in todo)))
        share = limit * np.maximum(scale, NOISE * scale[0] + 1e-300)
        rough = []
        for cell, value, error in todo:
            if np.all(error <= share) or len(done) + len(todo) > MOST_CELLS:
                done.append(value)
            else:
                rough.append((cell, value, error / share))
        todo = []
        for cell, value, _ in rough:
            along_x = cell.point or _worse_along_x(cell, value, evaluate, order, lower, share)
            todo += [(half, *_measure(half, evaluate, order, lower)) for half in cell.split(along_x)]
    return np.sum(done, axis=0)


def _measure(cell: Cell, evaluate: Evaluate, order: int, lower: int) -> tuple[Array, Array]:
    """The cell's value and the difference to the lower rule, the largest over the angles."""
    value = evaluate(cell, order, order)
    return value, np.abs(value - evaluate(cell, lower, lower)).max(axis=0)


def _worse_along_x(cell: Cell, value: Array, evaluate: Evaluate, order: int, lower: int, share: Array) -> bool:
    """Whether lowering the order in x costs more than lowering it in the energy."""
    in_x = np.abs(value - evaluate(cell, order, lower)).max(axis=0) / share
    in_e = np.abs(value - evaluate(cell, lower, order)).max(axis=0) / share
    return bool(in_x.max() >= in_e.max())
