"""The Dynamics view with the engine's own results: play, cameras, traces, spectrum, words; both spheres."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from smtj_engine.analyses import ANALYSES
from smtj_engine.monitor import silent
from smtj_engine.parameters import Setup
from smtj_engine.results import Result
from smtj_engine.schema import with_values
from smtj_gui.look import DARK, LIGHT
from smtj_gui.session import Run
from smtj_gui.views import VIEWS, load
from smtj_gui.views.dynamics import DynamicsView
from smtj_gui.views.sphere_marks import trail_colour
from smtj_gui.views.sphere_scene import PRESETS
from smtj_gui.views.words import Words

#: Out-of-plane precession.
OPP = {"drive.tau_par": -0.00199}


@functools.cache
def answer(kind: str, values: tuple[tuple[str, object], ...]) -> Result:
    return ANALYSES[kind].run(with_values(Setup(), dict(values)), silent)


def show(view: DynamicsView, **more: object) -> None:
    """Show a setup's trajectory, spectrum and closed form, paused at its beginning."""
    values = tuple((OPP | {name.replace("__", "."): value for name, value in more.items()}).items())
    view.session.edit_many(dict(values))
    for kind in view.wanted():
        view.show_live(answer(kind, values), False)
    view.stage.player.pause()
    view.stage.player.scrub(0.0)


def grab(view: DynamicsView) -> QImage:
    """The sphere as it is on screen."""
    sphere = view.stage.sphere
    return sphere.grabFramebuffer() if hasattr(sphere, "grabFramebuffer") else sphere.grab().toImage()


def text(words: Words) -> str:
    return words.accessibleName().replace("\u00a0", " ")


