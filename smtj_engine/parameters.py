"""The parameters of a simulation: what the junction is, how its magnet moves, what drives it.

Every class is a frozen, keyword-only dataclass validated on construction (ParameterError names the field,
the value, the range and the reason). Units are those of physics.md, section 1. This module imports neither
numba nor xarray nor scipy, so that the window is up before the engine is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

from smtj_engine.control import EnsembleGrid, SpinDiodeGrid, SwitchingGrid, Waveform
from smtj_engine.grids import (
    BandsGrid,
    ComparisonGrid,
    DensityGrid,
    LoopGrid,
    MapGrid,
    RateGrid,
    SpectralGrid,
    SystemsGrid,
)
from smtj_engine.main_grids import (
    AngularGrid,
    BiasGrid,
    EnergyGrid,
    RashbaGrid,
    StabilityGrid,
    TrajectoryGrid,
)
from smtj_engine.schema import ParameterError, check_fields, choice, quantity

#: A little under ħ²/2m₀ = 3.80998 eV·Å²: a junction clearly inside the validity limit needs no exact constant,
#: and so does not wait for scipy.
_SAFE_HBAR2_2M = 3.8


@dataclass(frozen=True, kw_only=True)
class Junction:
    """The F/I/N junction of Eqs. 1-4; the defaults are Fe/MgO of Fig. 1."""

    k_up: float = quantity(
        1.09, "Majority Fermi wave vector", "1/Å", symbol="k↑", low=0.02, high=4.0, soft=(0.2, 2.0),
        why="a metal has 0.02 to 4 1/Å",
        help="Fermi wave vector of the majority spin in the ferromagnet. The Letter prints nm⁻¹, but 1.09 is "
             "the iron value in Å⁻¹.")
    k_down: float = quantity(
        0.40, "Minority Fermi wave vector", "1/Å", symbol="k↓", low=0.0, high=4.0, soft=(0.0, 2.0),
        why="0 is a half metal, k↑ no magnet at all",
        help="Fermi wave vector of the minority spin in the ferromagnet. With k↑ it fixes the Fermi energy and "
             "the exchange J.")
    k_normal: float | None = quantity(
        None, "Fermi wave vector of the normal metal", "1/Å", symbol="k_N", low=0.02, high=4.0,
        soft=(0.2, 2.0), why="a metal has 0.02 to 4 1/Å",
        none_means="same band as the mean of the ferromagnet's: k_N = √[(k↑² + k↓²)/2]",
        help="Fermi wave vector of the normal metal; a value shifts the bottom of its band.")
    barrier_height: float = quantity(
        1.0, "Barrier height above the Fermi level", "eV", symbol="U₀", low=0.0, high=10.0, soft=(0.1, 4.0),
        why="measured from the Fermi level, so 0 is no barrier for the electrons at it",
        help="Height of the tunnel barrier above the Fermi level at zero bias.")
    barrier_thickness: float = quantity(
        0.6, "Barrier thickness", "nm", symbol="d", low=0.0, high=10.0, soft=(0.0, 3.0),
        why="beyond 10 nm nothing tunnels; 0 is a direct contact",
        help="Thickness of the tunnel barrier; 0 is a direct F/N contact with spin-orbit interaction.")
    barrier_mass: float = quantity(
        0.4, "Effective mass in the barrier", "m₀", symbol="m_b", low=0.05, high=2.0, soft=(0.05, 1.5),
        why="the range of effective masses that the numerics are tested for",
        help="Effective mass of the barrier in electron masses. The Letter gives no value; 0.4 suits MgO.")
    rashba: float = quantity(
        4.0, "Rashba parameter", "eV·Å²", symbol="α_R", low=-100.0, high=100.0, soft=(0.0, 7.0),
        why="beyond |α_R| + |β| = (ħ²/2m₀)(1 + 1/m_b) the model has no ground state",
        help="Rashba spin-orbit interaction at the F/I interface, Eq. 1, at zero bias. The torque and the TAMR "
             "grow as its square.")
    rashba_slope: float = quantity(
        0.0, "Electric control of the Rashba parameter", "eV·Å²/V", symbol="dα/dV", low=-50.0, high=50.0,
        soft=(-2.0, 2.0), why="the α_R(V) that results must stay within its own limit", advanced=True,
        help="α(V) = α_R + slope · V: the interface field follows the bias.")
    dresselhaus: float = quantity(
        0.0, "Linear interfacial Dresselhaus parameter", "eV·Å²", symbol="β", low=-100.0, high=100.0,
        soft=(-5.0, 5.0), why="beyond |α_R| + |β| = (ħ²/2m₀)(1 + 1/m_b) the model has no ground state",
        advanced=True,
        help="Linear interfacial Dresselhaus interaction; 0 for centrosymmetric barriers such as MgO or AlOx.")
    dresselhaus_bulk: float = quantity(
        0.0, "Bulk Dresselhaus parameter of the barrier", "eV·Å³", symbol="γ", low=-200.0, high=200.0,
        soft=(-30.0, 30.0), why="from γ = ħ²/(2m₀m_b k∥) on one spin has a negative mass in the barrier",
        advanced=True,
        help="Cubic Dresselhaus interaction inside the barrier, γ(k_xσ_x − k_yσ_y)∂²/∂z²: about 24 in GaAs, 0 in "
             "centrosymmetric barriers such as MgO or AlOx. The electrons' mass in the barrier then depends on "
             "spin and direction.")
    right_k_up: float | None = quantity(
        None, "Majority Fermi wave vector on the right", "1/Å", symbol="k↑ᴿ", low=0.02, high=4.0,
        soft=(0.2, 2.0), why="a metal has 0.02 to 4 1/Å", advanced=True,
        none_means="that of the normal metal, k_N",
        help="Makes the right electrode a ferromagnet, as in a conventional tunnel junction: wave vector of its "
             "majority spin at its Fermi level.")
    right_k_down: float | None = quantity(
        None, "Minority Fermi wave vector on the right", "1/Å", symbol="k↓ᴿ", low=0.0, high=4.0,
        soft=(0.0, 2.0), why="0 is a half metal, k↑ᴿ no magnet at all", advanced=True,
        none_means="that of the normal metal, k_N",
        help="Makes the right electrode a ferromagnet: wave vector of its minority spin at its Fermi level.")
    right_theta_deg: float = quantity(
        0.0, "Polar angle of the right magnetization", "°", symbol="θ_p", low=0.0, high=180.0, advanced=True,
        why="θ_p is the angle between p and the normal of the layers",
        help="Direction of the right electrode's magnetization p, which stays fixed.")
    right_phi_deg: float = quantity(
        0.0, "Azimuth of the right magnetization", "°", symbol="φ_p", low=-360.0, high=360.0,
        soft=(-180.0, 180.0), why="one turn either way", advanced=True,
        help="Direction of the right electrode's magnetization p, which stays fixed.")
    bias: float = quantity(
        0.0, "Bias voltage", "V", symbol="V", low=-3.0, high=3.0, soft=(-1.0, 1.0),
        why="beyond 3 V the barrier breaks down",
        help="V > 0 drives electrons from the ferromagnet to the normal metal.")
    temperature: float = quantity(
        0.0, "Temperature of the electrons", "K", symbol="T", low=0.0, high=600.0, soft=(0.0, 600.0),
        why="the range of the Fermi functions that the numerics are tested for",
        help="Temperature in the Fermi functions of both electrodes.")

    def __post_init__(self) -> None:
        check_fields(self)
        if self.k_down > self.k_up:
            raise ParameterError("k_down", self.k_down, f"must not exceed k↑ = {self.k_up:g} 1/Å: the majority "
                                 "spin has the larger wave vector", 0.0, self.k_up)
        self._check_right()
        self._check_ground_state()
        self._check_bulk()

    @property
    def rashba_at_bias(self) -> float:
        """α(V) = α + slope·V in eV·Å²."""
        return self.rashba + self.rashba_slope * self.bias

    @property
    def rashba_limit(self) -> float:
        """The value that |α| + |β| must stay below, A(1 + 1/m_b) in eV·Å² (physics.md, section 4).

        Without a barrier (d = 0) the normal metal with its mass m₀ stands in its place.
        """
        from smtj_engine.constants import HBAR2_2M

        return HBAR2_2M * (1 + 1 / self._mass_beside)

    @property
    def _mass_beside(self) -> float:
        """The mass on the far side of the interface."""
        return self.barrier_mass if self.barrier_thickness > 0 else 1.0

    def _check_right(self) -> None:
        """The right electrode's majority spin has the larger wave vector too; None stands for k_N."""
        if self.right_k_up is None and self.right_k_down is None:
            return
        normal = self.k_normal or math.sqrt((self.k_up**2 + self.k_down**2) / 2)
        up = normal if self.right_k_up is None else self.right_k_up
        if (self.right_k_down is None and up < normal) or (self.right_k_down or 0.0) > up:
            name = "right_k_up" if self.right_k_down is None else "right_k_down"
            known = f"k_N = {normal:.4g}" if name == "right_k_up" or self.right_k_up is None else f"k↑ᴿ = {up:g}"
            low, high = (normal, 4.0) if name == "right_k_up" else (0.0, up)
            raise ParameterError(name, getattr(self, name), f"beside {known} 1/Å the majority spin would have "
                                 "the smaller wave vector", low, high)

    def _check_bulk(self) -> None:
        """Refuse a γ with which one spin in the barrier has 1/m ≤ 0 at a k∥ that electrons have."""
        if self.dresselhaus_bulk == 0 or self.barrier_thickness == 0:
            return
        right = max(self.right_k_up or 0.0, self.k_normal or math.sqrt((self.k_up**2 + self.k_down**2) / 2)
                    if self.right_k_up is None else 0.0)

        def widest(a: float, kelvin: float) -> float:
            warm = 40 * kelvin * self.temperature
            return math.sqrt(max(self.k_up**2 + (max(0.0, -self.bias) + warm) / a,
                                 right**2 + (max(0.0, self.bias) + warm) / a))

        strength = abs(self.dresselhaus_bulk) * self.barrier_mass
        if strength * widest(_SAFE_HBAR2_2M, 9e-5) < _SAFE_HBAR2_2M:
            return
        from smtj_engine.constants import HBAR2_2M, K_B

        end = widest(HBAR2_2M, K_B)
        limit = HBAR2_2M / (self.barrier_mass * end)
        if abs(self.dresselhaus_bulk) >= limit:
            raise ParameterError(
                "dresselhaus_bulk", self.dresselhaus_bulk,
                f"|γ| must stay below {limit:.4g} eV·Å³ for m_b = {self.barrier_mass:g}: electrons with k∥ up to "
                f"{end:.3g} 1/Å take part, and from ħ²/(2m₀ m_b k∥) on the mass of one spin in the barrier is "
                "negative", -limit, limit)

    def _check_ground_state(self) -> None:
        """Refuse interface states that are unbounded from below."""
        worst = max(abs(self.rashba), abs(self.rashba_at_bias)) + abs(self.dresselhaus)
        if worst < _SAFE_HBAR2_2M * (1 + 1 / self._mass_beside):
            return
        limit = self.rashba_limit
        for name, value, alpha in (("rashba", self.rashba, self.rashba),
                                   ("rashba_slope", self.rashba_slope, self.rashba_at_bias)):
            if abs(alpha) + abs(self.dresselhaus) >= limit:
                room = limit - abs(self.dresselhaus)
                if room <= 0:
                    raise ParameterError("dresselhaus", self.dresselhaus, self._limit_reason(limit), -limit, limit)
                where = "" if name == "rashba" else f" (α = {alpha:g} eV·Å² at V = {self.bias:g} V)"
                raise ParameterError(name, value, self._limit_reason(limit) + where, -room, room)

    def _limit_reason(self, limit: float) -> str:
        case = f"m_b = {self.barrier_mass:g}" if self.barrier_thickness > 0 else "d = 0"
        return (f"|α_R| + |β| must stay below {limit:.4g} eV·Å² for {case}: beyond "
                "(ħ²/2m₀)(1 + 1/m_b) the interface has states unbounded from below")


