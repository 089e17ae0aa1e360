"""The questions that an export asks: where to, in which format, how large."""

from __future__ import annotations

import dataclasses
import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QMessageBox,
    QWidget,
)

from smtj_gui.colours import SETS
from smtj_gui.decimals import sign, spelled
from smtj_gui.number_widgets import in_tab_order

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.views.sphere_pictures import Cut, Film

#: Kinds of file for numbers by the words in the file dialog: separator ("" for HDF5), decimal sign, whether maps
#: become matrices, and ending.
_HDF5 = {"HDF5, opens with xarray and NeXus viewers (*.h5)": ("", ".", False, "h5")}
DATA_FILTERS = {"CSV, comma (*.csv)": (",", ".", False, "csv"),
                "CSV, semicolon (*.csv)": (";", ".", False, "csv"), "Text, tab (*.tsv)": ("\t", ".", False, "tsv"),
                **_HDF5}
COMMA_FILTERS = {"CSV, semicolon, decimal comma (*.csv)": (";", ",", False, "csv"),
                 "Text, tab, decimal comma (*.tsv)": ("\t", ",", False, "tsv"),
                 "CSV, comma, decimal point (*.csv)": (",", ".", False, "csv"), **_HDF5}
FORMATS = ("png", "svg", "pdf")
WIDTHS_MM = {"One column, 85 mm": 85.0, "Two columns, 180 mm": 180.0}
RESOLUTIONS = (150, 300, 600, 1200)
FONTS_PT = (6.0, 7.0, 8.0, 9.0, 10.0)


@dataclasses.dataclass(frozen=True)
class Target:
    """Where a result goes, and how: separator ("" for HDF5), decimal sign and layout for numbers; width,
    resolution, size of the text and set of colours ("" as on the screen) for pictures; which part for an
    animation."""

    path: Path
    separator: str = ","
    decimal: str = "."
    matrix: bool = False
    width_mm: float = 85.0
    dpi: int = 300
    font_pt: float = 8.0
    colours: str = ""
    cut: Cut | None = None


def data_filters(result: Result | None = None) -> dict[str, tuple[str, str, bool, str]]:
    """The kinds of file for numbers (of this result), those with the decimal sign in use first."""
    from smtj_engine.files import csv

    filters = COMMA_FILTERS if sign() == "," else DATA_FILTERS
    if result is None or not csv.is_map(result):
        return filters
    separator = ";" if sign() == "," else ","
    return {**filters, "CSV, one matrix for each quantity (*.csv)": (separator, sign(), True, "csv")}


class Dialogs:
    """The questions put to the user; tests answer them without a dialog."""

    def __init__(self) -> None:
        self.folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        if not self.folder.is_dir():
            self.folder = Path.home()
        self._options = FigureOptions()

    def table(self, parent: QWidget | None, result: Result) -> Target | None:
        """Where to write the numbers, and separated by what."""
        filters = data_filters(result)
        chosen = self._save_as(parent, "Export data", suggest(self.folder, result.kind, "csv"), list(filters))
        return Target(chosen[0], *filters[chosen[1]][:3]) if chosen else None

    def figure(self, parent: QWidget | None, result: Result) -> Target | None:
        """Where to write the picture, in which format and size."""
        options = FigureDialog(self._options, parent).ask()
        if options is None:
            return None
        self._options = options
        name = options.format
        chosen = self._save_as(parent, "Export figure", suggest(self.folder, result.kind, name),
                               [f"{name.upper()} picture (*.{name})"])
        return Target(chosen[0], width_mm=options.width_mm, dpi=options.dpi, font_pt=options.font_pt,
                      colours=options.colours) if chosen else None

    def sphere(self, parent: QWidget | None, result: Result) -> Target | None:
        """Where to write the picture of the sphere, and in which size."""
        options = FigureDialog(dataclasses.replace(self._options, format="png"), parent, plain=True).ask()
        if options is None:
            return None
        chosen = self._save_as(parent, "Export sphere", suggest(self.folder, "sphere", "png"),
                               ["PNG picture (*.png)"])
        return Target(chosen[0], width_mm=options.width_mm, dpi=options.dpi) if chosen else None

    def animation(self, parent: QWidget | None, film: Film) -> Target | None:
        """Where to write the animation, and what part of the film."""
        from smtj_gui.film_dialog import FilmDialog

        cut = FilmDialog(film, parent).ask()
        if cut is None:
            return None
        chosen = self._save_as(parent, "Export animation", suggest(self.folder, "precession", "gif"),
                               ["Animated GIF (*.gif)"])
        return Target(chosen[0], cut=cut) if chosen else None

    def directory(self, parent: QWidget | None) -> Path | None:
        """Into which folder several files go."""
        chosen = QFileDialog.getExistingDirectory(parent, "Export all runs into a folder", str(self.folder))
        if not chosen:
            return None
        self.folder = Path(chosen)
        return self.folder

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
    """Format, width on paper, resolution of a PNG, size of the text, and set of colours ("" as on the screen)."""

    format: str = "png"
    width_mm: float = 85.0
    dpi: int = 300
    font_pt: float = 8.0
    colours: str = ""


