"""Bars that say how much of each multiple of the angle a curve holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QStaticText
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtj_gui.decimals import said, spelled
from smtj_gui.number_widgets import set_tip
from smtj_gui.views.harmonics import Harmonic
from smtj_gui.views.labels import Shown, number, with_unit

if TYPE_CHECKING:
    from smtj_gui.look import Theme

#: Terms listed for each curve, and the smallest share worth a bar (the largest term always has one).
MOST_TERMS, SMALLEST_SHARE = 3, 5e-4
#: A bar shorter than this (pixels) says nothing: then there are only the numbers.
_LEAST_BAR = 16


@dataclasses.dataclass(frozen=True)
class Content:
    """The harmonic content of one curve."""

    how: Shown
    terms: tuple[Harmonic, ...]

    def listed(self) -> tuple[Harmonic, ...]:
        """The terms that are shown: the largest ones."""
        return tuple(term for index, term in enumerate(self.terms[:MOST_TERMS])
                     if index == 0 or term.share >= SMALLEST_SHARE)


def percent(share: float) -> str:
    """A share as per cent: 98.9 %, 0.34 %."""
    return spelled(f"{100 * share:.{1 if share >= 0.0995 else 2}f}\u00a0%")


class HarmonicsPanel(QWidget):
    """For each curve its name and its largest terms, as bars with their share."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._take_width()
        self.theme: Theme | None = None
        self.contents: tuple[Content, ...] = ()
        self.setAccessibleName("Harmonic content")

    def _take_width(self) -> None:
        """As wide as the longest line, at most three times that."""
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance("cos 4θ 100.0 %") + 14)
        self.setMaximumWidth(3 * self.minimumWidth())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_width()

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), 200)

    def set_contents(self, contents: Sequence[Content]) -> None:
        """Show these; the tool tip has the amplitudes in the curves' own units."""
        if tuple(contents) == self.contents:
            return
        self.contents = tuple(contents)
        self._describe()
        self.update()

    def _describe(self) -> None:
        lines = [f"{content.how.symbol}: " + (", ".join(
            f"{with_unit(number(term.amplitude), content.how.unit)} {term.name}" for term in content.listed())
            or "constant") for content in self.contents]
        set_tip(self, "Amplitudes\n" + "\n".join(lines) + "\nShares are of the sum of all amplitudes.")
        self.setAccessibleDescription(said("; ".join(lines)))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.theme = theme
        self._describe()
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        if self.theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.theme.background))
        step = self.fontMetrics().height() + 3
        rows = sum(1 + max(1, len(content.listed())) for content in self.contents)
        free = self.height() - rows * step
        gap = max(0.0, min(10.0, free / (len(self.contents) + 1)))
        y = max(0.0, (free - gap * (len(self.contents) - 1)) / 2)
        for content in self.contents:
            y = self._paint_content(painter, self.theme, content, y, step) + gap
        painter.end()

    def _paint_content(self, painter: QPainter, theme: Theme, content: Content, y: float, step: float) -> float:
        title = QStaticText(f"<b>{content.how.html}</b>")
        title.setTextFormat(Qt.TextFormat.RichText)
        painter.setPen(QColor(theme.foreground))
        painter.drawStaticText(QPointF(6, y), title)
        y += step
        if not content.listed():
            painter.setPen(QColor(theme.muted))
            painter.drawText(QRectF(6, y, self.width() - 8, step), Qt.AlignmentFlag.AlignVCenter, "constant")
            return y + step
        metrics = painter.fontMetrics()
        left, right = metrics.horizontalAdvance("cos 4θ") + 12, metrics.horizontalAdvance("100.0 %") + 6
        room = self.width() - left - right - 8
        for term in content.listed():
            row = QRectF(6, y, left - 6, step)
            painter.setPen(QColor(theme.muted))
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, term.name)
            painter.setPen(QColor(theme.foreground))
            painter.drawText(QRectF(self.width() - right - 4, y, right, step),
                             Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, percent(term.share))
            y += step
            if room < _LEAST_BAR:
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.grid))
            painter.drawRoundedRect(QRectF(left, y - step / 2 - 3, room, 6), 2, 2)
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(QRectF(left, y - step / 2 - 3, max(2.0, room * term.share), 6), 2, 2)
        return y
