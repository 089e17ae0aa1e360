"""Fields that several grids share, and the grids of what lies inside the junction: depth, k∥, energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smtj_engine.schema import ParameterError, check_fields, quantity


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
