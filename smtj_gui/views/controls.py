"""The row above a picture: fields and choices of the analysis' grid, which live in the session."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from smtj_engine.main_grids import FAMILIES
from smtj_engine.schema import ParameterError, Spec, spec_at, value_at, with_value
from smtj_gui.decimals import sign, spelled
from smtj_gui.number_widgets import Said, in_tab_order, set_tip
from smtj_gui.units import times, without_unit
from smtj_gui.views.labels import html

if TYPE_CHECKING:
    from smtj_gui.session import Session

#: Width in pixels of ten digits of the text for which widths of fields are given.
_USUAL_DIGITS = 76

#: Values that make a telling family, offered when its parameter is chosen.
FAMILY_VALUES: dict[str, tuple[float, ...]] = {
    "junction.rashba": (1.0, 2.0, 3.0, 4.0, 5.0),
    "junction.bias": (0.2, 0.4, 0.6, 0.8),
    "junction.barrier_thickness": (0.4, 0.6, 0.8, 1.0),
    "junction.barrier_height": (0.5, 1.0, 1.5, 2.0),
    "junction.barrier_mass": (0.3, 0.4, 0.6, 0.8),
    "junction.dresselhaus": (0.0, 0.5, 1.0, 2.0),
    "junction.temperature": (0.0, 100.0, 200.0, 300.0),
    "junction.k_down": (0.0, 0.2, 0.4, 0.6),
}


def parse_number(text: str) -> float:
    """A number as people type it: 7, 3e-9, 1,5, −0.2. ValueError with a plain reason otherwise."""
    plain = text.strip().replace("−", "-").replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        raise ValueError(f"“{text.strip()}” is not a number") from None


def parse_numbers(text: str) -> tuple[float, ...]:
    """Numbers separated by spaces or semicolons (then a comma is a decimal comma), or by commas alone, unless the
    decimal comma is in use."""
    text = text.strip()
    spaced = sign() == "," or re.search(r"[\s;]", text)
    parts = re.split(r"[\s;]+|,\s+", text) if spaced else text.split(",")
    numbers = tuple(parse_number(part) for part in parts if part.strip(","))
    if not numbers:
        raise ValueError("needs at least one number")
    return numbers


def write(value: Any) -> str:
    """A value as it stands in its field."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(write(item) for item in value)
    return spelled(f"{value:.10g}") if isinstance(value, float) else str(value)


