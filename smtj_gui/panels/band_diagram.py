"""A small picture of the junction's bands, so that a number is seen before it is believed."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtj_gui.decimals import said
from smtj_gui.number_widgets import set_tip

if TYPE_CHECKING:
    from smtj_engine.parameters import Junction
    from smtj_engine.transport.barrier import BandEdges
    from smtj_gui.look import Theme

#: Okabe-Ito: majority, minority, normal metal; they read on a light and on a dark ground.
_UP, _DOWN, _NORMAL = "#D55E00", "#0072B2", "#009E73"
#: Pixels per nanometre of barrier, as long as the electrodes keep their room.
_PER_NM = 60.0


@dataclasses.dataclass(frozen=True)
class _Frame:
    """Where things are: the barrier's edges and the scale of the energies, in pixels and eV."""

    left: float
    barrier: float
    normal: float
    right: float
    top: float
    bottom: float
    high: float
    low: float

    def y(self, energy: float) -> float:
        """The height of an energy."""
        return self.top + (self.high - energy) / (self.high - self.low) * (self.bottom - self.top)


class BandDiagram(QWidget):
    """Bands, barrier and Fermi levels under bias; the barrier's thickness is to scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(200, 130)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._junction: Junction | None = None
        self.edges: BandEdges | None = None
        self._ink = self.palette().color(QPalette.ColorRole.WindowText)
        self.setAccessibleName("Band diagram of the junction")

    def sizeHint(self) -> QSize:
        return QSize(280, 156)

    def set_junction(self, junction: Junction) -> None:
        """Show this junction."""
        from smtj_engine.transport.barrier import band_edges  # late: the first window does not wait for it

        if junction == self._junction:
            return
        self._junction, self.edges = junction, band_edges(junction)
        text = describe(junction, self.edges)
        set_tip(self, text)
        self.setAccessibleDescription(said(text))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._ink = QColor(theme.foreground)
        self.update()

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small_font())
        if self._junction is not None and self.edges is not None:
            frame = self.frame(self._junction, self.edges)
            self._paint_bands(painter, frame, self.edges)
            self._paint_barrier(painter, frame, self.edges)
            self._paint_fermi_levels(painter, frame, self.edges)
            self._paint_sizes(painter, frame, self._junction, self.edges)
            self._paint_names(painter, frame, bool(self.edges.right_exchange))
        painter.end()

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(7.0, font.pointSizeF() * 0.9))
        return font

    def frame(self, junction: Junction, edges: BandEdges) -> _Frame:
        """Where a junction's lines go in the present size."""
        line = QFontMetricsF(self._small_font()).height()
        left, right = 4.0, self.width() - 4.0
        thickness = min(junction.barrier_thickness * _PER_NM, (right - left) * 0.45)
        middle = (left + right) / 2
        energies = [value for name, value in dataclasses.asdict(edges).items() if name != "right_exchange"]
        energies += [edges.bottom_n - edges.right_exchange, edges.bottom_n + edges.right_exchange]
        high, low = max(energies), min(energies)
        space = 0.06 * (high - low)
        return _Frame(left, middle - thickness / 2, middle + thickness / 2, right, 2.0 + line,
                      self.height() - 3.0 - line, high + space, low - space)

    def _colour(self, alpha: float = 1.0) -> QColor:
        colour = QColor(self._ink)
        colour.setAlphaF(alpha)
        return colour

    def _paint_bands(self, painter: QPainter, frame: _Frame, edges: BandEdges) -> None:
        """Each band as a box from its bottom, filled up to the Fermi level of its side."""
        middle, beyond = (frame.left + frame.barrier) / 2, (frame.normal + frame.right) / 2
        boxes = [(frame.left, middle, edges.bottom_up, edges.fermi_f, _UP),
                 (middle, frame.barrier, edges.bottom_down, edges.fermi_f, _DOWN)]
        if edges.right_exchange:
            boxes += [(frame.normal, beyond, edges.bottom_n - edges.right_exchange, edges.fermi_n, _UP),
                      (beyond, frame.right, edges.bottom_n + edges.right_exchange, edges.fermi_n, _DOWN)]
        else:
            boxes.append((frame.normal, frame.right, edges.bottom_n, edges.fermi_n, _NORMAL))
        for left, right, bottom, fermi, name in boxes:
            colour = QColor(name)
            if bottom < fermi:
                colour.setAlphaF(0.38)
                painter.fillRect(QRectF(QPointF(left, frame.y(fermi)), QPointF(right, frame.y(bottom))), colour)
            colour.setAlphaF(1.0)
            painter.setPen(QPen(colour, 1.6))
            painter.drawLine(QPointF(left, frame.y(bottom)), QPointF(right, frame.y(bottom)))

    def _paint_barrier(self, painter: QPainter, frame: _Frame, edges: BandEdges) -> None:
        left, right = frame.y(edges.barrier_left), frame.y(edges.barrier_right)
        shape = [QPointF(frame.barrier, frame.bottom), QPointF(frame.barrier, left), QPointF(frame.normal, right),
                 QPointF(frame.normal, frame.bottom)]
        painter.setPen(QPen(self._colour(0.8), 1.4))
        if frame.normal - frame.barrier < 1.0:
            painter.drawLine(shape[0], shape[1])
            return
        painter.setBrush(self._colour(0.16))
        painter.drawPolygon(QPolygonF(shape))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_fermi_levels(self, painter: QPainter, frame: _Frame, edges: BandEdges) -> None:
        painter.setPen(QPen(self._colour(), 1.4))
        for left, right, energy in ((frame.left, frame.barrier, edges.fermi_f),
                                    (frame.normal, frame.right, edges.fermi_n)):
            painter.drawLine(QPointF(left, frame.y(energy)), QPointF(right, frame.y(energy)))
        if edges.fermi_f != edges.fermi_n:
            painter.setPen(QPen(self._colour(0.6), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(frame.barrier, frame.y(edges.fermi_f)),
                             QPointF(frame.right, frame.y(edges.fermi_f)))

    def _paint_sizes(self, painter: QPainter, frame: _Frame, junction: Junction, edges: BandEdges) -> None:
        """U₀ left of the barrier, eV in N, d under the barrier."""
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QPen(self._colour(), 1.0))
        text = f"U₀ = {junction.barrier_height:.4g} eV"
        wide = metrics.horizontalAdvance(text)
        self._paint_gap(painter, frame, (edges.barrier_left, edges.fermi_f), frame.barrier - 8,
                        frame.barrier - 14 - wide, text)
        if junction.bias:
            text = f"eV = {junction.bias:.4g} eV".replace("-", "−")
            self._paint_gap(painter, frame, (edges.fermi_f, edges.fermi_n), frame.normal + 8,
                            frame.normal + 14, text)
        text = f"d = {junction.barrier_thickness:.4g} nm" if junction.barrier_thickness else "contact"
        x = (frame.barrier + frame.normal - metrics.horizontalAdvance(text)) / 2
        _text(painter, x, frame.bottom + metrics.height() / 2 + 1, text)

    def _paint_gap(self, painter: QPainter, frame: _Frame, energies: tuple[float, float], arrow: float, x: float,
                   text: str) -> None:
        """An arrow between two energies, and words beside it: above both where there is no room between."""
        first, second = (frame.y(energy) for energy in energies)
        _arrow(painter, arrow, first, second)
        high = QFontMetricsF(painter.font()).height()
        middle = (first + second) / 2
        if abs(first - second) < high:
            middle = max(high / 2, min(first, second) - high / 2 - 1)
        _text(painter, x, middle, text)

    def _paint_names(self, painter: QPainter, frame: _Frame, second: bool) -> None:
        """The layers, with the spins of each magnet, below their bands."""
        painter.save()
        bold = QFont(painter.font())
        bold.setBold(True)
        painter.setFont(bold)
        metrics = QFontMetricsF(bold)
        names = [(frame.left + 2, "F↑", _UP), ((frame.left + frame.barrier) / 2 + 2, "F↓", _DOWN)]
        if second:
            names += [((frame.normal + frame.right) / 2 - 4 - metrics.horizontalAdvance("R↑"), "R↑", _UP),
                      (frame.right - 2 - metrics.horizontalAdvance("R↓"), "R↓", _DOWN)]
        else:
            names.append((frame.right - 2 - metrics.horizontalAdvance("N"), "N", _NORMAL))
        for x, text, name in names:
            colour = QColor(name)
            painter.setPen(colour.lighter(150) if self._dark() else colour.darker(115))
            _text(painter, x, frame.bottom + metrics.height() / 2 + 1, text)
        painter.restore()

    def _dark(self) -> bool:
        return self._ink.lightnessF() > 0.5


