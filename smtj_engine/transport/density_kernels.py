"""Compiled sums of the spin density in F over depth, and what single in-plane wave vectors carry.

Waves that leave F decay or dephase: the density matrix of those from the right is exp(−iKz) N exp(iK†z), and the
sea's is that of the Green function exp(−iKz) [G − (2iK)⁻¹] exp(−iKz)/A (z < 0) beside that of the bulk, (2iK)⁻¹/A,
which has no part across M and is not summed here.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.barrier_kernels import LANES, _inverse
from smtj_engine.transport.barrier_kernels import ROWS as BARRIER
from smtj_engine.transport.cell_kernels import fermi, panel_node
from smtj_engine.transport.matrix_kernels import (
    BLOCK,
    COS,
    SIN,
    add_azimuths,
    fill,
    window_means,
    workspace,
)
from smtj_engine.transport.matrix_sea_kernels import sea_diagonal, sea_lanes, sea_workspace
from smtj_engine.transport.spin_kernels import channel, real_waves, right_real


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
    """Add the bias window to out[cell, depth, 6].

    Columns: the size of what is averaged over azimuths (so that zeros are known as such), n along e_θ and e_φ,
    both integrated to the depth (Å), and n along s.
    """
    room, w, xs = workspace(1), np.empty(BARRIER * LANES), np.empty(LANES)
    for number in range(cells.shape[0]):
        for j in range(s.size):
            e, we = panel_node(cells[number], s[j])
            both, _ = fermi(e, p, thermal, False)
            for i in range(t.size):
                x, weight = _interval(e, cells[number], t, wt, i, p)
                if weight <= 0.0:
                    continue
                up, down = _electrode(e, x, p)
                delta = p[1] / p[0] * _inverse(up + down)
                xs[:] = x
                real_waves(e, xs, p, w, room[0])
                means = window_means(e, x, 0, 0.5 * (up + down), delta, w, p, angles, table, small, False, room)
                # par − i perp = (Re k̄ + i Im Δ)(n_θ + i n_φ)
                n = complex(means[0, 2], -means[0, 3]) / complex(0.5 * (up + down).real, delta.imag)
                strength = we * ws[j] * both * weight
                out[number, :, 0] += abs(strength) * means[0, 7] / abs(up + down)
                _add_depth(strength * n, 1j * (up - np.conj(down)), depth, out[number, :, 1:])
                # n₀ from the size of the terms, as it is not in the flux of waves that decay
                n0 = means[0, 7] / (0.5 * abs(up + down) + abs(delta))
                along, strength = means[0, 8], 0.5 * strength
                _add_along(strength * (n0 + along), strength * (n0 - along), up, down, depth, out[number, :, 5])


@njit(nogil=True, cache=True, error_model="numpy")
def _add_along(majority, minority, up, down, depth, out):
    """What each spin's waves leave of their density."""
    for at in range(depth.size):
        out[at] += majority * np.exp(-2.0 * up.imag * depth[at]) - minority * np.exp(-2.0 * down.imag * depth[at])


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
    """Add the sea's ∫dE∫k∥dk∥ to out[depth, 5]: Im 2g·e exp(2ik̄z)/A along e_θ and e_φ, and integrated from 0;
    then what the interface adds to majority minus minority, Im Σ_s ±[g_ss − 1/(2ik_s)] exp(2ik_s z)/A.

    k and wk are complex, as in matrix_sea_kernels.sea.
    """
    room = sea_workspace(1)
    own, means = room[4], room[5]
    for j in range(e.size):
        for first in range(0, k.size, LANES):
            for i in range(sea_lanes(e[j], turn[j], k, first, p, angles, table, small, room)):
                weight = we[j] * turn[j] * turn[j] * (k[first + i] * wk[first + i]) / p[0]
                mean, delta = own[0, i], own[1, i]
                up, down = mean + delta, mean - delta
                per = 1j * _inverse(delta) * weight
                theta, phi, whole = per * means[0, 0, i], per * means[0, 1, i], _inverse(2j * mean)
                scalar, along = sea_diagonal(i, p, angles[:, 0], table, small, room)
                g_up, g_down = (weight * (scalar + along - _inverse(2j * up)),
                                weight * (scalar - along - _inverse(2j * down)))
                for at in range(depth.size):
                    wave_up, wave_down = np.exp(1j * up * depth[at]), np.exp(1j * down * depth[at])
                    phase = wave_up * wave_down
                    out[at, 0] += (theta * phase).imag
                    out[at, 1] += (phi * phase).imag
                    out[at, 2] += (theta * (phase - 1.0) * whole).imag
                    out[at, 3] += (phi * (phase - 1.0) * whole).imag
                    out[at, 4] += (g_up * wave_up * wave_up - g_down * wave_down * wave_down).imag


@njit(nogil=True, cache=True, error_model="numpy")
def row_sums(cells, t, wt, p, angles, table, small, out):
    """Add ∫k∥dk∥ at the cells' single energies to out[cell, 0, 3]: transmission, par and perp of the right."""
    room, w, xs = workspace(1), np.empty(BARRIER * LANES), np.empty(LANES)
    for number in range(cells.shape[0]):
        e = cells[number, 0]
        for i in range(t.size):
            x, weight = _interval(e, cells[number], t, wt, i, p)
            if weight > 0.0:
                up, down = _electrode(e, x, p)
                delta = p[1] / p[0] * _inverse(up + down)
                xs[:] = x
                real_waves(e, xs, p, w, room[0])
                means = window_means(e, x, 0, 0.5 * (up + down), delta, w, p, angles, table, small, False, room)
                out[number, 0, 0] += 8.0 * weight * means[0, 0]
                out[number, 0, 1] += 8.0 * weight * means[0, 2]
                out[number, 0, 2] += 8.0 * weight * means[0, 3]


@njit(nogil=True, cache=True, error_model="numpy")
def k_map(e, kx, ky, p, angles, out):
    """out[kx, ky, 4]: transmission, its majority minus minority part, par and perp of waves from the right."""
    other, rows, sums = workspace(1)[:3]
    w, xs = np.empty(BARRIER * LANES), np.empty(LANES)
    for i in range(kx.size):
        for j in range(ky.size):
            k = np.sqrt(kx[i] ** 2 + ky[j] ** 2)
            rows[COS:COS + BLOCK], rows[SIN:SIN + BLOCK] = (kx[i] / k, ky[j] / k) if k > 0.0 else (1.0, 0.0)
            xs[:] = k * k
            real_waves(e, xs, p, w, other)
            right = right_real(e, k * k, p)
            plus = channel(w, 0, right[0], right[1])
            minus = plus if p[11] == 0.0 else channel(other, 0, right[0], right[1])
            up, down = _electrode(e, k * k, p)
            mean, delta = 0.5 * (up + down), p[1] / p[0] * _inverse(up + down)
            fill(k / p[0], mean, plus, minus, right, p, rows)
            sums[:] = 0.0
            add_azimuths(rows, mean, delta, angles[0, 0], angles[1, 0], angles[2, 0], angles[3, 0], False, sums[0])
            part = 8.0 / BLOCK  # the block is one azimuth again and again
            out[i, j, 0], out[i, j, 1] = part * sums[0, 0], part * sums[0, 4]
            out[i, j, 2], out[i, j, 3] = part * sums[0, 2], part * sums[0, 3]