class SessionField(QLineEdit):
    """A text field for one number, or a list of them, of the session's setup.

    A refused text stays where it is, marked, with the reason; Esc brings back the value in force.
    """

    def __init__(self, session: Session, path: str, refused: Callable[[str], None],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.path, self._refused, self._width = session, path, refused, 0
        self.spec: Spec = spec_at(session.setup, path)
        self.setAccessibleName(self.spec.label)
        self.setProperty("help_at", f"parameters#{path}")
        unit = f", in {self.spec.unit}" if self.spec.unit else ""
        self._help = f"{self.spec.label}{unit}. {self.spec.help}"
        if self.spec.none_means:
            self.setPlaceholderText("auto")
            self._help += f" Empty: {self.spec.none_means}."
        self.editingFinished.connect(self.commit)
        self.refresh()

    def refresh(self) -> None:
        """Show the value in force."""
        self.setText(write(value_at(self.session.setup, self.path)))
        self.setCursorPosition(0)  # a list is read from its beginning
        self._mark("")

    def commit(self) -> None:
        """Hand the text to the session."""
        if self.text().strip() == write(value_at(self.session.setup, self.path)):
            self._mark("")
            return
        try:
            value = self._value()
            self.check(value)
            self.session.edit(self.path, value)
        except ParameterError as error:
            self._mark(f"{self.spec.label}: {error.reason}")
        except ValueError as error:
            self._mark(f"{self.spec.label}: {error}")
        else:
            self.refresh()

    def _value(self) -> Any:
        """What the text says; nothing stands for None, where the parameter may be None."""
        if self.spec.none_means and not self.text().strip():
            return None
        if self.spec.many:
            return parse_numbers(self.text())
        bare, factor = without_unit(self.text(), self.spec)
        return times(parse_number(bare), factor)

    def check(self, value: Any) -> None:
        """Refuse a value that the session would take but that makes no sense here."""

    def changeEvent(self, event: QEvent) -> None:
        """Another decimal sign, or another size of the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange and self.property("refused") != "true":
            self.refresh()
        elif event.type() == QEvent.Type.FontChange:
            self._take_width()

    def set_width(self, width: int) -> None:
        """A fixed width in pixels, for text of the usual size; it grows with the text."""
        self._width = width
        self._take_width()

    def _take_width(self) -> None:
        if self._width:
            metrics = self.fontMetrics()
            wide = self._width * max(1.0, metrics.horizontalAdvance("0" * 10) / _USUAL_DIGITS)
            self.setFixedWidth(max(round(wide), metrics.horizontalAdvance(self.placeholderText()) + 16))

    def _mark(self, reason: str) -> None:
        if (self.property("refused") == "true") != bool(reason):
            self.setProperty("refused", "true" if reason else "false")
            self.style().unpolish(self)
            self.style().polish(self)
        set_tip(self, reason or self._help)
        self._refused(reason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.property("refused") == "true":
            self.refresh()
        else:
            super().keyPressEvent(event)


class FamilyValues(SessionField):
    """The values of a family; each must be one that the junction can have."""

    def check(self, value: Any) -> None:
        family = value_at(self.session.setup, self.path.rpartition(".")[0] + ".family")
        if family != "none":
            for number in value:
                with_value(self.session.setup, family, number)


@dataclasses.dataclass(frozen=True)
class Field:
    """A field of a grid by name, with the words before and after it."""

    name: str
    before: str
    after: str = ""
    width: int = 42


class Toggle(QWidget):
    """Two or three buttons of which one is down, for a choice among a few words."""

    def __init__(self, session: Session, path: str, texts: dict[str, str], parent: QWidget | None = None,
                 suiting: Callable[[str], dict[str, Any]] = lambda word: {}) -> None:
        """suiting: what else changes with a word, by path."""
        super().__init__(parent)
        self.session, self.path, self._suiting = session, path, suiting
        self.setProperty("help_at", f"parameters#{path}")
        self.buttons = {word: QToolButton(self) for word in texts}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for word, button in self.buttons.items():
            button.setText(texts[word])
            button.setCheckable(True)
            button.setToolTip(spec_at(session.setup, path).help)
            button.clicked.connect(lambda _, word=word: self.choose(word))
            self._group.addButton(button)
            row.addWidget(button)
        self.refresh()

    def choose(self, word: str) -> None:
        """Take this word, and what goes with it, in one step for undo."""
        if word != value_at(self.session.setup, self.path):
            label = spec_at(self.session.setup, self.path).label
            self.session.edit_many({self.path: word, **self._suiting(word)}, text=f"Change {label.lower()}")

    def refresh(self) -> None:
        """Show the choice in force."""
        self.buttons[value_at(self.session.setup, self.path)].setChecked(True)


class Choice(QWidget):
    """Buttons of which one is down, for what the view alone decides."""

    chosen = Signal(str)

    def __init__(self, texts: dict[str, tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QToolButton] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for word, (text, tip) in texts.items():
            button = self.buttons[word] = QToolButton(self)
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, word=word: self.chosen.emit(word))
            group.addButton(button)
            row.addWidget(button)
        next(iter(self.buttons.values())).setChecked(True)


class FamilyChooser(QWidget):
    """Which parameter the curves of a family differ in, and its values."""

    def __init__(self, session: Session, grid: str, without: str, refused: Callable[[str], None],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.grid = session, grid
        self.chooser = QComboBox(self)
        self.chooser.setAccessibleName("Family over")
        self.chooser.setToolTip(spec_at(session.setup, f"{grid}.family").help)
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for path in FAMILIES:
            if path != without:
                self.chooser.addItem(self._text(path), path)
        self.values = FamilyValues(session, f"{grid}.family_values", refused, self)
        self.values.setMinimumWidth(64)
        self.values.setMaximumWidth(280)
        self.unit = QLabel(self)
        self.unit.setProperty("muted", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(QLabel("Family", self))
        row.addWidget(self.chooser)
        row.addWidget(self.values, 1)
        row.addWidget(self.unit)
        self.chooser.activated.connect(self._choose)
        self.refresh()

    def _text(self, path: str) -> str:
        return "off" if path == "none" else spec_at(self.session.setup, path).symbol.replace("_", "")

    def _choose(self, index: int) -> None:
        self.choose(str(self.chooser.itemData(index)))

    def choose(self, path: str) -> None:
        """Take a family over this parameter, with values that suit it: one step for undo."""
        changes: dict[str, Any] = {f"{self.grid}.family": path}
        if path != "none":
            changes[f"{self.grid}.family_values"] = self._allowed(path)
        self.session.edit_many(changes, text="Family of curves")
        self.refresh()

    def _allowed(self, path: str) -> tuple[float, ...]:
        """The usual values, without those that this junction cannot have."""
        good = []
        for value in FAMILY_VALUES[path]:
            try:
                with_value(self.session.setup, path, value)
            except ParameterError:
                continue
            good.append(value)
        return tuple(good) or (value_at(self.session.setup, path),)

    def refresh(self) -> None:
        """Show what is in force."""
        path = value_at(self.session.setup, f"{self.grid}.family")
        index = self.chooser.findData(path)
        with QSignalBlocker(self.chooser):
            self.chooser.setCurrentIndex(index)
        on = path != "none"
        self.values.setVisible(on)
        self.unit.setVisible(on)
        self.unit.setText(spec_at(self.session.setup, path).unit if on else "")
        self.values.refresh()


class Controls(QWidget):
    """The fields of one grid in a row, and under them the reason where a text was refused.

    The family does not offer the parameter `without`; None: the grid has no family.
    """

    def __init__(self, session: Session, grid: str, fields: Sequence[Field], *, without: str | None = "",
                 before: Sequence[QWidget] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.grid = session, grid
        self.reason = Said(self)
        self.reason.setProperty("error", True)
        self.reason.setWordWrap(True)
        self.reason.hide()
        self.fields: dict[str, SessionField] = {}
        self._boxes: dict[str, QWidget] = {}
        self.row = QHBoxLayout()
        self.row.setSpacing(8)
        self.toggles = [widget for widget in before if isinstance(widget, Toggle)]
        for widget in before:
            self.row.addWidget(widget)
        for field in fields:
            self.row.addWidget(self._box(field))
        self.family = FamilyChooser(session, grid, without, self._refused, self) if without is not None else None
        if self.family is not None:
            self.row.addWidget(self.family)
        self.row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(self.row)
        column.addWidget(self.reason)
        session.setup_changed.connect(self._setup_changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Tab goes along the row; what stands before the fields has come into the window after them."""
        super().showEvent(event)
        parts = [self.row.itemAt(at).widget() for at in range(self.row.count())]
        in_tab_order([widget for part in parts for widget in self._stops(part)])

    def _stops(self, part: QWidget | None) -> list[QWidget]:
        """Where Tab stops in a part of the row; the list of a choice is a window of its own."""
        inside = [part, *part.findChildren(QWidget)] if part is not None else []
        return [widget for widget in inside if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
                and widget.focusProxy() is None and widget.window() == self.window()]

    def _box(self, field: Field) -> QWidget:
        box = QWidget(self)
        edit = SessionField(self.session, f"{self.grid}.{field.name}", self._refused, box)
        edit.set_width(field.width)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        before = QLabel(html(field.before), box)
        before.setBuddy(edit)
        row.addWidget(before)
        row.addWidget(edit)
        if field.after:
            after = QLabel(field.after, box)
            after.setProperty("muted", True)
            row.addWidget(after)
        self.fields[field.name] = edit
        self._boxes[field.name] = box
        return box

    def show_field(self, name: str, on: bool) -> None:
        """Show or hide one field with its words."""
        self._boxes[name].setVisible(on)

    def _refused(self, reason: str) -> None:
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))

    def _setup_changed(self, paths: object) -> None:
        assert isinstance(paths, frozenset)
        if not any(path.startswith(self.grid) for path in paths):
            return
        for toggle in self.toggles:
            toggle.refresh()
        for name, field in self.fields.items():
            if f"{self.grid}.{name}" in paths:
                field.refresh()
        if self.family is not None and paths & {f"{self.grid}.family", f"{self.grid}.family_values"}:
            self.family.refresh()
