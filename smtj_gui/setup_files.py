"""Opens and saves setups as TOML files: the dialogs here, the reading and writing in the engine."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

from smtj_engine.files import FileError, setups
from smtj_gui.panels.toasts import Toasts
from smtj_gui.session import Session

_KINDS = "Setup files (*.toml);;All files (*)"


class SetupFiles:
    """Remembers the last folder; errors are told in the window and change nothing."""

    def __init__(self, session: Session, toasts: Toasts, settings: QSettings, window: QWidget) -> None:
        self._session, self._toasts, self._settings, self._window = session, toasts, settings, window

    def open(self, name: str) -> None:
        """Take over a setup file, in one undo step."""
        try:
            setup = setups.load(name)
        except FileError as error:
            self._toasts.show(str(error), serious=True)
            return
        self._remember(name)
        self._session.use_setup(setup, f"Open {Path(name).name}")
        self._toasts.show(f"Opened {Path(name).name}.")

    def ask_save(self) -> None:
        """Choose a place and write the present setup there."""
        name, _ = QFileDialog.getSaveFileName(self._window, "Save setup", f"{self._folder()}/setup.toml", _KINDS)
        if name:
            self.save(name)

    def save(self, name: str) -> None:
        """Write the present setup; where that fails, another place is offered."""
        try:
            written = setups.save(self._session.setup, name)
        except FileError as error:
            self._toasts.show(str(error), serious=True, action="Save elsewhere…", call=self.ask_save)
            return
        self._remember(name)
        self._toasts.show(f"Saved {written}. Without the window: smtj run angular --setup {written.name}")

    def _folder(self) -> str:
        return str(self._settings.value("folder", str(Path.home())))

    def _remember(self, name: str) -> None:
        self._settings.setValue("folder", str(Path(name).parent))
