"""Spin-dependent barriers and right electrodes: Λ as a 2×2 matrix (physics.md, section 3)."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from scipy.linalg import expm

from smtj_engine.constants import E2_H, HBAR2_2M, PER_A2_IN_PER_UM2
from smtj_engine.parameters import Junction
from smtj_engine.schema import ParameterError
from smtj_engine.transport import matrix_kernels, spin_kernels, window_kernels
from smtj_engine.transport.barrier import Model, model
from smtj_engine.transport.energy import interface_energy
from smtj_engine.transport.observables import RULES, Angles, _window, sea, solve
from smtj_engine.transport.quadrature import LINEAR, azimuths, gauss, tailed_gauss
from smtj_engine.transport.scattering import PAULI, UNIT, interface_green, waves
from smtj_engine.transport.sweeps import angular_curve, bias_sweep, transport_point
from tests.engine.transport.strategies import angles, junctions

few = settings(deadline=None, max_examples=10)
GAAS = Junction(k_up=1.05, k_down=0.44, k_normal=1.2, barrier_height=0.75, barrier_thickness=2.0,
                barrier_mass=0.067, rashba=20.0, dresselhaus_bulk=24.0)
BOTH = Junction(dresselhaus_bulk=4.0, rashba=2.0, right_k_up=1.2, right_k_down=0.5, right_theta_deg=70.0,
                right_phi_deg=35.0)
#: A torque of 3.6e-6 eV/µm², far below what rounding leaves of a common one.
WEAK = Junction(k_up=0.25, k_down=0.125, barrier_height=0.5, barrier_thickness=1.0, barrier_mass=0.067, rashba=0.0,
                dresselhaus_bulk=-1.611261872455902, bias=1.0)
#: A state that is nearly bound at the interface, beside the path of k∥.
NEARLY_BOUND = Junction(k_up=0.3866, k_down=0.02438, k_normal=1.107, barrier_height=0.2814, barrier_thickness=1.88,
                        barrier_mass=1.6, rashba=2.181, dresselhaus=0.6428, dresselhaus_bulk=0.02802, bias=-0.1875)


def _change(junction: Junction, **changes: object) -> Junction:
    return dataclasses.replace(junction, **changes)  # type: ignore[arg-type]


def _soi(one: Model, kx: complex, ky: complex) -> np.ndarray:
    return ((one.rashba * ky + one.dresselhaus * kx) * PAULI[0]
            - (one.rashba * kx + one.dresselhaus * ky) * PAULI[1]) / HBAR2_2M


# --- one wave ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("junction", [GAAS, BOTH, _change(BOTH, dresselhaus_bulk=0.0)])
def test_waves_against_a_transfer_matrix_of_both_spins(junction: Junction) -> None:
    """Λ, S, t̃ at zero bias from the exponential of the 4×4 matrix of (ψ, Dψ'), the spins never separated."""
    one = model(_change(junction, barrier_thickness=0.4))
    e, kx, ky = one.fermi, 0.25, -0.31
    k2 = kx * kx + ky * ky
    inverse_mass = UNIT / one.mass - one.bulk / HBAR2_2M * (kx * PAULI[0] - ky * PAULI[1])
    potential = (one.height / HBAR2_2M + k2 / one.mass) * UNIT
    matrix = expm(-one.thickness * np.block([[0 * UNIT, np.linalg.inv(inverse_mass)], [potential, 0 * UNIT]]))
    a, b, c, d = matrix[:2, :2], matrix[:2, 2:], matrix[2:, :2], matrix[2:, 2:]
    spin = np.tensordot(np.array(one.right_spin), PAULI, 1)
    up, down = (np.sqrt(one.k_normal_squared + sign * one.right_exchange / HBAR2_2M - k2 + 0j) for sign in (1, -1))
    right = (up + down) / 2 * UNIT + (up - down) / 2 * spin
    state = waves(one, e, kx, ky, 0.8, 0.3)
    beyond = (c + 1j * d @ right) @ np.linalg.inv(a + 1j * b @ right)
    assert state.beyond == pytest.approx(beyond, abs=1e-11)
    assert state.through == pytest.approx(np.linalg.inv(a + 1j * b @ right), abs=1e-12)
    green = np.linalg.inv(beyond + 1j * state.wave_vectors - _soi(one, kx, ky))
    # a wave from the right, matched at d and at 0 without t̃: unknowns ψ(0), R
    for psi, k, projector in zip(state.from_n.T, state.k_right, state.right_projectors, strict=True):
        column = projector[:, np.argmax(np.abs(np.diag(projector)))]
        column = column / np.linalg.norm(column)
        left = _soi(one, kx, ky) - 1j * state.wave_vectors  # Dψ'(0⁺) = (W − iK)ψ(0)
        system = np.block([[UNIT, -(a + 1j * b @ right)], [left, -(c + 1j * d @ right)]])
        incoming = np.concatenate([(a - 1j * b @ right) @ column, (c - 1j * d @ right) @ column])
        assert psi == pytest.approx(np.linalg.solve(system, incoming)[:2], abs=1e-11)
        assert k.real > 0
    assert interface_green(state.beyond, state.wave_vectors, _soi(one, kx, ky)) == pytest.approx(green, abs=1e-10)


def test_mass_of_the_spins_is_not_put_into_the_in_plane_energy() -> None:
    """At k∥ = 0.3 1/Å the eigenvalues of Λ differ by 5 % from those with 1/m± in the in-plane energy too."""
    one = model(_change(GAAS, barrier_thickness=8.0))
    values = np.sort(np.linalg.eigvals(waves(one, one.fermi, 0.3, 0.0, 0.4, 0.0).beyond).real)
    masses = np.array([one.mass / (1 + sign * one.bulk * one.mass * 0.3 / HBAR2_2M) for sign in (1, -1)])
    exact = -np.sqrt((one.height / HBAR2_2M + 0.09 / one.mass) / masses)
    naive = -np.sqrt(masses * one.height / HBAR2_2M + 0.09) / masses
    assert values == pytest.approx(exact, rel=1e-9)
    assert np.abs(values / naive - 1) == pytest.approx(0.05, abs=0.012)


# --- limits -----------------------------------------------------------------------------------------------

@given(junctions(strongest=0.5), angles)
@few
def test_equal_wave_vectors_on_the_right_are_scalar(junction: Junction, angle: tuple[float, float]) -> None:
    k = model(junction).k_normal_squared ** 0.5
    same = _change(junction, right_k_up=k, right_k_down=k, right_theta_deg=50.0)
    here, there = transport_point(junction, *angle), transport_point(same, *angle)
    assert there.current_density == pytest.approx(here.current_density, rel=1e-9, abs=1e-300)
    assert there.torque_perp == pytest.approx(here.torque_perp, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("temperature", [0.0, 300.0])
@pytest.mark.parametrize("changes", [{"rashba": 4.0, "rashba_slope": 0.7}, {"rashba": -6.0, "bias": -0.5},
                                     {"rashba": 0.0, "dresselhaus": 3.0}])
@pytest.mark.parametrize("from_f", [False, True])
def test_closed_means_in_front_of_a_magnet_are_those_of_many_azimuths(
        changes: dict[str, float], temperature: float, from_f: bool) -> None:
    """The least α or β beside the other asks for sums over azimuths, doubled until they agree."""
    closed = _change(BOTH, dresselhaus_bulk=0.0, temperature=temperature, **{"bias": 0.5, **changes})
    other = "dresselhaus" if changes["rashba"] else "rashba"
    where, rule = Angles.degrees([0.0, 50.0, 90.0, 130.0], [0.0, 20.0, 200.0, -70.0]), RULES["normal"]
    expected, found = (_window(model(one), where, rule, from_f, lambda: None)
                       for one in (_change(closed, **{other: 1e-13}), closed))
    assert (np.abs(found - expected) <= 1e-9 * np.abs(expected).max(axis=0)).all()


@pytest.mark.parametrize("thickness", [0.6, 3.2])
@pytest.mark.parametrize("rashba", [0.0, 3.0])
def test_waves_of_both_electrodes_tell_the_same_torque(rashba: float, thickness: float) -> None:
    """Those of N on a sea filled to µ_F, and those of F on one filled to µ_N: however little two magnets feel of
    each other."""
    one = model(_change(BOTH, dresselhaus_bulk=0.0, rashba=rashba, barrier_thickness=thickness, barrier_height=3.8,
                        bias=0.7))
    where, rule = Angles.degrees([50.0, 130.0], [20.0, -70.0]), RULES["normal"]
    found = []
    for from_f, mu in ((False, one.fermi), (True, one.mu_n)):
        columns = _window(one, where, rule, from_f, lambda: None)
        columns[:, [3, 2]] += sea(one, mu, where, rule)
        found.append(columns)
    size = np.abs(found[0]).max(axis=0)
    size[2] = size[3]   # against the whole torque
    assert (np.abs(found[1] - found[0]) <= 1e-7 * size).all()


@pytest.mark.parametrize("extra", [{"bulk": 1e-12}, {"right_exchange": 1e-12, "right_spin": (0.6, 0.0, 0.8)},
                                   {"bulk": 1e-12, "right_exchange": 1e-12, "right_spin": (0.6, 0.0, 0.8)}])
@pytest.mark.parametrize("junction", [Junction(bias=0.6), Junction(bias=-0.4, dresselhaus=2.0, rashba_slope=0.5),
                                      Junction(bias=0.3, temperature=300.0, k_normal=1.2)])
def test_weak_matrices_go_over_into_the_scalar_path(junction: Junction, extra: dict[str, float]) -> None:
    scalar = model(junction)
    where, rule = Angles.degrees([40.0, 100.0], 30.0), RULES["reference"]
    expected, _ = solve(scalar, where, rule)
    found, _ = solve(dataclasses.replace(scalar, **extra), where, rule)  # type: ignore[arg-type]
    size = np.abs(expected).max(axis=0)
    size[2] = size[3]  # against the whole torque
    size[1] *= 100  # a split channel's edge goes as the root of the splitting
    assert np.abs(found - expected).max(axis=0) / size == pytest.approx(np.zeros(5), abs=1e-10)


# --- laws -------------------------------------------------------------------------------------------------

@given(junctions(matrix=True, strongest=0.5, hot=False), angles)
@example(WEAK, (2.0, 0.0))
@example(NEARLY_BOUND, (91.65, 248.6))
@few
def test_normal_accuracy_agrees_with_reference_accuracy(junction: Junction, angle: tuple[float, float]) -> None:
    try:
        normal = transport_point(junction, *angle)
    except ParameterError:
        assume(False)
    assume(not normal.notes)
    fine = transport_point(junction, *angle, accuracy="reference")
    size = np.hypot(fine.torque_par, fine.torque_perp)
    assert normal.current_density == pytest.approx(fine.current_density, rel=1e-6, abs=1e-300)
    assert normal.conductance == pytest.approx(fine.conductance, rel=1e-6)
    assert normal.torque_perp == pytest.approx(fine.torque_perp, abs=1e-6 * size + 1e-13)
    assert normal.torque_par == pytest.approx(fine.torque_par, abs=1e-6 * size + 1e-13)


@pytest.mark.parametrize("junction", [GAAS, BOTH, _change(BOTH, dresselhaus_bulk=0.0),
                                      _change(GAAS, dresselhaus=3.0),
                                      _change(BOTH, rashba=0.0, dresselhaus_bulk=0.0, barrier_thickness=0.3)])
def test_conductance_is_the_slope_of_the_current(junction: Junction) -> None:
    steep, step = _change(junction, bias=0.3, temperature=200.0, rashba_slope=0.2), 5e-4
    current = {n: transport_point(_change(steep, bias=0.3 + n * step), 60.0, 20.0,
                                  accuracy="reference").current_density for n in (-2, -1, 1, 2)}
    slope = (current[-2] - 8 * current[-1] + 8 * current[1] - current[2]) / (12 * step)
    assert transport_point(steep, 60.0, 20.0).conductance == pytest.approx(slope, rel=1e-6)


def _energy_difference(one: Model, first: tuple[float, float], second: tuple[float, float]) -> float:
    """Ω(first) − Ω(second) in eV/µm² from ln det(Λ + iK − W) with numpy, Λ from transfer matrices of each spin.

    The two directions are so near that the logarithm of the ratio never leaves the principal branch.
    """
    def spin(angle: tuple[float, float]) -> np.ndarray:
        theta, phi = angle
        return -np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])

    numbers = np.array(one.numbers)
    start = min(-o for o in one.openings) - 3.0
    u, weights = gauss(40)
    turn = np.pi * (1 - u**2)
    arm = (one.fermi - start) / 2 * np.exp(1j * turn)
    energies, weights_e = (one.fermi + start) / 2 + arm, -2j * np.pi * u * arm * weights
    v, weights_v = gauss(64)
    end = one.widest(one.fermi)
    end += min(0.4 * (one.bulk_limit - end), end)
    k = end * np.sqrt(v * np.exp(-1.2j * (1 - v)))
    weights_k = end**2 * np.exp(-1.2j * (1 - v)) * (1 + 1.2j * v) / 2 * weights_v  # k dk
    azimuth = 2 * np.pi * (np.arange(32) + 0.5) / 32
    right = np.tensordot(np.array(one.right_spin), PAULI, 1)
    directions = [np.tensordot(spin(angle), PAULI, 1) for angle in (first, second)]
    total = 0.0
    for e, weight_e in zip(energies, weights_e, strict=True):
        for kk, weight in zip(k, weights_k, strict=True):
            across = _roots(one.k_normal_squared + (e - one.mu_n) / HBAR2_2M - kk * kk, one.right_exchange)
            wave_right = sum(across) / 2 * UNIT + (across[0] - across[1]) / 2 * right
            along = _roots(e / HBAR2_2M - kk * kk, one.exchange)
            n = (np.cos(azimuth)[:, None, None] * PAULI[0] - np.sin(azimuth)[:, None, None] * PAULI[1])
            a, b, c, d = np.zeros((4, len(azimuth), 2, 2), complex)
            for sign in (1, -1):
                mass = one.mass / (1 - sign * one.bulk * one.mass * kk / HBAR2_2M)
                lam, t, r = spin_kernels.channel_complex(e, kk * kk, mass, 0.0, numbers, 300.0)  # k = 0 beyond
                for target, value in zip((a, b, c, d), (1 / t, r / t, lam / t, t + r * lam / t), strict=True):
                    target += value * (UNIT + sign * n) / 2
            beyond = (c + 1j * d @ wave_right) @ np.linalg.inv(a + 1j * b @ wave_right)
            soi = np.array([_soi(one, kk * np.cos(at), kk * np.sin(at)) for at in azimuth])
            dets = [np.linalg.det(beyond + 0.5j * (sum(along) * UNIT + (along[0] - along[1]) * s) - soi)
                    for s in directions]
            total += (weight_e * weight * np.mean(np.log(dets[0] / dets[1]))).imag
    return float(PER_A2_IN_PER_UM2 * total / (2 * np.pi**2))


