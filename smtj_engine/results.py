"""What an analysis returns: the numbers, the setup that made them, and where they come from."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any

from smtj_engine.parameters import DEFAULT, Junction, Setup
from smtj_engine.schema import spec_at, specs
from smtj_engine.version import __version__

if TYPE_CHECKING:
    import xarray as xr  # the window reads VARIABLES before it needs xarray

#: Number of the data layout in every file that this version writes.
FORMAT = 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a result comes from: program version, accuracy, random seed, date (ISO 8601 with zone)."""

    version: str = __version__
    accuracy: str = ""
    seed: int | None = None
    date: str = dataclasses.field(
        default_factory=lambda: datetime.datetime.now().astimezone().isoformat(timespec="seconds"))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Result:
    """kind + setup + labelled data + provenance.

    kind: the key of its analysis: "angular", "bias", "rashba", "energy", "density", "kmap", "spectral",
    "trajectory", "stability", "limit-cycles", "spectrum", "ensemble", "switching",
    "spin-diode", "loop", "readout",
    "rate" or "fit".
    data: xarray.Dataset; each variable and coordinate has attributes units (ASCII), long_name and symbol.
    data.attrs may hold `notes` (a list of sentences for the user, e.g. on bound states).
    """

    kind: str
    setup: Setup
    data: xr.Dataset
    provenance: Provenance = dataclasses.field(default_factory=Provenance)

    @property
    def notes(self) -> list[str]:
        """Sentences that the user should read with the numbers."""
        notes = self.data.attrs.get("notes", [])
        return [notes] if isinstance(notes, str) else list(notes)


def ended_early(partial: Result, setup: Setup, why: str = "The run was stopped by the user") -> Result:
    """What there is of a result that did not come to its end, with the whole setup and a note that says so."""
    notes = [*partial.notes, f"{why}; what was not computed is missing, nan or marked."]
    return dataclasses.replace(partial, setup=setup, data=partial.data.assign_attrs(notes=notes))


