"""How often thermal noise switches a magnet where that is too rare to wait for: forward flux sampling.

The state A that m leaves and the switched one B (m·m₀ < −½, m₀ the stable state next to the start) are joined by
levels of m·m₀. The rate is the flux of paths that come from A through the first level times the probabilities to
get from each level to the next before A: k = Φ₀ Π p_i (Allen, Frenkel and ten Wolde, J. Chem. Phys. 124, 024102,
2006). It holds without detailed balance too, so under a torque. Each level lies where a pilot of a few paths puts
it; independent repeats give the error.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from smtj_engine.arguments import check_whole
from smtj_engine.dynamics.cells import at_rest_notes, build, check_all, direction, setup_of
from smtj_engine.dynamics.fields import Array, growth_rates, slope
from smtj_engine.dynamics.kernels import LANES
from smtj_engine.dynamics.noise import PHASE, SWITCHED, diffusion, home, keys
from smtj_engine.dynamics.waveform import OVERSHOOT, Driven, Flock, Legs, steady
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.results import Provenance, Result, describe
from smtj_engine.scale.executor import Check, completed
from smtj_engine.schema import ParameterError

#: The most phase (rad) of the fastest precession, and the most that the noise moves m, between two looks at it.
_LOOK, _MOVE = 0.8, 0.1
#: Parts of the states in A that lie above what counts as back in A, and above the first level.
_HOME, _FIRST = 0.5, 0.95
#: The part of a pilot's paths that should reach the next level, and the size of a pilot against a stage.
_REACH, _PILOT = 0.25, 0.25
#: The most levels: 4 to this power is beyond any time that one could wait for.
_MOST_LEVELS = 400
#: How many of A's relaxation times the samples are given to forget the start, and between two looks.
_SETTLE, _APART = 5.0, 0.5
_MOST_PATHS = 1_000_000


def switching_rate(magnet: Magnet, drive: Drive, *, count: int = 512, repeats: int = 8, theta0_deg: float = 10.0,
                   phi0_deg: float = 0.0, seed: int = 0, junction: Junction | None = None,
                   monitor: Monitor = silent) -> Result:
    """The rate (1/ns) at which m leaves the stable state next to (θ0, φ0) for m·m₀ < −½.

    count: paths from each level; repeats: independent estimates. Variables rate (repeat), mean_rate and its
    standard error rate_error (1/ns), switching_wait (ns), its inverse. The drive is steady; its waveform is left
    out.

    Raises ParameterError without temperature or volume, without a stable state, and where no path ever switches.
    """
    check_all(magnet, drive, junction)
    check_whole("count", count, 16, _MOST_PATHS)
    check_whole("repeats", repeats, 2, _MOST_PATHS)
    check_whole("seed", seed)
    strength = diffusion(magnet, drive)
    cells = build(magnet, drive, junction, monitor=monitor)
    spin, m0 = steady(cells.spins), direction(theta0_deg, phi0_deg)
    axis = home(spin, m0)
    growth = growth_rates(spin.spins, axis[None]).real.max()
    if growth >= 0 or np.linalg.norm(slope(spin.spins, axis[None])) > 1e-6:
        raise ParameterError("theta0_deg", theta0_deg, "there is no stable state to leave: the magnetization "
                             "moves by itself there")
    flux = _Flux(spin, axis, strength, seed, int(count), float(-1 / growth))
    rates = np.full(int(repeats), np.nan)
    for index, rate in completed(functools.partial(_estimate, flux=flux), range(int(repeats)), monitor, "rate"):
        rates[index] = rate
    data = describe(xr.Dataset({
        "rate": ("repeat", rates), "mean_rate": ((), rates.mean()),
        "rate_error": ((), rates.std(ddof=1) / np.sqrt(len(rates))), "switching_wait": ((), 1 / rates.mean())},
        coords={"repeat": np.arange(len(rates))}))
    data.attrs["home"] = axis.tolist()
    steady_notes = [note for note in at_rest_notes(magnet, drive) if "waveform" in note]
    if notes := [*steady_notes, *cells.notes]:
        data.attrs["notes"] = notes
    return Result(kind="rate", setup=setup_of(magnet, drive, junction), data=data,
                  provenance=Provenance(accuracy="forward flux, rk4, Stratonovich", seed=seed))


@dataclasses.dataclass(frozen=True)
class _Flux:
    """What one estimate needs; settling: the relaxation time of A (time units)."""

    spin: Driven
    axis: Array
    strength: float
    seed: int
    count: int
    settling: float

    def legs(self, duration: float) -> Legs:
        """Steps over a duration (time units)."""
        return self.spin.legs(np.array([duration * self.spin.unit]), PHASE, self.strength)


def _estimate(repeat: int, check: Check, *, flux: _Flux) -> float:
    """One rate (1/ns)."""
    walk = _Walk(flux, repeat, check)
    flow, back, level, states = walk.leave()
    chance = 1.0
    for _ in range(_MOST_LEVELS):
        pilot = walk.pick(states, max(int(_PILOT * flux.count), 16))
        lowest = walk.until(pilot, walk.switched, back)[1]
        following = max(float(np.quantile(lowest, _REACH)), walk.switched)
        starts = walk.pick(states, flux.count)
        ends, lowest = walk.until(starts, following, back)
        there = lowest < following
        chance *= float(there.mean())
        if following == walk.switched or not there.any():
            return flow * chance
        level, states = following, ends[there]
    raise ParameterError("drive.temperature", None, f"no path has switched after {_MOST_LEVELS} levels, down to "
                         f"m·m₀ = {level:.3g}: the barrier is too high for any temperature")


class _Walk:
    """Samples of one estimate, each with a number of its own for its noise."""

    def __init__(self, flux: _Flux, repeat: int, check: Check) -> None:
        self.flux, self._check = flux, check
        self._number = repeat << 40
        self._rng = np.random.Generator(np.random.Philox(key=[flux.seed, repeat]))
        self.look = flux.legs(min(_LOOK / flux.spin.fastest, _MOVE**2 / (2 * flux.strength)))
        self.span = float(self.look.counts @ self.look.step)
        moved = np.sqrt(2 * flux.strength * self.span / (1 + float(flux.spin.spins.eta[0]) ** 2))
        #: Where B begins for one who looks now and then.
        self.switched = SWITCHED + OVERSHOOT * moved * np.sqrt(1 - SWITCHED**2)

    def pick(self, states: Array, count: int) -> Array:
        """Some of the states at random."""
        return states[self._rng.integers(len(states), size=count)]

    def _flock(self, start: Array) -> Flock:
        return Flock(self.flux.spin, start, self._keys(LANES), self.flux.strength)

    def _keys(self, count: int) -> NDArray[np.uint64]:
        """Keys of noise that nobody has used."""
        numbers = self._number + np.arange(count)
        self._number += count
        return keys(self.flux.seed, numbers)[:count]

    def leave(self) -> tuple[float, float, float, Array]:
        """The flux (1/ns) out of A through the first level; where A begins; that level; states (n, 3) there."""
        flux, look = self.flux, self.look
        flock = self._flock(np.broadcast_to(flux.axis, (LANES, 3)))
        settle = flux.legs(_SETTLE * flux.settling)
        seen, step = [], 0
        for legs in (settle, *[flux.legs(_APART * flux.settling)] * 16):
            step = _follow(flock, legs, step)
            self._restart(flock, flock.m @ flux.axis < self.switched)
            self._check()
            seen.append(flock.m @ flux.axis)
        back, level = np.quantile(np.concatenate(seen[1:]), [1 - _HOME, 1 - _FIRST])
        armed, looks = np.ones(LANES, dtype=np.bool_), 0
        found: list[Array] = []
        while sum(len(part) for part in found) < flux.count:
            step = _follow(flock, look, step)
            looks += 1
            z = flock.m @ flux.axis
            left = armed & (z < level)
            if left.any():
                found.append(flock.m[left])
            armed = (armed & ~left) | (z > back)
            armed |= self._restart(flock, z < self.switched)
            self._check()
        states = np.concatenate(found)
        return len(states) / (looks * LANES * self.span * flux.spin.unit), float(back), float(level), states

    def _restart(self, flock: Flock, lanes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Put samples that have switched back to the bottom of A."""
        if lanes.any():
            flock.put(lanes, np.broadcast_to(self.flux.axis, (int(lanes.sum()), 3)), self._keys(int(lanes.sum())))
        return lanes

    def until(self, starts: Array, low: float, back: float) -> tuple[Array, Array]:
        """Follow each start until m·m₀ is below `low` or back above `back`: the ends, the lowest m·m₀ seen."""
        axis = self.flux.axis
        ends, lowest = np.array(starts), starts @ axis
        todo = np.flatnonzero(lowest >= low)  # the others are there already
        lane, coming = np.full(LANES, -1), len(todo[:LANES])
        lane[:coming] = todo[:LANES]
        flock = self._flock(starts[np.where(lane >= 0, lane, 0)])
        step = 0
        while (lane >= 0).any():
            step = _follow(flock, self.look, step)
            m = flock.m
            z, on = m @ axis, lane >= 0
            lowest[lane[on]] = np.minimum(lowest[lane[on]], z[on])
            over = on & ((z < low) | (z > back))
            if over.any():
                ends[lane[over]] = m[over]
                fresh = todo[coming:coming + int(over.sum())]
                coming += len(fresh)
                lane[over] = np.append(fresh, np.full(int(over.sum()) - len(fresh), -1))
                taken = over & (lane >= 0)
                flock.put(taken, starts[lane[taken]], self._keys(int(taken.sum())))
            self._check()
        return ends, lowest


def _follow(flock: Flock, legs: Legs, step: int) -> int:
    """Go on over the legs from a step on, whose number tells the noise; the steps so far."""
    flock.follow(dataclasses.replace(legs, before=legs.before + step), 0, len(legs.counts))
    return step + int(legs.counts.sum())
