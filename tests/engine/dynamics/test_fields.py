"""Field, Jacobian, equilibria and growth rates against finite differences and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from smtj_engine.dynamics import fields
from smtj_engine.dynamics.cells import build
from smtj_engine.dynamics.fields import Spins
from smtj_engine.dynamics.limit_cycles import thresholds
from smtj_engine.parameters import Drive, Magnet
from tests.engine.dynamics.magnets import Array, any_spin, biaxial, direction


@given(any_spin() | any_spin(beta=True), direction())
def test_the_slope_is_tangent_and_solves_gilberts_equation(spin: Spins, m: Array) -> None:
    slope = fields.slope(spin, m)
    f, t, _, _ = fields.amplitudes(spin, m)
    z = np.array([0.0, 0.0, 1.0])
    right = (-np.cross(m, fields.effective_field(spin, m)) + spin.eta[:, None] * np.cross(m, slope)
             + f[:, None] * np.cross(m, np.cross(z, m)) + t[:, None] * np.cross(z, m))
    assert abs((m * slope).sum()) < 1e-13
    np.testing.assert_allclose(slope, right, atol=1e-12)


@given(any_spin() | any_spin(beta=True), direction())
def test_the_jacobian_is_the_derivative(spin: Spins, m: Array) -> None:
    exact = fields.jacobian(spin, m)[0]
    step = 1e-5
    numeric = np.stack([(fields.slope(spin, m + step * axis) - fields.slope(spin, m - step * axis))[0] / (2 * step)
                        for axis in np.eye(3)], axis=1)
    np.testing.assert_allclose(exact, numeric, atol=2e-7)


def _growth(magnet: Magnet, tau: float, m: tuple[float, float, float]) -> float:
    spin = build(magnet, Drive(tau_par=tau), None).spins
    return float(fields.growth_rates(spin, np.array([m])).real.max())


@given(biaxial())
def test_thresholds_are_where_the_linear_growth_vanishes(magnet: Magnet) -> None:
    perpendicular, _, in_plane = thresholds(magnet)
    for expected, m in ((perpendicular, (0.0, 0.0, 1.0)), (perpendicular, (0.0, 0.0, -1.0)),
                        (in_plane, (0.0, 1.0, 0.0)), (in_plane, (0.0, -1.0, 0.0))):
        found = brentq(lambda tau, m=m: _growth(magnet, tau, m), 1.4 * expected, 0.6 * expected, xtol=1e-16)
        assert abs(found - expected) < 1e-9


@given(biaxial())
def test_without_torque_the_energy_falls_along_the_slope(magnet: Magnet) -> None:
    spin = build(magnet, Drive(h_x=0.03, h_z=-0.02), None).spins
    rng = np.random.default_rng(1)
    m = rng.normal(size=(50, 3))
    m /= np.linalg.norm(m, axis=1, keepdims=True)
    many = spin.take(np.zeros(50, dtype=int))
    field = fields.effective_field(many, m)
    assert ((field * fields.slope(many, m)).sum(axis=1) >= -1e-16).all()  # dE/dt = −h·dm/dt


def test_a_biaxial_magnet_has_six_equilibria_and_two_are_stable() -> None:
    m, rates = fields.equilibria(build(Magnet(), Drive(), None).spins)
    expected = [(0, 0, 1), (1, 0, 0), (0, 1, 0), (0, -1, 0), (-1, 0, 0), (0, 0, -1)]
    np.testing.assert_allclose(m, expected, atol=1e-9)
    assert [bool((rate.real < 0).all()) for rate in rates] == [True, False, False, False, False, True]


@given(any_spin())
def test_equilibria_are_at_rest(spin: Spins) -> None:
    m, _ = fields.equilibria(spin, starts=30)
    many = spin.take(np.zeros(len(m), dtype=int))
    assert np.linalg.norm(fields.slope(many, m), axis=1).max(initial=0.0) < 1e-11


@pytest.mark.parametrize(("turn", "law", "holds"), [
    ((-1, -1, 1), "cosine", True), ((1, -1, -1), "cosine", True), ((-1, 1, -1), "cosine", True),
    ((-1, -1, 1), "constant", True), ((1, -1, -1), "constant", False), ((-1, -1, -1), "cosine", False)])
@given(m=direction(), tau=st.floats(-0.5, 0.5).filter(lambda tau: abs(tau) > 0.01))
def test_twofold_rotations(turn: tuple[int, int, int], law: str, holds: bool, m: Array, tau: float) -> None:
    spin = build(Magnet(damping=0.1), Drive(tau_par=tau, tau_perp=0.3, law=law), None).spins
    gap = np.abs(fields.slope(spin, m * turn) - turn * fields.slope(spin, m)).max()
    assert (gap < 1e-14) == holds
