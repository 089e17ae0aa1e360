"""The grids of the curves, of the trajectory and of the stability diagram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smtj_engine.grids import azimuth, points_of, polar_angle
from smtj_engine.schema import ParameterError, check_fields, choice, numbers, quantity

#: What a family of curves may be taken over.
FAMILIES = ("none", "junction.rashba", "junction.bias", "junction.barrier_thickness", "junction.barrier_height",
            "junction.barrier_mass", "junction.dresselhaus", "junction.temperature", "junction.k_down")


def _family(default: str) -> Any:
    return choice(default, "Family over", FAMILIES, symbol="family",
                  help="Draw one curve for each value of this parameter.")


def _family_values(default: tuple[float, ...]) -> Any:
    return numbers(default, "Values of the family", symbol="values",
                   help="The values of the family's parameter, separated by spaces, in that parameter's unit.")


@dataclass(frozen=True, kw_only=True)
class AngularGrid:
    """Where an angular curve is taken."""

    against: str = choice("theta", "Rotate M along", ("theta", "phi"), symbol="angle",
                          help="theta: from the normal through the plane; phi: within the plane.")
    points: int = points_of(181, "angles")
    theta_deg: float = polar_angle(90.0)
    phi_deg: float = azimuth(0.0)
    family: str = _family("none")
    family_values: tuple[float, ...] = _family_values((1.0, 2.0, 3.0, 4.0, 5.0))

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class BiasGrid:
    """Where a bias sweep is taken."""

    start: float = quantity(-1.0, "First bias", "V", symbol="V₁", low=-3.0, high=3.0,
                            why="beyond 3 V the barrier breaks down", help="First bias of the sweep.")
    stop: float = quantity(1.0, "Last bias", "V", symbol="V₂", low=-3.0, high=3.0,
                           why="beyond 3 V the barrier breaks down", help="Last bias of the sweep.")
    points: int = points_of(101, "bias values")
    theta_deg: float = polar_angle(45.0)
    phi_deg: float = azimuth(0.0)
    family: str = _family("none")
    family_values: tuple[float, ...] = _family_values((1.0, 2.0, 3.0, 4.0, 5.0))

    def __post_init__(self) -> None:
        check_fields(self)
        _different(self)


@dataclass(frozen=True, kw_only=True)
class RashbaGrid:
    """Where a sweep of the Rashba parameter is taken (Fig. 2a)."""

    start: float = quantity(0.0, "First Rashba parameter", "eV·Å²", symbol="α₁", low=-100.0, high=100.0,
                            soft=(0.0, 7.0), help="First Rashba parameter of the sweep.")
    stop: float = quantity(5.0, "Last Rashba parameter", "eV·Å²", symbol="α₂", low=-100.0, high=100.0,
                           soft=(0.0, 7.0), help="Last Rashba parameter of the sweep.")
    points: int = points_of(51, "Rashba parameters")
    theta_deg: float = polar_angle(45.0)
    phi_deg: float = azimuth(0.0)
    family: str = _family("none")
    family_values: tuple[float, ...] = _family_values((0.2, 0.4, 0.6, 0.8))

    def __post_init__(self) -> None:
        check_fields(self)
        _different(self)


@dataclass(frozen=True, kw_only=True)
class EnergyGrid:
    """Where the interface energy is taken."""

    points: int = points_of(91, "angles")
    phi_deg: float = azimuth(0.0)
    family: str = _family("none")
    family_values: tuple[float, ...] = _family_values((1.0, 2.0, 3.0, 4.0, 5.0))

    def __post_init__(self) -> None:
        check_fields(self)


#: What the axes of a stability diagram may be.
AXES = ("drive.tau_par", "drive.tau_perp", "drive.h_x", "drive.h_y", "drive.h_z", "magnet.q_par", "magnet.q_perp",
        "magnet.n_z", "magnet.damping", "magnet.mu0_ms", "magnet.thickness", "junction.bias", "junction.rashba",
        "junction.rashba_slope", "junction.dresselhaus", "junction.dresselhaus_bulk", "junction.barrier_thickness",
        "junction.barrier_height", "junction.barrier_mass", "junction.k_up", "junction.k_down",
        "junction.right_theta_deg", "junction.right_phi_deg", "junction.temperature")


def _start_theta(default: float) -> Any:
    return quantity(default, "Polar angle of the start", "°", symbol="θ₀", low=0.0, high=180.0,
                    why="θ is the angle between M and the normal z of the layers",
                    help="Tilt of M from the normal at the start. Exactly at a pole nothing would move it.")


def _start_phi() -> Any:
    return quantity(0.0, "Azimuth of the start", "°", symbol="φ₀", low=-360.0, high=360.0, soft=(-180.0, 180.0),
                    why="one turn either way", help="Azimuth of M at the start.")


def _duration() -> Any:
    return quantity(35.0, "Duration", "ns", symbol="t", low=0.001, high=1e6, soft=(1.0, 200.0), log=True,
                    why="beyond 1 ms a macrospin says nothing new",
                    help="How long M is followed; 35 ns as in Fig. 3.")


def _seed(label: str, what: str) -> Any:
    return quantity(0, label, symbol="seed", low=0, high=2**31 - 1, integer=True, advanced=True,
                    why="a whole number", help=f"The same seed gives {what}.")


@dataclass(frozen=True, kw_only=True)
class TrajectoryGrid:
    """From where and how long a trajectory is followed."""

    theta0_deg: float = _start_theta(10.0)
    phi0_deg: float = _start_phi()
    duration: float = _duration()
    samples: int | None = quantity(
        None, "Number of instants kept", symbol="n", low=2, high=4_000_000, integer=True, advanced=True,
        why="more do not fit into memory", none_means="enough for a smooth line",
        help="Fewer instants keep a long trajectory small (decimation); the integration's steps stay the same.")
    method: str = choice("dop853", "Integration", ("dop853", "rk4"), symbol="method", advanced=True,
                         help="dop853: eighth order; rk4: fourth-order Runge-Kutta as in the Letter. Both with "
                              "fixed steps. A waveform or thermal noise always takes rk4.")
    seed: int = _seed("Seed of the thermal noise", "the same noise")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class StabilityGrid:
    """The plane of a stability diagram, and where its cells start."""

    x: str = choice("drive.tau_par", "Horizontal axis", AXES, symbol="x", help="Parameter along x.")
    x_start: float = quantity(-0.009, "First x", symbol="x₁",
                              help="First value along x, in that parameter's unit.")
    x_stop: float = quantity(0.003, "Last x", symbol="x₂", help="Last value along x, in that parameter's unit.")
    x_points: int = quantity(128, "Cells along x", symbol="n_x", low=2, high=2000, soft=(8, 256), integer=True,
                             why="a screen shows no more", help="Number of cells along x.")
    x_scale: str = choice("linear", "Spacing along x", ("linear", "log"), symbol="spacing",
                          help="linear or logarithmic steps.")
    y: str = choice("magnet.q_par", "Vertical axis", AXES, symbol="y", help="Parameter along y.")
    y_start: float = quantity(0.005, "First y", symbol="y₁", help="First value along y, in that parameter's unit.")
    y_stop: float = quantity(0.245, "Last y", symbol="y₂", help="Last value along y, in that parameter's unit.")
    y_points: int = quantity(128, "Cells along y", symbol="n_y", low=2, high=2000, soft=(8, 256), integer=True,
                             why="a screen shows no more", help="Number of cells along y.")
    y_scale: str = choice("linear", "Spacing along y", ("linear", "log"), symbol="spacing",
                          help="linear or logarithmic steps.")
    duration: float = _duration()
    theta0_deg: float = _start_theta(10.0)
    phi0_deg: float = _start_phi()
    start: str = choice("fixed", "Start of the cells", ("fixed", "random", "hysteretic"), symbol="start",
                        help="fixed: all at (θ₀, φ₀); random: drawn for each cell; hysteretic: where the "
                             "neighbour in x ended, upwards and back.")
    seed: int = _seed("Seed of the random start", "the same starts")

    def __post_init__(self) -> None:
        check_fields(self)
        for name in "xy":
            first, last = getattr(self, f"{name}_start"), getattr(self, f"{name}_stop")
            if first == last:
                raise ParameterError(f"{name}_stop", last, "must differ from the first value of the axis")
            if getattr(self, f"{name}_scale") == "log" and not (first > 0 and last > 0):
                raise ParameterError(f"{name}_start", first, "a logarithmic axis needs positive values")
        if self.x == self.y:
            raise ParameterError("y", self.y, "both axes are the same parameter")


def _different(grid: BiasGrid | RashbaGrid) -> None:
    """A sweep needs two different ends."""
    if grid.start == grid.stop:
        raise ParameterError("stop", grid.stop, "must differ from the first value of the sweep")
