"""The fields above a stability diagram: its two axes, where and how long the cells run, and what is shown."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QButtonGroup, QComboBox, QGridLayout, QHBoxLayout, QLabel, QToolButton, QWidget

from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, spec_at, value_at, walk
from smtj_gui.session import Session
from smtj_gui.views.controls import SessionField, Toggle
from smtj_gui.views.labels import html

GRID = "numerics.stability"
#: Ranges that show something, offered when a parameter becomes an axis; others take their slider's range.
RANGES: dict[str, tuple[float, float]] = {
    "drive.tau_par": (-0.009, 0.003), "drive.tau_perp": (-0.1, 0.1), "drive.h_x": (-0.2, 0.2),
    "drive.h_y": (-0.2, 0.2), "drive.h_z": (-0.2, 0.2), "magnet.q_par": (0.005, 0.245),
    "magnet.q_perp": (1.01, 1.5), "magnet.damping": (0.003, 0.1), "magnet.thickness": (0.8, 3.0),
    "junction.rashba": (0.5, 5.0), "junction.barrier_thickness": (0.3, 1.5)}


def candidates() -> list[str]:
    """The parameters that an axis may take, in the order of the setup."""
    allowed = spec_at(Setup(), f"{GRID}.x").choices
    return [path for path, _, _ in walk(Setup()) if path in allowed]


def refusal(path: str, setup: Setup) -> str:
    """Why the engine would refuse this axis in a setup, or nothing."""
    from smtj_engine.dynamics.cells import check_path

    try:
        check_path(path, setup.drive, setup.junction)
    except ParameterError as error:
        return error.reason
    return ""


def range_of(path: str) -> dict[str, Any]:
    """Start, stop and spacing that suit a parameter as an axis."""
    spec = spec_at(Setup(), path)
    low, high = RANGES.get(path) or spec.soft or (spec.low, spec.high)
    return {"start": low, "stop": high, "scale": "log" if spec.log else "linear"}


class AxisChooser(QComboBox):
    """The parameter along one axis; those that make no sense with the present law are greyed, with the reason."""

    refused = Signal(str)

    def __init__(self, session: Session, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.name = session, name
        self.setAccessibleName(spec_at(session.setup, f"{GRID}.{name}").label)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(19)
        for path in candidates():
            spec = spec_at(session.setup, path)
            self.addItem(f"{spec.symbol.replace('_', '')}  {spec.label}", path)
        self.activated.connect(lambda index: self.choose(str(self.itemData(index))))
        self.refresh()

    def choose(self, path: str) -> None:
        """Put this parameter on the axis, with a range that suits it; the other axis' parameter swaps places."""
        if reason := refusal(path, self.session.setup):
            self.refresh()
            self.refused.emit(f"{spec_at(self.session.setup, path).label}: {reason}.")
            return
        self.refused.emit("")
        grid = self.session.setup.numerics.stability
        other = "y" if self.name == "x" else "x"
        new = {f"{GRID}.{self.name}": path}
        if path == getattr(grid, other):
            new[f"{GRID}.{other}"] = getattr(grid, self.name)
            for part in ("start", "stop", "points", "scale"):
                for one, two in ((self.name, other), (other, self.name)):
                    new[f"{GRID}.{one}_{part}"] = getattr(grid, f"{two}_{part}")
        elif path != getattr(grid, self.name):
            new |= {f"{GRID}.{self.name}_{part}": value for part, value in range_of(path).items()}
        self.session.edit_many(new, text=f"Diagram over {spec_at(self.session.setup, path).symbol}")

    def refresh(self) -> None:
        """Show the axis in force."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value_at(self.session.setup, f"{GRID}.{self.name}")))
        self.setToolTip(self.currentText())

    def showPopup(self) -> None:
        """Ask the engine what it would take; it may have to be loaded, so not before."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        for index in range(self.count()):
            reason = refusal(str(self.itemData(index)), self.session.setup)
            model.item(index).setEnabled(not reason)
            self.setItemData(index, reason, Qt.ItemDataRole.ToolTipRole)
        super().showPopup()


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


