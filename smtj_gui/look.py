"""How the program looks: two themes, the style sheet built from them, icons, and pyqtgraph's defaults.

Qt's own colour scheme does nothing without a platform theme, so Fusion gets two palettes of our own.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from string import Template
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QGuiApplication, QPalette

from smtj_engine.files import resources
from smtj_gui.colours import SETS
from smtj_gui.preferences import Preferences

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

#: The colours that are taken unless the user chose others.
_USUAL = SETS["okabe-ito"]


@dataclass(frozen=True)
class Theme:
    """The colours of one theme; `lines` are the colours of curves, in order."""

    dark: bool
    foreground: str      # text, axes
    background: str      # plots, fields
    window: str          # behind everything
    panel: str           # docks, headers
    border: str
    muted: str           # secondary text
    grid: str
    accent: str
    on_accent: str
    error: str
    error_ground: str
    warning: str
    good: str
    lines: tuple[str, ...]


LIGHT = Theme(
    dark=False, foreground="#1c2330", background="#ffffff", window="#f3f5f8", panel="#fafbfc", border="#d3d9e2",
    muted="#5c6778", grid="#c4cbd6", accent="#0a66c2", on_accent="#ffffff", error="#b3261e",
    error_ground="#fdeceb", warning="#9a6200", good="#1b7f4d",
    lines=_USUAL.light)

DARK = Theme(
    dark=True, foreground="#e3e7ee", background="#14171c", window="#1b1f26", panel="#20252d", border="#39414d",
    muted="#98a3b3", grid="#4a5462", accent="#5aa9f0", on_accent="#0c1118", error="#ff8a80",
    error_ground="#3a2224", warning="#e8b45a", good="#5fc08f",
    lines=_USUAL.dark)

_STYLE = Template("""
QWidget { selection-background-color: $accent; selection-color: $on_accent; }
QToolTip { background: $panel; color: $foreground; border: 1px solid $border; padding: 5px; }
QMainWindow::separator { background: $window; width: 5px; height: 5px; }
QMainWindow::separator:hover { background: $accent; }
QMenuBar { background: $window; padding: 2px 4px; }
QMenuBar::item { padding: 4px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $border; }
QMenu { background: $panel; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 26px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QDockWidget { font-weight: 600; }
QDockWidget > QWidget { font-weight: 400; }
QDockWidget::title { background: $window; padding: 8px 10px; text-align: left; }
QTabWidget::pane { border: 0; border-top: 1px solid $border; background: $window; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { padding: 8px 11px; color: $muted; background: transparent; border: 0;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $foreground; border-bottom: 2px solid $accent; font-weight: 600; }
QTabBar::tab:hover:!selected { color: $foreground; border-bottom: 2px solid $border; }
QTabBar::tab:focus { color: $accent; }
QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextBrowser { background: $background; color: $foreground;
  border: 1px solid $border; border-radius: 4px; }
QLineEdit, QComboBox, QAbstractSpinBox { padding: 2px 6px; min-height: 20px; }
QLineEdit:hover, QComboBox:hover { border-color: $muted; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus { border: 1px solid $accent; }
QLineEdit:disabled, QComboBox:disabled { color: $muted; background: $panel; }
QLineEdit[refused="true"] { border: 1px solid $error; background: $error_ground; }
QComboBox { combobox-popup: 0; }
QComboBox::drop-down { border: 0; width: 20px; }
QComboBox::down-arrow { image: url("$chevron"); width: 12px; height: 12px; margin-right: 6px; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $border; outline: 0; padding: 2px; }
QPushButton { background: $panel; border: 1px solid $border; border-radius: 5px; padding: 4px 12px; }
QPushButton:hover { border-color: $muted; }
QPushButton:pressed { background: $border; }
QPushButton:disabled { color: $muted; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[primary="true"]:focus { border: 2px solid $foreground; }
QPushButton[primary="true"]:disabled { background: $border; border-color: $border; color: $muted; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 2px; background: transparent; }
QToolButton:hover { background: $border; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton:checked { background: $border; }
QToolButton[heading="true"] { font-weight: 600; text-align: left; padding: 5px 4px; border-radius: 4px;
  background: transparent; }
QToolButton[heading="true"]:hover { color: $accent; }
QToolButton[heading="true"]:focus { border: 1px solid $accent; }
QToolButton[quiet="true"] { color: $muted; }
QToolButton[quiet="true"]:hover { color: $foreground; }
QCheckBox::indicator, QTableView::indicator, QTreeView::indicator { width: 13px; height: 13px;
  border: 1px solid $muted; border-radius: 3px; background: $background; }
QCheckBox::indicator:checked, QTableView::indicator:checked, QTreeView::indicator:checked {
  background: $accent; border-color: $accent; image: url("$check"); }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QSlider::groove:horizontal { height: 4px; background: $border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 10px; height: 10px; margin: -5px 0; border-radius: 7px;
  background: $background; border: 2px solid $accent; }
QSlider::handle:horizontal:hover { background: $accent; }
QSlider:focus { border: 0; }
QSlider::handle:horizontal:focus { background: $foreground; border: 2px solid $accent; }
QSlider[unset="true"]::handle:horizontal { border-color: $muted; }
QSlider[unset="true"]::sub-page:horizontal { background: $border; }
QProgressBar { background: $border; border: 0; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QStatusBar { background: $panel; border-top: 1px solid $border; }
QStatusBar::item { border: 0; }
QTreeView, QTableView, QListView { background: $background; border: 1px solid $border; border-radius: 4px;
  outline: 0; }
QTreeView:focus, QTableView:focus, QListView:focus { border: 1px solid $accent; }
QTreeView::item, QTableView::item { padding: 3px 4px; border: 0; }
QListView::item { padding: 5px 8px; }
QTreeView::item:selected, QTableView::item:selected, QListView::item:selected { background: $accent;
  color: $on_accent; }
QHeaderView::section { background: $panel; color: $muted; border: 0; border-bottom: 1px solid $border;
  padding: 4px 6px; }
QScrollArea { border: 0; background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 4px; min-height: 28px; min-width: 28px; margin: 1px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QDialog[popup="true"] { background: $panel; border: 1px solid $muted; }
QFrame[card="true"] { background: $panel; border: 1px solid $border; border-radius: 6px; }
QFrame[toast="true"] { background: $panel; border: 1px solid $border; border-left: 4px solid $accent;
  border-top-right-radius: 6px; border-bottom-right-radius: 6px; }
QFrame[toast="true"][serious="true"] { border-left: 4px solid $error; }
QFrame[line="true"] { background: $border; max-height: 1px; min-height: 1px; border: 0; }
QLabel[muted="true"] { color: $muted; }
QLabel[title="true"] { font-weight: 600; }
QLabel[error="true"] { color: $error; }
QLabel[changed="true"] { color: $accent; font-weight: 600; }
""")


def style_sheet(theme: Theme) -> str:
    """The style sheet of a theme."""
    chevron, check = (resources.path(f"icons/{name}-{'dark' if theme.dark else 'light'}.svg").as_posix()
                      for name in ("chevron", "check"))
    return _STYLE.substitute({name: getattr(theme, name) for name in Theme.__dataclass_fields__},
                             chevron=chevron, check=check)


def palette(theme: Theme) -> QPalette:
    """Fusion's palette in a theme's colours."""
    role = QPalette.ColorRole
    result = QPalette()
    for name, colour in ((role.Window, theme.window), (role.WindowText, theme.foreground),
                         (role.Base, theme.background), (role.AlternateBase, theme.panel),
                         (role.Text, theme.foreground), (role.Button, theme.panel),
                         (role.ButtonText, theme.foreground), (role.BrightText, theme.error),
                         (role.ToolTipBase, theme.panel), (role.ToolTipText, theme.foreground),
                         (role.Highlight, theme.accent), (role.HighlightedText, theme.on_accent),
                         (role.Link, theme.accent), (role.LinkVisited, theme.accent),
                         (role.PlaceholderText, theme.muted), (role.Light, theme.panel),
                         (role.Midlight, theme.panel), (role.Mid, theme.border), (role.Dark, theme.border),
                         (role.Shadow, theme.border), (role.Accent, theme.accent)):
        result.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.muted))
    return result


class Look(QObject):
    """The theme in use and the size of the text, as the preferences say; the theme follows the system unless one
    was chosen."""

    changed = Signal(object)  # Theme; the size of the text may have changed too

    def __init__(self, app: QApplication, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self.preferences = Preferences(settings, self)
        if app.property("system_font") is None:
            app.setProperty("system_font", app.font())
        app.setStyle("Fusion")
        self.theme, self._font = self._resolve(), self._text()
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._update)
        self.preferences.changed.connect(
            lambda name: self._update() if name in ("theme", "text_pt", "colours") else None)

    @property
    def mode(self) -> str:
        """One of the preferences' MODES."""
        return str(self.preferences["theme"])

    def choose(self, mode: str) -> None:
        """Take a theme and remember it."""
        self.preferences.choose("theme", mode)

    def _resolve(self) -> Theme:
        dark = self.mode == "dark"
        if self.mode == "system":
            dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        theme, colours = DARK if dark else LIGHT, SETS[self.preferences["colours"]]
        return theme if colours is _USUAL else replace(theme, lines=colours.dark if dark else colours.light)

    def _text(self) -> QFont:
        font = QFont(self._app.property("system_font"))
        if self.preferences["text_pt"]:
            font.setPointSize(self.preferences["text_pt"])
        return font

    def _update(self) -> None:
        theme, font = self._resolve(), self._text()
        if (theme, font) != (self.theme, self._font):
            self.theme, self._font = theme, font
            self._apply()
            self.changed.emit(theme)

    def _apply(self) -> None:
        self._app.setFont(self._font)
        self._app.setPalette(palette(self.theme))
        self._app.setStyleSheet(style_sheet(self.theme))


def configure_plots(theme: Theme) -> None:
    """pyqtgraph's defaults; called before the first plot is made (the import costs half a second)."""
    import pyqtgraph

    pyqtgraph.setConfigOptions(antialias=True, background=theme.background, foreground=theme.foreground)


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


#: The theme that icons were last drawn in; empty until their fonts are loaded.
_drawn: list[Theme] = []


def set_icon(target: QAbstractButton | QAction, name: str) -> None:
    """Give an icon by its name ("ph.play"); before the first paint it is only noted, and tint() draws it."""
    target.setProperty("icon_name", name)
    if _drawn:
        _draw(target, _drawn[-1])


def tint(root: QObject, theme: Theme) -> None:
    """Draw the noted icons below an object in a theme's colours (icon fonts are loaded on the first call)."""
    from PySide6.QtWidgets import QAbstractButton, QApplication

    if not _drawn:
        QApplication.instance().aboutToQuit.connect(_forget_icons)
    _drawn[:] = [theme]
    targets: list[QAbstractButton | QAction] = [*root.findChildren(QAbstractButton), *root.findChildren(QAction)]
    for target in targets:
        if target.property("icon_name"):
            _draw(target, theme)


def _forget_icons() -> None:
    """Icons that qtawesome keeps outlive the application, which may crash the end of the interpreter."""
    if (qtawesome := sys.modules.get("qtawesome")) is not None:
        qtawesome.reset_cache()


def _draw(target: QAbstractButton | QAction, theme: Theme) -> None:
    import os

    os.environ.setdefault("QT_API", "pyside6")
    import qtawesome

    colour = theme.on_accent if target.property("primary") else theme.muted
    target.setIcon(qtawesome.icon(target.property("icon_name"), color=colour, color_disabled=theme.border))
