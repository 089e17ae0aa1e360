"""Transport at one point, and curves against angle, bias and Rashba parameter."""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from smtj_engine.arguments import check_kinds, check_word, path_and_numbers, real_number, real_numbers
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Junction, Numerics, Setup
from smtj_engine.results import Provenance, Result, describe
from smtj_engine.scale.executor import Check, completed, together
from smtj_engine.schema import ParameterError
from smtj_engine.transport.barrier import has_second_magnet, model
from smtj_engine.transport.families import Family, changed, dims_of, members_of
from smtj_engine.transport.fourier import on_angles
from smtj_engine.transport.observables import RULES, Angles, solve

Array = NDArray[np.float64]
#: Columns of a solved junction.
CURRENT, CONDUCTANCE, PAR, PERP = range(4)
#: What the progress line says.
NOTES = {"angular": "angles", "bias": "bias voltages", "rashba": "Rashba parameters", "energy": "interface energy"}
#: A partial picture at most every so often (s).
REDRAW = 1 / 30
#: Below this bias (V) the resistance is taken as 1/G.
NO_BIAS = 1e-10
#: Processor time (s) of a junction's direction, about: how many times more a matrix Λ and a temperature take.
_DIRECTION, _MATRIX, _WARM = 5e-4, 10.0, 5.0
#: A draft below this processor time (s) stays in one thread: most of it is Python, which two threads only hold up.
_QUICK = 0.03


@dataclasses.dataclass(frozen=True)
class TransportPoint:
    """Transport at one direction of M.

    current_density (A/µm²); conductance = dI/dV with the barrier and α(V) following V (S/µm²); torque_par,
    torque_perp: components of T along M×(z×M)/sinθ and z×M/sinθ (eV/µm²); spin_current: (3,) at z = 0⁻, lab axes,
    eV/µm², longitudinal part included; notes: sentences for the user; torque_par_p, torque_perp_p: components
    along M×(p×M)/sinΘ and p×M/sinΘ with a ferromagnetic right electrode, else NaN.
    """

    current_density: float
    conductance: float
    torque_par: float
    torque_perp: float
    spin_current: Array
    notes: tuple[str, ...] = ()
    torque_par_p: float = math.nan
    torque_perp_p: float = math.nan


def transport_point(junction: Junction, theta_deg: float, phi_deg: float = 0.0, *,
                    accuracy: str = "normal") -> TransportPoint:
    """Current, dI/dV, torques and spin current for M along (θ, φ) (Eqs. 5-8; physics.md, sections 3 and 4).

    Raises ParameterError for an angle or accuracy that is not one.
    """
    check_kinds(junction=(junction, Junction))
    check_word("accuracy", accuracy, RULES)
    rule = RULES[accuracy]
    theta, phi = real_number("theta_deg", theta_deg), real_number("phi_deg", phi_deg)
    angles = Angles.degrees(theta, phi)
    one = model(junction)
    columns, notes = solve(one, angles, rule)
    current, conductance, torque_par, torque_perp, along = columns[0].tolist()
    ct, st, cp, sp = angles.rows[:, 0]
    along_m = np.array([st * cp, st * sp, ct])
    # T = −Q⊥, T_par = −T·e_θ, T_perp = T·e_φ
    spin_current = (along * along_m + torque_par * np.array([ct * cp, ct * sp, -st])
                    - torque_perp * np.array([-sp, cp, 0.0]))
    about_p = _about_p(one.right_spin, angles, columns[:, 2:4])[0].tolist() if one.right_exchange else ()
    return TransportPoint(current, conductance, torque_par, torque_perp, spin_current, tuple(notes), *about_p)


def _about_p(right_spin: Sequence[float], angles: Angles, torque: Array) -> Array:
    """Torque components along M×(p×M)/sinΘ and p×M/sinΘ from those along −e_θ and e_φ, shape (angles, 2).

    Where M is along p there is no such direction; e_θ and e_φ stand in for it, as they do for p along z.
    """
    ct, st, cp, sp = angles.rows
    p = -np.asarray(right_spin)  # the majority spin is antiparallel to the magnetization
    along_theta = (p[0] * cp + p[1] * sp) * ct - p[2] * st
    along_phi = p[1] * cp - p[0] * sp
    sine = np.hypot(along_theta, along_phi)
    none = sine < 1e-9
    sine = np.where(none, 1.0, sine)
    theta, phi = np.where(none, -1.0, along_theta / sine), np.where(none, 0.0, along_phi / sine)
    par, perp = torque[..., 0], torque[..., 1]  # p⊥ = M×(p×M) has the components theta, phi; M×e_θ = e_φ
    return np.stack([-par * theta + perp * phi, -par * phi - perp * theta], axis=-1)


