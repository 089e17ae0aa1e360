"""A small picture of what a waveform does to the drive, so that a number is seen before it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QStaticText,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtj_engine.control import PLACES
from smtj_engine.schema import spec_at, value_at
from smtj_gui.decimals import said, spelled
from smtj_gui.number_widgets import set_tip
from smtj_gui.panels.form import rich_symbol
from smtj_gui.panels.waveform_kinds import horizon

if TYPE_CHECKING:
    from smtj_engine.parameters import Setup

_POINTS = 1201


class WaveformPicture(QWidget):
    """The moved parameter, its own value included, against time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.times, self.values = np.zeros(0), np.zeros(0)
        self._label = self._unit = ""
        self._base = 0.0

    def sizeHint(self) -> QSize:
        return QSize(240, 7 * self.fontMetrics().height())

    def show_setup(self, setup: Setup) -> None:
        """Draw the waveform of this setup."""
        waveform = setup.drive.waveform
        path = PLACES.get(waveform.target, "")
        self.setVisible(bool(path))
        if not path:
            return
        spec = spec_at(setup, path)
        self._label, self._unit, self._base = spec.symbol, spec.unit, float(value_at(setup, path))
        end = horizon(waveform, setup.numerics.trajectory.duration)
        self.times = np.union1d(np.linspace(0.0, end, _POINTS), _beside(_corners(setup), end))
        self.values = self._base + waveform.at(self.times)
        low, high = float(self.values.min()), float(self.values.max())
        text = (f"{spec.label} against time: from {low:.4g} to {high:.4g} {spec.unit}".rstrip()
                + f" in the first {end:.4g} ns")
        self.setAccessibleName(said(text))
        set_tip(self, f"{text}; the drive's own value is {self._base:.4g} {spec.unit}".rstrip())
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        if not self.times.size:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        line, palette = metrics.height(), self.palette()
        low, high = float(self.values.min()), float(self.values.max())
        room = 0.5 * (high - low) / 5 or 0.1 * abs(high) or 1.0
        texts = {high: _short(high), low: _short(low)}
        left = max(metrics.horizontalAdvance(text) for text in texts.values()) + 8
        box = QRectF(left, line + 4, self.width() - left - 8, self.height() - 2 * line - 8)

        def place(time: float, value: float) -> QPointF:
            return QPointF(box.left() + time / self.times[-1] * box.width(),
                           box.bottom() - (value - low + room) / (high - low + 2 * room) * box.height())

        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(QPen(_faded(muted, 0.6), 1))
        painter.drawRect(box)
        painter.setPen(QPen(muted, 1, Qt.PenStyle.DotLine))
        painter.drawLine(place(0.0, self._base), place(self.times[-1], self._base))
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        for value, text in texts.items():
            painter.drawText(QPointF(left - 5 - metrics.horizontalAdvance(text),
                                     place(0.0, value).y() + metrics.ascent() / 2 - 2), text)
        unit = f" ({rich_symbol(self._unit)})" if self._unit else ""
        painter.drawStaticText(QPointF(box.left(), 0), QStaticText(f"{rich_symbol(self._label)}{unit}"))
        end = spelled(f"{self.times[-1]:.4g} ns")
        painter.drawText(QPointF(box.left(), self.height() - 4), "0")
        painter.drawText(QPointF(box.right() - metrics.horizontalAdvance(end), self.height() - 4), end)
        name = "t"
        painter.drawText(QPointF(box.center().x() - metrics.horizontalAdvance(name) / 2, self.height() - 4), name)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1.6))
        painter.drawPolyline(QPolygonF([place(float(t), float(v))
                                        for t, v in zip(self.times, self.values, strict=True)]))
        painter.end()


def _corners(setup: Setup) -> np.ndarray:
    one = setup.drive.waveform
    pulse = [one.delay, one.delay + one.rise]
    if one.length is not None:
        pulse += [one.end - one.fall, one.end]
    return np.array([*pulse, *one.times])


def _beside(corners: np.ndarray, end: float) -> np.ndarray:
    """Just before and at each corner, so that a jump is upright."""
    both = np.concatenate([corners, np.nextafter(corners, -np.inf)])
    return both[(both >= 0) & (both <= end)]


def _short(value: float) -> str:
    return spelled(f"{value:.3g}").replace("-", "−")


def _faded(colour: QColor, alpha: float) -> QColor:
    colour = QColor(colour)
    colour.setAlphaF(alpha)
    return colour
