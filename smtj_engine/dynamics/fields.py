"""The macrospin's equation of motion in numbers: field, energy, slope, exact Jacobian, equilibria, growth rates.

`Spins` holds the numbers of n magnets at once (a diagram's cells, or n = 1), in the units of physics.md,
section 6: fields in M_s, time in 1/(γµ₀M_s). Magnetizations m have the shape (n, 3).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Spins:
    """n macrospins: η, Q∥, Q_eff = Q⊥ − N_z (n,); external field h (n, 3); the torque's law; the unit of time.

    τ∥ g and τ⊥ g are polynomials in m_z with the coefficients par and perp (n, K), lowest first. Where the
    torque depends on φ too, harmonics (n, J, 4, K) adds for j = 1..J the polynomials of cos 2jφ and sin 2jφ in
    τ∥ g, then in τ⊥ g. unit: 1/(γµ₀M_s) in ns (n,).
    """

    eta: Array
    q_par: Array
    q_eff: Array
    h: Array
    par: Array
    perp: Array
    unit: Array
    harmonics: Array | None = None

    def __len__(self) -> int:
        return len(self.eta)

    def take(self, index: Any) -> Spins:
        """Some of the spins, by index or mask."""
        part: dict[str, Any] = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        part = {name: None if value is None else value[index] for name, value in part.items()}
        return Spins(**part)

    @property
    def fastest(self) -> Array:
        """An upper estimate of the fastest precession (n,): the spread of the anisotropy, field and torque."""
        levels = np.stack([np.zeros_like(self.q_par), self.q_par, self.q_eff])
        spread = np.ptp(levels, axis=0) + np.linalg.norm(self.h, axis=1)
        torque = np.abs(self.par).sum(axis=1) + np.abs(self.perp).sum(axis=1)
        if self.harmonics is not None:
            torque = torque + np.abs(self.harmonics).sum(axis=(1, 2, 3))
        return np.asarray(np.maximum(spread + torque, 1e-6))


def amplitudes(spins: Spins, m: Array) -> tuple[Array, Array, Array, Array]:
    """f = τ∥ g and t = τ⊥ g at m (n,), and their gradients (n, 3) with respect to m."""
    powers = np.vander(m[:, 2], spins.par.shape[1], increasing=True)
    slopes = np.arange(1, spins.par.shape[1]) * powers[:, :-1]
    f, t = (powers * spins.par).sum(axis=1), (powers * spins.perp).sum(axis=1)
    df, dt = np.zeros_like(m), np.zeros_like(m)
    df[:, 2] = (slopes * spins.par[:, 1:]).sum(axis=1)
    dt[:, 2] = (slopes * spins.perp[:, 1:]).sum(axis=1)
    if spins.harmonics is not None:
        phi = np.arctan2(m[:, 1], m[:, 0])
        s2 = np.maximum(m[:, 0] ** 2 + m[:, 1] ** 2, 1e-300)
        along = np.stack([-m[:, 1] / s2, m[:, 0] / s2], axis=1)  # ∂φ/∂(m_x, m_y)
        for j in range(spins.harmonics.shape[1]):
            cos, sin = np.cos(2 * (j + 1) * phi), np.sin(2 * (j + 1) * phi)
            values = np.einsum("nck,nk->nc", spins.harmonics[:, j], powers)
            rates = np.einsum("nck,nk->nc", spins.harmonics[:, j, :, 1:], slopes)
            for column, total, gradient in ((0, f, df), (2, t, dt)):
                total += values[:, column] * cos + values[:, column + 1] * sin
                gradient[:, 2] += rates[:, column] * cos + rates[:, column + 1] * sin
                turn = 2 * (j + 1) * (values[:, column + 1] * cos - values[:, column] * sin)
                gradient[:, :2] += turn[:, None] * along
    return f, t, df, dt


def effective_field(spins: Spins, m: Array) -> Array:
    """h = (Q∥m_x, 0, (Q⊥−N_z)m_z) + h_ext, in M_s (n, 3)."""
    h = spins.h.copy()
    h[:, 0] += spins.q_par * m[:, 0]
    h[:, 2] += spins.q_eff * m[:, 2]
    return h


def energy(spins: Spins, m: Array) -> Array:
    """−(w/2 + h·m) in µ₀M_s² (n,), w = Q∥m_x² + Q_eff m_z²; without torque it never rises."""
    return np.asarray(-0.5 * contour(spins, m) - (spins.h * m).sum(axis=1))


def contour(spins: Spins, m: Array) -> Array:
    """w = Q∥m_x² + Q_eff m_z² (n,), the label of the energy contours of physics.md, section 6."""
    w: Array = spins.q_par * m[:, 0] ** 2 + spins.q_eff * m[:, 2] ** 2
    return w


def _total_field(spins: Spins, m: Array) -> Array:
    """H = h + f (m×z) + t z: the torques written as fields."""
    f, t, _, _ = amplitudes(spins, m)
    total = effective_field(spins, m)
    total[:, 0] += f * m[:, 1]
    total[:, 1] -= f * m[:, 0]
    total[:, 2] += t
    return total


def slope(spins: Spins, m: Array) -> Array:
    """dm/dτ (n, 3): −m×B with B = (H + η m×H)/(1+η²), Gilbert's equation solved for dm/dt."""
    total = _total_field(spins, m)
    eta = spins.eta[:, None]
    return -_times(m, total + eta * _times(m, total)) / (1 + eta**2)