class FigureDialog(QDialog):
    """Asks for the format and size of a figure; a `plain` one is a picture that exists as PNG only."""

    def __init__(self, options: FigureOptions, parent: QWidget | None = None, plain: bool = False) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export figure")
        self.formats, self.widths, self.dpis = QComboBox(self), QComboBox(self), QComboBox(self)
        for name in FORMATS:
            self.formats.addItem(name.upper(), name)
        for text, width in WIDTHS_MM.items():
            self.widths.addItem(text, width)
        for dpi in RESOLUTIONS:
            self.dpis.addItem(f"{dpi} dpi", dpi)
        self.fonts = QComboBox(self)
        for size in FONTS_PT:
            self.fonts.addItem(spelled(f"{size:g} pt"), size)
        self.colours = QComboBox(self)
        self.colours.addItem("As on the screen", "")
        for key, one in SETS.items():
            self.colours.addItem(one.title, key)
        self.colours.setToolTip("Of curves. A set for a light ground, whatever the theme; the states of a diagram "
                                "keep their colours.")
        for box, value in ((self.formats, options.format), (self.widths, options.width_mm),
                           (self.dpis, options.dpi), (self.fonts, options.font_pt),
                           (self.colours, options.colours)):
            box.setCurrentIndex(max(0, box.findData(value)))
        form = self._form = QFormLayout(self)
        form.addRow("Format", self.formats)
        form.addRow("Width", self.widths)
        form.addRow("Text", self.fonts)
        form.addRow("Colours", self.colours)
        form.addRow("Resolution", self.dpis)
        for box in (self.formats, self.fonts, self.colours):
            form.setRowVisible(box, not plain)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        buttons.button(standard.Ok).setText("Choose file…")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        in_tab_order([self.formats, self.widths, self.fonts, self.colours, self.dpis, *buttons.buttons()])
        self.formats.currentIndexChanged.connect(lambda _: self._only_png_has_dots())
        self._only_png_has_dots()

    def _only_png_has_dots(self) -> None:
        self._form.setRowVisible(self.dpis, self.formats.currentData() == "png")

    def options(self) -> FigureOptions:
        """What is chosen."""
        return FigureOptions(self.formats.currentData(), self.widths.currentData(), self.dpis.currentData(),
                             self.fonts.currentData(), self.colours.currentData())

    def ask(self) -> FigureOptions | None:
        """Show the dialog; None when it was cancelled."""
        return self.options() if self.exec() else None


def suggest(folder: Path, kind: str, ending: str) -> Path:
    """A name that no file of the folder has: SMTJ_2026-11-23_bias_003.csv."""
    stem = f"SMTJ_{datetime.date.today().isoformat()}_{kind}_"
    try:
        names = [path.name for path in folder.glob(f"{stem}*")]
    except OSError:
        names = []
    taken = [int(found[1]) for name in names if (found := re.match(re.escape(stem) + r"(\d{3,})\.", name))]
    return folder / f"{stem}{max(taken, default=0) + 1:03d}.{ending}"


def _ending(name_filter: str) -> str:
    """The ending in "CSV, comma (*.csv)"."""
    found = re.search(r"\*\.(\w+)", name_filter)
    return found[1] if found else ""
