"""Compiled sums of the bias window where Λ is a 2×2 matrix (spin_kernels.py says what it is made of)."""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.axis_kernels import SUMS, add_lanes
from smtj_engine.transport.barrier_kernels import LANES
from smtj_engine.transport.barrier_kernels import ROWS as BARRIER
from smtj_engine.transport.cell_kernels import DI, DR, KI, KR, put
from smtj_engine.transport.spin_kernels import (
    applied,
    beyond,
    beyond_dot,
    channel,
    closed,
    flux,
    real_waves,
    right_real,
)

#: Azimuths that are summed together, as a vector: row r of azimuth m is rows[r + m].
BLOCK = 8
#: Rows: cos and sin; X = Λ + iK − W up to its iΔ s·σ, the derivative by V, Γ, its derivative. All in one array, as
#: loops this short become vectors only where the compiler sees that their arrays do not overlap.
(COS, SIN, X0, X0_I, V1, V1_I, V2, V2_I, V3, V3_I, X0_DOT, X0_DOT_I, V1_DOT, V1_DOT_I, V2_DOT, V2_DOT_I, V3_DOT,
 V3_DOT_I, G0, G1, G2, G3, G0_DOT, G1_DOT, G2_DOT, G3_DOT) = [row * BLOCK for row in range(26)]
ROWS = 26

_FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def workspace(count):
    """Room with `count` directions of M: the second spin's waves, rows of azimuths, sums and those before; of
    lanes, too."""
    return (np.empty(BARRIER * LANES), np.empty(ROWS * BLOCK), np.empty((count, 9)), np.empty((count, 9)),
            np.empty((2, count, SUMS * LANES)))


@njit(nogil=True, cache=True, error_model="numpy")
def add_nodes(e, x, both, edge, weight, p, angles, table, small, from_f, w, room, along_e, along_x):
    """LANES nodes of window_kernels.window; w holds F's wave vectors, weight times both is that times f_F − f_N,
    times edge that times −f_N'."""
    real_waves(e, x, p, w, room[0])
    if p[11] == 0.0 or p[12] == 0.0:
        add_lanes(e, both, edge, weight, p, angles, table, small, from_f, w, room[0], room[4], along_e, along_x)
        return
    for i in range(LANES):
        if weight[i] == 0.0:
            continue
        mean, delta = complex(w[KR + i], w[KI + i]), complex(w[DR + i], w[DI + i])
        means = window_means(e, x[i], i, mean, delta, w, p, angles, table, small, from_f, room)
        wb, ws = both * weight[i], edge * weight[i]
        for m in range(angles.shape[1]):
            put(along_e[m], along_x[m], i, 8.0 * wb * means[m, 0], 8.0 * (wb * means[m, 1] + ws * means[m, 0]),
                wb * (8.0 * means[m, 2] - 4.0 * means[m, 6]), wb * (8.0 * means[m, 3] - 4.0 * means[m, 5]),
                8.0 * wb * means[m, 4])


@njit(nogil=True, cache=True, error_model="numpy")
def window_means(e, x, lane, mean, delta, w, p, angles, table, small, from_f, room):
    """Azimuthal means for each angle, doubled until they agree; w and room[0]: the waves of both spins at x.

    Columns: f, ∂f/∂V, par, perp, along, perp and par of the sea, size of the terms, N's part along s.
    f = Tr[Re(K) N]/2 with N = GΓG†, the density matrix of the waves from the right.
    """
    other, rows, sums, before, _ = room
    right = right_real(e, x, p)
    plus = channel(w, lane, right[0], right[1])
    minus = plus if p[11] == 0.0 else channel(other, lane, right[0], right[1])
    sums[:] = 0.0
    turning = p[8] != 0.0 or p[9] != 0.0 or p[10] != 0.0 or p[11] != 0.0
    n, new = BLOCK, BLOCK
    while True:
        before[:] = sums
        for first in range(0, new, BLOCK):
            take(first, new, n, table, rows)
            fill(np.sqrt(x) / p[0], mean, plus, minus, right, p, rows)
            for m in range(angles.shape[1]):
                add_azimuths(rows, mean, delta, angles[0, m], angles[1, m], angles[2, m], angles[3, m], from_f,
                             sums[m])
        if not turning or n >= 1024 or (new != n and _agree(before, sums, small)):
            for m in range(angles.shape[1]):
                for column in range(9):
                    sums[m, column] /= n
            return sums
        new = n
        n *= 2


@njit(nogil=True, cache=True, error_model="numpy")
def take(first, new, n, table, rows):
    """A block, from the first on, of the `new` azimuths among n (quadrature.azimuths): all, or every other one."""
    for m in range(BLOCK):
        at = n + (first + m if new == n else 2 * (first + m) + 1)
        rows[COS + m], rows[SIN + m] = table[0, at], table[1, at]


