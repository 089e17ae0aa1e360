"""Compiled sums over energy, in-plane wave vector and azimuth; they know numbers only.

Energies e are measured from the mean of the ferromagnet's two band bottoms, which move with V/2; then k↑ and
k↓ depend on e alone, µ_F = E_F and µ_N = E_F − V. x = k∥².

`p` holds the constants of a junction, in this order: A, exchange J, Fermi energy, barrier height U₀, barrier
thickness d (Å), barrier mass, bias V, k_N² at the Fermi level and zero bias, α(V), β, dα/dV.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.barrier_kernels import (
    IM,
    IM_DOT,
    LANES,
    RE,
    RE_DOT,
    ROWS,
    _inverse,
    _outgoing,
    _root,
    complex_lanes,
    real_lanes,
)


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


@njit(nogil=True, cache=True, error_model="numpy")
def _sea_means(cc, delta, x, al, be, st, cp, sp, table, small):
    """Azimuthal means of w_ρ²/det₊det₋ and w_ρw_φ/det₊det₋.

    det± = c ± b for opposite azimuths: odd terms are cancelled by hand. c = cc − w², cc = a² + Δ²,
    b = −2iΔ sinθ w_ρ, w² = x·u². Without α or without β the means are closed (u turns on a circle);
    else azimuths are doubled until the first mean changes by less than `small` (the error is its square).
    """
    q = 4.0 * delta * delta * st * st
    if al * be == 0.0:
        w2 = x * (al * al + be * be)
        c = cc - w2
        inverse = _inverse(c * c)
        root = _root(1.0 + q * w2 * inverse)
        return w2 * inverse * _inverse(root * (root + 1.0)), 0.0j
    before = 0.0j
    n = 16
    while True:
        rho_rho, rho_phi = 0.0j, 0.0j
        for m in range(n // 2):
            kx, ky = table[0, n + m], table[1, n + m]
            ux = al * ky + be * kx
            uy = -(al * kx + be * ky)
            u_rho = ux * cp + uy * sp
            u_phi = uy * cp - ux * sp
            c = cc - x * (ux * ux + uy * uy)
            inv = x * _inverse(c * c + q * x * u_rho * u_rho)
            rho_rho += u_rho * u_rho * inv
            rho_phi += u_rho * u_phi * inv
        change = abs(2.0 * rho_rho / n - before)
        before = 2.0 * rho_rho / n
        if n >= 1024 or (n > 16 and change < small * abs(before)):
            return before, 2.0 * rho_phi / n
        n *= 2


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


@njit(nogil=True, cache=True, error_model="numpy")
def _axial_means(coef, al, be, sl, sums):
    """The same for M along z and α or β alone, where nothing depends on the azimuth."""
    w2 = al * al + be * be
    dr, di = coef[0] - w2, coef[1]
    inv = 1.0 / (dr * dr + di * di)
    change = dr * (coef[9] - 2.0 * sl * al) + di * coef[10]
    sums[0], sums[1], sums[2], sums[3] = inv, 0.0, 0.0, w2 * inv
    sums[4] = (coef[7] + 2.0 * coef[5] * sl * al - 2.0 * (coef[4] + coef[5] * w2) * change * inv) * inv


@njit(nogil=True, cache=True, error_model="numpy")
def _panel_node(cell, s):
    """Energy and Jacobian of a cell at the fraction s of its part (quadrature.py names the columns)."""
    first, last, ends = cell[0], cell[1], cell[2]
    if ends == 4.0:
        return first, 1.0
    span = (last - first) * (cell[6] - cell[5])
    s = cell[5] + (cell[6] - cell[5]) * s
    if ends == 1.0:
        return first + (last - first) * s * s, span * 2.0 * s
    if ends == 2.0:
        return last - (last - first) * (1.0 - s) ** 2, span * 2.0 * (1.0 - s)
    if ends == 3.0:
        return first + (last - first) * np.sin(0.5 * np.pi * s) ** 2, span * 0.5 * np.pi * np.sin(np.pi * s)
    return first + (last - first) * s, span


@njit(nogil=True, cache=True, error_model="numpy")
def _fermi(e, p, thermal, point):
    """f_F − f_N, and −f_N' (the edge of the window, which moves with V).

    f_F − f_N = sinh(V/2kT)/(2 cosh cosh) is exact for small V, where the difference of two f is not.
    """
    fermi, bias = p[2], p[6]
    if point:
        return 0.0, 1.0
    if thermal == 0.0:
        return np.sign(bias), 0.0
    at_f = abs(e - fermi) / (2.0 * thermal)
    at_n = abs(e - fermi + bias) / (2.0 * thermal)
    v = abs(bias) / (2.0 * thermal)
    far_f, far_n = np.exp(-2.0 * at_f), np.exp(-2.0 * at_n)
    rise = np.exp(min(v - at_f - at_n, 0.0)) * -np.expm1(-2.0 * v)
    return np.sign(bias) * rise / ((1.0 + far_f) * (1.0 + far_n)), far_n / (1.0 + far_n) ** 2 / thermal


@njit(nogil=True, cache=True, error_model="numpy")
def window(cells, s, ws, t, wt, p, thermal, angles, table, small, from_f, out):
    """Add the cells of the bias window to out[cell, angle, observable] (physics.md, sections 3 and 4).

    s, ws and t, wt: Gauss nodes and weights for energy and x; thermal: k_BT in eV; angles: rows cosθ, sinθ, cosφ,
    sinφ of M.

    K = k̄ + Δ s·σ with s = −M; a = Λ + ik̄; v = iΔs − w; det = a² − v²; G G† = (n₀ + n·σ)/|det|².
    The waves of N give current, torques and spin current along M, with a relative accuracy that survives thick
    barriers; they are what the window takes away from a sea filled to µ_F. from_f: the sea's density is added,
    which makes it the waves of F on top of a sea filled to µ_N.
    """
    nodes, weights, w, x = np.empty(t.size), np.empty(t.size), np.empty(ROWS * LANES), np.empty(LANES)
    coef, sums = np.empty(11), np.empty(5)
    for number in range(cells.shape[0]):
        cell = cells[number]
        for i in range(t.size):
            part = np.pi * (cell[7] + (cell[8] - cell[7]) * t[i])
            nodes[i] = np.sin(0.5 * part) ** 2
            weights[i] = 0.25 * np.pi * np.sin(part) * (cell[8] - cell[7]) * wt[i]
        point = cell[2] == 4.0
        for j in range(1 if point else s.size):
            e, we = _panel_node(cell, s[j])
            both, edge = _fermi(e, p, thermal, point)
            if not point:
                we *= ws[j]
            start = 0.0 if np.isnan(cell[3]) else max(0.0, (e + cell[3]) / p[0])
            span = (e + cell[4]) / p[0] - start
            if span <= 0.0:
                continue
            for first in range(0, t.size, LANES):
                count = min(LANES, t.size - first)
                for i in range(LANES):
                    x[i] = start + span * nodes[first + min(i, count - 1)]
                real_lanes(e, x, p, w)
                for i in range(count):
                    weight = span * weights[first + i]
                    _window_node(e, x[i], (w[RE + i], w[IM + i], w[RE_DOT + i], w[IM_DOT + i]), we * both * weight,
                                 we * edge * weight, p, angles, table, small, from_f, coef, sums, out[number])


@njit(nogil=True, cache=True, error_model="numpy")
def _window_node(e, x, barrier, wb, ws, p, angles, table, small, from_f, coef, sums, out):
    """One node of `window`: wb is its weight times f_F − f_N, ws its weight times −f_N'; coef, sums: room."""
    A, J, alpha, beta, slope = p[0], p[1], p[8], p[9], p[10]
    lam, g, lam_dot, g_dot = barrier
    k = np.sqrt(x)
    up2 = (e + J) / A - x
    down2 = (e - J) / A - x
    up = complex(np.sqrt(up2), 0.0) if up2 > 0 else complex(0.0, np.sqrt(-up2))
    down = complex(np.sqrt(down2), 0.0) if down2 > 0 else complex(0.0, np.sqrt(-down2))
    mean = 0.5 * (up + down)
    delta = J / A * _inverse(up + down)
    a = complex(lam, g) + 1j * mean
    a_dot = complex(lam_dot, g_dot)
    kr, dr, di = mean.real, delta.real, delta.imag
    c = a * a + delta * delta
    cross = 2.0 * (a.real * di - a.imag * dr)
    size = a.real**2 + a.imag**2 + dr * dr + di * di
    coef[0], coef[1] = c.real, c.imag
    coef[4] = kr * size + dr * cross
    coef[5] = kr
    coef[7] = (2.0 * kr * (a.real * a_dot.real + a.imag * a_dot.imag)
               + 2.0 * dr * (a_dot.real * di - a_dot.imag * dr))
    turn = 2.0 * a * a_dot
    coef[9], coef[10] = turn.real, turn.imag
    plane = kr * a.real + di * dr
    normal = kr * dr - di * a.real
    for m in range(angles.shape[1]):
        ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
        b = -2j * delta * st
        coef[2], coef[3] = b.real, b.imag
        coef[6] = -2.0 * st * (kr * di + dr * a.real)
        coef[8] = -2.0 * st * dr * a_dot.real
        if st == 0.0 and alpha * beta == 0.0:
            _axial_means(coef, alpha * k / A, beta * k / A, slope * k / A, sums)
        elif alpha * beta == 0.0:
            w = (abs(alpha) + abs(beta)) * k / A
            number = _azimuths(c - w * w, b * w, small)
            _window_means(number, table, coef, alpha * k / A, beta * k / A, slope * k / A, cp, sp, sums)
        else:
            number, change = 16, 1.0
            _window_means(number, table, coef, alpha * k / A, beta * k / A, slope * k / A, cp, sp, sums)
            while change > small and number < 1024:
                number *= 2
                before, slant = sums[0], sums[4]
                _window_means(number, table, coef, alpha * k / A, beta * k / A, slope * k / A, cp, sp,
                              sums)
                change = max(abs(sums[0] / before - 1.0), abs(sums[4] - slant) / (abs(slant) + 1e-300))
        means = coef[4] * sums[0] + coef[5] * sums[3] + coef[6] * sums[1]
        current = 8.0 * g * means
        current_dot = 8.0 * (g_dot * means + g * sums[4])
        q_theta = -16.0 * g * (plane * ct * sums[1] + normal * sums[2])
        q_phi = -16.0 * g * (plane * sums[2] - normal * ct * sums[1])
        along = (kr * (cross * sums[0] - 2.0 * a.real * st * sums[1])
                 + dr * (size * sums[0] + sums[3] - 2.0 * di * st * sums[1]))
        if from_f:
            rho_rho, rho_phi = _sea_means(c, delta, complex(x, 0.0), alpha / A, beta / A, st, cp, sp, table,
                                          small)
            strength = 4.0 * delta * delta * st
            q_phi -= 4.0 * (strength * ct * rho_rho).imag
            q_theta += 4.0 * (strength * rho_phi).imag
        out[m, 0] += wb * current
        out[m, 1] += wb * current_dot + ws * current
        out[m, 2] -= wb * q_theta
        out[m, 3] += wb * q_phi
        out[m, 4] += wb * 8.0 * g * along


