"""The stability view with a real mouse: colours, read-out, a launch, cuts, theory, both directions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtj_engine.analyses import ANALYSES
from smtj_engine.dynamics.limit_cycles import limit_cycles, thresholds
from smtj_engine.dynamics.stability import cell_parameters
from smtj_engine.results import Result
from smtj_engine.schema import value_at, with_values
from smtj_gui.look import DARK
from smtj_gui.session import Session
from smtj_gui.views.base import View
from smtj_gui.views.labels import number
from smtj_gui.views.stability import StabilityView
from smtj_gui.views.stability_plane import COLOURS, Plane

LEFT = Qt.MouseButton.LeftButton
NX, NY = 24, 16
SMALL = {"x_points": NX, "y_points": NY}


def shown_setup(view: StabilityView, **grid: Any) -> Result:
    """Make the session's diagram small, and show the engine's answer to it."""
    values = {name if "." in name else f"numerics.stability.{name}": value for name, value in grid.items()}
    view.session.edit_many({f"numerics.stability.{name}": value for name, value in SMALL.items()} | values)
    result = ANALYSES["stability"].run(view.session.setup, lambda *_: None)
    view.show_live(result, False)
    view.map.settle()
    return result


@pytest.fixture
def view(session: Session, on_screen: Callable[[View], View]) -> StabilityView:
    view = on_screen(StabilityView(session))
    assert isinstance(view, StabilityView)
    return view


@pytest.fixture
def result(view: StabilityView) -> Result:
    return shown_setup(view)


def click(qtbot: QtBot, view: StabilityView, cell: tuple[int, int]) -> None:
    qtbot.mouseClick(view.map.viewport(), LEFT, pos=view.map.point_of(cell))


def drag(qtbot: QtBot, view: StabilityView, start: QPoint, end: QPoint) -> None:
    port = view.map.viewport()
    qtbot.mousePress(port, LEFT, pos=start)
    for part in (0.3, 0.7, 1.0):
        qtbot.mouseMove(port, start + part * (end - start))
        QApplication.processEvents()    # what appears meanwhile takes its place
    qtbot.mouseRelease(port, LEFT, pos=end)


def pixel(view: StabilityView, cell: tuple[int, int]) -> QColor:
    """The colour on the screen beside a cell's middle, where no hatching goes."""
    view.repaint()
    picture = view.map.grab().toImage()
    ratio = picture.devicePixelRatio()
    assert view.plane is not None
    quarter = view.map.point_of((cell[0], cell[1])) + QPoint(3, 3)
    return picture.pixelColor(round(quarter.x() * ratio), round(quarter.y() * ratio))


def plain_cell(result: Result, state: int) -> tuple[int, int]:
    """A cell of this state that is not hatched, as far inside the picture as there is one."""
    good = (result.data["state"].values == state) & ~result.data["sensitive"].values
    cells = np.argwhere(good)
    middle = np.array([NY / 2, NX / 2])
    row, column = cells[np.argmin(((cells - middle)**2).sum(axis=1))]
    return int(row), int(column)


@pytest.mark.parametrize(("state", "word"), [(1, "perpendicular"), (3, "ipp"), (4, "in_plane")])
def test_cells_have_the_colour_of_their_state(view: StabilityView, result: Result, state: int, word: str) -> None:
    assert pixel(view, plain_cell(result, state)) == QColor(COLOURS[word])


def test_colour_by_resistance_and_frequency(view: StabilityView, result: Result, qtbot: QtBot) -> None:
    up, down = plain_cell(result, 1), plain_cell(result, 4)
    qtbot.mouseClick(view.controls.colour.buttons["resistance"], LEFT)
    assert view.bar.isVisible() and "cos 2θ" in view.bar.accessibleName()
    assert pixel(view, up).red() > 2 * pixel(view, up).blue()       # R/ΔR = 1 is red, −1 blue
    assert pixel(view, down).blue() > 2 * pixel(view, down).red()
    qtbot.mouseClick(view.controls.colour.buttons["frequency"], LEFT)
    assert "GHz" in view.bar.accessibleName()
    assert view.bar.high == np.nanmax(result.data["frequency"].values)
    assert view.theme is not None and pixel(view, up) == QColor(view.theme.border)      # at rest
    assert pixel(view, plain_cell(result, 3)) != QColor(view.theme.border)
    view.show_kind("stability", "state")        # as a preset does that is about the state
    assert not view.bar.isVisible() and view.controls.colour.buttons["state"].isChecked()


