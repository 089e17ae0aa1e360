"""Compiled kernels of the spin diode: lanes of different frequencies about one bias that share the drive's phase.

Under a voltage the bias is then the same number in every lane at every step, so that the polynomials of torque and
current in the bias are worked out once for all of them. Under a current, or where these depend on φ, each lane
works them out for itself.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.dynamics.driven_kernels import _step
from smtj_engine.dynamics.kernels import _FAST, LANES, TERMS

#: Coefficients of torque and current in powers of the (scaled) bias, see spin_diode.
BIAS_TERMS = 12


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _powers_at(s, coefficients, out):
    """Polynomials in m_z, out (columns), at the scaled bias s from coefficients (BIAS_TERMS, columns)."""
    for row in range(out.shape[0]):
        value = coefficients[BIAS_TERMS - 1, row]
        for j in range(1, BIAS_TERMS):
            value = value * s + coefficients[BIAS_TERMS - 1 - j, row]
        out[row] = value


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _torque_at(s, scale, torque, row, T):
    """The torque at the scaled bias s in each lane's unit."""
    _powers_at(s, torque, row)
    for k in range(2 * TERMS):
        for lane in range(LANES):
            T[k * LANES + lane] = scale[lane] * row[k]


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def rectify(M, P, T, scale, torque, current, rest, swing, per_period, first, steps, sums):
    """`steps` steps of all lanes under the bias rest + swing·cos(2πn/per_period) (scaled), in place.

    Each lane has its own frequency by its own step, so that all share the phase. P (ROWS·LANES);
    T (3, 2·TERMS·LANES): room for the torque; torque (BIAS_TERMS, 2·TERMS)
    times scale (LANES), current (BIAS_TERMS, TERMS): polynomials in bias and m_z;
    sums (2, LANES): of the current and of m_z at the steps' beginnings.
    """
    row, now = np.empty(2 * TERMS), np.empty(TERMS)
    A, H, B = T[0], T[1], T[2]
    s = rest + swing * np.cos(2 * np.pi * first / per_period)
    _torque_at(s, scale, torque, row, A)
    for n in range(first, first + steps):
        _powers_at(s, current, now)
        for lane in range(LANES):
            z = M[2 * LANES + lane]
            value = now[TERMS - 1]
            for k in range(1, TERMS):
                value = value * z + now[TERMS - 1 - k]
            sums[0, lane] += value
            sums[1, lane] += z
        _torque_at(rest + swing * np.cos(2 * np.pi * (n + 0.5) / per_period), scale, torque, row, H)
        s = rest + swing * np.cos(2 * np.pi * (n + 1) / per_period)
        _torque_at(s, scale, torque, row, B)
        _step(M, P, P, P, A, H, B, None)
        A, B = B, A


@njit(nogil=True, fastmath=_FAST, error_model="numpy")
def _turn(x, y, wave):
    """1, cos 2φ, sin 2φ, cos 4φ, … into wave."""
    s2 = x * x + y * y + 1e-300
    cos2, sin2 = (x * x - y * y) / s2, 2.0 * x * y / s2
    wave[0], c, s = 1.0, 1.0, 0.0
    for j in range(1, wave.shape[0], 2):
        c, s = c * cos2 - s * sin2, c * sin2 + s * cos2
        wave[j], wave[j + 1] = c, s


@njit(nogil=True, fastmath=_FAST, error_model="numpy")
def _contract(x, wave, series, out):
    """Σ over the waves and the powers of x of a series (waves, powers, columns); columns last: they vectorize."""
    out[:] = 0.0
    power = 1.0
    for j in range(series.shape[1]):
        for w in range(series.shape[0]):
            weight = power * wave[w]
            for k in range(out.shape[0]):
                out[k] += weight * series[w, j, k]
        power *= x


@njit(nogil=True, fastmath=_FAST, error_model="numpy")
def _horner(powers, x):
    value = powers[powers.shape[0] - 1]
    for j in range(powers.shape[0] - 2, -1, -1):
        value = value * x + powers[j]
    return value


