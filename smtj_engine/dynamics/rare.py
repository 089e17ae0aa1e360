"""How often thermal noise switches a magnet where that is too rare to wait for: forward flux sampling.

The state A that m leaves and the switched one B (m·m₀ < −½, m₀ the stable state next to the start) are joined by
levels of m·m₀, or, below a saddle and without a torque, of the energy: m turns many times before it changes. The
rate is the flux of paths that come from A through the first level times the probabilities to get from each level
to the next before A: k = Φ₀ Π p_i (Allen, Frenkel and ten Wolde, J. Chem. Phys. 124, 024102, 2006). It holds
without detailed balance too, so under a torque. Each level lies where a pilot of a few paths puts it; independent
repeats give the error.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from smtj_engine.arguments import check_whole, path_and_numbers
from smtj_engine.dynamics.cells import at_rest_notes, build, check_all, direction, setup_of
from smtj_engine.dynamics.escape_laws import Laws, laws
from smtj_engine.dynamics.fields import Array, Spins, growth_rates, slope
from smtj_engine.dynamics.kernels import LANES
from smtj_engine.dynamics.noise import PHASE, SWITCHED, barrier, diffusion, home, keys
from smtj_engine.dynamics.waveform import OVERSHOOT, Driven, Flock, Legs, steady
from smtj_engine.grids import RATE_AXES
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.results import Provenance, Result, describe, described_by
from smtj_engine.scale.executor import Check, Made, completed
from smtj_engine.schema import ParameterError, with_values

#: The most phase (rad) of the fastest precession, and the most that the noise moves m, between two looks at it.
_LOOK, _MOVE = 0.8, 0.1
#: Parts of the states in A that lie above what counts as back in A, and above the first level.
_HOME, _FIRST = 0.5, 0.95
#: The part of a pilot's paths that should reach the next level, and the size of a pilot against a stage.
_REACH, _PILOT = 0.25, 0.25
#: The most levels: 4 to this power is beyond any time that one could wait for.
_MOST_LEVELS = 400
#: Fewer states at the first level than this, on average, from which all switched paths come, are too few.
_ORIGINS = 4.0
#: How many of A's relaxation times the samples are given to forget the start, and between two looks.
_SETTLE, _APART = 5.0, 0.5
_MOST_PATHS = 1_000_000
#: The shortest time (s) between two partial results.
_INTERVAL = 0.1


def switching_rate(magnet: Magnet, drive: Drive, *, count: int = 512, repeats: int = 8, theta0_deg: float = 10.0,
                   phi0_deg: float = 0.0, seed: int = 0, over: tuple[str, ArrayLike] | None = None,
                   junction: Junction | None = None, monitor: Monitor = silent) -> Result:
    """The rate (1/ns) at which m leaves the stable state next to (θ0, φ0) for m·m₀ < −½.

    count: paths from each level; repeats: independent estimates; over = (path, values) adds a leading dimension
    called "over": a number of the magnet or the drive, or the junction's bias where that drives the torque.

    Variables (over): rate (repeat), mean_rate and its standard error rate_error (1/ns), switching_wait (ns), its
    inverse; origins, from how many states at the first level the switched paths come, on average; beside them
    brown and kramers (1/ns), the theory of escape_laws.py, NaN outside its domain, and barrier, ΔE/k_BT. In a
    sweep NaN where no state is stable and 0 where no path ever switches; a partial result lacks estimates. The
    drive is steady; its waveform is left out.

    Raises ParameterError without temperature or volume, for a bad axis, and, without a sweep, where no state is
    stable and where no path ever switches.
    """
    check_all(magnet, drive, junction)
    check_whole("count", count, 16, _MOST_PATHS)
    check_whole("repeats", repeats, 2, _MOST_PATHS)
    check_whole("seed", seed)
    sweep = _Sweep.of(magnet, drive, junction, over, direction(theta0_deg, phi0_deg), (int(count), seed), monitor)
    if not sweep.path and sweep.fluxes[0] is None:
        raise ParameterError("theta0_deg", theta0_deg, "there is no stable state to leave: the magnetization "
                             "moves by itself there")
    known = [at for at, flux in enumerate(sweep.fluxes) if flux is not None]
    parts = [(repeat, at) for repeat in range(int(repeats)) for at in known]    # first the whole curve once

    def tile(part: tuple[int, int]) -> tuple[int, _Flux]:
        flux = sweep.fluxes[part[1]]
        assert flux is not None
        return part[0], flux

    rates, roots = (np.full((len(sweep.values), int(repeats)), np.nan) for _ in range(2))
    told, done = time.monotonic(), 0
    try:
        for index, answer in completed(_estimate, Made(tile, parts), monitor, "rate"):
            repeat, at = parts[index]
            rates[at, repeat], roots[at, repeat] = answer
            done += 1
            if monitor is not silent and time.monotonic() - told > _INTERVAL:
                told = time.monotonic()
                monitor(done / len(parts), "rate", sweep.result(rates, roots))
    except Cancelled as stop:
        stop.partial = sweep.result(rates, roots) if done else None
        raise
    if not sweep.path and not rates.all():
        raise ParameterError("drive.temperature", drive.temperature, "no path has switched after "
                             f"{_MOST_LEVELS} levels: the barrier is too high for any temperature")
    return sweep.result(rates, roots)


@dataclasses.dataclass(frozen=True)
class _Sweep:
    """The macrospin at each value of the sweep (one without a path), and what theory says of it."""

    setup: Setup
    path: str
    values: Array
    fluxes: tuple[_Flux | None, ...]
    laws: tuple[Laws, ...]
    seed: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, magnet: Magnet, drive: Drive, junction: Junction | None, over: tuple[str, ArrayLike] | None,
           start: Array, numbers: tuple[int, int], monitor: Monitor) -> _Sweep:
        """numbers: how many paths, and the seed."""
        path, values = ("", np.zeros(1)) if over is None else _axis(over)
        cells = build(magnet, drive, junction, {path: values} if path else {}, len(values), monitor)
        setup, fluxes, found = setup_of(magnet, drive, junction), [], []
        for at, value in enumerate(values):
            monitor(0.0, "rate, theory")
            one = with_values(setup, {path: float(value)}) if path else setup
            flux, law = _flux(cells.spins.take([at]), one, start, *numbers)
            fluxes.append(flux)
            found.append(law)
        notes = [*(note for note in at_rest_notes(magnet, drive) if "waveform" in note), *cells.notes]
        if None in fluxes:
            notes.append("Where no state is stable there is none to leave: those rates are NaN.")
        if not any(np.isfinite([law.brown, law.kramers]).any() for law in found):
            notes.append("Brown's equation holds about an axis, Kramers' law above barriers of 3 kT without a "
                         "torque; both were left out.")
        return cls(setup, path, values, tuple(fluxes), tuple(found), numbers[1], tuple(notes))

    def result(self, rates: Array, roots: Array) -> Result:
        """The estimates so far (over, repeat), and what they come from."""
        there = np.isfinite(rates)
        number = there.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(there, rates, 0.0).sum(axis=1) / number
            square = np.where(there, (rates - mean[:, None]) ** 2, 0.0).sum(axis=1)
            error, wait = np.sqrt(square / (number - 1) / number), 1 / mean
            origins = np.where(there, roots, 0.0).sum(axis=1) / number
        lead = ("over",) if self.path else ()
        columns = {"mean_rate": mean, "rate_error": error, "switching_wait": wait, "origins": origins} | {
            name: np.array([getattr(law, name) for law in self.laws]) for name in ("brown", "kramers", "barrier")}
        variables: dict[str, Any] = {"rate": ((*lead, "repeat"), rates.copy() if self.path else rates[0].copy())}
        variables |= {name: (lead, values if self.path else values[0]) for name, values in columns.items()}
        data = xr.Dataset(variables, coords={"repeat": np.arange(rates.shape[1])})
        if self.path:
            data = data.assign_coords(over=self.values)
        data = describe(data)
        if self.path:
            data["over"].attrs.update(described_by(self.path))
        if homes := [flux.axis.tolist() for flux in self.fluxes if flux is not None]:
            data.attrs["home"] = homes[0]
        notes = [*self.notes]
        if self.path and (rates == 0).all(axis=1).any():
            notes.append(f"Where the rate is 0 no path has switched after {_MOST_LEVELS} levels.")
        if (origins < _ORIGINS).any():
            notes.append("Some estimates stand on few independent paths: they scatter more than their errors say, "
                         "and are mostly too low. Take more paths.")
        if notes:
            data.attrs["notes"] = notes
        return Result(kind="rate", setup=self.setup, data=data,
                      provenance=Provenance(accuracy="forward flux, rk4, Stratonovich", seed=self.seed))


def _axis(over: tuple[str, ArrayLike]) -> tuple[str, Array]:
    path, values = path_and_numbers("over", over)
    if path == "none" or path not in RATE_AXES:
        raise ParameterError("over", path, f"must be one of {', '.join(RATE_AXES[1:])}")
    return path, values


def _flux(spins: Spins, setup: Setup, start: Array, count: int, seed: int) -> tuple[_Flux | None, Laws]:
    """What the estimates of one macrospin need, None where no state is stable, and what theory says of it."""
    strength, spin = diffusion(setup.magnet, setup.drive), steady(spins)
    axis = home(spin, start)
    growth = growth_rates(spins, axis[None]).real.max()
    if growth >= 0 or np.linalg.norm(slope(spins, axis[None])) > 1e-6:
        return None, Laws()
    law = laws(spins, barrier(setup.magnet, setup.drive), axis)
    return _Flux(spin, axis, law.height, strength, seed, count, float(-1 / growth)), law


@dataclasses.dataclass(frozen=True)
class _Flux:
    """What one estimate needs; settling: the relaxation time of A (time units); height: that of the lowest saddle
    over A, NaN where m·m₀ tells how far m has come."""

    spin: Driven
    axis: Array
    height: float
    strength: float
    seed: int
    count: int
    settling: float

    def progress(self, m: Array) -> Array:
        """What the levels are of, 1 at the bottom of A: m·m₀ beyond the equator, and above it, where there is a
        saddle, how far the energy is below it."""
        along = m @ self.axis
        if np.isnan(self.height):
            return np.asarray(along)
        one, both = self.spin.spins, np.concatenate([m, self.axis[None]])
        levels = -0.5 * (one.q_par * both[:, 0] ** 2 + one.q_eff * both[:, 2] ** 2) - both @ one.h[0]
        return np.where(along < 0, along, np.maximum(1 - (levels[:-1] - levels[-1]) / self.height, 0.0))

    def legs(self, duration: float) -> Legs:
        """Steps over a duration (time units)."""
        return self.spin.legs(np.array([duration * self.spin.unit]), PHASE, self.strength)


def _estimate(part: tuple[int, _Flux], check: Check) -> tuple[float, int]:
    """One rate (1/ns), 0 where no path has switched after the most levels; from how many of the states at the
    first level those that switched have come."""
    repeat, flux = part
    walk = _Walk(flux, repeat, check)
    flow, back, _, states = walk.leave()
    chance, roots = 1.0, np.arange(len(states))
    for _ in range(_MOST_LEVELS):
        pilot = walk.pick(states, max(int(_PILOT * flux.count), 16))
        lowest = walk.until(states[pilot], walk.switched, back)[1]
        following = max(float(np.quantile(lowest, _REACH)), walk.switched)
        picked = walk.pick(states, flux.count)
        ends, lowest = walk.until(states[picked], following, back)
        there = lowest < following
        chance *= float(there.mean())
        states, roots = ends[there], roots[picked[there]]
        if following == walk.switched or not there.any():
            return flow * chance, len(np.unique(roots))
    return 0.0, 0


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

    def pick(self, states: Array, count: int) -> NDArray[np.int64]:
        """The numbers of some of the states, at random."""
        return self._rng.integers(len(states), size=count)

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
            self._restart(flock, flux.progress(flock.m) < self.switched)
            self._check()
            seen.append(flux.progress(flock.m))
        back, level = np.quantile(np.concatenate(seen[1:]), [1 - _HOME, 1 - _FIRST])
        armed, looks = np.ones(LANES, dtype=np.bool_), 0
        found: list[Array] = []
        while sum(len(part) for part in found) < flux.count:
            step = _follow(flock, look, step)
            looks += 1
            z = flux.progress(flock.m)
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
        """Follow each start until its progress is below `low` or back above `back`: the ends, the lowest seen."""
        ends, lowest = np.array(starts), self.flux.progress(starts)
        todo = np.flatnonzero(lowest >= low)  # the others are there already
        lane, coming = np.full(LANES, -1), len(todo[:LANES])
        lane[:coming] = todo[:LANES]
        flock = self._flock(starts[np.where(lane >= 0, lane, 0)])
        step = 0
        while (lane >= 0).any():
            step = _follow(flock, self.look, step)
            m = flock.m
            z, on = self.flux.progress(m), lane >= 0
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
