"""What makes the program comfortable: preferences and how they take effect, and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from smtj_engine.scale import executor
from smtj_gui import actions, decimals, layout
from smtj_gui.colours import SETS
from smtj_gui.context_help import Attention, WhatsThis, place_of
from smtj_gui.number_widgets import respell_tips
from smtj_gui.panels.help import HelpWindow, keys_page

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from smtj_gui.jobs import JobRunner
    from smtj_gui.look import Look
    from smtj_gui.main_window import MainWindow
    from smtj_gui.preferences_dialog import PreferencesDialog
    from smtj_gui.tour import Tour


class Assistance(QObject):
    """The actions of Edit, Preferences and of the Help menu; a dialog is built when it is first wanted."""

    def __init__(self, window: MainWindow, appearance: Look, runner: JobRunner) -> None:
        super().__init__(window)
        self._window, self._runner = window, runner
        self.chosen = appearance.preferences
        self.help_window: HelpWindow | None = None
        self.touring: Tour | None = None
        self._preferences: PreferencesDialog | None = None
        self._attention, self._asking = Attention(window), WhatsThis(self)
        self._asking.asked.connect(self._explain)
        self.chosen.changed.connect(self._take_effect)
        for name in ("decimal_comma", "rest_s", "threads", "cluster", "colours"):
            self._take_effect(name)

    def _take_effect(self, name: str) -> None:
        """Let a choice be felt; theme, text and colours of curves are the Look's."""
        window, chosen = self._window, self.chosen
        if name == "decimal_comma":
            window.setLocale(decimals.use(chosen[name]))
            respell_tips(window)
        elif name in ("autosave", "rest_s"):
            window.archive.set_rest(round(1000 * chosen["rest_s"]) if chosen["autosave"] else None)
        elif name == "threads":
            executor.use_threads(chosen[name] or None)
        elif name == "cluster":
            window.conductor.cluster = chosen[name]
        elif name == "colours":
            window.session.use_colours(SETS[chosen[name]].runs)

    def preferences(self) -> None:
        """Show the dialog."""
        from smtj_gui.preferences_dialog import PreferencesDialog

        if self._preferences is None:
            self._preferences = PreferencesDialog(self.chosen, self._window)
        self._preferences.show()
        self._preferences.raise_()
        self._preferences.activateWindow()

    def tour(self) -> None:
        """The tour, with the focus."""
        self.show_tour()
        if self.touring is not None:
            self.touring.setFocus()

    def show_tour(self) -> None:
        """The tour, with the focus where it is."""
        from smtj_gui.tour import Tour

        if self.touring is None:
            self.touring = Tour(self._window)
            self.touring.ended.connect(lambda: setattr(self, "touring", None))

    # -- help ------------------------------------------------------------------------------------------

    def help(self) -> None:
        """On what the user looks at: a field, a panel, a view."""
        if self.help_window is not None and self.help_window.isActiveWindow():
            self.help_window.hide()
        else:
            self._explain(self._attention.widget())

    def whats_this(self) -> None:
        """The next click asks for help on what it hits."""
        self._asking.begin()

    def _explain(self, widget: QWidget | None) -> None:
        view = self._window.view
        place = place_of(widget) or (view.key if view is not None else "index")
        page, _, words = place.partition("#")
        self._help().show_page(page, words)

    def keys(self) -> None:
        of_runs = self._window.runs_panel.actions_.values()
        self._help().show_text(keys_page(actions.named(self._window.menus), of_runs))

    def about(self) -> None:
        layout.about(self._window)

    def _help(self) -> HelpWindow:
        window = self._window
        if self.help_window is None:
            self.help_window = HelpWindow(window, window.session.preset, window.theme)
            window.theme_changed.connect(self.help_window.set_theme)
        self.help_window.preset = window.session.preset
        return self.help_window
