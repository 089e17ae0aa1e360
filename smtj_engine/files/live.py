"""The folder in which a session lives while the window is open: one immutable file per finished run, one index.

Every file is written whole or not at all, and a run's file before the index that names it, so that whatever
happens to the process, the folder holds every run that was written. The lock tells a folder in use from one that
was left behind.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtj_engine.files import seal, session
from smtj_engine.files.disk import make_folder, read_text, write_bytes, write_text
from smtj_engine.files.errors import FileError
from smtj_engine.files.lock import Held, Lock
from smtj_engine.files.session import Found, StoredRun, StoredSession
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, differences, with_values

if TYPE_CHECKING:
    from smtj_engine.results import Result

_INDEX, _LOCK, _RUNS = "index.json", "lock", "runs"
#: So many closed folders are kept, for sessions that were never saved.
KEPT = 10


def home() -> Path:
    """Where the live folders are: in the user's state directory."""
    import platformdirs

    return Path(platformdirs.user_state_dir("smtj")) / "sessions"


class LiveFolder:
    """A live folder that this process holds; made by `create` or `adopt`."""

    def __init__(self, path: Path, lock: Lock) -> None:
        self.path, self._lock = path, lock
        self._written = {file.stem for file in (path / _RUNS).glob("*.h5")}
        self._index = ""     # what was last written

    @classmethod
    def create(cls, root: Path) -> LiveFolder:
        """A new, empty folder; FileError when it cannot be made."""
        now = datetime.datetime.now().strftime("%Y-%m-%d_%H%M%S")
        path = make_folder(root / f"{now}_{secrets.token_hex(3)}")
        make_folder(path / _RUNS)
        return cls(path, Lock(path / _LOCK))

    @classmethod
    def adopt(cls, path: Path) -> LiveFolder:
        """A folder that was left behind, without its deleted runs, which the next index would not know as such;
        FileError when another window holds it, or it cannot be written."""
        lock = Lock(path / _LOCK)
        _remove_deleted(path)
        return cls(path, lock)

    def write(self, current: StoredSession, gone: Iterable[str] = (), file: str = "", saved: bool = False,
              closed: bool = False) -> None:
        """Bring the folder up to date: runs that are not there yet, then the index. FileError when that fails.

        gone: ids of runs that were deleted; file: the packed file of this session, saved: whether all is in it.
        """
        for run in current.runs:
            self.write_run(run)
        index = {**session.head_of(current), "file": file, "saved": saved, "closed": closed, "gone": sorted(gone),
                 "runs": [_entry(run, current.setup) for run in current.runs]}
        text = json.dumps(index, ensure_ascii=False, indent=1)
        if text != self._index:
            write_text(self.path / _INDEX, text)
            self._index = text

    def file_of(self, name: str) -> Path:
        """The file of the run with this id."""
        return self.path / _RUNS / f"{name}.h5"

    def write_run(self, run: StoredRun) -> None:
        """Write one run's file, once; a run without a result has none."""
        if run.result is None or run.id in self._written:
            return
        from smtj_engine.files import results

        content = results.to_bytes(run.result, **session.run_attributes(run))
        write_bytes(self.file_of(run.id), seal.sealed(content))
        self._written.add(run.id)

    def close(self, keep: bool = True) -> None:
        """Give the folder back, with its deleted runs removed; or remove all of it."""
        _remove_deleted(self.path)
        self._lock.release()
        if not keep:
            shutil.rmtree(self.path, ignore_errors=True)


def _remove_deleted(path: Path) -> None:
    """Remove the files of runs that the index calls deleted."""
    with contextlib.suppress(FileError, OSError):
        for name in _list(_read_index(path), "gone"):
            (path / _RUNS / f"{Path(str(name)).name}.h5").unlink(missing_ok=True)


@dataclass(frozen=True, kw_only=True)
class Left:
    """A folder that nobody holds: when it was last written, what it holds, and how it came to be left."""

    path: Path
    when: datetime.datetime
    runs: int
    title: str
    file: str = ""
    closed: bool = False
    saved: bool = False


def left_behind(root: Path) -> list[Left]:
    """The folders that no window holds and that hold something, newest first."""
    found = []
    with contextlib.suppress(OSError):
        for path in root.iterdir():
            with contextlib.suppress(OSError, FileError):
                if (path / _RUNS).is_dir() and not _is_held(path):
                    found.append(_look(path))
    return sorted((left for left in found if left.runs or left.title), key=lambda left: left.when, reverse=True)


def prune(root: Path) -> None:
    """Remove the oldest of more than KEPT closed folders, and those whose content is in a file that is there.

    What was neither closed nor saved is never removed.
    """
    closed = 0
    for left in left_behind(root):
        closed += left.closed
        if (left.closed and closed > KEPT) or (left.saved and Path(left.file).is_file()):
            with contextlib.suppress(FileError):
                discard(left.path)


def discard(path: Path) -> None:
    """Remove a folder that nobody holds; FileError when somebody does."""
    LiveFolder.adopt(path).close(keep=False)


