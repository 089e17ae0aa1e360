"""Spin diode and ferromagnetic resonance driven by the junction's torque: the rectified current three ways.

The bias is V_dc + V_rf cos ωt, the torque and the current I(V, m) come from the transport engine. T⊥(V) − T⊥(0)
carries the whole effect of the voltage on the anisotropy, so none is added. "linear" is second order in V_rf about
the true equilibrium, in orthographic coordinates u on the sphere, u' = f(u, V):
    ũ = (iω − f_u)⁻¹ f_V V_rf,   f_u u₂ = −[¼ũ†f_uu ũ + ½Re f_uV ũ* V_rf + ¼f_VV V_rf²],
    ΔI = ½Re(I_uV·ũ*) V_rf + ¼I_VV V_rf² + ¼ũ†I_uu ũ + I_u·u₂.
"closed" is what that becomes to first order in η at V_dc = 0 where m, z and the field share a mirror plane:
a symmetric Lorentzian from T∥ and an antisymmetric one from T⊥ (Tulapurkar et al., 2005; Sankey et al., 2008);
"time" integrates the equation of motion. With a current I_dc + I_rf cos ωt, V(I, m) takes the place of I(V, m).
With α and β together torque and current depend on φ too (C2v), as Fourier series in 2φ; "closed" is left out.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from smtj_engine.arguments import check_word, is_number, path_and_numbers, real_numbers
from smtj_engine.dynamics.bias_response import BiasResponse, bias_response
from smtj_engine.dynamics.cells import at_rest_notes, build, check_all, direction, setup_of
from smtj_engine.dynamics.fields import (
    Array,
    Spins,
    effective_field,
    growth_rates,
    nearest_equilibria,
    slope,
    tangents,
)
from smtj_engine.dynamics.rectifying import Driven, timed
from smtj_engine.dynamics.torque_laws import torque_unit
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import DEFAULT, Drive, Junction, Magnet, Setup
from smtj_engine.results import Provenance, Result, describe, described_by
from smtj_engine.schema import ParameterError, spec_at

Complex = NDArray[np.complex128]
METHODS, SOURCES = ("linear", "time"), ("voltage", "current")
#: Steps of the differences in u and in V; their error is their square.
_STEP, _STEP_V = 5e-4, 5e-4
#: The shortest time (s) between two partial results.
_INTERVAL = 0.5
#: The most values of a map.
MOST_VALUES = 4_000_000


def spin_diode(magnet: Magnet, drive: Drive, junction: Junction | None, *, frequency: ArrayLike,
               amplitude: float = 0.01, over: tuple[str, ArrayLike] | None = None, method: str = "linear",
               source: str = "voltage", theta0_deg: float = 10.0, phi0_deg: float = 0.0,
               monitor: Monitor = silent) -> Result:
    """The rectified signal against frequency (GHz, (n,)) about the stable state next to (θ0, φ0).

    amplitude: V_rf (V); with source="current" that of the current is V_rf dI/dV. over = (path, values) adds a
    leading dimension called "over": a number of the magnet, a field of the drive, or junction.bias (V_dc).

    Variables (over, frequency): rectified, ΔI_dc in A/µm² (with a current drive −ΔV_dc dI/dV); open_circuit,
    −ΔI_dc dV/dI in V; background, what is left far above the resonance, and both without it: resonant and
    resonant_voltage; closed with its parts symmetric and antisymmetric (NaN outside the closed form's domain);
    with method="time" timed, by integration; a partial result lacks some of it. Along over: resonance and
    linewidth (GHz) of the small oscillations, m_rest, the state. NaN where no state is stable.

    Raises ParameterError for a bad axis, amplitude or frequency.
    """
    case = _Case.of(magnet, drive, junction, over, _frequencies(frequency), amplitude, method, source, monitor)
    m, stable = _rest(case, direction(theta0_deg, phi0_deg))
    expansion = _expand(case, m)
    if source == "current":     # the voltage follows m and so acts back on it
        stable &= np.linalg.eigvals(expansion.first[:, :2, :2]).real.max(axis=1) < 0
    data = _linear(case, expansion) | _closed(case, m)
    for name, values in data.items():
        data[name] = np.where(stable.reshape(-1, *[1] * (values.ndim - 1)), values, np.nan)
    data["m_rest"] = m
    if method == "time":
        data["timed"] = np.full(case.omega.shape, np.nan)
        _integrate(case, data, expansion, stable, monitor)
    return _result(case, data, stable)


def _integrate(case: _Case, data: dict[str, Array], expansion: _Expansion, stable: NDArray[np.bool_],
               monitor: Monitor) -> None:
    """Fill in what the integration in time gives; stopped, the result holds what there is."""
    decay = np.where(stable, -np.linalg.eigvals(expansion.first[:, :2, :2]).real.max(axis=1), np.nan)
    told = time.monotonic()
    try:
        for done in timed(Driven(case.spins, case.response, case.unit, case.bias, data["m_rest"], decay,
                                 expansion.conductance, case.frequency, case.amplitude, case.source == "current"),
                          data["timed"], monitor):
            if monitor is not silent and time.monotonic() - told > _INTERVAL:
                told = time.monotonic()
                monitor(done, "spin diode in time", _result(case, data, stable))
    except Cancelled as stop:
        stop.partial = _result(case, data, stable)
        raise


@dataclasses.dataclass(frozen=True)
class _Case:
    """n macrospins at their bias, the junction's response, and the frequencies."""

    setup: Setup
    path: str
    values: Array
    spins: Spins
    unit: Array
    bias: Array
    response: BiasResponse
    frequency: Array
    amplitude: float
    method: str
    source: str
    notes: tuple[str, ...]

    @classmethod
    def of(cls, magnet: Magnet, drive: Drive, junction: Junction | None, over: tuple[str, ArrayLike] | None,
           frequency: Array, amplitude: float, method: str, source: str, monitor: Monitor) -> _Case:
        check_all(magnet, drive, junction)
        if junction is None:
            raise ParameterError("junction", None, "a spin diode needs a junction, whose current is rectified")
        for name, value, known in (("method", method, METHODS), ("source", source, SOURCES)):
            check_word(name, value, known)
        if not is_number(amplitude) or not 0 < amplitude <= 1:
            raise ParameterError("amplitude", amplitude, "must be a voltage above 0 and at most 1 V", 0.0, 1.0)
        path, values = _axis(over)
        n = max(len(values), 1)
        if n * frequency.size > MOST_VALUES:
            raise ParameterError("over", n, f"{n} × {frequency.size} values are too many: take at most "
                                 f"{MOST_VALUES}")
        bias = values if path == "junction.bias" else np.full(n, junction.bias)
        response = bias_response(junction, drive, float(bias.min()) - amplitude, float(bias.max()) + amplitude,
                                 monitor)
        axes = {path: values} if path and path != "junction.bias" else {}
        notes = [*at_rest_notes(magnet, drive), *response.notes]
        if drive.tau_par or drive.tau_perp:
            notes.append("The torque comes from the junction; τ∥ and τ⊥ of the drive were ignored.")
        spins, unit = _spins(magnet, drive, axes, n)
        return cls(setup_of(magnet, drive, junction), path, values, spins, unit, bias, response, frequency,
                   amplitude, method, source, tuple(notes))

    def at(self, bias: Array, index: Any = slice(None)) -> Spins:
        """The spins with the torque of a bias (their number,)."""
        par, perp = self.response.torque_at(bias)
        harmonics, unit = self.response.harmonics_at(bias), self.unit[index][:, None]
        return dataclasses.replace(self.spins.take(index), par=par / unit, perp=perp / unit, harmonics=None
                                   if harmonics is None else harmonics / unit[..., None, None])

    @property
    def omega(self) -> Array:
        """2πf in 1/(unit of time) (n, frequency)."""
        return 2 * np.pi * self.spins.unit[:, None] * self.frequency


def _spins(magnet: Magnet, drive: Drive, axes: Mapping[str, Array], n: int) -> tuple[Spins, Array]:
    """n macrospins without torque, and the unit of the torque of each."""
    plain = dataclasses.replace(drive, law="cosine", tau_par=0.0, tau_perp=0.0)
    sizes = [axes.get(f"magnet.{name}", np.full(n, getattr(magnet, name))) for name in ("mu0_ms", "thickness")]
    return build(magnet, plain, None, axes, n).spins, torque_unit(*sizes)


def small_signal(setup: Setup, response: BiasResponse, axes: Mapping[str, Array], n: int, frequency: Array,
                 rest: Array | None = None) -> dict[str, Array]:
    """The linear method alone, for fits, which keep the junction's response: n macrospins at the setup's bias,
    whose parameters the axes (path to (n,)) replace, with amplitude, drive and start of the setup's grid.

    rectified, open_circuit (n, frequency), background, resonance, linewidth (n,), m_rest (n, 3), which may be
    given as `rest` where it is known; NaN where no state is stable.
    """
    grid, bias = setup.numerics.spin_diode, np.full(n, setup.junction.bias)
    case = _Case(setup, "", np.empty(0), *_spins(setup.magnet, setup.drive, axes, n), bias, response, frequency,
                 grid.amplitude, "linear", grid.source, ())
    if rest is None:
        m, stable = _rest(case, direction(grid.theta0_deg, grid.phi0_deg))
    else:
        m, stable = rest, np.asarray((growth_rates(case.at(bias), rest).real < 0).all(axis=1))
    data = _linear(case, _expand(case, m))
    return {"m_rest": m} | {name: np.where(stable.reshape(-1, *[1] * (values.ndim - 1)), values, np.nan)
                            for name, values in data.items()}


def _frequencies(frequency: ArrayLike) -> Array:
    values = np.atleast_1d(real_numbers("frequency", frequency))
    if (values <= 0).any() or values.max() > 1e4:
        raise ParameterError("frequency", None, "must be frequencies above 0 and at most 1e4 GHz", 0.0, 1e4)
    return values


def _axis(over: tuple[str, ArrayLike] | None) -> tuple[str, Array]:
    if over is None:
        return "", np.empty(0)
    path, values = path_and_numbers("over", over)
    spec = spec_at(DEFAULT, path)
    fine = path.startswith("magnet.") or path in ("junction.bias", "drive.h_x", "drive.h_y", "drive.h_z")
    if not fine or spec.choices:
        raise ParameterError("over", path, "must be a number of the magnet, a field of the drive, or "
                             "junction.bias")
    for value in values:
        spec.check(float(value), path)
    return path, values


def _rest(case: _Case, start: Array) -> tuple[Array, NDArray[np.bool_]]:
    """The stable state nearest to the start of each spin (n, 3), found from 15 points of the sphere."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / np.sqrt(3)
    points = np.concatenate([start[None], np.eye(3), -np.eye(3), corners])
    n, k = len(case.spins), len(points)
    index = np.repeat(np.arange(n), k)
    spins = case.at(case.bias[index], index)
    m, found = nearest_equilibria(spins, np.tile(points, (n, 1)))
    stable = found & (growth_rates(spins, m).real < 0).all(axis=1)
    nearness = np.where(stable, m @ start, -2.0).reshape(n, k)
    best = nearness.argmax(axis=1)
    return m.reshape(n, k, 3)[np.arange(n), best], nearness.max(axis=1) > -2


@dataclasses.dataclass(frozen=True)
class _Expansion:
    """First and second derivatives of (f₁, f₂, O) with respect to (u₁, u₂, x): (n, 3, 3) and (n, 3, 3, 3); the
    amplitude of x and dI/dV (n,)."""

    first: Array
    second: Array
    amplitude: Array
    conductance: Array


def _expand(case: _Case, m: Array) -> _Expansion:
    """Central differences of the equation of motion and of the observable about m; x is V and O is I, or the
    other way round."""
    basis = tangents(m)
    n = len(m)
    current = case.response.current_at(case.bias, m)
    conductance = case.response.current_at(case.bias, m, 1)
    voltage = case.source == "voltage"
    size = np.stack([np.full(n, _STEP), np.full(n, _STEP), np.full(n, _STEP_V) * (1 if voltage else conductance)])

    def at(*shift: int) -> Array:
        u = np.stack([shift[0] * size[0], shift[1] * size[1]], axis=1)
        place = (basis @ u[:, :, None])[:, :, 0] + np.sqrt(1 - (u**2).sum(axis=1))[:, None] * m
        x = (case.bias if voltage else current) + shift[2] * size[2]
        bias = x if voltage else _bias_of(case, x, place)
        moved = slope(case.at(bias), place)
        observed = case.response.current_at(bias, place) if voltage else bias
        return np.concatenate([(np.swapaxes(basis, 1, 2) @ moved[:, :, None])[:, :, 0], observed[:, None]], axis=1)

    first, second = np.empty((n, 3, 3)), np.empty((n, 3, 3, 3))
    centre, unit = at(0, 0, 0), np.eye(3, dtype=int)
    for a in range(3):
        up, down, da = at(*unit[a]), at(*-unit[a]), size[a][:, None]
        first[:, :, a], second[:, :, a, a] = (up - down) / (2 * da), (up - 2 * centre + down) / da**2
        for b in range(a):
            mixed = (at(*unit[a] + unit[b]) - at(*unit[a] - unit[b]) - at(*unit[b] - unit[a])
                     + at(*-unit[a] - unit[b]))
            second[:, :, a, b] = second[:, :, b, a] = mixed / (4 * da * size[b][:, None])
    return _Expansion(first, second, case.amplitude * (np.ones(n) if voltage else conductance), conductance)


def _bias_of(case: _Case, current: Array, m: Array) -> Array:
    """V(I, m) by Newton's method."""
    bias = case.bias.copy()
    for _ in range(6):
        bias = bias - (case.response.current_at(bias, m) - current) / case.response.current_at(bias, m, 1)
    return bias


def _linear(case: _Case, e: _Expansion) -> dict[str, Array]:
    """The second-order response, written in this module's heading."""
    x = e.amplitude[:, None]
    a, b = e.first[:, :2, :2], e.first[:, :2, 2]
    # ũ (n, frequency, 2)
    response = _resolvent(a, np.asarray(1j * case.omega, dtype=np.complex128), b) * x[:, :, None]
    square = np.real(response[..., :, None] * response[..., None, :].conj())
    force = (np.einsum("ncab,nfab->nfc", e.second[:, :, :2, :2], square) / 4
             + np.einsum("nca,nfa->nfc", e.second[:, :, :2, 2], response.real) * x[:, :, None] / 2
             + e.second[:, None, :, 2, 2] * x[:, :, None] ** 2 / 4)
    shift = -np.linalg.solve(a[:, None], force[..., :2, None])[..., 0]
    signal = force[..., 2] + np.einsum("na,nfa->nf", e.first[:, 2, :2], shift)
    still = e.second[:, :, 2, 2] * e.amplitude[:, None] ** 2 / 4
    shift0 = -np.linalg.solve(a, still[:, :2, None])[..., 0]
    background = still[:, 2] + (e.first[:, 2, :2] * shift0).sum(axis=1)
    if case.source == "current":
        signal, background = -signal * e.conductance[:, None], -background * e.conductance
    rates = np.linalg.eigvals(a)
    turns = 2 * np.pi * case.spins.unit
    resonant = signal - background[:, None]
    return {"rectified": signal, "open_circuit": -signal / e.conductance[:, None], "background": background,
            "resonant": resonant, "resonant_voltage": -resonant / e.conductance[:, None],
            "resonance": np.abs(rates.imag).max(axis=1) / turns, "linewidth": -2 * rates.real.mean(axis=1) / turns}


def _resolvent(a: Array, z: Complex, b: Array) -> Complex:
    """(z − a)⁻¹ b for 2×2 matrices a (n, 2, 2), numbers z (n, k) and vectors b (n, 2): (n, k, 2)."""
    p, q = z - a[:, None, 0, 0], z - a[:, None, 1, 1]
    det = p * q - (a[:, 0, 1] * a[:, 1, 0])[:, None]
    one = q * b[:, None, 0] + (a[:, 0, 1] * b[:, 1])[:, None]
    two = p * b[:, None, 1] + (a[:, 1, 0] * b[:, 0])[:, None]
    return np.asarray(np.stack([one, two], axis=-1) / det[..., None])


def _closed(case: _Case, m: Array) -> dict[str, Array]:
    """Two Lorentzians, to first order in η, at V_dc = 0 and in a mirror plane (see this module's heading).

    With the stiffnesses H_θ, H_φ of the energy, ω₀² = H_θH_φ, Δ = η(H_θ + H_φ) and derivatives f', t' of τ∥g and
    τ⊥g with respect to V: ΔI = −½V_rf² I_Vθ sinθ Re{[iω(f' + ηt') + H_φt']/(ω₀² − ω² + iωΔ)} + ¼I_VV V_rf².
    """
    spins, omega, z = case.spins, case.omega, m[:, 2]
    sine = np.sqrt(np.maximum(1 - z * z, 1e-30))
    along = np.stack([m[:, 0] * z, m[:, 1] * z, -sine**2], axis=1) / sine[:, None]  # e_θ
    across = np.stack([-m[:, 1], m[:, 0], np.zeros_like(z)], axis=1) / sine[:, None]  # e_φ
    pull = (m * effective_field(spins, m)).sum(axis=1)

    def stiffness(a: Array, b: Array) -> Array:
        return np.asarray(-(spins.q_par * a[:, 0] * b[:, 0] + spins.q_eff * a[:, 2] * b[:, 2]))

    h_theta, h_phi = stiffness(along, along) + pull, stiffness(across, across) + pull
    planar = (np.abs(stiffness(along, across)) < 1e-9) & (np.abs((spins.h * across).sum(axis=1)) < 1e-9)
    valid = planar & (case.bias == 0) & (case.source == "voltage") & (sine > 1e-9) & (not case.response.turns)
    par, perp = (_derivative(case, torque, z) / case.unit for torque in (case.response.par, case.response.perp))
    d_current = np.asarray(np.polynomial.polynomial.polyder(case.response.current, axis=1), dtype=np.float64)
    mixed = _derivative(case, d_current, z) * -sine  # I_Vθ
    w0, width = (h_theta * h_phi)[:, None], (spins.eta * (h_theta + h_phi))[:, None]
    scale = (-0.5 * case.amplitude**2 * mixed * sine)[:, None]
    below = (w0 - omega**2) ** 2 + (omega * width) ** 2
    symmetric = scale * omega**2 * width * (par + spins.eta * perp)[:, None] / below
    antisymmetric = scale * (h_phi * perp)[:, None] * (w0 - omega**2) / below
    twice = np.polynomial.polynomial.polyder(case.response.current, 2, axis=0) / case.response.half**2
    curvature = np.polynomial.polynomial.polyval2d(case.response.scaled(case.bias), z, twice)
    parts = {"closed": symmetric + antisymmetric + (curvature * case.amplitude**2 / 4)[:, None],
             "symmetric": symmetric, "antisymmetric": antisymmetric}
    return {name: np.where(valid[:, None], values, np.nan) for name, values in parts.items()}


def _derivative(case: _Case, coefficients: Array, z: Array) -> Array:
    """d/dV of a polynomial in bias and m_z, at the bias and z."""
    slope = np.polynomial.polynomial.polyder(coefficients, axis=0) / case.response.half
    return np.asarray(np.polynomial.polynomial.polyval2d(case.response.scaled(case.bias), z, slope))


def _result(case: _Case, data: dict[str, Array], stable: NDArray[np.bool_]) -> Result:
    """Labelled, without the leading dimension where there is none."""
    dims = {"m_rest": ("component",), "background": (), "resonance": (), "linewidth": ()}
    lead = ("over",) if case.path else ()
    variables = {name: ((*lead, *dims.get(name, ("frequency",))), values if case.path else values[0])
                 for name, values in data.items()}
    coords: dict[str, Any] = {"frequency": case.frequency, "component": ["x", "y", "z"]}
    if case.path:
        coords["over"] = case.values
    dataset = describe(xr.Dataset(variables, coords=coords))
    if case.path:
        dataset["over"].attrs.update(described_by(case.path))
    dataset.attrs.update(amplitude=case.amplitude, source=case.source)
    notes = list(case.notes)
    if not stable.all():
        notes.append("Where no state is stable the magnetization oscillates by itself and there is no linear "
                     "response: those values are NaN; follow a trajectory instead.")
    z = data["m_rest"][stable, 2]
    if z.size and (np.abs(z * np.sqrt(1 - z * z)) < 1e-3).all():
        notes.append("The signal vanishes where m is along the normal or in the plane: tilt it by a field.")
    elif np.isnan(data["closed"]).all():
        notes.append("The closed form holds without a dc bias under a voltage, where m, z and the field share a "
                     "mirror plane and nothing depends on φ (α and β together do); it was left out.")
    if notes:
        dataset.attrs["notes"] = notes
    return Result(kind="spin-diode", setup=case.setup, data=dataset,
                  provenance=Provenance(accuracy=f"{case.method}, transport reference"))
