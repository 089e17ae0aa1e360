"""Switching rates by forward flux sampling against Brown's equation, over more decades than one can wait for."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy.constants import k as k_b
from scipy.constants import mu_0
from scipy.integrate import quad

from smtj_engine.dynamics.cells import build
from smtj_engine.dynamics.escape_laws import depopulation, laws
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


def biaxial(volume: float, damping: float, q_par: float = 0.2) -> Magnet:
    """Two wells with two passes between them."""
    return Magnet(volume=volume, damping=damping, q_par=q_par, q_perp=1 + Q)


@pytest.mark.parametrize(("one", "drive"), [
    (biaxial(800.0, 0.05), WARM), (biaxial(900.0, 0.02), Drive(temperature=300.0, h_x=0.01))])
def test_kramers_law_is_that_of_the_sampled_rate(one: Magnet, drive: Drive) -> None:
    """Where energy is lost slowly (A(δ) ≈ 0.3 and less) too, over two passes alike or one that is lower."""
    data = switching_rate(one, drive, theta0_deg=5.0, count=256).data
    found, error = (float(data[name] / data["kramers"]) for name in ("mean_rate", "rate_error"))
    assert abs(found - 1) < max(4 * error, 0.2)
    assert error < 0.25 and np.isnan(float(data["brown"])) and float(data["barrier"]) > 5


@pytest.mark.slow
@pytest.mark.parametrize(("volume", "damping"), [(1000.0, 0.003), (1000.0, 0.01), (1000.0, 0.1), (1000.0, 0.5),
                                                 (2000.0, 0.05), (3000.0, 0.05)])
def test_kramers_law_holds_at_every_damping_and_over_ten_decades(volume: float, damping: float) -> None:
    data = switching_rate(biaxial(volume, damping), WARM, count=1024).data
    found, error = (float(data[name] / data["kramers"]) for name in ("mean_rate", "rate_error"))
    assert abs(found - 1) < 4 * error + 0.15    # the law is one of high barriers


def test_depopulation_has_both_its_limits() -> None:
    """δ where hardly any energy is lost, 1 where much is; −0.82 √δ is the first correction (Mel'nikov, 1991)."""
    for delta in (1e-6, 1e-4, 1e-2):
        assert depopulation(delta) == pytest.approx(delta * np.exp(-0.82 * np.sqrt(delta)), rel=2e-3 + delta)
    assert depopulation(50.0) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(("sigma", "damping", "h"), [(2.5, 0.5, 0.0), (9.0, 0.1, -0.05), (60.0, 0.01, 0.03)])
def test_browns_equation_is_integrated(sigma: float, damping: float, h: float) -> None:
    one, drive = magnet(sigma, damping), Drive(temperature=300.0, h_z=h)
    spins, xi = build(one, drive, None).spins, 2 * sigma / Q
    law = laws(spins, xi, np.array([0.0, 0.0, 1.0]))
    assert law.brown * first_passage(sigma, damping, h) == pytest.approx(1, rel=1e-4)
    assert law.barrier == pytest.approx(sigma * (1 + h / Q) ** 2, rel=1e-3) and np.isnan(law.kramers)
    other = dataclasses.replace(drive, h_z=-h)      # the same from the other pole
    mirrored = laws(build(one, other, None).spins, xi, np.array([0.0, 0.0, -1.0]))
    assert mirrored.brown == pytest.approx(law.brown, rel=1e-9)


def test_a_sweep_is_the_rates_at_its_values() -> None:
    one, arguments = magnet(4.0, 0.5), {"count": 32, "repeats": 3}
    swept = switching_rate(one, WARM, over=("drive.temperature", [250.0, 300.0]), **arguments).data
    single = switching_rate(one, WARM, **arguments).data
    assert swept["rate"].dims == ("over", "repeat") and swept["over"].attrs["units"] == "K"
    for name in ("rate", "mean_rate", "rate_error", "brown", "barrier", "origins"):
        np.testing.assert_array_equal(swept[name][1], single[name])
    assert float(swept["barrier"][0]) == pytest.approx(4.0 * 300 / 250)
    torque = switching_rate(biaxial(100.0, 0.01), WARM, over=("drive.tau_par", [-0.0018, 0.0]), **arguments)
    assert np.isnan(torque.data["mean_rate"][0]) and float(torque.data["mean_rate"][1]) > 0
    assert any("no state is stable" in note for note in torque.notes)


def test_what_there_is_of_a_stopped_sweep_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtj_engine.dynamics.rare._INTERVAL", 0.0)
    one, arguments = magnet(4.0, 0.5), {"count": 32, "repeats": 3, "over": ("drive.temperature", [250.0, 300.0])}

    def stop(fraction: float, note: str = "", partial: object = None) -> None:
        if fraction > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled) as raised:
        switching_rate(one, WARM, monitor=stop, **arguments)
    kept = raised.value.partial
    assert kept is not None
    rates, whole = kept.data["rate"].values, switching_rate(one, WARM, **arguments).data["rate"].values
    there = np.isfinite(rates)
    assert 0 < there.sum() < 6
    np.testing.assert_array_equal(rates[there], whole[there])


def test_too_few_paths_are_told() -> None:
    few = switching_rate(biaxial(2000.0, 0.1), WARM, count=32, repeats=2)
    assert float(few.data["origins"]) < 4 and any("Take more paths" in note for note in few.notes)


def test_it_can_be_stopped_and_says_what_it_leaves_out() -> None:
    def stop(fraction: float, note: str = "", partial: object = None) -> None:
        if note == "rate":
            raise Cancelled

    with pytest.raises(Cancelled):
        switching_rate(magnet(19.0, 0.1), WARM, count=4096, monitor=stop)
    moved = Drive(temperature=300.0, waveform=Waveform(target="h_z", level=0.1))
    notes = switching_rate(magnet(3.0, 0.5), moved, count=64, repeats=2).notes
    assert notes and all("waveform" in note for note in notes)


@pytest.mark.parametrize(("one", "drive", "arguments", "field", "word"), [
    (Magnet(), WARM, {}, "magnet.volume", "needs the volume"),
    (magnet(5.0, 0.5), Drive(), {}, "drive.temperature", "above 0 K"),
    (magnet(5.0, 0.5), WARM, {"count": 3}, "count", "at least 16"),
    (magnet(5.0, 0.5), WARM, {"repeats": 1}, "repeats", "at least 2"),
    (magnet(5.0, 0.5), WARM, {"over": ("magnet.mu0_ms", [1.0])}, "over", "must be one of"),
    (magnet(5.0, 0.5), WARM, {"over": ("drive.temperature", [])}, "over", "at least one value"),
    (magnet(5.0, 0.5), WARM, {"over": ("drive.temperature", [0.0, 300.0])}, "drive.temperature", "above 0 K"),
    (Magnet(volume=100.0), Drive(temperature=300.0, tau_par=-0.0018), {}, "theta0_deg", "no stable state")])
def test_bad_input_is_explained(one: Magnet, drive: Drive, arguments: dict[str, Any], field: str,
                                word: str) -> None:
    with pytest.raises(ParameterError, match=word) as raised:
        switching_rate(one, drive, **arguments)
    assert raised.value.field == field
