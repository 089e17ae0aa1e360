"""The angular view: what it draws, says and asks the session for."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from smtj_gui.look import DARK, LIGHT
from smtj_gui.session import Session
from smtj_gui.views.angular import AngularView
from smtj_gui.views.legend import Entry
from smtj_gui.views.plot import CurvePlot
from tests.gui.views import samples


def words(view: AngularView) -> str:
    """The read-out line without its markup."""
    return re.sub(r"<[^>]+>", "", view.plots.readout.text()).replace("&nbsp;", " ").replace("\u00a0", " ")


def items(plot: CurvePlot) -> int:
    """How many graphics items the plot's area holds."""
    return len(plot.getViewBox().allChildren())


def move_mouse(qtbot: QtBot, plot: CurvePlot, x: float, y: float) -> None:
    """Move the mouse to a point given in the numbers of the axes."""
    with qtbot.waitSignal(plot.hovered):
        qtbot.mouseMove(plot.viewport(), plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y))))


def test_words_until_there_is_a_curve(angular_view: AngularView) -> None:
    assert angular_view.current_result() is None
    angular_view.set_busy("Preparing the engine…")
    assert "Preparing the engine…" in [label.text() for label in angular_view.findChildren(QLabel)
                                       if label.isVisible()]
    angular_view.show_live(samples.angular(), False)
    assert not angular_view._empty.isVisible()
    assert angular_view.plots.isVisible()


def test_curves_hold_what_the_result_holds(angular_view: AngularView) -> None:
    result = samples.angular(alpha=4.0, bias=0.8)
    angular_view.show_live(result, False)
    assert angular_view.current_result() is result
    factors = {"tamr": 100.0, "torque_par": 1.0, "torque_perp": 1.0}
    assert [pane.variable for pane in angular_view.plots.panes] == list(factors)
    for pane in angular_view.plots.panes:
        (line,) = pane.plot.lines
        np.testing.assert_array_equal(line.x, result.data["theta"].values)
        np.testing.assert_allclose(line.y, result.data[pane.variable].values * factors[pane.variable], rtol=1e-15)
    assert angular_view.plots.panes[0].plot.label("left") == "TAMR (%)"
    assert angular_view.plots.panes[1].plot.label("left") == "T∥ (eV/µm²)"
    assert angular_view.plots.panes[1].plot.label("bottom") == "θ (°)"


def test_resistance_and_current_can_be_chosen(angular_view: AngularView) -> None:
    result = samples.angular()
    angular_view.show_live(result, False)
    pane = angular_view.plots.panes[0]
    assert pane.chooser is not None
    pane.chooser.choose("resistance")
    np.testing.assert_allclose(pane.plot.lines[0].y, result.data["resistance"].values)
    assert pane.plot.label("left") == "R (Ω·µm²)"
    pane.chooser.choose("current_density")
    assert pane.plot.label("left") == "j (µA/µm²)"  # up to 980 µA/µm²
    np.testing.assert_allclose(pane.plot.lines[0].y, result.data["current_density"].values)


def test_the_whole_curve_is_in_view(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(), False)
    for pane in angular_view.plots.panes:
        (left, right), (bottom, top) = pane.plot.getViewBox().viewRange()
        line = pane.plot.lines[0]
        assert left == pytest.approx(0, abs=0.01)
        assert right == pytest.approx(180, abs=0.01)
        assert bottom < line.y.min()
        assert line.y.max() < top < line.y.max() + 0.2 * np.ptp(line.y)