def read(path: Path, monitor: Monitor = silent) -> Found:
    """Everything that a live folder holds; FileError only when its index is of a newer version.

    A run's file counts even when the index does not know it yet; a damaged index costs names and colours, a
    damaged run that run.
    """
    warnings: list[str] = []
    index, setup = _index_and_setup(path, warnings)
    by_age = sorted((path / _RUNS).glob("*.h5"), key=lambda file: file.stat().st_mtime)
    files = {file.stem: file for file in by_age}
    entries = {str(entry.get("id")): entry for entry in _list(index, "runs") if isinstance(entry, dict)}
    gone = {str(name) for name in _list(index, "gone")}
    names = [*entries, *(name for name in files if name not in entries and name not in gone)]
    runs = []
    for number, name in enumerate(names):
        monitor(number / len(names), f"reading run {number + 1} of {len(names)}")
        entry = entries.get(name, {})
        try:
            runs.append(_run(name, entry, files.get(name), setup or Setup(), warnings, monitor))
        except (FileError, ParameterError, ValueError, KeyError, TypeError) as error:
            reason = error.reason if isinstance(error, FileError) else str(error)
            warnings.append(f"The run {entry.get('run_name', name)} could not be read: {reason}.")
    window = index.get("window")
    return Found(warnings=warnings, session=StoredSession(
        setup=setup or (runs[-1].setup if runs else Setup()), preset=str(index.get("preset", "")),
        runs=tuple(runs), window=window if isinstance(window, dict) else {}))


def file_of(path: Path) -> Path | None:
    """The packed file of a live folder's session, if it has one and that is still there."""
    with contextlib.suppress(FileError):
        name = str(_read_index(path).get("file", ""))
        if name and Path(name).is_file():
            return Path(name)
    return None


def _index_and_setup(path: Path, warnings: list[str]) -> tuple[dict[str, Any], Setup | None]:
    """What the index says, empty where it is missing or damaged, and its setup."""
    if not (path / _INDEX).exists():    # killed before the first one was written
        return {}, None
    try:
        index = _read_index(path)
    except FileError as error:
        warnings.append(f"The list of runs is damaged, names and the setup may be missing: {error.reason}.")
        return {}, None
    index = session.migrated(index, path / _INDEX)
    try:
        return index, session.restored(index, (), path / _INDEX).setup
    except FileError as error:
        warnings.append(f"The setup could not be read: {error.reason}.")
        return index, None


def _entry(run: StoredRun, base: Setup) -> dict[str, Any]:
    """A run in the index; its setup only where no file of its own holds it, as what differs from the current."""
    entry = {"id": run.id, "kind": run.kind, **session.run_attributes(run)}
    if run.result is None:
        entry["changes"] = {path: value for path, (_, value) in differences(base, run.setup).items()}
    return entry


def _run(name: str, entry: Mapping[str, Any], file: Path | None, base: Setup, warnings: list[str],
         monitor: Monitor) -> StoredRun:
    """One run from its file and its entry in the index, either of which may be missing."""
    from smtj_engine.files import guard, results

    if file is None:
        if not isinstance(entry.get("changes"), dict):
            raise ValueError("its file is missing")
        return session.run_of(name, entry, str(entry["kind"]), with_values(base, entry["changes"]), None)
    with guard.trusted(file, monitor) as (place, said):
        result = results.read(place)
        own = session.own_attributes(place)
    warnings += said
    unknown = session.run_attributes(StoredRun(id=name, name=result.kind, kind=result.kind, setup=result.setup))
    return session.run_of(name, {**unknown, **own, **entry}, result.kind, result.setup, result)


def read_run(path: Path) -> Result:
    """The numbers of a run from its file in a live folder; FileError when it cannot be read."""
    from smtj_engine.files import guard, results

    with guard.trusted(path, silent) as (place, _):
        return results.read(place)


def _look(path: Path) -> Left:
    """What a folder holds, without reading its runs."""
    try:
        index = _read_index(path)
    except FileError:
        index = {}
    gone = set(map(str, _list(index, "gone")))
    files = {file.stem for file in (path / _RUNS).glob("*.h5")} - gone
    known = {str(entry.get("id")) for entry in _list(index, "runs") if isinstance(entry, dict)}
    newest = max(entry.stat().st_mtime for entry in (path / _RUNS, path / _INDEX) if entry.exists())
    return Left(path=path, when=datetime.datetime.fromtimestamp(newest).astimezone(), runs=len(files | known),
                title=str(index.get("preset", "")), file=str(index.get("file", "")),
                closed=index.get("closed") is True, saved=index.get("saved") is True)


def _read_index(path: Path) -> dict[str, Any]:
    try:
        index = json.loads(read_text(path / _INDEX))
    except (ValueError, RecursionError) as error:
        raise FileError(path / _INDEX, f"it is not valid JSON: {error}") from None
    if not isinstance(index, dict):
        raise FileError(path / _INDEX, "it is not a table")
    return index


def _list(index: Mapping[str, Any], key: str) -> list[Any]:
    value = index.get(key)
    return value if isinstance(value, list) else []


def _is_held(path: Path) -> bool:
    try:
        Lock(path / _LOCK).release()
    except Held:
        return True
    except FileError:   # a disk that can only be read is held by nobody
        return False
    return False
