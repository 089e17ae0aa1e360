"""The junction's potential across the layers under bias (Eqs. 2-4), with the spins of both electrodes."""

from __future__ import annotations

import numpy as np
import xarray as xr

from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction, Setup
from smtj_engine.results import Result, describe
from smtj_engine.schema import ParameterError
from smtj_engine.transport.barrier import band_edges


def band_profile(junction: Junction, *, points: int = 201, beside: float = 1.0,
                 monitor: Monitor = silent) -> Result:
    """The potential of both spins and the Fermi level against z (nm), from `beside` before the barrier to as far
    behind it.

    potential_up and potential_down: band bottoms of majority and minority spin in the electrodes (in the right one
    of the spins along its own magnetization), the barrier's top between (eV); fermi_level: NaN inside the barrier.
    Energies count from the mean of F's band bottoms at V = 0. Raises ParameterError for a width that is not one.
    """
    if not np.isfinite(beside) or beside <= 0:
        raise ParameterError("beside", beside, "must be a length in nm")
    edges, d = band_edges(junction), junction.barrier_thickness
    inner = max(3, points - 4)
    z = np.concatenate([[-beside, 0.0], np.linspace(0.0, d, inner), [d, d + beside]])
    barrier = np.linspace(edges.barrier_left, edges.barrier_right, inner)
    up = np.concatenate([[edges.bottom_up] * 2, barrier, [edges.bottom_n - edges.right_exchange] * 2])
    down = np.concatenate([[edges.bottom_down] * 2, barrier, [edges.bottom_n + edges.right_exchange] * 2])
    fermi = np.concatenate([[edges.fermi_f] * 2, np.full(inner, np.nan), [edges.fermi_n] * 2])
    monitor(1.0)
    data = xr.Dataset({"potential_up": ("z", up), "potential_down": ("z", down), "fermi_level": ("z", fermi)},
                      coords={"z": z}, attrs={"notes": []})
    return Result(kind="bands", setup=Setup(junction=junction), data=describe(data))
