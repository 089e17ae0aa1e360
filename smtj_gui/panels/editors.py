"""Editors for one parameter: what a declaration asks for (number, list, word) becomes a widget.

An editor shows the session's value and asks for another by `edited(value, merge, final)`; it keeps a refused
text on screen until the value changes or the user takes it back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QSlider, QStyle, QWidget

from smtj_engine.parameters import Setup
from smtj_engine.schema import Spec, spec_at
from smtj_gui.decimals import spelled
from smtj_gui.look import restyle
from smtj_gui.units import times, without_unit

#: Positions of a slider whose scale is logarithmic.
_LOG_TICKS = 300


def number(text: str, spec: Spec) -> float | None:
    """The number that a text means, in the declared unit; ValueError with a reason in plain words.

    A comma is a decimal comma, an exponent is fine, the unit or a relative of it (mV) may be written after the
    number; an empty text is None where the parameter may be left open.
    """
    bare, factor = without_unit(text.replace("−", "-"), spec)
    if not bare:
        if spec.optional:
            return None
        raise ValueError("Needs a number")
    if bare.count(",") == 1 and "." not in bare:
        bare = bare.replace(",", ".")
    try:
        value = float(bare)
    except ValueError:
        what = f"number in {spec.unit}" if spec.unit else "number"
        raise ValueError(f"“{text.strip()}” is not a {what}; write it like {spelled('0.8')} or 3e-2") from None
    if not math.isfinite(value):
        raise ValueError("Needs a finite number")
    return times(value, factor)


def numbers(text: str, spec: Spec) -> tuple[float | None, ...]:
    """Numbers separated by spaces or semicolons."""
    words = text.replace(";", " ").split()
    if not words:
        raise ValueError("Needs at least one number")
    return tuple(number(word, spec) for word in words)


def written(value: Any) -> str:
    """A value as a field shows it: every digit that it has, none that it has not."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(written(item) for item in value)
    return spelled(f"{value:.12g}") if isinstance(value, float) else str(value)


def value_text(setup: Setup, path: str, value: Any) -> str:
    """A value with every digit and its unit."""
    return f"{written(value)} {spec_at(setup, path).unit}".rstrip() if value is not None else "derived"


def brief(setup: Setup, path: str, value: Any) -> str:
    """A value with five digits at most and its unit, for a name: what a fit found has sixteen."""
    return value_text(setup, path, float(f"{value:.5g}") if isinstance(value, float) else value)


def tick(low: float, high: float) -> float:
    """A round step that divides a range into 100 to 1000 parts."""
    return 10.0 ** math.floor(math.log10((high - low) / 100))


def span(spec: Spec) -> tuple[float, float] | None:
    """The range that a slider offers, None if the declaration gives none."""
    if spec.soft is not None:
        return spec.soft
    return None if spec.low is None or spec.high is None else (spec.low, spec.high)


