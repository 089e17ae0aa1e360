"""Keeps the session on disk while the user works: each finished run at once, everything else after 2 s of rest.

All writing is done one after the other in a thread of its own, from values that do not change meanwhile. When the
disk refuses, that is told once, everything stays in memory, and it is tried again.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from smtj_engine.files import FileError, live
from smtj_engine.files import session as packed
from smtj_engine.files.live import LiveFolder
from smtj_engine.files.lock import Held, Lock
from smtj_engine.files.session import StoredSession
from smtj_gui.jobs import JobRunner
from smtj_gui.session import Run, Session

if TYPE_CHECKING:
    from smtj_engine.results import Result

#: After a refusal it is tried again after this long (ms).
AGAIN = 15_000


class _Place:
    """One session's live folder, made at the first update. Only the writing thread calls what writes."""

    def __init__(self, root: Path, folder: LiveFolder | None = None) -> None:
        self._root, self._folder = root, folder

    def update(self, state: StoredSession, gone: set[str], file: str, saved: bool, closed: bool = False) -> None:
        """Bring the folder up to date."""
        self._folder = self._folder or LiveFolder.create(self._root)
        self._folder.write(state, gone, file, saved, closed)

    def file_of(self, name: str) -> Path | None:
        """Where a run's file is or will be; from any thread."""
        folder = self._folder
        return folder.file_of(name) if folder is not None else None

    def close(self, state: StoredSession, gone: set[str], file: str, keep: bool) -> None:
        """Give the folder back."""
        try:
            if keep:
                self.update(state, gone, file, saved=False, closed=True)
        finally:
            if self._folder is not None:
                self._folder.close(keep)


