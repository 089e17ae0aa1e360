"""report.md: the Letter's statements with verdicts, the readings of Fig. 4, and each number with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from smtj_engine.figures import dynamics_statements, statements
from smtj_engine.figures.numbers import Numbers
from smtj_engine.version import __version__


def report(numbers: Numbers) -> str:
    """The whole text, in Markdown."""
    found = [state(numbers) for state in (*statements.STATEMENTS, *dynamics_statements.STATEMENTS)]
    lines = [*_introduction(numbers), "", "| | Statement | Verdict |", "|---|---|---|"]
    lines += [f"| {at} | {one.claim} | **{one.verdict}** |" for at, one in enumerate(found, 1)]
    lines += ["", *dynamics_statements.readings_table(numbers)]
    for at, one in enumerate(found, 1):
        lines += ["", f"## {at}. {one.claim}", "", f"- Where: {one.source}", f"- Measured: {one.measured}",
                  f"- Verdict: **{one.verdict}**", f"- Why: {one.why}"]
    return "\n".join(lines) + "\n"


def _introduction(numbers: Numbers) -> Iterator[str]:
    origin, magnet = numbers.fig_1.provenance, numbers.fig_3.setup.magnet
    yield "# The Letter's published statements, and what this program finds"
    yield ""
    yield (f"SMTJ {__version__}, accuracy {origin.accuracy or 'normal'}, {origin.date}. Every number below is "
           "computed by the run that wrote this file.")
    yield ""
    yield ("Figs. 1 and 2: junction Fe/MgO of the Letter's Fig. 1 (`smtj presets fe_mgo`); k_F read in "
           "1/Å, barrier mass 0.4 m₀ chosen. Torques are components along unit vectors, at θ = 45° unless said "
           "otherwise.")
    yield ""
    tilt = numbers.fig_3.setup.numerics.stability.theta0_deg
    yield ("Figs. 3 and 4: a reading of the Letter, not a fact (`smtj presets letter_fig_3`). Its Q⊥ = 0.75 "
           f"is read as Q_eff = Q⊥ − N_z = {magnet.q_perp - magnet.n_z:g}, its torques are divided by 2π, and its "
           f"perpendicular start is tilted by {tilt:g}°, because nothing moves a magnet at rest exactly at the "
           "pole. OPP and IPP are out-of-plane and in-plane precession.")
