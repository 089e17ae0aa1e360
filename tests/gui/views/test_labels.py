"""Units, numbers and axis labels as they appear on screen."""

from __future__ import annotations

import math

import numpy as np
import pytest

from smtj_engine.results import VARIABLES
from smtj_gui.views.labels import axis_label, axis_scale, digits_for, html, number, pretty_unit, shown
from tests.gui.views import samples


@pytest.mark.parametrize(("plain", "pretty"), [
    ("eV/um^2", "eV/µm²"), ("ohm um^2", "Ω·µm²"), ("A/um^2", "A/µm²"), ("S/um^2", "S/µm²"), ("deg", "°"),
    ("eV A^2", "eV·Å²"), ("eV A^2/V", "eV·Å²/V"), ("1/A", "1/Å"), ("mJ/m^2", "mJ/m²"), ("fJ/(V m)", "fJ/(V·m)"),
    ("V", "V"), ("1", ""), ("", ""), ("m0", "m₀"), ("nm", "nm")])
def test_pretty_units(plain: str, pretty: str) -> None:
    assert pretty_unit(plain) == pretty


@pytest.mark.parametrize(("value", "text"), [
    (53.2159, "53.22"), (11424.3, "11424"), (0.42405, "0.4240"), (0, "0"), (-9.7245, "−9.725"),
    (1.5e-9, "1.500×10⁻⁹"), (2.5e8, "2.500×10⁸"), (math.nan, "–"), (-0.00012346, "−0.0001235")])
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("largest", "unit", "expected"), [
    (19338, "eV/µm²", (1.0, "eV/µm²")), (2e-6, "A/µm²", (1e6, "µA/µm²")), (1.1e7, "Ω·µm²", (1e-6, "MΩ·µm²")),
    (3e-7, "%", (1e9, "10⁻⁹ %")), (180, "°", (1.0, "°")), (0, "V", (1.0, "V")),
    (8e5, "eV/µm²", (1e-3, "keV/µm²"))])
def test_axis_scales(largest: float, unit: str, expected: tuple[float, str]) -> None:
    scale, text = axis_scale(largest, unit)
    assert (scale, text) == (pytest.approx(expected[0]), expected[1])


def test_every_variable_has_a_label_with_its_unit() -> None:
    names = {*samples.angular().data.variables, *samples.bias_sweep().data.variables,
             *samples.rashba_sweep().data.variables, *samples.energy().data.variables}
    assert names <= set(VARIABLES)
    for name in names:
        how = shown(str(name))
        assert how.symbol
        assert how.name
        assert how.unit, name
        assert axis_label(how.symbol, how.unit).endswith(f"({how.unit})")
    assert shown("tamr").factor == 100
    assert shown("tamr").unit == "%"


def test_a_family_over_any_parameter_has_symbol_and_unit() -> None:
    assert (shown("barrier_thickness").symbol, shown("barrier_thickness").unit) == ("d", "nm")


def test_subscripts() -> None:
    assert html("K_i") == "K<sub>i</sub>"
    assert html("T⊥(V)−T⊥(0)") == "T⊥(V)−T⊥(0)"


def test_a_curve_that_hardly_varies_gets_more_digits() -> None:
    assert digits_for(np.array([-1.8319, -1.8293])) == 6
    assert digits_for(np.array([0.0, 5.0])) == 4
    assert digits_for(np.array([3.0, 3.0])) == 4


def test_the_unit_scales_with_the_number_in_the_read_out() -> None:
    assert shown("conductance").text(6.131e-7) == "613.1\u00a0nS/µm²"
    assert shown("torque_perp").text(1e-12) == "0\u00a0eV/µm²"
    assert shown("torque_par").text(-9.8e-7) == "−980.0\u00a0neV/µm²"
