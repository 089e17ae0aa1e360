"""Least squares with bounds (lmfit): the parameters that make the model meet a measured curve."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smtj_engine.fitting import picture
from smtj_engine.fitting.choices import (
    EXTRAS,
    OFFSET,
    SCALE,
    START,
    Vary,
    default_bounds,
    spec_of,
    start_of,
)
from smtj_engine.fitting.resonance import model_of
from smtj_engine.measured import Measurement
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Setup
from smtj_engine.results import Provenance, Result
from smtj_engine.schema import ParameterError, ascii_unit

Array = NDArray[np.float64]

#: How points are weighted: by their uncertainties, or all the same.
WEIGHTS = ("sigma", "equal")
#: Derivatives are differences over this part of a parameter: well above the errors of each accuracy.
_STEP = {"draft": 3e-3, "normal": 1e-4, "reference": 1e-4}
#: Relative change of χ² and of the parameters that ends the search: far below any uncertainty.
_TOLERANCE = {"draft": (1e-5, 1e-5), "normal": (1e-7, 1e-8), "reference": (1e-9, 1e-10)}
#: A parameter that is zero starts at this part of its usual range, since at zero most curves are even in it.
_NUDGE = 0.02
#: A live curve is handed over at most every so often (s).
_REDRAW = 1 / 30
_MOST_STEPS = 100
#: From here on two parameters are one, as far as the data tell.
_ALIKE = 0.98
_REFUSED = 1e3


def fit(measurement: Measurement, setup: Setup, vary: Sequence[Vary | str], *,
        fixed: Mapping[str, float] | None = None, weights: str | None = None, accuracy: str = "normal",
        monitor: Monitor = silent) -> Result:
    """Fit the junction of a setup (and offset, scale, misalignment) to a measured curve.

    fixed: offset, scale or misalignment ("data.offset", …) that are not varied but differ from 0, 1, 0.

    weights "sigma" (default where there are uncertainties, which are then taken as they are) or "equal" (the
    scatter about the curve gives the uncertainty). Returns a Result of kind "fit": its setup is the fitted one;
    dimension point: the axes, measured, fitted, residual (and sigma); curve_… along sample: the fitted curve;
    parameter: start, value, stderr, low95, high95, lower, upper; correlation (parameter, other); attributes
    chi_square, reduced_chi_square, degrees_of_freedom, evaluations, converged, message. The monitor gets the best
    curve so far as partial Result. Raises ParameterError for a fit that makes no sense, Cancelled with the best
    curve so far.
    """
    return _Search(measurement, setup, vary, fixed or {}, weights, accuracy, monitor).run()


class _Search:
    """One fit: parameters, weights, the best curve so far."""

    def __init__(self, measurement: Measurement, setup: Setup, vary: Sequence[Vary | str],
                 fixed: Mapping[str, float], weights: str | None, accuracy: str, monitor: Monitor) -> None:
        self.data, self.accuracy, self.monitor = measurement, accuracy, monitor
        self.model = model_of(measurement, setup, accuracy, lambda fraction, note="", partial=None: self._tick())
        self.setup = self.model.setup       # at the bias of the data
        self._asked = [one if isinstance(one, Vary) else Vary(path=one) for one in vary]
        self.vary = self._checked(self._asked)
        held = {path: spec_of(path).check(value, path) for path, value in fixed.items()}
        self.fixed = {path: value for path, value in held.items() if path not in {one.path for one in self.vary}}
        self.weights = weights or ("equal" if measurement.sigma is None else "sigma")
        if self.weights not in WEIGHTS:
            raise ParameterError("weights", weights, f"must be one of {', '.join(WEIGHTS)}")
        if self.weights == "sigma" and measurement.sigma is None:
            raise ParameterError("weights", weights, "the data hold no uncertainties to weight by")
        spread = float(np.std(measurement.values)) or float(np.abs(measurement.values).max()) or 1.0
        self.sigma: Array = (np.full(measurement.values.shape, spread) if self.weights == "equal"
                             or measurement.sigma is None else measurement.sigma)
        self.best: tuple[float, dict[str, float], Array] | None = None
        self.steps = self.evaluations = 0
        self.refused = ""       # why the model refused a trial, if it did
        self._shown = 0.0

    def _checked(self, vary: list[Vary]) -> list[Vary]:
        """The parameters with start and bounds, or ParameterError in the user's terms."""
        if not vary:
            raise ParameterError("vary", (), "choose at least one parameter to fit")
        if len({one.path for one in vary}) != len(vary):
            raise ParameterError("vary", [one.path for one in vary], "a parameter is named twice")
        if self.data.values.size <= len(vary):
            raise ParameterError("vary", len(vary), f"{self.data.values.size} points cannot fix "
                                 f"{len(vary)} parameters")
        for one in vary:
            axis = {"junction.bias": "bias"}.get(one.path)
            if axis in self.data.axes:
                raise ParameterError(one.path, None, "is the axis of the data and cannot be fitted")
        return [self._bounded(one) for one in vary]

    def _bounded(self, one: Vary) -> Vary:
        low, high = default_bounds(self.setup, one.path, self.data.quantity)
        low = low if one.low is None else one.low
        high = high if one.high is None else one.high
        if not low < high:
            raise ParameterError(one.path, (low, high), "the lower bound must lie below the upper one")
        start = start_of(self.setup, one.path) if one.start is None else one.start
        if start == 0 and one.path not in EXTRAS:
            nudge = _NUDGE * _width(one.path)
            start = nudge if nudge < high else -nudge
        if not low <= start <= high:
            raise ParameterError(one.path, start, f"the start lies outside its bounds {low:g} … {high:g}",
                                 low, high)
        return Vary(path=one.path, start=start, low=low, high=high)

    # -- what lmfit calls ------------------------------------------------------------------------------

    def run(self) -> Result:
        """Search until it has converged."""
        import lmfit  # late: takes a second or two

        self._begin()
        parameters = lmfit.Parameters()
        for at, one in enumerate(self.vary):
            parameters.add(f"p{at}", value=one.start, min=one.low, max=one.high)
        square, step = _TOLERANCE[self.accuracy]
        minimizer = lmfit.Minimizer(self._residual, parameters, nan_policy="raise",
                                    scale_covar=self.weights == "equal", max_nfev=_MOST_STEPS)
        try:
            found = minimizer.minimize(method="least_squares", Dfun=self._jacobian, x_scale="jac",
                                       ftol=square, xtol=step, gtol=1e-12)
        except Cancelled as stop:
            stop.partial = self._result(None) if self.best else None
            raise
        except ValueError as error:
            if isinstance(error, ParameterError):
                raise
            raise ParameterError("data", self.data.name, f"the fit failed: {error}") from error
        return self._result(found)

    def _begin(self) -> None:
        """Take the better starts that the model may know where the user gave none."""
        free = [dataclasses.replace(one, start=asked.start)
                for one, asked in zip(self.vary, self._asked, strict=True)]
        better = self.model.improved(free, self.fixed)
        self.vary = [dataclasses.replace(one, start=better.get(one.path, one.start)) for one in self.vary]

    def _values(self, parameters: Any) -> dict[str, float]:
        return {one.path: float(parameters[f"p{at}"].value) for at, one in enumerate(self.vary)}

    def _residual(self, parameters: Any) -> Array:
        """(measured − expected)/σ at a trial; a junction that cannot be is a very bad fit."""
        self.steps += 1
        values = self._values(parameters)
        try:
            curve = self._curve(values)
        except ParameterError as error:
            if self.best is None:
                raise
            self.refused = error.reason
            return np.full(self.data.values.shape, _REFUSED * (1 + np.sqrt(self.best[0])))
        residual: Array = (self.data.values - curve) / self.sigma
        if not np.all(np.isfinite(residual)):
            raise ParameterError("data", self.data.name, "the model gives no number at some of the points")
        square = float(residual @ residual)
        if self.best is None or square < self.best[0]:
            self.best = square, values, curve
        self._tell()
        return residual

    def _jacobian(self, parameters: Any) -> Array:
        """∂residual/∂parameter by differences that stay within bounds and within the model."""
        values = self._values(parameters)
        self.model.prepare({**self.fixed, **trial} for trial in self._trials(values))
        here = self._curve(values)
        return np.stack([-self._slope(one, values, here) / self.sigma for one in self.vary], axis=1)

    def _slope(self, one: Vary, values: dict[str, float], here: Array) -> Array:
        value = values[one.path]
        if one.path == OFFSET:
            return np.ones_like(here)
        if one.path == SCALE:
            return self._curve({**values, SCALE: 1.0, OFFSET: 0.0})
        for signed in self._steps(one, value):
            try:
                return (self._curve({**values, one.path: value + signed}) - here) / signed
            except ParameterError as error:
                self.refused = error.reason
        raise ParameterError(one.path, value, "the model ends on both sides of this value")

    def _steps(self, one: Vary, value: float) -> list[float]:
        """The steps that a difference may take within the bounds, the better one first."""
        assert one.low is not None and one.high is not None
        step = _STEP[self.accuracy] * max(abs(value), _NUDGE * _width(one.path))
        both = (step, -step) if value + step <= one.high else (-step, step)
        return [signed for signed in both if one.low <= value + signed <= one.high]

    def _trials(self, values: dict[str, float]) -> Iterator[dict[str, float]]:
        """The parameter sets that the differences need, to be worked out side by side."""
        yield values
        for one in self.vary:
            if one.path not in (OFFSET, SCALE):
                yield from ({**values, one.path: values[one.path] + signed}
                            for signed in self._steps(one, values[one.path])[:1])

    def _curve(self, values: Mapping[str, float]) -> Array:
        self.evaluations += 1
        return self.model.curve({**self.fixed, **values})

    # -- news and result -------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Between kernel calls: only to learn that the answer is no longer wanted."""
        self.monitor(self._fraction(), self._note())

    def _fraction(self) -> float:
        """Nobody knows how many steps there will be; five more is the guess."""
        return self.steps / (self.steps + 5.0)

    def _note(self) -> str:
        return f"step {self.steps}" if self.best is None else (
            f"step {self.steps}, χ² per degree of freedom {self._reduced(self.best[0]):.4g}")

    def _reduced(self, square: float) -> float:
        scale = 1.0 if self.weights == "sigma" else float(self.sigma[0]) ** 2
        return scale * square / (self.data.values.size - len(self.vary))

    def _tell(self) -> None:
        if self.monitor is silent or time.monotonic() - self._shown < _REDRAW:
            return
        self._shown = time.monotonic()
        self.monitor(self._fraction(), self._note(), self._result(None))

    def _result(self, found: Any) -> Result:
        """The best curve so far; with uncertainties once lmfit has found the end (found is its answer)."""
        assert self.best is not None
        square, values, curve = self.best
        data, done = self.data, found is not None
        fine = self.model.fine({**self.fixed, **values}) if done else picture.in_order(data, curve)
        covariance = getattr(found, "covar", None)
        table, correlation, notes = _statistics(self.vary, values, covariance,
                                                data.values.size - len(self.vary), self.weights == "sigma")
        dataset = picture.dataset(data, curve, fine).assign(
            {**{name: ("parameter", column) for name, column in table.items()},
             "correlation": (("parameter", "other"), correlation)})
        dataset = dataset.assign_coords(parameter=[one.path for one in self.vary])
        dataset.attrs |= {
            "weights": self.weights,
            "units": [ascii_unit(spec_of(one.path, data.quantity).unit) for one in self.vary],
            "chi_square": square if self.weights == "sigma" else square * float(self.sigma[0]) ** 2,
            "reduced_chi_square": self._reduced(square), "degrees_of_freedom": data.values.size - len(self.vary),
            "steps": self.steps, "evaluations": self.evaluations, "converged": int(done and bool(found.success)),
            "message": str(found.message) if done else "not finished",
            "notes": [*data.notes, *(notes if done and found.success else []), *self._remarks(found),
                      *(self.model.notes(values) if done else [])]}
        return Result(kind="fit", setup=self.model.setup_with(values), data=dataset,
                      provenance=Provenance(accuracy=self.accuracy))

    def _remarks(self, found: Any) -> list[str]:
        """What the user should know of the search itself."""
        if found is None:
            return ["The fit was not finished."]
        held = [f"{spec_of(path).symbol} = {value:g}" for path, value in self.fixed.items()
                if value != START[path]]
        remarks = [] if found.success else [
            f"The search was given up after {self.steps} steps: the data may not fix all these parameters."]
        remarks += [f"Held fixed: {', '.join(held)}."] if held else []
        return remarks + ([f"The fit touched the end of the model: {self.refused}."] if self.refused else [])


