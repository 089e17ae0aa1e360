"""Compiled macrospin kernels: bare numbers in lanes of a structure of arrays, one step for all lanes at a time.

The equation is the explicit form of physics.md, section 6. With the total field
    H = h + f (m×z) + t z,   f = τ∥ g,   t = τ⊥ g,
Gilbert's equation reads dm/dt = −m×B, B = c (H + η m×H), c = 1/(1+η²). It is linear in H, so that c and the step
are folded into the numbers of a lane: a slope here is step·dm/dτ.

Everything inside the loop over lanes is inlined by force, because LLVM does not vectorize a loop with a call in
it. LANES is a constant so that no lane ever runs in a scalar remainder loop, whose rounding could differ.
An argument that may be None (`T`, `C`, `rows`) selects the code at compile time.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
from __future__ import annotations

import numpy as np
from numba import njit

#: Lanes that advance together: eight vectors of AVX-512, in pairs (see _both).
LANES = 64
HALF = LANES // 2
#: Steps between two looks at the lanes.
BLOCK = 16
#: Most instants of the end of a run that are kept for its analysis.
TAIL = 2048
#: Numbers of one lane, rows of P: η, Q∥, Q_eff, h_x, h_y, h_z, f₀, f₁ (all but η times c·step), step (1/γµ₀M_s).
ROWS = 9
#: Coefficients of f and of t in powers of m_z (rows 0..TERMS−1 and TERMS..2·TERMS−1 of T).
TERMS = 16
#: Numbers that describe the end of one run, see tail_summary.
SUMMARY = 10

_FAST = {"contract", "nsz", "arcp"}


@njit(nogil=True, fastmath=_FAST, error_model="numpy")
def _waves(x, y, z, C, lane):
    """The harmonics cos 2jφ, sin 2jφ of f and t; a plain call, since twelve copies would compile for a minute."""
    s2 = x * x + y * y + 1e-300
    cos2, sin2 = (x * x - y * y) / s2, 2.0 * x * y / s2
    cj, sj = 1.0, 0.0
    f, t = 0.0, 0.0
    for j in range(C.shape[0]):
        cj, sj = cj * cos2 - sj * sin2, cj * sin2 + sj * cos2
        power = 1.0
        for k in range(TERMS):
            f += (C[j, 0, k, lane] * cj + C[j, 1, k, lane] * sj) * power
            t += (C[j, 2, k, lane] * cj + C[j, 3, k, lane] * sj) * power
            power *= z
    return f, t


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _rhs(x, y, z, P, T, C, lane):
    """step·dm/dτ of one lane; T: the torque as polynomials in m_z, C: its harmonics cos 2jφ, sin 2jφ as well."""
    f = P[6 * LANES + lane] + P[7 * LANES + lane] * z
    az = P[2 * LANES + lane] * z + P[5 * LANES + lane]
    if T is not None:
        f = T[(TERMS - 1) * LANES + lane]
        t = T[(2 * TERMS - 1) * LANES + lane]
        for k in range(1, TERMS):
            f = f * z + T[(TERMS - 1 - k) * LANES + lane]
            t = t * z + T[(2 * TERMS - 1 - k) * LANES + lane]
        if C is not None:
            u, v = _waves(x, y, z, C, lane)
            f += u
            t += v
        az += t
    eta = P[lane]
    ax = P[LANES + lane] * x + P[3 * LANES + lane] + f * y
    ay = P[4 * LANES + lane] - f * x
    bx = ax + eta * (y * az - z * ay)
    by = ay + eta * (z * ax - x * az)
    bz = az + eta * (x * ay - y * ax)
    return z * by - y * bz, x * bz - z * bx, y * bx - x * by


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _move(m, a, k):
    return m[0] + a * k[0], m[1] + a * k[1], m[2] + a * k[2]


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _add(s, a, k):
    """s + a·k for both of a pair of lanes."""
    return _move(s[0], a, k[0]), _move(s[1], a, k[1])


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _both(m, P, T, C, lane):
    """Slopes of a pair of lanes: two independent chains, because one alone waits for its own latencies."""
    return (_rhs(m[0][0], m[0][1], m[0][2], P, T, C, lane),
            _rhs(m[1][0], m[1][1], m[1][2], P, T, C, lane + HALF))


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _add3(m, w, a, b, c):
    return _add(_add(_add(m, w[0], a), w[1], b), w[2], c)


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _add5(m, w, a, b, c, d, e):
    return _add(_add(_add3(m, w, a, b, c), w[3], d), w[4], e)


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _rk4(m, P, T, C, lane):
    """One step of the classical fourth-order Runge-Kutta method."""
    a = _both(m, P, T, C, lane)
    b = _both(_add(m, 0.5, a), P, T, C, lane)
    c = _both(_add(m, 0.5, b), P, T, C, lane)
    d = _both(_add(m, 1.0, c), P, T, C, lane)
    return _add(_add3(m, (1 / 6, 1 / 3, 1 / 3), a, b, c), 1 / 6, d)


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _dop853(m, P, T, C, lane, rows):
    """One step of the eighth-order method of Dormand and Prince; rows: its nonzero coefficients."""
    a = _both(m, P, T, C, lane)
    b = _both(_add(m, rows[0][0], a), P, T, C, lane)
    w = rows[1]
    c = _both(_add(_add(m, w[0], a), w[1], b), P, T, C, lane)
    w = rows[2]
    d = _both(_add(_add(m, w[0], a), w[1], c), P, T, C, lane)
    e = _both(_add3(m, rows[3], a, c, d), P, T, C, lane)
    f = _both(_add3(m, rows[4], a, d, e), P, T, C, lane)
    w = rows[5]
    g = _both(_add(_add3(m, w, a, d, e), w[3], f), P, T, C, lane)
    h = _both(_add5(m, rows[6], a, d, e, f, g), P, T, C, lane)
    w = rows[7]
    i = _both(_add(_add5(m, w, a, d, e, f, g), w[5], h), P, T, C, lane)
    w = rows[8]
    j = _both(_add(_add(_add5(m, w, a, d, e, f, g), w[5], h), w[6], i), P, T, C, lane)
    w = rows[9]
    k = _both(_add(_add(_add(_add5(m, w, a, d, e, f, g), w[5], h), w[6], i), w[7], j), P, T, C, lane)
    w = rows[10]
    n = _add(_add(_add(_add(_add5(m, w, a, d, e, f, g), w[5], h), w[6], i), w[7], j), w[8], k)
    n = _both(n, P, T, C, lane)
    w = rows[11]
    return _add(_add(_add(_add5(m, w, a, f, g, h, i), w[5], j), w[6], k), w[7], n)


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _unit(m):
    """|m| = 1 by one Newton step, whose error is the square of what one integration step loses."""
    r = 1.5 - 0.5 * (m[0] * m[0] + m[1] * m[1] + m[2] * m[2])
    return m[0] * r, m[1] * r, m[2] * r


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _step(M, P, T, C, rows):
    """One step of all lanes, in place."""
    for lane in range(HALF):
        j = lane + HALF
        m = (M[lane], M[LANES + lane], M[2 * LANES + lane]), (M[j], M[LANES + j], M[2 * LANES + j])
        m = _rk4(m, P, T, C, lane) if rows is None else _dop853(m, P, T, C, lane, rows)
        M[lane], M[LANES + lane], M[2 * LANES + lane] = _unit(m[0])
        M[j], M[LANES + j], M[2 * LANES + j] = _unit(m[1])


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def advance(M, P, T, C, rows, steps):
    """Advance LANES lanes by a number of steps, in place: the plain loop."""
    for _ in range(steps):
        _step(M, P, T, C, rows)


@njit(nogil=True, cache=True, error_model="numpy")
def set_lane(lane, h, i, par, table, harmonics, P, T, C):
    """Write the numbers of cell i, for steps of h, into a lane."""
    P[lane], P[8 * LANES + lane] = par[i, 0], h
    for j in range(1, 8):
        P[j * LANES + lane] = h * par[i, j]
    if T is not None:
        for j in range(2 * TERMS):
            T[j * LANES + lane] = h * table[i, j]
    if C is not None:
        C[:, :, :, lane] = h * harmonics[i]


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def follow(M, P, T, C, rows, par, table, harmonics, legs, steps, out):
    """One trajectory, in lane 0: leg i is steps[i] steps of legs[i] each; m after it goes to out[i]."""
    m = (M[0], M[LANES], M[2 * LANES]), (M[HALF], M[LANES + HALF], M[2 * LANES + HALF])
    for i in range(legs.shape[0]):
        set_lane(0, legs[i], 0, par, table, harmonics, P, T, C)
        for _ in range(steps[i]):
            m = _rk4(m, P, T, C, 0) if rows is None else _dop853(m, P, T, C, 0, rows)
            m = _unit(m[0]), m[1]
        out[i, 0], out[i, 1], out[i, 2] = m[0]
    M[0], M[LANES], M[2 * LANES] = m[0]


@njit(nogil=True, cache=True, error_model="numpy")
def _plane(R, first, n, out):
    """Centre, axis (the area vector) and a direction across it (that of the last instant) of the orbit R[first:n].

    Writes them to out (3, 3); False where R encloses no area.
    """
    centre, axis, across = out
    centre[:] = R[first:n].sum(axis=0) / (n - first)
    cx, cy, cz = centre
    sx, sy, sz = 0.0, 0.0, 0.0
    for i in range(first + 1, n):
        a, b, c = R[i - 1, 0] - cx, R[i - 1, 1] - cy, R[i - 1, 2] - cz
        x, y, z = R[i, 0] - cx, R[i, 1] - cy, R[i, 2] - cz
        sx, sy, sz = sx + b * z - c * y, sy + c * x - a * z, sz + a * y - b * x
    axis[0], axis[1], axis[2] = sx, sy, sz
    size = np.sqrt((axis * axis).sum())
    if size < 1e-24:
        return False
    axis /= size
    across[:] = R[n - 1] - centre
    across -= (across * axis).sum() * axis
    size = np.sqrt((across * across).sum())
    if size < 1e-12:
        return False
    across /= size
    return True


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _crossings(R, n, P, T, C, lane, plane, marks):
    """Where the orbit turns through the half plane: marks rows are the time, the integral of the energy and the
    area vector up to each crossing; returns how many there are.

    Times and integrals come from cubic Hermite interpolation with the exact slopes, so that differences between
    crossings are over whole periods.
    """
    cx, cy, cz = plane[0]
    nx, ny, nz = plane[1]
    ux, uy, uz = plane[2]
    vx, vy, vz = ny * uz - nz * uy, nz * ux - nx * uz, nx * uy - ny * ux
    k = (P[LANES + lane], P[2 * LANES + lane], P[3 * LANES + lane], P[4 * LANES + lane], P[5 * LANES + lane])
    found = 0
    area, sx, sy, sz = 0.0, 0.0, 0.0, 0.0
    a, b, c = R[0, 0], R[0, 1], R[0, 2]
    v0, w0 = (a - cx) * vx + (b - cy) * vy + (c - cz) * vz, _energy(a, b, c, k)
    for i in range(1, n):
        x, y, z = R[i, 0], R[i, 1], R[i, 2]
        v1, w1 = (x - cx) * vx + (y - cy) * vy + (z - cz) * vz, _energy(x, y, z, k)
        if v0 < 0.0 <= v1 and (x - cx) * ux + (y - cy) * uy + (z - cz) * uz > 0.0:
            p, q = _rhs(a, b, c, P, T, C, lane), _rhs(x, y, z, P, T, C, lane)
            s = _hermite_root(v0, v1, p[0] * vx + p[1] * vy + p[2] * vz, q[0] * vx + q[1] * vy + q[2] * vz)
            g0, g1 = _power(a, b, c, p, k), _power(x, y, z, q, k)
            marks[0, found] = i - 1 + s
            marks[1, found] = area - g0 / 12 + _hermite_area(w0, w1, g0, g1, s)
            marks[2, found], marks[3, found], marks[4, found] = sx, sy, sz
            found += 1
        area += 0.5 * (w0 + w1)
        sx += (b - cy) * (z - cz) - (c - cz) * (y - cy)
        sy += (c - cz) * (x - cx) - (a - cx) * (z - cz)
        sz += (a - cx) * (y - cy) - (b - cy) * (x - cx)
        a, b, c, v0, w0 = x, y, z, v1, w1
    return found


@njit(nogil=True, cache=True, error_model="numpy")
def tail_summary(R, n, P, T, C, lane, marks, out):
    """What the last n instants R of one run show: whole periods, their length, the time of a quarter of them, the
    axis of the last third, and the mean energy w of each quarter of the periods.

    Only the last periods about one axis count: an orbit that crosses a separatrix turns its area vector.
    """
    out[:] = 0.0
    if n < 4:
        return
    plane = np.empty((3, 3))
    if not _plane(R, n - n // 3, n, plane):
        return
    out[3:6] = plane[1]
    last = _crossings(R, n, P, T, C, lane, plane, marks) - 1
    periods = 0
    while periods < last:
        a = marks[2:5, last - periods] - marks[2:5, last - periods - 1]
        if a[0] * out[3] + a[1] * out[4] + a[2] * out[5] < 0.9 * np.sqrt(a[0] ** 2 + a[1] ** 2 + a[2] ** 2):
            break
        periods += 1
    out[0] = periods
    group = periods // 4
    if group < 1:
        return
    h = P[8 * LANES + lane]
    out[1] = h * (marks[0, last] - marks[0, last - group]) / group
    out[2] = h * (marks[0, last] - marks[0, last - 4 * group]) / 4
    for j in range(4):
        b = last - j * group
        out[9 - j] = (marks[1, b] - marks[1, b - group]) / (marks[0, b] - marks[0, b - group]) / h


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _energy(x, y, z, k):
    """step·c·(w + 2h·m), k = step·c·(Q∥, Q_eff, h_x, h_y, h_z); the damping never lets it fall."""
    return k[0] * x * x + k[1] * z * z + 2.0 * (k[2] * x + k[3] * y + k[4] * z)


@njit(forceinline=True, fastmath=_FAST, error_model="numpy")
def _power(x, y, z, slope, k):
    """Its change in a step."""
    return 2.0 * ((k[0] * x + k[2]) * slope[0] + k[3] * slope[1] + (k[1] * z + k[4]) * slope[2])


@njit(nogil=True, error_model="numpy")
def _hermite_root(v0, v1, d0, d1):
    """Where between 0 and 1 the cubic with these values and slopes is zero (v0 < 0 <= v1)."""
    s = v0 / (v0 - v1)
    for _ in range(4):
        a = 2.0 * (v0 - v1) + d0 + d1
        b = 3.0 * (v1 - v0) - 2.0 * d0 - d1
        slope = (3.0 * a * s + 2.0 * b) * s + d0
        if slope <= 0.0:
            break
        s = min(max(s - (((a * s + b) * s + d0) * s + v0) / slope, 0.0), 1.0)
    return s


@njit(nogil=True, error_model="numpy")
def _hermite_area(v0, v1, d0, d1, s):
    """The integral from 0 to s of the same cubic."""
    a = 2.0 * (v0 - v1) + d0 + d1
    b = 3.0 * (v1 - v0) - 2.0 * d0 - d1
    return (((a / 4 * s + b / 3) * s + d0 / 2) * s + v0) * s


@njit(forceinline=True, error_model="numpy")
def _record(M, lane, s, last, done, ring, sums):
    """Keep m of one lane that is near its end, after step s of this block."""
    at = done[lane] + s
    if at >= last - last // 5:
        for j in range(3):
            sums[lane, j] += M[j * LANES + lane]
    at -= last - min(ring.shape[1], 2 * last // 5)
    if at >= 0:
        for j in range(3):
            ring[lane, at, j] = M[j * LANES + lane]


@njit(nogil=True, cache=True, error_model="numpy")
def _load(lane, cell, done, sums, M, P, T, C, start, par, table, harmonics, queue):
    """Put the next waiting cell into a free lane."""
    i = queue[0]
    queue[0] += 1
    cell[lane], done[lane], sums[lane] = i, 0, 0.0
    for j in range(3):
        M[j * LANES + lane] = start[i, j]
    set_lane(lane, par[i, 8], i, par, table, harmonics, P, T, C)


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def run_tile(M, P, T, C, rows, cell, done, ring, sums, start, par, table, harmonics, steps, queue, end,
             mean, rest, summary, marks, at_rest, budget):
    """Run the cells of a tile through LANES lanes for at most `budget` blocks; True when all have ended.

    A lane at rest (|dm/dτ| < at_rest) or at its cell's last step hands over its result and takes the next cell.
    M, P, T, C, cell, done, ring (LANES, instants kept of each end, 3), sums: the state between calls; start (n, 3)
    and par, table, harmonics, steps (n, multiples of 5·BLOCK): what is asked; end, mean (n, 3),
    rest, summary (n, SUMMARY): the answer.
    """
    late = np.empty(LANES, dtype=np.int64)
    for _ in range(budget):
        alive, ending = False, 0
        for lane in range(LANES):
            if cell[lane] < 0 and queue[0] < start.shape[0]:
                _load(lane, cell, done, sums, M, P, T, C, start, par, table, harmonics, queue)
            if cell[lane] >= 0:
                alive = True
                fifth = steps[cell[lane]] // 5
                if done[lane] >= 5 * fifth - max(fifth, min(ring.shape[1], 2 * fifth)):
                    late[ending] = lane
                    ending += 1
        if not alive:
            return True
        for s in range(BLOCK):
            _step(M, P, T, C, rows)
            for j in range(ending):
                _record(M, late[j], s, steps[cell[late[j]]], done, ring, sums)
        for lane in range(LANES):
            i = cell[lane]
            if i < 0:
                continue
            done[lane] += BLOCK
            p = _rhs(M[lane], M[LANES + lane], M[2 * LANES + lane], P, T, C, lane)
            still = p[0] * p[0] + p[1] * p[1] + p[2] * p[2] < (at_rest * par[i, 8]) ** 2
            if not still and done[lane] < steps[i]:
                continue
            fifth = steps[i] // 5
            missing = min(steps[i] - done[lane], fifth)
            for j in range(3):
                end[i, j] = M[j * LANES + lane]
                mean[i, j] = (sums[lane, j] + missing * end[i, j]) / fifth
            rest[i] = still
            if not still:
                tail_summary(ring[lane], min(ring.shape[1], 2 * fifth), P, T, C, lane, marks, summary[i])
            cell[lane] = -1
            M[lane], M[LANES + lane], M[2 * LANES + lane] = 0.0, 0.0, 1.0
            for j in range(ROWS):
                P[j * LANES + lane] = 0.0
    return False
