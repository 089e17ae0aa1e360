"""Macrospins whose drive moves in time: their numbers as polynomials of a waveform, and samples that follow it.

The waveform s(t) of drive.waveform adds to a torque or a field, or to the junction's bias: then the torque is
interpolated between Chebyshev points of the voltages that s(t) reaches.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from numpy.typing import NDArray

from smtj_engine import cache
from smtj_engine.control import PLACES, Waveform
from smtj_engine.dynamics.cells import build
from smtj_engine.dynamics.fields import Array, Spins
from smtj_engine.dynamics.lanes import pack
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.schema import ParameterError, value_at

cache.prepare()  # before numba is imported

from smtj_engine.dynamics import driven_kernels as kernels  # noqa: E402
from smtj_engine.dynamics.kernels import LANES, ROWS, TERMS  # noqa: E402

#: Phase per step (rad) of the fastest precession or the waveform's fastest oscillation, whichever is faster.
PHASE = 0.025
#: The kick of the noise in one step in terms of the precession's phase: 0.15 rad beside a phase of 0.1.
KICK = 1.5
#: By how many standard deviations of a step a diffusion has passed a level, on average, when a step ends beyond
#: it: −ζ(½)/√2π (Siegmund, 1979).
OVERSHOOT = 0.5826
#: Voltages between which the torque of the junction is interpolated.
NODES = 12
#: The most steps of one sample: hours.
MOST_STEPS = 3e10
#: Steps per kernel call: a few ms, 20 ms where the table of the torque follows the bias.
_STEPS = 10_000


def packed(waveform: Waveform) -> tuple[Array, Array, Array]:
    """The numbers of a waveform as driven_kernels.wave reads them, the times and the values of its points."""
    one = waveform
    length = np.inf if one.length is None else one.length
    last = one.frequency if one.frequency_end is None else one.frequency_end
    lasts = one.end - one.delay
    rate = (last - one.frequency) / lasts if np.isfinite(lasts) and lasts > 0 else 0.0
    w = np.array([one.delay, one.rise, one.delay + one.rise + length, one.fall, one.level, one.swing,
                  2 * np.pi * one.frequency, 2 * np.pi * rate, np.radians(one.phase_deg), one.end, 0.0, 1.0])
    return w, np.array(one.times), np.array(one.values)


def evaluate(waveform: Waveform, times: Array) -> Array:
    """s at times in ns (n,); what it adds to the drive."""
    out = np.zeros(len(times))
    kernels.waves(np.ascontiguousarray(times, dtype=np.float64), *packed(waveform), out)
    return out


def place(waveform: Waveform) -> str:
    """The path of the parameter that a waveform moves, or nothing."""
    return PLACES.get(waveform.target, "")


@dataclasses.dataclass(frozen=True)
class Legs:
    """Pieces of equal steps: begin (ns), step (time units), how many, those before, whether m is kept there."""

    begin: Array
    step: Array
    counts: NDArray[np.int64]
    before: NDArray[np.int64]
    kept: NDArray[np.bool_]

    def batches(self) -> list[tuple[int, int]]:
        """Ranges of legs with about as many steps as one kernel call may take."""
        ends, total = [0], np.cumsum(self.counts)
        while ends[-1] < len(self.counts):
            reached = total[ends[-1] - 1] if ends[-1] else 0
            ends.append(max(ends[-1] + 1, int(np.searchsorted(total, reached + _STEPS, side="right"))))
        return list(itertools.pairwise(ends))


@dataclasses.dataclass(frozen=True)
class Driven:
    """One macrospin under a waveform: Σ_j numbers[j] s^j as driven_kernels.march takes them, `rows` those that
    follow s(t); fastest: an upper estimate of the precession for any s, in the waveform's range; unit in ns."""

    spins: Spins
    numbers: Array
    rows: NDArray[np.int64]
    wave: tuple[Array, Array, Array]
    harmonics: Array | None
    fastest: float
    waveform: Waveform
    notes: tuple[str, ...]

    @property
    def unit(self) -> float:
        """The unit of time, 1/(γµ₀M_s), in ns."""
        return float(self.spins.unit[0])

    def legs(self, instants: Array, phase: float, diffusion: float = 0.0) -> Legs:
        """Steps that land on the instants (ns) and on every corner of the waveform, an even number of each.

        diffusion: that of Flock; its kick in a step stays below KICK phases.
        """
        corners = _corners(self.waveform)
        marks = np.union1d(instants, corners[(corners > 0) & (corners < instants[-1])])
        gaps = np.diff(marks, prepend=0.0) / self.unit
        rate = max(self.fastest, 2 * np.pi * self.waveform.highest_frequency * self.unit)
        rate = max(rate, 2 * diffusion / (KICK**2 * phase))
        if (total := float(gaps.sum()) * rate / phase) > MOST_STEPS:
            raise ParameterError("duration", float(instants[-1]), f"{total:.1g} steps of integration would take "
                                 f"hours: stay below {instants[-1] * MOST_STEPS / total:.3g} ns")
        counts = 2 * np.ceil(gaps * rate / phase / 2).astype(np.int64)
        steps = np.divide(gaps, counts, out=np.zeros_like(gaps), where=counts > 0)
        pieces = np.maximum(1, -(-counts // _STEPS))
        cut = np.repeat(np.arange(len(gaps)), pieces)
        last = np.ones(len(cut), dtype=np.bool_)
        last[:-1] = cut[1:] != cut[:-1]
        each = np.full(len(cut), _STEPS, dtype=np.int64)
        each[last] = counts - (pieces - 1) * _STEPS
        ends = np.cumsum(each * steps[cut]) * self.unit
        before = np.cumsum(each) - each
        return Legs(ends - each * steps[cut] * self.unit, steps[cut], each, before,
                    last & np.isin(marks, instants)[cut])


def driven(magnet: Magnet, drive: Drive, junction: Junction | None, monitor: Monitor = silent) -> Driven:
    """The macrospin of a magnet, a drive with its waveform, and a junction.

    Raises ParameterError where the waveform moves what nothing reads, or leaves the range of what it moves.
    """
    waveform, path = drive.waveform, place(drive.waveform)
    _check(waveform, drive, junction)
    low, high = waveform.bounds
    at, scale, axes = np.zeros(1), (0.0, 1.0), {}
    base = np.zeros(1)
    if path:
        base += value_at(Setup(drive=drive, junction=junction or Junction()), path)
    if path and (low, high) != (0.0, 0.0):
        middle, half = (low + high) / 2, max((high - low) / 2, 1e-9)
        order = NODES if waveform.target == "bias" else 2
        at, scale = -np.cos(np.pi * np.arange(order) / (order - 1)), (-middle / half, 1 / half)
        axes = {path: np.round(base + middle + half * at, 12)}
    elif path:
        axes = {path: base}
    cells = build(magnet, drive, junction, axes, len(at), monitor)
    rest = build(magnet, drive, junction, {path: base} if path else {}, 1, monitor).spins
    numbers, harmonics = _polynomials(cells.spins, at)
    wave = packed(waveform if path else Waveform())
    wave[0][10:] = scale
    rows = np.flatnonzero(np.abs(numbers[1:]).max(axis=0, initial=0.0) > 1e-15)
    return Driven(rest, numbers, rows.astype(np.int64), wave, harmonics, float(cells.spins.fastest.max()),
                  waveform if path else Waveform(), cells.notes)


def steady(spins: Spins) -> Driven:
    """One macrospin (the only one of `spins`) under a drive that does not move."""
    numbers, harmonics = _polynomials(spins, np.zeros(1))
    return Driven(spins, numbers, np.zeros(0, dtype=np.int64), packed(Waveform()), harmonics,
                  float(spins.fastest[0]), Waveform(), ())


def _check(waveform: Waveform, drive: Drive, junction: Junction | None) -> None:
    """Refuse a waveform that moves what nothing reads."""
    if waveform.target == "bias" and junction is None:
        raise ParameterError("junction", None, "a waveform of the bias needs a junction")
    if waveform.target == "bias" and drive.law == "constant":
        raise ParameterError("drive.waveform.target", "bias", "the constant law takes its torque from "
                             "drive.tau_par, not from the junction: choose the cosine or the transport law")
    if waveform.target == "tau_perp" and drive.law == "field":
        raise ParameterError("drive.waveform.target", "tau_perp", "the field law has no τ⊥: move τ∥, which is its "
                             "field along y")
    if waveform.target.startswith("tau") and drive.law == "transport":
        raise ParameterError("drive.waveform.target", waveform.target, "with the transport law the torque comes "
                             "from the junction: move its bias instead")


def _polynomials(spins: Spins, at: Array) -> tuple[Array, Array | None]:
    """The kernels' numbers as polynomials through their values at points in [−1, 1], and the harmonics."""
    packed = pack(spins)
    rows: Array = packed.par[:, :kernels.BASE]
    if packed.table is not None:
        rows = np.concatenate([rows, packed.table], axis=1)
    if packed.harmonics is not None and len(at) > 1 and np.ptp(packed.harmonics, axis=0).max() > 0:
        raise ParameterError("drive.waveform.target", "bias", "with Dresselhaus and Rashba interaction together "
                             "the transport law's torque depends on φ, which a waveform of the bias does not "
                             "follow: choose the cosine law, or β = 0")
    if len(at) == 1:
        return np.ascontiguousarray(rows), packed.harmonics
    return np.asarray(np.linalg.solve(np.vander(at, increasing=True), rows)), packed.harmonics


def _corners(waveform: Waveform) -> Array:
    """Where s(t) has a jump or a corner (ns)."""
    one = waveform
    pulse = [one.delay, one.delay + one.rise]
    if one.length is not None:
        pulse += [one.end - one.fall, one.end]
    return np.union1d(pulse if one.level or one.swing else [], one.times)


class Flock:
    """LANES samples of one macrospin; each feels its own thermal field, keyed by its number and the seed."""

    def __init__(self, spin: Driven, start: Array, keys: NDArray[np.uint64] | None = None, diffusion: float = 0.0,
                 axis: Array | None = None, level: float = -np.inf) -> None:
        """start (LANES, 3) or (3,); diffusion: η/ξ = ηk_BT/(µ₀M_s²𝒱), half the noise's power; hit notes when
        m·axis falls below the level."""
        self.spin = spin
        self._m = np.ascontiguousarray(np.broadcast_to(start, (LANES, 3)).T).reshape(-1)
        self._keys = np.zeros(LANES, dtype=np.uint64) if keys is None else keys
        self._diffusion = diffusion
        self._axis = np.zeros(3) if axis is None else axis
        self._level = level
        self.hit = np.full(LANES, np.inf)
        self._p = np.zeros((3, ROWS * LANES))
        self._t = np.zeros((3, 2 * TERMS * LANES)) if spin.numbers.shape[1] > kernels.BASE else None

    @property
    def m(self) -> Array:
        """Where the samples are (LANES, 3)."""
        return np.ascontiguousarray(self._m.reshape(3, LANES).T)

    def put(self, lanes: NDArray[np.bool_], m: Array, keys: NDArray[np.uint64]) -> None:
        """Let some of the samples (a mask) go on from elsewhere, m (n, 3), with other noise."""
        self._m.reshape(3, LANES)[:, lanes] = m.T
        self._keys[lanes] = keys

    def follow(self, legs: Legs, first: int, last: int, coarser: int = 1) -> Array:
        """Advance over legs first..last−1; m (kept legs, LANES, 3). coarser = 2 doubles the steps."""
        kept = []
        for i in range(first, last):
            if legs.counts[i]:
                self._march(float(legs.begin[i]), coarser * float(legs.step[i]),
                            int(legs.before[i]) // coarser, int(legs.counts[i]) // coarser)
            if legs.kept[i]:
                kept.append(self.m)
        return np.array(kept).reshape(-1, LANES, 3)

    def _march(self, begin: float, step: float, before: int, count: int) -> None:
        spin = self.spin
        eta = float(spin.spins.eta[0])
        noise = np.sqrt(2 * self._diffusion * step) / (1 + eta**2)
        level = self._level
        if noise > 0 and np.isfinite(level):
            level += OVERSHOOT * noise * np.sqrt((1 + eta**2) * (1 - level**2))
        harmonics = None
        if spin.harmonics is not None:
            harmonics = np.ascontiguousarray(np.repeat(step * spin.harmonics[0][..., None], LANES, axis=-1))
        kernels.march(self._m, self._p, self._t, harmonics, spin.numbers, spin.rows, *spin.wave, begin, step,
                      spin.unit, before, count, self._keys, noise, self._axis, level, self.hit)
