"""Parameters of control: the waveform that moves a part of the drive in time, and the grids of noise, switching
and the spin diode.

A waveform is the sum of a pulse with linear edges (a step, a ramp or a triangle are pulses too), an oscillation
or chirp while the pulse lasts, and points joined by lines, such as those of an imported file. It is added to the
value that the drive (or the junction's bias) has without it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smtj_engine.schema import ParameterError, check_fields, choice, numbers, quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: What a waveform may move, and the paths of these parameters.
TARGETS = ("none", "tau_par", "tau_perp", "bias", "h_x", "h_y", "h_z")
PLACES = {"tau_par": "drive.tau_par", "tau_perp": "drive.tau_perp", "bias": "junction.bias", "h_x": "drive.h_x",
          "h_y": "drive.h_y", "h_z": "drive.h_z"}
#: The most points of an imported waveform.
MOST_POINTS = 20_000


def _edge(label: str, symbol: str, help: str) -> Any:
    return quantity(0.0, label, "ns", symbol=symbol, low=0.0, high=1e6, soft=(0.0, 10.0),
                    why="0 is a jump", advanced=True, help=help)


@dataclass(frozen=True, kw_only=True)
class Waveform:
    """What moves in time: pulse, oscillation, points; amplitudes in the unit of what they move."""

    target: str = choice(
        "none", "What the waveform moves", TARGETS, symbol="s(t)",
        help="The waveform is added to this part of the drive; bias: to the junction's bias, whose torque then "
             "follows it.")
    level: float = quantity(
        0.0, "Height of the pulse", symbol="s₀", low=-20.0, high=20.0, soft=(-1.0, 1.0),
        why="torques, fields in M_s and volts stay well below",
        help="Height of the pulse above the drive's own value, in the unit of what it moves.")
    delay: float = _edge("Beginning of the pulse", "t₀", "When the first edge and the oscillation begin.")
    rise: float = _edge("Rise", "t_r", "Length of the first edge; a long one is a ramp.")
    length: float | None = quantity(
        None, "Length of the plateau", "ns", symbol="t_p", low=0.0, high=1e6, soft=(0.0, 20.0),
        why="0 with two edges is a triangle", none_means="a step that stays",
        help="How long the pulse keeps its height between its edges.")
    fall: float = _edge("Fall", "t_f", "Length of the last edge.")
    swing: float = quantity(
        0.0, "Amplitude of the oscillation", symbol="s₁", low=-20.0, high=20.0, soft=(-1.0, 1.0),
        why="torques, fields in M_s and volts stay well below",
        help="Amplitude of the sine that lasts as long as the pulse, in the unit of what it moves.")
    frequency: float = quantity(
        1.0, "Frequency of the oscillation", "GHz", symbol="f", low=1e-6, high=1e4, soft=(0.1, 50.0), log=True,
        why="a macrospin in its own field turns at some GHz", help="Frequency of the sine at its beginning.")
    frequency_end: float | None = quantity(
        None, "Last frequency of a chirp", "GHz", symbol="f₂", low=1e-6, high=1e4, soft=(0.1, 50.0),
        why="a macrospin in its own field turns at some GHz", none_means="the same as the first", advanced=True,
        help="A chirp moves from the first frequency to this one while the pulse lasts.")
    phase_deg: float = quantity(
        0.0, "Phase of the oscillation", "°", symbol="φ_s", low=-360.0, high=360.0, why="one turn either way",
        advanced=True, help="Phase of the sine at its beginning; 90° makes it a cosine.")
    times: tuple[float, ...] = numbers(
        (0.0,), "Times of the points", "ns", symbol="t_i", low=0.0, high=1e6, most=MOST_POINTS, advanced=True,
        why="from the start of the run",
        help="Increasing times of points that are joined by straight lines; outside, the first and last values "
             "hold.")
    values: tuple[float, ...] = numbers(
        (0.0,), "Values of the points", symbol="s_i", low=-20.0, high=20.0, most=MOST_POINTS, advanced=True,
        why="torques, fields in M_s and volts stay well below",
        help="Values at these times, in the unit of what they move.")

    def __post_init__(self) -> None:
        check_fields(self)
        if len(self.times) != len(self.values):
            raise ParameterError("values", len(self.values), f"there are {len(self.times)} times but "
                                 f"{len(self.values)} values")
        if any(later <= earlier for earlier, later in zip(self.times, self.times[1:], strict=False)):
            raise ParameterError("times", None, "must be increasing times")
        if self.frequency_end is not None and self.length is None:
            raise ParameterError("length", None, "a chirp needs an end: give the length of its pulse")

    def at(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """s at times in ns (n,): what it adds, in the unit of what it moves; dynamics/driven_kernels.wave in
        numpy, for pictures that cannot wait for the kernels."""
        import numpy as np

        x, length = times - self.delay, math.inf if self.length is None else self.length
        up = np.clip(x / self.rise, 0.0, 1.0) if self.rise else (x >= 0).astype(np.float64)
        y = x - self.rise - length
        down = np.clip(y / self.fall, 0.0, 1.0) if self.fall else (y >= 0).astype(np.float64)
        last = self.frequency if self.frequency_end is None else self.frequency_end
        lasts = self.end - self.delay
        rate = (last - self.frequency) / lasts if 0 < lasts < math.inf else 0.0
        sine = np.sin(2 * np.pi * (self.frequency + 0.5 * rate * x) * x + math.radians(self.phase_deg))
        sine = np.where((x >= 0) & (times < self.end), sine, 0.0)
        return np.asarray(self.level * (up - down) + self.swing * sine
                          + np.interp(times, self.times, self.values))

    @property
    def end(self) -> float:
        """When the pulse and the oscillation are over (ns)."""
        return math.inf if self.length is None else self.delay + self.rise + self.length + self.fall

    @property
    def highest_frequency(self) -> float:
        """The highest frequency of the oscillation (GHz), 0 without one."""
        return max(self.frequency, self.frequency_end or 0.0) if self.swing else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Values that s(t) never leaves."""
        edge = (min(self.level, 0.0), max(self.level, 0.0))
        return (edge[0] - abs(self.swing) + min(self.values), edge[1] + abs(self.swing) + max(self.values))


