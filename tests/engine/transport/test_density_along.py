"""Spin density along −M: bulk, Friedel oscillations, and a sum over scattering states made without the engine."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import constants, integrate, special

from smtj_engine.constants import HBAR2_2M, K_B
from smtj_engine.parameters import Junction
from smtj_engine.transport.density import spin_density

Array = NDArray[np.float64]
#: ħ²/2m₀ in eV·Å², from the constants themselves.
A = constants.hbar**2 / (2 * constants.m_e) / constants.e * 1e20
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
MAGNET = Junction(rashba=1.0, right_k_up=1.1, right_k_down=0.4, right_theta_deg=60.0)
#: Any V: an axial vector in a mirror plane through z. At rest: the time may be reversed.
FLIPPED = {"rashba": Junction(bias=0.6), "warm": Junction(bias=-0.3, temperature=300.0),
           "both fields at rest": Junction(rashba=3.0, dresselhaus=1.5),
           "bulk at rest": Junction(rashba=2.0, dresselhaus_bulk=3.0)}


def _bulk(junction: Junction) -> float:
    """(k↑³ − k↓³)/6π² in 1/nm³."""
    return 1e3 * (junction.k_up**3 - junction.k_down**3) / (6 * np.pi**2)


@pytest.mark.parametrize("junction", [
    Junction(), MAGNET, Junction(rashba=2.0, dresselhaus_bulk=3.0), Junction(k_up=0.6, k_down=0.0)])
def test_deep_inside_at_rest_it_is_that_of_the_bulk(junction: Junction) -> None:
    data = spin_density(junction, theta_deg=50.0, phi_deg=20.0, depth=[0.0, 10.0, 40.0]).data
    assert float(data["spin_bulk"]) == pytest.approx(_bulk(junction), rel=1e-12)
    near, far = np.abs(data["spin_along"].values[1:] / _bulk(junction) - 1)
    assert far < 3e-5
    assert far < 0.2 * near  # a tail of 1/z²
    assert data["spin_along"].attrs["units"] == "1/nm^3"


def test_warm_bulk_is_that_of_the_fermi_function() -> None:
    """And the tail then falls as an exponential, so that the limit is reached."""
    junction = Junction(temperature=600.0)
    level, split = (HBAR2_2M * (junction.k_up**2 + sign * junction.k_down**2) / 2 for sign in (1, -1))

    def filled(bottom: float) -> float:
        return float(integrate.quad(lambda e: np.sqrt(e - bottom) * special.expit((level - e) / (K_B * 600.0)),
                                    bottom, level + 3.0, points=[level], epsrel=1e-11, limit=200)[0])

    expected = 1e3 * (filled(-split) - filled(split)) / (4 * np.pi**2 * HBAR2_2M**1.5)
    data = spin_density(junction, depth=[40.0]).data
    assert float(data["spin_bulk"]) == pytest.approx(expected, rel=1e-8)
    assert abs(expected / _bulk(junction) - 1) > 5e-5
    assert float(data["spin_along"][0]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("up", "down", "height"), [(1.09, 0.4, 1.0), (1.09, 0.4, 10.0), (0.15, 0.05, 10.0)])
def test_before_an_opaque_barrier_each_spin_sees_a_wall(up: float, down: float, height: float) -> None:
    """n(z) = (1/4π²)∫₀^kF (kF² − k²)[1 + Re r exp(2ikz)]dk with a step's r, m_b = 1; r = −1 for a hard wall."""
    junction = Junction(k_up=up, k_down=down, rashba=0.0, barrier_mass=1.0, barrier_height=height,
                        barrier_thickness=4.0)
    depth = np.array([0.0, 0.05, 0.13, 0.3, 0.8, 2.0, 5.0])
    nodes, weights = np.polynomial.legendre.leggauss(400)

    def spin(fermi: float) -> Array:
        k = fermi * (nodes + 1) / 2
        decay = np.sqrt(height / A + fermi**2 - k**2)
        reflected = (1j * k + decay) / (1j * k - decay)
        terms = 1 + (reflected * np.exp(20j * k * depth[:, None])).real
        return np.asarray(1e3 * terms @ (weights * fermi / 2 * (fermi**2 - k**2)) / (4 * np.pi**2))

    data = spin_density(junction, depth=depth).data
    assert data["spin_along"].values == pytest.approx(spin(up) - spin(down), abs=1e-7 * _bulk(junction))
    if up < 0.2:  # nearly hard: 3(2kz cos 2kz − sin 2kz)/(2kz)³ of each spin is missing
        def hard(fermi: float) -> Array:
            x = 20 * fermi * depth[1:]
            return np.asarray(1e3 * fermi**3 * (1 + 3 * np.cos(x) / x**2 - 3 * np.sin(x) / x**3) / (6 * np.pi**2))

        far = 1 / np.sqrt(height / A + up**2) / 10  # the wave enters the barrier that deep (nm)
        depth = depth + far
        assert data["spin_along"].values[1:] == pytest.approx(hard(up) - hard(down), abs=1e-2 * _bulk(junction))


