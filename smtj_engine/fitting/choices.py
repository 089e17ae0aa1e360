"""What a fit may vary, from where, and within which bounds; imports neither numba nor xarray nor scipy."""

from __future__ import annotations

import dataclasses
import functools
import math

from smtj_engine.parameters import Setup
from smtj_engine.results import SPECTRA, VARIABLES
from smtj_engine.schema import ParameterError, Spec, spec_at, value_at

OFFSET, SCALE, THETA_SHIFT, PHI_SHIFT = "data.offset", "data.scale", "data.theta_shift", "data.phi_shift"
SCALE_PAR, SCALE_PERP = "data.scale_par", "data.scale_perp"
#: Parameters of the measurement rather than the junction: measured = scale · model(θ + δθ, φ + δφ, V) + offset.
#: The offset is in the unit of the measured quantity.
EXTRAS: dict[str, Spec] = {
    OFFSET: Spec(name="offset", label="Offset of the measured curve", symbol="y₀",
                 help="Added to the model, in the unit of the measured quantity (TAMR as a fraction)."),
    SCALE: Spec(name="scale", label="Scale of the measured curve", symbol="s", low=-1e9, high=1e9,
                help="Multiplies the model: an unknown area, or arbitrary units."),
    THETA_SHIFT: Spec(name="theta_shift", label="Misalignment of θ", symbol="δθ", unit="°", low=-90.0, high=90.0,
                      help="Added to every measured θ."),
    PHI_SHIFT: Spec(name="phi_shift", label="Misalignment of φ", symbol="δφ", unit="°", low=-180.0, high=180.0,
                    help="Added to every measured φ."),
    SCALE_PAR: Spec(name="scale_par", label="Scale of the in-plane torque", symbol="s∥", low=-1e6, high=1e6,
                    help="∂T∥/∂V in terms of the junction's: the symmetric part of a resonance."),
    SCALE_PERP: Spec(name="scale_perp", label="Scale of the perpendicular torque", symbol="s⊥", low=-1e6, high=1e6,
                     help="∂T⊥/∂V in terms of the junction's: the antisymmetric part of a resonance."),
}
START = {OFFSET: 0.0, SCALE: 1.0, THETA_SHIFT: 0.0, PHI_SHIFT: 0.0, SCALE_PAR: 1.0, SCALE_PERP: 1.0}
#: What a fit may vary of the junction.
JUNCTION = ("rashba", "rashba_slope", "dresselhaus", "dresselhaus_bulk", "barrier_height", "barrier_thickness",
            "barrier_mass", "k_up", "k_down", "k_normal", "temperature", "bias")
#: What a fit of transport may vary, and one of a resonance.
TRANSPORT = (*(f"junction.{name}" for name in JUNCTION), OFFSET, SCALE, THETA_SHIFT, PHI_SHIFT)
RESONANCE = (SCALE_PAR, SCALE_PERP, "magnet.damping", "magnet.q_perp", "magnet.q_par", "magnet.mu0_ms",
             "junction.rashba", "junction.bias", OFFSET, SCALE)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Vary:
    """A parameter to be fitted: path ("junction.rashba", "data.offset"), start and bounds (None: as declared)."""

    path: str
    start: float | None = None
    low: float | None = None
    high: float | None = None


def variable(quantity: str = "") -> tuple[str, ...]:
    """What a fit of this quantity may vary; of none, everything."""
    if not quantity:
        return tuple(dict.fromkeys((*TRANSPORT, *RESONANCE)))
    return RESONANCE if quantity in SPECTRA else TRANSPORT


@functools.cache
def spec_of(path: str, quantity: str = "") -> Spec:
    """The declaration of a parameter of a fit; the offset takes the unit of the measured quantity."""
    if path not in variable(quantity):
        raise ParameterError(path, None, f"cannot be fitted; choose among {', '.join(variable(quantity))}")
    if path == OFFSET and quantity:
        return dataclasses.replace(EXTRAS[path], unit=VARIABLES[quantity][2].replace("1", "") if quantity == "tamr"
                                   else VARIABLES[quantity][2])
    return EXTRAS[path] if path in EXTRAS else spec_at(Setup(), path)


def start_of(setup: Setup, path: str) -> float:
    """The value that a parameter has before the fit."""
    if path in START:
        return START[path]
    value = value_at(setup, path)
    if value is None:
        raise ParameterError(path, None, "is derived in this setup; give it a number before it is fitted")
    return float(value)


def default_bounds(setup: Setup, path: str, quantity: str = "") -> tuple[float, float]:
    """The widest bounds of a parameter: its declared range, for α and β up to where the model ends.

    Without β nothing depends on the sign of α, so that a positive α stays positive.
    """
    spec, junction = spec_of(path, quantity), setup.junction
    low = -math.inf if spec.low is None else spec.low
    high = math.inf if spec.high is None else spec.high
    spin_orbit = {"junction.rashba": junction.dresselhaus, "junction.dresselhaus": junction.rashba}
    if path in spin_orbit:
        most = 0.999 * (junction.rashba_limit - abs(spin_orbit[path]))
        low, high = max(low, -most), min(high, most)
        if path == "junction.rashba" and junction.dresselhaus == 0 and junction.dresselhaus_bulk == 0:
            low, high = (0.0, high) if junction.rashba >= 0 else (low, 0.0)
    if path == "junction.k_down":
        high = min(high, junction.k_up)
    if path == "junction.k_up":
        low = max(low, junction.k_down)
    return float(low), float(high)
