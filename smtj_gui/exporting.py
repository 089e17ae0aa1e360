"""Takes results out of the window, to files and to the clipboard; the writing itself is the engine's.

A file that cannot be written is explained in plain words and another place is offered; the result stays where it
is. Files are written in a coordinator of the job runner, so that the window does not stall.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QMessageBox,
    QWidget,
)

from smtj_engine.files.errors import FileError
from smtj_gui.look import LIGHT, palette, style_sheet

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.jobs import JobRunner
    from smtj_gui.views.base import View

#: Kinds of text file by the words in the file dialog: separator and ending.
CSV_FILTERS = {"CSV, comma (*.csv)": (",", "csv"), "CSV, semicolon (*.csv)": (";", "csv"),
               "Text, tab (*.tsv)": ("\t", "tsv")}
FORMATS = ("png", "svg", "pdf")
WIDTHS_MM = {"One column, 85 mm": 85.0, "Two columns, 180 mm": 180.0}
RESOLUTIONS = (150, 300, 600, 1200)
#: Pictures for the clipboard have this many pixels per pixel of the screen.
_SHARPNESS = 2
_ON_PAPER = f"QWidget {{ background: {LIGHT.background}; color: {LIGHT.foreground}; }}"


class HasResult(Protocol):
    """What is exported: a view, or anything else that holds a result."""

    def current_result(self) -> Result | None: ...


@dataclasses.dataclass(frozen=True)
class Target:
    """Where a result goes, and how: separator for numbers; width and resolution for pictures."""

    path: Path
    separator: str = ","
    width_mm: float = 85.0
    dpi: int = 300


class Dialogs:
    """The questions put to the user; tests answer them without a dialog."""

    def __init__(self) -> None:
        self.folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        if not self.folder.is_dir():
            self.folder = Path.home()
        self._options = FigureOptions()

    def table(self, parent: QWidget | None, result: Result) -> Target | None:
        """Where to write the numbers, and separated by what."""
        chosen = self._save_as(parent, "Export data", suggest(self.folder, result.kind, "csv"), list(CSV_FILTERS))
        return Target(chosen[0], separator=CSV_FILTERS[chosen[1]][0]) if chosen else None

    def figure(self, parent: QWidget | None, result: Result) -> Target | None:
        """Where to write the picture, in which format and size."""
        options = FigureDialog(self._options, parent).ask()
        if options is None:
            return None
        self._options = options
        name = options.format
        chosen = self._save_as(parent, "Export figure", suggest(self.folder, result.kind, name),
                               [f"{name.upper()} picture (*.{name})"])
        return Target(chosen[0], width_mm=options.width_mm, dpi=options.dpi) if chosen else None

    def elsewhere(self, parent: QWidget | None, text: str, details: str) -> bool:
        """Say why a file was not written; True to choose another place."""
        box = QMessageBox(QMessageBox.Icon.Warning, "SMTJ", text, QMessageBox.StandardButton.Cancel, parent)
        box.setInformativeText("The result is still here. Would you like to save it in another place?")
        box.setDetailedText(details)
        other = box.addButton("Save elsewhere…", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(other)
        box.exec()
        return box.clickedButton() is other

    def _save_as(self, parent: QWidget | None, title: str, suggested: Path,
                 filters: list[str]) -> tuple[Path, str] | None:
        dialog = QFileDialog(parent, title, str(suggested.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)  # asks before it overwrites
        dialog.setNameFilters(filters)
        dialog.filterSelected.connect(lambda name: dialog.setDefaultSuffix(_ending(name)))
        dialog.setDefaultSuffix(_ending(filters[0]))
        dialog.selectFile(suggested.name)
        if not dialog.exec() or not dialog.selectedFiles():
            return None
        path = Path(dialog.selectedFiles()[0])
        self.folder = path.parent
        return path, dialog.selectedNameFilter()


@dataclasses.dataclass(frozen=True)
class FigureOptions:
    """Format, width on paper, and resolution of a PNG."""

    format: str = "png"
    width_mm: float = 85.0
    dpi: int = 300


class FigureDialog(QDialog):
    """Asks for the format and size of a figure."""

    def __init__(self, options: FigureOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export figure")
        self.formats, self.widths, self.dpis = QComboBox(self), QComboBox(self), QComboBox(self)
        for name in FORMATS:
            self.formats.addItem(name.upper(), name)
        for text, width in WIDTHS_MM.items():
            self.widths.addItem(text, width)
        for dpi in RESOLUTIONS:
            self.dpis.addItem(f"{dpi} dpi", dpi)
        for box, value in ((self.formats, options.format), (self.widths, options.width_mm),
                           (self.dpis, options.dpi)):
            box.setCurrentIndex(max(0, box.findData(value)))
        form = self._form = QFormLayout(self)
        form.addRow("Format", self.formats)
        form.addRow("Width", self.widths)
        form.addRow("Resolution", self.dpis)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        buttons.button(standard.Ok).setText("Choose file…")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.formats.currentIndexChanged.connect(lambda _: self._only_png_has_dots())
        self._only_png_has_dots()

    def _only_png_has_dots(self) -> None:
        self._form.setRowVisible(self.dpis, self.formats.currentData() == "png")

    def options(self) -> FigureOptions:
        """What is chosen."""
        return FigureOptions(self.formats.currentData(), self.widths.currentData(), self.dpis.currentData())

    def ask(self) -> FigureOptions | None:
        """Show the dialog; None when it was cancelled."""
        return self.options() if self.exec() else None


class Export(QObject):
    """One result on its way to a file: ask where, write, and ask again if that fails."""

    written = Signal(object)    # Path
    refused = Signal(object)    # FileError; the question for another place follows
    ended = Signal()            # written, or given up

    def __init__(self, result: Result, ask: Callable[[QWidget | None, Result], Target | None],
                 write: Callable[[Result, Target], Path], dialogs: Dialogs, runner: JobRunner | None,
                 parent: QWidget | None) -> None:
        super().__init__(parent)
        self._result, self._ask, self._write = result, ask, write
        self._dialogs, self._runner, self._widget = dialogs, runner, parent
        self._outcome: Path | FileError | None = None
        self._job = 0
        if runner is not None:
            runner.ended.connect(self._on_ended)

    def start(self) -> None:
        """Ask where to, then write there."""
        target = self._ask(self._widget, self._result)
        if target is None:
            self._finish()
        elif self._runner is None:
            self._run(target)
            self._report()
        else:
            self._job = self._runner.submit("export", lambda monitor: self._run(target),
                                            f"Writing {target.path.name}")

    def _run(self, target: Target) -> Result:
        """In a coordinator: write; how it went is read on the GUI thread afterwards."""
        try:
            self._outcome = self._write(self._result, target)
        except FileError as error:
            self._outcome = error
        except Exception as error:  # a library's fault must not cost the result, or pass in silence
            self._outcome = FileError(target.path, str(error) or type(error).__name__)
            self._outcome.add_note(traceback.format_exc())
        return self._result

    def _on_ended(self, job: int) -> None:
        if job == self._job:
            self._job = 0
            self._report()

    def _report(self) -> None:
        outcome, self._outcome = self._outcome, None
        if isinstance(outcome, Path):
            self.written.emit(outcome)
            self._finish()
        elif outcome is None:  # stopped before it began
            self._finish()
        else:
            self.refused.emit(outcome)
            if self._dialogs.elsewhere(self._widget, explain(outcome), details(outcome)):
                self.start()
            else:
                self._finish()

    def _finish(self) -> None:
        self.ended.emit()
        self.deleteLater()


_interactive: list[Dialogs] = []


def export_csv(view: View | HasResult, parent: QWidget | None, *, runner: JobRunner | None = None,
               dialogs: Dialogs | None = None, told: Callable[[str], None] | None = None) -> Export | None:
    """Write a view's numbers as CSV; None when there are none. The Export's signals say how it went."""
    dialogs = dialogs or _dialogs()
    return _export(view, parent, dialogs.table, _write_csv, dialogs, runner, told)


def export_figure(view: View | HasResult, parent: QWidget | None, *, runner: JobRunner | None = None,
                  dialogs: Dialogs | None = None, told: Callable[[str], None] | None = None) -> Export | None:
    """Write a view's result as PNG, SVG or PDF, drawn anew for print; None when there is none."""
    dialogs = dialogs or _dialogs()
    return _export(view, parent, dialogs.figure, _write_figure, dialogs, runner, told)


