"""Laws of the integrated observables (physics.md, section 5) over random junctions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from scipy import integrate

from smtj_engine.constants import E2_H, HBAR2_2M, K_B, PER_A2_IN_PER_UM2
from smtj_engine.parameters import Junction
from smtj_engine.transport import barrier_kernels, cell_kernels, kernels, window_kernels
from smtj_engine.transport.barrier import Model, model
from smtj_engine.transport.energy import interface_energy
from smtj_engine.transport.observables import RULES, Angles, sea, solve
from smtj_engine.transport.quadrature import azimuths, gauss, tailed_gauss
from smtj_engine.transport.sweeps import TransportPoint, angular_curve, bias_sweep, transport_point
from tests.engine.transport.strategies import angles, junctions

few = settings(deadline=None, max_examples=15)


def _change(junction: Junction, **changes: object) -> Junction:
    return dataclasses.replace(junction, **changes)  # type: ignore[arg-type]


def _same(first: TransportPoint, second: TransportPoint, rel: float = 1e-8) -> None:
    torque = np.hypot(first.torque_par, first.torque_perp)
    assert second.current_density == pytest.approx(first.current_density, rel=rel, abs=1e-300)
    assert second.conductance == pytest.approx(first.conductance, rel=rel)
    assert second.torque_par == pytest.approx(first.torque_par, abs=rel * torque + 1e-12)
    assert second.torque_perp == pytest.approx(first.torque_perp, abs=rel * torque + 1e-12)


def _converged(junction: Junction, angle: tuple[float, float]) -> None:
    """Nodes are chosen by error control: a finer rule changes nothing beyond the promised digits."""
    normal = transport_point(junction, *angle)
    assume(not normal.notes)  # bound states have a test of their own
    fine = transport_point(junction, *angle, accuracy="reference")
    assert normal.current_density == pytest.approx(fine.current_density, rel=1e-6, abs=1e-300)
    assert normal.conductance == pytest.approx(fine.conductance, rel=1e-6)
    assert normal.torque_perp == pytest.approx(fine.torque_perp, rel=1e-6)
    assert (normal.torque_par == pytest.approx(fine.torque_par, rel=1e-4)
            or abs(normal.torque_par - fine.torque_par) <= 1e-8 * abs(fine.torque_perp))


@given(junctions(strongest=0.9, thickest=4.0, hot=False), angles)
@example(Junction(k_up=1.0, k_down=0.5, k_normal=1.5, barrier_mass=1.0, barrier_thickness=1.0, rashba=5.225,
                  bias=-1.0), (2.0, 0.0))   # F binds a state where its last channel opens, among the channels of N
@few
def test_normal_accuracy_agrees_with_reference_accuracy(junction: Junction, angle: tuple[float, float]) -> None:
    _converged(junction, angle)


@pytest.mark.parametrize("apart", [0.0, 1e-16, -1e-12, 1e-10, -1e-10, -1e-9, 1e-8])
@pytest.mark.parametrize(("bias", "temperature"), [(0.0, 300.0), (0.5, 0.0), (0.5, 300.0), (-0.5, 300.0)])
@pytest.mark.parametrize("same", [1.09, 0.4])
def test_nothing_happens_where_two_channels_open_together(
        same: float, bias: float, temperature: float, apart: float) -> None:
    """As with k_N = k↑: the interval between the openings has no width, or one of rounding errors."""
    squared = same**2 - bias / HBAR2_2M + apart
    if squared <= 0:
        pytest.skip("the bias takes N's band away")
    junction = Junction(k_up=1.09, k_down=0.4, k_normal=squared**0.5, bias=bias, temperature=temperature,
                        rashba=2.0)
    beside = _change(junction, k_normal=(squared + 1e-6)**0.5)
    _same(transport_point(beside, 40.0, 10.0), transport_point(junction, 40.0, 10.0), rel=1e-4)


@given(junctions(strongest=0.6, thickest=1.0, dresselhaus=False), angles)
@few
def test_accuracy_at_any_temperature(junction: Junction, angle: tuple[float, float]) -> None:
    _converged(junction, angle)


@given(junctions(dresselhaus=False, biased=False), angles)
@example(Junction(k_up=1.25, k_down=0.625, k_normal=1.5, barrier_thickness=2.0, barrier_mass=1.6, rashba=3.859375),
         (6.0, 0.0))  # F binds a state among the channels of N: a wave there hits it exactly
@few
def test_only_the_perpendicular_torque_without_bias(junction: Junction, angle: tuple[float, float]) -> None:
    point = transport_point(junction, *angle)
    assert abs(point.torque_par) <= 1e-9 * abs(point.torque_perp)
    assert point.current_density == 0


@given(junctions(), angles)
@few
def test_sign_of_both_spin_orbit_fields_does_not_matter(junction: Junction, angle: tuple[float, float]) -> None:
    _same(transport_point(junction, *angle),
          transport_point(_change(junction, rashba=-junction.rashba, dresselhaus=-junction.dresselhaus), *angle))


@given(junctions(dresselhaus=False), angles)
@few
def test_rashba_alone_does_not_know_the_azimuth(junction: Junction, angle: tuple[float, float]) -> None:
    _same(transport_point(junction, angle[0], 0.0), transport_point(junction, *angle), 1e-7)


@given(junctions(), angles)
@few
def test_twofold_rotation_about_the_normal(junction: Junction, angle: tuple[float, float]) -> None:
    _same(transport_point(junction, *angle), transport_point(junction, angle[0], angle[1] + 180.0))


@given(junctions(), angles)
@few
def test_mirror_plane_of_rashba_and_dresselhaus(junction: Junction, angle: tuple[float, float]) -> None:
    """C2v: reflection at the (110) plane, φ → 90° − φ, keeps scalars; the axial M also turns over."""
    here, there = transport_point(junction, *angle), transport_point(junction, 180 - angle[0], 90.0 - angle[1])
    assert there.current_density == pytest.approx(here.current_density, rel=1e-8, abs=1e-300)
    assert there.conductance == pytest.approx(here.conductance, rel=1e-8)


@given(junctions(), angles)
@few
def test_no_torque_without_spin_orbit_interaction(junction: Junction, angle: tuple[float, float]) -> None:
    bare = _change(junction, rashba=0.0, dresselhaus=0.0)
    point, axis = transport_point(bare, *angle), transport_point(bare, 0.0)
    assert point.torque_perp == 0
    assert point.torque_par == pytest.approx(0, abs=1e-12 * abs(point.spin_current).max() + 1e-300)
    assert point.conductance == pytest.approx(axis.conductance, rel=1e-10)


@given(junctions())
@few
def test_no_torque_along_the_normal_and_in_the_plane(junction: Junction) -> None:
    bare = _change(junction, dresselhaus=0.0)
    size = abs(transport_point(bare, 45.0).torque_perp)
    for theta in (0.0, 90.0, 180.0):
        point = transport_point(bare, theta)
        assert max(abs(point.torque_par), abs(point.torque_perp)) <= 1e-12 * size + 1e-25


@given(junctions(hot=True))
@few
def test_conductance_is_the_slope_of_the_current(junction: Junction) -> None:
    """dI/dV with the barrier and α(V) following V, against central differences of fourth order."""
    assume(abs(junction.bias) < 1.9 and junction.temperature > 0)
    steep = _change(junction, rashba_slope=0.1)
    step = 5e-4
    current = {n: transport_point(_change(steep, bias=steep.bias + n * step), 60.0, 20.0,
                                  accuracy="reference").current_density for n in (-2, -1, 1, 2)}
    slope = (current[-2] - 8 * current[-1] + 8 * current[1] - current[2]) / (12 * step)
    size = max(abs(value) for value in current.values()) / step
    assert transport_point(steep, 60.0, 20.0).conductance == pytest.approx(slope, rel=2e-5, abs=1e-9 * size)


def _energy(one: Model, theta: float, phi: float) -> float:
    """Ω(θ, φ) − Ω(0) in eV/µm², straight from its definition: ln det(θ)/det(0) on a contour, numpy only.

    Each pair of opposite azimuths gives det₊det₋/c², whose logarithm never leaves the principal branch.
    """
    start = -one.exchange - one.bias - 3.0
    u, weights = gauss(64)
    arm = (one.fermi - start) / 2 * np.exp(1j * np.pi * (1 - u))
    energies, weights_e = (one.fermi + start) / 2 + arm, -1j * np.pi * arm * weights
    v, weights_v = gauss(96)
    k = 0.8 * v / (1 - v) * np.exp(-0.5j)
    weights_k = k * 0.8 / (1 - v) ** 2 * np.exp(-0.5j) * weights_v
    azimuth = np.pi * (np.arange(48) + 0.5) / 48
    s = -np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi)])
    total = 0.0
    for e, weight_e in zip(energies, weights_e, strict=True):
        for kk, weight in zip(k, weights_k, strict=True):
            lam = barrier_kernels.barrier_complex(e, kk * kk, np.array(one.numbers))
            up, down = (np.sqrt((e + sign * one.exchange) / HBAR2_2M - kk * kk) for sign in (1, -1))
            up, down = (q if q.imag > 0 else -q for q in (up, down))
            a, delta = lam + 0.5j * (up + down), (up - down) / 2
            wx = (one.rashba * np.sin(azimuth) + one.dresselhaus * np.cos(azimuth)) * kk / HBAR2_2M
            wy = -(one.rashba * np.cos(azimuth) + one.dresselhaus * np.sin(azimuth)) * kk / HBAR2_2M
            c = a * a + delta * delta - wx * wx - wy * wy
            b = 2j * delta * (s[0] * wx + s[1] * wy)
            total += (weight_e * weight * np.mean(0.5 * np.log(1 - (b / c) ** 2))).imag
    return float(PER_A2_IN_PER_UM2 * total / (2 * np.pi**2))


@pytest.mark.parametrize("junction", [Junction(), Junction(rashba=3.0, dresselhaus=1.5),
                                      Junction(rashba=0.5, dresselhaus=2.0, barrier_thickness=1.5, k_normal=1.2)])
def test_equilibrium_torque_is_the_gradient_of_the_energy(junction: Junction) -> None:
    one, theta, phi, step = model(junction), np.radians(55.0), np.radians(20.0), 2e-2
    point = transport_point(junction, 55.0, 20.0)

    def slope(values: dict[int, float]) -> float:
        return (values[-2] - 8 * values[-1] + 8 * values[1] - values[2]) / (12 * step)

    along_theta = slope({n: _energy(one, theta + n * step, phi) for n in (-2, -1, 1, 2)})
    along_phi = slope({n: _energy(one, theta, phi + n * step) for n in (-2, -1, 1, 2)})
    size = abs(point.torque_perp) + abs(point.torque_par)
    assert point.torque_perp == pytest.approx(-along_theta, abs=2e-6 * size)
    assert point.torque_par == pytest.approx(-along_phi / np.sin(theta), abs=2e-6 * size)
    if junction.dresselhaus == 0:
        omega = interface_energy(junction, theta_deg=[0.0, 55.0, 90.0]).data["omega"].values
        assert omega == pytest.approx(np.array([0.0, _energy(one, theta, 0), _energy(one, np.pi / 2, 0)])
                                      * 1.602176634e-4, rel=1e-6, abs=1e-9)


def test_sea_filled_on_the_real_axis_equals_the_contour() -> None:
    """Sea and window: adding the density between µ_N and µ_F to the sea up to µ_N gives the sea up to µ_F."""
    one, rule = model(Junction(bias=0.4, dresselhaus=1.0)), RULES["normal"]
    where = Angles.degrees([30.0, 70.0], 25.0)
    lower, upper = sea(one, one.mu_n, where, rule), sea(one, one.fermi, where, rule)
    numbers, total = np.array(one.numbers), np.zeros((2, 2))
    nodes, weights = gauss(24)
    v, weights_v = gauss(60)
    kernels.sea(one.mu_n + 0.4 * nodes + 0j, 0.4 * weights + 0j, np.full(24, np.exp(-0.7j)), v / (1 - v),
                weights_v / (1 - v) ** 2, numbers, where.rows, azimuths(), 1e-7, total)
    assert lower - PER_A2_IN_PER_UM2 / (2 * np.pi**2) * total == pytest.approx(upper, rel=1e-8)


def test_window_from_either_electrode_is_the_same() -> None:
    """∫f_N(Q^F+Q^N) + ∫(f_F−f_N)Q^F is identically ∫f_F(Q^F+Q^N) + ∫(f_N−f_F)Q^N."""
    from smtj_engine.transport import observables

    where, rule = Angles.degrees([20.0, 65.0], 30.0), RULES["reference"]
    for junction in (Junction(bias=0.7), Junction(bias=-1.2, dresselhaus=1.0, temperature=200.0)):
        one = model(junction)
        from_n = observables._window(one, where, rule, False, lambda: None)
        from_n[:, [3, 2]] += sea(one, one.fermi, where, rule)
        from_f = observables._window(one, where, rule, True, lambda: None)
        from_f[:, [3, 2]] += sea(one, one.mu_n, where, rule)
        assert from_f == pytest.approx(from_n, rel=1e-8)


def test_temperature_smears_the_current() -> None:
    """I(T) and G(T) against scipy's quadrature over energy of the transmission at single energies."""
    junction = Junction(bias=0.3, temperature=300.0)
    one, kt = model(junction), K_B * 300.0
    where = Angles.degrees(60.0, 0.0)

    def transmission(e: float) -> float:
        shifted = dataclasses.replace(one, bias=one.bias, thermal=0.0)
        cells = np.array([[e, e, 4, lo, hi, 0, 1, 0, 1] for lo, hi in
                          ((np.nan, -one.exchange), (-one.exchange, one.openings[1])) if e + hi > 0])
        out, errors = np.zeros((len(cells), 1, 5)), np.empty((len(cells), 2, 5))
        window_kernels.window(cells, *tailed_gauss(30), *tailed_gauss(30), np.array(shifted.numbers), 0.0,
                              where.rows, azimuths(), 1e-6, False, None, out, errors)
        return float(out[:, 0, 1].sum() * PER_A2_IN_PER_UM2 * E2_H / (2 * np.pi))

    def fermi(e: float) -> float:
        return float(1 / (1 + np.exp(e / kt)))

    expected, _ = integrate.quad(
        lambda e: transmission(e) * (fermi(e - one.fermi) - fermi(e - one.mu_n)), one.mu_n - 0.7, one.fermi + 0.9,
        points=[one.mu_n, one.fermi, one.exchange], epsrel=1e-9, limit=200)
    assert transport_point(junction, 60.0).current_density == pytest.approx(expected, rel=1e-7)