def _roots(square: complex, exchange: float) -> tuple[complex, complex]:
    pair = np.sqrt(square + exchange / HBAR2_2M), np.sqrt(square - exchange / HBAR2_2M)
    return tuple(q if q.imag > 0 else -q for q in pair)  # type: ignore[return-value]


@pytest.mark.parametrize("junction", [
    _change(GAAS, barrier_thickness=1.0), BOTH, _change(BOTH, dresselhaus_bulk=0.0, dresselhaus=1.0),
    _change(BOTH, dresselhaus_bulk=0.0, rashba=0.0)])
def test_equilibrium_torque_is_the_gradient_of_the_energy(junction: Junction) -> None:
    one, theta, phi, step = model(junction), np.radians(55.0), np.radians(20.0), 2e-2
    point = transport_point(junction, 55.0, 20.0)

    def slope(turn_theta: float, turn_phi: float) -> float:
        near, far = (_energy_difference(one, (theta + n * turn_theta, phi + n * turn_phi),
                                        (theta - n * turn_theta, phi - n * turn_phi)) for n in (1, 2))
        return (8 * near - far) / (12 * step)

    size = np.hypot(point.torque_perp, point.torque_par)
    assert point.torque_perp == pytest.approx(-slope(step, 0), abs=3e-6 * size)
    assert point.torque_par == pytest.approx(-slope(0, step) / np.sin(theta), abs=3e-6 * size)


