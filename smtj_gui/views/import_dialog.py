"""What a table of measured numbers means: its layout, columns, units and the quantity, with a preview."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from smtj_engine.files import FileError, tables
from smtj_engine.files.tables import Layout
from smtj_engine.measured import (
    ARBITRARY,
    AXES,
    QUANTITIES,
    UNITS,
    Choice,
    Measurement,
    Table,
    measurement,
    model_axes,
    suggest,
)
from smtj_engine.monitor import Monitor
from smtj_engine.results import SPECTRA
from smtj_engine.schema import ParameterError
from smtj_gui.decimals import spelled
from smtj_gui.number_widgets import Said, in_tab_order
from smtj_gui.views.controls import parse_number
from smtj_gui.views.labels import pretty_unit, short, title

#: So many characters of a long text are previewed; all of it is read afterwards.
_PREVIEW = 200_000
_ROWS = 8
#: Numbers that hold where no column gives them: field of Choice, words, unit, tool tip.
_FIXED = (("theta_deg", "θ", "°", "Polar angle of M, for a resonance of the field, where it is no column."),
          ("phi_deg", "φ", "°", "Azimuth of M, for a resonance of the field, where it is no column."),
          ("bias", "V", "V", "Bias during the measurement, where it is no column; empty: that of the setup."),
          ("frequency", "f", "GHz", "Frequency of a resonance, where it is no column."),
          ("field", "B", "T", "Field of a resonance along θ, φ, where it is no column; empty: that of the setup."),
          ("reference_deg", "TAMR relative to", "°", "The angle whose resistance the TAMR refers to."),
          ("area", "Area", "µm²", "Area of the junction, for resistances and currents of the whole device."))
_FIRST_ROW = 5
#: Numbers that may be left out.
_OPTIONAL = ("bias", "frequency", "field")


def unit_text(unit: str) -> str:
    """A unit as the list shows it."""
    if unit == ARBITRARY:
        return "arbitrary units"
    pretty = pretty_unit(unit).replace("kohm", "kΩ").replace("Mohm", "MΩ")
    return re.sub(r"^u(?=[ASJ])", "µ", pretty) or "1"


class ImportDialog(QDialog):
    """Shows what is understood of a text (or of a table that needs no layout), and lets the user correct it."""

    def __init__(self, source: str | Table, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Import {name}")
        self.setProperty("help_at", "fit#import dialog")
        self.resize(760, 640)
        self.name = name
        self.text = source if isinstance(source, str) else ""
        self.table: Table | None = source if isinstance(source, Table) else None
        self.problem = Said(self)
        self.problem.setProperty("error", True)
        self.problem.setWordWrap(True)
        self.remarks, self.found = Said(self), Said(self)
        for label in (self.remarks, self.found):
            label.setProperty("muted", True)
            label.setWordWrap(True)
        self.preview = QTableWidget(self)
        self.preview.setAccessibleName("Preview of the table")
        self.preview.setTabKeyNavigation(False)     # Tab goes on to the fields
        self.preview.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.preview.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._make_layout_fields()
        self._make_column_fields()
        self._build()
        self._read(guess=True)

    # -- building --------------------------------------------------------------------------------------

    def _make_layout_fields(self) -> None:
        self.separator = _box("Separator", tables.SEPARATORS)
        self.decimal = _box("Decimal sign", {"point": ".", "comma": ","})
        self.skip = QSpinBox(self)
        self.skip.setRange(0, 10_000)
        self.skip.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.skip.setFixedWidth(max(52, self.skip.fontMetrics().horizontalAdvance("10000") + 18))
        self.skip.setAccessibleName("Lines to leave out at the top")
        self.header = QCheckBox("names above the numbers", self)
        self.header.setChecked(True)
        for box in (self.separator, self.decimal):
            box.activated.connect(lambda _: self._read())
        self.skip.valueChanged.connect(lambda _: self._read())
        self.header.toggled.connect(lambda _: self._read())

    def _make_column_fields(self) -> None:
        names = {title(quantity): quantity for quantity in QUANTITIES}
        self.quantity = _box("Measured quantity", names)
        self.column, self.unit = _box("Its column", {}), _box("Its unit", {})
        self.axes = [_AxisFields("Axis", optional=False), _AxisFields("Second axis", optional=True)]
        self.sigma = _box("Column of uncertainties", {})
        self.fields = {name: QLineEdit(self) for name, *_ in _FIXED}
        for (_, words, unit, tip), field in zip(_FIXED, self.fields.values(), strict=True):
            field.setAccessibleName(f"{words} in {unit}")
            field.setToolTip(tip)
            field.setFixedWidth(max(64, field.fontMetrics().horizontalAdvance("−0.0000") + 18))
            field.textEdited.connect(lambda _: self._check())
        self.quantity.activated.connect(lambda _: self._quantity_chosen())
        for box in (self.column, self.unit, self.sigma):
            box.activated.connect(lambda _: self._check())
        for axis in self.axes:
            axis.changed = self._check

    def _build(self) -> None:
        layout = QGroupBox("The file", self)
        row = QHBoxLayout(layout)
        for words, widget in (("Separator", self.separator), ("Decimal", self.decimal), ("Leave out", self.skip)):
            label = QLabel(words, self)
            label.setBuddy(widget)
            row.addWidget(label)
            row.addWidget(widget)
        row.addWidget(QLabel("lines", self))
        row.addWidget(self.header)
        row.addStretch(1)
        layout.setVisible(bool(self.text))
        meaning = QGroupBox("What it means", self)
        form = QFormLayout(meaning)
        form.addRow("Measured", _row(self.quantity, "in column", self.column, "in", self.unit))
        for words, axis in zip(("against", "and against"), self.axes, strict=True):
            form.addRow(words, _row(axis.axis, "in column", axis.column, "in", axis.unit))
        form.addRow("Uncertainties", _row(self.sigma))
        for words, part in (("Fixed", _FIXED[:_FIRST_ROW]), ("", _FIXED[_FIRST_ROW:])):
            fixed: list[QWidget | str] = []
            for name, what, unit, _ in part:
                fixed += [what, self.fields[name], unit]
            form.addRow(words, _row(*fixed))
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self.buttons.button(standard.Ok).setText("Import")
        for button in self.buttons.buttons():
            button.setIcon(QIcon())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (layout, self.remarks, self.preview, self.found, meaning, self.problem, self.buttons):
            column.addWidget(widget, 1 if widget is self.preview else 0)
        axes = [box for axis in self.axes for box in (axis.axis, axis.column, axis.unit)]
        in_tab_order([self.separator, self.decimal, self.skip, self.header, self.preview, self.quantity,
                      self.column, self.unit, *axes, self.sigma, *self.fields.values(), *self.buttons.buttons()])
        (self.separator if self.text else self.preview).setFocus()

    # -- reading ---------------------------------------------------------------------------------------

    def layout_now(self) -> Layout:
        """The layout that the fields say."""
        return Layout(self.separator.currentData(), self.decimal.currentData(), self.skip.value(),
                      self.header.isChecked())

    def _read(self, guess: bool = False) -> None:
        """Read the text as the fields say, and suggest what its columns are."""
        try:
            if self.text:
                part = self.text if len(self.text) <= _PREVIEW else self.text[:self.text.rindex(
                    "\n", 0, _PREVIEW) if "\n" in self.text[:_PREVIEW] else None]
                if guess:
                    found = tables.guess(part)
                    for box, value in ((self.separator, found.separator), (self.decimal, found.decimal)):
                        box.setCurrentIndex(max(0, box.findData(value)))
                self.table = tables.parse(part, self.layout_now(), self.name)
        except FileError as error:
            self.table = None
            self._show_table()
            self._refuse(error.reason)
            return
        self._show_table()
        assert self.table is not None
        self._show_choice(suggest(self.table))
        self._check()

    def _show_table(self) -> None:
        table, preview = self.table, self.preview
        preview.clear()
        rows, columns = (0, 0) if table is None else table.values.shape
        preview.setRowCount(min(rows, _ROWS))
        preview.setColumnCount(columns)
        self.found.setText("" if table is None else f"{rows} rows, {columns} columns" + (
            f"; {table.skipped} lines are no rows of numbers" if table.skipped else "") + (
            "; only the beginning is shown" if len(self.text) > _PREVIEW else ""))
        self.remarks.setText("" if table is None else "\n".join(table.remarks[:4]))
        self.remarks.setVisible(bool(self.remarks.text()))
        if table is None:
            return
        preview.setHorizontalHeaderLabels([f"{name} ({unit})" if unit else name
                                           for name, unit in zip(table.names, table.units, strict=True)])
        for row in range(preview.rowCount()):
            for column in range(columns):
                value = table.values[row, column]
                text = "" if np.isnan(value) else spelled(short(float(value)))
                preview.setItem(row, column, QTableWidgetItem(text))

    def _show_choice(self, choice: Choice) -> None:
        assert self.table is not None
        names = {f"{at + 1}: {name}": at for at, name in enumerate(self.table.names)}
        _fill(self.column, names, choice.column)
        _fill(self.sigma, {"none": None, **names}, choice.sigma)
        self.quantity.setCurrentIndex(self.quantity.findData(choice.quantity))
        _fill(self.unit, {unit_text(unit): unit for unit in UNITS[choice.quantity]}, choice.unit)
        given = [(axis, *place) for axis, place in choice.axes.items()]
        for fields, place in zip(self.axes, [*given[:2], *[None] * (2 - len(given[:2]))], strict=True):
            fields.fill(names, place)
        for name, field in self.fields.items():
            value = getattr(choice, name)
            field.setText("" if value is None else spelled(short(value)))

    def _quantity_chosen(self) -> None:
        units = {unit_text(unit): unit for unit in UNITS[self.quantity.currentData()]}
        _fill(self.unit, units, self.unit.currentData())
        self._check()

    # -- what is chosen --------------------------------------------------------------------------------

    def choice(self) -> Choice:
        """What the fields say; ValueError for a number that is none."""
        numbers = {name: None if name in _OPTIONAL and not field.text().strip() else parse_number(field.text())
                   for name, field in self.fields.items()}
        axes = {place[0]: (place[1], place[2]) for fields in self.axes if (place := fields.place()) is not None}
        return Choice(quantity=self.quantity.currentData(), column=self.column.currentData(),
                      unit=self.unit.currentData(), axes=axes, sigma=self.sigma.currentData(), **numbers)

    def reader(self) -> Callable[[Monitor], Measurement]:
        """What reads the whole text as the fields say, for a coordinator; it raises ValueError or FileError."""
        long = self.text if len(self.text) > _PREVIEW else ""
        return partial(_whole, self.table, long, self.layout_now(), self.choice(), self.name)

    def _check(self) -> None:
        """Allow the import, or say what is wrong."""
        if self.table is None:
            return
        self._show_needed()
        try:
            chosen = self.choice()
            measurement(self.table, chosen)
        except ValueError as error:
            self._refuse(error.reason if isinstance(error, ParameterError) else str(error))
            return
        strange = [axis for axis in chosen.axes if axis not in model_axes(chosen.quantity)]
        unknown = chosen.quantity in SPECTRA and "frequency" not in chosen.axes and chosen.frequency is None
        self.problem.setText(f"There is no model of this quantity against the {title(strange[0]).lower()}: the "
                             "curve is shown, but cannot be fitted." if strange else "To be fitted, a resonance "
                             "against the field needs its frequency f." if unknown else "")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(True)

    def _show_needed(self) -> None:
        """Only the numbers that matter for this curve can be written."""
        axes = [place[0] for fields in self.axes if (place := fields.place()) is not None]
        quantity, unit = self.quantity.currentData(), self.unit.currentData()
        spectrum = quantity in SPECTRA
        needed = {"theta_deg": "theta" not in axes, "phi_deg": "phi" not in axes, "bias": "bias" not in axes,
                  "frequency": spectrum and "frequency" not in axes, "field": spectrum and "field" not in axes,
                  "reference_deg": quantity == "tamr", "area": UNITS[quantity].get(unit, (1.0, 0))[1] != 0}
        for name, field in self.fields.items():
            field.setEnabled(needed[name])

    def _refuse(self, reason: str) -> None:
        self.problem.setText(reason[:1].upper() + reason[1:] + ".")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(False)


def _whole(table: Table, text: str, layout: Layout, choice: Choice, name: str, monitor: Monitor) -> Measurement:
    """The curve of a table, or of a long text of which only the beginning was previewed."""
    return measurement(tables.parse(text, layout, name) if text else table, choice, name)


class _AxisFields:
    """The fields of one axis."""

    def __init__(self, name: str, optional: bool) -> None:
        none = {"nothing else": None} if optional else {}
        self.axis = _box(name, {**none, **{title(axis): axis for axis in AXES}})
        self.column, self.unit = _box(f"{name}: column", {}), _box(f"{name}: unit", {})
        self.changed = lambda: None
        self._names: dict[str, int] = {}
        self.axis.activated.connect(lambda _: self._chosen())
        for box in (self.column, self.unit):
            box.activated.connect(lambda _: self.changed())

    def fill(self, names: dict[str, int], place: tuple[str, int, str] | None) -> None:
        """Show an axis, or none."""
        self._names = names
        self.axis.setCurrentIndex(max(0, self.axis.findData(place[0] if place else None)))
        self._show(place[1] if place else 0, place[2] if place else "")

    def place(self) -> tuple[str, int, str] | None:
        """Variable, column and unit."""
        axis = self.axis.currentData()
        return None if axis is None else (axis, self.column.currentData(), self.unit.currentData())

    def _chosen(self) -> None:
        self._show(self.column.currentData() or 0, "")
        self.changed()

    def _show(self, column: int, unit: str) -> None:
        axis = self.axis.currentData()
        _fill(self.column, self._names if axis is not None else {}, column)
        _fill(self.unit, {unit_text(one): one for one in UNITS.get(axis, {})}, unit)
        for box in (self.column, self.unit):
            box.setEnabled(axis is not None)


def _box(name: str, items: dict[str, object] | dict[str, str]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for text, data in items.items():
        box.addItem(text, data)
    return box


def _fill(box: QComboBox, items: dict[str, object] | dict[str, int] | dict[str, str], value: object) -> None:
    """New entries, and the one that is chosen."""
    with QSignalBlocker(box):
        box.clear()
        for text, data in items.items():
            box.addItem(text, data)
        box.setCurrentIndex(max(0, box.findData(value)))


def _row(*parts: QWidget | str) -> QWidget:
    """Fields and words side by side."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        row.addWidget(QLabel(part, box) if isinstance(part, str) else part)
    row.addStretch(1)
    return box