def test_hover_reads_the_cell_out(view: StabilityView, result: Result, qtbot: QtBot) -> None:
    row, column = plain_cell(result, 3)
    qtbot.mouseMove(view.map.viewport(), view.map.point_of((0, 0)))
    qtbot.mouseMove(view.map.viewport(), view.map.point_of((row, column)))
    qtbot.waitUntil(lambda: view.map.at == (row, column))   # the display tells of the move in its own time
    data = result.data
    text = view.readout.text()
    assert f"<b>{number(float(data['x'][column]), 4)}</b>" in text
    assert f"<b>{number(float(data['y'][row]), 4)}</b>" in text
    assert "IPP" in text and "GHz" in text
    assert number(float(data["frequency"][row, column]), 4) in text
    assert number(float(data["resistance"][row, column]), 4) in text
    assert number(2 * np.pi * float(data["x"][column]), 4) in text and "reading" in text
    assert view.map.frame.isVisible() and view.map.at == (row, column)
    QApplication.sendEvent(view.map, QEvent(QEvent.Type.Leave))
    assert not view.map.frame.isVisible()


def test_sensitive_cells_are_hatched(view: StabilityView, result: Result) -> None:
    sensitive = result.data["sensitive"].values
    assert sensitive.any()
    np.testing.assert_array_equal(view.map.hatching.mask, sensitive)
    row, column = (int(at) for at in np.argwhere(sensitive & (result.data["state"].values > 0))[0])
    word = view.plane.word(row, column)     # type: ignore[union-attr]
    view.repaint()
    picture = view.map.grab().toImage()
    middle = view.map.point_of((row, column))
    around = {picture.pixelColor(middle.x() + dx, middle.y() + dy).lightness()
              for dx in range(-3, 4) for dy in range(-3, 4)}
    assert min(around) < QColor(COLOURS[word]).lightness() - 30
    assert "sensitive" in [entry.text for entry in view.legend.entries]


def test_a_click_takes_over_exactly_this_cell(view: StabilityView, result: Result, qtbot: QtBot) -> None:
    session = view.session
    before, steps = session.setup, len(session._past)
    cell = plain_cell(result, 3)
    with qtbot.waitSignal(view.open_page) as turned:
        click(qtbot, view, cell)
    assert turned.args == ["trajectory"]
    after = session.setup
    assert after.drive.tau_par == result.data["x"].values[cell[1]]
    assert after.magnet.q_par == result.data["y"].values[cell[0]]
    grid, path = before.numerics.stability, after.numerics.trajectory
    assert (path.theta0_deg, path.phi0_deg, path.duration) == (grid.theta0_deg, grid.phi0_deg, grid.duration)
    changed = {"drive.tau_par": 0.0, "magnet.q_par": 0.2} | {
        f"numerics.trajectory.{name}": getattr(before.numerics.trajectory, name)
        for name in ("theta0_deg", "phi0_deg", "duration")}
    assert with_values(after, changed) == before        # and nothing else
    assert len(session._past) == steps + 1
    place = view.map.here.pos()
    assert view.map.here.isVisible() and (place.x(), place.y()) == pytest.approx(view.map.centre(cell), abs=1e-15)
    session.undo()
    assert session.setup == before
    assert view.map.here.pos().x() == 0.0


def test_a_click_on_an_older_picture_brings_its_parameters_too(view: StabilityView, result: Result,
                                                               qtbot: QtBot) -> None:
    view.session.edit("magnet.damping", 0.05)       # whose picture has not come yet
    click(qtbot, view, (3, 4))
    assert view.session.setup.magnet.damping == 0.01


def test_random_starts_and_descending_axes_launch_the_cell_that_was_clicked(view: StabilityView,
                                                                            qtbot: QtBot) -> None:
    result = shown_setup(view, start="random", seed=3, x_start=0.003, x_stop=-0.009)
    click(qtbot, view, (2, 5))      # counted on the screen, from the lower left
    expected = cell_parameters(result, 2, NX - 1 - 5)
    for path, value in expected.items():
        assert value_at(view.session.setup, path) == value, path
    assert view.session.setup.drive.tau_par == pytest.approx(-0.009 + 5 * 0.012 / (NX - 1))


