"""Compiled sums of the Fermi sea like those of kernels.py where Λ is a 2×2 matrix, and what tells bound states."""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.barrier_kernels import LANES, _inverse, _lane_root
from smtj_engine.transport.barrier_kernels import ROWS as BARRIER
from smtj_engine.transport.matrix_kernels import BLOCK, COS, SIN, V1, X0, X0_I, spin_orbit, take, vector
from smtj_engine.transport.spin_kernels import beyond, complex_waves

#: Rows of _bulk, in the place of the barrier's: a² + Δ², 4Δ², x, β with γ; sums, and what is new of them; a test.
(CC, CC_I, D2, D2_I, XX, XX_I, BETA, BETA_I, RR, RR_I, RP, RP_I, MORE, MORE_I, ACROSS, ACROSS_I,
 TEST) = [row * LANES for row in range(17)]

_FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def sea_workspace(count):
    """Room for LANES nodes with `count` directions of M: e, x, k∥; the barrier's waves; Λ_d, t, r of both spins;
    k̄, δ on the right; k̄, Δ in F; means and sizes; rows of azimuths, sums and those before."""
    return (np.empty((3, LANES), np.complex128), np.empty(BARRIER * LANES), np.empty((2, 3, LANES), np.complex128),
            np.empty((2, LANES), np.complex128), np.empty((2, LANES), np.complex128),
            np.empty((count, 3, LANES), np.complex128), np.empty(10 * BLOCK),
            np.empty((count, 3), np.complex128), np.empty((count, 3), np.complex128))


@njit(nogil=True, cache=True, error_model="numpy")
def sea(e, we, turn, k, wk, p, angles, table, small, out):
    """Add ∫dE∫k∥dk∥ of the sea's integrand to out[angle, observable]: kernels.sea with matrices.

    Im 2iΔ(Λ − W)·e/det X for e = e_θ and e_φ of M; the third column adds up the sizes of the terms of both, what
    their rounding is relative to. k and wk may be complex: a path between fixed ends.
    """
    room = sea_workspace(angles.shape[1])
    means = room[5]
    for j in range(e.size):
        square = we[j] * turn[j] * turn[j]
        for first in range(0, k.size, LANES):
            for i in range(sea_lanes(e[j], turn[j], k, first, p, angles, table, small, room)):
                weight = square * (k[first + i] * wk[first + i])
                for m in range(angles.shape[1]):
                    out[m, 0] += (weight * means[m, 0, i]).imag
                    out[m, 1] += (weight * means[m, 1, i]).imag
                    out[m, 2] += _size(weight) * means[m, 2, i].real


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _size(z):
    """About |z|, without a root."""
    return abs(z.real) + abs(z.imag)


@njit(nogil=True, cache=True, error_model="numpy")
def sea_lanes(e, turn, k, first, p, angles, table, small, room):
    """Azimuthal means of the sea's integrand for each direction of M, along e_θ and e_φ, and the size of its terms
    at one energy and LANES k∥ from the first on; how many of them there are.

    Closed where nothing but w turns, on a circle; γ in front of a normal metal turns as β does and adds to it.
    """
    points, w, far, right, own, means, rows, sums, before = room
    count = min(LANES, k.size - first)
    for i in range(LANES):
        kk = turn * k[first + min(i, count - 1)]
        points[0, i], points[1, i], points[2, i] = e, kk * kk, kk
    complex_waves(points[0], points[1], points[2], p, w, far, right)
    _electrode(e, points[1], p, own)
    if p[12] == 0.0:
        _bulk(points, far, own, p, angles, table, small, w, means)
    elif p[11] == 0.0 and p[8] * p[9] == 0.0:
        for m in range(angles.shape[1]):
            _circle(points[1], far, right, own, p, angles[:, m], means[m])
    else:
        for i in range(count):
            _around(i, points[2, i] / p[0], far, right, own, p, angles, table, small, rows, sums, before, means)
    return count


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _electrode(e, x, p, own):
    """k̄ and Δ of F at a complex energy."""
    per_a, split = 1.0 / p[0], p[1] / p[0]
    for i in range(LANES):
        re, im = e.real * per_a - x[i].real, e.imag * per_a - x[i].imag
        up, up_i = _lane_root(re + split, im)
        down, down_i = _lane_root(re - split, im)
        up, up_i = (up, up_i) if up_i >= 0.0 else (-up, -up_i)  # the evanescent branch
        down, down_i = (down, down_i) if down_i >= 0.0 else (-down, -down_i)
        whole, whole_i = up + down, up_i + down_i
        size = split / (whole * whole + whole_i * whole_i)
        own[0, i], own[1, i] = complex(0.5 * whole, 0.5 * whole_i), complex(whole * size, -whole_i * size)


