"""Current and torque of a junction as smooth functions of bias and m_z, from the transport engine."""

from __future__ import annotations

import dataclasses

import numpy as np

from smtj_engine import cache
from smtj_engine.dynamics.fields import Array
from smtj_engine.monitor import Monitor
from smtj_engine.parameters import Drive, Junction
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError

cache.prepare()  # before numba is imported

from smtj_engine.dynamics.diode_kernels import BIAS_TERMS  # noqa: E402
from smtj_engine.dynamics.kernels import TERMS  # noqa: E402

#: How far (V) beyond the bias the polynomials reach at least: a derivative needs room, and 1e-9 of the current at
#: their nodes is then 1e-6 of its second derivative.
_ROOM = 0.25
#: The bias beyond which a junction is refused (V).
_MOST = 3.0


@dataclasses.dataclass(frozen=True)
class BiasResponse:
    """Polynomials in s = (V − middle)/half, |s| ≤ 1, and in m_z, lowest first: current in A/µm² and
    par, perp (BIAS_TERMS, TERMS): −[T(V) − T(0)]/sinθ in eV/µm², or the cosine law through their values at 45°."""

    middle: float
    half: float
    current: Array
    par: Array
    perp: Array
    notes: tuple[str, ...]

    def scaled(self, bias: Array) -> Array:
        """s of a bias in V."""
        return (bias - self.middle) / self.half

    def current_at(self, bias: Array, mz: Array) -> Array:
        """I (A/µm²) at V and m_z of the same shape."""
        return np.asarray(np.polynomial.polynomial.polyval2d(self.scaled(bias), mz, self.current))

    def torque_at(self, bias: Array) -> tuple[Array, Array]:
        """The coefficients (n, TERMS) of both torques in powers of m_z at V (n,)."""
        powers = self.scaled(np.asarray(bias))[:, None] ** np.arange(BIAS_TERMS)
        return powers @ self.par, powers @ self.perp


def bias_response(junction: Junction, drive: Drive, low: float, high: float, monitor: Monitor) -> BiasResponse:
    """The response between low and high (V) and a little beyond.

    Raises ParameterError for a law that takes no torque from a junction, for a current that depends on φ, and for
    a bias beyond 3 V.
    """
    from smtj_engine.transport.fourier import theta_nodes
    from smtj_engine.transport.sweeps import angular_curve

    _check(junction, drive)
    if low < -_MOST or high > _MOST:
        raise ParameterError("junction.bias", low if low < -_MOST else high, "with its oscillation the bias "
                             "leaves ±3 V, beyond which the barrier breaks down", -_MOST, _MOST)
    low, high = max(low - _ROOM, -_MOST), min(high + _ROOM, _MOST)
    middle, half = (low + high) / 2, (high - low) / 2
    at = -np.cos(np.pi * (np.arange(BIAS_TERMS) + 0.5) / BIAS_TERMS)
    theta = theta_nodes(TERMS)

    def working(fraction: float, note: str = "", partial: Result | None = None) -> None:
        monitor(0.0, f"response of the junction, {100 * fraction:.0f} %")

    curve = angular_curve(dataclasses.replace(junction, bias=0.0), theta_deg=np.degrees(theta), monitor=working,
                          accuracy="reference", family=("junction.bias", (middle + half * at).tolist()))
    in_bias, in_z = np.vander(at, increasing=True), np.vander(np.cos(theta), increasing=True)

    def polynomial(values: Array) -> Array:
        return np.asarray(np.linalg.solve(in_z, np.linalg.solve(in_bias, values).T).T)

    data = curve.data
    par = polynomial(-data["torque_par"].values / np.sin(theta))
    perp = polynomial(-data["torque_perp_neq"].values / np.sin(theta))
    if drive.law == "cosine":
        par, perp = _through_45(par), _through_45(perp)
    if drive.junction_perp == "dropped":
        perp = np.zeros_like(perp)
    return BiasResponse(middle, half, polynomial(data["current_density"].values), par, perp, tuple(curve.notes))


def _through_45(torque: Array) -> Array:
    """The cosine law with the value that a torque has at 45°."""
    law = np.zeros_like(torque)
    law[:, 1] = np.sqrt(2) * torque @ np.sqrt(0.5) ** np.arange(TERMS)
    return law


def _check(junction: Junction, drive: Drive) -> None:
    """Refuse what the response does not cover."""
    if drive.law not in ("cosine", "transport"):
        raise ParameterError("drive.law", drive.law, "the torque must come from the junction: choose the cosine "
                             "or the transport law")
    both = junction.dresselhaus != 0 or junction.dresselhaus_bulk != 0
    if both and (junction.rashba != 0 or junction.rashba_slope != 0):
        raise ParameterError("junction.dresselhaus", junction.dresselhaus, "with Dresselhaus and Rashba "
                             "interaction together the current depends on φ, which this calculation leaves out")
    magnet = (junction.right_k_up, junction.right_k_down) != (None, None)
    if magnet and junction.right_theta_deg % 180 != 0:
        raise ParameterError("junction.right_theta_deg", junction.right_theta_deg, "the right magnetization "
                             "must be along the normal, 0 or 180°, so that the current depends on m_z alone", 0.0,
                             180.0)
