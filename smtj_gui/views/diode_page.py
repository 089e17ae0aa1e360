"""The spin diode: the rectified signal against frequency with its parts, maps over a sweep, and cuts of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from smtj_gui.views import diode_data
from smtj_gui.views.cells import NumberCells, scale, shown_at
from smtj_gui.views.diode_data import QUANTITIES
from smtj_gui.views.labels import axis_scale, html, number, shown, with_unit
from smtj_gui.views.legend import Entry
from smtj_gui.views.map_key import ColourBar
from smtj_gui.views.map_plot import MapPlot
from smtj_gui.views.plot import Line
from smtj_gui.views.plot_grid import Overlay, PlotGrid
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme


class SpectrumGrid(PlotGrid):
    """The signal against frequency, with its parts and the resonance."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__([QUANTITIES], ("frequency",), [(0, 0)], parent)
        self.resonance = pg.InfiniteLine(angle=90)
        self.panes[0].plot.addItem(self.resonance, ignoreBounds=True)
        self.resonance.hide()
        self.readout.hide()     # the page has one

    def lines_of(self, variable: str) -> list[Line]:
        lines = super().lines_of(variable)
        if self.result is None or self.theme is None:
            return lines
        x = np.asarray(self.result.data["frequency"].values, dtype=float)
        return [*(Line(x, values, colour, dash, True, name == "timed")
                  for name, values, colour, dash in self._parts(variable)), *lines]

    def _parts(self, quantity: str) -> list[tuple[str, np.ndarray, str, int]]:
        """The parts that there are: name, values, colour, dash."""
        assert self.result is not None and self.theme is not None
        found = []
        for at, name in enumerate(diode_data.PARTS, start=1):
            values = diode_data.part(self.result.data, name, quantity)
            if values is not None:
                found.append((name, values, self.theme.lines[at], at))
        return found

    def _entries(self) -> list[Entry]:
        entries = super()._entries()
        if self.result is None or self.theme is None:
            return entries
        parts = [Entry(diode_data.NAMES[name], colour, dash)
                 for name, _, colour, dash in self._parts(self.panes[0].variable)]
        live = [] if entries or not parts else [Entry("second order", self.theme.lines[0])]
        return [*live, *entries, *parts]

    def redraw(self) -> None:
        super().redraw()
        if self.result is None or self.theme is None:
            return
        place = float(self.result.data["resonance"])
        self.resonance.setVisible(math.isfinite(place))
        if math.isfinite(place):
            self.resonance.setPos(place)
            self.resonance.setPen(pg.mkPen(self.theme.muted, width=1, style=Qt.PenStyle.DashLine))