@njit(nogil=True, fastmath=_FAST, error_model="numpy")
def _root(powers, wanted, s):
    """Where the polynomial is what is wanted, by Newton's method from s on, no farther than a little beyond ±1."""
    for _ in range(12):
        value, slope = powers[powers.shape[0] - 1], 0.0
        for j in range(powers.shape[0] - 2, -1, -1):
            slope = slope * s + value
            value = value * s + powers[j]
        step = (value - wanted) / slope
        s = min(max(s - step, -1.1), 1.1)
        if abs(step) < 1e-13:
            break
    return s


@njit(nogil=True, fastmath=_FAST, error_model="numpy")
def _pushed(x, y, z, drive, s, P, lane, scale, series, current, by_current, room):
    """step·dm/dτ of a lane, its scaled bias, and what is observed: the current, or under a current the bias."""
    wave, powers, row = room
    _turn(x, y, wave)
    if by_current:
        _contract(z, wave, current, powers)
        s = _root(powers, drive, s)
        seen = s
    else:
        s = drive
        _contract(s, wave, series[0], row)
        seen = _horner(row, z)
    _contract(s, wave, series[1], row)
    f = scale[lane] * _horner(row, z)
    _contract(s, wave, series[2], row)
    t = scale[lane] * _horner(row, z)
    eta = P[0, lane]
    ax, ay = P[1, lane] * x + P[3, lane] + f * y, P[4, lane] - f * x
    az = P[2, lane] * z + P[5, lane] + t
    bx, by, bz = ax + eta * (y * az - z * ay), ay + eta * (z * ax - x * az), az + eta * (x * ay - y * ax)
    return z * by - y * bz, x * bz - z * bx, y * bx - x * by, s, seen


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def rectify_any(M, S, P, scale, series, current, rest, swing, by_current, per_period, first, steps, sums, largest):
    """`steps` steps of all lanes under rest + swing·cos(2πn/per_period), in place: of the scaled bias, or with
    by_current of the current, whose bias V(I, m) follows m. Anything may depend on φ.

    M (3, LANES); S (LANES): the scaled bias so far; P (6, LANES): η and, times step/(1+η²), Q∥, Q_eff, h; scale
    (LANES): of the torques; series (3, waves, bias, m_z): current and torques, see BiasResponse; current: its
    first part with the bias last; rest, swing (LANES); sums (LANES): of what is observed at the steps' beginnings,
    the current or the scaled bias; largest (LANES): of the scaled bias.
    """
    room = np.empty(series.shape[1]), np.empty(series.shape[2]), np.empty(series.shape[3])
    for lane in range(M.shape[1]):
        x, y, z, s = M[0, lane], M[1, lane], M[2, lane], S[lane]
        for n in range(first, first + steps):
            now = rest[lane] + swing[lane] * np.cos(2 * np.pi * n / per_period)
            half = rest[lane] + swing[lane] * np.cos(2 * np.pi * (n + 0.5) / per_period)
            then = rest[lane] + swing[lane] * np.cos(2 * np.pi * (n + 1) / per_period)
            ax, ay, az, s, seen = _pushed(x, y, z, now, s, P, lane, scale, series, current, by_current, room)
            sums[lane] += seen
            largest[lane] = max(largest[lane], abs(s))
            bx, by, bz, s, _ = _pushed(x + 0.5 * ax, y + 0.5 * ay, z + 0.5 * az, half, s, P, lane, scale, series,
                                       current, by_current, room)
            cx, cy, cz, s, _ = _pushed(x + 0.5 * bx, y + 0.5 * by, z + 0.5 * bz, half, s, P, lane, scale, series,
                                       current, by_current, room)
            dx, dy, dz, s, _ = _pushed(x + cx, y + cy, z + cz, then, s, P, lane, scale, series, current,
                                       by_current, room)
            x += (ax + 2 * bx + 2 * cx + dx) / 6
            y += (ay + 2 * by + 2 * cy + dy) / 6
            z += (az + 2 * bz + 2 * cz + dz) / 6
            size = np.sqrt(x * x + y * y + z * z)
            x, y, z = x / size, y / size, z / size
        M[0, lane], M[1, lane], M[2, lane], S[lane] = x, y, z, s
