"""Deleted runs, which an undo may bring back: the newest keep their numbers in memory, others in their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from smtj_engine.files.errors import FileError

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.session import Run

#: So many deleted runs, and so many bytes of them, stay in memory.
MOST_RUNS, MOST_BYTES = 20, 50_000_000
#: So many times more of those that no file holds: deleted before they were written, or refused by the disk.
MORE = 10


def _nowhere(run: Run) -> Result:
    raise FileError(Path(run.name), "it was deleted before it was written, and too many runs were deleted since")


class Deleted:
    """Whoever keeps the runs on disk sets `filed` and `fetch`, which raises FileError."""

    def __init__(self) -> None:
        self.filed: Callable[[Run], bool] = lambda run: False
        self.fetch: Callable[[Run], Result] = _nowhere
        self._aside: set[str] = set()   # ids of the runs whose numbers were dropped from memory

    def bound(self, runs: Iterable[Run]) -> None:
        """Drop the numbers of deleted runs (newest first) beyond the limits."""
        count, size = 0, 0
        for run in runs:
            if run.result is None:
                continue
            count, size = count + 1, size + run.result.data.nbytes
            over = max(count / MOST_RUNS, size / MOST_BYTES)
            if over > MORE or (over > 1 and self.filed(run)):
                self._aside.add(run.id)
                run.result = None

    def bring_back(self, run: Run) -> str:
        """Give a run its numbers again; returns why that cannot be, or ""."""
        if run.id in self._aside:
            try:
                run.result = self.fetch(run) if self.filed(run) else _nowhere(run)
            except FileError as error:
                return f"{run.name} cannot be brought back: {error.reason}."
            self._aside.discard(run.id)
        return ""
