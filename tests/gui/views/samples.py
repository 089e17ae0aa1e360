"""Results made by hand, with shapes like the engine's but values that a test can predict."""

from __future__ import annotations

import dataclasses

import numpy as np
import xarray as xr

from smtj_engine.main_grids import AngularGrid, BiasGrid
from smtj_engine.parameters import Junction, Numerics, Setup
from smtj_engine.results import Result, describe


@dataclasses.dataclass(frozen=True)
class PlainPreset:
    """As much of a preset as a session needs."""

    setup: Setup = dataclasses.field(default_factory=Setup)
    key: str = "plain"
    title: str = "Plain"
    description: str = ""
    group: str = "Materials"


def _variables(alpha: np.ndarray, bias: np.ndarray, theta: np.ndarray) -> dict[str, np.ndarray]:
    """Smooth stand-ins for the transport quantities; all arguments broadcast."""
    alpha, bias, theta = np.broadcast_arrays(alpha, bias, theta)
    wave = np.sin(np.radians(2 * theta)) * (1 + 0.02 * np.cos(np.radians(2 * theta)))
    tamr = 0.00053 * alpha**2 * np.sin(np.radians(theta)) ** 2
    conductance = 2.4e-3 * (1 + 0.4 * bias**2)
    current = 2.4e-3 * (bias + 0.13 * bias**3)
    neq = alpha**2 * (0.2 * bias**2 - 0.6 * bias) * wave
    return {"current_density": current / (1 + tamr), "conductance": conductance / (1 + tamr),
            "resistance": (1 + tamr) / 2.4e-3 / (1 + 0.13 * bias**2), "tamr": tamr,
            "torque_par": alpha**2 * (4.2 * bias - 0.6 * bias**2) * wave,
            "torque_perp": 714.0 * alpha**2 * wave + neq, "torque_perp_neq": neq}


def _result(kind: str, setup: Setup, dims: tuple[str, ...], coords: dict[str, np.ndarray],
            values: dict[str, np.ndarray], notes: tuple[str, ...] = ()) -> Result:
    data = xr.Dataset({name: (dims, np.array(array)) for name, array in values.items()},
                      coords=coords, attrs={"notes": list(notes)} if notes else {})
    return Result(kind=kind, setup=setup, data=describe(data))


def angular(alpha: float = 4.0, bias: float = 0.4, family: tuple[float, ...] | None = None, points: int = 181,
            notes: tuple[str, ...] = ()) -> Result:
    """An angular curve against θ, or a family of them over the Rashba parameter."""
    theta = np.linspace(0.0, 180.0, points)
    setup = Setup(junction=Junction(rashba=alpha, bias=bias))
    if family is None:
        return _result("angular", setup, ("theta",), {"theta": theta},
                       _variables(np.array(alpha), np.array(bias), theta), notes)
    grid = AngularGrid(family="junction.rashba", family_values=family)
    setup = dataclasses.replace(setup, numerics=Numerics(angular=grid))
    alphas = np.array(family)
    return _result("angular", setup, ("rashba", "theta"), {"rashba": alphas, "theta": theta},
                   _variables(alphas[:, None], np.array(bias), theta[None, :]), notes)


def azimuthal(bias: float = 0.4) -> Result:
    """An angular curve against φ: TAMR changes sign with sin 2φ."""
    phi = np.linspace(0.0, 360.0, 181)
    values = _variables(np.array(4.0), np.array(bias), np.full(181, 90.0))
    values["tamr"] = 0.002 * np.sin(np.radians(2 * phi))
    return _result("angular", Setup(), ("phi",), {"phi": phi}, values)


def bias_sweep(alpha: float = 4.0, family: tuple[float, ...] | None = None, points: int = 101) -> Result:
    """A bias sweep at 45°, or a family of them over the Rashba parameter."""
    bias = np.linspace(-1.0, 1.0, points)
    setup = Setup(junction=Junction(rashba=alpha))
    theta = np.array(45.0)
    if family is None:
        return _result("bias", setup, ("bias",), {"bias": bias}, _variables(np.array(alpha), bias, theta))
    grid = BiasGrid(family="junction.rashba", family_values=family)
    alphas = np.array(family)
    return _result("bias", dataclasses.replace(setup, numerics=Numerics(bias=grid)), ("rashba", "bias"),
                   {"rashba": alphas, "bias": bias}, _variables(alphas[:, None], bias[None, :], theta))


def rashba_sweep(family: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8)) -> Result:
    """T∥ and the rest against α, a family over the bias (Fig. 2a)."""
    alpha, bias = np.linspace(0.0, 5.0, 51), np.array(family)
    return _result("rashba", Setup(), ("bias", "rashba"), {"bias": bias, "rashba": alpha},
                   _variables(alpha[None, :], bias[:, None], np.array(45.0)))


def energy(family: tuple[float, ...] | None = (-1.0, -0.5, 0.0, 0.5, 1.0)) -> Result:
    """Interface energy against θ, over the bias."""
    theta = np.linspace(0.0, 180.0, 91)
    shape = -np.sin(np.radians(theta)) ** 2
    if family is None:
        data = xr.Dataset({"omega": ("theta", 1.8 * shape), "K_i": ((), -1.8), "vcma": ((), 41.0)},
                          coords={"theta": theta})
    else:
        bias = np.array(family)
        data = xr.Dataset({"omega": (("bias", "theta"), (1.8 + 0.05 * bias[:, None]) * shape),
                           "K_i": ("bias", -1.8 - 0.05 * bias), "vcma": ("bias", np.full(bias.size, 30.0))},
                          coords={"bias": bias, "theta": theta})
    return Result(kind="energy", setup=Setup(), data=describe(data))
