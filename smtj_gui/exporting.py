"""Takes results out of the window, to files and to the clipboard; the writing itself is the engine's.

A file that cannot be written is explained in plain words and another place is offered; the result stays where it
is. Files are written in a coordinator of the job runner, so that the window does not stall.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPixmap
from PySide6.QtWidgets import QWidget

from smtj_engine.files import disk
from smtj_engine.files.errors import FileError
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_gui.colours import SETS, on_white
from smtj_gui.decimals import sign
from smtj_gui.export_dialogs import Dialogs, Target, data_filters, suggest
from smtj_gui.look import LIGHT, palette, style_sheet

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.jobs import JobRunner
    from smtj_gui.session import Run
    from smtj_gui.views.base import View
    from smtj_gui.views.sphere_pictures import Film

#: Pictures for the clipboard have this many pixels per pixel of the screen.
_SHARPNESS = 2
_ON_PAPER = f"QWidget {{ background: {LIGHT.background}; color: {LIGHT.foreground}; }}"


class HasResult(Protocol):
    """What is exported: a view, or anything else that holds a result."""

    def current_result(self) -> Result | None: ...


class Kept:
    """A kept run in the place of a view."""

    def __init__(self, run: Run) -> None:
        self._result = run.result

    def current_result(self) -> Result | None:
        """The run's numbers."""
        return self._result