def jacobian(spins: Spins, m: Array) -> Array:
    """∂(dm/dτ)/∂m (n, 3, 3), exact."""
    f, _, df, dt = amplitudes(spins, m)
    total = _total_field(spins, m)
    eta, c = spins.eta[:, None, None], 1 / (1 + spins.eta[:, None, None] ** 2)
    inner = np.zeros((len(m), 3, 3))
    inner[:, 0, 0] = spins.q_par
    inner[:, 0, 1] = f
    inner[:, 1, 0] = -f
    inner[:, 2, 2] = spins.q_eff
    inner[:, 0] += m[:, 1:2] * df
    inner[:, 1] -= m[:, 0:1] * df
    inner[:, 2] += dt
    b = (total + spins.eta[:, None] * _times(m, total)) * c[:, 0]
    db = c * (inner + eta * (_cross(m) @ inner - _cross(total)))
    return _cross(b) - _cross(m) @ db


def growth_rates(spins: Spins, m: Array) -> NDArray[np.complex128]:
    """The two linear growth rates about an equilibrium (n, 2), per 1/(γµ₀M_s): stable if both real parts < 0."""
    basis = tangents(m)
    flat = np.swapaxes(basis, 1, 2) @ jacobian(spins, m) @ basis
    half, det = np.trace(flat, axis1=1, axis2=2) / 2, np.linalg.det(flat)
    root = np.sqrt((half**2 - det).astype(np.complex128))
    return np.stack([half + root, half - root], axis=1)


def nearest_equilibria(spins: Spins, m: Array, iterations: int = 30) -> tuple[Array, NDArray[np.bool_]]:
    """Newton's method on the sphere from m: where dm/dτ = 0, and whether it was found."""
    m = m / np.linalg.norm(m, axis=1, keepdims=True)
    found = np.zeros(len(m), dtype=np.bool_)
    active, part = np.arange(len(m)), spins
    for _ in range(iterations):
        here = m[active]
        basis = tangents(here)
        rows = np.swapaxes(basis, 1, 2)
        wanted = rows @ slope(part, here)[:, :, None]
        step = -(basis @ _solve(rows @ jacobian(part, here) @ basis, wanted))[:, :, 0]
        length = np.linalg.norm(step, axis=1, keepdims=True)
        here = here + step * np.minimum(1.0, 0.3 / np.maximum(length, 1e-300))
        m[active] = here / np.linalg.norm(here, axis=1, keepdims=True)
        there = length[:, 0] < 1e-9  # Newton's error is now its square
        found[active[there]] = np.linalg.norm(slope(part, m[active]), axis=1)[there] < 1e-12 * np.maximum(
            1.0, part.fastest[there])
        if there.all():
            break
        active, part = active[~there], part.take(~there)
    return m, found


def equilibria(spins: Spins, starts: int = 200) -> tuple[Array, NDArray[np.complex128]]:
    """All equilibria of one spin that Newton's method finds from points spread over the sphere, with growth rates.

    Returns m (k, 3), highest m_z first, and the growth rates (k, 2).
    """
    z = 1 - (2 * np.arange(starts) + 1) / starts
    phi = np.pi * (1 + 5**0.5) * np.arange(starts)
    axes = np.concatenate([np.eye(3), -np.eye(3)])
    points = np.stack([np.sqrt(1 - z * z) * np.cos(phi), np.sqrt(1 - z * z) * np.sin(phi), z], axis=1)
    many = spins.take(np.zeros(starts + 6, dtype=int))
    m, found = nearest_equilibria(many, np.concatenate([axes, points]))
    distinct: list[Array] = []
    left = m[found]
    while len(left):
        distinct.append(left[0])
        left = left[np.linalg.norm(left - left[0], axis=1) > 1e-6]
    distinct.sort(key=lambda each: (-round(each[2], 9), -round(each[0], 9), -round(each[1], 9)))
    answer = np.array(distinct).reshape(-1, 3)
    return answer, growth_rates(spins.take(np.zeros(len(answer), dtype=int)), answer)


def _solve(matrix: Array, right: Array) -> Array:
    """The solution of 2×2 systems; a singular one (a line of equilibria) takes a short step instead of failing."""
    a, b, c, d = matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 0], matrix[:, 1, 1]
    det = a * d - b * c
    det = np.where(np.abs(det) < 1e-30, 1e-30, det)
    u, v = right[:, 0, 0], right[:, 1, 0]
    return np.stack([(d * u - b * v) / det, (a * v - c * u) / det], axis=1)[:, :, None]


def _cross(vector: Array) -> Array:
    """The matrices of v× (n, 3, 3)."""
    matrix = np.zeros((len(vector), 3, 3))
    matrix[:, 0, 1], matrix[:, 0, 2], matrix[:, 1, 2] = -vector[:, 2], vector[:, 1], -vector[:, 0]
    matrix -= np.swapaxes(matrix, 1, 2).copy()
    return matrix


def _times(a: Array, b: Array) -> Array:
    """a × b (n, 3); numpy.cross costs five times as much."""
    return np.stack([a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1], a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2],
                     a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]], axis=1)


def tangents(m: Array) -> Array:
    """Two orthonormal tangents at each m, as columns (n, 3, 2)."""
    helper = np.eye(3)[np.argmin(np.abs(m), axis=1)]
    first = _times(helper, m)
    first = first / np.linalg.norm(first, axis=1, keepdims=True)
    return np.stack([first, _times(m, first)], axis=2)
