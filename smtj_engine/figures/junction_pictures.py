"""The bands of a junction, and the table of systems, for print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smtj_engine.figures import style
from smtj_engine.results import Result
from smtj_engine.transport.barrier import has_second_magnet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The rows of the printed table: variable, words, factor.
_ROWS = (
    ("resistance", "R·A (Ω·µm²)", 1.0), ("magnetoresistance", "TAMR or TMR (%)", 100.0),
    ("torque_par", "T∥ (eV/µm²)", 1.0), ("field_par", "T∥ (mT)", 1.0), ("torque_perp_neq", "ΔT⊥ (eV/µm²)", 1.0),
    ("K_i", "Kᵢ (mJ/m²)", 1.0), ("vcma", "VCMA (fJ/(V·m))", 1.0), ("bias_precession", "V, precession (V)", 1.0),
    ("frequency", "f there (GHz)", 1.0), ("bias_switching", "V, switching (V)", 1.0),
    ("power", "j·V (W/µm²)", 1.0), ("power_critical", "j·V, critical (W/µm²)", 1.0))


def bands(result: Result, width_mm: float) -> Figure:
    """The potential of both spins, filled up to the Fermi levels."""
    figure = style.new_figure(width_mm, 0.7 * width_mm)
    plot = style.axes(figure)
    data = result.data
    z, fermi = data["z"].values, data["fermi_level"].values
    for name, look, colour in zip(("potential_up", "potential_down"), style.looks(2), (1, 0), strict=True):
        line, = plot.plot(z, data[name].values, label=f"{data[name].attrs['symbol']}",
                          **{**look, "color": style.colour(colour)})     # as in the window
        for side in (slice(0, 2), slice(-2, None)):
            bottom = np.minimum(data[name].values[side], fermi[side])
            plot.fill_between(z[side], bottom, fermi[side], color=line.get_color(), alpha=0.2, linewidth=0)
    plot.plot(z, fermi, color="black", linewidth=style.LINE, label="µ")
    right = "ferromagnet" if has_second_magnet(result.setup.junction) else "normal metal"
    plot.set_title(f"ferromagnet | barrier | {right}, V = {result.setup.junction.bias:g} V", fontsize=style.SMALL)
    plot.set_xlabel(style.label(data["z"].attrs, "z"), fontsize=style.TEXT)
    plot.set_ylabel("E (eV)", fontsize=style.TEXT)
    plot.margins(x=0)
    plot.legend(fontsize=style.SMALL, frameon=False)
    return figure


def systems(result: Result, width_mm: float) -> Figure:
    """The table as it stands: one column for each system."""
    data = result.data
    titles = [str(title).replace(" (", "\n(") for title in data["system"].values]
    cells = [[_cell(float(value) * factor) for value in data[name].values] for name, _, factor in _ROWS]
    fits = min(1.0, width_mm / (34.0 + 22.0 * len(titles)))     # a narrow column takes a small text
    figure = style.new_figure(width_mm, fits * 6.0 * (len(_ROWS) + 3) + 8.0)
    plot = style.axes(figure)
    plot.set_axis_off()
    table = plot.table(cells, rowLabels=[words for _, words, _ in _ROWS], colLabels=titles, loc="center",
                       cellLoc="right")
    table.auto_set_font_size(False)
    table.set_fontsize(fits * style.SMALL)
    for (row, _), cell in table.get_celld().items():
        cell.set_linewidth(0.3)
        if row == 0:
            cell.set_height(1.7 * cell.get_height())
    plot.set_title(f"at V = {float(data.attrs['bias']):g} V, θ = 45°", fontsize=style.SMALL)
    return figure


def _cell(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3g}".replace("-", "−")