def test_smeared_sea_is_the_average_over_fermi_levels() -> None:
    """At T > 0 the sea is the T = 0 result smeared with −∂f/∂E at fixed V."""
    warm = model(Junction(bias=0.2, temperature=400.0))
    cold, where, rule = dataclasses.replace(warm, thermal=0.0), Angles.degrees(50.0, 0.0), RULES["normal"]

    def weighted(part: float) -> float:
        shifted = sea(cold, cold.fermi + part * warm.thermal, where, rule)[0, 0]
        return float(shifted / (4 * np.cosh(part / 2) ** 2))

    smeared = integrate.quad(weighted, -17.0, 25.0, epsrel=1e-8, limit=200)[0]  # band bottom 17.6 k_BT below
    assert sea(warm, warm.fermi, where, rule)[0, 0] == pytest.approx(smeared, rel=2e-7)


def test_contact_without_barrier_is_the_textbook_step() -> None:
    """d = 0, α = 0: T = 4k₁k₂/(k₁+k₂)² for each spin."""
    junction = Junction(barrier_thickness=0.0, rashba=0.0, k_normal=0.9)
    total = 0.0
    for k_spin in (junction.k_up, junction.k_down):
        def step(x: float, k_spin: float = k_spin) -> float:
            first, second = np.sqrt(k_spin**2 - x), np.sqrt(0.81 - x)
            return float(4 * first * second / (first + second) ** 2)
        total += integrate.quad(step, 0, min(k_spin, 0.9) ** 2, epsabs=1e-12, epsrel=1e-10)[0]
    conductance = E2_H * PER_A2_IN_PER_UM2 / (4 * np.pi) * total
    assert transport_point(junction, 30.0).conductance == pytest.approx(conductance, rel=1e-7)


