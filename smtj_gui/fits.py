"""Long work of the fitting view: reading tables, expected curves while the setup is edited, fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from smtj_engine.files import FileError
from smtj_engine.monitor import Monitor
from smtj_gui.jobs import JobRunner

if TYPE_CHECKING:
    from smtj_engine.fitting.choices import Vary
    from smtj_engine.measured import Measurement, Table
    from smtj_engine.parameters import Setup
    from smtj_engine.results import Result


class Fits(QObject):
    """One job per slot ("read", "expected", "fit"); of several requests the newest wins."""

    answered = Signal(str, object)      # slot, answer
    growing = Signal(str, object)       # slot, partial Result
    failed = Signal(str, str, str)      # slot, message, details
    stopped = Signal(str, object)       # slot, partial Result or None

    def __init__(self, runner: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._runner = runner
        self._jobs: dict[int, str] = {}
        self._next: dict[str, tuple[Callable[[Monitor], Any], str]] = {}
        runner.finished.connect(lambda job, answer: self._end(job, self.answered, answer))
        runner.failed.connect(lambda job, message, details: self._end(job, self.failed, message, details))
        runner.cancelled.connect(lambda job, partial: self._end(job, self.stopped, partial))
        runner.partial.connect(self._on_partial)

    def busy(self, slot: str) -> bool:
        """Whether there is work in a slot."""
        return slot in self._jobs.values()

    def ask(self, slot: str, call: Callable[[Monitor], Any], title: str) -> None:
        """Do this as soon as the slot is free; what waits there is forgotten."""
        if self.busy(slot):
            self._next[slot] = call, title
        else:
            self._jobs[self._runner.submit(slot, call, title)] = slot

    def stop(self, slot: str) -> None:
        """Stop what a slot does."""
        self._next.pop(slot, None)
        for job, name in self._jobs.items():
            if name == slot:
                self._runner.cancel(job)

    def _on_partial(self, job: int, partial: object) -> None:
        if job in self._jobs:
            self.growing.emit(self._jobs[job], partial)

    def _end(self, job: int, signal: Any, *content: object) -> None:
        slot = self._jobs.pop(job, None)
        if slot is None:
            return
        waiting = self._next.pop(slot, None)
        if waiting is not None:
            self.ask(slot, *waiting)
        signal.emit(slot, *content)


# What coordinators do; the libraries are imported there, so that the window is up before them.

def read_source(path: Path, monitor: Monitor) -> tuple[str | Table, str]:
    """What an import dialog shows of a file, and its name."""
    from smtj_engine.files import hdf5_tables, tables

    if tables.is_hdf5(path):
        return hdf5_tables.read(path, lambda: monitor(0.0, "")), path.name
    text = tables.text_of(path)
    if not text.strip():
        raise FileError(path, "the file is empty")
    return text, path.name


def expected_curve(measurement: Measurement, setup: Setup, values: dict[str, float], monitor: Monitor) -> Result:
    """What the present setup makes one expect."""
    from smtj_engine.fitting.picture import expected

    return expected(measurement, setup, values, monitor=monitor)


def run_fit(measurement: Measurement, setup: Setup, vary: Sequence[Vary], values: dict[str, float], weights: str,
            monitor: Monitor) -> Result:
    """The fit that the table asks for."""
    from smtj_engine.fitting.least_squares import fit

    return fit(measurement, setup, vary, fixed=values, weights=weights, accuracy=setup.numerics.accuracy,
               monitor=monitor)


def write_report(result: Result, path: Path, monitor: Monitor) -> Path:
    """Write a report as text, CSV or PDF, by the name's ending."""
    from smtj_engine.files import csv, disk
    from smtj_engine.fitting import report

    if path.suffix.lower() == ".pdf":
        from smtj_engine.figures import save_fit_report

        return save_fit_report(result, path)
    if path.suffix.lower() == ".csv":
        return csv.write(result, path)
    return disk.write_text(path, report.text(result))
