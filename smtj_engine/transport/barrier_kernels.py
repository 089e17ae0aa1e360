"""Compiled wave functions of the barrier: Λ and the flux at z = 0 for several in-plane wave vectors at a time.

ψ'' = κ²ψ with κ² linear in z is solved by its power series. The recursion of one wave waits for its own results,
so LANES of them advance together, as rows of a flat workspace that the processor takes in one vector: row r of
lane i is w[r + i]. `p` holds the constants of a junction as in kernels.py.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Waves that advance together: one vector of AVX-512.
LANES = 8
#: 1/((m+1)(m+2)) of the power series.
INVERSE = 1.0 / ((np.arange(64) + 1.0) * (np.arange(64) + 2.0))
#: The largest |κ|h of one step: where ψ grows all terms are positive and a long step loses nothing; where it
#: oscillates they cancel.
GROWING, OSCILLATING = 8.0, 3.0
#: Rows of the workspace: the answers Λ and its derivatives by V; κ² at z = 0, step, start; k_N and its derivative,
#: the scale taken out of ψ; coefficients of the series; ψ and q = h dψ/d(−z), their derivatives by V; the last
#: three terms of each series.
(RE, IM, RE_DOT, IM_DOT, TOP, TOP_I, STEP, START, FLOW, FLOW_DOT, DECAY, C, C_I, F, PS, PS_I, Q, Q_I, DP, DP_I,
 DQ, DQ_I, A0, A0_I, A1, A1_I, A2, A2_I, B0, B0_I, B1, B1_I, B2, B2_I) = [row * LANES for row in range(34)]
ROWS = 34

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


@njit(nogil=True, cache=True, error_model="numpy")
def _steps(near, far, length):
    """The same for one wave; near, far: the complex κ² at the two ends."""
    square = length * length
    return _counts(square * square * max(near.real**2 + near.imag**2, far.real**2 + far.imag**2),
                   min(near.real, far.real), abs(near.real - far.real) * square)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def real_lanes(e, x, p, w):
    """Barrier and N at a real energy and LANES values of x: rows RE = Re Λ, IM = k_N|t_u|² = Im Λ, RE_DOT, IM_DOT.

    Solves ψ'' = κ²ψ, κ² = m_b(U − E)/A + x linear in z, from the outgoing wave in N at d to 0, and its derivative
    by V at fixed e beside it. Im Λ is taken as g: their equality is the Wronskian, which the recursion itself
    would lose.
    """
    A, ef, u0, d, mb, v, kn2 = p[0], p[2], p[3], p[4], p[5], p[6], p[7]
    slope, steps, terms, h = 0.0, 0, 0, 1.0
    if d > 0:
        slope = mb * v / (A * d)
        low, high = x.min() + mb * (ef + u0 - e) / A, x.max() + mb * (ef + u0 - e) / A
        low, high = min(low, low - slope * d), max(high, high - slope * d)
        steps, terms = _counts(d**4 * max(low * low, high * high), low, abs(slope) * d**3)
        h = d / steps
    for i in range(LANES):
        square = kn2 + (e + v - ef) / A - x[i]
        k = np.sqrt(abs(square))
        slant = -0.5 * mb * h / (A * k)
        # q = h dψ/dx with x = d − z, so that −q/(m_b h) is ψ'/m_b
        w[FLOW + i], w[FLOW_DOT + i] = (k, 0.5 / (A * k)) if square > 0 else (0.0, 0.0)
        w[Q + i], w[Q_I + i] = (0.0, -mb * k * h) if square > 0 else (mb * k * h, 0.0)
        w[DQ + i], w[DQ_I + i] = (0.0, slant) if square > 0 else (slant, 0.0)
        w[PS + i], w[PS_I + i], w[DP + i], w[DP_I + i], w[DECAY + i] = 1.0, 0.0, 0.0, 0.0, 1.0
        w[TOP + i] = mb * (ef + u0 - e) / A + x[i]
    f = slope * h * h * h
    g1 = mb * h * h * h / (A * d) if d > 0 else 0.0
    for step in range(steps):
        z = d - step * h
        _begin(w, -slope * z, h)
        _begin_dots(w)
        g0 = -mb * z * h * h / (A * d)
        for m in range(terms):
            inv, order = INVERSE[m], m + 2.0
            for i in range(LANES):
                a0, a0_i, a1, a1_i, c = w[A0 + i], w[A0_I + i], w[A1 + i], w[A1_I + i], w[C + i]
                a, a_i = (c * a1 + f * a0) * inv, (c * a1_i + f * a0_i) * inv
                b = (c * w[B1 + i] + f * w[B0 + i] + g0 * a1 + g1 * a0) * inv
                b_i = (c * w[B1_I + i] + f * w[B0_I + i] + g0 * a1_i + g1 * a0_i) * inv
                w[A0 + i], w[A0_I + i], w[A1 + i], w[A1_I + i] = a1, a1_i, w[A2 + i], w[A2_I + i]
                w[A2 + i], w[A2_I + i] = a, a_i
                w[B0 + i], w[B0_I + i], w[B1 + i], w[B1_I + i] = w[B1 + i], w[B1_I + i], w[B2 + i], w[B2_I + i]
                w[B2 + i], w[B2_I + i] = b, b_i
                w[PS + i] += a
                w[PS_I + i] += a_i
                w[DP + i] += b
                w[DP_I + i] += b_i
                w[Q + i] += order * a
                w[Q_I + i] += order * a_i
                w[DQ + i] += order * b
                w[DQ_I + i] += order * b_i
        _normalize(w, True)
    _real_answers(-1.0 / (mb * h), w)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _begin(w, lower, h):
    """The first terms of a step's series; lower: what is added to κ² at z = 0 where it begins."""
    for i in range(LANES):
        w[C + i] = (w[TOP + i] + lower) * h * h
        w[A0 + i], w[A0_I + i], w[A1 + i], w[A1_I + i] = 0.0, 0.0, w[PS + i], w[PS_I + i]
        w[A2 + i], w[A2_I + i] = w[Q + i], w[Q_I + i]
        w[PS + i] += w[Q + i]
        w[PS_I + i] += w[Q_I + i]


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _begin_dots(w):
    """The same for the derivatives by V."""
    for i in range(LANES):
        w[B0 + i], w[B0_I + i], w[B1 + i], w[B1_I + i] = 0.0, 0.0, w[DP + i], w[DP_I + i]
        w[B2 + i], w[B2_I + i] = w[DQ + i], w[DQ_I + i]
        w[DP + i] += w[DQ + i]
        w[DP_I + i] += w[DQ_I + i]


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _normalize(w, dots):
    """Scale all waves to size 1, and remember the scale where it is asked for."""
    for i in range(LANES):
        norm = 1.0 / (abs(w[PS + i]) + abs(w[PS_I + i]) + abs(w[Q + i]) + abs(w[Q_I + i]))
        w[PS + i] *= norm
        w[PS_I + i] *= norm
        w[Q + i] *= norm
        w[Q_I + i] *= norm
        if dots:
            w[DP + i] *= norm
            w[DP_I + i] *= norm
            w[DQ + i] *= norm
            w[DQ_I + i] *= norm
            w[DECAY + i] *= norm


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _real_answers(scale, w):
    """Λ = scale·q/ψ and |t_u|² = 1/|ψ|² with their derivatives by V."""
    for i in range(LANES):
        ps, ps_i, q, q_i = w[PS + i], w[PS_I + i], w[Q + i], w[Q_I + i]
        size = 1.0 / (ps * ps + ps_i * ps_i)
        ratio, ratio_i = (q * ps + q_i * ps_i) * size, (q_i * ps - q * ps_i) * size
        turn = (w[DP + i] * ps + w[DP_I + i] * ps_i) * size
        turn_i = (w[DP_I + i] * ps - w[DP + i] * ps_i) * size
        change = (w[DQ + i] * ps + w[DQ_I + i] * ps_i) * size
        passed = w[DECAY + i] * w[DECAY + i] * size
        w[RE + i] = ratio * scale
        w[IM + i] = w[FLOW + i] * passed
        w[RE_DOT + i] = (change - (ratio * turn - ratio_i * turn_i)) * scale
        w[IM_DOT + i] = w[FLOW_DOT + i] * passed - 2.0 * w[FLOW + i] * passed * turn


