"""The Letter's statements on Figs. 3 and 4, each beside the number that this program finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.optimize import brentq

from smtj_engine.dynamics.cells import build
from smtj_engine.dynamics.classify import IN_PLANE, IPP, OPP, PERPENDICULAR, STATES, UNDECIDED
from smtj_engine.dynamics.fields import growth_rates
from smtj_engine.dynamics.limit_cycles import limit_cycles, thresholds
from smtj_engine.dynamics.torque_laws import torque_unit
from smtj_engine.figures.numbers import (
    DIVISORS,
    FROM_PLANE,
    FROM_POLE,
    LAWS,
    LONG,
    PRINTED,
    Q_EFF,
    STARTS,
    Numbers,
    Values,
    row_at,
)
from smtj_engine.figures.statements import FAILS, HOLDS, PARTLY, Statement, judged, listed
from smtj_engine.figures.style import WORDS
from smtj_engine.parameters import Setup
from smtj_engine.results import Result
from smtj_engine.schema import with_values

#: The states in the order of the zones, as τ∥ falls.
ZONES = (PERPENDICULAR, OPP, IPP, IN_PLANE)
#: States in words, for narrow columns.
_SHORT = WORDS | {"perpendicular": "along z"}
_POLE, _ALONG_X, _ALONG_Y = np.eye(3)[[2, 0, 1]]


def edges_over(result: Result) -> Values:
    """The closed form's three thresholds of τ∥ at each Q∥ of a diagram, shape (Q∥, 3)."""
    rows = [with_values(result.setup, {"magnet.q_par": float(q)}).magnet for q in result.data["y"].values]
    return np.stack([thresholds(magnet) for magnet in rows])


def _expected(result: Result) -> Values:
    """The zone of each cell by the closed form."""
    edges, tau = edges_over(result), result.data["x"].values
    return np.asarray(np.array(ZONES)[(tau[None, :, None] < edges[:, None]).sum(axis=2)])


def edge_of_stability(setup: Setup, m: Values, widest: float = 0.05) -> float:
    """τ∥ where the linear growth about an equilibrium m changes its sign, from the exact Jacobian; NaN if it
    does not."""
    def growth(tau: float) -> float:
        spin = build(setup.magnet, with_values(setup, {"drive.tau_par": tau}).drive, None).spins
        return float(growth_rates(spin, m[None]).real.max())

    if growth(-widest) * growth(widest) >= 0:
        return float("nan")
    return float(brentq(growth, -widest, widest, xtol=1e-15))


# --- Fig. 3 -----------------------------------------------------------------------------------------------

def four_zones(n: Numbers) -> Statement:
    """The zones and their order."""
    states = n.fig_3.data["state"].values[:, ::-1]
    orders = [list(dict.fromkeys(row[row != UNDECIDED].tolist())) for row in states]
    complete = sum(order == list(ZONES) for order in orders)
    ordered = all(order == [zone for zone in ZONES if zone in order] for order in orders)
    resistance = n.fig_3.data["resistance"].values[:, ::-1]
    means = [float(resistance[states == zone].mean()) for zone in ZONES]
    return Statement(
        claim="Four zones can be distinguished: perpendicular, OPP, IPP and in-plane, as τ∥ falls.",
        source="Fig. 3 and text",
        measured=f"{complete} of {len(orders)} rows of Q∥ show all four in this order, and "
                 f"{'no row' if ordered else 'some rows'} another order. Mean normalized resistance in the zones: "
                 f"{listed(means, '+.3f')}; "
                 f"{100 * float((states == UNDECIDED).mean()):.2g} % of the cells are not decided after "
                 f"{n.fig_3.data.attrs['duration']:g} ns",
        verdict=judged(ordered and complete > 0.5 * len(orders)),
        why="At small Q∥ the precessions are narrower than 35 ns can tell apart. Within a precession the "
            "resistance at one instant depends on the phase, hence the speckles of Fig. 3; the state does not.")