#: What the axes of a map of switching may be.
SWITCHING_AXES = (
    "drive.waveform.level", "drive.waveform.length", "drive.waveform.rise", "drive.waveform.fall",
    "drive.waveform.swing", "drive.waveform.frequency", "drive.tau_par", "drive.tau_perp",
    "drive.h_x", "drive.h_y", "drive.h_z", "drive.temperature", "magnet.volume", "magnet.damping",
    "magnet.q_par", "magnet.q_perp", "junction.bias")


def _theta(default: float) -> Any:
    return quantity(default, "Polar angle of the start", "°", symbol="θ₀", low=0.0, high=180.0,
                    why="θ is the angle between M and the normal z of the layers",
                    help="Where M starts; its nearest stable state is the one that it may leave.")


def _phi() -> Any:
    return quantity(0.0, "Azimuth of the start", "°", symbol="φ₀", low=-360.0, high=360.0, soft=(-180.0, 180.0),
                    why="one turn either way", help="Azimuth of M at the start.")


def _duration(default: float) -> Any:
    return quantity(default, "Duration", "ns", symbol="t", low=0.001, high=1e6, soft=(1.0, 200.0), log=True,
                    why="beyond 1 ms a macrospin says nothing new",
                    help="How long M is followed, the time after a pulse included.")


def _count(default: int) -> Any:
    return quantity(default, "Samples", symbol="n", low=1, high=1_000_000, soft=(64, 10_000), log=True,
                    integer=True, why="more do not fit into memory",
                    help="How many macrospins, each with its own thermal field.")


def _seed() -> Any:
    return quantity(0, "Seed of the noise", symbol="seed", low=0, high=2**31 - 1, integer=True, advanced=True,
                    why="a whole number", help="The same seed gives the same noise.")