def test_the_tail_has_the_friedel_period_of_both_spins() -> None:
    """π/kF of each: the wave vectors 2kF that describe the tail best are those of the bulk, to half a per cent."""
    junction = Junction(rashba=4.0)
    depth = np.linspace(2.0, 8.0, 241)
    data = spin_density(junction, depth=depth).data
    tail = data["spin_along"].values - float(data["spin_bulk"])
    factors = np.linspace(0.95, 1.05, 41)

    def missed(factor_up: float, factor_down: float) -> float:
        columns = [wave(20 * k * depth) / depth**power for wave in (np.cos, np.sin) for power in (2, 3, 4)
                   for k in (factor_up * junction.k_up, factor_down * junction.k_down)]
        basis = np.array(columns).T
        left = tail - basis @ np.linalg.lstsq(basis, tail, rcond=None)[0]
        return float(np.sqrt((left**2).sum() / (tail**2).sum()))

    assert missed(1.0, 1.0) < 2e-3
    assert factors[np.argmin([missed(factor, 1.0) for factor in factors])] == pytest.approx(1.0, abs=5e-3)
    assert factors[np.argmin([missed(1.0, factor) for factor in factors])] == pytest.approx(1.0, abs=5e-3)
    assert missed(1.05, 1.0) > 0.1


@pytest.mark.parametrize("name", FLIPPED)
def test_a_flip_of_the_magnetization_flips_nothing_in_its_frame(name: str) -> None:
    depth = [0.0, 0.1, 0.4, 1.5]
    here = spin_density(FLIPPED[name], theta_deg=50.0, phi_deg=20.0, depth=depth).data["spin_along"].values
    there = spin_density(FLIPPED[name], theta_deg=130.0, phi_deg=200.0, depth=depth).data["spin_along"].values
    assert there == pytest.approx(here, rel=1e-7)


@pytest.mark.parametrize("junction", [Junction(bias=0.6), dataclasses.replace(MAGNET, bias=-0.3)])
def test_accuracies_agree(junction: Junction) -> None:
    normal, fine = (spin_density(junction, depth=[0.0, 0.3, 1.0, 4.0], accuracy=accuracy).data["spin_along"].values
                    for accuracy in ("normal", "reference"))
    assert normal == pytest.approx(fine, abs=1e-6 * _bulk(junction))


# --- a sum over scattering states -------------------------------------------------------------------------

