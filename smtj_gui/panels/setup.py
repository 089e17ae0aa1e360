"""The setup panel: preset chooser, what is changed, a place for the band diagram, and the parameter forms."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from smtj_engine.schema import ParameterError, differences
from smtj_gui.decimals import said
from smtj_gui.look import restyle
from smtj_gui.number_widgets import Said, set_tip
from smtj_gui.panels.form import Nested, ParameterForm, rich_symbol
from smtj_gui.session import Session

#: A text larger than this (pt) needs more room than the dock has by itself.
_LARGE = 11

#: The groups of the form: path in the setup, title, open at first.
GROUPS = (("junction", "Junction", True), ("magnet", "Magnet", False), ("drive", "Drive", False),
          ("numerics", "Numerics", False))


def _waveform(session: Session, path: str, parent: QWidget) -> Nested:
    from smtj_gui.panels.waveform import WaveformForm  # late: only an open group needs it

    return WaveformForm(session, path, parent)


_NESTED = {"drive": {"waveform": _waveform}}


class PresetChooser(QComboBox):
    """The presets under their headings; choosing one, even the current one again, takes its values."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Preset")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setModel(QStandardItemModel(self))
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))
        self._tips: list[tuple[QStandardItem, str]] = []

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange:
            for item, text in self._tips:
                item.setToolTip(said(text))

    def fill(self, presets: list[tuple[str, str, str, str]]) -> None:
        """Take the presets as (key, title, group, description)."""
        model = QStandardItemModel(self)
        self._tips, group = [], ""
        for key, title, heading, description in presets:
            if heading != group:
                group = heading
                item = QStandardItem(heading)
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                font = self.font()
                font.setBold(True)
                item.setFont(font)
                model.appendRow(item)
            item = QStandardItem(f"   {title}")
            item.setData(key, Qt.ItemDataRole.UserRole)
            item.setToolTip(said(description))
            self._tips.append((item, description))
            model.appendRow(item)
        self.setModel(model)
        self.setMaxVisibleItems(model.rowCount())   # as many as the screen has room for

    def show_key(self, key: str) -> None:
        """Show a preset without choosing it."""
        self.setCurrentIndex(self.findData(key))

    def wheelEvent(self, event: object) -> None:
        """The wheel belongs to the panel; a preset is too much to change by accident."""
        event.ignore()  # type: ignore[attr-defined]


class SetupPanel(QWidget):
    """Everything that defines the simulation, in one scrolling column."""

    preset_chosen = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("help_at", "index#How to work with it")
        self._preset: object = None     # the one that chooser and description tell of
        self.chooser = PresetChooser(self)
        self.chooser.chosen.connect(self.preset_chosen)
        self._description = Said(self)
        self._description.setProperty("muted", True)
        self._description.setWordWrap(True)
        self._description.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        self._state = QLabel(self)
        self._state.setProperty("muted", True)
        self._reset = QPushButton("Reset all", self)
        self._reset.clicked.connect(lambda: session.use_setup(session.preset.setup, "Reset to the preset"))
        self._diagram_place = QVBoxLayout()
        self.forms = [ParameterForm(session, path, title, self, opened, _NESTED.get(path))
                      for path, title, opened in GROUPS]
        self._build()
        session.setup_changed.connect(lambda _: self.refresh())
        self.refresh()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._state, 1)
        head.addWidget(self._reset)
        column = QWidget(self)
        inside = QVBoxLayout(column)
        inside.setContentsMargins(10, 2, 8, 10)
        inside.setSpacing(4)
        for form in self.forms:
            inside.addWidget(form)
            line = QFrame(column)
            line.setProperty("line", True)
            inside.addWidget(line)
        inside.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(column)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        above = QWidget(self)
        above.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        top = QVBoxLayout(above)
        top.setContentsMargins(10, 6, 10, 0)
        top.setSpacing(6)
        top.addWidget(self.chooser)
        top.addWidget(self._description)
        top.addLayout(head)
        top.addLayout(self._diagram_place)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(above)
        layout.addWidget(scroll, 1)
        self._scroll = scroll
        self._take_width()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._take_width)    # when the fields have taken the new font too

    def _take_width(self) -> None:
        """Room for the fields in a larger text."""
        if self.font().pointSizeF() > _LARGE:
            bar = self._scroll.verticalScrollBar().sizeHint().width()
            self._scroll.setMinimumWidth(self._scroll.widget().minimumSizeHint().width() + bar)
        else:
            self._scroll.setMinimumWidth(0)

    def place_diagram(self, diagram: QWidget) -> None:
        """Put the band diagram above the form."""
        self._diagram_place.addWidget(diagram)

    def refresh(self) -> None:
        """Show the session's setup; the widgets' own signals stay silent meanwhile."""
        preset = self._session.preset
        self.chooser.show_key(preset.key)
        if preset is not self._preset:      # not at every move of a slider
            self._preset = preset
            set_tip(self.chooser, preset.tooltip)
            self._description.setText(rich_symbol(preset.description))
            self._description.setVisible(bool(preset.description))
        count = len(differences(self._session.setup, preset.setup))
        self._state.setText(f"{count} value{'s' if count != 1 else ''} changed" if count else "as the preset")
        restyle(self._state, "changed", bool(count))
        self._reset.setEnabled(bool(count))
        for form in self.forms:
            form.refresh()

    def show_error(self, error: ParameterError) -> bool:
        """Mark the field that an error names; False if the form does not have it."""
        for form in self.forms:
            if form.has(error.field):
                form.build()
            for path in form.rows:
                if path == error.field or path.endswith(f".{error.field}"):
                    form.show_error(path, error.reason)
                    self._scroll.ensureWidgetVisible(form.rows[path].field)
                    return True
        return False
