"""Compiled sums over energy, in-plane wave vector and azimuth; they know numbers only.

Energies e are measured from the mean of the ferromagnet's two band bottoms, which move with V/2; then k↑ and
k↓ depend on e alone, µ_F = E_F and µ_N = E_F − V. x = k∥².

`p` holds the constants of a junction, in this order: A, exchange J, Fermi energy, barrier height U₀, barrier
thickness d (Å), barrier mass, bias V, k_N² at the Fermi level and zero bias, α(V), β, dα/dV.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: 1/((m+1)(m+2)) of the power series.
INVERSE = 1.0 / ((np.arange(64) + 1.0) * (np.arange(64) + 2.0))
#: The largest |κ|h of one step: where ψ grows all terms are positive and a long step loses nothing; where it
#: oscillates they cancel.
GROWING, OSCILLATING = 8.0, 3.0


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
def _steps(near, far, length):
    """Steps through a length of barrier and the terms that put the series' rest below 1e-16.

    near, far: the complex κ² at its ends. The rest falls as (κh)ⁿ/n!, or as (fhⁿ)^⅓/n!^⅔ from the slope f of κ².
    """
    size = length * np.sqrt(np.sqrt(max(near.real**2 + near.imag**2, far.real**2 + far.imag**2)))
    steps = max(1, int(np.ceil(size / (GROWING if min(near.real, far.real) > 0.0 else OSCILLATING))))
    slope = np.cbrt(abs(near.real - far.real) / length) * length / steps
    return steps, int(max(16.0 + 3.4 * size / steps, 17.0 + 10.0 * slope))


@njit(nogil=True, cache=True, error_model="numpy")
def barrier_real(e, x, p):
    """Barrier and N at a real energy: Re Λ, g = k_N|t_u|² = Im Λ, and their derivatives by V at fixed e.

    Solves ψ'' = κ²ψ, κ² = m_b(U − E)/A + x linear in z, from the outgoing wave in N at d to 0 by its power
    series, and its derivative by V beside it. Im Λ is taken as g: their equality is the Wronskian, which the
    recursion itself would lose.
    """
    A, ef, u0, d, mb, v, kn2 = p[0], p[2], p[3], p[4], p[5], p[6], p[7]
    w = kn2 + (e + v - ef) / A - x
    k = np.sqrt(abs(w))
    flow = k if w > 0 else 0.0
    flow_dot = 0.5 / (A * k) if w > 0 else 0.0
    psr, psi, dpr, dpi, decay, h = 1.0, 0.0, 0.0, 0.0, 1.0, 1.0
    slope, top, steps, terms = 0.0, mb * (ef + u0 - e) / A + x, 0, 0
    if d > 0:
        slope = mb * v / (A * d)
        steps, terms = _steps(complex(top), complex(top - slope * d), d)
        h = d / steps
    # q = h dψ/dx with x = d − z, so that −q/(m_b h) is ψ'/m_b
    qr, qi = (0.0, -mb * k * h) if w > 0 else (mb * k * h, 0.0)
    slant = -0.5 * mb * h / (A * k)
    dqr, dqi = (0.0, slant) if w > 0 else (slant, 0.0)
    f = slope * h * h * h
    g1 = mb * h * h * h / (A * d) if d > 0 else 0.0
    for step in range(steps):
        z = d - step * h
        c = (top - slope * z) * h * h
        g0 = -mb * z * h * h / (A * d)
        ar0, ar1, ar2 = 0.0, psr, qr
        ai0, ai1, ai2 = 0.0, psi, qi
        br0, br1, br2 = 0.0, dpr, dqr
        bi0, bi1, bi2 = 0.0, dpi, dqi
        psr += qr
        psi += qi
        dpr += dqr
        dpi += dqi
        for m in range(terms):
            inv = INVERSE[m]
            order = m + 2.0
            ar = (c * ar1 + f * ar0) * inv
            ai = (c * ai1 + f * ai0) * inv
            br = (c * br1 + f * br0 + g0 * ar1 + g1 * ar0) * inv
            bi = (c * bi1 + f * bi0 + g0 * ai1 + g1 * ai0) * inv
            ar0, ar1, ar2 = ar1, ar2, ar
            ai0, ai1, ai2 = ai1, ai2, ai
            br0, br1, br2 = br1, br2, br
            bi0, bi1, bi2 = bi1, bi2, bi
            psr += ar
            psi += ai
            dpr += br
            dpi += bi
            qr += order * ar
            qi += order * ai
            dqr += order * br
            dqi += order * bi
        norm = 1.0 / (abs(psr) + abs(psi) + abs(qr) + abs(qi))
        psr, psi, qr, qi = psr * norm, psi * norm, qr * norm, qi * norm
        dpr, dpi, dqr, dqi = dpr * norm, dpi * norm, dqr * norm, dqi * norm
        decay *= norm
    size = 1.0 / (psr * psr + psi * psi)
    scale = -1.0 / (mb * h)
    lr = (qr * psr + qi * psi) * size
    li = (qi * psr - qr * psi) * size
    rr = (dpr * psr + dpi * psi) * size
    ri = (dpi * psr - dpr * psi) * size
    sr = (dqr * psr + dqi * psi) * size
    t2 = decay * decay * size
    g = flow * t2
    return lr * scale, g, (sr - (lr * rr - li * ri)) * scale, flow_dot * t2 - 2.0 * g * rr


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


@njit(nogil=True, cache=True, error_model="numpy")
def barrier_complex(e, x, p):
    """Λ at complex e and x (same series as barrier_real).

    It starts where exp(−2κz) is negligible, from the decaying solution there, or at d from the outgoing wave
    in N.
    """
    A, ef, u0, d, mb, v, kn2 = p[0], p[2], p[3], p[4], p[5], p[6], p[7]
    if d == 0.0:
        return 1j * _outgoing(kn2 + (e + v - ef) / A - x)
    slope = mb * v / (A * d)
    top = mb * (ef + u0 - e) / A + x
    start = _decay_length(top, slope, d)
    far = top - slope * start
    k = 1j * _root(far) / mb if start < d else _outgoing(kn2 + (e + v - ef) / A - x)
    steps, terms = _steps(top, far, start)
    h = start / steps
    psr, psi, qr, qi = 1.0, 0.0, mb * h * k.imag, -mb * h * k.real
    f = slope * h * h * h
    ci = top.imag * h * h
    for step in range(steps):
        cr = (top.real - slope * (start - step * h)) * h * h
        ar0, ar1, ar2 = 0.0, psr, qr
        ai0, ai1, ai2 = 0.0, psi, qi
        psr += qr
        psi += qi
        for m in range(terms):
            inv = INVERSE[m]
            order = m + 2.0
            ar = (cr * ar1 - ci * ai1 + f * ar0) * inv
            ai = (cr * ai1 + ci * ar1 + f * ai0) * inv
            ar0, ar1, ar2 = ar1, ar2, ar
            ai0, ai1, ai2 = ai1, ai2, ai
            psr += ar
            psi += ai
            qr += order * ar
            qi += order * ai
        norm = 1.0 / (abs(psr) + abs(psi) + abs(qr) + abs(qi))
        psr, psi, qr, qi = psr * norm, psi * norm, qr * norm, qi * norm
    return complex(qr, qi) * _inverse(complex(psr, psi)) * (-1.0 / (mb * h))


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
    for number in range(cells.shape[0]):
        point = cells[number, 2] == 4.0
        for j in range(1 if point else s.size):
            e, we = _panel_node(cells[number], s[j])
            both, edge = _fermi(e, p, thermal, point)
            if not point:
                we *= ws[j]
            _window_row(e, we * both, we * edge, cells[number], t, wt, p, angles, table, small, from_f,
                        out[number])


@njit(nogil=True, cache=True, error_model="numpy")
def _window_row(e, we, ws, cell, t, wt, p, angles, table, small, from_f, out):
    """One energy of `window`: we is its weight times f_F − f_N, ws its weight times −f_N'."""
    A, J, alpha, beta, slope = p[0], p[1], p[8], p[9], p[10]
    coef, sums = np.empty(11), np.empty(5)
    start = 0.0 if np.isnan(cell[3]) else max(0.0, (e + cell[3]) / A)
    span = (e + cell[4]) / A - start
    if span <= 0.0:
        return
    for i in range(t.size):
        part = cell[7] + (cell[8] - cell[7]) * t[i]
        x = start + span * np.sin(0.5 * np.pi * part) ** 2
        wx = 0.25 * np.pi * np.sin(np.pi * part) * span * (cell[8] - cell[7]) * wt[i]
        lam, g, lam_dot, g_dot = barrier_real(e, x, p)
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
            if alpha * beta == 0.0:
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
            w = we * wx
            out[m, 0] += w * current
            out[m, 1] += w * current_dot + ws * wx * current
            out[m, 2] -= w * q_theta
            out[m, 3] += w * q_phi
            out[m, 4] += w * 8.0 * g * along


