"""What the window looks like from one start to the next: geometry, docks, tab, groups; its themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QMessageBox

from smtj_gui import look
from smtj_gui.preferences import MODES

if TYPE_CHECKING:
    from smtj_gui.main_window import MainWindow


def restore(window: MainWindow, settings: QSettings) -> None:
    """Bring back what `remember` stored; the tab is chosen when the views are there."""
    for key, bring_back in (("geometry", window.restoreGeometry), ("state", window.restoreState)):
        stored = settings.value(key)
        if isinstance(stored, QByteArray):
            bring_back(stored)
    opened = settings.value("groups")
    if isinstance(opened, list):
        for form in window.setup_panel.forms:
            form.set_opened(form.title in opened)


def remember(window: MainWindow, settings: QSettings) -> None:
    """Store what the window looks like."""
    settings.setValue("geometry", window.saveGeometry())
    settings.setValue("state", window.saveState())
    settings.setValue("tab", window.tabs.key)
    settings.setValue("groups", [form.title for form in window.setup_panel.forms if form.opened])


def add_themes(menu: QMenu, appearance: look.Look) -> QMenu:
    """The menu of themes."""
    themes = menu.addMenu("&Theme")
    group = QActionGroup(themes)
    actions = {}
    for mode, text in zip(MODES, ("Follow the system", "Light theme", "Dark theme"), strict=True):
        action = actions[mode] = themes.addAction(text)
        action.setCheckable(True)
        action.setChecked(mode == appearance.mode)
        action.triggered.connect(lambda _=False, mode=mode: appearance.choose(mode))
        group.addAction(action)
    appearance.preferences.changed.connect(lambda _: actions[appearance.mode].setChecked(True))
    return themes


def about(window: MainWindow) -> None:
    """Version and licence."""
    from smtj_engine.version import __version__

    QMessageBox.about(window, "About SMTJ", f"<b>SMTJ {__version__}</b><br>Spin transport and spin torque in a "
                      "semi-magnetic tunnel junction.<br>MIT licence.")
