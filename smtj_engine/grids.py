"""Fields that several grids share, and the grids of what lies inside the junction, of junctions beside each other,
of hysteresis loops and of switching rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smtj_engine.schema import ParameterError, check_fields, choice, quantity

#: What a hysteresis loop may sweep; "field": along a direction of its own.
LOOP_AXES = ("field", "junction.bias", "drive.tau_par", "drive.tau_perp")

#: What a switching rate may be swept over.
RATE_AXES = ("none", "drive.temperature", "magnet.volume", "magnet.damping", "magnet.q_perp", "magnet.q_par",
             "drive.tau_par", "drive.tau_perp", "drive.h_x", "drive.h_y", "drive.h_z",
             "junction.bias")


def polar_angle(default: float) -> Any:
    """The field of M's polar angle."""
    return quantity(default, "Polar angle of M", "°", symbol="θ", low=0.0, high=180.0,
                    why="θ is the angle between M and the normal z of the layers",
                    help="Angle between M and the normal of the layers.")


def azimuth(default: float) -> Any:
    """The field of M's azimuth."""
    return quantity(default, "Azimuth of M", "°", symbol="φ", low=-360.0, high=360.0, soft=(-180.0, 180.0),
                    why="one turn either way", help="Azimuth of M in the plane; without β nothing depends on it.")


def points_of(default: int, of: str) -> Any:
    """The field of how many values a curve has."""
    return quantity(default, f"Number of {of}", symbol="n", low=3, high=3601, soft=(11, 361), integer=True,
                    why="a curve needs a few points, and a screen has no more", help=f"How many {of} are shown.")


@dataclass(frozen=True, kw_only=True)
class DensityGrid:
    """Where the spin density in the ferromagnet is taken."""

    depth: float = quantity(5.0, "Depth", "nm", symbol="z", low=0.1, high=50.0, soft=(1.0, 20.0),
                            why="the transverse spin density is gone after some tens of nm",
                            help="How far from the interface into the ferromagnet.")
    points: int = points_of(201, "depths")
    theta_deg: float = polar_angle(45.0)
    phi_deg: float = azimuth(0.0)

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class MapGrid:
    """Where transmission and torque are taken over the in-plane wave vector."""

    energy: float = quantity(0.0, "Energy from the mean Fermi level", "eV", symbol="E−E_F", low=-10.0, high=10.0,
                             soft=(-1.0, 1.0), why="farther away no electron takes part",
                             help="Under bias the ferromagnet's Fermi level is at V/2, the other one at −V/2.")
    extent: float | None = quantity(
        None, "Largest wave vector shown", "1/Å", symbol="k", low=1e-3, high=5.0, soft=(0.05, 2.0),
        why="no metal has longer ones", none_means="the widest channel",
        help="A thick barrier lets only short in-plane wave vectors through: look closer.")
    points: int = quantity(121, "Values along each axis", symbol="n", low=3, high=801, soft=(21, 241),
                           integer=True, why="a screen shows no more", help="Number of k_x and of k_y values.")
    theta_deg: float = polar_angle(45.0)
    phi_deg: float = azimuth(0.0)

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class SpectralGrid:
    """Which energies current and torque are shown for."""

    start: float = quantity(-0.5, "First energy from the mean Fermi level", "eV", symbol="E₁", low=-10.0,
                            high=10.0, soft=(-1.0, 1.0), why="farther away no electron takes part",
                            help="Under bias the ferromagnet's Fermi level is at V/2, the other one at −V/2.")
    stop: float = quantity(0.5, "Last energy from the mean Fermi level", "eV", symbol="E₂", low=-10.0, high=10.0,
                           soft=(-1.0, 1.0), why="farther away no electron takes part",
                           help="Under bias the ferromagnet's Fermi level is at V/2, the other one at −V/2.")
    points: int = points_of(101, "energies")
    theta_deg: float = polar_angle(45.0)
    phi_deg: float = azimuth(0.0)

    def __post_init__(self) -> None:
        check_fields(self)
        if self.start == self.stop:
            raise ParameterError("stop", self.stop, "must differ from the first energy")