@njit(nogil=True, cache=True, error_model="numpy")
def sea(e, we, turn, k, wk, p, angles, table, small, out):
    """Add ∫dE∫k∥dk∥ of the sea's integrand to out[angle, observable] over a contour of E and paths of k∥.

    e, we: energies and weights, complex; k∥ = turn·k with a complex factor for each energy, k and wk nodes and
    weights of a real path. Columns: 4Δ² sinθ cosθ⟨w_ρ²/…⟩ and 4Δ² sinθ⟨w_ρw_φ/…⟩, imaginary parts (physics.md,
    section 4).
    """
    A, J, alpha, beta = p[0], p[1], p[8], p[9]
    w, energies, x = np.empty(ROWS * LANES), np.empty(LANES, np.complex128), np.empty(LANES, np.complex128)
    for j in range(e.size):
        square = turn[j] * turn[j]
        energies[:] = e[j]
        for first in range(0, k.size, LANES):
            count = min(LANES, k.size - first)
            for i in range(LANES):
                x[i] = square * k[first + min(i, count - 1)] ** 2
            complex_lanes(energies, x, p, w)
            for i in range(count):
                up = _outgoing((e[j] + J) / A - x[i])
                down = _outgoing((e[j] - J) / A - x[i])
                delta = J / A * _inverse(up + down)
                a = complex(w[RE + i], w[IM + i]) + 0.5j * (up + down)
                c = a * a + delta * delta
                weight = we[j] * square * (k[first + i] * wk[first + i]) * 4.0 * delta * delta
                for m in range(angles.shape[1]):
                    ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
                    if st != 0.0:
                        rho_rho, rho_phi = _sea_means(c, delta, x[i], alpha / A, beta / A, st, cp, sp, table,
                                                      small)
                        out[m, 0] += st * ct * (weight * rho_rho).imag
                        out[m, 1] += st * (weight * rho_phi).imag


