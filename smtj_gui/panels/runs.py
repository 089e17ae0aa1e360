"""The runs panel: every kept calculation, what it was made with, and what can be done with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from smtj_engine.schema import differences, spec_at
from smtj_gui.colours import NAMES
from smtj_gui.decimals import said, spelled
from smtj_gui.look import set_icon
from smtj_gui.panels.activity import time_text
from smtj_gui.panels.editors import brief, value_text
from smtj_gui.panels.queue_bar import QueueBar
from smtj_gui.run_queue import RunQueue
from smtj_gui.session import Run, Session

_NAME, _TIME = 0, 1
_RUN, _WHAT = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class TwoLines(QStyledItemDelegate):
    """A run's name over its parameters; editing sees the name alone."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.text = said(f"{option.text}\u2028{index.data(_WHAT)}")   # Qt's own sign for a new line
        option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText


def swatch(colour: str) -> QIcon:
    """A round spot of a run's colour."""
    pixmap = QPixmap(28, 28)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(colour))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(1, 1, 12, 12)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)     # or Qt mixes it with the colour of the selection
    return icon


def key_parameters(run: Run, session: Session) -> str:
    """What sets a run apart from the preset, in symbols: α_R 5 eV·Å², V 0.8 V."""
    changed = differences(session.preset.setup, run.setup)
    words = [f"{spec_at(run.setup, path).symbol} {brief(run.setup, path, value)}"
             for path, (_, value) in changed.items()]
    return ", ".join(words) or session.preset.title