def edges(n: Numbers) -> Statement:
    """Where the zones end."""
    wrong = decided = 0
    far = 0.0
    for result in (n.fig_3, n.fig_3_from_the_plane):
        states, tau = result.data["state"].values, result.data["x"].values
        known = states != UNDECIDED
        wrong += int((known & (states != _expected(result))).sum())
        decided += int(known.sum())
        distance = np.abs(tau[None, :, None] - edges_over(result)[:, None]).min(axis=2)
        far = max(far, float(distance[~known].max(initial=0.0)))
    setup = n.fig_4a.setup
    upper, _, lower = thresholds(setup.magnet)
    apart = max(abs(edge_of_stability(setup, _POLE) - upper), abs(edge_of_stability(setup, _ALONG_Y) - lower))
    return Statement(
        claim="The zones end at τ∥ = −η(Q_eff − Q∥/2), −ηQ_eff and −η(Q_eff + Q∥).",
        source="worked out from the equation of motion, to first order in η",
        measured=f"{wrong} of {decided} decided cells of both diagrams lie in another zone; cells not decided "
                 f"are within {far:.1e} of an edge. The linear growth rates at the pole and along y change sign "
                 f"within {apart:.1e} of the first and the last",
        verdict=judged(wrong == 0 and apart < 1e-9),
        why="The perpendicular and the in-plane state lose their stability there; at −ηQ_eff the limit cycle "
            "crosses the separatrix between orbits about z and orbits about y. Next to an edge a state settles "
            "too slowly for 35 ns.")


def printed_threshold(n: Numbers) -> Statement:
    """τ_th = η(1 + Q∥ − Q⊥)."""
    setup, printed_q = n.fig_4a.setup, 0.75
    eta, q_par = setup.magnet.damping, setup.magnet.q_par
    pole, plane = edge_of_stability(setup, _POLE), edge_of_stability(setup, _ALONG_Y)
    letter = eta * (1 + q_par - printed_q)
    literal = with_values(setup, {"magnet.q_perp": printed_q})
    others = [edge_of_stability(literal, m) for m in (_POLE, _ALONG_X)]
    above, at_once = pole <= letter, abs(pole - letter) < 1e-4
    return Statement(
        claim="For τ∥ ≥ η(1 + Q∥ − Q⊥) the perpendicular state is stable; below that, precession sets in.",
        source="text on Fig. 3",
        measured=f"at Q∥ = {q_par:g} the formula gives {letter:.6f}. The perpendicular state is stable above "
                 f"{pole:.6f}, the in-plane state (along y) below {plane:.6f}. With the literal Q_eff = "
                 f"{printed_q - setup.magnet.n_z:g} the perpendicular state is stable above {others[0]:.6f}, the "
                 f"in-plane state (along x) below {others[1]:.6f}",
        verdict=HOLDS if above and at_once else PARTLY if above else FAILS,
        why=f"The formula is the magnitude of the in-plane edge (they differ by {abs(letter + plane):.1e}) if "
            "1 − Q⊥ is read as Q_eff, which is what led to this reading; the sign and the state that it belongs "
            "to are others than the Letter says.")


def from_the_plane(n: Numbers) -> Statement:
    """The other start."""
    one, two = (result.data["state"].values for result in (n.fig_3, n.fig_3_from_the_plane))
    both = (one != UNDECIDED) & (two != UNDECIDED)
    same = float((one == two)[both].mean())
    return Statement(
        claim="Similar results are found when the magnetization is initially in-plane (not shown).",
        source="text on Fig. 3",
        measured=f"from θ₀ = {FROM_POLE:g}° and from θ₀ = {FROM_PLANE:g}° {100 * same:.4g} % of the cells that "
                 f"are decided in both ({100 * float(both.mean()):.3g} % of all) end in the same state",
        verdict=judged(same > 0.99),
        why="For every τ∥ there is one stable state or limit cycle, up to the twofold rotations of the magnet, "
            "and all starts but the equilibria themselves lead to it. (The pictures differ where the "
            "phase of a precession counts.)")