@njit(nogil=True, cache=True, error_model="numpy")
def _bulk(points, far, own, p, angles, table, small, w, means):
    """The means in front of a normal metal: those of kernels._sea_means, LANES at a time; w: room."""
    alpha = p[8] / p[0]
    _bulk_rows(points, far, own, p, w)
    for m in range(angles.shape[1]):
        ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
        if alpha == 0.0:
            _bulk_circle(st, w)
        else:
            w[RR:RR + 4 * LANES] = 0.0
            n, new = 8, 8
            while True:
                w[MORE:MORE + 4 * LANES] = 0.0
                for turn in range(new // 2):    # opposite azimuths are one
                    at = n + (turn if new == n else 2 * turn + 1)
                    _bulk_azimuth(alpha, table[0, at], table[1, at], st, cp, sp, w)
                if (_bulk_total(small, w) and new != n) or n >= 1024:
                    break
                new = n
                n *= 2
            w[RR:RR + 4 * LANES] *= 2.0 / n
        for i in range(LANES):
            strength = st * complex(w[D2 + i], w[D2_I + i])
            rho_rho, rho_phi = complex(w[RR + i], w[RR_I + i]), complex(w[RP + i], w[RP_I + i])
            means[m, 0, i], means[m, 1, i] = strength * ct * rho_rho, strength * rho_phi
            means[m, 2, i] = _size(strength) * _size(rho_rho)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _bulk_rows(points, far, own, p, w):
    """Rows CC to BETA_I: a² + Δ², 4Δ², x, and β as γ adds to it."""
    for i in range(LANES):
        delta, k = own[1, i], points[2, i]
        a = 0.5 * (far[0, 0, i] + far[1, 0, i]) + 1j * own[0, i]
        beta = p[9] / p[0] - 0.5 * (far[0, 0, i] - far[1, 0, i]) * _inverse(k)
        square = delta * delta
        cc = a * a + square
        w[CC + i], w[CC_I + i], w[D2 + i], w[D2_I + i] = cc.real, cc.imag, 4.0 * square.real, 4.0 * square.imag
        w[XX + i], w[XX_I + i], w[BETA + i], w[BETA_I + i] = (points[1, i].real, points[1, i].imag, beta.real,
                                                              beta.imag)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _bulk_circle(st, w):
    """The closed means, where β alone turns w."""
    for i in range(LANES):
        x, beta = complex(w[XX + i], w[XX_I + i]), complex(w[BETA + i], w[BETA_I + i])
        w2 = x * (beta * beta)
        c = complex(w[CC + i], w[CC_I + i]) - w2
        part = w2 * _inverse(c * c)
        square = 1.0 + st * st * (complex(w[D2 + i], w[D2_I + i]) * part)
        root, root_i = _lane_root(square.real, square.imag)
        mean = part * _inverse(complex(root, root_i) * complex(root + 1.0, root_i))
        w[RR + i], w[RR_I + i], w[RP + i], w[RP_I + i] = mean.real, mean.imag, 0.0, 0.0


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _bulk_azimuth(alpha, kx, ky, st, cp, sp, w):
    """Add one azimuth's w_ρ²/det₊det₋ and w_ρw_φ/det₊det₋ to the rows from MORE on."""
    for i in range(LANES):
        x, beta = complex(w[XX + i], w[XX_I + i]), complex(w[BETA + i], w[BETA_I + i])
        ux, uy = alpha * ky + beta * kx, -(alpha * kx + beta * ky)
        rho, phi = ux * cp + uy * sp, uy * cp - ux * sp
        c = complex(w[CC + i], w[CC_I + i]) - x * (ux * ux + uy * uy)
        square = rho * rho
        inv = x * _inverse(c * c + (st * st) * (complex(w[D2 + i], w[D2_I + i]) * (x * square)))
        on, across = square * inv, rho * phi * inv
        w[MORE + i] += on.real
        w[MORE_I + i] += on.imag
        w[ACROSS + i] += across.real
        w[ACROSS_I + i] += across.imag


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _bulk_total(small, w):
    """Add what is new to the sums; whether it has changed no mean (the error is the square of the change)."""
    for i in range(LANES):
        change, change_i = w[MORE + i] - w[RR + i], w[MORE_I + i] - w[RR_I + i]
        w[RR + i] += w[MORE + i]
        w[RR_I + i] += w[MORE_I + i]
        w[RP + i] += w[ACROSS + i]
        w[RP_I + i] += w[ACROSS_I + i]
        w[TEST + i] = (change * change + change_i * change_i
                       - small * small * (w[RR + i] * w[RR + i] + w[RR_I + i] * w[RR_I + i]))
    return w[TEST:TEST + LANES].max() < 0.0


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _circle(x, far, right, own, p, angle, means):
    """The means in front of a magnet with α or β alone, or neither, all lanes in one vector.

    X = a + u·σ − w·σ with u = λ s_R + iΔ s gives det = C + 2u·w, C = a² − u² − w², whose reciprocal has the mean
    1/S, S = √(C² − 4w²u∥²) on the side of C (no zero of det crosses the circle as w grows from 0), and w/det has
    −2w²u∥/[S(C + S)].
    """
    ct, st, cp, sp = angle[0], angle[1], angle[2], angle[3]
    s1, s2, s3, strength = p[13], p[14], p[15], (p[8] * p[8] + p[9] * p[9]) / (p[0] * p[0])
    along_theta, along_phi = (s1 * cp + s2 * sp) * ct - s3 * st, s2 * cp - s1 * sp
    for i in range(LANES):
        delta, w2 = own[1, i], strength * x[i]
        lam, axis, _, _ = beyond(1.0, right[1, i], far[0, 0, i], far[0, 1, i], far[0, 2, i], far[0, 0, i],
                                 far[0, 1, i], far[0, 2, i])
        a = lam + 1j * own[0, i]
        u1, u2, u3 = (axis * s1 - 1j * delta * (st * cp), axis * s2 - 1j * delta * (st * sp),
                      axis * s3 - 1j * delta * ct)
        plane = u1 * u1 + u2 * u2
        c = a * a - plane - u3 * u3 - w2
        square = 1.0 - 4.0 * w2 * plane * _inverse(c * c)
        root, root_i = _lane_root(square.real, square.imag)
        inv = _inverse(c * complex(root, root_i))
        turn = 2.0 * w2 * inv * _inverse(c * complex(1.0 + root, root_i))
        means[0, i] = 2j * delta * (axis * along_theta * inv + turn * (u1 * cp + u2 * sp) * ct)
        means[1, i] = 2j * delta * (axis * along_phi * inv + turn * (u2 * cp - u1 * sp))
        means[2, i] = 2.0 * _size(delta) * (_size(axis) * _size(inv) + _size(turn) * (_size(u1) + _size(u2)))


@njit(nogil=True, cache=True, error_model="numpy")
def _around(lane, k, far, right, own, p, angles, table, small, rows, sums, before, means):
    """The means in front of a magnet otherwise: azimuths doubled until they agree. k: k∥/A."""
    delta = own[1, lane]
    sums[:] = 0.0
    n, new = BLOCK, BLOCK
    while True:
        before[:] = sums
        for first in range(0, new, BLOCK):
            take(first, new, n, table, rows)
            _sea_fill(lane, k, own[0, lane], far, right[1, lane], p, rows)
            for m in range(angles.shape[1]):
                theta, phi, size = _sea_azimuths(rows, delta, angles[0, m], angles[1, m], angles[2, m],
                                                 angles[3, m])
                sums[m, 0] += theta
                sums[m, 1] += phi
                sums[m, 2] += size
        if n >= 1024 or (new != n and _agree_complex(before, sums, small)):
            break
        new = n
        n *= 2
    for m in range(angles.shape[1]):
        means[m, 0, lane], means[m, 1, lane] = sums[m, 0] * 2j * delta / n, sums[m, 1] * 2j * delta / n
        means[m, 2, lane] = sums[m, 2] * 2.0 * _size(delta) / n


@njit(nogil=True, cache=True, error_model="numpy")
def sea_diagonal(lane, p, angle, table, small, room):
    """Azimuthal means of (Λ + iK − W)⁻¹ for one direction of M, its scalar part and that along s, at a lane that
    sea_lanes has prepared."""
    points, _, far, right, own, _, rows, _, _ = room
    mean, delta, k = own[0, lane], own[1, lane], points[2, lane] / p[0]
    scalar, along = 0.0j, 0.0j
    n, new = BLOCK, BLOCK
    while True:
        scalar_before, along_before = scalar, along
        for first in range(0, new, BLOCK):
            take(first, new, n, table, rows)
            _sea_fill(lane, k, mean, far, right[1, lane], p, rows)
            more, more_along = _diagonal_azimuths(rows, delta, angle[0], angle[1], angle[2], angle[3])
            scalar, along = scalar + more, along + more_along
        change = abs(2.0 * scalar_before - scalar) + abs(2.0 * along_before - along)
        if n >= 1024 or (new != n and change <= small * (abs(scalar) + abs(along))):
            return scalar / n, along / n
        new = n
        n *= 2


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _diagonal_azimuths(rows, delta, ct, st, cp, sp):
    """Σ X₀/det X and −Σ X·s/det X over a block of azimuths."""
    s1, s2, s3 = -st * cp, -st * sp, -ct
    scalar, scalar_i, along, along_i = 0.0, 0.0, 0.0, 0.0
    for m in range(BLOCK):
        v1, v2, v3 = vector(rows, V1, m)
        x0, on = complex(rows[X0 + m], rows[X0_I + m]), v1 * s1 + v2 * s2 + v3 * s3 + 1j * delta
        x1, x2, x3 = v1 + 1j * delta * s1, v2 + 1j * delta * s2, v3 + 1j * delta * s3
        inv = _inverse(x0 * x0 - x1 * x1 - x2 * x2 - x3 * x3)
        part, part_along = inv * x0, -inv * on
        scalar += part.real
        scalar_i += part.imag
        along += part_along.real
        along_i += part_along.imag
    return complex(scalar, scalar_i), complex(along, along_i)


@njit(nogil=True, cache=True, error_model="numpy")
def _agree_complex(before, sums, small):
    """_agree for the sea's two sums of each angle."""
    for m in range(sums.shape[0]):
        size = abs(sums[m, 0]) + abs(sums[m, 1])
        for column in range(2):
            if abs(2.0 * before[m, column] - sums[m, column]) > small * size:
                return False
    return True


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _sea_fill(lane, k, mean, far, split, p, rows):
    """Rows X0 to V3_I of each azimuth at complex energies."""
    l1, t1, r1 = far[0, 0, lane], far[0, 1, lane], far[0, 2, lane]
    l2, t2, r2 = far[1, 0, lane], far[1, 1, lane], far[1, 2, lane]
    s1, s2, s3 = p[13], p[14], p[15]
    bulk, rashba, dresselhaus = p[11] != 0.0, k * p[8], k * p[9]
    for m in range(BLOCK):
        c, s = rows[COS + m], rows[SIN + m]
        along = s1 * c - s2 * s if bulk else 1.0
        n1, n2, n3 = (c, -s, 0.0) if bulk else (s1, s2, s3)
        lam, on, off, _ = beyond(along, split, l1, t1, r1, l2, t2, r2)
        on -= off * along  # of n beside off·s_R
        spin_orbit(m, c, s, rashba, dresselhaus, lam + 1j * mean, on * n1 + off * s1, on * n2 + off * s2,
                   on * n3 + off * s3, X0, rows)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_FAST)