def test_thin_barrier_goes_over_into_the_contact() -> None:
    contact = transport_point(Junction(barrier_thickness=0.0, bias=0.3), 40.0)
    thin = transport_point(Junction(barrier_thickness=1e-5, bias=0.3), 40.0)
    assert thin.current_density == pytest.approx(contact.current_density, rel=1e-4)
    assert thin.torque_par == pytest.approx(contact.torque_par, rel=1e-3)


def test_everything_starts_as_the_square_of_alpha() -> None:
    small = {alpha: (transport_point(Junction(rashba=alpha, bias=0.5), 45.0, accuracy="reference"),
                     float(angular_curve(Junction(rashba=alpha, bias=0.5), theta_deg=[0.0, 90.0],
                                         accuracy="reference").data["tamr"][-1])) for alpha in (0.01, 0.02)}
    for first, second in zip((small[0.01][0].torque_par, small[0.01][0].torque_perp, small[0.01][1]),
                             (small[0.02][0].torque_par, small[0.02][0].torque_perp, small[0.02][1]), strict=True):
        assert second / first == pytest.approx(4.0, rel=1e-4)


def test_angular_laws_at_small_alpha() -> None:
    data = angular_curve(Junction(rashba=0.05, bias=0.5), theta_deg=np.linspace(0, 180, 37)).data
    theta = np.radians(data["theta"].values)
    for name, law in (("tamr", (1 - np.cos(2 * theta)) / 2), ("torque_par", np.sin(2 * theta)),
                      ("torque_perp", np.sin(2 * theta))):
        values = data[name].values
        assert values == pytest.approx(law * np.abs(values).max(), abs=2e-4 * np.abs(values).max())