def angular_curve(junction: Junction, *, theta_deg: ArrayLike | None = None, phi_deg: ArrayLike = 0.0,
                  reference_deg: float = 0.0, family: Family | None = None, accuracy: str = "normal",
                  monitor: Monitor = silent) -> Result:
    """Current, resistance, TAMR and torques against θ or φ (Fig. 1), whichever is an array.

    theta_deg defaults to 181 angles from 0 to 180°. TAMR along θ is relative to θ = reference_deg, along φ to
    φ = reference_deg. family = (path, values) adds a leading dimension. Dimensions ("theta",) or ("phi",).
    Raises ParameterError for angles that are not finite or both arrays, and for a member of the family that is
    not a valid junction, before anything is computed.
    """
    phi = real_numbers("phi_deg", phi_deg)
    theta = real_numbers("theta_deg", np.linspace(0.0, 180.0, 181) if theta_deg is None and phi.ndim == 0
                         else theta_deg)
    if (theta.ndim == 0) == (phi.ndim == 0):
        raise ParameterError("theta_deg", theta_deg, "exactly one of theta_deg and phi_deg must be an array")
    reference = real_number("reference_deg", reference_deg)
    dim, along = ("theta", theta) if theta.ndim else ("phi", phi)
    if theta.ndim:
        theta = np.append(theta, reference)
    else:
        phi = np.append(phi, reference)
    return Sweep("angular", members_of(junction, family), dims_of(family), {dim: along}, theta, phi,
                  accuracy).run(monitor)


def bias_sweep(junction: Junction, *, bias: ArrayLike, theta_deg: float = 45.0, phi_deg: float = 0.0,
               family: Family | None = None, accuracy: str = "normal", monitor: Monitor = silent) -> Result:
    """Current, dI/dV, TAMR(V) and torques against the bias (Fig. 2b); TAMR is relative to θ = 0.

    bias in V, shape (n,). Everything is checked before the sweep starts: the first bias at which V itself or α(V)
    is out of range raises ParameterError. Dimensions ("bias",), the family's leading.
    """
    return _parameter_sweep("bias", junction, bias, theta_deg, phi_deg, family, accuracy, monitor)


def rashba_sweep(junction: Junction, *, rashba: ArrayLike, theta_deg: float = 45.0, phi_deg: float = 0.0,
                 family: Family | None = None, accuracy: str = "normal", monitor: Monitor = silent) -> Result:
    """Current, dI/dV, TAMR and torques against the Rashba parameter (Fig. 2a); rashba in eV·Å², shape (n,).

    Raises ParameterError for a value beyond the validity limit before anything is computed.
    """
    return _parameter_sweep("rashba", junction, rashba, theta_deg, phi_deg, family, accuracy, monitor)


def _parameter_sweep(name: str, junction: Junction, values: ArrayLike, theta_deg: float, phi_deg: float,
                     family: Family | None, accuracy: str, monitor: Monitor) -> Result:
    """A sweep of one junction parameter at one direction of M, with θ = 0 beside it for the TAMR."""
    check_word("accuracy", accuracy, RULES)
    along = np.atleast_1d(real_numbers(name, values))
    path = f"junction.{name}"
    if family is not None and path_and_numbers("family", family)[0] == path:
        raise ParameterError("family", path, f"is swept already; choose another parameter than {name}")
    members = members_of(junction, family)
    theta = np.array([real_number("theta_deg", theta_deg), 0.0])
    phi = np.full(2, real_number("phi_deg", phi_deg))
    if accuracy != "draft" or along.size <= DRAFT_NODES:
        grid = _grid(members, path, along)
        return Sweep(name, grid, {**dims_of(family), name: along}, {}, theta, phi, accuracy).run(monitor)
    nodes, matrix = _chebyshev(along)
    try:
        grid = _grid(members, path, nodes)  # what a junction can have is an interval, and both ends are among them
    except ParameterError:
        _grid(members, path, along)  # names the first value of the sweep itself
        raise
    sweep = Sweep(name, grid, {**dims_of(family), name: nodes}, {}, theta, phi, accuracy)
    coarse = sweep.run(without_partials(monitor))
    fine = {variable: (values.dims, values.values @ matrix.T) for variable, values in coarse.data.items()}
    data = xr.Dataset(fine, coords={**dims_of(family), name: along}, attrs=coarse.data.attrs)
    return dataclasses.replace(coarse, data=describe(data))


