"""The spin diode by integration in time: lanes of different frequencies that share the phase of the drive."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from numpy.typing import NDArray

from smtj_engine import cache
from smtj_engine.dynamics.bias_response import BiasResponse
from smtj_engine.dynamics.fields import Array, Spins
from smtj_engine.monitor import Monitor
from smtj_engine.scale.executor import Check, Made, completed

cache.prepare()  # before numba is imported

from smtj_engine.dynamics import diode_kernels as kernels  # noqa: E402
from smtj_engine.dynamics.kernels import LANES, ROWS, TERMS  # noqa: E402

#: Steps in a period of the drive at least, and in one of the fastest precession.
_PER_PERIOD = 64
#: The transient is followed until this many of its time constants are over; then the mean over MEAN periods.
_SETTLED, MEAN = 14.0, 4
_MOST_PERIODS = 1 << 16
_STEPS = 4000


def schedule(fastest: Array, omega: Array, decay: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Steps in a period of the drive (ω) and periods until the transient (its rate: decay) is over, all (n,)."""
    steps = (_PER_PERIOD * 2 ** np.ceil(np.log2(np.maximum(fastest / omega, 1.0)))).astype(np.int64)
    wanted = _SETTLED / np.where(decay > 0, decay, np.inf) * omega / (2 * np.pi)
    return steps, (2 ** np.ceil(np.log2(np.clip(wanted, 8, _MOST_PERIODS)))).astype(np.int64)


def timed(spins: Spins, response: BiasResponse, unit: Array, bias: Array, frequency: Array, amplitude: float,
          m: Array, decay: Array, monitor: Monitor) -> Array:
    """ΔI_dc (n, frequency) of n spins from their states m (n, 3); decay: the slowest rate there (n,).

    A cell's numbers depend on that cell alone: cells of one bias that need as many steps run together.
    """
    n, count = len(spins), len(frequency)
    cell, place = (each.reshape(-1) for each in np.meshgrid(np.arange(n), np.arange(count), indexing="ij"))
    omega = 2 * np.pi * frequency[place] * spins.unit[cell]
    steps, periods = schedule(spins.fastest[cell], omega, decay[cell])
    out = np.full(n * count, np.nan)
    tiles: list[NDArray[np.intp]] = []
    level = np.unique(bias, return_inverse=True)[1][cell]
    for key in np.unique(np.stack([steps, periods, level], axis=1), axis=0):
        alike = (steps == key[0]) & (periods == key[1]) & (level == key[2])
        members = np.flatnonzero(alike & np.isfinite(decay[cell]))
        tiles += np.array_split(members, range(LANES, len(members), LANES)) if len(members) else []

    def tile(members: NDArray[np.intp]) -> _Lanes:
        lanes = members[np.minimum(np.arange(LANES), len(members) - 1)]
        at = cell[lanes]
        return _Lanes(spins.take(at), response, unit[at], float(bias[at[0]]), omega[lanes], m[at], amplitude,
                      int(steps[members[0]]), int(periods[members[0]]), len(members))

    for index, answer in completed(_rectified, Made(tile, tiles), monitor, "spin diode in time"):
        out[tiles[index]] = answer
    return out.reshape(n, count)


@dataclasses.dataclass(frozen=True)
class _Lanes:
    """What travels: LANES spins at one bias (V), their units, frequencies (rad in a time unit) and states; the
    first `count` are wanted."""

    spins: Spins
    response: BiasResponse
    unit: Array
    bias: float
    omega: Array
    m: Array
    amplitude: float
    steps: int
    periods: int
    count: int


def _rectified(one: _Lanes, check: Check) -> Array:
    """The mean current of a kernel call's lanes beyond that at rest (A/µm²)."""
    spins, response = one.spins, one.response
    h = 2 * np.pi / (one.omega * one.steps)
    c = h / (1 + spins.eta**2)
    p = np.zeros((ROWS, LANES))
    p[0], p[1], p[2] = spins.eta, c * spins.q_par, c * spins.q_eff
    p[3:6] = c * spins.h.T
    state = np.ascontiguousarray(one.m.T).reshape(-1)
    torque = np.concatenate([response.par, response.perp], axis=1)
    rest, sums = float(response.scaled(np.array(one.bias))), np.zeros((2, LANES))
    total, mean = one.steps * one.periods, MEAN * one.steps
    room = np.zeros((3, 2 * TERMS * LANES))
    marks = [*range(0, total, _STEPS), total, *range(total + _STEPS, total + mean, _STEPS), total + mean]
    for first, last in itertools.pairwise(marks):
        if first == total:
            sums[:] = 0.0
        kernels.rectify(state, p.reshape(-1), room, c / one.unit, torque, response.current, rest,
                        one.amplitude / response.half, one.steps, first, last - first, sums)
        check()
    current = sums[0] / mean - response.current_at(np.full(LANES, one.bias), one.m[:, 2])
    return np.asarray(current[:one.count])
