"""What the rate page draws of a result: estimates with their errors and both laws; no Qt."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from smtj_engine.results import attributes, describe

if TYPE_CHECKING:
    import xarray as xr

    from smtj_engine.results import Result

#: The laws by their variables, and what they are called.
LAWS = {"brown": "Brown's equation", "kramers": "Kramers' law"}
#: What may be drawn: a rate and its inverse.
QUANTITIES = ("mean_rate", "switching_wait")
_UNITS = ((1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s"), (3.6e12, "h"), (8.64e13, "days"),
          (3.15576e16, "years"))


def is_swept(result: Result) -> bool:
    """Whether there is a rate for each value of a sweep."""
    return "over" in result.data.dims


def pictured(result: Result, barrier: bool = False) -> Result:
    """The result with its rates along one dimension: "over", "barrier" if that is wanted and known, or "repeat"
    (the single estimates, where nothing is swept)."""
    data = result.data
    if not is_swept(result):
        data = _single(data)
    elif barrier and (known := np.isfinite(data["barrier"].values)).any():
        data = data.isel(over=known).drop_vars("over").rename(over="along")
        data = data.sortby("barrier").swap_dims(along="barrier")
        data = data.drop_vars("along", errors="ignore")
    return dataclasses.replace(result, data=data)


def _single(data: xr.Dataset) -> xr.Dataset:
    """One rate for each estimate, counted from 1; the laws beside each."""
    rates = data["rate"].values
    with np.errstate(divide="ignore"):
        columns = {"mean_rate": rates, "switching_wait": 1 / rates, "rate_error": np.full(rates.shape, np.nan)}
    columns |= {name: np.full(rates.shape, float(data[name])) for name in LAWS if name in data}
    found = data.drop_vars([*columns, "rate"], errors="ignore").assign_coords(repeat=np.arange(1, rates.size + 1))
    return describe(found.assign({name: ("repeat", values, attributes(name)) for name, values in columns.items()}))


def values_of(data: xr.Dataset, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """A quantity and its standard error."""
    values = np.asarray(data.variables[quantity].values, dtype=np.float64)
    rate, error = data.variables["mean_rate"].values, data.variables["rate_error"].values
    with np.errstate(divide="ignore", invalid="ignore"):
        return values, values * error / rate


def law_of(data: xr.Dataset, name: str, quantity: str) -> np.ndarray | None:
    """What a law says of a quantity; None where it says nothing."""
    if name not in data.variables:      # older results
        return None
    values = np.asarray(data.variables[name].values, dtype=np.float64)
    if not np.isfinite(values).any():
        return None
    with np.errstate(divide="ignore"):
        return values if quantity == "mean_rate" else 1 / values


def bars(x: np.ndarray, values: np.ndarray, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertical bars as one broken line; an error as large as its value ends a decade below."""
    low = np.maximum(values - errors, values / 10)
    gap = np.full(x.shape, np.nan)
    return np.stack([x, x, gap], axis=1).reshape(-1), np.stack([low, values + errors, gap], axis=1).reshape(-1)


def apart(x: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points that no line joins."""
    gap = np.full(x.shape, np.nan)
    return np.stack([x, gap], axis=1).reshape(-1), np.stack([values, gap], axis=1).reshape(-1)


def wait_in_words(nanoseconds: float) -> tuple[float, str]:
    """A time with the unit in which people say it: from nanoseconds to years."""
    factor, unit = max((each for each in _UNITS if each[0] <= nanoseconds), default=_UNITS[0])
    return nanoseconds / factor, unit