def _sea_azimuths(rows, delta, ct, st, cp, sp):
    """Σ (Λ − W)·e/det X over a block of azimuths, e_θ and e_φ, and the sum of the sizes of the terms."""
    d1, d2, d3 = -1j * delta * st * cp, -1j * delta * st * sp, -1j * delta * ct
    theta, theta_i, phi, phi_i, size = 0.0, 0.0, 0.0, 0.0, 0.0
    for m in range(BLOCK):
        v1, v2, v3 = vector(rows, V1, m)
        x0, x1, x2, x3 = complex(rows[X0 + m], rows[X0_I + m]), v1 + d1, v2 + d2, v3 + d3
        inv = _inverse(x0 * x0 - x1 * x1 - x2 * x2 - x3 * x3)
        on, across = inv * ((v1 * cp + v2 * sp) * ct - v3 * st), inv * (v2 * cp - v1 * sp)
        theta += on.real
        theta_i += on.imag
        phi += across.real
        phi_i += across.imag
        size += _size(inv) * (_size(v1) + _size(v2) + _size(v3))
    return complex(theta, theta_i), complex(phi, phi_i), size


@njit(nogil=True, cache=True, error_model="numpy")
def bound_margin(e, x, p, sine, out):
    """kernels.bound_margin with matrices: a bound from above over azimuths and directions of M and p."""
    A, J = p[0], p[1]
    room = sea_workspace(1)
    points, w, far, right = room[0], room[1], room[2], room[3]
    for first in range(0, x.size, LANES):
        count = min(LANES, x.size - first)
        for i in range(LANES):
            at = first + min(i, count - 1)
            points[0, i], points[1, i], points[2, i] = e[at], x[at], np.sqrt(x[at])
        complex_waves(points[0], points[1], points[2], p, w, far, right)
        for i in range(count):
            at, k = first + i, np.sqrt(x[first + i])
            half_sum, half = beyond(1.0, right[1, i], far[0, 0, i], far[0, 1, i], far[0, 2, i], far[1, 0, i],
                                    far[1, 1, i], far[1, 2, i])[:2]
            other_sum, other = beyond(-1.0, right[1, i], far[0, 0, i], far[0, 1, i], far[0, 2, i], far[1, 0, i],
                                      far[1, 1, i], far[1, 2, i])[:2]
            # Λ of either mass (plus, minus) in front of either channel (up, down): all real here
            plus_up, minus_down = (half_sum + half).real, (half_sum - half).real
            plus_down, minus_up = (other_sum + other).real, (other_sum - other).real
            f_up = np.sqrt(max(0.0, x[at] - (e[at] + J) / A))
            f_down = np.sqrt(max(0.0, x[at] - (e[at] - J) / A))
            split = 0.5 * (f_down - f_up)
            w_most = (abs(p[8]) * k / A + abs(p[9] * k / A - 0.5 * (plus_up - minus_up))
                      + abs(0.5 * (plus_up - plus_down)))
            out[at] = (0.25 * (plus_up + minus_up + plus_down + minus_down) - 0.5 * (f_up + f_down)
                       + np.sqrt(split * split + w_most * w_most
                                 + 2.0 * split * w_most * (sine if p[12] == 0.0 else 1.0)))