def test_families_draw_one_curve_each_and_fill_the_legend(angular_view: AngularView) -> None:
    result = samples.angular(family=(1.0, 2.0, 3.0, 4.0, 5.0))
    angular_view.show_live(result, False)
    for pane in angular_view.plots.panes:
        lines = pane.plot.lines
        assert len(lines) == 5
        assert len({line.colour for line in lines}) == 5
        assert len({line.dash for line in lines}) == 5
    np.testing.assert_allclose(angular_view.plots.panes[1].plot.lines[3].y,
                               result.data["torque_par"].sel(rashba=4.0).values)
    texts = [entry.text for entry in angular_view.plots.legend.entries]
    assert texts == ["α<sub>R</sub> (eV·Å²):", "1", "2", "3", "4", "5"]
    assert angular_view.plots.legend.isVisible()
    angular_view.show_live(samples.angular(), False)
    assert not angular_view.plots.legend.isVisible()


def test_tab_goes_through_controls_and_panes_in_reading_order(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(), False)
    stops: list[QWidget] = []
    widget = angular_view.nextInFocusChain()
    while widget is not angular_view:
        if widget.isVisibleTo(angular_view) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            stops.append(widget)
        widget = widget.nextInFocusChain()
    controls = angular_view.controls
    places = [stop.mapTo(controls, QPoint()).x() for stop in stops if controls.isAncestorOf(stop)]
    assert len(places) >= 4 and places == sorted(places)
    for pane in angular_view.plots.panes:
        assert stops.index(pane.chooser) == stops.index(pane.plot) - 1


def test_a_long_name_is_shown_whole_in_lines_of_the_legend(angular_view: AngularView) -> None:
    legend = angular_view.plots.legend
    legend.set_entries([Entry("now", "#000000"), Entry("a very long name of a run " * 12, "#000000", 1),
                        Entry("another", "#000000", 2)])
    first, long, last = legend._places(400)
    assert max(first.right(), long.right(), last.right()) <= 400
    assert first.bottom() < long.top() and long.bottom() < last.top()
    assert long.height() > 3 * first.height() and legend.heightForWidth(400) == last.bottom() + 1
    assert legend._places(4000)[1].height() == first.height()


def test_many_curves_take_a_colour_scale_and_a_short_legend(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(family=tuple(np.linspace(0.1, 5.0, 50))), False)
    lines = angular_view.plots.panes[0].plot.lines
    assert len({line.colour for line in lines}) == 50
    entries = angular_view.plots.legend.entries
    assert len(entries) == 13
    assert (entries[1].text, entries[-1].text) == ("0.1", "5")


def test_live_updates_reuse_their_items(angular_view: AngularView, qtbot: QtBot) -> None:
    angular_view.show_live(samples.angular(family=(1.0, 2.0, 3.0)), True)
    before = [items(pane.plot) for pane in angular_view.plots.panes]
    for step in range(200):
        family = (1.0, 2.0, 3.0) if step % 3 else None
        angular_view.show_live(samples.angular(alpha=1 + step / 50, family=family), bool(step % 2))
    assert [items(pane.plot) for pane in angular_view.plots.panes] == before
    assert [len(pane.plot.lines) for pane in angular_view.plots.panes] == [3, 3, 3]


def test_lines_get_thicker_when_they_come_to_rest(angular_view: AngularView, qtbot: QtBot) -> None:
    plot = angular_view.plots.panes[0].plot
    with qtbot.waitSignal(plot._rest.timeout):
        angular_view.show_live(samples.angular(), True)
        assert plot._lines[0].opts["pen"].widthF() == 1.0
    assert plot._lines[0].opts["pen"].widthF() > 1.0


def test_mouse_moves_the_cursor_of_all_plots_and_the_read_out(angular_view: AngularView, qtbot: QtBot) -> None:
    result = samples.angular(alpha=4.0, bias=0.8)
    angular_view.show_live(result, False)
    move_mouse(qtbot, angular_view.plots.panes[1].plot, 60.0, 0.0)
    here = result.data.sel(theta=angular_view.plots.position(), method="nearest")
    assert angular_view.plots.position() == pytest.approx(60.0, abs=1.0)
    assert angular_view.plots.position() in result.data["theta"].values
    for pane in angular_view.plots.panes:
        assert pane.plot.cursor.value() == angular_view.plots.position()
    text = words(angular_view)
    assert f"θ {angular_view.plots.position():.1f}°" in text
    assert f"TAMR {float(here['tamr']) * 100:.4f} %" in text
    assert f"T∥ {float(here['torque_par']):.2f} eV/µm²" in text
    assert f"T⊥ {float(here['torque_perp']):.0f} eV/µm²" in text
    assert "sin 2θ 99.0 %" in text


