"""Beside the sphere: cameras, what the marks mean, the torque in both readings, the closed form's answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from smtj_engine.parameters import Drive
from smtj_gui.number_widgets import Said
from smtj_gui.views.labels import number
from smtj_gui.views.sphere_marks import energy_colours, paint_mark, trail_colour
from smtj_gui.views.sphere_scene import PRESETS

if TYPE_CHECKING:
    from smtj_gui.look import Theme

READING = "the Letter's axis if its values carry a factor 2π: a reading, not a fact"
_TIPS = {"x": "Look along x", "y": "Look along y", "z": "Look along z, from above",
         "iso": "Look at all three axes"}


class SphereKey(QWidget):
    """A narrow column; it asks for cameras and files, and shows what it is told."""

    camera_wanted = Signal(str)
    follow_changed = Signal(bool)
    file_wanted = Signal(str)       # the name of an action

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QToolButton] = {}
        self.key = _Key(self)
        self.torque, self.theory = _text(self), _text(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 2, 2, 2)
        column.setSpacing(8)
        column.addLayout(self._cameras())
        column.addWidget(self._words(), 1)
        column.addWidget(self._save(), 0, Qt.AlignmentFlag.AlignLeft)
        self._take_width()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._take_width)    # when the buttons have taken the new font too

    def _take_width(self) -> None:
        """As wide as the key and the row of buttons need in this text."""
        buttons = [*self.buttons.values(), self.follow]
        for button in buttons:
            button.setMinimumWidth(max(28, button.sizeHint().width()))
        row = sum(button.minimumWidth() + 2 for button in buttons)
        self.setFixedWidth(max(218, self.key.sizeHint().width() + 28, row + 14))

    def _words(self) -> QScrollArea:
        """Key, torque and closed form, which scroll where a large text leaves them no room."""
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.key, self.torque, self.theory):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        return scroll

    def _cameras(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for name in PRESETS:
            button = self.buttons[name] = QToolButton(self)
            button.setText(name)
            button.setToolTip(_TIPS[name])
            button.setAccessibleName(_TIPS[name])
            button.clicked.connect(lambda _=False, name=name: self.camera_wanted.emit(name))
            row.addWidget(button)
        self.follow = QToolButton(self)
        self.follow.setText("follow m")
        self.follow.setCheckable(True)
        self.follow.setToolTip("Turn with m: the sphere turns under it")
        self.follow.toggled.connect(self.follow_changed)
        row.addWidget(self.follow)
        row.addStretch(1)
        return row

    def _save(self) -> QPushButton:
        button = QPushButton("Save picture", self)
        button.setToolTip("Save the sphere as a picture, or the precession as an animation")
        menu = QMenu(button)
        menu.addAction("Sphere as PNG…", lambda: self.file_wanted.emit("export_sphere"))
        menu.addAction("Precession as GIF…", lambda: self.file_wanted.emit("export_animation"))
        button.setMenu(menu)
        self.save = button
        return button

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self.key.set_theme(theme)

    def show_drive(self, drive: Drive) -> None:
        """The torque in both readings."""
        if drive.law == "transport":
            text = "<b>Torque</b> from the junction at its bias"
        elif drive.law == "field":
            text = f"<b>Field along y</b>: τ∥ = {number(drive.tau_par, 4)} M<sub>s</sub>, no torque"
        else:
            text = f"<b>τ∥</b> = {number(drive.tau_par, 4)} (as used)"
        if drive.law == "cosine":
            text += f"<br><b>2π τ∥</b> = {number(2 * math.pi * drive.tau_par, 4)} ({READING})"
        self.torque.setText(text)

    def show_theory(self, frequency: float, reason: str) -> None:
        """The closed form's frequency in GHz, or why there is none."""
        if reason:
            text = f"<b>Closed form</b>: none. {reason}"
        elif math.isfinite(frequency):
            text = f"<b>Closed form</b>: f = {number(frequency, 4)} GHz; R at {number(2 * frequency, 4)} GHz"
        else:
            text = "<b>Closed form</b>: no precession at this τ∥"
        self.theory.setText(text)


def _text(parent: QWidget) -> QLabel:
    label = Said(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setProperty("muted", True)
    return label


class _Key(QWidget):
    """Samples of what is drawn on the sphere, with their names."""

    _ROWS = (("trail", "m and its trail"), ("cycle", "predicted limit cycle"), ("stable", "stable"),
             ("saddle", "saddle"), ("unstable", "unstable"), ("energy", "energy, low to high"))

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme | None = None
        self.setAccessibleName("Key: " + ", ".join(text for _, text in self._ROWS))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        cycle, energy = (metrics.horizontalAdvance(self._ROWS[at][1]) for at in (1, 5))
        wide = max(32 + cycle, 40 + energy)
        return QSize(max(180, self._marks()[3], wide + 14), 4 * self._line())

    def _marks(self) -> tuple[float, float, float, int]:
        """Where the samples of one row begin, and where it ends."""
        x, starts = 4.0, []
        for _, text in self._ROWS[2:5]:
            starts.append(x)
            x += max(62, 16 + self.fontMetrics().horizontalAdvance(text) + 10)
        return starts[0], starts[1], starts[2], round(x)

    def _line(self) -> int:
        return self.fontMetrics().height() + 5

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self.theme = theme
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        if self.theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line, x = self._line(), 4.0
        marks = self._marks()
        places = [(x, 0), (x, 1), (marks[0], 2), (marks[1], 2), (marks[2], 2), (x, 3)]
        for (what, text), (left, row) in zip(self._ROWS, places, strict=True):
            middle = row * line + line / 2
            wide = self._sample(painter, what, left, middle, self.theme)
            painter.setPen(QPen(self.palette().windowText().color()))
            painter.drawText(QRectF(left + wide + 5, row * line, 200, line), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()

    def _sample(self, painter: QPainter, what: str, x: float, y: float, theme: Theme) -> float:
        """One sample; returns its width."""
        if what in ("stable", "saddle", "unstable"):
            paint_mark(painter, QPointF(x + 5, y), what, theme)
            return 11
        if what == "energy":
            shade = QLinearGradient(x, y, x + 40, y)
            table = energy_colours(theme)
            for at in range(0, 256, 51):
                red, green, blue = (int(part) for part in table[at])
                shade.setColorAt(at / 255, QColor(red, green, blue))
            painter.fillRect(QRectF(x, y - 5, 40, 10), shade)
            return 40
        colour = trail_colour(theme) if what == "trail" else theme.foreground
        pen = QPen(QColor(colour), 1.8)
        if what == "cycle":
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([4, 2.4])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, y), QPointF(x + 26, y))
        if what == "trail":
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QPointF(x + 26, y), 4, 4)
        return 32
