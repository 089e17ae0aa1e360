"""Widgets with numbers: they show the decimal sign of the user's choice, and hear when it changes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFontDatabase, QValidator
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLabel, QPlainTextEdit, QWidget

from smtj_gui.decimals import said


class Said(QLabel):
    """A label for sentences with numbers in them, which are set with decimal points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""

    def setText(self, text: str) -> None:
        self._text = text
        super().setText(said(text))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange:
            super().setText(said(self._text))


class Report(QPlainTextEdit):
    """A text of many lines to read and to copy, in columns, which is set with decimal points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, readOnly=True)
        self._text = ""
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._take_font()

    def _take_font(self) -> None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(QApplication.font().pointSizeF())
        self.setFont(font)

    def setPlainText(self, text: str) -> None:
        self._text = text
        super().setPlainText(said(text))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange:
            super().setPlainText(said(self._text))
        elif event.type() == QEvent.Type.ApplicationFontChange:
            self._take_font()


def set_tip(widget: QWidget, text: str) -> None:
    """A tool tip with numbers in it."""
    widget.setProperty("tip", text)
    widget.setToolTip(said(text))


def respell_tips(root: QWidget) -> None:
    """Write the tool tips with numbers anew."""
    for widget in root.findChildren(QWidget):
        if (text := widget.property("tip")) is not None:
            widget.setToolTip(said(text))


def in_tab_order(widgets: Sequence[QWidget]) -> None:
    """Let Tab go through these widgets in this order."""
    for first, second in itertools.pairwise(widgets):
        QWidget.setTabOrder(first, second)


class NumberBox(QDoubleSpinBox):
    """A spin box that takes both decimal signs."""

    def validate(self, text: str, position: int) -> QValidator.State:
        return super().validate(self._own(text), position)

    def valueFromText(self, text: str) -> float:
        return super().valueFromText(self._own(text))

    def _own(self, text: str) -> str:
        return text.replace(".", ",").replace(",", self.locale().decimalPoint())