# --- Fig. 4 -----------------------------------------------------------------------------------------------

def _ends(n: Numbers, law: str, theta: float, q_eff: float, divisor: float) -> list[int]:
    """Where the torques of Fig. 4a-c lead in one reading."""
    diagram = n.readings[law, theta].data.sel(y=n.fig_4a.setup.magnet.n_z + q_eff, method="nearest")
    return [int(diagram["state"].sel(x=tau / divisor, method="nearest")) for tau, _ in PRINTED.values()]


def _as_drawn(ends: list[int]) -> bool:
    return [STATES[end] for end in ends] == [state for _, state in PRINTED.values()]


def readings_table(n: Numbers) -> Iterator[str]:
    """Lines of Markdown: which torque of Fig. 4 falls into which zone, in each reading."""
    yield "## Readings of Fig. 4"
    yield ""
    yield (f"States after {LONG:g} ns at Q∥ = {n.fig_4a.setup.magnet.q_par:g}, from θ₀ = {FROM_POLE:g}° (first) "
           f"and from θ₀ = {FROM_PLANE:g}° (second); along z is perpendicular to the layers. "
           "The Letter shows OPP, IPP and in plane.")
    yield ""
    torques = [f"4{letter}: {tau:g}".replace("-", "−") for letter, (tau, _) in PRINTED.items()]
    yield f"| Torque law | Q_eff = Q⊥ − N_z | τ∥ | {' | '.join(torques)} | as the Letter shows |"
    yield "|---|---|---|" + "---|" * len(PRINTED) + "---|"
    for law in LAWS:
        for q_eff in (0.25, -0.25):
            for name, divisor in DIVISORS.items():
                pairs = [_ends(n, law, theta, q_eff, divisor) for theta in (FROM_POLE, FROM_PLANE)]
                cells = [" / ".join(dict.fromkeys(_SHORT[STATES[end]] for end in both))
                         for both in zip(*pairs, strict=True)]
                fits = "**yes**" if all(map(_as_drawn, pairs)) else "no"
                yield f"| {law} | {q_eff:+g} | {name} | ".replace("-", "−") + " | ".join(cells) + f" | {fits} |"


def three_paths(n: Numbers) -> Statement:
    """Fig. 4a-c."""
    fits = {(law, q_eff, name): all(_as_drawn(_ends(n, law, theta, q_eff, divisor))
                                    for theta in (FROM_POLE, FROM_PLANE))
            for law in LAWS for q_eff in (0.25, -0.25) for name, divisor in DIVISORS.items()}
    good = [f"{law} law, Q_eff = {q_eff:+g}, {name}" for (law, q_eff, name), fit in fits.items() if fit]
    printed = any(fit for (_, _, name), fit in fits.items() if name == "as printed")
    return Statement(
        claim="τ∥ = −0.0125, −0.02 and −0.0375 give OPP, IPP and an in-plane state (Q∥ = 0.2).",
        source="Fig. 4a-c",
        measured=f"of {len(fits)} readings (see the table) these give all three: {'; '.join(good) or 'none'}",
        verdict=HOLDS if printed else PARTLY if good else FAILS,
        why="The division by 2π is our reading: the Letter does not mention it, and what speaks for it is that "
            "the three torques then fall into their zones.")


