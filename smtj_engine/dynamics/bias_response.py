"""Current and torque of a junction as smooth functions of bias and m, from the transport engine."""

from __future__ import annotations

import dataclasses

import numpy as np

from smtj_engine import cache
from smtj_engine.dynamics.fields import Array
from smtj_engine.dynamics.reading import evaluate, phi_nodes, waves_of
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
#: The last responses, and how many.
_known: dict[tuple[object, ...], BiasResponse] = {}
_KEPT = 16


@dataclasses.dataclass(frozen=True)
class BiasResponse:
    """Current (A/µm²) and both torques −[T(V) − T(0)]/sinθ (eV/µm²; cosine law: through their values at 45°).

    series (3, 1 or 1 + 2·WAVES, BIAS_TERMS, TERMS): polynomials in s = (V − middle)/half, |s| ≤ 1, and in m_z,
    lowest first; where they depend on φ, their mean and those of cos 2jφ and sin 2jφ, j = 1..WAVES.
    """

    middle: float
    half: float
    series: Array
    notes: tuple[str, ...]

    @property
    def turns(self) -> bool:
        """Whether anything depends on φ."""
        return bool(self.series.shape[1] > 1)

    @property
    def current(self) -> Array:
        """The mean current over φ (BIAS_TERMS, TERMS)."""
        return np.asarray(self.series[0, 0])

    @property
    def par(self) -> Array:
        """The mean in-plane torque over φ (BIAS_TERMS, TERMS)."""
        return np.asarray(self.series[1, 0])

    @property
    def perp(self) -> Array:
        """The mean perpendicular torque over φ (BIAS_TERMS, TERMS)."""
        return np.asarray(self.series[2, 0])

    def scaled(self, bias: Array) -> Array:
        """s of a bias in V."""
        return (bias - self.middle) / self.half

    def current_at(self, bias: Array, m: Array, derivative: int = 0) -> Array:
        """I (A/µm²) at V (n,) and m (n, 3), or its derivative with respect to V."""
        series = np.polynomial.polynomial.polyder(self.series[0], derivative, axis=1) / self.half**derivative
        powers = self.scaled(bias)[:, None] ** np.arange(series.shape[1])
        return evaluate(np.einsum("nb,wbk->nwk", powers, series), m)

    def torque_at(self, bias: Array) -> tuple[Array, Array]:
        """The coefficients (n, TERMS) of both torques, averaged over φ, in powers of m_z at V (n,)."""
        powers = self.scaled(np.asarray(bias))[:, None] ** np.arange(BIAS_TERMS)
        return powers @ self.par, powers @ self.perp

    def harmonics_at(self, bias: Array) -> Array | None:
        """How the torques depend on φ at V (n,): (n, WAVES, 4, TERMS) as in fields.Spins, None if they do not."""
        if not self.series[1:, 1:].any():
            return None
        powers = self.scaled(np.asarray(bias))[:, None] ** np.arange(BIAS_TERMS)
        found = np.einsum("nb,qwbk->nwqk", powers, self.series[1:, 1:])     # cos, sin of 2φ, of 4φ, …
        n, waves, _, terms = found.shape
        pairs = found.reshape(n, waves // 2, 2, 2, terms).swapaxes(2, 3)
        return np.asarray(pairs.reshape(n, waves // 2, 4, terms))

    def multiplied(self, par: float, perp: float) -> BiasResponse:
        """The same with its torques multiplied."""
        return dataclasses.replace(self, series=self.series * np.array([1.0, par, perp])[:, None, None, None])


def bias_response(junction: Junction, drive: Drive, low: float, high: float, monitor: Monitor) -> BiasResponse:
    """The response between low and high (V) and a little beyond; the last few are kept, as a drag of the magnet or
    of the field asks for the same again and again.

    Raises ParameterError for a law that takes no torque from a junction, for a right magnetization that is not
    along the normal, and for a bias beyond 3 V.
    """
    _check(junction, drive)
    if low < -_MOST or high > _MOST:
        raise ParameterError("junction.bias", low if low < -_MOST else high, "with its oscillation the bias "
                             "leaves ±3 V, beyond which the barrier breaks down", -_MOST, _MOST)
    low, high = max(low - _ROOM, -_MOST), min(high + _ROOM, _MOST)
    unbiased = dataclasses.replace(junction, bias=0.0)
    key = unbiased, drive.law, drive.junction_perp, low, high
    if key not in _known:
        found = _response(unbiased, drive, low, high, monitor)
        if len(_known) >= _KEPT:
            _known.clear()
        _known[key] = found
    return _known[key]


def _response(junction: Junction, drive: Drive, low: float, high: float, monitor: Monitor) -> BiasResponse:
    from smtj_engine.transport.fourier import theta_nodes

    middle, half = (low + high) / 2, (high - low) / 2
    at = -np.cos(np.pi * (np.arange(BIAS_TERMS) + 0.5) / BIAS_TERMS)
    theta, phi = theta_nodes(TERMS), phi_nodes(junction)
    values: list[Array] = []
    notes: tuple[str, ...] = ()
    for done, angle in enumerate(phi):
        found, notes = _curves(junction, theta, float(angle), middle + half * at, done / len(phi), monitor)
        values.append(found)
    waves = np.stack([waves_of(each) for each in np.stack(values, axis=2)])     # (3, bias, wave, θ)
    in_bias, in_z = np.vander(at, increasing=True), np.vander(np.cos(theta), increasing=True)
    series = np.linalg.solve(in_z, np.linalg.solve(in_bias, waves.swapaxes(1, 2)).swapaxes(2, 3)).swapaxes(2, 3)
    if drive.law == "cosine":
        series[1:] = _through_45(series[1:])
    if drive.junction_perp == "dropped":
        series[2] = 0.0
    return BiasResponse(middle, half, series, notes)


def _curves(junction: Junction, theta: Array, phi: float, bias: Array, done: float,
            monitor: Monitor) -> tuple[Array, tuple[str, ...]]:
    """Current and both torques −[T(V) − T(0)]/sinθ at one φ (3, bias, θ), and notes."""
    from smtj_engine.transport.sweeps import angular_curve

    def working(fraction: float, note: str = "", partial: Result | None = None) -> None:
        monitor(0.0, f"response of the junction, {100 * max(done, fraction):.0f} %")

    volts = [*bias.tolist(), 0.0]
    curve = angular_curve(junction, theta_deg=np.degrees(theta), phi_deg=phi,
                          monitor=working, accuracy="reference", family=("junction.bias", volts))
    par = curve.data["torque_par"].values    # not zero without bias, where α and β act together
    return np.stack([curve.data["current_density"].values[:-1], -(par[:-1] - par[-1]) / np.sin(theta),
                     -curve.data["torque_perp_neq"].values[:-1] / np.sin(theta)]), tuple(curve.notes)


def _through_45(torque: Array) -> Array:
    """The cosine law with the values that torques (2, waves, bias, TERMS) have at θ = 45°, φ = 0."""
    at_zero = torque[:, 0] + torque[:, 1::2].sum(axis=1)    # cos 0 = 1, sin 0 = 0
    law = np.zeros_like(torque)
    law[:, 0, :, 1] = np.sqrt(2) * at_zero @ np.sqrt(0.5) ** np.arange(TERMS)
    return law


def _check(junction: Junction, drive: Drive) -> None:
    """Refuse what the response does not cover."""
    if drive.law not in ("cosine", "transport"):
        raise ParameterError("drive.law", drive.law, "the torque must come from the junction: choose the cosine "
                             "or the transport law")
    magnet = (junction.right_k_up, junction.right_k_down) != (None, None)
    if magnet and junction.right_theta_deg % 180 != 0:
        raise ParameterError("junction.right_theta_deg", junction.right_theta_deg, "the right magnetization "
                             "must be along the normal, 0 or 180°, so that the current is a series about it", 0.0,
                             180.0)