def test_in_plane_tamr_starts_as_alpha_beta_sin_two_phi() -> None:
    """Also its size: doubling α doubles it, and it vanishes with either."""
    phi = np.linspace(0, 360, 25)
    curves = {alpha: angular_curve(Junction(rashba=alpha, dresselhaus=0.05), theta_deg=90.0, phi_deg=phi,
                                   accuracy="reference").data["tamr"].values for alpha in (0.0, 0.05, 0.1)}
    size = np.abs(curves[0.1]).max()
    assert curves[0.05] == pytest.approx(curves[0.1] / 2, abs=1e-3 * size)
    law = np.sin(2 * np.radians(phi))
    assert curves[0.1] == pytest.approx(law * curves[0.1][3] / law[3], abs=1e-3 * size)
    assert np.abs(curves[0.0]).max() < 1e-12


@pytest.mark.parametrize("junction", [Junction(bias=0.6), Junction(rashba=5.0, dresselhaus=3.0, bias=-0.5),
                                      Junction(rashba=11.0)])
@pytest.mark.parametrize("dim", ["theta", "phi"])
def test_a_curve_from_few_directions_meets_directions_solved_one_by_one(junction: Junction, dim: str) -> None:
    grid = np.linspace(0.0, 180.0, 61)
    where = {"theta_deg": grid, "phi_deg": 25.0} if dim == "theta" else {"theta_deg": 65.0, "phi_deg": grid}
    data = angular_curve(junction, **where).data  # type: ignore[arg-type]
    for index in (4, 17, 38, 59):
        point = transport_point(junction, *((grid[index], 25.0) if dim == "theta" else (65.0, grid[index])))
        assert data["current_density"].values[index] == pytest.approx(point.current_density, rel=1e-7, abs=1e-300)
        assert data["conductance"].values[index] == pytest.approx(point.conductance, rel=1e-7)
        size = np.abs(data["torque_perp"].values).max() + np.abs(data["torque_par"].values).max()
        assert data["torque_perp"].values[index] == pytest.approx(point.torque_perp, abs=1e-7 * size)
        assert data["torque_par"].values[index] == pytest.approx(point.torque_par, abs=1e-7 * size)


