"""Compiled pieces of the bias window that know nothing of the barrier: cells and their nodes, Fermi functions, F's
wave vectors, and what a cell's sums and their errors are gathered from (quadrature.py names a cell's columns)."""

from __future__ import annotations

import numpy as np
from numba import njit

from smtj_engine.transport.barrier_kernels import LANES
from smtj_engine.transport.barrier_kernels import ROWS as BARRIER

#: Rows of the workspace after those of the barrier: k̄, Δ; |w| and its derivative by V.
KR, KI, DR, DI, W, W_DOT = [(BARRIER + row) * LANES for row in range(6)]
ROWS = BARRIER + 6
#: Current, its derivative by V, in-plane and perpendicular torque, spin current along M.
COLUMNS = 5

_FAST = {"contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, error_model="numpy")
def panel_node(cell, s):
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
def fermi(e, p, thermal, point):
    """f_F − f_N, and −f_N' (the edge of the window, which moves with V).

    f_F − f_N = sinh(V/2kT)/(2 cosh cosh) is exact for small V, where the difference of two f is not.
    """
    level, bias = p[2], p[6]
    if point:
        return 0.0, 1.0
    if thermal == 0.0:
        return np.sign(bias), 0.0
    at_f = abs(e - level) / (2.0 * thermal)
    at_n = abs(e - level + bias) / (2.0 * thermal)
    v = abs(bias) / (2.0 * thermal)
    far_f, far_n = np.exp(-2.0 * at_f), np.exp(-2.0 * at_n)
    rise = np.exp(min(v - at_f - at_n, 0.0)) * -np.expm1(-2.0 * v)
    return np.sign(bias) * rise / ((1.0 + far_f) * (1.0 + far_n)), far_n / (1.0 + far_n) ** 2 / thermal


@njit(nogil=True, cache=True, error_model="numpy")
def x_nodes(cell, t, wt, nodes, weights):
    """Where in a cell's interval of x the nodes lie (0 to 1), and their weights; lanes beyond have none."""
    for i in range(nodes.size):
        at = min(i, t.size - 1)
        part = np.pi * (cell[7] + (cell[8] - cell[7]) * t[at])
        nodes[i] = np.sin(0.5 * part) ** 2
        weights[i] = 0.25 * np.pi * np.sin(part) * (cell[8] - cell[7]) * wt[at] if i < t.size else 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def x_range(e, cell, p):
    """A cell's interval of x at the energy e: where it begins, and its length."""
    start = 0.0 if np.isnan(cell[3]) else max(0.0, (e + cell[3]) / p[0])
    return start, (e + cell[4]) / p[0] - start


@njit(nogil=True, cache=True, error_model="numpy")
def gather(along_e, along_x, order, tails_e, tails_x, point, out, errors):
    """Sum the nodes of a cell, and estimate what its two rules miss (the worst direction of M)."""
    terms = np.empty(max(order, along_e.shape[0]))
    errors[:] = 0.0
    for m in range(out.shape[0]):
        for column in range(COLUMNS):
            for i in range(order):
                terms[i] = along_x[i // LANES, m, column, i % LANES]
                out[m, column] += terms[i]
            errors[1, column] = max(errors[1, column], missed(terms, tails_x))
            if not point:
                for j in range(along_e.shape[0]):
                    terms[j] = along_e[j, m, column].sum()
                errors[0, column] = max(errors[0, column], missed(terms, tails_e))


@njit(nogil=True, cache=True, error_model="numpy")
def missed(terms, tails):
    """What a Gauss rule misses, from its terms (weight times integrand): about the Legendre coefficient of twice
    its order.

    The coefficients about half and about the whole of the order (two rows of tails each) are continued as
    a geometric series; where they do not fall the last is taken as it is.
    """
    half, whole = 0.0, 0.0
    for row in range(4):
        total = 0.0
        for i in range(tails.shape[1]):
            total += tails[row, i] * terms[i]
        if row < 2:
            half = max(half, abs(total))
        else:
            whole = max(whole, abs(total))
    return whole * min(1.0, whole / (half + 1e-300)) ** 2


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def electrode(e, x, p, w):
    """Rows of k̄ and Δ of F, and |w| for α or β alone."""
    A, J, strength = p[0], p[1], (abs(p[8]) + abs(p[9])) / p[0]
    turn = p[10] / p[0] if p[8] >= 0.0 else -p[10] / p[0]
    for i in range(LANES):
        up2 = (e + J) / A - x[i]
        down2 = (e - J) / A - x[i]
        re = np.sqrt(max(up2, 0.0)) + np.sqrt(max(down2, 0.0))
        im = np.sqrt(max(-up2, 0.0)) + np.sqrt(max(-down2, 0.0))
        size = J / A / (re * re + im * im)
        w[KR + i], w[KI + i] = 0.5 * re, 0.5 * im
        w[DR + i], w[DI + i] = re * size, -im * size
        k = np.sqrt(x[i])
        w[W + i], w[W_DOT + i] = strength * k, turn * k


@njit(forceinline=True, error_model="numpy", fastmath=_FAST)
def put(along_e, along_x, i, current, slope, par, perp, along):
    """Add the columns of one lane."""
    along_e[0, i] += current
    along_e[1, i] += slope
    along_e[2, i] += par
    along_e[3, i] += perp
    along_e[4, i] += along
    along_x[0, i] += current
    along_x[1, i] += slope
    along_x[2, i] += par
    along_x[3, i] += perp
    along_x[4, i] += along
