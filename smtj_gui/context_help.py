"""Help on what is under the cursor: which place of the help a widget means, and a cursor that asks with a click.

A widget means what its property `help_at` says, or that of the nearest widget around it: a page, and after a # the
words at which that page is to be opened (a parameter's path, a heading).
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

#: Name of the property.
HELP_AT = "help_at"


def place_of(widget: QWidget | None) -> str:
    """The place of the help that a widget means, empty if it means none."""
    while widget is not None:
        if place := widget.property(HELP_AT):
            return str(place)
        widget = widget.parentWidget()
    return ""


class Attention(QObject):
    """What the user looks at: the field with the focus, or what the mouse was moved to since."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._seen = window, QPoint()
        QApplication.instance().focusChanged.connect(self._note)    # type: ignore[union-attr]

    def _note(self) -> None:
        self._seen = QCursor.pos()

    def widget(self) -> QWidget | None:
        """The widget that is meant."""
        mouse = QCursor.pos()
        pointed = QApplication.widgetAt(mouse)
        if mouse != self._seen and place_of(pointed):
            return pointed
        return QApplication.focusWidget()


class WhatsThis(QObject):
    """While it is on, the next click asks for help on what it hits instead of doing something; Esc gives up."""

    asked = Signal(object)      # QWidget or None
    ended = Signal()

    def begin(self) -> None:
        """Put the cursor on."""
        QApplication.setOverrideCursor(Qt.CursorShape.WhatsThisCursor)
        QApplication.instance().installEventFilter(self)    # type: ignore[union-attr]

    def end(self) -> None:
        """Take the cursor off."""
        QApplication.instance().removeEventFilter(self)     # type: ignore[union-attr]
        QApplication.restoreOverrideCursor()
        self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            assert isinstance(event, QMouseEvent)
            place = event.globalPosition().toPoint()
            self.end()
            self.asked.emit(QApplication.widgetAt(place) or watched)
            return True
        if (kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent)
                and event.key() == Qt.Key.Key_Escape):
            if kind == QEvent.Type.KeyPress:
                self.end()
            event.accept()
            return True
        return False
