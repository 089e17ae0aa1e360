"""materials.md of `smtj figures`: how well each published TAMR is met, and the systems side by side."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smtj_engine import presets
from smtj_engine.files import disk
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction
from smtj_engine.systems import table
from smtj_engine.transport.sweeps import angular_curve, rashba_sweep

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Published:
    """A published TAMR: where, how M turns ("theta": from the normal into the plane; "phi": from [110] to [1-10]),
    its size as a fraction, in words, and what was adjusted in the preset to meet it."""

    preset: str
    source: str
    turn: str
    size: float
    words: str
    adjusted: str


PUBLISHED = (
    Published("fe_mgo", "the Letter, Fig. 1a (calculated)", "theta", 0.0085, "0.85 % at α_R = 4 eV·Å²",
              "nothing; m_b = 0.4 is ours, since the Letter names none"),
    Published("fe_gaas_au", "Moser et al., PRL 99, 056601 (measured)", "phi", 0.004,
              "a few tenths of a per cent, inverted by the bias", "α_R (sign and size)"),
    Published("pt_co_alox_pt", "Park et al., PRL 100, 087204 (measured)", "theta", 0.0015,
              "0.15 %, cobalt at the barrier", "α_R; barrier and wave vectors are chosen"),
    Published("pt_co_alox_pt", "Park et al., PRL 100, 087204 (measured)", "theta", 0.05,
              "tens of times larger with two monolayers of platinum at the barrier (5 % taken)", "α_R"),
    Published("co_alox_al", "Wang et al., PRB 88, 054407 (measured)", "theta", 0.11,
              "up to 11 %, out of the plane", "α_R; barrier and wave vectors are chosen"),
)


def write_materials(folder: Path, monitor: Monitor = silent) -> Path:
    """Compute both tables and write materials.md; FileError when it cannot be written."""
    lines = ["# Materials and comparators", "",
             "The presets' numbers are marked measured, calculated or chosen in `smtj presets KEY` and in the "
             "window's tooltips.", "", "## Published TAMR", "",
             "| System | Published | Model, as in the preset | Adjusted | α_R that meets it |",
             "|---|---|---|---|---|"]
    for done, case in enumerate(PUBLISHED):
        monitor(done / 10, "materials")
        lines.append(_published_row(case))
    lines += ["", *_side_by_side(lambda fraction, note="", partial=None: monitor(0.5 + fraction / 2, "materials"))]
    return disk.write_text(folder / "materials.md", "\n".join(lines) + "\n")


#: Headings of the table of systems, by column.
_HEADINGS = {
    "resistance": "R·A (Ω·µm²)", "magnetoresistance": "TAMR or TMR (%)", "torque_par": "T∥ (eV/µm²)",
    "field_par": "T∥ (mT)", "torque_perp_neq": "ΔT⊥ (eV/µm²)", "K_i": "K_i (mJ/m²)", "vcma": "VCMA (fJ/(V·m))",
    "bias_precession": "V, precession begins (V)", "frequency": "f there (GHz)",
    "bias_switching": "V, switching (V)", "power": "j·V (W/µm²)",
    "power_critical": "j·V at the critical bias (W/µm²)"}


def _side_by_side(monitor: Monitor) -> list[str]:
    """The table that the window shows too."""
    names = table.materials()
    data = table.table([(presets.load(name).title, presets.load(name).setup) for name in names],
                       monitor=monitor).data
    lines = [f"## Side by side, at {table.BIAS:g} V and θ = 45°", "",
             "T∥ and ΔT⊥ = T⊥(V) − T⊥(0) in eV/µm², T∥ also as the field T/(M_s d_F); R·A, K_i and VCMA at V = 0; "
             "TAMR between the normal and the plane, TMR for the conventional junction. K_i is the model's; "
             "positive favours the normal. Critical biases: of either sign, the smallest at which the macrospin, "
             "followed for 1/η ns from 10° beside its state of rest, precesses or comes to rest elsewhere, up to "
             f"{table.MOST_BIAS:g} V. A dash: not defined, or none.", "",
             "| System | " + " | ".join(_HEADINGS.values()) + " |", "|---|" + "---|" * len(_HEADINGS)]
    for row in range(data.sizes["row"]):
        values = [float(data[name].values[row]) * (100 if name == "magnetoresistance" else 1)
                  for name in _HEADINGS]
        lines.append(f"| {data['system'].values[row]} | " + " | ".join(_cells(values)) + " |")
    return lines


def tamr(junction: Junction, turn: str) -> float:
    """R(end)/R(start) − 1 of the turn of `Published`."""
    if turn == "theta":
        curve = angular_curve(junction, theta_deg=[0.0, 90.0])
    else:
        curve = angular_curve(junction, theta_deg=90.0, phi_deg=[45.0, 135.0], reference_deg=45.0)
    return float(curve.data["tamr"][1])


def meeting(junction: Junction, turn: str, size: float) -> tuple[float, float]:
    """The smallest α_R (eV·Å²) whose |TAMR| is `size`, and that |TAMR|; if none is, that of the largest |TAMR|."""
    limit = junction.rashba_limit - abs(junction.dresselhaus)
    alphas = np.linspace(0.0, min(0.98 * limit, 100.0), 41)
    if turn == "theta":
        found: Array = np.abs(rashba_sweep(junction, rashba=alphas, theta_deg=90.0).data["tamr"].values)
    else:
        alphas = alphas[::8]
        found = np.abs([tamr(dataclasses.replace(junction, rashba=alpha), turn) for alpha in alphas])
    above = np.flatnonzero(found >= size)
    if not len(above):
        best = int(np.argmax(found))
        return float(alphas[best]), float(found[best])
    at = above[0]
    # the TAMR grows as the square of α with Rashba alone, linearly beside γ
    power = 2 if turn == "theta" else 1
    part = (size - found[at - 1]) / (found[at] - found[at - 1])
    alpha = (alphas[at - 1] ** power + part * (alphas[at] ** power - alphas[at - 1] ** power)) ** (1 / power)
    return float(alpha), size


def _published_row(case: Published) -> str:
    preset = presets.load(case.preset)
    junction = preset.setup.junction
    alpha, reached = meeting(junction, case.turn, case.size)
    met = (f"{alpha:.3g} eV·Å²" if math.isclose(reached, case.size)
           else f"not met: at most {100 * reached:.2g} %, at {alpha:.3g} eV·Å²")
    value = f"{100 * tamr(junction, case.turn):.2g} % at α_R = {junction.rashba:g} eV·Å²"
    return f"| {preset.title} | {case.words} ({case.source}) | {value} | {case.adjusted} | {met} |"


def _cells(values: list[float]) -> Iterator[str]:
    for value in values:
        yield "–" if math.isnan(value) else f"{value:.3g}"
