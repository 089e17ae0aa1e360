"""Export: the numbers come back, nothing is overwritten or lost, and trouble is told in plain words."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from smtj_engine.files import csv, results
from smtj_engine.files.errors import FileError
from smtj_engine.results import Result
from smtj_engine.script import to_python
from smtj_gui import exporting
from smtj_gui.colours import SETS
from smtj_gui.export_dialogs import Dialogs, FigureDialog, FigureOptions, Target, suggest
from smtj_gui.jobs import JobRunner
from smtj_gui.look import DARK, LIGHT, Theme
from smtj_gui.session import Run
from smtj_gui.views.angular import AngularView
from smtj_gui.views.bias import BiasView
from tests.gui.views import samples


class Answers(Dialogs):
    """A user who gives these targets in turn and then cancels; notes what was said."""

    def __init__(self, *targets: Target) -> None:
        super().__init__()
        self.targets, self.said = list(targets), []

    def table(self, parent: QWidget | None, result: Result) -> Target | None:
        return self.targets.pop(0) if self.targets else None

    figure = table

    def directory(self, parent: QWidget | None) -> Path | None:
        return self.folder

    def elsewhere(self, parent: QWidget | None, text: str, details: str) -> bool:
        self.said.append((text, details))
        return bool(self.targets)


@pytest.fixture
def runner(qapp: object) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.shutdown()


def done(qtbot: QtBot, export: exporting.Export | None) -> None:
    """Wait for the end of an export."""
    assert export is not None
    with qtbot.waitSignal(export.ended, timeout=30_000):
        pass


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_comes_back_with_the_same_numbers(angular_view: AngularView, runner: JobRunner, qtbot: QtBot,
                                              tmp_path: Path, separator: str) -> None:
    result = samples.angular(family=(1.0, 2.5, 4.0))
    angular_view.show_live(result, False)
    told: list[str] = []
    path = tmp_path / "curve.csv"
    done(qtbot, exporting.export_csv(angular_view, angular_view, runner=runner, told=told.append,
                                     dialogs=Answers(Target(path, separator=separator))))
    again = csv.read(path)
    xr.testing.assert_identical(again.data, result.data.assign_attrs(notes=[]))
    assert again.setup == result.setup
    assert told == [f"Written: {path}"]
    assert separator in path.read_text(encoding="utf-8").splitlines()[-1]


def test_hdf5_comes_back_with_the_same_numbers(angular_view: AngularView, runner: JobRunner, qtbot: QtBot,
                                               tmp_path: Path) -> None:
    result = samples.angular()
    angular_view.show_live(result, False)
    path = tmp_path / "curve.h5"
    done(qtbot, exporting.export_csv(angular_view, angular_view, runner=runner,
                                     dialogs=Answers(Target(path, separator=""))))
    again = results.load(path)
    xr.testing.assert_identical(again.data, result.data.assign_attrs(notes=[]))
    assert again.setup == result.setup


def test_all_runs_go_into_a_folder(runner: JobRunner, qtbot: QtBot, tmp_path: Path) -> None:
    several = [samples.angular(), samples.angular(family=(1.0, 2.0)), samples.bias_sweep()]
    told: list[str] = []
    answers = Answers()
    answers.folder = tmp_path
    batch = exporting.export_all(several, None, runner, told.append, lambda *words: told.extend(words), answers)
    done(qtbot, batch)
    found = sorted(tmp_path.iterdir())
    assert [path.name.split("_", 2)[2] for path in found] == ["angular_001.csv", "angular_002.csv", "bias_001.csv"]
    for path, result in zip(found, several, strict=True):
        xr.testing.assert_allclose(csv.read(path).data, result.data, rtol=0)
    assert told == [f"Written: 3 of 3 runs in {tmp_path}"]


def test_a_folder_that_cannot_be_written_is_explained(runner: JobRunner, qtbot: QtBot, tmp_path: Path) -> None:
    told: list[str] = []
    answers = Answers()
    answers.folder = tmp_path / "gone"
    done(qtbot, exporting.export_all([samples.angular()], None, runner, told.append,
                                     lambda *words: told.extend(words), answers))
    assert len(told) == 2
    assert "could not be written" in told[0]


def test_the_copied_script_holds_the_setup_of_the_curve(angular_view: AngularView) -> None:
    assert not exporting.copy_python(angular_view)
    result = samples.angular()
    angular_view.show_live(result, False)
    assert exporting.copy_python(angular_view)
    assert QGuiApplication.clipboard().text() == to_python(result.setup, "angular")


def test_larger_text_in_a_figure(bias_view: BiasView, runner: JobRunner, qtbot: QtBot, tmp_path: Path) -> None:
    bias_view.show_live(samples.bias_sweep(), False)
    for size in (8.0, 10.0):
        done(qtbot, exporting.export_figure(bias_view, bias_view, runner=runner, dialogs=Answers(
            Target(tmp_path / f"{size:g}.svg", font_pt=size))))
    sizes = [(tmp_path / f"{size:g}.svg").read_text(encoding="utf-8") for size in (8.0, 10.0)]
    assert sizes[0] != sizes[1]


def test_a_figure_shows_the_runs_that_are_switched_on(angular_view: AngularView, runner: JobRunner, qtbot: QtBot,
                                                      tmp_path: Path) -> None:
    result = samples.angular()
    other = replace(result, data=result.data.copy(deep=True))
    angular_view.show_live(result, False)
    runs = [Run("thick barrier", "angular", result.setup, "#E69F00", other),
            Run("thin barrier", "angular", result.setup, "#009E73", result)]
    done(qtbot, exporting.export_figure(angular_view, angular_view, runs=runs, runner=runner,
                                        dialogs=Answers(Target(tmp_path / "f.svg"))))
    text = (tmp_path / "f.svg").read_text(encoding="utf-8")
    assert text.count("thick barrier") == text.count("thin barrier") == 1
    assert "#e69f00" in text
    assert "#009e73" not in text    # it is the result itself, which has the first colour


def test_writing_happens_off_the_gui_thread(angular_view: AngularView, runner: JobRunner, qtbot: QtBot,
                                            tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    write = csv.write

    def watched(*args: object) -> Path:
        threads.append(threading.get_ident())
        return write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(csv, "write", watched)
    angular_view.show_live(samples.angular(), False)
    done(qtbot, exporting.export_csv(angular_view, angular_view, runner=runner,
                                     dialogs=Answers(Target(tmp_path / "a.csv"))))
    assert threads
    assert threading.get_ident() not in threads


@pytest.mark.parametrize(("name", "start"), [("f.png", b"\x89PNG"), ("f.svg", b"<?xml"), ("f.pdf", b"%PDF")])
def test_figures_in_three_formats(bias_view: BiasView, runner: JobRunner, qtbot: QtBot, tmp_path: Path, name: str,
                                  start: bytes) -> None:
    bias_view.show_live(samples.bias_sweep(), False)
    path = tmp_path / name
    done(qtbot, exporting.export_figure(bias_view, bias_view, runner=runner,
                                        dialogs=Answers(Target(path, width_mm=85.0, dpi=150))))
    assert path.read_bytes().startswith(start)
    if name.endswith("png"):
        image = QImage(str(path))
        assert image.width() == pytest.approx(85 / 25.4 * 150, abs=2)
        assert image.pixelColor(0, 0).lightnessF() == 1.0


def test_without_a_runner_it_is_written_at_once(angular_view: AngularView, tmp_path: Path) -> None:
    angular_view.show_live(samples.angular(), False)
    exporting.export_csv(angular_view, angular_view, dialogs=Answers(Target(tmp_path / "a.csv")))
    assert (tmp_path / "a.csv").is_file()


def test_a_missing_folder_is_explained_and_another_place_taken(angular_view: AngularView, runner: JobRunner,
                                                               qtbot: QtBot, tmp_path: Path) -> None:
    result = samples.angular()
    angular_view.show_live(result, False)
    gone, good = tmp_path / "gone" / "a.csv", tmp_path / "a.csv"
    answers = Answers(Target(gone), Target(good))
    done(qtbot, exporting.export_csv(angular_view, angular_view, runner=runner, dialogs=answers))
    assert good.is_file()
    assert answers.said == [(f"a.csv could not be written in {gone.parent}: there is no such file or folder.",
                             f"{gone}\nthere is no such file or folder")]
    assert angular_view.current_result() is result


@pytest.mark.parametrize(("number", "words"), [
    (errno.ENOSPC, "the disk is full"), (errno.EACCES, "no permission"), (errno.EROFS, "only be read"),
    (errno.EDQUOT, "quota")])
def test_trouble_with_the_disk_in_plain_words(angular_view: AngularView, runner: JobRunner, qtbot: QtBot,
                                              tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int,
                                              words: str) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    angular_view.show_live(samples.angular(), False)
    answers = Answers(Target(tmp_path / "a.csv"))
    done(qtbot, exporting.export_csv(angular_view, angular_view, runner=runner, dialogs=answers))
    assert len(answers.said) == 1
    assert words in answers.said[0][0]
    assert list(tmp_path.iterdir()) == []       # no half of a file
    assert angular_view.current_result() is not None


def test_a_library_that_fails_is_no_silent_failure(angular_view: AngularView, runner: JobRunner, qtbot: QtBot,
                                                   tmp_path: Path) -> None:
    angular_view.show_live(samples.angular(), False)
    answers = Answers(Target(tmp_path / "picture.gif"))
    done(qtbot, exporting.export_figure(angular_view, angular_view, runner=runner, dialogs=answers))
    assert len(answers.said) == 1
    assert "picture.gif" in answers.said[0][0]


def test_cancelling_the_dialog_writes_nothing(angular_view: AngularView, tmp_path: Path) -> None:
    angular_view.show_live(samples.angular(), False)
    answers = Answers()
    exporting.export_csv(angular_view, angular_view, dialogs=answers)
    assert answers.said == []


def test_nothing_to_export(angular_view: AngularView) -> None:
    answers = Answers(Target(Path("never.csv")))
    assert exporting.export_csv(angular_view, angular_view, dialogs=answers) is None
    assert exporting.export_figure(angular_view, angular_view, dialogs=answers) is None
    assert not exporting.copy_data(angular_view)
    assert not exporting.copy_picture(angular_view)
    assert len(answers.targets) == 1


def test_suggested_names_count_up(tmp_path: Path) -> None:
    first = suggest(tmp_path, "bias", "csv")
    assert first.name.startswith("SMTJ_20")
    assert first.name.endswith("_bias_001.csv")
    first.touch()
    (tmp_path / first.name.replace("001.csv", "007.png")).touch()
    assert suggest(tmp_path, "bias", "csv").name.endswith("_bias_008.csv")
    assert suggest(tmp_path, "angular", "csv").name.endswith("_angular_001.csv")
    assert suggest(tmp_path / "missing", "bias", "csv").name.endswith("_bias_001.csv")


def test_copied_data_are_the_numbers(angular_view: AngularView) -> None:
    result = samples.angular()
    angular_view.show_live(result, False)
    assert exporting.copy_data(angular_view)
    again = csv.from_text(QGuiApplication.clipboard().text())
    np.testing.assert_array_equal(again.data["torque_perp"].values, result.data["torque_perp"].values)


def test_copied_picture_is_light_and_sharp_and_leaves_the_theme(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(), False)
    angular_view.set_theme(DARK)
    assert exporting.copy_picture(angular_view)
    image = QGuiApplication.clipboard().image()
    assert image.width() == 2 * angular_view.picture().width()
    colours = [image.pixelColor(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)]
    assert np.mean([colour.lightnessF() for colour in colours]) > 0.9
    assert min(colour.lightnessF() for colour in colours) < 0.5     # there is something on it
    assert angular_view.theme is DARK
    plot = angular_view.plots.panes[0].plot
    assert plot.backgroundBrush().color().name() == DARK.background
    assert plot.lines[0].colour == DARK.lines[0]
    assert angular_view.styleSheet() == ""


def test_the_figure_dialog_gives_what_is_chosen(qtbot: QtBot) -> None:
    dialog = FigureDialog(FigureOptions("pdf", 180.0, 600, colours="tol"))
    qtbot.addWidget(dialog)
    assert dialog.options() == FigureOptions("pdf", 180.0, 600, colours="tol")
    assert dialog.dpis.isHidden()
    dialog.formats.setCurrentIndex(dialog.formats.findData("png"))
    assert not dialog.dpis.isHidden()
    dialog.colours.setCurrentIndex(0)
    assert dialog.options() == FigureOptions("png", 180.0, 600)     # as on the screen


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(("chosen", "drawn"), [("", "tol"), ("tab10", "tab10"), ("okabe-ito", "okabe-ito")])
def test_figures_take_the_colours_on_the_screen_or_another_set(
        angular_view: AngularView, tmp_path: Path, theme: Theme, chosen: str, drawn: str) -> None:
    angular_view.show_live(samples.angular(), False)
    angular_view.set_theme(replace(theme, lines=SETS["tol"].dark if theme.dark else SETS["tol"].light))
    target = Target(tmp_path / "a.svg", colours=chosen)
    assert exporting.export_figure(angular_view, None, dialogs=Answers(target)) is not None
    text = target.path.read_text(encoding="utf-8")
    assert SETS[drawn].light[0].lower() in text
    assert not any(one.light[0].lower() in text for key, one in SETS.items() if key != drawn)


def test_a_copied_picture_has_the_chosen_colours_on_white(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(), False)
    angular_view.set_theme(replace(DARK, lines=SETS["tab10"].dark))
    seen: list[Theme] = []
    angular_view.plots.set_theme = lambda theme: seen.append(theme)     # type: ignore[method-assign]
    exporting.picture_of(angular_view)
    assert [theme.lines for theme in seen] == [SETS["tab10"].light, SETS["tab10"].dark]
    assert seen[0].background == LIGHT.background


def test_details_hold_what_a_library_said() -> None:
    error = FileError("a.png", "no room")
    error.add_note("Traceback …")
    assert exporting.details(error) == "a.png\nno room\nTraceback …"


def test_light_is_the_ground_of_pictures() -> None:
    assert LIGHT.background == "#ffffff"
