"""The Letter's statements on Figs. 1 and 2, each beside the number that this program finds: report.md."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from smtj_engine.figures.numbers import ALPHAS, BIASES, STRENGTHS, THICKNESSES, Numbers, Values

HOLDS, PARTLY, FAILS = "holds", "holds in part", "does not hold"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Statement:
    """One published statement: who says it, what was measured, the verdict with its measure, and why."""

    claim: str
    source: str
    measured: str
    verdict: str
    why: str


def judged(holds: bool | np.bool_) -> str:
    """The verdict on a statement that either holds or does not."""
    return HOLDS if holds else FAILS


def listed(values: Iterable[float], form: str = ".4g", unit: str = "") -> str:
    """Numbers for a sentence, with their unit behind the last one."""
    return ", ".join(format(float(value), form) for value in values) + (f" {unit}" if unit else "")


def harmonics(curves: Values) -> Values:
    """Magnitudes of the parts e^(2inθ) of curves over θ = 0..180° (both ends included), shape (..., n)."""
    return np.asarray(np.abs(np.fft.rfft(curves[..., :-1], axis=-1)))


def _at(result: Any, name: str, **where: float) -> Values:
    return np.asarray(result.data[name].sel(where, method="nearest").values)


# --- Fig. 1 -----------------------------------------------------------------------------------------------

def tamr_values(n: Numbers) -> Statement:
    """The heights of Fig. 1a."""
    found = 100 * _at(n.fig_1, "tamr", theta=90.0)
    expected = np.array([0.053, 0.213, 0.479, 0.848, 1.315])
    return Statement(
        claim="TAMR at 90° is 0.053, 0.213, 0.479, 0.848, 1.315 % for α_R = 1 to 5 eV·Å².",
        source="Fig. 1a, worked out from its parameters", measured=listed(found, ".4f", "%"),
        verdict=judged(np.all(np.abs(found - expected) <= 0.0005 + 1e-9)),
        why="The measure is half a unit of the last printed digit. The barrier mass 0.4 is our choice; the Letter "
            "gives none.")


def tamr_shape(n: Numbers) -> Statement:
    """(cos 2θ − 1)."""
    tamr = n.fig_1.data["tamr"].values
    shape = np.cos(2 * np.deg2rad(n.fig_1.data["theta"].values)) - 1
    fitted = np.outer(tamr @ shape / (shape @ shape), shape)
    rest = np.abs(tamr - fitted).max(axis=1) / np.abs(tamr).max(axis=1)
    return Statement(
        claim="The resistance follows cos 2θ − 1.", source="Fig. 1a and text",
        measured=f"largest deviation from the best a·(cos 2θ − 1), in parts of the height: {listed(100 * rest)} % "
                 "for α_R = 1 to 5 eV·Å²",
        verdict=judged(rest.max() < 0.05),
        why="It is the lowest order in α_R, hence exact for α_R → 0; the rest is the next order. "
            "The measure: 5 %.")


def torque_shape(n: Numbers) -> Statement:
    """sin 2θ, and how much of sin 4θ."""
    content = harmonics(n.fig_1.data["torque_perp"].values)
    ratio, more = 100 * content[:, 2] / content[:, 1], 100 * content[:, 3] / content[:, 1]
    return Statement(
        claim="The torque at zero bias follows sin 2θ.", source="Fig. 1b and text",
        measured=f"sin 4θ against sin 2θ: {listed(ratio, '.3g')} %; sin 6θ against sin 2θ: "
                 f"{listed(more, '.2g')} % for α_R = 1 to 5 eV·Å²",
        verdict=judged(ratio.max() < 5.0),
        why="sin 2θ is the lowest order in α_R; sin 4θ enters with α_R⁴. The measure is 5 % of sin 4θ.")


def no_azimuth(n: Numbers) -> Statement:
    """Nothing depends on φ."""
    spreads = []
    for bias, names in ((0.0, ("torque_perp", "conductance")), (0.8, ("torque_perp", "torque_par"))):
        for name in names:
            values = np.array([getattr(n.points[bias, 45.0, phi], name) for phi in (0.0, 37.0, 211.0)])
            spreads.append(float(np.ptp(values) / np.abs(values).max()))
    return Statement(
        claim="Torque and resistance do not depend on φ.", source="Fig. 1b, inset, and text",
        measured=f"at θ = 45° and φ = 0, 37°, 211°, each solved on its own at 0 and 0.8 V: torques, current and "
                 f"conductance agree to {max(spreads):.1e}",
        verdict=judged(max(spreads) < 1e-6),
        why="Rashba interaction alone is invariant under rotations about the normal. With β ≠ 0 it is not. "
            "The measure is the accuracy of the integrals.")


def only_perpendicular(n: Numbers) -> Statement:
    """T∥ = 0 at V = 0."""
    points = [point for (bias, _, _), point in n.points.items() if bias == 0.0]
    ratio = max(abs(point.torque_par) for point in points) / max(abs(point.torque_perp) for point in points)
    return Statement(
        claim="At zero bias only the perpendicular torque is non-zero.", source="text on Fig. 1b",
        measured=f"largest |T∥| is {ratio:.1e} of the largest |T⊥| over {len(points)} directions",
        verdict=judged(ratio < 1e-9),
        why="In equilibrium the torque is the gradient of an energy that does not depend on φ. (Without β the "
            "integrand of T∥ vanishes energy by energy, so the zero is exact.)")


def vanishes(n: Numbers) -> Statement:
    """No torque along the normal nor in the plane."""
    size = abs(n.points[0.0, 45.0, 0.0].torque_perp)
    there = max(abs(point.torque_perp) for (bias, theta, _), point in n.points.items()
                if bias == 0.0 and theta in (0.0, 90.0, 180.0)) / size
    return Statement(
        claim="The torque vanishes at θ = 0 and at θ = 90°.", source="text on Fig. 1b",
        measured=f"|T⊥| at 0, 90° and 180° is at most {there:.1e} of that at 45°", verdict=judged(there < 1e-8),
        why="The spin density made by Rashba interaction lies in the plane and follows M there.")


def symmetry(n: Numbers) -> Statement:
    """θ → −θ → θ + π."""
    def apart(bias: float, name: str, sign: float) -> float:
        first, second = (getattr(n.points[bias, theta, 0.0], name) for theta in (30.0, 150.0))
        return float(abs(first - sign * second) / abs(first))

    even = max(apart(0.0, "conductance", 1.0), apart(0.8, "current_density", 1.0))
    odd = max(apart(0.0, "torque_perp", -1.0), apart(0.8, "torque_par", -1.0))
    return Statement(
        claim="The junction is equivalent under θ → −θ → θ + π.", source="text on Fig. 1a",
        measured=f"θ = 30° and 150°, each solved on its own at 0 and 0.8 V: current and conductance agree to "
                 f"{even:.1e}, torques up to their sign to {odd:.1e}",
        verdict=judged(max(even, odd) < 1e-6),
        why="A mirror plane through z and M turns M, an axial vector, around. The measure is the accuracy of the "
            "integrals.")


def anisotropy_sign(n: Numbers) -> Statement:
    """Which axis the interface prefers."""
    found = n.energy.data["K_i"].values
    return Statement(
        claim="The torque at zero bias favours the perpendicular configuration.", source="text on Fig. 1b",
        measured=f"K_i = Ω(90°) − Ω(0) = {listed(found)} mJ/m² for α_R = 1 to 5 eV·Å² (positive: perpendicular)",
        verdict=judged(found.min() > 0),
        why="The energy decides, and it does not depend on whether M or the moment is drawn along the majority "
            "spin: a negative K_i means that this interaction pulls the magnetization into the plane.")


def anisotropy_values(n: Numbers) -> Statement:
    """Three numbers worked out from the Letter's parameters."""
    found = n.energy.data["K_i"].sel(rashba=[1.0, 4.0, 5.0]).values
    expected = np.array([-0.101, -1.832, -3.098])
    return Statement(
        claim="K_i is −0.101, −1.832, −3.098 mJ/m² for α_R = 1, 4, 5 eV·Å².",
        source="worked out from the parameters of Fig. 1", measured=listed(found, ".4f", "mJ/m²"),
        verdict=judged(np.all(np.abs(found - expected) <= 0.0005 + 1e-9)),
        why="The measure is half a unit of the last digit.")