def _grid(members: NDArray[np.object_], path: str, values: Array) -> NDArray[np.object_]:
    """Every member with every value of a parameter (last dimension); ParameterError at the first that is bad."""
    rows = [[changed(member, path, value) for value in values] for member in members.reshape(-1)]
    return np.array(rows, dtype=object).reshape(*members.shape, values.size)


#: A draft of a sweep is solved at this many values and follows a polynomial between them.
DRAFT_NODES = 13


def _chebyshev(along: Array) -> tuple[Array, Array]:
    """Chebyshev points over the range of a sweep, and the matrix from values there to values along it."""
    low, high = along.min(), along.max()
    number = np.arange(DRAFT_NODES)
    nodes = (low + high) / 2 - (high - low) / 2 * np.cos(np.pi * number / (DRAFT_NODES - 1))
    nodes[[0, -1]] = low, high
    nodes[np.abs(nodes) < 1e-12 * (high - low)] = 0.0
    weights = (-1.0) ** number * np.where((number == 0) | (number == DRAFT_NODES - 1), 0.5, 1.0)
    distance = along[:, None] - nodes
    hit = np.abs(distance) < 1e-12 * (high - low)
    terms = weights / np.where(hit, 1.0, distance)
    return nodes, np.where(hit.any(axis=1, keepdims=True), hit, terms / terms.sum(axis=1, keepdims=True))


@dataclasses.dataclass(frozen=True)
class _Task:
    """One junction to be solved at some directions of M (degrees)."""

    junction: Junction
    theta: tuple[float, ...]
    phi: tuple[float, ...]
    accuracy: str


def _solve(task: _Task, check: Check) -> tuple[Array, list[str]]:
    """Columns CURRENT, CONDUCTANCE, PAR, PERP for each direction, and notes."""
    rule, one = RULES[task.accuracy], model(task.junction)
    notes: list[str] = []

    def at(angles: Angles) -> Array:
        columns, found = solve(one, angles, rule, check)
        notes.extend(note for note in found if note not in notes)
        return columns[:, :4]

    angles = Angles.degrees(task.theta, task.phi)
    return on_angles(at, angles, one.closed, rule.fourier, one.right_exchange == 0), notes


def _cost(task: _Task) -> float:
    """Processor time (s) of a task, to some factor of three; a long curve solves a few directions."""
    matrix = task.junction.dresselhaus_bulk != 0 or has_second_magnet(task.junction)
    return (_DIRECTION * min(len(task.theta), 8) * (_MATRIX if matrix else 1.0)
            * (_WARM if task.junction.temperature > 0 else 1.0))


