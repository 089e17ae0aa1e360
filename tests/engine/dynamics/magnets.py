"""Magnets and drives for the tests of the dynamics."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from smtj_engine.dynamics.fields import Spins
from smtj_engine.parameters import Magnet

Array = NDArray[np.float64]


@st.composite
def biaxial(draw: st.DrawFn, most_damping: float = 0.1, most_part: float = 0.9) -> Magnet:
    """A magnet of the closed forms' domain, 0 < Q∥ < Q_eff."""
    q_eff = draw(st.floats(0.05, 1.0))
    return Magnet(q_perp=1 + q_eff, q_par=q_eff * draw(st.floats(0.1, most_part)),
                  damping=draw(st.floats(0.003, most_damping)))


@st.composite
def any_spin(draw: st.DrawFn, beta: bool = False) -> Spins:
    """One spin with every term of the equation, the torques as polynomials of third degree."""
    number = st.floats(-0.5, 0.5)

    def row(*shape: int) -> Array:
        size = int(np.prod(shape))
        return np.array(draw(st.lists(number, min_size=size, max_size=size))).reshape(1, *shape)

    eta = np.array([draw(st.floats(0.001, 0.5))])
    return Spins(eta=eta, q_par=row(1)[0], q_eff=row(1)[0], h=row(3), par=row(4), perp=row(4),
                 unit=np.array([3.5e-3]), harmonics=row(2, 4, 4) if beta else None)


def direction() -> st.SearchStrategy[Array]:
    """m (1, 3), away from the poles, where φ has no meaning."""
    return st.tuples(st.floats(0.1, np.pi - 0.1), st.floats(-np.pi, np.pi)).map(
        lambda angles: np.array([[np.sin(angles[0]) * np.cos(angles[1]), np.sin(angles[0]) * np.sin(angles[1]),
                                  np.cos(angles[0])]]))
