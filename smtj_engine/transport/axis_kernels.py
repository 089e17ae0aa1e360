"""Compiled sums of the bias window where Λ and Γ have one axis a, for LANES values of x in one vector.

In front of a second magnet a is s_R, and Λ = λ₀ + λ₁ a·σ and Γ = g₀ + g₁ a·σ come from the two channels of the
right electrode, as the barrier does not see the spin; with γ a is n (spin_kernels.py), and they come from the two
masses of the barrier. Azimuths are doubled until they agree, but for a magnet with α or β alone: there
w = ω (cos ψ, sin ψ) turns on a circle while nothing else does, and with X = X₀ + u·σ − w·σ, u = λ₁ s_R + iΔ s,
    det X = C + B₊ exp iψ + B₋ exp −iψ,  C = X₀² − u² − ω²,  B± = ω (u₁ ∓ iu₂).
1/det has the Fourier coefficients pⁿ/S and q^|n|/S with S = √(C² − 4B₊B₋) on the side of C, p = −2B₊/(C + S),
q = −2B₋/(C + S) (no zero of det crosses the circle as ω grows from 0), hence 1/|det|² = Σ F_k exp ikψ with
    |S|²F₀ = 1/(1−|p|²) + |q|²/(1−|q|²),  |S|²F₁ = p/(1−|p|²) + q*/(1−|q|²),
    |S|²F₂ = p²/(1−|p|²) + pq* + q*²/(1−|q|²).
What it multiplies is of the second degree in w: five azimuths with F₀ to F₂ in their weights give the exact mean.
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
    LANES,
    MASS,
    PS,
    PS_I,
    Q_I,
    STEP,
    Q,
    X,
    _inverse,
    _lane_root,
)
from smtj_engine.transport.barrier_kernels import ROWS as BARRIER
from smtj_engine.transport.cell_kernels import DI, DR, KI, KR, put
from smtj_engine.transport.cell_kernels import ROWS as BEFORE
from smtj_engine.transport.spin_kernels import applied, closed

#: Rows of the workspace after those of the cells: the barrier of the second mass; X₀ and λ₁ with their derivatives
#: by V, g₀ and g₁ with theirs; k∥/A; F₀ to F₂ with theirs; 1/S, p/S and q/S; 1/|det|² and its derivative; 1/det;
#: the sums and their size; a test.
#: All in one array, as in barrier_kernels.py: vectors need that.
MINUS = BEFORE * LANES
(X0, X0_I, L1, L1_I, X0_DOT, X0_DOT_I, L1_DOT, L1_DOT_I, G0, G1, G0_DOT, G1_DOT, IN_PLANE, F0, F1, F1_I, F2, F2_I,
 F0_DOT, F1_DOT, F1_DOT_I, F2_DOT, F2_DOT_I, A0, A0_I, AP, AP_I, AM, AM_I, INV, INV_DOT, DET, DET_I, S0, S1,
 S2, S3, S4, S5, S6, SIZE, TEST) = [(BEFORE + BARRIER + row) * LANES for row in range(42)]
ROWS = BEFORE + BARRIER + 42
#: Sums that are kept for each direction of M: S0 to SIZE.
SUMS = 8
_TURNS = 2.0 * np.pi * np.arange(5) / 5.0

_FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def add_lanes(e, both, edge, weight, p, angles, table, small, from_f, w, other, room, along_e, along_x):
    """LANES nodes of window_kernels.window, as matrix_kernels.add_nodes has them, for a magnet or γ, but not both.

    w: the waves of the barrier and of F at x, and room; other: the waves of the second mass; room: two arrays of
    SUMS * LANES for each direction of M.
    """
    sums = room[0]
    if p[11] != 0.0:
        w[MINUS:MINUS + BARRIER * LANES] = other
    _channels(e, p, w)
    if p[11] == 0.0 and (p[9] == 0.0 or (p[8] == 0.0 and p[10] == 0.0)):
        _circle(p, angles, from_f, w, sums)
    else:
        _doubled(p, angles, table, small, from_f, w, sums, room[1])
    for m in range(angles.shape[1]):
        for i in range(LANES):
            wb, ws = 8.0 * both * weight[i], 8.0 * edge * weight[i]
            put(along_e[m], along_x[m], i, wb * sums[m, i], wb * sums[m, LANES + i] + ws * sums[m, i],
                wb * (sums[m, 2 * LANES + i] - 0.5 * sums[m, 6 * LANES + i]),
                wb * (sums[m, 3 * LANES + i] - 0.5 * sums[m, 5 * LANES + i]), wb * sums[m, 4 * LANES + i])


@njit(nogil=True, cache=True, error_model="numpy")
def _circle(p, angles, from_f, w, sums):
    """Means for each direction of M where α or β is alone, or none."""
    turning, turning_dot = p[8] + p[9], p[10]
    count = _TURNS.size if turning != 0.0 or turning_dot != 0.0 else 1
    for m in range(angles.shape[1]):
        ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
        _series(turning, turning_dot, p[13], p[14], p[15], ct, st, cp, sp, w)
        w[S0:S0 + SUMS * LANES] = 0.0
        for turn in range(count):
            cos, sin = np.cos(_TURNS[turn]), np.sin(_TURNS[turn])
            _from_series(cos, sin, 1.0 / count, w)
            _add(p[13], p[14], p[15], turning * cos, turning * sin, turning_dot * cos, turning_dot * sin, ct, st,
                 cp, sp, w)
            if from_f:
                _add_sea(p[13], p[14], p[15], turning * cos, turning * sin, ct, st, cp, sp, w)
        sums[m] = w[S0:S0 + SUMS * LANES]


@njit(nogil=True, cache=True, error_model="numpy")
def _doubled(p, angles, table, small, from_f, w, sums, before):
    """Means for each direction of M over azimuths, doubled until they agree for all lanes."""
    bulk, alpha, beta, slope = p[11] != 0.0, p[8], p[9], p[10]
    sums[:] = 0.0
    n, new = 8, 8
    while True:
        before[:] = sums
        for m in range(angles.shape[1]):
            ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
            w[S0:S0 + SUMS * LANES] = 0.0
            for turn in range(new):
                at = n + (turn if new == n else 2 * turn + 1)
                c, s = table[0, at], table[1, at]
                a1, a2, a3 = (c, -s, 0.0) if bulk else (p[13], p[14], p[15])
                w1, w2 = alpha * s + beta * c, -(alpha * c + beta * s)
                _from_determinant(a1, a2, a3, w1, w2, slope * s, -slope * c, ct, st, cp, sp, w)
                _add(a1, a2, a3, w1, w2, slope * s, -slope * c, ct, st, cp, sp, w)
                if from_f:
                    _add_sea(a1, a2, a3, w1, w2, ct, st, cp, sp, w)
            sums[m] += w[S0:S0 + SUMS * LANES]
        if n >= 1024 or (new != n and _agree(before, sums, small, w)):
            sums /= n
            return
        new = n
        n *= 2


@njit(nogil=True, cache=True, error_model="numpy")
def _agree(before, sums, small, w):
    """matrix_kernels._agree for all lanes: whether twice the azimuths leave every mean where it was."""
    for m in range(sums.shape[0]):
        for column in range(SUMS - 1):
            _test(before[m], sums[m], column * LANES, small, w)
            for i in range(LANES):
                if w[TEST + i] > 0.0:
                    return False
    return True


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _test(before, sums, column, small, w):
    """Row TEST: positive where a sum has changed by more than small √(sum·size), and by more than is rounded."""
    for i in range(LANES):
        size = sums[(SUMS - 1) * LANES + i]
        change = abs(2.0 * before[column + i] - sums[column + i]) - 1e-13 * size
        w[TEST + i] = change * abs(change) - small * small * abs(sums[column + i]) * size


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _channels(e, p, w):
    """Rows X0 to IN_PLANE: the channels up and down of a magnet on the right, or those of the barrier's masses.

    For a magnet λ₁ = ½i(k↑ − k↓)t↑t↓, as det (a b; c e) = 1: behind a thick barrier the difference of both Λ would
    be that of their rounding.
    """
    A = p[0]
    base, split = p[7] + (e + p[6] - p[2]) / A, p[12] / A
    bulk = p[11] != 0.0
    shift = MINUS if bulk else 0
    for i in range(LANES):
        up, up_dot, up_g, up_g_dot, t_up, turn_up, ik_up, ik_up_dot = _channel(base - w[X + i] + split, A, i, w)
        down, down_dot, down_g, down_g_dot, t_down, turn_down, ik_down, ik_down_dot = _channel(
            base - w[X + i] - split, A, shift + i, w)
        lam, lam_dot = 0.5 * (up + down), 0.5 * (up_dot + down_dot)
        one = (t_up * t_down) * (-split * _inverse(ik_up + ik_down))
        one_dot = one * (2.0 * A * (ik_up_dot * ik_down_dot) - (turn_up + turn_down))
        one, one_dot = (0.5 * (up - down), 0.5 * (up_dot - down_dot)) if bulk else (one, one_dot)
        w[X0 + i], w[X0_I + i] = lam.real - w[KI + i], lam.imag + w[KR + i]
        w[X0_DOT + i], w[X0_DOT_I + i] = lam_dot.real, lam_dot.imag
        w[L1 + i], w[L1_I + i], w[L1_DOT + i], w[L1_DOT_I + i] = one.real, one.imag, one_dot.real, one_dot.imag
        w[G0 + i], w[G1 + i] = 0.5 * (up_g + down_g), 0.5 * (up_g - down_g)
        w[G0_DOT + i], w[G1_DOT + i] = 0.5 * (up_g_dot + down_g_dot), 0.5 * (up_g_dot - down_g_dot)
        w[IN_PLANE + i] = np.sqrt(w[X + i]) / A


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _channel(square, A, i, w):
    """For a channel of the right electrode with k² = square: Λ, its derivative by V, |t|² Re k, its derivative; t,
    minus that of ln t; ik, its derivative."""
    k, k_i = np.sqrt(max(square, 0.0)), np.sqrt(max(-square, 0.0))
    per = 1.0 / (2.0 * A * max(abs(square), 1e-300))
    ik, ik_dot = complex(-k_i, k), complex(k_i * per, k * per)
    scale = -1.0 / (w[MASS + i] * w[STEP + i])
    a, b, c, d = w[PS + i], w[PS_I + i], scale * w[Q + i], scale * w[Q_I + i]
    inv = _inverse(a + ik * b)
    lam = (c + ik * d) * inv
    turn = (w[DP + i] + ik * w[DP_I + i] + ik_dot * b) * inv
    lam_dot = (scale * w[DQ + i] + ik * (scale * w[DQ_I + i]) + ik_dot * d) * inv - lam * turn
    t = w[DECAY + i] * inv
    through = t.real * t.real + t.imag * t.imag
    return lam, lam_dot, k * through, (k * per - 2.0 * k * turn.real) * through, t, turn, ik, ik_dot


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _series(turning, turning_dot, r1, r2, r3, ct, st, cp, sp, w):
    """Rows F0 to F2_DOT_I for one direction of M; turning: ω over k∥, and its derivative; r: s_R."""
    s1, s2, s3 = -st * cp, -st * sp, -ct
    for i in range(LANES):
        x0, x0_dot = complex(w[X0 + i], w[X0_I + i]), complex(w[X0_DOT + i], w[X0_DOT_I + i])
        lam, lam_dot = complex(w[L1 + i], w[L1_I + i]), complex(w[L1_DOT + i], w[L1_DOT_I + i])
        step = complex(-w[DI + i], w[DR + i])
        turn, turn_dot = turning * w[IN_PLANE + i], turning_dot * w[IN_PLANE + i]
        u1, u2, u3 = lam * r1 + step * s1, lam * r2 + step * s2, lam * r3 + step * s3
        c = x0 * x0 - u1 * u1 - u2 * u2 - u3 * u3 - turn * turn
        c_dot = 2.0 * (x0 * x0_dot - (u1 * r1 + u2 * r2 + u3 * r3) * lam_dot - turn * turn_dot)
        more, less = complex(u1.real + u2.imag, u1.imag - u2.real), complex(u1.real - u2.imag, u1.imag + u2.real)
        b, d = turn * more, turn * less
        b_dot = turn_dot * more + turn * (lam_dot * complex(r1, -r2))
        d_dot = turn_dot * less + turn * (lam_dot * complex(r1, r2))
        square = c * c - 4.0 * (b * d)
        s, s_i = _lane_root(square.real, square.imag)
        side = 1.0 if s * c.real + s_i * c.imag >= 0.0 else -1.0
        root = complex(side * s, side * s_i)
        inv, per = _inverse(c + root), _inverse(root)
        root_dot = (c * c_dot - 2.0 * (b_dot * d + b * d_dot)) * per
        p, q = -2.0 * (b * inv), -2.0 * (d * inv)
        fall = (c_dot + root_dot) * inv
        plus, minus = p * per, q * per
        w[A0 + i], w[A0_I + i], w[AP + i], w[AP_I + i] = per.real, per.imag, plus.real, plus.imag
        w[AM + i], w[AM_I + i] = minus.real, minus.imag
        p_dot, q_dot = -2.0 * (b_dot * inv) - p * fall, np.conj(-2.0 * (d_dot * inv) - q * fall)
        q = np.conj(q)
        pp, qq = p.real * p.real + p.imag * p.imag, q.real * q.real + q.imag * q.imag
        ip, iq, size = 1.0 / (1.0 - pp), 1.0 / (1.0 - qq), 1.0 / (s * s + s_i * s_i)
        pp_dot, qq_dot = 2.0 * (p.real * p_dot.real + p.imag * p_dot.imag), 2.0 * (q.real * q_dot.real
                                                                                  + q.imag * q_dot.imag)
        ip_dot, iq_dot = pp_dot * ip * ip, qq_dot * iq * iq
        size_dot = -2.0 * (root.real * root_dot.real + root.imag * root_dot.imag) * size
        f0, f1, f2 = ip + qq * iq, p * ip + q * iq, p * p * ip + p * q + q * q * iq
        w[F0 + i] = size * f0
        w[F0_DOT + i] = size * (size_dot * f0 + ip_dot + qq_dot * iq + qq * iq_dot)
        f1_dot = size_dot * f1 + p_dot * ip + p * ip_dot + q_dot * iq + q * iq_dot
        f2_dot = (size_dot * f2 + 2.0 * (p * p_dot) * ip + p * p * ip_dot + p_dot * q + p * q_dot
                  + 2.0 * (q * q_dot) * iq + q * q * iq_dot)
        w[F1 + i], w[F1_I + i] = size * f1.real, size * f1.imag
        w[F2 + i], w[F2_I + i] = size * f2.real, size * f2.imag
        w[F1_DOT + i], w[F1_DOT_I + i] = size * f1_dot.real, size * f1_dot.imag
        w[F2_DOT + i], w[F2_DOT_I + i] = size * f2_dot.real, size * f2_dot.imag


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _from_series(cos, sin, part, w):
    """Rows INV to DET_I at one azimuth of ψ, times its part of the mean."""
    cos2, sin2 = cos * cos - sin * sin, 2.0 * sin * cos
    for i in range(LANES):
        w[INV + i] = part * (w[F0 + i] + 2.0 * (w[F1 + i] * cos - w[F1_I + i] * sin
                                                + w[F2 + i] * cos2 - w[F2_I + i] * sin2))
        w[INV_DOT + i] = part * (w[F0_DOT + i] + 2.0 * (w[F1_DOT + i] * cos - w[F1_DOT_I + i] * sin
                                                        + w[F2_DOT + i] * cos2 - w[F2_DOT_I + i] * sin2))
        w[DET + i] = part * (w[A0 + i] + (w[AP + i] + w[AM + i]) * cos - (w[AP_I + i] - w[AM_I + i]) * sin)
        w[DET_I + i] = part * (w[A0_I + i] + (w[AP_I + i] + w[AM_I + i]) * cos + (w[AP + i] - w[AM + i]) * sin)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _from_determinant(a1, a2, a3, w1, w2, w1_dot, w2_dot, ct, st, cp, sp, w):
    """Rows INV to DET_I at one azimuth; a: the axis there, w1, w2: w over k∥/A."""
    s1, s2, s3 = -st * cp, -st * sp, -ct
    for i in range(LANES):
        k, step = w[IN_PLANE + i], complex(-w[DI + i], w[DR + i])
        x0, x0_dot = complex(w[X0 + i], w[X0_I + i]), complex(w[X0_DOT + i], w[X0_DOT_I + i])
        lam, lam_dot = complex(w[L1 + i], w[L1_I + i]), complex(w[L1_DOT + i], w[L1_DOT_I + i])
        x1, x2, x3 = lam * a1 + step * s1 - k * w1, lam * a2 + step * s2 - k * w2, lam * a3 + step * s3
        det = x0 * x0 - x1 * x1 - x2 * x2 - x3 * x3
        turn = x0 * x0_dot - (x1 * a1 + x2 * a2 + x3 * a3) * lam_dot + k * (x1 * w1_dot + x2 * w2_dot)
        inv = 1.0 / (det.real * det.real + det.imag * det.imag)
        w[INV + i] = inv
        w[INV_DOT + i] = -4.0 * (det.real * turn.real + det.imag * turn.imag) * inv * inv
        w[DET + i], w[DET_I + i] = det.real * inv, -det.imag * inv


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _add(a1, a2, a3, w1, w2, w1_dot, w2_dot, ct, st, cp, sp, w):
    """Add one azimuth to the sums of matrix_kernels.window_means with row INV as 1/|det|²."""
    s1, s2, s3 = -st * cp, -st * sp, -ct
    for i in range(LANES):
        k, kr, dr, di, inv = w[IN_PLANE + i], w[KR + i], w[DR + i], w[DI + i], w[INV + i]
        x0, x0_dot = complex(w[X0 + i], w[X0_I + i]), complex(w[X0_DOT + i], w[X0_DOT_I + i])
        lam, lam_dot = complex(w[L1 + i], w[L1_I + i]), complex(w[L1_DOT + i], w[L1_DOT_I + i])
        step, g0, g1, h0, h1 = complex(-di, dr), w[G0 + i], w[G1 + i], w[G0_DOT + i], w[G1_DOT + i]
        x1, x2, x3 = lam * a1 + step * s1 - k * w1, lam * a2 + step * s2 - k * w2, lam * a3 + step * s3
        b0, b1, b2, b3 = applied(x0, x1, x2, x3, g0, g1 * a1, g1 * a2, g1 * a3)
        n0, n1, n2, n3 = closed(b0, b1, b2, b3, x0, x1, x2, x3)
        m0, m1, m2, m3 = closed(b0, b1, b2, b3, x0_dot, lam_dot * a1 - k * w1_dot, lam_dot * a2 - k * w2_dot,
                                lam_dot * a3)
        b0, b1, b2, b3 = applied(x0, x1, x2, x3, h0, h1 * a1, h1 * a2, h1 * a3)
        q0, q1, q2, q3 = closed(b0, b1, b2, b3, x0, x1, x2, x3)
        along = s1 * n1 + s2 * n2 + s3 * n3
        n_theta, n_phi = (n1 * cp + n2 * sp) * ct - n3 * st, n2 * cp - n1 * sp
        change = (kr * (2.0 * m0 + q0)
                  + dr * (s1 * (2.0 * m1 + q1) + s2 * (2.0 * m2 + q2) + s3 * (2.0 * m3 + q3)))
        w[S0 + i] += (kr * n0 + dr * along) * inv
        w[S1 + i] += change * inv + (kr * n0 + dr * along) * w[INV_DOT + i]
        w[S2 + i] += (kr * n_theta - di * n_phi) * inv
        w[S3 + i] -= (kr * n_phi + di * n_theta) * inv
        w[S4 + i] += (kr * along + dr * n0) * inv
        w[SIZE + i] += (kr + abs(w[KI + i]) + abs(dr) + abs(di)) * n0 * inv


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _add_sea(a1, a2, a3, w1, w2, ct, st, cp, sp, w):
    """Add one azimuth of the density of a sea: Im 2iΔ(Λ − W)·e/det with row DET as 1/det."""
    for i in range(LANES):
        k, lam = w[IN_PLANE + i], complex(w[L1 + i], w[L1_I + i])
        step = complex(-2.0 * w[DI + i], 2.0 * w[DR + i]) * complex(w[DET + i], w[DET_I + i])
        v1, v2, v3 = lam * a1 - k * w1, lam * a2 - k * w2, lam * a3
        w[S5 + i] += (step * ((v1 * cp + v2 * sp) * ct - v3 * st)).imag
        w[S6 + i] += (step * (v2 * cp - v1 * sp)).imag
        w[SIZE + i] += (abs(step.real) + abs(step.imag)) * (abs(v1.real) + abs(v1.imag) + abs(v2.real)
                                                            + abs(v2.imag) + abs(v3.real) + abs(v3.imag))
