"""A fit for print: the measured curve with the fitted one, the residuals under it, and the report on one page."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from smtj_engine.figures import style
from smtj_engine.fitting import report
from smtj_engine.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PAGE = (210.0, 297.0)  # mm
_MARGINS = (0.07, 0.05, 0.86, 0.9)  # left, bottom, width, height of what is printed
_LINE = 108  # characters


def draw(result: Result, width_mm: float = 85.0) -> Figure:
    """Data, curve and residuals of a fit, at a journal's column width."""
    figure = style.new_figure(width_mm, 0.9 * width_mm if width_mm < 120 else 0.6 * width_mm)
    grid = figure.add_gridspec(2, 1, height_ratios=(3, 1))
    _plots(figure, grid, result)
    return figure


def save_fit_report(result: Result, path: str | Path) -> Path:
    """One page with the picture and the report (PDF, PNG or SVG by the name's ending); FileError on failure."""
    figure = style.new_figure(*_PAGE)
    figure.set_layout_engine("constrained", rect=_MARGINS)
    grid = figure.add_gridspec(3, 1, height_ratios=(4, 1.3, 4.5))
    _plots(figure, grid, result)
    words = figure.add_subplot(grid[2, 0])
    words.axis("off")
    lines = [part for line in report.text(result).splitlines() for part in textwrap.wrap(
        line, _LINE, drop_whitespace=False, subsequent_indent="  ") or [""]]
    words.text(0.0, 1.0, "\n".join(lines), va="top", family="DejaVu Sans Mono", fontsize=style.SMALL,
               transform=words.transAxes)
    return style.save(figure, Path(path))


def _plots(figure: Figure, grid: Any, result: Result) -> None:
    """The curve and, under it, what it misses."""
    data, told = result.data, result.data.attrs
    axis = str(told["against"])
    factor, label = (100.0, "TAMR (%)") if told["quantity"] == "tamr" else (
        1.0, style.label(data["measured"].attrs))
    upper: Axes = style.dress(figure.add_subplot(grid[0, 0]))
    lower: Axes = style.dress(figure.add_subplot(grid[1, 0], sharex=upper))
    along = data[axis].values
    error = data["sigma"].values * factor if "sigma" in data else None
    look: dict[str, Any] = {"fmt": "o", "markersize": 2.8, "color": style.colour(0), "elinewidth": 0.7}
    upper.errorbar(along, data["measured"].values * factor, error, label="measured", **look)
    if "curve" in data:
        upper.plot(data[f"curve_{axis}"].values, data["curve"].values * factor, color=style.colour(1),
                   linewidth=style.LINE, label="fit", zorder=3)
    else:   # over two angles there is no one line
        upper.plot(along, data["fitted"].values * factor, "x", color=style.colour(1), markersize=3.5, label="fit")
    lower.errorbar(along, data["residual"].values * factor, error, **look)
    lower.axhline(0.0, color=style.colour(1), linewidth=0.8)
    most = float(np.abs(data["residual"].values * factor).max())
    if most > 0:
        lower.set_ylim(-1.25 * most, 1.25 * most)
    upper.set_ylabel(label, fontsize=style.TEXT)
    lower.set_ylabel("residual", fontsize=style.TEXT)
    lower.set_xlabel(style.label(data[axis].attrs), fontsize=style.TEXT)
    upper.tick_params(labelbottom=False)
    upper.legend(fontsize=style.SMALL, frameon=False)
    figure.align_ylabels([upper, lower])
