"""The junction's bands and the constants that the kernels take (Eqs. 2-4 of the Letter)."""

from __future__ import annotations

import dataclasses
import math

from smtj_engine.constants import HBAR2_2M, K_B
from smtj_engine.parameters import Junction

NM_IN_ANGSTROM = 10.0
#: Two channel openings that are closer than this (eV) are one.
_SAME = 1e-9


@dataclasses.dataclass(frozen=True)
class BandEdges:
    """Energies in eV at the junction's bias, measured from the mean of F's band bottoms at zero bias.

    fermi_f, fermi_n: the two chemical potentials; bottom_up (majority), bottom_down, bottom_n: band bottoms
    (bottom_n: the mean of the two in a ferromagnetic right electrode, which right_exchange splits);
    barrier_left, barrier_right: the barrier's top beside F and beside N.
    """

    fermi_f: float
    fermi_n: float
    bottom_up: float
    bottom_down: float
    bottom_n: float
    barrier_left: float
    barrier_right: float
    right_exchange: float = 0.0


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
    bulk: float = 0.0
    right_exchange: float = 0.0
    right_spin: tuple[float, float, float] = (0.0, 0.0, -1.0)

    @property
    def matrix(self) -> bool:
        """Whether barrier and right electrode act on the spin: Λ is then a 2×2 matrix."""
        return self.bulk != 0 or self.right_exchange != 0

    @property
    def closed(self) -> bool:
        """Whether nothing depends on M's azimuth: Rashba or Dresselhaus interaction alone, no second magnet."""
        return self.right_exchange == 0 and (self.rashba == 0 or self.dresselhaus == self.bulk == 0)

    @property
    def mu_n(self) -> float:
        """Chemical potential of N (eV)."""
        return self.fermi - self.bias

    @property
    def openings(self) -> tuple[float, ...]:
        """Offsets o of the channels of F and of the right electrode: one is open for A·x < e + o."""
        if self.right_exchange == 0:
            return -self.exchange, self.opening_right, self.exchange
        return -self.exchange, self._right(-abs(self.right_exchange)), self.opening_right, self.exchange

    @property
    def opening_right(self) -> float:
        """The offset of the right electrode's wider channel."""
        return self._right(abs(self.right_exchange))

    def _right(self, exchange: float) -> float:
        """An offset of the right electrode; F's own where they differ by rounding, as with k_N = k↑: an interval
        between openings has no numbers of its own then."""
        offset = HBAR2_2M * self.k_normal_squared - self.mu_n + exchange
        return next((own for own in (-self.exchange, self.exchange) if abs(offset - own) < _SAME), offset)

    def widest(self, energy: float) -> float:
        """The largest k∥ (1/Å) of a wave at an energy (eV)."""
        return math.sqrt(max(0.0, energy + max(self.openings)) / HBAR2_2M)

    @property
    def bulk_limit(self) -> float:
        """The k∥ (1/Å) at which 1/m of one spin in the barrier vanishes; infinite without γ."""
        return HBAR2_2M / (abs(self.bulk) * self.mass) if self.bulk and self.thickness > 0 else math.inf

    @property
    def numbers(self) -> tuple[float, ...]:
        """The constants in the order that the kernels expect."""
        return (HBAR2_2M, self.exchange, self.fermi, self.height, self.thickness, self.mass, self.bias,
                self.k_normal_squared, self.rashba, self.dresselhaus, self.rashba_slope, self.bulk,
                self.right_exchange, *self.right_spin)


def fermi_energy(junction: Junction) -> float:
    """E_F = A(k↑² + k↓²)/2 in eV, from the mean of F's band bottoms (physics.md, section 2)."""
    return HBAR2_2M * (junction.k_up**2 + junction.k_down**2) / 2


def exchange_energy(junction: Junction) -> float:
    """J = A(k↑² − k↓²)/2 in eV, half the exchange splitting (physics.md, section 2)."""
    return HBAR2_2M * (junction.k_up**2 - junction.k_down**2) / 2


def fermi_wave_vector_normal(junction: Junction) -> float:
    """k_N in 1/Å, derived from E_F unless the user sets it (physics.md, section 2)."""
    return junction.k_normal or math.sqrt(fermi_energy(junction) / HBAR2_2M)


def right_wave_vectors(junction: Junction) -> tuple[float, float]:
    """k↑ and k↓ of the right electrode at its Fermi level (1/Å); equal in a normal metal."""
    normal = fermi_wave_vector_normal(junction)
    up, down = junction.right_k_up, junction.right_k_down
    return normal if up is None else up, normal if down is None else down


def has_second_magnet(junction: Junction) -> bool:
    """Whether the right electrode has an exchange splitting."""
    if junction.right_k_up is None and junction.right_k_down is None:
        return False
    up, down = right_wave_vectors(junction)
    return up != down


def magnetization(theta_deg: float, phi_deg: float) -> tuple[float, float, float]:
    """The unit vector along (θ, φ), exactly on an axis where the angles say so."""
    theta, phi = math.radians(theta_deg), math.radians(phi_deg)
    sine = 0.0 if theta_deg % 180 == 0 else math.sin(theta)
    return sine * math.cos(phi), sine * math.sin(phi), 0.0 if theta_deg % 180 == 90 else math.cos(theta)


def model(junction: Junction) -> Model:
    """The numbers of a junction at its bias, with α(V)."""
    up, down = right_wave_vectors(junction)
    x, y, z = (0.0, 0.0, 1.0)
    if up != down:
        x, y, z = magnetization(junction.right_theta_deg, junction.right_phi_deg)
    one = Model(
        exchange=exchange_energy(junction), fermi=fermi_energy(junction), height=junction.barrier_height,
        thickness=junction.barrier_thickness * NM_IN_ANGSTROM, mass=junction.barrier_mass, bias=junction.bias,
        k_normal_squared=(up**2 + down**2) / 2, rashba=junction.rashba_at_bias,
        dresselhaus=junction.dresselhaus, rashba_slope=junction.rashba_slope,
        thermal=K_B * junction.temperature, bulk=junction.dresselhaus_bulk if junction.barrier_thickness else 0.0,
        right_exchange=HBAR2_2M * (up**2 - down**2) / 2,
        right_spin=(-x, -y, -z))  # the majority spin is antiparallel to the magnetization
    # the kernels take k_N, so that it has to say the same as the openings, which may have been made one
    apart = one.opening_right - (HBAR2_2M * one.k_normal_squared - one.mu_n + abs(one.right_exchange))
    return dataclasses.replace(one, k_normal_squared=one.k_normal_squared + apart / HBAR2_2M)


def band_edges(junction: Junction) -> BandEdges:
    """The band diagram under bias: Eqs. 3 and 4 of the Letter."""
    fermi, exchange, half = fermi_energy(junction), exchange_energy(junction), junction.bias / 2
    up, down = right_wave_vectors(junction)
    return BandEdges(
        fermi_f=fermi + half, fermi_n=fermi - half, bottom_up=half - exchange, bottom_down=half + exchange,
        bottom_n=fermi - HBAR2_2M * (up**2 + down**2) / 2 - half,
        barrier_left=fermi + junction.barrier_height + half,
        barrier_right=fermi + junction.barrier_height - half,
        right_exchange=HBAR2_2M * (up**2 - down**2) / 2)
