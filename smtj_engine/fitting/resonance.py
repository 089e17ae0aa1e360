"""The spectrum that a measurement of a spin diode should show: the linear response with scaled torkances.

The torque of the junction under its bias is multiplied by s∥ and s⊥, so that s∥∂T∥/∂V and s⊥∂T⊥/∂V are what the
measurement says; the current I(V, m) that it is read with stays the junction's, the amplitude V_rf that of
numerics.spin_diode.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from smtj_engine.dynamics.bias_response import BiasResponse, bias_response
from smtj_engine.dynamics.spin_diode import MOST_VALUES, small_signal
from smtj_engine.fitting.choices import EXTRAS, OFFSET, SCALE_PAR, SCALE_PERP, Vary
from smtj_engine.fitting.model import Model, dressed
from smtj_engine.measured import Measurement
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction, Setup
from smtj_engine.results import SPECTRA, VARIABLES
from smtj_engine.schema import ParameterError, value_at, with_values

Array = NDArray[np.float64]

#: Where the search for a start looks: values of Q⊥ up to so far (M_s) from the setup's, and times the damping.
_REACH, _SHIFTS, _TIMES = 0.6, 121, (0.25, 1.0, 4.0)
#: Of a swept field, where each value of Q⊥ is dear, fewer points and wider lines, which are met between them.
_FEWER, _WIDER, _THINNED = 81, (3.0,), 40
#: How often the search for a start asks whether it is still wanted.
_PARTS = 12
_STIFFNESS, _DAMPING = "magnet.q_perp", "magnet.damping"
_FIELDS = ("drive.h_x", "drive.h_y", "drive.h_z")


def model_of(measurement: Measurement, setup: Setup, accuracy: str = "normal",
             monitor: Monitor = silent) -> Model | ResonanceModel:
    """The model of what was measured; ParameterError where there is none."""
    kind = ResonanceModel if measurement.quantity in SPECTRA else Model
    return kind(measurement, setup, accuracy, monitor)


class ResonanceModel:
    """The expected spectrum of one measurement as a function of the fit parameters; as fitting.model.Model."""

    def __init__(self, measurement: Measurement, setup: Setup, accuracy: str = "normal",
                 monitor: Monitor = silent) -> None:
        if strange := measurement.strange_axes:
            raise ParameterError("axes", strange[0], "there is no model of a resonance against the "
                                 f"{VARIABLES[strange[0]][1]}; such a curve can be shown, but not fitted")
        if "frequency" not in measurement.axes and measurement.frequency is None:
            raise ParameterError("frequency", None, "a resonance against the field needs its frequency (GHz)")
        if measurement.bias is not None:
            setup = with_values(setup, {"junction.bias": measurement.bias})
        self.measurement, self.setup, self.accuracy = measurement, setup, accuracy
        self._monitor = monitor
        self._responses: dict[Junction, BiasResponse] = {}
        self._known: dict[tuple[object, ...], Array] = {}
        self._rests: dict[tuple[object, ...], Array] = {}

    def setup_with(self, values: Mapping[str, float]) -> Setup:
        """The setup with the fitted magnet and junction; ParameterError for one that cannot be."""
        return with_values(self.setup, {path: value for path, value in values.items() if path not in EXTRAS})

    def curve(self, values: Mapping[str, float]) -> Array:
        """The expected values at the measured points, shape (n,)."""
        setup = self.setup_with(values)
        key = setup.junction, setup.magnet, values.get(SCALE_PAR), values.get(SCALE_PERP)
        if key not in self._known:
            if len(self._known) > 16:
                self._known.clear()
            self._known[key] = self._bare(setup, values, *self._places())
        return dressed(self._known[key], values)

    def prepare(self, many: Iterable[Mapping[str, float]]) -> None:
        """Nothing is worked out beforehand: a curve takes milliseconds, and several no less together."""

    def fine(self, values: Mapping[str, float], points: int = 301) -> tuple[Array, Array]:
        """The expected curve at equidistant places between the outermost points, where there is one axis."""
        data, axis = self.measurement, self.measurement.against
        if len(data.axes) > 1:
            return np.empty(0), np.empty(0)
        along = np.linspace(data.axes[axis].min(), data.axes[axis].max(), points)
        frequency, field = (None if one is None else np.full(points, one[0]) for one in self._places())
        places = (along, field) if axis == "frequency" else (frequency, along)
        bare = self._bare(self.setup_with(values), values, *places)
        return along, dressed(bare, values)

    def notes(self, values: Mapping[str, float]) -> list[str]:
        """The torkances that the scales stand for, and where the resonance is."""
        setup = self.setup_with(values)
        response, bias = self._response(setup.junction), setup.junction.bias
        step = np.array([bias - 1e-3, bias + 1e-3])
        told = []
        for name, path, torque in zip(("∥", "⊥"), (SCALE_PAR, SCALE_PERP), response.torque_at(step), strict=True):
            at_45 = -np.sqrt(0.5) * torque @ np.sqrt(0.5) ** np.arange(torque.shape[1])  # T = −(T/sinθ) sin 45°
            slope, scale = float(at_45[1] - at_45[0]) / 2e-3, values.get(path, 1.0)
            told.append(f"∂T{name}/∂V = {scale * slope:.5g} eV/(µm² V) at 45° ({scale:.5g} times the junction's "
                        f"{slope:.5g})")
        told = ["; ".join(told) + "."]
        if "field" not in self.measurement.axes:
            field = self._places()[1]
            found = small_signal(setup, response, {} if field is None else self._fields(setup, field[:1]), 1,
                                 np.ones(1))
            told.append(f"Resonance at {float(found['resonance'][0]):.5g} GHz, full width "
                        f"{float(found['linewidth'][0]):.4g} GHz.")
        return told

    def improved(self, vary: Sequence[Vary], fixed: Mapping[str, float]) -> dict[str, float]:
        """Starts of Q⊥ and damping (fitted, but without a start of the user's) whose resonance lies where the data
        have theirs; a search from a line beside it would end anywhere. Scales and offset are best for each."""
        free = {one.path for one in vary if one.start is None}
        if _STIFFNESS not in free:
            return {}
        if swept := "field" in self.measurement.axes:
            free.discard(_DAMPING)
        axes, best = self._where(vary, free, swept), (np.inf, 0)
        thin = slice(None, None, max(1, self.measurement.values.size // _THINNED) if swept else 1)
        offset = None if OFFSET in {one.path for one in vary} else fixed.get(OFFSET, 0.0)
        for part in np.array_split(np.arange(axes[_STIFFNESS].size), _PARTS):
            self._monitor(0.0, "looking for the resonance")
            missed = self._missed({path: each[part] for path, each in axes.items()}, thin, offset)
            best = min(best, (float(missed.min()), int(part[missed.argmin()])))
        return {path: float(axes[path][best[1]]) for path in axes if path in free} if best[0] < np.inf else {}

    def _where(self, vary: Sequence[Vary], free: set[str], swept: bool) -> dict[str, Array]:
        """The values of Q⊥ and damping where the search for a start looks, within their bounds."""
        shifts = np.linspace(-_REACH, _REACH, _FEWER if swept else _SHIFTS)
        times = np.array(_WIDER if swept else _TIMES if _DAMPING in free else (1.0,))
        here = {_STIFFNESS: value_at(self.setup, _STIFFNESS) + shifts,
                _DAMPING: np.minimum(self.setup.magnet.damping * times, 1.0)}
        for one in vary:
            if one.path in free and one.path in here:
                here[one.path] = np.unique(np.clip(here[one.path], one.low, one.high))
        grid = np.meshgrid(*here.values())
        return {path: each.reshape(-1) for path, each in zip(here, grid, strict=True)}

    def _missed(self, axes: Mapping[str, Array], thin: slice, offset: float | None) -> Array:
        """The sums of squares (count,) that the best torkances (and offset, if none is given) leave of thinned
        data, for magnets whose parameters the axes replace; inf where no state is stable."""
        data, count = self.measurement, axes[_STIFFNESS].size
        frequency, field = (None if one is None else one[thin] for one in self._places())
        assert frequency is not None
        base, *parts = (self._table(self.setup, scales, axes, count, frequency, field)
                        for scales in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))
        weight = np.ones(frequency.size) if data.sigma is None else 1 / data.sigma[thin]
        left = np.full(count, np.inf)
        for at in np.flatnonzero(np.isfinite(base + parts[0] + parts[1]).all(axis=1)):
            columns = [part[at] - base[at] for part in parts]
            columns += [np.ones(frequency.size)] if offset is None else []
            table = np.stack(columns, axis=1) * weight[:, None]
            table /= np.maximum(np.abs(table).max(axis=0), 1e-300)
            wanted = (data.values[thin] - base[at] - (offset or 0.0)) * weight
            left[at] = ((wanted - table @ np.linalg.lstsq(table, wanted, rcond=None)[0]) ** 2).sum()
        return left

    def _places(self) -> tuple[Array, Array | None]:
        """Frequencies (GHz) and fields (T; None: that of the drive) of the measured points."""
        data = self.measurement
        field = None if "field" not in data.axes and data.field is None else data.along("field", data.field or 0.0)
        return data.along("frequency", data.frequency or 0.0), field

    def _bare(self, setup: Setup, values: Mapping[str, float], frequency: Array, field: Array | None) -> Array:
        """The quantity itself at frequencies (GHz) and fields (T) beside the drive's, both (n,)."""
        scales = values.get(SCALE_PAR, 1.0), values.get(SCALE_PERP, 1.0)
        curve: Array = self._table(setup, scales, {}, 1, frequency, field)[0]
        return curve

    def _table(self, setup: Setup, scales: tuple[float, float], axes: Mapping[str, Array], count: int,
               frequency: Array, field: Array | None) -> Array:
        """The same for `count` magnets, whose parameters the axes replace: (count, n)."""
        response = self._response(setup.junction).multiplied(*scales)
        turns, column = np.unique(frequency, return_inverse=True)
        if field is None:
            return self._signal(setup, response, axes, count, turns)[:, column]
        levels, row = np.unique(field, return_inverse=True)
        if levels.size * turns.size > MOST_VALUES:
            raise ParameterError("axes", levels.size, f"{levels.size} fields at {turns.size} frequencies are too "
                                 "many")
        every = {path: np.repeat(values, levels.size) for path, values in axes.items()}
        every |= {path: np.tile(values, count) for path, values in self._fields(setup, levels).items()}
        found = self._signal(setup, response, every, count * levels.size, turns)
        return np.asarray(found.reshape(count, levels.size, turns.size)[:, row, column])

    def _signal(self, setup: Setup, response: BiasResponse, axes: Mapping[str, Array], count: int,
                turns: Array) -> Array:
        """The quantity (count, turns). Finding the state at rest takes most of the time: it is kept while neither
        field nor anisotropy nor torque moves it; the damping does not."""
        bias = setup.junction.bias
        at_rest = response.series[1:].tobytes() if bias else b""
        magnet = dataclasses.replace(setup.magnet, damping=1.0)
        key = magnet, at_rest, *((path, values.tobytes()) for path, values in axes.items() if path != _DAMPING)
        found = small_signal(setup, response, axes, count, turns, self._rests.get(key))
        if len(self._rests) > 16:
            self._rests.clear()
        self._rests[key] = found["m_rest"]
        return found[self.measurement.quantity]

    def _fields(self, setup: Setup, field: Array) -> dict[str, Array]:
        """The components (M_s) of fields (T) along the measured direction, those of the drive added."""
        theta, phi = np.radians(self.measurement.theta_deg), np.radians(self.measurement.phi_deg)
        along = (np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta))
        return {path: value_at(setup, path) + field / setup.magnet.mu0_ms * part
                for path, part in zip(_FIELDS, along, strict=True)}

    def _response(self, junction: Junction) -> BiasResponse:
        """Current and torque of a junction, kept for the last few."""
        if junction not in self._responses:
            if len(self._responses) > 16:
                self._responses.clear()
            amplitude = self.setup.numerics.spin_diode.amplitude
            self._responses[junction] = bias_response(junction, self.setup.drive, junction.bias - amplitude,
                                                      junction.bias + amplitude, self._monitor)
        return self._responses[junction]