@pytest.mark.parametrize("junction", [_change(GAAS, bias=0.2, barrier_thickness=0.8), _change(BOTH, bias=-0.3)])
def test_sea_on_the_real_axis_equals_the_contour(junction: Junction) -> None:
    """The waves of both electrodes from the lowest band bottom to µ, against the contour."""
    one, where = model(junction), Angles.degrees([30.0, 70.0], 25.0)
    breaks = sorted({-o for o in one.openings} | {one.fermi})
    cells = []
    for first, last in pairwise(breaks):
        lo = np.nan
        for hi in sorted(set(one.openings)):
            if (first + last) / 2 + hi > 0:
                cells += [[first, last, 3, lo, hi, s / 4, (s + 1) / 4, 0.0, 1.0] for s in range(4)]
                lo = hi
    values = []
    for from_f in (False, True):
        out, errors = np.zeros((len(cells), 2, 5)), np.empty((len(cells), 2, 5))
        window_kernels.window(np.array(cells), *tailed_gauss(20), *tailed_gauss(24), np.array(one.numbers), 0.0,
                              where.rows, azimuths(), 1e-6, from_f, matrix_kernels.workspace(2), out, errors)
        values.append(out.sum(axis=0))
    density = np.sign(one.bias) * (values[1] - values[0])[:, [3, 2]] * PER_A2_IN_PER_UM2 / (8 * np.pi**2)
    assert density == pytest.approx(sea(one, one.fermi, where, RULES["reference"]), rel=3e-6)


