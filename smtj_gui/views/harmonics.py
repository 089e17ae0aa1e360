"""The harmonic content of an angular curve: how much of sin 2θ, sin 4θ, … it holds; no Qt."""

from __future__ import annotations

import dataclasses

import numpy as np

#: The highest multiple of the angle that is looked for.
HIGHEST = 8


@dataclasses.dataclass(frozen=True)
class Harmonic:
    """One term: name ("sin 2θ"), signed amplitude in the curve's unit, and its share of the sum of all
    amplitudes (0 to 1)."""

    name: str
    amplitude: float
    share: float


def harmonics(angle_deg: np.ndarray, values: np.ndarray, symbol: str, *, odd: bool) -> list[Harmonic]:
    """The terms of a curve, largest first; none for a flat curve or a grid that allows no analysis.

    Against θ from 0 to 180° a torque (odd in θ) is a sine series and a resistance a cosine series; against φ
    over a whole turn both occur. The trapezoid rule on an equidistant grid is exact for these sums as long as
    the curve holds no multiple beyond the number of intervals. The constant term is left out.
    """
    if not _whole_range(angle_deg, values):
        return []
    angle, step = np.radians(angle_deg), np.radians(angle_deg[1] - angle_deg[0])
    turn = angle[-1] - angle[0]
    weights = np.full(len(angle), step)
    weights[[0, -1]] /= 2
    both = turn > 1.5 * np.pi
    names = ("sin", "cos") if both else ("sin",) if odd else ("cos",)
    highest = min(HIGHEST, (len(angle) - 2) // (2 if both else 1))
    found = {f"{name} {n if n > 1 else ''}{symbol}":
             2 / turn * float(weights @ (values * getattr(np, name)(n * angle)))
             for n in range(1, highest + 1) for name in names}
    total = sum(abs(amplitude) for amplitude in found.values())
    if total <= 1e-9 * float(np.max(np.abs(values))) or total == 0:
        return []
    return sorted((Harmonic(name, amplitude, abs(amplitude) / total) for name, amplitude in found.items()),
                  key=lambda term: -term.share)


def _whole_range(angle_deg: np.ndarray, values: np.ndarray) -> bool:
    """Equidistant, finite, and over 0 to 180° or a whole turn: only there the terms are orthogonal."""
    if len(angle_deg) < 5 or not np.all(np.isfinite(values)):
        return False
    steps, turn = np.diff(angle_deg), angle_deg[-1] - angle_deg[0]
    half = abs(angle_deg[0]) < 1e-9 and abs(turn - 180) < 1e-9
    return bool(np.allclose(steps, steps[0]) and (half or abs(turn - 360) < 1e-9))
