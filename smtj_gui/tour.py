"""A tour of the window: a few words beside each part of it, one after the other; nothing of it blocks the work."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from smtj_gui.main_window import MainWindow

#: The settings' name of "the tour was shown".
SEEN = "toured"
#: Set to "off", this keeps the tour from coming by itself: for tests, benchmarks and screenshots.
SWITCH = "SMTJ_TOUR"
#: The tour comes this long (ms) after the first curve.
_LATER = 1200
_WIDTH, _GAP = 340, 12


@dataclass(frozen=True)
class Step:
    """One part of the window, and what is told of it."""

    title: str
    words: str
    target: Callable[[], QWidget]


def steps(window: MainWindow) -> tuple[Step, ...]:
    """The parts of the window in the order of a first visit."""
    return (
        Step("Setup", "Start from a preset at the top: a material, or a figure of the Letter. Then drag a slider "
             "or type a number: the curves follow. Ctrl+Z undoes every change, F1 explains the field under the "
             "cursor.", lambda: window.setup_panel),
        Step("Views", "Each tab is another picture of the same setup: curves against the angle and the bias, the "
             "precession on its sphere, the stability diagram, and your measured data beside the model.",
             lambda: window.tabs.tabBar()),
        Step("Keep a run", "F5 keeps the present curves as a run, at full accuracy.",
             lambda: window.tabs.cornerWidget()),
        Step("Runs", "Kept runs stay on the plots for comparison. Shift+F5 steps a parameter over a list of "
             "values. Each finished run is on disk at once: a crash loses nothing.", lambda: window.runs_panel),
        Step("Stop", "What is being calculated stands here, with the time left. Esc stops it, at any time.",
             window.statusBar),
        Step("Find anything", "Ctrl+K finds every action by a few letters of its name, and the menus have the "
             "same with their keys. This tour is in the Help menu.", window.menuBar),
    )


class Tour(QFrame):
    """The card with the words, and a frame around what they are about."""

    ended = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._steps, self._at = window, steps(window), 0
        self.setProperty("card", True)
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._frame = QFrame(window)
        self._frame.setObjectName("tourframe")
        self._frame.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._build()
        window.installEventFilter(self)
        self._go(0)

    def _build(self) -> None:
        self.title, self.words, self.count = QLabel(self), QLabel(self), QLabel(self)
        self.title.setProperty("title", True)
        self.words.setWordWrap(True)
        self.count.setProperty("muted", True)
        self.back, self.skip, self.next = (QPushButton(text, self) for text in ("&Back", "S&kip", "&Next"))
        self.next.setProperty("primary", True)
        for button, call in ((self.back, lambda: self._go(self._at - 1)), (self.skip, self.end),
                             (self.next, lambda: self._go(self._at + 1))):
            button.clicked.connect(lambda _=False, call=call: call())
        row = QHBoxLayout()
        row.addWidget(self.count)
        row.addStretch(1)
        for button in (self.skip, self.back, self.next):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(10)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addLayout(row)
        QWidget.setTabOrder(self.next, self.back)
        QWidget.setTabOrder(self.back, self.skip)

    @property
    def step(self) -> Step:
        """The part that is shown."""
        return self._steps[self._at]

    def _go(self, at: int) -> None:
        if at >= len(self._steps):
            self.end()
            return
        self._at = max(0, at)
        self.title.setText(self.step.title)
        self.words.setText(self.step.words)
        self.count.setText(f"{self._at + 1} of {len(self._steps)}")
        self.back.setEnabled(self._at > 0)
        last = self._at == len(self._steps) - 1
        self.next.setText("Do&ne" if last else "&Next")
        self.skip.setVisible(not last)
        self.setAccessibleName(f"Tour, {self.count.text()}: {self.step.title}")
        self.setAccessibleDescription(self.step.words)
        self._place()
        self._frame.show()
        self.show()
        self._frame.raise_()
        self.raise_()

    def _place(self) -> None:
        """Beside the target where there is room, else over it."""
        wide = max(_WIDTH, 46 * self.fontMetrics().averageCharWidth())
        self.setFixedSize(wide, self.layout().heightForWidth(wide - 2) + 4)
        target, room = self.step.target(), self._window.rect()
        if not target.isVisible():
            self._frame.setGeometry(QRect())
            self.move(room.center() - self.rect().center())
            return
        around = QRect(target.mapTo(self._window, QPoint()), target.size())
        colour = self._window.theme.accent
        self._frame.setStyleSheet(f"#tourframe {{ border: 2px solid {colour}; border-radius: 4px; }}")
        self._frame.setGeometry(around.adjusted(-2, -2, 2, 2).intersected(room))
        self.move(self._corner(around, room.adjusted(_GAP, _GAP, -_GAP, -_GAP)))

    def _corner(self, around: QRect, room: QRect) -> QPoint:
        """Where the card's corner goes: right of, left of, below or above the target, wherever it fits."""
        high, left = around.top() + 40, around.left() + 20
        beside = [(around.right() + _GAP, high), (around.left() - _GAP - self.width(), high)]
        over = [(left, around.bottom() + _GAP), (left, around.top() - _GAP - self.height())]
        wishes = over + beside if around.height() < self.height() else beside + over
        for x, y in wishes:
            place = QRect(QPoint(min(max(x, room.left()), room.right() - self.width()),
                                 min(max(y, room.top()), room.bottom() - self.height())), self.size())
            if not place.intersects(around):
                return place.topLeft()
        return room.center() - self.rect().center()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            QTimer.singleShot(0, self, self._place)     # when the parts have found their places
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1, Qt.Key.Key_Left: -1}
        if event.key() in steps:
            self._go(self._at + steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Esc ends the tour while it has the focus; elsewhere it stops the calculation."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.end()
                return True
        return super().event(event)

    def end(self) -> None:
        """Take everything away."""
        self._window.removeEventFilter(self)
        self._frame.hide()
        self._frame.deleteLater()
        self.hide()
        self.deleteLater()
        self.ended.emit()


def is_due(settings: QSettings) -> bool:
    """Whether the tour is to come by itself: once, and not in the way of a question."""
    return (not settings.contains(SEEN) and os.environ.get(SWITCH) != "off"
            and QApplication.activeModalWidget() is None)


def offer(window: MainWindow, settings: QSettings, show: Callable[[], object]) -> None:
    """Show the tour a moment after the first curve of the first start; it leaves the focus where it is."""
    if settings.contains(SEEN):
        return

    def begin() -> None:
        if window.isVisible() and is_due(settings):
            settings.setValue(SEEN, True)
            show()

    window.conductor.live.connect(lambda *_: QTimer.singleShot(_LATER, window, begin),
                                  Qt.ConnectionType.SingleShotConnection)
