"""The legend of a map: fields of colour with words, or a colour bar with ticks and unit."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen, QStaticText
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtj_gui.decimals import said, spelled
from smtj_gui.look import Theme
from smtj_gui.views.labels import html, number, short
from smtj_gui.views.legend import Entry, Legend
from smtj_gui.views.plot import pen


@dataclasses.dataclass(frozen=True)
class Sample(Entry):
    """An entry whose sample is a field of its colour, or one of the shapes of _paint_sample."""

    shape: str = "field"


class Key(Legend):
    """Entries side by side, each with its sample."""

    def _paint_sample(self, painter: QPainter, entry: Entry, box: QRectF) -> None:
        box = box.adjusted(5, 0, -1, 0)
        shape = entry.shape if isinstance(entry, Sample) else "field"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(entry.colour))
        painter.drawRoundedRect(box, 2, 2)
        if shape == "bands":
            painter.setBrush(QColor(0, 0, 0, 90))
            for left in (0.0, 0.5):
                painter.drawRect(QRectF(box.left() + left * box.width(), box.top(), box.width() / 4, box.height()))
        elif shape == "hatched":
            painter.setBrush(QBrush(QColor(0, 0, 0, 220), Qt.BrushStyle.BDiagPattern))
            painter.drawRect(box)
        elif shape == "line":
            painter.setPen(pen("#000000", 1.6, 1))
            painter.drawLine(QPointF(box.left() + 1, box.center().y()), QPointF(box.right() - 1, box.center().y()))
        elif shape == "ring":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor("#000000"), 1.6))
            painter.drawEllipse(box.center(), 4.5, 4.5)


class ColourBar(QWidget):
    """A scale of colours between two numbers, with a label that carries the unit."""

    _HIGH, _WIDE = 12, 190

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.low, self.high, self.label = 0.0, 1.0, ""
        self._image = QImage()
        self._ink, self._frame = QColor(), QColor()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_scale(self, colours: np.ndarray, low: float, high: float, label: str) -> None:
        """Show these 256 colours (RGBA) from low to high."""
        if (low, high, label) != (self.low, self.high, self.label) or self._image.isNull():
            self.low, self.high, self.label = low, high, label
            row = np.ascontiguousarray(colours[None])
            self._image = QImage(row.data, row.shape[1], 1, QImage.Format.Format_RGBA8888).copy()
            self._name()
            self.update()
        self.setFixedHeight(self.fontMetrics().height() + self._HIGH + 10)
        self.show()

    def _name(self) -> None:
        limits = f"{number(self.low, 3)} to {number(self.high, 3)}"
        self.setAccessibleName(said(f"Colour bar: {self.label}, {limits}"))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._name()
        self._ink, self._frame = QColor(theme.foreground), QColor(theme.border)
        self.update()

    def ticks(self) -> list[float]:
        """The numbers under the bar."""
        rough = (self.high - self.low) / 5
        power = 10.0 ** np.floor(np.log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= 0.99 * rough)
        return [float(at * step) for at in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = painter.fontMetrics()
        label = QStaticText(html(self.label))
        label.prepare(font=painter.font())
        room = self.width() - 20 - 26 - label.size().width()
        bar = QRectF(20, 3, min(self._WIDE, max(60.0, room)), self._HIGH)
        painter.drawImage(bar, self._image)
        painter.setPen(self._frame)
        painter.drawRect(bar)
        painter.setPen(self._ink)
        for value in self.ticks():
            x = bar.left() + bar.width() * (value - self.low) / (self.high - self.low)
            text = spelled(short(value))
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + 3))
            painter.drawText(QPointF(x - metrics.horizontalAdvance(text) / 2, bar.bottom() + metrics.ascent() + 3),
                             text)
        painter.drawStaticText(QPointF(bar.right() + 26, bar.center().y() - label.size().height() / 2), label)
        painter.end()
