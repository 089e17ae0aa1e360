"""The spin diode by integration in time: lanes of different frequencies that share the phase of the drive."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

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
#: Steps per kernel call, and where each lane works out its torque for itself.
_STEPS, _EACH = 4000, 100
#: The part of the largest coefficient below which the last ones of a series are left out there: of what depends on
#: m in the current, a thousandth, this is a millionth.
_NOTHING = 1e-9


def schedule(fastest: Array, omega: Array, decay: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Steps in a period of the drive (ω) and periods until the transient (its rate: decay) is over, all (n,)."""
    steps = (_PER_PERIOD * 2 ** np.ceil(np.log2(np.maximum(fastest / omega, 1.0)))).astype(np.int64)
    wanted = _SETTLED / np.where(decay > 0, decay, np.inf) * omega / (2 * np.pi)
    return steps, (2 ** np.ceil(np.log2(np.clip(wanted, 8, _MOST_PERIODS)))).astype(np.int64)


@dataclasses.dataclass(frozen=True)
class Driven:
    """What is integrated: n spins with their units, bias (V) and states m (n, 3), slowest rates (decay, n; NaN:
    not wanted) and dI/dV at rest, frequencies (GHz), V_rf (V), and whether a current drives."""

    spins: Spins
    response: BiasResponse
    unit: Array
    bias: Array
    m: Array
    decay: Array
    conductance: Array
    frequency: Array
    amplitude: float
    by_current: bool


def timed(case: Driven, out: Array, monitor: Monitor) -> Iterator[float]:
    """Fills in ΔI_dc (n, frequency), under a current −ΔV_dc dI/dV, and yields how much is done.

    A cell's numbers depend on that cell alone: cells of one bias that need as many steps run together. NaN where
    the bias would leave the range of the response.
    """
    spins, bias, decay = case.spins, case.bias, case.decay
    n, count = len(spins), len(case.frequency)
    cell, place = (each.reshape(-1) for each in np.meshgrid(np.arange(n), np.arange(count), indexing="ij"))
    omega = 2 * np.pi * case.frequency[place] * spins.unit[cell]
    steps, periods = schedule(spins.fastest[cell], omega, decay[cell])
    tiles: list[NDArray[np.intp]] = []
    level = np.unique(bias, return_inverse=True)[1][cell]
    for key in np.unique(np.stack([steps, periods, level], axis=1), axis=0):
        alike = (steps == key[0]) & (periods == key[1]) & (level == key[2])
        members = np.flatnonzero(alike & np.isfinite(decay[cell]))
        tiles += np.array_split(members, range(LANES, len(members), LANES)) if len(members) else []

    def tile(members: NDArray[np.intp]) -> _Lanes:
        lanes = members[np.minimum(np.arange(LANES), len(members) - 1)]
        at = cell[lanes]
        return _Lanes(spins.take(at), case.response, case.unit[at], float(bias[at[0]]), omega[lanes], case.m[at],
                      case.amplitude, case.conductance[at], case.by_current, int(steps[members[0]]),
                      int(periods[members[0]]), len(members))

    flat = out.reshape(-1)      # a view
    answers = completed(_rectified, Made(tile, tiles), monitor, "spin diode in time")
    for done, (index, answer) in enumerate(answers, 1):
        flat[tiles[index]] = answer
        yield done / len(tiles)


@dataclasses.dataclass(frozen=True)
class _Lanes:
    """What travels: LANES spins at one bias (V), their units, frequencies (rad in a time unit), states and dI/dV;
    the first `count` are wanted."""

    spins: Spins
    response: BiasResponse
    unit: Array
    bias: float
    omega: Array
    m: Array
    amplitude: float
    conductance: Array
    by_current: bool
    steps: int
    periods: int
    count: int

    @property
    def rest(self) -> float:
        """The scaled bias."""
        return float(self.response.scaled(np.array(self.bias)))

    @property
    def current(self) -> Array:
        """That at rest (A/µm²)."""
        return self.response.current_at(np.full(LANES, self.bias), self.m)

    def marks(self, steps: int) -> Iterator[tuple[int, int]]:
        """Steps from where to where in a kernel call; the mean begins where the transient ends."""
        total, mean = self.steps * self.periods, MEAN * self.steps
        return itertools.pairwise([*range(0, total, steps), total, *range(total + steps, total + mean, steps),
                                   total + mean])


