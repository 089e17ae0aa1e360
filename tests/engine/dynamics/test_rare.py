"""Switching rates by forward flux sampling against Brown's equation, over more decades than one can wait for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.constants import k as k_b
from scipy.constants import mu_0
from scipy.integrate import quad

from smtj_engine.dynamics.rare import switching_rate
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Drive, Magnet, Waveform
from smtj_engine.schema import ParameterError

WARM, Q, UNIT = Drive(temperature=300.0), 0.25, 1 / (176.085962784 * 1.6)


def magnet(sigma: float, damping: float) -> Magnet:
    """Uniaxial along z with a barrier of σ k_BT."""
    volume = 2 * sigma / Q * k_b * 300 * mu_0 / 1.6**2 * 1e27
    return Magnet(volume=volume, damping=damping, q_par=0.0, q_perp=1 + Q)


def first_passage(sigma: float, damping: float, h: float = 0.0) -> float:
    """Mean time (ns) until m_z < −½ from the pole: Brown's Fokker-Planck equation about an axis, integrated; h: a
    field along it, or a torque of the constant law divided by η."""
    xi = 2 * sigma / Q

    def outer(z: float) -> float:
        def weight(u: float) -> float:
            return float(np.exp(xi * (Q * (u * u - z * z) / 2 + h * (u - z))))

        return float(quad(weight, z, 1, limit=200)[0] / (1 - z * z))

    return float(quad(outer, -0.5, 1 - 1e-6, limit=200, points=[0.0])[0]) * xi * (1 + damping**2) / damping * UNIT


def ratio(sigma: float, damping: float, drive: Drive = WARM, h: float = 0.0,
          **arguments: Any) -> tuple[float, float]:
    """The rate and its error, in terms of the exact one."""
    exact = first_passage(sigma, damping, h)
    data = switching_rate(magnet(sigma, damping), drive, **{"theta0_deg": 1.0, **arguments}).data
    assert float(data["switching_wait"]) == pytest.approx(1 / float(data["mean_rate"]))
    return float(data["mean_rate"]) * exact, float(data["rate_error"]) * exact


def test_a_rare_switching_is_as_rare_as_browns() -> None:
    found, error = ratio(9.0, 0.5, count=256)
    assert abs(found - 1) < 4 * error
    assert error < 0.25


@pytest.mark.parametrize("kind", ["field", "torque"])
def test_a_field_and_a_torque_lower_the_barrier(kind: str) -> None:
    """A torque of the constant law has no energy, but about an axis it acts as the field τ∥/η."""
    h, damping = -0.05, 0.5
    drive = Drive(temperature=300.0, h_z=h) if kind == "field" else Drive(
        temperature=300.0, law="constant", tau_par=h * damping)
    found, error = ratio(9.0, damping, drive, h, count=256)
    assert abs(found - 1) < 4 * error
    assert error < 0.2
    assert first_passage(9.0, damping) > 10 * first_passage(9.0, damping, h)


@pytest.mark.slow
def test_rates_over_seven_decades_are_browns_and_kramers() -> None:
    """Each within 4 standard errors, and within 30 %; the rarest within 30 % of the high barrier's closed form."""
    waits = []
    for sigma, damping in ((2.5, 0.5), (7.0, 0.1), (12.0, 0.5), (19.5, 0.5), (19.5, 0.1)):
        found, error = ratio(sigma, damping, count=1024)
        assert abs(found - 1) < min(4 * error, 0.3)
        waits.append(first_passage(sigma, damping))
        if sigma > 15:
            kramers = damping / (1 + damping**2) * Q * np.sqrt(sigma / np.pi) * np.exp(-sigma) / UNIT
            assert found == pytest.approx(kramers * waits[-1], rel=0.3)
    assert max(waits) > 1e7 * min(waits)


def test_an_estimate_depends_on_seed_and_number_alone() -> None:
    one, arguments = magnet(5.0, 0.5), {"count": 32}
    few, many = (switching_rate(one, WARM, repeats=n, **arguments).data["rate"].values for n in (2, 4))
    np.testing.assert_array_equal(few, many[:2])
    assert len(set(many)) == 4
    other = switching_rate(one, WARM, repeats=2, seed=1, **arguments)
    assert other.provenance.seed == 1 and set(other.data["rate"].values).isdisjoint(many)


def test_it_can_be_stopped_and_says_what_it_leaves_out() -> None:
    def stop(fraction: float, note: str = "", partial: object = None) -> None:
        if note == "rate":
            raise Cancelled

    with pytest.raises(Cancelled):
        switching_rate(magnet(19.0, 0.1), WARM, count=4096, monitor=stop)
    moved = Drive(temperature=300.0, waveform=Waveform(target="h_z", level=0.1))
    notes = switching_rate(magnet(3.0, 0.5), moved, count=16, repeats=2).notes
    assert notes and all("waveform" in note for note in notes)


@pytest.mark.parametrize(("one", "drive", "arguments", "field", "word"), [
    (Magnet(), WARM, {}, "magnet.volume", "needs the volume"),
    (magnet(5.0, 0.5), Drive(), {}, "drive.temperature", "above 0 K"),
    (magnet(5.0, 0.5), WARM, {"count": 3}, "count", "at least 16"),
    (magnet(5.0, 0.5), WARM, {"repeats": 1}, "repeats", "at least 2"),
    (Magnet(volume=100.0), Drive(temperature=300.0, tau_par=-0.0018), {}, "theta0_deg", "no stable state")])
def test_bad_input_is_explained(one: Magnet, drive: Drive, arguments: dict[str, Any], field: str,
                                word: str) -> None:
    with pytest.raises(ParameterError, match=word) as raised:
        switching_rate(one, drive, **arguments)
    assert raised.value.field == field
