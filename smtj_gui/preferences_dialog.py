"""The dialog of preferences: every change is taken at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QHideEvent, QIcon, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from smtj_engine.scale import executor
from smtj_gui.cluster_test import ClusterTest
from smtj_gui.colours import SETS
from smtj_gui.look import restyle
from smtj_gui.number_widgets import NumberBox, in_tab_order
from smtj_gui.preferences import LARGEST, LONGEST, MODES, SHORTEST, SMALLEST, Preferences

_THEMES = dict(zip(MODES, ("Follow the system", "Light", "Dark"), strict=True))
_ADDRESSES = "tcp://host:8786, tls://host:8786 or local:4"
_INSTALL = "pip install 'smtj[cluster]'"


class Chooser(QComboBox):
    """A list of choices that the wheel does not change by accident."""

    def __init__(self, name: str, choices: dict[object, str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for value, text in choices.items():
            self.addItem(text, value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class PreferencesDialog(QDialog):
    """Shows the choices in force, and takes others."""

    def __init__(self, chosen: Preferences, parent: QWidget) -> None:
        super().__init__(parent)
        self._chosen = chosen
        self._names: list[QLabel] = []
        self.setWindowTitle("Preferences")
        self.setProperty("help_at", "index#Preferences")
        self._make_fields()
        self._build()
        self._tester = ClusterTest(self)
        self._tester.ended.connect(self._tell)
        for name, chooser in self.choosers.items():
            chooser.activated.connect(lambda at, name=name, of=chooser: chosen.choose(name, of.itemData(at)))
        self.decimal.toggled.connect(lambda on: chosen.choose("decimal_comma", on))
        self.autosave.toggled.connect(lambda on: chosen.choose("autosave", on))
        self.rest.valueChanged.connect(lambda seconds: chosen.choose("rest_s", seconds))
        self.address.editingFinished.connect(self._take_address)
        self.address.textEdited.connect(lambda _: self._say(""))
        self.test.clicked.connect(self._test)
        chosen.changed.connect(lambda _: self.refresh())
        self.refresh()

    def _make_fields(self) -> None:
        sizes: dict[object, str] = {0: "As the system has it"}
        sizes |= {size: f"{size} pt" for size in range(SMALLEST, LARGEST + 1)}
        most = executor.processors()
        counts: dict[object, str] = {0: f"All {most} processors" if most > 1 else "The processor"}
        counts |= {count: str(count) for count in range(1, most)}
        self.choosers = {
            "theme": Chooser("Theme", dict(_THEMES), self),
            "text_pt": Chooser("Size of the text", sizes, self),
            "colours": Chooser("Colours of curves", {name: each.title for name, each in SETS.items()}, self),
            "threads": Chooser("Threads", counts, self),
        }
        self.choosers["colours"].setToolTip(
            "Curves, and runs that are made from now on. The first two sets can be told apart with the usual\n"
            "kinds of colour blindness. Figures for print take them too, unless you choose others there.")
        self.choosers["threads"].setToolTip("How many processors a calculation may take")
        self.decimal = QCheckBox("Decimal comma", self)
        self.decimal.setToolTip("0,8 instead of 0.8 in fields, axes, read-outs, messages, and in tables\n"
                                "that are written or copied. What you type may have either sign in any case.\n"
                                "Figures for print, scripts and files for programs keep the point.")
        self.autosave = QCheckBox("Keep edits after", self)
        self.autosave.setToolTip("Without the mark edits are kept with the next finished run and on closing.\n"
                                 "Finished runs are kept at once in either case.")
        self.rest = NumberBox(self)
        self.rest.setAccessibleName("Seconds of rest after which edits are kept")
        self.rest.setRange(SHORTEST, LONGEST)
        self.rest.setDecimals(1)
        self.rest.setSuffix(" s of rest")
        self.rest.setButtonSymbols(NumberBox.ButtonSymbols.NoButtons)
        self.address = QLineEdit(self)
        self.address.setAccessibleName("Address of a Dask cluster")
        self.address.setPlaceholderText("empty: this machine")
        self.address.setToolTip(f"{_ADDRESSES}; needs the library Dask: {_INSTALL}")
        self.test = QPushButton("Test the connection", self)
        self.test.setAutoDefault(False)
        self.answer = _words(self)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(12)
        look, numbers, saving, computing = (self._group(column, title) for title in
                                            ("Appearance", "Numbers", "Saving", "Computing"))
        look.addRow(self._name("Theme"), self.choosers["theme"])
        look.addRow("Text", self.choosers["text_pt"])
        look.addRow("Curves", self.choosers["colours"])
        numbers.addRow(self._name(""), self.decimal)
        row = QHBoxLayout()
        row.addWidget(self.autosave)
        row.addWidget(self.rest)
        row.addStretch(1)
        saving.addRow(self._name(""), row)
        computing.addRow(self._name("Threads"), self.choosers["threads"])
        computing.addRow("", _words(self, "For calculations that begin from now on."))
        row = QHBoxLayout()
        row.addWidget(self.address, 1)
        row.addWidget(self.test)
        computing.addRow("Dask cluster", row)
        computing.addRow("", _words(self, "Runs of F5 and of the queue are sent there; curves that follow your "
                                          "edits stay on this machine. The numbers are the same."))
        computing.addRow("", self.answer)
        column.addStretch(1)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.RestoreDefaults | standard.Close, self)
        self.defaults = buttons.button(standard.RestoreDefaults)
        self.defaults.setText("Everything as at first")
        self.defaults.clicked.connect(self._chosen.reset)
        buttons.rejected.connect(self.close)
        for button in buttons.buttons():
            button.setAutoDefault(False)    # type: ignore[attr-defined]
        column.addWidget(buttons)
        *look_of, threads = self.choosers.values()
        in_tab_order([*look_of, self.decimal, self.autosave, self.rest, threads, self.address, self.test,
                      self.defaults, buttons.button(standard.Close)])
        self._size()

    def _group(self, column: QVBoxLayout, title: str) -> QFormLayout:
        box = QGroupBox(title, self)
        column.addWidget(box)
        form = QFormLayout(box)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        return form

    def _name(self, text: str) -> QLabel:
        """A label as wide as the widest, so that the fields of all groups stand in line."""
        label = QLabel(text, self)
        self._names.append(label)
        return label

    def _size(self) -> None:
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 88)
        for label in self._names:
            label.setMinimumWidth(self.fontMetrics().horizontalAdvance("Dask cluster"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size()

    def refresh(self) -> None:
        """Show what is in force."""
        chosen = self._chosen
        for name, chooser in self.choosers.items():
            at = chooser.findData(chosen[name])
            chooser.setCurrentIndex(max(at, 0))     # more threads than this machine has are all of them
        for field, value in ((self.decimal, chosen["decimal_comma"]), (self.autosave, chosen["autosave"])):
            with QSignalBlocker(field):
                field.setChecked(value)
        with QSignalBlocker(self.rest):
            self.rest.setValue(chosen["rest_s"])
        self.rest.setEnabled(chosen["autosave"])
        if not self.address.property("refused"):
            self.address.setText(chosen["cluster"])
        ground = self.palette().color(self.backgroundRole())
        for at, each in enumerate(SETS.values()):
            colours = each.dark if ground.lightness() < 128 else each.light
            self.choosers["colours"].setItemIcon(at, _stripes(colours))
        self.choosers["colours"].setIconSize(QSize(84, 12))

    # -- the cluster -----------------------------------------------------------------------------------

    def _take_address(self) -> bool:
        """Take the address that was typed, or say what is wrong with it."""
        try:
            self._chosen.choose("cluster", self.address.text().strip())
        except ValueError:
            restyle(self.address, "refused", True)
            self._say(f"This is no address of a cluster; there are {_ADDRESSES}.", "error")
            return False
        restyle(self.address, "refused", False)
        self.address.setText(self._chosen["cluster"])
        return True

    def _test(self) -> None:
        if not self._take_address():
            return
        if not self._chosen["cluster"]:
            self._say(f"Runs are worked out on this machine, by {executor.threads()} threads.")
            return
        self.test.setEnabled(False)
        self._say("Connecting…")
        self._tester.start(self._chosen["cluster"])

    def _tell(self, good: bool, words: str) -> None:
        self.test.setEnabled(True)
        self._say(words, "" if good else "error")

    def _say(self, words: str, kind: str = "") -> None:
        self.answer.setText(words)
        restyle(self.answer, "error", kind == "error")
        if not words:
            restyle(self.address, "refused", False)

    def hideEvent(self, event: QHideEvent) -> None:
        self._tester.stop()
        self.test.setEnabled(True)
        super().hideEvent(event)


def _words(parent: QWidget, text: str = "") -> QLabel:
    label = QLabel(text, parent)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setProperty("muted", True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _stripes(colours: tuple[str, ...]) -> QIcon:
    """The colours side by side."""
    pixmap = QPixmap(12 * len(colours), 12)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    for at, colour in enumerate(colours):
        painter.fillRect(12 * at, 1, 10, 10, QColor(colour))
    painter.end()
    return QIcon(pixmap)
