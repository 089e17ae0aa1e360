"""A form for any parameter dataclass: one row per declaration, in a group that opens and closes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, Spec, differences, specs, value_at
from smtj_gui.look import restyle, set_icon
from smtj_gui.number_widgets import Said, set_tip
from smtj_gui.panels.editors import ChoiceField, QuantityField, ScaleSlider, editor_for, span, written
from smtj_gui.session import Session

#: Columns of a form: symbol, slider, field, unit, reset.
_SYMBOL, _SLIDER, _FIELD, _UNIT, _RESET, _COLUMNS = 0, 1, 2, 3, 4, 5
_BUTTON = 22
#: A longer label of a choice takes the place of the slider.
_LONG = 12


def rich_symbol(symbol: str) -> str:
    """A symbol with its subscripts: α_R becomes α<sub>R</sub>."""
    return re.sub(r"_(\w+)", r"<sub>\1</sub>", html.escape(symbol, quote=False))


def describe(spec: Spec, path: str) -> str:
    """The tooltip of a parameter: label, help, range with its reason, path."""
    unit = f" {spec.unit}" if spec.unit else ""
    lines = [f"<b>{html.escape(spec.label)}</b> &nbsp;{rich_symbol(spec.symbol)}", html.escape(spec.help)]
    if spec.low is not None and spec.high is not None:
        why = f" ({html.escape(spec.why)})" if spec.why else ""
        lines.append(f"Range: {spec.low:g} to {spec.high:g}{unit}{why}")
    if spec.none_means:
        lines.append(f"Left empty: {html.escape(spec.none_means)}")
    lines.append(f"<code>{path}</code>")
    return "<qt>" + "<br>".join(filter(None, lines)) + "</qt>"


def sentence(reason: str) -> str:
    """A reason with a capital letter, unless it begins with a symbol."""
    return reason[:1].upper() + reason[1:] if reason[:1].isascii() else reason


class ParameterRow(QObject):
    """One parameter's widgets in the grid of a group; `change` takes an edit in the place of the session."""

    def __init__(self, session: Session, path: str, spec: Spec, grid: QGridLayout, row: int,
                 owner: QWidget, field: QuantityField | ChoiceField | None = None,
                 change: Callable[[object, Hashable | None], None] | None = None) -> None:
        super().__init__(owner)
        self.path, self.spec, self._session = path, spec, session
        self._change = change or (lambda value, merge: session.edit(path, value, merge))
        self.changed = False
        self._shown: tuple[object, str] | None = None   # value and preset as they were written last
        tip = describe(spec, path)
        self._label = QLabel(spec.label if spec.choices else rich_symbol(spec.symbol), owner)
        self.field = field or editor_for(spec)
        self._label.setBuddy(self.field)
        self.reset = QToolButton(owner)
        self._error = Said(owner)
        self._widgets: list[QWidget] = [self._label, self.field, self.reset]
        self._build(grid, row, owner)
        for widget in self._widgets:
            set_tip(widget, tip)
            widget.setProperty("help_at", f"parameters#{path}")
        self.field.edited.connect(self._edit)
        self.field.refused.connect(self._say)

    def _build(self, grid: QGridLayout, row: int, owner: QWidget) -> None:
        self.slider: ScaleSlider | None = None
        if isinstance(self.field, ChoiceField) and len(self.spec.label) > _LONG:    # else it squeezes the sliders
            grid.addWidget(self._label, row, _SYMBOL, 1, 2)
            grid.addWidget(self.field, row, _FIELD, 1, 2)
            self._build_end(grid, row, owner)
            return
        grid.addWidget(self._label, row, _SYMBOL)
        if isinstance(self.field, ChoiceField) or self.spec.many:
            grid.addWidget(self.field, row, _SLIDER, 1, _UNIT)
        else:
            self._build_scale(grid, row, owner)
            self.field.fix_width()
            grid.addWidget(self.field, row, _FIELD)
            unit = QLabel(rich_symbol(self.spec.unit), owner)
            unit.setProperty("muted", True)
            grid.addWidget(unit, row, _UNIT)
            self._widgets.append(unit)
        self._build_end(grid, row, owner)

    def _build_end(self, grid: QGridLayout, row: int, owner: QWidget) -> None:
        set_icon(self.reset, "ph.arrow-counter-clockwise")
        self.reset.setFixedSize(_BUTTON, _BUTTON)
        self.reset.setAccessibleName(f"Reset {self.spec.label} to the preset")
        self.reset.clicked.connect(lambda: self._edit(self.value(self._session.preset.setup), None, True))
        self.reset.hide()
        grid.addWidget(self.reset, row, _RESET)
        self._error.setProperty("error", True)
        self._error.setWordWrap(True)
        self._error.hide()
        grid.addWidget(self._error, row + 1, 0, 1, _COLUMNS)

    def _build_scale(self, grid: QGridLayout, row: int, owner: QWidget) -> None:
        limits = span(self.spec)
        if limits is not None:
            self.slider = ScaleSlider(self.spec, limits, owner)
            self.slider.edited.connect(self._edit)
            self._widgets.append(self.slider)
            grid.addWidget(self.slider, row, _SLIDER)

    def set_visible(self, visible: bool) -> None:
        """Show or hide the row."""
        for widget in self._widgets:
            widget.setVisible(visible)
        self.reset.setVisible(visible and self.changed)
        self._error.setVisible(visible and bool(self._error.text()))

    def value(self, setup: Setup) -> Any:
        """What the field shows of a setup."""
        return value_at(setup, self.path)

    def refresh(self) -> None:
        """Show the session's value and whether it differs from the preset's."""
        value, preset = self.value(self._session.setup), self.value(self._session.preset.setup)
        shown = value, written(preset)
        if shown == self._shown and not self._error.text():     # most rows, at every move of a slider
            return
        self._shown = shown
        self.field.show_value(value)
        if self.slider is not None:
            self.slider.show_value(value)
        if not self.field.arguing:
            self._say("")
        self.changed = value != preset
        self.reset.setVisible(self.changed and not self._label.isHidden())
        self.reset.setToolTip(f"Back to the preset: {written(preset) or 'derived'} {self.spec.unit}")
        restyle(self._label, "changed", self.changed)

    def _edit(self, value: object, merge: Hashable | None, final: bool) -> None:
        try:
            self._change(value, merge)
        except ParameterError as error:
            if self.sender() is self.slider:
                self.show_error(error.reason)
            elif final:
                self.field.refuse(sentence(error.reason))
            if final and self.slider is not None:
                self.slider.show_value(self.value(self._session.setup))
            return
        self._say("")
        if final and self.sender() is not self.slider:
            self.field.accept()

    def show_error(self, reason: str) -> None:
        """Mark the field and say why."""
        self.field.set_refused(True)
        self._say(sentence(reason))

    def _say(self, reason: str) -> None:
        if not reason:
            self.field.set_refused(False)
        self._error.setText(reason)
        self._error.setVisible(bool(reason) and not self._label.isHidden())