def test_the_curve_nearest_to_the_mouse_is_the_one_read_out(angular_view: AngularView, qtbot: QtBot) -> None:
    result = samples.angular(bias=0.8, family=(1.0, 2.0, 3.0, 4.0, 5.0))
    angular_view.show_live(result, False)
    plot = angular_view.plots.panes[2].plot
    move_mouse(qtbot, plot, 45.0, float(result.data["torque_perp"].sel(rashba=3.0, theta=45.0)))
    text = words(angular_view)
    assert "αR 3 eV·Å²" in text
    position = angular_view.plots.position()
    value = float(result.data["torque_perp"].sel(rashba=3.0).sel(theta=position, method="nearest"))
    assert f"T⊥ {value:.0f} eV/µm²" in text


def test_arrow_keys_step_from_sample_to_sample(angular_view: AngularView, qtbot: QtBot) -> None:
    angular_view.show_live(samples.angular(), False)
    plot = angular_view.plots.panes[0].plot
    assert angular_view.plots.position() == 45.0
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert angular_view.plots.position() == 46.0
    qtbot.keyClick(plot, Qt.Key.Key_PageDown)
    assert angular_view.plots.position() == 36.0


def test_zoom_stays_until_the_double_click(angular_view: AngularView, qtbot: QtBot) -> None:
    angular_view.show_live(samples.angular(), False)
    first, second = angular_view.plots.panes[0].plot, angular_view.plots.panes[1].plot
    first.setXRange(30, 60, padding=0)
    first.getViewBox().sigRangeChangedManually.emit([True, True])
    angular_view.show_live(samples.angular(alpha=2.0), False)
    assert first.getViewBox().viewRange()[0] == pytest.approx([30, 60])
    assert second.getViewBox().viewRange()[0] == pytest.approx([30, 60], abs=2)  # the axes are linked
    qtbot.mouseDClick(first.viewport(), Qt.MouseButton.LeftButton, pos=first.viewport().rect().center())
    qtbot.waitUntil(lambda: first.getViewBox().viewRange()[0][1] == pytest.approx(180, abs=0.01))
    assert first.auto


def test_the_context_menu_is_short_and_exports_nothing(angular_view: AngularView) -> None:
    plot = angular_view.plots.panes[0].plot
    assert [action.text() for action in plot.actions()] == ["Show everything", "Grid"]
    assert not plot.getViewBox().menuEnabled()
    assert not plot.getPlotItem().menuEnabled()


def test_theme_recolours_plots_lines_and_the_polar_picture(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(), False)
    plot = angular_view.plots.panes[0].plot
    for theme in (LIGHT, DARK, LIGHT):
        angular_view.set_theme(theme)
        assert plot.backgroundBrush().color().name() == theme.background
        assert plot.getAxis("left").textPen().color().name() == theme.foreground
        assert [line.colour for line in plot.lines] == [theme.lines[0]]
        assert plot._lines[0].opts["pen"].color().name() == theme.lines[0].lower()
        picture = angular_view.polar.grab().toImage()
        assert picture.pixelColor(1, 1).name() == theme.background


