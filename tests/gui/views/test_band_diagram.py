"""The band diagram: where its lines are, and that it can be read in both themes."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from smtj_engine.parameters import Junction
from smtj_engine.transport.barrier import band_edges
from smtj_gui.look import DARK, LIGHT, Theme, palette
from smtj_gui.panels.band_diagram import BandDiagram


def picture(diagram: BandDiagram) -> QImage:
    return diagram.grab().toImage()


@pytest.fixture
def diagram(qtbot: QtBot) -> BandDiagram:
    diagram = BandDiagram()
    qtbot.addWidget(diagram)
    diagram.set_theme(LIGHT)
    diagram.setPalette(palette(LIGHT))
    diagram.resize(280, 156)
    return diagram


@pytest.mark.parametrize("junction", [
    Junction(), Junction(bias=0.8), Junction(bias=-3.0), Junction(barrier_thickness=0.0, bias=0.5),
    Junction(barrier_thickness=10.0, bias=3.0), Junction(k_up=0.4, k_down=0.4), Junction(k_down=0.0),
    Junction(barrier_height=0.0), Junction(barrier_height=10.0), Junction(k_normal=4.0)],
    ids=lambda junction: f"{junction.bias:g}V-{junction.barrier_thickness:g}nm-{junction.barrier_height:g}eV")
def test_any_junction_is_drawn_inside_the_widget(diagram: BandDiagram, junction: Junction) -> None:
    blank = picture(diagram)
    diagram.set_junction(junction)
    drawn = picture(diagram)
    assert drawn != blank
    ground = blank.pixelColor(0, 0)
    assert all(drawn.pixelColor(x, y) == ground for x in (0, drawn.width() - 1) for y in range(drawn.height()))


def test_bands_are_filled_up_to_the_fermi_level(diagram: BandDiagram) -> None:
    junction = Junction()
    diagram.set_junction(junction)
    edges, drawn = band_edges(junction), picture(diagram)
    ground = drawn.pixelColor(0, 0)
    frame = diagram.frame(junction, edges)
    x = round(frame.right) - 25
    assert drawn.pixelColor(x, round(frame.y((edges.bottom_n + edges.fermi_n) / 2))) != ground
    assert drawn.pixelColor(x, round(frame.y(edges.fermi_n + 0.5))) == ground
    assert drawn.pixelColor(x, round(frame.y(edges.bottom_n - 0.5))) == ground


def test_thickness_is_to_scale(diagram: BandDiagram) -> None:
    widths = []
    for thickness in (0.5, 1.0, 1.5):
        junction = Junction(barrier_thickness=thickness)
        frame = diagram.frame(junction, band_edges(junction))
        widths.append(frame.normal - frame.barrier)
    assert widths[1] == pytest.approx(2 * widths[0])
    assert widths[2] == pytest.approx(3 * widths[0])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_stand_out_in_both_themes(diagram: BandDiagram, theme: Theme) -> None:
    diagram.setPalette(palette(theme))
    diagram.set_theme(theme)
    junction = Junction(bias=0.8)
    diagram.set_junction(junction)
    edges, drawn = band_edges(junction), picture(diagram)
    frame = diagram.frame(junction, edges)
    level = [drawn.pixelColor(round(frame.right) - 25, round(frame.y(edges.fermi_n)) + offset)
             for offset in (-1, 0, 1)]
    ground = QColor(theme.window)
    assert max(abs(colour.lightnessF() - ground.lightnessF()) for colour in level) > 0.35


def test_the_picture_is_also_told_in_words(diagram: BandDiagram) -> None:
    diagram.set_junction(Junction(bias=0.8))
    assert diagram.accessibleName() == "Band diagram of the junction"
    for words in ("1 eV above the Fermi level", "0.6 nm thick", "majority band from −1.559 eV",
                  "Fermi level 2.968 eV"):
        assert words in diagram.toolTip()
    assert diagram.accessibleDescription() == diagram.toolTip()



def test_a_second_magnet_shows_both_its_spins(diagram: BandDiagram) -> None:
    junction = Junction(right_k_up=1.2, right_k_down=0.3, rashba_slope=0.5, bias=0.4)
    diagram.set_junction(junction)
    edges, drawn = band_edges(junction), picture(diagram)
    ground = drawn.pixelColor(0, 0)
    frame = diagram.frame(junction, edges)
    low = round(frame.y(edges.bottom_n - edges.right_exchange + 0.3))     # only majority electrons are so deep
    assert drawn.pixelColor(round(frame.normal) + 25, low) != ground
    assert drawn.pixelColor(round(frame.right) - 25, low) == ground
    assert "Second ferromagnet" in diagram.toolTip() and "α(V) = 4.2 eV·Å²" in diagram.toolTip()