class QuantityField(QLineEdit):
    """A number in a known unit. Typing edits at once, Enter commits, Esc takes the typing back."""

    edited = Signal(object, object, bool)   # value, merge token, whether this is the final word
    refused = Signal(str)

    def __init__(self, spec: Spec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self._value: Any = None
        self._before: Any = None            # the value when the typing began
        self._typing: object | None = None  # merge token of the typing
        self._steps = object()              # merge token of Up and Down
        self._fixed = False                 # the width is that of a number
        self._holding = False               # the text stays although the value goes back
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setPlaceholderText(self._open_text())
        self.setAccessibleName(f"{spec.label} in {spec.unit}" if spec.unit else spec.label)
        self.textEdited.connect(self._type)
        self.returnPressed.connect(self.commit)

    @property
    def arguing(self) -> bool:
        """Whether a refused text is still on screen."""
        return self.isModified() and bool(self.property("refused"))

    def _open_text(self) -> str:
        """What an empty field says."""
        if not self._spec.optional:
            return ""
        return self._spec.none_means if len(self._spec.none_means) <= 12 else "derived"

    def _parse(self, text: str) -> Any:
        return number(text, self._spec)

    def show_value(self, value: Any) -> None:
        """Show the session's value, unless the text already says it or is still being argued about."""
        if value == self._value and self.isModified():
            return
        self._value = value
        if self._holding:
            return
        if self.isModified() and self._says(value):
            return
        self._write(value)

    def _says(self, value: Any) -> bool:
        try:
            return bool(self._parse(self.text()) == value)
        except ValueError:
            return False

    def _write(self, value: Any) -> None:
        self.setText(written(value))
        self.setCursorPosition(0)
        self.setModified(False)
        self._typing = None
        self.set_refused(False)

    def set_refused(self, refused: bool) -> None:
        """Mark the text as refused, or no longer."""
        restyle(self, "refused", refused)

    def _type(self, text: str) -> None:
        if self._typing is None:
            self._typing, self._before = object(), self._value
        try:
            value = self._parse(text)
        except ValueError:
            return  # not yet a number; the reason is told when the user is done
        if value is not None:
            self.edited.emit(value, self._typing, False)

    def commit(self) -> None:
        """Take the text as the user's final word."""
        if not self.isModified():
            return
        try:
            value = self._parse(self.text())
        except ValueError as error:
            self.refuse(str(error))
            return
        self.edited.emit(value, self._typing, True)

    def refuse(self, reason: str) -> None:
        """Keep the text with the reason, and the value as it was before the typing."""
        if self._typing is not None and self._value != self._before:
            self._holding = True
            self.edited.emit(self._before, self._typing, False)
            self._holding = False
        self.set_refused(True)
        self.refused.emit(reason)

    def accept(self) -> None:
        """The session took the final word: show it in its own spelling."""
        self._write(self._value)

    def revert(self) -> None:
        """Take the typing back."""
        if self._typing is not None and self._value != self._before:
            self.edited.emit(self._before, self._typing, False)
        self._write(self._value)
        self.selectAll()
        self.refused.emit("")

    def step(self, count: int) -> None:
        """Go up or down by round steps."""
        self.commit()
        limits = span(self._spec)
        if limits is None or self.isModified():
            return
        value = self._value if self._value is not None else limits[0]
        if self._spec.integer:
            new: float = int(value) + count
        elif self._spec.log:
            new = float(f"{value * 10 ** (count / 20):.3g}")
        else:
            width = tick(*limits)
            new = round(round(value / width + count) * width, 12)
        low, high = self._spec.low, self._spec.high
        new = new if low is None else max(new, low)
        new = new if high is None else min(new, high)
        self.edited.emit(new, self._steps, True)

    def changeEvent(self, event: QEvent) -> None:
        """Another decimal sign: the value is written anew, unless the user is typing. Another size of the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange and not self.isModified():
            self._write(self._value)
        elif event.type() == QEvent.Type.FontChange and self._fixed:
            self.fix_width()

    def fix_width(self) -> None:
        """The same width for every number, whatever the size of the text."""
        self._fixed = True
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("−0.00000000") + 8)

    def event(self, event: QEvent) -> bool:
        """Keep Esc while there is typing to take back; leave undo to the window while there is none."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                event.setAccepted(self.isModified())
                return self.isModified()
            undoing = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
            if undoing and not self.isModified():
                event.ignore()
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if event.key() in steps:
            self.step(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self.revert()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel without focus belongs to the panel behind."""
        if self.hasFocus() and event.angleDelta().y():
            self.step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._steps = object()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()


class NumbersField(QuantityField):
    """A list of numbers separated by spaces."""

    def _parse(self, text: str) -> Any:
        return numbers(text, self._spec)

    def step(self, count: int) -> None:
        """A list has no next value."""


class ChoiceField(QComboBox):
    """One of a few words."""

    edited = Signal(object, object, bool)
    refused = Signal(str)
    arguing = False

    def __init__(self, spec: Spec, parent: QWidget | None = None, titles: Mapping[str, str] | None = None) -> None:
        """titles: what the list says instead of a word."""
        super().__init__(parent)
        for word in spec.choices:
            self.addItem((titles or {}).get(word, word), word)
        self.setAccessibleName(spec.label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(lambda index: self.edited.emit(self.itemData(index), None, True))

    def show_value(self, value: Any) -> None:
        """Show the session's word."""
        self.setCurrentIndex(self.findData(value))

    def accept(self) -> None:
        """Nothing to respell."""

    def set_refused(self, refused: bool) -> None:
        """Every word of the list is acceptable by itself."""

    def refuse(self, reason: str) -> None:
        """A word that the other values do not allow."""
        self.refused.emit(reason)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ScaleSlider(QSlider):
    """A slider over the range that a parameter is usually taken from; one drag is one merge token."""

    edited = Signal(object, object, bool)

    def __init__(self, spec: Spec, limits: tuple[float, float], parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._spec, self._limits = spec, limits
        self._tick = 1.0 if spec.integer else tick(*limits)
        self._token = object()
        self.setRange(0, _LOG_TICKS if spec.log else round((limits[1] - limits[0]) / self._tick))
        self.setPageStep(max(1, self.maximum() // 20))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumWidth(30)
        self.setAccessibleName(f"{spec.label}, slider")
        self.valueChanged.connect(lambda _: self.edited.emit(self.number(), self._token, False))
        self.sliderReleased.connect(lambda: self.edited.emit(self.number(), self._token, True))

    def sizeHint(self) -> QSize:
        return QSize(90, 18)

    def number(self) -> float:
        """The number under the handle."""
        low, high = self._limits
        if self._spec.log:
            return float(f"{low * (high / low) ** (self.value() / self.maximum()):.3g}")
        number = round(low + self.value() * self._tick, 12)
        return int(number) if self._spec.integer else number

    def show_value(self, value: float | None) -> None:
        """Put the handle where a value is, at an end if it lies outside."""
        low, high = self._limits
        at = low if value is None else min(max(value, low), high)
        place = (math.log(at / low) / math.log(high / low) * self.maximum() if self._spec.log
                 else (at - low) / self._tick)
        if not self.isSliderDown():
            self.blockSignals(True)
            self.setValue(round(place))
            self.blockSignals(False)
        restyle(self, "unset", value is None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to the mouse, then drag it from there."""
        self._token = object()
        if event.button() == Qt.MouseButton.LeftButton:
            at, handle = round(event.position().x()), 14
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at - handle // 2,
                                                         self.width() - handle))
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._token = object()
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def editor_for(spec: Spec) -> QuantityField | ChoiceField:
    """The editor that a declaration asks for."""
    if spec.choices:
        return ChoiceField(spec)
    return NumbersField(spec) if spec.many else QuantityField(spec)
