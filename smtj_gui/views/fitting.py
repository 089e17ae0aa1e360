"""Measured curves beside the model: import, overlay, fit, report."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QMenu,
    QPushButton,
    QSplitter,
    QWidget,
)

from smtj_engine.files import resources
from smtj_engine.files.session import SUFFIX
from smtj_engine.fitting import report
from smtj_engine.results import SPECTRA, VARIABLES
from smtj_gui import fits
from smtj_gui.fits import Fits
from smtj_gui.look import set_icon
from smtj_gui.number_widgets import Report, Said
from smtj_gui.views import FITTING
from smtj_gui.views.base import View
from smtj_gui.views.fitting_memory import FittingMemory
from smtj_gui.views.fitting_plot import FittingPlot
from smtj_gui.views.fitting_table import ParameterTable
from smtj_gui.views.labels import title
from smtj_gui.views.strip import TwoGroups
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.measured import Measurement, Table
    from smtj_engine.monitor import Monitor
    from smtj_engine.results import Result
    from smtj_gui.jobs import JobRunner
    from smtj_gui.look import Theme
    from smtj_gui.session import Run, Session
    from smtj_gui.views.import_dialog import ImportDialog

_FILES = "Measured data (*.csv *.txt *.dat *.tsv *.asc *.h5 *.hdf5 *.nc);;All files (*)"
_REPORTS = "Report as text (*.txt);;All numbers as CSV (*.csv);;Report as PDF (*.pdf)"
_EMPTY = ("No measured data yet.\n\nImport a file (Ctrl+I), paste a table from a spreadsheet (Ctrl+V), drop a "
          "file here, or open a sample.")
_WEIGHTS = {"weights from σ": "sigma", "equal weights": "equal"}


class FittingView(View):
    """Data with the curve of the present setup or of the fit, the residuals, the parameters and the report."""

    key, title, kinds = FITTING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.measurement: Measurement | None = None
        self.fitted: Result | None = None
        self._expected: Result | None = None
        self._memory = FittingMemory(self)
        self._fits: Fits | None = None
        self._folder = str(Path.home())
        self._begun = 0.0
        self._empty.setText(_EMPTY)
        self.setAcceptDrops(True)
        self.plots = FittingPlot(self)
        self.table = ParameterTable(session, self)
        self.report = Report(self)
        self.report.setAccessibleName("Report of the fit")
        self.report.textChanged.connect(lambda: self.report.setVisible(bool(self.report.toPlainText())))
        self.report.hide()
        self.reason = Said(self)
        self.reason.setProperty("error", True)
        self.reason.setWordWrap(True)
        self.reason.hide()
        self.top.addWidget(self._buttons())
        self.top.addWidget(self.reason)
        self.set_content(self._layout())
        self.table.changed.connect(self._expect)
        self.table.changed.connect(self.memory_changed)
        self.weights.activated.connect(lambda _: self.memory_changed.emit())
        self.table.refused.connect(self._say)
        session.setup_changed.connect(self._setup_changed)
        self._show_state()

    # -- building --------------------------------------------------------------------------------------

    def _buttons(self) -> QWidget:
        self.import_button = self._button("Import…", "ph.download-simple", "Import measured data (Ctrl+I)",
                                          self.ask_import)
        self.samples = self._button("Sample", "", "Open one of the examples, made by this program with noise")
        menu = QMenu(self.samples)
        menu.aboutToShow.connect(partial(self._fill_samples, menu))
        self.samples.setMenu(menu)
        self.about = Words("Data", self)
        self.about.setMinimumWidth(80)
        self.weights = QComboBox(self)
        self.weights.setAccessibleName("Weights of the points")
        self.weights.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.weights.setToolTip("By their uncertainties, where the data have some, or all points the same")
        self.fit_button = self._button("Fit", "", "Search the marked parameters (Esc stops)", self.fit)
        self.fit_button.setProperty("primary", True)
        self.use_button = self._button("Use fitted setup", "", "Take the fitted values over into the setup, as "
                                       "one step for undo", self.use_fitted)
        self.report_button = self._button("Report", "", "Write or copy the report")
        menu = QMenu(self.report_button)
        menu.addAction("Save report…", self.ask_report)
        menu.addAction("Copy report", self.copy_report)
        self.report_button.setMenu(menu)
        return TwoGroups((self.import_button, self.samples, self.about),
                         (self.weights, self.fit_button, self.use_button, self.report_button), self)

    def _button(self, text: str, icon: str, tip: str, call: Callable[[], object] | None = None) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        if icon:
            set_icon(button, icon)
        if call is not None:
            button.clicked.connect(lambda _=False: call())
        return button

    def _layout(self) -> QWidget:
        lower = QSplitter(Qt.Orientation.Horizontal, self)
        lower.addWidget(self.table)
        lower.addWidget(self.report)
        lower.setSizes([6000, 4000])
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.addWidget(self.plots)
        split.addWidget(lower)
        split.setSizes([6000, 4000])
        for one in (lower, split):
            one.setChildrenCollapsible(False)
        return split

    def _fill_samples(self, menu: QMenu) -> None:
        menu.clear()
        for path in sorted(resources.path("measured").iterdir()):
            said = resources.text(f"measured/{path.name}").splitlines()
            menu.addAction(f"{said[1].lstrip('# ')}  ({path.name})", partial(self.import_file, path))

    def attach(self, runner: JobRunner) -> None:
        self._fits = Fits(runner, self)
        self._fits.answered.connect(self._answered)
        self._fits.growing.connect(lambda slot, partial: slot == "fit" and self._show_fit(partial))
        self._fits.failed.connect(self._failed)
        self._fits.stopped.connect(self._stopped)

    # -- the contract ----------------------------------------------------------------------------------

    def wanted(self) -> tuple[str, ...]:
        return ()

    def show_live(self, result: Result, draft: bool) -> None:
        """No analysis is shown live here; fits are asked for by a button."""

    def set_busy(self, text: str) -> None:
        """What to say while there are no data does not change."""

    def set_overlays(self, runs: Sequence[Run]) -> None:
        self.plots.set_overlays(self.overlays(runs, "fit"))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plots.set_theme(theme)
        self.table.set_theme(theme)
        self.about.set_theme(theme)

    def current_result(self) -> Result | None:
        return self.fitted or self._expected

    # -- what the session keeps of it ------------------------------------------------------------------

    def remembered(self) -> dict[str, Any]:
        return self._memory.remembered()

    def recall(self, memory: Mapping[str, Any]) -> None:
        self._memory.recall(memory)

    def forget(self) -> None:
        """No measured data any more."""
        self.measurement = self.fitted = self._expected = None
        self.set_notes(())
        self.show_content(False)
        self._show_state()

    # -- data in ---------------------------------------------------------------------------------------

    def ask_import(self) -> None:
        """Choose a file with measured data."""
        name, _ = QFileDialog.getOpenFileName(self, "Import measured data", self._folder, _FILES)
        if name:
            self._folder = str(Path(name).parent)
            self.import_file(name)

    def import_file(self, name: str | Path) -> None:
        """Read a file, then ask what it means."""
        path = Path(name)
        self._ask("read", partial(fits.read_source, path), f"Reading {path.name}")

    def paste(self) -> None:
        """Import the text on the clipboard."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self._show_import(text, "clipboard")
        else:
            self._say("There is no text on the clipboard.")

    def _show_import(self, source: str | Table, name: str) -> None:
        from smtj_gui.views.import_dialog import ImportDialog  # brings scipy's constants

        dialog = ImportDialog(source, name, self)
        dialog.accepted.connect(lambda: self._take(dialog))
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def _take(self, dialog: ImportDialog) -> None:
        """The whole of the file as the dialog says."""
        self._ask("read", dialog.reader(), f"Reading {dialog.name}")

    def set_measurement(self, measurement: Measurement) -> None:
        """Show these data, and what the present setup makes one expect of them."""
        self.measurement, self.fitted, self._expected = measurement, None, None
        self.table.set_measurement(measurement)
        self.plots.set_measurement(measurement)
        self.report.setPlainText("")
        self.weights.clear()
        for text, name in _WEIGHTS.items():
            if name != "sigma" or measurement.sigma is not None:
                self.weights.addItem(text, name)
        self.set_notes((*measurement.notes, *self._memory.note()))
        self._say("")
        self.show_content()
        self._show_state()
        self._expect()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Everything but setups and sessions, which are the window's."""
        if any(url.isLocalFile() and not url.path().lower().endswith((".toml", SUFFIX))
               for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls()[:1]:
            event.acceptProposedAction()
            self.import_file(url.toLocalFile())

    # -- curves ----------------------------------------------------------------------------------------

    def _setup_changed(self, paths: object) -> None:
        read = ("junction.", "magnet.", "drive.", "numerics.spin_diode.") if self.measurement is not None and (
            self.measurement.quantity in SPECTRA) else ("junction.",)
        if isinstance(paths, frozenset) and any(path.startswith(read) for path in paths):
            self._expect()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._expect()

    def _fits_model(self) -> bool:
        """Whether there are data that the model can be set beside."""
        data = self.measurement
        if data is None or data.strange_axes:
            return False
        return data.quantity not in SPECTRA or "frequency" in data.axes or data.frequency is not None

    def _expect(self) -> None:
        """Ask for the curve of the present setup, unless nobody looks or a fit is under way."""
        if self.isVisible() and self.measurement is not None and self._fits_model() and not self._busy():
            call = partial(fits.expected_curve, self.measurement, self.session.setup, self.table.values())
            self._ask("expected", call, "Expected curve")

    def fit(self) -> None:
        """Search the marked parameters, or stop the search."""
        if self.measurement is None or self._fits is None:
            return
        if self._busy():
            self._fits.stop("fit")
            return
        self._say("")
        self._fits.stop("expected")
        self._begun = time.monotonic()
        self._ask("fit", partial(fits.run_fit, self.measurement, self.session.setup, self.table.vary(),
                                 self.table.values(), self.weights.currentData()), "Fit")
        self._show_state()

    def _show_fit(self, result: Result) -> None:
        """The curve of a search, on its way or at its end."""
        self.plots.set_result(result)
        self.table.show_result(result)

    def use_fitted(self) -> None:
        """Take over the fitted junction in one undo step; offset, scale and misalignment stand in the table."""
        if self.fitted is None:
            return
        names = self.fitted.data["parameter"].values.tolist()
        found = dict(zip(names, self.fitted.data["value"].values.tolist(), strict=True))
        self.table.starts |= {path: value for path, value in found.items() if path in self.table.starts}
        values = {path: value for path, value in found.items() if path not in self.table.starts}
        if self.measurement is not None and self.measurement.bias is not None:
            values.setdefault("junction.bias", self.measurement.bias)
        self.session.edit_many(values, text="Use fitted setup")
        self.table.refresh()
        self._expect()

    # -- answers ---------------------------------------------------------------------------------------

    def _ask(self, slot: str, call: Callable[[Monitor], Any], title: str) -> None:
        if self._fits is not None:
            self._fits.ask(slot, call, title)

    def _busy(self) -> bool:
        return self._fits is not None and self._fits.busy("fit")

    def _answered(self, slot: str, answer: Any) -> None:
        if slot == "read" and isinstance(answer, tuple):
            self._show_import(*answer)
        elif slot == "read":
            self.set_measurement(answer)
            self.memory_changed.emit()
        elif slot == "report":
            self.told.emit(f"Written: {answer}")
        elif slot == "expected" and not self._busy():
            self._expected = answer
            self.plots.set_result(answer)
        elif slot == "fit":
            self._finished(answer)
        self._show_state()

    def _finished(self, result: Result) -> None:
        """The fit has ended: show it, and keep it as a run."""
        self.fitted = result
        self.set_notes(result.notes)
        self.report.setPlainText(report.text(result))
        self._show_fit(result)
        self.session.add(result, seconds=time.monotonic() - self._begun)

    def _failed(self, slot: str, message: str, details: str) -> None:
        self._say(message)
        if "ParameterError" not in details and "FileError" not in details:
            self.failed.emit(message, details)
        self._show_state()

    def _stopped(self, slot: str, partial: Result | None) -> None:
        if slot == "fit":
            self._say("The fit was stopped; the best curve so far is shown, and nothing was kept."
                      if partial is not None else "The fit was stopped.")
        self._show_state()

    def _say(self, text: str) -> None:
        self.reason.setText(text)
        self.reason.setVisible(bool(text))

    def _show_state(self) -> None:
        """Which buttons make sense, and what the data are."""
        data, busy = self.measurement, self._busy()
        for widget in (self.weights, self.table):
            widget.setEnabled(data is not None and not busy)
        self.weights.setVisible(data is not None)
        self.fit_button.setText("Stop" if busy else "Fit")
        self.fit_button.setEnabled(busy or self._fits_model())
        self.use_button.setEnabled(self.fitted is not None and not busy)
        self.report_button.setEnabled(self.fitted is not None and not busy)
        self.about.setText(f"<b>{html.escape(data.name)}</b>" if data is not None else "")
        if data is not None:
            against = " and ".join(VARIABLES[axis][0] for axis in data.axes)
            self.about.setToolTip(f"{data.name}: {title(data.quantity)} against {against}, "
                                  f"{data.values.size} points")

    # -- report ----------------------------------------------------------------------------------------

    def ask_report(self) -> None:
        """Choose where the report goes."""
        from smtj_gui.exporting import suggest

        suggested = suggest(Path(self._folder), "fit", "txt")
        name, kind = QFileDialog.getSaveFileName(self, "Save report", str(suggested), _REPORTS)
        if name:
            ending = kind.rpartition("*")[2].rstrip(")")
            path = Path(name)
            self.save_report(path if path.suffix.lower() in (".txt", ".csv", ".pdf") else path.with_name(
                path.name + ending))

    def save_report(self, path: Path) -> None:
        """Write the report as text, CSV or PDF, by the name's ending."""
        if self.fitted is not None:
            self._folder = str(path.parent)
            self._ask("report", partial(fits.write_report, self.fitted, path), f"Writing {path.name}")

    def copy_report(self) -> None:
        """Put the report on the clipboard."""
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.told.emit("Copied the report.")
