"""Laws of one scattering state, and the kernels against the matrices written out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smtj_engine.constants import HBAR2_2M
from smtj_engine.parameters import Junction
from smtj_engine.transport import barrier_kernels, matrix_kernels, window_kernels
from smtj_engine.transport.barrier import Model, model
from smtj_engine.transport.observables import Angles
from smtj_engine.transport.quadrature import LINEAR, azimuths, tailed_gauss
from smtj_engine.transport.scattering import PAULI, Waves, interface_green, waves
from tests.engine.transport.strategies import angles, junctions

directions = st.tuples(st.floats(0.02, 0.98), st.floats(0.0, 2 * np.pi))


def _state(junction: Junction, part: float, azimuth: float, theta: float, phi: float,
           e: float | None = None) -> tuple[Model, float, float, Waves]:
    one = model(junction)
    e = one.fermi if e is None else e
    k = part * np.sqrt((e + one.exchange) / HBAR2_2M)
    return one, e, k, waves(one, e, k * np.cos(azimuth), k * np.sin(azimuth), np.radians(theta), np.radians(phi))


every = st.one_of(junctions(), junctions(matrix=True))


@given(every, directions, angles)
@settings(deadline=None, max_examples=250)
def test_transmission_is_the_same_from_both_sides(junction: Junction, direction: tuple[float, float],
                                                  angle: tuple[float, float]) -> None:
    *_, state = _state(junction, *direction, *angle)
    assert state.transmission_f == pytest.approx(state.transmission_n, rel=1e-12, abs=1e-300)


@given(every, directions, angles)
@settings(deadline=None, max_examples=200)
def test_flux_is_conserved(junction: Junction, direction: tuple[float, float], angle: tuple[float, float]) -> None:
    """What comes from F is reflected into F's open channels or transmitted."""
    *_, state = _state(junction, *direction, *angle)
    assume(min(*np.abs(state.k_f)) > 1e-4)  # at an opening the flux is 0/0
    open_channels = [(k.real, projector) for k, projector in
                     zip(state.k_f, state.projectors, strict=True)]
    reflected = 0.0
    incident = 0
    for psi, (k, projector) in zip(state.from_f.T, open_channels, strict=True):
        if k > 0:
            column = projector[:, np.argmax(np.abs(np.diag(projector)))]
            back = psi - column / np.linalg.norm(column)
            reflected += sum(q * (back.conj() @ p @ back).real for q, p in open_channels) / k
            incident += 1
    assert reflected + state.transmission_f == pytest.approx(incident, rel=1e-9)


@given(every, directions, angles)
@settings(deadline=None, max_examples=100)
def test_spin_current_is_the_torque_on_the_half_space(junction: Junction, direction: tuple[float, float],
                                                      angle: tuple[float, float]) -> None:
    """Identity 5: −Q⊥(0⁻) = J∫m×M dz, with the weights 1/k, for the waves from F and from N."""
    one, _, _, state = _state(junction, *direction, *angle)
    theta, phi = np.radians(angle)
    m = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    assume(one.exchange > 0.05 and min(*np.abs(state.k_f)) > 1e-2)
    vectors = np.array(state.k_f)
    spinors = [p[:, np.argmax(np.abs(np.diag(p)))] for p in state.projectors]
    spinors = [s / np.linalg.norm(s) for s in spinors]

    def torque(psi: np.ndarray, incident: np.ndarray) -> np.ndarray:
        """J∫m×M: ψ(z) = Σ_s [in_s exp(ik_s z) + out_s exp(−ik_s z)] χ_s, damped by exp(1e-7 z)."""
        out = np.array([s.conj() @ psi for s in spinors]) - incident
        waves_z = [(amount, sign * vector, spinor) for amounts, sign in ((incident, 1), (out, -1))
                   for amount, vector, spinor in zip(amounts, vectors, spinors, strict=True)]
        density = np.zeros(3)
        for amount, q, spinor in waves_z:
            for other, p, another in waves_z:
                if spinor is another:
                    continue  # along M: no torque
                depth = 1 / (1j * (q - np.conj(p)) + 1e-7)
                density += np.array([(np.conj(other) * amount * (another.conj() @ sigma @ spinor) * depth).real
                                     for sigma in PAULI])
        return one.exchange / HBAR2_2M * np.cross(density, m)

    for number, (psi, vector) in enumerate(zip(state.from_f.T, vectors, strict=True)):
        if vector.real > 0:
            incident = np.eye(2)[number].astype(complex)
            # a zero column of the other spin adds nothing: its wave vanishes at 0
            current = dataclasses.replace(state, from_f=np.where(np.arange(2) == number, state.from_f, 0)).spin_f
            transverse = current - (current @ m) * m
            assert torque(psi, incident) / vector.real == pytest.approx(
                -transverse, rel=1e-4, abs=2e-5 * max(1.0, np.abs(current).max()))
    if state.k_right[0].real > 0:
        current = state.spin_n
        transverse = current - (current @ m) * m
        total = sum(torque(psi, np.zeros(2, complex)) / k.real
                    for psi, k in zip(state.from_n.T, state.k_right, strict=True) if k.real > 0)
        assert total == pytest.approx(-transverse, rel=1e-4, abs=2e-5 * max(1e-300, np.abs(current).max()))


