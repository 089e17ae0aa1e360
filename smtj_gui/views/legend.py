"""A legend above the plots: one for all of them, so that it never covers a curve."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QStaticText, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtj_gui.decimals import said
from smtj_gui.views.plot import pen

if TYPE_CHECKING:
    from smtj_gui.look import Theme

#: More entries than this are thinned out: first, last, and some between.
MOST_ENTRIES = 12
_SAMPLE, _GAP, _SPACE = 26, 5, 14


@dataclasses.dataclass(frozen=True)
class Entry:
    """A line sample and its rich text; an entry without colour is a heading."""

    text: str
    colour: str = ""
    dash: int = 0


def thin_out(entries: Sequence[Entry]) -> list[Entry]:
    """At most MOST_ENTRIES of a family's entries, evenly taken, the first and the last always there."""
    count = len(entries)
    if count <= MOST_ENTRIES:
        return list(entries)
    picked = sorted({round(i * (count - 1) / (MOST_ENTRIES - 1)) for i in range(MOST_ENTRIES)})
    return [entries[i] for i in picked]


def _break(text: QStaticText, width: float) -> None:
    """Lay a text out in lines of this width, in one line if it is negative."""
    if text.textWidth() == width:
        return
    mode = QTextOption.WrapMode
    option = QTextOption()
    option.setWrapMode(mode.NoWrap if width < 0 else mode.WrapAtWordBoundaryOrAnywhere)
    text.setTextOption(option)
    text.setTextWidth(width)


class Legend(QWidget):
    """Entries side by side, broken into as many rows as the width needs; nothing at all when empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._entries: list[Entry] = []
        self._texts: list[QStaticText] = []
        self._colour = QColor()
        self.hide()

    @property
    def entries(self) -> list[Entry]:
        """What the legend lists."""
        return list(self._entries)

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these entries."""
        if list(entries) == self._entries:
            return
        self._entries = list(entries)
        self._texts = []
        one_line = QTextOption()
        one_line.setWrapMode(QTextOption.WrapMode.NoWrap)
        for entry in self._entries:
            text = QStaticText(said(entry.text))
            text.setTextFormat(Qt.TextFormat.RichText)
            text.setTextOption(one_line)
            text.prepare(font=self.font())
            self._texts.append(text)
        plain = ", ".join(said(entry.text) for entry in self._entries)
        self.setAccessibleName(f"Legend: {plain}")
        self.setVisible(bool(self._entries))
        self._fit_height()
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LocaleChange, QEvent.Type.FontChange):
            entries, self._entries = self._entries, []
            self.set_entries(entries)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's text colour; the samples come with the entries."""
        self._colour = QColor(theme.foreground)
        self.update()

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _places(self, width: int) -> list[QRect]:
        """Where each entry goes, row by row; one that is wider than a row is broken into lines."""
        places: list[QRect] = []
        x, y = 4, 0
        for entry, text in zip(self._entries, self._texts, strict=True):
            sample = _SAMPLE + _GAP if entry.colour else 0
            _break(text, -1.0)
            if x + sample + text.size().width() + 1 > width and places:
                x, y = 4, y + max(place.height() for place in places if place.top() == y)
            if x + sample + text.size().width() + 1 > width:
                _break(text, max(width - x - sample - 1, _SAMPLE))
            wide = sample + int(text.size().width()) + 1
            high = max(self._row_height(), int(text.size().height()) + 4)
            places.append(QRect(x, y, wide, high))
            x += wide + _SPACE
        return places

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return max((place.bottom() + 1 for place in places), default=0)

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        self.setFixedHeight(self.heightForWidth(max(self.width(), 200)))

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for entry, text, place in zip(self._entries, self._texts, self._places(self.width()), strict=True):
            x, middle = float(place.left()), place.top() + place.height() / 2
            if entry.colour:
                self._paint_sample(painter, entry, QRectF(x, middle - 6, _SAMPLE, 12))
                x += _SAMPLE + _GAP
            painter.setPen(self._colour)
            painter.drawStaticText(QPointF(x, middle - text.size().height() / 2), text)
        painter.end()

    def _paint_sample(self, painter: QPainter, entry: Entry, box: QRectF) -> None:
        """The line of an entry, across the box."""
        middle = box.center().y()
        painter.setPen(pen(entry.colour, 2.0, entry.dash))
        painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
