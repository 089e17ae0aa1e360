"""Where the cells of a diagram start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smtj_engine.dynamics.cells import direction
from smtj_engine.dynamics.fields import Array, Spins, slope, tangents

#: How far (rad) the neighbouring start lies that tells a sensitive cell.
_BESIDE = np.radians(0.1)
#: A cell never starts at rest: closer than this to an equilibrium it is tilted by as much (rad).
_FREED = np.radians(1.0)
HYSTERETIC_NOTE = ("Each cell starts where its neighbour ended; where that was closer than 1° to rest it is "
                   "tilted by 1°, because nothing moves a magnet that rests exactly in an unstable equilibrium.")


def fixed(theta0_deg: float, phi0_deg: float, spins: Spins) -> Array:
    """The same direction for every cell (n, 3)."""
    return np.tile(direction(theta0_deg, phi0_deg), (len(spins), 1))


def random(seed: int, ny: int, nx: int) -> Array:
    """A direction for each cell of the final grid (ny·nx, 3), even on the sphere, keyed by seed and place."""
    row, column = np.divmod(np.arange(ny * nx, dtype=np.uint64), np.uint64(nx))
    key = mix(np.uint64(seed % 2**64) + np.zeros_like(row))
    key = mix(mix(key + row) + column)
    z = 2 * _uniform(key) - 1
    phi = 2 * np.pi * _uniform(mix(key))
    side = np.sqrt(1 - z * z)
    return np.stack([side * np.cos(phi), side * np.sin(phi), z], axis=1)


def mix(key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64: one step of the counter and its scrambling (Steele, Lea and Flood, 2014)."""
    key = key + np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


def _uniform(key: NDArray[np.uint64]) -> Array:
    """Numbers in (0, 1)."""
    return ((key >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53


def beside(m: Array) -> Array:
    """A start 0.1° away from each (n, 3)."""
    return _tilted(m, _BESIDE)


def freed(spins: Spins, m: Array) -> Array:
    """m, tilted by 1° where it lies that close to rest."""
    slow = np.linalg.norm(slope(spins, m), axis=1) < _FREED * 0.1 * spins.fastest
    return np.where(slow[:, None], _tilted(m, _FREED), m)


def _tilted(m: Array, angle: float) -> Array:
    along = tangents(m).sum(axis=2) * np.sqrt(0.5)
    return np.asarray(np.cos(angle) * m + np.sin(angle) * along)
