"""What the sphere shows, in numbers: contours, equilibria, predicted cycles, trail, camera."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from smtj_engine.dynamics.limit_cycles import limit_cycles
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.parameters import Drive, Magnet
from smtj_gui.views.sphere_scene import (
    LIFT,
    MOST_POINTS,
    PRESETS,
    Camera,
    Landscape,
    Path,
    Scene,
    Strand,
    contour_lines,
    equilibria_of,
    predicted_cycles,
)


def circle(count: int = 1001, duration: float = 10.0) -> Path:
    """m along the equator, one turn in `duration` ns."""
    time = np.linspace(0.0, duration, count)
    angle = 2 * np.pi * time / duration
    return Path(time, np.stack([np.cos(angle), np.sin(angle), np.zeros(count)], axis=1))


@pytest.mark.parametrize("landscape", [Landscape(0.2, 0.25), Landscape(0.2, -0.25),
                                       Landscape(0.1, 0.3, (0.02, 0, 0.1))])
def test_contours_lie_on_their_levels(landscape: Landscape) -> None:
    pieces = contour_lines(landscape, count=9)
    level = landscape.level(pieces / LIFT) * 9
    assert np.abs(level - np.round(level)).max() < 0.05     # straight chords of a finite grid
    assert set(np.unique(np.round(level))) == set(range(1, 9))
    assert np.linalg.norm(pieces[:, 0] - pieces[:, 1], axis=1).max() < 0.12


def test_a_flat_landscape_has_no_contours() -> None:
    assert len(contour_lines(Landscape(0.0, 0.0))) == 0
    assert np.all(Landscape(0.0, 0.0).level(np.eye(3)) == 0)


@pytest.mark.parametrize("tau", [-0.00199, -0.00318])
def test_the_predicted_cycle_is_where_the_trajectory_ends(tau: float) -> None:
    magnet, drive = Magnet(), Drive(tau_par=tau)
    w = float(limit_cycles(magnet, drive).data["w_now"])
    orbits = predicted_cycles(Landscape(magnet.q_par, magnet.q_perp - magnet.n_z), w)
    assert len(orbits) == 2
    end = trajectory(magnet, drive, duration=200.0).data["m"].values[-2000:]
    points = np.concatenate(orbits) / LIFT
    nearest = np.min(np.linalg.norm(end[::20, None] - points[None], axis=2), axis=1)
    assert nearest.max() < 0.03      # a few degrees of an orbit drawn with 180 pieces, to first order in η
    for orbit in orbits:
        np.testing.assert_allclose(magnet.q_par * (orbit[:, 0] / LIFT) ** 2 + 0.25 * (orbit[:, 2] / LIFT) ** 2, w)


def test_no_cycle_is_drawn_outside_the_closed_form() -> None:
    assert predicted_cycles(Landscape(0.2, 0.25), float("nan")) == []
    assert predicted_cycles(Landscape(0.2, -0.25), 0.1) == []


@pytest.mark.parametrize(("tau", "poles", "plane"), [
    (0.001, "stable", "unstable"), (-0.00199, "unstable", "unstable"), (-0.00597, "unstable", "stable")])
def test_equilibria_change_their_stability_at_the_thresholds(tau: float, poles: str, plane: str) -> None:
    kinds = {tuple(np.round(mark.m, 6) + 0.0): mark.kind for mark in equilibria_of(Magnet(), Drive(tau_par=tau))}
    assert len(kinds) == 6
    assert kinds[(0.0, 0.0, 1.0)] == kinds[(0.0, 0.0, -1.0)] == poles
    assert kinds[(0.0, 1.0, 0.0)] == kinds[(0.0, -1.0, 0.0)] == plane
    assert kinds[(1.0, 0.0, 0.0)] == kinds[(-1.0, 0.0, 0.0)] == "saddle"


def test_equilibria_of_the_junctions_torque_bear_no_stability() -> None:
    marks = equilibria_of(Magnet(), Drive(law="transport"))
    assert len(marks) == 6
    assert {mark.kind for mark in marks} == {"rest"}


def test_the_field_law_tilts_the_landscape() -> None:
    """There τ∥ is a field along y: the energy is lower on that side, and the equilibria have moved there."""
    scene = Scene()
    scene.set_magnet(Magnet(), Drive(law="field", tau_par=0.05))
    assert scene.landscape.energy(np.array([0.0, 1.0, 0.0])) == pytest.approx(-0.05)
    assert {mark.kind for mark in scene.marks} == {"stable", "saddle", "unstable"}
    assert max(mark.m[1] for mark in scene.marks if mark.kind == "stable") == pytest.approx(0.05 / 0.25)


def test_a_line_of_equilibria_is_not_marked() -> None:
    assert equilibria_of(Magnet(q_par=0.0, q_perp=0.5), Drive()) == []


def test_contours_come_also_when_the_prediction_came_first() -> None:
    """The closed form answers before the trajectory does."""
    scene = Scene()
    scene.set_cycle(0.21)
    scene.set_magnet(Magnet(), Drive())
    assert len(scene.contours) > 0


def test_m_between_two_instants_stays_on_the_sphere() -> None:
    path = circle(11)
    assert np.linalg.norm(path.at(0.37)) == pytest.approx(1.0)
    np.testing.assert_allclose(path.at(0.5), [np.cos(np.pi / 10), np.sin(np.pi / 10), 0], atol=1e-12)
    np.testing.assert_array_equal(path.at(-1.0), path.m[0])
    np.testing.assert_array_equal(path.at(99.0), path.m[-1])


def test_the_trail_ends_at_m_and_is_as_long_as_asked() -> None:
    path = circle()
    trail = path.trail(6.0, 2.5)
    np.testing.assert_allclose(trail[-1], LIFT * path.at(6.0), atol=1e-12)
    np.testing.assert_allclose(trail[0], LIFT * path.at(3.5), atol=0.01)
    assert len(path.trail(0.0, 2.5)) == 1


def test_a_trail_of_millions_is_thinned_out() -> None:
    path = circle(1_000_000)
    trail = path.trail(9.0, float("inf"))
    assert 1000 < len(trail) <= MOST_POINTS + 1
    np.testing.assert_allclose(trail[-1], LIFT * path.at(9.0), atol=1e-9)


def test_kept_runs_move_with_it() -> None:
    scene, other = Scene(), circle(duration=20.0)
    scene.others = [Strand(other, "#E69F00")]
    scene.move(circle(), 5.0, 1.0)
    np.testing.assert_allclose(scene.m, [-1, 0, 0], atol=1e-9)
    np.testing.assert_allclose(scene.others[0].trail[-1], LIFT * other.at(5.0), atol=1e-9)


@pytest.mark.parametrize(("name", "towards"), [("x", 0), ("y", 1), ("z", 2)])
def test_presets_look_along_their_axis(name: str, towards: int) -> None:
    seen = PRESETS[name].project(np.eye(3))
    assert seen[towards, 2] == pytest.approx(1.0)
    assert np.hypot(*seen[towards, :2]) == pytest.approx(0.0, abs=1e-12)


def test_cameras_are_rotations() -> None:
    axes = Camera(123.0, -40.0).axes()
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1.0)


def test_a_drag_to_the_right_turns_the_front_to_the_right() -> None:
    before, point = Camera(0.0, 0.0), np.array([[1.0, 0.0, 0.0]])
    assert before.turned(10.0, 0.0).project(point)[0, 0] > before.project(point)[0, 0]
    assert before.turned(0.0, 500.0).elevation == 90.0
    assert dataclasses.replace(before, zoom=3.9).zoomed(2.0).zoom == 4.0
