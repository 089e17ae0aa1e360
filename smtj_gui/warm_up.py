"""Has the kernels compiled in a child process at the first start, so that the window stays responsive."""

from __future__ import annotations

import re
import sys

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from smtj_engine import warm

#: Shown in the views and in the status bar meanwhile.
NOTE = "Preparing the engine: compiling its kernels, once for this version…"


class WarmUp(QObject):
    """`done` comes when jobs may start, after a failed child too: the worker then compiles for itself.

    The child goes through the analyses one after the other and names each step ("6/40 Bias dependence"), so
    `prepared` can tell which analysis need not wait for the rest.
    """

    news = Signal(str)
    prepared = Signal(str)  # title of an analysis
    done = Signal()
    failed = Signal(str)    # the child's output

    def __init__(self, parent: QObject | None = None,
                 command: tuple[str, ...] = ("-m", "smtj_engine.warm")) -> None:
        super().__init__(parent)
        self._command = command
        self._output, self._line, self._title = "", "", ""
        self._process: QProcess | None = None

    def start(self) -> None:
        """Compile if need be."""
        if warm.is_warm():
            QTimer.singleShot(0, self.done.emit)
            return
        self.news.emit(NOTE)
        process = self._process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.readyRead.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._error)
        process.start(sys.executable, list(self._command))

    def _read(self) -> None:
        assert self._process is not None
        text = bytes(self._process.readAll().data()).decode(errors="replace")
        self._output += text
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._step(line.strip())

    def _step(self, line: str) -> None:
        found = re.search(r"(\d+/\d+) (.+)$", line)
        if found is None:
            return
        if self._title and self._title != found[2]:
            self.prepared.emit(self._title)
        self._title = found[2]
        self.news.emit(f"{NOTE}\n{found[0]}")

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if code or status != QProcess.ExitStatus.NormalExit:
            self.failed.emit(self._output)
        self.done.emit()

    def _error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.failed.emit(f"{sys.executable} could not be started")
            self.done.emit()

    def stop(self) -> None:
        """End the child; the window is closing."""
        if self._process is not None and self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(2000)
