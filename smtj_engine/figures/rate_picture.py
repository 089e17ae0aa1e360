"""Switching rates for print: estimates with error bars on a logarithmic scale, beside both laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smtj_engine.figures import style
from smtj_engine.results import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LAWS = {"brown": "Brown's equation", "kramers": "Kramers' law"}


def draw(result: Result, width_mm: float) -> Figure:
    """The rate against the sweep; without one the single estimates, beside their mean with its error."""
    data = result.data
    rates, errors = np.atleast_1d(data["mean_rate"].values), np.atleast_1d(data["rate_error"].values)
    if not (rates > 0).any():
        raise ValueError("there is no rate to draw")
    figure = style.new_figure(width_mm, 0.7 * width_mm)
    plot = style.axes(figure)
    swept = "over" in data.dims
    x = data["over"].values if swept else data["repeat"].values + 1
    look, *others = style.looks(1 + len(_LAWS))
    look = {**look, "linestyle": "none", "marker": "o", "markersize": 3.0}
    if swept:
        low = np.minimum(errors, 0.9 * rates)
        bars = np.nan_to_num(np.stack([low, errors]))
        plot.errorbar(x, rates, yerr=bars, label="forward flux", elinewidth=style.LINE, **look)
    else:
        plot.plot(x, data["rate"].values, label="single estimates", **look)
        plot.axhline(rates[0], color=look["color"], linewidth=style.LINE, label="their mean")
        low = max(rates[0] - errors[0], rates[0] / 10)
        plot.axhspan(low, rates[0] + errors[0], color=look["color"], alpha=0.15, linewidth=0)
    for (name, words), law in zip(_LAWS.items(), others, strict=True):
        if name in data and np.isfinite(values := np.broadcast_to(data[name].values, x.shape)).any():
            plot.plot(x, values, label=words, **law)
    plot.set_yscale("log")
    axis = data["over"].attrs if swept else {"symbol": "number of the estimate", "units": ""}
    plot.set_xlabel(style.label(axis, "over"), fontsize=style.TEXT)
    plot.set_ylabel(style.label(data["mean_rate"].attrs, "k"), fontsize=style.TEXT)
    plot.legend(fontsize=style.SMALL, frameon=False)
    return figure
