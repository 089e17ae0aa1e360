"""The harmonic content of curves whose terms are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtj_gui.views.harmonics import harmonics

_AMPLITUDE = st.floats(-100, 100).filter(lambda value: value == 0 or abs(value) > 1e-3)


@given(st.lists(_AMPLITUDE, min_size=4, max_size=4).filter(any), st.floats(-10, 10), st.integers(19, 181))
def test_cosine_series_against_theta(amplitudes: list[float], offset: float, points: int) -> None:
    theta = np.linspace(0, 180, points)
    values = offset + sum(a * np.cos(2 * (n + 1) * np.radians(theta)) for n, a in enumerate(amplitudes))
    found = {term.name: term.amplitude for term in harmonics(theta, values, "θ", odd=False)}
    largest = max(map(abs, amplitudes))
    for n, amplitude in enumerate(amplitudes):
        assert found[f"cos {2 * (n + 1)}θ"] == pytest.approx(amplitude, abs=1e-9 * (largest + abs(offset)))


@given(st.floats(0.5, 100), st.floats(-0.4, 0.4))
def test_shares_of_a_torque(amplitude: float, second: float) -> None:
    theta = np.radians(np.linspace(0, 180, 181))
    values = amplitude * (np.sin(2 * theta) + second * np.sin(4 * theta))
    first, *rest = harmonics(np.degrees(theta), values, "θ", odd=True)
    assert first.name == "sin 2θ"
    assert first.share == pytest.approx(1 / (1 + abs(second)), abs=1e-9)
    assert sum(term.share for term in rest) == pytest.approx(1 - first.share, abs=1e-9)


def test_odd_multiples_of_an_in_plane_anisotropy() -> None:
    theta = np.linspace(0, 180, 61)
    found = harmonics(theta, -3 * np.sin(np.radians(theta)), "θ", odd=True)
    assert found[0].name == "sin θ"
    assert found[0].amplitude == pytest.approx(-3)


def test_both_series_against_phi() -> None:
    phi = np.linspace(0, 360, 181)
    values = 5 + 3 * np.sin(2 * np.radians(phi)) - np.cos(4 * np.radians(phi))
    found = harmonics(phi, values, "φ", odd=True)
    assert [(term.name, round(term.amplitude, 9)) for term in found[:2]] == [("sin 2φ", 3.0), ("cos 4φ", -1.0)]
    assert found[0].share == pytest.approx(0.75)


@pytest.mark.parametrize(("angle", "values"), [
    (np.linspace(0, 180, 181), np.full(181, 7.0)),                      # constant
    (np.linspace(0, 180, 181), np.zeros(181)),
    (np.linspace(0, 90, 91), np.sin(np.radians(np.linspace(0, 180, 91)))),   # not the whole range
    (np.array([0.0, 10, 50, 120, 150, 180]), np.array([0.0, 1, 2, 3, 2, 0])),  # not equidistant
    (np.linspace(0, 180, 181), np.where(np.arange(181) == 3, np.nan, 1.0)),
    (np.linspace(0, 180, 3), np.array([0.0, 1.0, 0.0])),                # too few points
], ids=["constant", "zero", "half", "uneven", "nan", "few"])
def test_nothing_where_there_is_nothing_to_say(angle: np.ndarray, values: np.ndarray) -> None:
    assert harmonics(angle, values, "θ", odd=False) == []


def test_few_points_do_not_alias_into_wrong_terms() -> None:
    theta = np.linspace(0, 180, 7)
    found = harmonics(theta, np.cos(2 * np.radians(theta)), "θ", odd=False)
    assert found[0].name == "cos 2θ"
    assert found[0].amplitude == pytest.approx(1)
    assert found[0].share == pytest.approx(1)
