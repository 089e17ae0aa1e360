"""Compiled: what a barrier and a right electrode that act on the spin do to a wave, as 2×2 matrices.

Energies, x and the first numbers of `p` are those of kernels.py; then follow γ, the right electrode's exchange J_R
and the direction s_R of its majority spin. A matrix is a scalar and a vector, X = X₀ + X·σ.

The barrier conserves the spin along n = (k_x, −k_y, 0)/k∥, with 1/m± = (1/m_b)(1 ∓ γm_bk∥/A); the right
electrode conserves that along s_R, K_R = k̄ + δ s_R·σ. From the transfer matrix (a b; c e) of each spin along n,
(ψ, ψ'/m) at 0 from those at d, come the numbers of a right electrode without spin, k̄,
    t = 1/(a + ibk̄),  Λ_d = (c + iek̄)t,  r = bt,
and from these, with O = iδ s_R·σ,
    Λ = Λ_d + t O (1 + rO)⁻¹ t,  t̃ = t(1 + Or)⁻¹,
where nothing overflows, nor cancels for a thick barrier. As O² = −δ² the inverses are in closed form: with
s_R = s_n n + q, q ⟂ n, and o = iδ
    det(1 + rO) = 1 + o s_n(r₊ − r₋) − o² r₊r₋,  O(1 + rO)⁻¹ = [o(s_n n + q)·σ − o²(r₋, r₊)]/det.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.barrier_kernels import (
    DECAY,
    DP,
    DP_I,
    DQ,
    DQ_I,
    IM,
    K_I,
    LANES,
    MASS,
    MASS_I,
    PS,
    PS_I,
    Q_I,
    RE,
    ROWS,
    STEP,
    T_I,
    K,
    Q,
    T,
    X,
    _inverse,
    _outgoing,
    complex_lanes,
    transfer_lanes,
)

_FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def masses(k, p):
    """The barrier's masses m± of the spins along ±n (at complex k∥ too)."""
    part = p[11] * p[5] * k / p[0]
    return p[5] / (1.0 - part), p[5] / (1.0 + part)


@njit(nogil=True, cache=True, error_model="numpy")
def real_waves(e, x, p, plus, minus):
    """barrier_kernels.transfer_lanes for both spins: workspaces, the same one twice without γ."""
    for i in range(LANES):
        plus[MASS + i], minus[MASS + i] = masses(np.sqrt(x[i]), p)
    _real_waves(e, x, p, plus)
    if p[11] != 0.0:
        _real_waves(e, x, p, minus)


@njit(nogil=True, cache=True, error_model="numpy")
def _real_waves(e, x, p, w):
    mass = w[MASS:MASS + LANES]
    for i in range(LANES):
        w[X + i] = x[i]
    transfer_lanes(e, x, mass.min(), mass.max(), p, w)


@njit(nogil=True, cache=True, error_model="numpy")
def right_real(e, x, p):
    """k̄ and δ of the right electrode at a real energy, each with its derivative by V."""
    A = p[0]
    mean = p[7] + (e + p[6] - p[2]) / A - x
    up2, down2 = mean + p[12] / A, mean - p[12] / A
    up = complex(np.sqrt(up2), 0.0) if up2 > 0 else complex(0.0, np.sqrt(-up2))
    down = complex(np.sqrt(down2), 0.0) if down2 > 0 else complex(0.0, np.sqrt(-down2))
    inv = _inverse(up + down)
    mean_dot = 0.5 * (_inverse(2.0 * A * up) + _inverse(2.0 * A * down))
    delta = p[12] / A * inv
    return 0.5 * (up + down), mean_dot, delta, -2.0 * delta * mean_dot * inv


