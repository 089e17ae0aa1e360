"""The polar picture of an angular curve: the angle is the angle of M, the radius the quantity."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtj_gui.decimals import said, sign
from smtj_gui.views.labels import Shown, axis_scale, short, span
from smtj_gui.views.plot import Line, pen

if TYPE_CHECKING:
    from smtj_gui.look import Theme

#: The dash pattern of negative lobes.
_NEGATIVE = 6
#: How the caption stands in its corner.
_CORNER = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap


@dataclasses.dataclass(frozen=True)
class Radius:
    """How a value becomes a radius: `low` is the centre, `high` the rim; lobes of signed values show |value|."""

    low: float
    high: float
    lobes: bool

    def of(self, values: np.ndarray) -> np.ndarray:
        """Radii from 0 to 1."""
        size = np.abs(values) if self.lobes else values
        return np.clip((size - self.low) / (self.high - self.low), 0.0, 1.0)

    def rings(self) -> list[float]:
        """Two to four round values between centre and rim."""
        width = self.high - self.low
        power = 10.0 ** math.floor(math.log10(width))
        step = next(step for step in (0.25 * power, 0.5 * power, power, 2 * power, 2.5 * power, 5 * power)
                    if width / step <= 4)
        first = math.floor(self.low / step + 1e-9) + 1
        return [step * i for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


def radius_for(values: np.ndarray, lobes: bool, floor: float) -> Radius:
    """The radius that makes the shape of these values visible; `floor` and less is zero.

    A torque is drawn as lobes from zero. Other quantities start at zero too, except where they hardly vary or
    change sign: then the centre lies a little under the smallest value.
    """
    low, high = span(np.abs(values) if lobes else values)
    if not math.isfinite(low + high) or max(abs(low), abs(high)) < floor:
        return Radius(0.0, 1.0, lobes)
    if low >= 0 and (lobes or low < 0.5 * high or high - low <= 1e-7 * high):
        return Radius(0.0, high * 1.04, lobes)
    width = max(high - low, 1e-7 * max(abs(low), abs(high)))
    return Radius(low - 0.35 * width, high + 0.05 * width, lobes)


class PolarPlot(QWidget):
    """Curves around a circle. Against θ the normal z points up and the right half is what was calculated; the
    left half is the same by the twofold axis along z (θ, φ + 180°). Against φ, x points right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(150, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme: Theme | None = None
        self.lines: list[Line] = []
        self.radius = Radius(0.0, 1.0, False)
        self._how = Shown("", "", "")
        self._azimuth = False
        self._cursor: tuple[float, float, str] | None = None
        self._placed: tuple[tuple[QRect, str, QFont] | None, QRect] = None, QRect()

    def sizeHint(self) -> QSize:
        return QSize(260, 260)

    def draw(self, lines: Sequence[Line], how: Shown, *, azimuth: bool, lobes: bool) -> None:
        """Draw these lines; azimuth: the angle is φ, lobes: the quantity has a sign."""
        self.lines, self._how, self._azimuth = list(lines), how, azimuth
        values = np.concatenate([line.y for line in lines]) if lines else np.array([np.nan])
        self.radius = radius_for(values, lobes, how.floor)
        angle = "φ" if azimuth else "θ"
        self.setAccessibleName(f"Polar picture of {how.name} against {angle}")
        self.setToolTip("" if azimuth else "Right: as calculated. Left: the same by symmetry, φ + 180°.")
        self.update()

    def words(self) -> str:
        """What the rings mean."""
        if not any(np.any(np.abs(line.y) >= self._how.floor) for line in self.lines):
            return "zero"
        rings = self.radius.rings()
        scale, unit = axis_scale(max(map(abs, rings), default=1.0), self._how.unit)
        # with semicolons where a comma is the decimal sign
        marks = f"{',' if sign() == '.' else ';'} ".join(short(round(value * scale, 9)) for value in rings)
        return said(f"rings at {marks} {unit}".strip())

    def corner_words(self) -> str:
        """How a negative lobe looks, where there is one."""
        negative = self.radius.lobes and any(np.any(line.y < -self._how.floor) for line in self.lines)
        return "dashed: negative" if negative else ""

    def set_cursor(self, mark: tuple[float, float, str] | None) -> None:
        """Mark an angle and the value there (degrees, value, colour)."""
        self._cursor = mark
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours; the lines come with draw()."""
        self.theme = theme
        self.update()

    # -- painting -----------------------------------------------------------------------------------

    def _frame(self) -> tuple[QPointF, float]:
        """Centre and radius of the rim in pixels, room left for the angles around it."""
        metrics = self.fontMetrics()
        sides, ends = metrics.horizontalAdvance("180°") + 8, metrics.height() + 3
        wrapped = self._corner().height() - metrics.lineSpacing() * (1 + self._caption().count("\n"))
        room = QRectF(self.rect()).adjusted(sides if self._azimuth else 6, ends, -sides, -ends - max(0, wrapped))
        rim = max(10.0, min(room.width(), room.height()) / 2)
        return QPointF(room.right() - rim, room.center().y()), rim  # spare room is left to the words in the corner

    def _points(self, angle_deg: np.ndarray, radii: np.ndarray) -> np.ndarray:
        """Pixels of angles and radii (0 to 1), shape (n, 2)."""
        centre, rim = self._frame()
        turn = np.radians(angle_deg)
        east, north = (np.cos(turn), np.sin(turn)) if self._azimuth else (np.sin(turn), np.cos(turn))
        return np.stack([centre.x() + rim * radii * east, centre.y() - rim * radii * north], axis=-1)

    def paintEvent(self, _: QPaintEvent) -> None:
        if self.theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.theme.background))
        self._paint_net(painter, self.theme)
        for line in self.lines:
            self._paint_line(painter, line)
        self._paint_cursor(painter, self.theme)
        self._paint_corner(painter, self.theme)
        painter.end()

    def _paint_net(self, painter: QPainter, theme: Theme) -> None:
        centre, rim = self._frame()
        soft = QColor(theme.grid)
        soft.setAlphaF(0.55)
        painter.setPen(pen(soft, 1.0))
        rings = self.radius.rings()
        for value in rings:
            size = rim * float(self.radius.of(np.array([value]))[0])
            painter.drawEllipse(centre, size, size)
        for degrees in range(0, 180, 30):
            (x1, y1), (x2, y2) = self._points(np.array([degrees, degrees + 180.0]), np.ones(2))
            painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))
        painter.setPen(pen(theme.grid, 1.0))
        painter.drawEllipse(centre, rim, rim)
        painter.setPen(QColor(theme.foreground))
        ends = (0, 90, 180, 270) if self._azimuth else (0, 90, 180)
        for degrees in ends:
            self._text_beyond(painter, degrees, f"{degrees}°")

    def _text_beyond(self, painter: QPainter, degrees: float, text: str) -> None:
        """A word just outside the rim."""
        metrics, (_, rim) = painter.fontMetrics(), self._frame()
        wide, high = metrics.horizontalAdvance(text), metrics.height()
        x, y = self._points(np.array([degrees]), np.array([1.0]))[0]
        centre = self._frame()[0]
        x += (x - centre.x()) / rim * (wide / 2 + 5)
        y += (y - centre.y()) / rim * (high / 2 + 1)
        painter.drawText(QRectF(x - wide / 2, y - high / 2, wide + 1, high), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_corner(self, painter: QPainter, theme: Theme) -> None:
        """What rings and dashes mean, in the lower left corner."""
        painter.setPen(QColor(theme.muted))
        painter.drawText(self._corner(), _CORNER, self._caption())

    def _caption(self) -> str:
        return "\n".join(filter(None, (self.words(), self.corner_words())))

    def _corner(self) -> QRect:
        """The place of the caption, in as many lines as it needs."""
        room, words = self.rect().adjusted(8, 0, -2, -4), self._caption()
        if self._placed[0] != (room, words, self.font()):
            high = self.fontMetrics().boundingRect(room, int(_CORNER), words).height()
            self._placed = (room, words, self.font()), room.adjusted(0, max(0, room.height() - high), 0, 0)
        return self._placed[1]

    def _paint_line(self, painter: QPainter, line: Line) -> None:
        good = np.isfinite(line.y)
        angle, values = line.x[good], line.y[good]
        if angle.size < 2:
            return
        colour = QColor(line.colour)
        if line.faint:
            colour.setAlphaF(0.9)
        width = 1.4 if line.faint else 1.6
        for negative in (False, True) if self.radius.lobes else (False,):
            part = np.where((values < 0) == negative, values, 0.0) if self.radius.lobes else values
            if self.radius.lobes and not np.any(part):
                continue
            points = self._points(angle, self.radius.of(part))
            painter.setPen(pen(colour, width, _NEGATIVE if negative else line.dash if line.faint else 0))
            painter.drawPath(_path(points))
            if not self._azimuth:
                mirror = QColor(colour)
                mirror.setAlphaF(colour.alphaF() * 0.45)
                painter.setPen(pen(mirror, width, _NEGATIVE if negative else 0))
                centre, _ = self._frame()
                painter.drawPath(_path(points * [-1, 1] + [2 * centre.x(), 0]))

    def _paint_cursor(self, painter: QPainter, theme: Theme) -> None:
        if self._cursor is None or not math.isfinite(self._cursor[1]):
            return
        angle, value, colour = self._cursor
        centre, _ = self._frame()
        rim_x, rim_y = self._points(np.array([angle]), np.ones(1))[0]
        painter.setPen(pen(theme.accent, 1.0))
        painter.drawLine(centre, QPointF(rim_x, rim_y))
        x, y = self._points(np.array([angle]), self.radius.of(np.array([value])))[0]
        painter.setPen(pen(theme.background, 1.5))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(x, y), 4.0, 4.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _path(points: np.ndarray) -> QPainterPath:
    path: QPainterPath = pg.arrayToQPath(points[:, 0], points[:, 1])  # a loop over points is slow
    return path
