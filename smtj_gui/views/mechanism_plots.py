"""The spin-orbit torque beside that of a conventional junction: per area on the left, as a field on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from smtj_gui.views.curves import Curve
from smtj_gui.views.labels import axis_label, axis_scale, number, shown, with_unit
from smtj_gui.views.legend import Entry
from smtj_gui.views.plot import Line
from smtj_gui.views.plot_grid import PlotGrid

if TYPE_CHECKING:
    from smtj_gui.look import Theme

#: The field that belongs to each torque.
_FIELDS = {"torque_par": "field_par", "torque_perp_neq": "field_perp"}
#: The mechanisms in words, in the order of the results.
_WORDS = ("spin-orbit: this junction, normal metal on the right",
          "conventional: no spin-orbit interaction, a magnet along z on the right")


class MechanismPlots(PlotGrid):
    """T∥ and T⊥(V) − T⊥(0) of both mechanisms against θ."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__([(name,) for name in _FIELDS], ("theta",), [(0, 0), (1, 0)], parent)
        for pane in self.panes:
            pane.plot.add_right_axis()

    def live_curves(self, variable: str) -> list[Curve]:
        if variable not in self._curves and self.result is not None:
            values = self.result.data[variable].values
            self._curves[variable] = [Curve(self.result.data["theta"].values, row, index=at, of=len(values))
                                      for at, row in enumerate(values)]
        return self._curves.get(variable, [])

    def _overlay_lines(self, variable: str) -> list[Line]:
        return [Line(overlay.result.data["theta"].values, row, overlay.colour, at, faint=True)
                for overlay in self._drawn_overlays()
                for at, row in enumerate(overlay.result.data[variable].values)]

    def family(self) -> None:
        return None

    def redraw(self) -> None:
        super().redraw()
        if self.result is None or self.theme is None:
            return
        from smtj_engine.dynamics.torque_laws import torque_field

        magnet = self.result.setup.magnet
        per_torque = float(torque_field(1.0, magnet.mu0_ms, magnet.thickness))
        for pane in self.panes:
            low, high = pane.plot.getViewBox().viewRange()[1]
            how = shown(_FIELDS[pane.variable])
            scale, unit = axis_scale(max(abs(low), abs(high)) * per_torque, how.unit)
            axis = pane.plot.getAxis("right")
            axis.setScale(per_torque * scale)
            axis.setLabel(axis_label(how.symbol, unit))

    def set_theme(self, theme: Theme) -> None:
        for pane in self.panes:
            axis = pane.plot.getAxis("right")
            axis.setPen(pg.mkPen(theme.grid))
            axis.setTextPen(pg.mkPen(theme.foreground))
            axis.setTickFont(self.font())
            axis.setWidth(self.fontMetrics().horizontalAdvance("−0.0002") + self.fontMetrics().height() + 8)
        super().set_theme(theme)

    def _entries(self) -> list[Entry]:
        assert self.theme is not None
        live = [Entry(words, self.theme.lines[at], at) for at, words in enumerate(_WORDS)]
        return live + [Entry(overlay.name, overlay.colour) for overlay in self._drawn_overlays()]

    def _readout(self, at: float | None) -> str:
        """Torque and field of both mechanisms at the cursor, the spin-orbit one first."""
        if at is None or self.result is None:
            return ""
        here = self.result.data.sel(theta=at, method="nearest")
        words = [f"θ&nbsp;<b>{at:.1f}°</b>"]
        for torque, field in _FIELDS.items():
            for name in (torque, field):
                how = shown(name)
                first, second = (number(float(value), 3) for value in here[name].values)
                words.append(f"{how.html}&nbsp;<b>{first}</b> | <b>{with_unit(second, how.unit)}</b>")
        return "&nbsp;&nbsp; ".join([*words, "<i>preview</i>"] if self.draft else words)
