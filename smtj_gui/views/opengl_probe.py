"""Finds out in a child process whether OpenGL works: without it a GL widget floods the log and stays blank."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QObject, QProcess, QTimer, Signal
from PySide6.QtGui import QGuiApplication

#: SMTJ_3D=painter keeps OpenGL out, SMTJ_3D=opengl takes it without a question.
CHOICE = "SMTJ_3D"
#: ms; a driver that has not answered by then is not waited for.
PATIENCE = 15_000
#: Parts of the names of drivers that draw without a graphics card.
_BY_PROCESSOR = ("llvmpipe", "softpipe", "swrast", "software", "swiftshader", "gdi generic", "basic render")
_TRIAL = """
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
application = QGuiApplication([])
surface, context = QOffscreenSurface(), QOpenGLContext()
surface.create()
if context.create() and context.makeCurrent(surface):
    version, functions = context.format().version(), context.functions()
    if version >= (2, 1) and functions.glGetString(0x1F02):
        print("works on", functions.glGetString(0x1F01))
"""


class OpenGLProbe(QObject):
    """`answered(works, reason)` comes once, at the earliest from the event loop; the answer is kept."""

    answered = Signal(bool, str)

    def __init__(self, parent: QObject | None = None, command: tuple[str, ...] = ("-c", _TRIAL),
                 patience: int = PATIENCE) -> None:
        super().__init__(parent)
        self._command = command
        self._process: QProcess | None = None
        self._limit = QTimer(self, singleShot=True, interval=patience)
        self._limit.timeout.connect(lambda: self._answer(False, "OpenGL did not answer"))
        self.works: bool | None = None
        self.hardware = False   # drawn by a graphics card: smoother edges cost nothing
        self.reason = ""

    def start(self) -> None:
        """Ask, unless the environment decides."""
        if self._process is not None or self.works is not None:
            return
        choice = os.environ.get(CHOICE, "").strip().lower()
        if choice in ("painter", "opengl"):
            QTimer.singleShot(0, self, lambda: self._answer(choice == "opengl", f"chosen by {CHOICE}"))
            return
        if QGuiApplication.platformName() in ("offscreen", "minimal"):
            QTimer.singleShot(0, self, lambda: self._answer(False, "this display has no OpenGL"))
            return
        process = self._process = QProcess(self)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._error)
        self._limit.start()
        process.start(sys.executable, list(self._command))

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        assert self._process is not None
        said = bytes(self._process.readAllStandardOutput().data()).decode(errors="replace")
        works = status == QProcess.ExitStatus.NormalExit and code == 0 and "works" in said
        self.hardware = works and not any(name in said.lower() for name in _BY_PROCESSOR)
        self._answer(works, "" if works else "OpenGL is not available")

    def _error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._answer(False, "OpenGL could not be tried")

    def _answer(self, works: bool, reason: str) -> None:
        if self.works is not None:
            return
        self.works, self.reason = works, reason
        self._limit.stop()
        self.stop()
        self.answered.emit(works, reason)

    def stop(self) -> None:
        """End the child."""
        if self._process is not None and self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(2000)
