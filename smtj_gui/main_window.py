"""The main window: docks, tabs, menus and status bar, connected to what the session and conductor announce.

It holds no state of its own and no physics; the views are built after the first paint (view_tabs.py).
"""

from __future__ import annotations

from functools import partialmethod
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QMainWindow,
    QMessageBox,
    QWidget,
)

from smtj_engine import presets
from smtj_engine.files import live
from smtj_engine.files.opening import ENDINGS
from smtj_engine.schema import ParameterError
from smtj_gui import actions, layout, look
from smtj_gui.archive import Archive
from smtj_gui.assistance import Assistance
from smtj_gui.conductor import Conductor
from smtj_gui.corner import Corner
from smtj_gui.jobs import JobRunner
from smtj_gui.panels.activity import Activity
from smtj_gui.panels.palette import Palette
from smtj_gui.panels.runs import RunsPanel
from smtj_gui.panels.setup import SetupPanel
from smtj_gui.panels.toasts import Toasts
from smtj_gui.run_queue import RunQueue
from smtj_gui.session import Run, Session
from smtj_gui.session_files import SessionFiles
from smtj_gui.setup_files import SetupFiles
from smtj_gui.view_tabs import ViewTabs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smtj_engine.results import Result
    from smtj_gui.views import Tab
    from smtj_gui.views.base import View


#: What was copied, in words, by the action.
_COPIED = {"copy_picture": "Copied the picture.", "copy_data": "Copied the numbers.",
           "copy_python": "Copied a Python script that gives these numbers."}


