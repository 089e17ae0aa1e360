"""Computes everything that the Letter's figures and the report on its statements need."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from smtj_engine import presets
from smtj_engine.analyses import ANALYSES
from smtj_engine.monitor import Monitor

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_engine.transport.sweeps import TransportPoint

ALPHAS = (1.0, 2.0, 3.0, 4.0, 5.0)
#: Biases at which the energy is compared with that at zero bias.
BIASES = (-0.8, 0.0, 0.8)
#: The Letter's barrier between a thinner and a thicker one, in nm.
THICKNESSES = (0.3, 0.6, 2.4)
#: From the limit of weak spin-orbit interaction to far beyond the Letter's range, still without bound states.
STRENGTHS = np.concatenate(([0.05, 0.1, 0.2, 0.5], np.arange(1.0, 10.0)))
#: Directions (θ, φ) solved one by one, so that symmetries are measured: curves are drawn with their help.
DIRECTIONS = ((0.0, 0.0), (30.0, 0.0), (150.0, 0.0), (45.0, 0.0), (45.0, 37.0), (45.0, 211.0), (90.0, 0.0),
              (90.0, 37.0), (180.0, 0.0))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Numbers:
    """One result per figure, and those that only the report reads."""

    fig_1: Result
    fig_1b_inset: Result
    fig_2a: Result
    fig_2b: Result
    energy: Result          # against the angle, for each of ALPHAS, at zero bias
    energy_at_bias: Result  # against the angle, for each of BIASES, at α = 4
    strength: Result        # against STRENGTHS at 0.8 V
    thickness: Result       # at zero bias and 0.8 V, for each of THICKNESSES
    points: dict[tuple[float, float, float], TransportPoint]  # by (bias, θ, φ) of DIRECTIONS at α = 4


def compute(monitor: Monitor) -> Iterator[tuple[str, Any]]:
    """Each field of Numbers as it is ready, with its own share of the progress."""
    steps = _steps()
    for at, (name, run) in enumerate(steps.items()):
        def share(fraction: float, note: str = "", partial: Result | None = None, *, at: int = at,
                  name: str = name) -> None:
            monitor((at + fraction) / len(steps), f"{name.replace('_', ' ')} {note}".rstrip())

        share(0.0)
        yield name, run(share)


def _steps() -> dict[str, Callable[[Monitor], Any]]:
    from smtj_engine.transport.sweeps import bias_sweep, interface_energy, rashba_sweep, transport_point

    junction = presets.load("fe_mgo").setup.junction
    biased = dataclasses.replace(junction, bias=0.8)
    theta = np.linspace(0.0, 180.0, 37)
    return {
        **{f"fig_{figure}": _preset(f"letter_fig_{figure}") for figure in ("1b_inset", "1", "2a", "2b")},
        "energy": lambda monitor: interface_energy(
            junction, theta_deg=theta, family=("junction.rashba", ALPHAS), monitor=monitor),
        "energy_at_bias": lambda monitor: interface_energy(
            junction, theta_deg=theta, family=("junction.bias", BIASES), monitor=monitor),
        "strength": lambda monitor: rashba_sweep(biased, rashba=STRENGTHS, monitor=monitor),
        "thickness": lambda monitor: bias_sweep(
            junction, bias=np.array([0.0, 0.8]), family=("junction.barrier_thickness", THICKNESSES),
            monitor=monitor),
        "points": lambda monitor: {
            (one.bias, theta, phi): transport_point(one, theta, phi)
            for one in (junction, biased) for theta, phi in DIRECTIONS},
    }


def _preset(key: str) -> Callable[[Monitor], Result]:
    """Run a preset's analysis as the window and `smtj run --preset` would."""
    preset = presets.load(key)
    return lambda monitor: ANALYSES[preset.run].run(preset.setup, monitor)