def _width(path: str) -> float:
    """How wide a parameter's usual range is."""
    spec = spec_of(path)
    low, high = spec.soft or (spec.low, spec.high)
    return 1.0 if low is None or high is None or path in EXTRAS else float(high) - float(low)


def _statistics(vary: Sequence[Vary], values: Mapping[str, float], covariance: Any, free: int,
                known: bool) -> tuple[dict[str, Array], Array, list[str]]:
    """Columns of the table of parameters, their correlations, and sentences on what cannot be told.

    The 95 % interval is value ± t σ; t of Student's distribution where the scatter gave σ, of the normal one where
    the uncertainties of the data were known.
    """
    from scipy.special import ndtri, stdtrit

    count = len(vary)
    matrix = np.full((count, count), np.nan) if covariance is None else np.asarray(covariance, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        stderr = np.sqrt(np.diag(matrix))
        correlation = matrix / np.outer(stderr, stderr)
    value = np.array([values[one.path] for one in vary])
    factor = float(ndtri(0.975)) if known else float(stdtrit(free, 0.975))
    table = {"start": np.array([one.start for one in vary], float), "value": value, "stderr": stderr,
             "low95": value - factor * stderr, "high95": value + factor * stderr,
             "lower": np.array([one.low for one in vary], float),
             "upper": np.array([one.high for one in vary], float)}
    return table, correlation, _doubts(vary, table, correlation)


def _doubts(vary: Sequence[Vary], table: Mapping[str, Array], correlation: Array) -> list[str]:
    """Why an uncertainty should not be believed."""
    symbols = [spec_of(one.path).symbol for one in vary]
    if not np.all(np.isfinite(table["stderr"])):
        if len(vary) == 1:
            return [f"With the other parameters as they are, {symbols[0]} hardly changes this curve: no "
                    "uncertainty can be given. Vary another one."]
        return ["The data do not fix these parameters together: no uncertainties can be given. Vary fewer."]
    doubts = []
    for at, symbol in enumerate(symbols):
        width = table["upper"][at] - table["lower"][at]
        margin = min(table["value"][at] - table["lower"][at], table["upper"][at] - table["value"][at])
        if np.isfinite(width) and margin < 1e-6 * width:
            doubts.append(f"{symbol} ended at its bound; its uncertainty says little.")
        for other in range(at):
            if abs(correlation[at, other]) > _ALIKE:
                doubts.append(f"The data hardly tell {symbols[other]} and {symbol} apart (correlation "
                              f"{correlation[at, other]:.3f}): fix one of them.")
    return doubts
