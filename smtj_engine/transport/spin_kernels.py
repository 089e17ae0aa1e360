"""Compiled: what a barrier and a right electrode that act on the spin do to a wave, as 2×2 matrices.

Energies, x and the first numbers of `p` are those of kernels.py; then follow γ, the right electrode's exchange J_R
and the direction s_R of its majority spin. A matrix is a scalar and a vector, X = X₀ + X·σ.

The barrier conserves the spin along n = (k_x, −k_y, 0)/k∥, with 1/m± = (1/m_b)(1 ∓ γm_bk∥/A); the right
electrode conserves that along s_R. With γ alone or a ferromagnet alone all matrices right of the interface
commute. With both, K_R = diagonal along n + O, and from the transfer matrix (a b; c e) of each spin, (ψ, ψ'/m) at
0 from those at d,
    t = 1/(a + ibk),  Λ_d = (c + iek)t,  r = bt,
    Λ = Λ_d + t O' (1 + rO')⁻¹ t,  t̃ = t(1 + O'r)⁻¹,  O' = iO,
where nothing overflows, nor cancels for a thick barrier. Λ↑ − Λ↓ = i(k↑ − k↓)t↑t↓ (Wronskian), never a difference.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.barrier_kernels import INVERSE, _inverse, _root, _steps


@njit(nogil=True, cache=True, error_model="numpy")
def transfer_real(e, x, mass, p):
    """(a, b, c, e) of ψ'' = mass·Vψ at real energy, their derivatives by V at fixed e, and their common scale.

    V = (U − E)/A + x/m_b. The true matrix is what is returned, divided by the scale.
    """
    A, ef, u0, d, mb, v = p[0], p[2], p[3], p[4], p[5], p[6]
    if d == 0.0:
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0
    slope = mass * v / (A * d)
    top = mass * ((ef + u0 - e) / A + x / mb)
    steps, terms = _steps(complex(top), complex(top - slope * d), d)
    h = d / steps
    f = slope * h * h * h
    g1 = mass * h * h * h / (A * d)
    y, q, dy, dq = np.empty(2), np.empty(2), np.zeros(2), np.zeros(2)
    y[0], y[1], q[0], q[1] = 1.0, 0.0, 0.0, -mass * h
    scale = 1.0
    for step in range(steps):
        z = d - step * h
        c = (top - slope * z) * h * h
        g0 = -mass * z * h * h / (A * d)
        norm = 0.0
        for s in range(2):
            a0, a1, a2 = 0.0, y[s], q[s]
            b0, b1, b2 = 0.0, dy[s], dq[s]
            sy, sq, sdy, sdq = y[s] + q[s], q[s], dy[s] + dq[s], dq[s]
            for m in range(terms):
                inv = INVERSE[m]
                order = m + 2.0
                a = (c * a1 + f * a0) * inv
                b = (c * b1 + f * b0 + g0 * a1 + g1 * a0) * inv
                a0, a1, a2 = a1, a2, a
                b0, b1, b2 = b1, b2, b
                sy += a
                sdy += b
                sq += order * a
                sdq += order * b
            y[s], q[s], dy[s], dq[s] = sy, sq, sdy, sdq
            norm = max(norm, abs(sy) + abs(sq))
        norm = 1.0 / norm
        for s in range(2):
            y[s] *= norm
            q[s] *= norm
            dy[s] *= norm
            dq[s] *= norm
        scale *= norm
    w = -1.0 / (mass * h)
    return y[0], y[1], w * q[0], w * q[1], dy[0], dy[1], w * dq[0], w * dq[1], scale


@njit(nogil=True, cache=True, error_model="numpy")
def _reach(k2, slope, d, most):
    """How deep into the barrier a wave goes before it has fallen by exp(−most), at most d (κ² = k2 − slope·z)."""
    near = _root(k2).real
    depth = most / max(near, 1e-3)
    while depth < d:
        if depth * min(near, _root(k2 - slope * depth).real) >= most:
            return depth
        depth *= 1.5
    return d


@njit(nogil=True, cache=True, error_model="numpy")
def transfer_complex(e, x, mass, p, most):
    """(a, b, c, e) at complex energy, x and mass, and their scale.

    A wave that falls by more than exp(−most) does not see the right electrode: then b, e and the scale are 0.
    """
    A, ef, u0, d, mb, v = p[0], p[2], p[3], p[4], p[5], p[6]
    if d == 0.0:
        return 1.0 + 0.0j, 0.0j, 0.0j, 1.0 + 0.0j, 1.0
    slope = mass * (v / (A * d))
    top = mass * ((ef + u0 - e) / A + x / mb)
    start = _reach(top, slope, d, most)
    steps, terms = _steps(top, top - slope * start, start)
    h = start / steps
    f = slope * (h * h * h)
    y, q = np.zeros(2, np.complex128), np.zeros(2, np.complex128)
    y[0], q[1] = 1.0, -mass * h
    scale, both = 1.0, 2
    if start < d:
        q[0], q[1], scale, both = h * _root(top - slope * start), 0.0, 0.0, 1
    for step in range(steps):
        c = (top - slope * (start - step * h)) * (h * h)
        norm = 0.0
        for s in range(both):
            a0, a1, a2 = 0.0j, y[s], q[s]
            sy, sq = y[s] + q[s], q[s]
            for m in range(terms):
                a = (c * a1 + f * a0) * INVERSE[m]
                a0, a1, a2 = a1, a2, a
                sy += a
                sq += (m + 2.0) * a
            y[s], q[s] = sy, sq
            norm = max(norm, abs(sy.real) + abs(sy.imag) + abs(sq.real) + abs(sq.imag))
        norm = 1.0 / norm
        for s in range(both):
            y[s] *= norm
            q[s] *= norm
        scale *= norm
    w = -_inverse(mass * h + 0.0j)
    return y[0], y[1], w * q[0], w * q[1], scale


@njit(nogil=True, cache=True, error_model="numpy")
def _channel(m, k, k_dot):
    """Λ, t and r of one spin that is outgoing with the wave vector k, and their derivatives by V."""
    a, b, c, e, a_dot, b_dot, c_dot, e_dot, scale = m
    inv = _inverse(a + 1j * k * b)
    lam = (c + 1j * k * e) * inv
    turn = (a_dot + 1j * (b_dot * k + b * k_dot)) * inv
    lam_dot = (c_dot + 1j * (e_dot * k + e * k_dot)) * inv - lam * turn
    t = scale * inv
    r = b * inv
    return lam, lam_dot, t, -t * turn, r, b_dot * inv - r * turn


@njit(nogil=True, cache=True, error_model="numpy")
def right_vectors(e, x, p):
    """k↑ and k↓ of the right electrode at a real energy and their derivatives by V."""
    A = p[0]
    mean = p[7] + (e + p[6] - p[2]) / A - x
    up2, down2 = mean + p[12] / A, mean - p[12] / A
    up = complex(np.sqrt(up2), 0.0) if up2 > 0 else complex(0.0, np.sqrt(-up2))
    down = complex(np.sqrt(down2), 0.0) if down2 > 0 else complex(0.0, np.sqrt(-down2))
    return up, down, _inverse(2.0 * A * up), _inverse(2.0 * A * down)


@njit(nogil=True, cache=True, error_model="numpy")
def masses(k, p):
    """The barrier's masses m± of the spins along ±n (at complex k∥ too)."""
    part = p[11] * p[5] * k / p[0]
    return p[5] / (1.0 - part), p[5] / (1.0 + part)


