"""The detection view with a real mouse: signals without background, cuts, a cloud in time, launches, loops."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from smtj_engine.analyses import ANALYSES
from smtj_engine.files import resources
from smtj_engine.monitor import silent
from smtj_engine.parameters import Setup
from smtj_engine.schema import with_values
from smtj_gui.look import DARK
from smtj_gui.requests import coarse
from smtj_gui.session import Session
from smtj_gui.views import diode_data, sphere_pictures
from smtj_gui.views.axis_chooser import AxisRow
from smtj_gui.views.cells import NumberCells
from smtj_gui.views.detection import DetectionView
from smtj_gui.views.detection_controls import NoiseFields, TiltButton
from smtj_gui.views.ensemble_page import histogram
from tests.gui.views.detection_setups import CLOUD, DIODE, LEFT, LOOP, PULSE, SWEPT, WARM, answer, click, show

# -- pages ---------------------------------------------------------------------------------------------


def test_only_the_page_on_top_asks_for_answers(detection_view: DetectionView, qtbot: QtBot) -> None:
    assert detection_view.wanted() == ("spin-diode",)
    detection_view.session.edit_many(WARM)
    for page, kind in (("ensemble", "ensemble"), ("switching", "switching"), ("rate", "rate"), ("loop", "loop"),
                       ("readout", "readout"), ("diode", "spin-diode")):
        with qtbot.waitSignal(detection_view.wanted_changed):
            qtbot.mouseClick(detection_view.pages[page].button, LEFT)
        assert detection_view.wanted() == (kind,)
        assert detection_view.pages[page].controls.isVisible() and detection_view.pages[page].button.toolTip()
        name, _, place = detection_view.property("help_at").partition("#")
        assert f"**{place}**" in resources.text(f"help/{name}.md")


def test_a_rate_is_asked_for_once_there_is_noise(detection_view: DetectionView, session: Session,
                                                 qtbot: QtBot) -> None:
    detection_view.choose("rate")
    assert detection_view.wanted() == () and "needs thermal noise" in detection_view._empty.text()
    with qtbot.waitSignal(detection_view.wanted_changed):
        click(qtbot, detection_view.pages["rate"].controls.findChild(NoiseFields).button)
    assert detection_view.wanted() == ("rate",)
    with qtbot.waitSignal(detection_view.wanted_changed):
        session.undo()
    assert detection_view.wanted() == ()
    session.edit("magnet.volume", 300.0)
    assert detection_view.wanted() == ()
    session.edit("numerics.rate.over", "drive.temperature")
    assert detection_view.wanted() == ("rate",)


@pytest.mark.parametrize(("kind", "variable", "page"), [
    ("spin-diode", "linewidth", "diode"), ("ensemble", "mean_resistance", "ensemble"),
    ("switching", "mean_time", "switching"), ("rate", "switching_wait", "rate"), ("loop", "tamr", "loop")])
def test_a_preset_turns_to_its_page_and_variable(detection_view: DetectionView, kind: str, variable: str,
                                                 page: str) -> None:
    detection_view.show_kind(kind, variable)
    assert detection_view.page == page
    picture: Any = detection_view.picture_of(page)
    shown = {"diode": lambda: picture.along.panes[1].variable, "loop": lambda: picture.panes[0].variable,
             "rate": lambda: picture.panes[0].variable,
             "ensemble": lambda: ("switched", "mean_m", "mean_resistance")[picture.chooser.currentIndex()],
             "switching": lambda: picture.variable}[page]()
    assert shown == variable


# -- spin diode ----------------------------------------------------------------------------------------


def test_the_signal_is_shown_without_its_background(detection_view: DetectionView, qtbot: QtBot) -> None:
    page = show(detection_view, "diode", DIODE)
    data = answer("spin-diode", *DIODE.items()).data
    live = page.spectrum.lines_of("resonant")[-1]
    np.testing.assert_allclose(live.y, data["rectified"] - data["background"])
    assert abs(float(data["background"])) > 10 * np.abs(live.y).max()      # with it there would be a flat line
    parts = page.spectrum.lines_of("resonant")[:3]
    total = data["symmetric"] + data["antisymmetric"]
    np.testing.assert_allclose(parts[0].y, total, atol=1e-3 * np.abs(total).max())
    assert [entry.text for entry in page.spectrum.legend.entries] == [
        "second order", "closed form", "symmetric (T∥)", "antisymmetric (T⊥)"]
    assert page.along.isHidden() and not page.map.isVisible()
    chooser = page.spectrum.panes[0].chooser
    chooser.setFocus()
    QTest.keyClick(chooser, Qt.Key.Key_End)
    assert page.quantity == "open_circuit"
    np.testing.assert_allclose(page.spectrum.lines_of("open_circuit")[-1].y, data["open_circuit"])
    closed = page.spectrum.lines_of("open_circuit")[0].y
    np.testing.assert_allclose(closed, data["open_circuit"], rtol=1e-3)
    assert f"{float(data['resonance']):.3f}" in page.readout.text()


def test_without_a_field_one_is_offered(detection_view: DetectionView, session: Session, qtbot: QtBot) -> None:
    button, = detection_view.pages["diode"].controls.findChildren(TiltButton)
    before = session.setup
    click(qtbot, button)
    assert (session.setup.drive.h_x, session.setup.drive.h_z) == (0.1, 0.05) and button.isHidden()
    session.undo()
    assert session.setup == before and not button.isHidden()


def test_a_click_on_the_map_cuts_it_both_ways(detection_view: DetectionView, qtbot: QtBot) -> None:
    page = show(detection_view, "diode", SWEPT)
    data = answer("spin-diode", *SWEPT.items()).data
    assert page.map.isVisible() and page.along.isVisible()
    strongest = np.abs((data["rectified"] - data["background"]).values)
    row, column = np.unravel_index(int(np.nanargmax(strongest)), strongest.shape)
    assert page.frequency == float(data["frequency"][column]) and page.value == float(data["over"][row])
    page.map.settle()
    qtbot.mouseClick(page.map.viewport(), LEFT, pos=page.map.point_of((2, 10)))
    assert page.frequency == float(data["frequency"][10]) and page.value == float(data["over"][2])
    signal = (data["rectified"] - data["background"]).values
    np.testing.assert_allclose(page.spectrum.lines_of("resonant")[-1].y, signal[2])
    np.testing.assert_allclose(page.along.lines_of("resonant")[-1].y, signal[:, 10])
    np.testing.assert_allclose(page.along.lines_of("linewidth")[-1].y, data["linewidth"])
    assert page.lines[0].value() == page.frequency and page.lines[1].value() == page.value
    qtbot.mouseMove(page.map.viewport(), page.map.point_of((5, 30)))
    qtbot.waitUntil(lambda: page.map.at == (5, 30))
    assert "GHz" in page.readout.text()
    assert page.value == float(data["over"][2])     # reading moves nothing


def test_kept_spectra_are_drawn_at_the_same_cut(detection_view: DetectionView, session: Session) -> None:
    other = SWEPT | {"magnet.damping": 0.02}
    session.add(answer("spin-diode", *other.items()), name="wide")
    page = show(detection_view, "diode", SWEPT)
    detection_view.set_overlays(session.runs)
    kept = [line for line in page.spectrum.lines_of("resonant") if line.colour == session.runs[0].colour]
    data = diode_data.pictured(answer("spin-diode", *other.items())).data
    np.testing.assert_allclose(kept[0].y, data["resonant"].sel(over=page.value, method="nearest"))
    assert "wide" in [entry.text for entry in page.along.legend.entries]


def test_the_sweep_chooser_brings_a_range_that_suits(detection_view: DetectionView, session: Session,
                                                     qtbot: QtBot) -> None:
    sweep, = detection_view.pages["diode"].controls.findChildren(AxisRow)
    assert sweep.fields["start"].isHidden()
    sweep.chooser.setFocus()
    QTest.keyClick(sweep.chooser, Qt.Key.Key_Home)
    index = sweep.chooser.findData("junction.bias")
    for _ in range(index):
        QTest.keyClick(sweep.chooser, Qt.Key.Key_Down)
    grid = session.setup.numerics.spin_diode
    assert (grid.over, grid.over_start, grid.over_stop) == ("junction.bias", -0.5, 0.5)
    assert sweep.unit.text() == "V" and not sweep.fields["start"].isHidden()
    assert session.undo_text == "Map over V"


# -- ensemble ------------------------------------------------------------------------------------------


def test_the_cloud_and_its_histogram_follow_the_time(detection_view: DetectionView, qtbot: QtBot) -> None:
    page = show(detection_view, "ensemble", CLOUD)
    data = answer("ensemble", *CLOUD.items()).data
    page.stage.player.pause()
    for at, now in ((0, 0.0), (2, 0.2), (4, 0.4)):
        page.stage.player.scrub(now)
        np.testing.assert_allclose(page.stage.scene.cloud, data["m"].values[at], rtol=0.01, atol=1e-9)
        line = next(line for line in page.histogram.lines if not line.faint)
        edges = np.linspace(-1, 1, data.sizes["m_z"] + 1)
        np.testing.assert_allclose(line.y[::2], histogram(answer("ensemble", *CLOUD.items()), now, edges))
        assert np.sum(line.y[::2] * np.diff(edges)) == pytest.approx(1.0)
    np.testing.assert_allclose(line.y[::2], data["histogram"])
    boltzmann = page.histogram.lines[-1]
    np.testing.assert_allclose(boltzmann.y, data["boltzmann"])
    assert "300" in page.readout.text() and "0.4" in page.readout.text()
    assert "Boltzmann" in page.legend.entries[-1].text


def test_where_the_samples_are_the_sphere_is_dark(detection_view: DetectionView, qtbot: QtBot) -> None:
    page = show(detection_view, "ensemble", CLOUD | {"numerics.ensemble.theta0_deg": 1.0})
    page.stage.player.pause()
    page.stage.player.scrub(0.0)
    sphere = page.stage.sphere
    sphere.scene.marks = []
    with_cloud = sphere.grab().toImage()
    sphere.scene.cloud = np.empty((0, 3))
    sphere.repaint()
    without = sphere.grab().toImage()
    changed = [(x, y) for x in range(with_cloud.width()) for y in range(with_cloud.height())
               if with_cloud.pixel(x, y) != without.pixel(x, y)]
    assert 0 < len(changed) < 60        # all at one place, near the pole: in the upper half
    assert all(y < with_cloud.height() / 2 for _, y in changed)


def test_space_plays_and_a_click_on_the_course_scrubs(detection_view: DetectionView, qtbot: QtBot) -> None:
    page = show(detection_view, "ensemble", CLOUD)
    page.stage.player.pause()
    detection_view.play()
    assert page.stage.player.playing
    detection_view.play()
    assert not page.stage.player.playing
    page.course.settle()
    place = page.course.mapFromScene(page.course._box.mapViewToScene(QPointF(0.1, 0.0)))
    qtbot.mouseClick(page.course.viewport(), LEFT, pos=place)
    assert page.stage.player.now == pytest.approx(0.1, abs=0.01)


def test_the_cloud_becomes_a_picture_and_an_animation(detection_view: DetectionView, qtbot: QtBot) -> None:
    assert detection_view.film() is None      # a spectrum is on top
    page = show(detection_view, "ensemble", CLOUD)
    page.stage.player.pause()
    with qtbot.waitSignal(detection_view.action_wanted) as wanted:
        page.stage.key.save.menu().actions()[0].trigger()
    assert wanted.args == ["export_sphere"] and page.stage.key.save.isVisible()
    film = detection_view.film()
    assert film is not None and film.path.end == pytest.approx(0.4)
    first, last = (QImage.fromData(sphere_pictures.png(dataclasses.replace(film, now=now), 160))
                   for now in (0.0, 0.4))
    assert first.width() == 160 and first != last
    assert sphere_pictures.gif(film, sphere_pictures.Cut(0.0, 0.4, 2.0, 100, 10), silent).startswith(b"GIF89a")


def test_the_switched_part_uses_every_samples_own_time(detection_view: DetectionView) -> None:
    hot = CLOUD | {"magnet.volume": 20.0}
    page = show(detection_view, "ensemble", hot)
    hits = answer("ensemble", *hot.items()).data["switching_time"].values
    hits = np.sort(hits[np.isfinite(hits)])
    assert hits.size > 10
    line = page.course.lines[-1]
    assert np.all(np.diff(line.x) >= 0) and np.all(np.diff(line.y) >= 0)
    middle = (hits[5] + hits[6]) / 2
    assert np.interp(middle, line.x, line.y) == pytest.approx(6 / 300)
    assert line.y[-1] == pytest.approx(hits.size / 300)


def test_noise_is_switched_on_and_off_in_one_step(detection_view: DetectionView, session: Session,
                                                  qtbot: QtBot) -> None:
    detection_view.choose("ensemble")
    noise, = detection_view.pages["ensemble"].controls.findChildren(NoiseFields)
    before = session.setup
    click(qtbot, noise.button)
    assert session.setup.drive.temperature == 300.0 and session.setup.magnet.volume == 1000.0
    assert noise.button.text() == "Switch off" and noise.volume.text() == "1000"
    session.undo()
    assert session.setup == before
    session.edit_many(WARM)
    click(qtbot, noise.button)
    assert session.setup.drive.temperature == 0.0 and session.setup.magnet.volume == 300.0


# -- all of them ---------------------------------------------------------------------------------------


def test_both_themes_export_and_names(detection_view: DetectionView, session: Session) -> None:
    for page, changes in (("diode", SWEPT), ("ensemble", CLOUD), ("switching", PULSE), ("loop", LOOP)):
        show(detection_view, page, changes)
        detection_view.set_theme(DARK)
        result = detection_view.current_result()
        assert result is not None and result.kind == detection_view.pages[page].kind
        assert detection_view.picture().grab().toImage().width() > 100
    for widget in [*detection_view.findChildren(QLineEdit), *detection_view.findChildren(QComboBox)]:
        assert widget.accessibleName(), widget


@pytest.mark.parametrize(("kind", "smaller"), [
    ("spin-diode", {"points": 67, "method": "linear"}), ("ensemble", {"count": 1250}),
    ("switching", {"x_points": 8, "y_points": 8, "count": 8})])
def test_drafts_are_small_everywhere(kind: str, smaller: dict[str, Any]) -> None:
    setup = with_values(Setup(), {"numerics.spin_diode.method": "time"})
    grid = getattr(coarse(setup, ANALYSES[kind]).numerics, kind.replace("-", "_"))
    assert {name: getattr(grid, name) for name in smaller} == smaller


def test_cells_of_numbers_colour_signed_ones_about_zero() -> None:
    cells = NumberCells(diode_data.pictured(answer("spin-diode", *SWEPT.items())), "resonant", "frequency", "over")
    colours = cells.colours("", "#808080")
    assert cells.signed and colours.shape == (7, 41, 4)
    lowest = np.unravel_index(int(np.argmin(cells.values)), cells.values.shape)
    red, _, blue, _ = colours[lowest]
    assert blue > red       # blue below zero
    chance = NumberCells(answer("switching", *PULSE.items()), "probability")
    assert chance.top == 1.0 and not chance.signed