def test_window_from_either_electrode_is_the_same() -> None:
    from smtj_engine.transport import observables

    where, rule = Angles.degrees([20.0, 65.0], 30.0), RULES["normal"]
    for junction in (_change(GAAS, bias=0.4), _change(BOTH, bias=-0.8, temperature=200.0)):
        one = model(junction)
        from_n = observables._window(one, where, rule, False, lambda: None)
        from_n[:, [3, 2]] += sea(one, one.fermi, where, rule)
        from_f = observables._window(one, where, rule, True, lambda: None)
        from_f[:, [3, 2]] += sea(one, one.mu_n, where, rule)
        assert from_f == pytest.approx(from_n, rel=1e-7)


# --- Dresselhaus ------------------------------------------------------------------------------------------

def test_bulk_dresselhaus_is_refused_where_a_mass_turns_negative() -> None:
    _change(GAAS, dresselhaus_bulk=47.0)  # 47.39 at k∥ = 1.2 1/Å
    for changes in ({"dresselhaus_bulk": 47.5}, {"dresselhaus_bulk": -47.5},
                    {"dresselhaus_bulk": 46.0, "bias": 1.0}, {"k_normal": 2.4}):
        with pytest.raises(ParameterError) as caught:
            _change(GAAS, **changes)
        assert caught.value.field == "dresselhaus_bulk"
        assert "negative" in caught.value.reason
    _change(GAAS, dresselhaus_bulk=100.0, barrier_thickness=0.0, rashba=1.0)  # no barrier, no γ
    limit = HBAR2_2M / (24.0 * 0.067)
    assert model(GAAS).bulk_limit == pytest.approx(limit)
    assert limit == pytest.approx(2.37, abs=5e-3)


