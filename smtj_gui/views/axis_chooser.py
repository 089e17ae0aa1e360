"""The choice of a parameter as an axis of a map or a sweep, with a range that suits it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from smtj_engine.parameters import Setup
from smtj_engine.schema import spec_at, specs, value_at, walk
from smtj_gui.session import Session
from smtj_gui.views.controls import SessionField
from smtj_gui.views.labels import html

#: Ranges that show something, offered when a parameter becomes an axis; others take their slider's range.
RANGES: dict[str, tuple[float, float]] = {
    "drive.tau_par": (-0.009, 0.003), "drive.tau_perp": (-0.1, 0.1), "drive.h_x": (-0.2, 0.2),
    "drive.h_y": (-0.2, 0.2), "drive.h_z": (-0.2, 0.2), "magnet.q_par": (0.005, 0.245),
    "magnet.q_perp": (1.01, 1.5), "magnet.damping": (0.003, 0.1), "magnet.thickness": (0.8, 3.0),
    "junction.rashba": (0.5, 5.0), "junction.barrier_thickness": (0.3, 1.5)}
#: The word of a sweep that there is not.
NONE = "none"


def candidates(grid: str, name: str) -> list[str]:
    """The parameters that an axis may take, in the order of the setup."""
    allowed = spec_at(Setup(), f"{grid}.{name}").choices
    return [path for path, _, _ in walk(Setup()) if path in allowed]


def range_of(path: str, known: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """Start, stop and spacing that suit a parameter as an axis."""
    spec = spec_at(Setup(), path)
    low, high = known.get(path) or spec.soft or (spec.low, spec.high)
    return {"start": low, "stop": high, "scale": "log" if spec.log else "linear"}


class AxisChooser(QComboBox):
    """The parameter along one axis of a grid of the setup; those that make no sense with the present setup are
    greyed, with the reason."""

    refused = Signal(str)

    def __init__(self, session: Session, grid: str, name: str, refusal: Callable[[str, Setup], str],
                 ranges: Callable[[Setup], dict[str, tuple[float, float]]] = lambda setup: {},
                 parent: QWidget | None = None) -> None:
        """refusal: why a path makes no sense in a setup, or nothing; ranges: more than RANGES."""
        super().__init__(parent)
        self.session, self.grid, self.name = session, grid, name
        self._refusal, self._ranges = refusal, ranges
        spec = spec_at(session.setup, f"{grid}.{name}")
        self._fields = tuple(specs(value_at(session.setup, grid)))
        self.setAccessibleName(spec.label)
        self.setProperty("help_at", f"parameters#{grid}.{name}")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(19)
        if NONE in spec.choices:
            self.addItem("nothing", NONE)
        for path in candidates(grid, name):
            spec = spec_at(session.setup, path)
            self.addItem(f"{spec.symbol.replace('_', '')}  {spec.label}", path)
        self.activated.connect(lambda index: self.choose(str(self.itemData(index))))
        self.refresh()

    def choose(self, path: str) -> None:
        """Put this parameter on the axis, with a range that suits it; the other axis' parameter swaps places."""
        setup = self.session.setup
        if path == NONE:
            self.session.edit_many({f"{self.grid}.{self.name}": NONE}, text="No sweep")
            return
        if reason := self._refusal(path, setup):
            self.refresh()
            self.refused.emit(f"{spec_at(setup, path).label}: {reason}.")
            return
        self.refused.emit("")
        grid = value_at(setup, self.grid)
        other = {"x": "y", "y": "x"}.get(self.name, "")
        new = {self.name: path}
        if other and path == getattr(grid, other):
            new[other] = getattr(grid, self.name)
            for part in ("start", "stop", "points", "scale"):
                for one, two in ((self.name, other), (other, self.name)):
                    if f"{one}_{part}" in self._fields:
                        new[f"{one}_{part}"] = getattr(grid, f"{two}_{part}")
        elif path != getattr(grid, self.name):
            suiting = range_of(path, RANGES | self._ranges(setup))
            new |= {f"{self.name}_{part}": value for part, value in suiting.items()
                    if f"{self.name}_{part}" in self._fields}
        self.session.edit_many({f"{self.grid}.{name}": value for name, value in new.items()},
                               text=f"Map over {spec_at(setup, path).symbol}")

    def refresh(self) -> None:
        """Show the axis in force."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value_at(self.session.setup, f"{self.grid}.{self.name}")))
        self.setToolTip(self.currentText())

    def showPopup(self) -> None:
        """Ask the engine what it would take; it may have to be loaded, so not before."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        for index in range(self.count()):
            path = str(self.itemData(index))
            reason = self._refusal(path, self.session.setup) if path != NONE else ""
            model.item(index).setEnabled(not reason)
            self.setItemData(index, reason, Qt.ItemDataRole.ToolTipRole)
        super().showPopup()


class AxisRow(QWidget):
    """One axis in a row: the parameter, from where to where, its unit, how many values. A sweep that may be left
    out shows its fields only while there is one."""

    def __init__(self, session: Session, grid: str, name: str, words: tuple[str, str],
                 refusal: Callable[[str, Setup], str], refuse: Callable[[str], None],
                 ranges: Callable[[Setup], dict[str, tuple[float, float]]] = lambda setup: {},
                 unit: Callable[[str, Setup], str] | None = None, parent: QWidget | None = None) -> None:
        """words: before the chooser and after the number of values; unit: of a path, if not the declared one."""
        super().__init__(parent)
        self.session, self.grid, self.name = session, grid, name
        self._unit = unit or (lambda path, setup: spec_at(setup, path).unit)
        self.chooser = AxisChooser(session, grid, name, refusal, ranges, self)
        self.chooser.refused.connect(refuse)
        self.chooser.setMinimumContentsLength(15)
        self.fields = {part: SessionField(session, f"{grid}.{name}_{part}", refuse, self)
                       for part in ("start", "stop", "points")}
        self.unit = QLabel(self)
        label = QLabel(words[0], self)
        label.setBuddy(self.chooser)
        label.setMinimumWidth(self.fontMetrics().horizontalAdvance("Across") + 4)
        after = QLabel(words[1], self)
        for widget in (self.unit, after):
            widget.setProperty("muted", True)
        for part, width in (("start", 56), ("stop", 56), ("points", 42)):
            self.fields[part].set_width(width)
        self._optional = [QLabel("from", self), self.fields["start"], QLabel("to", self), self.fields["stop"],
                          self.unit, self.fields["points"], after]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (label, self.chooser, *self._optional):
            row.addWidget(widget)
        row.addStretch(1)
        session.setup_changed.connect(self._setup_changed)
        self.refresh()

    def _setup_changed(self, paths: object) -> None:
        assert isinstance(paths, frozenset)
        if any(path.startswith((self.grid, "drive.waveform.target")) for path in paths):
            self.refresh()

    def refresh(self) -> None:
        """Show what is in force."""
        path = str(value_at(self.session.setup, f"{self.grid}.{self.name}"))
        self.chooser.refresh()
        for field in self.fields.values():
            field.refresh()
        for widget in self._optional:
            widget.setVisible(path != NONE)
        if path != NONE:
            self.unit.setText(html(self._unit(path, self.session.setup)))
            self.unit.setVisible(bool(self.unit.text()))
