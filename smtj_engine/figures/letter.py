"""The Letter's figures as CSV, PNG and PDF, and report.md on its statements: `smtj figures DIR`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtj_engine.figures import letter_dynamics, style
from smtj_engine.figures.numbers import Numbers, compute
from smtj_engine.figures.publication import draw_curves
from smtj_engine.figures.report import report
from smtj_engine.files import csv, disk
from smtj_engine.monitor import Monitor, silent
from smtj_engine.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 85.0, 66.0  # mm, one column
_MARKERS = "os^Dv"


def letter_figures(folder: str | Path, monitor: Monitor = silent) -> list[Path]:
    """Compute and write everything; returns the files. FileError when one cannot be written.

    Each figure is written as soon as its numbers are there, so that after Cancelled the finished ones remain.
    """
    folder = disk.make_folder(folder)
    written: list[Path] = []
    found: dict[str, Any] = {}
    for name, answer in compute(monitor):
        found[name] = answer
        for file, variables in _TABLES.get(name, {}).items():
            written.append(csv.write(_only(answer, *variables), folder / f"{file}.csv"))
        for file, draw in _PICTURES.get(name, {}).items():
            figure = draw(found)
            written += [style.save(figure, folder / f"{file}{suffix}") for suffix in (".png", ".pdf")]
    written.append(disk.write_text(folder / "report.md", report(Numbers(**found))))
    monitor(1.0)
    return written


def fig_1a(found: Mapping[str, Result]) -> Figure:
    """TAMR against θ at zero bias."""
    figure, plot = _plot()
    _family(plot, found["fig_1"], "tamr")
    _legend(figure, plot)
    return figure


def fig_1b(found: Mapping[str, Result]) -> Figure:
    """T⊥ against θ at zero bias; inset: against φ at 45°."""
    figure, plot = _plot()
    _family(plot, found["fig_1"], "torque_perp")
    _legend(figure, plot)
    inset = style.dress(plot.inset_axes((0.655, 0.68, 0.33, 0.30)), style.SMALL)
    draw_curves(inset, found["fig_1b_inset"], "torque_perp", linestyle="-", linewidth=1.0)
    inset.set_xlabel(inset.get_xlabel(), fontsize=style.SMALL, labelpad=1)
    inset.set_ylabel("T⊥ at 45°", fontsize=style.SMALL, labelpad=1)
    inset.set_ylim(bottom=0.0)
    return figure


def fig_2a(found: Mapping[str, Result]) -> Figure:
    """T∥ against α for several biases; dashed: T⊥(V) − T⊥(0) at the largest one."""
    figure, plot = _plot()
    _family(plot, found["fig_2a"], "torque_par")
    _dashed(plot, found["fig_2a"], {"bias": 0.8}, "T⊥(V)−T⊥(0), 0.8 V")
    _legend(figure, plot)
    return figure


def fig_2b(found: Mapping[str, Result]) -> Figure:
    """T∥ against the bias for several α; dashed: T⊥(V) − T⊥(0) at α = 4."""
    figure, plot = _plot()
    _family(plot, found["fig_2b"], "torque_par")
    _dashed(plot, found["fig_2b"], {"rashba": 4.0}, "T⊥(V)−T⊥(0), " + style.symbol("α_R = 4"))
    _legend(figure, plot)
    return figure


_ACROSS, _TORQUES = ("torque_perp", "torque_par"), ("torque_par", "torque_perp_neq")
_CELLS, _PATH = ("resistance", "state", "frequency", "sensitive"), ("m", "resistance")
#: By the name of the numbers: CSV files and the variables that each of them holds.
_TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    "fig_1": {"fig_1a": ("tamr", "resistance"), "fig_1b": _ACROSS},
    "fig_1b_inset": {"fig_1b_inset": _ACROSS},
    **{name: {name: _TORQUES} for name in ("fig_2a", "fig_2b")},
    **{name: {name: _CELLS} for name in ("fig_3", "fig_3_from_the_plane", "fig_4d_simulated")},
    **{name: {name: _PATH} for name in ("fig_4a", "fig_4b", "fig_4c")},
    "fig_4d": {"fig_4d": ("tau_par", "frequency", "branch", "threshold")},
}
#: By the name of the last numbers that they need: the drawings.
_PICTURES: dict[str, dict[str, Callable[[Mapping[str, Result]], Figure]]] = {
    "fig_1": {"fig_1a": fig_1a, "fig_1b": fig_1b},
    "fig_2a": {"fig_2a": fig_2a},
    "fig_2b": {"fig_2b": fig_2b},
    "fig_3": {"fig_3": letter_dynamics.fig_3},
    "fig_3_from_the_plane": {"fig_3_from_the_plane": letter_dynamics.fig_3_from_the_plane},
    "fig_4c": {"fig_4abc": letter_dynamics.fig_4abc},
    "fig_4d_simulated": {"fig_4d": letter_dynamics.fig_4d},
}


def _plot() -> tuple[Figure, Axes]:
    figure = style.new_figure(_WIDTH, _HEIGHT)
    return figure, style.axes(figure)


def _family(plot: Axes, result: Result, name: str) -> None:
    """Solid curves told apart by colour and marker, since a dashed line means T⊥(V) − T⊥(0) here."""
    draw_curves(plot, result, name, linestyle="-")
    for at, line in enumerate(plot.get_lines()):
        line.set(marker=_MARKERS[at % len(_MARKERS)], markersize=2.6, markevery=(0.02 * at, 0.1))
    plot.set_ylabel(plot.get_ylabel() + ("" if name == "tamr" or "theta" in result.data.dims else " at θ = 45°"),
                    fontsize=style.TEXT)


def _dashed(plot: Axes, result: Result, member: dict[str, float], text: str) -> None:
    curve = result.data["torque_perp_neq"].sel(member, method="nearest")
    plot.plot(curve.coords[curve.dims[0]].values, curve.values, color="black", linestyle=(0, (5, 2)),
              linewidth=style.LINE, label=text)


def _legend(figure: Figure, plot: Axes) -> None:
    handles, labels = plot.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=style.SMALL - 0.5, frameon=False,
                  handlelength=2.2, labelspacing=0.3, columnspacing=1.0, borderpad=0.1)


def _only(result: Result, *names: str) -> Result:
    """The same result with these variables alone."""
    return dataclasses.replace(result, data=result.data[list(names)])