@njit(nogil=True, cache=True, error_model="numpy")
def diagonal(plus, minus, k_plus, k_minus, dot_plus, dot_minus, wronskian, lam, gam):
    """Λ and Γ = t̃ Re(K_R) t̃† where they are diagonal along one axis: scalars and components along it.

    lam, gam: rows value and derivative by V, columns 0, along the axis, two across. wronskian: Λ₊ − Λ₋ is
    i(k₊ − k₋)t₊t₋, which holds for equal masses.
    """
    l1, l1_dot, t1, t1_dot, _, _ = _channel(plus, k_plus, dot_plus)
    l2, l2_dot, t2, t2_dot, _, _ = _channel(minus, k_minus, dot_minus)
    lam[:, 2:] = 0.0
    gam[:, 2:] = 0.0
    lam[0, 0], lam[1, 0] = 0.5 * (l1 + l2), 0.5 * (l1_dot + l2_dot)
    if wronskian:
        delta, delta_dot = 0.5j * (k_plus - k_minus), 0.5j * (dot_plus - dot_minus)
        lam[0, 1] = delta * t1 * t2
        lam[1, 1] = delta_dot * t1 * t2 + delta * (t1_dot * t2 + t1 * t2_dot)
    else:
        lam[0, 1], lam[1, 1] = 0.5 * (l1 - l2), 0.5 * (l1_dot - l2_dot)
    f1, f2 = t1.real * t1.real + t1.imag * t1.imag, t2.real * t2.real + t2.imag * t2.imag
    g1, g2 = k_plus.real * f1, k_minus.real * f2
    d1 = 2.0 * k_plus.real * (t1.real * t1_dot.real + t1.imag * t1_dot.imag)
    d2 = 2.0 * k_minus.real * (t2.real * t2_dot.real + t2.imag * t2_dot.imag)
    if k_plus.real > 0.0:
        d1 += dot_plus.real * f1
    if k_minus.real > 0.0:
        d2 += dot_minus.real * f2
    gam[0, 0], gam[0, 1] = 0.5 * (g1 + g2), 0.5 * (g1 - g2)
    gam[1, 0], gam[1, 1] = 0.5 * (d1 + d2), 0.5 * (d1 - d2)


