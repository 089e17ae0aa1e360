"""Scattering at one energy and in-plane wave vector, written as in physics.md, section 3.

The kernels sum the same expressions in closed form over many points; here they can be read, checked and used for
a single one.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smtj_engine.constants import HBAR2_2M
from smtj_engine.transport import spin_kernels
from smtj_engine.transport.barrier import Model

Complex = NDArray[np.complexfloating[Any, Any]]
UNIT: Complex = np.eye(2, dtype=complex)
PAULI: Complex = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@dataclasses.dataclass(frozen=True)
class Waves:
    """The scattering states at one (E, k∥), before the weights of energy and k∥.

    k_f, k_right: wave vectors along z of majority and minority spin (1/Å; evanescent ones imaginary) in F and in
    the right electrode. projectors, right_projectors: P↑ and P↓ (2, 2, 2). beyond: the matrix Λ; through: S with
    ψ(d) = Sψ(0) for waves from F. from_f, from_n: ψ(0) of a wave from F or from the right for each spin as columns
    (2, 2), zero where it is evanescent. spin_f, spin_n: Σ Im(ψ†σψ')/k at 0⁻, lab axes (3,). transmission_f,
    transmission_n: summed over spins, equal by reciprocity.
    """

    k_f: tuple[complex, complex]
    k_right: tuple[complex, complex]
    projectors: Complex
    right_projectors: Complex
    beyond: Complex
    through: Complex
    from_f: Complex
    from_n: Complex

    @property
    def wave_vectors(self) -> Complex:
        """The matrix K = k↑P↑ + k↓P↓ of F."""
        matrix: Complex = np.tensordot(np.array(self.k_f), self.projectors, 1)
        return matrix

    @property
    def transmission_f(self) -> float:
        """The flux into the right electrode of the waves from F; 0 where that is evanescent."""
        into = np.tensordot(np.array(self.k_right).real, self.right_projectors, 1)
        there = self.through @ self.from_f
        return float(sum((psi.conj() @ into @ psi).real / k.real
                         for psi, k in zip(there.T, self.k_f, strict=True) if k.real > 0))

    @property
    def transmission_n(self) -> float:
        """The flux into F of the waves from the right."""
        into = np.tensordot(np.array(self.k_f).real, self.projectors, 1)
        return float(sum((psi.conj() @ into @ psi).real / k.real
                         for psi, k in zip(self.from_n.T, self.k_right, strict=True) if k.real > 0))

    @property
    def spin_f(self) -> NDArray[np.float64]:
        """Spin current at 0⁻ of the waves from F: ψ' = iK(2χ − ψ)."""
        total = np.zeros(3)
        for psi, k, projector in zip(self.from_f.T, self.k_f, self.projectors, strict=True):
            if k.real > 0:
                slope = 1j * self.wave_vectors @ (2 * spinor(projector) - psi)
                total += np.array([(psi.conj() @ sigma @ slope).imag for sigma in PAULI]) / k.real
        return total

    @property
    def spin_n(self) -> NDArray[np.float64]:
        """Spin current at 0⁻ of the waves from the right: ψ' = −iKψ."""
        total = np.zeros(3)
        for psi, k in zip(self.from_n.T, self.k_right, strict=True):
            if k.real > 0:
                slope = -1j * self.wave_vectors @ psi
                total += np.array([(psi.conj() @ sigma @ slope).imag for sigma in PAULI]) / k.real
        return total


def waves(model: Model, e: float, kx: float, ky: float, theta: float, phi: float) -> Waves:
    """The scattering states at energy e (eV, from the mean of F's band bottoms), k∥ (1/Å), M along θ, φ (rad)."""
    x = kx * kx + ky * ky
    m = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    projectors = _projectors(-m)  # the majority spin is antiparallel to M
    k_f = _pair(e / HBAR2_2M - x, model.exchange)
    k_right = _pair(model.k_normal_squared + (e - model.mu_n) / HBAR2_2M - x, model.right_exchange)
    right_projectors = _projectors(np.array(model.right_spin))
    beyond, through, back = _barrier(model, e, kx, ky, k_right, right_projectors)
    soi = ((model.rashba * ky + model.dresselhaus * kx) * PAULI[0]
           - (model.rashba * kx + model.dresselhaus * ky) * PAULI[1]) / HBAR2_2M
    green = interface_green(beyond, np.tensordot(np.array(k_f), projectors, 1), soi)
    from_f: Complex = np.column_stack([2j * k * green @ spinor(projector) if k.real > 0 else np.zeros(2)
                                       for k, projector in zip(k_f, projectors, strict=True)])
    from_n: Complex = np.column_stack([2j * k * green @ back @ spinor(projector) if k.real > 0 else np.zeros(2)
                                       for k, projector in zip(k_right, right_projectors, strict=True)])
    return Waves(k_f, k_right, projectors, right_projectors, beyond, through, from_f, from_n)


def _barrier(model: Model, e: float, kx: float, ky: float, k_right: tuple[complex, complex],
             right_projectors: Complex) -> tuple[Complex, Complex, Complex]:
    """Λ, S and t̃: ψ'/m = Λψ at 0⁺ of waves outgoing on the right, ψ(d) = Sψ(0), and ψ(0) = 2iG t̃ kχ from there.

    With (a b; c e) the transfer matrix of each spin along n and K_R = diagonal + O, all are fractions that neither
    overflow nor cancel (see spin_kernels.py). S and t̃ differ by the order of the two spin matrices.
    """
    k = np.hypot(kx, ky)
    numbers = np.array(model.numbers)
    bulk = model.bulk != 0 and k > 0
    masses = [model.mass / (1 - sign * model.bulk * model.mass * k / HBAR2_2M) for sign in (1, -1)]
    axes = _projectors(np.array([kx, -ky, 0.0]) / k) if bulk else right_projectors
    wave_vectors = np.tensordot(np.array(k_right), right_projectors, 1)
    transmit, depth, beyond, across = np.zeros((4, 2, 2), complex)
    for projector, mass in zip(axes, masses, strict=True):
        a, b, c, d, *_, scale = spin_kernels.transfer_real(e, k * k, mass, numbers)
        ik = 1j * np.trace(projector @ wave_vectors)
        transmit += scale / (a + b * ik) * projector
        depth += b / (a + b * ik) * projector
        beyond += (c + d * ik) / (a + b * ik) * projector
        across += ik * projector
    across = 1j * wave_vectors - across if bulk else 0 * across
    through = np.linalg.solve(UNIT + depth @ across, transmit)
    back = transmit @ np.linalg.inv(UNIT + across @ depth)
    return beyond + transmit @ across @ through, through, back


def interface_green(beyond: complex | Complex, wave_vectors: Complex, soi: Complex) -> Complex:
    """G = (Λ + iK − W)⁻¹ in 1/Å⁻¹; the one place where Λ may also be a 2×2 matrix."""
    matrix: Complex = beyond * UNIT if np.ndim(beyond) == 0 else np.asarray(beyond)
    green: Complex = np.linalg.inv(matrix + 1j * wave_vectors - soi)
    return green


def spinor(projector: Complex) -> Complex:
    """The normalized spinor onto which a rank-one projector projects."""
    column = projector[:, np.argmax(np.abs(np.diag(projector)))]
    normalized: Complex = column / np.linalg.norm(column)
    return normalized


def _projectors(direction: NDArray[np.float64]) -> Complex:
    """The projectors on the spins along and against a unit vector."""
    along: Complex = np.tensordot(direction, PAULI, 1)
    return np.stack([UNIT + along, UNIT - along]) / 2


def _pair(square: float, exchange: float) -> tuple[complex, complex]:
    """k↑ and k↓ from the square without exchange."""
    return _branch(square + exchange / HBAR2_2M), _branch(square - exchange / HBAR2_2M)


def _branch(square: float) -> complex:
    """A wave vector from its square, Im ≥ 0."""
    return complex(np.sqrt(square), 0.0) if square > 0 else complex(0.0, np.sqrt(-square))