def test_launch_by_keyboard(view: StabilityView, result: Result, qtbot: QtBot) -> None:
    view.map.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(view.map, key)
    assert view.map.at == (NY // 2 + 1, NX // 2 + 2)
    with qtbot.waitSignal(view.open_page):
        qtbot.keyClick(view.map, Qt.Key.Key_Return)
    assert view.session.setup.drive.tau_par == result.data["x"].values[NX // 2 + 2]


def test_a_cut_lies_where_the_mouse_drew_it(view: StabilityView, qtbot: QtBot) -> None:
    """Its pane appears below the map, which shrinks: only when the mouse button is up."""
    shown_setup(view)
    QApplication.processEvents()
    start, end = view.map.point_of((2, 3)), view.map.point_of((NY - 4, NX - 5))
    places = view.map.place_at(start), view.map.place_at(end)
    drag(qtbot, view, start, end)
    assert view.cut.isVisible()
    np.testing.assert_allclose(view.ends, places)
    QApplication.processEvents()    # the map has another size now
    again = view.map.point_of((2, 3)), view.map.point_of((6, 12))
    qtbot.mousePress(view.map.viewport(), LEFT, pos=again[0])
    qtbot.mouseMove(view.map.viewport(), again[1])
    qtbot.waitUntil(lambda: view.ends == (view.map.place_at(again[0]), view.map.place_at(again[1])))   # it follows
    qtbot.mouseRelease(view.map.viewport(), LEFT, pos=again[1])


def test_a_drag_cuts_the_diagram(view: StabilityView, qtbot: QtBot) -> None:
    result = shown_setup(view, x_points=48)
    setup = view.session.setup
    row = 12
    start, end = view.map.point_of((row, 1)), view.map.point_of((row, 46))
    drag(qtbot, view, start, end + QPoint(0, 3))    # nearly horizontal becomes horizontal
    assert view.session.setup == setup              # a drag launches nothing
    assert view.ends is not None and view.ends[0][1] == view.ends[1][1]
    cells, theory = view.cut.frequency.lines
    np.testing.assert_array_equal(cells.x, result.data["x"].values[1:47])
    np.testing.assert_array_equal(cells.y, result.data["frequency"].values[row, 1:47])
    np.testing.assert_array_equal(view.cut.resistance.lines[0].y, result.data["resistance"].values[row, 1:47])
    there = np.isfinite(theory.y)
    assert there.sum() > 50
    q_par = view.ends[0][1]
    for tau, frequency in zip(theory.x[there][::7], theory.y[there][::7], strict=True):
        closed = limit_cycles(dataclasses.replace(setup.magnet, q_par=q_par),
                              dataclasses.replace(setup.drive, tau_par=float(tau)))
        assert frequency == pytest.approx(float(closed.data["frequency_now"]), rel=1e-6)
    upper, _, lower = thresholds(dataclasses.replace(setup.magnet, q_par=q_par))
    assert lower < theory.x[there].min() and theory.x[there].max() < upper
    QApplication.processEvents()    # the cut has just been given its place
    qtbot.mouseClick(view.cut.close_button, LEFT)
    assert not view.cut.isVisible() and not view.map.section.isVisible()


def test_slanted_cuts_and_cuts_by_keyboard(view: StabilityView, result: Result, qtbot: QtBot) -> None:
    drag(qtbot, view, view.map.point_of((2, 3)), view.map.point_of((13, 9)))
    steps = view.cut.frequency.lines[0]
    assert steps.x.size == 12       # along y, the longer side
    np.testing.assert_array_equal(steps.x, result.data["y"].values[2:14])
    view.map.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_X):
        qtbot.keyClick(view.map, key)
    resistance = view.cut.resistance.lines[0]
    row = view.map.at[0] if view.map.at else -1
    np.testing.assert_array_equal(resistance.x, result.data["x"].values)
    np.testing.assert_array_equal(resistance.y, result.data["resistance"].values[row])
    qtbot.keyClick(view.map, Qt.Key.Key_Y)
    np.testing.assert_array_equal(view.cut.resistance.lines[0].x, result.data["y"].values)


def test_kept_runs_are_drawn_into_the_cut(view: StabilityView, result: Result, qtbot: QtBot) -> None:
    kept = view.session.add(result)
    other = shown_setup(view, **{"magnet.damping": 0.02})
    drag(qtbot, view, view.map.point_of((12, 1)), view.map.point_of((12, 20)))
    assert len(view.cut.resistance.lines) == 1
    view.set_overlays([kept])
    live, run = view.cut.resistance.lines
    np.testing.assert_array_equal(live.y, other.data["resistance"].values[12, 1:21])
    np.testing.assert_array_equal(run.y, result.data["resistance"].values[12, 1:21])
    assert run.colour == kept.colour
    twin = view.session.add(shown_setup(view, **{"magnet.damping": 0.05}))
    view.session.update(twin, name=kept.name)
    shown_setup(view, **{"magnet.damping": 0.02})
    view.set_overlays([kept, twin])     # names need not differ
    _, first, second = view.cut.resistance.lines
    assert not np.array_equal(first.y, second.y)


def test_theory_lies_on_the_thresholds_and_follows_at_once(view: StabilityView, result: Result) -> None:
    for damping in (0.01, 0.005):
        view.session.edit("magnet.damping", damping)    # no new picture is needed for that
        for which, line in enumerate(view.map.theory):
            tau, q_par = line.getData()
            there = np.isfinite(tau)
            assert line.isVisible() and there.sum() > 100
            expected = [thresholds(dataclasses.replace(view.session.setup.magnet, q_par=float(q)))[which]
                        for q in q_par[there]]
            np.testing.assert_allclose(tau[there], expected, rtol=1e-9)


@pytest.mark.parametrize(("values", "word"), [
    ({"drive.law": "constant"}, "cosine law only"),
    ({"drive.tau_perp": 0.002}, "perpendicular torque"),
    ({"drive.h_x": 0.01}, "external field"),
    ({"magnet.q_perp": 0.75, "x_start": -0.001, "x_stop": 0.008}, "No threshold"),
    ({"y": "drive.h_z", "y_start": -0.1, "y_stop": 0.1}, "external field"),
    ({"x": "magnet.mu0_ms", "x_start": 1.0, "x_stop": 2.0, "y": "magnet.thickness", "y_start": 1.0, "y_stop": 2.0},
     "do not depend")])
def test_where_the_closed_form_ends_the_reason_stands(view: StabilityView, values: dict[str, Any],
                                                      word: str) -> None:
    shown_setup(view, duration=0.5, **values)
    assert view.remark.isVisible() and word in view.remark.text()
    assert not any(line.isVisible() for line in view.map.theory)
    assert "theory" not in [entry.text for entry in view.legend.entries]


def test_logarithmic_axes(view: StabilityView, qtbot: QtBot) -> None:
    view.controls.axes["y"].choose("magnet.damping")
    grid = view.session.setup.numerics.stability
    assert (grid.y, grid.y_scale, grid.y_start, grid.y_stop) == ("magnet.damping", "log", 0.003, 0.1)
    result = shown_setup(view, duration=2.0)
    plane = Plane(result)
    assert plane.y.log and not plane.x.log
    assert view.map.getAxis("left").logMode and not view.map.getAxis("bottom").logMode
    qtbot.mouseMove(view.map.viewport(), view.map.point_of((0, 0)))
    qtbot.mouseMove(view.map.viewport(), view.map.point_of((9, 20)))
    qtbot.waitUntil(lambda: view.map.at == (9, 20))
    assert number(float(result.data["y"][9]), 4) in view.readout.text()
    click(qtbot, view, (9, 20))
    assert view.session.setup.magnet.damping == result.data["y"].values[9]
    tau, place = view.map.theory[1].getData()       # τ = −η Q_eff
    there = np.isfinite(tau)
    np.testing.assert_allclose(tau[there], -0.25 * 10.0**place[there], rtol=1e-9)


def test_axes_offer_what_the_engine_takes(view: StabilityView, qtbot: QtBot) -> None:
    across = view.controls.axes["x"]
    offered = {str(across.itemData(index)) for index in range(across.count())}
    assert {"drive.tau_par", "magnet.q_perp", "magnet.n_z", "junction.bias", "junction.k_down"} <= offered
    view.session.edit("drive.law", "constant")
    across.choose("junction.bias")
    assert view.session.setup.numerics.stability.x == "drive.tau_par"
    assert view.controls.reason.isVisible() and "constant law" in view.controls.reason.text()
    view.session.edit("drive.law", "transport")
    across.choose("junction.bias")
    grid = view.session.setup.numerics.stability
    assert (grid.x, grid.x_start, grid.x_stop) == ("junction.bias", -1.0, 1.0)
    assert not view.controls.reason.isVisible() and view.controls.units["x"].text() == "V"
    across.choose("magnet.q_par")       # which is on the other axis: they change places
    grid = view.session.setup.numerics.stability
    assert (grid.x, grid.y, grid.x_stop, grid.y_start) == ("magnet.q_par", "junction.bias", 0.245, -1.0)
    view.session.undo()
    assert view.session.setup.numerics.stability.x == "junction.bias"


def test_bias_against_anisotropy_with_the_transport_law(view: StabilityView, qtbot: QtBot) -> None:
    view.session.edit("drive.law", "transport")
    view.controls.axes["x"].choose("junction.bias")
    result = shown_setup(view, x_points=5, y_points=4, duration=3.0)
    assert view.map.label("bottom") == "V (V)"
    click(qtbot, view, (1, 4))
    assert view.session.setup.junction.bias == result.data["x"].values[4]
    assert view.session.setup.drive.law == "transport"
    assert "transport" in view.remark.text()


def test_hysteresis_shows_both_directions(view: StabilityView, qtbot: QtBot) -> None:
    """Easy plane: upwards the magnet stays in the plane where on the way back it stays at the pole."""
    easy = {"magnet.q_perp": 0.75, "x_start": 0.001, "x_stop": 0.009, "y_start": 0.08, "y_stop": 0.2}
    result = shown_setup(view, start="hysteretic", y_points=4, duration=60.0, **easy)
    tau = result.data["x"].values
    column = int(np.argmin(abs(tau - 0.005)))
    assert view.controls.direction.isVisible() and view.map.bands.isVisible()
    view.repaint()
    picture = view.map.grab().toImage()
    middle = view.map.point_of((2, column))
    around = {picture.pixelColor(middle.x() + dx, middle.y() + 8).name() for dx in range(-8, 9)}
    assert {QColor(COLOURS["in_plane"]).name(), QColor(COLOURS["perpendicular"]).name()} <= around
    qtbot.mouseMove(view.map.viewport(), view.map.point_of((0, 0)))
    qtbot.mouseMove(view.map.viewport(), middle)
    qtbot.waitUntil(lambda: "→ <b>in-plane</b> ← <b>perpendicular</b>" in view.readout.text())
    for way, word in (("back", "perpendicular"), ("up", "in_plane")):
        qtbot.mouseClick(view.controls.direction.buttons[way], LEFT)
        assert not view.map.bands.isVisible()
        assert view.plane is not None and view.plane.word(2, column) == word
    drag(qtbot, view, view.map.point_of((2, 0)), view.map.point_of((2, NX - 1)))
    up, back = view.cut.resistance.lines
    assert up.y[column] == pytest.approx(-1, abs=1e-3) and back.y[column] == pytest.approx(1, abs=1e-3)
    assert up.dash != back.dash
    qtbot.mouseClick(view.controls.direction.buttons["back"], LEFT)
    click(qtbot, view, (2, column))
    expected = cell_parameters(result, 2, column, back=True)
    assert view.session.setup.numerics.trajectory.theta0_deg == expected["numerics.trajectory.theta0_deg"]


def test_start_and_seed_have_fields_only_where_they_matter(view: StabilityView, qtbot: QtBot) -> None:
    controls = view.controls
    start = next(toggle for toggle in controls.toggles if "random" in toggle.buttons)
    assert controls.fields["theta0_deg"].isVisible() and not controls.fields["seed"].isVisible()
    qtbot.mouseClick(start.buttons["random"], LEFT)
    assert view.session.setup.numerics.stability.start == "random"
    assert controls.fields["seed"].isVisible() and not controls.fields["theta0_deg"].isVisible()
    assert not controls.direction.isVisible()


def test_a_partial_picture_says_so(view: StabilityView, qtbot: QtBot) -> None:
    seen: list[Result] = []

    def watch(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None and not seen:
            seen.append(partial)

    view.session.edit_many({"numerics.stability.x_points": 64, "numerics.stability.y_points": 64,
                            "numerics.stability.duration": 1.0})
    ANALYSES["stability"].run(view.session.setup, watch)
    view.show_live(seen[0], True)
    assert "coarse so far" in view.readout.text()
    computed = seen[0].data["computed"].values
    for cell, coarse in (((0, 0), False), (tuple(int(at) for at in np.argwhere(~computed)[-1]), True)):
        view._point_at(cell)    # type: ignore[arg-type]
        assert ("(coarse)" in view.readout.text()) is coarse


def test_dark_theme_and_zoom(view: StabilityView, result: Result, qtbot: QtBot) -> None:
    view.set_theme(DARK)
    assert pixel(view, plain_cell(result, 1)) == QColor(COLOURS["perpendicular"])
    view.map.setXRange(-0.004, -0.002)
    assert view.map.viewRange()[0] == pytest.approx([-0.004, -0.002], rel=0.05)
    view.show_live(result, False)       # a new picture of the same plane keeps the zoom
    assert view.map.viewRange()[0] == pytest.approx([-0.004, -0.002], rel=0.05)
    qtbot.keyClick(view.map, Qt.Key.Key_Home)
    low, high = Plane(result).x.edges
    assert view.map.viewRange()[0] == pytest.approx([low, high], abs=1e-5)
