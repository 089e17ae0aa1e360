"""Compiled kernels of a macrospin whose drive follows a waveform and whose field fluctuates.

All lanes share one cell and one waveform s(t); each has its own thermal field. The numbers of the cell are
polynomials in s, Σ_j Z[j] s^j, in the order of kernels.ROWS (without the step), then of T. A step is the classical
fourth-order Runge-Kutta step with the thermal field held constant in it: the limit of that is Stratonovich's
(Wong and Zakai, 1965), of weak order one as Heun's, but the precession keeps its fourth order, so that no
numerical growth competes with a small damping.

Random numbers are functions of (seed, lane, step) alone: the 64-bit mixer of SplitMix64 (Steele, Lea and Flood,
2014) over a lane's key and a step's, then Box and Muller's transform, all without branches or calls.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.dynamics.kernels import _FAST, HALF, LANES, TERMS, _add, _add3, _both, _unit

#: Numbers of a cell in Z before its table: η, Q∥, Q_eff, h_x, h_y, h_z, f₀, f₁.
BASE = 8
#: Numbers of a waveform, see waveform.packed.
WAVE = 12
_SQRT_HALF_LN2 = 0.34657359027997264


@njit(forceinline=True)
def _mix(key):
    """The finalizer of SplitMix64."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _radius(bits):
    """sqrt(−2 ln u), u = (bits + ½)/2³² for 32 random bits; the logarithm from its exponent and a series."""
    raw = np.float64(np.int64(bits) + 0.5).view(np.int64)
    power = np.float64((raw >> np.int64(52)) - np.int64(1023 + 32))
    part = np.int64((raw & np.int64(0xFFFFFFFFFFFFF)) | np.int64(0x3FF0000000000000)).view(np.float64)
    t = (part - 1.4142135623730951) / (part + 1.4142135623730951)
    t2 = t * t
    series = 1 / 11 + t2 * (1 / 13)
    series = 1 / 5 + t2 * (1 / 7 + t2 * (1 / 9 + t2 * series))
    log = power * 0.6931471805599453 + _SQRT_HALF_LN2 + 2.0 * t * (1.0 + t2 * (1 / 3 + t2 * series))
    return np.sqrt(-2.0 * log)


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _turn(bits):
    """cos and sin of 2π bits/2³²: half the angle by series, then doubled."""
    a = np.pi * (np.float64(np.int64(bits)) * (1.0 / 4294967296.0) - 0.5)
    b = a * a
    s = -1 / 39916800 + b * (1 / 6227020800 - b * (1 / 1307674368000))
    s = a * (1.0 + b * (-1 / 6 + b * (1 / 120 + b * (-1 / 5040 + b * (1 / 362880 + b * s)))))
    c = 1 / 479001600 + b * (-1 / 87178291200 + b * (1 / 20922789888000))
    c = 1.0 + b * (-1 / 2 + b * (1 / 24 + b * (-1 / 720 + b * (1 / 40320 + b * (-1 / 3628800 + b * c)))))
    return 1.0 - 2.0 * s * s, 2.0 * s * c


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _normals(keys, step, amplitude, N):
    """Three independent normal numbers of this standard deviation for each lane, N (3·LANES)."""
    one = _mix(np.uint64(2 * step + 1) * np.uint64(0x9E3779B97F4A7C15))
    two = _mix(np.uint64(2 * step + 2) * np.uint64(0x9E3779B97F4A7C15))
    low = np.uint64(0xFFFFFFFF)
    for lane in range(LANES):
        bits = _mix(keys[lane] ^ one)
        cos, sin = _turn(bits & low)
        radius = amplitude * _radius(bits >> np.uint64(32))
        N[lane], N[LANES + lane] = radius * cos, radius * sin
        bits = _mix(keys[lane] ^ two)
        cos, sin = _turn(bits & low)
        N[2 * LANES + lane] = amplitude * _radius(bits >> np.uint64(32)) * cos


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def normals(keys, first, out):
    """Standard normal numbers of LANES lanes from a step on: out (steps, 3·LANES)."""
    for i in range(out.shape[0]):
        _normals(keys, first + i, 1.0, out[i])


