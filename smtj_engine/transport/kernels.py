"""Compiled sums over energy, in-plane wave vector and azimuth; they know numbers only.

Energies e are measured from the mean of the ferromagnet's two band bottoms, which move with V/2; then k↑ and
k↓ depend on e alone, µ_F = E_F and µ_N = E_F − V. x = k∥². Every kernel handles one energy after the other and
a row of x at a time, so that the loops over a row become vector instructions.

`p` holds the constants of a junction, in this order: A, exchange J, Fermi energy, barrier height U₀, barrier
thickness d (Å), barrier mass, bias V, k_N² at the Fermi level and zero bias, α(V), β, dα/dV.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Terms of the power series in one step through the barrier; at |κ|h ≤ 2 the next one is below 1e-15.
TERMS = 23
REACH = 2.0



@njit(nogil=True, cache=True, error_model="numpy")
def _step_count(largest, d):
    """Steps through the barrier such that |κ|h ≤ REACH."""
    return max(1, int(np.ceil(d * np.sqrt(largest) / REACH)))


@njit(nogil=True, cache=True, error_model="numpy")
def barrier_real(e, x, n, p, out, s):
    """Barrier and N at a real energy: Λ, g = k_N|t_u|² and their derivatives by V at fixed e, for a row of x.

    Solves ψ'' = κ²ψ, κ² = m_b(U − E)/A + x linear in z, from the outgoing wave in N at d to 0 by its power
    series, and its derivative by V beside it. out rows: Re Λ, Im Λ, g, dReΛ/dV, dImΛ/dV. Im Λ is set to g
    (their equality is the Wronskian, which the recursion itself would lose). s is work space.
    """
    A, ef, u0, d, mb, v, kn2 = p[0], p[2], p[3], p[4], p[5], p[6], p[7]
    psr, psi, qr, qi, dpr, dpi, dqr, dqi = s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
    c0, decay = s[8], s[9]
    ar0, ar1, ar2, ai0, ai1, ai2 = s[10], s[11], s[12], s[13], s[14], s[15]
    br0, br1, br2, bi0, bi1, bi2 = s[16], s[17], s[18], s[19], s[20], s[21]
    slope = mb * v / (A * d) if d > 0 else 0.0
    top = mb * (ef + u0 - e) / A
    largest = 0.0
    for i in range(n):
        largest = max(largest, abs(top + x[i]), abs(top + x[i] - slope * d))
    steps = _step_count(largest, d) if d > 0 else 0
    h = d / steps if steps > 0 else 1.0
    for i in range(n):
        w = kn2 + (e + v - ef) / A - x[i]
        k = np.sqrt(abs(w))
        out[2, i] = k if w > 0 else 0.0
        psr[i], psi[i], dpr[i], dpi[i] = 1.0, 0.0, 0.0, 0.0
        qr[i] = 0.0 if w > 0 else mb * k * h
        qi[i] = -mb * k * h if w > 0 else 0.0
        slant = 0.5 * mb * h / (A * k) if k > 0 else 0.0
        dqr[i] = 0.0 if w > 0 else -slant
        dqi[i] = -slant if w > 0 else 0.0
        out[4, i] = 0.5 / (A * k) if w > 0 else 0.0
        decay[i] = 1.0
    f1 = slope * h * h * h
    g1 = mb * h * h * h / (A * d) if d > 0 else 0.0
    for step in range(steps):
        z = d - step * h
        g0 = -mb * z * h * h / (A * d)
        for i in range(n):
            c0[i] = (top + x[i] - slope * z) * h * h
            ar0[i], ar1[i], ar2[i] = 0.0, psr[i], qr[i]
            ai0[i], ai1[i], ai2[i] = 0.0, psi[i], qi[i]
            br0[i], br1[i], br2[i] = 0.0, dpr[i], dqr[i]
            bi0[i], bi1[i], bi2[i] = 0.0, dpi[i], dqi[i]
            psr[i] += qr[i]
            psi[i] += qi[i]
            dpr[i] += dqr[i]
            dpi[i] += dqi[i]
        for m in range(TERMS):
            inv = 1.0 / ((m + 1) * (m + 2))
            order = m + 2.0
            for i in range(n):
                ar = (c0[i] * ar1[i] + f1 * ar0[i]) * inv
                ai = (c0[i] * ai1[i] + f1 * ai0[i]) * inv
                br = (c0[i] * br1[i] + f1 * br0[i] + g0 * ar1[i] + g1 * ar0[i]) * inv
                bi = (c0[i] * bi1[i] + f1 * bi0[i] + g0 * ai1[i] + g1 * ai0[i]) * inv
                ar0[i], ar1[i], ar2[i] = ar1[i], ar2[i], ar
                ai0[i], ai1[i], ai2[i] = ai1[i], ai2[i], ai
                br0[i], br1[i], br2[i] = br1[i], br2[i], br
                bi0[i], bi1[i], bi2[i] = bi1[i], bi2[i], bi
                psr[i] += ar
                psi[i] += ai
                dpr[i] += br
                dpi[i] += bi
                qr[i] += order * ar
                qi[i] += order * ai
                dqr[i] += order * br
                dqi[i] += order * bi
        for i in range(n):
            norm = 1.0 / (abs(psr[i]) + abs(psi[i]) + abs(qr[i]) + abs(qi[i]))
            psr[i] *= norm
            psi[i] *= norm
            qr[i] *= norm
            qi[i] *= norm
            dpr[i] *= norm
            dpi[i] *= norm
            dqr[i] *= norm
            dqi[i] *= norm
            decay[i] *= norm
    for i in range(n):
        size = 1.0 / (psr[i] * psr[i] + psi[i] * psi[i])
        lr = (qr[i] * psr[i] + qi[i] * psi[i]) * size
        li = (qi[i] * psr[i] - qr[i] * psi[i]) * size
        rr = (dpr[i] * psr[i] + dpi[i] * psi[i]) * size
        ri = (dpi[i] * psr[i] - dpr[i] * psi[i]) * size
        sr = (dqr[i] * psr[i] + dqi[i] * psi[i]) * size
        scale = -1.0 / (mb * h)
        out[0, i] = lr * scale
        out[3, i] = (sr - (lr * rr - li * ri)) * scale
        t2 = decay[i] * decay[i] * size
        g = out[2, i] * t2
        out[4, i] = out[4, i] * t2 - 2.0 * g * rr
        out[1, i] = g
        out[2, i] = g


@njit(nogil=True, cache=True, error_model="numpy")
def _decay_length(kr0, ki, slope, d):
    """How deep into the barrier Λ(0) can see: the depth where exp(−2∫Re κ dz) is below 1e-15, at most d.

    κ² = kr0 − slope·z + i·ki. Re κ is monotonic in z, so the smaller end bounds the integral.
    """
    near = np.sqrt(complex(kr0, ki)).real
    depth = 18.0 / max(near, 1e-3)
    while depth < d:
        if depth * min(near, np.sqrt(complex(kr0 - slope * depth, ki)).real) >= 17.5:
            return depth
        depth *= 1.5
    return d


@njit(nogil=True, cache=True, error_model="numpy")
def barrier_complex(er, ei, xr, xi, n, p, lam_r, lam_i, s):
    """Λ for a row of complex x at a complex energy (same series as barrier_real).

    Each lane starts where exp(−2κz) is negligible, from the decaying solution there, or at d from the outgoing
    wave in N.
    """
    A, ef, u0, d, mb, v, kn2 = p[0], p[2], p[3], p[4], p[5], p[6], p[7]
    psr, psi, qr, qi, cr, ci = s[0], s[1], s[2], s[3], s[4], s[5]
    ar0, ar1, ar2, ai0, ai1, ai2 = s[6], s[7], s[8], s[9], s[10], s[11]
    h, start, f1 = s[12], s[13], s[14]
    slope = mb * v / (A * d) if d > 0 else 0.0
    top = mb * (ef + u0 - er) / A
    side = -mb * ei / A
    steps = 0
    for i in range(n):
        kr0, ki = top + xr[i], side + xi[i]
        start[i] = _decay_length(kr0, ki, slope, d) if d > 0 else 0.0
        far = kr0 - slope * start[i]
        if start[i] > 0:
            steps = max(steps, _step_count(np.sqrt(max(kr0 * kr0, far * far) + ki * ki), start[i]))
    for i in range(n):
        if start[i] < d:
            k = 1j * np.sqrt(complex(top + xr[i] - slope * start[i], side + xi[i])) / mb
        else:
            k = np.sqrt(complex(kn2 + (er + v - ef) / A - xr[i], ei / A - xi[i]))
            if k.imag < 0:
                k = -k
        h[i] = start[i] / steps if steps > 0 else 1.0
        psr[i], psi[i] = 1.0, 0.0
        qr[i] = mb * h[i] * k.imag
        qi[i] = -mb * h[i] * k.real
        f1[i] = slope * h[i] * h[i] * h[i]
    for step in range(steps):
        for i in range(n):
            z = start[i] - step * h[i]
            cr[i] = (top + xr[i] - slope * z) * h[i] * h[i]
            ci[i] = (side + xi[i]) * h[i] * h[i]
            ar0[i], ar1[i], ar2[i] = 0.0, psr[i], qr[i]
            ai0[i], ai1[i], ai2[i] = 0.0, psi[i], qi[i]
            psr[i] += qr[i]
            psi[i] += qi[i]
        for m in range(TERMS):
            inv = 1.0 / ((m + 1) * (m + 2))
            order = m + 2.0
            for i in range(n):
                ar = (cr[i] * ar1[i] - ci[i] * ai1[i] + f1[i] * ar0[i]) * inv
                ai = (cr[i] * ai1[i] + ci[i] * ar1[i] + f1[i] * ai0[i]) * inv
                ar0[i], ar1[i], ar2[i] = ar1[i], ar2[i], ar
                ai0[i], ai1[i], ai2[i] = ai1[i], ai2[i], ai
                psr[i] += ar
                psi[i] += ai
                qr[i] += order * ar
                qi[i] += order * ai
        for i in range(n):
            norm = 1.0 / (abs(psr[i]) + abs(psi[i]) + abs(qr[i]) + abs(qi[i]))
            psr[i] *= norm
            psi[i] *= norm
            qr[i] *= norm
            qi[i] *= norm
    for i in range(n):
        size = -1.0 / (mb * h[i] * (psr[i] * psr[i] + psi[i] * psi[i]))
        lam_r[i] = (qr[i] * psr[i] + qi[i] * psi[i]) * size
        lam_i[i] = (qi[i] * psr[i] - qr[i] * psi[i]) * size


@njit(nogil=True, cache=True, error_model="numpy")
def _azimuths(c, b, small):
    """Equidistant azimuths (a power of two) that average 1/|c + b cos φ|² to small².

    The error falls as ρ^−n, ρ the ellipse through the pole at cos φ = −c/b.
    """
    if b == 0:
        return 8
    z = c / b
    root = np.sqrt(z * z - 1.0)
    rho = max(abs(z + root), abs(z - root))
    need = -2.0 * np.log(small) / np.log(rho) if rho > 1.0 else 1e9
    n = 8
    while n < need and n < 1024:
        n *= 2
    return n


@njit(nogil=True, cache=True, error_model="numpy")
def _sea_means(cc, delta, x, al, be, st, cp, sp, table, small):
    """Azimuthal means of w_ρ²/det₊det₋ and w_ρw_φ/det₊det₋, and of ln det(θ)/det(0).

    det± = c ± b for opposite azimuths: odd terms are cancelled by hand. c = cc − w², cc = a² + Δ²,
    b = −2iΔ sinθ w_ρ, w² = x·u². Without α or without β the means are closed (u turns on a circle);
    else azimuths are doubled until the first mean changes by less than `small` (the error is its square).
    """
    q = 4.0 * delta * delta * st * st
    if al * be == 0.0:
        w2 = x * (al * al + be * be)
        c = cc - w2
        ratio = q * w2 / (c * c)
        root = np.sqrt(1.0 + ratio)
        return w2 / (c * c * root * (root + 1.0)), 0.0j, np.log(0.5 * (1.0 + root))
    rho_rho, rho_phi, log = 0.0j, 0.0j, 0.0j
    before = 0.0j
    n = 16
    while True:
        rho_rho, rho_phi, log = 0.0j, 0.0j, 0.0j
        for m in range(n // 2):
            kx, ky = table[0, n + m], table[1, n + m]
            ux = al * ky + be * kx
            uy = -(al * kx + be * ky)
            u_rho = ux * cp + uy * sp
            u_phi = uy * cp - ux * sp
            c = cc - x * (ux * ux + uy * uy)
            square = c * c
            ratio = q * x * u_rho * u_rho
            inv = x / (square + ratio)
            rho_rho += u_rho * u_rho * inv
            rho_phi += u_rho * u_phi * inv
            log += 0.5 * np.log(1.0 + ratio / square)
        change = abs(2.0 * rho_rho / n - before)
        before = 2.0 * rho_rho / n
        if n >= 1024 or (n > 16 and change < small * abs(before)):
            return before, 2.0 * rho_phi / n, 2.0 * log / n
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
def window(e, we, ws, lo, hi, sin2, wt, p, angles, table, small, out):
    """Add one cell of the bias window to out[angle, observable] (physics.md, sections 3 and 4).

    e: energies; we: their weights times f_F − f_N; ws: weights times −f_N', for the derivative of the current.
    x runs from (e + lo)/A (0 if lo is NaN) to (e + hi)/A at the fractions sin2 with weights wt. angles: rows
    cosθ, sinθ, cosφ, sinφ of M. Needs hi at most the opening of the majority channel: beyond it nothing is
    incident from F.

    K = k̄ + Δ s·σ with s = −M; a = Λ + ik̄; v = iΔs − w; det = a² − v²; G G† = (n₀ + n·σ)/|det|².
    Current, in-plane torque and longitudinal spin current from the waves of N (their relative accuracy then
    survives thick barriers); the sea density −(2/π)·… Im ∂ln det minus the N-form is the F-form.
    """
    A, J, alpha, beta, slope = p[0], p[1], p[8], p[9], p[10]
    n = sin2.size
    x, wx = np.empty(n), np.empty(n)
    lam, work = np.empty((5, n)), np.empty((22, n))
    coef, sums = np.empty(11), np.empty(5)
    for j in range(e.size):
        start = 0.0 if np.isnan(lo) else max(0.0, (e[j] + lo) / A)
        span = (e[j] + hi) / A - start
        if span <= 0.0:
            continue
        for i in range(n):
            x[i] = start + span * sin2[i]
            wx[i] = 0.5 * span * wt[i]
        barrier_real(e[j], x, n, p, lam, work)
        for i in range(n):
            k = np.sqrt(x[i])
            up2 = (e[j] + J) / A - x[i]
            down2 = (e[j] - J) / A - x[i]
            up = complex(np.sqrt(up2), 0.0) if up2 > 0 else complex(0.0, np.sqrt(-up2))
            down = complex(np.sqrt(down2), 0.0) if down2 > 0 else complex(0.0, np.sqrt(-down2))
            mean = 0.5 * (up + down)
            delta = J / A / (up + down)
            a = complex(lam[0, i], lam[1, i]) + 1j * mean
            a_dot = complex(lam[3, i], lam[4, i])
            g, g_dot = lam[2, i], lam[4, i]
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
                rho_rho, rho_phi, _ = _sea_means(c, delta, complex(x[i], 0.0), alpha / A, beta / A, st, cp, sp,
                                                 table, small)
                strength = 4.0 * delta * delta * st
                s_perp = -4.0 * (strength * ct * rho_rho).imag
                s_par = -4.0 * (strength * rho_phi).imag
                w = we[j] * wx[i]
                out[m, 0] += w * current
                out[m, 1] += w * current_dot + ws[j] * wx[i] * current
                out[m, 2] += w * (s_par - q_theta)
                out[m, 3] += w * (s_perp + q_phi)
                out[m, 4] += w * 8.0 * g * along


@njit(nogil=True, cache=True, error_model="numpy")
def sea(er, ei, wr, wi, xr, xi, vr, vi, p, angles, table, small, out):
    """Add ∫dE∫dx of the sea's integrand to out[angle, observable] over a contour of E and a path of x.

    er, ei, wr, wi: energies and weights; xr, xi, vr, vi: x = k∥² and weights of k∥dk∥ (all complex). Columns:
    4Δ² sinθ cosθ⟨w_ρ²/…⟩, 4Δ² sinθ⟨w_ρw_φ/…⟩, ⟨ln det(θ)/det(0)⟩, imaginary parts (physics.md, section 4).
    """
    A, J, alpha, beta = p[0], p[1], p[8], p[9]
    n = xr.size
    lam_r, lam_i, work = np.empty(n), np.empty(n), np.empty((15, n))
    for j in range(er.size):
        barrier_complex(er[j], ei[j], xr, xi, n, p, lam_r, lam_i, work)
        for i in range(n):
            x = complex(xr[i], xi[i])
            up = np.sqrt(complex((er[j] + J) / A, ei[j] / A) - x)
            down = np.sqrt(complex((er[j] - J) / A, ei[j] / A) - x)
            if up.imag < 0:
                up = -up
            if down.imag < 0:
                down = -down
            delta = J / A / (up + down)
            a = complex(lam_r[i], lam_i[i]) + 0.5j * (up + down)
            weight = complex(wr[j], wi[j]) * complex(vr[i], vi[i])
            for m in range(angles.shape[1]):
                ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
                rho_rho, rho_phi, log = _sea_means(a * a + delta * delta, delta, x, alpha / A, beta / A, st,
                                                   cp, sp, table, small)
                strength = weight * 4.0 * delta * delta * st
                out[m, 0] += (strength * ct * rho_rho).imag
                out[m, 1] += (strength * rho_phi).imag
                out[m, 2] += (weight * log).imag


@njit(nogil=True, cache=True, error_model="numpy")
def bound_margin(e, x, p, sine, out):
    """Largest eigenvalue of the Hermitian Λ + iK − W for each x at the energy e[i], where all waves decay.

    Positive: a state is bound at the interface below e. Bound from above over the direction of M by
    |Δκ s + w| ≤ √(Δκ² + w² + 2|Δκ|w·sine), sine the largest |sinθ| and w ≤ (|α| + |β|)k/A (with α or β
    alone both are reached).
    """
    A, J = p[0], p[1]
    work = np.empty((15, 1))
    lam, unused = np.empty(1), np.empty(1)
    row, zero = np.empty(1), np.zeros(1)
    for i in range(x.size):
        row[0] = x[i]
        barrier_complex(e[i], 0.0, row, zero, 1, p, lam, unused, work)
        up = np.sqrt(max(0.0, x[i] - (e[i] + J) / A))
        down = np.sqrt(max(0.0, x[i] - (e[i] - J) / A))
        half = 0.5 * (down - up)
        w = (abs(p[8]) + abs(p[9])) * np.sqrt(x[i]) / A
        out[i] = lam[0] - 0.5 * (up + down) + np.sqrt(half * half + w * w + 2.0 * half * w * sine)