def test_torque_is_undefined_where_states_are_bound_up_to_the_pole() -> None:
    """The current is not: its TAMR is what Fe/GaAs/Au was measured for, a few tenths of a per cent."""
    strong = _change(GAAS, rashba=42.0, barrier_thickness=8.0)
    data = angular_curve(strong, theta_deg=90.0, phi_deg=[45.0, 135.0], reference_deg=45.0)
    assert any("not defined" in note for note in data.notes)
    assert np.isnan(data.data["torque_perp"]).all()
    assert 100 * abs(float(data.data["tamr"][1])) == pytest.approx(0.4, abs=0.1)
    assert np.isfinite(transport_point(_change(strong, rashba=20.0), 45.0).torque_perp)


def test_bulk_dresselhaus_alone_does_not_know_the_azimuth() -> None:
    alone = _change(GAAS, rashba=0.0, bias=0.3)
    here, there = transport_point(alone, 60.0, 10.0), transport_point(alone, 60.0, 75.0)
    assert there.current_density == pytest.approx(here.current_density, rel=1e-9)
    assert there.torque_perp == pytest.approx(here.torque_perp, rel=1e-8)
    assert abs(transport_point(_change(alone, bias=0.0), 60.0).torque_par) < 1e-9 * abs(here.torque_perp)