@njit(nogil=True, cache=True, error_model="numpy")
def sea(e, we, turn, k, wk, p, angles, table, small, out):
    """Add ∫dE∫k∥dk∥ of the sea's integrand to out[angle, observable] over a contour of E and paths of k∥.

    e, we: energies and weights, complex; k∥ = turn·k with a complex factor for each energy, k and wk nodes and
    weights of a real path. Columns: 4Δ² sinθ cosθ⟨w_ρ²/…⟩ and 4Δ² sinθ⟨w_ρw_φ/…⟩, imaginary parts (physics.md,
    section 4).
    """
    A, J, alpha, beta = p[0], p[1], p[8], p[9]
    for j in range(e.size):
        square = turn[j] * turn[j]
        for i in range(k.size):
            x = square * (k[i] * k[i])
            up = _outgoing((e[j] + J) / A - x)
            down = _outgoing((e[j] - J) / A - x)
            delta = J / A * _inverse(up + down)
            a = barrier_complex(e[j], x, p) + 0.5j * (up + down)
            c = a * a + delta * delta
            weight = we[j] * square * (k[i] * wk[i]) * 4.0 * delta * delta
            for m in range(angles.shape[1]):
                ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
                rho_rho, rho_phi = _sea_means(c, delta, x, alpha / A, beta / A, st, cp, sp, table, small)
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
    for i in range(x.size):
        lam = barrier_complex(complex(e[i]), complex(x[i]), p).real
        up = np.sqrt(max(0.0, x[i] - (e[i] + J) / A))
        down = np.sqrt(max(0.0, x[i] - (e[i] - J) / A))
        half = 0.5 * (down - up)
        w = (abs(p[8]) + abs(p[9])) * np.sqrt(x[i]) / A
        out[i] = lam - 0.5 * (up + down) + np.sqrt(half * half + w * w + 2.0 * half * w * sine)
