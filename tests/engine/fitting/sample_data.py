"""Makes the sample data of resources/measured: `python -m tests.engine.fitting.sample_data`.

Curves of this program at full accuracy with normal noise of a fixed seed, marked as such in every file. They are
written as instruments write them: other separators, a decimal comma, other units.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from smtj_engine.fitting.resonance import model_of
from smtj_engine.measured import Measurement
from smtj_engine.parameters import Junction, Magnet, Setup

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "measured"
MARK = "Made by SMTJ from its own model with random noise added: an example, not a measurement."


@dataclasses.dataclass(frozen=True)
class Sample:
    """One file: junction, magnet and curve behind it, its noise (standard deviation, program's units), its look.

    frequency (GHz) or field (T): of a resonance, what is no axis; true: parameters of the fit beside the setup's.
    """

    name: str
    title: str
    junction: Junction
    quantity: str
    axis: str
    along: tuple[float, float, int]
    noise: float
    seed: int
    theta_deg: float = 90.0
    phi_deg: float = 0.0
    headings: tuple[str, ...] = ()
    factor: float = 1.0
    axis_factor: float = 1.0
    separator: str = ","
    decimal: str = "."
    sigma: bool = False
    magnet: Magnet = dataclasses.field(default_factory=Magnet)
    frequency: float | None = None
    field: float | None = None
    true: tuple[tuple[str, float], ...] = ()

    @property
    def setup(self) -> Setup:
        """The true setup."""
        return Setup(junction=self.junction, magnet=self.magnet)

    def exact(self) -> Measurement:
        """The curve without noise."""
        along = np.linspace(*self.along)
        empty = Measurement(quantity=self.quantity, values=along, axes={self.axis: along},
                            theta_deg=self.theta_deg, phi_deg=self.phi_deg, frequency=self.frequency,
                            field=self.field)
        return dataclasses.replace(empty, values=model_of(empty, self.setup).curve(dict(self.true)))

    def noisy(self) -> Measurement:
        """The curve with its noise."""
        exact = self.exact()
        noise = np.random.default_rng(self.seed).normal(0.0, self.noise, exact.values.size)
        return dataclasses.replace(exact, values=exact.values + noise)

    def text(self) -> str:
        """The file."""
        curve, one = self.noisy(), self.junction
        resonance, magnet = self.frequency is not None or self.field is not None, self.magnet
        behind = "" if not resonance else f"Q_perp = {magnet.q_perp:g}, Q_par = {magnet.q_par:g}, eta = " + (
            f"{magnet.damping:g}, " + "".join(f"{name} = {value:g}, " for name, value in self.true))
        lines = [f"# {MARK}", f"# {self.title}",
                 f"# {behind}alpha_R = {one.rashba:g} eV A^2, beta = {one.dresselhaus:g} eV A^2, "
                 f"U_0 = {one.barrier_height:g} eV, d = {one.barrier_thickness:g} nm, "
                 f"m_b = {one.barrier_mass:g} m0, seed = {self.seed}",
                 "# " + ", ".join(f"{name} = {value:g} {unit}" for name, value, unit, axis in (
                     ("theta", self.theta_deg, "deg", "theta"), ("phi", self.phi_deg, "deg", "phi"),
                     ("V", one.bias, "V", "bias"),
                     ("f", self.frequency, "GHz", "frequency"), ("B", self.field, "T", "field"))
                     if axis != self.axis and value is not None)]
        rows = zip(curve.axes[self.axis] * self.axis_factor, curve.values * self.factor, strict=True)
        lines.append(self.separator.join(self.headings))
        more = (f"{self.noise * self.factor:.4g}",) if self.sigma else ()
        lines += [self.separator.join((f"{x:.6g}", f"{y:.5g}", *more)).replace(".", self.decimal) for x, y in rows]
        return "\n".join(lines) + "\n"


SAMPLES = (
    Sample("tamr_theta.csv", "TAMR of an Fe/MgO junction against theta", Junction(rashba=4.0, bias=0.1),
           "tamr", "theta", (0.0, 180.0, 37), 1.5e-4, 1,
           headings=("theta (deg)", "TAMR (%)", "sigma (%)"), factor=100.0, sigma=True),
    Sample("tamr_phi.dat", "TAMR in the plane with Rashba and Dresselhaus interaction",
           Junction(rashba=3.0, dresselhaus=1.2, bias=0.1), "tamr", "phi", (0.0, 360.0, 49), 5e-5, 2,
           headings=("phi [deg]", "TAMR [%]"), factor=100.0, separator="\t"),
    Sample("current_bias.csv", "Current density against the bias, with a decimal comma",
           Junction(rashba=4.0, barrier_height=1.2, barrier_thickness=0.7), "current_density", "bias",
           (-1.0, 1.0, 41), 4e-3, 3, theta_deg=0.0,
           headings=("V (mV)", "I (mA/um^2)"), factor=1e3, axis_factor=1e3, separator=";", decimal=","),
    Sample("torque_bias.csv", "In-plane torque against the bias at 45 degrees", Junction(rashba=4.5), "torque_par",
           "bias", (-0.8, 0.8, 33), 1.0, 4, theta_deg=45.0,
           headings=("V (V)", "T_par (eV/um^2)")),
    Sample("spin_diode_frequency.csv", "Spin diode: rectified current against the frequency in a tilted field",
           Junction(rashba=4.0), "rectified", "frequency", (8.0, 16.0, 81), 4e-9, 5, theta_deg=60.0, field=0.2,
           magnet=Magnet(damping=0.014, q_perp=1.28), true=(("data.scale_par", 1.2), ("data.scale_perp", 4.0)),
           headings=("f (GHz)", "I_dc (nA/um^2)", "sigma (nA/um^2)"), factor=1e9, sigma=True),
    Sample("spin_diode_field.dat", "ST-FMR: rectified voltage against the field at one frequency",
           Junction(rashba=4.0), "open_circuit", "field", (0.05, 0.35, 91), 2e-9, 6, theta_deg=60.0,
           frequency=12.0, magnet=Magnet(damping=0.014, q_perp=1.28),
           true=(("data.scale_par", 1.2), ("data.scale_perp", 4.0)),
           headings=("B [mT]", "V_mix [nV]"), factor=1e9, axis_factor=1e3, separator="\t"),
)


def main() -> None:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    for sample in SAMPLES:
        (FOLDER / sample.name).write_text(sample.text(), encoding="utf-8")


if __name__ == "__main__":
    main()
