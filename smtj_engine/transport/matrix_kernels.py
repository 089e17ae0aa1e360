"""Compiled sums like those of kernels.py where Λ is a 2×2 matrix (spin_kernels.py says what it is made of)."""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.barrier_kernels import LANES, _inverse, _outgoing
from smtj_engine.transport.kernels import _sea_means
from smtj_engine.transport.spin_kernels import (
    diagonal,
    frame_at,
    magnet_lambda,
    masses,
    mixed,
    right_vectors,
    to_lab,
    transfer_complex,
    transfer_real,
)
from smtj_engine.transport.window_kernels import COLUMNS, _fermi, _panel_node, gather, put, x_nodes, x_range

#: Rows of the numbers of each azimuth: X − iΔs, its derivative by V, Γ, its derivative; complex ones as two rows.
ROWS = 24


@njit(nogil=True, cache=True, error_model="numpy")
def workspace(count):
    """Room for window_means with `count` directions of M: frame, Λ and Γ in it and in lab axes, rows, sums."""
    return (np.empty((3, 3)), np.empty((2, 4), np.complex128), np.empty((2, 4)), np.empty((2, 4), np.complex128),
            np.empty((2, 4)), np.empty((ROWS, 520)), np.empty((count, 8)), np.empty((count, 8)))


