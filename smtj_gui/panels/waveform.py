"""The form of a waveform: what it moves, of which kind it is, the numbers of that kind, and its picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from smtj_engine.control import TARGETS, Waveform
from smtj_engine.files import FileError, waveforms
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, Spec, specs, value_at
from smtj_gui.number_widgets import Said
from smtj_gui.panels.editors import ChoiceField, QuantityField, number, written
from smtj_gui.panels.form import ParameterRow, align, sentence
from smtj_gui.panels.waveform_kinds import KINDS, MOST_TYPED, RANGES, TITLES, kind_of, retargeted, unit_of
from smtj_gui.panels.waveform_picture import WaveformPicture
from smtj_gui.session import Session

#: Fields whose unit is that of what the waveform moves.
_MOVING = ("level", "swing")
_FILES = "Waveforms (*.csv *.txt *.dat);;All files (*)"
_COLUMNS = 5


class PointsField(QuantityField):
    """Pairs of a time and a value: "0 0; 1 0.1; 2 0"."""

    def _parse(self, text: str) -> Any:
        pairs = [pair.split() for pair in text.split(";") if pair.strip()]
        if not pairs or any(len(pair) != 2 for pair in pairs):
            raise ValueError("Needs pairs of a time in ns and a value, like 0 0; 1 0.1; 2 0")
        return tuple(tuple(number(pair[at], self._spec) for pair in pairs) for at in range(2))

    def _write(self, value: Any) -> None:
        super()._write(value)
        if value is not None:
            self.setText("; ".join(f"{written(t)} {written(s)}" for t, s in zip(*value, strict=True)))
            self.setCursorPosition(0)
            self.setModified(False)

    def step(self, count: int) -> None:
        """A list has no next value."""


class _PointsRow(ParameterRow):
    """Times and values of the points in one field."""

    def value(self, setup: Setup) -> Any:
        one: Waveform = value_at(setup, self.path.rpartition(".")[0])
        return one.times, one.values


class WaveformForm(QWidget):
    """Edits drive.waveform. The kind is not stored: it follows from the numbers, and as long as these allow it,
    it stays what was chosen."""

    def __init__(self, session: Session, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._path, self._kind = session, path, ""
        self.setProperty("help_at", "detection#Pulses and ramps")
        self._grid = QGridLayout()
        align(self._grid, self)
        heading = QLabel("Waveform", self)
        heading.setProperty("title", True)
        self.kinds = QComboBox(self)
        self.kinds.setAccessibleName("Kind of waveform")
        self.kinds.setToolTip("Only the numbers that this kind has are shown; the others are set to nothing")
        self.kinds.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for key, kind in KINDS.items():
            self.kinds.addItem(kind.title, key)
        self.kinds.activated.connect(lambda index: self.choose(str(self.kinds.itemData(index))))
        self._kind_label = QLabel("Kind", self)
        self._kind_label.setBuddy(self.kinds)
        self.summary = Said(self)
        self.summary.setProperty("muted", True)
        self.summary.setWordWrap(True)
        self.button = QPushButton("Import waveform…", self)
        self.button.setToolTip("A text file with two columns, the time in ns and the value in the unit of what "
                               "the waveform moves, separated by commas, semicolons, tabs or blanks")
        self.button.clicked.connect(self.ask_import)
        self.error = Said(self)
        self.error.setProperty("error", True)
        self.error.setWordWrap(True)
        self.picture = WaveformPicture(self)
        self.rows: dict[str, ParameterRow] = {}
        self._variants: dict[tuple[str, str], ParameterRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading)
        column.addLayout(self._grid)
        for widget in (self.summary, self.button, self.error, self.picture):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if widget is self.button else
                             Qt.AlignmentFlag(0))
        self._build()
        self.refresh()

    def _build(self) -> None:
        declared = specs(Waveform)
        target = declared["target"]
        self.rows[f"{self._path}.target"] = ParameterRow(
            self._session, f"{self._path}.target", dataclasses.replace(target, label="Moves"), self._grid, 0, self,
            ChoiceField(target, titles=TITLES), self._aim)
        self._grid.addWidget(self._kind_label, 2, 0)
        self._grid.addWidget(self.kinds, 2, 1, 1, 3)
        units = {unit_of(word) for word in TARGETS}
        for at, (name, spec) in enumerate(declared.items(), start=2):
            path = f"{self._path}.{name}"
            if name in ("target", "values"):
                continue
            if name == "times":
                row = self.rows[path] = self.rows[f"{self._path}.values"] = self._points(path, spec, 2 * at)
                self._variants[name, ""] = row
                continue
            for unit in sorted(units) if name in _MOVING else [""]:
                moved = dataclasses.replace(spec, unit=unit, soft=RANGES[unit]) if name in _MOVING else spec
                self._variants[name, unit] = self.rows[path] = ParameterRow(
                    self._session, path, moved, self._grid, 2 * at, self)

    def _points(self, path: str, spec: Spec, at: int) -> ParameterRow:
        spec = dataclasses.replace(
            spec, label="Points", symbol="t, s", unit="", why="", low=None, high=None,
            help="Pairs of a time in ns and a value, joined by straight lines: 0 0; 1 0.1; 2 0. " + spec.help)
        return _PointsRow(self._session, path, spec, self._grid, at, self, PointsField(spec), self._set_points)

    # -- editing ------------------------------------------------------------------------------------

    def _edit(self, values: dict[str, Any], text: str, merge: Hashable | None = None) -> None:
        self._session.edit_many({f"{self._path}.{name}": value for name, value in values.items()}, text, merge)

    def _aim(self, target: object, merge: Hashable | None) -> None:
        """Move something else, and with a waveform that does nothing yet, one that shows something."""
        one, word = self._now(), str(target)
        values = {"target": word, **retargeted(one, word)}
        if word != "none" and one.bounds == (0.0, 0.0):
            kind = "pulse" if self._kind in ("", "step") else self._kind
            values |= KINDS[kind].changes(one, word)
            self._kind = kind
        self._edit(values, "Waveform moves " + TITLES[word].split("  ")[0].replace("_", ""))

    def choose(self, kind: str) -> None:
        """Make it a waveform of this kind, in one step for undo."""
        self._kind = kind
        self._say("")
        try:
            self._edit(KINDS[kind].changes(self._now(), self._now().target), f"Waveform: {KINDS[kind].title}")
        except ParameterError as error:
            self._say(sentence(error.reason))
        self.refresh()

    def _set_points(self, value: object, merge: Hashable | None) -> None:
        times, values = value  # type: ignore[misc]
        self._edit({"times": times, "values": values}, "Points of the waveform", merge)

    def ask_import(self) -> None:
        """Choose a file and take its points."""
        name, _ = QFileDialog.getOpenFileName(self, "Import waveform", "", _FILES)
        if name:
            self.import_file(name)

    def import_file(self, name: str) -> None:
        """Take the points of a file, in one step for undo; a bad file changes nothing and says why."""
        try:
            times, values = waveforms.read(name)
            changes = KINDS["points"].changes(self._now(), self._now().target)
            self._edit(changes | {"times": times, "values": values}, f"Import {Path(name).name}")
        except FileError as error:
            self._say(str(error))
        except ParameterError as error:
            self._say(f"{Path(name).name}: {error.reason}")
        else:
            self._kind = "points"
            self._say("")
            self.refresh()

    # -- showing ------------------------------------------------------------------------------------

    def _now(self) -> Waveform:
        one: Waveform = value_at(self._session.setup, self._path)
        return one

    def _say(self, reason: str) -> None:
        self.error.setText(reason)
        self.error.setVisible(bool(reason))

    def refresh(self) -> None:
        """Show the session's waveform."""
        one = self._now()
        self._kind = kind_of(one, self._kind)
        kind, on, unit = KINDS[self._kind], one.target != "none", unit_of(one.target)
        self.kinds.setCurrentIndex(self.kinds.findData(self._kind))
        for widget in (self.kinds, self._kind_label, self.button):
            widget.setVisible(on)
        self.rows[f"{self._path}.target"].refresh()
        typed = len(one.times) <= MOST_TYPED
        for (name, its_unit), row in self._variants.items():
            fitting = name not in _MOVING or its_unit == unit
            shown = on and fitting and name in kind.fields and (name != "times" or typed)
            row.set_visible(shown)
            if fitting:
                self.rows[row.path] = row
            if shown:
                row.refresh()
        self._show_points(one, on and "times" in kind.fields and len(one.times) > 1)
        self.error.setVisible(on and bool(self.error.text()))
        self.picture.show_setup(self._session.setup)

    def _show_points(self, one: Waveform, shown: bool) -> None:
        self.summary.setVisible(shown)
        if shown:
            unit = unit_of(one.target)
            self.summary.setText(f"{len(one.times):,} points from {one.times[0]:g} to {one.times[-1]:g} ns, "
                                 f"values from {min(one.values):g} to {max(one.values):g} {unit}".rstrip())

    def reveal(self, path: str) -> None:
        """Show the row of a path, where the present kind hides it."""
        name = path.rpartition(".")[2]
        if name != "target" and name not in KINDS[self._kind].fields:
            self._kind = "all"
            self.refresh()
