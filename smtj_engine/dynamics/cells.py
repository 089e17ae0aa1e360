"""From the parameters of magnet, drive and junction to the numbers of one or many macrospins."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smtj_engine.arguments import check_kinds, is_number
from smtj_engine.constants import GAMMA
from smtj_engine.dynamics.fields import Array, Spins, slope
from smtj_engine.dynamics.torque_laws import Torques, cosine_torque, torque_unit, transport_torques
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import DEFAULT, Drive, Junction, Magnet, Setup
from smtj_engine.schema import ParameterError, spec_at, value_at, with_values

#: Below this |dm/dτ| a start is an exact equilibrium: rounding of sin 180° moves nothing.
_STUCK = 1e-13
#: ns; beyond it counts of turns and steps would overflow.
_LONGEST = 1e300


def time_unit(mu0_ms: Any) -> Any:
    """1/(γµ₀M_s) in ns."""
    return 1e9 / (GAMMA * mu0_ms)


def check_all(magnet: Magnet, drive: Drive, junction: Junction | None) -> None:
    """Refuse what is no magnet, drive or junction."""
    check_kinds(magnet=(magnet, Magnet), drive=(drive, Drive))
    if junction is not None:
        check_kinds(junction=(junction, Junction))


def check_duration(duration: Any, name: str = "duration") -> None:
    """Refuse what is no length of time."""
    if not is_number(duration) or not 0 < duration <= _LONGEST:
        raise ParameterError(name, duration, f"must be a positive time in ns, at most {_LONGEST:g}", 0.0,
                             _LONGEST)


def direction(theta_deg: float, phi_deg: float) -> Array:
    """m (3,) along (θ, φ); ParameterError for an angle that is none."""
    for name, angle in (("theta0_deg", theta_deg), ("phi0_deg", phi_deg)):
        if not is_number(angle):
            raise ParameterError(name, angle, "must be a finite angle in degrees")
    theta, phi = np.radians(theta_deg), np.radians(phi_deg)
    return np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])


def angles(m: Array) -> tuple[float, float]:
    """θ and φ (°) of a direction m (3,)."""
    x, y, z = (float(part) for part in m)
    return float(np.degrees(np.arctan2(np.hypot(x, y), z))), float(np.degrees(np.arctan2(y, x)))


def check_path(path: str, drive: Drive, junction: Junction | None) -> None:
    """Refuse what cannot be an axis of a diagram."""
    spec = spec_at(DEFAULT, path)
    if path.split(".")[0] not in ("magnet", "drive", "junction") or spec.choices or spec.many or (
            path.startswith("drive.waveform.")):
        raise ParameterError(path, None, "an axis takes a number of the magnet, the drive or the junction")
    if path.startswith("junction."):
        if junction is None:
            raise ParameterError("junction", None, f"the axis {path} needs a junction")
        if drive.law == "constant":
            raise ParameterError("drive.law", drive.law, f"the axis {path} changes nothing: the constant law "
                                 "takes its torque from drive.tau_par, not from the junction")
        if drive.law == "field":
            raise ParameterError("drive.law", drive.law, "the field law belongs to a current in the plane: it "
                                 "takes no torque from the junction")


@dataclasses.dataclass(frozen=True)
class Cells:
    """The spins of n cells, and sentences for the user about them."""

    spins: Spins
    notes: tuple[str, ...]


def build(magnet: Magnet, drive: Drive, junction: Junction | None, axes: Mapping[str, Array] | None = None,
          count: int = 1, monitor: Monitor = silent) -> Cells:
    """The numbers of `count` macrospins; axes maps a path to the values (count,) that replace the parameter's.

    Every value is checked against its declaration. With an axis over the junction the torque comes from the
    transport engine: all of it with law="transport", τ∥ from its value at 45° with law="cosine". With
    law="field" τ∥ is an external field along y and there is no torque besides.
    """
    axes = dict(axes or {})
    setup = setup_of(magnet, drive, junction)
    for path, values in axes.items():
        check_path(path, drive, junction)
        spec = spec_at(setup, path)
        for value in np.unique(values):
            spec.check(float(value), path)

    def numbers(path: str) -> Array:
        values = axes[path] if path in axes else value_at(setup, path)
        return np.full(count, values, dtype=np.float64)

    unit = torque_unit(numbers("magnet.mu0_ms"), numbers("magnet.thickness"))
    over = {path: values for path, values in axes.items() if path.startswith("junction.")}
    if drive.law == "transport" or over:
        torques, which = _from_junctions(setup, junction, over, count, monitor)
        par, perp = torques.par[which] / unit[:, None], torques.perp[which] / unit[:, None]
        harmonics = None if torques.harmonics is None else torques.harmonics[which] / unit[:, None, None, None]
        notes = torques.notes
    else:
        par, perp, harmonics, notes = np.zeros((count, 2)), np.zeros((count, 2)), None, ()
        if drive.law != "field":
            par[:, int(drive.law == "cosine")] = numbers("drive.tau_par")
    if drive.law in ("cosine", "constant"):
        perp[:, int(drive.law == "cosine")] = numbers("drive.tau_perp")
    external = np.stack([numbers(f"drive.h_{axis}") for axis in "xyz"], axis=1)
    if drive.law == "field":
        external[:, 1] += numbers("drive.tau_par")
    spins = Spins(
        eta=numbers("magnet.damping"), q_par=numbers("magnet.q_par"),
        q_eff=numbers("magnet.q_perp") - numbers("magnet.n_z"),
        h=external,
        par=par, perp=perp, harmonics=harmonics, unit=time_unit(numbers("magnet.mu0_ms")))
    return Cells(spins, (*_left_out(drive, bool(over)), *notes))


def _from_junctions(setup: Setup, junction: Junction | None, over: Mapping[str, Array], count: int,
                    monitor: Monitor) -> tuple[Torques, NDArray[np.intp]]:
    """The torques of the distinct junctions, and which of them each cell has."""
    if junction is None:
        raise ParameterError("junction", None, "the transport law needs a junction to take its torque from")
    table = np.stack([*over.values()], axis=1) if over else np.zeros((count, 0))
    distinct, which = np.unique(table, axis=0, return_inverse=True)
    junctions = [with_values(setup, dict(zip(over, map(float, row), strict=True))).junction for row in distinct]
    if setup.drive.law == "cosine":
        par, notes = cosine_torque(junctions, monitor)
        zero = np.zeros_like(par)
        return Torques(np.stack([zero, par], axis=1), np.zeros((len(par), 2)), None, notes), which.reshape(-1)
    torques = transport_torques(junctions, monitor)
    if setup.drive.junction_perp == "dropped":
        harmonics = torques.harmonics
        if harmonics is not None:
            harmonics[:, :, 2:] = 0.0
        torques = dataclasses.replace(torques, perp=np.zeros_like(torques.perp), harmonics=harmonics)
    return torques, which.reshape(-1)


def check_start(spins: Spins, start: Array, theta0_deg: float, phi0_deg: float) -> None:
    """Refuse a start in an exact equilibrium, where nothing would ever happen."""
    if np.any(np.linalg.norm(slope(spins, start), axis=1) < _STUCK):
        where = "at the pole" if abs(abs(start[0, 2]) - 1) < 1e-12 else "in an equilibrium"
        raise ParameterError(
            "theta0_deg", theta0_deg,
            f"m starts exactly {where} (θ = {theta0_deg:g}°, φ = {phi0_deg:g}°), where every torque vanishes: it "
            "would stay there for ever, stable or not. Tilt the start, for example to "
            f"θ = {theta0_deg + (1 if theta0_deg <= 90 else -1):g}°", 0.0, 180.0)


def setup_of(magnet: Magnet, drive: Drive, junction: Junction | None) -> Setup:
    """The setup that a result carries."""
    check_all(magnet, drive, junction)
    return Setup(magnet=magnet, drive=drive, junction=junction or Junction())


def at_rest_notes(magnet: Magnet, drive: Drive) -> tuple[str, ...]:
    """What a calculation with a steady drive and no temperature leaves out."""
    notes = []
    if drive.temperature > 0 and magnet.volume is not None:
        notes.append("Thermal noise is not part of this calculation; the temperature of the magnet was ignored.")
    if drive.waveform.target != "none":
        notes.append("The drive is steady in this calculation; its waveform was ignored.")
    return tuple(notes)


def _left_out(drive: Drive, over_junction: bool) -> list[str]:
    """What the user should know about parameters that the equation leaves out."""
    notes = []
    if drive.law == "field" and drive.tau_perp != 0:
        notes.append("With the field law τ∥ is an effective field along y; τ⊥ of the drive was ignored.")
    if drive.law == "transport" and (drive.tau_par != 0 or drive.tau_perp != 0):
        notes.append("With the transport law the torque comes from the junction; τ∥ and τ⊥ of the drive were "
                     "ignored.")
    elif over_junction and drive.tau_par != 0:
        notes.append("With an axis over the junction τ∥ comes from the junction, from its value at 45°; τ∥ of the "
                     "drive was ignored.")
    return notes
