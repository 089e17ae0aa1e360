"""The curve that a measurement should show for a junction, with offset, scale and misaligned angles."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from smtj_engine.fitting.choices import EXTRAS, OFFSET, PHI_SHIFT, SCALE, THETA_SHIFT, Vary
from smtj_engine.measured import MODEL_AXES, Measurement
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction, Setup
from smtj_engine.results import VARIABLES
from smtj_engine.schema import ParameterError, with_values
from smtj_engine.transport.barrier import model
from smtj_engine.transport.observables import bound_states
from smtj_engine.transport.points import Points, solve_all

Array = NDArray[np.float64]

#: Below this bias (V) the resistance is taken as 1/G.
_NO_BIAS = 1e-10
#: Junction, shifts of θ and φ (deg): what a bare curve depends on, and how many of them are kept.
_Key = tuple[Junction, float, float]
_KEPT = 32


class Model:
    """The expected curve of one measurement as a function of the fit parameters.

    The junction's part is kept for the last few parameter sets, since offset and scale do not change it.
    """

    def __init__(self, measurement: Measurement, setup: Setup, accuracy: str = "normal",
                 monitor: Monitor = silent) -> None:
        if strange := measurement.strange_axes:
            raise ParameterError("axes", strange[0], f"there is no model of {VARIABLES[measurement.quantity][0]} "
                                 f"against the {VARIABLES[strange[0]][1]}; such a curve can be shown, but not "
                                 "fitted")
        if measurement.bias is not None:
            setup = with_values(setup, {"junction.bias": measurement.bias})
        self.measurement, self.setup, self.accuracy = measurement, setup, accuracy
        self._monitor = monitor
        self._known: dict[_Key, Array] = {}

    def setup_with(self, values: Mapping[str, float]) -> Setup:
        """The setup with the fitted junction; ParameterError for one that cannot be."""
        return with_values(self.setup, {path: value for path, value in values.items() if path not in EXTRAS})

    def curve(self, values: Mapping[str, float]) -> Array:
        """The expected values at the measured points, shape (n,)."""
        key = self._key(values)
        if key not in self._known:
            self._solve({key: self._wanted(key[0], key[1:], *self._places(key[0]))})
        return dressed(self._known[key], values)

    def improved(self, vary: Sequence[Vary], fixed: Mapping[str, float]) -> dict[str, float]:
        """Better starts than the setup's of parameters that the user gave none; none are needed here."""
        return {}

    def prepare(self, many: Iterable[Mapping[str, float]]) -> None:
        """Work out the curves of several parameter sets as one map, for `curve` to find; those that cannot be are
        left out, and `curve` says why."""
        wanted: dict[_Key, list[Points]] = {}
        for values in many:
            with contextlib.suppress(ParameterError):
                key = self._key(values)
                if key not in self._known:
                    wanted[key] = self._wanted(key[0], key[1:], *self._places(key[0]))
        if wanted:
            self._solve(wanted)

    def _key(self, values: Mapping[str, float]) -> _Key:
        return self.setup_with(values).junction, values.get(THETA_SHIFT, 0.0), values.get(PHI_SHIFT, 0.0)

    def _places(self, junction: Junction) -> tuple[Array, Array, Array]:
        """θ, φ (deg) and V of the measured points."""
        data = self.measurement
        return (data.along("theta", data.theta_deg), data.along("phi", data.phi_deg),
                data.along("bias", junction.bias))

    def _solve(self, wanted: Mapping[_Key, list[Points]]) -> None:
        """Keep the bare curves of some junctions; forget older ones now and then."""
        if len(self._known) + len(wanted) > _KEPT:
            self._known.clear()
        found = iter(solve_all([points for each in wanted.values() for points in each], self._monitor))
        for key, each in wanted.items():
            self._known[key] = self._bare([next(found) for _ in each], self._places(key[0])[2])

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
        shifts = values.get(THETA_SHIFT, 0.0), values.get(PHI_SHIFT, 0.0)
        solved = solve_all(self._wanted(junction, shifts, theta, phi, bias), self._monitor)
        return along, dressed(self._bare(solved, bias), values)

    def _wanted(self, junction: Junction, shifts: tuple[float, float], theta: Array, phi: Array,
                bias: Array) -> list[Points]:
        """The points to be solved for the quantity at true angles (deg) and biases (V)."""
        quantity, theta, phi = self.measurement.quantity, theta + shifts[0], phi + shifts[1]

        def points(theta: Array, phi: Array, bias: Array) -> Points:
            return Points(junction, theta, phi, bias, self.accuracy)

        if quantity == "tamr":
            reference = self.measurement.reference_deg
            axes = self.measurement.axes
            turned = "phi" in axes and "theta" not in axes     # as angular_curve: along φ relative to φ
            theta_0 = theta if turned else np.full_like(theta, reference + shifts[0])
            phi_0 = np.full_like(phi, reference + shifts[1]) if turned else phi
            return [points(np.append(theta, theta_0), np.append(phi, phi_0), np.tile(bias, 2))]
        if quantity == "torque_perp_neq":
            return [points(theta, phi, bias), points(theta, phi, np.zeros_like(bias))]
        return [points(theta, phi, bias)]

    def _bare(self, solved: Sequence[Mapping[str, Array]], bias: Array) -> Array:
        """The quantity itself, from what `_wanted` asked for."""
        quantity = self.measurement.quantity
        if quantity == "tamr":
            resistance = _resistance(solved[0], np.tile(bias, 2))
            tamr: Array = resistance[:bias.size] / resistance[bias.size:] - 1
            return tamr
        if quantity == "resistance":
            return _resistance(solved[0], bias)
        if quantity == "torque_perp_neq":
            return solved[0]["torque_perp"] - solved[1]["torque_perp"]
        return solved[0][quantity]


def dressed(bare: Array, values: Mapping[str, float]) -> Array:
    """What is measured of the model's own values: scaled and shifted."""
    curve: Array = values.get(SCALE, 1.0) * bare + values.get(OFFSET, 0.0)
    return curve


def _resistance(points: Mapping[str, Array], bias: Array) -> Array:
    """V/I, and 1/G without bias (Ω·µm²)."""
    at_rest = np.abs(bias) < _NO_BIAS
    with np.errstate(divide="ignore", invalid="ignore"):
        resistance: Array = 1 / np.where(at_rest, points["conductance"],
                                         points["current_density"] / np.where(at_rest, 1.0, bias))
    return resistance
