"""The kinds of waveform that the form offers: which numbers each has, and values to begin with; no Qt."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from smtj_engine.control import PLACES, Waveform
from smtj_engine.parameters import Setup
from smtj_engine.schema import spec_at, specs

#: What a waveform may move, in the words of the form.
TITLES = {"none": "nothing", "tau_par": "τ∥  in-plane torque", "tau_perp": "τ⊥  perpendicular torque",
          "bias": "V  bias of the junction", "h_x": "h_x  field along x", "h_y": "h_y  field along y",
          "h_z": "h_z  field along z"}
#: A height and an amplitude that show something, by the unit of what they move.
_TELLING = {"": 0.005, "V": 0.5, "M_s": 0.1}
#: Ranges of the sliders, by the unit.
RANGES = {"": (-0.02, 0.02), "V": (-1.0, 1.0), "M_s": (-0.5, 0.5)}
#: Everything but the target, as it is where nothing moves.
NEUTRAL: dict[str, Any] = {name: getattr(Waveform(), name) for name in specs(Waveform) if name != "target"}
#: At most this many points are edited as text.
MOST_TYPED = 100
#: A picture shows at most this many periods of an oscillation.
_PERIODS = 12


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind: its title, the fields that it has, fixed values of others, and first values of its own."""

    title: str
    fields: tuple[str, ...]
    fixed: dict[str, Any] = dataclasses.field(default_factory=dict)
    first: dict[str, Any] = dataclasses.field(default_factory=dict)

    def fits(self, waveform: Waveform) -> bool:
        """Whether the waveform has nothing but what this kind has."""
        return all(getattr(waveform, name) == self.fixed.get(name, neutral)
                   for name, neutral in NEUTRAL.items() if name not in self.fields)

    def changes(self, waveform: Waveform, target: str) -> dict[str, Any]:
        """What makes a waveform of this kind: what it does not have goes, what it lacks gets a telling value."""
        values = {name: self.fixed.get(name, neutral) for name, neutral in NEUTRAL.items()
                  if name not in self.fields}
        telling = _TELLING[unit_of(target)]
        for name, value in self.first.items():
            if getattr(waveform, name) in (NEUTRAL[name], None, 0.0):
                values[name] = _scaled(value, telling) if name in ("level", "swing", "values") else value
        if "frequency_end" in values and values["frequency_end"] is not None:
            values["frequency_end"] = 2 * waveform.frequency
        return values


def _scaled(value: Any, by: float) -> Any:
    return tuple(by * each for each in value) if isinstance(value, tuple) else by * value


_EDGES = ("level", "delay", "rise", "length", "fall")
_WAVE = ("swing", "frequency", "phase_deg", "delay", "length")

#: The kinds in the order of the list; the first one that fits names a waveform.
KINDS: dict[str, Kind] = {
    "step": Kind("step", ("level", "delay"), first={"level": 1.0, "delay": 1.0}),
    "ramp": Kind("ramp", ("level", "delay", "rise"), first={"level": 1.0, "rise": 5.0}),
    "pulse": Kind("pulse", _EDGES, first={"level": 1.0, "delay": 1.0, "length": 2.0}),
    "triangle": Kind("triangle", ("level", "delay", "rise", "fall"), {"length": 0.0},
                     {"level": 1.0, "rise": 5.0, "fall": 5.0}),
    "sine": Kind("sine", _WAVE, first={"swing": 1.0}),
    "chirp": Kind("chirp", (*_WAVE, "frequency_end"),
                  first={"swing": 1.0, "length": 10.0, "frequency_end": 2.0}),
    "points": Kind("points of a file or a list", ("times", "values"),
                   first={"times": (0.0, 1.0, 2.0), "values": (0.0, 1.0, 0.0)}),
    "all": Kind("all of these, added up", tuple(NEUTRAL)),
}


def kind_of(waveform: Waveform, known: str = "") -> str:
    """The kind of a waveform: the one that it was given, as long as that fits, else the first that does."""
    if known and KINDS[known].fits(waveform):
        return known
    return next(key for key, kind in KINDS.items() if kind.fits(waveform))


def unit_of(target: str) -> str:
    """The unit of what a waveform moves."""
    return spec_at(Setup(), PLACES[target]).unit if target in PLACES else ""


def retargeted(waveform: Waveform, target: str) -> dict[str, Any]:
    """What goes with another target: heights that nobody has chosen become telling ones in the new unit."""
    old, new = _TELLING[unit_of(waveform.target)], _TELLING[unit_of(target)]
    return {name: new for name in ("level", "swing") if getattr(waveform, name) == old != new}


def horizon(waveform: Waveform, duration: float) -> float:
    """How much of a run of `duration` ns a picture shows: what moves, not long stretches where nothing does."""
    shown = duration
    busy = [waveform.delay + waveform.rise, waveform.times[-1]]
    if waveform.level or waveform.swing:
        busy.append(waveform.end)
    last = max(busy)
    if 0 < last < math.inf:
        shown = min(shown, 1.25 * last)
    elif not waveform.swing and last == math.inf:
        shown = min(shown, max(2.5 * (waveform.delay + waveform.rise), 1.0))
    if waveform.swing:
        shown = min(shown, waveform.delay + _PERIODS / waveform.highest_frequency)
    return shown


