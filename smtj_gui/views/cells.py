"""A map as the screen shows it: axes that may be logarithmic, cells, and their colours; no Qt."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from smtj_engine.parameters import Setup
from smtj_engine.results import VARIABLES
from smtj_engine.schema import spec_at, value_at
from smtj_gui.views.labels import Shown, pretty_unit, shown

if TYPE_CHECKING:
    from smtj_engine.results import Result

#: ColorBrewer's RdBu, blue for negative.
_DIVERGING = ("#053061", "#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7", "#fddbc7", "#f4a582", "#d6604d",
              "#b2182b", "#67001f")
_VIRIDIS = ("#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151",
            "#bddf26", "#fde725")


@dataclasses.dataclass(frozen=True)
class Axis:
    """One axis of a map. A place is what the plot draws with: the value, or its decimal logarithm."""

    path: str
    values: np.ndarray      # ascending
    log: bool
    flipped: bool           # the result's own order is descending
    unit: str | None = None     # where it is not the declared one

    @property
    def shown(self) -> Shown:
        """Symbol, unit and name of the parameter."""
        how = shown_at(self.path)
        return how if self.unit is None else dataclasses.replace(how, unit=self.unit)

    def place(self, values: np.ndarray | float) -> np.ndarray:
        """Where the plot draws these values."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log10(values) if self.log else np.asarray(values, dtype=np.float64)

    def value(self, places: np.ndarray | float) -> np.ndarray:
        """The values at these places."""
        places = np.asarray(places, dtype=np.float64)
        return 10.0**places if self.log else places

    @property
    def step(self) -> float:
        """The width of a cell."""
        places = self.place(self.values)
        return float(places[-1] - places[0]) / (len(places) - 1) if len(places) > 1 else 1.0

    @property
    def edges(self) -> tuple[float, float]:
        """Where the first cell begins and the last one ends."""
        places = self.place(self.values)
        return float(places[0] - self.step / 2), float(places[-1] + self.step / 2)

    def nearest(self, places: np.ndarray | float) -> np.ndarray:
        """The cells at these places; beyond the ends the last ones."""
        first = float(self.place(self.values)[0])
        cells = np.rint((np.asarray(places) - first) / self.step).astype(int)
        return np.clip(cells, 0, len(self.values) - 1)

    def original(self, cell: int) -> int:
        """The cell's number in the result."""
        return len(self.values) - 1 - cell if self.flipped else cell


def shown_at(path: str) -> Shown:
    """How a parameter, or a coordinate by its name, is shown."""
    if path in VARIABLES:
        return shown(path)
    spec = spec_at(Setup(), path)
    return Shown(spec.symbol, spec.unit, spec.label)


def axis_of(result: Result, name: str) -> Axis:
    """The axis of a result that a coordinate is."""
    coordinate = result.data[name]
    values = np.asarray(coordinate.values, dtype=np.float64)
    flipped = bool(len(values) > 1 and values[0] > values[-1])
    values = values[::-1] if flipped else values
    unit = pretty_unit(str(coordinate.attrs["units"])) if "units" in coordinate.attrs else None
    return Axis(str(coordinate.attrs.get("path", name)), values, _is_log(values), flipped, unit)


def _is_log(values: np.ndarray) -> bool:
    """Whether the values are evenly spaced on a logarithmic axis, and not on a linear one."""
    if len(values) < 3 or values[0] <= 0:
        return False
    steps, ratios = np.diff(values), np.diff(np.log(values))
    return bool(np.ptp(ratios) < 1e-6 * ratios[0] and np.ptp(steps) > 1e-6 * steps[0])


