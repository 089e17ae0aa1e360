"""The fields above a stability diagram: its two axes, where and how long the cells run, and what is shown."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, spec_at
from smtj_gui.number_widgets import Said
from smtj_gui.session import Session
from smtj_gui.views.axis_chooser import AxisChooser
from smtj_gui.views.controls import Choice, SessionField, Toggle
from smtj_gui.views.labels import html

GRID = "numerics.stability"
def refusal(path: str, setup: Setup) -> str:
    """Why the engine would refuse this axis in a setup, or nothing."""
    from smtj_engine.dynamics.cells import check_path

    try:
        check_path(path, setup.drive, setup.junction)
    except ParameterError as error:
        return error.reason
    return ""


class StabilityControls(QWidget):
    """Everything of numerics.stability, and the choices of colour and direction."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.fields: dict[str, SessionField] = {}
        self.axes = {name: AxisChooser(session, GRID, name, refusal, parent=self) for name in "xy"}
        for chooser in self.axes.values():
            chooser.refused.connect(self.refuse)
        self.units = {name: QLabel(self) for name in "xy"}
        self.toggles: list[Toggle] = []
        self.reason = Said(self)
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