def copy_data(view: View | HasResult) -> bool:
    """Put a view's numbers on the clipboard, separated by tabs as spreadsheets like it."""
    from smtj_engine.files import csv

    result = view.current_result()
    if result is None:
        return False
    QGuiApplication.clipboard().setText(csv.to_text(result, "\t"))
    return True


def copy_picture(view: View) -> bool:
    """Put a view's picture on the clipboard, on a light ground whatever the theme."""
    if view.current_result() is None:
        return False
    QGuiApplication.clipboard().setPixmap(picture_of(view))
    return True


def picture_of(view: View) -> QPixmap:
    """A view's picture in the light theme; over before the window is painted again, so nobody sees it change."""
    theme, style, colours = view.theme, view.styleSheet(), view.palette()
    widget = view.picture()
    pixmap = QPixmap(widget.size() * _SHARPNESS)
    pixmap.setDevicePixelRatio(_SHARPNESS)
    pixmap.fill(QColor(LIGHT.background))
    try:
        view.set_theme(LIGHT)
        view.setPalette(palette(LIGHT))
        view.setStyleSheet(style_sheet(LIGHT) + _ON_PAPER)
        view.come_to_rest()
        widget.render(pixmap, renderFlags=QWidget.RenderFlag.DrawChildren)
    finally:
        view.setStyleSheet(style)
        view.setPalette(colours)
        if theme is not None:
            view.set_theme(theme)
    return pixmap