@njit(nogil=True, cache=True, error_model="numpy")
def channel(w, i, k, k_dot):
    """Λ_d, t and r of lane i of transfer_lanes for a wave that is outgoing with k, and their derivatives by V."""
    scale = -1.0 / (w[MASS + i] * w[STEP + i])
    a, b, c, e = w[PS + i], w[PS_I + i], scale * w[Q + i], scale * w[Q_I + i]
    inv = _inverse(a + 1j * k * b)
    lam = (c + 1j * k * e) * inv
    turn = (w[DP + i] + 1j * (w[DP_I + i] * k + b * k_dot)) * inv
    lam_dot = (scale * (w[DQ + i] + 1j * w[DQ_I + i] * k) + 1j * e * k_dot) * inv - lam * turn
    t, r = w[DECAY + i] * inv, b * inv
    return lam, lam_dot, t, -t * turn, r, w[DP_I + i] * inv - r * turn


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def beyond(along, delta, l1, t1, r1, l2, t2, r2):
    """Λ as a scalar and components along n and q, and 1/det; along: s_n."""
    o = 1j * delta
    inv = _inverse(1.0 + o * along * (r1 - r2) - o * o * r1 * r2)
    u1, u2 = t1 * t1 * o * (along - o * r2) * inv, t2 * t2 * o * (-along - o * r1) * inv
    return 0.5 * (l1 + l2 + (u1 + u2)), 0.5 * (l1 - l2) + 0.5 * (u1 - u2), t1 * t2 * o * inv, inv


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def beyond_dot(along, delta, delta_dot, inv, plus, minus):
    """The derivatives by V of what `beyond` gives, from those of Λ_d, t, r in plus and minus (see channel)."""
    l1_dot, t1, t1_dot, r1, r1_dot = plus[1], plus[2], plus[3], plus[4], plus[5]
    l2_dot, t2, t2_dot, r2, r2_dot = minus[1], minus[2], minus[3], minus[4], minus[5]
    o, o_dot = 1j * delta, 1j * delta_dot
    inv_dot = -(o_dot * along * (r1 - r2) + o * along * (r1_dot - r2_dot) - 2.0 * o * o_dot * r1 * r2
                - o * o * (r1_dot * r2 + r1 * r2_dot)) * inv * inv
    u1, u2 = o * (along - o * r2), o * (-along - o * r1)
    u1_dot = o_dot * (along - 2.0 * o * r2) - o * o * r2_dot
    u2_dot = o_dot * (-along - 2.0 * o * r1) - o * o * r1_dot
    u1_dot = t1 * ((2.0 * t1_dot * u1 + t1 * u1_dot) * inv + t1 * u1 * inv_dot)
    u2_dot = t2 * ((2.0 * t2_dot * u2 + t2 * u2_dot) * inv + t2 * u2 * inv_dot)
    across = (o_dot * t1 * t2 + o * (t1_dot * t2 + t1 * t2_dot)) * inv + o * t1 * t2 * inv_dot
    return (0.5 * (l1_dot + l2_dot + (u1_dot + u2_dot)), 0.5 * (l1_dot - l2_dot) + 0.5 * (u1_dot - u2_dot), across,
            inv_dot)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def flux(along, across2, mean, mean_dot, delta, delta_dot, inv, inv_dot, plus, minus):
    """Γ = t̃ Re(K_R) t̃† as a scalar and components along n, q and n×q, then its derivatives by V; across2: q².

    Elements between the two spins along n are those divided by |q|, as q and n×q are not unit vectors.
    """
    t1, t1_dot, r1, r1_dot = plus[2], plus[3], plus[4], plus[5]
    t2, t2_dot, r2, r2_dot = minus[2], minus[3], minus[4], minus[5]
    o, o_dot = 1j * delta, 1j * delta_dot
    x00, x01, x10, x11 = t1 * (1.0 - o * r2 * along), -o * r2 * t1, -o * r1 * t2, t2 * (1.0 + o * r1 * along)
    z00 = t1_dot * (1.0 - o * r2 * along) - t1 * along * (o_dot * r2 + o * r2_dot)
    z11 = t2_dot * (1.0 + o * r1 * along) + t2 * along * (o_dot * r1 + o * r1_dot)
    z01 = -(o_dot * r2 * t1 + o * (r2_dot * t1 + r2 * t1_dot))
    z10 = -(o_dot * r1 * t2 + o * (r1_dot * t2 + r1 * t2_dot))
    y = (x00 * inv, x01 * inv, x10 * inv, x11 * inv)
    y_dot = (z00 * inv + x00 * inv_dot, z01 * inv + x01 * inv_dot, z10 * inv + x10 * inv_dot,
             z11 * inv + x11 * inv_dot)
    g0, g1, g2, g3 = _between(y, y, mean.real, delta.real, along, across2)
    a0, a1, a2, a3 = _between(y_dot, y, 2.0 * mean.real, 2.0 * delta.real, along, across2)
    b0, b1, b2, b3 = _between(y, y, mean_dot.real, delta_dot.real, along, across2)
    return g0, g1, g2, g3, a0 + b0, a1 + b1, a2 + b2, a3 + b3


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _between(a, y, v0, v1, along, across2):
    """The Hermitian part of a (v₀ + v₁ s_R·σ) y†."""
    a00, a01, a10, a11 = a
    y00, y01, y10, y11 = np.conj(y[0]), np.conj(y[1]), np.conj(y[2]), np.conj(y[3])
    b00, b01 = a00 * (v0 + v1 * along) + a01 * (v1 * across2), a00 * v1 + a01 * (v0 - v1 * along)
    b10, b11 = a10 * (v0 + v1 * along) + a11 * v1, a10 * (v1 * across2) + a11 * (v0 - v1 * along)
    m00, m11 = (b00 * y00 + b01 * y01 * across2).real, (b10 * y10 * across2 + b11 * y11).real
    m01, m10 = b00 * y10 + b01 * y11, b10 * y00 + b11 * y01
    return 0.5 * (m00 + m11), 0.5 * (m00 - m11), 0.5 * (m01.real + m10.real), 0.5 * (m10.imag - m01.imag)


