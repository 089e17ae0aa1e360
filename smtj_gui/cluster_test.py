"""Tries the address of a cluster in a child process: whatever answers there, or does not, disturbs nobody."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

#: The child is given so long (ms); it gives up by itself earlier where nobody answers.
LIMIT = 40_000


class ClusterTest(QObject):
    """One test at a time."""

    ended = Signal(bool, str)   # whether runs can be sent there, and what there is or why not

    def __init__(self, parent: QObject | None = None, command: tuple[str, ...] = ("-m", "smtj_engine.scale"),
                 limit: int = LIMIT) -> None:
        super().__init__(parent)
        self._command = command
        self._wanted = False
        self._process = QProcess(self)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.setInterval(limit)
        self._limit.timeout.connect(self._late)

    def start(self, address: str) -> None:
        """Try an address; `ended` follows."""
        self.stop()
        self._wanted = True
        self._process.start(sys.executable, [*self._command, address])
        self._limit.start()

    def stop(self) -> None:
        """Nobody wants the answer any more."""
        self._wanted = False
        self._limit.stop()
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(2000)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        said = bytes(self._process.readAllStandardOutput().data()).decode(errors="replace").strip()
        error = bytes(self._process.readAllStandardError().data()).decode(errors="replace").strip()
        good = code == 0 and status == QProcess.ExitStatus.NormalExit
        self._answer(good, said or error.rpartition("\n")[2] or "the test ended without a word")

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._answer(False, f"{sys.executable} could not be started")

    def _late(self) -> None:
        self.stop()
        self._wanted = True
        self._answer(False, f"no answer within {self._limit.interval() / 1000:g} s")

    def _answer(self, good: bool, words: str) -> None:
        if self._wanted:
            self._wanted = False
            self._limit.stop()
            self.ended.emit(good, f"{words[:1].upper()}{words[1:].rstrip('.')}.")
