"""Between spins and kernels: packs numbers into lanes, chooses steps, and runs tiles and single paths.

The only module that calls dynamics/kernels.py; it owns the two integration methods.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.integrate._ivp import dop853_coefficients as _dop853

from smtj_engine import cache
from smtj_engine.dynamics.fields import Array, Spins
from smtj_engine.schema import ParameterError

cache.prepare()  # before numba is imported

from smtj_engine.dynamics import kernels  # noqa: E402

Rows = tuple[tuple[float, ...], ...] | None

#: The nonzero coefficients of the eighth-order method, stage by stage, weights last.
DOP853: Rows = (
    *(tuple(float(a) for a in _dop853.A[stage, :stage] if a) for stage in range(1, 12)),
    tuple(float(b) for b in _dop853.B if b))
#: What the kernels take as `rows`; the fourth-order method is written out there.
METHODS: dict[str, Rows] = {"dop853": DOP853, "rk4": None}
#: Phase of the fastest precession per step (rad) of a single trajectory. For the preset of Figs. 3-4 this is
#: 0.8 and 0.05 time units.
PATH_PHASE = {"dop853": 0.2, "rk4": 0.0125}
#: The same for the cells of a diagram (dop853): 3 time units for the preset, where 99 % of the cells end within
#: 2e-4 of the exact m and all of them on the same attractor (tests/engine/dynamics/test_stability.py).
TILE_PHASE = 0.8
#: Below this |dm/dτ| a cell has come to rest.
AT_REST = 1e-9
#: Runs of a tile have a multiple of this many steps: five parts of whole blocks, so that "the last 20 %" is one.
QUANTUM = 5 * kernels.BLOCK
#: Blocks per kernel call (about 5 ms) without and with the dependence on φ.
_BUDGET = {False: 200, True: 10}
#: Steps per kernel call on one path: 2 ms, 20 ms where the torque depends on φ.
PATH_STEPS = 15_000


def rows_of(method: str) -> Rows:
    """The coefficients of a method; ParameterError if there is none of that name."""
    if not isinstance(method, str) or method not in METHODS:
        raise ParameterError("method", method, f"must be one of {', '.join(METHODS)}")
    return METHODS[method]


@dataclasses.dataclass(frozen=True)
class Packed:
    """Spins as the kernels read them: par (n, ROWS), table (n, 2·TERMS) or None, harmonics (n, J, 4, TERMS)."""

    par: Array
    table: Array | None
    harmonics: Array | None


def pack(spins: Spins) -> Packed:
    """Numbers per cell. A law that is linear in m_z needs no table: τ⊥ is then a field and an anisotropy."""
    n, terms = spins.par.shape
    c = 1 / (1 + spins.eta**2)
    par = np.zeros((n, kernels.ROWS))
    par[:, 0] = spins.eta
    par[:, 1] = c * spins.q_par
    par[:, 2] = c * spins.q_eff
    par[:, 3:6] = c[:, None] * spins.h
    if terms <= 2 and spins.harmonics is None:
        par[:, 6:6 + terms] = c[:, None] * spins.par
        par[:, 5] += c * spins.perp[:, 0]
        par[:, 2] += c * (spins.perp[:, 1] if terms == 2 else 0.0)
        return Packed(par, None, None)
    if terms > kernels.TERMS:
        raise ValueError(f"a torque law has at most {kernels.TERMS} terms")
    table = np.zeros((n, 2 * kernels.TERMS))
    table[:, :terms] = c[:, None] * spins.par
    table[:, kernels.TERMS:kernels.TERMS + terms] = c[:, None] * spins.perp
    if spins.harmonics is None:
        return Packed(par, table, None)
    harmonics = np.zeros((*spins.harmonics.shape[:3], kernels.TERMS))
    harmonics[..., :terms] = c[:, None, None, None] * spins.harmonics
    return Packed(par, table, harmonics)


class Path:
    """One trajectory in the kernels' form: `follow` advances it leg by leg."""

    def __init__(self, spins: Spins, m: Array, method: str) -> None:
        packed = pack(spins)
        self._state = _lanes(packed)
        self._state[0][::kernels.LANES] = m
        self._cell = (packed.par, packed.table, packed.harmonics)
        self._rows = rows_of(method)

    def follow(self, steps: Array, counts: NDArray[np.int64]) -> Array:
        """m (n, 3) after each leg of counts[i] steps of length steps[i] (time units)."""
        out = np.empty((len(steps), 3))
        kernels.follow(*self._state, self._rows, *self._cell, steps, counts, out)
        return out


def _lanes(packed: Packed) -> tuple[Array, Array, Array | None, Array | None]:
    """Empty lanes for such cells, at rest along z: what the kernels call M, P, T, C."""
    width = kernels.LANES
    m = np.zeros(3 * width)
    m[2 * width:] = 1.0
    return (m, np.zeros(kernels.ROWS * width),
            None if packed.table is None else np.zeros(2 * kernels.TERMS * width),
            None if packed.harmonics is None else np.zeros((*packed.harmonics.shape[1:], width)))


@dataclasses.dataclass(frozen=True)
class Runs:
    """How the runs of some cells ended: m at the end and its mean over the last 20 % (n, 3), whether it came to
    rest, and kernels.tail_summary of those that did not (n, SUMMARY)."""

    end: Array
    mean: Array
    rest: NDArray[np.bool_]
    summary: Array


def tile_steps(spins: Spins, duration: Array, phase: float = TILE_PHASE) -> NDArray[np.int64]:
    """Steps of each cell (n,) for its duration (time units), from that cell's fastest precession alone."""
    exact = duration * spins.fastest / phase
    return (QUANTUM * np.ceil(exact / QUANTUM)).astype(np.int64)


def run(spins: Spins, start: Array, duration: Array, check: Callable[[], None], phase: float = TILE_PHASE,
        at_rest: float = AT_REST, tail: int = kernels.TAIL) -> Runs:
    """Integrate n cells from start (n, 3) over their duration (time units), calling check() between kernel calls.

    phase: step in terms of the fastest precession; tail: the most instants of the end that the summary sees.
    """
    n, width = len(spins), kernels.LANES
    packed = pack(spins)
    steps = tile_steps(spins, duration, phase)
    packed.par[:, 8] = duration / steps
    answer = Runs(np.empty((n, 3)), np.empty((n, 3)), np.zeros(n, dtype=np.bool_), np.zeros((n, kernels.SUMMARY)))
    state = (*_lanes(packed), DOP853, np.full(width, -1, dtype=np.int64), np.zeros(width, dtype=np.int64),
             np.empty((width, tail, 3)), np.zeros((width, 3)))
    asked = (np.ascontiguousarray(start), packed.par, packed.table, packed.harmonics, steps,
             np.zeros(1, dtype=np.int64))
    told = (answer.end, answer.mean, answer.rest, answer.summary, np.empty((5, max(tail, 1))))
    budget = _BUDGET[packed.harmonics is not None]
    while not kernels.run_tile(*state, *asked, *told, at_rest, budget):
        check()
    return answer
