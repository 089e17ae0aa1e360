"""The junction's bands and the constants that the kernels take (Eqs. 2-4 of the Letter)."""

from __future__ import annotations

import dataclasses
import math

from smtj_engine.constants import HBAR2_2M, K_B
from smtj_engine.parameters import Junction

NM_IN_ANGSTROM = 10.0


@dataclasses.dataclass(frozen=True)
class BandEdges:
    """Energies in eV at the junction's bias, measured from the mean of F's band bottoms at zero bias.

    fermi_f, fermi_n: the two chemical potentials; bottom_up (majority), bottom_down, bottom_n: band bottoms;
    barrier_left, barrier_right: the barrier's top beside F and beside N.
    """

    fermi_f: float
    fermi_n: float
    bottom_up: float
    bottom_down: float
    bottom_n: float
    barrier_left: float
    barrier_right: float


@dataclasses.dataclass(frozen=True)
class Model:
    """A junction in the numbers of the kernels; energies are measured from the mean of F's band bottoms, which
    move with V/2, so that µ_F = fermi and µ_N = fermi − bias (physics.md, section 2)."""

    exchange: float
    fermi: float
    height: float
    thickness: float
    mass: float
    bias: float
    k_normal_squared: float
    rashba: float
    dresselhaus: float
    rashba_slope: float
    thermal: float

    @property
    def mu_n(self) -> float:
        """Chemical potential of N (eV)."""
        return self.fermi - self.bias

    @property
    def openings(self) -> tuple[float, float, float]:
        """Offsets o of the channels ↓, N and ↑: a channel is open for A·x < e + o."""
        return -self.exchange, HBAR2_2M * self.k_normal_squared - self.mu_n, self.exchange

    @property
    def numbers(self) -> tuple[float, ...]:
        """The constants in the order that the kernels expect."""
        return (HBAR2_2M, self.exchange, self.fermi, self.height, self.thickness, self.mass, self.bias,
                self.k_normal_squared, self.rashba, self.dresselhaus, self.rashba_slope)


def fermi_energy(junction: Junction) -> float:
    """E_F = A(k↑² + k↓²)/2 in eV, from the mean of F's band bottoms (physics.md, section 2)."""
    return HBAR2_2M * (junction.k_up**2 + junction.k_down**2) / 2


def exchange_energy(junction: Junction) -> float:
    """J = A(k↑² − k↓²)/2 in eV, half the exchange splitting (physics.md, section 2)."""
    return HBAR2_2M * (junction.k_up**2 - junction.k_down**2) / 2


def fermi_wave_vector_normal(junction: Junction) -> float:
    """k_N in 1/Å, derived from E_F unless the user sets it (physics.md, section 2)."""
    return junction.k_normal or math.sqrt(fermi_energy(junction) / HBAR2_2M)


def model(junction: Junction) -> Model:
    """The numbers of a junction at its bias, with α(V)."""
    return Model(
        exchange=exchange_energy(junction), fermi=fermi_energy(junction), height=junction.barrier_height,
        thickness=junction.barrier_thickness * NM_IN_ANGSTROM, mass=junction.barrier_mass, bias=junction.bias,
        k_normal_squared=fermi_wave_vector_normal(junction) ** 2, rashba=junction.rashba_at_bias,
        dresselhaus=junction.dresselhaus, rashba_slope=junction.rashba_slope,
        thermal=K_B * junction.temperature)


def band_edges(junction: Junction) -> BandEdges:
    """The band diagram under bias: Eqs. 3 and 4 of the Letter."""
    fermi, exchange, half = fermi_energy(junction), exchange_energy(junction), junction.bias / 2
    return BandEdges(
        fermi_f=fermi + half, fermi_n=fermi - half, bottom_up=half - exchange, bottom_down=half + exchange,
        bottom_n=fermi - HBAR2_2M * fermi_wave_vector_normal(junction) ** 2 - half,
        barrier_left=fermi + junction.barrier_height + half,
        barrier_right=fermi + junction.barrier_height - half)
