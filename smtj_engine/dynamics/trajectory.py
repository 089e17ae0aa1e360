"""One trajectory of the magnetization: the Landau-Lifshitz-Gilbert equation of physics.md, section 6."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from smtj_engine.arguments import check_whole, is_number, real_numbers
from smtj_engine.dynamics.cells import build, check_all, check_duration, check_start, direction, setup_of
from smtj_engine.dynamics.fields import Array, Spins, contour
from smtj_engine.dynamics.lanes import PATH_PHASE, PATH_STEPS, Path, rows_of
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.results import Provenance, Result, describe, described_by
from smtj_engine.schema import ParameterError, value_at

#: ns; the Letter's Fig. 3.
DURATION = 35.0
#: Instants per turn of the fastest precession that are kept when the user names none: a smooth line.
_PER_TURN = 24
#: The most instants kept of one trajectory (0.4 GB with what is derived from them).
MOST_INSTANTS = 4_000_000
#: The most steps of one trajectory: about an hour.
MOST_STEPS = 3e10


def trajectory(magnet: Magnet, drive: Drive, *, theta0_deg: float = 10.0, phi0_deg: float = 0.0,
               duration: float | None = None, times: ArrayLike | None = None, samples: int | None = None,
               junction: Junction | None = None, method: str = "dop853", seed: int = 0,
               monitor: Monitor = silent) -> Result:
    """m(t) from a start at (θ0, φ0), in degrees.

    Give duration (ns, default 35; `samples` instants from 0 to it, by default enough for a smooth line) or times
    (ns, increasing, not negative). method: "dop853" or the Letter's "rk4"; both with fixed steps, chosen from the
    fastest precession. Variables m (time, component), normalized resistance 2m_z² − 1, w = Q∥m_x² + Q_eff m_z²,
    error: the largest difference to the same run with twice the step. The monitor's partial and Cancelled.partial
    hold all instants so far (views, not copies: a listener may miss some without losing any).

    A waveform of the drive is followed with rk4, and `driven` (time) is the value of what it moves; one of the
    bias takes its torque from the junction. With a temperature and a volume the thermal field of physics.md,
    section 6, acts (Stratonovich), keyed by the seed; there is no error then.

    Raises ParameterError for a start in an exact equilibrium, for times that are none, for more instants than
    fit into memory, and for instants too few for the waveform's frequency.
    """
    check_all(magnet, drive, junction)
    rows_of(method)
    check_whole("seed", seed)
    if (magnet.volume is not None and drive.temperature > 0) or drive.waveform.target != "none":
        asked = _Asked(theta0_deg, phi0_deg, duration, times, samples, seed)
        return _driven(magnet, drive, junction, asked, monitor)
    cells = build(magnet, drive, junction, monitor=monitor)
    spins = cells.spins
    start = direction(theta0_deg, phi0_deg)
    check_start(spins, start[None], theta0_deg, phi0_deg)
    instants = _instants(spins, duration, times, samples)
    legs = _legs(spins, instants, PATH_PHASE[method])
    run = _Run(setup_of(magnet, drive, junction), spins, instants, cells.notes, method)
    fine, coarse = Path(spins, start, method), Path(spins, start, method)

    def pieces() -> Iterator[tuple[float, Array, Array]]:
        for first, last in _batches(legs.counts):
            steps, counts, kept = legs.steps[first:last], legs.counts[first:last], legs.kept[first:last]
            yield (last / len(legs.steps), fine.follow(steps, counts)[kept],
                   coarse.follow(2 * steps, counts // 2)[kept])

    return run.through(pieces(), monitor)


@dataclasses.dataclass(frozen=True)
class _Asked:
    """Where a path starts, when it is looked at, and its noise."""

    theta0_deg: float
    phi0_deg: float
    duration: float | None
    times: ArrayLike | None
    samples: int | None
    seed: int


def _driven(magnet: Magnet, drive: Drive, junction: Junction | None, asked: _Asked,
            monitor: Monitor) -> Result:
    """The path under a waveform, under thermal noise, or both: one sample of an ensemble."""
    from smtj_engine.dynamics.noise import diffusion, keys, noisy
    from smtj_engine.dynamics.waveform import PHASE, Flock, driven, evaluate, place

    spin, thermal = driven(magnet, drive, junction, monitor), noisy(magnet, drive)
    start = direction(asked.theta0_deg, asked.phi0_deg)
    if not thermal and drive.waveform.target in ("tau_par", "tau_perp", "bias"):
        check_start(spin.spins, start[None], asked.theta0_deg, asked.phi0_deg)
    instants = _instants(spin.spins, asked.duration, asked.times, asked.samples, drive.waveform.highest_frequency)
    strength = diffusion(magnet, drive) if thermal else 0.0
    legs = spin.legs(instants, PHASE, strength)
    run = _Run(setup_of(magnet, drive, junction), spin.spins, instants, spin.notes, "rk4",
               asked.seed if thermal else None)
    if path := place(drive.waveform):
        base = float(value_at(run.setup, path))
        run.driven = (path, base + evaluate(drive.waveform, instants))
    if thermal:
        key = keys(asked.seed, np.zeros(1, dtype=np.int64))
        fine = coarse = Flock(spin, start, key, strength)
    else:
        fine, coarse = Flock(spin, start), Flock(spin, start)

    def pieces() -> Iterator[tuple[float, Array, Array]]:
        for first, last in legs.batches():
            m = fine.follow(legs, first, last)[:, 0]
            yield (last / len(legs.step), m, m if thermal else coarse.follow(legs, first, last, 2)[:, 0])

    return run.through(pieces(), monitor)


def _instants(spins: Spins, duration: float | None, times: ArrayLike | None, samples: int | None,
              frequency: float = 0.0) -> Array:
    """The instants to keep, in ns; frequency (GHz): what else they must show."""
    if times is not None:
        if duration is not None or samples is not None:
            raise ParameterError("times", None, "give either times or a duration, not both")
        return _given(times)
    duration = DURATION if duration is None else duration
    check_duration(duration)
    if samples is not None and (not is_number(samples) or samples != int(samples)):
        raise ParameterError("samples", samples, "must be a whole number of instants", 2, MOST_INSTANTS)
    turns = max(float(duration / spins.unit[0] * spins.fastest[0]) / (2 * np.pi), frequency * duration)
    if samples is not None and 2 <= samples < 1 + 2 * frequency * duration:
        raise ParameterError("samples", samples, f"a waveform of {frequency:g} GHz is beyond the sampling: "
                             f"{duration:g} ns need at least {2 * frequency * duration + 1:.0f} instants", 2,
                             MOST_INSTANTS)
    count = 1 + int(np.ceil(turns * _PER_TURN)) if samples is None else int(samples)
    if count < 2:
        raise ParameterError("samples", samples, "a trajectory needs at least two instants", 2, MOST_INSTANTS)
    if count > MOST_INSTANTS:
        longest = duration * MOST_INSTANTS / count
        fix = (f"take at most {MOST_INSTANTS} samples" if samples is not None else
               f"stay below {longest:.3g} ns, or keep every n-th instant only (samples = {MOST_INSTANTS // 4} "
               f"keeps every {int(np.ceil(4 * count / MOST_INSTANTS))}th)")
        name, value = ("duration", duration) if samples is None else ("samples", samples)
        raise ParameterError(name, value, f"{count:.3g} instants would need {count * 100 / 2**30:.2g} GB of "
                             f"memory: {fix}")
    return np.linspace(0.0, duration, count)


def _given(times: ArrayLike) -> Array:
    instants = np.atleast_1d(real_numbers("times", times))
    check_duration(max(float(instants.max()), 1e-9), "times")
    rising = (np.diff(instants, prepend=-1.0) > 0) & (instants >= 0)
    if not rising.all():
        raise ParameterError("times", float(instants[np.argmin(rising)]),
                             "must be increasing times in ns, none of them negative")
    if instants.size > MOST_INSTANTS:
        raise ParameterError("times", instants.size, f"{instants.size:.3g} instants would need "
                             f"{instants.size * 100 / 2**30:.2g} GB of memory: take at most {MOST_INSTANTS}")
    return instants


@dataclasses.dataclass(frozen=True)
class _Legs:
    """Pieces of equal steps: length in time units, an even number of steps, whether an instant is kept there."""

    steps: Array
    counts: NDArray[np.int64]
    kept: NDArray[np.bool_]


def _legs(spins: Spins, instants: Array, phase: float) -> _Legs:
    """Steps that land exactly on the instants; long waits are cut so that no kernel call lasts."""
    gaps = np.diff(instants, prepend=0.0) / spins.unit[0]
    longest = float(MOST_STEPS * phase / spins.fastest[0] * spins.unit[0])
    if instants[-1] > longest:
        raise ParameterError("duration", float(instants[-1]), f"more than {MOST_STEPS:.0e} integration steps "
                             f"would take hours: stay below {longest:.3g} ns")
    counts = 2 * np.ceil(gaps * spins.fastest[0] / phase / 2).astype(np.int64)
    steps = np.divide(gaps, counts, out=np.zeros_like(gaps), where=counts > 0)
    pieces = np.maximum(1, -(-counts // PATH_STEPS))
    cut = np.repeat(np.arange(len(gaps)), pieces)
    kept = np.ones(len(cut), dtype=np.bool_)
    kept[:-1] = cut[1:] != cut[:-1]
    each = np.full(len(cut), PATH_STEPS, dtype=np.int64)
    each[kept] = counts - (pieces - 1) * PATH_STEPS
    return _Legs(steps[cut], each, kept)


def _batches(counts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of legs with about PATH_STEPS steps each."""
    total = np.cumsum(counts)
    ends = [0]
    while ends[-1] < len(counts):
        reached = total[ends[-1] - 1] if ends[-1] else 0
        ends.append(max(ends[-1] + 1, int(np.searchsorted(total, reached + PATH_STEPS, side="right"))))
    return list(itertools.pairwise(ends))