@dataclass(frozen=True, kw_only=True)
class EnsembleGrid:
    """How many samples, from where, how long, and how often they are looked at."""

    count: int = _count(10_000)
    duration: float = _duration(5.0)
    instants: int = quantity(21, "Number of instants kept", symbol="n_t", low=1, high=100_000, soft=(2, 101),
                             integer=True, why="more do not fit into memory",
                             help="At how many times the cloud of samples is kept; 1: at the end only.")
    start: str = choice("fixed", "Start of the samples", ("fixed", "random"), symbol="start",
                        help="fixed: all at (θ₀, φ₀); random: even on the sphere.")
    theta0_deg: float = _theta(10.0)
    phi0_deg: float = _phi()
    seed: int = _seed()

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class SwitchingGrid:
    """The plane of a map of switching probabilities."""

    x: str = choice("drive.h_z", "Horizontal axis", SWITCHING_AXES, symbol="x", help="Parameter along x.")
    x_start: float = quantity(-0.5, "First x", symbol="x₁",
                              help="First value along x, in that parameter's unit.")
    x_stop: float = quantity(0.0, "Last x", symbol="x₂", help="Last value along x, in that parameter's unit.")
    x_points: int = quantity(24, "Cells along x", symbol="n_x", low=2, high=500, soft=(8, 64), integer=True,
                             why="each cell is an ensemble", help="Number of cells along x.")
    y: str = choice("drive.tau_par", "Vertical axis", SWITCHING_AXES, symbol="y", help="Parameter along y.")
    y_start: float = quantity(-0.01, "First y", symbol="y₁",
                              help="First value along y, in that parameter's unit.")
    y_stop: float = quantity(0.01, "Last y", symbol="y₂", help="Last value along y, in that parameter's unit.")
    y_points: int = quantity(24, "Cells along y", symbol="n_y", low=2, high=500, soft=(8, 64), integer=True,
                             why="each cell is an ensemble", help="Number of cells along y.")
    count: int = _count(64)
    duration: float = _duration(5.0)
    theta0_deg: float = _theta(10.0)
    phi0_deg: float = _phi()
    seed: int = _seed()

    def __post_init__(self) -> None:
        check_fields(self)
        for name in "xy":
            if getattr(self, f"{name}_start") == getattr(self, f"{name}_stop"):
                raise ParameterError(f"{name}_stop", getattr(self, f"{name}_stop"),
                                     "must differ from the first value of the axis")
        if self.x == self.y:
            raise ParameterError("y", self.y, "both axes are the same parameter")


#: What a map of the spin diode may be over.
DIODE_AXES = ("none", "drive.h_x", "drive.h_y", "drive.h_z", "junction.bias", "magnet.q_perp", "magnet.q_par",
              "magnet.damping", "magnet.mu0_ms", "magnet.thickness")


@dataclass(frozen=True, kw_only=True)
class SpinDiodeGrid:
    """Frequencies and amplitude of a spin diode, and what else is swept."""

    start: float = quantity(0.5, "First frequency", "GHz", symbol="f₁", low=1e-6, high=1e4, soft=(0.1, 50.0),
                            why="a macrospin in its own field turns at some GHz", help="First frequency.")
    stop: float = quantity(20.0, "Last frequency", "GHz", symbol="f₂", low=1e-6, high=1e4, soft=(0.1, 50.0),
                           why="a macrospin in its own field turns at some GHz", help="Last frequency.")
    points: int = quantity(201, "Number of frequencies", symbol="n", low=3, high=3601, soft=(11, 401),
                           integer=True, why="a curve needs a few points, and a screen has no more",
                           help="How many frequencies are shown.")
    amplitude: float = quantity(0.01, "Amplitude of the oscillating bias", "V", symbol="V_rf", low=1e-6, high=1.0,
                                soft=(0.001, 0.1), log=True, why="beyond 1 V nothing is small any more",
                                help="V_rf; with a current drive the current's amplitude is V_rf dI/dV.")
    source: str = choice("voltage", "Drive", ("voltage", "current"), symbol="source",
                         help="voltage: the rectified current; current: the rectified voltage.")
    method: str = choice("linear", "Method", ("linear", "time"), symbol="method",
                         help="linear: second order about the stable state; time: the equation of motion is "
                              "integrated as well, which shows what happens at large amplitudes.")
    over: str = choice("none", "Sweep beside the frequency", DIODE_AXES, symbol="over",
                       help="Makes a map, for instance over the field or the bias V_dc.")
    over_start: float = quantity(0.0, "First value of the sweep", symbol="x₁",
                                 help="First value, in that parameter's unit.")
    over_stop: float = quantity(0.2, "Last value of the sweep", symbol="x₂",
                                help="Last value, in that parameter's unit.")
    over_points: int = quantity(41, "Values of the sweep", symbol="n_x", low=2, high=1000, soft=(5, 200),
                                integer=True, why="a screen shows no more", help="How many values are swept.")
    theta0_deg: float = _theta(10.0)
    phi0_deg: float = _phi()

    def __post_init__(self) -> None:
        check_fields(self)
        for first, last in (("start", "stop"), ("over_start", "over_stop")):
            if getattr(self, first) == getattr(self, last):
                raise ParameterError(last, getattr(self, last), "must differ from the first value")
