"""What lies below the interface against the depth: spin density, torque density, and the torque they add up to."""

from __future__ import annotations

import numpy as np

from smtj_gui.views.curves import curves_of
from smtj_gui.views.labels import shown
from smtj_gui.views.legend import Entry
from smtj_gui.views.plot import Line
from smtj_gui.views.plot_grid import PlotGrid

#: The dash patterns of the three lines of a running integral; the last one is a limit's elsewhere too.
_FADED, _LIMIT = 3, 2


class DepthPlots(PlotGrid):
    """Linked plots against z. A running integral is drawn with its faded form and the value that both go to, the
    spin density along M with that of the bulk."""

    def lines_of(self, variable: str) -> list[Line]:
        lines = super().lines_of(variable)
        if variable == "spin_along":
            return lines + self._bulk()
        part = variable.removeprefix("running_")
        if part == variable or self.result is None or self.theme is None:
            return lines
        limit = float(self.result.data[f"torque_{part}"])
        for curve in curves_of(self.result, f"tapered_{part}", self.sweep):
            lines.append(Line(curve.x, curve.y, self.theme.lines[1], _FADED))
            lines.append(Line(curve.x[[0, -1]], np.full(2, limit), self.theme.foreground, _LIMIT))
        return lines

    def _bulk(self) -> list[Line]:
        """What the spin density along M goes to at V = 0, where it is defined at all."""
        if self.result is None or self.theme is None:
            return []
        bulk = np.full(2, float(self.result.data.get("spin_bulk", np.nan)))
        return [Line(curve.x[[0, -1]], bulk, self.theme.foreground, _LIMIT)
                for curve in curves_of(self.result, "spin_along", self.sweep)[:1] if np.isfinite(curve.y).any()]

    def _why_zero(self, variable: str) -> str:
        if self.result is not None and variable not in self.result.data:
            return "this run was made without it: run it again"
        return super()._why_zero(variable)

    def _entries(self) -> list[Entry]:
        entries = super()._entries()
        if self.theme is None or self.result is None:
            return entries
        if self.draws("running_par"):
            known = entries or [Entry("∫ from the interface to z", self.theme.lines[0])]
            return [*known, Entry("its tail faded out", self.theme.lines[1], _FADED),
                    Entry(f"interface formula: {self._limits()}", self.theme.foreground, _LIMIT)]
        if self._bulk():
            bulk = shown("spin_along").text(float(self.result.data["spin_bulk"]))
            known = entries or [Entry("in the junction", self.theme.lines[0])]
            return [*known, Entry(f"in the bulk: n↑−n↓ = {bulk}", self.theme.foreground, _LIMIT)]
        return entries

    def _limits(self) -> str:
        """The two torques of the interface formula."""
        assert self.result is not None
        return ", ".join(f"{shown(name).symbol} = {shown(name).text(float(self.result.data[name]))}"
                         for name in ("torque_par", "torque_perp"))
