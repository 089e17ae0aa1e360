"""Results, presets and analyses for the window's tests: real in form, invented in number."""

from __future__ import annotations

import numpy as np
import xarray as xr

from smtj_engine.parameters import Setup
from smtj_engine.presets import Preset
from smtj_engine.results import Result, describe


def fake_preset(key: str = "fe_mgo", title: str = "Fe/MgO", setup: Setup | None = None) -> Preset:
    return Preset(key=key, title=title, description="For tests.", group="Materials", setup=setup or Setup())


def fake_result(setup: Setup | None = None, points: int | None = None) -> Result:
    """An angular curve whose T∥ follows α² sin 2θ, as at small α."""
    setup = setup or Setup()
    theta = np.linspace(0.0, 180.0, points or setup.numerics.angular.points)
    shape = setup.junction.rashba**2 * np.sin(2 * np.radians(theta))
    names = ("current_density", "conductance", "resistance", "tamr", "torque_par", "torque_perp",
             "torque_perp_neq")
    data = xr.Dataset({name: ("theta", (1 + index) * shape) for index, name in enumerate(names)},
                      {"theta": theta})
    return Result(kind="angular", setup=setup, data=describe(data))