class DiodePage(QWidget):
    """A spectrum alone; with a sweep also the map, the signal along the sweep, resonance and linewidth."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.result: Result | None = None       # with all quantities
        self.draft = False
        self.frequency, self.value = math.nan, math.nan     # where the cuts are
        self._auto = True                                   # they follow the largest signal
        self._overlays: list[Overlay] = []
        self.theme: Theme | None = None
        self.spectrum = SpectrumGrid(self)
        self.along = PlotGrid([QUANTITIES, ("resonance", "linewidth")], ("over",), [(0, 0), (1, 0)], self)
        self.along.readout.hide()
        self.bar, self.map = ColourBar(self), MapPlot(self)
        self.map.setToolTip("Point to read, click to cut here; the wheel zooms, a double click shows everything")
        self.lines = [pg.InfiniteLine(angle=angle) for angle in (90, 0)]
        for line in self.lines:
            line.setZValue(15)
            self.map.addItem(line, ignoreBounds=True)
        self.readout = Words("Values at the cursor", self)
        self._choosers = [grid.panes[0].chooser for grid in (self.spectrum, self.along)]
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._upper = QWidget(self)
        column = QVBoxLayout(self._upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.bar)
        column.addWidget(self.map, 1)
        grid = QGridLayout()
        grid.setSpacing(8)
        grid.addWidget(self._upper, 0, 0)
        grid.addWidget(self.spectrum, 1, 0)
        grid.addWidget(self.along, 0, 1, 2, 1)
        for at in range(2):
            grid.setRowStretch(at, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._grid = grid
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(3)
        whole.addLayout(grid, 1)
        whole.addWidget(self.readout)

    def _connect(self) -> None:
        for chooser in self._choosers:
            assert chooser is not None
            chooser.currentIndexChanged.connect(self._choose)
        self.spectrum.cursor_moved.connect(self._read_spectrum)
        self.map.hovered.connect(self._hover)
        self.map.left.connect(lambda: self._point_at(None))
        self.map.picked.connect(self.cut_at)
        self.map.line_drawn.connect(lambda start, end: self._drag(end))
        self.map.reset.connect(self.map.show_everything)

    # -- the contract of a page -----------------------------------------------------------------------

    @property
    def quantity(self) -> str:
        """What is shown."""
        return self.spectrum.panes[0].variable

    def draws(self, variable: str) -> bool:
        """Whether this variable is on the page."""
        return self.spectrum.draws(variable) or self.along.draws(variable)

    def show_variable(self, variable: str) -> None:
        """Turn the choosers to this variable."""
        for pane in (self.spectrum.panes[0], *self.along.panes):
            if variable in pane.variables and pane.chooser is not None:
                pane.chooser.choose(variable)

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        """Draw this result."""
        if result is None:
            return
        before, self.result, self.draft = self.result, diode_data.pictured(result), draft
        if before is None or not diode_data.same_sweep(before, self.result):
            self._auto = True
        self._redraw()

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Draw these kept runs too."""
        self._overlays = [Overlay(each.name, each.colour, diode_data.pictured(each.result)) for each in overlays]
        self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self.theme = theme
        for part in (self.spectrum, self.along, self.bar, self.map, self.readout):
            part.set_theme(theme)
        for line in self.lines:
            line.setPen(pg.mkPen("#000000", width=1, style=Qt.PenStyle.DashLine))
        self._redraw()

    # -- what is drawn ------------------------------------------------------------------------------

    def _choose(self, index: int) -> None:
        """One quantity for all plots."""
        for chooser in self._choosers:
            assert chooser is not None
            if chooser.currentIndex() != index:
                chooser.setCurrentIndex(index)
        self._redraw()

    def _redraw(self) -> None:
        if self.result is None or self.theme is None:
            return
        swept = diode_data.is_map(self.result)
        self._upper.setVisible(swept)
        self.along.setVisible(swept)
        self._grid.setColumnStretch(1, int(swept))
        self._grid.setRowStretch(0, int(swept))
        if self._auto:
            self.frequency, self.value = diode_data.default_cut(self.result)
        if swept:
            self._draw_map()
        self._draw_cuts()

    def _draw_map(self) -> None:
        assert self.result is not None and self.theme is not None
        cells = NumberCells(self.result, self.quantity, "frequency", "over")
        self.map.show_plane(cells, "", self.theme.border)
        how = shown(self.quantity)
        factor, unit = axis_scale(cells.top, how.unit)
        top = cells.top * factor
        self.bar.show_scale(scale("signed" if cells.signed else ""), -top if cells.signed else 0.0, top,
                            f"{how.symbol} ({unit})")

    def _draw_cuts(self) -> None:
        assert self.result is not None
        drawn = [each for each in self._overlays if not _same_numbers(each.result, self.result)]
        self.spectrum.overlays = [Overlay(each.name, each.colour, diode_data.at_sweep(each.result, self.value))
                                  for each in drawn
                                  if not diode_data.is_map(each.result)
                                  or diode_data.same_sweep(each.result, self.result)]
        self.spectrum.show_result(diode_data.at_sweep(self.result, self.value), self.draft)
        if diode_data.is_map(self.result):
            self.along.overlays = [
                Overlay(each.name, each.colour, diode_data.at_frequency(each.result, self.frequency))
                for each in drawn if diode_data.same_sweep(each.result, self.result)]
            self.along.show_result(diode_data.at_frequency(self.result, self.frequency), self.draft)
            self.along.set_cursor(self.value)
            for line, place in zip(self.lines, (self.frequency, self.value), strict=True):
                line.setPos(place)
        self.spectrum.set_cursor(self.frequency)

    # -- cuts and read-out --------------------------------------------------------------------------

    def cut_at(self, row: int, column: int) -> None:
        """Cut the map through this cell."""
        cells = self.map.plane
        assert cells is not None
        self._auto = False
        self.frequency, self.value = float(cells.x.values[column]), float(cells.y.values[row])
        self._draw_cuts()

    def _drag(self, end: tuple[float, float]) -> None:
        if self.map.plane is not None and (cell := self.map.plane.cell_at(*end)) is not None:
            self.cut_at(*cell)

    def _hover(self, x: float, y: float) -> None:
        if self.map.plane is not None:
            self._point_at(self.map.plane.cell_at(x, y))

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        self.map.show_frame(cell)
        cells = self.map.plane
        if cell is None or cells is None:
            self._read_spectrum()
        else:
            self._read(float(cells.x.values[cell[1]]), float(cells.y.values[cell[0]]))

    def _read_spectrum(self) -> None:
        at = self.spectrum.position()
        self._read(self.frequency if at is None else at, self.value)

    def _read(self, frequency: float, value: float) -> None:
        """The numbers at a frequency and a sweep value."""
        if self.result is None:
            return
        words = []
        one = diode_data.at_sweep(self.result, value).data
        if diode_data.is_map(self.result):
            how = shown_at(str(self.result.data["over"].attrs["path"]))
            words.append((how.html, with_unit(number(float(one["over"]), 4), how.unit)))
        here = one.sel(frequency=frequency, method="nearest")
        for name in ("frequency", self.quantity):
            words.append((shown(name).html, shown(name).text(float(here[name]))))
        for name in ("resonance", "linewidth", "background"):
            words.append((shown(name).html, shown(name).text(float(one[name]))))
        text = "&nbsp;&nbsp; ".join(f"{name}&nbsp;<b>{html(value)}</b>" for name, value in words)
        self.readout.setText(text + ("&nbsp;&nbsp; <i>preview</i>" if self.draft else ""))


def _same_numbers(first: Result, second: Result) -> bool:
    """Whether the one is the other, kept."""
    return first.data["rectified"].values is second.data["rectified"].values
