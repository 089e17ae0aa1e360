"""The status bar's account of running work: what, how far, how long still, and a button that stops it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from smtj_gui.jobs import JobRunner
from smtj_gui.number_widgets import Said

#: Work shorter than this (ms) is not mentioned, so that live curves do not flicker in the status bar.
_SILENT = 300


def time_text(seconds: float) -> str:
    """A duration in words: 20 ms, 0.4 s, 12 s, 3 min 20 s."""
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


class Activity(QWidget):
    """Shows the oldest running job of a runner."""

    stop = Signal()

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._words = Said(self)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(150)
        self._bar.setAccessibleName("Progress")
        self._stop = QPushButton("Stop", self)
        self._stop.setToolTip("Stop the calculation (Esc)")
        self._stop.clicked.connect(self.stop)
        policy = self._stop.sizePolicy()    # else all of the window is laid out and painted anew when it comes
        policy.setRetainSizeWhenHidden(True)
        self._stop.setSizePolicy(policy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(10)
        for widget in (self._words, self._bar, self._stop):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_SILENT)
        self._wait.timeout.connect(self._show)
        self._idle = "Ready"
        runner.started.connect(lambda *_: self._begin())
        runner.progress.connect(self._progress)
        runner.ended.connect(lambda _: self._end())
        self._rest()

    def say(self, text: str) -> None:
        """What the bar says while nothing runs."""
        self._idle = text
        if self._bar.isHidden():
            self._rest()

    def text(self) -> str:
        """What the bar says."""
        return self._words.text()

    def _begin(self) -> None:
        if self._bar.isHidden() and not self._wait.isActive():
            self._wait.start()

    def _show(self) -> None:
        if self._runner.active():
            self._bar.setValue(0)
            self._bar.show()
            self._stop.show()
            self._progress(self._runner.active()[0], 0.0, "")

    def _progress(self, job: int, fraction: float, note: str) -> None:
        if self._bar.isHidden() or job != self._runner.active()[0]:
            return
        left = self._runner.time_left(job)
        words = [f"Running: {self._runner.title(job)} {fraction:.0%}", note,
                 f"{time_text(left)} left" if left is not None else ""]
        self._words.setText(", ".join(filter(None, words)))
        self._bar.setValue(round(1000 * fraction))

    def _end(self) -> None:
        if not self._runner.active():
            self._wait.stop()
            self._rest()

    def _rest(self) -> None:
        self._bar.hide()
        self._stop.hide()
        self._words.setText(self._idle)
