"""The Letter's Figs. 3 and 4 as drawings: the stability diagram, three paths on the sphere, f(τ∥)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from smtj_engine.dynamics.classify import IPP, OPP, STATES
from smtj_engine.figures import style
from smtj_engine.figures.dynamics_statements import edges_over
from smtj_engine.figures.numbers import PRINTED, Values, row_at
from smtj_engine.figures.publication import draw_map
from smtj_engine.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Behind the name of a zone.
_PATCH = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
_LETTERS = "τ∥ as printed in the Letter (ours · 2π)"


def fig_3(found: Mapping[str, Result]) -> Figure:
    """The normalized resistance at 35 ns over τ∥ and Q∥, from near the pole; dashed: the closed form's edges."""
    return _diagram(found["fig_3"])


def fig_3_from_the_plane(found: Mapping[str, Result]) -> Figure:
    """The same from a start near the plane, which the Letter calls similar and does not show."""
    return _diagram(found["fig_3_from_the_plane"])


def fig_4abc(found: Mapping[str, Result]) -> Figure:
    """Three paths on the sphere; the last fifth, where they have settled, in colour."""
    figure = style.new_figure(180.0, 64.0)
    for at, (letter, (printed, state)) in enumerate(PRINTED.items(), 1):
        result = found[f"fig_4{letter}"]
        plot = figure.add_subplot(1, len(PRINTED), at, projection="3d")
        _sphere(plot, result.data["m"].values)
        tau = result.setup.drive.tau_par
        plot.set_title(f"({letter}) {style.WORDS[state]}\nτ∥ = {printed:g} / 2π = {tau:.5f}".replace("-", "−"),
                       fontsize=style.TEXT, pad=4)
    return figure


def fig_4d(found: Mapping[str, Result]) -> Figure:
    """f(τ∥) of both precessions in closed form, and as simulated."""
    figure = style.new_figure(85.0, 70.0)
    plot = style.axes(figure)
    theory, simulated = found["fig_4d"], row_at(found["fig_4d_simulated"], found["fig_4d"].setup.magnet.q_par)
    for branch, colour in ((OPP, style.COLOURS[0]), (IPP, style.COLOURS[1])):
        name = style.WORDS[STATES[branch]]
        part = theory.data.isel(w=theory.data["branch"].values == branch)
        plot.plot(part["tau_par"].values, part["frequency"].values, color=colour, linewidth=style.LINE,
                  linestyle="-" if branch == OPP else (0, (5, 1.5)), label=f"{name}, closed form")
        cells = simulated.isel(x=simulated["state"].values == branch)
        plot.plot(cells["x"].values, cells["frequency"].values, color=colour, linestyle="", markersize=3.0,
                  marker="o" if branch == OPP else "s", markerfacecolor="none", label=f"{name}, simulated")
    for letter in PRINTED:
        tau = found[f"fig_4{letter}"].setup.drive.tau_par
        if tau > simulated["x"].values.min():
            plot.annotate(letter, (tau, 0.0), (tau, 0.04), textcoords=("data", "axes fraction"), ha="center",
                          fontsize=style.SMALL, color="#555555")
            plot.axvline(tau, color="#999999", linewidth=0.6, linestyle=":")
    plot.set_ylim(bottom=0.0)
    plot.set_xlabel(style.label(theory.data["tau_par"].attrs), fontsize=style.TEXT)
    plot.set_ylabel(style.label(theory.data["frequency"].attrs), fontsize=style.TEXT)
    _printed_axis(plot)
    figure.legend(*plot.get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False,
                  fontsize=style.SMALL - 0.5, handlelength=2.2, labelspacing=0.3)
    return figure


def _diagram(result: Result) -> Figure:
    figure = style.new_figure(85.0, 72.0)
    plot = style.axes(figure)
    draw_map(plot, result, "resistance")
    q_par = result.data["y"].values
    edges = edges_over(result)
    limits = plot.get_xlim()
    for edge in edges.T:
        plot.plot(edge, q_par, color="black", linewidth=0.9, linestyle=(0, (4, 2)))
    plot.set_xlim(limits)
    middle = int(0.86 * len(q_par))
    ends = np.concatenate(([limits[1]], edges[middle], [limits[0]]))
    for name, right, left in zip(("perpendicular", "opp", "ipp", "in_plane"), ends[:-1], ends[1:], strict=True):
        plot.text((left + right) / 2, q_par[middle], style.WORDS[name], ha="center", va="center",
                  fontsize=style.SMALL - 1, bbox=_PATCH)
    _printed_axis(plot)
    return figure


def _printed_axis(plot: Axes) -> None:
    """A second scale above: the same torques as the Letter prints them."""
    from matplotlib.ticker import MaxNLocator

    def printed(tau: Any) -> Any:
        return tau * 2 * np.pi

    def driving(tau: Any) -> Any:
        return tau / (2 * np.pi)

    plot.locator_params(axis="x", nbins=4)
    above = plot.secondary_xaxis("top", functions=(printed, driving))
    above.set_xlabel(_LETTERS, fontsize=style.SMALL, labelpad=3)
    above.xaxis.set_major_locator(MaxNLocator(4))
    above.tick_params(labelsize=style.SMALL - 0.5, width=0.6, length=2.5, direction="in")
    plot.tick_params(top=False)


def _sphere(plot: Any, m: Values) -> None:
    """A path on the unit sphere: all of it pale, its last fifth dark, its start marked."""
    turn, tilt = np.linspace(0, 2 * np.pi, 73), np.linspace(0, np.pi, 37)
    for height in np.cos(np.radians([30, 60, 90, 120, 150])):
        side = np.sqrt(1 - height**2)
        plot.plot(side * np.cos(turn), side * np.sin(turn), height, color="#D8D8D8", linewidth=0.5)
    for azimuth in np.radians(np.arange(0, 180, 30)):
        around = np.concatenate([tilt, tilt + np.pi])
        plot.plot(np.sin(around) * np.cos(azimuth), np.sin(around) * np.sin(azimuth), np.cos(around),
                  color="#D8D8D8", linewidth=0.5)
    settled = int(0.8 * len(m))
    plot.plot(*m[:settled + 1].T, color="#7FB2D6", linewidth=0.5)
    plot.plot(*m[settled:].T, color=style.COLOURS[1], linewidth=1.0)
    plot.plot(*m[:1].T, color="black", marker="o", markersize=3.0)
    plot.plot(*m[-1:].T, color=style.COLOURS[1], marker="o", markersize=3.0)
    for name, axis in zip("xyz", np.eye(3), strict=True):
        plot.plot(*np.array([axis, 1.2 * axis]).T, color="#555555", linewidth=0.7)
        plot.text(*(1.32 * axis), name, fontsize=style.SMALL, ha="center", va="center", style="italic")
    plot.set_box_aspect((1, 1, 1), zoom=1.28)
    plot.set(xlim=(-1, 1), ylim=(-1, 1), zlim=(-1, 1))
    plot.view_init(elev=22, azim=35)
    plot.set_axis_off()