class StabilityControls(QWidget):
    """Everything of numerics.stability, and the choices of colour and direction."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.fields: dict[str, SessionField] = {}
        self.axes = {name: AxisChooser(session, name, self) for name in "xy"}
        for chooser in self.axes.values():
            chooser.refused.connect(self.refuse)
        self.units = {name: QLabel(self) for name in "xy"}
        self.toggles: list[Toggle] = []
        self.reason = QLabel(self)
        self.reason.setProperty("error", True)
        self.reason.setWordWrap(True)
        self.reason.hide()
        self.colour = Choice({
            "state": ("State", "Colour by the state that each cell ends in"),
            "resistance": ("Resistance", "Colour by the normalized resistance at the end of the run (Fig. 3)"),
            "frequency": ("Frequency", "Colour by the frequency of the magnetization")}, self)
        self.direction = Choice({
            "both": ("⇄ both", "Upwards, and in bands the way back: they show where the two differ"),
            "up": ("→ up", "Each cell starts where its left neighbour ended"),
            "back": ("← back", "The way back: each cell starts where its right neighbour ended")}, self)
        self.seed = [QLabel("seed", self), self._field("seed", 54)]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        for row, name in enumerate("xy"):
            self._add_axis(grid, row, name)
        grid.addLayout(self._start_row(), 2, 0, 1, 10)
        grid.addLayout(self._show_row(), 3, 0, 1, 10)
        grid.addWidget(self.reason, 4, 0, 1, 10)
        grid.setColumnStretch(9, 1)
        session.setup_changed.connect(self._setup_changed)
        self._refresh()

    def _field(self, name: str, width: int) -> SessionField:
        field = self.fields[name] = SessionField(self.session, f"{GRID}.{name}", self.refuse, self)
        field.set_width(width)
        return field

    def _toggle(self, name: str, texts: dict[str, str]) -> Toggle:
        toggle = Toggle(self.session, f"{GRID}.{name}", texts, self)
        self.toggles.append(toggle)
        return toggle

    def _add_axis(self, grid: QGridLayout, row: int, name: str) -> None:
        self.units[name].setProperty("muted", True)
        cells = QLabel("cells", self)
        cells.setProperty("muted", True)
        arrow = QLabel({"x": "Across", "y": "Up"}[name], self)
        arrow.setBuddy(self.axes[name])
        spacing = self._toggle(f"{name}_scale", {"linear": "lin", "log": "log"})
        for column, widget in enumerate((
                arrow, self.axes[name], self._field(f"{name}_start", 66), QLabel("to", self),
                self._field(f"{name}_stop", 66), self.units[name], self._field(f"{name}_points", 44), cells,
                spacing)):
            grid.addWidget(widget, row, column)

    def _start_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(QLabel("Start", self))
        row.addWidget(self._toggle("start", {"fixed": "fixed", "random": "random", "hysteretic": "hysteretic"}))
        self.angles: list[QWidget] = []
        for name, before, after in (("theta0_deg", "θ_0", "°"), ("phi0_deg", "φ_0", "°")):
            words = [QLabel(html(before), self), self._field(name, 44), QLabel(after, self)]
            self.angles += words
            for widget in words:
                row.addWidget(widget)
        for widget in self.seed:
            row.addWidget(widget)
        for widget in (QLabel("for", self), self._field("duration", 48), QLabel("ns", self)):
            row.addWidget(widget)
        row.addStretch(1)
        return row

    def _show_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(QLabel("Colour", self))
        row.addWidget(self.colour)
        row.addSpacing(10)
        row.addWidget(self.direction)
        row.addStretch(1)
        return row

    def refuse(self, reason: str) -> None:
        """Say why something was refused, or nothing any more."""
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))

    def _setup_changed(self, paths: object) -> None:
        assert isinstance(paths, frozenset)
        if any(path.startswith(GRID) for path in paths):
            self._refresh()

    def _refresh(self) -> None:
        """Show what is in force."""
        grid = self.session.setup.numerics.stability
        for name in "xy":
            self.axes[name].refresh()
            unit = spec_at(self.session.setup, getattr(grid, name)).unit
            self.units[name].setText(unit)
        for toggle in self.toggles:
            toggle.refresh()
        for field in self.fields.values():
            field.refresh()
        for widget in self.seed:
            widget.setVisible(grid.start == "random")
        for widget in self.angles:
            widget.setVisible(grid.start != "random")
        self.direction.setVisible(grid.start == "hysteretic")
