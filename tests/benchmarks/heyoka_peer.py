"""heyoka as a peer: the macrospin of Figs. 3 and 4 by Taylor series, a vector register of trajectories at a time,
which is its best use."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def installed() -> bool:
    """Whether heyoka can be imported."""
    return importlib.util.find_spec("heyoka") is not None


class Batch:
    """Trajectories that differ in τ∥, integrated at one relative tolerance; compiled once."""

    def __init__(self, q_par: float, q_eff: float, damping: float, tolerance: float) -> None:
        import heyoka

        self.width = int(heyoka.recommended_simd_size())
        self._integrator: Any = heyoka.taylor_adaptive_batch(
            _equations(heyoka, q_par, q_eff, damping), np.zeros((3, self.width)), pars=np.zeros((1, self.width)),
            tol=tolerance)

    def end(self, start: Array, tau: Array, duration: float) -> Array:
        """m (n, 3) after a duration (time units) from one start (3,), for each τ∥ (n,)."""
        one, ends = self._integrator, np.empty((len(tau), 3))
        for first in range(0, len(tau), self.width):
            some = tau[first:first + self.width]
            one.pars[0] = np.resize(some, self.width)
            one.state[:] = start[:, None]
            one.set_time(0.0)
            one.propagate_until(np.full(self.width, duration))
            ends[first:first + self.width] = one.state.T[:len(some)]
        return ends


def _equations(heyoka: Any, q_par: float, q_eff: float, damping: float) -> list[tuple[Any, Any]]:
    """dm/dτ = −m×(H + η m×H)/(1+η²), H the anisotropy and the cosine law's torque as a field."""
    x, y, z = heyoka.make_vars("x", "y", "z")
    torque = heyoka.par[0] * z
    field = (q_par * x + torque * y, -torque * x, q_eff * z)
    around = _cross((x, y, z), field)
    total = tuple(one + damping * other for one, other in zip(field, around, strict=True))
    rates = _cross((x, y, z), total)
    return [(one, -rate / (1 + damping**2)) for one, rate in zip((x, y, z), rates, strict=True)]


def _cross(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