def suggest(folder: Path, kind: str, ending: str) -> Path:
    """A name that no file of the folder has: SMTJ_2026-11-23_bias_003.csv."""
    stem = f"SMTJ_{datetime.date.today().isoformat()}_{kind}_"
    try:
        names = [path.name for path in folder.glob(f"{stem}*")]
    except OSError:
        names = []
    taken = [int(found[1]) for name in names if (found := re.match(re.escape(stem) + r"(\d{3,})\.", name))]
    return folder / f"{stem}{max(taken, default=0) + 1:03d}.{ending}"


def explain(error: FileError) -> str:
    """Why a file was not written, in one sentence."""
    return f"{error.path.name} could not be written in {error.path.parent}: {error.reason}."


def details(error: FileError) -> str:
    """The full path, and what a library said."""
    return "\n".join([str(error.path), error.reason, *getattr(error, "__notes__", [])])


def _dialogs() -> Dialogs:
    """The dialogs of this window, which remember the last folder and options."""
    if not _interactive:
        _interactive.append(Dialogs())
    return _interactive[0]


def _export(view: View | HasResult, parent: QWidget | None, ask: Callable[[QWidget | None, Result], Target | None],
            write: Callable[[Result, Target], Path], dialogs: Dialogs, runner: JobRunner | None,
            told: Callable[[str], None] | None) -> Export | None:
    result = view.current_result()
    if result is None:
        return None
    export = Export(result, ask, write, dialogs, runner, parent)
    if told is not None:
        export.written.connect(lambda path: told(f"Written: {path}"))
    export.start()
    return export


def _write_csv(result: Result, target: Target) -> Path:
    from smtj_engine.files import csv

    return csv.write(result, target.path, target.separator)


def _write_figure(result: Result, target: Target) -> Path:
    from smtj_engine.figures import save_result  # late: brings matplotlib

    return save_result(result, target.path, width_mm=target.width_mm, dpi=target.dpi)


def _ending(name_filter: str) -> str:
    """The ending in "CSV, comma (*.csv)"."""
    found = re.search(r"\*\.(\w+)", name_filter)
    return found[1] if found else ""
