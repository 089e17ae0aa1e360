"""The decimal sign of the user's choice, in all that is read on screen; what is typed may have either.

Numbers on their way to the screen come through here at the last moment: views and messages are written with
points, and so is what files keep for programs. Qt keeps the choice too: the default locale, and the locale of the
window, whose widgets hear when it changes.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QLocale

#: A number with a decimal point in a text; not a version or an address (1.2.3), not a file's name (a1.5nm.csv).
_POINT = re.compile(r"(?<![\w.])(\d+)\.(?=\d+(?!\w*\.\w))")

_signs = ["."]  # the one in use


def use(comma: bool) -> QLocale:
    """Take a comma, or a point, as the decimal sign; returns the locale for the widgets that are already there."""
    locale = QLocale(QLocale.Language.German) if comma else QLocale.c()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator | QLocale.NumberOption.RejectGroupSeparator)
    QLocale.setDefault(locale)
    _signs[0] = locale.decimalPoint()
    return locale


def sign() -> str:
    """The decimal sign in use."""
    return _signs[0]


def spelled(text: str) -> str:
    """A number, or several, with the decimal sign in use."""
    return text if _signs[0] == "." else text.replace(".", _signs[0])


def said(text: str) -> str:
    """A sentence, plain or rich, whose numbers get the decimal sign in use."""
    return text if _signs[0] == "." else _POINT.sub(rf"\g<1>{_signs[0]}", text)