def test_overlays_are_drawn_in_their_colour_and_named(angular_view: AngularView, session: Session) -> None:
    live, kept = samples.angular(alpha=4.0), samples.angular(alpha=2.0)
    session.add(kept, "two")
    session.add(samples.bias_sweep(), "another kind")
    session.add(live, "the same as now")
    angular_view.show_live(live, False)
    angular_view.set_overlays(session.runs)
    lines = angular_view.plots.panes[2].plot.lines
    assert len(lines) == 2
    assert lines[0].colour == session.runs[0].colour
    np.testing.assert_array_equal(lines[0].y, kept.data["torque_perp"].values)
    assert [entry.text for entry in angular_view.plots.legend.entries] == ["now", "two"]
    session.update(session.runs[0], name="V<b & 2")
    angular_view.set_overlays(session.runs)
    assert QTextDocumentFragment.fromHtml(angular_view.plots.legend.entries[1].text).toPlainText() == "V<b & 2"
    angular_view.set_overlays([])
    assert len(angular_view.plots.panes[2].plot.lines) == 1


def test_against_phi_and_back_goes_through_the_session(angular_view: AngularView, session: Session,
                                                       qtbot: QtBot) -> None:
    toggle = angular_view.controls.toggles[0]
    with qtbot.waitSignal(session.setup_changed):
        qtbot.mouseClick(toggle.buttons["phi"], Qt.MouseButton.LeftButton)
    assert session.setup.numerics.angular.against == "phi"
    assert angular_view.controls.fields["theta_deg"].isVisible()
    assert not angular_view.controls.fields["phi_deg"].isVisible()
    angular_view.show_live(samples.azimuthal(), False)
    assert angular_view.plots.panes[0].plot.label("bottom") == "φ (°)"
    assert words(angular_view).startswith("φ 90.0°")
    session.undo()
    assert toggle.buttons["theta"].isChecked()


def test_overlays_of_the_other_angle_are_left_out(angular_view: AngularView, session: Session) -> None:
    session.add(samples.azimuthal())
    angular_view.set_overlays(session.runs)
    angular_view.show_live(samples.angular(), False)
    assert len(angular_view.plots.panes[0].plot.lines) == 1


def test_choosing_a_family_is_one_undo_step(angular_view: AngularView, session: Session) -> None:
    chooser = angular_view.controls.family
    assert not chooser.values.isVisible()
    chooser.choose("junction.barrier_thickness")
    assert session.setup.numerics.angular.family == "junction.barrier_thickness"
    assert session.setup.numerics.angular.family_values == (0.4, 0.6, 0.8, 1.0)
    assert chooser.values.text() == "0.4 0.6 0.8 1"
    assert chooser.unit.text() == "nm"
    session.undo()
    assert session.setup.numerics.angular.family == "none"
    assert not chooser.values.isVisible()


def test_family_values_are_typed_and_refused_with_the_reason(angular_view: AngularView, session: Session,
                                                             qtbot: QtBot) -> None:
    chooser = angular_view.controls.family
    chooser.choose("junction.rashba")
    field = chooser.values
    field.setText("1,5 3; 4e0")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.setup.numerics.angular.family_values == (1.5, 3.0, 4.0)
    field.setText("1 2 20")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.setup.numerics.angular.family_values == (1.5, 3.0, 4.0)
    assert field.text() == "1 2 20"
    assert field.property("refused") == "true"
    assert "13.3" in angular_view.controls.reason.text()
    assert angular_view.controls.reason.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "1.5 3 4"
    assert not angular_view.controls.reason.isVisible()


@pytest.mark.parametrize(("text", "reason"), [("abc", "not a number"), ("", "not a number"), ("2", "between 3"),
                                              ("5.5", "whole number")])
