"""The table of systems: each material's numbers in one row, for the window and for `smtj figures`.

Torques are taken at one bias and θ = 45°. The critical biases come from following the macrospin, with the torque
curves of the transport engine, from 10° beside its state of rest: the smallest bias of either sign at which it
ends in a precession, or at rest elsewhere.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from smtj_engine import presets
from smtj_engine.dynamics.classify import IPP, OPP, UNDECIDED
from smtj_engine.dynamics.stability import stability_diagram
from smtj_engine.dynamics.torque_laws import torque_field
from smtj_engine.grids import SYSTEMS
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.results import Result, describe
from smtj_engine.schema import ParameterError
from smtj_engine.transport.energy import interface_energy
from smtj_engine.transport.sweeps import angular_curve, transport_point

Array = NDArray[np.float64]
#: The bias (V) at which the systems stand side by side, unless another is asked for.
BIAS = 0.2
#: Critical biases are looked for up to this one (V) in steps of _STEP, refined by _REFINED cells each time.
MOST_BIAS, _STEP, _REFINED = 1.5, 0.025, 26
#: The macrospin is followed for this over η, but not longer than that (ns): little damping lets it settle slowly.
_SETTLING, _LONGEST = 1.0, 1000.0
#: What the present setup is called.
OWN = "this setup"


@dataclasses.dataclass(frozen=True)
class Row:
    """One system. NaN: not defined, or not found up to MOST_BIAS.

    resistance (R·A at rest, Ω·µm²); magnetoresistance: TAMR between normal and plane, or TMR of the conventional
    junction (fractions); torque_par, torque_perp_neq (eV/µm²) and field_par (mT) at the bias of the table; K_i
    (mJ/m²) and vcma (fJ/(V·m)) of the interface at rest; bias_precession, frequency there (GHz), bias_switching
    (V); power: j·V at the bias of the table, power_critical: at the smaller critical bias (W/µm²).
    """

    resistance: float
    magnetoresistance: float
    torque_par: float
    field_par: float
    torque_perp_neq: float
    K_i: float
    vcma: float
    bias_precession: float
    frequency: float
    bias_switching: float
    power: float
    power_critical: float


COLUMNS = tuple(field.name for field in dataclasses.fields(Row))


def materials() -> list[str]:
    """The keys of the presets that are systems: the materials."""
    return [name for name in SYSTEMS if name != "this_setup"]


def chosen(setup: Setup) -> list[tuple[str, Setup]]:
    """Title and setup of the systems that a setup's grid shows; ParameterError where it shows none."""
    names = setup.numerics.systems.shown()
    if not names:
        raise ParameterError("numerics.systems.this_setup", "hidden", "the table needs at least one system")
    return [(OWN, setup) if name == "this_setup" else (presets.load(name).title, presets.load(name).setup)
            for name in names]


def table(systems: Sequence[tuple[str, Setup]], *, bias: float = BIAS, monitor: Monitor = silent) -> Result:
    """The rows of (title, setup), dimension ("row",): variable `system` holds the titles, the others those of Row.

    A partial picture holds the rows that are there. Raises ParameterError for a bias that a system refuses.
    """
    rows: list[Row] = []
    for at, (title, setup) in enumerate(systems):
        monitor(at / len(systems), title, _result(systems, rows, bias) if rows else None)
        rows.append(row_of(setup, bias, functools.partial(_within, monitor, at / len(systems), title)))
    monitor(1.0)
    return _result(systems, rows, bias)


def _within(monitor: Monitor, done: float, title: str, fraction: float, note: str = "",
            partial: Result | None = None) -> None:
    """The progress of one row: its title, and the chance to be cancelled."""
    monitor(done, title)


_known: dict[tuple[Junction, Magnet, float], Row] = {}


def row_of(setup: Setup, bias: float = BIAS, monitor: Monitor = silent) -> Row:
    """The row of one system; those calculated before are kept."""
    key = (dataclasses.replace(setup.junction, bias=0.0), setup.magnet, bias)
    if key not in _known:
        if len(_known) >= 256:
            _known.clear()
        _known[key] = _row(setup, bias, monitor)
    return _known[key]


def _row(setup: Setup, bias: float, monitor: Monitor) -> Row:
    rest = dataclasses.replace(setup.junction, bias=0.0)
    driven = dataclasses.replace(rest, bias=bias)
    monitor(0.0)
    point, zero = transport_point(driven, 45.0), transport_point(rest, 45.0)
    conventional = is_conventional(rest)
    ends = angular_curve(rest, theta_deg=[0.0, 180.0 if conventional else 90.0], monitor=_only_stop(monitor))
    interface = {"K_i": math.nan, "vcma": math.nan}
    if not conventional:
        found = interface_energy(rest, accuracy="draft", monitor=_only_stop(monitor)).data
        interface = {name: float(found[name]) for name in interface}
    torque, magnet = point.torque_par - zero.torque_par, setup.magnet
    critical = critical_biases(rest, magnet, monitor)
    limits = [abs(value) for value in (critical.precession, critical.switching) if math.isfinite(value)]
    at = min(limits, default=math.nan)
    first = next((value for value in (critical.precession, critical.switching) if abs(value) == at), math.nan)
    power = math.nan
    if math.isfinite(first):
        power = first * transport_point(dataclasses.replace(rest, bias=first), 45.0).current_density
    return Row(
        resistance=1 / zero.conductance, magnetoresistance=float(ends.data["tamr"][1]), torque_par=torque,
        field_par=float(torque_field(torque, magnet.mu0_ms, magnet.thickness)),
        torque_perp_neq=point.torque_perp - zero.torque_perp,
        **interface, bias_precession=critical.precession, frequency=critical.frequency,
        bias_switching=critical.switching, power=bias * point.current_density, power_critical=power)