@dataclass(frozen=True, kw_only=True)
class Magnet:
    """The ferromagnetic layer as a macrospin; the defaults are the preset of Figs. 3-4."""

    mu0_ms: float = quantity(
        1.6, "Saturation magnetization", "T", symbol="µ₀M_s", low=0.01, high=4.0, soft=(0.2, 2.5),
        why="no ferromagnet has more than about 2.5 T",
        help="µ₀M_s; it also sets the unit of time 1/(γµ₀M_s).")
    thickness: float = quantity(
        1.3, "Thickness of the ferromagnet", "nm", symbol="d_F", low=0.1, high=100.0, soft=(0.5, 5.0),
        why="a macrospin layer has 0.1 to 100 nm",
        help="The ferromagnet's thickness turns a torque per area into τ; it is never the barrier's.")
    damping: float = quantity(
        0.01, "Gilbert damping", symbol="η", low=1e-6, high=1.0, soft=(0.001, 0.1), log=True,
        why="without damping nothing comes to rest",
        help="Gilbert damping η of the Landau-Lifshitz-Gilbert equation.")
    q_perp: float = quantity(
        1.25, "Perpendicular anisotropy", symbol="Q⊥", low=-10.0, high=10.0, soft=(0.0, 2.0),
        why="anisotropy fields in units of M_s",
        help="Q⊥ = H_K⊥/M_s. With N_z it gives Q_eff = Q⊥ − N_z; the Letter's 0.75 is read as Q_eff = 0.25.")
    q_par: float = quantity(
        0.2, "In-plane anisotropy", symbol="Q∥", low=-10.0, high=10.0, soft=(0.0, 0.5),
        why="anisotropy fields in units of M_s", help="Q∥ = H_K∥/M_s along x.")
    n_z: float = quantity(
        1.0, "Demagnetizing factor", symbol="N_z", low=0.0, high=1.0, why="1 for a film, 1/3 for a sphere",
        advanced=True, help="Demagnetizing factor along z.")
    volume: float | None = quantity(
        None, "Volume of the magnet", "nm³", symbol="𝒱", low=1.0, high=1e9, soft=(100.0, 1e5), log=True,
        why="a macrospin has at least one cubic nanometre", none_means="no thermal noise",
        help="Volume of the macrospin; it sets the strength of the thermal field.")

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class Drive:
    """What drives the magnet: torque amplitudes and their angular law, external field, temperature."""

    tau_par: float = quantity(
        0.0, "In-plane torque", symbol="τ∥", low=-1.0, high=1.0, soft=(-0.01, 0.005),
        why="a torque above µ₀M_s²d_F is not a perturbation",
        help="τ∥ = T∥/(µ₀M_s²d_F), Eq. 8. The Letter's values of Fig. 4 fall into their zones after division "
             "by 2π.")
    tau_perp: float = quantity(
        0.0, "Perpendicular torque", symbol="τ⊥", low=-1.0, high=1.0, soft=(-0.01, 0.01),
        why="a torque above µ₀M_s²d_F is not a perturbation",
        help="τ⊥ = T⊥/(µ₀M_s²d_F), Eq. 8: an effective field along z.")
    law: str = choice(
        "cosine", "Angular law of the torque", ("cosine", "constant", "transport", "field"),
        symbol="g(m_z)",
        help="cosine: g = m_z, what the junction's symmetry demands; constant: g = 1, a fixed polarizer as in a "
             "spin valve; transport: the curves of the transport engine at the junction's bias; field: τ∥ as an "
             "effective field along y, all that the spin-orbit torque of an in-plane Rashba ferromagnet is.")
    junction_perp: str = choice(
        "included", "Perpendicular torque of the junction", ("included", "dropped"), symbol="T⊥(V)−T⊥(0)",
        advanced=True,
        help="Whether the transport law takes T⊥(V) − T⊥(0) along; the Letter drops it as the smaller one.")
    h_x: float = quantity(
        0.0, "External field along x", "M_s", symbol="h_x", low=-10.0, high=10.0, soft=(-0.1, 0.1),
        why="fields in units of M_s", help="External field in units of M_s.", advanced=True)
    h_y: float = quantity(
        0.0, "External field along y", "M_s", symbol="h_y", low=-10.0, high=10.0, soft=(-0.1, 0.1),
        why="fields in units of M_s", help="External field in units of M_s.", advanced=True)
    h_z: float = quantity(
        0.0, "External field along z", "M_s", symbol="h_z", low=-10.0, high=10.0, soft=(-0.1, 0.1),
        why="fields in units of M_s", help="External field in units of M_s.", advanced=True)
    temperature: float = quantity(
        0.0, "Temperature of the magnet", "K", symbol="T_m", low=0.0, high=1000.0, soft=(0.0, 600.0),
        why="below the Curie temperature",
        help="Temperature of the thermal field; needs the magnet's volume.")
    waveform: Waveform = field(default_factory=Waveform)

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.waveform, Waveform):
            raise ParameterError("waveform", self.waveform, "must be a Waveform")


