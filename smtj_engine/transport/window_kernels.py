"""Compiled sums over the bias window: cells of energy and x = k∥², from the waves of N (physics.md, section 4).

Energies, x and `p` are those of kernels.py. With K = k̄ + Δ s·σ, s = −M; a = Λ + ik̄; v = iΔs − w the determinant of
Λ + iK − W is det = a² − v² = c − w² + b w_ρ, c = a² + Δ², b = −2iΔ sinθ, and G G† = (n₀ + n·σ)/|det|². LANES
values of x are worked out at a time, as in barrier_kernels.py; with Rashba or Dresselhaus interaction alone w_ρ
turns on a circle, and the azimuthal means are closed. Where Λ is a matrix the nodes go to matrix_kernels.py.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.axis_kernels import ROWS
from smtj_engine.transport.barrier_kernels import IM, IM_DOT, LANES, RE, RE_DOT, _inverse, real_lanes
from smtj_engine.transport.cell_kernels import (
    COLUMNS,
    DI,
    DR,
    KI,
    KR,
    W_DOT,
    W,
    electrode,
    fermi,
    gather,
    panel_node,
    put,
    x_nodes,
    x_range,
)
from smtj_engine.transport.kernels import _sea_means
from smtj_engine.transport.matrix_kernels import add_nodes

_FAST = {"contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def window(cells, s, ws, tails_e, t, wt, tails_x, p, thermal, angles, table, small, from_f, room, out,
           errors):
    """Add the cells of the bias window to out[cell, angle, observable], and to errors[cell, direction, observable]
    what the rules in energy (0) and x (1) may miss.

    s, ws, tails_e and t, wt, tails_x: quadrature.rule for energy and x; thermal: k_BT in eV; angles: rows cosθ,
    sinθ, cosφ, sinφ of M; room: matrix_kernels.workspace where Λ is a matrix, else None, and what is compiled
    for either kind knows nothing of the other.

    The waves of N give current, torques and spin current along M, with a relative accuracy that survives thick
    barriers; they are what the window takes away from a sea filled to µ_F. from_f: the sea's density is added,
    which makes it the waves of F on top of a sea filled to µ_N.
    """
    lanes = (t.size + LANES - 1) // LANES * LANES
    nodes, weights, x, weight = np.zeros(lanes), np.zeros(lanes), np.empty(LANES), np.empty(LANES)
    w, coef, sums = np.empty(ROWS * LANES), np.empty(11), np.empty(5)
    along_e = np.empty((s.size, angles.shape[1], COLUMNS, LANES))
    along_x = np.empty((lanes // LANES, angles.shape[1], COLUMNS, LANES))
    closed = p[9] == 0.0 or (p[8] == 0.0 and p[10] == 0.0)
    for number in range(cells.shape[0]):
        cell = cells[number]
        x_nodes(cell, t, wt, nodes, weights)
        along_e[:] = 0.0
        along_x[:] = 0.0
        point = cell[2] == 4.0
        for j in range(1 if point else s.size):
            e, we = panel_node(cell, s[j])
            both, edge = fermi(e, p, thermal, point)
            if not point:
                we *= ws[j]
            start, span = x_range(e, cell, p)
            if span <= 0.0:
                continue
            for part in range(lanes // LANES):
                for i in range(LANES):
                    x[i] = start + span * nodes[part * LANES + i]
                    weight[i] = we * span * weights[part * LANES + i]
                electrode(e, x, p, w)
                if room is None:
                    real_lanes(e, x, p, w)
                    for m in range(angles.shape[1]):
                        if closed and not from_f:
                            _circle(angles[0, m], angles[1, m], both, edge, weight, w, along_e[j, m],
                                    along_x[part, m])
                        else:
                            _around(x, p, angles[:, m], both, edge, weight, table, small, from_f, w, coef, sums,
                                    along_e[j, m], along_x[part, m])
                else:
                    add_nodes(e, x, both, edge, weight, p, angles, table, small, from_f, w, room, along_e[j],
                              along_x[part])
        gather(along_e, along_x, t.size, tails_e, tails_x, point, out[number], errors[number])


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _circle(ct, st, both, edge, weight, w, along_e, along_x):
    """LANES nodes for one direction of M where w_ρ = |w| cos φ: closed means, all lanes in one vector.

    1/det has the Fourier series (1/S) Σ (−r)^|n| exp inφ with S = √(C² − B²), C = c − w², B = b|w|, r = B/(C + S),
    hence ⟨1/|det|²⟩ = (u + v)D and ⟨cos φ/|det|²⟩ = −2 Re[B(C + S)*]D, with u = |C + S|², v = |B|²,
    D = 1/[|S|²(u − v)].
    """
    for i in range(LANES):
        kr, dr, di, w1, w1_dot = w[KR + i], w[DR + i], w[DI + i], w[W + i], w[W_DOT + i]
        g, g_dot, ar, ai = w[IM + i], w[IM_DOT + i], w[RE + i] - w[KI + i], w[IM + i] + kr
        ar_dot, ai_dot = w[RE_DOT + i], g_dot
        w2 = w1 * w1
        c = ar * ar - ai * ai + dr * dr - di * di - w2
        c_i = 2.0 * (ar * ai + dr * di)
        b, b_i = 2.0 * di * st * w1, -2.0 * dr * st * w1
        c_dot, ci_dot = 2.0 * (ar * ar_dot - ai * ai_dot - w1 * w1_dot), 2.0 * (ar * ai_dot + ai * ar_dot)
        b_dot, bi_dot = 2.0 * di * st * w1_dot, -2.0 * dr * st * w1_dot
        # S, on the side of C
        sq, sq_i = (c - b) * (c + b) - (c_i - b_i) * (c_i + b_i), (c - b) * (c_i + b_i) + (c_i - b_i) * (c + b)
        size = np.sqrt(sq * sq + sq_i * sq_i)
        big = np.sqrt(0.5 * (size + abs(sq)))
        little = 0.5 * sq_i / (big + 1e-300)
        s, s_i = (big, little) if sq >= 0.0 else (little, big)
        side = 1.0 if s * c + s_i * c_i >= 0.0 else -1.0
        s, s_i = side * s, side * s_i
        h = c * c_dot - c_i * ci_dot - b * b_dot + b_i * bi_dot
        h_i = c * ci_dot + c_i * c_dot - b * bi_dot - b_i * b_dot
        s_dot, si_dot = (h * s + h_i * s_i) / size, (h_i * s - h * s_i) / size
        f, f_i = c + s, c_i + s_i
        f_dot, fi_dot = c_dot + s_dot, ci_dot + si_dot
        u, v = f * f + f_i * f_i, b * b + b_i * b_i
        u_dot, v_dot = 2.0 * (f * f_dot + f_i * fi_dot), 2.0 * (b * b_dot + b_i * bi_dot)
        inv = 1.0 / (size * (u - v))
        fall = 2.0 * (s * s_dot + s_i * si_dot) / size + (u_dot - v_dot) / (u - v)
        m0, m1 = (u + v) * inv, -2.0 * (b * f + b_i * f_i) * inv
        m0_dot = (u_dot + v_dot) * inv - m0 * fall
        m1_dot = -2.0 * (b_dot * f + b * f_dot + bi_dot * f_i + b_i * fi_dot) * inv - m1 * fall
        # ⟨w_ρ/|det|²⟩ and the N-form n₀ + n₁w² + n₂w_ρ
        rho, rho_dot = w1 * m1, w1_dot * m1 + w1 * m1_dot
        cross, cross_dot = 2.0 * (ar * di - ai * dr), 2.0 * (ar_dot * di - ai_dot * dr)
        whole = ar * ar + ai * ai + dr * dr + di * di
        n0 = kr * (whole + w2) + dr * cross
        n0_dot = 2.0 * kr * (ar * ar_dot + ai * ai_dot + w1 * w1_dot) + dr * cross_dot
        n2, n2_dot = -2.0 * st * (kr * di + dr * ar), -2.0 * st * dr * ar_dot
        means = n0 * m0 + n2 * rho
        slope = n0_dot * m0 + n0 * m0_dot + n2_dot * rho + n2 * rho_dot
        wb, ws = 8.0 * both * weight[i], 8.0 * edge * weight[i]
        put(along_e, along_x, i, wb * g * means, wb * (g_dot * means + g * slope) + ws * g * means,
            2.0 * wb * g * (kr * ar + di * dr) * ct * rho, 2.0 * wb * g * (kr * dr - di * ar) * ct * rho,
            wb * g * (kr * (cross * m0 - 2.0 * ar * st * rho) + dr * ((whole + w2) * m0 - 2.0 * di * st * rho)))


@njit(nogil=True, cache=True, error_model="numpy")
def _around(x, p, angle, both, edge, weight, table, small, from_f, w, coef, sums, along_e, along_x):
    """The same by sums over azimuths, lane by lane: α and β together, or the waves of F. coef, sums: room."""
    A, alpha, beta, slope = p[0], p[8], p[9], p[10]
    ct, st, cp, sp = angle[0], angle[1], angle[2], angle[3]
    for i in range(LANES):
        if weight[i] == 0.0:
            continue
        k, g, g_dot = np.sqrt(x[i]) / A, w[IM + i], w[IM_DOT + i]
        kr, dr, di = w[KR + i], w[DR + i], w[DI + i]
        delta, a = complex(dr, di), complex(w[RE + i] - w[KI + i], g + kr)
        a_dot = complex(w[RE_DOT + i], g_dot)
        c, b = a * a + delta * delta, -2j * delta * st
        cross = 2.0 * (a.real * di - a.imag * dr)
        size = a.real**2 + a.imag**2 + dr * dr + di * di
        turn = 2.0 * a * a_dot
        coef[0], coef[1], coef[2], coef[3] = c.real, c.imag, b.real, b.imag
        coef[4], coef[5], coef[6] = kr * size + dr * cross, kr, -2.0 * st * (kr * di + dr * a.real)
        coef[7] = (2.0 * kr * (a.real * a_dot.real + a.imag * a_dot.imag)
                   + 2.0 * dr * (a_dot.real * di - a_dot.imag * dr))
        coef[8], coef[9], coef[10] = -2.0 * st * dr * a_dot.real, turn.real, turn.imag
        _converged(alpha * k, beta * k, slope * k, cp, sp, c, b, table, small, coef, sums)
        means = coef[4] * sums[0] + coef[5] * sums[3] + coef[6] * sums[1]
        plane, normal = kr * a.real + di * dr, kr * dr - di * a.real
        q_theta = -16.0 * g * (plane * ct * sums[1] + normal * sums[2])
        q_phi = -16.0 * g * (plane * sums[2] - normal * ct * sums[1])
        along = (kr * (cross * sums[0] - 2.0 * a.real * st * sums[1])
                 + dr * (size * sums[0] + sums[3] - 2.0 * di * st * sums[1]))
        if from_f:
            rho_rho, rho_phi = _sea_means(c, delta, complex(x[i], 0.0), alpha / A, beta / A, st, cp, sp, table,
                                          small)
            strength = 4.0 * delta * delta * st
            q_phi -= 4.0 * (strength * ct * rho_rho).imag
            q_theta += 4.0 * (strength * rho_phi).imag
        wb, ws = both * weight[i], edge * weight[i]
        put(along_e, along_x, i, 8.0 * wb * g * means,
            8.0 * (wb * (g_dot * means + g * sums[4]) + ws * g * means), -wb * q_theta, wb * q_phi,
            8.0 * wb * g * along)


@njit(nogil=True, cache=True, error_model="numpy")
def _converged(al, be, sl, cp, sp, c, b, table, small, coef, sums):
    """_window_means over as many azimuths as it takes: known beforehand for α or β alone, else doubled."""
    if al * be == 0.0:
        w = abs(al) + abs(be)
        _window_means(_azimuths(c - w * w, b * w, small), table, coef, al, be, sl, cp, sp, sums)
        return
    number, change = 16, 1.0
    _window_means(number, table, coef, al, be, sl, cp, sp, sums)
    while change > small and number < 1024:
        number *= 2
        before, slant = sums[0], sums[4]
        _window_means(number, table, coef, al, be, sl, cp, sp, sums)
        change = max(abs(sums[0] / before - 1.0), abs(sums[4] - slant) / (abs(slant) + 1e-300))


@njit(nogil=True, cache=True, error_model="numpy")
def _azimuths(c, b, small):
    """Equidistant azimuths (a power of two) that average 1/|c + b cos φ|² to small².

    The error falls as ρ^−n, ρ the ellipse through the pole at cos φ = −c/b.
    """
    if b == 0:
        return 8
    z = c * _inverse(b)
    half = 0.5 * (np.sqrt((z.real - 1.0) ** 2 + z.imag**2) + np.sqrt((z.real + 1.0) ** 2 + z.imag**2))
    rho = half + np.sqrt(max(0.0, half * half - 1.0))
    n = 8
    reached = rho**8
    while reached * small * small < 1.0 and n < 1024:
        reached *= reached
        n *= 2
    return n


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _window_means(n, table, coef, al, be, sl, cp, sp, sums):
    """Azimuthal means over the N-form: 1/|det|², w_ρ/|det|², w_φ/|det|², w²/|det|² and ∂(N/|det|²)/∂V.

    al, be, sl: α, β and dα/dV times k∥/A. coef: det = c − w² + b w_ρ, N = n₀ + n₁w² + n₂w_ρ and the
    derivatives of their constants by V (see `window`).
    """
    cr, ci, br, bi = coef[0], coef[1], coef[2], coef[3]
    n0, n1, n2 = coef[4], coef[5], coef[6]
    d0, d2, ar, ai = coef[7], coef[8], coef[9], coef[10]
    x0 = 0.0
    y1 = 0.0
    y2 = 0.0
    xw = 0.0
    slope = 0.0
    for m in range(n):
        kx, ky = table[0, n + m], table[1, n + m]
        wx = al * ky + be * kx
        wy = -(al * kx + be * ky)
        w2 = wx * wx + wy * wy
        rho = wx * cp + wy * sp
        dot = sl * (ky * wx - kx * wy)
        rho_dot = sl * (ky * cp - kx * sp)
        dr = cr - w2 + br * rho
        di = ci + bi * rho
        inv = 1.0 / (dr * dr + di * di)
        top = n0 + n1 * w2 + n2 * rho
        top_dot = d0 + d2 * rho + 2.0 * n1 * dot + n2 * rho_dot
        change = dr * (ar - 2.0 * dot + br * rho_dot) + di * (ai + bi * rho_dot)
        x0 += inv
        y1 += rho * inv
        y2 += (wy * cp - wx * sp) * inv
        xw += w2 * inv
        slope += (top_dot - 2.0 * top * change * inv) * inv
    sums[0] = x0 / n
    sums[1] = y1 / n
    sums[2] = y2 / n
    sums[3] = xw / n
    sums[4] = slope / n