class Cells:
    """The cells of one result over two of its coordinates: rows upwards, columns to the right, both ascending."""

    def __init__(self, result: Result, x: str = "x", y: str = "y") -> None:
        self.result = result
        self.x, self.y = axis_of(result, x), axis_of(result, y)
        self.there = np.zeros(self.shape, dtype=np.bool_)       # whether something is known of a cell
        self.sensitive = np.zeros(self.shape, dtype=np.bool_)   # whether it is hatched

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y.values), len(self.x.values)

    def oriented(self, values: np.ndarray) -> np.ndarray:
        """Numbers of the result (y, x) with both axes ascending."""
        values = values[:, ::-1] if self.x.flipped else values
        return np.asarray(values[::-1] if self.y.flipped else values)

    @property
    def paths(self) -> tuple[str, str]:
        """The parameters along x and y."""
        return self.x.path, self.y.path

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell (row, column) at a place of the plot, None outside."""
        (left, right), (bottom, top) = self.x.edges, self.y.edges
        if not (left <= x <= right and bottom <= y <= top):
            return None
        return int(self.y.nearest(y)), int(self.x.nearest(x))

    def cell_of(self, setup: Setup) -> tuple[int, int] | None:
        """The cell that has exactly the swept parameters of a setup."""
        cell = []
        for axis in (self.y, self.x):
            match = np.flatnonzero(axis.values == value_at(setup, axis.path))
            if not match.size:
                return None
            cell.append(int(match[0]))
        return cell[0], cell[1]

    def line(self, start: tuple[float, float], end: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        """The cells (rows, columns) under a straight line between two places, one for each step of its longer
        side."""
        columns = self.x.nearest(np.array([start[0], end[0]]))
        rows = self.y.nearest(np.array([start[1], end[1]]))
        count = max(abs(int(np.diff(columns)[0])), abs(int(np.diff(rows)[0]))) + 1
        return (np.rint(np.linspace(rows[0], rows[1], count)).astype(int),
                np.rint(np.linspace(columns[0], columns[1], count)).astype(int))

    def colours(self, mode: str, at_rest: str) -> np.ndarray:
        """RGBA (ny, nx, 4) of the cells; those that nothing is known of are transparent."""
        raise NotImplementedError


class NumberCells(Cells):
    """Cells that hold one number each: signed ones about zero, the others from zero up."""

    #: Ends of the scale that do not depend on the numbers.
    FULL: ClassVar[dict[str, float]] = {"probability": 1.0}

    def __init__(self, result: Result, variable: str, x: str = "x", y: str = "y", known: str = "") -> None:
        """known: the variable that is NaN where nothing has been computed yet, if not this one."""
        super().__init__(result, x, y)
        self.variable = variable
        self.values = self.oriented(np.asarray(result.data[variable].values, dtype=np.float64))
        self.there = np.isfinite(self.oriented(result.data[known or variable].values))

    @property
    def signed(self) -> bool:
        """Whether there are numbers below zero."""
        return bool(np.nanmin(self.values, initial=0.0) < 0)

    @property
    def top(self) -> float:
        """The upper end of the colour scale."""
        largest = float(np.nanmax(np.abs(self.values), initial=0.0))
        return self.FULL.get(self.variable) or largest or 1.0

    def colours(self, mode: str, at_rest: str) -> np.ndarray:
        parts = self.values / self.top
        picture = scale("signed" if self.signed else "")[steps((parts + 1) / 2 if self.signed else parts)]
        picture[~np.isfinite(self.values)] = rgba(at_rest)
        picture[~self.there] = 0
        return picture


def scale(mode: str) -> np.ndarray:
    """256 colours (RGBA) diverging about zero for signed numbers and resistance, else viridis."""
    stops = np.array([rgba(colour) for colour in (_DIVERGING if mode in ("resistance", "signed") else _VIRIDIS)])
    at = np.linspace(0, len(stops) - 1, 256)
    return np.stack([np.interp(at, np.arange(len(stops)), stops[:, part]) for part in range(4)],
                    axis=1).round().astype(np.uint8)


def steps(parts: np.ndarray) -> np.ndarray:
    """Places in a scale of numbers from 0 to 1."""
    return np.clip(np.nan_to_num(parts) * 255, 0, 255).round().astype(np.uint8)


def rgba(colour: str) -> tuple[int, int, int, int]:
    """A colour's four bytes."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), 255
