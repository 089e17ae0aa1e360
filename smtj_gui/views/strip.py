"""A row of fields above a picture, which can be scrolled sideways where the window is too narrow for it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

#: No narrower than this, so that a field can be used (pixels).
_LEAST = 160


class Strip(QScrollArea):
    """As high as its rows, and as narrow as need be; the keyboard's focus scrolls to its field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = QWidget(self)
        self.rows = QVBoxLayout(self._inside)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWidget(self._inside)
        self._inside.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return QSize(self._inside.sizeHint().width(), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST, self._height())

    def _height(self) -> int:
        least, wide = self._inside.minimumSizeHint().width(), self.width()
        high = self.rows.totalHeightForWidth(max(least, wide)) if self.rows.hasHeightForWidth() else \
            self._inside.sizeHint().height()
        return high + (self.horizontalScrollBar().sizeHint().height() if least > wide else 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:   # a field came or went, or a reason to read
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()


class TwoGroups(QWidget):
    """Two groups of widgets side by side, or one under the other where the width is too small for both."""

    def __init__(self, left: Sequence[QWidget], right: Sequence[QWidget], parent: QWidget | None = None) -> None:
        """The last widget on the left takes the width that is left over."""
        super().__init__(parent)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)
        self._rows = QHBoxLayout(), QHBoxLayout()
        for row, widgets in zip(self._rows, (left, right), strict=True):
            row.setSpacing(6)
            for widget in widgets:
                row.addWidget(widget, 1 if widget is left[-1] else 0)
            self._box.addLayout(row, 1 if widgets is left else 0)
        self._rows[1].addStretch(1)     # in a line of their own no widget is wider than it need be

    def minimumSizeHint(self) -> QSize:
        return QSize(max(row.minimumSize().width() for row in self._rows), super().minimumSizeHint().height())

    def _fold(self) -> None:
        wide = sum(row.sizeHint().width() for row in self._rows) + self._box.spacing()
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if wide <= self.width() else direction.TopToBottom)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:   # a widget came, went or changed its text
            self._fold()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fold()
        super().resizeEvent(event)