@njit(nogil=True, cache=True, error_model="numpy")
def wave(t, w, times, values):
    """s(t), t in ns: a pulse with linear edges, an oscillation while it lasts, and points joined by lines.

    w: delay, rise, end of the plateau, fall, level, swing, angular frequency, its rate, phase, end, shift, scale.
    """
    x, y = t - w[0], t - w[2]
    up = 0.0 if x < 0.0 else (1.0 if x >= w[1] else x / w[1])
    down = 0.0 if y < 0.0 else (1.0 if y >= w[3] else y / w[3])
    s = w[4] * (up - down)
    if w[5] != 0.0 and x >= 0.0 and t < w[9]:
        s += w[5] * np.sin((w[6] + 0.5 * w[7] * x) * x + w[8])
    if t <= times[0]:
        s += values[0]
    elif t >= times[-1]:
        s += values[-1]
    else:
        i = np.searchsorted(times, t, side="right") - 1
        s += values[i] + (values[i + 1] - values[i]) * (t - times[i]) / (times[i + 1] - times[i])
    return w[10] + w[11] * s


@njit(nogil=True, cache=True, error_model="numpy")
def waves(t, w, times, values, out):
    """s at many instants."""
    for i in range(t.shape[0]):
        out[i] = wave(t[i], w, times, values)


@njit(nogil=True, cache=True, error_model="numpy")
def _set(s, h, Z, rows, P, T, field):
    """Write the numbers at s, for steps of h, into all lanes; the external field without its noise to `field`."""
    for i in range(rows.shape[0]):
        row = rows[i]
        value = Z[-1, row]
        for j in range(Z.shape[0] - 2, -1, -1):
            value = value * s + Z[j, row]
        if row > 0:
            value *= h
        if 3 <= row < 6:
            field[row - 3] = value
        if row < BASE:
            P[row * LANES:(row + 1) * LANES] = value
        elif T is not None:
            T[(row - BASE) * LANES:(row - BASE + 1) * LANES] = value


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _step(M, A, H, B, TA, TH, TB, C):
    """One Runge-Kutta step of all lanes with the numbers at its beginning, middle and end, in place."""
    for lane in range(HALF):
        j = lane + HALF
        m = (M[lane], M[LANES + lane], M[2 * LANES + lane]), (M[j], M[LANES + j], M[2 * LANES + j])
        a = _both(m, A, TA, C, lane)
        b = _both(_add(m, 0.5, a), H, TH, C, lane)
        c = _both(_add(m, 0.5, b), H, TH, C, lane)
        d = _both(_add(m, 1.0, c), B, TB, C, lane)
        m = _add(_add3(m, (1 / 6, 1 / 3, 1 / 3), a, b, c), 1 / 6, d)
        M[lane], M[LANES + lane], M[2 * LANES + lane] = _unit(m[0])
        M[j], M[LANES + j], M[2 * LANES + j] = _unit(m[1])


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _shake(P, field, N):
    """The external field of each lane: the common one and the lane's own noise."""
    for axis in range(3):
        for lane in range(LANES):
            P[(3 + axis) * LANES + lane] = field[axis] + N[axis * LANES + lane]


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _watch(M, axis, level, now, hit):
    """Note the first time at which m·axis of a lane has fallen below the level."""
    for lane in range(LANES):
        along = axis[0] * M[lane] + axis[1] * M[LANES + lane] + axis[2] * M[2 * LANES + lane]
        hit[lane] = min(hit[lane], now if along < level else np.inf)


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def march(M, P, T, C, Z, rows, w, times, values, start, h, unit, first, steps, keys, noise, axis, level, hit):
    """`steps` steps of length h (1/(γµ₀M_s), `unit` ns) of all lanes from `start` (ns), in place.

    M (3·LANES); P (3, ROWS·LANES) and T (3, 2·TERMS·LANES) or None: room for the numbers; C: harmonics or None,
    for this step already; Z, rows: the numbers and which of them follow the waveform w, times, values; first:
    number of this step in the whole run, the key of its noise; keys (LANES) uint64; noise: standard deviation of
    step·field; hit (LANES): ns at which m·axis < level first.
    """
    fields = np.zeros((3, 3))
    N = np.zeros(3 * LANES)
    A, H, B = P[0], P[1], P[2]
    every = np.arange(Z.shape[1])
    for stage in range(3):
        _set(wave(start, w, times, values), h, Z, every, P[stage], T[stage] if T is not None else None,
             fields[stage])
    driven = rows.shape[0] > 0
    near = 1e-9 * h * unit  # a jump at the end of a step belongs to the next one
    for n in range(steps):
        t = start + n * h * unit
        if driven:
            if T is not None:
                _set(wave(t + near, w, times, values), h, Z, rows, A, T[0], fields[0])
                _set(wave(t + 0.5 * h * unit, w, times, values), h, Z, rows, H, T[1], fields[1])
                _set(wave(t + h * unit - near, w, times, values), h, Z, rows, B, T[2], fields[2])
            else:
                _set(wave(t + near, w, times, values), h, Z, rows, A, None, fields[0])
                _set(wave(t + 0.5 * h * unit, w, times, values), h, Z, rows, H, None, fields[1])
                _set(wave(t + h * unit - near, w, times, values), h, Z, rows, B, None, fields[2])
        if noise > 0.0:
            _normals(keys, first + n, noise, N)
            _shake(A, fields[0], N)
            if driven:
                _shake(H, fields[1], N)
                _shake(B, fields[2], N)
        if driven:
            if T is not None:
                _step(M, A, H, B, T[0], T[1], T[2], C)
            else:
                _step(M, A, H, B, None, None, None, C)
        elif T is not None:
            _step(M, A, A, A, T[0], T[0], T[0], C)
        else:
            _step(M, A, A, A, None, None, None, C)
        _watch(M, axis, level, t + h * unit, hit)


