"""The table of systems: one column for each, one row for each number; filled while it is calculated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from smtj_engine.grids import SYSTEMS
from smtj_engine.schema import spec_at, value_at
from smtj_gui.decimals import said, spelled
from smtj_gui.number_widgets import Said
from smtj_gui.views.labels import Shown, number, shown

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme
    from smtj_gui.session import Session
    from smtj_gui.views.overlaid import Overlay

_GRID = "numerics.systems"
#: The rows, in order, and what they are called.
ROWS = {
    "resistance": "R·A", "magnetoresistance": "TAMR or TMR", "torque_par": "T∥", "field_par": "T∥ as a field",
    "torque_perp_neq": "T⊥(V) − T⊥(0)", "K_i": "Kᵢ", "vcma": "VCMA",
    "bias_precession": "V where precession begins", "frequency": "f there",
    "bias_switching": "V where it switches", "power": "power j·V",
    "power_critical": "the same at the critical V"}
#: What a dash means.
_NONE = {"bias_precession": "none up to ±1.5 V, or no torque is defined",
         "frequency": "no precession up to ±1.5 V",
         "bias_switching": "none up to ±1.5 V, or no torque is defined",
         "power_critical": "no critical bias up to ±1.5 V",
         "K_i": "no single axis with a second magnet, or not defined where electrons are bound",
         "vcma": "no single axis with a second magnet, or not defined where electrons are bound"}


class SystemsMenu(QPushButton):
    """Which systems stand in the table."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setText("Systems")
        self.setToolTip("Which systems stand in the table")
        self.setAccessibleName("Systems of the table")
        menu = QMenu(self)
        self.actions_: dict[str, QAction] = {}
        for name in SYSTEMS:
            action = QAction(spec_at(session.setup, f"{_GRID}.{name}").label, menu, checkable=True)
            action.toggled.connect(lambda on, name=name: self._choose(name, on))
            menu.addAction(action)
            self.actions_[name] = action
        self.setMenu(menu)
        session.setup_changed.connect(lambda _: self.refresh())
        self.refresh()

    def _choose(self, name: str, on: bool) -> None:
        self.session.edit(f"{_GRID}.{name}", "shown" if on else "hidden")

    def refresh(self) -> None:
        """Show what is in force; the last system stays."""
        on = self.session.setup.numerics.systems.shown()
        for name, action in self.actions_.items():
            action.blockSignals(True)
            action.setChecked(value_at(self.session.setup, f"{_GRID}.{name}") == "shown")
            action.setEnabled(on != [name])
            action.blockSignals(False)


class SystemsPage(QWidget):
    """The table, and what its numbers mean below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.result: Result | None = None
        self.table = QTableWidget(len(ROWS), 0, self)
        self.table.setAccessibleName("Table of systems")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSizeAdjustPolicy(QAbstractItemView.SizeAdjustPolicy.AdjustToContents)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setAlternatingRowColors(True)
        self.table.setVerticalHeaderLabels([f"{title} ({unit})" if (unit := shown(name).unit) else title
                                            for name, title in ROWS.items()])
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for at, name in enumerate(ROWS):
            header = self.table.verticalHeaderItem(at)
            header.setToolTip(shown(name).name)
        self.words = Said(self)
        self.words.setWordWrap(True)
        self.words.setProperty("muted", True)
        self.words.setContentsMargins(8, 2, 8, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        column.addWidget(self.words)
        column.addStretch(1)

    # -- as a page ----------------------------------------------------------------------------------

    def draws(self, variable: str) -> bool:
        """Whether this variable is a row."""
        return variable in ROWS

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Kept tables are not drawn over another one."""

    def set_theme(self, theme: Theme) -> None:
        """The style sheet does it; the numbers follow the decimal sign."""
        self.show_result(self.result)

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        """Fill the table with the systems that are there."""
        self.result = result
        if result is None:
            return
        data = result.data
        titles = [str(title) for title in data["system"].values]
        self.table.setColumnCount(len(titles))
        self.table.setHorizontalHeaderLabels([title.replace(" (", "\n(") for title in titles])
        for row, name in enumerate(ROWS):
            how = shown(name, data)
            for column, value in enumerate(data[name].values):
                self.table.setItem(row, column, _item(name, float(value) * how.factor, how))
        self.table.updateGeometry()
        bias = float(data.attrs["bias"])
        missing = len(result.setup.numerics.systems.shown()) - len(titles)
        self.words.setText(
            f"Torques and power at V = {bias:g} V, θ = 45°; resistance, TAMR, Kᵢ and VCMA at V = 0. Critical "
            "biases: the macrospin is followed for 1/η ns from 10° beside its state of rest, V up to ±1.5 V. "
            "A dash: not defined, or none; point at it." + (f" {missing} more to come…" if missing > 0 else ""))


def _item(name: str, value: float, how: Shown) -> QTableWidgetItem:
    item = QTableWidgetItem(spelled(number(value, 3)))
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    item.setToolTip(_NONE.get(name, "not defined where electrons are bound at the interface")
                    if math.isnan(value) else said(f"{how.name}: {number(value, 6)} {how.unit}".rstrip()))
    return item