def four_states(n: Numbers) -> Statement:
    """Minima and maxima of the energy."""
    omega, theta = n.energy.data["omega"].values, n.energy.data["theta"].values
    middle = int(np.argmin(np.abs(theta - 90.0)))
    normal, plane = omega[:, 1] - omega[:, 0], omega[:, middle - 1] - omega[:, middle]
    minima = [name for name, rise in (("perpendicular", normal), ("in the plane", plane)) if rise.min() > 0]
    return Statement(
        claim="There are four stable states: two perpendicular (0, 180°) and two in the plane (±90°).",
        source="text on Fig. 1b",
        measured=f"the energy has its minima {' and '.join(minima) or 'nowhere'}; near 0 it changes by "
                 f"{listed(normal, '.2e')}, near 90° by {listed(plane, '.2e')} mJ/m² over {theta[1]:g}°",
        verdict=judged(len(minima) == 2),
        why="All four are stationary, but with sin 2θ alone one pair are minima and the other maxima; a second "
            "anisotropy (Q∥, Q⊥ of Fig. 3) is needed to make both stable.")


# --- Fig. 2 -----------------------------------------------------------------------------------------------

def in_plane_torque(n: Numbers) -> Statement:
    """One number of Fig. 2."""
    found = float(_at(n.fig_2b, "torque_par", rashba=4.0, bias=0.8))
    return Statement(
        claim="T∥ is 53.2 eV/µm² at θ = 45°, α_R = 4 eV·Å², V = 0.8 V.",
        source="Fig. 2, worked out from its parameters", measured=f"{found:.4f} eV/µm²",
        verdict=judged(abs(found - 53.2) <= 0.05), why="The measure is half a unit of the last printed digit.")


