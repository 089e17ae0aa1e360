"""The spin-orbit torque of a junction beside the spin-transfer torque of a conventional one.

The same ferromagnet and barrier twice: once with its spin-orbit interaction and a normal metal on the right, once
without spin-orbit interaction and with a second magnet along the normal there.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from smtj_engine.dynamics.torque_laws import torque_field
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Junction, Magnet, Numerics, Setup
from smtj_engine.results import Provenance, Result, describe
from smtj_engine.transport.sweeps import angular_curve

#: What drives the torque, in the order of the results.
MECHANISMS = ("spin-orbit", "conventional")


def spin_orbit(junction: Junction) -> Junction:
    """The junction with a normal metal on the right."""
    return dataclasses.replace(junction, right_k_up=None, right_k_down=None)


def conventional(junction: Junction) -> Junction:
    """The junction without spin-orbit interaction, with a second magnet along the normal.

    That magnet is the junction's own right electrode where it is one, else of the same metal as the left one.
    """
    own = (junction.right_k_up, junction.right_k_down) != (None, None)
    up, down = (junction.right_k_up, junction.right_k_down) if own else (junction.k_up, junction.k_down)
    return dataclasses.replace(junction, rashba=0.0, rashba_slope=0.0, dresselhaus=0.0, dresselhaus_bulk=0.0,
                               right_k_up=up, right_k_down=down, right_theta_deg=0.0, right_phi_deg=0.0)


def comparison(junction: Junction, magnet: Magnet, *, theta_deg: ArrayLike | None = None, phi_deg: float = 0.0,
               accuracy: str = "normal", monitor: Monitor = silent) -> Result:
    """What the bias adds to both torques of either junction against θ, per area and as a field.

    Dimensions (mechanism, theta): torque_par = T∥(V) − T∥(0) and torque_perp_neq = T⊥(V) − T⊥(0) (eV/µm²), the
    components along M×(z×M) and z×M; field_par and field_perp: these divided by M_s d_F (mT); current_density.
    theta_deg defaults to 91 angles from 0 to 180°. Raises ParameterError as angular_curve does.
    """
    theta = np.linspace(0.0, 180.0, 91) if theta_deg is None else np.atleast_1d(np.asarray(theta_deg, dtype=float))
    columns: dict[str, list[np.ndarray]] = {"current_density": [], "torque_par": [], "torque_perp_neq": []}
    notes: list[str] = []
    for at, one in enumerate((spin_orbit(junction), conventional(junction))):
        curve = _curve(one, theta, phi_deg, accuracy, at / 2, monitor)
        rest = _curve(dataclasses.replace(one, bias=0.0), theta, phi_deg, accuracy, (at + 0.5) / 2, monitor)
        columns["current_density"].append(curve.data["current_density"].values)
        columns["torque_par"].append(curve.data["torque_par"].values - rest.data["torque_par"].values)
        columns["torque_perp_neq"].append(curve.data["torque_perp_neq"].values)
        notes += [note for note in curve.notes if note not in notes]
    values = {name: np.array(rows) for name, rows in columns.items()}
    for name, torque in (("field_par", "torque_par"), ("field_perp", "torque_perp_neq")):
        values[name] = torque_field(values[torque], magnet.mu0_ms, magnet.thickness)
    data = xr.Dataset({name: (("mechanism", "theta"), numbers) for name, numbers in values.items()},
                      coords={"mechanism": list(MECHANISMS), "theta": theta},
                      attrs={"notes": notes, "phi_deg": float(phi_deg)})
    monitor(1.0)
    return Result(kind="comparison", setup=Setup(junction=junction, magnet=magnet,
                                                 numerics=Numerics(accuracy=accuracy)),
                  data=describe(data), provenance=Provenance(accuracy=accuracy))


def _curve(junction: Junction, theta: np.ndarray, phi_deg: float, accuracy: str, done: float,
           monitor: Monitor) -> Result:
    def working(fraction: float, note: str = "", partial: Result | None = None) -> None:
        monitor(done + fraction / 4, "torques")

    try:
        return angular_curve(junction, theta_deg=theta, phi_deg=phi_deg, accuracy=accuracy, monitor=working)
    except Cancelled as stop:
        stop.partial = None     # a curve is no part of what was asked for
        raise
