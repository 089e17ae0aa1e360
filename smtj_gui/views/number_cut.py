"""A straight cut through a map of numbers, with the same cut through kept maps over the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from smtj_gui.look import set_icon
from smtj_gui.views.cells import NumberCells
from smtj_gui.views.labels import html, shown, with_unit
from smtj_gui.views.legend import Entry, Legend
from smtj_gui.views.plot import CurvePlot, Line
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_gui.look import Theme
    from smtj_gui.views.plot_grid import Overlay

Ends = tuple[tuple[float, float], tuple[float, float]]
_MOST_DOTS = 100


class _Plot(CurvePlot):
    """Shows the whole of a quantity that has natural ends."""

    top: float | None = None

    def fit_y(self) -> None:
        if self.top is None:
            super().fit_y()
        else:
            self.setYRange(0.0, self.top, padding=0.05)
            self._label("left", self.top, self._y_how)


class NumberCut(QWidget):
    """The numbers along the line, and a button that takes the cut away."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot, self.legend = _Plot(self), Legend(self)
        self.plot.set_cursor(None, None)
        self.plot.reset.connect(self._show_everything)
        self.words = Words("Cut", self)
        self._theme: Theme | None = None
        self.close_button = close = QToolButton(self)
        close.setToolTip("Take the cut away")
        close.setAccessibleName("Take the cut away")
        set_icon(close, "ph.x")
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 4, 0)
        head.addWidget(self.words, 1)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.legend)
        column.addWidget(self.plot, 1)
        self.hide()

    def show_cut(self, cells: NumberCells, kept: Sequence[tuple[Overlay, NumberCells]], ends: Ends) -> None:
        """Draw the cells on the line, and those of kept runs."""
        assert self._theme is not None
        steps = abs(ends[1][0] - ends[0][0]) / cells.x.step, abs(ends[1][1] - ends[0][1]) / cells.y.step
        down = int(steps[1] > steps[0])
        along = cells.y if down else cells.x
        lines = []
        for each, colour, dash in [*((other, overlay.colour, at) for at, (overlay, other) in enumerate(kept, 1)),
                                   (cells, self._theme.lines[0], 0)]:
            rows, columns = each.line(*ends)
            across = each.y if down else each.x
            x = across.place(across.values[rows if down else columns])
            lines.append(Line(x, each.values[rows, columns], colour, dash, bool(dash), x.size <= _MOST_DOTS))
        self.plot.getAxis("bottom").setLogMode(along.log)
        self.plot.set_quantities(along.shown, shown(cells.variable))
        self.plot.top = cells.FULL.get(cells.variable)
        self.plot.draw(lines)
        if self.plot.auto:
            self.plot.fit_x(*sorted((ends[0][down], ends[1][down])))
        entries = [Entry(overlay.name, overlay.colour, at) for at, (overlay, _) in enumerate(kept, 1)]
        self.legend.set_entries([Entry("now", self._theme.lines[0]), *entries] if entries else [])
        self.words.setText(_say(cells, ends))
        self.show()

    def _show_everything(self) -> None:
        self.plot.auto = True
        self.plot.fit_y()
        self.plot.fit_x(*self.plot.x_span())

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self._theme = theme
        for part in (self.plot, self.legend, self.words):
            part.set_theme(theme)


def _say(cells: NumberCells, ends: Ends) -> str:
    """Where the cut runs, in words."""
    words = []
    for axis, at in ((cells.x, 0), (cells.y, 1)):
        first, last = (f"{float(axis.value(end[at])):.4g}".replace("-", "−") for end in ends)
        words.append(f"{axis.shown.html} {with_unit(first, axis.shown.unit)}" if first == last else
                     f"{axis.shown.html} {first} … {with_unit(last, axis.shown.unit)}")
    return "Cut: " + html(", ".join(words))