@dataclass(frozen=True, kw_only=True)
class Numerics:
    """How exactly to calculate, and the grid of each analysis."""

    accuracy: str = choice(
        "normal", "Accuracy of the transport integrals", ("draft", "normal", "reference"), symbol="accuracy",
        help="draft: 1e-3, for previews; normal: 1e-6; reference: 1e-9.")
    angular: AngularGrid = field(default_factory=AngularGrid)
    bias: BiasGrid = field(default_factory=BiasGrid)
    rashba: RashbaGrid = field(default_factory=RashbaGrid)
    energy: EnergyGrid = field(default_factory=EnergyGrid)
    trajectory: TrajectoryGrid = field(default_factory=TrajectoryGrid)
    stability: StabilityGrid = field(default_factory=StabilityGrid)
    density: DensityGrid = field(default_factory=DensityGrid)
    kmap: MapGrid = field(default_factory=MapGrid)
    spectral: SpectralGrid = field(default_factory=SpectralGrid)
    bands: BandsGrid = field(default_factory=BandsGrid)
    comparison: ComparisonGrid = field(default_factory=ComparisonGrid)
    systems: SystemsGrid = field(default_factory=SystemsGrid)
    ensemble: EnsembleGrid = field(default_factory=EnsembleGrid)
    switching: SwitchingGrid = field(default_factory=SwitchingGrid)
    spin_diode: SpinDiodeGrid = field(default_factory=SpinDiodeGrid)
    loop: LoopGrid = field(default_factory=LoopGrid)
    rate: RateGrid = field(default_factory=RateGrid)

    def __post_init__(self) -> None:
        check_fields(self)
        for one in fields(self):
            kind = one.default_factory
            if isinstance(kind, type) and not isinstance(getattr(self, one.name), kind):
                raise ParameterError(one.name, getattr(self, one.name), f"must be a {kind.__name__}")


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Everything that defines a simulation."""

    junction: Junction = field(default_factory=Junction)
    magnet: Magnet = field(default_factory=Magnet)
    drive: Drive = field(default_factory=Drive)
    numerics: Numerics = field(default_factory=Numerics)

    def __post_init__(self) -> None:
        for name, kind in (("junction", Junction), ("magnet", Magnet), ("drive", Drive),
                           ("numerics", Numerics)):
            value: Any = getattr(self, name)
            if not isinstance(value, kind):
                raise ParameterError(name, value, f"must be a {kind.__name__}")


#: The default of everything, where declarations are looked up: making one anew checks a hundred values.
DEFAULT = Setup()
