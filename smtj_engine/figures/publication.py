"""Re-draws any result for print at a journal's column width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from smtj_engine.figures import fit_report, junction_pictures, rate_picture, style
from smtj_engine.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: What each kind shows, one panel each; other kinds show every number that they hold along their last axis.
_PANELS = {
    "angular": ("tamr", "torque_par", "torque_perp"),
    "bias": ("current_density", "conductance", "tamr", "torque_par", "torque_perp_neq"),
    "rashba": ("tamr", "torque_par", "torque_perp_neq"),
    "energy": ("omega", "K_i", "vcma"),
    "density": ("spin_par", "spin_perp", "spin_along", "torque_density_par", "torque_density_perp", "running_par",
                "running_perp"),
    "kmap": ("transmission", "polarization", "torque_par_k", "torque_perp_k"),
    "comparison": ("torque_par", "torque_perp_neq", "field_par", "field_perp"),
    "trajectory": ("m", "resistance"),
    "stability": ("state", "resistance", "frequency"),
    "limit-cycles": ("frequency",),
    "spectrum": ("amplitude_mx", "amplitude_resistance"),
    "ensemble": ("mean_m", "switched", "histogram"),
    "switching": ("probability", "mean_time"),
    "loop": ("resistance", "tamr", "mean_resistance", "along"),
    "readout": ("resistance", "current_density", "bias"),
    "spin-diode": ("resonant", "resonant_voltage", "timed", "resonance", "linewidth"),
}
#: Kinds that are drawn against a variable instead of their own dimension: Fig. 4d.
_AGAINST = {"limit-cycles": "tau_par"}
_WAVE_VECTORS = ("k_x", "k_y")
#: What is drawn into the panel of another variable.
_BESIDE = {"histogram": "boltzmann", "running_par": "tapered_par", "running_perp": "tapered_perp"}
#: Kinds with a drawing of their own.
_OWN = {"fit": fit_report.draw, "systems": junction_pictures.systems, "bands": junction_pictures.bands,
        "rate": rate_picture.draw}
_OWN_ORDER, _BESIDE_ORDER = 2.0, 1.9     # a result's own curves lie above those of others
_ONE_COLUMN = 120.0  # mm; wider figures get panels side by side
_MOST_IN_LEGEND = 8
_HARMONICS = 8  # a spectrum is drawn up to this multiple of its peak
_FEW = 12  # points that are shown as such


@dataclass(frozen=True)
class Beside:
    """Another result whose curves are drawn with a figure's own, under this name and in this colour, "#RRGGBB"."""

    name: str
    colour: str
    result: Result


def save_result(result: Result, path: str | Path, *, width_mm: float = 85.0, dpi: float = 300.0,
                font_pt: float = style.TEXT, colours: Sequence[str] = style.COLOURS,
                beside: Sequence[Beside] = (), name: str = "") -> Path:
    """Draw a result as PNG, PDF or SVG (by the name's ending) of this width; FileError when that fails.

    font_pt: size of the text; colours: of the curves, as "#RRGGBB", taken in turn; beside: results whose curves
    are drawn with those of this one, where they share its axis (maps have none); name: of this result among them.
    """
    with style.in_colours(colours):
        figure = draw(result, width_mm, beside, name, font_pt)
    return style.save(figure, Path(path), dpi)