class Export(QObject):
    """One result on its way to a file: ask where, write, and ask again if that fails."""

    written = Signal(object)    # Path
    refused = Signal(object)    # FileError; the question for another place follows
    ended = Signal()            # written, or given up

    def __init__(self, result: Result, ask: Callable[[QWidget | None, Result], Target | None],
                 write: Callable[[Result, Target, Monitor], Path], dialogs: Dialogs, runner: JobRunner | None,
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
            self._run(target, silent)
            self._report()
        else:
            self._job = self._runner.submit("export", lambda monitor: self._run(target, monitor),
                                            f"Writing {target.path.name}")

    def _run(self, target: Target, monitor: Monitor) -> Result:
        """In a coordinator: write; how it went is read on the GUI thread afterwards."""
        try:
            self._outcome = self._write(self._result, target, monitor)
        except FileError as error:
            self._outcome = error
        except Cancelled:
            raise
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
        elif outcome is None:  # stopped
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


class Batch(QObject):
    """Several results on their way into a folder."""

    written = Signal(str)       # what was written, in words
    failed = Signal(str, str)   # message, details; the files before it are there
    ended = Signal()

    def __init__(self, results: Sequence[Result], folder: Path, runner: JobRunner, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._results, self._folder, self._runner = list(results), folder, runner
        self._done, self._error = 0, ("", "")
        runner.ended.connect(self._on_ended)
        self._job = runner.submit("export", self._write, f"Writing {len(self._results)} runs")

    def _write(self, monitor: Monitor) -> Result:
        """In a coordinator."""
        from smtj_engine.files import csv

        for result in self._results:
            monitor(self._done / len(self._results), "files")
            path = suggest(self._folder, result.kind, "csv")
            try:
                csv.write(result, path, *next(iter(data_filters().values()))[:2])
            except FileError as error:
                self._error = (explain(error), details(error))
                break
            self._done += 1
        return self._results[0]

    def _on_ended(self, job: int) -> None:
        if job != self._job:
            return
        if self._error[0]:
            self.failed.emit(*self._error)
        if self._done:
            self.written.emit(f"Written: {self._done} of {len(self._results)} runs in {self._folder}")
        self.ended.emit()
        self.deleteLater()


_interactive: list[Dialogs] = []


def export_csv(view: View | HasResult, parent: QWidget | None, *, runner: JobRunner | None = None,
               dialogs: Dialogs | None = None, told: Callable[[str], None] | None = None) -> Export | None:
    """Write a view's numbers as CSV or HDF5; None when there are none. The Export's signals say how it went."""
    dialogs = dialogs or _dialogs()
    return _export(view, parent, dialogs.table, _write_data, dialogs, runner, told)


def export_figure(view: View | HasResult, parent: QWidget | None, *, runs: Sequence[Run] = (),
                  runner: JobRunner | None = None, dialogs: Dialogs | None = None,
                  told: Callable[[str], None] | None = None) -> Export | None:
    """Write a view's result, and the runs that are shown with it, as PNG, SVG or PDF, drawn anew for print; None
    when there is none."""
    dialogs, theme = dialogs or _dialogs(), getattr(view, "theme", None) or LIGHT
    shown = [(run.name, run.colour, run.result) for run in runs if run.result is not None]
    write = partial(_write_figure, on_white(theme.lines), shown)
    return _export(view, parent, dialogs.figure, write, dialogs, runner, told)


def export_sphere(view: View, parent: QWidget | None, *, runner: JobRunner | None = None,
                  dialogs: Dialogs | None = None, told: Callable[[str], None] | None = None) -> Export | None:
    """Write the sphere as it is seen now as PNG; None when the view has none."""
    from smtj_gui.views.sphere_pictures import png

    film, dialogs = _film(view, told), dialogs or _dialogs()

    def write(_: Result, target: Target, monitor: Monitor) -> Path:
        assert film is not None
        return disk.write_bytes(target.path, png(film, round(target.width_mm / 25.4 * target.dpi)))

    return _export(view, parent, dialogs.sphere, write, dialogs, runner, told) if film is not None else None


def export_animation(view: View, parent: QWidget | None, *, runner: JobRunner | None = None,
                     dialogs: Dialogs | None = None, told: Callable[[str], None] | None = None) -> Export | None:
    """Write the precession as an animated GIF, which may be stopped; None when the view has none."""
    from smtj_gui.views.sphere_pictures import gif

    film, dialogs = _film(view, told), dialogs or _dialogs()
    if film is None:
        return None

    def write(_: Result, target: Target, monitor: Monitor) -> Path:
        assert target.cut is not None
        return disk.write_bytes(target.path, gif(film, target.cut, monitor))

    return _export(view, parent, lambda widget, _: dialogs.animation(widget, film), write, dialogs, runner, told)


def copy_data(view: View | HasResult) -> bool:
    """Put a view's numbers on the clipboard, separated by tabs as spreadsheets like it."""
    from smtj_engine.files import csv

    result = view.current_result()
    if result is None:
        return False
    QGuiApplication.clipboard().setText(csv.to_text(result, "\t", sign()))
    return True


def copy_python(view: View | HasResult) -> bool:
    """Put a script on the clipboard that calculates the same numbers; False for a fit, which has data too."""
    from smtj_engine.analyses import ANALYSES
    from smtj_engine.script import to_python

    result = view.current_result()
    if result is None or result.kind not in ANALYSES:
        return False
    QGuiApplication.clipboard().setText(to_python(result.setup, result.kind))
    return True


def export_all(results: Sequence[Result], parent: QWidget | None, runner: JobRunner, told: Callable[[str], None],
               failed: Callable[[str, str], None], dialogs: Dialogs | None = None) -> Batch | None:
    """Write each of several results as CSV under a name of its own; None when no folder was chosen."""
    folder = (dialogs or _dialogs()).directory(parent)
    if folder is None:
        return None
    batch = Batch(results, folder, runner, parent)
    batch.written.connect(told)
    batch.failed.connect(failed)
    return batch


def copy_picture(view: View) -> bool:
    """Put a view's picture on the clipboard, on a light ground whatever the theme."""
    if view.current_result() is None:
        return False
    QGuiApplication.clipboard().setPixmap(picture_of(view))
    return True


def picture_of(view: View) -> QPixmap:
    """A view's picture in the light theme; over before the window is painted again, so nobody sees it change."""
    theme, style, colours = view.theme, view.styleSheet(), view.palette()
    paper = replace(LIGHT, lines=on_white(theme.lines)) if theme is not None else LIGHT
    widget = view.picture()
    pixmap = QPixmap(widget.size() * _SHARPNESS)
    pixmap.setDevicePixelRatio(_SHARPNESS)
    pixmap.fill(QColor(LIGHT.background))
    try:
        view.set_theme(paper)
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
            write: Callable[[Result, Target, Monitor], Path], dialogs: Dialogs, runner: JobRunner | None,
            told: Callable[[str], None] | None) -> Export | None:
    result = view.current_result()
    if result is None:
        return None
    export = Export(result, ask, write, dialogs, runner, parent)
    if told is not None:
        export.written.connect(lambda path: told(f"Written: {path}"))
    export.start()
    return export


def _film(view: View, told: Callable[[str], None] | None) -> Film | None:
    """The view's film, or news that it has none."""
    film = view.film()
    if film is None and told is not None:
        told("The sphere is in the Dynamics view.")
    return film


def _write_data(result: Result, target: Target, monitor: Monitor) -> Path:
    from smtj_engine.files import csv, results

    if not target.separator:
        return results.save(result, target.path)
    return csv.write(result, target.path, target.separator, target.decimal, target.matrix)


def _write_figure(screen: tuple[str, ...], shown: Sequence[tuple[str, str, Result]], result: Result,
                  target: Target, monitor: Monitor) -> Path:
    from smtj_engine.figures import Beside, save_result  # late: brings matplotlib

    name = next((name for name, _, kept in shown if kept.data is result.data), "")
    beside = [Beside(*each) for each in shown if each[2].data is not result.data]
    return save_result(result, target.path, width_mm=target.width_mm, dpi=target.dpi, font_pt=target.font_pt,
                       colours=SETS[target.colours].light if target.colours else screen, beside=beside, name=name)