@njit(nogil=True, cache=True, error_model="numpy")
def mixed(plus, minus, up, down, up_dot, down_dot, along, across, lam, gam):
    """Λ and Γ with both γ and J_R: columns 0, along n, along q, along n×q.

    along, across: the components of s_R along n and along the unit vector q ⟂ n.
    """
    mean, delta = 0.5 * (up + down), 0.5 * (up - down)
    mean_dot, delta_dot = 0.5 * (up_dot + down_dot), 0.5 * (up_dot - down_dot)
    l1, l1_dot, t1, t1_dot, r1, r1_dot = _channel(plus, mean + delta * along, mean_dot + delta_dot * along)
    l2, l2_dot, t2, t2_dot, r2, r2_dot = _channel(minus, mean - delta * along, mean_dot - delta_dot * along)
    o, o_dot = 1j * delta * across, 1j * delta_dot * across
    inv = _inverse(1.0 - o * o * r1 * r2)
    inv_dot = (2.0 * o * o_dot * r1 * r2 + o * o * (r1_dot * r2 + r1 * r2_dot)) * inv * inv
    u1, u2 = o * o * r2 * t1 * t1, o * o * r1 * t2 * t2
    u1_dot = 2.0 * o * o_dot * r2 * t1 * t1 + o * o * (r2_dot * t1 + 2.0 * r2 * t1_dot) * t1
    u2_dot = 2.0 * o * o_dot * r1 * t2 * t2 + o * o * (r1_dot * t2 + 2.0 * r1 * t2_dot) * t2
    first, second = l1 - u1 * inv, l2 - u2 * inv
    first_dot = l1_dot - u1_dot * inv - u1 * inv_dot
    second_dot = l2_dot - u2_dot * inv - u2 * inv_dot
    lam[0, 0], lam[1, 0] = 0.5 * (first + second), 0.5 * (first_dot + second_dot)
    lam[0, 1], lam[1, 1] = 0.5 * (first - second), 0.5 * (first_dot - second_dot)
    lam[0, 2] = o * t1 * t2 * inv
    lam[1, 2] = (o_dot * t1 * t2 + o * (t1_dot * t2 + t1 * t2_dot)) * inv + o * t1 * t2 * inv_dot
    lam[0, 3] = lam[1, 3] = 0.0
    # t̃ in the frame n, q, and what carries flux on the right
    y00, y01, y10, y11 = t1 * inv, -o * r2 * t1 * inv, -o * r1 * t2 * inv, t2 * inv
    z00, z11 = t1_dot * inv + t1 * inv_dot, t2_dot * inv + t2 * inv_dot
    z01 = -(o_dot * r2 * t1 + o * (r2_dot * t1 + r2 * t1_dot)) * inv - o * r2 * t1 * inv_dot
    z10 = -(o_dot * r1 * t2 + o * (r1_dot * t2 + r1 * t2_dot)) * inv - o * r1 * t2 * inv_dot
    v0, v1 = mean.real, delta.real
    w_up = up_dot.real if up.real > 0.0 else 0.0
    w_down = down_dot.real if down.real > 0.0 else 0.0
    w0, w1 = 0.5 * (w_up + w_down), 0.5 * (w_up - w_down)
    for row in range(2):
        if row == 0:
            a00, a01, a10, a11 = y00, y01, y10, y11
        else:
            a00, a01, a10, a11 = 2.0 * z00, 2.0 * z01, 2.0 * z10, 2.0 * z11
        # Herm(a V y†), V = v0 + v1 s_R·σ
        b00, b01 = a00 * (v0 + v1 * along) + a01 * (v1 * across), a00 * (v1 * across) + a01 * (v0 - v1 * along)
        b10, b11 = a10 * (v0 + v1 * along) + a11 * (v1 * across), a10 * (v1 * across) + a11 * (v0 - v1 * along)
        m00 = (b00 * np.conj(y00) + b01 * np.conj(y01)).real
        m11 = (b10 * np.conj(y10) + b11 * np.conj(y11)).real
        m01 = 0.5 * (b00 * np.conj(y10) + b01 * np.conj(y11) + np.conj(b10 * np.conj(y00) + b11 * np.conj(y01)))
        if row == 1:
            c00, c01 = y00 * (w0 + w1 * along) + y01 * (w1 * across), y00 * (w1 * across) + y01 * (w0 - w1 * along)
            c10, c11 = y10 * (w0 + w1 * along) + y11 * (w1 * across), y10 * (w1 * across) + y11 * (w0 - w1 * along)
            m00 += (c00 * np.conj(y00) + c01 * np.conj(y01)).real
            m11 += (c10 * np.conj(y10) + c11 * np.conj(y11)).real
            m01 += c00 * np.conj(y10) + c01 * np.conj(y11)
        gam[row, 0], gam[row, 1] = 0.5 * (m00 + m11), 0.5 * (m00 - m11)
        gam[row, 2], gam[row, 3] = m01.real, -m01.imag


