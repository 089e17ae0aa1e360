"""Where the torque comes from: spin density over depth, and transport over k∥ and energy (Eqs. 5-7).

The Letter defines the torque by the spin density in F, T = J∫m×M dz. Its integrand oscillates with a tail that
falls as a power of the depth, so that the integral to a finite depth swings about its limit; with the convergence
factor exp(−0·z) it is minus the transverse spin current at the interface, which is what the rest of the program
computes. `running_par` and `running_perp` show how it swings, `tapered_par` and `tapered_perp` what remains when
the far end is faded out instead of cut off.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from smtj_engine.arguments import check_kinds, check_whole, check_word, real_number, real_numbers
from smtj_engine.constants import E2_H, HBAR2_2M, PER_A2_IN_PER_UM2
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction, Numerics, Setup
from smtj_engine.results import Provenance, Result, describe
from smtj_engine.scale.executor import Check, Made, completed, together
from smtj_engine.schema import ParameterError
from smtj_engine.transport import density_kernels, observables
from smtj_engine.transport.barrier import NM_IN_ANGSTROM, Model, model
from smtj_engine.transport.observables import RULES, Angles, Rule
from smtj_engine.transport.quadrature import CELL, POINT, adaptive, azimuths, gauss
from smtj_engine.transport.sweeps import transport_point

Array = NDArray[np.float64]
#: The densities' own tolerance: 200 depths share the nodes, and a picture needs no more.
_TOLERANCE = {"draft": 1e-3, "normal": 1e-6, "reference": 1e-8}
#: Processor time (s) of a point of a map and of an energy of the spectra, about.
_POINT, _LEVEL = 8e-7, 2e-4
#: A step (nm) that resolves the swings of the running integral.
_SWING = 0.03
#: The last order of the sea's contour.
_LAST_ORDER = 96


def spin_density(junction: Junction, *, theta_deg: float = 45.0, phi_deg: float = 0.0,
                 depth: ArrayLike | None = None, accuracy: str = "normal", monitor: Monitor = silent) -> Result:
    """Spin density in F, its torque density, and the torque integrated from the interface (Eqs. 5-7).

    depth (nm, shape (n,)) counts from the interface into F; it defaults to 201 values up to 5 nm. spin_par,
    spin_perp and spin_along: components of m along −e_θ, e_φ and −M, a right-handed frame (1/nm³; m counts σ,
    without ħ/2). The majority's spin points along −M, so that spin_along is majority minus minority density, the
    whole of it: the bulk's own, spin_bulk = (k↑³ − k↓³)/6π² at T = 0, which is its limit deep inside at V = 0, the
    Friedel oscillations of both spins before the interface, and what the bias adds (at V ≠ 0 the waves that come
    from the right electrode, or are missing there, reach any depth). It exerts no torque.

    torque_density_par/_perp: of J m×M (eV/nm³); running_par/_perp: its integral down to the depth (eV/µm²), which
    swings about torque_par and torque_perp of the interface formula; tapered_par/_perp: the same with the density
    faded out over the second half of the way by cos², which settles on them. All but spin_bulk NaN, with a note,
    where the torque is not defined. Raises ParameterError for a depth that is not one.
    """
    check_kinds(junction=(junction, Junction))
    check_word("accuracy", accuracy, RULES)
    rule = RULES[accuracy]
    depths = np.linspace(0.0, 5.0, 201) if depth is None else np.atleast_1d(real_numbers("depth", depth))
    if np.any(depths < 0):
        raise ParameterError("depth", depth, "must be depths in nm, counted from the interface into F")
    point = transport_point(junction, theta_deg, phi_deg, accuracy=accuracy)
    one, angles = model(junction), Angles.degrees(theta_deg, phi_deg)
    deepest = float(depths.max()) or 1.0
    fine = np.linspace(0.0, deepest, max(4, math.ceil(deepest / _SWING)))
    z = np.concatenate([depths, fine]) * NM_IN_ANGSTROM
    monitor(0.0, "spin density")
    if np.isfinite(point.torque_perp):
        total = _sea(one, angles, rule, z, _TOLERANCE[accuracy], monitor)
        total += _window(one, angles, rule, z, _TOLERANCE[accuracy], monitor)
    else:
        total = np.full((z.size, 5), np.nan)
    # T = J m×M: T_par = −T·e_θ = −J m_φ, T_perp = T·e_φ = −J m_θ
    per_nm3, torque = NM_IN_ANGSTROM**3, -one.exchange * NM_IN_ANGSTROM**3
    area = -one.exchange * PER_A2_IN_PER_UM2
    tapered = area * _tapered(fine, total[depths.size:, 2:4], depths)
    total, bulk = total[:depths.size], per_nm3 * _bulk(one)
    data = xr.Dataset(
        {"spin_par": ("depth", -per_nm3 * total[:, 0]), "spin_perp": ("depth", per_nm3 * total[:, 1]),
         "spin_along": ("depth", bulk + per_nm3 * total[:, 4]), "spin_bulk": bulk,
         "torque_density_par": ("depth", torque * total[:, 1]),
         "torque_density_perp": ("depth", torque * total[:, 0]),
         "running_par": ("depth", area * total[:, 3]), "running_perp": ("depth", area * total[:, 2]),
         "tapered_par": ("depth", tapered[:, 1]), "tapered_perp": ("depth", tapered[:, 0]),
         "torque_par": point.torque_par, "torque_perp": point.torque_perp},
        coords={"depth": depths}, attrs={"notes": list(point.notes), **_where(theta_deg, phi_deg)})
    monitor(1.0)
    return _result("density", junction, data, accuracy)


def k_map(junction: Junction, *, theta_deg: float = 45.0, phi_deg: float = 0.0, energy: float = 0.0,
          points: int = 121, extent: float | None = None, accuracy: str = "normal",
          monitor: Monitor = silent) -> Result:
    """Transmission, its spin polarization and the torques over (k_x, k_y) at one energy.

    energy (eV) is measured from the mean Fermi level (µ_F is at V/2, µ_N at −V/2). extent: the largest |k_x| (1/Å;
    default: the widest channel). transmission is summed over spins; polarization is the majority's minus the
    minority's share of what reaches F; torque_par_k and torque_perp_k: what the window adds per energy and k∥ area
    (dimensionless: eV/Å² per eV and 1/Å²). Raises ParameterError where no wave has this energy.
    """
    check_kinds(junction=(junction, Junction))
    check_word("accuracy", accuracy, RULES)
    check_whole("points", points, 2, 10_000)
    for name, value in (("theta_deg", theta_deg), ("phi_deg", phi_deg), ("energy", energy)):
        real_number(name, value)
    if extent is not None and real_number("extent", extent) <= 0:
        raise ParameterError("extent", extent, "must be a wave vector above 0 (1/Å)", 0.0)
    one, angles = model(junction), Angles.degrees(theta_deg, phi_deg)
    e = _energy(one, energy)
    if one.widest(e) == 0:
        raise ParameterError("energy", energy, "lies below every band")
    k = np.linspace(-1.0, 1.0, points) * (one.widest(e) if extent is None else extent)
    rows = together(points, _POINT * points)
    parts = [slice(first, first + rows) for first in range(0, points, rows)]
    tiles = Made(lambda part: (e, k[part], k, np.array(one.numbers), angles.rows), parts)
    out = np.empty((points, points, 4))
    for index, answer in completed(_map_rows, tiles, monitor, "k∥ map"):
        out[parts[index]] = answer
    with np.errstate(divide="ignore", invalid="ignore"):
        polarization = np.where(out[..., 0] > 0, out[..., 1] / out[..., 0], np.nan)
    scale = 1 / (16 * np.pi**3)
    values = {"transmission": out[..., 0], "polarization": polarization, "torque_par_k": scale * out[..., 2],
              "torque_perp_k": scale * out[..., 3]}
    data = xr.Dataset(
        {name: (("k_x", "k_y"), numbers) for name, numbers in values.items()},
        coords={"k_x": k, "k_y": k}, attrs={"notes": [], "energy": float(energy), **_where(theta_deg, phi_deg)})
    monitor(1.0)
    return _result("kmap", junction, data, accuracy)


def spectral(junction: Junction, *, energy: ArrayLike, theta_deg: float = 45.0, phi_deg: float = 0.0,
             accuracy: str = "normal", monitor: Monitor = silent) -> Result:
    """What each energy would carry if it lay in the bias window: current and torques per eV.

    energy (eV, shape (n,)) is measured from the mean Fermi level (µ_F is at V/2, µ_N at −V/2). Between the two
    (at T = 0) the integral of current_spectrum is the current and that of torque_par_spectrum, with β = γ = 0, the
    in-plane torque, for V > 0; for V < 0 they are the negatives. torque_perp_spectrum is the window's part of T⊥.
    """
    check_kinds(junction=(junction, Junction))
    check_word("accuracy", accuracy, RULES)
    along = np.atleast_1d(real_numbers("energy", energy))
    for name, value in (("theta_deg", theta_deg), ("phi_deg", phi_deg)):
        real_number(name, value)
    one, rows, values = model(junction), Angles.degrees(theta_deg, phi_deg).rows, np.zeros((along.size, 3))
    count = together(along.size, _LEVEL)
    parts = [slice(first, first + count) for first in range(0, along.size, count)]
    tiles = Made(lambda part: (one, along[part], rows, accuracy), parts)
    for index, answer in completed(_levels, tiles, monitor, "energies"):
        values[parts[index]] = answer
    values *= PER_A2_IN_PER_UM2 * np.array([E2_H / (2 * np.pi), 1 / (8 * np.pi**2), 1 / (8 * np.pi**2)])
    names = ("current_spectrum", "torque_par_spectrum", "torque_perp_spectrum")
    data = xr.Dataset({name: ("electron_energy", values[:, at]) for at, name in enumerate(names)},
                      coords={"electron_energy": along}, attrs={"notes": [], **_where(theta_deg, phi_deg)})
    monitor(1.0)
    return _result("spectral", junction, data, accuracy)


def _tapered(fine: Array, running: Array, depths: Array) -> Array:
    """∫₀^z t(z') w(z'/z) dz' at the depths, from ∫₀^z t on the fine grid.

    w is 1 up to z/2 and falls from there to 0 at z as cos². By parts this is the mean of the running integral over
    its second half with the weight sin(2πz'/z): a smooth end, where the cut at z leaves the whole last swing.
    """
    from scipy.interpolate import CubicSpline

    if not np.all(np.isfinite(running)):
        return np.full((depths.size, running.shape[1]), np.nan)
    part, weights = gauss(64)
    along = CubicSpline(fine, running)(depths[:, None] * (1 + part) / 2)
    return np.asarray(np.einsum("j,ijc->ic", weights * np.pi / 2 * np.sin(np.pi * part), along))


def _energy(one: Model, energy: float) -> float:
    """From the mean Fermi level to the mean of F's band bottoms, which stand V/2 higher."""
    return one.fermi + energy - one.bias / 2


def _strips(one: Model, e: float) -> list[tuple[float, float, float]]:
    """The intervals between openings at one energy, up to the last wave from the right."""
    strips, lo = [], np.nan
    for hi in sorted(set(one.openings)):
        if e + hi > 0 and hi <= one.opening_right:
            strips.append((e, float(lo), hi))
            lo = hi
    return strips


def _map_rows(tile: tuple[float, Array, Array, Array, Array], check: Check) -> Array:
    """Some rows of the map over k∥, (k_x, k_y, 4): energy, k_x, k_y, the junction's numbers, the angle."""
    e, k_x, k_y, numbers, rows = tile
    out = np.empty((k_x.size, k_y.size, 4))
    for first in range(0, k_x.size, 4):
        check()
        density_kernels.k_map(e, k_x[first:first + 4], k_y, numbers, rows, out[first:first + 4])
    return out


def _levels(tile: tuple[Model, Array, Array, str], check: Check) -> Array:
    """The sums of some energies, (energy, 3)."""
    one, along, rows, accuracy = tile
    rule, numbers, values = RULES[accuracy], np.array(one.numbers), np.zeros((along.size, 3))

    def evaluate(cells: Array, _: int, order: int) -> Array:
        out = np.zeros((len(cells), 1, 3))
        density_kernels.row_sums(cells, *gauss(order), numbers, rows, azimuths(), rule.azimuth, out)
        return out

    for at, value in enumerate(along):
        check()
        cells = [(e, e, POINT, lo, hi, 0.0, 1.0, 0.0, 1.0) for e, lo, hi in _strips(one, _energy(one, value))]
        if cells:
            values[at] = adaptive(np.array(cells, dtype=float).reshape(-1, CELL), evaluate, *rule.cell,
                                  rule.tolerance)[0]
    return values


def _window(one: Model, angles: Angles, rule: Rule, z: Array, tolerance: float, monitor: Monitor) -> Array:
    """m_θ, m_φ (1/Å³), their integrals (1/Å²) and m along s of what the bias adds to a sea filled to µ_F:
    (depth, 5)."""
    numbers, rows = np.array(one.numbers), angles.rows

    def evaluate(cells: Array, order_e: int, order_x: int) -> Array:
        out = np.zeros((len(cells), z.size, 6))
        for number in range(len(cells)):
            monitor(0.6, "spin density")
            density_kernels.window_density(cells[number:number + 1], *gauss(order_e), *gauss(order_x), numbers,
                                           one.thermal, rows, azimuths(), rule.azimuth, z, out[number:number + 1])
        return out

    cells = np.array([cell for cell in observables.window_cells(one, False) if cell[2] != POINT], dtype=float)
    if not len(cells):
        return np.zeros((z.size, 5))
    return adaptive(cells, evaluate, 20, 14, tolerance)[:, 1:] * (-8 / (4 * np.pi**2) / (2 * HBAR2_2M))


def _sea(one: Model, angles: Angles, rule: Rule, z: Array, tolerance: float, monitor: Monitor) -> Array:
    """The same of the sea filled to µ_F, beside the bulk's, along the contour; orders double until two agree."""
    numbers, rows = np.array(one.numbers), angles.rows
    notes, _ = observables.bound_states(one, float(np.abs(rows[1]).max()))
    bound = bool(notes) and not one.bulk
    start = observables.contour_start(one, one.fermi, bound)
    order, before = 12, np.full((z.size, 5), np.inf)
    while True:
        total = np.zeros((z.size, 5))
        for e, weights in observables.contours(one, one.fermi, start, order):
            turn, k, weights_k = observables.paths(one, one.fermi, e, 2 * order, bound)
            for at in range(e.size):
                monitor(0.3, "spin density")
                here = slice(at, at + 1)
                density_kernels.sea_density(e[here], weights[here], turn[here], k + 0j, weights_k + 0j, numbers,
                                            rows, azimuths(), rule.azimuth, z, total)
        size = np.abs(total).max(axis=0)
        change = np.abs(total - before).max(axis=0) / (size + 1e-300)
        # a component that is zero by symmetry is noise beside the other one across M
        small = np.append(size[:4] < 1e-9 * size[:4].max(), False)
        if order >= _LAST_ORDER or np.all((change < np.sqrt(tolerance)) | small | (size < 1e-13)):
            return np.where(small, 0.0, total * (-1 / (2 * np.pi**2)))
        order, before = 2 * order, total


def _bulk(one: Model) -> float:
    """Majority minus minority density (1/Å³) of F's bulk: (k↑³ − k↓³)/6π² at µ_F, and at T > 0 what f changes."""
    def wave_vectors(e: Array | float) -> tuple[Array, Array]:
        up, down = (np.sqrt(np.maximum(e + sign * one.exchange, 0.0) / HBAR2_2M) for sign in (1, -1))
        return up, down

    up, down = wave_vectors(one.fermi)
    total = float(up**3 - down**3) / (6 * np.pi**2)
    start = observables.contour_start(one, one.fermi, False)
    for e, weights in itertools.islice(observables.contours(one, one.fermi, start, 24), 1, None):
        up, down = wave_vectors(np.asarray(e.real, dtype=float))
        total += float(weights.real @ (up - down)) / (4 * np.pi**2 * HBAR2_2M)
    return total


def _where(theta_deg: float, phi_deg: float) -> dict[str, float]:
    return {"theta_deg": float(theta_deg), "phi_deg": float(phi_deg)}


def _result(kind: str, junction: Junction, data: xr.Dataset, accuracy: str) -> Result:
    return Result(kind=kind, setup=Setup(junction=junction, numerics=Numerics(accuracy=accuracy)),
                  data=describe(data), provenance=Provenance(accuracy=accuracy))