@given(angles)
@few
def test_mirror_plane_of_rashba_and_bulk_dresselhaus(angle: tuple[float, float]) -> None:
    """C2v: (110) mirror, φ → 90° − φ, with M axial; and the twofold rotation about z."""
    junction = _change(GAAS, bias=0.2)
    here = transport_point(junction, *angle)
    for theta, phi in ((180 - angle[0], 90.0 - angle[1]), (angle[0], angle[1] + 180.0)):
        there = transport_point(junction, theta, phi)
        assert there.current_density == pytest.approx(here.current_density, rel=1e-8)
        assert there.conductance == pytest.approx(here.conductance, rel=1e-8)


def test_sign_of_all_spin_orbit_fields_does_not_matter_but_that_of_one_does() -> None:
    phi = np.linspace(0.0, 180.0, 13)

    def tamr(**changes: float) -> np.ndarray:
        values: np.ndarray = angular_curve(_change(GAAS, **changes), theta_deg=90.0, phi_deg=phi,
                                           accuracy="reference").data["tamr"].values
        return values

    curve = tamr()
    assert tamr(rashba=-20.0, dresselhaus_bulk=-24.0) == pytest.approx(curve, abs=1e-9 * np.abs(curve).max())
    # α → −α turns the two axes of the plane into each other: the TAMR inverts
    inverted = tamr(rashba=-20.0)
    assert inverted[3] == pytest.approx(-curve[3], rel=1e-2)
    law = np.sin(2 * np.radians(phi))
    assert curve == pytest.approx(curve[3] * law, abs=0.02 * np.abs(curve).max())
    assert np.abs(tamr(rashba=0.0)).max() < 1e-10
    assert np.abs(tamr(dresselhaus_bulk=0.0)).max() < 1e-10


def test_tamr_of_weak_fields_goes_as_alpha_gamma() -> None:
    def size(rashba: float, bulk: float) -> float:
        return float(angular_curve(_change(GAAS, rashba=rashba, dresselhaus_bulk=bulk), theta_deg=90.0,
                                   phi_deg=[45.0], accuracy="reference").data["tamr"][0])

    small = size(0.2, 0.25)
    assert size(0.4, 0.25) == pytest.approx(2 * small, rel=1e-3)
    assert size(0.2, 0.5) == pytest.approx(2 * small, rel=1e-3)


# --- a ferromagnet on the right ---------------------------------------------------------------------------

MTJ = Junction(rashba=0.0, barrier_thickness=1.5, right_k_up=1.2, right_k_down=0.6)


