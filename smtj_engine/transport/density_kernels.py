"""Compiled sums of the spin density in F over depth, and what single in-plane wave vectors carry.

Waves that leave F decay or dephase: the density matrix of those from the right is exp(−iKz) N exp(iK†z), and the
sea's is that of the Green function exp(−iKz) G exp(−iKz)/A (z < 0). Only the part across M is summed here: it is
what exerts a torque.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.barrier_kernels import _inverse, _outgoing
from smtj_engine.transport.matrix_kernels import (
    ROWS,
    _bulk_point,
    _magnet_point,
    add_azimuths,
    fill_row,
    window_means,
    workspace,
)
from smtj_engine.transport.spin_kernels import (
    diagonal,
    frame_at,
    masses,
    mixed,
    right_vectors,
    to_lab,
    transfer_real,
)
from smtj_engine.transport.window_kernels import _fermi, _panel_node


@njit(nogil=True, cache=True, error_model="numpy")
def _electrode(e, x, p):
    """k↑ and k↓ of F at a real energy."""
    up2, down2 = (e + p[1]) / p[0] - x, (e - p[1]) / p[0] - x
    up = complex(np.sqrt(up2), 0.0) if up2 > 0 else complex(0.0, np.sqrt(-up2))
    down = complex(np.sqrt(down2), 0.0) if down2 > 0 else complex(0.0, np.sqrt(-down2))
    return up, down


@njit(nogil=True, cache=True, error_model="numpy")
def _interval(e, cell, t, wt, i, p):
    """x and the weight of ∫k∥dk∥ at one node of a cell (quadrature.py names its columns); 0: no interval."""
    start = 0.0 if np.isnan(cell[3]) else max(0.0, (e + cell[3]) / p[0])
    span = (e + cell[4]) / p[0] - start
    part = np.pi * (cell[7] + (cell[8] - cell[7]) * t[i])
    weight = 0.25 * np.pi * np.sin(part) * max(span, 0.0) * (cell[8] - cell[7]) * wt[i]
    return start + span * np.sin(0.5 * part) ** 2, weight


@njit(nogil=True, cache=True, error_model="numpy")
def window_density(cells, s, ws, t, wt, p, thermal, angles, table, small, depth, out):
    """Add the bias window to out[cell, depth, 5].

    Columns: the size of what is averaged over azimuths (so that zeros are known as such), n along e_θ and e_φ, and
    both integrated to the depth (Å).
    """
    room = workspace(1)
    for number in range(cells.shape[0]):
        for j in range(s.size):
            e, we = _panel_node(cells[number], s[j])
            both, _ = _fermi(e, p, thermal, False)
            for i in range(t.size):
                x, weight = _interval(e, cells[number], t, wt, i, p)
                if weight <= 0.0:
                    continue
                up, down = _electrode(e, x, p)
                delta = p[1] / p[0] * _inverse(up + down)
                means = window_means(e, x, 0.5 * (up + down), delta, p, angles, table, small, False, room)
                # par − i perp = (Re k̄ + i Im Δ)(n_θ + i n_φ)
                n = complex(means[0, 2], -means[0, 3]) / complex(0.5 * (up + down).real, delta.imag)
                strength = we * ws[j] * both * weight
                out[number, :, 0] += abs(strength) * means[0, 7] / abs(up + down)
                _add_depth(strength * n, 1j * (up - np.conj(down)), depth, out[number, :, 1:])


@njit(nogil=True, cache=True, error_model="numpy")
def _add_depth(n, rate, depth, out):
    """n exp(rate·z) and its integral from 0."""
    for at in range(depth.size):
        phase = np.exp(rate * depth[at])
        whole = n * (phase - 1.0) / rate if abs(rate) > 0.0 else n * depth[at]
        out[at, 0] += (n * phase).real
        out[at, 1] += (n * phase).imag
        out[at, 2] += whole.real
        out[at, 3] += whole.imag


@njit(nogil=True, cache=True, error_model="numpy")
def sea_density(e, we, turn, k, wk, p, angles, table, small, depth, out):
    """Add the sea's ∫dE∫k∥dk∥ to out[depth, 4]: Im 2g·e exp(2ik̄z)/A along e_θ and e_φ, and integrated from 0.

    k and wk are complex, as in matrix_kernels.sea.
    """
    A, J = p[0], p[1]
    real, imag = np.empty((1, 2)), np.empty((1, 2))
    for j in range(e.size):
        for i in range(k.size):
            kk = turn[j] * k[i]
            x = kk * kk
            weight = we[j] * turn[j] * kk * wk[i]
            up, down = _outgoing((e[j] + J) / A - x), _outgoing((e[j] - J) / A - x)
            mean, delta = 0.5 * (up + down), J / A * _inverse(up + down)
            real[:], imag[:] = 0.0, 0.0
            if p[12] == 0.0:
                _bulk_point(e[j], x, kk, mean, delta, 1.0 + 0.0j, p, angles, table, small, imag)
                _bulk_point(e[j], x, kk, mean, delta, 1j, p, angles, table, small, real)
            else:
                _magnet_point(e[j], x, kk, mean, delta, 1.0 + 0.0j, p, angles, table, small, imag)
                _magnet_point(e[j], x, kk, mean, delta, 1j, p, angles, table, small, real)
            for axis in range(2):
                g = 0.5j * complex(real[0, axis], imag[0, axis]) * _inverse(delta) * weight * 2.0 / A
                for at in range(depth.size):
                    phase = np.exp(2j * mean * depth[at])
                    out[at, axis] += (g * phase).imag
                    out[at, 2 + axis] += (g * (phase - 1.0) / (2j * mean)).imag


@njit(nogil=True, cache=True, error_model="numpy")
def row_sums(cells, t, wt, p, angles, table, small, out):
    """Add ∫k∥dk∥ at the cells' single energies to out[cell, 0, 3]: transmission, par and perp of the right."""
    room = workspace(1)
    for number in range(cells.shape[0]):
        e = cells[number, 0]
        for i in range(t.size):
            x, weight = _interval(e, cells[number], t, wt, i, p)
            if weight > 0.0:
                up, down = _electrode(e, x, p)
                delta = p[1] / p[0] * _inverse(up + down)
                means = window_means(e, x, 0.5 * (up + down), delta, p, angles, table, small, False, room)
                out[number, 0, 0] += 8.0 * weight * means[0, 0]
                out[number, 0, 1] += 8.0 * weight * means[0, 2]
                out[number, 0, 2] += 8.0 * weight * means[0, 3]