class MainWindow(QMainWindow):
    """What the user sees."""

    closing = Signal()
    theme_changed = Signal(object)

    def __init__(self, session: Session, runner: JobRunner, conductor: Conductor, appearance: look.Look,
                 settings: QSettings, archive: Archive | None = None) -> None:
        super().__init__()
        self.session, self.conductor = session, conductor
        self._runner, self._look, self._settings = runner, appearance, settings
        self._preparing = ""
        self.setObjectName("main")
        self.setAcceptDrops(True)
        room = self.screen().availableGeometry()
        self.resize(min(1560, round(0.9 * room.width())), min(960, round(0.9 * room.height())))
        self.toasts = Toasts(self)
        self.files = SetupFiles(session, self.toasts, settings, self)
        self.archive = archive or Archive(session, live.home(), self)
        self.sessions = SessionFiles(session, self.archive, runner, self.files, self.toasts, settings, self)
        self.setup_panel = SetupPanel(session, self)
        self.queue = RunQueue(session, conductor, runner, self)
        self.runs_panel = RunsPanel(session, self.queue, self)
        self.activity = Activity(runner, self)
        self.tabs = ViewTabs(session, self)
        self.assistance = Assistance(self, appearance, runner)
        self.actions_, self._menus = actions.build(self, self.sessions, self.assistance)
        self._build()
        self._connect()
        layout.restore(self, settings)
        self._show_title()

    # -- building --------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.tabs.set_corner(Corner(self.actions_["export_data"], self.actions_["keep_run"], self))
        self.setCentralWidget(self.tabs)
        left = self._dock("setup", "Setup", self.setup_panel, Qt.DockWidgetArea.LeftDockWidgetArea)
        right = self._dock("runs", "Runs", self.runs_panel, Qt.DockWidgetArea.RightDockWidgetArea)
        self.resizeDocks([left, right], [max(346, self.width() // 4), max(246, self.width() // 6)],
                         Qt.Orientation.Horizontal)
        self.statusBar().addWidget(self.activity, 1)
        self.statusBar().addPermanentWidget(self.sessions.status())
        self.statusBar().setSizeGripEnabled(False)
        self.menus = [*self._menus.values(),
                      *self.sessions.add_menus(self._menus["&File"], self.actions_["reopen_last"])]
        self._mode = QLabel(self, margin=6)
        self._mode.setProperty("muted", True)
        self.statusBar().addPermanentWidget(self._mode)
        menu = self._menus["&View"]
        menu.addActions([left.toggleViewAction(), right.toggleViewAction()])
        menu.addSeparator()
        self.menus.append(layout.add_themes(menu, self._look))
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)

    def _dock(self, name: str, title: str, content: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(content)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        session, conductor = self.session, self.conductor
        session.setup_changed.connect(lambda _: self._show_title())
        self.archive.changed.connect(self._show_title)
        self.archive.window_state = self.tabs.remembered
        self.sessions.window_state_found.connect(self.tabs.recall)
        self.sessions.table_found.connect(lambda path: self._in_fitting("import_file", path))
        session.undo_changed.connect(self._show_undo)
        session.not_undone.connect(lambda words: self.toasts.show(words, serious=True))
        session.runs_changed.connect(self._show_overlays)
        conductor.live.connect(self._show_live)
        conductor.waiting.connect(self._show_waiting)
        conductor.failed.connect(self.show_failure)
        conductor.refused.connect(self._show_refusal)
        conductor.told.connect(self.tell)
        self.activity.stop.connect(self.stop)
        self.setup_panel.preset_chosen.connect(self.use_preset)
        self.runs_panel.deleted.connect(
            lambda words: self.toasts.show(words, action="Undo", call=self.session.undo))
        self.runs_panel.export_wanted.connect(self._export_run)
        self.runs_panel.reveal_wanted.connect(self.sessions.reveal)
        self.runs_panel.sequence_wanted.connect(self.sequence)
        self.queue.emptied.connect(self._tell_done)
        self._look.changed.connect(self._show_theme)
        self.tabs.built.connect(self._take_in)
        self.tabs.turned.connect(self._show_wanted)
        self._show_undo()

    def fill(self, views: Iterable[Tab | type[View]], diagram: QWidget | None = None) -> None:
        """Everything at once: presets, views, band diagram, icons."""
        self.open(views)
        if diagram is not None:
            self.setup_panel.place_diagram(diagram)
        while self.tabs.build_next() is not None:
            pass
        look.tint(self, self._look.theme)

    def open(self, views: Iterable[Tab | type[View]]) -> None:
        """After the first paint: presets, a tab for each view, and the view on top."""
        loaded = [presets.load(key) for key in presets.names()]
        self.setup_panel.chooser.fill([(item.key, item.title, item.group, item.tooltip) for item in loaded])
        self.setup_panel.refresh()
        self.tabs.offer(views, str(self._settings.value("tab", "")))

    def _take_in(self, view: View) -> None:
        """A view was built: bring it up to date and listen to it."""
        view.set_theme(self._look.theme)
        view.set_busy(self._preparing)
        view.set_overlays(self._overlays(view))
        view.wanted_changed.connect(self._show_wanted)
        view.mode_changed.connect(self._mode.setText)
        view.action_wanted.connect(lambda name: self.actions_[name].trigger())
        view.open_page.connect(self.turn_to)
        view.memory_changed.connect(self.archive.touch)
        view.told.connect(self.tell)
        view.failed.connect(self.show_failure)
        view.attach(self._runner)
        look.tint(view, self._look.theme)

    # -- showing what was announced --------------------------------------------------------------------

    @property
    def view(self) -> View | None:
        """The view on top."""
        return self.tabs.view

    @property
    def views(self) -> list[View]:
        """The views that are built, in the order of their tabs."""
        return self.tabs.views

    @property
    def theme(self) -> look.Theme:
        """The colours in use."""
        return self._look.theme

    def _show_title(self) -> None:
        changed = " (changed)" if self.session.changed else ""
        file = self.archive.file
        place = f" — {file.name}{'*' if self.archive.modified else ''}" if file is not None else ""
        self.setWindowTitle(f"SMTJ — {self.session.preset.title}{changed}{place}")

    def _show_undo(self) -> None:
        for name, text in (("undo", self.session.undo_text), ("redo", self.session.redo_text)):
            self.actions_[name].setEnabled(bool(text))
            self.actions_[name].setText(f"&{name.capitalize()}: {text}" if text else f"&{name.capitalize()}")

    def _show_wanted(self) -> None:
        self.conductor.set_wanted(self.view.wanted() if self.view is not None else ())

    def _show_live(self, key: str, result: Result, draft: bool) -> None:
        for view in self.views:
            if key in view.kinds:
                view.show_live(result, draft)

    def _show_waiting(self, key: str, text: str) -> None:
        for view in self.views:
            if not key or key in view.kinds:
                view.set_busy(text)

    def _show_overlays(self) -> None:
        for view in self.views:
            view.set_overlays(self._overlays(view))

    def _overlays(self, view: View) -> list[Run]:
        return [run for run in self.session.runs if run.visible and run.result is not None
                and run.state == "finished" and run.kind in view.kinds]

    def _show_refusal(self, error: ParameterError) -> None:
        self.setup_panel.show_error(error)
        self.toasts.show(f"{error.field}: {error.reason}", serious=True)

    def _show_theme(self, theme: look.Theme) -> None:
        look.configure_plots(theme)
        for view in self.views:
            view.set_theme(theme)
        look.tint(self, theme)
        self.theme_changed.emit(theme)

    def tell(self, text: str) -> None:
        """News that need no answer."""
        self.toasts.show(text)

    def show_failure(self, message: str, details: str) -> None:
        """Something failed: in plain words, with details on demand."""
        self.toasts.show(message, details, serious=True)

    def show_preparing(self, text: str) -> None:
        """The engine is not ready yet."""
        self._preparing = text
        self._show_waiting("", text)
        self.activity.say(text.splitlines()[0])

    # -- the actions (smtj_gui/actions.py) -------------------------------------------------------------

    def undo(self) -> None:
        self.session.undo()

    def redo(self) -> None:
        self.session.redo()

    def reset_all(self) -> None:
        self.session.use_setup(self.session.preset.setup, "Reset to the preset")

    def use_preset(self, key: str) -> None:
        """Take a preset, and turn to the view that shows what it is for."""
        preset = presets.load(key)
        self.session.use_preset(preset)
        self.turn_to(preset.run, preset.shows)

    def turn_to(self, kind: str, variable: str = "") -> None:
        """Put the view that draws this kind of result on top, on the page of that variable if one is named."""
        view = self.tabs.of_kind(kind)
        if view is not None:
            view.show_kind(kind, variable)
            self.tabs.turn_to(view.key)

    def keep_run(self) -> None:
        self.conductor.keep(self.view.kept() if self.view is not None else None)

    def sequence(self) -> None:
        from smtj_gui.sequence_dialog import ask

        ask(self.session, self.queue, self.view.wanted() if self.view is not None else (), self)

    def _tell_done(self, finished: int) -> None:
        if finished > 1:
            self.tell(f"The queue is done: {finished} runs.")

    def stop(self) -> None:
        self.queue.hold()
        self.conductor.stop()

    def play(self) -> None:
        if self.view is not None:
            self.view.play()

    def save_setup(self) -> None:
        self.files.ask_save()

    def _export(self, function: str) -> None:
        from smtj_gui import exporting

        if self.view is None or self.view.current_result() is None:
            self.toasts.show("There is nothing to export yet.")
        elif function.startswith("copy"):
            done = getattr(exporting, function)(self.view)
            self.toasts.show(_COPIED[function] if done else "A fit has no script; `smtj fit` repeats it.")
        else:
            shown = {"runs": self._overlays(self.view)} if function == "export_figure" else {}
            getattr(exporting, function)(self.view, self, runner=self._runner, told=self.tell, **shown)

    def export_data(self) -> None:
        self._export("export_csv")

    export_figure = partialmethod(_export, "export_figure")
    export_sphere = partialmethod(_export, "export_sphere")
    export_animation = partialmethod(_export, "export_animation")
    copy_picture = partialmethod(_export, "copy_picture")
    copy_data = partialmethod(_export, "copy_data")
    copy_python = partialmethod(_export, "copy_python")

    def _in_fitting(self, action: str, *arguments: object) -> None:
        """Let the fitting view do this."""
        self.turn_to("fit")
        getattr(self.view, action)(*arguments)

    def import_data(self) -> None:
        self._in_fitting("ask_import")

    def paste_data(self) -> None:
        self._in_fitting("paste")

    def export_runs(self) -> None:
        from smtj_gui import exporting

        results = [run.result for run in self.session.runs if run.result is not None]
        if not results:
            self.toasts.show("There are no kept runs to export.")
        else:
            exporting.export_all(results, self, self._runner, self.tell, self.show_failure)

    def _export_run(self, run: Run) -> None:
        from smtj_gui import exporting

        exporting.export_csv(exporting.Kept(run), self, runner=self._runner, told=self.tell)

    def find_action(self) -> None:
        Palette(actions.named(self.menus), self).show()

    # -- the window itself -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space comes here only when no field and no button has taken it."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.play()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(Path(url.toLocalFile()).suffix.lower() in (".toml", *ENDINGS) for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        names = [url.toLocalFile() for url in event.mimeData().urls()]
        self.sessions.open(names[0])
        if len(names) > 1:
            self.tell(f"Only {Path(names[0]).name} is opened: drop one file at a time.")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask only while a run is being calculated or something cannot be kept; then stop everything and wait."""
        active = any(run.state == "running" for run in self.session.runs)
        if (active and not self._may_close()) or not self.sessions.may_close():
            event.ignore()
            return
        layout.remember(self, self._settings)
        self.conductor.stop()
        self._runner.shutdown()
        self.sessions.close()
        self.closing.emit()
        event.accept()

    def _may_close(self) -> bool:
        answer = QMessageBox.question(self, "Quit SMTJ", "A run is still being calculated. Stop it and quit?")
        return answer == QMessageBox.StandardButton.Yes