@njit(nogil=True, cache=True, error_model="numpy")
def _decay_length(k2, slope, d):
    """How deep into the barrier Λ(0) can see: the depth where exp(−2∫Re κ dz) is below 1e-15, at most d.

    κ² = k2 − slope·z. Re κ is monotonic in z, so the smaller end bounds the integral.
    """
    near = _root(k2).real
    depth = 18.0 / max(near, 1e-3)
    while depth < d:
        if depth * min(near, _root(k2 - slope * depth).real) >= 17.5:
            return depth
        depth *= 1.5
    return d



@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def complex_lanes(e, x, p, w):
    """Λ at LANES complex pairs of e and x: rows RE and IM.

    The series starts where exp(−2κz) is negligible, from the decaying solution there, or at d from the outgoing
    wave in N.
    """
    A, ef, u0, d, mb, v, kn2 = p[0], p[2], p[3], p[4], p[5], p[6], p[7]
    if d == 0.0:
        for i in range(LANES):
            k = _outgoing(kn2 + (e[i] + v - ef) / A - x[i])
            w[RE + i], w[IM + i] = -k.imag, k.real
        return
    slope = mb * v / (A * d)
    size4, lowest, bend = 0.0, np.inf, 0.0
    for i in range(LANES):
        top = mb * (ef + u0 - e[i]) / A + x[i]
        start = _decay_length(top, slope, d)
        far = top - slope * start
        k = 1j * _root(far) / mb if start < d else _outgoing(kn2 + (e[i] + v - ef) / A - x[i])
        square = start * start
        size4 = max(size4, square * square * max(top.real**2 + top.imag**2, far.real**2 + far.imag**2))
        lowest = min(lowest, top.real, far.real)
        bend = max(bend, abs(slope) * start * square)
        w[TOP + i], w[TOP_I + i], w[START + i] = top.real, top.imag, start
        w[PS + i], w[PS_I + i], w[Q + i], w[Q_I + i] = 1.0, 0.0, mb * k.imag, -mb * k.real
    steps, terms = _counts(size4, lowest, bend)
    for i in range(LANES):
        w[STEP + i] = w[START + i] / steps
        w[Q + i] *= w[STEP + i]
        w[Q_I + i] *= w[STEP + i]
        w[C_I + i] = w[TOP_I + i] * w[STEP + i] * w[STEP + i]
        w[F + i] = slope * w[STEP + i] * w[STEP + i] * w[STEP + i]
    for step in range(steps):
        _begin(w, 0.0, 1.0)
        for i in range(LANES):
            h = w[STEP + i]
            w[C + i] = (w[TOP + i] - slope * (w[START + i] - step * h)) * h * h
        for m in range(terms):
            inv, order = INVERSE[m], m + 2.0
            for i in range(LANES):
                a1, a1_i, c, c_i, f = w[A1 + i], w[A1_I + i], w[C + i], w[C_I + i], w[F + i]
                a = (c * a1 - c_i * a1_i + f * w[A0 + i]) * inv
                a_i = (c * a1_i + c_i * a1 + f * w[A0_I + i]) * inv
                w[A0 + i], w[A0_I + i], w[A1 + i], w[A1_I + i] = a1, a1_i, w[A2 + i], w[A2_I + i]
                w[A2 + i], w[A2_I + i] = a, a_i
                w[PS + i] += a
                w[PS_I + i] += a_i
                w[Q + i] += order * a
                w[Q_I + i] += order * a_i
        _normalize(w, False)
    for i in range(LANES):
        ps, ps_i, q, q_i = w[PS + i], w[PS_I + i], w[Q + i], w[Q_I + i]
        scale = -1.0 / (mb * w[STEP + i] * (ps * ps + ps_i * ps_i))
        w[RE + i], w[IM + i] = (q * ps + q_i * ps_i) * scale, (q_i * ps - q * ps_i) * scale


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
    complex_lanes(np.full(LANES, e + 0j), np.full(LANES, x + 0j), p, w)
    return complex(w[RE], w[IM])
