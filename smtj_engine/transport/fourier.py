"""Many directions of M from a few solved ones: every curve is a short Fourier series.

At fixed φ the twofold rotation about z makes scalars even and torque components odd in θ on the whole circle,
hence cosine and sine series; without β (or without α) θ → π − θ leaves scalars and turns the torques' sign. At
fixed θ everything is a series in 2φ, constant without β. A ferromagnetic right electrode leaves none of this, only
the full circle.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from smtj_engine.transport.observables import Angles

Array = NDArray[np.float64]
#: solve(angles) -> columns: SCALARS scalars first, then torque components.
Solve = Callable[[Angles], Array]
SCALARS = 2
#: series(solve, angles, count, closed) -> values and the size of the last terms.
Series = Callable[[Solve, Angles, int, bool], tuple[Array, float]]
#: A series starts with this many terms, and is taken as it is at the last.
FEWEST, MOST = 16, 512


def on_angles(solve: Solve, angles: Angles, closed: bool, tolerance: float, twofold: bool = True) -> Array:
    """The columns at every direction, shape (angles, columns).

    closed: nothing depends on φ (α or β is zero). twofold: the rotation about z by 180° changes nothing. The
    number of solved directions doubles until the last terms of the series are below the tolerance (relative to
    the largest).
    """
    theta, phi = angles.theta, angles.phi
    series: Series
    if not twofold:
        if np.ptp(phi) and np.ptp(theta):
            return solve(angles)
        series = _round_phi if np.ptp(theta) == 0 else _round_theta
    elif closed or np.ptp(phi) == 0:
        if closed and np.ptp(theta) == 0:
            return np.repeat(solve(Angles(theta[:1], phi[:1])), theta.size, axis=0)
        series = _in_theta
    elif np.ptp(theta) == 0:
        series = _in_phi
    else:
        return solve(angles)
    count = FEWEST
    while count // (2 if closed else 1) < theta.size:
        values, tail = series(solve, angles, count, closed)
        if tail <= tolerance or count >= MOST:
            return values
        count *= 2
    return solve(angles)


def theta_nodes(count: int) -> Array:
    """The solved angles of a series in θ: (j + ½)π/count, away from the poles."""
    return (np.arange(count) + 0.5) * np.pi / count


def sine_terms(values: Array) -> Array:
    """b₁ … b_N of Σ b_n sin nθ from values at theta_nodes(N) along the first axis."""
    count = len(values)
    order = np.arange(1, count + 1)
    scale = np.where(order == count, 1.0, 2.0) / count
    terms: Array = (scale[:, None] * np.sin(np.outer(order, theta_nodes(count)))) @ values
    return terms


def _cosine_terms(values: Array) -> Array:
    """a₀ … a_{N−1} of Σ a_n cos nθ."""
    count = len(values)
    order = np.arange(count)
    scale = np.where(order == 0, 1.0, 2.0) / count
    terms: Array = (scale[:, None] * np.cos(np.outer(order, theta_nodes(count)))) @ values
    return terms


def _in_theta(solve: Solve, angles: Angles, count: int, closed: bool) -> tuple[Array, float]:
    """Values by cosine and sine series in θ, and the size of the last terms."""
    nodes = theta_nodes(count)
    if closed:
        half = solve(Angles(nodes[:count // 2], np.zeros(count // 2)))
        mirrored = half[::-1].copy()
        mirrored[:, SCALARS:] *= -1
        values = np.vstack([half, mirrored])
    else:
        values = solve(Angles(nodes, np.full(count, angles.phi[0])))
    cosines, sines = _cosine_terms(values[:, :SCALARS]), sine_terms(values[:, SCALARS:])
    order = np.arange(count)
    wanted = np.hstack([np.cos(np.outer(angles.theta, order)) @ cosines,
                        np.sin(np.outer(angles.theta, order + 1)) @ sines])
    return wanted, max(_tail(cosines), _tail(sines))


def _in_phi(solve: Solve, angles: Angles, count: int, closed: bool) -> tuple[Array, float]:
    """Values by a series in 2φ, and the size of the last terms."""
    nodes = np.arange(count) * np.pi / count
    return _periodic(solve(Angles(np.full(count, angles.theta[0]), nodes)), 2 * angles.phi)


def _round_phi(solve: Solve, angles: Angles, count: int, closed: bool) -> tuple[Array, float]:
    """Values by a series in φ, and the size of the last terms."""
    nodes = np.arange(count) * 2 * np.pi / count
    return _periodic(solve(Angles(np.full(count, angles.theta[0]), nodes)), angles.phi)


def _round_theta(solve: Solve, angles: Angles, count: int, closed: bool) -> tuple[Array, float]:
    """Values by a series on the great circle, θ from 0 to 360° with e_θ going along."""
    nodes = np.arange(count) * 2 * np.pi / count
    return _periodic(solve(Angles(nodes, np.full(count, angles.phi[0]))), angles.theta)


def _periodic(values: Array, angle: Array) -> tuple[Array, float]:
    """The Fourier series of equidistant values over one turn, at other angles, and the size of the last terms."""
    count = len(values)
    terms = np.fft.rfft(values, axis=0) / count
    terms[1:(count + 1) // 2] *= 2
    wanted = (np.exp(1j * np.outer(angle, np.arange(len(terms)))) @ terms).real
    return wanted, _tail(np.abs(terms))


def _tail(terms: Array) -> float:
    """The last quarter of the terms against the largest, the worst column."""
    size = np.abs(np.nan_to_num(terms))  # a torque may be undefined everywhere
    largest = size.max(axis=0)
    return float(np.max(size[-len(size) // 4:].max(axis=0) / np.where(largest > 0, largest, 1.0)))
