"""The bias view: its pages, what they draw and which answers they ask for."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from smtj_engine.schema import with_value
from smtj_gui.look import DARK
from smtj_gui.session import Session
from smtj_gui.views.bias import BiasView
from smtj_gui.views.energy_page import BIAS_VALUES, EnergyPage
from smtj_gui.views.plot_grid import PlotGrid
from tests.gui.views import samples


def grid(view: BiasView, page: str) -> PlotGrid:
    picture = view.picture_of(page)
    assert isinstance(picture, PlotGrid)
    return picture


def energy_page(view: BiasView) -> EnergyPage:
    picture = view.picture_of("anisotropy")
    assert isinstance(picture, EnergyPage)
    return picture


def test_each_page_asks_for_its_own_answers(bias_view: BiasView, qtbot: QtBot) -> None:
    assert bias_view.wanted() == ("bias",)
    with qtbot.assertNotEmitted(bias_view.wanted_changed):
        qtbot.mouseClick(bias_view.pages["torque"].button, Qt.MouseButton.LeftButton)
    assert bias_view.wanted() == ("bias",)
    for page, kind in (("rashba", "rashba"), ("anisotropy", "energy"), ("current", "bias")):
        with qtbot.waitSignal(bias_view.wanted_changed):
            qtbot.mouseClick(bias_view.pages[page].button, Qt.MouseButton.LeftButton)
        assert bias_view.wanted() == (kind,)
        assert bias_view.pages[page].button.isChecked()


def test_current_page_draws_what_the_result_holds(bias_view: BiasView) -> None:
    result = samples.bias_sweep()
    bias_view.show_live(result, False)
    labels = {}
    for pane in grid(bias_view, "current").panes:
        (line,) = pane.plot.lines
        factor = 100.0 if pane.variable == "tamr" else 1.0
        np.testing.assert_array_equal(line.x, result.data["bias"].values)
        np.testing.assert_allclose(line.y, result.data[pane.variable].values * factor, rtol=1e-15)
        labels[pane.variable] = pane.plot.label("left")
        assert pane.plot.label("bottom") == "V (V)"
    assert labels == {"current_density": "j (mA/µm²)", "conductance": "dI/dV (mS/µm²)", "tamr": "TAMR (%)",
                      "resistance": "R (Ω·µm²)"}
    assert bias_view.current_result() is result


def test_torque_page_shows_the_non_equilibrium_part(bias_view: BiasView) -> None:
    result = samples.bias_sweep(family=(1.0, 3.0, 5.0))
    bias_view.show_live(result, False)
    bias_view.choose("torque")
    first, second = grid(bias_view, "torque").panes
    assert (first.plot.label("left"), second.plot.label("left")) == ("T∥ (eV/µm²)", "T⊥(V)−T⊥(0) (eV/µm²)")
    np.testing.assert_allclose(second.plot.lines[2].y, result.data["torque_perp_neq"].sel(rashba=5.0).values)
    assert second.plot.zero.value() == 0
    assert [entry.text for entry in grid(bias_view, "torque").legend.entries][1:] == ["1", "3", "5"]


def test_a_page_that_was_hidden_is_up_to_date_when_it_comes_up(bias_view: BiasView) -> None:
    bias_view.show_live(samples.bias_sweep(alpha=1.0), False)
    bias_view.choose("torque")
    newest = samples.bias_sweep(alpha=5.0)
    bias_view.show_live(newest, False)
    bias_view.choose("current")
    np.testing.assert_array_equal(grid(bias_view, "current").panes[0].plot.lines[0].y,
                                  newest.data["current_density"].values)


def test_rashba_page_is_figure_2a(bias_view: BiasView) -> None:
    result = samples.rashba_sweep()
    bias_view.choose("rashba")
    assert bias_view.current_result() is None
    bias_view.show_live(result, False)
    page = grid(bias_view, "rashba")
    assert page.panes[0].plot.label("bottom") == "α<sub>R</sub> (eV·Å²)"
    assert [entry.text for entry in page.legend.entries] == ["V (V):", "0.2", "0.4", "0.6", "0.8"]
    np.testing.assert_array_equal(page.panes[0].plot.lines[-1].y, result.data["torque_par"].sel(bias=0.8).values)


def test_anisotropy_of_one_junction_is_a_number_and_a_way_to_the_curve(bias_view: BiasView, session: Session,
                                                                       qtbot: QtBot) -> None:
    bias_view.choose("anisotropy")
    bias_view.show_live(samples.energy(None), False)
    page = energy_page(bias_view)
    words = re.sub(r"<[^>]+>", " ", page.numbers.text()).replace("\u00a0", " ")
    assert "−1.800 mJ/m²" in words
    assert "41.00 fJ/(V·m)" in words
    assert page.numbers.isVisible()
    qtbot.mouseClick(page.sweep_bias, Qt.MouseButton.LeftButton)
    energy = session.setup.numerics.energy
    assert (energy.family, energy.family_values) == ("junction.bias", BIAS_VALUES)
    session.undo()
    assert session.setup.numerics.energy.family == "none"


def test_anisotropy_against_the_bias(bias_view: BiasView) -> None:
    bias_view.choose("anisotropy")
    result = samples.energy()
    bias_view.show_live(result, False)
    page = energy_page(bias_view)
    assert page.along.isVisible()
    (line,) = page.along.panes[0].plot.lines
    np.testing.assert_array_equal(line.x, result.data["bias"].values)
    np.testing.assert_array_equal(line.y, result.data["K_i"].values)
    assert page.along.panes[0].plot.label("left") == "K<sub>i</sub> (mJ/m²)"
    assert page.along.panes[1].plot.label("left") == "VCMA (fJ/(V·m))"
    assert page.along.legend.entries == []
    assert len(page.energy.panes[0].plot.lines) == 5
    assert bias_view.current_result() is result


def test_range_fields_go_through_the_session(bias_view: BiasView, session: Session, qtbot: QtBot) -> None:
    fields = bias_view.pages["current"].controls.fields
    for name, text, value in (("start", "−0,5", -0.5), ("stop", "2e-1", 0.2), ("points", "21", 21),
                              ("theta_deg", "30", 30.0), ("phi_deg", "90", 90.0)):
        fields[name].setText(text)
        qtbot.keyClick(fields[name], Qt.Key.Key_Return)
        assert getattr(session.setup.numerics.bias, name) == value
    fields["stop"].setText("5")
    qtbot.keyClick(fields["stop"], Qt.Key.Key_Return)
    assert session.setup.numerics.bias.stop == 0.2
    assert "barrier breaks down" in bias_view.pages["current"].controls.reason.text()
    session.undo()
    assert fields["phi_deg"].text() == "0"


def test_a_sweep_has_no_family_over_itself(bias_view: BiasView) -> None:
    for page, path in (("current", "junction.bias"), ("rashba", "junction.rashba")):
        chooser = bias_view.pages[page].controls.family.chooser
        paths = [chooser.itemData(index) for index in range(chooser.count())]
        assert path not in paths
        assert "junction.barrier_thickness" in paths
        assert paths[0] == "none"


def test_overlays_only_of_the_kind_on_top(bias_view: BiasView, session: Session) -> None:
    session.add(samples.bias_sweep(alpha=1.0), "kept")
    session.add(samples.rashba_sweep(), "other")
    bias_view.set_overlays(session.runs)
    bias_view.show_live(samples.bias_sweep(), False)
    page = grid(bias_view, "current")
    assert len(page.panes[0].plot.lines) == 2
    assert [entry.text for entry in page.legend.entries] == ["now", "kept"]
    bias_view.choose("rashba")
    bias_view.show_live(samples.rashba_sweep((0.8,)), False)
    assert [entry.text for entry in grid(bias_view, "rashba").legend.entries][-1] == "other"


def test_live_updates_reuse_their_items(bias_view: BiasView) -> None:
    bias_view.show_live(samples.bias_sweep(family=(1.0, 2.0)), True)
    panes = grid(bias_view, "current").panes
    before = [len(pane.plot.getViewBox().allChildren()) for pane in panes]
    for step in range(200):
        bias_view.show_live(samples.bias_sweep(alpha=1 + step / 50, family=(1.0, 2.0) if step % 2 else None), True)
    assert [len(pane.plot.getViewBox().allChildren()) for pane in panes] == before


def test_theme_reaches_every_page(bias_view: BiasView) -> None:
    bias_view.show_live(samples.bias_sweep(), False)
    bias_view.set_theme(DARK)
    for name in ("current", "torque", "rashba"):
        for pane in grid(bias_view, name).panes:
            assert pane.plot.backgroundBrush().color().name() == DARK.background
    assert grid(bias_view, "current").panes[0].plot.lines[0].colour == DARK.lines[0]


def test_notes_belong_to_the_page_on_top(bias_view: BiasView) -> None:
    result = samples.energy()
    result.data.attrs["notes"] = ["The interface binds electrons."]
    bias_view.choose("anisotropy")
    bias_view.show_live(result, False)
    assert bias_view.notes() == "The interface binds electrons."
    bias_view.show_live(samples.bias_sweep(), False)
    assert bias_view.notes() == "The interface binds electrons."
    bias_view.choose("current")
    assert bias_view.notes() == ""


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.44, 1.0])
def test_the_cursor_is_read_out_at_a_sample(bias_view: BiasView, value: float) -> None:
    result = samples.bias_sweep()
    bias_view.show_live(result, False)
    page = grid(bias_view, "current")
    page.set_cursor(value)
    text = re.sub(r"<[^>]+>", "", page.readout.text()).replace("&nbsp;", " ").replace("\u00a0", " ")
    here = result.data.sel(bias=value, method="nearest")
    assert f"TAMR {float(here['tamr']) * 100:.4f} %" in text
    assert f"R {float(here['resistance']):.1f} Ω·µm²" in text
    assert text.startswith(f"V {value:g} V".replace("-", "−"))


def test_the_cursor_begins_at_the_bias_of_the_setup(bias_view: BiasView) -> None:
    result = samples.bias_sweep()
    page = grid(bias_view, "current")
    for bias, begins in ((0.44, 0.44), (-0.8, -0.8), (3.0, -0.5)):      # the last is not on the curve
        setup = with_value(result.setup, "junction.bias", bias)
        bias_view.show_live(dataclasses.replace(result, setup=setup), False)
        assert page.position() == pytest.approx(begins)
    page.set_cursor(0.2)
    bias_view.show_live(result, False)
    assert page.position() == pytest.approx(0.2)    # once moved it stays


def test_the_read_out_tells_alpha_where_it_follows_the_bias(bias_view: BiasView) -> None:
    result = samples.bias_sweep(family=(1.0, 3.0))
    bias_view.show_live(result, False)
    page = grid(bias_view, "current")
    page.set_cursor(0.5)
    assert "α(V)" not in page.readout.text()
    moved = with_value(result.setup, "junction.rashba_slope", 0.8)
    bias_view.show_live(dataclasses.replace(result, setup=moved), False)
    page.selected = 1
    page.set_cursor(0.5)
    assert "α(V)&nbsp;<b>3.400\u00a0eV·Å²</b>" in page.readout.text()