def hundred(n: Numbers) -> Statement:
    """The size of the torque."""
    strongest = n.fig_2b.data["torque_par"].sel(rashba=5.0, method="nearest")
    pairs = [f"{float(strongest.sel(bias=v, method='nearest')):.1f} at {v:+g} V" for v in (0.8, -0.8, 1.0, -1.0)]
    largest = float(np.abs(strongest).max())
    return Statement(
        claim="The spin torque can be as large as 100 eV/µm² (Fig. 2b).", source="closing text",
        measured=f"T∥ for α_R = 5 eV·Å² in eV/µm²: {', '.join(pairs)}", verdict=judged(largest >= 100.0),
        why="Within the figure's range it depends on the sign of the bias, since the barrier's tilt favours one; "
            "for α_R = 4 eV·Å² the largest value is "
            f"{float(np.abs(n.fig_2b.data['torque_par'].sel(rashba=4.0, method='nearest')).max()):.1f} eV/µm².")


def order_of_magnitude(n: Numbers) -> Statement:
    """T⊥(V) − T⊥(0) against T∥."""
    at_bias = n.fig_2a.data.sel(bias=0.8, method="nearest").sel(rashba=list(ALPHAS), method="nearest")
    ratio = np.abs(at_bias["torque_par"].values / at_bias["torque_perp_neq"].values)
    barriers = n.thickness.data.sel(bias=0.8, method="nearest")
    par, perp = barriers["torque_par"].values, barriers["torque_perp_neq"].values
    others = "; ".join(f"{d:g} nm: {b:.3g} against {a:.2g}" for d, a, b in
                       zip(THICKNESSES, par, perp, strict=True))
    near, everywhere = ratio.min() > 10**0.5, np.all(np.abs(par / perp) > 10**0.5)
    return Statement(
        claim="T⊥(V) − T⊥(0) is about one order of magnitude smaller than T∥.", source="Fig. 2 and text",
        measured=f"T∥ is {listed(ratio, '.2f')} times larger for α_R = 1 to 5 eV·Å² at 0.8 V. Other barriers "
                 f"(α_R = 4 eV·Å², 0.8 V, T⊥(V) − T⊥(0) against T∥ in eV/µm²): {others}",
        verdict=HOLDS if near and everywhere else PARTLY if near else FAILS,
        why="T∥ is carried by the tunnel current and falls exponentially with the thickness; T⊥(V) − T⊥(0) comes "
            "also from all electrons that the tilted barrier merely reflects, and does not. So the ratio belongs "
            "to this thickness. The measure for 'about an order' is a factor of √10 or more.")