def test_the_right_electrode_is_validated() -> None:
    Junction(right_k_down=0.4)  # majority as the normal metal's
    Junction(right_k_up=1.0)
    for fields in ({"right_k_up": 0.5, "right_k_down": 0.6}, {"right_k_up": 0.5}, {"right_k_down": 0.9}):
        with pytest.raises(ParameterError) as caught:
            Junction(**fields)
        assert caught.value.field.startswith("right_k")
        assert caught.value.low is not None


@given(angles, angles)
@few
def test_without_spin_orbit_interaction_only_the_angle_between_matters(p: tuple[float, float],
                                                                       m: tuple[float, float]) -> None:
    one = _change(MTJ, bias=0.4, right_theta_deg=p[0], right_phi_deg=p[1])
    here = transport_point(one, *m)

    def unit(theta: float, phi: float) -> np.ndarray:
        t, f = np.radians(theta), np.radians(phi)
        return np.array([np.sin(t) * np.cos(f), np.sin(t) * np.sin(f), np.cos(t)])

    cosine = float(unit(*p) @ unit(*m))
    assume(abs(cosine) < 0.999)
    there = transport_point(_change(MTJ, bias=0.4), float(np.degrees(np.arccos(cosine))))
    assert here.current_density == pytest.approx(there.current_density, rel=1e-8)
    assert here.torque_par_p == pytest.approx(there.torque_par, rel=1e-6)
    assert here.torque_perp_p == pytest.approx(there.torque_perp, rel=1e-6)
    assert there.torque_par_p == pytest.approx(there.torque_par, rel=1e-12)


@pytest.mark.parametrize("changes", [{"right_k_up": 0.9, "right_k_down": 0.9}, {"k_up": 0.8, "k_down": 0.8}])
def test_no_torque_without_exchange_in_both(changes: dict[str, float]) -> None:
    point = transport_point(_change(MTJ, bias=0.4, **changes), 70.0)
    scale = abs(point.spin_current).max()
    if "k_up" in changes:  # a normal metal feels no torque; the spin current passes through it
        return
    assert abs(point.torque_perp) < 1e-12 * scale + 1e-14
    assert abs(point.torque_par) < 1e-9 * scale


def _polarization(up: float, down: float, kappa: float) -> float:
    """Slonczewski's interface polarization with κ̃ = κ/m_b."""
    return (up - down) / (up + down) * (kappa**2 - up * down) / (kappa**2 + up * down)


def _at_normal_incidence(one: Model, theta: float) -> np.ndarray:
    """Transmission, T∥ and T⊥ (per unit of flux normalization) at E_F and k∥ ≈ 0."""
    state = waves(one, one.fermi, 1e-6, 0.0, theta, 0.0)
    e_theta = np.array([np.cos(theta), 0.0, -np.sin(theta)])
    return np.array([state.transmission_f, -state.spin_n @ e_theta, state.spin_n[1]])


def test_slonczewski_laws_of_a_thick_barrier() -> None:
    """G ∝ 1 + P_L P_R cosΘ; T∥ = (ħ/2e) P_R I(90°) sinΘ; T⊥ ∝ sinΘ; Jullière's TMR 2P_LP_R/(1 − P_LP_R)."""
    one = model(_change(MTJ, barrier_thickness=4.0))
    kappa = np.sqrt(one.mass * one.height / HBAR2_2M) / one.mass
    up, down = (np.sqrt((one.fermi + sign * one.exchange) / HBAR2_2M) for sign in (1, -1))
    left, right = _polarization(up, down, kappa), _polarization(1.2, 0.6, kappa)
    theta = np.radians([20.0, 45.0, 90.0, 130.0])
    values = np.array([_at_normal_incidence(one, t) for t in theta])
    level = values[2, 0]
    assert values[:, 0] / level == pytest.approx(1 + left * right * np.cos(theta), rel=1e-8)
    # the spin current of −(ħ/2)(flux) in units where the flux is the transmission: Q is Im(ψ†σψ')/k
    assert values[:, 1] / level == pytest.approx(right * np.sin(theta), rel=1e-7)
    assert values[:, 2] / values[2, 2] == pytest.approx(np.sin(theta), rel=1e-7)
    parallel, against = (_at_normal_incidence(one, t)[0] for t in (0.0, np.pi))
    assert parallel / against - 1 == pytest.approx(2 * left * right / (1 - left * right), rel=1e-8)


