"""The measured points with the fitted curve, and under them what the curve misses."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from smtj_gui.views.labels import Shown, number, shown, with_unit
from smtj_gui.views.legend import Entry, Legend
from smtj_gui.views.overlaid import Overlaid, Overlay
from smtj_gui.views.plot import CurvePlot, Line
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.measured import Measurement
    from smtj_engine.results import Result

#: A line that is not seen but counts for the range of the plot.
_UNSEEN = "#00000000"


class PointPlot(CurvePlot):
    """A plot of points with error bars beside its lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars = pg.ErrorBarItem(x=np.zeros(1), y=np.zeros(1))
        self.points = pg.ScatterPlotItem(size=6)
        self.crosses = pg.ScatterPlotItem(size=9, symbol="x")
        for item, height in ((self.bars, 4), (self.points, 5), (self.crosses, 6)):
            item.setZValue(height)
            self.addItem(item, ignoreBounds=True)

    def set_points(self, x: np.ndarray, y: np.ndarray, error: np.ndarray | None, colour: str) -> None:
        """Draw these points."""
        self.points.setData(x, y, brush=colour, pen=None)
        self.bars.setVisible(error is not None)
        if error is not None:
            self.bars.setData(x=x, y=y, height=2 * error, pen=pg.mkPen(colour, width=1))


@dataclasses.dataclass(frozen=True)
class _Picture:
    """What is drawn, in the units of the screen."""

    x: np.ndarray
    y: np.ndarray
    error: np.ndarray | None
    how_x: Shown
    how_y: Shown


