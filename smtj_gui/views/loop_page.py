"""Hysteresis loops R(H) and R(V), there and back, and the read-out of a trajectory R(t)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from smtj_engine.results import attributes
from smtj_gui.views.curves import Curve, curves_of
from smtj_gui.views.labels import html, number, shown, with_unit
from smtj_gui.views.legend import Entry
from smtj_gui.views.plot import Line
from smtj_gui.views.plot_grid import Overlay, PlotGrid
from smtj_gui.views.time_traces import LongPlot

if TYPE_CHECKING:
    from smtj_engine.results import Result

_BACK = "_back"
_RESISTANCES = ("mean_resistance", "resistance", "tamr", "current_density")
_STATES = ("along", "m_x", "m_y", "m_z", "spread")


class LoopGrid(PlotGrid):
    """Each quantity there (full line) and back (dashed)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__([_RESISTANCES, _STATES], ("over",), [(0, 0), (1, 0)], parent)
        self.remarks = self._switches

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        if result is not None:
            result = with_components(result)
            if "along" not in result.data and self.panes[1].variable == "along":
                chooser = self.panes[1].chooser
                assert chooser is not None
                chooser.choose("m_z")   # what a field would have aligned
        super().show_result(result, draft)

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        super().set_overlays([Overlay(each.name, each.colour, with_components(each.result)) for each in overlays])

    def draws(self, variable: str) -> bool:
        return super().draws(variable.removesuffix(_BACK))

    def show_variable(self, variable: str) -> None:
        """Turn the chooser that has it to this variable."""
        for pane in self.panes:
            if variable in pane.variables and pane.chooser is not None:
                pane.chooser.choose(variable)

    def _live_lines(self, variable: str) -> list[Line]:
        assert self.theme is not None and self.result is not None
        return [Line(curve.x, curve.y, colour, dash) for curve, colour, dash in
                zip(_both(self.result, variable), self.theme.lines, (0, 1), strict=False)]

    def _overlay_lines(self, variable: str) -> list[Line]:
        return [Line(curve.x, curve.y, overlay.colour, dash, faint=True) for overlay in self._drawn_overlays()
                for curve, dash in zip(_both(overlay.result, variable), (0, 1), strict=False)]

    def _drawn_overlays(self) -> list[Overlay]:
        assert self.result is not None
        mine, path = self.result.data["mean_resistance"].values, self.result.data["over"].attrs["path"]
        return [each for each in super()._drawn_overlays()
                if each.result.data["over"].attrs["path"] == path
                and not np.array_equal(each.result.data["mean_resistance"].values, mine, equal_nan=True)]

    def _entries(self) -> list[Entry]:
        assert self.theme is not None
        return [Entry("there", self.theme.lines[0]), Entry("back", self.theme.lines[1], 1),
                *(Entry(each.name, each.colour) for each in self._drawn_overlays())]

    def _switches(self) -> str:
        """Where the samples switched on each way, in words."""
        assert self.result is not None
        how, words = shown("over", self.result.data), []
        for name, way in (("switching_value", "there"), ("switching_value_back", "back")):
            values = self.result.data[name].values
            values = values[np.isfinite(values)]
            if values.size:
                spread = f" ± {number(float(values.std()), 2)}" if values.size > 1 else ""
                mean = with_unit(f"{number(float(values.mean()), 3)}{spread}", how.unit)
                words.append(f"{way} at <b>{html(mean)}</b>")
        return "switches " + ", ".join(words) if words else "no switching"


class ReadoutGrid(PlotGrid):
    """Resistance, current and bias of the junction against time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__([("resistance",), ("current_density",), ("bias",)], ("time",), [(0, 0), (1, 0), (2, 0)],
                         parent, LongPlot)

    def show_variable(self, variable: str) -> None:
        """All of them are there."""


def with_components(result: Result) -> Result:
    """The loop with the mean of m as three variables on each way."""
    if "mean_m" not in result.data or "m_x" in result.data:
        return result
    parts = {f"m_{axis}{back}": ("over", result.data["mean_m" + back].values[:, at], attributes(f"m_{axis}"))
             for back in ("", _BACK) for at, axis in enumerate("xyz")}
    return dataclasses.replace(result, data=result.data.assign(parts))


def _both(result: Result, variable: str) -> list[Curve]:
    """The curve there, and the one back in the same unit."""
    factor = shown(variable).factor
    back = [dataclasses.replace(curve, y=curve.y * factor) for curve in
            curves_of(result, variable + _BACK, "over")]
    return curves_of(result, variable, "over") + back
