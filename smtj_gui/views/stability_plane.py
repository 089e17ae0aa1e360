"""A stability diagram as the screen shows it: axes that may be logarithmic, cells, and their colours; no Qt."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from smtj_engine.parameters import Setup
from smtj_engine.schema import spec_at
from smtj_gui.views.labels import Shown

if TYPE_CHECKING:
    from smtj_engine.results import Result

#: Names of the states as written on screen, by the words of the result's flags.
NAMES = {"undecided": "undecided", "perpendicular": "perpendicular", "opp": "OPP", "ipp": "IPP",
         "in_plane": "in-plane", "tilted": "tilted"}
#: The colours of printed diagrams too (Okabe-Ito), so that a state has one colour everywhere.
COLOURS = {"undecided": "#BBBBBB", "perpendicular": "#0072B2", "opp": "#D55E00", "ipp": "#009E73",
           "in_plane": "#CC79A7", "tilted": "#E69F00"}
#: ColorBrewer's RdBu, blue for negative.
_DIVERGING = ("#053061", "#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7", "#fddbc7", "#f4a582", "#d6604d",
              "#b2182b", "#67001f")
_VIRIDIS = ("#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151",
            "#bddf26", "#fde725")


@dataclasses.dataclass(frozen=True)
class Axis:
    """One axis of the diagram. A place is what the plot draws with: the value, or its decimal logarithm."""

    path: str
    values: np.ndarray      # ascending
    log: bool
    flipped: bool           # the result's own order is descending

    @property
    def shown(self) -> Shown:
        """Symbol, unit and name of the parameter."""
        return shown_at(self.path)

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
    """How a parameter is shown."""
    spec = spec_at(Setup(), path)
    return Shown(spec.symbol, spec.unit, spec.label)


def axis_of(result: Result, name: str) -> Axis:
    """The axis x or y of a result."""
    coordinate = result.data[name]
    values = np.asarray(coordinate.values, dtype=np.float64)
    flipped = bool(len(values) > 1 and values[0] > values[-1])
    values = values[::-1] if flipped else values
    return Axis(str(coordinate.attrs["path"]), values, _is_log(values), flipped)


def _is_log(values: np.ndarray) -> bool:
    """Whether the values are evenly spaced on a logarithmic axis, and not on a linear one."""
    if len(values) < 3 or values[0] <= 0:
        return False
    steps, ratios = np.diff(values), np.diff(np.log(values))
    return bool(np.ptp(ratios) < 1e-6 * ratios[0] and np.ptp(steps) > 1e-6 * steps[0])


class Plane:
    """The numbers of one direction of a diagram (hysteretic ones have a way back), axes ascending."""

    def __init__(self, result: Result, back: bool = False) -> None:
        self.result = result
        self.x, self.y = axis_of(result, "x"), axis_of(result, "y")
        self.has_back = "state_back" in result.data
        self.back = back and self.has_back
        self.words = str(result.data["state"].attrs["flag_meanings"]).split()
        self.state, self.sensitive = self._get("state"), self._get("sensitive")
        self.resistance, self.frequency = self._get("resistance"), self._get("frequency")
        self.there = np.isfinite(self.resistance)
        self.computed = self._get("computed", False) if "computed" in result.data else None

    def _get(self, name: str, directed: bool = True) -> np.ndarray:
        values = self.result.data[name + ("_back" if self.back and directed else "")].values
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
        from smtj_engine.schema import value_at

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
        columns, rows = self.x.nearest(np.array([start[0], end[0]])), self.y.nearest(np.array([start[1], end[1]]))
        count = max(abs(int(np.diff(columns)[0])), abs(int(np.diff(rows)[0]))) + 1
        return (np.rint(np.linspace(rows[0], rows[1], count)).astype(int),
                np.rint(np.linspace(columns[0], columns[1], count)).astype(int))

    def word(self, row: int, column: int) -> str:
        """The state's word in a cell."""
        return self.words[int(self.state[row, column])]

    def highest_frequency(self) -> float:
        """The top of the frequency's colour scale (GHz)."""
        finite = self.frequency[np.isfinite(self.frequency)]
        return float(finite.max()) if finite.size else 1.0

    def colours(self, mode: str, at_rest: str) -> np.ndarray:
        """RGBA (ny, nx, 4) of the cells; those that nothing is known of are transparent."""
        if mode == "state":
            picture = np.array([_rgba(COLOURS[word]) for word in self.words], dtype=np.uint8)[self.state]
        elif mode == "resistance":
            picture = scale(mode)[_steps((self.resistance + 1) / 2)]
        else:
            picture = scale(mode)[_steps(self.frequency / self.highest_frequency())]
            picture[~np.isfinite(self.frequency)] = _rgba(at_rest)
        picture = picture.copy()
        picture[~self.there] = 0
        return picture


def scale(mode: str) -> np.ndarray:
    """256 colours (RGBA) for resistance (diverging about zero) or frequency."""
    stops = np.array([_rgba(colour) for colour in (_DIVERGING if mode == "resistance" else _VIRIDIS)])
    at = np.linspace(0, len(stops) - 1, 256)
    return np.stack([np.interp(at, np.arange(len(stops)), stops[:, part]) for part in range(4)],
                    axis=1).round().astype(np.uint8)


def _steps(parts: np.ndarray) -> np.ndarray:
    return np.clip(np.nan_to_num(parts) * 255, 0, 255).round().astype(np.uint8)


def _rgba(colour: str) -> tuple[int, int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), 255
