"""Two maps over (k_x, k_y) with one crosshair, the cuts through it below, and a line that reads all values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from smtj_gui.views.kmap_plot import KMap
from smtj_gui.views.labels import Shown, axis_label, number, short, shown, with_unit
from smtj_gui.views.legend import Entry, Legend
from smtj_gui.views.map_key import ColourBar
from smtj_gui.views.overlaid import Overlaid, Overlay
from smtj_gui.views.plot import CurvePlot, Line
from smtj_gui.views.plot_grid import QuantityBox
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    import xarray as xr

    from smtj_engine.results import Result
    from smtj_gui.look import Theme

VARIABLES = ("transmission", "polarization", "torque_par_k", "torque_perp_k")
#: Smaller parts of a map's largest value are rounding.
_NOISE = 1e-12
_K = Shown("k", "1/Å", "in-plane wave vector")


class MapPane(QWidget):
    """A choice of quantity with its colours, the map, and the two cuts below it."""

    changed = Signal()

    def __init__(self, variable: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chooser = QuantityBox(VARIABLES, name, self)
        self.chooser.choose(variable)
        self.bar = ColourBar(self)
        self.map, self.cut = KMap(self), CurvePlot(self)
        self.cut.setMaximumHeight(260)
        self.chooser.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.cut.reset.connect(self._fit_cut)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 4, 0)
        head.addWidget(self.chooser, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self.map, 3)
        column.addWidget(self.cut, 2)

    @property
    def variable(self) -> str:
        """The variable that is drawn."""
        return self.chooser.variable

    def _fit_cut(self) -> None:
        self.cut.auto = True
        self.cut.fit_y()
        self.cut.fit_x(*self.cut.x_span())

    def show_map(self, data: xr.Dataset) -> None:
        """Draw the map; places that no wave has are left free."""
        how, values = shown(self.variable, data), data[self.variable].values
        there = np.isfinite(data["polarization"].values) | (data["torque_par_k"].values != 0) | (
            data["torque_perp_k"].values != 0)
        colours, factor, unit = self.map.show_map(data["k_x"].values, np.where(there, values, np.nan), how)
        low, high = (limit * factor for limit in self.map.limits)
        self.bar.show_scale(colours, low, high, axis_label(how.symbol, unit))

    def show_cuts(self, lines: Sequence[Line]) -> None:
        """Draw the cuts."""
        self.cut.set_quantities(_K, shown(self.variable))
        self.cut.draw(lines)
        if self.cut.auto:
            self.cut.fit_x(*self.cut.x_span())

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        for part in (self.bar, self.map, self.cut):
            part.set_theme(theme)


class MapPage(Overlaid):
    """Transmission beside a torque, or any two of the four quantities."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.result: Result | None = None
        self.draft = False
        self.panes = [MapPane("transmission", "Quantity of the left map", self),
                      MapPane("torque_par_k", "Quantity of the right map", self)]
        self.legend, self.readout = Legend(self), Words("Values at the crosshair", self)
        self.parts = [self.legend, self.readout, *self.panes]
        self.place: tuple[float, float] | None = None
        maps = QGridLayout()
        maps.setSpacing(8)
        for column, pane in enumerate(self.panes):
            maps.addWidget(pane, 0, column)
            maps.setColumnStretch(column, 1)
            pane.changed.connect(self.redraw)
            pane.map.hovered.connect(self.set_cross)
            pane.map.stepped.connect(lambda step: self._step(step, 0))
            pane.map.stepped_y.connect(lambda step: self._step(0, step))
            pane.map.reset.connect(self._show_everything)
            pane.cut.set_cursor(None, None)
        self.panes[1].map.setXLink(self.panes[0].map)
        self.panes[1].map.setYLink(self.panes[0].map)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        rows.addLayout(maps, 1)
        rows.addWidget(self.legend)
        rows.addWidget(self.readout)

    # -- as a page ----------------------------------------------------------------------------------

    def draws(self, variable: str) -> bool:
        """Whether this variable can be chosen."""
        return variable in VARIABLES

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        """Draw these maps."""
        self.result, self.draft = result, draft
        self.redraw()

    # -- drawing --------------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Draw both maps and their cuts anew."""
        if self.result is None or self.theme is None:
            return
        for pane in self.panes:
            pane.show_map(self.result.data)
        self._show_cuts()

    def set_cross(self, k_x: float, k_y: float) -> None:
        """Put the crosshair at the sample nearest to this wave vector (1/Å)."""
        self.place = (k_x, k_y)
        self._show_cuts()

    def _show_everything(self) -> None:
        for pane in self.panes:
            pane.map.show_everything()

    def _step(self, x: int, y: int) -> None:
        if self.result is None:
            return
        k, here = self.result.data["k_x"].values, self.cross(self.result)
        last = k.size - 1
        self.set_cross(float(k[min(max(here[0] + x, 0), last)]), float(k[min(max(here[1] + y, 0), last)]))

    def cross(self, result: Result) -> tuple[int, int]:
        """Where the crosshair is in a result: at first where the right map is largest."""
        k = result.data["k_x"].values
        if self.place is None:
            values = np.nan_to_num(np.abs(result.data[self.panes[1].variable].values))
            at = int(np.argmax(values))
            self.place = float(k[at // k.size]), float(k[at % k.size])
        x, y = (int(np.argmin(np.abs(k - place))) for place in self.place)
        return x, y

    def _show_cuts(self) -> None:
        if self.result is None or self.theme is None:
            return
        k = self.result.data["k_x"].values
        x, y = self.cross(self.result)
        for pane in self.panes:
            pane.map.set_cross(float(k[x]), float(k[y]))
            pane.show_cuts([*self._kept_cuts(pane.variable), *self._cuts(self.result, pane.variable)])
        self.legend.set_entries(self._entries(float(k[x]), float(k[y])))
        self.readout.setText(self._read(x, y))

    def _cuts(self, result: Result, variable: str) -> list[Line]:
        assert self.theme is not None
        k, values = result.data["k_x"].values, result.data[variable].values
        x, y = self.cross(result)
        return [Line(k, values[:, y], self.theme.lines[0]), Line(k, values[x], self.theme.lines[1], 1)]

    def _drawn_overlays(self) -> list[Overlay]:
        return [overlay for overlay in self.overlays if overlay.result is not self.result]

    def _kept_cuts(self, variable: str) -> list[Line]:
        """The cuts along k_x of the kept runs."""
        lines = []
        for at, overlay in enumerate(self._drawn_overlays()):
            _, y = self.cross(overlay.result)
            data = overlay.result.data
            lines.append(Line(data["k_x"].values, data[variable].values[:, y], overlay.colour, at + 2, faint=True))
        return lines

    def _entries(self, k_x: float, k_y: float) -> list[Entry]:
        assert self.theme is not None
        cuts = [Entry(f"cut along {along} at {across} = {short(round(at, 3))} 1/Å", self.theme.lines[dash], dash)
                for dash, (along, across, at) in enumerate((
                    ("k<sub>x</sub>", "k<sub>y</sub>", k_y), ("k<sub>y</sub>", "k<sub>x</sub>", k_x)))]
        return cuts + [Entry(f"{overlay.name} along k<sub>x</sub>", overlay.colour, at + 2)
                       for at, overlay in enumerate(self._drawn_overlays())]

    def _read(self, x: int, y: int) -> str:
        """All values at the crosshair, with their units."""
        assert self.result is not None
        data = self.result.data
        k = data["k_x"].values
        words = [f"{shown(name).html}&nbsp;<b>{with_unit(f'{k[at]:.3f}'.replace('-', '−'), '1/Å')}</b>"
                 for name, at in (("k_x", x), ("k_y", y))]
        for name in VARIABLES:
            value, largest = float(data[name].values[x, y]), np.nanmax(np.abs(data[name].values), initial=0.0)
            value = 0.0 if abs(value) < _NOISE * largest else value
            words.append(f"{shown(name).html}&nbsp;<b>{number(value, 4)}</b>")
        if self.draft:
            words.append("<i>preview</i>")
        return "&nbsp;&nbsp; ".join(words)
