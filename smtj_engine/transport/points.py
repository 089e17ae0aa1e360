"""Transport at any list of points (θ, φ, V), as measured curves have them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction
from smtj_engine.scale.executor import Check, Made, completed, together
from smtj_engine.schema import ParameterError
from smtj_engine.transport.barrier import model
from smtj_engine.transport.fourier import on_angles
from smtj_engine.transport.observables import RULES, Angles, solve

Array = NDArray[np.float64]
#: Columns of the answer.
COLUMNS = ("current_density", "conductance", "torque_par", "torque_perp")
#: Processor time (s) of a bias with a few directions, about.
_COST = 2e-3


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
    return solve_all([Points(junction, theta_deg, phi_deg, bias, accuracy)], monitor)[0]


class Points:
    """The points of one junction, as transport_points takes them, and what has to be solved for them."""

    def __init__(self, junction: Junction, theta_deg: ArrayLike, phi_deg: ArrayLike = 0.0,
                 bias: ArrayLike | None = None, accuracy: str = "normal") -> None:
        if accuracy not in RULES:
            raise ParameterError("accuracy", accuracy, f"must be one of {', '.join(RULES)}")
        theta, phi, volts = (np.atleast_1d(array).astype(float) for array in np.broadcast_arrays(
            theta_deg, phi_deg, junction.bias if bias is None else bias))
        levels, self._member = np.unique(volts, return_inverse=True)
        self.tasks = [_Task(_at(junction, float(level)), Angles.degrees(theta[self._member == at],
                                                                        phi[self._member == at]), accuracy)
                      for at, level in enumerate(levels)]

    def gathered(self, answers: Sequence[Array]) -> dict[str, Array]:
        """The variables at every point, from the answers to the tasks."""
        out = np.empty((self._member.size, len(COLUMNS)))
        for at, columns in enumerate(answers):
            out[self._member == at] = columns
        return {name: out[:, at] for at, name in enumerate(COLUMNS)}


def solve_all(many: Sequence[Points], monitor: Monitor = silent) -> list[dict[str, Array]]:
    """The variables at the points of several junctions, all of them one map."""
    tasks = [task for points in many for task in points.tasks]
    size = together(len(tasks), _COST)
    parts = [slice(first, first + size) for first in range(0, len(tasks), size)]
    answers: list[Array] = [np.empty(0)] * len(tasks)
    for index, found in completed(_solve_tile, Made(lambda part: tuple(tasks[part]), parts), monitor, "points"):
        answers[parts[index]] = found
    left = iter(answers)
    return [points.gathered(list(itertools.islice(left, len(points.tasks)))) for points in many]


def _at(junction: Junction, bias: float) -> Junction:
    return junction if junction.bias == bias else dataclasses.replace(junction, bias=bias)


def _solve_tile(tasks: Sequence[_Task], check: Check) -> list[Array]:
    return [_solve(task, check) for task in tasks]


def _solve(task: _Task, check: Check) -> Array:
    rule, one = RULES[task.accuracy], model(task.junction)

    def at(angles: Angles) -> Array:
        return solve(one, angles, rule, check)[0][:, :len(COLUMNS)]

    return on_angles(at, task.angles, one.closed, rule.fourier, one.right_exchange == 0)
