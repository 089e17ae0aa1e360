"""Units that people type behind a number, beside the one that a parameter is declared in."""

from __future__ import annotations

from smtj_engine.schema import Spec

#: For a declared unit others that may stand in its place, and how many of the declared one each is.
_OTHERS = {
    "V": {"mV": 1e-3, "µV": 1e-6, "uV": 1e-6},
    "eV": {"meV": 1e-3},
    "nm": {"Å": 0.1, "A": 0.1, "pm": 1e-3, "µm": 1e3, "um": 1e3},
    "1/Å": {"1/nm": 0.1},
    "T": {"mT": 1e-3},
    "K": {"mK": 1e-3},
    "ns": {"ps": 1e-3, "µs": 1e3, "us": 1e3},
    "GHz": {"MHz": 1e-3},
}


def without_unit(text: str, spec: Spec) -> tuple[str, float]:
    """A text without the unit at its end, and how many of the declared unit that is: "300", 1e-3 of "300 mV"."""
    text = text.strip().replace("μ", "µ")   # two signs that look the same
    for unit in filter(None, (spec.unit, spec.ascii_unit)):
        for other, factor in {**_OTHERS.get(unit, {}), unit: 1.0}.items():
            bare = text.removesuffix(other)
            if bare != text and not bare[-1:].isalpha():
                return bare.rstrip(), factor
    return text, 1.0


def times(value: float, factor: float) -> float:
    """A number in the declared unit: 300 mV is 0.3 V, not one digit more."""
    return value if factor == 1.0 else float(f"{value * factor:.15g}")
