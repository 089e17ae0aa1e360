"""The sets of colours that curves and runs take in turn, each for a light and for a dark ground."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Set:
    """Colours of curves on a light and on a dark ground, in order, and those of runs, which stand on both."""

    title: str
    light: tuple[str, ...]
    dark: tuple[str, ...]
    runs: tuple[str, ...]


def on_white(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The colours on a light ground of the set to which a theme's colours of curves belong."""
    return next(each.light for each in SETS.values() if lines in (each.light, each.dark))


#: The sets by the name under which the settings keep them; the first is the default.
SETS = {
    "okabe-ito": Set(
        "Okabe and Ito",
        ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"),
        ("#56B4E9", "#E69F00", "#2BC295", "#CC79A7", "#F0E442", "#FF7F32", "#FFFFFF"),
        ("#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7", "#0072B2")),
    "tol": Set(  # personal.sron.nl/~pault: "bright" on white, "light" on dark
        "Paul Tol",
        ("#4477AA", "#EE6677", "#228833", "#AA3377", "#CCBB44", "#66CCEE", "#000000"),
        ("#99DDFF", "#EE8866", "#BBCC33", "#FFAABB", "#EEDD88", "#44BB99", "#FFFFFF"),
        ("#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#4477AA")),
    "tab10": Set(
        "Matplotlib's",
        ("#1F77B4", "#FF7F0E", "#2CA02C", "#D62728", "#9467BD", "#8C564B", "#000000"),
        ("#5AA2D6", "#FF7F0E", "#55C055", "#F06A6B", "#B89BD6", "#C49C94", "#FFFFFF"),
        ("#FF7F0E", "#2CA02C", "#D62728", "#9467BD", "#8C564B", "#1F77B4")),
}

#: What the colours of runs are called.
NAMES = {
    "#E69F00": "Orange", "#009E73": "Green", "#56B4E9": "Light blue", "#D55E00": "Vermilion", "#CC79A7": "Pink",
    "#0072B2": "Blue", "#EE6677": "Red", "#228833": "Green", "#CCBB44": "Yellow", "#66CCEE": "Light blue",
    "#AA3377": "Purple", "#4477AA": "Blue", "#FF7F0E": "Orange", "#2CA02C": "Green", "#D62728": "Red",
    "#9467BD": "Purple", "#8C564B": "Brown", "#1F77B4": "Blue"}
