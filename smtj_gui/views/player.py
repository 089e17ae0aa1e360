"""The play head of a trajectory: play, pause, scrub, speed, length of the trail. It knows times only."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from smtj_gui import look
from smtj_gui.decimals import spelled
from smtj_gui.look import Theme
from smtj_gui.views.labels import number
from smtj_gui.views.words import Words

#: ms between two pictures while playing: 60 Hz.
FRAME = 16
#: ns of the trajectory in a second of the clock.
SPEEDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 200.0, 1000.0)
#: ns of the trail behind m.
TRAILS = (0.2, 0.5, 1.0, 2.0, 5.0, 20.0, float("inf"))
_STEPS = 10_000
#: A line of text this high (pixels) leaves no room for words beside the boxes.
_LARGE = 21
#: While playing, slider and words follow with every so many pictures only.
_TEXT_EVERY = 3


class Player(QWidget):
    """`moved` comes for every new position in ns, by the clock, the user or a shorter trajectory."""

    moved = Signal(float)
    changed = Signal()      # the trail's length

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.now, self.end, self._total = 0.0, 0.0, 1.0
        self._wanted = True     # to play, as soon as there is something to play and someone to see it
        self._frame = 0
        self._ended = False     # played to the end: the next trajectory plays from its beginning
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=FRAME, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.button = QToolButton(self)
        self.button.clicked.connect(self.toggle)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(_STEPS // 20)
        self.slider.setAccessibleName("Time shown")
        self.slider.setMinimumWidth(80)
        self.slider.valueChanged.connect(self._scrub)
        self.words = Words("Time shown", self)
        self.words.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.speeds = self._box("Speed", _speeds(), SPEEDS.index(1.0))
        self.trails = self._box("Trail behind m", _trails(), TRAILS.index(1.0))
        self.trails.currentIndexChanged.connect(lambda _: self.changed.emit())
        self._lay_out()
        self._show_state()
        self.set_total(1.0)

    def _box(self, name: str, texts: list[str], index: int) -> QComboBox:
        box = QComboBox(self)
        box.addItems(texts)
        box.setCurrentIndex(index)
        box.setAccessibleName(name)
        box.setToolTip(name)
        return box

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange:
            for box, texts in ((self.speeds, _speeds()), (self.trails, _trails())):
                for index, text in enumerate(texts):
                    box.setItemText(index, text)
        elif event.type() == QEvent.Type.FontChange:
            self._show_words()
            self._take_width()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.button)
        row.addWidget(self.slider, 1)
        row.addWidget(self.words)
        for text, box in (("speed", self.speeds), ("trail", self.trails)):
            label = QLabel(text, self)
            label.setProperty("muted", True)
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box)
        self._words_beside = [row.itemAt(at).widget() for at in (3, 5)]

    def _show_words(self) -> None:
        """The words beside the boxes, where the text leaves them room; the tool tips say the same."""
        for words in self._words_beside:
            words.setVisible(self.fontMetrics().height() < _LARGE and not self.trails.isHidden())

    def hide_trail(self) -> None:
        """For pictures without one."""
        self.trails.hide()
        self._show_words()

    # -- what is set -----------------------------------------------------------------------------------

    def set_total(self, total: float) -> None:
        """The whole length of the trajectory in ns, of which `end` may be a part while it is integrated."""
        self._total = max(total, 1e-9)
        self._take_width()
        self._show_time()

    def _take_width(self) -> None:
        """The same room for every time of this trajectory."""
        longest = _time(self._total)
        self.words.setFixedWidth(QFontMetrics(self.font()).horizontalAdvance(f"{longest} / {longest} ns") + 16)

    def set_end(self, end: float) -> None:
        """There is a trajectory up to this time; while it is integrated the clock may wait at its end."""
        self.end = end
        self._show()
        self._run()

    def begin_again(self) -> None:
        """Another trajectory: if the last one was played to its end, from the beginning, else on from here."""
        if self._ended:
            self._ended = False
            self.now = 0.0

    def go(self, now: float) -> None:
        """Show this time."""
        self.now = min(max(now, 0.0), self.end)
        self._show()

    def _show(self) -> None:
        self._show_time()
        self.moved.emit(min(self.now, self.end))

    @property
    def speed(self) -> float:
        """ns in a second."""
        return SPEEDS[self.speeds.currentIndex()]

    @property
    def trail(self) -> float:
        """ns."""
        return TRAILS[self.trails.currentIndex()]

    @property
    def playing(self) -> bool:
        """Whether the picture moves."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play or pause; at the end, play again from the beginning."""
        if self._wanted and (self.playing or self.end < self._total):
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Go on from here."""
        self._wanted, self._ended = True, False
        if self.end > 0 and self.now >= self.end:
            self.go(0.0)
        self._run()

    def pause(self) -> None:
        """Stop here."""
        self._wanted = False
        self._run()

    # -- the clock -------------------------------------------------------------------------------------

    def _run(self) -> None:
        """The timer runs only while there is something to play and the view is on screen."""
        on = self._wanted and self.isVisible() and self.end > 0 and self.now < self.end
        if on != self.playing:
            if on:
                self._clock.start()
                self._timer.start()
            else:
                self._timer.stop()
        self._show_state()

    def _tick(self) -> None:
        passed = min(self._clock.restart() / 1000, 0.25)    # after a stall go on, do not jump
        self.now = min(self.now + passed * self.speed, self.end)
        self._frame = (self._frame + 1) % _TEXT_EVERY
        if not self._frame or self.now >= self.end:
            self._show_time()
        self.moved.emit(self.now)
        if self.now >= self.end:
            self._ended = self.end >= self._total
            self._run()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._run()

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._run()

    # -- what is shown ---------------------------------------------------------------------------------

    def _scrub(self, value: int) -> None:
        """The user has moved the slider."""
        self.scrub(value / _STEPS * self._total)

    def scrub(self, now: float) -> None:
        """The user wants to see this time; a playing clock goes on from it."""
        self._ended = False
        self.go(now)
        self._run()

    def _show_time(self) -> None:
        now = min(self.now, self.end)
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(_STEPS * now / self._total))
        self.words.setText(f"{_time(now)} / {_time(self._total)} ns")

    def _show_state(self) -> None:
        on = self._wanted and (self.playing or self.end < self._total)
        icon, name = ("ph.pause", "Pause") if on else ("ph.play", "Play")
        if self.button.accessibleName() != name:
            self.button.setAccessibleName(name)
            self.button.setToolTip(f"{name} (Space)")
            look.set_icon(self.button, icon)
            if self._theme is not None:
                look.tint(self, self._theme)

    _theme: Theme | None = None

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self._theme = theme
        self.words.set_theme(theme)
        look.tint(self, theme)


def _speeds() -> list[str]:
    return [spelled(f"{speed:g} ns/s") for speed in SPEEDS]


def _trails() -> list[str]:
    return ["all" if trail == TRAILS[-1] else spelled(f"{trail:g} ns") for trail in TRAILS]


def _time(value: float) -> str:
    """A time with two decimals, or four digits for a short trajectory."""
    return f"{value:.2f}" if value >= 1 or value == 0 else number(value, 3)