def any_anisotropy(n: Numbers) -> Statement:
    """Is there a Q_eff for the torques as printed?"""
    magnet = n.fig_4a.setup.magnet
    said, printed = [], False
    for law in LAWS:
        for name, divisor in DIVISORS.items():
            fits = [q for q in Q_EFF if any(_as_drawn(_ends(n, law, theta, q, divisor)) for theta in STARTS)]
            said.append(f"{law} law, {name}: {listed(fits) if fits else 'none'}")
            printed |= bool(fits) and divisor == 1.0
    size = [-tau / magnet.damping for tau, _ in PRINTED.values()]
    return Statement(
        claim="No Q_eff puts the torques as printed into their zones; divided by 2π they fall into them.",
        source="our reading",
        measured=f"Q_eff from {Q_EFF[0]:g} to {Q_EFF[-1]:g} in steps of {Q_EFF[1] - Q_EFF[0]:g}, from θ₀ = "
                 f"{listed(STARTS, 'g')}°, where all three are as shown: {'; '.join(said)}. In closed form "
                 f"(cosine law, as printed) OPP needs {size[0]:g} < Q_eff < {size[0] + magnet.q_par / 2:g}, IPP "
                 f"{size[1] - magnet.q_par:g} < Q_eff < {size[1]:g}",
        verdict=judged(not printed and any("none" not in text for text in said)),
        why="The search is a search: a law of another form may do what these two do not.")


def no_cycle_in_the_easy_plane(n: Numbers) -> Statement:
    """The literal reading."""
    tau = n.easy_plane[FROM_POLE].data["x"].values
    pole, plane = (n.easy_plane[theta].data["state"].values[0] for theta in (FROM_POLE, FROM_PLANE))
    precessing = int(np.isin(np.concatenate([pole, plane]), (OPP, IPP)).sum())
    both = tau[(pole == PERPENDICULAR) & (plane == IN_PLANE)]
    found = f"between {both.min():.4f} and {both.max():.4f}" if both.size else "nowhere"
    return Statement(
        claim="Read literally (Q⊥ − N_z = 0.75 − 1, cosine law), there is no stable precession.",
        source="our reading",
        measured=f"{precessing} of {2 * tau.size} runs over τ∥ from {tau[0]:g} to {tau[-1]:g} end in a "
                 f"precession; {found} the start decides between the pole and the plane",
        verdict=judged(precessing == 0),
        why="In an easy plane the limit cycles are unstable: they separate the two states that are stable there.")


def _cells(n: Numbers, state: int) -> Any:
    """The simulated cells of one precession at the Q∥ of Fig. 4, along τ∥."""
    row = row_at(n.fig_4d_simulated, n.fig_4a.setup.magnet.q_par)
    return row.isel(x=(row["state"].values == state) & np.isfinite(row["frequency"].values))


def slopes(n: Numbers) -> Statement:
    """Fig. 4d."""
    found = {}
    for state in (OPP, IPP):
        cells = _cells(n, state)
        found[state] = np.diff(cells["frequency"].values) / np.diff(cells["x"].values) / 1000
    rising, falling = found[OPP], found[IPP]
    return Statement(
        claim="The frequency has a positive slope against τ∥ on OPP and a negative one on IPP.",
        source="Fig. 4d",
        measured=f"simulated df/dτ∥ on OPP {rising.min():+.2f} to {rising.max():+.2f}, on IPP "
                 f"{falling.min():+.2f} to {falling.max():+.2f} GHz per 10⁻³",
        verdict=judged(rising.min() > 0 > falling.max()),
        why="Both precessions become slower towards the separatrix at −ηQ_eff, where the period diverges "
            "logarithmically.")


def hands(n: Numbers) -> Statement:
    """Left and right."""
    opp, ipp = (_cells(n, state)["x"].values for state in (OPP, IPP))
    left = opp.max() < ipp.min()
    return Statement(
        claim="The positive slope (OPP) lies on the left hand, the negative slope (IPP) on the right hand.",
        source="text on Fig. 4d",
        measured=f"OPP at τ∥ from {opp.min():.5f} to {opp.max():.5f}, IPP from {ipp.min():.5f} to {ipp.max():.5f}",
        verdict=HOLDS if left else PARTLY if opp.min() > ipp.max() else FAILS,
        why="It is so on an axis that runs towards negative τ∥, but there the signs of the slopes would be drawn "
            "the other way round.")