@given(every, directions, angles)
@settings(deadline=None, max_examples=40)
def test_window_kernel_sums_these_states(junction: Junction, direction: tuple[float, float],
                                         angle: tuple[float, float]) -> None:
    """One node of the kernel against the azimuthal mean of the matrices."""
    one = model(junction)
    e = one.fermi
    top = min(one.opening_right, one.exchange)
    assume(e + top > 0.05 and abs(junction.bias) > 1e-3)
    cell = np.array([[e, e + 1e-9, LINEAR, np.nan, top, 0.0, 1.0, direction[0] * 0.9, direction[0] * 0.9 + 1e-9]])
    got, errors = np.zeros((2, 1, 5)), np.empty((1, 2, 5))
    for from_f in (False, True):
        window_kernels.window(
            cell, *tailed_gauss(4), *tailed_gauss(4), np.array(one.numbers), 0.0, Angles.degrees(*angle).rows,
            azimuths(), 1e-7, from_f, matrix_kernels.workspace(1) if one.matrix else None,
            got[int(from_f):int(from_f) + 1], errors)
    x = (e + top) / HBAR2_2M * np.sin(np.pi / 2 * direction[0] * 0.9) ** 2
    theta, phi = np.radians(angle)
    m = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    e_theta = np.array([np.cos(theta) * np.cos(phi), np.cos(theta) * np.sin(phi), -np.sin(theta)])
    e_phi = np.array([-np.sin(phi), np.cos(phi), 0.0])
    total, count = np.zeros(6), 96
    for azimuth in 2 * np.pi * np.arange(count) / count:
        state = waves(one, e, np.sqrt(x) * np.cos(azimuth), np.sqrt(x) * np.sin(azimuth), theta, phi)
        total += np.array([state.transmission_f, -state.spin_n @ e_theta, state.spin_n @ e_phi, state.spin_n @ m,
                           state.spin_f @ e_theta, -state.spin_f @ e_phi]) / count
    weight = np.sign(one.bias) * got[0, 0, 0] / total[0] if total[0] > 1e-200 else None
    assume(weight is not None and total[0] > 1e-12)
    assert weight is not None and weight > 0
    size = np.abs(total).max()
    for index, expected in ((2, total[1]), (3, total[2]), (4, total[3])):
        assert np.sign(one.bias) * got[0, 0, index] / weight == pytest.approx(expected, rel=1e-6,
                                                                              abs=1e-9 * size + 1e-14)
    for index, expected in ((2, total[4]), (3, total[5])):
        assert np.sign(one.bias) * got[1, 0, index] / weight == pytest.approx(expected, rel=1e-5,
                                                                              abs=1e-7 * size + 1e-14)


def test_a_matrix_beyond_the_interface_may_stand_where_a_number_did() -> None:
    wave_vectors, soi = np.diag([1.0, 0.3]).astype(complex), 0.2 * PAULI[0]
    assert np.allclose(interface_green(0.4j - 1, wave_vectors, soi),
                       interface_green((0.4j - 1) * np.eye(2), wave_vectors, soi))


@pytest.mark.parametrize("bias", [-3.0, -0.4, 0.0, 1.3, 3.0])
@pytest.mark.parametrize("thickness", [0.3, 3.0, 10.0])
def test_barrier_against_airy_functions(bias: float, thickness: float) -> None:
    """Λ and g at real energies, from scipy's Airy functions (a constant barrier from exponentials)."""
    from scipy.special import airye

    junction = Junction(bias=bias, barrier_thickness=thickness, barrier_mass=0.4, rashba=1.0)
    one = model(junction)
    d, mass = one.thickness, one.mass
    for e, x in ((one.fermi, 0.05), (one.fermi - 0.3, 0.4), (one.fermi + 0.9, 0.01)):
        k2 = (e + one.openings[1]) / HBAR2_2M - x
        k = np.sqrt(complex(k2))
        at_0 = mass * (one.fermi + one.height - e) / HBAR2_2M + x
        if bias == 0:
            kappa = np.sqrt(complex(at_0))
            grow = np.exp(-2 * kappa * d)  # relative to the growing exponential
            a, b = 1 - mass * 1j * k / kappa, 1 + mass * 1j * k / kappa
            psi, slope = a + b * grow, -kappa * (a - b * grow)
            size = abs(psi / 2 * np.exp(kappa * d)) ** 2
            beyond = slope / psi / mass
        else:
            f = -mass * bias / HBAR2_2M / d
            root = np.cbrt(f)
            z0, zd = at_0 / root**2, (at_0 + f * d) / root**2
            (ai0, aip0, bi0, bip0), (aid, aipd, bid, bipd) = airye(complex(z0)), airye(complex(zd))
            scale = [2 / 3 * complex(z) ** 1.5 for z in (z0, zd)]
            # coefficients of Ai and Bi that match the outgoing wave at d, in units of exp(±ζ_d)
            q = mass * 1j * k / root
            to_ai, to_bi = np.pi * (bipd - q * bid), np.pi * (q * aid - aipd)
            grow_ai = np.exp(abs(scale[1].real) - scale[0])
            grow_bi = np.exp(-scale[1] + abs(scale[0].real))
            psi = to_ai * ai0 * grow_ai + to_bi * bi0 * grow_bi
            slope = root * (to_ai * aip0 * grow_ai + to_bi * bip0 * grow_bi)
            size, beyond = abs(psi) ** 2, slope / psi / mass
        real, flux, *_ = barrier_kernels.barrier_real(e, x, np.array(one.numbers))
        assert real == pytest.approx(beyond.real, rel=1e-10)
        if k2 > 0:
            assert flux == pytest.approx(k.real / size, rel=1e-9)
