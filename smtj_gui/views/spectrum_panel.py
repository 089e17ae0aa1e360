"""The spectrum of a trajectory: its lines, peak, linewidth, and the closed form's frequency."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from smtj_gui.views.labels import Shown, number, with_unit
from smtj_gui.views.legend import Entry, Legend
from smtj_gui.views.overlaid import Overlaid
from smtj_gui.views.plot import Line
from smtj_gui.views.time_traces import LongPlot
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme

_FREQUENCY = Shown("f", "GHz", "frequency")
_AMPLITUDE = Shown("amplitude", "", "amplitude of m_x and of the normalized resistance", floor=1e-6)
_LINES = (("amplitude_mx", "m<sub>x</sub>"), ("amplitude_resistance", "R/ΔR"))
#: The axis reaches to this multiple of the highest line that matters.
_REACH = 4.6
#: A line this much wider than the record resolves is not a steady one.
_WIDER = 1.05


class SpectrumPanel(Overlaid):
    """Amplitudes of m_x and of the resistance against the frequency."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = LongPlot(self)
        self.legend, self.words = Legend(self), Words("Peak", self)
        self.parts += [self.plot, self.legend, self.words]
        self._result: Result | None = None
        self._theory = math.nan
        self._auto = True
        self.plot.set_cursor(None, None)
        self.marks = [pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90)]
        for mark in self.marks:
            mark.hide()
            self.plot.addItem(mark, ignoreBounds=True)
        heading = QLabel("Spectrum", self)
        heading.setProperty("title", True)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 4, 0)
        head.addWidget(heading)
        head.addWidget(self.legend, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.words)
        column.addWidget(self.plot, 1)
        self.plot.moved.connect(self._moved)
        self.plot.reset.connect(self.show_everything)

    @property
    def result(self) -> Result | None:
        """What is drawn."""
        return self._result

    def show_result(self, result: Result | None) -> None:
        """Draw a spectrum, or nothing."""
        self._result = result
        self.redraw()

    def set_theory(self, frequency: float) -> None:
        """The closed form's frequency of m in GHz, NaN for none."""
        self._theory = frequency
        self.redraw()

    def set_theme(self, theme: Theme) -> None:
        for mark in self.marks:
            mark.setPen(pg.mkPen(theme.foreground, width=1, style=Qt.PenStyle.DashLine))
        super().set_theme(theme)

    def redraw(self) -> None:
        if self.theme is None:
            return
        self.plot.set_quantities(_FREQUENCY, _AMPLITUDE)
        kept = [overlay for overlay in self.overlays
                if self._result is None or overlay.result.data is not self._result.data]
        lines = [Line(*_curve(overlay.result, name), overlay.colour, dash=2 + index, faint=True)
                 for overlay in kept for index, (name, _) in enumerate(_LINES)]
        entries = []
        if self._result is not None:
            lines += [Line(*_curve(self._result, name), self.theme.lines[index], dash=index)
                      for index, (name, _) in enumerate(_LINES)]
            entries = [Entry(text, self.theme.lines[index], index) for index, (_, text) in enumerate(_LINES)]
        if self._auto:
            self._fit_x()
        self.plot.draw(lines)
        self.legend.set_entries(entries + [Entry(overlay.name, overlay.colour, 2) for overlay in kept])
        self.words.setText(self._text())
        for mark, multiple in zip(self.marks, (1, 2), strict=True):
            mark.setVisible(math.isfinite(self._theory))
            if math.isfinite(self._theory):
                mark.setPos(multiple * self._theory)

    def _text(self) -> str:
        """The peak in words; "≤" before a width that is this record's resolution."""
        theory = (f"theory&nbsp;<b>{with_unit(number(self._theory, 4), 'GHz')}</b>"
                  if math.isfinite(self._theory) else "")
        if self._result is None:
            return theory
        peak, width, resolution = (float(self._result.data.variables[name].values)
                                   for name in ("peak", "linewidth", "resolution"))
        if not math.isfinite(peak):
            return "&nbsp;&nbsp; ".join(filter(None, ["nothing oscillates any more", theory]))
        limited = "" if width > _WIDER * resolution else "≤&nbsp;"
        return "&nbsp;&nbsp; ".join(filter(None, [
            f"f&nbsp;<b>{with_unit(number(peak, 4), 'GHz')}</b>",
            f"Δf&nbsp;{limited}<b>{with_unit(number(1000 * width, 3), 'MHz')}</b>", theory]))

    # -- range --------------------------------------------------------------------------------------

    def _fit_x(self) -> None:
        """From zero to a few times the frequency of m."""
        results = [overlay.result for overlay in self.overlays]
        results += [self._result] if self._result is not None else []
        tops = [self._theory, *(float(result.data.variables["peak"].values) for result in results)]
        tops = [top for top in tops if math.isfinite(top)]
        self.plot.fit_x(0.0, _REACH * max(tops) if tops else 10.0)

    def show_everything(self) -> None:
        """Undo every zoom."""
        self._auto = self.plot.auto = True
        self._fit_x()
        self.plot.fit_y()

    def _moved(self) -> None:
        self._auto = False


def _curve(result: Result, name: str) -> tuple[np.ndarray, np.ndarray]:
    return result.data.variables["frequency"].values, result.data.variables[name].values
