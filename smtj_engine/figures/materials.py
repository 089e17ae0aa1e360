"""materials.md of `smtj figures`: how well each published TAMR is met, and the systems side by side."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smtj_engine import presets
from smtj_engine.constants import EV_UM2_IN_MJ_M2, MU_0
from smtj_engine.files import disk
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Junction, Setup
from smtj_engine.transport.sweeps import angular_curve, interface_energy, rashba_sweep, transport_point

Array = NDArray[np.float64]
#: The bias (V) at which the systems stand side by side.
BIAS = 0.2


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
    lines += ["", f"## Side by side, at {BIAS:g} V and θ = 45°", "",
              "T∥ and ΔT⊥ = T⊥(V) − T⊥(0) in eV/µm², T∥ also as the field T/(M_s d_F); TAMR between the normal "
              "and the plane, TMR for the conventional junction. K_i is the model's; positive favours the normal. "
              "A dash: not defined.", "",
              "| System | R·A (Ω·µm²) | TAMR or TMR (%) | T∥ (eV/µm²) | T∥ (mT) | ΔT⊥ (eV/µm²) | K_i (mJ/m²) "
              "| j·V (W/µm²) |", "|---|---|---|---|---|---|---|---|"]
    names = [name for name in presets.names() if presets.load(name).group == "Materials"]
    for done, name in enumerate(names):
        monitor(0.5 + done / len(names) / 2, "materials")
        lines.append(_system_row(presets.load(name).title, presets.load(name).setup))
    return disk.write_text(folder / "materials.md", "\n".join(lines) + "\n")


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


def _system_row(title: str, setup: Setup) -> str:
    rest = dataclasses.replace(setup.junction, bias=0.0)
    driven = dataclasses.replace(rest, bias=BIAS)
    point, zero = transport_point(driven, 45.0), transport_point(rest, 45.0)
    conventional = (rest.right_k_up, rest.right_k_down) != (None, None)
    ends = angular_curve(rest, theta_deg=[0.0, 180.0 if conventional else 90.0]).data["tamr"].values
    torque, change = point.torque_par - zero.torque_par, point.torque_perp - zero.torque_perp
    anisotropy = math.nan if conventional else float(interface_energy(rest, accuracy="draft").data["K_i"])
    cells = [1 / zero.conductance, 100 * float(ends[1]), torque, field(torque, setup), change, anisotropy,
             BIAS * point.current_density]
    return f"| {title} | " + " | ".join(_cells(cells)) + " |"


def field(torque: float, setup: Setup) -> float:
    """A torque per area (eV/µm²) on the setup's magnet as a field T/(M_s d_F) in mT."""
    moment = setup.magnet.mu0_ms / MU_0 * setup.magnet.thickness * 1e-9  # A
    return torque * EV_UM2_IN_MJ_M2 / moment


def _cells(values: list[float]) -> Iterator[str]:
    for value in values:
        yield "–" if math.isnan(value) else f"{value:.3g}"