@njit(nogil=True, cache=True, error_model="numpy")
def k_map(e, kx, ky, p, angles, out):
    """out[kx, ky, 4]: transmission, its majority minus minority part, par and perp of waves from the right."""
    frame, lam_n, gam_n = np.empty((3, 3)), np.empty((2, 4), np.complex128), np.empty((2, 4))
    lam, gam, sums = np.empty((2, 4), np.complex128), np.empty((2, 4)), np.empty(8)
    rows = np.empty((ROWS, 1))
    for i in range(kx.size):
        for j in range(ky.size):
            k = np.sqrt(kx[i] ** 2 + ky[j] ** 2)
            cosine, sine = (kx[i] / k, ky[j] / k) if k > 0.0 else (1.0, 0.0)
            right_up, right_down, up_dot, down_dot = right_vectors(e, k * k, p)
            m1, m2 = masses(k, p)
            plus = transfer_real(e, k * k, m1, p)
            minus = transfer_real(e, k * k, m2, p)
            along, across = frame_at(p, cosine, sine, frame)
            if p[11] != 0.0 and p[12] != 0.0:
                mixed(plus, minus, right_up, right_down, up_dot, down_dot, along, across, lam_n, gam_n)
            else:
                diagonal(plus, minus, right_up, right_down, up_dot, down_dot, p[11] == 0.0, lam_n, gam_n)
            to_lab(frame, lam_n, lam)
            to_lab(frame, gam_n, gam)
            up, down = _electrode(e, k * k, p)
            sums[:] = 0.0
            mean, delta = 0.5 * (up + down), p[1] / p[0] * _inverse(up + down)
            fill_row(0, kx[i] / p[0], ky[j] / p[0], mean, lam, gam, p, rows)
            add_azimuths(1, rows, mean, delta, angles[0, 0], angles[1, 0], angles[2, 0], angles[3, 0], False, sums)
            out[i, j, 0], out[i, j, 1] = 8.0 * sums[0], 8.0 * sums[4]
            out[i, j, 2], out[i, j, 3] = 8.0 * sums[2], 8.0 * sums[3]