def test_torque_prefactor_in_real_units() -> None:
    """T∥ = (ħ/2e) P_R I: in the bias window of one narrow energy, against the current of the same kernel."""
    one = model(_change(MTJ, barrier_thickness=2.5, bias=1e-6))
    e = one.fermi
    cell = np.array([[e, e + 1e-9, LINEAR, np.nan, 1e-6 - e, 0.0, 1.0, 0.4, 0.5]])
    out, errors = np.zeros((1, 1, 5)), np.empty((1, 2, 5))
    window_kernels.window(cell, *tailed_gauss(4), *tailed_gauss(4), np.array(one.numbers), 0.0,
                          Angles.degrees(90.0, 0.0).rows, azimuths(), 1e-7, False,
                          matrix_kernels.workspace(1), out, errors)
    current = out[0, 0, 0] * E2_H / (2 * np.pi)
    torque = out[0, 0, 2] / (8 * np.pi**2)
    kappa = np.sqrt(one.height / HBAR2_2M / one.mass)
    hbar_over_2e = 1 / (4 * np.pi * E2_H)  # ħ/2e in eV per A, with e in units of the electron charge
    assert torque == pytest.approx(_polarization(1.2, 0.6, kappa) * current * hbar_over_2e, rel=1e-4)


def test_exchange_coupling_is_the_energy_of_the_angle() -> None:
    """T⊥ = −∂Ω/∂Θ at V = 0, from interface_energy; the energy goes as cosΘ for a thick barrier."""
    data = interface_energy(_change(MTJ, barrier_thickness=1.0), theta_deg=[0.0, 45.0, 90.0, 180.0]).data
    omega = data["omega"].values
    assert omega[1] / omega[3] == pytest.approx((1 - np.cos(np.pi / 4)) / 2, rel=1e-2)
    tilted = _change(MTJ, barrier_thickness=1.0, right_theta_deg=90.0)
    turned = interface_energy(tilted, theta_deg=[0.0, 90.0, 180.0]).data["omega"].values
    assert turned[1] == pytest.approx(-omega[2], rel=1e-6)
    assert abs(turned[2]) < 1e-9 * abs(omega[3])
    assert transport_point(_change(MTJ, barrier_thickness=1.0), 60.0).torque_par == pytest.approx(0.0, abs=1e-12)


def test_curves_from_few_directions_meet_single_ones() -> None:
    junction = _change(BOTH, bias=0.3)
    grid = np.linspace(0.0, 180.0, 61)
    for where in ({"theta_deg": grid, "phi_deg": 25.0}, {"theta_deg": 65.0, "phi_deg": 2 * grid}):
        data = angular_curve(junction, **where).data  # type: ignore[arg-type]
        size = np.abs(data["torque_perp"].values).max()
        for index in (5, 38):
            at = (grid[index], 25.0) if where["phi_deg"] is not grid and np.ndim(where["phi_deg"]) == 0 else (
                65.0, 2 * grid[index])
            point = transport_point(junction, *at)
            assert float(data["current_density"][index]) == pytest.approx(point.current_density, rel=1e-7)
            for name in ("torque_par", "torque_perp", "torque_par_p", "torque_perp_p"):
                assert float(data[name][index]) == pytest.approx(getattr(point, name), abs=1e-6 * size)


def test_no_extra_components_without_a_second_magnet() -> None:
    assert "torque_par_p" not in bias_sweep(GAAS, bias=[0.0, 0.1]).data
    assert np.isnan(transport_point(GAAS, 45.0).torque_par_p)
    data = bias_sweep(MTJ, bias=[-0.2, 0.2], theta_deg=90.0).data
    assert data["torque_par_p"].values == pytest.approx(data["torque_par"].values)
    assert data["torque_par_p"].attrs["units"] == "eV/um^2"
