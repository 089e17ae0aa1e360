"""What lies below the interface against the depth: spin density, torque density, and the torque they add up to."""

from __future__ import annotations

import numpy as np

from smtj_gui.views.curves import curves_of
from smtj_gui.views.labels import shown
from smtj_gui.views.legend import Entry
from smtj_gui.views.plot import Line
from smtj_gui.views.plot_grid import PlotGrid

#: The dash patterns of the three lines of a running integral.
_FADED, _LIMIT = 3, 2


class DepthPlots(PlotGrid):
    """Linked plots against z. A running integral is drawn with its faded form and the value that both go to."""

    def lines_of(self, variable: str) -> list[Line]:
        lines = super().lines_of(variable)
        part = variable.removeprefix("running_")
        if part == variable or self.result is None or self.theme is None:
            return lines
        limit = float(self.result.data[f"torque_{part}"])
        for curve in curves_of(self.result, f"tapered_{part}", self.sweep):
            lines.append(Line(curve.x, curve.y, self.theme.lines[1], _FADED))
            lines.append(Line(curve.x[[0, -1]], np.full(2, limit), self.theme.foreground, _LIMIT))
        return lines

    def _entries(self) -> list[Entry]:
        entries = super()._entries()
        if self.theme is None or not any(pane.variable.startswith("running_") for pane in self.panes):
            return entries
        known = entries or [Entry("∫ from the interface to z", self.theme.lines[0])]
        return [*known, Entry("its tail faded out", self.theme.lines[1], _FADED),
                Entry(f"interface formula: {self._limits()}", self.theme.foreground, _LIMIT)]

    def _limits(self) -> str:
        """The two torques of the interface formula."""
        assert self.result is not None
        return ", ".join(f"{shown(name).symbol} = {shown(name).text(float(self.result.data[name]))}"
                         for name in ("torque_par", "torque_perp"))
