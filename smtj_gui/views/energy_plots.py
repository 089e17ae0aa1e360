"""What each energy adds to current and torques, with the bias window shaded."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from smtj_gui.views.labels import short
from smtj_gui.views.legend import Entry
from smtj_gui.views.plot_grid import Place, PlotGrid


class EnergyPlots(PlotGrid):
    """Linked plots against the electrons' energy. Between the Fermi levels, at ±V/2, lies what the bias adds."""

    def __init__(self, panes: Sequence[Sequence[str]], places: Sequence[Place],
                 parent: QWidget | None = None) -> None:
        super().__init__(panes, ("electron_energy",), places, parent)
        self.windows = [pg.LinearRegionItem((0.0, 0.0), movable=False) for _ in self.panes]
        for pane, window in zip(self.panes, self.windows, strict=True):
            window.setZValue(-15)
            for line in window.lines:
                line.setHoverPen(None)
            pane.plot.addItem(window, ignoreBounds=True)

    def redraw(self) -> None:
        super().redraw()
        if self.result is None or self.theme is None:
            return
        half = self.result.setup.junction.bias / 2
        fill = QColor(self.theme.accent)
        fill.setAlphaF(0.13)
        for window in self.windows:
            window.setRegion((-abs(half), abs(half)))
            window.setBrush(fill)
            for line in window.lines:
                line.setPen(pg.mkPen(self.theme.accent, width=1))

    def _entries(self) -> list[Entry]:
        assert self.result is not None and self.theme is not None
        bias = self.result.setup.junction.bias
        words = (f"shaded: between the Fermi levels at ±{short(abs(bias) / 2)} eV lies what the bias adds"
                 if bias else "line: the Fermi level; without a bias no energy adds anything")
        return [*super()._entries(), Entry(words)]