class RunsPanel(QWidget):
    """The table of runs over a table of differences between the selected ones."""

    export_wanted = Signal(object)   # Run
    deleted = Signal(str)            # what was deleted, in words
    reveal_wanted = Signal(object)   # Run
    sequence_wanted = Signal()

    def __init__(self, session: Session, queue: RunQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._queue = session, queue
        self.setProperty("help_at", "index#keeps the present curves")
        self.bar = QueueBar(queue, self)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._places: dict[str, int] = {}       # of the runs that wait
        self._words: dict[str, tuple[Any, Any, str]] = {}
        self.table = QTreeWidget(self)
        self._compare = QTreeWidget(self)
        self._compare_title = QLabel(self)
        self._empty = QLabel("No runs yet.\n\nF5 keeps the present curves as a run; it stays on the plot for "
                             "comparison while you change the setup.\n\nShift+F5 steps a parameter over a list of "
                             "values, one run for each.", self)
        self.actions_ = self._make_actions()
        self._build()
        session.runs_changed.connect(self.refresh)
        session.setup_changed.connect(lambda _: self._show_differences())
        queue.changed.connect(self._show_times)
        self.refresh()

    # -- building --------------------------------------------------------------------------------------

    def _build(self) -> None:
        table = self.table
        table.setHeaderLabels(["Run", "Time"])
        table.setItemDelegateForColumn(_NAME, TwoLines(table))
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed
                              | QAbstractItemView.EditTrigger.DoubleClicked)
        table.setAccessibleName("Runs")
        header = table.header()
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_TIME, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._menu)
        table.itemChanged.connect(self._edited)
        table.itemSelectionChanged.connect(self._selected)
        self._empty.setWordWrap(True)
        self._empty.setProperty("muted", True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(6, 8, 6, 8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self._empty)
        self._split = self._splitter()
        layout.addWidget(self._split, 1)
        layout.addWidget(self.bar)
        layout.addLayout(self._buttons())

    def _splitter(self) -> QSplitter:
        self._compare.setHeaderLabels(["Parameter", "", ""])
        self._compare.setRootIsDecorated(False)
        self._compare.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._compare.setAccessibleName("Differences")
        self._compare.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._compare.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self._compare_title.setProperty("title", True)
        self._compare_title.setWordWrap(True)
        self._compare_title.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._below = QWidget(self)
        inside = QVBoxLayout(self._below)
        inside.setContentsMargins(0, 4, 0, 0)
        inside.addWidget(self._compare_title)
        inside.addWidget(self._compare, 1)
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(self.table)
        splitter.addWidget(self._below)
        splitter.setChildrenCollapsible(False)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        return splitter

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for name in ("sequence", "use", "cancel", "resume", "export", "delete"):
            button = QToolButton(self)
            button.setDefaultAction(self.actions_[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setFixedSize(28, 28)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _make_actions(self) -> dict[str, QAction]:
        table = (("sequence", "Sequence of runs…", "ph.stack", "", self.sequence_wanted.emit),
                 ("use", "Use this setup", "ph.arrow-bend-up-left", "", self._use),
                 ("cancel", "Cancel", "ph.stop", "", lambda: self._queue.cancel(self.selected())),
                 ("resume", "Resume", "ph.play", "", lambda: self._queue.resume(self.selected())),
                 ("earlier", "Earlier in the queue", "ph.arrow-up", "Alt+Up", lambda: self._move(-1)),
                 ("later", "Later in the queue", "ph.arrow-down", "Alt+Down", lambda: self._move(1)),
                 ("export", "Export this run…", "ph.export", "", self._export),
                 ("reveal", "Reveal file", "ph.folder-open", "", self._reveal),
                 ("rename", "Rename", "ph.pencil-simple", "F2", self._rename),
                 ("delete", "Delete", "ph.trash", "Del", self._delete))
        made = {}
        for name, text, icon, key, call in table:
            action = QAction(text, self)
            set_icon(action, icon)
            action.setToolTip(f"{text} ({key})" if key else text)
            if key:
                action.setShortcut(QKeySequence(key))
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _=False, call=call: call())
            self.addAction(action)
            made[name] = action
        return made

    # -- showing ---------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the session's runs; items are kept, so that selection and place stay."""
        runs = {run.id: run for run in self._session.runs}
        self._places = {run.id: place for place, run in enumerate(self._queue.waiting, 1)}
        self.table.blockSignals(True)
        for gone in [key for key in self._items if key not in runs]:
            self.table.takeTopLevelItem(self.table.indexOfTopLevelItem(self._items.pop(gone)))
            self._words.pop(gone, None)
        for index, run in enumerate(runs.values()):
            if run.id not in self._items:
                item = QTreeWidgetItem()
                item.setData(_NAME, _RUN, run.id)
                item.setTextAlignment(_TIME, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.insertTopLevelItem(index, item)
                self._items[run.id] = item
            elif self.table.topLevelItem(index) is not self._items[run.id]:     # it changed its place
                self._place(self._items[run.id], index)
            self._show_run(self._items[run.id], run)
        self.table.blockSignals(False)
        self._empty.setVisible(not runs)
        self.table.setVisible(bool(runs))
        self._selected()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange:
            self._words.clear()
            self.refresh()

    def _place(self, item: QTreeWidgetItem, index: int) -> None:
        chosen = item.isSelected()
        self.table.insertTopLevelItem(index, self.table.takeTopLevelItem(self.table.indexOfTopLevelItem(item)))
        item.setSelected(chosen)

    def _show_run(self, item: QTreeWidgetItem, run: Run) -> None:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        item.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable if run.result is not None else flags)
        item.setText(_NAME, run.name)
        item.setIcon(_NAME, swatch(run.colour))
        if run.result is not None:
            item.setCheckState(_NAME, Qt.CheckState.Checked if run.visible else Qt.CheckState.Unchecked)
        what = self._key_parameters(run)
        item.setData(_NAME, _WHAT, what)
        item.setText(_TIME, self._time(run))
        tip = [f"{run.name}: {run.kind}, {run.state}", what, run.message,
               *(run.result.notes if run.result is not None else [])]
        for column in (_NAME, _TIME):
            item.setToolTip(column, said("\n".join(filter(None, tip))))

    def _key_parameters(self, run: Run) -> str:
        """`key_parameters`, found once for each setup and preset."""
        setup, preset, words = self._words.get(run.id, (None, None, ""))
        if setup is not run.setup or preset is not self._session.preset:
            words = key_parameters(run, self._session)
            if words == run.name:   # a run of a sequence is called after its parameters
                words = run.kind.capitalize()
            self._words[run.id] = (run.setup, self._session.preset, words)
        return words

    def _time(self, run: Run) -> str:
        """How long a run took, how far it is, or its place in the queue."""
        if run.state == "running":
            return f"{self._queue.fraction(run):.0%}"
        if run.state == "queued":
            return f"queued {self._places.get(run.id, 1)}"
        return spelled(time_text(run.seconds)) if run.state == "finished" else run.state

    def _show_times(self) -> None:
        """How far the running runs are."""
        self.table.blockSignals(True)
        for run in self._queue.running:
            if run.id in self._items:
                self._items[run.id].setText(_TIME, self._time(run))
        self.table.blockSignals(False)

    def selected(self) -> list[Run]:
        """The selected runs, oldest first."""
        chosen = {item.data(_NAME, _RUN) for item in self.table.selectedItems()}
        return [run for run in self._session.runs if run.id in chosen]

    def _selected(self) -> None:
        runs = self.selected()
        for name in ("use", "rename"):
            self.actions_[name].setEnabled(len(runs) == 1)
        for name in ("export", "reveal"):
            self.actions_[name].setEnabled(len(runs) == 1 and runs[0].result is not None)
        self.actions_["delete"].setEnabled(bool(runs) and all(run.state != "running" for run in runs))
        self.actions_["cancel"].setEnabled(any(not run.ended for run in runs))
        self.actions_["resume"].setEnabled(any(run.state in ("cancelled", "failed") for run in runs))
        for name in ("earlier", "later"):
            self.actions_[name].setEnabled(len(runs) == 1 and runs[0].state == "queued")
        self._show_differences()

    def _show_differences(self) -> None:
        """Two selected runs against each other; one against the present setup."""
        runs = self.selected()
        self._below.setVisible(len(runs) in (1, 2))
        if len(runs) not in (1, 2):
            return
        first = runs[0]
        second, name = (runs[1].setup, runs[1].name) if len(runs) == 2 else (self._session.setup, "now")
        rows = differences(first.setup, second)
        self._compare.clear()
        self._compare.setHeaderLabels(["Parameter", first.name, name])
        for path, (left, right) in rows.items():
            spec = spec_at(second, path)
            item = QTreeWidgetItem([spec.symbol, value_text(second, path, left), value_text(second, path, right)])
            item.setToolTip(0, f"{spec.label} ({path})")
            for column in (1, 2):
                item.setToolTip(column, item.text(column))
            self._compare.addTopLevelItem(item)
        fresh = bool(rows) and self._compare.isHidden()
        self._compare.setVisible(bool(rows))
        if fresh:
            self._make_room()
        self._compare_title.setText(f"{first.name} and {name} differ in" if rows
                                    else f"{first.name} and {name}: same parameters")

    def _make_room(self) -> None:
        """Where there was one sentence about the runs there is a table now."""
        above, below = self._split.sizes()
        if below < (above + below) // 3:
            self._split.setSizes([3 * (above + below) // 5, 2 * (above + below) // 5])

    # -- acting ----------------------------------------------------------------------------------------

    def _run_of(self, item: QTreeWidgetItem) -> Run | None:
        key = item.data(_NAME, _RUN)
        return next((run for run in self._session.runs if run.id == key), None)

    def _edited(self, item: QTreeWidgetItem, column: int) -> None:
        run = self._run_of(item)
        if run is None or column != _NAME:
            self.refresh()
            return
        visible = item.checkState(_NAME) == Qt.CheckState.Checked if run.result is not None else run.visible
        name = item.text(_NAME).strip() or run.name
        if (name, visible) != (run.name, run.visible):
            self._session.update(run, name=name, visible=visible)
        else:
            self.refresh()

    def _use(self) -> None:
        for run in self.selected()[:1]:
            self._session.use_setup(run.setup, f"Setup of {run.name}")

    def _move(self, steps: int) -> None:
        """Change places with the next run that waits."""
        waiting = self._queue.waiting
        for run in self.selected()[:1]:
            there = waiting.index(run) + steps
            if 0 <= there < len(waiting):
                runs = self._session.runs
                self._session.move(run, runs.index(waiting[there]) - runs.index(run))

    def _export(self) -> None:
        for run in self.selected()[:1]:
            self.export_wanted.emit(run)

    def _reveal(self) -> None:
        for run in self.selected()[:1]:
            self.reveal_wanted.emit(run)

    def _rename(self) -> None:
        for run in self.selected()[:1]:
            self.table.editItem(self._items[run.id], _NAME)

    def _delete(self) -> None:
        runs = self.selected()
        if runs:
            self._session.remove(runs)
            self.deleted.emit(f"Deleted {runs[0].name}." if len(runs) == 1 else f"Deleted {len(runs)} runs.")

    def _menu(self, place: QPoint) -> None:
        runs = self.selected()
        if not runs:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(list(self.actions_.values()))
        colours = menu.addMenu("Colour")
        for colour in self._session.colours:
            colours.addAction(swatch(colour), NAMES.get(colour, colour)).triggered.connect(
                lambda _=False, colour=colour: self._recolour(runs, colour))
        colours.addAction("Other…").triggered.connect(lambda: self._ask_colour(runs))
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _ask_colour(self, runs: list[Run]) -> None:
        colour = QColorDialog.getColor(QColor(runs[0].colour), self, "Colour of the run")
        if colour.isValid():
            self._recolour(runs, colour.name())

    def _recolour(self, runs: list[Run], colour: str) -> None:
        for run in runs:
            self._session.update(run, colour=colour)
