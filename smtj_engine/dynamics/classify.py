"""Which state a run has reached: told from the drift of its energy over whole periods and from linear stability.

On the sphere a run either comes to rest or settles on a limit cycle (Poincaré-Bendixson). A run that spirals
towards an equilibrium comes to rest there if that is linearly stable, and must meet a cycle before if it is not.
A run that moves away from the equilibrium that it encircles is only named once what is left of its way, by
Aitken's extrapolation of its mean energies, is short. All else is undecided.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smtj_engine.dynamics.fields import Array, Spins, growth_rates, nearest_equilibria
from smtj_engine.dynamics.lanes import Packed, Runs, pack

#: Names of the states; a name's place is its number in a result.
STATES = ("undecided", "perpendicular", "opp", "ipp", "in_plane", "tilted")
UNDECIDED, PERPENDICULAR, OPP, IPP, IN_PLANE, TILTED = range(6)
FLAGS = {"flag_values": list(range(6)), "flag_meanings": " ".join(STATES)}
#: Within this angle of the normal or of the plane a state at rest bears that name.
_NEAR = np.radians(5.0)
#: A cycle's energy changes by less than this part of its distance to the equilibrium over another such run.
_STEADY = 0.02
#: The extrapolated rest of the way is believed up to these parts of that distance, if the ratio of successive
#: changes varies by less than that: towards a cycle they fall in a geometric series, towards a separatrix not.
_BELIEVED = ((0.3, 0.05), (0.03, 0.2))


def classify(spins: Spins, runs: Runs, duration: Array) -> tuple[NDArray[np.int8], Array]:
    """The state of each run (n,) and its period (n,), in 1/(γµ₀M_s); NaN where it is at rest or none was seen."""
    state = np.zeros(len(spins), dtype=np.int8)
    period = np.full(len(spins), np.nan)
    state[runs.rest] = _at_rest(runs.end[runs.rest])
    moving = np.flatnonzero(~runs.rest)
    if moving.size:
        state[moving], period[moving] = _moving(spins.take(moving), runs.summary[moving], runs.end[moving],
                                                runs.mean[moving], duration[moving])
    return state, period


def _at_rest(m: Array) -> NDArray[np.int8]:
    """The name of an equilibrium by its angle."""
    z = np.abs(m[:, 2])
    names = np.where(z > np.cos(_NEAR), PERPENDICULAR, np.where(z < np.sin(_NEAR), IN_PLANE, TILTED))
    return names.astype(np.int8)


def _moving(spins: Spins, summary: Array, end: Array, mean: Array,
            duration: Array) -> tuple[NDArray[np.int8], Array]:
    """The states of runs that have not come to rest."""
    turning = summary[:, 1] > 0
    axis = summary[:, 3:6]
    axis = np.where((axis * mean).sum(axis=1, keepdims=True) < 0, -axis, axis)
    centre, found = nearest_equilibria(spins, np.where(turning[:, None], axis, end))
    rates = growth_rates(spins, centre)
    stable = found & (rates.real < 0).all(axis=1)
    spiral = rates[:, 0].imag != 0
    away = summary[:, 9] - _contour(pack(spins), centre)
    distance = np.abs(away)
    before, early, late = np.diff(summary[:, 6:10], axis=1).T
    with np.errstate(divide="ignore", invalid="ignore"):
        drift = np.abs(late) / summary[:, 2] * duration
        ratio = late / early
        left = np.abs(late * ratio / (1 - ratio))
        uneven = np.abs(ratio - early / before)
    steady = drift < _STEADY * distance
    inward = late * away < 0
    short = [(left < part * distance) & (uneven < most) for part, most in _BELIEVED]
    closing = (ratio > 0) & (ratio < 1) & np.any(short, axis=0)
    near = stable & (np.linalg.norm(end - centre, axis=1) < 1e-3)
    rest = near | (turning & stable & inward & ~steady)
    cycle = turning & ~rest & (steady | closing | (found & ~stable & spiral & inward))
    # no turns to average over: an overdamped approach
    rest |= ~turning & stable & (np.linalg.norm(end - centre, axis=1) < _NEAR)
    state = np.zeros(len(spins), dtype=np.int8)
    state[rest] = _at_rest(centre[rest])
    state[cycle] = np.where(np.abs(axis[cycle, 2]) > np.sqrt(0.5), OPP, IPP)
    return state, np.where(turning & ~rest, summary[:, 1], np.nan)


def _contour(packed: Packed, m: Array) -> Array:
    """The energy of kernels.tail_summary at m."""
    p = packed.par
    w: Array = (p[:, 1] * m[:, 0] ** 2 + p[:, 2] * m[:, 2] ** 2
                + 2 * (p[:, 3:6] * m).sum(axis=1))
    return w


def ends_elsewhere(first: Runs, second: Runs) -> NDArray[np.bool_]:
    """Whether two runs of the same cells (n,) ended on different attractors: their means lie apart."""
    gap = np.linalg.norm(first.mean - second.mean, axis=1)
    size = np.maximum(np.linalg.norm(first.mean, axis=1), np.linalg.norm(second.mean, axis=1))
    return np.asarray(gap > 0.3 * np.maximum(size, 0.1))