def test_bound_states_are_reported_where_they_are() -> None:
    """Fe/MgO: from α between 10 and 11; m_b = 1: between 4 and 5; none at α ≤ 7 for m_b = 0.4."""
    def bound(**fields: float) -> bool:
        return any("bound_states" in note for note in transport_point(Junction(**fields), 45.0).notes)

    assert not bound(rashba=7.0)
    assert not bound(rashba=10.0)
    assert bound(rashba=11.0)
    assert not bound(rashba=4.0, barrier_mass=1.0)
    assert bound(rashba=5.0, barrier_mass=1.0)
    notes = bias_sweep(Junction(rashba=11.0), bias=[0.0, 0.5]).notes
    assert any("undefined" in note for note in notes)


def test_longitudinal_spin_current_has_the_sign_of_the_majority() -> None:
    """V > 0 drives majority electrons, whose spin is antiparallel to M, towards N."""
    point = transport_point(Junction(bias=0.5, rashba=0.0), 30.0)
    m = np.array([np.sin(np.pi / 6), 0.0, np.cos(np.pi / 6)])
    along = point.spin_current @ m
    assert along < 0
    assert point.spin_current == pytest.approx(along * m, abs=1e-9 * abs(along))


def test_every_column_is_solved_for_every_direction() -> None:
    columns, notes = solve(model(Junction(bias=0.3)), Angles.degrees([10.0, 50.0, 170.0], 0.0), RULES["draft"])
    assert columns.shape == (3, 5)
    assert np.isfinite(columns).all()
    assert notes == []


@pytest.mark.parametrize(("junction", "expected"), [
    (Junction(rashba=12.0), 684840.51255866),
    (Junction(k_up=0.5, k_down=0.25, barrier_thickness=0.25, barrier_mass=0.067, rashba=52.951865671641784),
     978.9687521609)])
def test_sea_with_bound_states(junction: Junction, expected: float) -> None:
    """Numbers of a straight path of k∥ with 60 × 4000 nodes (1e-4), sharpened by paths of several shapes."""
    assert transport_point(junction, 60.0).torque_perp == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("order", [8, 16, 24])
@pytest.mark.parametrize("pole", [1.1, 1.3, 2.0])
def test_a_rule_knows_what_it_misses(order: int, pole: float) -> None:
    """∫dx/(pole + 1 − 2x): the estimate from the fall of the Legendre coefficients, against the true error."""
    nodes, weights, tails = tailed_gauss(order)
    terms = weights / (pole + 1 - 2 * nodes)
    error = abs(terms.sum() - np.log((pole + 1) / (pole - 1)) / 2)
    estimate = cell_kernels.missed(terms, tails)
    assert error < 30 * estimate + 1e-14
    assert estimate < 1e5 * error + 1e-13