def _rectified(one: _Lanes, check: Check) -> Array:
    """What a kernel call's lanes rectify (A/µm²)."""
    if one.by_current or one.response.turns:
        return _each(dataclasses.replace(one, response=_short(one.response)), check)
    return _shared(one, check)[:one.count]


def _shared(one: _Lanes, check: Check) -> Array:
    """The mean current beyond that at rest, all lanes at the same bias at every step."""
    spins, response = one.spins, one.response
    h = 2 * np.pi / (one.omega * one.steps)
    c = h / (1 + spins.eta**2)
    p = np.zeros((ROWS, LANES))
    p[0], p[1], p[2] = spins.eta, c * spins.q_par, c * spins.q_eff
    p[3:6] = c * spins.h.T
    state = np.ascontiguousarray(one.m.T).reshape(-1)
    torque = np.concatenate([response.par, response.perp], axis=1)
    sums, room = np.zeros((2, LANES)), np.zeros((3, 2 * TERMS * LANES))
    for first, last in one.marks(_STEPS):
        if first == one.steps * one.periods:
            sums[:] = 0.0
        kernels.rectify(state, p.reshape(-1), room, c / one.unit, torque, response.current, one.rest,
                        one.amplitude / response.half, one.steps, first, last - first, sums)
        check()
    return np.asarray(sums[0] / (MEAN * one.steps) - one.current)


def _each(one: _Lanes, check: Check) -> Array:
    """The same where each lane has its own bias, or its torque and current depend on φ too; under a current the
    mean voltage, times −dI/dV."""
    spins, response, wanted = one.spins, one.response, slice(one.count)
    h = 2 * np.pi / (one.omega * one.steps)
    c = h / (1 + spins.eta**2)
    p = np.stack([spins.eta, c * spins.q_par, c * spins.q_eff, *(c * spins.h.T)])[:, wanted].copy()
    state = one.m.T[:, wanted].copy(order="C")
    bias, largest, sums = np.full(one.count, one.rest), np.zeros(one.count), np.zeros(one.count)
    rest, swing = (one.current, one.amplitude * one.conductance) if one.by_current else (
        np.full(LANES, one.rest), np.full(LANES, one.amplitude / response.half))
    series, scale = response.series, (c / one.unit)[wanted].copy()
    current = np.ascontiguousarray(series[0].swapaxes(1, 2))
    for first, last in one.marks(_EACH):
        if first == one.steps * one.periods:
            sums[:] = 0.0
        kernels.rectify_any(state, bias, p, scale, series, current, rest, swing, one.by_current, one.steps, first,
                            last - first, sums, largest)
        check()
    mean = sums / (MEAN * one.steps)
    found = (-response.half * (mean - one.rest) * one.conductance[wanted] if one.by_current else
             mean - one.current[wanted])
    return np.where(largest <= 1.0, found, np.nan)


def _short(response: BiasResponse) -> BiasResponse:
    """The response without the last coefficients, which add nothing."""
    series = response.series
    size = np.abs(series) / np.maximum(np.abs(series).max(axis=(1, 2, 3), keepdims=True), 1e-300)
    for axis in (2, 3):
        rest = tuple(other for other in range(4) if other != axis)
        last = int(np.flatnonzero(size.max(axis=rest) > _NOTHING)[-1]) + 1
        series, size = (np.take(each, range(last), axis=axis) for each in (series, size))
    return dataclasses.replace(response, series=np.ascontiguousarray(series))
