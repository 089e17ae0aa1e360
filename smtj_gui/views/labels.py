"""How quantities are written on screen: pretty units, subscripts, numbers, SI prefixes; no Qt."""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from typing import TYPE_CHECKING

import numpy as np

from smtj_engine.parameters import Junction
from smtj_engine.results import VARIABLES
from smtj_engine.schema import specs

if TYPE_CHECKING:
    import xarray as xr

_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: Units that take an SI prefix in front; an angle, a per cent or eV·Å² does not.
_TAKES_PREFIX = re.compile(r"^(A|S|eV|Ω|V)(/|·µm|$)")

#: What counts as zero on screen: TAMR in %, and T⊥, whose size hardly depends on the barrier. T∥ and the current
#: fall with the thickness without end, so that no number is too small for them.
_FLOORS = {"tamr": 1e-8, "torque_perp": 1e-7}


@dataclasses.dataclass(frozen=True)
class Shown:
    """How a variable is shown: symbol, pretty unit, long name, and the factor from the stored number."""

    symbol: str
    unit: str
    name: str
    factor: float = 1.0
    floor: float = 1e-290   # smaller numbers on screen are rounding and shown as 0

    @property
    def html(self) -> str:
        """The symbol as rich text."""
        return html(self.symbol)

    def text(self, value: float, digits: int = 4) -> str:
        """A number on screen with its unit: "0.4240 %", "2.623 mS/µm²"."""
        if not math.isfinite(value):
            return "–"
        if abs(value) < self.floor:
            value = 0.0
        scale, unit = axis_scale(abs(value), self.unit) if _TAKES_PREFIX.match(self.unit) else (1.0, self.unit)
        return with_unit(number(value * scale, digits), unit)


def pretty_unit(unit: str) -> str:
    """An ASCII unit of a file as people write it: "eV/um^2" becomes "eV/µm²"."""
    if unit in ("1", ""):
        return ""
    unit = re.sub(r"\bA\^", "Å^", unit).replace("1/A", "1/Å")
    unit = re.sub(r"\bum\b", "µm", unit)
    unit = re.sub(r"\bohm\b", "Ω", unit)
    unit = re.sub(r"\bdeg\b", "°", unit)
    unit = re.sub(r"\^(-?\d+)", lambda found: found[1].translate(_SUPERSCRIPT), unit)
    return unit.replace("m0", "m₀").replace(" ", "·")


def shown(name: str, data: xr.Dataset | None = None) -> Shown:
    """How a variable or coordinate is shown; the data's own attributes say it for names we do not know."""
    if (known := _known(name)) is not None:
        return known
    attrs = dict(data[name].attrs) if data is not None and name in data.variables else {}
    return Shown(str(attrs.get("symbol", name)), pretty_unit(str(attrs.get("units", ""))),
                 str(attrs.get("long_name", name)))


@functools.cache
def _known(name: str) -> Shown | None:
    """Variables of results and parameters of the junction."""
    if name in VARIABLES:
        symbol, long_name, units = VARIABLES[name]
        unit, factor = ("%", 100.0) if name in ("tamr", "magnetoresistance") else (pretty_unit(units), 1.0)
        return Shown(symbol, unit, long_name, factor, _FLOORS.get(name, 1e-290))
    if name in (declared := specs(Junction)):
        spec = declared[name]
        return Shown(spec.symbol, spec.unit, spec.label)
    return None


def html(symbol: str) -> str:
    """A symbol with its subscript as rich text: "K_i" becomes "K<sub>i</sub>"."""
    return re.sub(r"_(\w+)", r"<sub>\1</sub>", symbol)


def with_unit(text: str, unit: str) -> str:
    """A number and its unit, with a narrow no-break space between (none before a degree sign)."""
    return f"{text}{unit}" if unit == "°" else f"{text}\u00a0{unit}" if unit else text


def number(value: float, digits: int = 4) -> str:
    """A number with that many significant digits, without an exponent where it can be avoided."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    if -4 <= power < 7:
        text = f"{value:.{max(0, digits - 1 - power)}f}"
        return text.replace("-", "−")
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPT)}".replace("-", "−")


def digits_for(values: np.ndarray, least: int = 4) -> int:
    """How many digits tell the values of a curve apart: more than `least` where it hardly varies."""
    low, high = span(values)
    largest = max(abs(low), abs(high))
    if not math.isfinite(largest) or high - low <= 1e-6 * largest:
        return least
    return max(least, math.ceil(math.log10(largest / (high - low))) + 3)


def short(value: float) -> str:
    """A parameter's value as typed: 4, 0.25, −1.5."""
    return f"{value:.6g}".replace("-", "−")


def axis_scale(largest: float, unit: str) -> tuple[float, str]:
    """Factor and unit for the ticks of an axis that reaches to `largest`, so that ticks stay short.

    Numbers between 0.01 and 100,000 keep the plain unit; beyond, units that take an SI prefix get one and the
    others a power of ten: (1e3, "mA/µm²"), (1e6, "10⁻⁶ %").
    """
    if not math.isfinite(largest) or largest <= 0 or 1e-2 <= largest < 1e5:
        return 1.0, unit
    power = 3 * math.floor(math.log10(largest) / 3)
    if power in _PREFIXES and _TAKES_PREFIX.match(unit):
        return 10.0 ** -power, _PREFIXES[power] + unit
    factor = f"10{str(power).translate(_SUPERSCRIPT)}"
    return 10.0 ** -power, f"{factor} {unit}".strip()


def axis_label(symbol: str, unit: str) -> str:
    """The rich text of an axis label: "T∥ (eV/µm²)"."""
    return f"{html(symbol)} ({html(unit)})" if unit else html(symbol)


#: Headings that are shorter than the long name.
_TITLES = {"tamr": "TAMR", "torque_perp_neq": "Non-equilibrium part of T⊥", "bias": "Bias",
           "torque_par_p": "In-plane torque about p, along M×(p×M)",
           "torque_perp_p": "Perpendicular torque about p, along p×M",
           "spin_par": "Spin density along M×(z×M)", "spin_perp": "Spin density along z×M",
           "spin_along": "Spin density along −M: n↑ − n↓",
           "torque_density_par": "In-plane torque density J m×M",
           "torque_density_perp": "Perpendicular torque density J m×M",
           "running_par": "In-plane torque down to z", "running_perp": "Perpendicular torque down to z"}


def title(variable: str) -> str:
    """A variable as a heading."""
    name = _TITLES.get(variable) or shown(variable).name
    return name[:1].upper() + name[1:]


def span(values: np.ndarray) -> tuple[float, float]:
    """Smallest and largest finite value, (nan, nan) where there is none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
