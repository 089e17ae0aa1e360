"""What the closed form says about a diagram: the boundaries of its zones and the frequency along a line; no Qt."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np

from smtj_engine.main_grids import StabilityGrid
from smtj_engine.parameters import Setup
from smtj_engine.schema import value_at

#: What the boundaries depend on; other parameters of the magnet change times only.
_ENTERS = ("drive.tau_par", "magnet.damping", "magnet.q_par", "magnet.q_perp", "magnet.n_z")
_HARMLESS = ("magnet.mu0_ms", "magnet.thickness")
#: Points of a boundary, and steps of the search for a contour.
_POINTS, _HALVINGS = 400, 60


@dataclasses.dataclass(frozen=True)
class Boundaries:
    """τ∥ at the three thresholds as curves over the plane; none, with the reason, where the closed form ends."""

    curves: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    reason: str = ""


def reason_of(setup: Setup, paths: tuple[str, str]) -> str:
    """Why there is no closed form over these axes, or nothing; 0 < Q∥ < Q_eff is looked at point by point."""
    from smtj_engine.dynamics.limit_cycles import outside

    for path in paths:
        if path.startswith("junction."):
            return "Theory lines are not drawn here: the torque along this axis comes from the transport engine."
        if path not in _ENTERS + _HARMLESS:
            return "Theory lines are not drawn here: the closed form holds for τ⊥ = 0 without an external field."
    swept = any(path in ("magnet.q_par", "magnet.q_perp", "magnet.n_z") for path in paths)
    magnet = SimpleNamespace(q_par=0.5, q_perp=2.0, n_z=1.0) if swept else setup.magnet
    return outside(magnet, setup.drive)  # type: ignore[arg-type]


def boundaries(setup: Setup) -> Boundaries:
    """The thresholds over the plane that the setup's own grid spans; values, not places."""
    grid = setup.numerics.stability
    if reason := reason_of(setup, (grid.x, grid.y)):
        return Boundaries(reason=reason)
    if not {grid.x, grid.y} & set(_ENTERS):
        return Boundaries(reason="Theory lines are not drawn here: the thresholds do not depend on these axes.")
    curves = _zeros(setup, grid)
    if not any(np.isfinite(x).any() for x, _ in curves):
        return Boundaries(reason="No threshold of the closed form (0 < Q∥ < Q_eff) lies in this plane.")
    return Boundaries(curves)


def _distance(setup: Setup, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """τ∥ minus each of the three thresholds (first dimension); linear in each of the parameters."""
    from smtj_engine.dynamics.limit_cycles import thresholds

    magnet = _magnet(setup, values)
    tau = values.get("drive.tau_par", setup.drive.tau_par)
    return np.asarray(tau - thresholds(magnet))  # type: ignore[arg-type]


def _magnet(setup: Setup, values: Mapping[str, np.ndarray]) -> SimpleNamespace:
    """The magnet's numbers at every point of a line, all of one shape."""
    shape = np.broadcast_shapes(*(np.shape(array) for array in values.values()))
    return SimpleNamespace(**{
        name: np.broadcast_to(values.get(f"magnet.{name}", getattr(setup.magnet, name)), shape)
        for name in ("q_par", "q_perp", "n_z", "damping", "mu0_ms")})


def _zeros(setup: Setup, grid: StabilityGrid) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Where the distances vanish. They are linear along either axis, so one step along the steeper one hits."""
    ends = {name: np.array([getattr(grid, f"{name}_start"), getattr(grid, f"{name}_stop")]) for name in "xy"}

    def change(name: str) -> np.ndarray:
        other = "y" if name == "x" else "x"
        at = {getattr(grid, name): ends[name], getattr(grid, other): np.full(2, ends[other].mean())}
        return np.abs(np.diff(_distance(setup, at)))[:, 0]

    steeper = np.where(change("x") >= change("y"), "x", "y").tolist()
    solved = {name: _solved(setup, grid, ends, name) for name in set(steeper)}
    return tuple((solved[name][0][which], solved[name][1][which]) for which, name in enumerate(steeper))


def _solved(setup: Setup, grid: StabilityGrid, ends: Mapping[str, np.ndarray],
            solved: str) -> tuple[np.ndarray, np.ndarray]:
    """x and y (threshold, point) of the zeros along one axis, at points along the other; NaN outside the plane."""
    along = "y" if solved == "x" else "x"
    space = np.geomspace if getattr(grid, f"{along}_scale") == "log" else np.linspace
    points = space(*ends[along], _POINTS)
    low, high = ends[solved]
    at_low, at_high = (
        _distance(setup, {getattr(grid, solved): np.full(_POINTS, end), getattr(grid, along): points})
        for end in (low, high))
    with np.errstate(divide="ignore", invalid="ignore"):
        root = low - at_low * (high - low) / (at_high - at_low)
    root[(root < min(low, high)) | (root > max(low, high))] = np.nan
    found = {solved: root, along: points}
    magnet = _magnet(setup, {getattr(grid, name): found[name] for name in "xy"})
    with np.errstate(invalid="ignore"):
        good = np.isfinite(root) & (magnet.q_par > 0) & (magnet.q_par < magnet.q_perp - magnet.n_z)
    return np.where(good, found["x"], np.nan), np.where(good, found["y"], np.nan)


def frequency_along(setup: Setup, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """f (GHz) of the limit cycle at each point of a line over the plane, NaN where there is none.

    τ(w) rises along both branches, so that halving finds the contour w of every point at once.
    """
    from smtj_engine.dynamics.cells import time_unit
    from smtj_engine.dynamics.limit_cycles import cycle, thresholds

    magnet = _magnet(setup, values)
    shape = magnet.q_par.shape
    tau = np.broadcast_to(values.get("drive.tau_par", value_at(setup, "drive.tau_par")), shape)
    q, q_eff = magnet.q_par, magnet.q_perp - magnet.n_z
    upper, middle, lower = thresholds(magnet)  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        good = (q > 0) & (q < q_eff) & (tau > lower) & (tau < upper) & (tau != middle)
        out = tau > middle
        low, high = np.where(out, q, 0.0), np.where(out, q_eff, q)
        for _ in range(_HALVINGS):
            w = (low + high) / 2
            rising = cycle(magnet, w)[0] < tau  # type: ignore[arg-type]
            low, high = np.where(rising, w, low), np.where(rising, high, w)
        period = cycle(magnet, (low + high) / 2)[1]  # type: ignore[arg-type]
        return np.where(good, 1 / (period * time_unit(magnet.mu0_ms)), np.nan)
