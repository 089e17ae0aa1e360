"""The menus as one table: text, key, icon and the window's method for each action."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from smtj_gui.look import set_icon

#: Menu by menu: (name, text, key, icon, tooltip); None is a separator. The window, or one of its helpers, has a
#: method of each name.
MENUS: dict[str, tuple[tuple[str, str, str, str, str] | None, ...]] = {
    "&File": (
        ("new_session", "&New session", "Ctrl+N", "ph.file-plus",
         "Begin an empty session; this one stays among the earlier sessions"),
        ("open_file", "&Open…", "Ctrl+O", "ph.folder-open", "Open a session, a run, or a setup file"),
        ("reopen_last", "Reopen &last session", "", "ph.clock-counter-clockwise",
         "Go on with the session that was closed last"),
        None,
        ("save_session", "&Save session", "Ctrl+S", "ph.floppy-disk", "Save the setup and all runs in one file"),
        ("save_session_as", "Save session &as…", "Ctrl+Shift+S", "ph.floppy-disk-back",
         "Save the setup and all runs in another file"),
        ("save_setup", "Save se&tup…", "", "ph.sliders-horizontal",
         "Save the setup alone as a TOML file that the command line runs too"),
        None,
        ("import_data", "&Import measured data…", "Ctrl+I", "ph.download-simple",
         "Import a measured curve to be fitted"),
        ("export_data", "&Export data…", "Ctrl+E", "ph.table", "Write the numbers of this view as CSV or HDF5"),
        ("export_figure", "Export &figure…", "Ctrl+Shift+E", "ph.image", "Write this view as PNG, SVG or PDF"),
        ("export_sphere", "Export s&phere…", "", "ph.globe-hemisphere-west",
         "Write the magnetization's sphere as it is seen now as PNG"),
        ("export_animation", "Export &animation…", "", "ph.film-strip",
         "Write the precession on its sphere as an animated GIF"),
        ("copy_picture", "&Copy picture", "Ctrl+C", "ph.copy", "Copy this view's picture to the clipboard"),
        ("copy_data", "Copy &data", "Ctrl+Shift+C", "ph.clipboard-text",
         "Copy this view's numbers to the clipboard"),
        ("copy_python", "Copy as P&ython", "", "ph.code",
         "Copy a script that calculates this view's numbers to the clipboard"),
        ("export_runs", "Export all &runs…", "", "ph.files", "Write every kept run as CSV into a folder"),
        None,
        ("close", "&Quit", "Ctrl+Q", "ph.sign-out", "Close the program"),
    ),
    "&Edit": (
        ("undo", "&Undo", "Ctrl+Z", "ph.arrow-u-up-left", "Take the last change back"),
        ("redo", "&Redo", "Ctrl+Shift+Z", "ph.arrow-u-up-right", "Do the last undone change again"),
        None,
        ("paste_data", "&Paste measured data", "Ctrl+V", "ph.clipboard",
         "Import the table on the clipboard, to be fitted"),
        ("reset_all", "Reset &all to preset", "", "ph.arrow-counter-clockwise", "Take all values of the preset"),
        None,
        ("preferences", "Pre&ferences…", "Ctrl+,", "ph.gear-six",
         "Theme, text, colours, decimal sign, autosave, threads, cluster"),
    ),
    "&Run": (
        ("keep_run", "&Keep as run", "F5", "ph.push-pin",
         "Calculate at full accuracy and keep the curves as a run for comparison"),
        ("sequence", "Se&quence of runs…", "Shift+F5", "ph.stack",
         "Step a parameter over a list of values, one run for each"),
        ("play", "&Play or pause", "", "ph.play", "Play or pause the precession (Space)"),
        ("stop", "&Stop", "Esc", "ph.stop", "Stop what is being calculated"),
    ),
    "&View": (),
    "&Help": (
        ("help", "&Help", "F1", "ph.question", "Explain the field, panel or view under the cursor"),
        ("whats_this", "&What is this?", "Shift+F1", "ph.cursor", "Explain what is clicked next"),
        ("tour", "&Tour", "", "ph.map-trifold", "Show the parts of the window, one after the other"),
        ("keys", "&Keys", "", "ph.keyboard", "List all keys"),
        ("find_action", "&Find an action…", "Ctrl+K", "ph.magnifying-glass", "Find any action by its name"),
        None,
        ("about", "&About SMTJ", "", "ph.info", "Version and licence"),
    ),
}


def build(window: QMainWindow, *helpers: object) -> tuple[dict[str, QAction], dict[str, QMenu]]:
    """Fill the window's menu bar; returns actions by name and menus by title."""
    actions: dict[str, QAction] = {}
    menus: dict[str, QMenu] = {}
    for title, entries in MENUS.items():
        menu = menus[title] = window.menuBar().addMenu(title)
        menu.setToolTipsVisible(True)
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            name, text, key, icon, tip = entry
            action = actions[name] = QAction(text, window)
            action.setObjectName(name)
            action.setToolTip(f"{tip} ({key})" if key else tip)
            if key:
                action.setShortcut(QKeySequence(key))
            set_icon(action, icon)
            call = next(getattr(owner, name) for owner in (window, *helpers) if hasattr(owner, name))
            action.triggered.connect(lambda _=False, call=call: call())
            menu.addAction(action)
    return actions, menus


def named(menus: Sequence[QMenu]) -> list[QAction]:
    """Every action of these menus, for the command palette and the list of keys.

    Menus in menus are to be among them: PySide makes what QAction.menu() returns a child of that action's Python
    object, and forgets the menu's own actions as soon as that object is gone.
    """
    openers = [menu.menuAction() for menu in menus]
    return [action for menu in menus for action in menu.actions()
            if not action.isSeparator() and action not in openers]