def frequencies(n: Numbers) -> Statement:
    """Simulation against the closed form."""
    setup, apart = n.fig_4a.setup, []
    for state in (OPP, IPP):
        cells = _cells(n, state)
        for tau, frequency in zip(cells["x"].values, cells["frequency"].values, strict=True):
            theory = limit_cycles(setup.magnet, with_values(setup, {"drive.tau_par": float(tau)}).drive).data
            if abs(float(theory["w_now"]) / setup.magnet.q_par - 1) > 0.03:
                apart.append(abs(frequency / float(theory["frequency_now"]) - 1))
    middle, most = np.quantile(apart, (0.5, 0.9))
    return Statement(
        claim="The simulated frequencies are those of the closed form.", source="worked out for Fig. 4d",
        measured=f"{len(apart)} cells more than 3 % away from the separatrix differ by {middle:.1e} in the "
                 f"median, nine of ten by less than {most:.1e}, all by less than {max(apart):.1e}",
        verdict=judged(middle < 1e-4 + 2 * setup.magnet.damping**2 and most < 1e-3),
        why="The closed form is of first order in η; next to an edge the orbit has not settled fully when the run "
            "ends. The resistance oscillates at twice this frequency, since R goes as m_z².")


def sustained(n: Numbers) -> Statement:
    """No field, no polarizer."""
    result = n.fig_4d_simulated
    row, magnet = row_at(result, n.fig_4a.setup.magnet.q_par), n.fig_4a.setup.magnet
    upper, _, lower = thresholds(magnet)
    within = (row["x"].values > lower) & (row["x"].values < upper)
    still = int(np.isin(row["state"].values[within], (OPP, IPP)).sum())
    return Statement(
        claim="The torque excites self-sustained precessions without an external magnetic field.",
        source="closing text",
        measured=f"after {result.data.attrs['duration']:g} ns {still} of {int(within.sum())} cells between the "
                 f"outer edges at Q∥ = {magnet.q_par:g} are on a limit cycle, with no field",
        verdict=judged(still >= 0.95 * within.sum()),
        why="A limit cycle is told from a slow decay by the drift of its mean energy over whole periods. Nearest "
            "to an edge a cell may still be on its way.")


def by_the_bias(n: Numbers) -> Statement:
    """From the junction of Fig. 2 to the zones of Fig. 3."""
    magnet = n.fig_4a.setup.magnet
    torque = n.fig_2b.data["torque_par"].sel(rashba=4.0, method="nearest")
    bias = torque["bias"].values
    tau = -2 * torque.values / torque_unit(magnet.mu0_ms, magnet.thickness)
    driven = bias >= 0
    reached = [float(np.interp(-edge, -tau[driven], bias[driven], right=np.nan)) for edge in thresholds(magnet)]
    return Statement(
        claim="The steady state and the dynamics can be controlled by the bias voltage.", source="abstract",
        measured="with the torque of Fig. 2b (α_R = 4 eV·Å², cosine law of the same amplitude) on "
                 f"{magnet.thickness:g} nm of ferromagnet, τ∥ is {tau[-1]:.5f} at {bias[-1]:g} V and reaches the "
                 f"edges of OPP, IPP and in-plane (Q∥ = {magnet.q_par:g}) at {listed(reached, '.3f', 'V')}",
        verdict=judged(np.isfinite(reached).all()),
        why="Spin angular momentum is antiparallel to the magnetization, so that V > 0 makes τ∥ negative and "
            "pushes towards the plane; V < 0 holds the perpendicular state. τ∥ = −2 T∥(45°)/(µ₀M_s² d_F), without "
            "a factor 2π.")


STATEMENTS: tuple[Callable[[Numbers], Statement], ...] = (
    four_zones, edges, printed_threshold, from_the_plane, three_paths, any_anisotropy, no_cycle_in_the_easy_plane,
    slopes, hands, frequencies, sustained, by_the_bias)
