"""The table of fit parameters: which are varied, from where, within which bounds, and what came out.

The start of a junction's parameter is the session's value, and editing it edits the setup. What belongs to the
data alone (offset, scale, misalignment, bounds, the marks) is no part of a setup and lives here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from smtj_engine.fitting import report
from smtj_engine.fitting.choices import OFFSET, START, Vary, default_bounds, spec_of, variable
from smtj_engine.results import SPECTRA
from smtj_engine.schema import ParameterError, value_at
from smtj_gui.decimals import said, spelled
from smtj_gui.views.controls import parse_number
from smtj_gui.views.labels import pretty_unit, short

if TYPE_CHECKING:
    from smtj_engine.measured import Measurement
    from smtj_engine.results import Result
    from smtj_gui.look import Theme
    from smtj_gui.session import Session

_NAME, _START, _LOW, _HIGH, _VALUE, _INTERVAL = range(6)
_HEADS = ("Vary", "Start", "from", "to", "Fitted", "95 % interval")
_TIPS = ("Parameters with a mark are fitted, the others stay as they are.",
         "Where the search begins; for the junction this is the present setup.",
         "The smallest value allowed; empty: as far as the model goes.",
         "The largest value allowed; empty: as far as the model goes.",
         "Value and standard uncertainty found by the last fit.",
         "The true value lies in here with 95 % probability, if the model and the weights are right.")
_EDITABLE = (_START, _LOW, _HIGH)
#: Of a resonance the torkances, the damping and the stiffness are what one wants to know.
_RESONANCE = 4


class ParameterTable(QTableWidget):
    """One row per parameter."""

    changed = Signal()              # starts of the data's own parameters, marks or bounds
    refused = Signal(str)           # why a number was not taken, "" when all is well

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self.paths = variable("tamr")
        super().__init__(len(self.paths), len(_HEADS), parent)
        self._session = session
        self._measurement: Measurement | None = None
        self._error = QColor()
        self.starts: dict[str, float] = dict(START)
        self.bounds: dict[tuple[str, int], float] = {}
        self.varied: set[str] = {"junction.rashba"}
        self._fitted: dict[str, dict[str, str]] = {}
        self.setAccessibleName("Fit parameters")
        self.verticalHeader().hide()
        self.setHorizontalHeaderLabels(_HEADS)
        for column, tip in enumerate(_TIPS):
            self.horizontalHeaderItem(column).setToolTip(tip)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._leave_room()
        for column in (_NAME, _VALUE, _INTERVAL):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        head.moveSection(_VALUE, _START)    # in sight where the table is too narrow for all
        self.setTabKeyNavigation(False)
        self.verticalHeader().setDefaultSectionSize(26)
        self._fill()
        self.itemChanged.connect(self._edited)
        session.setup_changed.connect(lambda _: self.isVisible() and self.refresh())

    def _fill(self) -> None:
        with QSignalBlocker(self):
            self.setRowCount(len(self.paths))
            for row in range(len(self.paths)):
                for column in range(len(_HEADS)):
                    item = QTableWidgetItem()
                    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                    if column == _NAME:
                        flags |= Qt.ItemFlag.ItemIsUserCheckable
                    if column in _EDITABLE:
                        flags |= Qt.ItemFlag.ItemIsEditable
                    item.setFlags(flags)
                    if column != _NAME:
                        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                    item.setToolTip(_TIPS[column])
                    self.setItem(row, column, item)
        self.refresh()

    # -- what is shown ------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        self.refresh()      # the setup may have changed while nobody looked
        super().showEvent(event)

    def refresh(self) -> None:
        """Show the values in force."""
        with QSignalBlocker(self):
            for row, path in enumerate(self.paths):
                spec = spec_of(path, self._measurement.quantity if self._measurement is not None else "")
                unit = pretty_unit(spec.ascii_unit)
                name = self.item(row, _NAME)
                name.setToolTip(said(f"{spec.label}. {spec.help}"))
                name.setText(f"{spec.symbol.replace('_', '')}  {unit}".rstrip())
                name.setData(Qt.ItemDataRole.AccessibleTextRole, f"{spec.label} in {unit}" if unit else spec.label)
                name.setCheckState(Qt.CheckState.Checked if path in self.varied else Qt.CheckState.Unchecked)
                start = self.start(path)
                self._write(row, _START, "–" if start is None else spelled(short(start)))
                for column in (_LOW, _HIGH):
                    bound = self.bounds.get((path, column))
                    self._write(row, column, "" if bound is None else spelled(short(bound)))
                found = self._fitted.get(path, {})
                self._write(row, _VALUE, said(found.get("value", "")).replace("-", "−"))
                self._write(row, _INTERVAL, said(found.get("interval", "")).replace("-", "−"))

    def _write(self, row: int, column: int, text: str) -> None:
        item = self.item(row, column)
        item.setText(text)
        item.setData(Qt.ItemDataRole.ForegroundRole, None)
        if column in _EDITABLE:
            item.setToolTip(self._bound_tip(row, column) if column != _START else _TIPS[column])

    def _bound_tip(self, row: int, column: int) -> str:
        if self._measurement is None:       # the limit of α waits for scipy
            return _TIPS[column]
        bound = default_bounds(self._session.setup, self.paths[row])[column - _LOW]
        return f"{_TIPS[column]} Here that is {spelled(short(bound))}." if abs(bound) < 1e300 else _TIPS[column]

    def start(self, path: str) -> float | None:
        """Where the search begins for a parameter; None for one that is derived."""
        if path in self.starts:
            return self.starts[path]
        if path == "junction.bias" and self._measurement is not None and self._measurement.bias is not None:
            return self._measurement.bias
        value = value_at(self._session.setup, path)
        return None if value is None else float(value)

    def _leave_room(self) -> None:
        """A column holds a number, however narrow the table is: then it is scrolled."""
        self.horizontalHeader().setMinimumSectionSize(self.fontMetrics().horizontalAdvance("−0.0000") + 14)

    def sizeHintForColumn(self, column: int) -> int:
        """Qt forgets that the marks of the style sheet need room."""
        return super().sizeHintForColumn(column) + (14 if column == _NAME else 0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._leave_room()
        if event.type() == QEvent.Type.LocaleChange:    # another decimal sign
            self.refresh()

    def set_measurement(self, measurement: Measurement) -> None:
        """Fit these data: offset and scale begin anew; in arbitrary units the scale must be varied."""
        self._measurement = measurement
        self.starts = dict(START)
        self._fitted = {}
        if self.paths != variable(measurement.quantity):
            self.paths = variable(measurement.quantity)
            resonance = measurement.quantity in SPECTRA
            self.varied = set(self.paths[:_RESONANCE]) | {OFFSET} if resonance else {"junction.rashba"}
            self.bounds = {}
            self._fill()
        self.varied -= {"junction.bias"} if "bias" in measurement.axes else set()
        if measurement.arbitrary and measurement.quantity not in SPECTRA:   # of those the torkances are scales
            self.varied.add("data.scale")
        self.refresh()

    def show_result(self, result: Result | None) -> None:
        """The values and intervals of a fit, or none."""
        self._fitted = {row["path"]: row for row in report.rows(result)} if result is not None else {}
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """The colour of refused numbers."""
        self._error = QColor(theme.error)

    def remembered(self) -> dict[str, Any]:
        """Marks, bounds and starts, as values that JSON knows."""
        bounds = [[path, column == _HIGH, value] for (path, column), value in self.bounds.items()]
        return {"varied": sorted(self.varied), "bounds": bounds, "starts": dict(self.starts)}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take back what `remembered` gave; ValueError, KeyError or TypeError for what makes no sense."""
        varied = {str(path) for path in memory["varied"]} & set(self.paths)
        bounds = {(str(path), _HIGH if high else _LOW): float(value) for path, high, value in memory["bounds"]}
        starts = {path: float(spec_of(path).check(float(memory["starts"][path]), path)) for path in START}
        if not all(math.isfinite(value) for value in bounds.values()):
            raise ValueError("a bound is not finite")
        self.varied, self.starts = varied, starts
        self.bounds = {key: value for key, value in bounds.items() if key[0] in self.paths}
        self.refresh()

    # -- what the user asks for ---------------------------------------------------------------------

    def vary(self) -> list[Vary]:
        """The marked parameters with their starts and bounds."""
        return [Vary(path=path, start=self.starts.get(path), low=self.bounds.get((path, _LOW)),
                     high=self.bounds.get((path, _HIGH))) for path in self.paths if path in self.varied]

    def values(self) -> dict[str, float]:
        """Offset, scale and misalignment as they stand."""
        return dict(self.starts)

    def _edited(self, item: QTableWidgetItem) -> None:
        path, column = self.paths[item.row()], item.column()
        try:
            if column == _NAME:
                mark = item.checkState() == Qt.CheckState.Checked
                (self.varied.add if mark else self.varied.discard)(path)
            elif column == _START:
                self._set_start(path, item.text())
            else:
                self._set_bound(path, column, item.text())
        except ValueError as error:     # a ParameterError too
            self._refuse(item, f"{spec_of(path).label}: {getattr(error, 'reason', error)}")
            return
        self.refused.emit("")
        self.refresh()
        self.changed.emit()

    def _set_start(self, path: str, text: str) -> None:
        value = parse_number(text)
        if path not in self.starts:
            self._session.edit(path, value)
            return
        self.starts[path] = float(spec_of(path).check(value, path))

    def _set_bound(self, path: str, column: int, text: str) -> None:
        if not text.strip():
            self.bounds.pop((path, column), None)
            return
        value = parse_number(text)
        low = value if column == _LOW else self.bounds.get((path, _LOW))
        high = value if column == _HIGH else self.bounds.get((path, _HIGH))
        if low is not None and high is not None and not low < high:
            raise ParameterError(path, value, "the lower bound must lie below the upper one")
        self.bounds[path, column] = value

    def _refuse(self, item: QTableWidgetItem, reason: str) -> None:
        """Keep the text, in red, with the reason."""
        with QSignalBlocker(self):
            item.setForeground(self._error)
            item.setToolTip(reason)
        self.refused.emit(reason)
