"""Calculates the queued runs of the session one after the other, in the order in which they stand there.

The queue is the session's runs in the state "queued" and nothing else, so that what waits is saved with the
session; the calculating is the conductor's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from smtj_gui.jobs import JobRunner
from smtj_gui.session import Run, Session

if TYPE_CHECKING:
    from smtj_gui.conductor import Conductor

#: Whether the engine is ready is looked at again after this (ms).
_WAIT = 300
#: The time left is judged by so many of the last runs of the same kind.
_LAST = 5


class RunQueue(QObject):
    """Starts, holds, cancels and resumes runs."""

    changed = Signal()          # held, or how far it is
    emptied = Signal(int)       # runs that were finished since it was last empty

    def __init__(self, session: Session, conductor: Conductor, runner: JobRunner,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._conductor, self._runner = session, conductor, runner
        self.held = False
        self._mine: list[Run] = []      # what the queue has had to do since it was last empty
        self._busy = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._go_on)
        session.runs_changed.connect(self._go_on)
        runner.progress.connect(lambda job, *_: self._on_progress(job))

    # -- what it knows ---------------------------------------------------------------------------------

    @property
    def waiting(self) -> list[Run]:
        """The runs that wait, next first."""
        return [run for run in self._session.runs if run.state == "queued"]

    @property
    def running(self) -> list[Run]:
        """The runs that are being calculated, those of F5 too."""
        return [run for run in self._session.runs if run.state == "running"]

    def progress(self) -> tuple[int, int]:
        """How many runs have ended since the queue was last empty, and of how many."""
        runs = set(map(id, self._session.runs))     # some may have been deleted
        mine = [run for run in self._mine if id(run) in runs]
        return sum(run.ended for run in mine), len(mine)

    def fraction(self, run: Run) -> float:
        """How far a running run is."""
        job = self._conductor.job_of(run)
        return self._runner.fraction(job) if job is not None else 0.0

    def time_left(self) -> float | None:
        """Seconds until everything is calculated, None if that is not known yet."""
        waits = Counter(run.kind for run in self.waiting)
        usual = {kind: self.usual(kind) for kind in {*waits, *(run.kind for run in self.running)}}
        parts = [self._rest(run, usual[run.kind]) for run in self.running]
        for kind, count in waits.items():
            one = usual[kind]
            parts.append(None if one is None else count * one)
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    def _rest(self, run: Run, usual: float | None) -> float | None:
        """Seconds that a running run still needs."""
        job = self._conductor.job_of(run)
        left = self._runner.time_left(job) if job is not None else None
        if left is not None or job is None or usual is None:
            return left
        return max(0.0, usual - self._runner.seconds(job))

    def usual(self, kind: str) -> float | None:
        """How long (s) a run of this kind took lately, None if there was none."""
        took = [run.seconds for run in self._session.runs if run.kind == kind and run.state == "finished"
                and run.seconds][-_LAST:]
        return sum(took) / len(took) if took else None

    # -- what it is asked ------------------------------------------------------------------------------

    def hold(self) -> None:
        """Start nothing more until `go_on`."""
        if self.waiting and not self.held:
            self.held = True
            self.changed.emit()

    def go_on(self) -> None:
        """Start again after `hold`."""
        self.held = False
        self._go_on()
        self.changed.emit()

    def cancel(self, runs: Iterable[Run]) -> None:
        """Stop these runs, or take them out of the queue; `resume` takes them up again."""
        for run in list(runs):
            if run.state == "running":
                self._conductor.cancel(run)
            elif run.state == "queued":
                self._session.update(run, state="cancelled")

    def resume(self, runs: Iterable[Run]) -> None:
        """Put runs that were cancelled or failed back into the queue, and let it go on."""
        self._session.requeue([run for run in runs if run.state in ("cancelled", "failed")])
        self.go_on()

    # -- what it does ----------------------------------------------------------------------------------

    def _go_on(self) -> None:
        if self._busy:      # the session announces what is done here
            return
        self._busy = True
        try:
            known = set(map(id, self._mine))
            self._mine += [run for run in self.waiting if id(run) not in known]
            if not self.held and not self.running:
                self._start(self.waiting)
        finally:
            self._busy = False
        if self._mine and not self.waiting and not self.running:
            finished = sum(run.state == "finished" for run in self._mine)
            self._mine, self.held = [], False
            self.emptied.emit(finished)
        self.changed.emit()

    def _start(self, waiting: list[Run]) -> None:
        for run in waiting[:1]:
            if self._conductor.is_ready(run.kind):
                self._session.update(run, state="running")
                self._conductor.calculate(run)
            else:
                self._later.start(_WAIT)

    def _on_progress(self, job: int) -> None:
        if any(self._conductor.job_of(run) == job for run in self.running):
            self.changed.emit()