@njit(nogil=True, cache=True, error_model="numpy")
def to_lab(frame, rows, lab):
    """Vectors with components along the rows of a frame, in lab axes; the scalar is copied."""
    for r in range(rows.shape[0]):
        lab[r, 0] = rows[r, 0]
        for axis in range(3):
            lab[r, axis + 1] = (rows[r, 1] * frame[0, axis] + rows[r, 2] * frame[1, axis]
                                + rows[r, 3] * frame[2, axis])


@njit(nogil=True, cache=True, error_model="numpy")
def frame_at(p, cosine, sine, frame):
    """The axes n, q, n×q at one azimuth (without γ: s_R and zeros); s_R along n and along q."""
    frame[:] = 0.0
    if p[11] == 0.0:
        frame[0, 0], frame[0, 1], frame[0, 2] = p[13], p[14], p[15]
        return 1.0, 0.0
    frame[0, 0], frame[0, 1] = cosine, -sine
    if p[12] == 0.0:
        return 1.0, 0.0
    along = p[13] * cosine - p[14] * sine
    q0, q1, q2 = p[13] - along * cosine, p[14] + along * sine, p[15]
    across = np.sqrt(q0 * q0 + q1 * q1 + q2 * q2)
    if across > 0.0:
        frame[1, 0], frame[1, 1], frame[1, 2] = q0 / across, q1 / across, q2 / across
    frame[2, 0] = -sine * frame[1, 2]
    frame[2, 1] = -cosine * frame[1, 2]
    frame[2, 2] = cosine * frame[1, 1] + sine * frame[1, 0]
    return along, across


@njit(nogil=True, cache=True, error_model="numpy")
def magnet_lambda(plus, minus, mean, split, along, across, wronskian, lam):
    """Λ along n, q, n×q as in diagonal and mixed, without derivatives and fluxes."""
    l1, _, t1, _, r1, _ = _channel(plus, mean + split * along, 0.0j)
    l2, _, t2, _, r2, _ = _channel(minus, mean - split * along, 0.0j)
    o = 1j * split * across
    inv = _inverse(1.0 - o * o * r1 * r2)
    first, second = l1 - o * o * r2 * t1 * t1 * inv, l2 - o * o * r1 * t2 * t2 * inv
    lam[0, 0] = 0.5 * (first + second)
    lam[0, 1] = 1j * split * t1 * t2 if wronskian else 0.5 * (first - second)
    lam[0, 2] = o * t1 * t2 * inv
