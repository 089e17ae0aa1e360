"""A sequence of runs built by clicks: one parameter stepped over a list of values, others nested inside it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from smtj_engine.analyses import ANALYSES
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, Spec, value_at, walk, with_values
from smtj_gui.look import restyle, set_icon
from smtj_gui.number_widgets import Said, in_tab_order
from smtj_gui.panels.activity import time_text
from smtj_gui.panels.editors import brief, number, numbers, value_text, written
from smtj_gui.run_queue import RunQueue
from smtj_gui.session import Session

#: The most runs of one sequence, and how many loops it may have.
MOST, DEEPEST = 500, 3
#: Longer sequences are not all drawn over each other.
DRAWN = 12


class Loop(QGroupBox):
    """One parameter and the values that it takes."""

    changed = Signal()
    removed = Signal()

    def __init__(self, setup: Setup, paths: dict[str, Spec], title: str, removable: bool,
                 parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._setup, self._paths = setup, paths
        self.parameter = QComboBox(self)
        self.parameter.setAccessibleName(f"{title}: parameter")
        for path, spec in paths.items():
            unit = f" ({spec.unit})" if spec.unit else ""
            self.parameter.addItem(f"{spec.symbol} — {spec.label}{unit}", path)
        self.values = QLineEdit(self)
        self.values.setAccessibleName(f"{title}: values")
        self.values.setPlaceholderText("1 2 3.5, or fill in from – to")
        self.values.setToolTip("Numbers separated by spaces or semicolons, in the parameter's unit")
        self.first, self.last, self.count = (QLineEdit(self) for _ in range(3))
        names = ("first value", "last value", "number of values")
        for field, name in zip((self.first, self.last, self.count), names, strict=True):
            field.setAccessibleName(f"{title}: {name}")
            field.setToolTip(name.capitalize())
            field.setFixedWidth(max(64, field.fontMetrics().horizontalAdvance("−0.000") + 16))
        self.count.setText("5")
        self.fill = QPushButton("Fill in", self)
        self.fill.setToolTip("Write evenly spaced values into the list")
        self.fill.clicked.connect(self._fill)
        row = QHBoxLayout()
        for words, field in (("from", self.first), ("to", self.last), ("in", self.count)):
            row.addWidget(QLabel(words, self))
            row.addWidget(field)
        row.addWidget(QLabel("values", self))
        row.addWidget(self.fill)
        row.addStretch(1)
        self.fields: list[QWidget] = [self.parameter, self.values, self.first, self.last, self.count, self.fill]
        if removable:
            remove = QToolButton(self)
            set_icon(remove, "ph.trash")
            remove.setToolTip("Remove this loop")
            remove.setAccessibleName(f"{title}: remove this loop")
            remove.clicked.connect(self.removed)
            row.addWidget(remove)
            self.fields.append(remove)
        form = QFormLayout(self)
        form.addRow("Parameter", self.parameter)
        form.addRow("Values", self.values)
        form.addRow("", row)
        self.values.textChanged.connect(lambda _: self.changed.emit())
        self.parameter.currentIndexChanged.connect(lambda _: self._suggest())
        self._suggest()

    @property
    def path(self) -> str:
        """The parameter that is stepped."""
        return str(self.parameter.currentData())

    @property
    def spec(self) -> Spec:
        """Its declaration."""
        return self._paths[self.path]

    def choose(self, path: str) -> None:
        """Step this parameter."""
        self.parameter.setCurrentIndex(self.parameter.findData(path))

    def _suggest(self) -> None:
        """The present value, and the range of the slider."""
        limits = self.spec.soft or (self.spec.low, self.spec.high)
        for field, limit in zip((self.first, self.last), limits, strict=True):
            field.setText(written(limit))
        self.values.setText(written(value_at(self._setup, self.path)))
        self.changed.emit()

    def _fill(self) -> None:
        try:
            count = number(self.count.text(), Spec(label="", symbol=""))
            if count is None or count != int(count) or not 1 <= count <= MOST:
                raise ValueError(f"The number of values must be a whole number from 1 to {MOST}")
            ends = [number(field.text(), self.spec) for field in (self.first, self.last)]
            if None in ends:
                raise ValueError("Needs a first and a last value")
            spaced = np.linspace(*ends, int(count))     # type: ignore[arg-type]
            if self.spec.integer:
                spaced = np.unique(spaced.round())
            self.values.setText(" ".join(written(float(value)) for value in spaced))
        except ValueError as error:
            self.mark(str(error))

    def chosen(self) -> tuple[float, ...]:
        """The values; ValueError with a reason in plain words."""
        found = numbers(self.values.text(), self.spec)
        return tuple(value for value in found if value is not None)

    def mark(self, reason: str) -> None:
        """Show that the values are refused."""
        self.values.setToolTip(reason or "Numbers separated by spaces or semicolons, in the parameter's unit")
        restyle(self.values, "refused", bool(reason))


class SequenceDialog(QDialog):
    """What is calculated, over which values. `chosen` has the answer once it was accepted."""

    def __init__(self, setup: Setup, analysis: str, usual: Callable[[str], float | None],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sequence of runs")
        self.setProperty("help_at", "index#builds a sequence")
        self.setMinimumWidth(520)
        self._setup, self._usual = setup, usual
        self.loops: list[Loop] = []
        self.setups: dict[str, Setup] = {}      # of the runs, by their names
        self.analysis = QComboBox(self)
        self.analysis.setAccessibleName("What is calculated")
        for key, entry in ANALYSES.items():
            self.analysis.addItem(entry.title, key)
        self.analysis.setCurrentIndex(max(0, self.analysis.findData(analysis)))
        self.more = QPushButton("Add a loop inside", self)
        self.more.setToolTip("For each value of the last parameter, step another one")
        set_icon(self.more, "ph.plus")
        self.more.clicked.connect(lambda: self.add_loop())
        self.words = Said(self)
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self.start, self._cancel = buttons.button(standard.Ok), buttons.button(standard.Cancel)
        for button in buttons.buttons():
            button.setIcon(QIcon())     # a bare system brings pictures of its own
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        top = QFormLayout()
        top.addRow("Calculate", self.analysis)
        self._place = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addLayout(self._place)
        layout.addWidget(self.more)
        layout.addWidget(self.words)
        layout.addWidget(buttons)
        self.analysis.currentIndexChanged.connect(lambda _: self._begin())
        self._begin()

    @property
    def kind(self) -> str:
        """The analysis."""
        return str(self.analysis.currentData())

    def _begin(self) -> None:
        """One loop over the first parameter that matters to the analysis."""
        for loop in list(self.loops):
            self._remove(loop)
        self.add_loop()

    def add_loop(self) -> Loop | None:
        """Another loop inside the last one."""
        taken = {loop.path for loop in self.loops}
        paths = steppable(self._setup, self.kind)
        free = next((path for path in ("junction.rashba", "junction.bias", "magnet.q_par", "drive.tau_par", *paths)
                     if path in paths and path not in taken), None)
        if free is None or len(self.loops) >= DEEPEST:
            return None
        title = "Step" if not self.loops else f"for each of these, step ({len(self.loops) + 1})"
        loop = Loop(self._setup, paths, title, bool(self.loops), self)
        loop.choose(free)
        loop.changed.connect(self._check)
        loop.removed.connect(lambda: self._remove(loop))
        self.loops.append(loop)
        self._place.addWidget(loop)
        fields = [field for each in self.loops for field in each.fields]
        in_tab_order([self.analysis, *fields, self.more, self.start, self._cancel])
        self._check()
        if self.isVisible():
            self.adjustSize()
        return loop

    def _remove(self, loop: Loop) -> None:
        self.loops.remove(loop)
        self._place.removeWidget(loop)
        loop.hide()
        loop.deleteLater()
        self._check()
        self.adjustSize()

    def _check(self) -> None:
        """Say what the sequence would be, or why it cannot be."""
        reason, self.setups = "", {}
        values = []
        for loop in self.loops:
            try:
                values.append(loop.chosen())
                loop.mark("")
            except ValueError as error:
                reason = f"{loop.spec.symbol}: {error}."
                loop.mark(str(error))
        if not reason:
            reason = self._build(values)
        count = len(self.setups)
        usual = self._usual(self.kind)
        runs = f"{count} run{'' if count == 1 else 's'}"
        about = f", about {time_text(count * usual)}" if usual is not None else ""
        drawn = "" if count <= DRAWN else " They are not drawn over each other until you tick them."
        self.words.setText(reason or f"{runs}{about}: {_first_and_last(self.setups)}.{drawn}")
        self.start.setText(f"Queue {runs}" if not reason else "Queue")
        self.start.setEnabled(not reason and count > 0)
        self.more.setEnabled(len(self.loops) < DEEPEST)

    def _name(self, chosen: Sequence[float], spell: Callable[[Setup, str, float], str]) -> str:
        """What a run of the sequence is called."""
        return ", ".join(f"{loop.spec.symbol} {spell(self._setup, loop.path, value)}"
                         for loop, value in zip(self.loops, chosen, strict=True))

    def _build(self, values: list[tuple[float, ...]]) -> str:
        """The setups of all runs; why there are none, or ""."""
        paths = [loop.path for loop in self.loops]
        if len(set(paths)) < len(paths):
            return "Each loop needs a parameter of its own."
        count = int(np.prod([len(each) for each in values]))
        if count > MOST:
            return f"These are {count} runs; a sequence may have {MOST}."
        setups: dict[str, Setup] = {}
        for chosen in itertools.product(*values):
            name = self._name(chosen, brief)
            name = self._name(chosen, value_text) if name in setups else name   # told apart by later digits
            try:
                setups[name] = with_values(self._setup, dict(zip(paths, chosen, strict=True)))
            except ParameterError as error:
                return f"{name}: {error.reason}."
        self.setups = setups
        return ""


def ask(session: Session, queue: RunQueue, wanted: Sequence[str], parent: QWidget | None) -> None:
    """Ask for a sequence around the present setup, and queue it."""
    dialog = SequenceDialog(session.setup, wanted[0] if wanted else next(iter(ANALYSES)), queue.usual, parent)
    if dialog.exec():
        session.enqueue(dialog.kind, dialog.setups, visible=len(dialog.setups) <= DRAWN)
    dialog.deleteLater()


def steppable(setup: Setup, kind: str) -> dict[str, Spec]:
    """The numbers that an analysis depends on, by their paths."""
    analysis = ANALYSES[kind]
    idle = analysis.idle(setup)
    return {path: spec for path, spec, _ in walk(setup)
            if not spec.choices and not spec.many and analysis.depends_on(path)
            and not any(path == one or path.startswith(one + ".") for one in idle)}


def _first_and_last(setups: dict[str, Setup]) -> str:
    names = list(setups)
    if len(names) <= 3:
        return "; ".join(names)
    return f"{names[0]}; {names[1]}; … {names[-1]}"
