"""The closed form of the limit cycles against published check values and against integration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from smtj_engine.dynamics.cells import build
from smtj_engine.dynamics.classify import IPP, OPP, classify
from smtj_engine.dynamics.fields import slope
from smtj_engine.dynamics.lanes import run
from smtj_engine.dynamics.limit_cycles import cycle, limit_cycles, thresholds
from smtj_engine.parameters import Drive, Magnet
from smtj_engine.schema import ParameterError
from tests.engine.dynamics.magnets import Array, biaxial


@pytest.mark.parametrize(("w", "tau", "frequency"), [
    (0.21, -0.001993709, 0.01175968), (0.19, -0.003112274, 0.01223317), (0.15, -0.003905569, 0.02008177)])
def test_check_values(w: float, tau: float, frequency: float) -> None:
    """physics.md, section 6, at η = 0.01, Q∥ = 0.2, Q_eff = 0.25."""
    found, period, _ = cycle(Magnet(), np.array([w]))
    np.testing.assert_allclose(found, tau, atol=6e-10)
    np.testing.assert_allclose(1 / period, frequency, atol=6e-9)


@given(biaxial())
def test_branches_end_at_the_thresholds_and_are_stable(magnet: Magnet) -> None:
    data = limit_cycles(magnet, Drive()).data
    upper, middle, lower = data["threshold"].values
    np.testing.assert_array_equal(data["threshold"], thresholds(magnet))
    tau = data["tau_par"].values
    assert np.all(np.diff(tau) > 0)
    assert bool(data["stable"].all())
    np.testing.assert_allclose(tau[[0, -1]], [lower, upper], rtol=1e-6)
    inner = data["tau_par"].values[data["branch"].values == IPP]
    assert inner.max() <= middle * (1 - 1e-12)
    assert data["tau_par"].values[data["branch"].values == OPP].min() >= middle
    q_eff = magnet.q_perp - magnet.n_z
    edge = np.sqrt([magnet.q_par * q_eff, q_eff * (q_eff - magnet.q_par)]) / (2 * np.pi)  # small oscillations
    ends = data["frequency"].values[[0, -1]]
    np.testing.assert_allclose(ends * 1e9 / (1.76085962784e11 * magnet.mu0_ms), edge, rtol=1e-6)


def test_the_frequency_dips_to_zero_at_the_separatrix() -> None:
    data = limit_cycles(Magnet(), Drive()).data
    frequency, outer = data["frequency"].values, data["branch"].values == OPP
    assert np.all(np.diff(frequency[outer]) > 0)   # df/dτ > 0 on OPP
    assert np.all(np.diff(frequency[~outer]) < 0)  # and < 0 on IPP
    assert frequency.min() < 0.15 * frequency.max()


@given(biaxial(), st.floats(0.02, 0.98))
def test_the_cycle_at_the_drive_is_on_the_branch(magnet: Magnet, part: float) -> None:
    upper, _, lower = thresholds(magnet)
    tau = lower + part * (upper - lower)
    data = limit_cycles(magnet, Drive(tau_par=tau)).data
    found = cycle(magnet, np.array([float(data["w_now"])]))[0][0]
    assert abs(found - tau) < 1e-6 * abs(tau)


@pytest.mark.parametrize(("magnet", "drive", "word"), [
    (Magnet(q_perp=0.75), Drive(), "Q_eff = Q⊥ − N_z = -0.25"), (Magnet(q_par=-0.1), Drive(), "0 < Q∥ < Q_eff"),
    (Magnet(), Drive(law="constant"), "constant law"), (Magnet(), Drive(law="transport"), "transport law"),
    (Magnet(), Drive(tau_perp=0.01), "perpendicular torque"), (Magnet(), Drive(h_y=0.1), "field")])
def test_outside_its_domain_it_is_empty_with_a_reason(magnet: Magnet, drive: Drive, word: str) -> None:
    data = limit_cycles(magnet, drive).data
    assert data.sizes["w"] == 0
    assert word in data.attrs["reason"]
    assert np.isnan(data["threshold"]).all()


def test_what_is_no_magnet_is_refused() -> None:
    with pytest.raises(ParameterError, match="must be a Magnet"):
        limit_cycles(Drive(), Drive())  # type: ignore[arg-type]


def test_no_cycle_at_a_stable_drive() -> None:
    assert np.isnan(limit_cycles(Magnet(), Drive(tau_par=0.001)).data["frequency_now"])


@settings(max_examples=12)
@given(biaxial(most_part=0.85), st.integers(0, 2**31))
def test_integration_meets_the_frequency(magnet: Magnet, seed: int) -> None:
    """|f_sim/f_theory − 1| ≤ 1e-4 + 2η² outside 3 % of the separatrix, from starts on the predicted cycles.

    The theory is of first order in η; what it leaves out is below 2η² up to Q∥/Q_eff = 0.85 and reaches 4η² at 0.9
    and 11η² at 0.95 (see the next test), where the two frequencies of small oscillations lie far apart.
    """
    q, q_eff = magnet.q_par, magnet.q_perp - magnet.n_z
    rng = np.random.default_rng(seed)
    w = np.concatenate([rng.uniform(0.05, 0.97, 16) * q, q + (q_eff - q) * rng.uniform(0.03, 0.95, 16)])
    w = w[np.abs(w / q - 1) > 0.03]
    tau, period, _ = cycle(magnet, w)
    spins = build(magnet, Drive(), None, {"drive.tau_par": tau}, len(tau)).spins
    z = np.sqrt(w / q_eff)
    start = np.stack([np.zeros_like(z), np.sqrt(1 - z * z), z], axis=1)  # m_x = 0 on every contour
    duration = np.full(len(w), 60 / (magnet.damping * q))
    runs = run(spins, start, duration, lambda: None, phase=0.3)
    state, found = classify(spins, runs, duration)
    np.testing.assert_array_equal(state, np.where(w > q, OPP, IPP))
    assert np.abs(period / found - 1).max() <= 1e-4 + 2 * magnet.damping**2


@pytest.mark.parametrize("damping", [0.1, 0.05])
def test_what_the_first_order_leaves_out_is_of_second_order(damping: float) -> None:
    """At Q∥/Q_eff = 0.9 an independent integrator shows the same deviation from the theory, ∝ η²."""
    magnet = Magnet(q_perp=2.0, q_par=0.9, damping=damping)
    tau, period, _ = cycle(magnet, np.array([0.68]))
    spins = build(magnet, Drive(tau_par=float(tau[0])), None).spins
    start = np.array([[0.0, np.sqrt(1 - 0.68), np.sqrt(0.68)]])
    duration = np.array([80 / damping])
    _, found = classify(spins, run(spins, start, duration, lambda: None, phase=0.3), duration)

    def crosses(time: float, m: Array) -> float:
        return float(m[0])

    crosses.direction = 1.0  # type: ignore[attr-defined]
    other = solve_ivp(lambda _, m: slope(spins, m[None] / np.linalg.norm(m))[0], (0.0, duration[0]), start[0],
                      method="DOP853", rtol=1e-10, atol=1e-12, events=crosses).t_events[0]
    assert abs(found[0] / np.diff(other)[-10:].mean() - 1) < 1e-5
    assert period[0] / found[0] - 1 == pytest.approx(3.95 * damping**2, rel=0.1)
