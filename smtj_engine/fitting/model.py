"""The curve that a measurement should show for a junction, with offset, scale and misaligned angles."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from smtj_engine.fitting.choices import EXTRAS, OFFSET, PHI_SHIFT, SCALE, THETA_SHIFT
from smtj_engine.measured import MODEL_AXES, Measurement
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction, Setup
from smtj_engine.results import VARIABLES
from smtj_engine.schema import ParameterError, with_values
from smtj_engine.transport.barrier import model
from smtj_engine.transport.observables import bound_states
from smtj_engine.transport.points import transport_points

Array = NDArray[np.float64]

#: Below this bias (V) the resistance is taken as 1/G.
_NO_BIAS = 1e-10


class Model:
    """The expected curve of one measurement as a function of the fit parameters.

    The junction's part is kept for the last few parameter sets, since offset and scale do not change it.
    """

    def __init__(self, measurement: Measurement, setup: Setup, accuracy: str = "normal",
                 monitor: Monitor = silent) -> None:
        strange = [axis for axis in measurement.axes if axis not in MODEL_AXES]
        if strange:
            raise ParameterError("axes", strange[0], "there is no model of transport against the "
                                 f"{VARIABLES[strange[0]][1]}; such a curve can be shown, but not fitted")
        if measurement.bias is not None:
            setup = with_values(setup, {"junction.bias": measurement.bias})
        self.measurement, self.setup, self.accuracy = measurement, setup, accuracy
        self._monitor = monitor
        self._known: dict[tuple[Junction, float, float], Array] = {}

    def setup_with(self, values: Mapping[str, float]) -> Setup:
        """The setup with the fitted junction; ParameterError for one that cannot be."""
        return with_values(self.setup, {path: value for path, value in values.items() if path not in EXTRAS})

    def curve(self, values: Mapping[str, float]) -> Array:
        """The expected values at the measured points, shape (n,)."""
        junction = self.setup_with(values).junction
        key = junction, values.get(THETA_SHIFT, 0.0), values.get(PHI_SHIFT, 0.0)
        if key not in self._known:
            data = self.measurement
            if len(self._known) > 16:
                self._known.clear()
            self._known[key] = self._bare(junction, key[1:], data.along("theta", data.theta_deg),
                                          data.along("phi", data.phi_deg), data.along("bias", junction.bias))
        return self._dressed(self._known[key], values)

    def notes(self, values: Mapping[str, float]) -> list[str]:
        """What the engine has to say of the junction at the ends of its biases."""
        junction = self.setup_with(values).junction
        biases = self.measurement.along("bias", junction.bias)
        said = [bound_states(model(dataclasses.replace(junction, bias=float(bias))), 1.0)[0]
                for bias in (biases.min(), biases.max())]
        return list(dict.fromkeys(note for notes in said for note in notes))

    def fine(self, values: Mapping[str, float], points: int = 121) -> tuple[Array, Array]:
        """The expected curve at equidistant places between the outermost points, where there is one axis."""
        data, axis = self.measurement, self.measurement.against
        if len(data.axes) > 1:
            return np.empty(0), np.empty(0)
        along = np.linspace(data.axes[axis].min(), data.axes[axis].max(), points)
        junction = self.setup_with(values).junction
        places = {"theta": data.theta_deg, "phi": data.phi_deg, "bias": junction.bias, axis: along}
        theta, phi, bias = (np.broadcast_to(np.asarray(places[name], float), along.shape) for name in MODEL_AXES)
        bare = self._bare(junction, (values.get(THETA_SHIFT, 0.0), values.get(PHI_SHIFT, 0.0)), theta, phi, bias)
        return along, self._dressed(bare, values)

    @staticmethod
    def _dressed(bare: Array, values: Mapping[str, float]) -> Array:
        dressed: Array = values.get(SCALE, 1.0) * bare + values.get(OFFSET, 0.0)
        return dressed

    def _bare(self, junction: Junction, shifts: tuple[float, float], theta: Array, phi: Array,
              bias: Array) -> Array:
        """The quantity itself at true angles (deg) and biases (V)."""
        quantity, theta, phi = self.measurement.quantity, theta + shifts[0], phi + shifts[1]
        if quantity == "tamr":
            reference = self.measurement.reference_deg
            axes = self.measurement.axes
            turned = "phi" in axes and "theta" not in axes     # as angular_curve: along φ relative to φ
            theta_0 = theta if turned else np.full_like(theta, reference + shifts[0])
            phi_0 = np.full_like(phi, reference + shifts[1]) if turned else phi
            both = self._points(junction, np.append(theta, theta_0), np.append(phi, phi_0), np.tile(bias, 2))
            resistance = _resistance(both, np.tile(bias, 2))
            tamr: Array = resistance[:theta.size] / resistance[theta.size:] - 1
            return tamr
        points = self._points(junction, theta, phi, bias)
        if quantity == "resistance":
            return _resistance(points, bias)
        if quantity == "torque_perp_neq":
            at_rest = self._points(junction, theta, phi, np.zeros_like(bias))
            return points["torque_perp"] - at_rest["torque_perp"]
        return points[quantity]

    def _points(self, junction: Junction, theta: Array, phi: Array, bias: Array) -> dict[str, Array]:
        return transport_points(junction, theta_deg=theta, phi_deg=phi, bias=bias, accuracy=self.accuracy,
                                monitor=self._monitor)


def _resistance(points: Mapping[str, Array], bias: Array) -> Array:
    """V/I, and 1/G without bias (Ω·µm²)."""
    at_rest = np.abs(bias) < _NO_BIAS
    with np.errstate(divide="ignore", invalid="ignore"):
        resistance: Array = 1 / np.where(at_rest, points["conductance"],
                                         points["current_density"] / np.where(at_rest, 1.0, bias))
    return resistance