def _solve_tile(tasks: Sequence[_Task], check: Check) -> list[tuple[Array, list[str]]]:
    return [_solve(task, check) for task in tasks]


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A grid of junctions, the directions at which each is solved, and how the answers become a Result.

    The last direction is the reference of the TAMR. `outer` are the coordinates of the grid, `inner` that of the
    directions (empty: only the first direction is shown).
    """

    kind: str
    grid: NDArray[np.object_]
    outer: dict[str, Array]
    inner: dict[str, Array]
    theta: Array
    phi: Array
    accuracy: str

    @functools.cached_property
    def unbiased(self) -> NDArray[np.object_]:
        """Each junction at V = 0, where α(V) is α; one for all that differ in nothing else."""
        others = [field.name for field in dataclasses.fields(Junction) if field.name != "bias"]
        known: dict[tuple[object, ...], Junction] = {}
        out = np.empty_like(self.grid)
        for where, junction in np.ndenumerate(self.grid):
            key = tuple(getattr(junction, name) for name in others)
            if key not in known:
                known[key] = junction if junction.bias == 0 else dataclasses.replace(junction, bias=0.0)
            out[where] = known[key]
        return out

    def run(self, monitor: Monitor) -> Result:
        """Solve every junction once, and once without bias for T⊥(V) − T⊥(0); Cancelled carries what is there."""
        check_word("accuracy", self.accuracy, RULES)
        pairs = zip(self.grid.reshape(-1), self.unbiased.reshape(-1), strict=True)
        wanted = dict.fromkeys(junction for pair in pairs for junction in pair)
        theta, phi = (tuple(angles.tolist()) for angles in np.broadcast_arrays(self.theta, self.phi))
        tasks = [_Task(junction, theta, phi, self.accuracy) for junction in wanted]
        cost = max(map(_cost, tasks))
        quick = self.accuracy == "draft" and cost * len(tasks) < _QUICK
        size = len(tasks) if quick else together(len(tasks), cost)
        tiles = [tuple(tasks[first:first + size]) for first in range(0, len(tasks), size)]
        solved: dict[Junction, tuple[Array, list[str]]] = {}
        shown = time.monotonic()
        try:
            for index, answers in completed(_solve_tile, tiles, monitor, NOTES[self.kind]):
                solved.update(zip((task.junction for task in tiles[index]), answers, strict=True))
                if monitor is not silent and time.monotonic() - shown > REDRAW and len(solved) < len(tasks):
                    monitor(len(solved) / len(tasks), NOTES[self.kind], self.result(solved))
                    shown = time.monotonic()
        except Cancelled as stop:
            if solved and stop.partial is None:
                stop.partial = self.result(solved)
            raise
        return self.result(solved)

    def result(self, solved: dict[Junction, tuple[Array, list[str]]]) -> Result:
        """The labelled curves; junctions that are not solved yet are NaN."""
        shape, points = self.grid.shape, max(self.theta.size, self.phi.size)
        raw = np.full((*shape, points, 4), np.nan)
        zero = np.full((*shape, points), np.nan)
        about_p = np.full((*shape, points, 2), np.nan)
        angles = Angles.degrees(*np.broadcast_arrays(self.theta, self.phi))
        bias = np.zeros(shape)
        notes: list[str] = []
        at_rest: Any = self.unbiased
        for where, junction in np.ndenumerate(self.grid):
            bias[where] = junction.bias
            if junction in solved:
                raw[where] = solved[junction][0]
                if has_second_magnet(junction):
                    one = model(junction)
                    about_p[where] = _about_p(one.right_spin, angles, raw[where][:, PAR:])
                notes += [note for note in solved[junction][1] if note not in notes]
            unbiased: Junction = at_rest[where]
            if unbiased in solved:
                zero[where] = solved[unbiased][0][:, PERP]
        variables = _derived(raw, zero, bias[..., None])
        if any(has_second_magnet(junction) for junction in self.grid.reshape(-1)):
            variables |= {"torque_par_p": about_p[..., 0], "torque_perp_p": about_p[..., 1]}
        data = {name: values[..., :-1] if self.inner else values[..., 0] for name, values in variables.items()}
        dims = (*self.outer, *self.inner)
        dataset = xr.Dataset({name: (dims, values) for name, values in data.items()},
                             coords={**self.outer, **self.inner},
                             attrs={"notes": notes, **self._fixed()})
        return Result(kind=self.kind, setup=setup_of(self.grid, self.accuracy), data=describe(dataset),
                      provenance=Provenance(accuracy=self.accuracy))

    def _fixed(self) -> dict[str, float]:
        """The angles that do not vary, for captions and files (degrees)."""
        angles = {"theta_deg": self.theta, "phi_deg": self.phi}
        return {name: float(values.reshape(-1)[0]) for name, values in angles.items()
                if name.removesuffix("_deg") not in self.inner}


def _derived(raw: Array, zero: Array, bias: Array) -> dict[str, Array]:
    """The variables of a curve; resistance is V/I, and 1/G without bias."""
    current, conductance = raw[..., CURRENT], raw[..., CONDUCTANCE]
    at_rest = np.abs(bias) < NO_BIAS
    with np.errstate(divide="ignore", invalid="ignore"):
        resistance = 1 / np.where(at_rest, conductance, current / np.where(at_rest, 1.0, bias))
    return {"current_density": current, "conductance": conductance, "resistance": resistance,
            "tamr": resistance / resistance[..., -1:] - 1, "torque_par": raw[..., PAR],
            "torque_perp": raw[..., PERP], "torque_perp_neq": raw[..., PERP] - zero}


def without_partials(monitor: Monitor) -> Monitor:
    """Progress only: half-solved torques are no energies yet."""

    def progress(fraction: float, note: str = "", partial: Result | None = None) -> None:
        monitor(fraction, note)

    return progress


def setup_of(members: NDArray[np.object_], accuracy: str) -> Setup:
    return Setup(junction=members.reshape(-1)[0], numerics=Numerics(accuracy=accuracy))
