"""How the torque depends on the direction of m: τ∥ g and τ⊥ g from the junction (physics.md, section 6).

"cosine" and "constant" are powers of m_z; "field" is a field along y and no torque. "transport" takes the
transport engine's torques at the junction's bias: at fixed φ they are sine series in θ, so that T/sinθ =
Σ b_n U_{n−1}(cosθ) is a polynomial in m_z, finite at the poles. With β or γ the coefficients depend on φ, as
Fourier series in 2φ.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from smtj_engine.constants import EV_UM2_IN_MJ_M2, HBAR, M_E, MU_0, E
from smtj_engine.dynamics.fields import Array
from smtj_engine.monitor import Cancelled, Monitor
from smtj_engine.parameters import Junction
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError

#: Terms of the sine series in θ.
TERMS = 16
#: Harmonics of 2φ kept with β, and the angles φ that they are taken from.
WAVES = 3
_PHI = np.arange(2 * WAVES + 2) * 180.0 / (2 * WAVES + 2)


@dataclasses.dataclass(frozen=True)
class Torques:
    """−[T(V) − T(0)]/sinθ of k junctions (eV/µm²) as polynomials in m_z: par, perp (k, TERMS) and, with β,
    harmonics (k, WAVES, 4, TERMS) as in fields.Spins; sentences for the user."""

    par: Array
    perp: Array
    harmonics: Array | None = None
    notes: tuple[str, ...] = ()


def torque_unit(mu0_ms: Any, thickness: Any) -> Any:
    """µ₀M_s² d_F in eV/µm², for µ₀M_s in T and the ferromagnet's thickness d_F in nm: what τ is a torque in."""
    return mu0_ms**2 / MU_0 * thickness * 1e-9 / (EV_UM2_IN_MJ_M2 * 1e-3)


def torque_field(torque: Any, mu0_ms: Any, thickness: Any) -> Any:
    """A torque per area (eV/µm²) as the field T/(M_s d_F) in mT that exerts it on such a magnet."""
    return 1e3 * mu0_ms * torque / torque_unit(mu0_ms, thickness)


def rashba_field(rashba: float, current_density: float, polarization: float, mu0_ms: float) -> float:
    """The effective field of a current in the plane of a Rashba ferromagnet, in M_s: the τ∥ of law="field".

    B = α m₀ P j/(e ħ M_s) along z × j (A. Manchon and S. Zhang, Phys. Rev. B 78, 212405 (2008)): α in eV·nm, j in
    A/µm² of the layer, P a fraction, µ₀M_s in T. It is all that this torque is, as the Letter says: nothing in it
    competes with the damping.
    """
    moment = mu0_ms / MU_0  # A/m
    field = rashba * 1e-9 * E * M_E * polarization * current_density * 1e12 / (E * HBAR * moment)
    return float(field / mu0_ms)


def cosine_torque(junctions: Sequence[Junction], monitor: Monitor) -> tuple[Array, tuple[str, ...]]:
    """−2 [T∥(45°, V) − T∥(45°, 0)] of each junction (k,) in eV/µm²: the amplitude of the cosine law."""
    change, _, notes = _changes(junctions, np.array([45.0]), 0.0, monitor)
    return -2 * change[:, 0], notes


def transport_torques(junctions: Sequence[Junction], monitor: Monitor) -> Torques:
    """The torques of the junctions at all angles."""
    from smtj_engine.transport.fourier import sine_terms, theta_nodes

    theta = np.degrees(theta_nodes(TERMS))
    _check_axis(junctions)
    depends = any((one.dresselhaus != 0 or one.dresselhaus_bulk != 0)
                  and (one.rashba != 0 or one.rashba_slope != 0) for one in junctions)
    angles = _PHI if depends else _PHI[:1]
    series = np.empty((len(angles), 2, len(junctions), TERMS))
    notes: tuple[str, ...] = ()
    for row, phi in enumerate(angles):
        *both, found = _changes(junctions, theta, float(phi), monitor)
        notes += tuple(note for note in found if note not in notes)
        for column, change in enumerate(both):
            series[row, column] = (_POWERS @ -sine_terms(change.T)).T
    if not depends:
        return Torques(series[0, 0], series[0, 1], None, notes)
    harmonics = np.empty((len(junctions), WAVES, 4, TERMS))
    for j in range(1, WAVES + 1):
        for column in (0, 1):
            for part, wave in ((0, np.cos), (1, np.sin)):
                weights = 2 * wave(2 * j * np.radians(angles)) / len(angles)
                harmonics[:, j - 1, 2 * column + part] = np.tensordot(weights, series[:, column], 1)
    mean = series.mean(axis=0)
    return Torques(mean[0], mean[1], harmonics, notes)


def _check_axis(junctions: Sequence[Junction]) -> None:
    """The series about z need a twofold axis there: a second magnet must point along it."""
    for one in junctions:
        if (one.right_k_up, one.right_k_down) != (None, None) and one.right_theta_deg % 180 != 0:
            raise ParameterError("junction.right_theta_deg", one.right_theta_deg,
                                 "the transport law of the dynamics is a series about the normal: the right "
                                 "magnetization must be along it, 0 or 180°", 0.0, 180.0)


def _powers() -> Array:
    """The matrix from b_n of Σ b_n U_{n−1}(x) to coefficients of x^k, from U_{n+1} = 2x U_n − U_{n−1}."""
    matrix = np.zeros((TERMS, TERMS))
    matrix[0, 0] = 1.0
    matrix[1, 1] = 2.0
    for n in range(2, TERMS):
        matrix[1:, n] = 2 * matrix[:-1, n - 1]
        matrix[:, n] -= matrix[:, n - 2]
    return matrix


_POWERS = _powers()


def _changes(junctions: Sequence[Junction], theta: Array, phi: float,
             monitor: Monitor) -> tuple[Array, Array, tuple[str, ...]]:
    """T∥(V) − T∥(0) and T⊥(V) − T⊥(0) of each junction at each θ, (k, θ), in eV/µm², and notes."""
    par, perp = np.empty((len(junctions), theta.size)), np.empty((len(junctions), theta.size))
    notes: list[str] = []
    groups: dict[Junction, list[int]] = {}
    for index, one in enumerate(junctions):
        groups.setdefault(dataclasses.replace(one, bias=0.0), []).append(index)
    for done, (unbiased, members) in enumerate(groups.items()):
        curve = _curve(unbiased, np.array([junctions[index].bias for index in members]), theta, phi, monitor,
                       done / len(groups))
        par[members] = curve.data["torque_par"].values
        if unbiased.dresselhaus != 0 or unbiased.dresselhaus_bulk != 0:
            par[members] -= _curve(unbiased, np.zeros(1), theta, phi, monitor,
                                   done / len(groups)).data["torque_par"].values
        perp[members] = curve.data["torque_perp_neq"].values
        notes += [note for note in curve.notes if note not in notes]
    return par, perp, tuple(notes)


def _curve(junction: Junction, bias: Array, theta: Array, phi: float, monitor: Monitor, done: float) -> Result:
    from smtj_engine.transport.sweeps import angular_curve

    def working(fraction: float, note: str = "", partial: Result | None = None) -> None:
        monitor(0.0, f"torque of the junction, {100 * max(done, fraction):.0f} %")

    try:
        return angular_curve(junction, theta_deg=theta, phi_deg=phi, family=("junction.bias", bias.tolist()),
                             monitor=working)
    except Cancelled as stop:
        stop.partial = None  # a curve is no part of what was asked for
        raise