class Nested(Protocol):
    """The editor of a group inside a group: rows by their paths, one of which may have to be brought on screen."""

    rows: dict[str, ParameterRow]

    def refresh(self) -> None: ...

    def reveal(self, path: str) -> None: ...


def align(grid: QGridLayout, owner: QWidget) -> None:
    """The same columns in every form."""
    grid.setHorizontalSpacing(6)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(_SLIDER, 1)
    metrics = owner.fontMetrics()
    grid.setColumnMinimumWidth(_SYMBOL, metrics.horizontalAdvance("dα/dV") + 8)
    grid.setColumnMinimumWidth(_UNIT, metrics.horizontalAdvance("eV·Å²/V"))
    grid.setColumnMinimumWidth(_RESET, _BUTTON)


class ParameterForm(QWidget):
    """The parameters of one group of the setup, under a heading that opens and closes it.

    `nested` makes the editors of groups inside it, by their names; each is built when the form is first opened.
    """

    toggled = Signal(bool)

    def __init__(self, session: Session, prefix: str, title: str, parent: QWidget | None = None,
                 opened: bool = True,
                 nested: Mapping[str, Callable[[Session, str, QWidget], Nested]] | None = None) -> None:
        super().__init__(parent)
        self._session, self.title, self.prefix = session, title, prefix
        self._nested, self._editors = dict(nested or {}), dict[str, Nested]()
        self._heading = QToolButton(self)
        self._heading.setProperty("heading", True)
        self._heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._heading.setCheckable(True)
        self._heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._heading.toggled.connect(self._open)
        self._note = QLabel(self)
        self._note.setProperty("changed", True)
        self._body = QWidget(self)
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(8, 2, 0, 8)
        align(self._grid, self)
        owner = value_at(session.setup, prefix)
        self.rows = {f"{prefix}.{name}": ParameterRow(session, f"{prefix}.{name}", spec, self._grid, 2 * index,
                                                      self._body)
                     for index, (name, spec) in enumerate(specs(owner).items())}
        self._own = dict(self.rows)
        self._more: QToolButton | None = None
        self._add_more()
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self._heading, 1)
        top.addWidget(self._note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._body)
        self._heading.setChecked(opened)
        self._open(opened)
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            align(self._grid, self)

    def _add_more(self) -> None:
        """The switch for the rarely used rows, if there are any."""
        if not self._advanced():
            return
        more = self._more = QToolButton(self._body)
        more.setCheckable(True)
        more.setProperty("quiet", True)
        more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        more.toggled.connect(self._show_more)
        self._grid.addWidget(more, 2 * len(self._own), 0, 1, _COLUMNS, Qt.AlignmentFlag.AlignLeft)
        self._show_more(False)

    @property
    def opened(self) -> bool:
        """Whether the group is open."""
        return self._heading.isChecked()

    def set_opened(self, opened: bool) -> None:
        """Open or close the group."""
        self._heading.setChecked(opened)

    def build(self) -> None:
        """Make the editors of the groups inside, if there are any and they do not stand yet."""
        for at, (name, make) in enumerate(self._nested.items()):
            if name not in self._editors:
                editor = self._editors[name] = make(self._session, f"{self.prefix}.{name}", self._body)
                self.rows |= editor.rows
                self._grid.addWidget(editor, 2 * len(self._own) + 1 + at, 0, 1, _COLUMNS)  # type: ignore[arg-type]

    def _open(self, opened: bool) -> None:
        if opened:
            self.build()
        self._body.setVisible(opened)
        self._heading.setText(self.title)
        self._heading.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self._heading.setAccessibleName(f"{self.title}, {'open' if opened else 'closed'}")
        self.toggled.emit(opened)

    def _advanced(self) -> list[ParameterRow]:
        """The rows that the switch shows and hides."""
        return [row for row in self._own.values() if row.spec.advanced]

    def _show_more(self, shown: bool) -> None:
        for row in self._advanced():
            row.set_visible(shown)
        self._name_more()

    def _name_more(self) -> None:
        if self._more is None:
            return
        hidden = self._advanced()
        changed = sum(row.changed for row in hidden)
        text = "Fewer parameters" if self._more.isChecked() else f"{len(hidden)} more parameters"
        self._more.setText(f"{text} ({changed} changed)" if changed else text)

    def refresh(self) -> None:
        """Show the session's values."""
        for row in (*self._own.values(), *self._editors.values()):
            row.refresh()
        changed = sum(row.changed for row in self._own.values()) + self._changed_inside()
        self._note.setText(f"{changed} changed" if changed else "")
        self._name_more()

    def show_error(self, path: str, reason: str) -> None:
        """Mark a field of this form."""
        self.set_opened(True)
        row = self.rows[path]
        inside = next((editor for editor in self._editors.values() if path in editor.rows), None)
        if inside is not None:
            inside.reveal(path)
            row = inside.rows[path]
        elif row.spec.advanced and self._more is not None:
            self._more.setChecked(True)
        row.show_error(reason)

    def has(self, path: str) -> bool:
        """Whether this form, or an editor inside it, has a row for a path."""
        return path in self.rows or any(path.startswith(f"{self.prefix}.{name}.") for name in self._nested)

    def _changed_inside(self) -> int:
        """How many values of the groups inside differ from the preset."""
        now, preset = (value_at(each, self.prefix) for each in (self._session.setup, self._session.preset.setup))
        return sum(len(differences(getattr(now, name), getattr(preset, name))) for name in self._nested)
