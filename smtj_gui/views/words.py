"""A line of rich text that may change thirty times a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QStaticText, QTextDocumentFragment, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtj_gui.decimals import said

if TYPE_CHECKING:
    from smtj_gui.look import Theme


class Words(QWidget):
    """One line; a QLabel would have the whole window laid out and painted again for every new text."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._text = name, ""
        self._given = ""    # with decimal points
        self._drawn = QStaticText()
        self._drawn.setTextFormat(Qt.TextFormat.RichText)
        one_line = QTextOption()
        one_line.setWrapMode(QTextOption.WrapMode.NoWrap)
        self._drawn.setTextOption(one_line)
        self._colour = QColor()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(100, self.fontMetrics().height() + 6)

    def text(self) -> str:
        """What is shown, with its markup."""
        return self._text

    def setText(self, text: str) -> None:
        """Show this text; the tool tip repeats it for a window that is too narrow."""
        if text != self._given:
            self._given = text
            self._show(said(text))

    def _show(self, text: str) -> None:
        self._text = text
        self._drawn.setText(text)
        self.setToolTip(text)
        self.setAccessibleName(f"{self._name}: {QTextDocumentFragment.fromHtml(text).toPlainText()}")
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange:
            self._show(said(self._given))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's text colour."""
        self._colour = QColor(theme.foreground)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._colour)
        self._drawn.prepare(font=painter.font())
        if 8 + self._drawn.size().width() > self.width():   # a number cut in the middle would be another number
            dots = painter.fontMetrics().horizontalAdvance(" …") + 4
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "… ")
            painter.setClipRect(0, 0, self.width() - dots, self.height())
        painter.drawStaticText(QPointF(8, (self.height() - self._drawn.size().height()) / 2), self._drawn)
        painter.end()
