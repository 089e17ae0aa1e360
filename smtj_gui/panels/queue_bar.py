"""The line under the runs that says how far the queue is, and holds it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from smtj_gui.look import set_icon
from smtj_gui.number_widgets import Said
from smtj_gui.panels.activity import time_text
from smtj_gui.run_queue import RunQueue


class QueueBar(QWidget):
    """Hidden while nothing waits and nothing is calculated."""

    def __init__(self, queue: RunQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._words = Said(self)
        self._words.setWordWrap(True)
        self._words.setAccessibleName("Queue")
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress of the queue")
        self.hold = QPushButton(self)
        self.hold.clicked.connect(self._toggle)
        row = QHBoxLayout()
        row.addWidget(self._words, 1)
        row.addWidget(self.hold)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self._bar)
        queue.changed.connect(self.refresh)
        self.refresh()

    def text(self) -> str:
        """What the line says."""
        return self._words.text()

    def refresh(self) -> None:
        """Show how far the queue is."""
        queue = self._queue
        done, of = queue.progress()
        left = queue.time_left()
        self.setVisible(bool(of) and (bool(queue.waiting) or bool(queue.running)))
        if not of:
            return
        words = [f"Queue: {done} of {of} done", "held" if queue.held else "",
                 f"{time_text(left)} left" if left is not None else ""]
        self._words.setText(", ".join(filter(None, words)))
        self._bar.setValue(round(1000 * (done + sum(map(queue.fraction, queue.running))) / of))
        text = "Go on" if queue.held else "Hold"
        if self.hold.text() != text:
            self.hold.setText(text)
            set_icon(self.hold, "ph.play" if queue.held else "ph.pause")
            self.hold.setToolTip("Calculate the runs that wait" if queue.held
                                 else "Finish the present run and start no other")

    def _toggle(self) -> None:
        if self._queue.held:
            self._queue.go_on()
        else:
            self._queue.hold()
