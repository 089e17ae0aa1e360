"""Compiled means over azimuths of the Fermi sea's integrand where Λ is a 2×2 matrix, for LANES k∥ in one vector.

All that a loop over lanes reads and writes lies in one array, as in barrier_kernels.py: vectors need that. It is
the barrier's workspace, whose waves are no longer needed then.
"""

from __future__ import annotations

from numba import njit

from smtj_engine.transport.barrier_kernels import LANES, _inverse, _lane_root
from smtj_engine.transport.spin_kernels import beyond, size

#: Rows of before_a_magnet: Λ_d, t and r of both spins; δ, ik̄, Δ; k∥/A; Λ as `beyond` gives it; sums of both means
#: and their size; a test.
(L1, L1_I, T1, T1_I, R1, R1_I, L2, L2_I, T2, T2_I, R2, R2_I, SPLIT, SPLIT_I, MEAN, MEAN_I, DELTA, DELTA_I,
 IN_PLANE, IN_PLANE_I, LAM, LAM_I, ON, ON_I, OFF, OFF_I, THETA, THETA_I, PHI, PHI_I, SIZE,
 DIFFERS) = [row * LANES for row in range(32)]
#: Its sums that are kept for each direction of M: THETA to SIZE.
SUMS = 5
#: Rows of before_a_metal: a² + Δ², 4Δ², x, β with γ; sums, and what is new of them; a test.
(CC, CC_I, D2, D2_I, XX, XX_I, BETA, BETA_I, RR, RR_I, RP, RP_I, MORE, MORE_I, ACROSS, ACROSS_I,
 TEST) = [row * LANES for row in range(17)]

_FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def before_a_metal(points, far, own, p, angles, table, small, w, means):
    """The means with γ in front of a normal metal: those of kernels._sea_means, LANES at a time; w: room."""
    alpha = p[8] / p[0]
    _metal_rows(points, far, own, p, w)
    for m in range(angles.shape[1]):
        ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
        if alpha == 0.0:
            _metal_circle(st, w)
        else:
            w[RR:RR + 4 * LANES] = 0.0
            n, new = 8, 8
            while True:
                w[MORE:MORE + 4 * LANES] = 0.0
                for turn in range(new // 2):    # opposite azimuths are one
                    at = n + (turn if new == n else 2 * turn + 1)
                    _metal_azimuth(alpha, table[0, at], table[1, at], st, cp, sp, w)
                if (_metal_total(small, w) and new != n) or n >= 1024:
                    break
                new = n
                n *= 2
            w[RR:RR + 4 * LANES] *= 2.0 / n
        for i in range(LANES):
            strength = st * complex(w[D2 + i], w[D2_I + i])
            rho_rho, rho_phi = complex(w[RR + i], w[RR_I + i]), complex(w[RP + i], w[RP_I + i])
            means[m, 0, i], means[m, 1, i] = strength * ct * rho_rho, strength * rho_phi
            means[m, 2, i] = size(strength) * size(rho_rho)


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _metal_rows(points, far, own, p, w):
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
def _metal_circle(st, w):
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
def _metal_azimuth(alpha, kx, ky, st, cp, sp, w):
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
def _metal_total(small, w):
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


@njit(nogil=True, cache=True, error_model="numpy")
def before_a_magnet(points, far, right, own, p, angles, table, small, w, sums, before, means):
    """The means in front of a magnet: azimuths doubled until they agree for all lanes; w: room."""
    s1, s2, s3, bulk = p[13], p[14], p[15], p[11] != 0.0
    _magnet_rows(points, far, right, own, p, w)
    if not bulk:
        _magnet_beyond(1.0, w)
    sums[:] = 0.0
    n, new = 8, 8
    while True:
        before[:] = sums
        for m in range(angles.shape[1]):
            ct, st, cp, sp = angles[0, m], angles[1, m], angles[2, m], angles[3, m]
            w[THETA:THETA + SUMS * LANES] = 0.0
            for turn in range(new):
                at = n + (turn if new == n else 2 * turn + 1)
                c, s = table[0, at], table[1, at]
                n1, n2, n3 = (c, -s, 0.0) if bulk else (s1, s2, s3)
                if bulk:
                    _magnet_beyond(s1 * c - s2 * s, w)
                w1, w2 = p[8] * s + p[9] * c, -(p[8] * c + p[9] * s)
                _magnet_azimuth(n1, n2, n3, s1, s2, s3, w1, w2, ct, st, cp, sp, w)
            sums[m] += w[THETA:THETA + SUMS * LANES]
        if n >= 1024 or (new != n and _magnet_agrees(before, sums, small, w)):
            break
        new = n
        n *= 2
    for m in range(angles.shape[1]):
        for i in range(LANES):
            strength = 2j * own[1, i] / n
            means[m, 0, i] = strength * complex(sums[m, i], sums[m, LANES + i])
            means[m, 1, i] = strength * complex(sums[m, 2 * LANES + i], sums[m, 3 * LANES + i])
            means[m, 2, i] = size(strength) * sums[m, 4 * LANES + i]


@njit(nogil=True, cache=True, error_model="numpy")
def _magnet_rows(points, far, right, own, p, w):
    """Rows L1 to IN_PLANE_I."""
    for i in range(LANES):
        for spin in range(2):
            for row in range(3):
                at = (6 * spin + 2 * row) * LANES + i
                w[at], w[at + LANES] = far[spin, row, i].real, far[spin, row, i].imag
        w[SPLIT + i], w[SPLIT_I + i] = right[1, i].real, right[1, i].imag
        w[MEAN + i], w[MEAN_I + i] = -own[0, i].imag, own[0, i].real
        w[DELTA + i], w[DELTA_I + i] = own[1, i].real, own[1, i].imag
        w[IN_PLANE + i], w[IN_PLANE_I + i] = points[2, i].real / p[0], points[2, i].imag / p[0]


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _magnet_beyond(along, w):
    """Λ as a scalar and components along n and s_R, where s_R·n is `along`."""
    for i in range(LANES):
        lam, on, off, _ = beyond(along, complex(w[SPLIT + i], w[SPLIT_I + i]), complex(w[L1 + i], w[L1_I + i]),
                                 complex(w[T1 + i], w[T1_I + i]), complex(w[R1 + i], w[R1_I + i]),
                                 complex(w[L2 + i], w[L2_I + i]), complex(w[T2 + i], w[T2_I + i]),
                                 complex(w[R2 + i], w[R2_I + i]))
        w[LAM + i], w[LAM_I + i] = lam.real, lam.imag
        w[ON + i], w[ON_I + i] = on.real - off.real * along, on.imag - off.imag * along
        w[OFF + i], w[OFF_I + i] = off.real, off.imag


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _magnet_azimuth(n1, n2, n3, s1, s2, s3, w1, w2, ct, st, cp, sp, w):
    """Add (Λ − W)·e/det X at one azimuth, for e_θ and e_φ, and the size of the terms; w1, w2: w over k∥/A."""
    for i in range(LANES):
        k, delta = complex(w[IN_PLANE + i], w[IN_PLANE_I + i]), complex(w[DELTA_I + i], -w[DELTA + i])
        on, off = complex(w[ON + i], w[ON_I + i]), complex(w[OFF + i], w[OFF_I + i])
        x0 = complex(w[LAM + i] + w[MEAN + i], w[LAM_I + i] + w[MEAN_I + i])
        v1, v2, v3 = on * n1 + off * s1 - k * w1, on * n2 + off * s2 - k * w2, on * n3 + off * s3
        x1, x2, x3 = v1 + delta * (st * cp), v2 + delta * (st * sp), v3 + delta * ct
        inv = _inverse(x0 * x0 - x1 * x1 - x2 * x2 - x3 * x3)
        theta, phi = inv * ((v1 * cp + v2 * sp) * ct - v3 * st), inv * (v2 * cp - v1 * sp)
        w[THETA + i] += theta.real
        w[THETA_I + i] += theta.imag
        w[PHI + i] += phi.real
        w[PHI_I + i] += phi.imag
        w[SIZE + i] += size(inv) * (size(v1) + size(v2) + size(v3))


@njit(nogil=True, cache=True, error_model="numpy")
def _magnet_agrees(before, sums, small, w):
    """Whether twice the azimuths leave both means of every lane where they were."""
    for m in range(sums.shape[0]):
        _magnet_differs(before[m], sums[m], small, w)
        for i in range(LANES):
            if w[DIFFERS + i] > 0.0:
                return False
    return True


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def _magnet_differs(before, sums, small, w):
    """Row DIFFERS: positive where a mean has changed by more than `small` of both."""
    for i in range(LANES):
        change, whole = 0.0, 0.0
        for row in range(4):
            value = sums[row * LANES + i]
            step = 2.0 * before[row * LANES + i] - value
            change, whole = change + step * step, whole + value * value
        w[DIFFERS + i] = change - small * small * whole