def test_a_refused_number_stays_visible(angular_view: AngularView, session: Session, qtbot: QtBot, text: str,
                                        reason: str) -> None:
    field = angular_view.controls.fields["points"]
    field.setText(text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == text
    assert reason in angular_view.controls.reason.text()
    assert session.setup.numerics.angular.points == 181


def test_polar_picture_follows_its_choice(angular_view: AngularView) -> None:
    result = samples.angular(bias=0.8)
    angular_view.show_live(result, False)
    np.testing.assert_allclose(angular_view.polar.lines[0].y, 100 * result.data["tamr"].values)
    assert not angular_view.polar.radius.lobes
    angular_view.polar_choice.choose("torque_par")
    np.testing.assert_allclose(angular_view.polar.lines[0].y, result.data["torque_par"].values)
    assert angular_view.polar.radius.lobes
    assert angular_view.polar.corner_words() == "dashed: negative"
    assert angular_view.polar.words() == "rings at 20, 40 eV/µm²"


def test_harmonics_of_the_curve_under_the_cursor(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(bias=0.8), False)
    contents = {content.how.symbol: content for content in angular_view.harmonics.contents}
    assert contents["TAMR"].terms[0].name == "cos 2θ"
    assert contents["TAMR"].terms[0].amplitude == pytest.approx(-100 * 0.00053 * 16 / 2)
    assert contents["T⊥"].terms[0].share == pytest.approx(1 / 1.01, abs=1e-6)
    assert contents["T⊥"].terms[1].name == "sin 4θ"
    assert "sin 2θ" in angular_view.harmonics.toolTip()


def test_notes_of_the_result_are_shown_and_taken_away(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(notes=("bound_states: the interface binds electrons",)), False)
    assert angular_view.notes() == "The interface binds electrons"
    assert angular_view._note.isVisible()
    angular_view.show_live(samples.angular(), False)
    assert not angular_view._note.isVisible()


def test_a_zero_curve_says_why(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(bias=0.0), False)
    assert "apply a bias" in angular_view.plots.panes[1].plot.hint()
    assert angular_view.plots.panes[2].plot.hint() == ""
    angular_view.show_live(samples.angular(bias=0.4), False)
    assert angular_view.plots.panes[1].plot.hint() == ""


def test_rounding_of_a_constant_is_not_blown_up(angular_view: AngularView) -> None:
    result = samples.angular()
    noise = 11424.0 + 1e-9 * np.cos(np.arange(181.0))
    data = result.data.assign(torque_perp=("theta", noise, result.data["torque_perp"].attrs))
    angular_view.show_live(type(result)(kind="angular", setup=result.setup, data=data), False)
    bottom, top = angular_view.plots.panes[2].plot.getViewBox().viewRange()[1]
    assert top - bottom > 100


def test_nan_does_not_hide_the_rest(angular_view: AngularView) -> None:
    result = samples.angular()
    values = result.data["torque_par"].values.copy()
    values[40:60] = np.nan
    data = result.data.assign(torque_par=("theta", values, result.data["torque_par"].attrs))
    angular_view.show_live(type(result)(kind="angular", setup=result.setup, data=data), False)
    bottom, top = angular_view.plots.panes[1].plot.getViewBox().viewRange()[1]
    assert np.isfinite([bottom, top]).all()
    angular_view.plots.set_cursor(50.0)
    assert "T∥ –" in words(angular_view)
    assert not angular_view.grab().isNull()


def test_components_about_p_need_a_second_magnet(angular_view: AngularView) -> None:
    from smtj_engine.analyses import ANALYSES
    from smtj_engine.monitor import silent
    from smtj_engine.parameters import Setup
    from smtj_engine.schema import with_values

    angular_view.show_live(samples.angular(), False)
    pane = angular_view.plots.panes[1]
    pane.chooser.choose("torque_par_p")
    assert "needs a magnet on the right" in pane.plot.hint() and not pane.plot.lines
    result = ANALYSES["angular"].run(with_values(Setup(), {
        "junction.right_k_up": 1.0, "junction.right_k_down": 0.4, "junction.bias": 0.3,
        "numerics.angular.points": 7}), silent)
    angular_view.show_live(result, False)
    assert pane.plot.hint() == ""
    np.testing.assert_array_equal(pane.plot.lines[0].y, result.data["torque_par_p"].values)
    assert pane.plot.label("left") == "T∥ᵖ (eV/µm²)"