def quadratic(n: Numbers) -> Statement:
    """T∥ ∝ α² for weak interaction, and none without it."""
    torque = n.strength.data["torque_par"].values
    exponent = np.log(torque[1] / torque[0]) / np.log(STRENGTHS[1] / STRENGTHS[0])
    without = float(_at(n.fig_2a, "torque_par", rashba=0.0, bias=0.8))
    return Statement(
        claim="The torque is of second order in the Rashba interaction and needs no other polarizer.",
        source="abstract, Fig. 2a",
        measured=f"exponent of T∥ between α_R = {STRENGTHS[0]:g} and {STRENGTHS[1]:g} eV·Å²: {exponent:.4f}; "
                 f"T∥ at α_R = 0: {without:.1e} eV/µm²",
        verdict=judged(abs(exponent - 2) < 0.01 and abs(without) < 1e-9),
        why="The interaction is odd in k∥, so that its first order averages out over the Fermi sea.")


def higher_orders(n: Numbers) -> Statement:
    """How far from α² at larger α."""
    scaled = n.strength.data["torque_par"].values / STRENGTHS**2
    change = 100 * (scaled / scaled[0] - 1)
    wanted = [int(np.argmin(np.abs(STRENGTHS - alpha))) for alpha in (1, 3, 5, 7, 9)]
    return Statement(
        claim="For larger Rashba parameters higher orders in α_R appear (not shown).", source="text on Fig. 2a",
        measured=f"T∥/α_R² differs from its limit at α_R → 0 by {listed(change[wanted], '+.3g')} % at α_R = "
                 f"{listed(STRENGTHS[wanted], 'g')} eV·Å² (0.8 V)",
        verdict=judged(np.abs(change[wanted[-1]]) > 5.0 and np.all(np.diff(np.abs(change[wanted])) > 0)),
        why="They grow as α_R² relative to the lowest order and are visible within the Letter's own range.")


def under_voltage(n: Numbers) -> Statement:
    """TAMR and anisotropy under bias."""
    tamr = [100 * float(_at(n.fig_2b, "tamr", rashba=4.0, bias=v)) for v in BIASES]
    energies = [float(_at(n.energy_at_bias, "K_i", bias=v)) for v in BIASES]
    moved_tamr = max(abs(value / tamr[1] - 1) for value in tamr)
    moved_energy = max(abs(value / energies[1] - 1) for value in energies)
    both = (moved_tamr > 0.1) + (moved_energy > 0.1)
    return Statement(
        claim="TAMR and magnetic anisotropy are strongly affected by the voltage.", source="text on Fig. 2",
        measured=f"at V = {listed(BIASES, '+g')} V and α_R = 4 eV·Å²: TAMR(45°) = {listed(tamr, '.3f')} %, K_i = "
                 f"{listed(energies, '.4f')} mJ/m²; largest changes {100 * moved_tamr:.2g} % and "
                 f"{100 * moved_energy:.2g} %",
        verdict=(FAILS, PARTLY, HOLDS)[both],
        why="The current samples a window at the Fermi level that the bias opens; the anisotropy comes from the "
            "whole Fermi sea, which the bias hardly changes. The measure for 'strongly' is 10 %.")


def rule_of_thumb(n: Numbers) -> Statement:
    """Maximize the TAMR."""
    tamr = 100 * _at(n.fig_1, "tamr", theta=90.0)
    torque = np.array([float(_at(n.fig_2b, "torque_par", rashba=alpha, bias=0.8)) for alpha in ALPHAS])
    ratio = torque / tamr
    return Statement(
        claim="To obtain an efficient torque, maximize the TAMR.", source="closing text",
        measured=f"T∥(45°, 0.8 V) per TAMR(90°, 0 V): {listed(ratio, '.1f')} eV/µm² per % for α_R = 1 to 5 eV·Å²",
        verdict=judged(np.ptp(ratio) < 0.5 * ratio.mean() and np.all(np.diff(torque) > 0)),
        why="Both grow as α_R², so along α_R one is a measure of the other; along other parameters this was not "
            "tried here. The measure is a spread of less than half.")


STATEMENTS: tuple[Callable[[Numbers], Statement], ...] = (
    tamr_values, tamr_shape, torque_shape, no_azimuth, only_perpendicular, vanishes, symmetry, anisotropy_sign,
    anisotropy_values, four_states, in_plane_torque, hundred, order_of_magnitude, quadratic, higher_orders,
    under_voltage, rule_of_thumb)