#: Every variable a result may hold: symbol, long name, ASCII unit. The one table that views, files and
#: figures label their axes from.
VARIABLES: dict[str, tuple[str, str, str]] = {
    "theta": ("θ", "polar angle of M", "deg"),
    "phi": ("φ", "azimuth of M", "deg"),
    "bias": ("V", "bias voltage", "V"),
    "field": ("B", "magnetic field", "T"),
    "rashba": ("α_R", "Rashba parameter", "eV A^2"),
    "current_density": ("j", "current density", "A/um^2"),
    "conductance": ("dI/dV", "differential conductance", "S/um^2"),
    "resistance": ("R", "resistance area product", "ohm um^2"),
    "tamr": ("TAMR", "tunnelling anisotropic magnetoresistance", "1"),
    "torque_par": ("T∥", "in-plane torque", "eV/um^2"),
    "torque_perp": ("T⊥", "perpendicular torque", "eV/um^2"),
    "torque_perp_neq": ("T⊥(V)−T⊥(0)", "non-equilibrium perpendicular torque", "eV/um^2"),
    "torque_par_p": ("T∥ᵖ", "torque along M x (p x M)", "eV/um^2"),
    "torque_perp_p": ("T⊥ᵖ", "torque along p x M", "eV/um^2"),
    "depth": ("z", "depth below the interface", "nm"),
    "spin_par": ("m∥", "spin density along M x (z x M)", "1/nm^3"),
    "spin_perp": ("m⊥", "spin density along z x M", "1/nm^3"),
    "spin_along": ("n↑−n↓", "majority minus minority density (the spin density along -M)", "1/nm^3"),
    "spin_bulk": ("n↑−n↓ (bulk)", "majority minus minority density of the bulk", "1/nm^3"),
    "torque_density_par": ("t∥", "in-plane torque density J m x M", "eV/nm^3"),
    "torque_density_perp": ("t⊥", "perpendicular torque density J m x M", "eV/nm^3"),
    "running_par": ("∫t∥", "in-plane torque from the interface to this depth", "eV/um^2"),
    "running_perp": ("∫t⊥", "perpendicular torque from the interface to this depth", "eV/um^2"),
    "tapered_par": ("⟨∫t∥⟩", "in-plane torque with its tail faded out", "eV/um^2"),
    "tapered_perp": ("⟨∫t⊥⟩", "perpendicular torque with its tail faded out", "eV/um^2"),
    "z": ("z", "position across the layers", "nm"),
    "potential_up": ("U↑", "potential of the majority spin", "eV"),
    "potential_down": ("U↓", "potential of the minority spin", "eV"),
    "fermi_level": ("µ", "Fermi level of the electrode", "eV"),
    "k_x": ("k_x", "in-plane wave vector along x", "1/A"),
    "k_y": ("k_y", "in-plane wave vector along y", "1/A"),
    "transmission": ("T", "transmission, summed over spins", "1"),
    "polarization": ("P", "spin polarization of the transmission", "1"),
    "torque_par_k": ("T∥(k)", "in-plane torque per energy and k area", "1"),
    "torque_perp_k": ("T⊥(k)", "perpendicular torque per energy and k area", "1"),
    "electron_energy": ("E−E_F", "energy from the mean Fermi level", "eV"),
    "current_spectrum": ("dj/dE", "current density per energy", "A/(um^2 eV)"),
    "torque_par_spectrum": ("dT∥/dE", "in-plane torque per energy", "1/um^2"),
    "torque_perp_spectrum": ("dT⊥/dE", "perpendicular torque per energy", "1/um^2"),
    "mechanism": ("", "what drives the torque", ""),
    "field_par": ("B∥", "in-plane torque as a field T/(M_s d_F)", "mT"),
    "field_perp": ("B⊥", "non-equilibrium perpendicular torque as a field T/(M_s d_F)", "mT"),
    "row": ("", "row of the table", ""),
    "system": ("", "name of the system", ""),
    "magnetoresistance": ("TAMR or TMR", "magnetoresistance at rest: normal to plane, or parallel to antiparallel",
                          "1"),
    "bias_precession": ("V_p", "bias at which precession begins", "V"),
    "bias_switching": ("V_s", "bias at which the magnet comes to rest elsewhere", "V"),
    "power": ("j V", "power per area", "W/um^2"),
    "power_critical": ("(j V)_c", "power per area at the smaller critical bias", "W/um^2"),
    "omega": ("Ω", "interface energy", "mJ/m^2"),
    "K_i": ("K_i", "interface anisotropy", "mJ/m^2"),
    "vcma": ("VCMA", "voltage-controlled magnetic anisotropy", "fJ/(V m)"),
    "time": ("t", "time", "ns"),
    "component": ("", "component of m", ""),
    "m": ("m", "magnetization direction", "1"),
    "w": ("w", "energy contour Q_par m_x^2 + Q_eff m_z^2", "1"),
    "error": ("δm", "largest difference to a run with twice the step", "1"),
    "state": ("state", "state of the magnetization", ""),
    "sensitive": ("sensitive", "a neighbouring start ends elsewhere", ""),
    "computed": ("computed", "whether this cell has been computed", ""),
    "frequency": ("f", "frequency", "GHz"),
    "m_mean": ("⟨m⟩", "mean magnetization over the last 20 %", "1"),
    "m_start": ("m₀", "magnetization at the start", "1"),
    "tau_par": ("τ∥", "in-plane torque", "1"),
    "threshold": ("τ∥", "threshold of the in-plane torque", "1"),
    "m_z2": ("⟨m_z²⟩", "mean square of m_z", "1"),
    "stable": ("stable", "whether the limit cycle is stable", ""),
    "branch": ("branch", "kind of precession", ""),
    "w_now": ("w", "energy contour of the limit cycle at the drive", "1"),
    "frequency_now": ("f", "frequency of the limit cycle at the drive", "GHz"),
    "harmonic": ("n", "multiple of the frequency of m", "1"),
    "amplitude_mx": ("|m_x|(f)", "amplitude spectrum of m_x", "1"),
    "amplitude_resistance": ("|R|(f)", "amplitude spectrum of the normalized resistance", "1"),
    "harmonic_mx": ("|m_x|(n f)", "amplitude of the harmonics of m_x", "1"),
    "harmonic_resistance": ("|R|(n f)", "amplitude of the harmonics of the normalized resistance", "1"),
    "peak": ("f", "frequency of m", "GHz"),
    "linewidth": ("Δf", "full width at half maximum of the power", "GHz"),
    "mean_m": ("⟨m⟩", "mean of m over the samples", "1"),
    "mean_resistance": ("⟨R/ΔR⟩", "mean normalized resistance of the samples", "1"),
    "sample": ("i", "number of the sample", "1"),
    "switched": ("P", "part of the samples that have switched", "1"),
    "switching_time": ("t_s", "time at which the sample switched", "ns"),
    "m_x": ("m_x", "component of m along x", "1"),
    "m_y": ("m_y", "component of m along y", "1"),
    "m_z": ("m_z", "component of m along the normal", "1"),
    "histogram": ("p", "density of m_z of the samples at the end", "1"),
    "boltzmann": ("p_B", "density of m_z in thermal equilibrium", "1"),
    "probability": ("P", "probability of having switched at the end", "1"),
    "mean_time": ("⟨t_s⟩", "mean switching time of the samples that switched", "ns"),
    "rectified": ("ΔI_dc", "rectified current density", "A/um^2"),
    "open_circuit": ("V_oc", "rectified voltage of the open circuit", "V"),
    "resonant": ("ΔI_dc−ΔI_0", "rectified current without its background", "A/um^2"),
    "resonant_voltage": ("V_oc−V_0", "open-circuit voltage without its background", "V"),
    "background": ("ΔI_0", "rectified current without the response of m", "A/um^2"),
    "closed": ("ΔI_L", "rectified current, closed form", "A/um^2"),
    "symmetric": ("ΔI_S", "symmetric Lorentzian of the in-plane torque", "A/um^2"),
    "antisymmetric": ("ΔI_A", "antisymmetric Lorentzian of the perpendicular torque", "A/um^2"),
    "timed": ("ΔI_t", "rectified current, integrated in time", "A/um^2"),
    "resonance": ("f_0", "frequency of small oscillations", "GHz"),
    "m_rest": ("m", "stable state of the magnetization", "1"),
    "spread": ("σ_R", "standard deviation of the normalized resistance in time and among samples", "1"),
    "along": ("m_H", "mean component of m along the field", "1"),
    "switching_value": ("x_s", "first value of the sweep at which the sample has switched", "1"),
    "repeat": ("i", "number of the estimate", "1"),
    "rate": ("k", "switching rate", "1/ns"),
    "mean_rate": ("⟨k⟩", "mean switching rate of the estimates", "1/ns"),
    "rate_error": ("δk", "standard error of the mean switching rate", "1/ns"),
    "switching_wait": ("1/k", "mean time until the magnetization switches", "ns"),
    "origins": ("n_0", "independent beginnings of the paths that switched, mean of the estimates", "1"),
    "brown": ("k_B", "switching rate by Brown's equation about the axis", "1/ns"),
    "kramers": ("k_K", "switching rate by Kramers' law", "1/ns"),
    "barrier": ("ΔE/k_B T", "energy barrier", "1"),
    "resolution": ("δf", "width of a steady line in this record", "GHz"),
}
#: Those that a magnetic resonance makes, and that can be measured.
SPECTRA = ("rectified", "open_circuit")
# Any parameter of the junction may be the axis of a family, and is described by its declaration.
VARIABLES |= {name: (spec.symbol, spec.label, spec.ascii_unit) for name, spec in specs(Junction).items()
              if name not in VARIABLES}


def describe(data: xr.Dataset) -> xr.Dataset:
    """Set units, long_name and symbol on every variable and coordinate that VARIABLES knows, and on its _back."""
    for name, variable in data.variables.items():
        known = str(name).removesuffix("_back")
        if known in VARIABLES:
            symbol, long_name, units = VARIABLES[known]
            way = ", on the way back" if known != name else ""
            variable.attrs.update(units=units, long_name=long_name + way, symbol=symbol)
    return data


def attributes(name: str) -> dict[str, Any]:
    """units, long_name and symbol of one variable."""
    symbol, long_name, units = VARIABLES[name]
    return {"units": units, "long_name": long_name, "symbol": symbol}


def described_by(path: str) -> dict[str, Any]:
    """units, long_name and symbol of a variable that holds values of the parameter at a path."""
    spec = spec_at(DEFAULT, path)
    return {"units": spec.ascii_unit or "1", "long_name": spec.label, "symbol": spec.symbol, "path": path}
