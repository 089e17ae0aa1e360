"""Compiled sums of the Fermi sea over energy, in-plane wave vector and azimuth; they know numbers only.

Energies e are measured from the mean of the ferromagnet's two band bottoms, which move with V/2; then k↑ and
k↓ depend on e alone, µ_F = E_F and µ_N = E_F − V. x = k∥².

`p` holds the constants of a junction, in this order: A, exchange J, Fermi energy, barrier height U₀, barrier
thickness d (Å), barrier mass, bias V, k_N² at the Fermi level and zero bias, α(V), β, dα/dV.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.barrier_kernels import (
    IM,
    LANES,
    RE,
    ROWS,
    UNSEEN,
    _inverse,
    _lane_root,
    _root,
    complex_lanes,
    right_lanes,
)

#: Rows of the sea's workspace after those of the barrier: Δ, a² + Δ², weight times 4Δ², term of the sum.
DR, DI, CC, CC_I, WEIGHT, WEIGHT_I, TERM = [(ROWS + row) * LANES for row in range(7)]
SEA_ROWS = ROWS + 7

_FAST = {"contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def _sea_means(cc, delta, x, al, be, st, cp, sp, table, small):
    """Azimuthal means of w_ρ²/det₊det₋ and w_ρw_φ/det₊det₋.

    det± = c ± b for opposite azimuths: odd terms are cancelled by hand. c = cc − w², cc = a² + Δ²,
    b = −2iΔ sinθ w_ρ, w² = x·u². Without α or without β the means are closed (u turns on a circle);
    else azimuths are doubled until the first mean changes by less than `small` (the error is its square).
    """
    q = 4.0 * delta * delta * st * st
    if al * be == 0.0:
        w2 = x * (al * al + be * be)
        c = cc - w2
        inverse = _inverse(c * c)
        root = _root(1.0 + q * w2 * inverse)
        return w2 * inverse * _inverse(root * (root + 1.0)), 0.0j
    n, odd = 16, 0
    rho_rho, rho_phi = 0.0j, 0.0j
    while True:
        more, cross = _half_circle(odd, n, cc, q, x, al, be, cp, sp, table)
        change = abs(more - rho_rho) / (abs(more + rho_rho) + 1e-300)
        rho_rho, rho_phi = rho_rho + more, rho_phi + cross
        if n >= 1024 or (odd == 1 and change < small):
            break
        n, odd = 2 * n, 1
    return 2.0 * rho_rho / n, 2.0 * rho_phi / n


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"})
def _half_circle(odd, n, cc, q, x, al, be, cp, sp, table):
    """The sums of _sea_means over the first half of n azimuths: all of them, or the odd ones only."""
    rr, rr_i, rp, rp_i = 0.0, 0.0, 0.0, 0.0
    for m in range(n // 2 // (1 + odd)):
        kx, ky = table[0, n + (1 + odd) * m + odd], table[1, n + (1 + odd) * m + odd]
        ux = al * ky + be * kx
        uy = -(al * kx + be * ky)
        u_rho, u_phi = ux * cp + uy * sp, uy * cp - ux * sp
        c = cc - x * (ux * ux + uy * uy)
        inv = x * _inverse(c * c + q * x * u_rho * u_rho)
        on, across = u_rho * u_rho * inv, u_rho * u_phi * inv
        rr += on.real
        rr_i += on.imag
        rp += across.real
        rp_i += across.imag
    return complex(rr, rr_i), complex(rp, rp_i)


@njit(nogil=True, cache=True, error_model="numpy")
def sea(e, we, turn, k, wk, p, angles, table, small, out):
    """Add ∫dE∫k∥dk∥ of the sea's integrand to out[angle, observable] over a contour of E and paths of k∥.

    e, we: energies and weights, complex; k∥ = turn·k with a complex factor for each energy, k and wk nodes and
    weights of a real path. Columns: 4Δ² sinθ cosθ⟨w_ρ²/…⟩ and 4Δ² sinθ⟨w_ρw_φ/…⟩, imaginary parts (physics.md,
    section 4).
    """
    alpha, beta = p[8] / p[0], p[9] / p[0]
    w, energies, x = np.empty(SEA_ROWS * LANES), np.empty(LANES, np.complex128), np.empty(LANES, np.complex128)
    means = np.empty(LANES, np.complex128)
    for j in range(e.size):
        square = turn[j] * turn[j]
        energies[:] = e[j]
        for first in range(0, k.size, LANES):
            count = min(LANES, k.size - first)
            for i in range(LANES):
                at = first + min(i, count - 1)
                x[i] = square * k[at] ** 2
                means[i] = we[j] * square * (k[at] * wk[at]) if i < count else 0.0
            right_lanes(energies, x, p, w)
            complex_lanes(energies, x, UNSEEN, False, p, w)
            _electrode(e[j], x, means, p, w)
            for m in range(angles.shape[1]):
                ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
                if st == 0.0:
                    continue
                if alpha * beta == 0.0:
                    out[m, 0] += st * ct * _circle(x, alpha * alpha + beta * beta, 4.0 * st * st, w)
                    continue
                for i in range(count):
                    weight, delta = complex(w[WEIGHT + i], w[WEIGHT_I + i]), complex(w[DR + i], w[DI + i])
                    cc = complex(w[CC + i], w[CC_I + i])
                    rho_rho, rho_phi = _sea_means(cc, delta, x[i], alpha, beta, st, cp, sp, table, small)
                    out[m, 0] += st * ct * (weight * rho_rho).imag
                    out[m, 1] += st * (weight * rho_phi).imag


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _electrode(e, x, weight, p, w):
    """Rows of Δ, a² + Δ² and of the weight times 4Δ², from Λ in rows RE and IM."""
    A, J = p[0], p[1]
    for i in range(LANES):
        re, im = e.real / A - x[i].real, e.imag / A - x[i].imag
        up, up_i = _lane_root(re + J / A, im)
        down, down_i = _lane_root(re - J / A, im)
        up, up_i = (up, up_i) if up_i >= 0.0 else (-up, -up_i)  # the evanescent branch
        down, down_i = (down, down_i) if down_i >= 0.0 else (-down, -down_i)
        sum_r, sum_i = up + down, up_i + down_i
        size = J / A / (sum_r * sum_r + sum_i * sum_i)
        dr, di = sum_r * size, -sum_i * size
        ar, ai = w[RE + i] - 0.5 * sum_i, w[IM + i] + 0.5 * sum_r
        d2, d2_i = dr * dr - di * di, 2.0 * dr * di
        w[DR + i], w[DI + i] = dr, di
        w[CC + i], w[CC_I + i] = ar * ar - ai * ai + d2, 2.0 * ar * ai + d2_i
        w[WEIGHT + i] = 4.0 * (weight[i].real * d2 - weight[i].imag * d2_i)
        w[WEIGHT_I + i] = 4.0 * (weight[i].real * d2_i + weight[i].imag * d2)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _circle(x, strength, turn, w):
    """Σ Im weight·⟨w_ρ²/det₊det₋⟩ over the lanes where α or β is alone: _sea_means' closed form, in one vector."""
    total = 0.0
    for i in range(LANES):
        w2, w2_i = strength * x[i].real, strength * x[i].imag
        c, c_i = w[CC + i] - w2, w[CC_I + i] - w2_i
        # z = w²/c², root = √(1 + 4Δ² sin²θ z)
        sq, sq_i = c * c - c_i * c_i, 2.0 * c * c_i
        inv = 1.0 / (sq * sq + sq_i * sq_i)
        z, z_i = (w2 * sq + w2_i * sq_i) * inv, (w2_i * sq - w2 * sq_i) * inv
        d, d_i = turn * (w[DR + i] * w[DR + i] - w[DI + i] * w[DI + i]), turn * 2.0 * w[DR + i] * w[DI + i]
        root, root_i = _lane_root(1.0 + d * z - d_i * z_i, d * z_i + d_i * z)
        b, b_i = root * (root + 1.0) - root_i * root_i, root_i * (2.0 * root + 1.0)
        inv = 1.0 / (b * b + b_i * b_i)
        q, q_i = (z * b + z_i * b_i) * inv, (z_i * b - z * b_i) * inv
        w[TERM + i] = w[WEIGHT + i] * q_i + w[WEIGHT_I + i] * q
    for i in range(LANES):
        total += w[TERM + i]
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def bound_margin(e, x, p, sine, out):
    """Largest eigenvalue of the Hermitian Λ + iK − W for each x at the energy e[i], where all waves decay.

    Positive: a state is bound at the interface below e. Bound from above over the direction of M by
    |Δκ s + w| ≤ √(Δκ² + w² + 2|Δκ|w·sine), sine the largest |sinθ| and w ≤ (|α| + |β|)k/A (with α or β
    alone both are reached).
    """
    A, J = p[0], p[1]
    w = np.empty(ROWS * LANES)
    energies, xs = np.empty(LANES, np.complex128), np.empty(LANES, np.complex128)
    for first in range(0, x.size, LANES):
        count = min(LANES, x.size - first)
        for i in range(LANES):
            energies[i], xs[i] = e[first + min(i, count - 1)], x[first + min(i, count - 1)]
        right_lanes(energies, xs, p, w)
        complex_lanes(energies, xs, UNSEEN, False, p, w)
        for i in range(first, first + count):
            up = np.sqrt(max(0.0, x[i] - (e[i] + J) / A))
            down = np.sqrt(max(0.0, x[i] - (e[i] - J) / A))
            half = 0.5 * (down - up)
            soi = (abs(p[8]) + abs(p[9])) * np.sqrt(x[i]) / A
            out[i] = (w[RE + i - first] - 0.5 * (up + down)
                      + np.sqrt(half * half + soi * soi + 2.0 * half * soi * sine))
