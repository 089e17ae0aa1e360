"""The sphere as PNG, the precession as GIF, the trajectory as CSV: written elsewhere than on the GUI thread."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from smtj_engine.files import csv
from smtj_engine.monitor import Cancelled, silent
from smtj_engine.results import Result
from smtj_gui import exporting
from smtj_gui.exporting import Dialogs, Target
from smtj_gui.film_dialog import FilmDialog
from smtj_gui.jobs import JobRunner
from smtj_gui.look import DARK, LIGHT
from smtj_gui.session import Session
from smtj_gui.views.dynamics import DynamicsView
from smtj_gui.views.sphere_marks import trail_colour
from smtj_gui.views.sphere_pictures import MOST_FRAMES, Cut, Film, gif, png
from tests.gui.views.test_dynamics import OPP, answer


class Answers(Dialogs):
    """A user who gives this target."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self.target = target

    def table(self, parent: QWidget | None, result: Result) -> Target | None:
        return self.target

    sphere = figure = table

    def animation(self, parent: QWidget | None, film: Film) -> Target | None:
        return self.target


@pytest.fixture
def runner(qapp: object) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.shutdown()


@pytest.fixture
def view(session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> DynamicsView:
    """A precession in the dark theme, not on screen, looked at from above."""
    monkeypatch.setenv("SMTJ_3D", "painter")
    view = DynamicsView(session)
    qtbot.addWidget(view)
    view.set_theme(DARK)
    session.edit_many(OPP)
    for kind in view.wanted():
        view.show_live(answer(kind, tuple(OPP.items())), False)
    view.stage.player.pause()
    view.stage.player.scrub(20.0)
    QTest.mouseClick(view.stage.key.buttons["z"], Qt.MouseButton.LeftButton)
    return view


def orange(picture: Image.Image) -> tuple[float, float]:
    """Where m is, in parts of the picture from the middle, to the right and upwards: its needle and ball have most
    of the pixels of its colour."""
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    colour = trail_colour(LIGHT)
    rows, columns = np.nonzero(np.abs(pixels - [colour.red(), colour.green(), colour.blue()]).max(axis=2) < 30)
    size = picture.size[0]
    return float(np.median(columns)) / size - 0.5, 0.5 - float(np.median(rows)) / size


def test_the_picture_has_the_size_asked_for_and_a_light_ground(view: DynamicsView) -> None:
    film = view.film()
    assert film is not None
    picture = Image.open(io.BytesIO(png(film, 700))).convert("RGB")
    assert picture.size == (700, 700)
    assert picture.getpixel((3, 3)) == tuple(QColor(LIGHT.background).getRgb()[:3])
    (right, up), seen = orange(picture), film.camera.axes() @ film.path.at(20.0)
    assert right * seen[0] + up * seen[1] > 0
    assert view.theme is DARK


def test_an_animation_shows_m_where_it_is_in_each_picture(view: DynamicsView) -> None:
    film, told = view.film(), []
    assert film is not None
    cut = Cut(20.0, 21.0, speed=0.5, pixels=240, rate=10)
    data = gif(film, cut, lambda fraction, note="", partial=None: told.append(fraction))
    animation = Image.open(io.BytesIO(data))
    assert animation.n_frames == cut.frames == 20
    assert animation.info["loop"] == 0
    assert animation.info["duration"] == 100
    assert told == sorted(told) and len(told) == 20
    axes = film.camera.axes()
    for index, now in enumerate(np.linspace(20.0, 21.0, 20)):
        animation.seek(index)
        seen = axes @ film.path.at(float(now))
        right, up = orange(animation)
        assert right * seen[0] + up * seen[1] > 0, index      # needle and ball lie on the side of m
        assert animation.convert("RGB").getpixel((2, 2)) == (255, 255, 255)


def test_an_animation_follows_m(view: DynamicsView) -> None:
    """In the frame of m its azimuth stays: looked at from above, m lies in the same direction in every picture."""
    view.stage.set_follow(True)
    film = view.film()
    assert film is not None and film.follow
    data = gif(film, Cut(20.0, 21.0, speed=0.5, pixels=240, rate=10), silent)
    directions = []
    animation = Image.open(io.BytesIO(data))
    for index in range(animation.n_frames):
        animation.seek(index)
        right, up = orange(animation)
        directions.append(np.array([right, up]) / np.hypot(right, up))
    assert min(float(each @ directions[0]) for each in directions) > 0.95


def test_a_cancelled_animation_stops_at_once(view: DynamicsView) -> None:
    film, calls = view.film(), []
    assert film is not None

    def monitor(fraction: float, note: str = "", partial: Result | None = None) -> None:
        calls.append(fraction)
        if len(calls) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        gif(film, Cut(0.0, 30.0, 1.0, 120, 20), monitor)
    assert len(calls) == 3


def test_export_of_sphere_and_animation(view: DynamicsView, runner: JobRunner, qtbot: QtBot, tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[int] = set()
    picture = Film.picture

    def noted(self: Film, *arguments: object, **keywords: object) -> object:
        threads.add(threading.get_ident())
        return picture(self, *arguments, **keywords)   # type: ignore[arg-type]

    monkeypatch.setattr(Film, "picture", noted)
    told: list[str] = []
    for export, target in ((exporting.export_sphere, Target(tmp_path / "s.png", width_mm=50.8, dpi=150)),
                           (exporting.export_animation, Target(tmp_path / "p.gif", cut=Cut(0, 2, 1, 120, 10)))):
        job = export(view, None, runner=runner, dialogs=Answers(target), told=told.append)
        assert job is not None
        with qtbot.waitSignal(job.ended, timeout=60_000):
            pass
    assert told == [f"Written: {tmp_path / 's.png'}", f"Written: {tmp_path / 'p.gif'}"]
    with Image.open(tmp_path / "s.png") as sphere, Image.open(tmp_path / "p.gif") as animation:
        assert sphere.size == (300, 300)
        assert animation.n_frames == 20
    assert threads and threading.get_ident() not in threads


def test_a_stopped_animation_leaves_no_file(view: DynamicsView, runner: JobRunner, qtbot: QtBot, tmp_path: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is told, Esc stops it, and neither a file nor a message of failure is left."""
    drawing, fractions = threading.Event(), []
    picture = Film.picture

    def slow(self: Film, *arguments: object, **keywords: object) -> object:
        drawing.set()
        return picture(self, *arguments, **keywords)   # type: ignore[arg-type]

    monkeypatch.setattr(Film, "picture", slow)
    runner.progress.connect(lambda job, fraction, note: fractions.append((fraction, note)))
    told: list[str] = []
    cut = Cut(0.0, 30.0, speed=1.0, pixels=640, rate=20)
    answers = Answers(Target(tmp_path / "p.gif", cut=cut))
    export = exporting.export_animation(view, None, runner=runner, dialogs=answers, told=told.append)
    assert export is not None
    with qtbot.waitSignal(export.ended, timeout=60_000):
        qtbot.waitUntil(lambda: drawing.is_set() and bool(fractions))
        runner.cancel_all()
    assert list(tmp_path.iterdir()) == []
    assert told == []
    assert fractions[0][1] == "drawing"


def test_the_trajectory_as_csv(view: DynamicsView, runner: JobRunner, qtbot: QtBot, tmp_path: Path) -> None:
    export = exporting.export_csv(view, None, runner=runner, dialogs=Answers(Target(tmp_path / "t.csv")))
    assert export is not None
    with qtbot.waitSignal(export.ended, timeout=60_000):
        pass
    again, result = csv.read(tmp_path / "t.csv"), view.current_result()
    assert result is not None
    assert again.kind == "trajectory"
    np.testing.assert_array_equal(again.data["m"].values, result.data["m"].values)
    assert again.setup == result.setup


def test_a_view_without_a_sphere_says_where_it_is(angular_view: object) -> None:
    told: list[str] = []
    assert exporting.export_sphere(angular_view, None, told=told.append) is None    # type: ignore[arg-type]
    assert exporting.export_animation(angular_view, None, told=told.append) is None     # type: ignore[arg-type]
    assert told == ["The sphere is in the Dynamics view."] * 2


def test_the_dialog_offers_what_is_on_screen_and_refuses_too_much(view: DynamicsView, qtbot: QtBot) -> None:
    film = view.film()
    assert film is not None
    dialog = FilmDialog(film)
    qtbot.addWidget(dialog)
    assert dialog.cut() == Cut(20.0, 35.0, 1.0, 480, 20)
    assert "300 pictures, 15.0 s" in dialog.words.text()
    assert dialog.buttons.buttons()[0].isEnabled()
    dialog.speeds.setCurrentIndex(0)
    assert f"at most {MOST_FRAMES}" in dialog.words.text()
    assert not dialog.buttons.buttons()[0].isEnabled()
    dialog.start.setValue(35.0)
    assert "later than the beginning" in dialog.words.text()


def test_the_buttons_beside_the_sphere_are_the_menus_actions(view: DynamicsView, qtbot: QtBot) -> None:
    from smtj_gui.actions import MENUS

    names = {entry[0] for entries in MENUS.values() for entry in entries if entry is not None}
    for action in view.stage.key.save.menu().actions():
        with qtbot.waitSignal(view.action_wanted) as wanted:
            action.trigger()
        assert wanted.args[0] in names


def test_silence_is_a_monitor_too(view: DynamicsView) -> None:
    film = view.film()
    assert film is not None
    assert Image.open(io.BytesIO(gif(film, Cut(0.0, 0.1, 1.0, 64, 10), silent))).size == (64, 64)