def describe(junction: Junction, edges: BandEdges) -> str:
    """The picture in words, for the tool tip and for those who do not see it."""
    lines = [
        f"Ferromagnet: Fermi level {edges.fermi_f:.3f} eV, majority band from {edges.bottom_up:.3f} eV, "
        f"minority band from {edges.bottom_down:.3f} eV",
        f"Barrier: {junction.barrier_height:.4g} eV above the Fermi level, "
        f"{junction.barrier_thickness:.4g} nm thick, "
        f"top from {edges.barrier_left:.3f} to {edges.barrier_right:.3f} eV",
        f"Normal metal: Fermi level {edges.fermi_n:.3f} eV, band from {edges.bottom_n:.3f} eV"
        if not edges.right_exchange else
        f"Second ferromagnet: Fermi level {edges.fermi_n:.3f} eV, majority band from "
        f"{edges.bottom_n - edges.right_exchange:.3f} eV, minority band from "
        f"{edges.bottom_n + edges.right_exchange:.3f} eV",
        *([f"Rashba parameter at this bias: α(V) = {junction.rashba_at_bias:.4g} eV·Å²"]
          if junction.rashba_slope else []),
        "Energies from the mean of the ferromagnet's band bottoms at zero bias"]
    return "\n".join(lines).replace("-", "−")


def _text(painter: QPainter, x: float, middle: float, text: str) -> None:
    """A text whose left end and middle height are given."""
    metrics = QFontMetricsF(painter.font())
    painter.drawText(QPointF(x, middle + (metrics.ascent() - metrics.descent()) / 2), said(text))


def _arrow(painter: QPainter, x: float, start: float, end: float) -> None:
    """A vertical line with a head at each end; too short a line has none."""
    painter.drawLine(QPointF(x, start), QPointF(x, end))
    if abs(end - start) < 8:
        return
    for tip, way in ((min(start, end), 1), (max(start, end), -1)):
        for side in (-2.5, 2.5):
            painter.drawLine(QPointF(x, tip), QPointF(x + side, tip + math.copysign(4, way)))
