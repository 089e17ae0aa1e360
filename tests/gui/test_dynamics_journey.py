"""The Dynamics view in the window with the real engine: drawn while integrated, stopped, kept, driven by keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from smtj_gui.views import ANGULAR, DYNAMICS

#: The first test compiles the kernels where nobody has.
PATIENCE = 110_000


@pytest.fixture
def window(qtbot, whole_window, monkeypatch):
    """The window on the preset of Figs. 3-4, the Dynamics view on top, its trajectory drawn."""
    monkeypatch.setenv("SMTJ_3D", "painter")
    window = whole_window([DYNAMICS, ANGULAR], "letter_fig_4a")
    window.conductor.set_ready()
    qtbot.waitUntil(lambda: settled(window), timeout=PATIENCE)
    return window


def settled(window) -> bool:
    """Trajectory and spectrum of the present setup are drawn, and nothing runs."""
    view = window.views[0]
    return (view.result is not None and view.spectrum.result is not None and not window._runner.active()
            and view.result.setup == window.session.setup == view.spectrum.result.setup)


def test_the_preset_precesses_out_of_plane(window) -> None:
    view = window.views[0]
    assert "Out-of-plane precession" in view.state.accessibleName()
    assert "3.325 GHz" in view.stage.key.theory.text().replace("\u00a0", " ")
    assert window._mode.text() == "3-D by painter: chosen by SMTJ_3D"


def test_a_long_trajectory_is_drawn_while_it_is_integrated(window, qtbot) -> None:
    view, seen = window.views[0], []
    window.conductor.live.connect(
        lambda key, result, draft: seen.append((key, result, draft)) if key == "trajectory" else None)
    window.session.edit("numerics.trajectory.duration", 1500.0)
    ends = set()

    def grown() -> bool:
        ends.add(view.stage.path.end)
        return settled(window)

    qtbot.waitUntil(grown, timeout=PATIENCE)
    parts = [result for _, result, draft in seen if draft]
    assert len(parts) >= 3
    lengths = [part.data.sizes["time"] for part in parts]
    assert lengths == sorted(lengths)
    assert len(ends) >= 3       # the sphere had them too
    assert not seen[-1][2]
    whole = seen[-1][1].data["m"].values
    for part in parts:          # each is everything so far, of this very setup
        np.testing.assert_array_equal(part.data["m"].values, whole[:part.data.sizes["time"]])
        assert part.setup == window.session.setup
    assert "integrating" not in view.state.accessibleName()
    assert view.traces.plot.viewRange()[0][1] == pytest.approx(1500.0, rel=1e-3)


def test_esc_stops_and_keeps_what_there_is(window, qtbot) -> None:
    view = window.views[0]
    window.session.edit("numerics.trajectory.duration", 10_000.0)
    qtbot.waitUntil(lambda: view.result.setup == window.session.setup, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: any(run.kind == "trajectory" for run in window.session.runs), timeout=PATIENCE)
    run = next(run for run in window.session.runs if run.kind == "trajectory")
    assert run.state == "cancelled"
    assert 0 < run.result.data["time"].values[-1] < 10_000
    assert run.result.setup.numerics.trajectory.duration == 10_000.0


def test_an_edit_while_it_is_integrated_starts_the_new_one(window, qtbot) -> None:
    window.session.edit("numerics.trajectory.duration", 3000.0)
    qtbot.waitUntil(lambda: window.views[0].result.setup == window.session.setup, timeout=PATIENCE)
    window.session.edit_many({"numerics.trajectory.duration": 35.0, "drive.tau_par": -0.00318})
    qtbot.waitUntil(lambda: settled(window), timeout=PATIENCE)
    assert "In-plane precession" in window.views[0].state.accessibleName()


def test_keeping_a_run_keeps_trajectory_and_spectrum(window, qtbot) -> None:
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert [run.kind for run in window.session.runs] == ["trajectory", "spectrum"]
    window.session.edit("drive.tau_par", -0.00318)
    qtbot.waitUntil(lambda: settled(window), timeout=PATIENCE)
    view = window.views[0]
    assert len(view.traces.plot.lines) == 6
    assert len(view.spectrum.plot.lines) == 4
    assert len(view.stage.scene.others) == 1


def test_space_plays_and_pauses_unless_a_field_has_the_focus(window, qtbot) -> None:
    view = window.views[0]
    player = view.stage.player
    player.pause()
    player.scrub(0.0)
    view.stage.sphere.setFocus()
    QTest.keyClick(view.stage.sphere, Qt.Key.Key_Space)
    assert player.playing
    QTest.keyClick(view.stage.sphere, Qt.Key.Key_Space)
    assert not player.playing
    field = view.controls.fields["duration"]
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Space)
    assert not player.playing
    QTest.mouseClick(view.stage.key.buttons["x"], Qt.MouseButton.LeftButton)
    QTest.keyClick(view.stage.key.buttons["iso"], Qt.Key.Key_Space)     # a button keeps its own Space
    assert not player.playing
    window.actions_["play"].trigger()
    assert player.playing


def test_it_rests_while_another_view_is_on_top(window) -> None:
    player = window.views[0].stage.player
    player.scrub(0.0)
    player.play()
    assert player.playing
    window.tabs.setCurrentIndex(1)
    assert not player.playing
    window.tabs.setCurrentIndex(0)
    assert player.playing


def test_a_start_at_the_pole_is_explained_and_tilted(window, qtbot) -> None:
    view = window.views[0]
    window.session.edit("numerics.trajectory.theta0_deg", 0.0)
    qtbot.waitUntil(lambda: any("Tilt the start" in text for text in window.toasts.messages), timeout=PATIENCE)
    QTest.mouseClick(view.tilt, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: settled(window), timeout=PATIENCE)
    assert view.result.data["m"].values[0, 2] == pytest.approx(np.cos(np.radians(1.0)))


def test_the_sphere_is_turned_by_the_mouse_and_the_time_by_the_trace(window, qtbot) -> None:
    view = window.views[0]
    view.stage.player.pause()
    sphere = view.stage.sphere
    middle, before = sphere.rect().center(), sphere.camera
    QTest.mousePress(sphere, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(sphere, middle + QPoint(30, 0))
    qtbot.waitUntil(lambda: sphere.camera != before)
    QTest.mouseRelease(sphere, Qt.MouseButton.LeftButton, pos=middle + QPoint(30, 0))
    assert sphere.camera.azimuth == pytest.approx(before.azimuth - 15)
    plot = view.traces.plot
    for part in (0.3, 0.8):
        place = QPoint(round(plot.width() * part), plot.height() // 3)
        QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QApplication.processEvents()
        wanted = plot.getViewBox().mapSceneToView(plot.mapToScene(place)).x()
        assert view.stage.now == pytest.approx(wanted, abs=0.05)


def test_another_page_may_ask_for_the_trajectory(window) -> None:
    """As a click on a stability diagram does."""
    window.tabs.setCurrentIndex(1)
    window.views[1].open_page.emit("trajectory")
    assert window.view is window.views[0]


def test_help_and_keys_know_the_view(window) -> None:
    window.tabs.setFocus()
    window.assistance.help()
    assert "Dynamics" in window.assistance.help_window.text()
    assert "limit cycle" in window.assistance.help_window.text()
    window.assistance.keys()
    assert "Play or pause" in window.assistance.help_window.text()