def count(image: QImage, colour: QColor, tolerance: int = 12) -> int:
    """How many pixels have about this colour."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, :3 * image.width()].reshape(-1, 3).astype(int)
    wanted = [colour.red(), colour.green(), colour.blue()]
    return int((np.abs(pixels - wanted).max(axis=1) <= tolerance).sum())


def click_camera(view: DynamicsView, name: str) -> None:
    QTest.mouseClick(view.stage.key.buttons[name], Qt.MouseButton.LeftButton)


def test_the_view_is_in_the_table_of_views() -> None:
    assert DynamicsView in [load(tab) for tab in VIEWS]
    assert (DynamicsView.key, DynamicsView.title) == ("dynamics", "Dynamics")
    assert "trajectory" in DynamicsView.kinds


def test_state_frequencies_and_error_in_words(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    words = text(dynamics_view.state)
    assert "Out-of-plane precession about +z" in words
    assert "f 3.328 GHz" in words
    assert "R 6.657 GHz" in words       # twice that of m
    assert "error ≤ 6×10⁻¹¹" in words
    assert dynamics_view.current_result() is not None
    assert "3-D by" in dynamics_view.stage.mode


def test_both_readings_of_the_torque_and_the_closed_form(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    key = dynamics_view.stage.key
    assert "−0.001990" in key.torque.text()
    assert "−0.01250" in key.torque.text()      # the value printed in the Letter's Fig. 4a
    assert "a reading, not a fact" in key.torque.text()
    assert "3.323 GHz" in key.theory.text()
    assert len(dynamics_view.stage.scene.cycles) > 0


def test_a_trajectory_with_thermal_noise_has_no_error(dynamics_view: DynamicsView) -> None:
    """Twice the step would be another noise: the engine tells no error, and the words leave it out."""
    show(dynamics_view, drive__temperature=300.0, magnet__volume=4000.0)
    assert "error" not in text(dynamics_view.state)
    assert len(text(dynamics_view.state)) > len("State: ")


def test_where_there_is_no_closed_form_the_reason_is_shown(dynamics_view: DynamicsView) -> None:
    show(dynamics_view, drive__h_z=0.01)
    assert "without an external field only" in dynamics_view.stage.key.theory.text()
    assert len(dynamics_view.stage.scene.cycles) == 0
    assert not dynamics_view.spectrum.marks[0].isVisible()
    show(dynamics_view, drive__tau_par=0.001)
    assert "no precession at this τ∥" in dynamics_view.stage.key.theory.text()


def test_the_spectrum_tells_peak_linewidth_and_theory(dynamics_view: DynamicsView) -> None:
    show(dynamics_view, numerics__trajectory__duration=150.0)
    panel = dynamics_view.spectrum
    spectrum = answer("spectrum", tuple((OPP | {"numerics.trajectory.duration": 150.0}).items()))
    words = text(panel.words)
    assert f"f {float(spectrum.data['peak']):.3f} GHz" in words
    assert "Δf ≤" in words      # a steady line is no wider than the record resolves
    assert "theory 3.323 GHz" in words
    assert panel.marks[1].value() == pytest.approx(2 * panel.marks[0].value())
    assert panel.marks[0].value() == pytest.approx(float(spectrum.data["peak"]), rel=2e-3)
    left, right = panel.plot.viewRange()[0]
    assert left == pytest.approx(0.0, abs=1e-3)
    assert right > 4 * 3.3


def test_rest_has_no_line(dynamics_view: DynamicsView) -> None:
    show(dynamics_view, drive__tau_par=0.02, numerics__trajectory__duration=150.0)
    assert "nothing oscillates" in text(dynamics_view.spectrum.words)


def test_the_sphere_shows_m_where_it_is(dynamics_view: DynamicsView) -> None:
    """Seen along z, m at θ = 10°, φ = 0 lies below the centre; its ball has the colour of m."""
    show(dynamics_view)
    click_camera(dynamics_view, "z")
    QApplication.processEvents()
    image, scene = grab(dynamics_view), dynamics_view.stage.scene
    assert scene.m == pytest.approx([math.sin(math.radians(10)), 0, math.cos(math.radians(10))])
    seen = dynamics_view.stage.sphere.camera.project(scene.m)
    radius = 0.5 * min(image.width(), image.height()) / 1.34
    x, y = image.width() / 2 + radius * seen[0], image.height() / 2 - radius * seen[1]
    found = image.pixelColor(round(x), round(y))
    wanted = trail_colour(LIGHT)
    assert max(abs(found.red() - wanted.red()), abs(found.green() - wanted.green())) < 40
    corner = image.pixelColor(2, 2)
    assert corner.name() == LIGHT.background


def test_the_ball_is_bright_in_the_middle_and_shaded_by_the_energy(dynamics_view: DynamicsView) -> None:
    """Along y the energy is highest, along z lowest: two colours; and the ball is lit from the viewer."""
    show(dynamics_view)
    dynamics_view.stage.scene.m = None
    colours = {}
    for name in ("y", "z"):
        click_camera(dynamics_view, name)
        QApplication.processEvents()
        image = grab(dynamics_view)
        colours[name] = image.pixelColor(image.width() // 2 + 12, image.height() // 2 + 12)
    assert colours["y"].red() > colours["z"].red() + 40
    assert colours["y"].lightness() > 150      # not the dark of a ball lit from behind


def test_playing_moves_m_and_pausing_stops_it(dynamics_view: DynamicsView, qtbot: object) -> None:
    show(dynamics_view)
    player, before = dynamics_view.stage.player, np.array(dynamics_view.stage.scene.m)
    QTest.mouseClick(player.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dynamics_view.stage.now > 0.1)     # type: ignore[attr-defined]
    assert np.linalg.norm(dynamics_view.stage.scene.m - before) > 0.01
    assert player.button.accessibleName() == "Pause"
    QTest.mouseClick(player.button, Qt.MouseButton.LeftButton)
    assert not player.playing
    assert player.button.accessibleName() == "Play"


def test_scrubbing_with_slider_and_trace(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    player, plot = dynamics_view.stage.player, dynamics_view.traces.plot
    player.slider.setValue(player.slider.maximum() // 2)
    assert dynamics_view.stage.now == pytest.approx(17.5)
    assert plot.cursor.value() == pytest.approx(17.5)
    assert "t 17.500 ns" in text(dynamics_view.readout)
    path = dynamics_view.stage.path
    assert path is not None
    np.testing.assert_allclose(dynamics_view.stage.scene.m, path.at(17.5))
    place = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(28.0, 0.5)))
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dynamics_view.stage.now == pytest.approx(28.0, abs=0.2)
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert dynamics_view.stage.now == pytest.approx(28.0 - 35 / 200, abs=0.2)


def test_the_mouse_turns_and_zooms(dynamics_view: DynamicsView, qtbot) -> None:
    show(dynamics_view)
    sphere = dynamics_view.stage.sphere
    before, middle = sphere.camera, sphere.rect().center()
    QTest.mousePress(sphere, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(sphere, middle + QPoint(40, 20))
    qtbot.waitUntil(lambda: dynamics_view.stage.camera != before)
    QTest.mouseRelease(sphere, Qt.MouseButton.LeftButton, pos=middle + QPoint(40, 20))
    after = dynamics_view.stage.camera
    assert after.azimuth == pytest.approx(before.azimuth - 20)
    assert after.elevation == pytest.approx(before.elevation + 10)
    wheel = QWheelEvent(QPointF(middle), sphere.mapToGlobal(QPointF(middle)), QPoint(), QPoint(0, 120),
                        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
                        False)
    QApplication.sendEvent(sphere, wheel)
    assert dynamics_view.stage.camera.zoom > 1.1
    sphere.setFocus()
    QTest.keyClick(sphere, Qt.Key.Key_Left)
    assert dynamics_view.stage.camera.azimuth == pytest.approx(after.azimuth - 5)


@pytest.mark.parametrize("name", list(PRESETS))
def test_camera_presets(dynamics_view: DynamicsView, name: str) -> None:
    show(dynamics_view)
    dynamics_view.stage.sphere.set_camera(PRESETS["iso"].turned(11, 7))
    click_camera(dynamics_view, name)
    assert dynamics_view.stage.sphere.camera == PRESETS[name]


def test_following_keeps_m_in_the_same_direction(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    stage = dynamics_view.stage
    QTest.mouseClick(stage.key.follow, Qt.MouseButton.LeftButton)
    seen = []
    for now in (0.0, 3.03, 20.11, 34.0):
        stage.player.scrub(now)
        m = np.array(stage.scene.m)
        flat = stage.sphere.camera.project(np.array([m[0], m[1], 0.0]) / np.hypot(m[0], m[1]))
        seen.append(flat)
    for each in seen[1:]:
        np.testing.assert_allclose(each, seen[0], atol=1e-9)
    here = stage.sphere.camera
    QTest.mouseClick(stage.key.follow, Qt.MouseButton.LeftButton)
    stage.player.scrub(1.0)
    assert stage.sphere.camera == here       # stands still where it was


def test_the_trail_gets_longer(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    stage = dynamics_view.stage
    stage.player.scrub(20.0)
    stage.player.trails.setCurrentIndex(0)
    QApplication.processEvents()
    short = count(grab(dynamics_view), trail_colour(LIGHT), 60)
    stage.player.trails.setCurrentIndex(stage.player.trails.count() - 1)
    QApplication.processEvents()
    assert count(grab(dynamics_view), trail_colour(LIGHT), 60) > short
    assert len(stage.scene.trail) > 2000


def test_kept_runs_are_overlaid(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    other = tuple((OPP | {"drive.tau_par": -0.00318}).items())
    runs = [Run("IPP", kind, Setup(), "#FF00FF", answer(kind, other)) for kind in ("trajectory", "spectrum")]
    lines = len(dynamics_view.traces.plot.lines), len(dynamics_view.spectrum.plot.lines)
    dynamics_view.set_overlays(runs)
    dynamics_view.stage.player.scrub(30.0)
    assert len(dynamics_view.traces.plot.lines) == 2 * lines[0] == 6
    assert len(dynamics_view.spectrum.plot.lines) == 2 * lines[1] == 4
    assert "IPP" in [entry.text for entry in dynamics_view.traces.legend.entries]
    QApplication.processEvents()
    with_run = count(grab(dynamics_view), QColor("#FF00FF"), 60)
    dynamics_view.set_overlays([])
    QApplication.processEvents()
    assert with_run > count(grab(dynamics_view), QColor("#FF00FF"), 60) == 0


def test_a_run_that_is_on_show_is_not_drawn_twice(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    result = dynamics_view.current_result()
    dynamics_view.set_overlays([Run("same", "trajectory", Setup(), "#CC79A7", result)])
    assert len(dynamics_view.traces.plot.lines) == 3


def test_components_and_resistance(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    traces, result = dynamics_view.traces, dynamics_view.current_result()
    assert result is not None
    traces.chooser.setCurrentIndex(4)
    assert len(traces.plot.lines) == 1
    np.testing.assert_array_equal(traces.plot.lines[0].y, result.data["resistance"].values)
    traces.chooser.setCurrentIndex(3)
    np.testing.assert_array_equal(traces.plot.lines[0].y, result.data["m"].values[:, 2])
    assert traces.plot.label("left") == "m<sub>z</sub>"


def test_long_traces_are_thinned_out_without_losing_their_envelope(dynamics_view: DynamicsView) -> None:
    show(dynamics_view, numerics__trajectory__duration=1000.0)
    result, item = dynamics_view.current_result(), dynamics_view.traces.plot._lines[0]
    assert result is not None and result.data.sizes["time"] > 200_000
    x, y = item.getData()
    assert len(x) < 4 * dynamics_view.traces.plot.width()
    assert y.max() == pytest.approx(result.data["m"].values[:-len(result.data["time"]) // 100, 0].max(), abs=1e-3)


def test_dark_and_light(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    dynamics_view.set_theme(DARK)
    QApplication.processEvents()
    assert grab(dynamics_view).pixelColor(2, 2).name() == DARK.background
    assert count(grab(dynamics_view), trail_colour(DARK), 40) > 20


def test_a_start_at_the_pole_can_be_tilted(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    assert dynamics_view.tilt.isHidden()
    dynamics_view.session.edit("numerics.trajectory.theta0_deg", 180.0)
    assert not dynamics_view.tilt.isHidden()
    QTest.mouseClick(dynamics_view.tilt, Qt.MouseButton.LeftButton)
    assert dynamics_view.session.setup.numerics.trajectory.theta0_deg == 179.0
    assert dynamics_view.tilt.isHidden()
    assert dynamics_view.session.undo_text == "Tilt the start"


def test_instants_may_be_left_to_the_program(dynamics_view: DynamicsView) -> None:
    """An empty field means: enough for a smooth line; too few of them have no spectrum."""
    field = dynamics_view.controls.fields["samples"]
    assert field.text() == ""
    assert field.placeholderText() == "auto"
    field.setText("20")
    field.commit()
    assert dynamics_view.session.setup.numerics.trajectory.samples == 20
    assert dynamics_view.wanted() == ("trajectory", "limit-cycles")
    field.setText("")
    field.commit()
    assert dynamics_view.session.setup.numerics.trajectory.samples is None
    assert "spectrum" in dynamics_view.wanted()
    assert dynamics_view.kept() == ("trajectory", "spectrum")


def test_everything_has_a_name_for_screen_readers(dynamics_view: DynamicsView) -> None:
    show(dynamics_view)
    stage = dynamics_view.stage
    player = stage.player
    for widget in (stage.sphere, player.slider, player.button, player.speeds, player.trails, stage.key.key,
                   dynamics_view.traces.chooser, *stage.key.buttons.values()):
        assert widget.accessibleName(), widget


def test_the_copied_picture_shows_the_sphere_on_a_light_ground(dynamics_view: DynamicsView) -> None:
    from smtj_gui.exporting import picture_of

    show(dynamics_view)
    dynamics_view.set_theme(DARK)
    QApplication.processEvents()
    image = picture_of(dynamics_view).toImage()
    sphere = dynamics_view.stage.sphere
    corner = sphere.mapTo(dynamics_view.picture(), QPoint(3, 3)) * 2
    middle = sphere.mapTo(dynamics_view.picture(), sphere.rect().center() + QPoint(30, 30)) * 2
    assert image.pixelColor(corner).name() == LIGHT.background
    assert image.pixelColor(middle).lightness() < 240       # the ball
    assert dynamics_view.theme is DARK
