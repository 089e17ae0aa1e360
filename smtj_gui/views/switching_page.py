"""Maps of the switching probability: read, cut, compared with kept ones, and a cell followed as a trajectory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from smtj_engine.schema import ParameterError, value_at
from smtj_gui.views.cells import Axis, NumberCells, scale
from smtj_gui.views.controls import Choice
from smtj_gui.views.labels import digits_for, html, number, shown, with_unit
from smtj_gui.views.legend import Entry
from smtj_gui.views.map_key import ColourBar, Key, Sample
from smtj_gui.views.map_plot import MapPlot, Place
from smtj_gui.views.number_cut import Ends, NumberCut
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme
    from smtj_gui.session import Session
    from smtj_gui.views.plot_grid import Overlay

_TRAJECTORY = "numerics.trajectory"


class SwitchingPage(QWidget):
    """The map with its colour bar and read-out, and the cut below it."""

    launched = Signal()
    refused = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.result: Result | None = None
        self.cells: NumberCells | None = None
        self.draft, self.variable = False, "probability"
        self.ends: Ends | None = None
        self.theme: Theme | None = None
        self._overlays: list[Overlay] = []
        self.colour = Choice({
            "probability": ("Probability", "Colour by the part of the samples that has switched at the end"),
            "mean_time": ("Time", "Colour by the mean time until a sample has switched")}, self)
        self.bar, self.key, self.map = ColourBar(self), Key(self), MapPlot(self)
        self.map.setToolTip("Point to read, click to follow a trajectory there, drag to cut; the wheel zooms")
        self.readout, self.cut = Words("Read-out", self), NumberCut(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        upper = QWidget(self)
        head = QHBoxLayout()
        head.addWidget(self.colour)
        head.addWidget(self.bar, 1)
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self.key)
        column.addWidget(self.map, 1)
        column.addWidget(self.readout)
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(upper)
        splitter.addWidget(self.cut)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([11000, 9000])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def _connect(self) -> None:
        self.session.setup_changed.connect(lambda _: self._show_here())
        self.colour.chosen.connect(self.show_variable)
        self.map.hovered.connect(self._hover)
        self.map.left.connect(lambda: self._point_at(None))
        self.map.picked.connect(self.launch)
        self.map.line_moved.connect(self._move_cut)
        self.map.line_drawn.connect(lambda start, end: self.cut_along((start, end)))
        self.map.reset.connect(self.map.show_everything)
        self.cut.closed.connect(lambda: self.cut_along(None))

    # -- the contract of a page -----------------------------------------------------------------------

    def draws(self, variable: str) -> bool:
        """Whether this variable is on the page."""
        return variable in self.colour.buttons

    def show_variable(self, variable: str) -> None:
        """Colour the cells by this variable."""
        self.variable = variable
        self.colour.buttons[variable].setChecked(True)
        self._redraw()

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        """Draw this map, or the cells that there are so far."""
        if result is not None:
            self.result, self.draft = result, draft
            self._redraw()

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Kept runs; they are drawn in the cut."""
        self._overlays = list(overlays)
        self._show_cut()

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self.theme = theme
        for part in (self.bar, self.key, self.map, self.readout, self.cut):
            part.set_theme(theme)
        self._redraw()

    # -- what is drawn ------------------------------------------------------------------------------

    def _redraw(self) -> None:
        if self.result is None or self.theme is None:
            return
        self.cells = NumberCells(self.result, self.variable, known="probability")
        self.map.show_plane(self.cells, self.variable, self.theme.border)
        how = shown(self.variable)
        label = how.symbol if not how.unit else f"{how.symbol} ({how.unit})"
        self.bar.show_scale(scale(""), 0.0, self.cells.top, label)
        entries: list[Entry] = [Sample("setup", "#FFFFFF", shape="ring")]
        if self.variable == "mean_time":
            entries.insert(0, Sample("no sample has switched", self.theme.border))
        self.key.set_entries(entries)
        self._show_here()
        self._point_at(self.map.at)
        self._show_cut()

    def _show_here(self) -> None:
        """Ring the present values of the swept parameters."""
        if self.cells is None:
            return
        values = [value_at(self.session.setup, path) for path in self.cells.paths]
        place = None
        if None not in values:
            x, y = (float(axis.place(value)) for axis, value in
                    zip((self.cells.x, self.cells.y), values, strict=True))
            place = (x, y) if self.cells.cell_at(x, y) is not None else None
        self.map.show_here(place)

    # -- read-out -----------------------------------------------------------------------------------

    def _hover(self, x: float, y: float) -> None:
        if self.cells is not None:
            self._point_at(self.cells.cell_at(x, y))

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        """Frame a cell and say what it holds."""
        self.map.show_frame(cell)
        if self.cells is None:
            return
        hint = "Point at a cell to read it, click to follow a trajectory there, drag to cut."
        text = self._describe(*cell) if cell is not None else hint
        self.readout.setText(("<i>preview</i>&nbsp;&nbsp; " if self.draft else "") + text)

    def _describe(self, row: int, column: int) -> str:
        assert self.cells is not None and self.result is not None
        cells, data = self.cells, self.result.data
        words = [_value(cells.x, column), _value(cells.y, row)]
        if not cells.there[row, column]:
            return "&nbsp;&nbsp; ".join([*words, "<i>not yet calculated</i>"])
        at = {"y": cells.y.original(row), "x": cells.x.original(column)}
        probability = float(data["probability"].isel(at))
        error = math.sqrt(probability * (1 - probability) / int(data.attrs["count"]))
        words.append(f"P&nbsp;<b>{number(probability, 3)}</b>&nbsp;±&nbsp;{number(error, 1)}"
                     f" <i>of {int(data.attrs['count'])} samples</i>")
        if math.isfinite(time := float(data["mean_time"].isel(at))):
            words.append(f"{shown('mean_time').html}&nbsp;<b>{with_unit(number(time, 3), 'ns')}</b>")
        return "&nbsp;&nbsp; ".join(words)

    # -- click and drag -----------------------------------------------------------------------------

    def launch(self, row: int, column: int) -> None:
        """Take over this cell's parameters, start and duration, in one step for undo, and turn to a trajectory."""
        assert self.cells is not None and self.result is not None
        cells, attrs = self.cells, self.result.data.attrs
        values = {cells.x.path: float(cells.x.values[column]), cells.y.path: float(cells.y.values[row]),
                  **{f"{_TRAJECTORY}.{name}": float(attrs[name])
                     for name in ("theta0_deg", "phi0_deg", "duration")}}
        try:
            self.session.edit_many(values, text="Launch a cell of the map")
        except ParameterError as error:
            self.refused.emit(f"This cell cannot be followed: {error.reason}.")
            return
        self.refused.emit("")
        self.launched.emit()

    def cut_along(self, ends: Ends | None) -> None:
        """Cut the map along a line between two places; None takes the cut away."""
        if self.ends is None and ends is not None:
            self.cut.plot.auto = True
        self.ends = ends
        self._show_cut()

    def _move_cut(self, start: Place, end: Place) -> None:
        """Follow the mouse, unless the pane of the cut would first appear and shift the map under it."""
        if self.cut.isVisible():
            self.cut_along((start, end))

    def _show_cut(self) -> None:
        self.map.show_section(self.ends)
        if self.cells is None or self.theme is None or self.ends is None:
            self.cut.hide()
            return
        kept = [(each, NumberCells(each.result, self.variable, known="probability")) for each in self._overlays
                if each.result.data is not self.cells.result.data]
        self.cut.show_cut(self.cells, [(each, cells) for each, cells in kept if cells.paths == self.cells.paths],
                          self.ends)


def _value(axis: Axis, cell: int) -> str:
    value = float(axis.values[cell])
    text = with_unit(number(value, digits_for(axis.values)), axis.shown.unit)
    return f"{axis.shown.html}&nbsp;<b>{html(text)}</b>"
