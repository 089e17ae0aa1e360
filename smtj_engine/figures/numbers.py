"""Computes everything that the Letter's figures and the report on its statements need."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smtj_engine import presets
from smtj_engine.analyses import ANALYSES
from smtj_engine.monitor import Monitor
from smtj_engine.schema import with_values

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_engine.transport.sweeps import TransportPoint

Values = npt.NDArray[np.float64]
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
#: τ∥ of Fig. 4a-c as the Letter prints them, and what it shows there (a state of the stability diagram).
PRINTED = {"a": (-0.0125, "opp"), "b": (-0.02, "ipp"), "c": (-0.0375, "in_plane")}
#: By what the printed torques are divided before they drive the magnet.
DIVISORS = {"as printed": 1.0, "divided by 2π": 2 * np.pi}
LAWS = ("cosine", "constant")
#: Starts (θ₀, with φ₀ = 0): near one pole, near the plane, near the other pole.
FROM_POLE, FROM_PLANE, FROM_OTHER_POLE = STARTS = (10.0, 80.0, 170.0)
#: Q_eff = Q⊥ − N_z that readings of Fig. 4 are tried with; the Letter's Q⊥ = 0.75 is read as one of ±0.25.
Q_EFF = np.round(np.linspace(-2.5, 2.5, 101), 3)
#: How long a reading is followed, in ns: five times Fig. 3, so that nothing is left undecided by haste.
LONG = 175.0


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
    fig_3: Result
    fig_3_from_the_plane: Result
    fig_4a: Result
    fig_4b: Result
    fig_4c: Result
    fig_4d: Result           # in closed form
    fig_4d_simulated: Result  # over τ∥ and Q∥
    readings: dict[tuple[str, float], Result]  # by (law, θ₀): over the torques of Fig. 4a-c and Q⊥
    easy_plane: dict[float, Result]            # by θ₀: over τ∥ at Q_eff = −0.25


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
    from smtj_engine.transport.energy import interface_energy
    from smtj_engine.transport.sweeps import bias_sweep, rashba_sweep, transport_point

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
        **{f"fig_{figure}": _preset(f"letter_fig_{figure}") for figure in ("3", "4a", "4b", "4c")},
        "fig_3_from_the_plane": _preset("letter_fig_3", {"numerics.stability.theta0_deg": FROM_PLANE}),
        "fig_4d": _preset("letter_fig_4d", run="limit-cycles"),
        "fig_4d_simulated": _preset("letter_fig_4d"),
        "readings": _readings,
        "easy_plane": _easy_plane,
    }


def _preset(key: str, values: dict[str, object] | None = None, run: str = "") -> Callable[[Monitor], Result]:
    """Run a preset's analysis (or another one) as the window and `smtj run --preset` would."""
    preset = presets.load(key)
    setup = with_values(preset.setup, values or {})
    return lambda monitor: ANALYSES[run or preset.run].run(setup, monitor)


def torques() -> Values:
    """The torques of Fig. 4a-c under every divisor, rising."""
    return np.sort([tau / divisor for tau, _ in PRINTED.values() for divisor in DIVISORS.values()])


def _readings(monitor: Monitor) -> dict[tuple[str, float], Result]:
    """Where each of those torques drives the magnet of Fig. 4, for each law, start and Q⊥."""
    from smtj_engine.dynamics.stability import stability_diagram

    setup = presets.load("letter_fig_4a").setup
    found = {}
    for at, (law, theta) in enumerate(cases := [(law, theta) for law in LAWS for theta in STARTS]):
        monitor(at / len(cases))
        found[law, theta] = stability_diagram(
            setup.magnet, dataclasses.replace(setup.drive, law=law), x=("drive.tau_par", torques()),
            y=("magnet.q_perp", setup.magnet.n_z + Q_EFF), theta0_deg=theta, duration=LONG)
    return found


def _easy_plane(monitor: Monitor) -> dict[float, Result]:
    """The literal reading Q⊥ − N_z = 0.75 − 1 with the cosine law, from the pole and from the plane."""
    from smtj_engine.dynamics.stability import stability_diagram

    setup = with_values(presets.load("letter_fig_4a").setup, {"magnet.q_perp": 0.75})
    return {theta: stability_diagram(
        setup.magnet, setup.drive, x=("drive.tau_par", np.linspace(-0.04, 0.04, 321)),
        y=("magnet.q_par", [setup.magnet.q_par]), theta0_deg=theta, duration=LONG)
        for theta in (FROM_POLE, FROM_PLANE)}


def row_at(diagram: Result, q_par: float) -> Any:
    """The data of a diagram along x, at its row nearest to this Q∥."""
    return diagram.data.sel(y=q_par, method="nearest")
