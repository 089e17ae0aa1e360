"""Compiled wave functions of the barrier: Λ and the flux at z = 0 for several in-plane wave vectors at a time.

ψ'' = mVψ with V = (U − E)/A + x/m_b linear in z is solved by its power series; m is m_b, or with γ that of one
spin (spin_kernels.py). The recursion of one wave waits for its own results, so LANES of them advance together, as
rows of a flat workspace that the processor takes in one vector: row r of lane i is w[r + i]. `p` holds the
constants of a junction as in kernels.py.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Waves that advance together: one vector of AVX-512.
LANES = 8
#: 1/((m+1)(m+2)) of the power series.
INVERSE = 1.0 / ((np.arange(72) + 1.0) * (np.arange(72) + 2.0))
#: The largest |κ|h of one step: where ψ grows all terms are positive and a long step loses nothing; where it
#: oscillates they cancel.
GROWING, OSCILLATING = 8.0, 3.0
#: How far a wave has to fall (the exponent) until Λ at z = 0 does not see what lies beyond.
UNSEEN = 17.5
#: Rows of the workspace: the answers, Λ and its derivatives by V, or the complex t; the mass; κ² at z = 0 and its
#: slope; step, start, the scale taken out of ψ; coefficients of the series; ψ and q = h dψ/d(−z), their
#: derivatives by V; the last three terms of each series.
(RE, IM, RE_DOT, IM_DOT, MASS, MASS_I, TOP, TOP_I, SLOPE, SLOPE_I, STEP, START, DECAY, C, C_I, F, F_I, G0, G1, PS,
 PS_I, Q, Q_I, DP, DP_I, DQ, DQ_I, A0, A0_I, A1, A1_I, A2, A2_I, B0, B0_I, B1, B1_I, B2,
 B2_I, K, K_I, X) = [row * LANES for row in range(42)]
ROWS = 42
#: Rows of the answer of complex_lanes beside Λ, and of the transfer matrix of transfer_lanes.
T, T_I = RE_DOT, IM_DOT
TRANSFER = (PS, PS_I, Q, Q_I, DP, DP_I, DQ, DQ_I, DECAY)

_FAST = {"contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def _root(z):
    """√z with Re ≥ 0 (a third of the time of the library's, which guards against overflow)."""
    size = np.sqrt(z.real * z.real + z.imag * z.imag)
    if z.real >= 0.0:
        real = np.sqrt(0.5 * (size + z.real))
        return complex(real, 0.5 * z.imag / real if real > 0.0 else 0.0)
    imag = np.sqrt(0.5 * (size - z.real))
    return complex(0.5 * abs(z.imag) / imag, imag if z.imag >= 0.0 else -imag)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _lane_root(x, y):
    """√(x + iy) of one lane with Re ≥ 0, without branches."""
    size = np.sqrt(x * x + y * y)
    big = np.sqrt(0.5 * (size + abs(x)))
    little = 0.5 * abs(y) / (big + 1e-300)
    re, im = (big, little) if x >= 0.0 else (little, big)
    return re, im if y >= 0.0 else -im


@njit(nogil=True, cache=True, error_model="numpy")
def _outgoing(z):
    """√z with Im ≥ 0: the evanescent branch of a wave vector (physics.md, section 2)."""
    root = _root(z)
    return root if root.imag >= 0.0 else -root


@njit(nogil=True, cache=True, error_model="numpy")
def _inverse(z):
    """1/z, plainly."""
    size = 1.0 / (z.real * z.real + z.imag * z.imag)
    return complex(z.real * size, -z.imag * size)


@njit(nogil=True, cache=True, error_model="numpy")
def _counts(size4, lowest, bend):
    """Steps through a length L of barrier and the terms that put the series' rest below 1e-16.

    size4: the largest |κ²L²|² at its ends; lowest: the smallest Re κ²; bend: the largest |Δκ²|L². The rest falls
    as (κh)ⁿ/n!, or as (fhⁿ)^⅓/n!^⅔ from the slope f of κ².
    """
    size = np.sqrt(np.sqrt(size4))
    steps = max(1, int(np.ceil(size / (GROWING if lowest > 0.0 else OSCILLATING))))
    return steps, int(max(16.0 + 3.4 * size / steps, 17.0 + 10.0 * np.cbrt(bend) / steps))


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def transfer_lanes(e, x, lightest, heaviest, p, w):
    """(a b; c d), which takes (ψ, ψ'/m) from d to 0, at a real energy for LANES values of x (in row X
    too) and the masses in row MASS, whose extremes are lightest and heaviest.

    a and b are rows PS, PS_I, c and d are Q, Q_I times −1/mh, their derivatives by V at fixed e DP, DP_I, DQ,
    DQ_I, all of them times row DECAY: the waves that begin at d as (1, 0) and (0, 1). h is row STEP.
    """
    A, d, mb, v = p[0], p[4], p[5], p[6]
    tilt, steps, terms, h, g1 = 0.0, 0, 0, 1.0, 0.0
    base = (p[2] + p[3] - e) / A
    if d > 0.0:
        tilt = v / (A * d)
        low, high = base + x.min() / mb, base + x.max() / mb
        low, high = min(low, low - v / A), max(high, high - v / A)
        low, high = min(lightest * low, heaviest * low), max(lightest * high, heaviest * high)
        steps, terms = _counts(d**4 * max(low * low, high * high), low, heaviest * abs(tilt) * d**3)
        h = d / steps
        g1 = h * h * h / (A * d)
    for i in range(x.size):  # LANES, which the compiler need not know: it would unroll the loop
        mass = w[MASS + i]
        w[TOP + i], w[SLOPE + i] = mass * (base + w[X + i] / mb), mass * tilt
        w[F + i], w[G1 + i] = mass * tilt * h * h * h, mass * g1
        # q = h dψ/d(−z), so that −q/(mh) is ψ'/m
        w[PS + i], w[PS_I + i], w[Q + i], w[Q_I + i], w[DECAY + i] = 1.0, 0.0, 0.0, -mass * h, 1.0
        w[DP + i], w[DP_I + i], w[DQ + i], w[DQ_I + i], w[STEP + i] = 0.0, 0.0, 0.0, 0.0, h
    for step in range(steps):
        _begin_step(w, d - step * h, h, 1.0 / (A * d))
        for m in range(0, terms, 3):
            _terms(w, m, 0)
            _terms(w, m, LANES)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _begin_step(w, z, h, per_field):
    """Bring all waves to size 1, remember the scale, and begin the series of a step from z on.

    One loop: those with a short body are unrolled, and no longer taken in one vector.
    """
    for i in range(LANES):
        w[C + i] = (w[TOP + i] - w[SLOPE + i] * z) * h * h
        w[G0 + i] = -w[MASS + i] * z * h * h * per_field
        norm = 1.0 / (abs(w[PS + i]) + abs(w[PS_I + i]) + abs(w[Q + i]) + abs(w[Q_I + i]))
        ps, ps_i, q, q_i = w[PS + i] * norm, w[PS_I + i] * norm, w[Q + i] * norm, w[Q_I + i] * norm
        dp, dp_i, dq, dq_i = w[DP + i] * norm, w[DP_I + i] * norm, w[DQ + i] * norm, w[DQ_I + i] * norm
        w[DECAY + i] *= norm
        w[A0 + i], w[A0_I + i], w[A1 + i], w[A1_I + i], w[A2 + i], w[A2_I + i] = 0.0, 0.0, ps, ps_i, q, q_i
        w[B0 + i], w[B0_I + i], w[B1 + i], w[B1_I + i], w[B2 + i], w[B2_I + i] = 0.0, 0.0, dp, dp_i, dq, dq_i
        w[PS + i], w[PS_I + i], w[Q + i], w[Q_I + i] = ps + q, ps_i + q_i, q, q_i
        w[DP + i], w[DP_I + i], w[DQ + i], w[DQ_I + i] = dp + dq, dp_i + dq_i, dq, dq_i


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _terms(w, m, column):
    """Three more terms of one of the waves and of its derivative by V, which stay in registers meanwhile."""
    for i in range(LANES):
        c, f, g0, g1 = w[C + i], w[F + i], w[G0 + i], w[G1 + i]
        at = column + i
        a0, a1, a2, b0, b1, b2 = w[A0 + at], w[A1 + at], w[A2 + at], w[B0 + at], w[B1 + at], w[B2 + at]
        b3 = (g1 * a0 + f * b0 + g0 * a1 + c * b1) * INVERSE[m]
        a3 = (f * a0 + c * a1) * INVERSE[m]
        b4 = (g1 * a1 + f * b1 + g0 * a2 + c * b2) * INVERSE[m + 1]
        a4 = (f * a1 + c * a2) * INVERSE[m + 1]
        b5 = (g1 * a2 + f * b2 + g0 * a3 + c * b3) * INVERSE[m + 2]
        a5 = (f * a2 + c * a3) * INVERSE[m + 2]
        w[A0 + at], w[A1 + at], w[A2 + at], w[B0 + at], w[B1 + at], w[B2 + at] = a3, a4, a5, b3, b4, b5
        w[PS + at] += a3 + a4 + a5
        w[DP + at] += b3 + b4 + b5
        w[Q + at] += (m + 2.0) * a3 + (m + 3.0) * a4 + (m + 4.0) * a5
        w[DQ + at] += (m + 2.0) * b3 + (m + 3.0) * b4 + (m + 4.0) * b5


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def real_lanes(e, x, p, w):
    """Barrier and N at a real energy and LANES values of x: rows RE = Re Λ, IM = k_N|t_u|² = Im Λ, RE_DOT, IM_DOT.

    Im Λ is taken as g: their equality is the Wronskian, which the recursion itself would lose.
    """
    A, mb, offset = p[0], p[5], p[7] + (e + p[6] - p[2]) / p[0]
    for i in range(LANES):
        w[MASS + i], w[X + i] = mb, x[i]
    transfer_lanes(e, x, mb, mb, p, w)
    for i in range(LANES):
        square = offset - w[X + i]
        size = np.sqrt(abs(square))
        slant = 0.5 / (A * size)
        there = 1.0 if square > 0 else 0.0
        k, k_dot = there * size, there * slant
        fall, fall_dot = size - k, k_dot - slant  # κ where N is evanescent
        scale = -1.0 / (mb * w[STEP + i])
        a, b, c, d = w[PS + i], w[PS_I + i], scale * w[Q + i], scale * w[Q_I + i]
        b_dot, c_dot, d_dot = w[DP_I + i], scale * w[DQ + i], scale * w[DQ_I + i]
        psi, psi_i, q, q_i = a - fall * b, k * b, c - fall * d, k * d
        size = 1.0 / (psi * psi + psi_i * psi_i)
        ratio, ratio_i = (q * psi + q_i * psi_i) * size, (q_i * psi - q * psi_i) * size
        turn, turn_i = w[DP + i] - fall * b_dot - fall_dot * b, k * b_dot + k_dot * b
        turn, turn_i = (turn * psi + turn_i * psi_i) * size, (turn_i * psi - turn * psi_i) * size
        change = ((c_dot - fall * d_dot - fall_dot * d) * psi + (k * d_dot + k_dot * d) * psi_i) * size
        passed = w[DECAY + i] * w[DECAY + i] * size
        w[RE + i], w[IM + i] = ratio, k * passed
        w[RE_DOT + i] = change - (ratio * turn - ratio_i * turn_i)
        w[IM_DOT + i] = k_dot * passed - 2.0 * k * passed * turn


@njit(nogil=True, cache=True, error_model="numpy")
def _reach(k2, slope, d, most):
    """How deep into the barrier a wave goes before it has fallen by exp(−most), at most d (κ² = k2 − slope·z).

    Re κ is monotonic in z, so the smaller end bounds the integral.
    """
    near = _root(k2).real
    depth = most / max(near, 1e-3)
    while depth < d:
        if depth * min(near, _root(k2 - slope * depth).real) >= most:
            return depth
        depth *= 1.5
    return d


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def complex_lanes(e, x, most, spin, p, w):
    """Λ (rows RE, IM) and t = 1/ψ(0) (T, T_I) of LANES waves that begin at d as (ψ, ψ'/m) = (1, ik), k in
    rows K, K_I, or (spin) as (0, 1) where it is NaN; e and x complex.

    A wave that falls by exp(−most) on the way starts there, as the decaying solution, and has t = 0. spin: the
    mass is that of row MASS, complex (else m_b).
    """
    d, mb = p[4], p[5]
    if d == 0.0:
        for i in range(LANES):
            w[RE + i], w[IM + i], w[T + i], w[T_I + i] = -w[K_I + i], w[K + i], 1.0, 0.0
        return
    steps, terms = _begin_complex(e, x, most, spin, p, w)
    for step in range(steps):
        _begin_complex_step(w, step, spin)
        for m in range(0, terms, 3):
            _complex_terms(w, m, spin)
    for i in range(LANES):
        ps, ps_i, q, q_i = w[PS + i], w[PS_I + i], w[Q + i], w[Q_I + i]
        size = 1.0 / (ps * ps + ps_i * ps_i)
        w[T + i], w[T_I + i] = w[DECAY + i] * ps * size, -w[DECAY + i] * ps_i * size
        size /= -w[STEP + i]
        re, im = (q * ps + q_i * ps_i) * size, (q_i * ps - q * ps_i) * size
        if spin:
            mass, mass_i = w[MASS + i], w[MASS_I + i]
            size = 1.0 / (mass * mass + mass_i * mass_i)
            w[RE + i], w[IM + i] = (re * mass + im * mass_i) * size, (im * mass - re * mass_i) * size
        else:
            w[RE + i], w[IM + i] = re / mb, im / mb


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _begin_complex(e, x, most, spin, p, w):
    """Where the waves begin and with what, and the series' coefficients; steps and terms."""
    d, mb, level = p[4], p[5], p[2] + p[3]
    per_a, per_mass, tilt = 1.0 / p[0], 1.0 / mb, p[6] / (p[0] * d)
    for i in range(LANES):
        re, im = (level - e[i].real) * per_a + x[i].real * per_mass, x[i].imag * per_mass - e[i].imag * per_a
        if spin:
            mass, mass_i = w[MASS + i], w[MASS_I + i]
            w[TOP + i], w[TOP_I + i] = mass * re - mass_i * im, mass * im + mass_i * re
            w[SLOPE + i], w[SLOPE_I + i] = mass * tilt, mass_i * tilt
            w[Q + i] = mass * w[K_I + i] + mass_i * w[K + i]
            w[Q_I + i] = mass_i * w[K_I + i] - mass * w[K + i]
        else:
            w[TOP + i], w[TOP_I + i], w[SLOPE + i], w[SLOPE_I + i] = mb * re, mb * im, mb * tilt, 0.0
            w[Q + i], w[Q_I + i] = mb * w[K_I + i], -mb * w[K + i]
        near, _ = _lane_root(w[TOP + i], w[TOP_I + i])
        w[START + i], w[PS + i], w[PS_I + i], w[DECAY + i] = most / max(near, 1e-3), 1.0, 0.0, 1.0
    size4, lowest, bend = 0.0, np.inf, 0.0
    for i in range(LANES):
        start = d
        if spin and np.isnan(w[K + i]):
            w[PS + i], w[Q + i], w[Q_I + i] = 0.0, -w[MASS + i], -w[MASS_I + i]
        if w[START + i] < d:
            top, slope = complex(w[TOP + i], w[TOP_I + i]), complex(w[SLOPE + i], w[SLOPE_I + i])
            start = _reach(top, slope, d, most)
            if start < d:
                q = _root(top - slope * start)
                w[PS + i], w[Q + i], w[Q_I + i], w[DECAY + i] = 1.0, q.real, q.imag, 0.0
        w[START + i] = start
        near, near_i = w[TOP + i], w[TOP_I + i]
        far, far_i = near - w[SLOPE + i] * start, near_i - w[SLOPE_I + i] * start
        square = start * start
        size4 = max(size4, square * square * max(near * near + near_i * near_i, far * far + far_i * far_i))
        lowest = min(lowest, near, far)
        bend = max(bend, abs(w[SLOPE + i]) * start * square)
    steps, terms = _counts(size4, lowest, bend)
    for i in range(LANES):
        h = w[START + i] / steps
        w[STEP + i] = h
        w[Q + i] *= h
        w[Q_I + i] *= h
        w[C_I + i] = w[TOP_I + i] * h * h
        w[F + i], w[F_I + i] = w[SLOPE + i] * h * h * h, w[SLOPE_I + i] * h * h * h
    return steps, terms


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _begin_complex_step(w, step, spin):
    """_begin_step for complex waves, each with steps of its own."""
    for i in range(LANES):
        h = w[STEP + i]
        z = w[START + i] - step * h
        w[C + i] = (w[TOP + i] - w[SLOPE + i] * z) * h * h
        if spin:
            w[C_I + i] = (w[TOP_I + i] - w[SLOPE_I + i] * z) * h * h
        norm = 1.0 / (abs(w[PS + i]) + abs(w[PS_I + i]) + abs(w[Q + i]) + abs(w[Q_I + i]))
        ps, ps_i, q, q_i = w[PS + i] * norm, w[PS_I + i] * norm, w[Q + i] * norm, w[Q_I + i] * norm
        w[DECAY + i] *= norm
        w[A0 + i], w[A0_I + i], w[A1 + i], w[A1_I + i], w[A2 + i], w[A2_I + i] = 0.0, 0.0, ps, ps_i, q, q_i
        w[PS + i], w[PS_I + i], w[Q + i], w[Q_I + i] = ps + q, ps_i + q_i, q, q_i


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _complex_terms(w, m, spin):
    """Three more terms of the complex waves."""
    for i in range(LANES):
        c, c_i, f, f_i = w[C + i], w[C_I + i], w[F + i], w[F_I + i] if spin else 0.0
        a0, a0_i, a1, a1_i, a2, a2_i = w[A0 + i], w[A0_I + i], w[A1 + i], w[A1_I + i], w[A2 + i], w[A2_I + i]
        a3, a3_i = _next(c, c_i, f, f_i, a0, a0_i, a1, a1_i, INVERSE[m], spin)
        a4, a4_i = _next(c, c_i, f, f_i, a1, a1_i, a2, a2_i, INVERSE[m + 1], spin)
        a5, a5_i = _next(c, c_i, f, f_i, a2, a2_i, a3, a3_i, INVERSE[m + 2], spin)
        w[A0 + i], w[A0_I + i], w[A1 + i], w[A1_I + i], w[A2 + i], w[A2_I + i] = a3, a3_i, a4, a4_i, a5, a5_i
        w[PS + i] += a3 + a4 + a5
        w[PS_I + i] += a3_i + a4_i + a5_i
        w[Q + i] += (m + 2.0) * a3 + (m + 3.0) * a4 + (m + 4.0) * a5
        w[Q_I + i] += (m + 2.0) * a3_i + (m + 3.0) * a4_i + (m + 4.0) * a5_i


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _next(c, c_i, f, f_i, old, old_i, last, last_i, inv, spin):
    """One more term."""
    a, a_i = f * old - c_i * last_i + c * last, f * old_i + c_i * last + c * last_i
    if spin:
        a, a_i = f * old - f_i * old_i - c_i * last_i + c * last, f * old_i + f_i * old + c_i * last + c * last_i
    return a * inv, a_i * inv


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def right_lanes(e, x, p, w):
    """Rows K and K_I: the normal metal's k at LANES complex pairs of e and x."""
    per_a, offset = 1.0 / p[0], p[7] + (p[6] - p[2]) / p[0]
    for i in range(LANES):
        re, im = _lane_root(offset + e[i].real * per_a - x[i].real, e[i].imag * per_a - x[i].imag)
        w[K + i], w[K_I + i] = (re, im) if im >= 0.0 else (-re, -im)


@njit(nogil=True, cache=True, error_model="numpy")
def barrier_real(e, x, p):
    """Re Λ, g = k_N|t_u|² = Im Λ and their derivatives by V at fixed e, for one real energy and x."""
    w = np.empty(ROWS * LANES)
    real_lanes(e, np.full(LANES, x), p, w)
    return w[RE], w[IM], w[RE_DOT], w[IM_DOT]


@njit(nogil=True, cache=True, error_model="numpy")
def barrier_complex(e, x, p):
    """Λ at one complex e and x."""
    w = np.empty(ROWS * LANES)
    energies, xs = np.full(LANES, e + 0j), np.full(LANES, x + 0j)
    right_lanes(energies, xs, p, w)
    complex_lanes(energies, xs, UNSEEN, False, p, w)
    return complex(w[RE], w[IM])