#: Coefficients of torque and current in powers of the (scaled) bias, see spin_diode.
BIAS_TERMS = 12


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _torque_at(s, scale, torque, T):
    """The polynomials in m_z of each lane's torque at its own scaled bias s (LANES)."""
    for row in range(2 * TERMS):
        for lane in range(LANES):
            value = torque[BIAS_TERMS - 1, row]
            for j in range(1, BIAS_TERMS):
                value = value * s[lane] + torque[BIAS_TERMS - 1 - j, row]
            T[row * LANES + lane] = scale[lane] * value


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _current_at(M, s, current, out):
    """The current of each lane at its bias s and its m_z."""
    out[:] = 0.0
    for k in range(TERMS):
        for lane in range(LANES):
            value = current[BIAS_TERMS - 1, TERMS - 1 - k]
            for j in range(1, BIAS_TERMS):
                value = value * s[lane] + current[BIAS_TERMS - 1 - j, TERMS - 1 - k]
            out[lane] = out[lane] * M[2 * LANES + lane] + value


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def rectify(M, P, T, scale, torque, current, rest, swing, per_period, first, steps, sums):
    """`steps` steps of all lanes under the bias rest + swing·cos(2πn/per_period) (scaled), in place.

    Each lane has its own frequency by its own step, so that all share the phase. P (ROWS·LANES);
    T (3, 2·TERMS·LANES): room for the torque; torque (BIAS_TERMS, 2·TERMS)
    times scale (LANES), current (BIAS_TERMS, TERMS): polynomials in bias and m_z;
    sums (2, LANES): of the current and of m_z at the steps' beginnings.
    """
    s, now = np.empty(LANES), np.empty(LANES)
    A, H, B = T[0], T[1], T[2]
    for lane in range(LANES):
        s[lane] = rest[lane] + swing * np.cos(2 * np.pi * first / per_period)
    _torque_at(s, scale, torque, A)
    for n in range(first, first + steps):
        _current_at(M, s, current, now)
        for lane in range(LANES):
            sums[0, lane] += now[lane]
            sums[1, lane] += M[2 * LANES + lane]
        middle = swing * np.cos(2 * np.pi * (n + 0.5) / per_period)
        end = swing * np.cos(2 * np.pi * (n + 1) / per_period)
        for lane in range(LANES):
            s[lane] = rest[lane] + middle
        _torque_at(s, scale, torque, H)
        for lane in range(LANES):
            s[lane] = rest[lane] + end
        _torque_at(s, scale, torque, B)
        _step(M, P, P, P, A, H, B, None)
        A, B = B, A