def is_conventional(junction: Junction) -> bool:
    """Whether a second magnet stands on the right."""
    return (junction.right_k_up, junction.right_k_down) != (None, None)


def _only_stop(monitor: Monitor) -> Monitor:
    """A monitor that can cancel, and hears of nothing."""
    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        monitor(0.0)

    return stop


@dataclasses.dataclass(frozen=True)
class Critical:
    """The bias (V) of the smallest size at which precession begins, its frequency there (GHz), and the one at
    which the magnet comes to rest elsewhere; NaN where there is none up to MOST_BIAS."""

    precession: float = math.nan
    frequency: float = math.nan
    switching: float = math.nan


def critical_biases(junction: Junction, magnet: Magnet, monitor: Monitor = silent) -> Critical:
    """Both critical biases, to a thousandth of a volt."""
    if not math.isfinite(transport_point(junction, 45.0, accuracy="draft").torque_perp):
        return Critical()
    found = Critical()
    for sign in (1.0, -1.0):
        along = sign * np.arange(_STEP, MOST_BIAS + _STEP / 2, _STEP)
        there = _follow(junction, magnet, along, monitor)
        if there is None:
            continue
        for name, mask in (("precession", there.precesses), ("switching", there.switched)):
            first = int(np.argmax(mask))
            if not mask[first] or abs(along[first]) - _STEP >= abs(getattr(found, name)):
                continue
            near = sign * np.linspace(abs(along[first]) - _STEP, abs(along[first]), _REFINED)[1:]
            fine = _follow(junction, magnet, near, monitor)
            assert fine is not None
            which = int(np.argmax(fine.precesses if name == "precession" else fine.switched))
            if abs(near[which]) >= abs(getattr(found, name)):
                continue
            found = dataclasses.replace(found, **{name: float(near[which])})
            if name == "precession":
                found = dataclasses.replace(found, frequency=float(fine.frequency[which]))
    return found


@dataclasses.dataclass(frozen=True)
class _Ends:
    """Where the macrospin ends at each bias (n,)."""

    precesses: NDArray[np.bool_]
    switched: NDArray[np.bool_]
    frequency: Array


def _follow(junction: Junction, magnet: Magnet, bias: Array, monitor: Monitor) -> _Ends | None:
    """The ends at these biases; None where the junction refuses one of them, as α(V) beyond its limit."""
    theta0, phi0 = rest_of(magnet)
    try:
        result = stability_diagram(
            magnet, Drive(law="transport"), x=("junction.bias", bias), y=("magnet.damping", [magnet.damping]),
            duration=min(_SETTLING / magnet.damping, _LONGEST), theta0_deg=abs(theta0 - 10.0),
            phi0_deg=phi0 + (10.0 if theta0 else 0.0), junction=junction, monitor=_only_stop(monitor))
    except ParameterError:
        return None
    state, mean = result.data["state"].values[0], result.data["m_mean"].values[0]
    theta, phi = math.radians(theta0), math.radians(phi0)
    axis = np.array([math.sin(theta) * math.cos(phi), math.sin(theta) * math.sin(phi), math.cos(theta)])
    moving = np.isin(state, [OPP, IPP])
    at_rest = ~moving & (state != UNDECIDED)
    return _Ends(moving, at_rest & (mean @ axis < 0.5), result.data["frequency"].values[0])


def rest_of(magnet: Magnet) -> tuple[float, float]:
    """θ and φ (degrees) of the state of least energy without torque: the normal, or an axis of the plane."""
    q_eff = magnet.q_perp - magnet.n_z
    if q_eff > max(magnet.q_par, 0.0):
        return 0.0, 0.0
    return 90.0, 0.0 if magnet.q_par > 0 else 90.0


def _result(systems: Sequence[tuple[str, Setup]], rows: Sequence[Row], bias: float) -> Result:
    titles = [title for title, _ in systems[:len(rows)]]
    values = {name: ("row", np.array([getattr(row, name) for row in rows])) for name in COLUMNS}
    data = xr.Dataset({"system": ("row", np.array(titles, dtype=str)), **values},
                      coords={"row": np.arange(1, len(rows) + 1)}, attrs={"notes": [], "bias": float(bias)})
    return Result(kind="systems", setup=Setup(), data=describe(data))
