"""A measured curve and the expected one side by side, as labelled data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from smtj_engine.fitting.resonance import model_of
from smtj_engine.measured import Measurement
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Setup
from smtj_engine.results import Provenance, Result, attributes

Array = NDArray[np.float64]


def expected(measurement: Measurement, setup: Setup, values: Mapping[str, float] | None = None, *,
             accuracy: str = "draft", monitor: Monitor = silent) -> Result:
    """What a setup makes one expect of a measurement, a Result of kind "fit" without fitted parameters.

    values: of offset, scale and misalignment ("data.offset", …), or of any parameter instead of the setup's.
    Raises ParameterError where there is no model, Cancelled when the monitor does.
    """
    model = model_of(measurement, setup, accuracy, monitor)
    data = dataset(measurement, model.curve(values or {}), model.fine(values or {}))
    data.attrs["notes"] = [*measurement.notes, *model.notes(values or {})]
    return Result(kind="fit", setup=model.setup_with(values or {}), data=data,
                  provenance=Provenance(accuracy=accuracy))


def dataset(data: Measurement, curve: Array, fine: tuple[Array, Array]) -> xr.Dataset:
    """Dimension point: axes, measured, fitted, residual (and sigma); sample: a fine curve where there is one."""
    units = attributes(data.quantity)
    columns = {"measured": data.values, "fitted": curve, "residual": data.values - curve}
    variables = {name: ("point", values, {**units, "long_name": name}) for name, values in columns.items()}
    variables |= {axis: ("point", values, attributes(axis)) for axis, values in data.axes.items()}
    if data.sigma is not None:
        variables["sigma"] = ("point", data.sigma, {**units, "long_name": "standard deviation"})
    if fine[0].size:
        variables |= {f"curve_{data.against}": ("sample", fine[0], attributes(data.against)),
                      "curve": ("sample", fine[1], units)}
    return xr.Dataset(variables, attrs={
        "rows": "point", "quantity": data.quantity, "against": data.against, "data": data.name,
        "theta_deg": data.theta_deg, "phi_deg": data.phi_deg, "reference_deg": data.reference_deg,
        **{name: value for name in ("frequency", "field") if (value := getattr(data, name)) is not None}})


def in_order(data: Measurement, curve: Array) -> tuple[Array, Array]:
    """The curve at the measured points in the order of their axis, for a line; nothing over two axes."""
    if len(data.axes) > 1:
        return np.empty(0), np.empty(0)
    order = np.argsort(data.axes[data.against], kind="stable")
    return data.axes[data.against][order], curve[order]
