"""What an instrument reads while the magnetization moves: current and resistance of the junction, I(V, m)."""

from __future__ import annotations

import dataclasses

import numpy as np

from smtj_engine.arguments import check_kinds
from smtj_engine.dynamics.fields import Array
from smtj_engine.dynamics.torque_laws import TERMS, WAVES
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Junction
from smtj_engine.results import Result, describe
from smtj_engine.schema import ParameterError

#: Voltages between which I/V is interpolated (to 1e-5 over 2 V: where a band ends the current has a kink), and the
#: range (V) below which one is enough.
_NODES, _ALIKE = 32, 1e-9
#: Harmonics of 2φ are taken from twice as many angles and two more.
_PHI = np.arange(2 * WAVES + 2) * 180.0 / (2 * WAVES + 2)
#: Points that are read at a time.
_PART = 20_000


@dataclasses.dataclass(frozen=True)
class Reader:
    """g = I/V (S/µm²) of a junction as a function of V and m; g(0) is dI/dV.

    values (V, 1 + 2·WAVES or 1, TERMS): at each of the voltages `at` a polynomial in m_z and, where the current
    depends on φ, those of cos 2jφ and sin 2jφ; barycentric interpolation between them, which are Chebyshev's.
    """

    at: Array
    values: Array

    @classmethod
    def of(cls, junction: Junction, low: float, high: float, monitor: Monitor = silent) -> Reader:
        """The reader of a junction for biases between low and high (V).

        Raises ParameterError for a right magnetization that is not along the normal.
        """
        from smtj_engine.transport.fourier import theta_nodes
        from smtj_engine.transport.points import transport_points

        if reason := unreadable(junction):
            raise ParameterError("junction.right_theta_deg", junction.right_theta_deg, reason, 0.0, 180.0)
        count = _NODES if high - low > _ALIKE else 1
        nodes = -np.cos(np.pi * (np.arange(count) + 0.5) / count)
        at = (low + high) / 2 + (high - low) / 2 * nodes
        theta = np.degrees(theta_nodes(TERMS))
        phi = phi_nodes(junction)
        volts, around, down = (each.reshape(-1) for each in np.meshgrid(at, phi, theta, indexing="ij"))

        def working(fraction: float, note: str = "", partial: Result | None = None) -> None:
            monitor(0.0, f"current of the junction, {100 * fraction:.0f} %")

        points = transport_points(junction, theta_deg=down, phi_deg=around, bias=volts, monitor=working)
        still = np.abs(volts) < _ALIKE
        g = np.where(still, points["conductance"], points["current_density"] / np.where(still, 1.0, volts))
        powers = np.linalg.inv(np.vander(np.cos(np.radians(theta)), increasing=True))
        return cls(at, np.asarray(waves_of(g.reshape(count, len(phi), TERMS)) @ powers.T))

    def coefficients(self, bias: Array) -> Array:
        """The polynomials at V (n,): (n, 1 + 2·WAVES or 1, TERMS)."""
        count = len(self.at)
        if count == 1:
            return np.broadcast_to(self.values, (len(bias), *self.values.shape[1:]))
        order = np.arange(count)
        weights = (-1.0) ** order * np.sin(np.pi * (order + 0.5) / count)
        gap = bias[:, None] - self.at
        exact = np.abs(gap) < 1e-14
        parts = weights / np.where(exact, 1.0, gap)
        parts = np.where(exact.any(axis=1, keepdims=True), exact, parts)
        mixed = np.tensordot(parts / parts.sum(axis=1, keepdims=True), self.values, 1)
        return np.asarray(mixed)

    def conductance(self, bias: Array, m: Array) -> Array:
        """g (n,) at V (n,) and m (n, 3)."""
        out = np.empty(len(bias))
        for first in range(0, len(bias), _PART):
            part = slice(first, first + _PART)
            out[part] = evaluate(self.coefficients(bias[part]), m[part])
        return out


def evaluate(coefficients: Array, m: Array) -> Array:
    """g at m (n, 3) from polynomials (n or 1, 1 + 2·WAVES or 1, TERMS)."""
    z, total = m[:, 2], np.zeros((len(m), coefficients.shape[1]))
    for k in range(coefficients.shape[2] - 1, -1, -1):
        total = total * z[:, None] + coefficients[:, :, k]
    if total.shape[1] == 1:
        return np.asarray(total[:, 0])
    phi = np.arctan2(m[:, 1], m[:, 0])
    waves = [np.ones_like(phi)]
    for j in range(1, WAVES + 1):
        waves += [np.cos(2 * j * phi), np.sin(2 * j * phi)]
    return np.asarray((total * np.stack(waves, axis=1)).sum(axis=1))


def phi_nodes(junction: Junction) -> Array:
    """The angles φ (°) from which the current is known at all; one where it does not depend on φ."""
    return _PHI if _turns(junction) else _PHI[:1]


def waves_of(values: Array) -> Array:
    """Mean, cos 2jφ and sin 2jφ (V, 1 + 2·WAVES, θ) of values (V, φ, θ); of one φ, the values themselves."""
    if values.shape[1] == 1:
        return values
    rows, turn = [np.ones(len(_PHI))], 2 * np.radians(_PHI)
    for j in range(1, WAVES + 1):
        rows += [2 * np.cos(j * turn), 2 * np.sin(j * turn)]
    return np.asarray(np.einsum("wp,vpt->vwt", np.array(rows) / len(_PHI), values))


def _turns(junction: Junction) -> bool:
    """Whether the current depends on φ."""
    one = junction
    return (one.dresselhaus != 0 or one.dresselhaus_bulk != 0) and (one.rashba != 0 or one.rashba_slope != 0)


def unreadable(junction: Junction) -> str:
    """Why the current of a junction is no series about the normal, or nothing."""
    magnet = (junction.right_k_up, junction.right_k_down) != (None, None)
    return ("the current is taken as a series about the normal: the right magnetization must be along it, 0 or "
            "180°") if magnet and junction.right_theta_deg % 180 != 0 else ""


def read_out(path: Result, junction: Junction, monitor: Monitor = silent) -> Result:
    """Current and resistance along a trajectory.

    Variables over time: bias (V, that of the waveform where it moves the bias), current_density (A/µm²),
    resistance V/I (Ω·µm²; 1/G without bias), m (time, component); driven as in the trajectory. Raises
    ParameterError for a result that is no trajectory and for a right magnetization that is not along the normal.
    """
    check_kinds(path=(path, Result), junction=(junction, Junction))
    if path.kind != "trajectory":
        raise ParameterError("result", path.kind, "a read-out needs a trajectory")
    data = path.data
    moved = "driven" in data and data["driven"].attrs["path"] == "junction.bias"
    bias = data["driven"].values if moved else np.full(data.sizes["time"], junction.bias)
    m = data["m"].values
    try:
        reader = Reader.of(junction, float(bias.min()), float(bias.max()), monitor)
    except Cancelled as stop:
        stop.partial = None  # points of I(V, m) are no part of what was asked for
        raise
    g = reader.conductance(bias, m)
    kept = ["m"] if moved or "driven" not in data else ["m", "driven"]
    read = data[kept].assign(bias=("time", bias), current_density=("time", bias * g), resistance=("time", 1 / g))
    driven = dict(read["driven"].attrs) if "driven" in read else {}
    read = describe(read)
    if driven:
        read["driven"].attrs.update(driven)
    if path.notes:
        read.attrs["notes"] = path.notes
    return dataclasses.replace(path, kind="readout", data=read)