@njit(nogil=True, cache=True, error_model="numpy")
def _agree(before, sums, small):
    """Whether twice the azimuths leave every mean where it was.

    The error falls as ρ^−n, so a change δ of a mean q, whose terms have the size S, leaves an error δ²/S.
    """
    for m in range(sums.shape[0]):
        size = sums[m, 7]
        for column in range(7):
            change = abs(2.0 * before[m, column] - sums[m, column])
            if change > small * np.sqrt(abs(sums[m, column]) * size) + 1e-13 * size:
                return False
    return True


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def fill(k, mean, plus, minus, right, p, rows):
    """The rows of each azimuth; k: k∥/A, plus, minus: spin_kernels.channel of both spins, right: right_real.

    Without γ, or in front of a normal metal, Λ and Γ have components along one axis only: s_R, or n.
    """
    s1, s2, s3 = p[13], p[14], p[15]
    bulk, magnet = p[11] != 0.0, p[12] != 0.0
    right_k, right_k_dot, delta, delta_dot = right
    rashba, dresselhaus, steep = k * p[8], k * p[9], k * p[10]
    if bulk and magnet:
        for m in range(BLOCK):
            c, s = rows[COS + m], rows[SIN + m]
            along = s1 * c - s2 * s
            across2 = max(0.0, 1.0 - along * along)
            l0, l1, l2, inv = beyond(along, delta, plus[0], plus[2], plus[4], minus[0], minus[2], minus[4])
            d0, d1, d2, inv_dot = beyond_dot(along, delta, delta_dot, inv, plus, minus)
            g0, g1, g2, g3, h0, h1, h2, h3 = flux(along, across2, right_k, right_k_dot, delta, delta_dot, inv,
                                                  inv_dot, plus, minus)
            # q = s_R − s_n n and n×q = n×s_R
            q1, q2, r1, r2, r3 = s1 - along * c, s2 + along * s, -s * s3, -c * s3, c * s2 + s * s1
            spin_orbit(m, c, s, rashba, dresselhaus, l0 + 1j * mean, l1 * c + l2 * q1, l2 * q2 - l1 * s,
                       l2 * s3, X0, rows)
            spin_orbit(m, c, s, steep, 0.0, d0, d1 * c + d2 * q1, d2 * q2 - d1 * s, d2 * s3, X0_DOT, rows)
            _flux(m, g0, g1 * c + g2 * q1 + g3 * r1, g2 * q2 - g1 * s + g3 * r2, g2 * s3 + g3 * r3, G0, rows)
            _flux(m, h0, h1 * c + h2 * q1 + h3 * r1, h2 * q2 - h1 * s + h3 * r2, h2 * s3 + h3 * r3, G0_DOT, rows)
        return
    l0, l1, _, inv = beyond(1.0, delta, plus[0], plus[2], plus[4], minus[0], minus[2], minus[4])
    d0, d1, _, inv_dot = beyond_dot(1.0, delta, delta_dot, inv, plus, minus)
    g0, g1, _, _, h0, h1, _, _ = flux(1.0, 0.0, right_k, right_k_dot, delta, delta_dot, inv, inv_dot, plus, minus)
    turning = 1.0 if bulk else 0.0
    if bulk:
        s1, s2, s3 = 0.0, 0.0, 0.0
    l0, l3, d3, g3, h3 = l0 + 1j * mean, l1 * s3, d1 * s3, g1 * s3, h1 * s3
    for m in range(BLOCK):
        c, s = rows[COS + m], rows[SIN + m]
        a1, a2 = s1 + turning * c, s2 - turning * s
        spin_orbit(m, c, s, rashba, dresselhaus, l0, l1 * a1, l1 * a2, l3, X0, rows)
        spin_orbit(m, c, s, steep, 0.0, d0, d1 * a1, d1 * a2, d3, X0_DOT, rows)
        _flux(m, g0, g1 * a1, g1 * a2, g3, G0, rows)
        _flux(m, h0, h1 * a1, h1 * a2, h3, G0_DOT, rows)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def spin_orbit(m, c, s, rashba, dresselhaus, x0, l1, l2, l3, row, rows):
    """X₀ and Λ − W at one azimuth as four complex numbers from `row` on; rashba, dresselhaus: times k∥/A."""
    v1, v2 = l1 - (rashba * s + dresselhaus * c), l2 + (rashba * c + dresselhaus * s)
    rows[row + m], rows[row + BLOCK + m] = x0.real, x0.imag
    rows[row + 2 * BLOCK + m], rows[row + 3 * BLOCK + m] = v1.real, v1.imag
    rows[row + 4 * BLOCK + m], rows[row + 5 * BLOCK + m] = v2.real, v2.imag
    rows[row + 6 * BLOCK + m], rows[row + 7 * BLOCK + m] = l3.real, l3.imag


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _flux(m, g0, g1, g2, g3, row, rows):
    """Four numbers of one azimuth."""
    rows[row + m], rows[row + BLOCK + m], rows[row + 2 * BLOCK + m], rows[row + 3 * BLOCK + m] = g0, g1, g2, g3


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def vector(rows, row, m):
    """Three complex numbers of one azimuth."""
    return (complex(rows[row + m], rows[row + BLOCK + m]),
            complex(rows[row + 2 * BLOCK + m], rows[row + 3 * BLOCK + m]),
            complex(rows[row + 4 * BLOCK + m], rows[row + 5 * BLOCK + m]))


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def add_azimuths(r, mean, delta, ct, st, cp, sp, from_f, sums):
    """Add a block of azimuths to the sums of window_means, for one direction of M.

    N = AΓA†/|det X|² with A = X₀ − X·σ, X = Λ + iK − W; Q of a wave from the right is −4Re Tr[σKN].
    """
    kr, dr, di = mean.real, delta.real, delta.imag
    size = abs(mean) + abs(delta)
    s1, s2, s3 = -st * cp, -st * sp, -ct
    d1, d2, d3 = 1j * delta * s1, 1j * delta * s2, 1j * delta * s3
    t0 = t1 = t2 = t3 = t4 = t5 = t6 = t7 = t8 = 0.0
    for m in range(BLOCK):
        x0 = complex(r[X0 + m], r[X0_I + m])
        v1, v2, v3 = vector(r, V1, m)
        x0_dot = complex(r[X0_DOT + m], r[X0_DOT_I + m])
        x1_dot, x2_dot, x3_dot = vector(r, V1_DOT, m)
        x1, x2, x3 = v1 + d1, v2 + d2, v3 + d3
        det = x0 * x0 - x1 * x1 - x2 * x2 - x3 * x3
        inv = 1.0 / (det.real * det.real + det.imag * det.imag)
        a0, a1, a2, a3 = applied(x0, x1, x2, x3, r[G0 + m], r[G1 + m], r[G2 + m], r[G3 + m])
        n0, n1, n2, n3 = closed(a0, a1, a2, a3, x0, x1, x2, x3)
        r0, r1, r2, r3 = closed(a0, a1, a2, a3, x0_dot, x1_dot, x2_dot, x3_dot)
        a0, a1, a2, a3 = applied(x0, x1, x2, x3, r[G0_DOT + m], r[G1_DOT + m], r[G2_DOT + m], r[G3_DOT + m])
        q0, q1, q2, q3 = closed(a0, a1, a2, a3, x0, x1, x2, x3)
        along = s1 * n1 + s2 * n2 + s3 * n3
        f = (kr * n0 + dr * along) * inv
        turn = 2.0 * (x0 * x0_dot - x1 * x1_dot - x2 * x2_dot - x3 * x3_dot)
        f_dot = (kr * (2.0 * r0 + q0) + dr * (s1 * (2.0 * r1 + q1) + s2 * (2.0 * r2 + q2) + s3 * (2.0 * r3 + q3))
                 - 2.0 * f * (det.real * turn.real + det.imag * turn.imag)) * inv
        n_theta, n_phi = (n1 * cp + n2 * sp) * ct - n3 * st, n2 * cp - n1 * sp
        t0 += f
        t1 += f_dot
        t2 += (kr * n_theta - di * n_phi) * inv
        t3 -= (kr * n_phi + di * n_theta) * inv
        t4 += (kr * along + dr * n0) * inv
        t7 += size * n0 * inv
        t8 += along * inv
    if from_f:
        for m in range(BLOCK):
            v1, v2, v3 = vector(r, V1, m)
            x0, x1, x2, x3 = complex(r[X0 + m], r[X0_I + m]), v1 + d1, v2 + d2, v3 + d3
            step = 2j * delta / (x0 * x0 - x1 * x1 - x2 * x2 - x3 * x3)
            t5 += (step * ((v1 * cp + v2 * sp) * ct - v3 * st)).imag
            t6 += (step * (v2 * cp - v1 * sp)).imag
            t7 += abs(step) * (abs(v1) + abs(v2) + abs(v3))
    sums[0] += t0
    sums[1] += t1
    sums[2] += t2
    sums[3] += t3
    sums[4] += t4
    sums[5] += t5
    sums[6] += t6
    sums[7] += t7
    sums[8] += t8