class FittingPlot(Overlaid):
    """Both plots, their legend, and a line that reads out the point under the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legend, self.readout = Legend(self), Words("Values at the cursor", self)
        self.curve, self.residual = PointPlot(self), PointPlot(self)
        self.parts += [self.legend, self.readout, self.curve, self.residual]
        self._measurement: Measurement | None = None
        self._result: Result | None = None
        self._at: int | None = None
        self.residual.setXLink(self.curve)
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.addWidget(self.curve)
        split.addWidget(self.residual)
        split.setChildrenCollapsible(False)
        split.setSizes([3000, 1300])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.legend)
        column.addWidget(split, 1)
        column.addWidget(self.readout)
        for plot in (self.curve, self.residual):
            plot.hovered.connect(lambda x, y, plot=plot: self._hover(x))
            plot.stepped.connect(self._step)
            plot.reset.connect(self.show_everything)

    def set_measurement(self, measurement: Measurement) -> None:
        """Draw these data; what was expected of others goes."""
        self._measurement, self._result, self._at = measurement, None, None
        self.redraw()
        self.show_everything()

    def set_result(self, result: Result | None) -> None:
        """Draw the expected or fitted curve over the data."""
        self._result = result
        self.redraw()

    def show_everything(self) -> None:
        """Undo every zoom."""
        for plot in (self.curve, self.residual):
            plot.auto = True
            plot.fit_y()
        self.curve.fit_x(*_padded(*self.curve.x_span()))
        self.residual.fit_x(*_padded(*self.curve.x_span()))     # the link moves it; this writes its label

    def _picture(self) -> _Picture | None:
        data = self._measurement
        if data is None:
            return None
        how_x, how_y = shown(data.against), shown(data.quantity)
        error = None if data.sigma is None else data.sigma * how_y.factor
        return _Picture(data.axes[data.against] * how_x.factor, data.values * how_y.factor, error, how_x, how_y)

    def redraw(self) -> None:
        picture, theme = self._picture(), self.theme
        if picture is None or theme is None:
            return
        points, line = theme.lines[0], theme.lines[1]
        for plot, how in ((self.curve, picture.how_y),
                          (self.residual, dataclasses.replace(picture.how_y, symbol="residual", name="residual"))):
            plot.set_quantities(picture.how_x, how)
        self.curve.set_points(picture.x, picture.y, picture.error, points)
        self.curve.draw([_reach(picture.x, picture.y, picture.error), *self._overlay_lines(),
                         *self._curve_lines(line)])
        self._draw_crosses(picture, line)
        self._draw_residual(picture, points)
        self.legend.set_entries(self._entries(points, line))
        self._show_readout()

    def _curve_lines(self, colour: str) -> list[Line]:
        return _lines_of(self._result, colour, 0) if self._result is not None else []

    def _draw_crosses(self, picture: _Picture, colour: str) -> None:
        """Over two axes there is no one curve: a cross for each point."""
        residual = self._residual(picture)
        scattered = residual is not None and self._result is not None and "curve" not in self._result.data
        self.curve.crosses.setVisible(scattered)
        if scattered:
            self.curve.crosses.setData(picture.x, picture.y - residual, brush=colour, pen=None)

    def _overlay_lines(self) -> list[Line]:
        return [line for order, overlay in enumerate(self._shown_overlays())
                for line in _lines_of(overlay.result, overlay.colour, order + 1)]

    def _shown_overlays(self) -> list[Overlay]:
        """The kept fits of the same quantity against the same axis, without the one on show."""
        data = self._measurement
        return [] if data is None else [
            overlay for overlay in self.overlays if overlay.result.data is not getattr(self._result, "data", None)
            and overlay.result.data.attrs.get("quantity") == data.quantity
            and overlay.result.data.attrs.get("against") == data.against]

    def _draw_residual(self, picture: _Picture, colour: str) -> None:
        residual = self._residual(picture)
        self.residual.set_hint("" if residual is not None else "no curve yet")
        self.residual.points.setVisible(residual is not None)
        self.residual.bars.setVisible(residual is not None and picture.error is not None)
        if residual is not None:
            self.residual.set_points(picture.x, residual, picture.error, colour)
        self.residual.draw([] if residual is None else [_reach(picture.x, residual, picture.error)])

    def _residual(self, picture: _Picture) -> np.ndarray | None:
        if self._result is None or self._result.data.sizes["point"] != picture.x.size:
            return None
        residual: np.ndarray = self._result.data["residual"].values * picture.how_y.factor
        return residual

    def _entries(self, points: str, line: str) -> list[Entry]:
        entries = [Entry(self._measurement.name if self._measurement is not None else "", points, 2)]
        if self._result is not None:
            entries.append(Entry("fit" if "parameter" in self._result.data.dims else "present setup", line))
        return entries + [Entry(overlay.name, overlay.colour, order + 1)
                          for order, overlay in enumerate(self._shown_overlays())]

    # -- read-out -----------------------------------------------------------------------------------

    def _hover(self, x: float) -> None:
        picture = self._picture()
        if picture is not None:
            self._at = int(np.argmin(np.abs(picture.x - x)))
            self._show_readout()

    def _step(self, count: int) -> None:
        picture = self._picture()
        if picture is not None:
            order = np.argsort(picture.x, kind="stable")
            place = 0 if self._at is None else int(np.flatnonzero(order == self._at)[0]) + count
            self._at = int(order[min(max(place, 0), order.size - 1)])
            self._show_readout()

    def _show_readout(self) -> None:
        picture = self._picture()
        if picture is None:
            return
        if self._at is None or self._at >= picture.x.size:
            self.readout.setText(f"{picture.x.size} points")
            self.curve.set_cursor(None, None)
            self.residual.set_cursor(None, None)
            return
        at, residual = self._at, self._residual(picture)
        x, y = float(picture.x[at]), float(picture.y[at])
        error = "" if picture.error is None else f" ± {number(float(picture.error[at]), 2)}"
        words = [f"{picture.how_x.html}&nbsp;<b>{with_unit(number(x, 5), picture.how_x.unit)}</b>",
                 f"measured&nbsp;<b>{with_unit(number(y, 5) + error, picture.how_y.unit)}</b>"]
        if residual is not None:
            words += [f"curve&nbsp;<b>{with_unit(number(y - float(residual[at]), 5), picture.how_y.unit)}</b>",
                      f"residual&nbsp;<b>{with_unit(number(float(residual[at]), 3), picture.how_y.unit)}</b>"]
        self.readout.setText("&nbsp;&nbsp; ".join(words))
        colour = self.theme.accent if self.theme is not None else ""
        self.curve.set_cursor(x, (x, y, colour))
        self.residual.set_cursor(x, None if residual is None else (x, float(residual[at]), colour))


def _lines_of(result: Result, colour: str, dash: int) -> list[Line]:
    """The fine curve of a fit, where there is one."""
    data = result.data
    if "curve" not in data:
        return []
    axis, quantity = str(data.attrs["against"]), shown(str(data.attrs["quantity"]))
    return [Line(data[f"curve_{axis}"].values * shown(axis).factor, data["curve"].values * quantity.factor,
                 colour, dash, faint=dash > 0)]


def _reach(x: np.ndarray, y: np.ndarray, error: np.ndarray | None) -> Line:
    """An unseen line as far as the points and their bars reach."""
    if error is None:
        return Line(x, y, _UNSEEN)
    return Line(np.tile(x, 2), np.concatenate([y - error, y + error]), _UNSEEN)


def _padded(low: float, high: float) -> tuple[float, float]:
    """A little more than the range, so that the outermost points are whole."""
    return low - 0.02 * (high - low), high + 0.02 * (high - low)
