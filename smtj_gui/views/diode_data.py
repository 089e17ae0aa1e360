"""What the spin-diode page draws of a result: the signal with or without its background, and cuts of a map; no Qt.

Far above the resonance ΔI_dc is the background ΔI_0, which is often ten thousand times the resonance itself.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from smtj_engine.results import describe

if TYPE_CHECKING:
    import xarray as xr

    from smtj_engine.results import Result

#: The quantities that may be shown: without the background, and as they are.
QUANTITIES = ("resonant", "resonant_voltage", "rectified", "open_circuit")
#: Parts of the signal beside it, and whether each holds the background.
PARTS = {"closed": True, "symmetric": False, "antisymmetric": False, "timed": True}
#: Their names in the legend.
NAMES = {"closed": "closed form", "symmetric": "symmetric (T∥)", "antisymmetric": "antisymmetric (T⊥)",
         "timed": "integrated in time"}


def pictured(result: Result) -> Result:
    """The result with all QUANTITIES (older ones lack two), and `ratio` (per sweep value): −dV/dI, volts of
    signal per current."""
    data = result.data
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (data["open_circuit"] / data["rectified"]).mean("frequency")
    resonant = data["rectified"] - data["background"]
    more = data.assign(resonant=resonant, ratio=ratio, resonant_voltage=resonant * ratio)
    return dataclasses.replace(result, data=describe(more))


def part(data: xr.Dataset, name: str, quantity: str) -> np.ndarray | None:
    """A part of the signal in the numbers of a quantity, at one sweep value; None where there is none."""
    if name not in data or not np.isfinite(data[name].values).any():
        return None
    values = np.asarray(data[name].values, dtype=np.float64)
    background = float(data["background"])
    if PARTS[name] and quantity.startswith("resonant"):
        values = values - background
    elif not PARTS[name] and not quantity.startswith("resonant"):
        values = values + background
    voltage = quantity in ("resonant_voltage", "open_circuit")
    return values * float(data["ratio"]) if voltage else values


def is_map(result: Result) -> bool:
    """Whether something is swept beside the frequency."""
    return "over" in result.data.dims


def at_sweep(result: Result, value: float) -> Result:
    """The spectrum at the sweep value next to this one; the result itself where nothing is swept."""
    if not is_map(result):
        return result
    return dataclasses.replace(result, data=result.data.sel(over=value, method="nearest"))


def at_frequency(result: Result, value: float) -> Result:
    """Everything against the sweep, at the frequency next to this one."""
    data = result.data.sel(frequency=value, method="nearest").drop_vars("component", errors="ignore")
    return dataclasses.replace(result, data=data)


def default_cut(result: Result) -> tuple[float, float]:
    """The frequency and sweep value whose cuts show most: where the signal is largest."""
    values = np.abs(np.nan_to_num(result.data["resonant"].values))
    frequency = result.data["frequency"].values
    if not is_map(result):
        return float(frequency[int(values.argmax())]), 0.0
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return float(frequency[column]), float(result.data["over"].values[row])


def same_sweep(first: Result, second: Result) -> bool:
    """Whether two results are swept over the same parameter, or neither is."""
    paths = [result.data["over"].attrs.get("path") if is_map(result) else None for result in (first, second)]
    return paths[0] == paths[1]
