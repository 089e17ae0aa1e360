"""A straight cut through a diagram: frequency and resistance along a line, the closed form over them (Fig. 4d)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from smtj_gui.look import set_icon
from smtj_gui.views.labels import Shown, shown, with_unit
from smtj_gui.views.plot import CurvePlot, Line
from smtj_gui.views.stability_plane import Plane
from smtj_gui.views.stability_theory import frequency_along, reason_of
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.parameters import Setup
    from smtj_gui.look import Theme
    from smtj_gui.views.overlaid import Overlay

Ends = tuple[tuple[float, float], tuple[float, float]]
#: Points of the closed form along the line.
_POINTS = 501
_MOST_DOTS = 300


class CutPanel(QWidget):
    """Two plots along the line, and a button that takes the cut away."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.frequency, self.resistance = CurvePlot(self), CurvePlot(self)
        self.words = Words("Cut", self)
        self._theme: Theme | None = None
        close = QToolButton(self)
        close.setToolTip("Take the cut away")
        close.setAccessibleName("Take the cut away")
        set_icon(close, "ph.x")
        close.clicked.connect(self.closed)
        self.close_button = close
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 4, 0)
        head.addWidget(self.words, 1)
        head.addWidget(close)
        plots = QHBoxLayout()
        for plot, name in ((self.frequency, "Frequency"), (self.resistance, "Normalized resistance")):
            column = QVBoxLayout()
            title = QLabel(name, self)
            title.setProperty("title", True)
            title.setContentsMargins(8, 0, 0, 0)
            column.addWidget(title)
            column.addWidget(plot, 1)
            plots.addLayout(column, 1)
            plot.reset.connect(self._show_everything)
            plot.set_cursor(None, None)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(plots, 1)
        self.hide()

    def show_cut(self, planes: Sequence[Plane], overlays: Sequence[tuple[Overlay, Plane]], ends: Ends,
                 setup: Setup) -> None:
        """Draw the cells on the line of each plane (one, or both directions), of kept runs, and the theory."""
        assert self._theme is not None
        plane = planes[0]
        axis, places = self._along(plane, ends)
        live = self._theme.lines[0]
        frequency: list[Line] = []
        resistance: list[Line] = []
        drawn = [(plane, live, at, False) for at, plane in enumerate(planes)] + [
            (kept, overlay.colour, at + 1, True) for at, (overlay, kept) in enumerate(overlays)]
        for each, colour, dash, faint in drawn:
            rows, columns = each.line(*ends)
            across = each.y if axis else each.x
            x = across.place(across.values[rows if axis else columns])
            dots = x.size <= _MOST_DOTS and not faint
            frequency.append(Line(x, each.frequency[rows, columns], colour, dash, faint, dots))
            resistance.append(Line(x, each.resistance[rows, columns], colour, dash, faint))
        theory = self._theory(plane, places, setup, axis)
        if theory is not None:
            frequency.append(theory)
        along = (plane.x if axis == 0 else plane.y)
        for plot, lines, name in ((self.frequency, frequency, "frequency"),
                                  (self.resistance, resistance, "resistance")):
            plot.getAxis("bottom").setLogMode(along.log)
            plot.set_quantities(along.shown, _shown(name))
            plot.draw(lines)
            low, high = sorted((ends[0][axis], ends[1][axis]))
            if plot.auto:
                plot.fit_x(low, high)
        none = not any(np.isfinite(line.y).any() for line in frequency)
        self.frequency.set_hint("no precession on this line" if none else "")
        self.words.setText(self._say(plane, ends, axis, theory is not None, len(planes) > 1))
        self.show()

    def _along(self, plane: Plane, ends: Ends) -> tuple[int, tuple[np.ndarray, np.ndarray]]:
        """Which axis the line mostly runs along (0 for x), and places on it."""
        steps = (abs(ends[1][0] - ends[0][0]) / plane.x.step, abs(ends[1][1] - ends[0][1]) / plane.y.step)
        places = tuple(np.linspace(ends[0][at], ends[1][at], _POINTS) for at in range(2))
        return int(steps[1] > steps[0]), (places[0], places[1])

    def _theory(self, plane: Plane, places: tuple[np.ndarray, np.ndarray], setup: Setup, axis: int) -> Line | None:
        if reason_of(setup, plane.paths):
            return None
        assert self._theme is not None
        values = {plane.x.path: plane.x.value(places[0]), plane.y.path: plane.y.value(places[1])}
        return Line(places[axis], frequency_along(setup, values), self._theme.foreground, 0, True)

    def _say(self, plane: Plane, ends: Ends, axis: int, theory: bool, both: bool) -> str:
        """What the plots show, in words."""
        words = []
        for name, at in ((plane.x, 0), (plane.y, 1)):
            first, last = (f"{float(name.value(end[at])):.4g}".replace("-", "−") for end in ends)
            words.append(f"{name.shown.html} {with_unit(first, name.shown.unit)}" if first == last else
                         f"{name.shown.html} {first} … {with_unit(last, name.shown.unit)}")
        text = "Cut: " + ", ".join(words)
        if both:
            text += "; upwards (full line) and back (dashed)"
        if theory:
            text += "; thin line: f of the closed form"
        return text

    def _show_everything(self) -> None:
        for plot in (self.frequency, self.resistance):
            plot.auto = True
            plot.fit_y()
            plot.fit_x(*plot.x_span())

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self._theme = theme
        self.words.set_theme(theme)
        for plot in (self.frequency, self.resistance):
            plot.set_theme(theme)


def _shown(name: str) -> Shown:
    how = shown(name)
    if name == "resistance":
        how = dataclasses.replace(how, symbol="R/ΔR", unit="", name="normalized resistance")
    return how