@njit(nogil=True, cache=True, error_model="numpy")
def window(cells, s, ws, tails_e, t, wt, tails_x, p, thermal, angles, table, small, from_f, out, errors):
    """Add the cells of the bias window to out[cell, angle, observable]: window_kernels.window with matrices."""
    room = workspace(angles.shape[1])
    nodes, weights = np.empty(t.size), np.empty(t.size)
    along_e = np.empty((s.size, angles.shape[1], COLUMNS, LANES))
    along_x = np.empty(((t.size + LANES - 1) // LANES, angles.shape[1], COLUMNS, LANES))
    for number in range(cells.shape[0]):
        cell = cells[number]
        x_nodes(cell, t, wt, nodes, weights)
        along_e[:] = 0.0
        along_x[:] = 0.0
        point = cell[2] == 4.0
        for j in range(1 if point else s.size):
            e, we = _panel_node(cell, s[j])
            both, edge = _fermi(e, p, thermal, point)
            if not point:
                we *= ws[j]
            start, span = x_range(e, cell, p)
            if span > 0.0:
                for i in range(t.size):
                    weight = we * span * weights[i]
                    _window_point(e, start + span * nodes[i], both * weight, edge * weight, p, angles, table,
                                  small, from_f, room, i % LANES, along_e[j], along_x[i // LANES])
        gather(along_e, along_x, t.size, tails_e, tails_x, point, out[number], errors[number])


@njit(nogil=True, cache=True, error_model="numpy")
def _window_point(e, x, wb, ws, p, angles, table, small, from_f, room, lane, along_e, along_x):
    """One node of `window`: wb is its weight times f_F − f_N, ws its weight times −f_N'."""
    A, J = p[0], p[1]
    up2 = (e + J) / A - x
    down2 = (e - J) / A - x
    up = complex(np.sqrt(up2), 0.0) if up2 > 0 else complex(0.0, np.sqrt(-up2))
    down = complex(np.sqrt(down2), 0.0) if down2 > 0 else complex(0.0, np.sqrt(-down2))
    mean, delta = 0.5 * (up + down), J / A * _inverse(up + down)
    means = window_means(e, x, mean, delta, p, angles, table, small, from_f, room)
    for m in range(angles.shape[1]):
        put(along_e[m], along_x[m], lane, 8.0 * wb * means[m, 0], 8.0 * (wb * means[m, 1] + ws * means[m, 0]),
            wb * (8.0 * means[m, 2] - 4.0 * means[m, 6]), wb * (8.0 * means[m, 3] - 4.0 * means[m, 5]),
            8.0 * wb * means[m, 4])


@njit(nogil=True, cache=True, error_model="numpy")
def window_means(e, x, mean, delta, p, angles, table, small, from_f, room):
    """Azimuthal means for each angle, doubled until they agree.

    Columns: f, ∂f/∂V, par, perp, along, perp and par of the sea, size of the terms.
    f = Tr[Re(K) N]/2 with N = GΓG†, the density matrix of the waves from the right.
    """
    up, down, up_dot, down_dot = right_vectors(e, x, p)
    m1, m2 = masses(np.sqrt(x), p)
    plus = transfer_real(e, x, m1, p)
    minus = plus if p[11] == 0.0 else transfer_real(e, x, m2, p)
    frame, lam_n, gam_n, lam, gam, rows, sums, before = room
    both = p[11] != 0.0 and p[12] != 0.0
    if not both:
        diagonal(plus, minus, up, down, up_dot, down_dot, p[11] == 0.0, lam_n, gam_n)
    sums[:] = 0.0
    n = 1 if p[8] == 0.0 and p[9] == 0.0 and p[10] == 0.0 and p[11] == 0.0 else 8
    k = np.sqrt(x) / p[0]
    new = n
    while True:
        before[:] = sums
        for m in range(new):
            at = m if new == n else 2 * m + 1  # of twice as many azimuths every other one is known
            cosine, sine = (1.0, 0.0) if n == 1 else (table[0, n + at], table[1, n + at])
            if both:
                along, across = frame_at(p, cosine, sine, frame)
                mixed(plus, minus, up, down, up_dot, down_dot, along, across, lam_n, gam_n)
                to_lab(frame, lam_n, lam)
                to_lab(frame, gam_n, gam)
            elif p[11] != 0.0:
                _along(lam_n, gam_n, cosine, -sine, 0.0, lam, gam)
            elif m == 0:
                _along(lam_n, gam_n, p[13], p[14], p[15], lam, gam)
            fill_row(m, k * cosine, k * sine, mean, lam, gam, p, rows)
        for m in range(angles.shape[1]):
            add_azimuths(new, rows, mean, delta, angles[0, m], angles[1, m], angles[2, m], angles[3, m], from_f,
                         sums[m])
        if n == 1 or n >= 1024 or (new != n and _agree(before, sums, small)):
            for m in range(angles.shape[1]):
                for column in range(8):
                    sums[m, column] /= n
            return sums
        new = n
        n *= 2


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


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _along(lam_n, gam_n, a1, a2, a3, lam, gam):
    """Matrices with a component along one axis only, in lab axes."""
    for r in range(2):
        left, right = lam_n[r, 1], gam_n[r, 1]
        lam[r, 0], lam[r, 1], lam[r, 2], lam[r, 3] = lam_n[r, 0], a1 * left, a2 * left, a3 * left
        gam[r, 0], gam[r, 1], gam[r, 2], gam[r, 3] = gam_n[r, 0], a1 * right, a2 * right, a3 * right


@njit(nogil=True, cache=True, error_model="numpy")
def fill_row(m, kx, ky, mean, lam, gam, p, rows):
    """The numbers of one azimuth (kx, ky: k∥/A) at column m: X = Λ + iK − W up to its iΔ s·σ."""
    al, be, sl = p[8], p[9], p[10]
    x0, v1, v2 = lam[0, 0] + 1j * mean, lam[0, 1] - (al * ky + be * kx), lam[0, 2] + (al * kx + be * ky)
    rows[0, m], rows[1, m], rows[2, m], rows[3, m] = x0.real, x0.imag, v1.real, v1.imag
    rows[4, m], rows[5, m], rows[6, m], rows[7, m] = v2.real, v2.imag, lam[0, 3].real, lam[0, 3].imag
    w1, w2 = lam[1, 1] - sl * ky, lam[1, 2] + sl * kx
    rows[8, m], rows[9, m], rows[10, m], rows[11, m] = lam[1, 0].real, lam[1, 0].imag, w1.real, w1.imag
    rows[12, m], rows[13, m], rows[14, m], rows[15, m] = w2.real, w2.imag, lam[1, 3].real, lam[1, 3].imag
    for part in range(4):
        rows[16 + part, m], rows[20 + part, m] = gam[0, part], gam[1, part]


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"})
def add_azimuths(n, r, mean, delta, ct, st, cp, sp, from_f, sums):
    """Add n azimuths to the sums of window_means, for one direction of M; several at a time in one vector.

    N = AΓA†/|det X|² with A = X₀ − X·σ, X = Λ + iK − W; Q of a wave from the right is −4Re Tr[σKN].
    """
    kr, dr, di = mean.real, delta.real, delta.imag
    size = abs(mean) + abs(delta)
    s1, s2, s3 = -st * cp, -st * sp, -ct
    d1, d2, d3 = 1j * delta * s1, 1j * delta * s2, 1j * delta * s3
    t0 = t1 = t2 = t3 = t4 = t5 = t6 = t7 = 0.0
    for m in range(n):
        x0 = complex(r[0, m], r[1, m])
        v1, v2, v3 = complex(r[2, m], r[3, m]), complex(r[4, m], r[5, m]), complex(r[6, m], r[7, m])
        x0_dot, x1_dot = complex(r[8, m], r[9, m]), complex(r[10, m], r[11, m])
        x2_dot, x3_dot = complex(r[12, m], r[13, m]), complex(r[14, m], r[15, m])
        x1, x2, x3 = v1 + d1, v2 + d2, v3 + d3
        det = x0 * x0 - x1 * x1 - x2 * x2 - x3 * x3
        inv = 1.0 / (det.real * det.real + det.imag * det.imag)
        a0, a1, a2, a3 = _applied(x0, x1, x2, x3, r[16, m], r[17, m], r[18, m], r[19, m])
        n0, n1, n2, n3 = _closed(a0, a1, a2, a3, x0, x1, x2, x3)
        r0, r1, r2, r3 = _closed(a0, a1, a2, a3, x0_dot, x1_dot, x2_dot, x3_dot)
        a0, a1, a2, a3 = _applied(x0, x1, x2, x3, r[20, m], r[21, m], r[22, m], r[23, m])
        q0, q1, q2, q3 = _closed(a0, a1, a2, a3, x0, x1, x2, x3)
        f = (kr * n0 + dr * (s1 * n1 + s2 * n2 + s3 * n3)) * inv
        turn = 2.0 * (x0 * x0_dot - x1 * x1_dot - x2 * x2_dot - x3 * x3_dot)
        f_dot = (kr * (2.0 * r0 + q0) + dr * (s1 * (2.0 * r1 + q1) + s2 * (2.0 * r2 + q2) + s3 * (2.0 * r3 + q3))
                 - 2.0 * f * (det.real * turn.real + det.imag * turn.imag)) * inv
        n_theta, n_phi = (n1 * cp + n2 * sp) * ct - n3 * st, n2 * cp - n1 * sp
        t0 += f
        t1 += f_dot
        t2 += (kr * n_theta - di * n_phi) * inv
        t3 -= (kr * n_phi + di * n_theta) * inv
        t4 += (kr * (s1 * n1 + s2 * n2 + s3 * n3) + dr * n0) * inv
        t7 += size * n0 * inv
    if from_f:
        for m in range(n):
            v1, v2, v3 = complex(r[2, m], r[3, m]), complex(r[4, m], r[5, m]), complex(r[6, m], r[7, m])
            x0, x1, x2, x3 = complex(r[0, m], r[1, m]), v1 + d1, v2 + d2, v3 + d3
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


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"}, inline="always")
def _applied(x0, x1, x2, x3, g0, g1, g2, g3):
    """(X₀ − X·σ)(g₀ + g·σ) with real g."""
    return (x0 * g0 - (x1 * g1 + x2 * g2 + x3 * g3),
            x0 * g1 - x1 * g0 - 1j * (x2 * g3 - x3 * g2),
            x0 * g2 - x2 * g0 - 1j * (x3 * g1 - x1 * g3),
            x0 * g3 - x3 * g0 - 1j * (x1 * g2 - x2 * g1))


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"}, inline="always")
def _closed(a0, a1, a2, a3, x0, x1, x2, x3):
    """The Hermitian part of (a₀ + a·σ)(X₀ − X·σ)†."""
    y0, y1, y2, y3 = np.conj(x0), np.conj(x1), np.conj(x2), np.conj(x3)
    return ((a0 * y0 - a1 * y1 - a2 * y2 - a3 * y3).real,
            (a1 * y0 - a0 * y1).real + (a2 * y3 - a3 * y2).imag,
            (a2 * y0 - a0 * y2).real + (a3 * y1 - a1 * y3).imag,
            (a3 * y0 - a0 * y3).real + (a1 * y2 - a2 * y1).imag)


@njit(nogil=True, cache=True, error_model="numpy")
def sea(e, we, turn, k, wk, p, angles, table, small, out):
    """Add ∫dE∫k∥dk∥ of the sea's integrand to out[angle, observable]: kernels.sea with matrices.

    Im 2iΔ(Λ − W)·e/det X for e = e_θ and e_φ of M. k and wk may be complex: a path between fixed ends.
    """
    A, J = p[0], p[1]
    for j in range(e.size):
        square = turn[j] * turn[j]
        for i in range(k.size):
            x = square * (k[i] * k[i])
            weight = we[j] * square * (k[i] * wk[i])
            up = _outgoing((e[j] + J) / A - x)
            down = _outgoing((e[j] - J) / A - x)
            delta = J / A * _inverse(up + down)
            mean = 0.5 * (up + down)
            if p[12] == 0.0:
                _bulk_point(e[j], x, turn[j] * k[i], mean, delta, weight, p, angles, table, small, out)
            else:
                _magnet_point(e[j], x, turn[j] * k[i], mean, delta, weight, p, angles, table, small, out)


@njit(nogil=True, cache=True, error_model="numpy")
def _bulk_point(e, x, k, mean, delta, weight, p, angles, table, small, out):
    """γ and a normal metal: Λ·σ is odd in k∥ and points along n, so it adds to β; the rest is kernels.sea."""
    right = _outgoing(p[7] + (e + p[6] - p[2]) / p[0] - x)
    m1, m2 = masses(k, p)
    a, b, c, d, _ = transfer_complex(e, x, m1, p, 17.5)
    plus = (c + 1j * right * d) * _inverse(a + 1j * right * b)
    a, b, c, d, _ = transfer_complex(e, x, m2, p, 17.5)
    minus = (c + 1j * right * d) * _inverse(a + 1j * right * b)
    whole = 0.5 * (plus + minus) + 1j * mean
    beta = p[9] / p[0] - 0.5 * (plus - minus) * _inverse(k)
    cc = whole * whole + delta * delta
    weight = weight * 4.0 * delta * delta
    for m in range(angles.shape[1]):
        ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
        rho_rho, rho_phi = _sea_means(cc, delta, x, complex(p[8] / p[0]), beta, st, cp, sp, table, small)
        out[m, 0] += st * ct * (weight * rho_rho).imag
        out[m, 1] += st * (weight * rho_phi).imag


@njit(nogil=True, cache=True, error_model="numpy")
def _magnet_point(e, x, k, mean, delta, weight, p, angles, table, small, out):
    """A ferromagnetic right electrode, with or without γ: the azimuths summed as they are."""
    base = p[7] + (e + p[6] - p[2]) / p[0] - x
    up, down = _outgoing(base + p[12] / p[0]), _outgoing(base - p[12] / p[0])
    split = p[12] / p[0] * _inverse(up + down)
    m1, m2 = masses(k, p)
    # what passes the barrier counts relative to what passes at the Fermi level, however little that is
    most = 20.0 + p[4] * np.sqrt(p[5] * (p[3] + abs(p[6])) / p[0])
    a, b, c, d, scale = transfer_complex(e, x, m1, p, most)
    plus = (a, b, c, d, 0.0j, 0.0j, 0.0j, 0.0j, scale)
    minus = plus
    if p[11] != 0.0:
        a, b, c, d, scale = transfer_complex(e, x, m2, p, most)
        minus = (a, b, c, d, 0.0j, 0.0j, 0.0j, 0.0j, scale)
    n = 1 if p[8] == 0.0 and p[9] == 0.0 and p[11] == 0.0 else 8
    sums = np.zeros((angles.shape[1], 2), np.complex128)
    frame, lam_n, lam = np.empty((3, 3)), np.zeros((1, 4), np.complex128), np.empty((1, 4), np.complex128)
    first = True
    while True:
        before = sums.copy()
        for m in range(n):
            if not first and m % 2 == 0:
                continue
            cosine, sine = (1.0, 0.0) if n == 1 else (table[0, n + m], table[1, n + m])
            along, across = frame_at(p, cosine, sine, frame)
            if (first and m == 0) or p[11] != 0.0:
                magnet_lambda(plus, minus, 0.5 * (up + down), split, along, across, p[11] == 0.0, lam_n)
            to_lab(frame, lam_n, lam)
            kx, ky = k * cosine / p[0], k * sine / p[0]
            v1, v2 = lam[0, 1] - (p[8] * ky + p[9] * kx), lam[0, 2] + (p[8] * kx + p[9] * ky)
            v3, x0 = lam[0, 3], lam[0, 0] + 1j * mean
            for a in range(angles.shape[1]):
                ct, st, cp, sp = angles[0, a], angles[1, a], angles[2, a], angles[3, a]
                x1, x2, x3 = v1 - 1j * delta * st * cp, v2 - 1j * delta * st * sp, v3 - 1j * delta * ct
                step = 2j * delta * _inverse(x0 * x0 - x1 * x1 - x2 * x2 - x3 * x3)
                sums[a, 0] += step * ((v1 * cp + v2 * sp) * ct - v3 * st)
                sums[a, 1] += step * (v2 * cp - v1 * sp)
        if n == 1 or n >= 1024 or (not first and _agree_complex(before, sums, small)):
            break
        n *= 2
        first = False
    for a in range(angles.shape[1]):
        out[a, 0] += (weight * sums[a, 0]).imag / n
        out[a, 1] += (weight * sums[a, 1]).imag / n


@njit(nogil=True, cache=True, error_model="numpy")
def _agree_complex(before, sums, small):
    """_agree for the sea's two sums of each angle."""
    for m in range(sums.shape[0]):
        size = abs(sums[m, 0]) + abs(sums[m, 1])
        for column in range(2):
            if abs(2.0 * before[m, column] - sums[m, column]) > small * size:
                return False
    return True


@njit(nogil=True, cache=True, error_model="numpy")
def bound_margin(e, x, p, sine, out):
    """kernels.bound_margin with matrices: a bound from above over azimuths and directions of M and p."""
    A, J = p[0], p[1]
    for i in range(x.size):
        k = np.sqrt(x[i])
        base = p[7] + (e[i] + p[6] - p[2]) / A - x[i]
        up, down = _outgoing(complex(base + p[12] / A)), _outgoing(complex(base - p[12] / A))
        m1, m2 = masses(complex(k), p)
        l1 = _decaying(complex(e[i]), complex(x[i]), m1, up, p)
        l2 = _decaying(complex(e[i]), complex(x[i]), m2, up, p)
        l3 = _decaying(complex(e[i]), complex(x[i]), m1, down, p)
        l4 = _decaying(complex(e[i]), complex(x[i]), m2, down, p)
        f_up = np.sqrt(max(0.0, x[i] - (e[i] + J) / A))
        f_down = np.sqrt(max(0.0, x[i] - (e[i] - J) / A))
        half = 0.5 * (f_down - f_up)
        w = abs(p[8]) * k / A + abs(p[9] * k / A - 0.5 * (l1 - l2)) + abs(0.5 * (l1 - l3))
        out[i] = (0.25 * (l1 + l2 + l3 + l4) - 0.5 * (f_up + f_down)
                  + np.sqrt(half * half + w * w + 2.0 * half * w * (sine if p[12] == 0.0 else 1.0)))


@njit(nogil=True, cache=True, error_model="numpy")
def _decaying(e, x, mass, k, p):
    """Λ of one spin where everything decays: real."""
    a, b, c, d, _ = transfer_complex(e, x, mass, p, 17.5)
    return ((c + 1j * k * d) * _inverse(a + 1j * k * b)).real
