"""The File menu's part on sessions: new, open, save, recent, restore. Questions here, the writing in `archive`.

Whatever is opened is read in a coordinator, and nothing changes in the window before it was read whole.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSettings, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QMessageBox, QWidget

from smtj_engine import presets
from smtj_engine.files import FileError, live, opening
from smtj_engine.files.live import Left, LiveFolder
from smtj_engine.files.lock import Held, Lock
from smtj_engine.files.session import SUFFIX, Found, StoredRun, StoredSession
from smtj_engine.monitor import Monitor
from smtj_gui.archive import Archive, lock_of
from smtj_gui.jobs import JobRunner
from smtj_gui.panels.toasts import Toasts
from smtj_gui.session import Run, Session
from smtj_gui.setup_files import SetupFiles

if TYPE_CHECKING:
    from smtj_engine.results import Result

_OPEN = (f"Everything of SMTJ (*{SUFFIX} *.h5 *.toml *.csv *.tsv);;Sessions (*{SUFFIX});;Runs (*.h5 *.csv *.tsv);;"
         "Setups (*.toml);;All files (*)")
_SAVE = f"Sessions (*{SUFFIX})"
_RECENT = 8     # so many files are remembered
_YES = QMessageBox.StandardButton.Yes


@dataclass
class _Opened:
    """What a coordinator brought back."""

    path: Path
    content: Found | Result | FileError
    folder: LiveFolder | None = None
    lock: Lock | None = None
    file: Path | None = None
    modified: bool = False

    def release(self) -> None:
        """Give back what was taken for it."""
        if self.folder is not None:
            self.folder.close()
        if self.lock is not None:
            self.lock.release()


class SessionFiles(QObject):
    """Opens and saves sessions, and everything else that can be opened."""

    window_state_found = Signal(object)     # the window's state in a session that was opened
    table_found = Signal(object)            # Path of a text file with somebody else's numbers

    def __init__(self, session: Session, archive: Archive, runner: JobRunner, setups: SetupFiles, toasts: Toasts,
                 settings: QSettings, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._archive, self._runner, self._setups = session, archive, runner, setups
        self._toasts, self._settings, self._root, self._window = toasts, settings, archive.root, window
        self._opening: int | None = None
        runner.finished.connect(self._on_opened)
        runner.failed.connect(lambda job, message, details: self._on_failed(job, message, details))
        archive.saved.connect(self._on_saved)
        archive.refused.connect(self._on_refused)
        archive.trouble.connect(self._on_trouble)

    # -- new, save -------------------------------------------------------------------------------------

    def new_session(self) -> None:
        """An empty session with the preset in use; the present one stays among the earlier sessions."""
        preset = self._session.preset
        empty = StoredSession(setup=preset.setup, preset=preset.key)
        self._safely(lambda: (self._archive.switch(lambda: self._session.become(empty, preset)),
                              self.window_state_found.emit({})))

    def save_session(self) -> None:
        """Save into the session's file, or ask for one."""
        if self._archive.file is None:
            self.save_session_as()
        else:
            self._archive.save(self._archive.file)

    def save_session_as(self) -> None:
        """Ask for a file and save into it."""
        name = self._session.preset.title.replace("/", "-").replace(" ", "_")
        suggested = self._archive.file or Path(self._folder()) / f"{name}{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save session", str(suggested), _SAVE)
        if chosen:
            path = Path(chosen)
            if path.suffix.lower() != ".h5":
                path = path.with_name(path.name + SUFFIX)
                if path.exists() and not self._may_replace(path):
                    return
            self._archive.save(path)

    def _may_replace(self, path: Path) -> bool:
        """The dialog asked about the name before its ending was added."""
        return QMessageBox.question(self._window, "Save session", f"{path.name} exists. Replace it?") == _YES

    def _on_saved(self, path: Path) -> None:
        self._remember(path)
        self._toasts.show(f"Saved {path}")

    def _on_refused(self, error: FileError) -> None:
        self._toasts.show(f"{error.path.name} could not be saved in {error.path.parent}: {error.reason}. "
                          "Everything is still here.", serious=True, action="Save elsewhere…",
                          call=self.save_session_as)

    def _on_trouble(self, error: FileError) -> None:
        self._toasts.show(f"The session cannot be kept in {self._root}: {error.reason}. It stays in memory as "
                          "long as this window is open.", serious=True, action="Save elsewhere…",
                          call=self.save_session_as)

    def reveal(self, run: Run) -> None:
        """Show the folder that holds a run's file."""
        path = self._archive.place_of(run)
        if path is None:
            self._toasts.show(f"{run.name} has no file yet.")
        elif QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))):
            self._toasts.show(f"The file of {run.name} is {path.name}.")
        else:
            QGuiApplication.clipboard().setText(str(path))
            self._toasts.show(f"{path} (no file manager answers, so the path is on the clipboard)")

    # -- open ------------------------------------------------------------------------------------------

    def open_file(self) -> None:
        """Choose a session, a run or a setup, and open it."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", self._folder(), _OPEN)
        if name:
            self.open(name)

    def open(self, name: str | Path, copy: bool = False) -> None:
        """Open a file: a session instead of this one, a run beside the others, a setup as one undo step.

        copy: a session without its file, because another window has that open.
        """
        path = Path(name).absolute()
        if path.suffix.lower() == ".toml":
            self._setups.open(str(path))
            return
        if opening.is_foreign_table(path):
            self.table_found.emit(path)
            return
        self._read(path, f"Opening {path.name}", lambda monitor: _read_file(path, copy, monitor))

    def reopen_last(self) -> None:
        """Open the session that was closed last."""
        closed = [left for left in live.left_behind(self._root) if left.closed]
        recent = self.recent()
        last_file = next((path for path in recent if path.name.endswith(".h5")), None)
        if closed and str(self._settings.value("last", "")) != "file":
            self.restore(closed[0].path)
        elif last_file is not None:
            self.open(last_file)
        else:
            self._toasts.show("There is no earlier session.")

    def restore(self, folder: Path) -> None:
        """Go on with a session that was left in its live folder."""
        self._read(folder, "Restoring the session", lambda monitor: _read_folder(folder, monitor))

    def offer_restore(self) -> None:
        """At the start: if the program was killed, offer what it left."""
        live.prune(self._root)
        left = next((left for left in live.left_behind(self._root) if not left.closed and not left.saved), None)
        if left is None:
            return
        question = "SMTJ did not end as it should. Restore what it was working on?"
        box = QMessageBox(QMessageBox.Icon.Question, "SMTJ", question, parent=self._window)
        box.setInformativeText(f"{_words(left)}. If you wait, it stays under File, Earlier sessions.")
        restore = box.addButton("Restore", QMessageBox.ButtonRole.AcceptRole)
        box.setEscapeButton(box.addButton("Not now", QMessageBox.ButtonRole.RejectRole))
        discard = box.addButton("Delete it", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(restore)
        restore.clicked.connect(lambda: self.restore(left.path))
        discard.clicked.connect(lambda: self._discard(left))
        box.finished.connect(box.deleteLater)
        box.open()

    def _discard(self, left: Left) -> None:
        if QMessageBox.question(self._window, "SMTJ", f"Delete {_words(left)}? Nothing brings that back.",
                                defaultButton=QMessageBox.StandardButton.No) != _YES:
            return
        try:
            live.discard(left.path)
        except FileError as error:
            self._toasts.show(str(error), serious=True)

    def _read(self, path: Path, title: str, call: Callable[[Monitor], Any]) -> None:
        if self._opening is not None and self._opening in self._runner.active():
            self._toasts.show("Another file is being opened; Esc stops that.")
            return
        self._opening = self._runner.submit("open", call, title)

    def _on_failed(self, job: int, message: str, details: str) -> None:
        if job == self._opening:
            self._toasts.show(message, details, serious=True)

    def _on_opened(self, job: int, opened: Any) -> None:
        if job != self._opening:
            return
        self._opening = None
        content = opened.content
        if isinstance(content, Held):
            self._toasts.show(str(content), serious=True, action="Open a copy",
                              call=lambda: self.open(opened.path, copy=True))
        elif isinstance(content, FileError):
            self._toasts.show(str(content), serious=True)
        elif isinstance(content, Found):
            self._safely(lambda: self._become(content, opened), opened.release)
        else:
            self._take_in(content, opened.path)

    def _become(self, found: Found, opened: _Opened) -> None:
        preset = _preset(found.session.preset)
        self._archive.switch(lambda: self._session.become(found.session, preset), opened.folder, opened.file,
                             opened.lock, opened.modified or bool(found.warnings))
        self.window_state_found.emit(found.session.window)
        for warning in found.warnings[:3]:
            self._toasts.show(warning, "\n".join(found.warnings), serious=True)
        if opened.folder is None:
            self._done(opened.path)
        else:
            runs = len(found.session.runs)
            self._toasts.show(f"Restored: {runs} run{'' if runs == 1 else 's'}.")

    def _take_in(self, result: Result, path: Path) -> None:
        name = path.name.partition(".")[0]
        self._session.take_in([StoredRun(id=uuid.uuid4().hex[:12], name=name, kind=result.kind, setup=result.setup,
                                         result=result)])
        self._done(path)

    def _done(self, path: Path) -> None:
        self._remember(path)
        self._toasts.show(f"Opened {path.name}.")

    # -- earlier files and sessions --------------------------------------------------------------------

    def recent(self) -> list[Path]:
        """The files that were opened or saved last and are still there, newest first."""
        stored = self._settings.value("recent", [])
        names = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        return [Path(name) for name in names if Path(name).exists()]

    def add_menus(self, menu: QMenu, before: QAction) -> list[QMenu]:
        """Put the menus of recent files and of earlier sessions into the File menu, and return them."""
        added = []
        for title, fill in (("Open &recent", self._fill_recent), ("&Earlier sessions", self._fill_earlier)):
            below = QMenu(title, menu)
            below.setToolTipsVisible(True)
            below.aboutToShow.connect(lambda below=below, fill=fill: fill(below))
            fill(below)
            menu.insertMenu(before, below)
            added.append(below)
        return added

    def status(self) -> QLabel:
        """A label that says how the session is kept."""
        label = QLabel(self._window, margin=4)
        label.setProperty("muted", True)
        self._archive.changed.connect(lambda: (label.setText(self._archive.status),
                                               label.setToolTip(self._archive.habit)))
        return label

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in self.recent():
            action = menu.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self.open(path))
        if menu.isEmpty():
            menu.addAction("No recent files").setEnabled(False)

    def _fill_earlier(self, menu: QMenu) -> None:
        """Sessions that were never saved, or that the program was killed in."""
        menu.clear()
        for left in live.left_behind(self._root):
            action = menu.addAction(_words(left))
            action.setToolTip(str(left.path))
            action.triggered.connect(lambda _=False, path=left.path: self.restore(path))
        if menu.isEmpty():
            menu.addAction("No earlier sessions").setEnabled(False)

    def _remember(self, path: Path) -> None:
        names = [str(path), *(str(each) for each in self.recent() if each != path)]
        self._settings.setValue("recent", names[:_RECENT])
        self._settings.setValue("folder", str(path.parent))

    def _folder(self) -> str:
        return str(self._settings.value("folder", str(Path.home())))

    # -- leaving ---------------------------------------------------------------------------------------

    def _safely(self, go_on: Callable[[], None], give_up: Callable[[], None] = lambda: None) -> None:
        """Replace the session, once the present one is kept; where it cannot be, only if the user says so."""
        def settled(error: FileError | None) -> None:
            if error is None or self._may_lose(error):
                go_on()
            else:
                give_up()

        self._archive.settle(settled)

    def may_close(self) -> bool:
        """Whether the window may close without a loss, or with one that the user accepts."""
        lost: list[FileError | None] = []
        self._archive.settle(lost.append)
        self._archive.wait()
        return lost == [None] or self._may_lose(lost[0] if lost else None)

    def close(self) -> None:
        """The window closes."""
        self._settings.setValue("last", "folder" if self._archive.worth_keeping else "file")
        self._archive.close()

    def _may_lose(self, error: FileError | None) -> bool:
        reason = error.reason if error is not None else "it is still being written"
        box = QMessageBox(QMessageBox.Icon.Warning, "SMTJ", f"This session could not be kept: {reason}.",
                          parent=self._window)
        box.setInformativeText("It is only in memory now and will be lost.")
        elsewhere = box.addButton("Save elsewhere…", QMessageBox.ButtonRole.AcceptRole)
        lose = box.addButton("Lose it", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(elsewhere)
        box.exec()
        if box.clickedButton() is elsewhere:
            self.save_session_as()
        return box.clickedButton() is lose


def _read_file(path: Path, copy: bool, monitor: Monitor) -> _Opened:
    """In a coordinator: lock a session's file, read whatever a file is."""
    lock = None
    try:
        if path.name.lower().endswith(".h5") and not copy and path.is_file():
            lock = lock_of(path)
        content = opening.read(path, monitor)
    except FileError as error:
        if lock is not None:
            lock.release()
        return _Opened(path, error)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    if not isinstance(content, Found) and lock is not None:
        lock.release()
        lock = None
    damaged = isinstance(content, Found) and bool(content.warnings)
    if damaged and lock is not None:    # what is left of it must not be saved over it unasked
        lock.release()
        lock = None
    return _Opened(path, content, lock=lock, file=None if copy or damaged else path, modified=copy)


def _read_folder(path: Path, monitor: Monitor) -> _Opened:
    """In a coordinator: take over a live folder and read it."""
    folder = None
    try:
        folder = LiveFolder.adopt(path)
        found = live.read(path, monitor)
    except BaseException as error:
        if folder is not None:
            folder.close()
        if isinstance(error, FileError):
            return _Opened(path, error)
        raise
    file, lock = live.file_of(path), None
    if file is not None:
        try:
            lock = lock_of(file)
        except Held:
            file = None
    return _Opened(path, found, folder, lock, file, modified=True)


def _preset(key: str) -> presets.Preset:
    try:
        return presets.load(key)
    except KeyError:    # of another version
        return presets.load(presets.DEFAULT)


def _words(left: Left) -> str:
    """A session that was left, in words."""
    title = Path(left.file).name if left.file else _preset(left.title).title
    runs = f"{left.runs} run{'' if left.runs == 1 else 's'}"
    return f"{left.when:%d %b %Y, %H:%M}: {title}, {runs}"