class Archive(QObject):
    """Where the session is kept: its live folder and, once it was saved, its file."""

    changed = Signal()          # file, modified or status
    trouble = Signal(object)    # FileError: the live folder cannot be written; told once until it can again
    saved = Signal(object)      # Path
    refused = Signal(object)    # FileError: the session file could not be written

    #: Edits are written when nothing was edited for this long (ms); None: with the next finished run, on closing.
    rest: int | None = 2000

    def __init__(self, session: Session, root: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self.root = session, root
        self.window_state: Callable[[], Mapping[str, Any]] = dict
        self.file: Path | None = None
        self.modified = False
        self.status = ""
        self.error: FileError | None = None     # why the live folder is behind, if it is
        self._place = _Place(root)
        self._lock: Lock | None = None          # of the session file
        self._known: set[str] = set()           # every run that was here, deleted ones too
        self._kept: set[str] = set()            # the runs whose files are written, or about to be
        self._edits = 0                         # counts changes, so that a save knows whether it was overtaken
        self._behind = self._due = False        # something is to be written; it is to be written at once
        self._switching = False
        self._writer = JobRunner(self, coordinators=1)
        self._then: dict[int, Callable[[Any], None]] = {}   # what follows on each job that has not ended
        self._writer.finished.connect(self._end)
        self._writer.failed.connect(lambda job, message, _: self._end(job, FileError(self.root, message)))
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.write)
        session.deleted.filed = lambda run: self.place_of(run) is not None
        session.deleted.fetch = self.fetch
        session.setup_changed.connect(lambda _: self._on_edit())
        session.runs_changed.connect(self._on_runs)

    # -- when ------------------------------------------------------------------------------------------

    def _on_edit(self) -> None:
        if self._switching:
            return
        self._edits += 1
        self.modified = self._behind = True
        if self.rest is not None:
            self._rest.start(self.rest)
        self.changed.emit()

    def touch(self) -> None:
        """Something that belongs to the session beside setup and runs has changed."""
        self._on_edit()

    def _on_runs(self) -> None:
        if self._switching:
            return
        runs = self._session.runs
        self._known |= {run.id for run in runs}
        fresh = {run.id for run in runs if run.ended and run.result is not None} - self._kept
        self._kept |= fresh
        self._on_edit()
        if fresh:
            self.write()

    @property
    def habit(self) -> str:
        """When what is kept, and where."""
        edits = "with it and on closing" if self.rest is None else f"after {self.rest / 1000:g} s of rest"
        return f"Each finished run is kept at once, edits {edits}, in {self.root}"

    def set_rest(self, rest: int | None) -> None:
        """How long nothing must be edited until edits are written (ms); None: with the next finished run."""
        self.rest = rest
        if self.error is None:
            self._rest.stop()
            if rest is not None and self._behind:
                self._rest.start(rest)
        self.changed.emit()

    def write(self) -> None:
        """Bring the live folder up to date: at once if nothing is being written, else right after that."""
        self._due = bool(self._then)
        if self._behind and not self._due:
            self._update()

    def _update(self, then: Callable[[], None] = lambda: None) -> None:
        self._rest.stop()
        self._behind = False
        place, saved = self._place, self.file is not None and not self.modified
        state, gone, file = self._snapshot()
        self._submit(lambda: place.update(state, gone, file, saved),
                     lambda outcome: (self._updated(place, outcome), then()))

    def _snapshot(self) -> tuple[StoredSession, set[str], str]:
        """The session, its deleted runs and its file, as values that do not change while they are written."""
        state = self._session.stored(self.window_state())
        return state, self._known - {run.id for run in state.runs}, str(self.file or "")

    def _updated(self, place: _Place, outcome: object) -> None:
        if place is not self._place:
            return      # of a session that was left meanwhile
        if isinstance(outcome, FileError):
            self._behind = True
            self._rest.start(AGAIN)
            fresh, self.error = self.error is None, outcome
            self._say(f"Not kept: {outcome.reason}")
            if fresh:
                self.trouble.emit(outcome)
        else:
            self.error = None
            self._say(f"Kept at {datetime.datetime.now():%H:%M:%S}")

    # -- the session file ------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write everything into one file; `saved` or `refused` follows."""
        state, edits = self._session.stored(self.window_state()), self._edits
        lock = self._lock if path == self.file else None

        def pack() -> Lock | None:
            held = lock or lock_of(path)
            try:
                packed.save(state, path)
            except BaseException:
                if held is not None and held is not lock:
                    held.release()
                raise
            return held

        self._say(f"Saving {path.name}…")
        self._submit(pack, lambda outcome: self._packed(outcome, path, edits))

    def _packed(self, outcome: Lock | FileError | None, path: Path, edits: int) -> None:
        if isinstance(outcome, FileError):
            self._say(f"Not saved: {outcome.reason}")
            self.refused.emit(outcome)
            return
        if outcome is not self._lock:
            self._release()
            self._lock = outcome
        self.file, self.modified = path, edits != self._edits
        self._behind = True     # the folder's index names the file
        self._say(f"Saved {path.name}")
        self.saved.emit(path)
        self.write()

    def place_of(self, run: Run) -> Path | None:
        """The file of a run in the live folder, None while it has none."""
        path = self._place.file_of(run.id)
        return path if path is not None and path.exists() else None

    def fetch(self, run: Run) -> Result:
        """The numbers of a run from its file in the live folder, where a deleted one stays until the session is
        left; FileError without one."""
        path = self.place_of(run)
        if path is None:
            raise FileError(self.root, "its file is missing")
        return live.read_run(path)

    # -- another session in this one's place -----------------------------------------------------------

    @property
    def worth_keeping(self) -> bool:
        """Whether something is here that no session file holds."""
        return self.modified and (self._session.changed or bool(self._session.runs))

    def settle(self, then: Callable[[FileError | None], None]) -> None:
        """Write what is to be written, then call back with the reason why something would be lost, or None."""
        def tell() -> None:
            then(self.error if self.worth_keeping else None)

        if self._then or (self._behind and self.worth_keeping):
            self._update(tell)
        else:
            tell()

    def switch(self, become: Callable[[], None], folder: LiveFolder | None = None, file: Path | None = None,
               lock: Lock | None = None, modified: bool = False) -> None:
        """Leave this session's folder and go on with the session that `become` brings, in its folder if it has
        one, and with its file and that file's lock."""
        self._leave()
        self._switching = True
        try:
            become()
        finally:
            self._switching = False
        self._place = _Place(self.root, folder)
        self.file, self._lock, self.modified, self.error = file, lock, modified, None
        runs = self._session.runs
        self._known = {run.id for run in runs}
        self._kept = {run.id for run in runs if run.result is not None}
        self._behind = folder is not None or bool(runs)
        self._say("")
        self.write()

    def close(self) -> None:
        """Leave the folder, and wait until that is done: the window closes."""
        self._leave()
        self._writer.finish()

    def wait(self) -> None:
        """Wait for what is being written."""
        self._writer.finish()

    def _leave(self) -> None:
        """Give back the folder, which is kept unless everything is in the file, and the file's lock."""
        self._rest.stop()
        self._behind = self._due = False
        place, keep = self._place, self.worth_keeping
        state, gone, file = self._snapshot()
        self._submit(lambda: place.close(state, gone, file, keep), lambda _: None)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    # -- jobs ------------------------------------------------------------------------------------------

    def _submit(self, work: Callable[[], object], then: Callable[[Any], object]) -> None:
        def call(monitor: object) -> Any:
            try:
                return work()
            except FileError as error:
                return error

        self._then[self._writer.submit("archive", call)] = then

    def _end(self, job: int, outcome: object) -> None:
        self._then.pop(job)(outcome)
        if self._due and not self._then:
            self.write()

    def _say(self, text: str) -> None:
        self.status = text
        self.changed.emit()


def lock_of(path: Path) -> Lock | None:
    """The lock of a session file; None where a folder takes no lock, since nothing can be saved there either.

    Held, a FileError, when the file is open in another window.
    """
    try:
        return Lock(path.with_name(f".{path.name}.lock"))
    except Held as held:
        raise Held(path, held.who) from None
    except FileError:
        return None