def _mapped(low: Array, high: Array, order: int) -> tuple[Array, Array]:
    """Nodes and weights between the bounds, on a new last axis, with square roots removed at both ends."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    t = np.pi * (nodes + 1) / 4
    span = (high - low)[..., None]
    return low[..., None] + span * np.sin(t) ** 2, span * np.sin(2 * t) * np.pi / 4 * weights


def _barrier(junction: Junction, level: float, e: Array, x: Array) -> tuple[Array, Array, Array, Array]:
    """(ψ, ψ'/m) at 0 from those at d: a slope of the potential makes Airy functions, none hyperbolic ones."""
    d, m = 10 * junction.barrier_thickness, junction.barrier_mass
    slope = m * junction.bias / (d * A)
    square = m * (level + junction.barrier_height - e) / A + x
    if slope == 0:
        q = np.sqrt(square + 0j)
        return np.cosh(q * d), -m * np.sinh(q * d) / q, -q * np.sinh(q * d) / m, np.cosh(q * d)
    turn = np.cbrt(slope)

    def both(z: float) -> tuple[Array, ...]:
        ai, ai_dot, bi, bi_dot = special.airy((square - slope * z) / turn**2)
        return ai, bi, -turn * ai_dot / m, -turn * bi_dot / m

    (a0, b0, p0, q0), (a1, b1, p1, q1) = both(0.0), both(d)
    whole = a1 * q1 - b1 * p1
    return ((a0 * q1 - b0 * p1) / whole, (b0 * a1 - a0 * b1) / whole, (p0 * q1 - q0 * p1) / whole,
            (q0 * a1 - p0 * b1) / whole)


def _matrix(scalar: Array, vector: Array, direction: Array) -> Array:
    return np.asarray(scalar[..., None, None] * np.eye(2)
                      + vector[..., None, None] * np.tensordot(direction, PAULI, 1))


def _direction(theta_deg: float, phi_deg: float) -> Array:
    t, f = np.radians(theta_deg), np.radians(phi_deg)
    return np.array([np.sin(t) * np.cos(f), np.sin(t) * np.sin(f), np.cos(t)])


def _states(junction: Junction, where: tuple[float, float], depth: Array, order: int = 36) -> Array:
    """The spin density (1/nm³) along −e_θ, e_φ and −M, (3, depth): waves of F to µ_F, of the right to µ_N."""
    up, down = junction.k_up, junction.k_down
    level, split = A * (up**2 + down**2) / 2, A * (up**2 - down**2) / 2
    normal = np.sqrt(level / A)
    right_up, right_down = junction.right_k_up or normal, junction.right_k_down or normal
    mu_n, right_split = level - junction.bias, A * (right_up**2 - right_down**2) / 2
    base = A * (right_up**2 + right_down**2) / 2 - mu_n
    openings = sorted({-split, split, base - right_split, base + right_split})
    total = np.zeros((3, depth.size))
    marks = sorted({-o for o in openings} | {mu_n, level})
    marks = [mark for mark in marks if mark <= max(mu_n, level)]
    for first, last in pairwise(marks):
        energies, weights = _mapped(np.array(first), np.array(last), order)
        lows = np.zeros_like(energies)
        for opening in openings:
            if (first + last) / 2 + opening > 0:
                x, weights_x = _mapped(lows, (energies + opening) / A, order)
                lows = (energies + opening) / A
                total += _cell(junction, where, depth, np.broadcast_to(energies[:, None], x.shape).ravel(),
                               x.ravel(), (weights[:, None] * weights_x).ravel(), (level, split, mu_n, base,
                                                                                  right_split))
    return total


def _cell(junction: Junction, where: tuple[float, float], depth: Array, e: Array, x: Array, weight: Array,
          levels: tuple[float, ...]) -> Array:
    """One cell of energies and x = k∥², a mean over 16 azimuths."""
    level, split, mu_n, base, right_split = levels
    m, p = _direction(*where), _direction(junction.right_theta_deg, junction.right_phi_deg)
    k_f = np.array([np.sqrt((e + sign * split) / A - x + 0j) for sign in (1, -1)])
    k_n = np.array([np.sqrt((e + base + sign * right_split) / A - x + 0j) for sign in (1, -1)])
    inner = _matrix((k_f[0] + k_f[1]) / 2, (k_f[0] - k_f[1]) / 2, -m)
    outer = _matrix((k_n[0] + k_n[1]) / 2, (k_n[0] - k_n[1]) / 2, -p)
    a, b, c, f = (part[:, None, None] for part in _barrier(junction, level, e, x))
    through = np.linalg.inv(a * np.eye(2) + 1j * b * outer)
    beyond = (c * np.eye(2) + 1j * f * outer) @ through
    chi_f, chi_n = (np.linalg.eigh(np.tensordot(-axis, PAULI, 1))[1].T[::-1] for axis in (m, p))
    e_theta = _direction(where[0] + 90.0, where[1])
    frame = np.tensordot(np.array([-e_theta, np.cross(m, e_theta), -m]), PAULI, 1)
    total = np.zeros((3, depth.size))
    for azimuth in 2 * np.pi * (np.arange(16) + 0.5) / 16:
        kx, ky = np.sqrt(x) * np.cos(azimuth), np.sqrt(x) * np.sin(azimuth)
        soi = ((junction.rashba * ky + junction.dresselhaus * kx)[:, None, None] * PAULI[0]
               - (junction.rashba * kx + junction.dresselhaus * ky)[:, None, None] * PAULI[1]) / A
        green = np.linalg.inv(beyond + 1j * inner - soi)
        for spin in (0, 1):
            for k, chi, amplitudes, filled, from_f in (
                    (k_f[spin], chi_f[spin], green, e < level, True),
                    (k_n[spin], chi_n[spin], green @ through, e < mu_n, False)):
                part = np.where(filled & (k.real > 0), weight / np.where(k.real > 0, k.real, 1.0), 0.0)
                at_zero = 2j * k[:, None] * (amplitudes @ chi)
                total += _density(at_zero, chi if from_f else 0 * chi, k, k_f, chi_f, depth, part, frame)
    return total * 1e3 / (16 * 4 * np.pi * 2 * A * 2 * np.pi)


def _density(at_zero: Array, coming: Array, k: Array, k_f: Array, chi_f: Array, depth: Array, weight: Array,
             frame: Array) -> Array:
    """Σ weight ψ†σψ at the depths: an incoming wave, and what leaves."""
    leaving = at_zero - coming
    out = np.zeros((3, depth.size))
    for at, z in enumerate(10 * depth):
        psi = coming * np.exp(-1j * k * z)[:, None]
        for spin in (0, 1):
            psi = psi + (leaving @ chi_f[spin].conj() * np.exp(1j * k_f[spin] * z))[:, None] * chi_f[spin]
        out[:, at] = np.einsum("n,ni,aij,nj->a", weight, psi.conj(), frame, psi).real
    return out


@pytest.mark.parametrize("junction", [Junction(barrier_thickness=0.4, bias=0.5),
                                      Junction(barrier_thickness=0.4, rashba=3.0, dresselhaus=1.0),
                                      dataclasses.replace(MAGNET, barrier_thickness=0.3, bias=-0.4)])
def test_it_is_the_sum_over_scattering_states(junction: Junction) -> None:
    where, depth = (50.0, 20.0), np.array([0.0, 0.07, 0.4, 0.9])
    expected = _states(junction, where, depth)
    data = spin_density(junction, theta_deg=where[0], phi_deg=where[1], depth=depth).data
    assert data["spin_along"].values == pytest.approx(expected[2], abs=1e-6 * np.abs(expected[2]).max())
    across = np.abs(expected[:2]).max()
    assert data["spin_par"].values == pytest.approx(expected[0], abs=1e-5 * across)
    assert data["spin_perp"].values == pytest.approx(expected[1], abs=1e-5 * across)
