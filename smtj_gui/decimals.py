"""The decimal sign of the user's choice, in fields and in tables that are written; what is typed may have either.

Qt keeps it: the default locale, and the locale of the window, whose widgets hear when that changes.
"""

from __future__ import annotations

from PySide6.QtCore import QLocale
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox


def use(comma: bool) -> QLocale:
    """Take a comma, or a point, as the decimal sign; returns the locale for the widgets that are already there."""
    locale = QLocale(QLocale.Language.German) if comma else QLocale.c()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator | QLocale.NumberOption.RejectGroupSeparator)
    QLocale.setDefault(locale)
    return locale


def sign() -> str:
    """The decimal sign in use."""
    return QLocale().decimalPoint()


def spelled(text: str) -> str:
    """A number, or several, with the decimal sign in use."""
    return text.replace(".", sign())


class NumberBox(QDoubleSpinBox):
    """A spin box that takes both decimal signs."""

    def validate(self, text: str, position: int) -> QValidator.State:
        return super().validate(self._own(text), position)

    def valueFromText(self, text: str) -> float:
        return super().valueFromText(self._own(text))

    def _own(self, text: str) -> str:
        return text.replace(".", ",").replace(",", self.locale().decimalPoint())
