"""What a plot draws of a result: one curve, or one curve for each value of a family; no Qt."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from smtj_gui.views.labels import Shown, short, shown, with_unit

if TYPE_CHECKING:
    import xarray as xr

    from smtj_engine.results import Result


@dataclasses.dataclass(frozen=True)
class Curve:
    """One curve in the units of the screen; `value` is the family's value, None without a family.

    index counts within its result, of is how many curves that result has.
    """

    x: np.ndarray
    y: np.ndarray
    label: str = ""
    value: float | None = None
    index: int = 0
    of: int = 1


@dataclasses.dataclass(frozen=True)
class Family:
    """The parameter that tells the curves of one result apart."""

    name: str
    how: Shown
    values: tuple[float, ...]


# Below `data.variables` is used rather than `data[…]`: a hundred times less work, thirty times a second.


def sweep_of(data: xr.Dataset, candidates: Sequence[str]) -> str:
    """The dimension that a result is drawn against: the first of the candidates that it has."""
    return next((name for name in candidates if name in data.dims), "")


def family_of(result: Result, x: str, variables: Iterable[str]) -> Family | None:
    """The other dimension of those variables that are drawn against x."""
    data = result.data
    found = [data.variables[variable].dims for variable in variables if variable in data.variables]
    name = next((str(dim) for dims in found if x in dims for dim in dims if dim != x), "")
    if not name:
        return None
    values = data.variables[name].values if name in data.coords else np.arange(data.sizes[name])
    return Family(name, shown(name, data), tuple(float(value) for value in values))


def curves_of(result: Result, variable: str, x: str) -> list[Curve]:
    """The curves of one variable against x; none where the result does not hold them."""
    data = result.data
    if variable not in data.variables or x not in (dims := data.variables[variable].dims):
        return []
    how_x, how_y = shown(x, data), shown(variable, data)
    family = family_of(result, x, [variable])
    values = np.moveaxis(data.variables[variable].values, dims.index(x), -1) * how_y.factor
    values = values.reshape(-1, data.sizes[x])
    along = np.asarray(data.variables[x].values, dtype=float) * how_x.factor
    if family is None:
        return [Curve(along, values[0])]
    return [Curve(along, row, with_unit(short(value), family.how.unit), value, index, len(values))
            for index, (row, value) in enumerate(zip(values, family.values, strict=True))]
