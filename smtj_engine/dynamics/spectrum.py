"""Spectrum of a trajectory: frequency, linewidth and harmonics of m and of the resistance."""

from __future__ import annotations

import dataclasses

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.fft import next_fast_len, rfft

from smtj_engine.arguments import check_kinds, check_whole, is_number
from smtj_engine.dynamics.fields import Array
from smtj_engine.results import Result, describe
from smtj_engine.schema import ParameterError

#: Multiples of the frequency whose amplitudes are reported.
HARMONICS = 6
#: Zero padding: the peak is then at most 1/16 of a line's width from a sample.
_PADDING = 8
#: Segments of a trajectory with thermal noise.
_SEGMENTS = 15
#: Below this amplitude nothing oscillates.
_STILL = 1e-6
#: Full width at half maximum of the Hann window's power, in 1/length.
_HANN_WIDTH = 1.44


def spectrum(result: Result, *, discard: float = 0.3, segments: int | None = None) -> Result:
    """The spectrum of a trajectory after the first part (`discard`) of it, with a Hann window.

    The power is averaged over this many segments that overlap by a half (Welch, 1967): by default 1, and 15 of a
    trajectory with thermal noise, whose single spectrum would be as noisy as itself.

    Dimension frequency (GHz): amplitude_mx, amplitude_resistance of steady lines; scalars peak (frequency of the
    vector m, interpolated), linewidth (full width at half maximum of the power) and resolution (that width for a
    steady line in a record this long); dimension harmonic: harmonic_mx and harmonic_resistance at multiples of
    the peak. R ∝ m_z² and so oscillates at twice the frequency of m. NaN where nothing oscillates.

    Raises ParameterError for a result that is no trajectory at equal time steps with at least 16 instants left.
    """
    check_kinds(result=(result, Result))
    if result.kind != "trajectory":
        raise ParameterError("result", result.kind, "a spectrum needs a trajectory")
    if not is_number(discard) or not 0 <= discard < 1:
        raise ParameterError("discard", discard, "must be a part from 0 up to 1", 0.0, 1.0)
    if segments is not None:
        check_whole("segments", segments, 1)
    time, m, resistance = _record(result, discard)
    step = (time[-1] - time[0]) / (len(time) - 1)
    columns = np.column_stack([m, resistance])
    columns = columns - columns.mean(axis=0)
    noisy = result.provenance.seed is not None
    parts = _segments(columns, (_SEGMENTS if noisy else 1) if segments is None else int(segments))
    length = parts.shape[1]
    window = np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2
    window *= 2 / window.sum()
    size = next_fast_len(_PADDING * length, real=True)
    # one by one, because long records are large
    amplitudes = [_mean_amplitude(parts[:, :, j], window, size) for j in range(4)]
    frequency = np.fft.rfftfreq(size, step)
    power = sum((amplitude**2 for amplitude in amplitudes[:3]), np.zeros(len(frequency)))
    peak, width = _line(power, frequency[1]) if np.sqrt(power.max()) > _STILL else (np.nan, np.nan)
    multiples = np.arange(1, HARMONICS + 1)
    waves = np.exp(-2j * np.pi * np.outer(multiples * peak, step * np.arange(length)))
    harmonics = np.sqrt((np.abs(waves @ (parts[:, :, [0, 3]] * window[:, None])) ** 2).mean(axis=0))
    data = describe(xr.Dataset(
        {"amplitude_mx": ("frequency", amplitudes[0]), "amplitude_resistance": ("frequency", amplitudes[3]),
         "peak": ((), peak), "linewidth": ((), width), "resolution": ((), _HANN_WIDTH / (step * length)),
         "harmonic_mx": ("harmonic", harmonics[:, 0]), "harmonic_resistance": ("harmonic", harmonics[:, 1])},
        coords={"frequency": frequency, "harmonic": multiples}))
    notes = result.notes
    if np.isnan(peak):
        notes.append("Nothing oscillates in this part of the trajectory.")
    if notes:
        data.attrs["notes"] = notes
    return dataclasses.replace(result, kind="spectrum", data=data)


def _mean_amplitude(parts: Array, window: Array, size: int) -> Array:
    """The root of the mean power of one column's segments (segment, time)."""
    if len(parts) == 1:
        return np.asarray(np.abs(rfft(parts[0] * window, size)))
    power = sum((np.abs(rfft(part * window, size)) ** 2 for part in parts), np.zeros(size // 2 + 1))
    return np.asarray(np.sqrt(power / len(parts)))


def _segments(columns: Array, count: int) -> Array:
    """The record (time, column) as segments that overlap by a half (segment, time, column)."""
    if count < 1 or 2 * len(columns) // (count + 1) < 16:
        raise ParameterError("segments", count, "each segment needs at least 16 instants", 1)
    length = 2 * len(columns) // (count + 1)
    firsts = np.linspace(0, len(columns) - length, count).astype(int)
    return np.stack([columns[first:first + length] for first in firsts])


def _record(result: Result, discard: float) -> tuple[Array, Array, Array]:
    """Times (ns), m and the resistance of the part that is analysed."""
    time: NDArray[np.float64] = result.data["time"].values
    first = int(discard * len(time))
    time = time[first:]
    if len(time) < 16:
        raise ParameterError("result", len(time), "a spectrum needs at least 16 instants")
    gaps = np.diff(time)
    if np.ptp(gaps) > 1e-6 * gaps.mean():
        raise ParameterError("result", None, "a spectrum needs equal time steps: give the trajectory a duration "
                             "instead of times")
    return time, result.data["m"].values[first:], result.data["resistance"].values[first:]


def _line(power: Array, step: float) -> tuple[float, float]:
    """The highest line's frequency, by a parabola through the logarithms, and its full width at half maximum."""
    top = int(np.argmax(power))
    if not 0 < top < len(power) - 1:
        return top * step, np.nan
    left, middle, right = np.log(np.maximum(power[top - 1:top + 2], 1e-300))
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    half = 0.5 * np.exp(middle - 0.25 * (left - right) * shift)
    low, high = top, top
    while low > 0 and power[low] > half:
        low -= 1
    while high < len(power) - 1 and power[high] > half:
        high += 1
    below = low + (half - power[low]) / (power[low + 1] - power[low])
    above = high - (half - power[high]) / (power[high - 1] - power[high])
    return (top + shift) * step, (above - below) * step
