"""Long work off the GUI thread: coordinators on one QThreadPool, their news as queued signals.

A coordinator waits on smtj_engine.scale.executor, which runs the tiles. Every signal is sent on the GUI thread
and lives on the runner, because a job may end before its last signal is delivered.
"""

from __future__ import annotations

import itertools
import threading
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, QThreadPool, Signal, Slot

from smtj_engine.files.errors import FileError
from smtj_engine.monitor import Cancelled, Monitor

if TYPE_CHECKING:
    from smtj_engine.results import Result

#: Coordinators mostly wait, so there may be more of them than processors need.
COORDINATORS = 3
#: The shortest time (s) between two reports of a job: 30 Hz.
_INTERVAL = 1 / 30


class _Job:
    """One piece of work, and the monitor that its engine function calls."""

    def __init__(self, number: int, slot: str, title: str, call: Callable[[Monitor], Result],
                 post: Callable[[str, _Job, Any], None]) -> None:
        self.number, self.slot, self.title = number, slot, title
        self.wanted = True
        self.started = 0.0          # time.monotonic() of the first moment of work, 0 while queued
        self.fraction, self.note = 0.0, ""
        self.partial: Result | None = None
        self._call, self._post = call, post
        self._newest: Result | None = None
        self._told = 0.0
        self._telling = threading.Event()   # a report is on its way and not yet read

    def __call__(self) -> None:
        """In a coordinator: do the work and post how it ended; nothing may escape from here."""
        if not self.wanted:
            self._post("cancelled", self, None)
            return
        self.started = time.monotonic()
        self._post("started", self, None)
        try:
            answer = self._call(self.monitor)
        except Cancelled as cancelled:
            self._post("cancelled", self, cancelled.partial or self._newest)
        except Exception as error:  # whatever it was, the window must hear of it
            self._post("failed", self, (plain(error), traceback.format_exc()))
        else:
            self._post("finished", self, answer)

    def monitor(self, fraction: float, note: str = "", partial: Result | None = None) -> None:
        """The engine's Monitor: cancels, and reports at most 30 times a second, the newest only."""
        self._newest = partial or self._newest
        if not self.wanted:
            raise Cancelled(self._newest)
        now = time.monotonic()
        self.fraction, self.note, self.partial = fraction, note, partial or self.partial
        if now - self._told >= _INTERVAL and not self._telling.is_set():
            self._told = now
            self._telling.set()
            self._post("progress", self, None)

    def read(self) -> tuple[float, str, Result | None]:
        """On the GUI thread: the newest report; the next one may come."""
        partial, self.partial = self.partial, None
        self._telling.clear()
        return self.fraction, self.note, partial

    def time_left(self) -> float | None:
        """Seconds to go, from the fraction done; None while that says nothing."""
        elapsed = time.monotonic() - self.started
        if not self.started or self.fraction < 0.02 or elapsed < 0.3:
            return None
        return elapsed * (1 - self.fraction) / self.fraction


class JobRunner(QObject):
    """Runs engine calls in coordinator threads; all signals come on the thread that made the runner."""

    started = Signal(int, object)           # job, title
    progress = Signal(int, float, str)      # job, fraction, note
    partial = Signal(int, object)           # job, Result
    finished = Signal(int, object)          # job, Result
    failed = Signal(int, str, str)          # job, message, details
    cancelled = Signal(int, object)         # job, Result or None
    ended = Signal(int)                     # job; after finished, failed or cancelled
    _news = Signal(str, object, object)

    def __init__(self, parent: QObject | None = None, coordinators: int = COORDINATORS) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(coordinators)  # with one, jobs run in their order
        self._numbers = itertools.count(1)
        self._jobs: dict[int, _Job] = {}
        self._news.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def submit(self, slot: str, call: Callable[[Monitor], Result], title: str = "") -> int:
        """Queue call(monitor) and return the job's number."""
        job = _Job(next(self._numbers), slot, title or slot, call, self._news.emit)
        self._jobs[job.number] = job
        self._pool.start(job)
        return job.number

    def active(self) -> list[int]:
        """The jobs that have not ended, oldest first."""
        return list(self._jobs)

    def title(self, job: int) -> str:
        """What a job is called, "" once it has ended."""
        return self._jobs[job].title if job in self._jobs else ""

    def wanted(self, job: int) -> bool:
        """Whether a job is under way and was not asked to stop."""
        return job in self._jobs and self._jobs[job].wanted

    def fraction(self, job: int) -> float:
        """How far a job is, from 0 to 1."""
        return self._jobs[job].fraction if job in self._jobs else 0.0

    def seconds(self, job: int) -> float:
        """How long a job has been working."""
        started = self._jobs[job].started if job in self._jobs else 0.0
        return time.monotonic() - started if started else 0.0

    def time_left(self, job: int) -> float | None:
        """Seconds that a job still needs, None if unknown."""
        return self._jobs[job].time_left() if job in self._jobs else None

    def cancel(self, job: int) -> None:
        """Ask a job to stop; `cancelled` follows when it has."""
        if job in self._jobs:
            self._jobs[job].wanted = False

    def cancel_all(self) -> None:
        """Ask every job to stop."""
        for job in self.active():
            self.cancel(job)

    def finish(self) -> None:
        """Wait until everything is done, and tell of it, before this returns."""
        self._pool.waitForDone()
        QCoreApplication.sendPostedEvents(self)

    def shutdown(self) -> None:
        """Stop everything and wait for the threads; no signal comes afterwards."""
        self.cancel_all()
        self._jobs.clear()
        self._pool.waitForDone()

    @Slot(str, object, object)
    def _tell(self, what: str, job: _Job, content: Any) -> None:
        number = job.number
        if number not in self._jobs:
            return  # a late answer
        if what == "started":
            self.started.emit(number, job.title)
        elif what == "progress":
            fraction, note, partial = job.read()
            self.progress.emit(number, fraction, note)
            if partial is not None:
                self.partial.emit(number, partial)
        else:
            if what == "failed":
                self.failed.emit(number, *content)
            elif not job.wanted:  # it may have finished before it noticed
                self.cancelled.emit(number, content)
            else:
                getattr(self, what).emit(number, content)
            self._jobs.pop(number, None)
            self.ended.emit(number)


def plain(error: BaseException, what: str = "The calculation failed") -> str:
    """One sentence for the user; a ParameterError and a FileError have written their own."""
    text = str(error).strip()
    if isinstance(error, MemoryError):
        return "There is not enough memory for this calculation."
    if isinstance(error, ValueError | OSError | FileError) and text:
        return text
    return f"{what}: {text or type(error).__name__}"
