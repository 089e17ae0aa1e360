"""From an edit to a job, from an answer to a picture: decides what is calculated, when, and how exactly.

One slot per analysis. A slot that answers within a blink calculates in full on every edit. A slower one first
gives a draft, which is never cancelled (a drag would show nothing otherwise), and the full answer follows
150 ms after the last edit; a new edit cancels that one. An analysis whose pictures grow from coarse to fine needs
no draft: an edit cancels it as soon as it has shown something, and Esc keeps what there is. If it has a preview,
that is its draft, which grows too but is not kept.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QTimer, Signal

from smtj_engine.analyses import ANALYSES, Analysis
from smtj_engine.parameters import Setup
from smtj_engine.version import __version__
from smtj_gui.jobs import JobRunner
from smtj_gui.requests import Request
from smtj_gui.session import Run, Session

if TYPE_CHECKING:
    from smtj_engine.results import Result

#: Full answers that take longer (s) get a draft first.
BLINK = 0.050
#: The full answer follows the last edit by this (ms).
SETTLE = 150
#: A growing picture is given this long (s) to get beyond its coarsest level, a preview to be complete, and either
#: to appear at all.
_GLIMPSE, _PREVIEW, _PATIENCE = 0.1, 0.2, 1.5
#: Views are redrawn at most this often (ms).
_FRAME = 25


class _Slot:
    """What is known of one analysis, what runs for it, and what is to follow."""

    def __init__(self, analysis: Analysis, owner: QObject) -> None:
        self.analysis = analysis
        self.job: int | None = None
        self.request: Request | None = None
        self.pending = False                    # an edit came while the job was running
        self.pictured = False                   # the job has handed over a picture
        self.drafted = 0                        # values in the draft of the present setup that the view shows
        self.seconds: float | None = None       # how long the last full answer took, for the choice of drafts
        self.took = 0.0                         # the same, as the user experienced it
        self.answer: Result | None = None       # the last full answer,
        self.answered: Any = None               # and what it depends on
        self.frame: tuple[Result, bool] | None = None   # the newest picture, not yet shown
        self.later = _single_shot(owner)        # until the full answer is asked for
        self.redraw = _single_shot(owner)       # until the next picture may be shown

    def needs(self, setup: Setup) -> Any:
        """All of a setup that this analysis depends on, to be compared."""
        return self.analysis.needs(setup)

    def slow(self, setup: Setup) -> bool:
        """Whether a draft is wanted before the full answer."""
        analysis = self.analysis
        return (self.seconds is not None and self.seconds > BLINK
                and (not analysis.grows or analysis.preview(setup) is not None))


class Conductor(QObject):
    """Keeps the live curves of the wanted analyses up to date with the session, and makes runs."""

    live = Signal(str, object, bool)    # analysis, Result, draft
    waiting = Signal(str, str)          # analysis, what to say while there is nothing to show
    refused = Signal(object)            # ParameterError that only the engine could find
    failed = Signal(str, str)           # message, details
    told = Signal(str)                  # news for the user

    def __init__(self, session: Session, runner: JobRunner, analyses: Mapping[str, Analysis] = ANALYSES,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._runner = session, runner
        self.cluster = ""                   # the address that runs are sent to, "" for this machine
        self._wanted: tuple[str, ...] = ()
        self._ready: set[str] = set()       # the analyses whose kernels are compiled
        self._edited = 0.0
        self._loaded = False    # the first answer also waits for the engine's libraries, so it says nothing
        self._requests: dict[int, Request] = {}
        self._needs: WeakKeyDictionary[Run, Any] = WeakKeyDictionary()  # what the answers of runs depend on
        self._slots = {key: _Slot(analysis, self) for key, analysis in analyses.items()}
        for slot in self._slots.values():
            slot.later.timeout.connect(lambda slot=slot: self._on_time(slot))
            slot.redraw.timeout.connect(lambda slot=slot: self._draw(slot))
        session.setup_changed.connect(self._on_edit)
        session.replaced.connect(self._on_replaced)
        runner.partial.connect(self._on_partial)
        runner.finished.connect(self._on_finished)
        runner.failed.connect(self._on_failed)
        runner.cancelled.connect(self._on_cancelled)

    # -- what the window asks --------------------------------------------------------------------------

    def set_ready(self, *keys: str) -> None:
        """The kernels of these analyses (of all, if none is named) are compiled: start."""
        fresh = set(keys or self._slots) - self._ready
        self._ready |= fresh
        for key in self._wanted:
            if key in fresh:
                self._ask(self._slots[key])

    def set_wanted(self, keys: Iterable[str]) -> None:
        """The analyses that are on screen; the others' live jobs are not needed any more."""
        before, self._wanted = self._wanted, tuple(key for key in keys if key in self._slots)
        for key in set(before) - set(self._wanted):
            self._drop(self._slots[key])
        for key in self._wanted:
            if key not in before:
                self._ask(self._slots[key])

    def stop(self) -> None:
        """Stop everything that runs (Esc); the next edit or F5 starts again."""
        for key, slot in self._slots.items():
            busy = slot.job is not None or slot.later.isActive()
            if slot.job is not None and slot.request is not None and self._runner.wanted(slot.job):
                slot.request.keep = slot.analysis.keeps_some and not slot.request.draft
            self._drop(slot)
            if busy:
                self.waiting.emit(key, "Stopped. Change a value, or press F5, to calculate again.")
        self._runner.cancel_all()

    def keep(self, keys: Iterable[str] | None = None) -> None:
        """Keep these (default: all) of the wanted analyses of the present setup as runs (F5), at full accuracy."""
        wanted = self._wanted if keys is None else tuple(key for key in keys if key in self._wanted)
        if not self._ready.issuperset(wanted):
            self.told.emit("The engine is still being prepared.")
            return
        for key in wanted:
            self._keep(self._slots[key])

    # -- what the queue of runs asks -------------------------------------------------------------------

    def is_ready(self, key: str) -> bool:
        """Whether the kernels of this analysis are compiled."""
        return key in self._ready

    def calculate(self, run: Run) -> None:
        """Calculate a run; the session hears how it ends."""
        self._submit(Request(self._slots[run.kind], run.setup, run=run, cluster=self.cluster))

    def job_of(self, run: Run) -> int | None:
        """The job that calculates a run, None if there is none."""
        return next((job for job, request in self._requests.items() if request.run is run), None)

    def cancel(self, run: Run) -> None:
        """Stop the calculation of a run; what there is of it is kept."""
        job = self.job_of(run)
        if job is not None:
            self._runner.cancel(job)

    def _on_replaced(self) -> None:
        """Another session: nobody waits for the runs of the one before."""
        runs = set(map(id, self._session.runs))
        for job, request in self._requests.items():
            if request.run is not None and id(request.run) not in runs:
                self._runner.cancel(job)

    # -- from an edit to a job -------------------------------------------------------------------------

    def _on_edit(self, paths: frozenset[str]) -> None:
        self._edited = time.monotonic()
        for key in self._wanted:
            slot = self._slots[key]
            if any(slot.analysis.depends_on(path) for path in paths):
                self._ask(slot)

    def _ask(self, slot: _Slot) -> None:
        """The present setup's answer is wanted in this slot."""
        slot.later.stop()
        slot.drafted = 0
        self._recall(slot)
        if slot.answer is not None and slot.answered == slot.needs(self._session.setup):
            self._drop(slot)
            self._show(slot, slot.answer, draft=False)
        elif slot.analysis.key not in self._ready:
            return
        elif slot.job is None or slot.request is None:
            self._start(slot, draft=slot.slow(self._session.setup))
        elif slot.analysis.grows and self._current(slot.request) and self._runner.wanted(slot.job):
            slot.pending = False    # what is calculated does not depend on what was edited
        else:
            slot.pending = True
            if slot.analysis.grows or not slot.request.draft:
                self._overtake(slot)

    def _recall(self, slot: _Slot) -> None:
        """Where calculating takes longer than a blink, a kept run of the present setup is the answer."""
        if slot.seconds is not None and slot.seconds <= BLINK:
            return
        needs = slot.needs(self._session.setup)
        for run in self._session.runs:
            result = run.result
            if (run.kind == slot.analysis.key and run.state == "finished" and result is not None
                    and result.provenance.version == __version__ and self._needs_of(run) == needs):
                slot.answer, slot.answered, slot.took = result, needs, run.seconds

    def _needs_of(self, run: Run) -> Any:
        if run not in self._needs:
            self._needs[run] = self._slots[run.kind].needs(run.setup)
        return self._needs[run]

    def _overtake(self, slot: _Slot) -> None:
        """An edit has come during a full calculation: quick ones may finish, others make way for a draft."""
        assert slot.job is not None and slot.request is not None
        elapsed = self._runner.seconds(slot.job)
        slow = slot.slow(slot.request.setup)
        growing = slot.analysis.grows and (slot.request.draft or not slow)
        enough = _PREVIEW if slot.request.draft else _GLIMPSE
        due = (enough if slot.pictured else _PATIENCE) - elapsed
        if growing and due > 0:
            slot.later.start(round(1000 * due))
        elif slot.request.draft:
            self._runner.cancel(slot.job)
        elif not growing and not slow and elapsed < 2 * BLINK:
            slot.later.start(round(2000 * BLINK))   # look again whether it was quick
        else:
            slot.seconds = max(slot.seconds or 0.0, elapsed, 1.01 * BLINK)
            self._runner.cancel(slot.job)

    def _on_time(self, slot: _Slot) -> None:
        if slot.job is None:
            self._start(slot, draft=False)
        elif slot.pending:
            self._overtake(slot)

    def _start(self, slot: _Slot, draft: bool) -> None:
        setup = self._session.setup
        slot.pending = slot.pictured = False
        draft = draft and (slot.analysis.grows or setup.numerics.accuracy != "draft")
        slot.request = Request(slot, setup, draft)
        slot.job = self._submit(slot.request)

    def _submit(self, request: Request) -> int:
        key = request.slot.analysis.key
        title = request.slot.analysis.title + (" (draft)" if request.draft else "")
        job = self._runner.submit(key if request.run is None else f"run {key}", request, title)
        self._requests[job] = request
        return job

    def _drop(self, slot: _Slot) -> None:
        """Nothing live is wanted in this slot any more."""
        slot.later.stop()
        slot.pending = False
        if slot.job is not None:
            self._runner.cancel(slot.job)

    # -- from an answer to a picture -------------------------------------------------------------------

    def _current(self, request: Request) -> bool:
        slot = request.slot
        return bool(slot.needs(request.setup) == slot.needs(self._session.setup))

    def _on_partial(self, job: int, result: Result) -> None:
        request = self._requests.get(job)
        if request is None or (request.draft and not request.slot.analysis.grows):
            return
        slot = request.slot
        if not request.draft:
            request.newest = result
        if slot.drafted and not (slot.analysis.grows and _known(result) > slot.drafted):
            return
        grows = slot.analysis.grows and slot.job == job
        if grows or self._current(request):
            self._show(slot, result, draft=True)    # a growing picture is shown in a drag: late, but on its way
        if grows and not slot.pictured:
            slot.pictured = True
            if slot.pending:
                self._overtake(slot)

    def _on_finished(self, job: int, result: Result) -> None:
        request = self._requests.get(job)
        if request is None:
            return
        slot, seconds, quick = request.slot, self._runner.seconds(job), not request.slot.slow(request.setup)
        current = self._current(request)
        if request.draft:
            slot.drafted = _known(result) if current else 0
            self._show(slot, result, draft=True)
        else:
            slot.seconds, slot.took = seconds if self._loaded else None, seconds
            self._loaded = True
            if current:
                slot.answer, slot.answered = result, slot.needs(request.setup)
                self._show(slot, result, draft=False)
            elif quick and request.run is None:
                self._show(slot, result, draft=True)    # in a drag: late, but on its way
        if request.run is not None:
            self._session.update(request.run, result=result, state="finished", seconds=seconds)
        self._go_on(job, request, refine=request.draft)

    def _on_failed(self, job: int, message: str, details: str) -> None:
        request = self._requests.get(job)
        if request is None:
            return
        left, seconds = request.newest, self._runner.seconds(job)
        if left is not None:
            left = _part(left, request, f"The run failed: {message}")
        if request.run is not None:
            self._session.update(request.run, state="failed", result=left, message=message, seconds=seconds)
        elif left is not None and request.slot.analysis.keeps_some and self._current(request):
            self._session.add(left, state="failed", seconds=seconds, message=message)
        if self._current(request) or request.run is not None:
            self.waiting.emit(request.slot.analysis.key, message)
            if request.refusal is not None:
                self.refused.emit(request.refusal)
            else:
                self.failed.emit(message, details)
        self._go_on(job, request)

    def _on_cancelled(self, job: int, partial: Result | None) -> None:
        request = self._requests.get(job)
        if request is None:
            return
        seconds = self._runner.seconds(job)
        if partial is not None:
            partial = _part(partial, request, *[f"The run ended early: {request.lost}"] if request.lost else [])
        if request.run is not None:
            self._session.update(request.run, state="cancelled", result=partial, seconds=seconds,
                                 message=request.lost)
            if request.lost:
                self.failed.emit(f"{request.run.name} ended early: {request.lost}.", "")
        elif request.keep and partial is not None:
            run = self._session.add(partial, state="cancelled", seconds=seconds)
            self.told.emit(f"Stopped. The unfinished picture is kept as {run.name}.")
            if self._current(request):
                self._show(request.slot, partial, draft=True)   # instead of a draft
        self._go_on(job, request)

    def _go_on(self, job: int, request: Request, refine: bool = False) -> None:
        """After the end of a job: the newest setup if there was an edit, the full answer after a draft."""
        del self._requests[job]
        slot = request.slot
        if slot.job != job:
            return
        slot.job = slot.request = None
        if slot.pending:
            self._start(slot, draft=slot.slow(self._session.setup))
        elif refine and slot.analysis.key in self._wanted:
            slot.later.start(max(0, SETTLE - round(1000 * (time.monotonic() - self._edited))))

    def _show(self, slot: _Slot, result: Result, draft: bool) -> None:
        """Show a picture now, or the newest of several at the next frame."""
        slot.frame = (result, draft)
        if not slot.redraw.isActive():
            self._draw(slot)

    def _draw(self, slot: _Slot) -> None:
        if slot.frame is not None:
            (result, draft), slot.frame = slot.frame, None
            slot.redraw.start(_FRAME)
            self.live.emit(slot.analysis.key, result, draft)

    # -- runs ------------------------------------------------------------------------------------------

    def _keep(self, slot: _Slot) -> None:
        setup = self._session.setup
        if slot.answer is None or slot.answered != slot.needs(setup):
            self._drop(slot)
            self.calculate(self._session.add(None, kind=slot.analysis.key, setup=setup, state="running"))
            return
        data = slot.answer.data
        kept = next((run for run in self._session.runs if run.result and run.result.data is data), None)
        if kept is not None:
            self.told.emit(f"These curves are already kept as {kept.name}.")
            return
        result = dataclasses.replace(slot.answer, setup=setup)
        run = self._session.add(result, seconds=slot.took)
        self.told.emit(f"Kept as {run.name}.")


def _part(result: Result, request: Request, *why: str) -> Result:
    """What there is of a result: the engine knows the parameters, but not the whole setup nor its end."""
    from smtj_engine.results import ended_early

    return ended_early(result, request.setup, *why)


def _known(result: Result) -> int:
    """How many values of a picture are calculated."""
    data = result.data
    return int(data["computed"].sum()) if "computed" in data else int(next(iter(data.values())).size)


def _single_shot(owner: QObject) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    return timer
