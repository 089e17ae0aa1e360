"""The junction's bands to scale: both spins, the barrier under bias, the Fermi levels; with a cursor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtj_engine.transport.barrier import has_second_magnet
from smtj_gui.decimals import said
from smtj_gui.views.labels import Shown, number, short, shown, with_unit
from smtj_gui.views.legend import Entry, Legend
from smtj_gui.views.overlaid import Overlaid, Overlay
from smtj_gui.views.plot import CurvePlot, Line
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.results import Result

_VARIABLES = ("potential_up", "potential_down", "fermi_level")
_ENERGY = Shown("E", "eV", "energy from the mean of the ferromagnet's band bottoms at V = 0")


class BandPlot(Overlaid):
    """One plot of energies against z; what is filled up to the Fermi level is shaded."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.result: Result | None = None
        self.plot = CurvePlot(self)
        self.legend, self.readout = Legend(self), Words("Values at the cursor", self)
        self.parts = [self.plot, self.legend, self.readout]
        self._at: float | None = None
        self._auto = True
        self._seas = [pg.FillBetweenItem(pg.PlotCurveItem(), pg.PlotCurveItem()) for _ in range(5)]
        for at, sea in enumerate(self._seas):
            sea.setZValue(-20 + at)
            self.plot.addItem(sea, ignoreBounds=True)
        self._texts = [pg.TextItem(anchor=(0.5, 0.5)) for _ in range(5)]
        for text in self._texts:
            text.setZValue(12)
            self.plot.addItem(text, ignoreBounds=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.legend)
        column.addWidget(self.plot, 1)
        column.addWidget(self.readout)
        self.plot.hovered.connect(lambda x, y: self.set_cursor(x))
        self.plot.stepped.connect(self._step)
        self.plot.reset.connect(self._show_everything)
        self.plot.moved.connect(self._moved)

    # -- as a page ----------------------------------------------------------------------------------

    def draws(self, variable: str) -> bool:
        """Whether this variable is drawn."""
        return variable in _VARIABLES

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        """Draw these bands."""
        self.result = result
        self.redraw()

    # -- drawing --------------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Give the plot its lines anew."""
        if self.result is None or self.theme is None:
            return
        self.plot.set_quantities(shown("z"), _ENERGY)
        self.plot.draw([*self._overlay_lines(), *self._lines(self.result)])
        self._fill()
        if self._auto:
            self.plot.fit_x(*self.plot.x_span())
        self._name()
        self.legend.set_entries(self._entries())
        self._show_cursor()

    def _lines(self, result: Result) -> list[Line]:
        assert self.theme is not None
        z = result.data["z"].values
        colours = (self.theme.lines[1], self.theme.lines[0], self.theme.foreground)
        return [Line(z, result.data[name].values, colour, dash)
                for name, colour, dash in zip(_VARIABLES, colours, (0, 1, 0), strict=True)]

    def _drawn_overlays(self) -> list[Overlay]:
        return [overlay for overlay in self.overlays if overlay.result is not self.result]

    def _overlay_lines(self) -> list[Line]:
        return [Line(overlay.result.data["z"].values, overlay.result.data[name].values, overlay.colour, at + 1,
                     faint=True)
                for at, overlay in enumerate(self._drawn_overlays()) for name in _VARIABLES]

    def _fill(self) -> None:
        """Shade each electrode's spins up to its Fermi level, and the barrier."""
        assert self.result is not None and self.theme is not None
        data = self.result.data
        z, fermi = data["z"].values, data["fermi_level"].values
        spins = [(data[name].values, colour) for name, colour in
                 zip(_VARIABLES[:2], (self.theme.lines[1], self.theme.lines[0]), strict=True)]
        areas = [(z[part], np.minimum(bottom[part], fermi[part]), fermi[part], colour, 0.18)
                 for part in (slice(0, 2), slice(-2, None)) for bottom, colour in spins]
        inner = slice(2, -2)
        top = data["potential_up"].values[inner]
        areas.append((z[inner], np.full(top.size, self._floor()), top, self.theme.foreground, 0.10))
        for sea, (x, low, high, colour, alpha) in zip(self._seas, areas, strict=True):
            for curve, y in zip(sea.curves, (low, high), strict=True):
                curve.setData(x, y)
            paint = QColor(colour)
            paint.setAlphaF(alpha)
            sea.setBrush(paint)

    def _floor(self) -> float:
        """The lowest energy of the picture."""
        assert self.result is not None
        return float(min(np.nanmin(self.result.data[name].values) for name in _VARIABLES))

    def _name(self) -> None:
        """The layers, U₀ and eV in their places."""
        assert self.result is not None and self.theme is not None
        junction, data = self.result.setup.junction, self.result.data
        z, fermi, up = data["z"].values, data["fermi_level"].values, data["potential_up"].values
        low, d = self._floor(), junction.barrier_thickness
        second = "ferromagnet" if has_second_magnet(junction) else "normal metal"
        height = (float(np.max(up)) - low) * 0.05
        field = f"α(V) = {short(round(junction.rashba_at_bias, 4))} eV·Å²" if junction.rashba_at_bias else ""
        words = [(z[0] * 0.55, low + height, "ferromagnet"), ((d + z[-1]) / 2, low + height, second),
                 (d / 2, float(up[2:-2].mean()) / 2 + (float(fermi[0]) + float(fermi[-1])) / 4,
                  f"U₀ = {short(junction.barrier_height)} eV\nd = {short(d)} nm" if d else ""),
                 (z[0] * 0.55, float(up.max()), field),
                 ((d + z[-1]) / 2, (float(fermi[0]) + float(fermi[-1])) / 2,
                  f"eV = {short(junction.bias)} eV" if junction.bias else "")]
        for item, (x, y, text) in zip(self._texts, words, strict=True):
            item.setText(said(text), self.theme.foreground)
            item.setPos(x, y)

    def _entries(self) -> list[Entry]:
        assert self.theme is not None
        entries = [Entry("U↑ majority spin", self.theme.lines[1]),
                   Entry("U↓ minority spin", self.theme.lines[0], 1),
                   Entry("µ Fermi level", self.theme.foreground)]
        return entries + [Entry(overlay.name, overlay.colour, at + 1)
                          for at, overlay in enumerate(self._drawn_overlays())]

    # -- range and cursor -----------------------------------------------------------------------------

    def _moved(self) -> None:
        self._auto = False

    def _show_everything(self) -> None:
        self._auto = self.plot.auto = True
        self.plot.fit_y()
        self.plot.fit_x(*self.plot.x_span())

    def set_cursor(self, z: float) -> None:
        """Read the energies at this depth (nm)."""
        self._at = z
        self._show_cursor()

    def _step(self, samples: int) -> None:
        if self.result is not None:
            z = self.result.data["z"].values
            at = self._at if self._at is not None else z[0] / 5
            self.set_cursor(float(np.clip(at + samples * (z[-1] - z[0]) / 100, z[0], z[-1])))

    def _show_cursor(self) -> None:
        if self.result is None or self.theme is None:
            return
        data = self.result.data
        z = data["z"].values
        at = min(max(self._at if self._at is not None else z[0] / 5, z[0]), z[-1])
        inside = 0 <= at <= self.result.setup.junction.barrier_thickness
        self.plot.set_cursor(at, None)
        words = [f"z&nbsp;<b>{with_unit(number(at, 3), 'nm')}</b>"]
        part = slice(2, -2) if inside else slice(0, 2) if at < 0 else slice(-2, None)
        for name in _VARIABLES:
            value = float(np.interp(at, z[part], data[name].values[part]))
            if math.isfinite(value):
                words.append(f"{shown(name).html}&nbsp;<b>{with_unit(number(value, 4), 'eV')}</b>")
        self.readout.setText("&nbsp;&nbsp; ".join(words))
