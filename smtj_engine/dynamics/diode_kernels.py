"""Compiled kernel of the spin diode: lanes of different frequencies about one bias that share the drive's phase.

The bias is then the same number in every lane at every step, so that the polynomials of torque and current in the
bias are worked out once for all of them.
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
