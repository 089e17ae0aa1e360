"""The stability diagram (Fig. 3): where each cell of a plane of two parameters ends.

The picture grows from coarse to fine: each level is a strided subset of the final grid, and no cell is computed
twice. A cell's numbers depend on that cell alone, not on tiles, threads or levels.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from smtj_engine.arguments import check_whole, check_word, path_and_numbers
from smtj_engine.dynamics import starts
from smtj_engine.dynamics.cells import (
    angles,
    at_rest_notes,
    build,
    check_all,
    check_duration,
    check_path,
    check_start,
    setup_of,
)
from smtj_engine.dynamics.classify import FLAGS, classify, ends_elsewhere
from smtj_engine.dynamics.fields import Array, Spins
from smtj_engine.dynamics.lanes import run
from smtj_engine.dynamics.trajectory import DURATION, NORMALIZED
from smtj_engine.main_grids import StabilityGrid
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.results import Provenance, Result, describe, described_by
from smtj_engine.scale import executor
from smtj_engine.scale.executor import Check, Made, completed, workers
from smtj_engine.schema import ParameterError, walk

Axis = tuple[str, ArrayLike]
Index = NDArray[np.intp]
#: Side of the coarsest level.
COARSEST = 8
#: The most cells of a diagram, and what one of them takes while it is computed (bytes, measured).
MOST_CELLS, _CELL = 4_000_000, 300
#: Cells per tile at least and at most.
_TILE = (32, 1024)
#: The shortest time (s) between two partial pictures.
_INTERVAL = 0.04
_MODES = ("fixed", "random", "hysteretic")
#: Step and rest of runs of which only the end matters, roughly (see lanes.run).
_ROUGH_PHASE, _ROUGH_REST = 1.4, 1e-4


def stability_diagram(magnet: Magnet, drive: Drive, *, x: Axis, y: Axis, duration: float = DURATION,
                      theta0_deg: float = 10.0, phi0_deg: float = 0.0, start: str = "fixed", seed: int = 0,
                      junction: Junction | None = None, preview: bool = False,
                      monitor: Monitor = silent) -> Result:
    """The state after `duration` (ns) over two parameters, x = (path, values) and y = (path, values).

    start: "fixed", every cell at (θ0, φ0); "random", a direction drawn for the cell (keyed by seed and the cell's
    place in the grid); "hysteretic", each cell where its neighbour in x ended: upwards, and downwards in the
    variables that end in _back. preview: for pictures in motion, in a third of the time; longer steps, and no cell
    is looked at for its sensitivity.

    Dimensions (y, x). state (flags: see its attributes), sensitive (a start 0.1° beside ends elsewhere),
    resistance = 2m_z² − 1 at `duration`, frequency of m (GHz, NaN at rest), m_mean over the last 20 % of the run
    (component last); m_start where the cells differ in it (not for a fixed start). A partial picture is complete
    in size: cells not `computed` yet show their coarse neighbour.

    Raises ParameterError for a bad axis or start and for a grid that does not fit into memory.
    """
    check_all(magnet, drive, junction)
    plane = _Plane.of(magnet, drive, junction, x, y, monitor)
    check_word("start", start, _MODES)
    check_duration(duration)
    check_whole("seed", seed)
    if start != "random":
        check_start(plane.spins, starts.fixed(theta0_deg, phi0_deg, plane.spins), theta0_deg, phi0_deg)
    picture = _Picture(plane, duration, theta0_deg, phi0_deg, start, seed, preview, monitor)
    try:
        (_sweep if start == "hysteretic" else _refine)(picture)
    except Cancelled as stop:
        stop.partial = picture.result()
        raise
    return picture.result()


def axis_values(grid: StabilityGrid, name: str) -> Array:
    """The values along x or y of a grid."""
    first, last = getattr(grid, f"{name}_start"), getattr(grid, f"{name}_stop")
    count = getattr(grid, f"{name}_points")
    space = np.geomspace if getattr(grid, f"{name}_scale") == "log" else np.linspace
    return np.asarray(space(first, last, count))


def cell_parameters(result: Result, row: int, column: int, back: bool = False) -> dict[str, Any]:
    """What a trajectory needs to repeat one cell of a diagram, on its way back or not: values by their path.

    row and column count as in the result. Where an axis of the junction drives the cosine law, drive.tau_par is
    what the junction gives there. Raises ParameterError for a hysteretic cell whose start is not known yet.
    """
    data, setup = result.data, result.setup
    axes = {str(data[name].attrs["path"]): float(data[name].values[at])
            for name, at in (("x", column), ("y", row))}
    over_junction = any(path.startswith("junction.") for path in axes)
    groups = ("magnet", "drive", "junction")[:3 if over_junction or setup.drive.law == "transport" else 2]
    values = {path: value for path, _, value in walk(setup) if path.split(".")[0] in groups} | axes
    if over_junction and setup.drive.law == "cosine":
        single = {path: np.array([value]) for path, value in axes.items()}
        values["drive.tau_par"] = float(build(setup.magnet, setup.drive, setup.junction, single).spins.par[0, 1])
    theta, phi = float(data.attrs["theta0_deg"]), float(data.attrs["phi0_deg"])
    if (name := "m_start_back" if back else "m_start") in data:
        start = data[name].values[row, column]
        if not np.isfinite(start).all():
            raise ParameterError(name, None, "this cell is not calculated yet: it starts where its neighbour ends")
        theta, phi = angles(start)
    return values | {"numerics.trajectory.theta0_deg": theta, "numerics.trajectory.phi0_deg": phi,
                     "numerics.trajectory.duration": float(data.attrs["duration"])}


def levels(ny: int, nx: int) -> list[tuple[int, Index]]:
    """(stride, the cells that this stride adds), coarse to fine; cells as y·nx + x."""
    stride = 1
    while max(ny, nx) > COARSEST * stride:
        stride *= 2
    seen = np.zeros((ny, nx), dtype=np.bool_)
    steps = []
    while stride:
        new = np.zeros_like(seen)
        new[::stride, ::stride] = True
        new &= ~seen
        seen |= new
        steps.append((stride, np.flatnonzero(new)))
        stride //= 2
    return steps


@dataclasses.dataclass(frozen=True)
class _Plane:
    """The two axes, and the macrospin of every cell (y·nx + x)."""

    magnet: Magnet
    drive: Drive
    junction: Junction | None
    paths: tuple[str, str]
    x: Array
    y: Array
    spins: Spins
    notes: tuple[str, ...]

    @classmethod
    def of(cls, magnet: Magnet, drive: Drive, junction: Junction | None, x: Axis, y: Axis,
           monitor: Monitor) -> _Plane:
        names, values = [], []
        for name, axis in (("x", x), ("y", y)):
            path, array = path_and_numbers(name, axis)
            check_path(path, drive, junction)
            names.append(path)
            values.append(array)
        if names[0] == names[1]:
            raise ParameterError("y", names[1], "both axes are the same parameter")
        nx, ny = values[0].size, values[1].size
        if nx * ny > MOST_CELLS:
            raise ParameterError("x", nx, f"{nx} × {ny} cells would need {nx * ny * _CELL / 2**30:.2g} GB: "
                                 f"take at most {MOST_CELLS} cells")
        axes = {names[0]: np.tile(values[0], ny), names[1]: np.repeat(values[1], nx)}
        cells = build(magnet, drive, junction, axes, nx * ny, monitor)
        return cls(magnet, drive, junction, (names[0], names[1]), values[0], values[1], cells.spins,
                   (*at_rest_notes(magnet, drive), *cells.notes))


class _Picture:
    """The cells computed so far."""

    def __init__(self, plane: _Plane, duration: float, theta0_deg: float, phi0_deg: float, start: str, seed: int,
                 preview: bool, monitor: Monitor) -> None:
        self.plane, self.duration, self.mode, self.seed, self.monitor = plane, duration, start, seed, monitor
        self.preview = preview
        self.angles = (theta0_deg, phi0_deg)
        self.shape = (len(plane.y), len(plane.x))
        cells = len(plane.spins)
        backs = ("", "_back") if start == "hysteretic" else ("",)
        self.values: dict[str, NDArray[Any]] = {}
        for back in backs:
            self.values |= {"state" + back: np.zeros(cells, dtype=np.int8),
                            "sensitive" + back: np.zeros(cells, dtype=np.bool_),
                            "resistance" + back: np.full(cells, np.nan),
                            "frequency" + back: np.full(cells, np.nan),
                            "m_mean" + back: np.full((cells, 3), np.nan)}
        self.begin: dict[str, Array] = {}         # where each cell started, unless all at the same angles
        if start == "random":
            self.begin["m_start"] = starts.random(seed, *self.shape)
        elif start == "hysteretic":
            self.begin = {"m_start" + back: np.full((cells, 3), np.nan) for back in backs}
        self.source = np.full(cells, -1)          # the cell whose values are shown here
        self.computed = np.zeros(cells, dtype=np.bool_)
        self._told = 0.0

    def put(self, cells: Index, answer: dict[str, NDArray[Any]], back: str = "") -> None:
        """Keep what was computed of some cells."""
        for name, value in answer.items():
            (self.begin if name == "m_start" else self.values)[name + back][cells] = value

    def cover(self, stride: int, across: int) -> None:
        """A level (strides along y and x) is complete: its cells stand for finer ones until those are computed."""
        ny, nx = self.shape
        rows, columns = np.arange(ny) // stride * stride, np.arange(nx) // across * across
        self.source = (rows[:, None] * nx + columns).reshape(-1)

    def tell(self, fraction: float, note: str) -> None:
        """Show the picture so far, a few times a second; nothing but single cells before the coarsest level."""
        now = time.monotonic()
        if self.monitor is not silent and self.source[0] >= 0 and now - self._told > _INTERVAL:
            self._told = now
            self.monitor(fraction, note, self.result())
        else:
            self.monitor(fraction, note)

    def result(self) -> Result:
        """The picture so far; cells not computed yet show the coarse cell that covers them."""
        source = np.where(self.computed, np.arange(self.computed.size), self.source)
        whole = bool(self.computed.all())
        variables: dict[str, Any] = {}
        for name, values in self.values.items():
            shown = values if whole else np.where((source < 0).reshape(-1, *[1] * (values.ndim - 1)),
                                                  values, values[source])
            dims = ("y", "x", "component") if values.ndim > 1 else ("y", "x")
            variables[name] = (dims, shown.reshape(*self.shape, *values.shape[1:]).copy())
        for name, begin in self.begin.items():      # known of every cell, or of none that is not computed
            variables[name] = (("y", "x", "component"), begin.reshape(*self.shape, 3).copy())
        if not whole:
            variables["computed"] = (("y", "x"), self.computed.reshape(self.shape).copy())
        plane = self.plane
        data = describe(xr.Dataset(variables, coords={"x": plane.x, "y": plane.y, "component": ["x", "y", "z"]}))
        for name in variables:
            if name.startswith("state"):
                data[name].attrs.update(FLAGS)
            if name.startswith("resistance"):
                data[name].attrs.update(NORMALIZED)
        for name, path in zip("xy", plane.paths, strict=True):
            data[name].attrs.update(described_by(path))
        data.attrs.update(duration=self.duration, start=self.mode, theta0_deg=self.angles[0],
                          phi0_deg=self.angles[1])
        notes = list(plane.notes)
        if self.mode == "hysteretic":
            notes.append(starts.HYSTERETIC_NOTE)
        if notes:
            data.attrs["notes"] = notes
        return Result(kind="stability", setup=setup_of(plane.magnet, plane.drive, plane.junction), data=data,
                      provenance=Provenance(accuracy="preview" if self.preview else "dop853",
                                            seed=self.seed if self.mode == "random" else None))


def _solve(spins: Spins, start: Array, duration: float, preview: bool, check: Callable[[], None]) -> tuple[
        dict[str, NDArray[Any]], Array]:
    """The variables of some cells, and m at the end."""
    units = duration / spins.unit
    if preview:
        runs = run(spins, start, units, check, phase=_ROUGH_PHASE, at_rest=_ROUGH_REST)
        sensitive = np.zeros(len(spins), dtype=np.bool_)
    else:
        runs = run(spins, start, units, check)
        beside = run(spins, starts.beside(start), units, check, phase=_ROUGH_PHASE, at_rest=_ROUGH_REST, tail=0)
        sensitive = ends_elsewhere(runs, beside)
    state, period = classify(spins, runs, units)
    return {"state": state, "sensitive": sensitive,
            "resistance": 2 * runs.end[:, 2] ** 2 - 1, "frequency": 1 / (period * spins.unit),
            "m_mean": runs.mean}, runs.end


#: What travels: spins, their starts, the duration (ns), whether it is a preview.
_Tile = tuple[Spins, Array, float, bool]


def _cells(tile: _Tile, check: Check) -> dict[str, NDArray[Any]]:
    """The variables of the cells of one tile."""
    return _solve(*tile, check)[0]


def _refine(picture: _Picture) -> None:
    """Level after level, tiles of a level at the same time; where nobody looks all at once, with full lanes."""
    plane = picture.plane
    ny, nx = picture.shape
    begin = picture.begin.get("m_start", starts.fixed(*picture.angles, plane.spins))

    def tile(cells: Index) -> _Tile:
        return plane.spins.take(cells), begin[cells], picture.duration, picture.preview

    done, total = 0, ny * nx
    for stride, new in [(1, np.arange(total))] if picture.monitor is silent else levels(ny, nx):
        note = f"stability diagram, {-(-ny // stride)} × {-(-nx // stride)}"
        base, tiles = done, _tiles(new)
        within = _within(picture, base / total, len(new) / total)
        for index, answer in completed(_cells, Made(tile, tiles), within, note):
            picture.put(tiles[index], answer)
            picture.computed[tiles[index]] = True
            done += len(tiles[index])
            if done == base + len(new):
                picture.cover(stride, stride)
            picture.tell(done / total, note)


def _within(picture: _Picture, base: float, share: float) -> Monitor:
    """The monitor of a level, which is a part of the whole."""
    def within(fraction: float, note: str = "", partial: Result | None = None) -> None:
        picture.monitor(base + fraction * share, note, partial)

    return within


def _tiles(cells: Index) -> Sequence[Index]:
    """About equal parts for the workers, none too small for the lanes nor too large for a quick stop."""
    most = _TILE[1] * executor.here().grain
    count = max(min(2 * workers(), len(cells) // _TILE[0]), -(-len(cells) // most), 1)
    return np.array_split(cells, count)


def _march(tile: _Tile, check: Check) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """The variables along lines of cells that march together, each cell from where its neighbour ended: upwards
    and on the way back, (lines, cells of a line)."""
    spins, m, duration, preview = tile
    nx, ways = len(spins) // len(m), []
    for columns in (range(nx), range(nx - 1, -1, -1)):
        columnwise = []
        for column in columns:
            here = spins.take(np.arange(column, len(spins), nx))
            answer, end = _solve(here, m, duration, preview, check)
            columnwise.append(answer | {"m_start": m})
            m = starts.freed(here, end)
            check()
        if columns.step < 0:
            columnwise.reverse()
        ways.append({name: np.stack([part[name] for part in columnwise], axis=1) for name in columnwise[0]})
    return ways[0], ways[1]


def _sweep(picture: _Picture) -> None:
    """Lines along x, upwards and back, first a few, then all; a tile is a group of lines that march together."""
    plane = picture.plane
    ny, nx = picture.shape
    begin = starts.fixed(*picture.angles, plane.spins)

    def tile(rows: Index) -> _Tile:
        cells = (rows[:, None] * nx + np.arange(nx)).reshape(-1)
        return plane.spins.take(cells), begin[rows * nx], picture.duration, picture.preview

    done = 0
    for stride, rows in _line_levels(ny):
        lines = np.array_split(rows, min(len(rows), max(workers(), -(-len(rows) // 64))))
        note = f"stability diagram, {-(-ny // stride)} lines"
        base = done
        within = _within(picture, base / ny, len(rows) / ny)
        for index, (up, down) in completed(_march, Made(tile, lines), within, note):
            cells = (lines[index][:, None] * nx + np.arange(nx)).reshape(-1)
            for back, answer in (("", up), ("_back", down)):
                picture.put(cells, {name: value.reshape(-1, *value.shape[2:]) for name, value in answer.items()},
                            back)
            picture.computed[cells] = True
            done += len(lines[index])
            if done == base + len(rows):
                picture.cover(stride, 1)
            picture.tell(done / ny, note)


def _line_levels(ny: int) -> list[tuple[int, Index]]:
    """(stride, lines): a few, then all others, coarse ones first; up to 64 lines march as quickly as 4."""
    first, *rest = levels(ny, 1)
    return [first, (1, np.concatenate([rows for _, rows in rest]))] if rest else [first]