@njit(nogil=True, cache=True, error_model="numpy")
def complex_waves(e, x, k, p, w, far, right):
    """Λ_d, t and r of both spins at LANES complex energies, x and k∥: far[spin, :, lane]; right[:, lane]: k̄, δ.

    r is 0 in front of a normal metal, which does not need it.
    """
    magnet = p[12] != 0.0
    # what passes the barrier counts relative to what passes at the Fermi level, however little that is
    most = 20.0 + p[4] * np.sqrt(p[5] * (p[3] + abs(p[6])) / p[0]) if magnet else 17.5
    for i in range(LANES):
        base = p[7] + (e[i] + p[6] - p[2]) / p[0] - x[i]
        up, down = _outgoing(base + p[12] / p[0]), _outgoing(base - p[12] / p[0])
        right[0, i], right[1, i] = 0.5 * (up + down), p[12] / p[0] * _inverse(up + down)
    for spin in range(1 if p[11] == 0.0 else 2):
        for i in range(LANES):
            mass = masses(k[i], p)[spin]
            w[MASS + i], w[MASS_I + i] = mass.real, mass.imag
        complex_channel(e, x, right[0], most, magnet, p, w, far[spin])
    if p[11] == 0.0:
        far[1] = far[0]


@njit(nogil=True, cache=True, error_model="numpy")
def complex_channel(e, x, k, most, depth, p, w, far):
    """Λ_d, t and (depth) r of LANES waves with the masses of w: far[:, lane]."""
    for i in range(LANES):
        w[K + i], w[K_I + i] = k[i].real, k[i].imag
    _complex_waves(e, x, most, p, w)
    for i in range(LANES):
        far[0, i], far[1, i], far[2, i] = complex(w[RE + i], w[IM + i]), complex(w[T + i], w[T_I + i]), 0.0
    if depth and p[4] > 0.0:
        w[K:K + LANES] = np.nan
        _complex_waves(e, x, most, p, w)
        for i in range(LANES):
            if far[1, i] != 0.0:
                far[2, i] = far[1, i] / complex(w[T + i], w[T_I + i])


@njit(nogil=True, cache=True, error_model="numpy")
def _complex_waves(e, x, most, p, w):
    complex_lanes(e, x, most, True, p, w)


@njit(nogil=True, cache=True, error_model="numpy")
def transfer_real(e, x, mass, p):
    """(a, b, c, e) of one wave at a real energy, their derivatives by V at fixed e, and the scale to divide by."""
    w = np.empty(ROWS * LANES)
    w[MASS:MASS + LANES] = mass
    _real_waves(e, np.full(LANES, x), p, w)
    scale = -1.0 / (mass * w[STEP])
    return (w[PS], w[PS_I], scale * w[Q], scale * w[Q_I], w[DP], w[DP_I], scale * w[DQ], scale * w[DQ_I], w[DECAY])


@njit(nogil=True, cache=True, error_model="numpy")
def channel_complex(e, x, mass, k, p, most):
    """Λ_d, t and r of one wave at complex energy, x and mass."""
    w, far = np.empty(ROWS * LANES), np.empty((3, LANES), np.complex128)
    w[MASS:MASS + LANES], w[MASS_I:MASS_I + LANES] = mass.real, mass.imag
    complex_channel(np.full(LANES, e + 0j), np.full(LANES, x + 0j), np.full(LANES, k + 0j), most, True, p, w, far)
    return far[0, 0], far[1, 0], far[2, 0]


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"}, inline="always")
def applied(x0, x1, x2, x3, g0, g1, g2, g3):
    """(X₀ − X·σ)(g₀ + g·σ) with real g."""
    return (x0 * g0 - (x1 * g1 + x2 * g2 + x3 * g3),
            x0 * g1 - x1 * g0 - 1j * (x2 * g3 - x3 * g2),
            x0 * g2 - x2 * g0 - 1j * (x3 * g1 - x1 * g3),
            x0 * g3 - x3 * g0 - 1j * (x1 * g2 - x2 * g1))


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"}, inline="always")
def closed(a0, a1, a2, a3, x0, x1, x2, x3):
    """The Hermitian part of (a₀ + a·σ)(X₀ − X·σ)†."""
    y0, y1, y2, y3 = np.conj(x0), np.conj(x1), np.conj(x2), np.conj(x3)
    return ((a0 * y0 - a1 * y1 - a2 * y2 - a3 * y3).real,
            (a1 * y0 - a0 * y1).real + (a2 * y3 - a3 * y2).imag,
            (a2 * y0 - a0 * y2).real + (a3 * y1 - a1 * y3).imag,
            (a3 * y0 - a0 * y3).real + (a1 * y2 - a2 * y1).imag)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def size(z):
    """About |z|, without a root."""
    return abs(z.real) + abs(z.imag)