def draw(result: Result, width_mm: float = 85.0, beside: Sequence[Beside] = (), own: str = "",
         font_pt: float = style.TEXT) -> Figure:
    """The figure of a result: one panel per quantity, one curve per member of the family, and other results."""
    if result.kind in _OWN:
        figure = _OWN[result.kind](result, width_mm)
        style.resize_text(figure, font_pt)
        return figure
    names = panels(result)
    if not names:
        raise ValueError(f"there is nothing to draw in a {result.kind} result")
    columns = 1 if width_mm < _ONE_COLUMN else min(len(names), 3)
    rows = -(-len(names) // columns)
    figure = style.new_figure(width_mm, rows * width_mm / columns * (0.58 if columns == 1 else 0.8))
    plots = [style.axes(figure, rows, columns, at) for at in range(1, len(names) + 1)]
    for at, (plot, name) in enumerate(zip(plots, names, strict=True)):
        if _is_map(result.data[name]):
            draw_map(plot, result, name)
        else:
            draw_curves(plot, result, name)
            _draw_beside(plot, result, name, beside, own)
        if len(names) > 1:
            plot.set_title(f"({'abcdefghijkl'[at % 12]})", loc="left", fontsize=style.TEXT, pad=3)
    handles, labels = _legend(plots[0])
    if not handles and (caption := _scalars(result.data)):
        figure.suptitle(caption, fontsize=style.SMALL, wrap=True)
    style.resize_text(figure, font_pt)
    if handles:
        style.legend(figure, handles, labels, 2 if columns == 1 else 2 * columns, font_pt)
    return figure


def panels(result: Result) -> list[str]:
    """The variables of a result that are drawn, in order."""
    data = result.data
    wanted = _PANELS.get(result.kind, tuple(str(name) for name in data.data_vars))
    return [name for name in wanted if name in data and 1 <= data[name].ndim <= 2 and data[name].size
            and data[name].dtype.kind in "fiu"]


def draw_curves(plot: Axes, result: Result, name: str, **options: Any) -> None:
    """One quantity against the last axis, with a curve and a legend entry per member of the family."""
    values, factor, text = _scaled(_family_first(result.data[name]))
    axis = str(values.dims[-1])
    along = result.data[_AGAINST.get(result.kind, axis)]
    texts = [""]
    if values.ndim == 2:
        texts = [_member(value, str(values.attrs.get("symbol", name))) for value in values.coords[values.dims[0]]]
    curves = values.values.reshape(-1, values.shape[-1]) * factor
    few = {"marker": "o", "markersize": 3.0} if along.size <= _FEW else {}
    for curve, look, member in zip(curves, style.looks(len(curves)), texts, strict=True):
        plot.plot(along.values, curve, label=member or "_", **{**look, **few, **options})
    if (back := result.data.get(f"{name}_back")) is not None and values.ndim == 1:
        plot.lines[0].set_label("there")
        plot.plot(along.values, back.values * factor, label="back", **{**style.looks(2)[1], **few, **options})
    if (other := result.data.get(_BESIDE.get(name, ""))) is not None and np.isfinite(other.values).all():
        plot.plot(along.values, other.values, label="_", **{**style.looks(2)[1], **options})
        plot.legend(plot.lines, [style.symbol(str(each.attrs["symbol"])) for each in (values, other)],
                    fontsize=style.SMALL, frameon=False)
    if name == "torque_par" and _is_noise(result.data):
        plot.set_ylim(-1.0, 1.0)
    plot.set_xlabel(style.label(along.attrs, axis), fontsize=style.TEXT)
    plot.set_ylabel(text, fontsize=style.TEXT)
    if axis in ("theta", "phi"):
        plot.xaxis.set_major_locator(_degrees(float(along.values[-1] - along.values[0])))
    plot.margins(x=0)
    if axis == "frequency" and float(result.data.get("peak", np.nan)) > 0:
        plot.set_xlim(0.0, min(_HARMONICS * float(result.data["peak"]), float(along.values[-1])))


def _draw_beside(plot: Axes, result: Result, name: str, others: Sequence[Beside], own: str) -> None:
    """The same quantity of other results with the same axis: thinner, below, and one legend entry for each."""
    axis = _family_first(result.data[name]).dims[-1]
    fitting = [each for each in others
               if each.result.kind == result.kind and axis in each.result.data.get(name, xr.DataArray()).dims]
    if fitting and str(plot.lines[0].get_label()).startswith("_"):
        plot.lines[0].set_label(_as_it_is(own) or "this setup")
    for order, other in enumerate(fitting, start=1):
        look: dict[str, Any] = {"color": other.colour, "linewidth": 0.7 * style.LINE, "zorder": _BESIDE_ORDER}
        for index, (along, curve) in enumerate(_curves(other.result, name)):
            plot.plot(along, curve, label="_" if index else _as_it_is(other.name),
                      linestyle=style.DASHES[(order + index) % len(style.DASHES)], **look)
    plot.margins(x=0)


def _as_it_is(name: str) -> str:
    """A name as matplotlib prints it letter by letter: no mathematics between dollars, none hidden by a "_"."""
    return (" " if name.startswith("_") else "") + name.replace("$", r"\$")


def _curves(result: Result, name: str) -> Iterator[tuple[Any, Any]]:
    """Position and value, as drawn, of each curve of a quantity, there and back."""
    for variable in (name, f"{name}_back"):
        if variable in result.data:
            values, factor, _ = _scaled(_family_first(result.data[variable]))
            along = result.data[_AGAINST.get(result.kind, str(values.dims[-1]))].values
            for curve in values.values.reshape(-1, values.shape[-1]):
                yield along, curve * factor


def draw_map(plot: Axes, result: Result, name: str) -> None:
    """One quantity over a plane with a colour bar: words for states, a scale about zero for signed numbers."""
    values, factor, text = _scaled(result.data[name])
    if values.dims == _WAVE_VECTORS:
        values = values.transpose()
        plot.set_aspect("equal")
    down, across = (values.coords[dim] for dim in values.dims)
    shown = values.values * factor
    words = str(values.attrs.get("flag_meanings", "")).split()
    if words:
        limits: dict[str, Any] = {"cmap": style.palette(len(words)), "vmin": -0.5, "vmax": len(words) - 0.5}
    else:
        largest = float(np.nanmax(np.abs(shown), initial=0.0)) or 1.0
        signed = float(np.nanmin(shown, initial=0.0)) < 0
        limits = ({"cmap": "RdBu_r", "vmin": -largest, "vmax": largest} if signed else
                  {"cmap": "viridis", "vmin": 0.0, "vmax": largest})
    mesh = plot.pcolormesh(across.values, down.values, shown, shading="nearest", rasterized=True, **limits)
    plot.grid(visible=False)
    plot.locator_params(axis="x", nbins=4)  # small numbers have long labels
    bar = plot.figure.colorbar(mesh, ax=plot, pad=0.02)
    bar.ax.tick_params(labelsize=style.SMALL)
    if words:
        bar.set_ticks(list(range(len(words))),
                      labels=[style.WORDS.get(word, word.replace("_", " ")) for word in words])
    bar.set_label(text, fontsize=style.TEXT)
    plot.set_xlabel(style.label(across.attrs, str(across.name)), fontsize=style.TEXT)
    plot.set_ylabel(style.label(down.attrs, str(down.name)), fontsize=style.TEXT)


def _family_first(values: xr.DataArray) -> xr.DataArray:
    """With what is in words before the axis of numbers: the components of a vector are a family too."""
    return values.transpose(*[dim for dim in values.dims
                              if dim in values.coords and values.coords[dim].dtype.kind in "UO"], ...)


def _is_map(values: xr.DataArray) -> bool:
    """Whether a quantity lies over a plane: called y and x, a spin diode's sweep and frequency, or k_x and k_y."""
    return values.dims in (("y", "x"), ("over", "frequency"), _WAVE_VECTORS)


def _is_noise(data: xr.Dataset) -> bool:
    """Whether T∥ is zero to the accuracy of T⊥, as at zero bias: its rounding errors are not worth a scale."""
    if "torque_perp" not in data:
        return False
    return bool(np.abs(data["torque_par"].values).max() <= 1e-8 * np.abs(data["torque_perp"].values).max())


def _member(value: xr.DataArray, vector: str) -> str:
    """One member of a family in words: α_R = 4 eV·Å², or a component of a vector: m_x."""
    if value.dtype.kind in "UO" and value.name != "component":
        return str(value.item())
    if value.dtype.kind in "UO":
        return style.symbol(f"{vector}_{value.item()}")
    unit = style.unit(str(value.attrs.get("units", "")))
    return f"{style.symbol(str(value.attrs.get('symbol', value.name)))} = {float(value):g} {unit}".rstrip()


def _scaled(values: xr.DataArray) -> tuple[xr.DataArray, float, str]:
    """The values, the factor they are shown with, and the axis label: fractions are shown in per cent."""
    if values.attrs.get("symbol") == "TAMR":
        return values, 100.0, "TAMR (%)"
    return values, 1.0, style.label(values.attrs, str(values.name))


def _degrees(span: float) -> Any:
    """Ticks at a natural part of a turn."""
    from matplotlib.ticker import MultipleLocator

    return MultipleLocator(next((step for step in (15, 30, 45) if span / step <= 6), 90))


def _legend(plot: Axes) -> tuple[list[Any], list[str]]:
    """The entries of a family, of a large one an evenly spaced choice; and those of all results beside it."""
    entries = list(zip(*plot.get_legend_handles_labels(), strict=True))
    own = [entry for entry in entries if entry[0].get_zorder() == _OWN_ORDER]
    step = -(-len(own) // _MOST_IN_LEGEND) or 1
    chosen = [*own[::step], *(entry for entry in entries if entry[0].get_zorder() != _OWN_ORDER)]
    return [handle for handle, _ in chosen], [label for _, label in chosen]


def _scalars(data: xr.Dataset) -> str:
    """The single numbers of a result in words, such as K_i = −1.832 mJ/m²."""
    said = []
    for name, value in data.data_vars.items():
        if value.ndim == 0 and value.dtype.kind == "f":
            symbol = style.symbol(str(value.attrs.get("symbol", name)))
            said.append(f"{symbol} = {float(value):.4g} {style.unit(str(value.attrs.get('units', '')))}".strip())
    # a caption that is too long breaks between two of them
    return ",  ".join(text.replace(" ", "\u00a0") for text in said).replace("=\u00a0-", "=\u00a0−")
