"""Switching maps, rates, loops and read-out in the detection view, with a real mouse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from smtj_gui.session import Session
from smtj_gui.views import rate_data
from smtj_gui.views.axis_chooser import AxisRow
from smtj_gui.views.controls import Toggle
from smtj_gui.views.detection import DetectionView
from tests.gui.views.detection_setups import LEFT, LOOP, PULSE, RATE, RATES, answer, click, show

# -- switching -----------------------------------------------------------------------------------------


def test_a_cell_tells_its_probability_and_launches_its_trajectory(detection_view: DetectionView, session: Session,
                                                                  qtbot: QtBot) -> None:
    page = show(detection_view, "switching", PULSE)
    data = answer("switching", *PULSE.items()).data
    page.map.settle()
    assert page.map.label("bottom") == "s₀ (M<sub>s</sub>)" and page.map.label("left").endswith("(ns)")
    qtbot.mouseMove(page.map.viewport(), page.map.point_of((1, 3)))
    qtbot.waitUntil(lambda: page.map.at == (1, 3))
    probability = float(data["probability"][1, 3])
    assert f"P&nbsp;<b>{probability:.3g}" in page.readout.text() and "4 samples" in page.readout.text()
    before = session.setup
    with qtbot.waitSignal(detection_view.open_page) as opened:
        qtbot.mouseClick(page.map.viewport(), LEFT, pos=page.map.point_of((1, 3)))
    assert opened.args == ["trajectory"]
    setup = session.setup
    assert setup.drive.waveform.level == float(data["x"][3])
    assert setup.drive.waveform.length == float(data["y"][1])
    assert setup.numerics.trajectory.duration == 0.4
    assert page.map.here.isVisible()
    session.undo()
    assert session.setup == before


def test_a_cut_shows_the_map_with_and_without_temperature(detection_view: DetectionView, session: Session,
                                                          qtbot: QtBot) -> None:
    cold = PULSE | {"drive.temperature": 0.0}
    session.add(answer("switching", *cold.items()), name="cold")
    page = show(detection_view, "switching", PULSE)
    detection_view.set_overlays(session.runs)
    page.map.settle()
    port, start, end = page.map.viewport(), page.map.point_of((2, 0)), page.map.point_of((2, 5))
    qtbot.mousePress(port, LEFT, pos=start)
    qtbot.mouseMove(port, QPoint((start.x() + end.x()) // 2, start.y()))
    qtbot.mouseMove(port, end)
    qtbot.mouseRelease(port, LEFT, pos=end)
    assert page.cut.isVisible()
    bottom, top = page.cut.plot.viewRange()[1]
    assert bottom < 0.0 < 1.0 < top < 1.1       # a probability, also where it is zero all along
    kept, live = page.cut.plot.lines
    np.testing.assert_allclose(live.y, answer("switching", *PULSE.items()).data["probability"][2])
    np.testing.assert_allclose(kept.y, answer("switching", *cold.items()).data["probability"][2])
    assert set(kept.y) <= {0.0, 1.0}
    assert [entry.text for entry in page.cut.legend.entries] == ["now", "cold"]
    click(qtbot, page.cut.close_button)
    assert not page.cut.isVisible() and not page.map.section.isVisible()


def test_an_axis_that_changes_nothing_is_refused_in_words(detection_view: DetectionView, session: Session) -> None:
    detection_view.choose("switching")
    across = detection_view.pages["switching"].controls.findChildren(AxisRow)[0]
    before = session.setup
    across.chooser.choose("drive.waveform.level")
    assert session.setup == before
    assert "changes nothing" in detection_view.pages["switching"].controls.reason.text()
    session.edit_many({"drive.waveform.target": "bias"})
    across.chooser.choose("drive.waveform.level")
    assert session.setup.numerics.switching.x == "drive.waveform.level"
    assert session.setup.numerics.switching.x_start == -1.0 and across.unit.text() == "V"
    assert not detection_view.pages["switching"].controls.reason.isVisible()


# -- rates ---------------------------------------------------------------------------------------------


def test_rates_stand_with_their_errors_beside_the_law(detection_view: DetectionView, session: Session,
                                                      qtbot: QtBot) -> None:
    page = show(detection_view, "rate", RATES)
    data = answer("rate", *RATES.items()).data
    law, bars, dots = page.panes[0].plot.lines      # decimal logarithms
    np.testing.assert_allclose(10**law.y, data["brown"])
    np.testing.assert_allclose(10 ** dots.y[::2], data["mean_rate"])
    top = 10 ** bars.y.reshape(3, 3)[:, 1]
    np.testing.assert_allclose(top, data["mean_rate"] + data["rate_error"])
    assert [entry.text for entry in page.legend.entries] == ["forward flux", "Brown's equation"]
    assert page.panes[0].plot.label("left") == "⟨k⟩ (1/ns)"
    ticks = page.panes[0].plot.getAxis("left").tickStrings([-3.0, 0.0], 1.0, 1.0)
    assert ticks == ["10⁻³", "10⁰"]
    page.set_cursor(100.0)
    assert "100" in page.readout.text() and "±" in page.readout.text() and "Δ" in page.readout.text()
    click(qtbot, page.against_choice.buttons["barrier"])
    np.testing.assert_allclose(page.panes[0].plot.lines[0].x, np.sort(data["barrier"]))
    np.testing.assert_allclose(10 ** page.panes[0].plot.lines[0].y, data["brown"][::-1])
    page.panes[0].chooser.choose("switching_wait")
    np.testing.assert_allclose(10 ** page.panes[0].plot.lines[2].y[::2], 1 / data["mean_rate"][::-1])


def test_without_a_sweep_the_single_estimates_are_shown(detection_view: DetectionView, session: Session) -> None:
    session.add(answer("rate", *RATES.items()), name="swept")
    session.add(answer("rate", *(RATE | {"numerics.rate.seed": 1}).items()), name="other seed")
    page = show(detection_view, "rate", RATE)
    detection_view.set_overlays(session.runs)
    data = answer("rate", *RATE.items()).data
    np.testing.assert_allclose(10 ** page.panes[0].plot.lines[-1].y[::2], data["rate"])
    assert page.against_choice.isHidden()
    assert [entry.text for entry in page.legend.entries] == ["forward flux", "Brown's equation", "other seed"]
    page = show(detection_view, "rate", RATES)
    assert not page.against_choice.isHidden() and "swept" not in str(page.legend.entries)   # it is the live one
    click_free = page.against_choice.buttons["barrier"]
    click_free.click()
    assert page.sweep == "barrier"


def test_waiting_times_are_said_as_people_say_them() -> None:
    assert rate_data.wait_in_words(0.5) == (0.5, "ns")
    assert rate_data.wait_in_words(2.5e9) == (2.5, "s")
    assert rate_data.wait_in_words(10 * 3.15576e16) == pytest.approx((10.0, "years"))


# -- loops ---------------------------------------------------------------------------------------------


def test_a_loop_goes_there_and_back(detection_view: DetectionView, session: Session, qtbot: QtBot) -> None:
    page = show(detection_view, "loop", LOOP)
    data = answer("loop", *LOOP.items()).data
    there, back = page.lines_of("along")
    np.testing.assert_allclose(there.y, data["along"])
    np.testing.assert_allclose(back.y, data["along_back"])
    assert there.dash != back.dash and np.abs(there.y - back.y).max() > 0.5      # it is a loop
    percent = page.lines_of("tamr")[1].y
    np.testing.assert_allclose(percent, 100 * data["tamr_back"])
    turned = float(data["switching_value_back"][0])
    assert turned < 0 and f"back at <b>−{-turned:.3g}" in page.readout.text()
    np.testing.assert_allclose(page.lines_of("m_x")[0].y, data["mean_m"][:, 0])


def test_another_sweep_has_its_own_range_and_unit(detection_view: DetectionView, session: Session,
                                                  qtbot: QtBot) -> None:
    detection_view.choose("loop")
    rows: Any = detection_view.pages["loop"].controls
    toggle = rows.findChildren(Toggle)[0]
    assert rows.unit.text() == "M<sub>s</sub>" and not rows.direction.isHidden()
    click(qtbot, toggle.buttons["junction.bias"])
    grid = session.setup.numerics.loop
    assert (grid.over, grid.start, grid.stop) == ("junction.bias", -1.0, 1.0)
    assert rows.unit.text() == "V" and rows.direction.isHidden()
    session.undo()
    assert session.setup.numerics.loop.over == "field" and toggle.buttons["field"].isChecked()


def test_the_read_out_of_a_pulse(detection_view: DetectionView) -> None:
    pulse = {"drive.waveform.target": "bias", "drive.waveform.level": 0.2, "drive.waveform.delay": 0.1,
             "junction.bias": 0.1, "numerics.trajectory.duration": 0.3, "numerics.trajectory.samples": 60}
    page = show(detection_view, "readout", pulse)
    voltage, = page.lines_of("bias")
    assert voltage.y[0] == pytest.approx(0.1) and voltage.y[-1] == pytest.approx(0.3)
    assert page.panes[0].plot.label("left") == "R (Ω·µm²)"


def test_a_long_record_is_thinned_out_for_the_width_that_it_has_now(detection_view: DetectionView,
                                                                    qtbot: QtBot) -> None:
    long = {"junction.bias": 0.1, "numerics.trajectory.duration": 2.0, "numerics.trajectory.samples": 6000}
    page = show(detection_view, "readout", long)
    qtbot.waitUntil(lambda: page.panes[0].plot._box.width() > 300)
    for pane in page.panes[:2]:
        drawn = pane.plot._lines[0].curve.xData
        assert drawn.size > 300 and drawn[-1] == pytest.approx(2.0, abs=0.02)