class _Run:
    """The instants computed so far, as a result; driven: the path and the values of what a waveform moves."""

    def __init__(self, setup: Setup, spins: Spins, instants: Array, notes: tuple[str, ...],
                 method: str, seed: int | None = None) -> None:
        self.setup, self._spins, self._instants, self._notes = setup, spins, instants, notes
        self._method, self._seed = method, seed
        self.driven: tuple[str, Array] | None = None
        self._m = np.empty((len(instants), 3))
        self._w, self._resistance = np.empty(len(instants)), np.empty(len(instants))
        self._error, self._done = 0.0, 0

    def through(self, pieces: Iterator[tuple[float, Array, Array]], monitor: Monitor) -> Result:
        """All pieces (fraction done, m, m with twice the step), told one by one; Cancelled carries what there is.
        """
        try:
            for fraction, m, coarse in pieces:
                self.add(m, coarse)
                monitor(fraction, "trajectory", self.result())
        except Cancelled:
            raise Cancelled(self.result()) from None
        return self.result()

    def add(self, m: Array, coarse: Array) -> None:
        """Append the next instants, and compare them with the run at twice the step."""
        new = slice(self._done, self._done + len(m))
        self._m[new], self._w[new] = m, contour(self._spins, m)
        self._resistance[new] = 2 * m[:, 2] ** 2 - 1
        self._done = new.stop
        if len(m):
            self._error = max(self._error, float(np.abs(m - coarse).max()))

    def result(self) -> Result:
        """Everything so far."""
        data = xr.Dataset(
            {"m": (("time", "component"), self._m[:self._done]),
             "resistance": ("time", self._resistance[:self._done]),
             "w": ("time", self._w[:self._done])},
            coords={"time": self._instants[:self._done], "component": ["x", "y", "z"]})
        if self._seed is None:
            data["error"] = ((), self._error)
        describe(data)
        if self.driven is not None:
            path, values = self.driven
            data["driven"] = ("time", values[:self._done], described_by(path))
        data["resistance"].attrs.update(NORMALIZED)
        if self._notes:
            data.attrs["notes"] = list(self._notes)
        return Result(kind="trajectory", setup=self.setup, data=data,
                      provenance=Provenance(accuracy=self._method, seed=self._seed))


#: What `resistance` is in the results of the dynamics.
NORMALIZED = {"units": "1", "long_name": "normalized resistance cos 2θ", "symbol": "R/ΔR"}
