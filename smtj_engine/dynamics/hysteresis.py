"""Hysteresis loops R(H) and R(V): state and resistance while a field, the bias or a torque goes there and back.

The swept quantity stands still at each of its values for a while, the dwell; m goes on from where it was. What is
reported is the mean over the dwell's second half, so that a precession has a resistance too. With temperature and
volume many samples go round, each with its own thermal field, and the dwell is what makes a loop narrower.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from smtj_engine.arguments import check_whole, check_word, real_numbers
from smtj_engine.dynamics import starts
from smtj_engine.dynamics.cells import build, check_all, check_duration, direction, setup_of
from smtj_engine.dynamics.fields import Array, slope
from smtj_engine.dynamics.kernels import LANES
from smtj_engine.dynamics.noise import PHASE, SWITCHED, diffusion, keys, noisy
from smtj_engine.dynamics.reading import Reader, evaluate, unreadable
from smtj_engine.dynamics.waveform import Driven, Flock, steady
from smtj_engine.grids import LOOP_AXES
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.results import Provenance, Result, describe, described_by
from smtj_engine.scale.executor import Check, completed
from smtj_engine.schema import ParameterError, spec_at, value_at

#: Parts of a dwell's first half, after each of which m may rest; instants of its second half, whose mean is shown;
#: instants per turn of a precession without noise, which fewer would alias, and the most of them.
_PARTS, _INSTANTS, _PER_TURN, _MOST_INSTANTS = 4, 32, 5, 4096
#: Below this |dm/dτ| a magnet without noise rests until the next value; below this part of the fastest precession
#: it hardly moves.
_AT_REST, _SLOW = 1e-8, 0.01
#: The most steps of the kernel in one loop, all groups of samples together: about an hour.
MOST_STEPS = 1e10
_INTERVAL = 0.04
#: Columns of the sums: the number of values, m, R/ΔR and its square, g.
_COLUMNS = 7


def hysteresis_loop(magnet: Magnet, drive: Drive, *, values: ArrayLike, over: str = "field",
                    field_theta_deg: float = 0.0, field_phi_deg: float = 0.0, dwell: float = 5.0, count: int = 64,
                    theta0_deg: float = 10.0, phi0_deg: float = 0.0, seed: int = 0,
                    junction: Junction | None = None, monitor: Monitor = silent) -> Result:
    """The loop over `values` (n,) and back, after one dwell (ns) at the first of them from (θ0, φ0).

    over: "field", a field in units of M_s along (field_theta_deg, field_phi_deg), added to that of the drive;
    "junction.bias" (V), whose torque the law takes; "drive.tau_par" or "drive.tau_perp". count: samples, where a
    temperature and a volume make noise (else one).

    Variables over `over`, on the way back with the ending _back: resistance V/I (Ω·µm²; 1/G without bias) and
    current_density (A/µm²) of the junction, tamr, that resistance against the one with m along the normal at the
    same V, minus 1; mean_resistance ⟨2m_z² − 1⟩, spread, its standard deviation in time
    and among the samples, mean_m (over, component); for a field also along, the mean of m along it, and field
    (T). switching_value (sample), the first value at which a sample has m·m₁ < −½, m₁ its state at the beginning
    of that way (NaN: none).

    Raises ParameterError for values that are none, a sweep that moves nothing, and a loop that takes hours.
    """
    check_all(magnet, drive, junction)
    check_word("over", over, LOOP_AXES)
    check_duration(dwell, "dwell")
    check_whole("count", count, 1)
    check_whole("seed", seed)
    sweep = _Sweep.of(magnet, drive, junction, over, _values(values), (field_theta_deg, field_phi_deg), monitor)
    strength = diffusion(magnet, drive) if noisy(magnet, drive) else 0.0
    run = _Run(sweep, direction(theta0_deg, phi0_deg), float(dwell), strength, seed, int(count) if strength else 1)
    _check_steps(run)
    picture = _Loop(setup_of(magnet, drive, junction), run, monitor)
    try:
        if len(run.tiles) == 1:  # the loop is drawn while it is computed
            for place, sums, turned in run.follow(run.tiles[0]):
                picture.sums[place], picture.turned[:] = sums, turned
                picture.tell((place + 1) / len(picture.sums))
        else:
            march, parts = functools.partial(_march, run=run), {}
            for index, (total, turned) in completed(march, run.tiles, monitor, "loop"):
                parts[index] = total
                picture.sums = np.sum([parts[at] for at in sorted(parts)], axis=0)  # in order: the same bits
                picture.turned[:, run.tiles[index]] = turned
                picture.tell(picture.sums[0, 0] / (run.count * _INSTANTS))
    except Cancelled as stop:
        stop.partial = picture.result() if picture.sums[0, 0] else None
        raise
    return picture.result()


def _values(values: ArrayLike) -> Array:
    numbers = np.atleast_1d(real_numbers("values", values))
    if numbers.size < 2:
        raise ParameterError("values", None, "a loop needs at least two finite numbers")
    return numbers


@dataclasses.dataclass(frozen=True)
class _Sweep:
    """What is swept, and the macrospin, bias and read-out g(m) (None: no junction) at each of its values."""

    over: str
    values: Array
    along: Array
    spins: tuple[Driven, ...]
    bias: Array
    reader: Array | None
    notes: tuple[str, ...]

    @classmethod
    def of(cls, magnet: Magnet, drive: Drive, junction: Junction | None, over: str, values: Array,
           angles: tuple[float, float], monitor: Monitor) -> _Sweep:
        _check_over(over, drive, junction)
        along, base = direction(*angles), Setup(drive=drive)
        if over == "field":
            axes = {path: value_at(base, path) + values * part
                    for path, part in zip(("drive.h_x", "drive.h_y", "drive.h_z"), along, strict=True)}
        else:
            axes = {over: values}
        cells = build(magnet, drive, junction, axes, len(values), monitor)
        spins = tuple(steady(cells.spins.take([at])) for at in range(len(values)))
        fixed = 0.0 if junction is None else junction.bias
        bias = values if over == "junction.bias" else np.full(len(values), fixed)
        notes = [*cells.notes]
        if drive.waveform.target != "none":
            notes.append("A loop has its own sweep; the waveform of the drive was ignored.")
        reader = None
        if junction is not None and (why := unreadable(junction)):
            notes.append(f"The resistance in Ω·µm² is left out: {why}.")
        elif junction is not None:
            reader = Reader.of(junction, float(bias.min()), float(bias.max()), monitor).coefficients(bias)
        return cls(over, values, along, spins, bias, reader, tuple(notes))


def _check_over(over: str, drive: Drive, junction: Junction | None) -> None:
    """Refuse a sweep that moves nothing."""
    if over.startswith("drive.tau") and drive.law == "transport":
        raise ParameterError("over", over, "with the transport law the torque comes from the junction: sweep its "
                             "bias instead")
    if over == "drive.tau_perp" and drive.law == "field":
        raise ParameterError("over", over, "the field law has no τ⊥: sweep τ∥, which is its field along y")


@dataclasses.dataclass(frozen=True)
class _Run:
    """A sweep with its noise and samples."""

    sweep: _Sweep
    start: Array
    dwell: float
    strength: float
    seed: int
    count: int

    @property
    def tiles(self) -> list[NDArray[np.int64]]:
        """The samples of each kernel call."""
        return np.array_split(np.arange(self.count), range(LANES, self.count, LANES))

    def follow(self, samples: NDArray[np.int64], check: Check = lambda: None) -> Iterator[
            tuple[int, Array, Array]]:
        """The loop of some samples, value by value: place (there, then back), sums over instants and samples
        (_COLUMNS), and the value at which each sample has turned on either way so far (2, samples)."""
        n = len(self.sweep.values)
        turned, begin = np.full((2, len(samples)), np.nan), np.zeros((len(samples), 3))
        m, before = np.broadcast_to(self.start, (LANES, 3)), 0
        m, _, before = self._stay(0, m, samples, before, check)
        for place in range(2 * n):
            at, way = (place, 0) if place < n else (2 * n - 1 - place, 1)
            m, kept, before = self._stay(at, m, samples, before, check)
            kept = kept[:, :len(samples)]
            mean = kept.mean(axis=0)
            if place in (0, n):
                begin = mean
            over = ((mean * begin).sum(axis=1) < SWITCHED) & np.isnan(turned[way])
            turned[way, over] = self.sweep.values[at]
            yield place, self._sums(at, kept.reshape(-1, 3)), turned

    def _stay(self, at: int, m: Array, samples: NDArray[np.int64], before: int,
              check: Check) -> tuple[Array, Array, int]:
        """One dwell from m (LANES, 3): m at its end, at the instants of its second half, steps so far."""
        spin = self.sweep.spins[at]
        if not self.strength:
            m = np.broadcast_to(starts.freed(spin.spins, m[:1]), (LANES, 3))
        flock = Flock(spin, m, keys(self.seed, samples), self.strength)
        for _ in range(_PARTS):
            if not self._rests(spin, flock):
                before = self._advance(flock, 1, self.dwell / 2 / _PARTS, before, check)[1]
        if self._rests(spin, flock):
            return flock.m, np.broadcast_to(flock.m, (_INSTANTS, LANES, 3)), before
        kept, before = self._advance(flock, self._instants(spin, flock), self.dwell / 2, before, check)
        return flock.m, kept, before

    def _rests(self, spin: Driven, flock: Flock, most: float = _AT_REST) -> bool:
        """Whether nothing moves any more, or slower than that."""
        return not self.strength and float(np.linalg.norm(slope(spin.spins, flock.m[:1]))) < most

    def _instants(self, spin: Driven, flock: Flock) -> int:
        """How many instants the mean of a half dwell needs."""
        if self.strength or self._rests(spin, flock, _SLOW * spin.fastest):
            return _INSTANTS
        turns = self.dwell / 2 / spin.unit * spin.fastest / (2 * np.pi)
        return int(np.clip(_PER_TURN * turns, _INSTANTS, _MOST_INSTANTS))

    def _advance(self, flock: Flock, instants: int, duration: float, before: int,
                 check: Check) -> tuple[Array, int]:
        """Go on for a time (ns): m at equidistant instants (instants, LANES, 3), and the steps so far."""
        legs = flock.spin.legs(duration * np.arange(1, instants + 1) / instants, PHASE, self.strength)
        legs = dataclasses.replace(legs, before=legs.before + before)
        kept = []
        for first, last in legs.batches():
            kept.append(flock.follow(legs, first, last))
            check()
        return np.concatenate(kept), before + int(legs.counts.sum())

    def _sums(self, at: int, m: Array) -> Array:
        """The sums over m (n, 3) of 1, m, R, R² and g."""
        resistance = 2 * m[:, 2] ** 2 - 1
        reader = self.sweep.reader
        g = np.nan if reader is None else evaluate(reader[at:at + 1], m).sum()
        return np.array([len(m), *m.sum(axis=0), resistance.sum(), (resistance**2).sum(), g])


def _march(samples: NDArray[np.int64], check: Check, *, run: _Run) -> tuple[Array, Array]:
    """The whole loop of some samples."""
    total, last = np.zeros((2 * len(run.sweep.values), _COLUMNS)), np.empty((2, len(samples)))
    for place, sums, turned in run.follow(samples, check):
        total[place], last = sums, turned
    return total, last


def _check_steps(run: _Run) -> None:
    """Refuse a loop that would take hours."""
    turn = sum(run.dwell / spin.unit * max(spin.fastest / PHASE, run.strength) for spin in run.sweep.spins)
    steps = 2 * turn * len(run.tiles)
    if steps > MOST_STEPS:
        raise ParameterError("dwell", run.dwell, f"{steps:.2g} steps of integration would take hours: stay below "
                             f"{run.dwell * MOST_STEPS / steps:.3g} ns, or take fewer values or samples")


class _Loop:
    """The loop computed so far."""

    def __init__(self, setup: Setup, run: _Run, monitor: Monitor) -> None:
        self.setup, self.run, self.monitor = setup, run, monitor
        self._told = 0.0
        self.sums = np.zeros((2 * len(run.sweep.values), _COLUMNS))
        self.turned = np.full((2, run.count), np.nan)

    def tell(self, fraction: float) -> None:
        """Report, with the picture so far a few times a second."""
        now = time.monotonic()
        if self.monitor is not silent and now - self._told > _INTERVAL:
            self._told = now
            self.monitor(fraction, "loop", self.result())
        else:
            self.monitor(fraction, "loop")

    def result(self) -> Result:
        """What is known so far; NaN at values not reached yet."""
        sweep, n = self.run.sweep, len(self.run.sweep.values)
        variables: dict[str, Any] = {}
        for way, (back, rows) in enumerate((("", slice(0, n)), ("_back", slice(2 * n - 1, n - 1, -1)))):
            sums = self.sums[rows]
            mean = sums[:, 1:] / np.where(sums[:, :1] > 0, sums[:, :1], np.nan)
            variables |= {"mean_resistance" + back: ("over", mean[:, 3]),
                          "spread" + back: ("over", np.sqrt(np.maximum(mean[:, 4] - mean[:, 3] ** 2, 0.0))),
                          "mean_m" + back: (("over", "component"), mean[:, :3]),
                          "switching_value" + back: ("sample", self.turned[way].copy())}
            if sweep.reader is not None:
                normal = evaluate(sweep.reader, np.tile([0.0, 0.0, 1.0], (n, 1)))
                variables |= {"resistance" + back: ("over", 1 / mean[:, 5]),
                              "tamr" + back: ("over", normal / mean[:, 5] - 1),
                              "current_density" + back: ("over", sweep.bias * mean[:, 5])}
            if sweep.over == "field":
                variables["along" + back] = ("over", mean[:, :3] @ sweep.along)
        if sweep.over == "field":
            variables["field"] = ("over", sweep.values * self.setup.magnet.mu0_ms)
        data = describe(xr.Dataset(variables, coords={
            "over": sweep.values, "component": ["x", "y", "z"], "sample": np.arange(self.run.count)}))
        told = _FIELD if sweep.over == "field" else described_by(sweep.over)
        data["over"].attrs.update(told)
        for back in ("", "_back"):
            data["switching_value" + back].attrs["units"] = told["units"]
        data.attrs.update(rows="over", dwell=self.run.dwell)
        if sweep.notes:
            data.attrs["notes"] = list(sweep.notes)
        warm = bool(self.run.strength)
        return Result(kind="loop", setup=self.setup, data=data, provenance=Provenance(
            accuracy="rk4, Stratonovich" if warm else "rk4", seed=self.run.seed if warm else None))


#: The swept field, whose direction is the grid's.
_FIELD = {"units": spec_at(Setup(), "drive.h_x").ascii_unit, "long_name": "field of the sweep", "symbol": "h",
          "path": "field"}