@dataclass(frozen=True, kw_only=True)
class LoopGrid:
    """What a hysteresis loop sweeps there and back, and how slowly."""

    over: str = choice("field", "Sweep", LOOP_AXES, symbol="over",
                       help="field: along a direction of its own, added to the drive's field; junction.bias: the "
                            "loop R(V); or one of the torques.")
    start: float = quantity(-0.2, "First value", symbol="x₁", low=-10.0, high=10.0, soft=(-0.5, 0.5),
                            why="fields in M_s, torques and volts stay well below",
                            help="Where the loop begins and ends: M_s for a field, V for the bias.")
    stop: float = quantity(0.2, "Turning point", symbol="x₂", low=-10.0, high=10.0, soft=(-0.5, 0.5),
                           why="fields in M_s, torques and volts stay well below",
                           help="Where the loop turns back: M_s for a field, V for the bias.")
    points: int = points_of(101, "values one way")
    field_theta_deg: float = quantity(
        60.0, "Polar angle of the field", "°", symbol="θ_H", low=0.0, high=180.0,
        why="the angle between the field and the normal z of the layers",
        help="Direction of the swept field; along the normal R shows nothing but the switching itself.")
    field_phi_deg: float = quantity(0.0, "Azimuth of the field", "°", symbol="φ_H", low=-360.0, high=360.0,
                                    soft=(-180.0, 180.0), why="one turn either way",
                                    help="Azimuth of the swept field.")
    dwell: float = quantity(5.0, "Dwell", "ns", symbol="t_d", low=0.001, high=1e6, soft=(0.5, 100.0), log=True,
                            why="beyond 1 ms a macrospin says nothing new",
                            help="How long each value is held; what is shown is the mean over its second half.")
    count: int = quantity(64, "Samples", symbol="n", low=1, high=100_000, soft=(1, 1000), log=True, integer=True,
                          why="a mean needs no more",
                          help="How many macrospins go round, each with its own thermal field; without "
                               "temperature one.")
    theta0_deg: float = quantity(10.0, "Polar angle of the start", "°", symbol="θ₀", low=0.0, high=180.0,
                                 why="θ is the angle between M and the normal z of the layers",
                                 help="Where M is before its first dwell at the first value.")
    phi0_deg: float = quantity(0.0, "Azimuth of the start", "°", symbol="φ₀", low=-360.0, high=360.0,
                               soft=(-180.0, 180.0), why="one turn either way",
                               help="Where M is before its first dwell at the first value.")
    seed: int = quantity(0, "Seed of the noise", symbol="seed", low=0, high=2**31 - 1, integer=True, advanced=True,
                         why="a whole number", help="The same seed gives the same noise.")

    def __post_init__(self) -> None:
        check_fields(self)
        if self.start == self.stop:
            raise ParameterError("stop", self.stop, "must differ from the first value")


@dataclass(frozen=True, kw_only=True)
class RateGrid:
    """How exactly a switching rate is estimated."""

    count: int = quantity(512, "Paths from each level", symbol="n", low=16, high=1_000_000, soft=(128, 4096),
                          log=True, integer=True, why="fewer tell nothing",
                          help="Forward flux sampling follows so many paths from each of its levels.")
    repeats: int = quantity(8, "Independent estimates", symbol="n_r", low=2, high=1000, soft=(4, 32), integer=True,
                            why="the error is their scatter", help="How often the whole is done anew.")
    over: str = choice("none", "Sweep", RATE_AXES, symbol="over",
                       help="The rate against this parameter, such as the temperature.")
    over_start: float = quantity(200.0, "First value of the sweep", symbol="x₁",
                                 help="First value, in that parameter's unit.")
    over_stop: float = quantity(500.0, "Last value of the sweep", symbol="x₂",
                                help="Last value, in that parameter's unit.")
    over_points: int = quantity(11, "Values of the sweep", symbol="n_x", low=2, high=1000, soft=(5, 41),
                                integer=True, why="each is an estimate of some seconds",
                                help="How many values are swept.")
    theta0_deg: float = quantity(10.0, "Polar angle of the start", "°", symbol="θ₀", low=0.0, high=180.0,
                                 why="θ is the angle between M and the normal z of the layers",
                                 help="The stable state next to this direction is the one that is left.")
    phi0_deg: float = quantity(0.0, "Azimuth of the start", "°", symbol="φ₀", low=-360.0, high=360.0,
                               soft=(-180.0, 180.0), why="one turn either way",
                               help="The stable state next to this direction is the one that is left.")
    seed: int = quantity(0, "Seed of the noise", symbol="seed", low=0, high=2**31 - 1, integer=True, advanced=True,
                         why="a whole number", help="The same seed gives the same noise.")

    def __post_init__(self) -> None:
        check_fields(self)
        if self.over_start == self.over_stop:
            raise ParameterError("over_stop", self.over_stop, "must differ from the first value")


@dataclass(frozen=True, kw_only=True)
class BandsGrid:
    """Where the junction's potential is taken."""

    beside: float = quantity(1.0, "Width shown of each electrode", "nm", symbol="w", low=0.1, high=20.0,
                             soft=(0.2, 5.0), why="the bands are flat there",
                             help="How far the picture reaches into both electrodes.")
    points: int = points_of(201, "positions")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class ComparisonGrid:
    """Where the torques of two mechanisms stand beside each other."""

    points: int = points_of(91, "angles")
    phi_deg: float = azimuth(0.0)

    def __post_init__(self) -> None:
        check_fields(self)


def _system(title: str) -> Any:
    return choice("shown", title, ("shown", "hidden"), symbol=title, help="Whether this system has a row.")


@dataclass(frozen=True, kw_only=True)
class SystemsGrid:
    """Which systems stand in the table (one field for each material among the presets), and at which bias."""

    bias: float = quantity(0.2, "Bias of the table", "V", symbol="V", low=-3.0, high=3.0, soft=(-1.0, 1.0),
                           why="beyond 3 V the barrier breaks down",
                           help="The bias at which torques and power are compared.")
    this_setup: str = _system("this setup")
    fe_mgo: str = _system("Fe/MgO")
    fe_gaas_au: str = _system("Fe/GaAs/Au")
    pt_co_alox_pt: str = _system("(Pt/Co)/AlOx/Pt")
    cofeb_mgo: str = _system("CoFeB/MgO")
    co_alox_al: str = _system("Co/AlOx/Al")
    fe_mgo_fe: str = _system("Fe/MgO/Fe (conventional)")

    def __post_init__(self) -> None:
        check_fields(self)

    def shown(self) -> list[str]:
        """The names of the systems that are shown, in order."""
        return [name for name in SYSTEMS if getattr(self, name) == "shown"]


#: The systems that the table may show: the present setup, then presets by their keys.
SYSTEMS = tuple(name for name in SystemsGrid.__dataclass_fields__ if name != "bias")
