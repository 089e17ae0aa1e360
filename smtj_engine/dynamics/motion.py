"""What a trajectory does at its end, in one word and in a sentence, told from its last instants.

The energy's mean over whole turns tells a limit cycle from a decaying transient: what it still changes, seen
against the distance to the energy at the axis that m encircles. As in a diagram (classify.py), a spiral towards
an equilibrium bears its name if that is linearly stable; with the transport law it is left undecided.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from smtj_engine.dynamics.cells import build
from smtj_engine.dynamics.classify import STATES
from smtj_engine.dynamics.fields import Array, Spins, energy, growth_rates, nearest_equilibria
from smtj_engine.parameters import Setup
from smtj_engine.results import Result

#: The last part of the trajectory that is looked at.
_TAIL = 0.4
#: No more instants than these are looked at: some hundred turns.
_MOST = 20_000
#: Below this rms deviation from its mean m rests.
_STILL = 1e-3
#: Fewer turns than this say nothing.
_LEAST_TURNS = 3.0
#: The frequency is that of the last turns.
_LAST_TURNS = 8.0
#: A cycle's energy changes by less than this part of its distance over another such trajectory.
_STEADY = 0.02
_NEAR = np.radians(5.0)
#: A direction within this angle of an axis bears its name.
_AXIS = np.radians(15.0)
_WORDS = {"opp": "out-of-plane precession", "ipp": "in-plane precession"}


@dataclasses.dataclass(frozen=True)
class Motion:
    """How a trajectory ends: one of classify.STATES, frequency of m in GHz (NaN at rest), a sentence."""

    state: str
    frequency: float
    words: str

    def __post_init__(self) -> None:
        assert self.state in STATES


def motion(result: Result) -> Motion:
    """The state at the end of a trajectory."""
    time, m = result.data["time"].values, result.data["m"].values
    first = int(np.searchsorted(time, time[-1] - _TAIL * (time[-1] - time[0]))) if len(time) else 0
    first = max(first, len(time) - _MOST)
    time, m = time[first:], m[first:]
    if len(time) < 16:
        return Motion("undecided", float("nan"), "too short to tell")
    if np.sqrt(m.var(axis=0).sum()) < _STILL:
        return _at_rest(m.mean(axis=0))
    about = m - m.mean(axis=0)      # else the area swept from the origin drowns that of a small orbit
    axis = np.cross(about[:-1], about[1:]).sum(axis=0)
    axis /= max(float(np.linalg.norm(axis)), 1e-300)
    phase = _phase(m, axis)
    turns = abs(phase[-1] - phase[0]) / (2 * np.pi)
    if turns < _LEAST_TURNS:
        return Motion("undecided", float("nan"), "too few turns to tell")
    if axis @ m.mean(axis=0) < 0:
        axis = -axis
    return _turning(result.setup, time, m, axis, np.abs(phase - phase[0]))


def _at_rest(mean: Array) -> Motion:
    z = abs(float(mean[2])) / float(np.linalg.norm(mean))
    state = "perpendicular" if z > np.cos(_NEAR) else "in_plane" if z < np.sin(_NEAR) else "tilted"
    words = {"perpendicular": f"perpendicular, along {direction(mean)}",
             "in_plane": f"in the plane along {direction(mean)}", "tilted": f"tilted, at {direction(mean)}"}[state]
    return Motion(state, float("nan"), words)


def direction(m: Array) -> str:
    """A direction in words: "+z", or its angles where it lies along no axis."""
    m = m / np.linalg.norm(m)
    along = int(np.argmax(np.abs(m)))
    if abs(m[along]) > np.cos(_AXIS):
        return f"{'+' if m[along] > 0 else '−'}{'xyz'[along]}"
    theta, phi = np.degrees(np.arccos(np.clip(m[2], -1, 1))), np.degrees(np.arctan2(m[1], m[0]))
    return f"θ = {theta:.0f}°, φ = {phi:.0f}°".replace("-", "−")


def _phase(m: Array, axis: Array) -> Array:
    """The angle of m about the axis, without jumps."""
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    first = np.cross(helper, axis)
    first /= np.linalg.norm(first)
    return np.unwrap(np.arctan2(m @ np.cross(axis, first), m @ first))


def _turning(setup: Setup, time: Array, m: Array, axis: Array, phase: Array) -> Motion:
    """A cycle, or a spiral towards or away from the axis."""
    whole = np.floor(phase[-1] / (2 * np.pi))
    rising = np.maximum.accumulate(phase)
    last = min(_LAST_TURNS, whole)
    frequency = float(last / (time[-1] - np.interp(phase[-1] - 2 * np.pi * last, rising, time)))
    level = _level(setup, m)
    marks = np.interp(2 * np.pi * np.round(np.linspace(0, whole, 4)), rising, time)
    sums = np.interp(marks, time, np.concatenate([[0.0], np.cumsum(np.diff(time) * (level[1:] + level[:-1]) / 2)]))
    means = np.diff(sums) / np.diff(marks)
    early, late = np.diff(means)
    distance = means[-1] - float(_level(setup, axis[None])[0])
    drift = late / ((marks[3] - marks[1]) / 2) * time[-1]
    state = "opp" if abs(axis[2]) > np.sqrt(0.5) else "ipp"
    about = f"{_WORDS[state]} about {direction(axis)}"
    ratio = late / early if early else np.inf
    left = abs(late * ratio / (1 - ratio)) if 0 < ratio < 1 else np.inf
    if abs(drift) < _STEADY * abs(distance):
        return Motion(state, frequency, about)
    if left < 0.3 * abs(distance):
        return Motion(state, frequency, f"{about}, still changing")
    inward = late * distance < 0
    if inward and (centre := _stable(setup, axis)) is not None:
        rest = _at_rest(centre)
        return Motion(rest.state, frequency, f"settling: {rest.words}")
    return Motion("undecided", frequency, f"spiralling {'towards' if inward else 'away from'} {direction(axis)}")


def _stable(setup: Setup, axis: Array) -> Array | None:
    """The linearly stable equilibrium that m encircles, if there is one and the torque is known here."""
    if setup.drive.law == "transport":
        return None
    spins = _spins(setup)
    centre, found = nearest_equilibria(spins, axis[None].copy())
    near = float(centre[0] @ axis) > np.cos(_AXIS)
    return centre[0] if found[0] and near and bool((growth_rates(spins, centre).real < 0).all()) else None


def _level(setup: Setup, m: Array) -> Array:
    """w + 2h·m, the energy's label (n,)."""
    return -2 * energy(_spins(setup).take(np.zeros(len(m), dtype=int)), m)


def _spins(setup: Setup) -> Spins:
    """The spin in numbers, without torque where that comes from the junction."""
    drive = setup.drive
    if drive.law == "transport":
        drive = dataclasses.replace(drive, law="cosine", tau_par=0.0, tau_perp=0.0)
    return build(setup.magnet, drive, None).spins
