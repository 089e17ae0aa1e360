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
from smtj_engine.transport import barrier_kernels
from smtj_engine.transport.barrier import Model

Complex = NDArray[np.complexfloating[Any, Any]]
UNIT: Complex = np.eye(2, dtype=complex)
PAULI: Complex = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@dataclasses.dataclass(frozen=True)
class Waves:
    """The scattering states at one (E, k∥), before the weights of energy and k∥.

    k_up, k_down, k_normal: wave vectors along z (1/Å; evanescent ones imaginary). projectors: P↑ and P↓ (2, 2, 2).
    from_f: ψ(0) of a wave from F for each spin, zero where it is evanescent, as columns (2, 2); from_n: ψ(0) of
    the two waves from N. spin_f, spin_n: Σ Im(ψ†σψ')/k at 0⁻, lab axes (3,). transmission_f, transmission_n:
    summed over spins, equal by reciprocity.
    """

    k_up: complex
    k_down: complex
    k_normal: complex
    t_u2: float
    projectors: Complex
    from_f: Complex
    from_n: Complex

    @property
    def wave_vectors(self) -> Complex:
        """The matrix K = k↑P↑ + k↓P↓."""
        matrix: Complex = self.k_up * self.projectors[0] + self.k_down * self.projectors[1]
        return matrix

    @property
    def transmission_f(self) -> float:
        """k_N|t_u|² Σ|ψ₀|²/k_s over the waves from F; 0 where N is evanescent."""
        flux = self.k_normal.real * self.t_u2
        return float(sum(flux * np.sum(np.abs(psi) ** 2) / k.real
                         for psi, k in zip(self.from_f.T, (self.k_up, self.k_down), strict=True) if k.real > 0))

    @property
    def transmission_n(self) -> float:
        """The flux into F of the waves from N; 0 where N is evanescent."""
        if self.k_normal.real == 0:
            return 0.0
        into = self.k_up.real * self.projectors[0] + self.k_down.real * self.projectors[1]
        return float(np.trace(self.from_n.conj().T @ into @ self.from_n).real / self.k_normal.real)

    @property
    def spin_f(self) -> NDArray[np.float64]:
        """Spin current at 0⁻ of the waves from F: ψ' = iK(2χ − ψ)."""
        total = np.zeros(3)
        for psi, k, projector in zip(self.from_f.T, (self.k_up, self.k_down), self.projectors, strict=True):
            if k.real > 0:
                slope = 1j * self.wave_vectors @ (2 * _spinor(projector) - psi)
                total += np.array([(psi.conj() @ sigma @ slope).imag for sigma in PAULI]) / k.real
        return total

    @property
    def spin_n(self) -> NDArray[np.float64]:
        """Spin current at 0⁻ of the waves from N: ψ' = −iKψ."""
        if self.k_normal.real == 0:
            return np.zeros(3)
        slopes = -1j * self.wave_vectors @ self.from_n
        flow = self.k_normal.real
        return np.array([np.trace(self.from_n.conj().T @ sigma @ slopes).imag / flow for sigma in PAULI])


def waves(model: Model, e: float, kx: float, ky: float, theta: float, phi: float) -> Waves:
    """The scattering states at energy e (eV, from the mean of F's band bottoms), k∥ (1/Å), M along θ, φ (rad)."""
    x = kx * kx + ky * ky
    numbers = np.array(model.numbers)
    real, flux, *_ = barrier_kernels.barrier_real(e, x, numbers)
    up, down = (_branch((e + sign * model.exchange) / HBAR2_2M - x) for sign in (1, -1))
    normal = _branch((e + model.openings[1]) / HBAR2_2M - x)
    m = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    along: Complex = np.tensordot(m, PAULI, 1)
    projectors = np.stack([UNIT - along, UNIT + along]) / 2  # the majority spin is antiparallel to M
    soi = ((model.rashba * ky + model.dresselhaus * kx) * PAULI[0]
           - (model.rashba * kx + model.dresselhaus * ky) * PAULI[1]) / HBAR2_2M
    green = interface_green(complex(real, flux), up * projectors[0] + down * projectors[1], soi)
    from_f: Complex = np.column_stack([2j * k * green @ _spinor(projector) if k.real > 0 else np.zeros(2)
                              for k, projector in zip((up, down), projectors, strict=True)])
    t_u2 = flux / normal.real if normal.real > 0 else 0.0
    from_n = 2j * normal * np.sqrt(t_u2) * green  # the phase of t_u drops out of every density
    return Waves(up, down, normal, t_u2, projectors, from_f, from_n)


def interface_green(beyond: complex | Complex, wave_vectors: Complex, soi: Complex) -> Complex:
    """G = (Λ + iK − W)⁻¹ in 1/Å⁻¹; the one place where Λ may also be a 2×2 matrix."""
    matrix: Complex = beyond * UNIT if np.ndim(beyond) == 0 else np.asarray(beyond)
    green: Complex = np.linalg.inv(matrix + 1j * wave_vectors - soi)
    return green


def _branch(square: float) -> complex:
    """A wave vector from its square, Im ≥ 0."""
    return complex(np.sqrt(square), 0.0) if square > 0 else complex(0.0, np.sqrt(-square))


def _spinor(projector: Complex) -> Complex:
    """The normalized spinor onto which a rank-one projector projects."""
    column = projector[:, np.argmax(np.abs(np.diag(projector)))]
    spinor: Complex = column / np.linalg.norm(column)
    return spinor
