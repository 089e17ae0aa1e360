"""Transport at any list of points (θ, φ, V), as measured curves have them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction
from smtj_engine.scale.executor import Check, completed, workers
from smtj_engine.schema import ParameterError
from smtj_engine.transport.barrier import model
from smtj_engine.transport.fourier import on_angles
from smtj_engine.transport.observables import RULES, Angles, solve

Array = NDArray[np.float64]
#: Columns of the answer.
COLUMNS = ("current_density", "conductance", "torque_par", "torque_perp")


@dataclasses.dataclass(frozen=True)
class _Task:
    """One junction and the directions of M (rad) at which it is solved."""

    junction: Junction
    angles: Angles
    accuracy: str


def transport_points(junction: Junction, *, theta_deg: ArrayLike, phi_deg: ArrayLike = 0.0,
                     bias: ArrayLike | None = None, accuracy: str = "normal",
                     monitor: Monitor = silent) -> dict[str, Array]:
    """Current density (A/µm²), dI/dV (S/µm²), torques (eV/µm²) at every point, arrays of shape (n,).

    theta_deg, phi_deg (deg) and bias (V; None = the junction's) are broadcast. θ may leave 0 to 180°: M then goes
    on along its great circle, and e_θ, e_φ with it. Every bias is solved once, at all its directions. Raises
    ParameterError for a bias that the junction cannot have, and Cancelled when the monitor does.
    """
    if accuracy not in RULES:
        raise ParameterError("accuracy", accuracy, f"must be one of {', '.join(RULES)}")
    theta, phi, volts = (np.atleast_1d(array).astype(float) for array in np.broadcast_arrays(
        theta_deg, phi_deg, junction.bias if bias is None else bias))
    levels, member = np.unique(volts, return_inverse=True)
    tasks = [_Task(_at(junction, float(level)), Angles.degrees(theta[member == at], phi[member == at]), accuracy)
             for at, level in enumerate(levels)]
    size = max(1, len(tasks) // (4 * workers()))
    tiles = [(first, tuple(tasks[first:first + size])) for first in range(0, len(tasks), size)]
    out = np.empty((theta.size, len(COLUMNS)))
    for index, answers in completed(_solve_tile, tiles, monitor, "points"):
        for at, columns in enumerate(answers, start=tiles[index][0]):
            out[member == at] = columns
    return {name: out[:, at] for at, name in enumerate(COLUMNS)}


def _at(junction: Junction, bias: float) -> Junction:
    return junction if junction.bias == bias else dataclasses.replace(junction, bias=bias)


def _solve_tile(tile: tuple[int, Sequence[_Task]], check: Check) -> list[Array]:
    return [_solve(task, check) for task in tile[1]]


def _solve(task: _Task, check: Check) -> Array:
    rule, one = RULES[task.accuracy], model(task.junction)

    def at(angles: Angles) -> Array:
        return solve(one, angles, rule, check)[0][:, :len(COLUMNS)]

    return on_angles(at, task.angles, one.closed, rule.fourier, one.right_exchange == 0)
