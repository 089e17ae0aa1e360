"""Compiled kernels of a macrospin whose drive follows a waveform and whose field fluctuates.

All lanes share one cell and one waveform s(t); each has its own thermal field. The numbers of the cell are
polynomials in s, Σ_j Z[j] s^j, in the order of kernels.ROWS (without the step), then of T. A step is the classical
fourth-order Runge-Kutta step with the thermal field held constant in it: the limit of that is Stratonovich's
(Wong and Zakai, 1965), of weak order one as Heun's, but the precession keeps its fourth order, so that no
numerical growth competes with a small damping.

Random numbers are functions of (seed, lane, step) alone: the 64-bit mixer of SplitMix64 (Steele, Lea and Flood,
2014) over a lane's key and that of two steps, then Box and Muller's transform, all without branches or calls.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.dynamics.kernels import _FAST, HALF, LANES, _add, _add3, _both, _unit

#: Numbers of a cell in Z before its table: η, Q∥, Q_eff, h_x, h_y, h_z, f₀, f₁.
BASE = 8
#: Numbers of a waveform, see waveform.packed.
WAVE = 12
#: From 64 random bits to the next: Knuth's multiplier of a congruential generator.
_NEXT = np.uint64(6364136223846793005)
_F32 = np.float32
#: Coefficients (Chebyshev interpolation) of ln(1.5 + x), |x| ≤ 1/2, and of sin(a)/a and cos a in a², |a| ≤ π/4.
_LOG = tuple(np.float32(c) for c in (
    0.40546527504920960, 0.66666656732559204, -0.22224508225917816, 0.09877903759479523, -0.04893241450190544,
    0.02606958709657192, -0.01740502379834652, 0.01000928971916437))
_SIN = tuple(np.float32(c) for c in (1.0, -0.16666650772094727, 0.00833203550428152, -0.00019503904331941))
_COS = tuple(np.float32(c) for c in (1.0, -0.49999856948852539, 0.04165501520037651, -0.00135857798159122))


@njit(forceinline=True)
def _mix(key):
    """The finalizer of SplitMix64, before its last shift."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)


@njit(forceinline=True)
def _halves(bits, at, words):
    """64 random bits as two words: of the angle and, 3·LANES further, of the radius."""
    bits = bits ^ (bits >> np.uint64(31))
    words[at] = np.int32(bits)
    words[3 * LANES + at] = np.int32(bits >> np.uint64(32))


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _radius(word, scale):
    """±sqrt(scale·ln u), u = (n + ½)/2³¹ for 31 random bits n; ln to 3e-7 from exponent and polynomial."""
    raw = _F32(_F32(np.int32(word & np.int32(0x7FFFFFFF))) + _F32(0.5)).view(np.int32)
    power = _F32(np.int32((raw >> np.int32(23)) - np.int32(127 + 31)))
    x = np.int32((raw & np.int32(0x7FFFFF)) | np.int32(0x3F800000)).view(np.float32) - _F32(1.5)
    c, y = _LOG, x * x  # short chains: the loop waits for them
    log = c[0] + x * c[1] + y * (c[2] + x * c[3]) + y * y * (c[4] + x * c[5] + y * (c[6] + x * c[7]))
    size = np.sqrt(max(scale * (power * _F32(np.log(2.0)) + log), _F32(0.0)))
    return -size if word < 0 else size


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _turn(word):
    """cos and sin of a random angle but for a common sign: by polynomials (3e-8) to ±45°, swapped by a bit."""
    a = _F32(np.pi / 4 / 2147483648.0) * _F32(np.int32(word << np.int32(1)))
    b = a * a
    c, d = _SIN, _COS
    sin = a * (c[0] + b * (c[1] + b * (c[2] + b * c[3])))
    cos = d[0] + b * (d[1] + b * (d[2] + b * d[3]))
    return (sin, cos) if word < 0 else (cos, sin)


@njit(nogil=True, fastmath=_FAST, error_model="numpy")
def _normals(keys, pair, amplitude, words, N):
    """Independent normal numbers of this standard deviation for two steps, 2·pair and the next: N (2·3·LANES).

    words (6·LANES): room. A multiplication more makes the next 64 bits from the last (a congruential generator of
    three members). Single precision is twice as fast and exact enough: it moves the variance by less than 1e-6.
    """
    step = _mix(np.uint64(pair + 1) * np.uint64(0x9E3779B97F4A7C15))
    step ^= step >> np.uint64(31)
    for lane in range(LANES):
        bits = _mix(keys[lane] ^ step)
        _halves(bits, lane, words)
        bits *= _NEXT
        _halves(bits, LANES + lane, words)
        _halves(bits * _NEXT, 2 * LANES + lane, words)
    scale = _F32(-2.0 * amplitude * amplitude)
    for i in range(3 * LANES):
        radius = _radius(words[3 * LANES + i], scale)
        cos, sin = _turn(words[i])
        N[i], N[3 * LANES + i] = radius * cos, radius * sin


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def normals(keys, first, out):
    """Standard normal numbers of LANES lanes from a step on: out (steps, 3·LANES)."""
    words, both = np.empty(6 * LANES, np.int32), np.empty(6 * LANES, np.float32)
    for i in range(out.shape[0]):
        if i == 0 or (first + i) % 2 == 0:
            _normals(keys, (first + i) // 2, 1.0, words, both)
        mine = 3 * LANES * ((first + i) % 2)
        out[i] = both[mine:mine + 3 * LANES]


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
def _shake(P, field, N, first):
    """The external field of each lane: the common one and the lane's own noise, from N[first] on."""
    x, y, z = field[0], field[1], field[2]
    h, mine = P[3 * LANES:6 * LANES], N[first:first + 3 * LANES]  # with `first` in the index nothing vectorizes
    for lane in range(LANES):
        h[lane] = x + mine[lane]
        h[LANES + lane] = y + mine[LANES + lane]
        h[2 * LANES + lane] = z + mine[2 * LANES + lane]


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
    words, N = np.empty(6 * LANES, np.int32), np.empty(6 * LANES, np.float32)
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
            if n == 0 or (first + n) % 2 == 0:
                _normals(keys, (first + n) // 2, noise, words, N)
            mine = 3 * LANES * ((first + n) % 2)
            _shake(A, fields[0], N, mine)
            if driven:
                _shake(H, fields[1], N, mine)
                _shake(B, fields[2], N, mine)
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
