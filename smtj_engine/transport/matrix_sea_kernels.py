"""Compiled sums of the Fermi sea like those of kernels.py where Λ is a 2×2 matrix, and what tells bound states."""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.azimuth_kernels import SUMS, before_a_magnet, before_a_metal
from smtj_engine.transport.barrier_kernels import LANES, _inverse, _lane_root
from smtj_engine.transport.barrier_kernels import ROWS as BARRIER
from smtj_engine.transport.matrix_kernels import BLOCK, COS, SIN, V1, X0, X0_I, spin_orbit, take, vector
from smtj_engine.transport.spin_kernels import beyond, complex_waves, size

_FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def sea_workspace(count):
    """Room for LANES nodes with `count` directions of M: e, x, k∥; the barrier's waves; Λ_d, t, r of both spins;
    k̄, δ on the right; k̄, Δ in F; means and sizes; rows of azimuths, sums and those before."""
    return (np.empty((3, LANES), np.complex128), np.empty(BARRIER * LANES), np.empty((2, 3, LANES), np.complex128),
            np.empty((2, LANES), np.complex128), np.empty((2, LANES), np.complex128),
            np.empty((count, 3, LANES), np.complex128), np.empty(10 * BLOCK),
            np.empty((count, SUMS * LANES)), np.empty((count, SUMS * LANES)))


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
                    out[m, 2] += size(weight) * means[m, 2, i].real


@njit(nogil=True, cache=True, error_model="numpy")
def sea_lanes(e, turn, k, first, p, angles, table, small, room):
    """Azimuthal means of the sea's integrand for each direction of M, along e_θ and e_φ, and the size of its terms
    at one energy and LANES k∥ from the first on; how many of them there are.

    Closed where nothing but w turns, on a circle; γ in front of a normal metal turns as β does and adds to it.
    """
    points, w, far, right, own, means, _, sums, before = room
    count = min(LANES, k.size - first)
    for i in range(LANES):
        kk = turn * k[first + min(i, count - 1)]
        points[0, i], points[1, i], points[2, i] = e, kk * kk, kk
    complex_waves(points[0], points[1], points[2], p, w, far, right)
    _electrode(e, points[1], p, own)
    if p[12] == 0.0:
        before_a_metal(points, far, own, p, angles, table, small, w, means)
    elif p[11] == 0.0 and p[8] * p[9] == 0.0:
        for m in range(angles.shape[1]):
            _circle(points[1], far, right, own, p, angles[:, m], means[m])
    else:
        before_a_magnet(points, far, right, own, p, angles, table, small, w, sums, before, means)
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
        means[2, i] = 2.0 * size(delta) * (size(axis) * size(inv) + size(turn) * (size(u1) + size(u2)))


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
