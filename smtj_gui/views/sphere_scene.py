"""What the sphere shows, in numbers: energy, its contours, equilibria, predicted cycles, the trail of m; no Qt.

Points are unit vectors (n, 3). Two widgets draw the same scene: sphere_gl with OpenGL, sphere_painter without.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smtj_engine.parameters import Drive, Magnet

if TYPE_CHECKING:
    from smtj_engine.dynamics.fields import Spins

Array = NDArray[np.float64]

#: Lines lie a little above the sphere, so that the chords between their points do not dip into it.
LIFT = 1.004
#: A shorter trail gets points between its instants, so that its chords are as short as those of other lines.
_FINER = 3
#: The most points of the trail; a longer stretch of a trajectory is thinned out.
MOST_POINTS = 4000
#: More equilibria than this are a whole line of them, which marks cannot show.
_MOST_MARKS = 14
#: Where Newton's method starts from; the few equilibria of a macrospin are found from fewer than the engine takes.
_STARTS = 40
_ROWS, _COLUMNS = 40, 80


@dataclasses.dataclass(frozen=True)
class Camera:
    """From where the sphere is seen, in degrees; the projection is orthographic."""

    azimuth: float = 30.0
    elevation: float = 24.0
    zoom: float = 1.0

    def axes(self) -> Array:
        """Rows: to the right, upwards, towards the viewer."""
        azimuth, elevation = math.radians(self.azimuth), math.radians(self.elevation)
        ca, sa, ce, se = math.cos(azimuth), math.sin(azimuth), math.cos(elevation), math.sin(elevation)
        return np.array([[-sa, ca, 0.0], [-se * ca, -se * sa, ce], [ce * ca, ce * sa, se]])

    def project(self, points: Array) -> Array:
        """Right, up and depth (n, 3); depth > 0 is the near side."""
        seen: Array = points @ self.axes().T
        return seen

    def turned(self, right: float, up: float) -> Camera:
        """The camera after a drag by these angles."""
        azimuth = (self.azimuth - right + 180.0) % 360.0 - 180.0
        return dataclasses.replace(self, azimuth=azimuth, elevation=min(90.0, max(-90.0, self.elevation + up)))

    def zoomed(self, factor: float) -> Camera:
        """Nearer (factor > 1) or farther."""
        return dataclasses.replace(self, zoom=min(4.0, max(0.5, self.zoom * factor)))


#: Cameras by name; x, y and z look from the positive end of that axis.
PRESETS = {"x": Camera(0.0, 0.0), "y": Camera(90.0, 0.0), "z": Camera(-90.0, 90.0), "iso": Camera()}


@dataclasses.dataclass(frozen=True)
class Landscape:
    """The energy −(Q∥m_x² + Q_eff m_z²)/2 − h·m, in µ₀M_s²."""

    q_par: float
    q_eff: float
    h: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def energy(self, points: Array) -> Array:
        """The energy at points (..., 3)."""
        x, z = points[..., 0], points[..., 2]
        return np.asarray(-0.5 * (self.q_par * x * x + self.q_eff * z * z) - points @ np.array(self.h))

    @functools.cached_property
    def span(self) -> tuple[float, float]:
        """Its lowest and highest value."""
        values = self.energy(_grid())
        return float(values.min()), float(values.max())

    def level(self, points: Array) -> Array:
        """0 at the lowest, 1 at the highest energy."""
        low, high = self.span
        return np.clip((self.energy(points) - low) / (high - low), 0.0, 1.0) if high > low else np.zeros(
            points.shape[:-1])


@functools.cache
def _grid() -> Array:
    """Points over the sphere by θ (rows) and φ (columns, the first again at the end)."""
    theta, phi = np.meshgrid(np.linspace(0.0, np.pi, _ROWS + 1), np.linspace(0.0, 2 * np.pi, _COLUMNS + 1),
                             indexing="ij")
    return np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=-1)


def contour_lines(landscape: Landscape, count: int = 9) -> Array:
    """Lines of equal energy as short pieces (n, 2, 3): marching triangles over the grid of θ and φ."""
    points, (low, high) = _grid(), landscape.span
    if high - low < 1e-12:
        return np.empty((0, 2, 3))
    values = (landscape.energy(points) - low) / (high - low) * count
    corners = [(slice(None, -1), slice(None, -1)), (slice(1, None), slice(None, -1)),
               (slice(1, None), slice(1, None)), (slice(None, -1), slice(1, None))]
    pieces = []
    for triangle in ((0, 1, 2), (0, 2, 3)):
        place = np.stack([points[corners[at]].reshape(-1, 3) for at in triangle], axis=1)
        value = np.stack([values[corners[at]].reshape(-1) for at in triangle], axis=1)
        pieces += [_cut(place, value - level) for level in np.arange(1, count)]
    return _on_sphere(np.concatenate(pieces))


def _cut(place: Array, value: Array) -> Array:
    """Where the value, linear on each triangle (n, 3, 3), is zero: pieces (k, 2, 3)."""
    above = value > 0
    mixed = above.any(axis=1) & ~above.all(axis=1)
    place, value, above = place[mixed], value[mixed], above[mixed]
    alone = np.argmax(above == (above.sum(axis=1, keepdims=True) == 1), axis=1)  # the corner on its own side
    row = np.arange(len(place))
    ends = []
    for step in (1, 2):
        other = (alone + step) % 3
        part = (value[row, alone] / (value[row, alone] - value[row, other]))[:, None]
        ends.append(place[row, alone] * (1 - part) + place[row, other] * part)
    return np.stack(ends, axis=1)


def _on_sphere(points: Array) -> Array:
    """The points at the height of lines."""
    result: Array = points * (LIFT / np.maximum(np.linalg.norm(points, axis=-1, keepdims=True), 1e-12))
    return result


def predicted_cycles(landscape: Landscape, w: float, pieces: int = 180) -> list[Array]:
    """The two closed orbits (pieces + 1, 3) on the contour w of the closed form; none for NaN.

    w > Q∥: about ±z; below: about ±y (physics.md, section 6).
    """
    q, q_eff = landscape.q_par, landscape.q_eff
    if not (math.isfinite(w) and 0 < q < q_eff and 0 < w < q_eff):
        return []
    angle = np.linspace(0.0, 2 * np.pi, pieces + 1)
    if w > q:
        along = np.sqrt((w - q * np.cos(angle) ** 2) / (q_eff - q * np.cos(angle) ** 2))
        across = np.sqrt(1 - along**2)
        orbits = [np.stack([across * np.cos(angle), across * np.sin(angle), side * along], axis=1)
                  for side in (1, -1)]
    else:
        across = np.sqrt(w / (q * np.cos(angle) ** 2 + q_eff * np.sin(angle) ** 2))
        along = np.sqrt(np.maximum(0.0, 1 - across**2))
        orbits = [np.stack([across * np.cos(angle), side * along, across * np.sin(angle)], axis=1)
                  for side in (1, -1)]
    return [_on_sphere(orbit) for orbit in orbits]


def dashes(orbits: list[Array], on: int = 3, off: int = 2) -> Array:
    """Closed orbits as dashes: pieces (n, 2, 3)."""
    parts = []
    for orbit in orbits:
        pieces = np.stack([orbit[:-1], orbit[1:]], axis=1)
        parts.append(pieces[np.arange(len(pieces)) % (on + off) < on])
    return np.concatenate(parts) if parts else np.empty((0, 2, 3))


@dataclasses.dataclass(frozen=True)
class Mark:
    """An equilibrium: "stable", "saddle", "unstable", or "rest" where its stability is not known here."""

    m: tuple[float, float, float]
    kind: str


def spins_of(magnet: Magnet, drive: Drive) -> Spins:
    """The one spin in numbers, without torque where that comes from the junction."""
    from smtj_engine.dynamics.cells import build

    if drive.law == "transport":
        drive = dataclasses.replace(drive, law="cosine", tau_par=0.0, tau_perp=0.0)
    return build(magnet, drive, None).spins


def equilibria_of(magnet: Magnet, drive: Drive) -> list[Mark]:
    """The equilibria and their linear stability, exact unless the torque comes from the junction.

    That torque is not known here, so the energy's own equilibria stand without stability.
    """
    from smtj_engine.dynamics.fields import equilibria

    places, rates = equilibria(spins_of(magnet, drive), _STARTS)
    if len(places) > _MOST_MARKS:
        return []
    names, known = {0: "stable", 1: "saddle", 2: "unstable"}, drive.law != "transport"
    return [Mark((float(m[0]), float(m[1]), float(m[2])), names[int((rate.real > 0).sum())] if known else "rest")
            for m, rate in zip(places, rates, strict=True)]


@dataclasses.dataclass(frozen=True)
class Path:
    """A trajectory: times in ns (n,) and m (n, 3)."""

    time: Array
    m: Array

    @property
    def end(self) -> float:
        """The last instant in ns."""
        return float(self.time[-1]) if self.time.size else 0.0

    def at(self, now: float) -> Array:
        """m at a time, on the chord between two instants and pushed out to the sphere."""
        index = int(np.searchsorted(self.time, now))
        if index <= 0 or index >= self.time.size:
            return np.asarray(self.m[min(index, self.time.size - 1)])
        part = (now - self.time[index - 1]) / (self.time[index] - self.time[index - 1])
        point = (1 - part) * self.m[index - 1] + part * self.m[index]
        return np.asarray(point / np.linalg.norm(point))

    def trail(self, now: float, length: float) -> Array:
        """The points of the last `length` ns up to now (k, 3), at the height of lines; at most MOST_POINTS."""
        first, last = np.searchsorted(self.time, [now - length, now])
        step = max(1, math.ceil((last - first) / MOST_POINTS))
        kept = self.m[first:last][::-step][::-1]
        points = np.concatenate([kept, self.at(now)[None]])
        if _FINER * len(points) <= MOST_POINTS:
            points = _finer(points)
        return _on_sphere(points)


def _finer(points: Array) -> Array:
    """The points (n, 3) with others on the chords between them."""
    parts = np.arange(_FINER)[:, None] / _FINER
    between = points[:-1, None] * (1 - parts) + points[1:, None] * parts
    return np.concatenate([between.reshape(-1, 3), points[-1:]])


@dataclasses.dataclass(frozen=True)
class Cloud:
    """Many samples at a few instants: times in ns (n,) and m (n, samples, 3)."""

    time: Array
    m: Array

    @property
    def end(self) -> float:
        """The last instant in ns."""
        return float(self.time[-1]) if self.time.size else 0.0

    def index(self, now: float) -> int:
        """The instant next to a time; between two the samples have turned too far for a mean of them."""
        return int(np.abs(self.time - now).argmin())


@dataclasses.dataclass
class Strand:
    """A kept run on the sphere: its trajectory and colour, and the part of it that is drawn now."""

    path: Path
    colour: str
    trail: Array = dataclasses.field(default_factory=lambda: np.empty((0, 3)))


def fading(count: int) -> Array:
    """How opaque the points of a trail are, oldest first."""
    return 0.12 + 0.88 * np.linspace(0.0, 1.0, count) ** 1.5 if count > 1 else np.ones(count)


@dataclasses.dataclass
class Scene:
    """All that is drawn; the widgets look at `revision` to see whether the standing part has changed."""

    landscape: Landscape = dataclasses.field(default_factory=lambda: Landscape(0.2, 0.25))
    contours: Array = dataclasses.field(default_factory=lambda: np.empty((0, 2, 3)))
    cycles: Array = dataclasses.field(default_factory=lambda: np.empty((0, 2, 3)))
    marks: list[Mark] = dataclasses.field(default_factory=list)
    trail: Array = dataclasses.field(default_factory=lambda: np.empty((0, 3)))
    m: Array | None = None
    others: list[Strand] = dataclasses.field(default_factory=list)
    cloud: Array = dataclasses.field(default_factory=lambda: np.empty((0, 3)))
    revision: int = 0

    def set_magnet(self, magnet: Magnet, drive: Drive) -> None:
        """The landscape and the equilibria of this magnet."""
        spins = spins_of(magnet, drive)
        h_x, h_y, h_z = (float(part) for part in spins.h[0])
        landscape = Landscape(float(spins.q_par[0]), float(spins.q_eff[0]), (h_x, h_y, h_z))
        if landscape != self.landscape or not len(self.contours):
            self.landscape = landscape
            self.contours = contour_lines(landscape)
        self.marks = equilibria_of(magnet, drive)
        self.revision += 1

    def set_cycle(self, w: float) -> None:
        """The predicted limit cycle on the contour w, none for NaN."""
        self.cycles = dashes(predicted_cycles(self.landscape, w))
        self.revision += 1

    def scatter(self, cloud: Cloud, now: float) -> None:
        """The samples at a time, in the place of one m."""
        self.m, self.trail = None, np.empty((0, 3))
        self.cloud = LIFT * cloud.m[cloud.index(now)] if cloud.time.size else np.empty((0, 3))

    def move(self, path: Path, now: float, length: float) -> None:
        """m and its trail at a time, and those of the kept runs at the same time."""
        self.m = path.at(now)
        self.trail = path.trail(now, length)
        for strand in self.others:
            strand.trail = strand.path.trail(now, length)
