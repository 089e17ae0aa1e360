"""The junction view: what its pages draw of real results, the crosshair, the table, and who asks for what."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from smtj_engine.analyses import ANALYSES
from smtj_engine.dynamics.torque_laws import torque_field
from smtj_engine.monitor import silent
from smtj_engine.parameters import Setup
from smtj_engine.results import Result
from smtj_engine.schema import with_values
from smtj_engine.transport.barrier import band_edges
from smtj_gui.look import DARK, LIGHT
from smtj_gui.session import Session
from smtj_gui.views.base import View
from smtj_gui.views.cells import scale
from smtj_gui.views.junction import JunctionView
from smtj_gui.views.systems_page import ROWS, SystemsMenu

BIAS = {"junction.bias": 0.4}


@functools.cache
def answer(kind: str, **values: Any) -> Result:
    """A real result on a small grid; names are paths with __ for the dot."""
    paths = {name.replace("__", "."): value for name, value in values.items()}
    few = {} if kind == "systems" else {f"numerics.{kind}.points": 31}
    return ANALYSES[kind].run(with_values(Setup(), {**few, **BIAS, **paths}), silent)


@pytest.fixture
def view(session: Session, on_screen: Callable[[View], View]) -> JunctionView:
    return on_screen(JunctionView(session))  # type: ignore[return-value]


def plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text).replace("&nbsp;", " ").replace("\u00a0", " ")


def show(view: JunctionView, page: str, result: Result) -> Any:
    view.choose(page)
    view.show_live(result, False)
    return view.picture_of(page)


def test_each_page_asks_for_its_own_answers(view: JunctionView, qtbot: QtBot) -> None:
    assert view.wanted() == ("bands",)
    for page, kind in (("spin", "density"), ("maps", "kmap"), ("energies", "spectral"),
                       ("comparison", "comparison"), ("systems", "systems"), ("bands", "bands")):
        with qtbot.waitSignal(view.wanted_changed):
            qtbot.mouseClick(view.pages[page].button, Qt.MouseButton.LeftButton)
        assert view.wanted() == (kind,)
    view.choose("spin")
    with qtbot.assertNotEmitted(view.wanted_changed):
        qtbot.mouseClick(view.pages["torque"].button, Qt.MouseButton.LeftButton)
    assert set(view.kinds) == {page.kind for page in view.pages.values()}


def test_a_preset_finds_the_page_of_its_variable(view: JunctionView) -> None:
    for kind, variable, page in (("density", "running_par", "torque"), ("density", "spin_along", "spin"),
                                 ("kmap", "torque_par_k", "maps"), ("systems", "", "systems")):
        view.show_kind(kind, variable)
        assert view.page == page


def test_bands_are_drawn_to_scale_and_read_out(view: JunctionView) -> None:
    result = answer("bands", junction__right_k_up=1.0, junction__right_k_down=0.5)
    page = show(view, "bands", result)
    edges = band_edges(result.setup.junction)
    up, down, fermi = page.plot.lines
    assert (up.y[-1], down.y[-1]) == pytest.approx((edges.bottom_n - edges.right_exchange,
                                                    edges.bottom_n + edges.right_exchange))
    assert fermi.y[[0, -1]] == pytest.approx([edges.fermi_f, edges.fermi_n])
    assert (page.plot.label("bottom"), page.plot.label("left")) == ("z (nm)", "E (eV)")
    page.set_cursor(-0.5)
    assert f"µ {edges.fermi_f:.3f} eV" in plain(page.readout.text())
    page.set_cursor(0.3)
    assert "µ" not in plain(page.readout.text())
    assert f"U↑ {(edges.barrier_left + edges.barrier_right) / 2:.3f} eV" in plain(page.readout.text())
    assert view.current_result() is result


def test_running_torque_beside_its_limit(view: JunctionView) -> None:
    result = answer("density")
    page = show(view, "torque", result)
    pane = next(pane for pane in page.panes if pane.variable == "running_par")
    running, tapered, limit = pane.plot.lines
    np.testing.assert_array_equal(running.y, result.data["running_par"].values)
    np.testing.assert_array_equal(tapered.y, result.data["tapered_par"].values)
    assert set(limit.y) == {float(result.data["torque_par"])}
    assert len({line.dash for line in (running, tapered, limit)}) == 3
    assert plain(page.legend.entries[-1].text).startswith("interface formula: T∥ = ")
    assert f"{float(result.data['torque_par']):.2f} eV/µm²" in plain(page.legend.entries[-1].text)
    density = next(pane for pane in page.panes if pane.variable == "torque_density_par")
    assert len(density.plot.lines) == 1
    page.set_cursor(1.0)
    assert "t∥" in plain(page.readout.text()) and "eV/nm³" in plain(page.readout.text())


def test_spin_along_the_magnetization_has_its_own_scale_and_the_bulk_beside_it(view: JunctionView) -> None:
    result = answer("density")
    page = show(view, "spin", result)
    across, _, along = page.panes
    assert (along.variable, along.plot.label("left")) == ("spin_along", "n↑−n↓ (1/nm³)")
    curve, bulk = along.plot.lines
    np.testing.assert_array_equal(curve.y, result.data["spin_along"].values)
    assert set(bulk.y) == {float(result.data["spin_bulk"])}
    assert curve.dash != bulk.dash
    assert plain(page.legend.entries[-1].text) == f"in the bulk: n↑−n↓ = {bulk.y[0]:.2f} 1/nm³"
    assert len(across.plot.lines) == 1
    high, small = (np.ptp(pane.plot.getViewBox().viewRange()[1]) for pane in (along, across))
    assert high > 10 * small
    page.set_cursor(1.0)
    assert "n↑−n↓" in plain(page.readout.text()) and "m∥" in plain(page.readout.text())


def test_a_run_without_a_component_says_so(view: JunctionView) -> None:
    whole = answer("density")
    older = dataclasses.replace(whole, data=whole.data.drop_vars(["spin_along", "spin_bulk"]))
    page = show(view, "spin", older)
    assert page.panes[2].plot.hint() == "this run was made without it: run it again"
    assert page.panes[0].plot.hint() == ""
    assert not page.legend.entries


def test_what_is_not_defined_or_zero_says_so(view: JunctionView) -> None:
    page = show(view, "torque", answer("density", junction__barrier_mass=0.067, junction__rashba=50.0,
                                       junction__dresselhaus_bulk=40.0))
    assert {pane.plot.hint() for pane in page.panes} == {"not defined for this junction"}
    assert "not defined" in view.notes()
    view.show_live(answer("density", junction__bias=0.0), False)
    hints = {pane.variable: pane.plot.hint() for pane in page.panes}
    assert hints["running_par"] == hints["torque_density_par"] == "zero at V = 0: apply a bias voltage"
    assert hints["running_perp"] == ""


def test_maps_take_magnitudes_in_viridis_and_signed_numbers_about_zero(view: JunctionView) -> None:
    result = answer("kmap")
    page = show(view, "maps", result)
    left, right = page.panes
    largest = float(np.abs(result.data["torque_par_k"].values).max())
    assert left.map.limits == (0.0, float(result.data["transmission"].max()))
    assert right.map.limits == (-largest, largest)
    picture = left.map.image.image
    x, y = np.unravel_index(int(result.data["transmission"].values.argmax()), (31, 31))
    np.testing.assert_array_equal(picture[y, x], scale("frequency")[-1])
    assert picture[0, 0, 3] == 0        # no wave has k∥ in the corner
    assert right.bar.low == -right.bar.high and "10" in right.bar.label
    assert left.map.label("bottom") == "k<sub>x</sub> (1/Å)"


def test_the_crosshair_reads_every_quantity_and_cuts_both_ways(view: JunctionView, qtbot: QtBot) -> None:
    result = answer("kmap")
    page = show(view, "maps", result)
    k = result.data["k_x"].values
    left, right = page.panes
    left.map.grab()     # laid out
    for at in (3, 20):
        target = left.map.mapFromScene(left.map.getViewBox().mapViewToScene(QPointF(k[at], k[12])))
        qtbot.mouseMove(left.map.viewport(), target)
    qtbot.waitUntil(lambda: page.cross(result) == (20, 12))
    text = plain(page.readout.text())
    assert f"kx {k[20]:.3f} 1/Å".replace("-", "−") in text and f"ky {k[12]:.3f} 1/Å".replace("-", "−") in text
    assert f"T {float(result.data['transmission'][20, 12]):.4g}"[:6] in text
    for pane in (left, right):
        along_x, along_y = pane.cut.lines
        values = result.data[pane.variable].values
        np.testing.assert_array_equal(along_x.y, values[:, 12])
        np.testing.assert_array_equal(along_y.y, values[20])
        assert pane.map.cursor.value() == k[20] and pane.map.across.value() == k[12]
    left.map.setFocus()
    qtbot.keyClick(left.map, Qt.Key.Key_Right)
    qtbot.keyClick(left.map, Qt.Key.Key_Down)
    assert page.cross(result) == (21, 11)
    assert page.legend.entries[0].text.startswith("cut along k<sub>x</sub> at k<sub>y</sub>")


def test_the_mouse_moves_the_crosshair(view: JunctionView, qtbot: QtBot) -> None:
    page = show(view, "maps", answer("kmap"))
    page.panes[1].map.hovered.emit(0.2, -0.3)
    assert page.place == (0.2, -0.3)
    page.panes[0].chooser.choose("polarization")
    polarization = answer("kmap").data["polarization"].values
    assert page.panes[0].map.limits[1] == pytest.approx(np.nanmax(np.abs(polarization)))


def test_kept_maps_lie_over_the_cuts(view: JunctionView, session: Session) -> None:
    session.add(answer("kmap", junction__rashba=2.0), "weaker")
    page = show(view, "maps", answer("kmap"))
    view.set_overlays(session.runs)
    assert len(page.panes[0].cut.lines) == 3
    assert plain(page.legend.entries[-1].text) == "weaker along kx"
    page = show(view, "spin", answer("density"))
    assert len(page.panes[0].plot.lines) == 1


def test_the_bias_window_is_shaded(view: JunctionView) -> None:
    page = show(view, "energies", answer("spectral"))
    assert all(window.getRegion() == (-0.2, 0.2) for window in page.windows)
    assert "±0.2 eV" in page.legend.entries[-1].text
    assert page.panes[0].plot.label("left") == "dj/dE (A/(µm²·eV))"


def test_two_mechanisms_on_one_axis_in_two_units(view: JunctionView) -> None:
    result = answer("comparison")
    page = show(view, "comparison", result)
    for pane in page.panes:
        assert len(pane.plot.lines) == 2
        np.testing.assert_array_equal(pane.plot.lines[1].y, result.data[pane.variable].sel(
            mechanism="conventional").values)
    right = page.panes[0].plot.getAxis("right")
    assert right.scale == pytest.approx(torque_field(1.0, 1.6, 1.3))
    assert right.labelText == "B∥ (mT)"
    page.set_cursor(90.0)
    here = result.data.sel(theta=90.0)
    text = plain(page.readout.text())
    assert f"| {float(here['torque_par'][1]):.4g}"[:5] in text and "mT" in text
    assert "a magnet along z" in page.legend.entries[1].text


def test_the_table_is_the_result(view: JunctionView, session: Session) -> None:
    hidden = {f"numerics__systems__{name}": "hidden" for name in ("fe_gaas_au", "pt_co_alox_pt", "cofeb_mgo",
                                                                  "co_alox_al", "fe_mgo_fe")}
    result = answer("systems", **hidden)
    page = show(view, "systems", result)
    table = page.table
    assert [table.horizontalHeaderItem(at).text() for at in range(table.columnCount())] == ["this setup", "Fe/MgO"]
    rows = list(ROWS)
    assert table.item(rows.index("magnetoresistance"), 1).text() == "0.848"     # in per cent
    assert table.verticalHeaderItem(rows.index("magnetoresistance")).text() == "TAMR or TMR (%)"
    assert table.item(rows.index("K_i"), 0).text() == "−1.83"
    assert set(rows) == {str(name) for name in result.data.data_vars} - {"system"}
    assert "V = 0.2 V" in page.words.text()
    stays = dataclasses.replace(result, data=result.data.copy(deep=True))
    stays.data["bias_switching"][:] = np.nan
    page.show_result(stays)
    item = table.item(rows.index("bias_switching"), 0)
    assert (item.text(), item.toolTip()) == ("–", "none up to ±1.5 V, or no torque is defined")


def test_systems_are_chosen_in_their_menu(view: JunctionView, session: Session) -> None:
    menu = view.pages["systems"].controls.findChild(SystemsMenu)
    menu.actions_["co_alox_al"].trigger()
    assert session.setup.numerics.systems.co_alox_al == "hidden"
    session.undo()
    assert menu.actions_["co_alox_al"].isChecked()
    for name in list(menu.actions_)[1:]:
        menu.actions_[name].trigger()
    assert session.setup.numerics.systems.shown() == ["this_setup"]
    assert not menu.actions_["this_setup"].isEnabled()      # an empty table is none


def test_a_picture_of_another_junction_makes_way_for_the_reason(view: JunctionView, session: Session) -> None:
    session.edit_many(BIAS)
    show(view, "bands", answer("bands"))
    view.set_busy("Stopped.")
    assert view.current_result() is not None
    session.edit("junction.bias", 0.7)
    view.set_busy("junction.bias: refused")
    assert view.current_result() is None
    assert not view.picture_of("bands").isVisible()      # type: ignore[attr-defined]
    assert view._empty.text() == "junction.bias: refused"


def test_theme_reaches_every_page(view: JunctionView) -> None:
    for page in ("bands", "torque", "maps", "energies", "comparison"):
        show(view, page, answer({"torque": "density", "maps": "kmap", "energies": "spectral"}.get(page, page)))
    for theme in (DARK, LIGHT):
        view.set_theme(theme)
        assert view.picture_of("maps").panes[0].map.backgroundBrush().color().name() == theme.background
        assert view.picture_of("bands").plot.backgroundBrush().color().name() == theme.background


def test_live_updates_reuse_their_items(view: JunctionView) -> None:
    page = show(view, "maps", answer("kmap"))
    other = answer("kmap", junction__rashba=2.0)
    before = [len(pane.map.getViewBox().allChildren()) for pane in page.panes]
    for step in range(100):
        view.show_live(other if step % 2 else answer("kmap"), True)
    assert [len(pane.map.getViewBox().allChildren()) for pane in page.panes] == before
    assert "preview" in page.readout.text()