@njit(nogil=True, cache=True, error_model="numpy")
def bound_margin(e, x, p, sine, out):
    """Largest eigenvalue of the Hermitian Λ + iK − W for each x at the energy e[i], where all waves decay.

    Positive: a state is bound at the interface below e. Bound from above over the direction of M by
    |Δκ s + w| ≤ √(Δκ² + w² + 2|Δκ|w·sine), sine the largest |sinθ| and w ≤ (|α| + |β|)k/A (with α or β
    alone both are reached).
    """
    A, J = p[0], p[1]
    w, energies, xs = np.empty(ROWS * LANES), np.empty(LANES, np.complex128), np.empty(LANES, np.complex128)
    for first in range(0, x.size, LANES):
        count = min(LANES, x.size - first)
        for i in range(LANES):
            energies[i], xs[i] = e[first + min(i, count - 1)], x[first + min(i, count - 1)]
        complex_lanes(energies, xs, p, w)
        for i in range(first, first + count):
            up = np.sqrt(max(0.0, x[i] - (e[i] + J) / A))
            down = np.sqrt(max(0.0, x[i] - (e[i] - J) / A))
            half = 0.5 * (down - up)
            soi = (abs(p[8]) + abs(p[9])) * np.sqrt(x[i]) / A
            out[i] = (w[RE + i - first] - 0.5 * (up + down)
                      + np.sqrt(half * half + soi * soi + 2.0 * half * soi * sine))
