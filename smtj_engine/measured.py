"""Measured data: a table of numbers as a file gives them, and the curve that the user says it is.

`suggest` guesses from the headings which column is what; `measurement` turns a table and that choice into numbers
in the units of this program. No file is opened here.
"""

from __future__ import annotations

import base64
import dataclasses
import re
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smtj_engine.constants import EV_UM2_IN_MJ_M2
from smtj_engine.results import SPECTRA
from smtj_engine.schema import ParameterError, ascii_unit

Array = NDArray[np.float64]

#: What can be measured, and what it can be measured against; both are names of VARIABLES.
QUANTITIES = ("tamr", "resistance", "current_density", "conductance", "torque_par", "torque_perp",
              "torque_perp_neq", "rectified", "open_circuit")
AXES = ("theta", "phi", "bias", "field", "frequency")
#: The axes that the model of transport knows, and that of resonances: curves against others can be shown, not
#: fitted.
MODEL_AXES, SPECTRUM_AXES = ("theta", "phi", "bias"), ("frequency", "field")

_ANGLES = {"deg": 1.0, "rad": 180 / np.pi}
#: Units by variable, the program's own first, in ASCII: the factor to it, and the power of the junction's area
#: (µm²) that a number of a whole device must be multiplied by.
UNITS: dict[str, dict[str, tuple[float, int]]] = {
    "theta": {unit: (factor, 0) for unit, factor in _ANGLES.items()},
    "phi": {unit: (factor, 0) for unit, factor in _ANGLES.items()},
    "bias": {"V": (1.0, 0), "mV": (1e-3, 0)},
    "field": {"T": (1.0, 0), "mT": (1e-3, 0), "Oe": (1e-4, 0), "kA/m": (4e-4 * np.pi, 0)},
    "frequency": {"GHz": (1.0, 0), "MHz": (1e-3, 0), "Hz": (1e-9, 0)},
    "tamr": {"1": (1.0, 0), "%": (1e-2, 0), "arb": (1.0, 0)},
    "resistance": {"ohm um^2": (1.0, 0), "kohm um^2": (1e3, 0), "ohm": (1.0, 1), "kohm": (1e3, 1),
                   "Mohm": (1e6, 1), "arb": (1.0, 0)},
    "current_density": {"A/um^2": (1.0, 0), "mA/um^2": (1e-3, 0), "uA/um^2": (1e-6, 0), "A/cm^2": (1e-8, 0),
                        "MA/cm^2": (1e-2, 0), "A": (1.0, -1), "mA": (1e-3, -1), "uA": (1e-6, -1),
                        "nA": (1e-9, -1), "arb": (1.0, 0)},
    "conductance": {"S/um^2": (1.0, 0), "mS/um^2": (1e-3, 0), "S": (1.0, -1), "mS": (1e-3, -1),
                    "uS": (1e-6, -1), "arb": (1.0, 0)},
    "rectified": {"A/um^2": (1.0, 0), "mA/um^2": (1e-3, 0), "uA/um^2": (1e-6, 0), "nA/um^2": (1e-9, 0),
                  "uA": (1e-6, -1), "nA": (1e-9, -1), "pA": (1e-12, -1), "arb": (1.0, 0)},
    "open_circuit": {"V": (1.0, 0), "mV": (1e-3, 0), "uV": (1e-6, 0), "nV": (1e-9, 0), "arb": (1.0, 0)},
} | {name: {"eV/um^2": (1.0, 0), "mJ/m^2": (1 / EV_UM2_IN_MJ_M2, 0), "uJ/m^2": (1e-3 / EV_UM2_IN_MJ_M2, 0),
            "arb": (1.0, 0)} for name in ("torque_par", "torque_perp", "torque_perp_neq")}
#: Packed numbers that unpack to more bytes than this are refused.
_MOST_BYTES = 1 << 26
#: In these units the scale of the curve is free.
ARBITRARY = "arb"

#: Headings, in lower case and without blanks, by variable; the first that fits is taken.
_HEADINGS: tuple[tuple[str, str], ...] = (
    ("rectified", r"(([dδ∆]?i_?dc)|i_?rect|rectified(current)?)"),
    ("open_circuit", r"(([dδ∆]?v_?dc)|v_?(mix|rect|oc)|(mixing|rectified|diode)voltage)"),
    ("sigma", r"(sigma|σ|err(or)?|std|stdev|uncertainty|[dδ∆±].*|.*_?(err(or)?|sigma|std))"),
    ("theta", r"(theta|θ|polar(angle)?|angle|ang)(_?deg)?"),
    ("phi", r"(phi|φ|azimuth|in-?planeangle)(_?deg)?"),
    ("bias", r"(v|u|bias|voltage|biasvoltage|v_?b(ias)?|u_?b(ias)?)"),
    ("field", r"(b|h|field|b_?ext|h_?ext|(mu|µ)_?0h|magneticfield)"),
    ("frequency", r"(f|freq|frequency)"),
    ("tamr", r"(tamr|mr|amr|[dδ∆]r/r)"),
    ("resistance", r"(r|ra|res|resistance|resistanceareaproduct)"),
    ("current_density", r"(i|j|current|currentdensity)"),
    ("conductance", r"(g|di/dv|conductance|differentialconductance)"),
    ("torque_perp_neq", r"(t_?perp\(v\)-t_?perp\(0\)|torque_?perp_?neq|[dδ∆]t_?perp)"),
    ("torque_par", r"(t_?par|t∥|torque_?par)"),
    ("torque_perp", r"(t_?perp|t⊥|torque_?perp)"),
)


@dataclasses.dataclass(frozen=True)
class Table:
    """Columns of a file: values has the shape (rows, columns), NaN where a cell holds no number.

    names and units are as the file writes them ("" where it does not); remarks are its comment lines; skipped
    counts the lines that were left out because they are no rows of numbers.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    values: Array
    remarks: tuple[str, ...] = ()
    skipped: int = 0
    source: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choice:
    """Which columns of a table make up the curve, and in which units they are.

    axes: variable to (column, unit); area is that of the junction (µm²), for numbers of a whole device; theta_deg
    and phi_deg hold where the direction of M is no column, bias (V) where V is none (None: that of the setup);
    reference_deg is the angle that a TAMR refers to. Of a resonance θ and φ are the direction of the field;
    frequency (GHz) and field (T; None: that of the setup) hold where they are no column.
    """

    quantity: str = "tamr"
    column: int = 1
    unit: str = "1"
    axes: Mapping[str, tuple[int, str]] = dataclasses.field(default_factory=lambda: {"theta": (0, "deg")})
    sigma: int | None = None
    area: float = 1.0
    theta_deg: float = 90.0
    phi_deg: float = 0.0
    reference_deg: float = 0.0
    bias: float | None = None
    frequency: float | None = None
    field: float | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Measurement:
    """A measured curve in the program's units.

    values: (n,) in the unit of VARIABLES[quantity]; axes: arrays (n,) by variable (deg, V, T, GHz); sigma: (n,)
    standard deviations or None; arbitrary: the scale of the values means nothing. Raises ParameterError for
    what is no curve.
    """

    quantity: str
    values: Array
    axes: Mapping[str, Array]
    sigma: Array | None = None
    theta_deg: float = 90.0
    phi_deg: float = 0.0
    reference_deg: float = 0.0
    bias: float | None = None
    frequency: float | None = None
    field: float | None = None
    arbitrary: bool = False
    name: str = "data"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise ParameterError("quantity", self.quantity, f"must be one of {', '.join(QUANTITIES)}")
        if not self.axes or any(axis not in AXES for axis in self.axes):
            raise ParameterError("axes", tuple(self.axes), f"must be one or more of {', '.join(AXES)}")
        for name, array in self.arrays().items():
            if array.shape != self.values.shape or array.ndim != 1:
                raise ParameterError(name, array.shape, "must have one number for each value")
            if not np.all(np.isfinite(array)):
                raise ParameterError(name, "nan", "must be finite")
        if self.values.size < 2:
            raise ParameterError("values", self.values.size, "a curve needs at least two points")
        if self.sigma is not None and np.any(self.sigma <= 0):
            raise ParameterError("sigma", float(self.sigma.min()), "uncertainties must be positive")

    def arrays(self) -> dict[str, Array]:
        """Everything that has one number per point."""
        return {"values": self.values, **self.axes, **({} if self.sigma is None else {"sigma": self.sigma})}

    @property
    def against(self) -> str:
        """The axis that the curve is drawn against: the one that takes the most values."""
        return max(self.axes, key=lambda axis: np.unique(self.axes[axis]).size)

    @property
    def strange_axes(self) -> tuple[str, ...]:
        """Axes that the model of this quantity does not know."""
        return tuple(axis for axis in self.axes if axis not in model_axes(self.quantity))

    def along(self, axis: str, default: float) -> Array:
        """The numbers of an axis, or the same one for every point."""
        return self.axes[axis] if axis in self.axes else np.full(self.values.shape, default)


def model_axes(quantity: str) -> tuple[str, ...]:
    """What the model of a quantity can be taken against."""
    return SPECTRUM_AXES if quantity in SPECTRA else MODEL_AXES


def to_plain(measurement: Measurement) -> dict[str, Any]:
    """A measurement as values that JSON knows; its arrays are packed, bit for bit."""
    fields = {field.name: getattr(measurement, field.name) for field in dataclasses.fields(measurement)}
    fields["values"] = _pack(measurement.values)
    fields["axes"] = {axis: _pack(array) for axis, array in measurement.axes.items()}
    fields["sigma"] = None if measurement.sigma is None else _pack(measurement.sigma)
    return {**fields, "notes": list(measurement.notes)}


def from_plain(plain: Mapping[str, Any]) -> Measurement:
    """What `to_plain` gave; ValueError (a ParameterError too), KeyError or TypeError for anything else."""
    known = {field.name: field.type for field in dataclasses.fields(Measurement)}
    fields = {name: _read(str(known[name]), value) for name, value in plain.items() if name in known}
    return Measurement(**fields)


def _read(kind: str, value: Any) -> Any:
    """A field of a measurement, as its annotation says it is."""
    if value is None and "None" in kind:
        return None
    if kind.startswith("Mapping"):
        return {str(axis): _unpack(text) for axis, text in value.items()}
    if kind.startswith("tuple"):
        return tuple(str(item) for item in value)
    if kind.startswith("Array"):
        return _unpack(value)
    return {"float": float, "bool": bool, "str": str}[kind.partition(" ")[0]](value)


def _pack(array: Array) -> str:
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array, "<f8").tobytes())).decode()


def _unpack(text: str) -> Array:
    try:
        packed = zlib.decompressobj()
        content = packed.decompress(base64.b64decode(text, validate=True), _MOST_BYTES)
    except zlib.error as error:
        raise ValueError(f"packed numbers are damaged: {error}") from None
    if packed.unconsumed_tail or len(content) % 8:
        raise ValueError("packed numbers are damaged or too many")
    return np.frombuffer(content, "<f8").astype(np.float64)


def suggest(table: Table) -> Choice:
    """What the columns are, as far as headings, units and remarks tell; the user has the last word."""
    found: dict[str, int] = {}
    for column, name in enumerate(table.names):
        variable = _variable(name)
        if variable and variable not in found:
            found[variable] = column
    quantity = next((name for name in QUANTITIES if name in found), "")
    axes = {name: found[name] for name in AXES if name in found}
    free = [column for column in range(table.values.shape[1]) if column not in found.values()]
    if not axes:
        axes = {"theta": free.pop(0) if free else 0}
    if not quantity:
        column = free.pop(0) if free else table.values.shape[1] - 1
        quantity = "current_density" if "bias" in axes else "tamr"
    else:
        column = found[quantity]
    told = _told(table.remarks)
    return Choice(
        quantity=quantity, column=column, unit=_unit(quantity, table.units[column]), sigma=found.get("sigma"),
        axes={axis: (at, _unit(axis, table.units[at])) for axis, at in axes.items()},
        **{key: told[word] for word, key in _TOLD.items() if word in told})


#: What a remark such as `theta = 45 deg` may tell, and the field of a choice that it fills.
_TOLD = {"theta": "theta_deg", "phi": "phi_deg", "area": "area", "reference": "reference_deg", "v": "bias",
         "f": "frequency", "b": "field"}


def _told(remarks: tuple[str, ...]) -> dict[str, float]:
    """Numbers that comment lines give by name, such as `theta = 45 deg`."""
    said: dict[str, float] = {}
    for remark in remarks:
        for name, number in re.findall(r"\b(\w+)\s*[=:]\s*([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)", remark):
            said.setdefault(name.lower(), float(number))
    return said


def _variable(heading: str) -> str:
    """The variable that a heading names, "sigma" for an uncertainty, "" if unknown."""
    bare = re.sub(r"\s+", "", heading).lower()
    return next((name for name, pattern in _HEADINGS if re.fullmatch(pattern, bare)), "")


def _unit(variable: str, written: str) -> str:
    """The known unit that is meant, or the variable's own."""
    plain = ascii_unit(written.strip().replace("μ", "µ")).replace("Ohm", "ohm").replace("*", " ")
    plain = {"a.u.": ARBITRARY, "arb.": ARBITRARY, "arb. u.": ARBITRARY, "degree": "deg", "degrees": "deg"}.get(
        plain, plain)
    known = UNITS[variable]
    return plain if plain in known else next(iter(known))


def measurement(table: Table, choice: Choice, name: str = "") -> Measurement:
    """The curve in the program's units; rows with a missing number are left out and noted.

    Raises ParameterError when the choice does not fit the table.
    """
    if not choice.area > 0:
        raise ParameterError("area", choice.area, "the junction's area must be positive")
    values = _column(table, choice.column, choice.quantity, choice.unit, choice.area)
    axes = {axis: _column(table, column, axis, unit, 1.0) for axis, (column, unit) in choice.axes.items()}
    sigma = None
    if choice.sigma is not None:
        sigma = _column(table, choice.sigma, choice.quantity, choice.unit, choice.area)
    columns = [values, *axes.values(), *([] if sigma is None else [sigma])]
    there = np.all(np.isfinite(columns), axis=0)
    notes = []
    if not there.all():
        notes.append(f"{int((~there).sum())} rows without a number in a chosen column are left out.")
    if table.skipped:
        notes.append(f"{table.skipped} lines that are no rows of numbers are left out.")
    return Measurement(
        quantity=choice.quantity, values=values[there], axes={axis: array[there] for axis, array in axes.items()},
        sigma=None if sigma is None else sigma[there], theta_deg=choice.theta_deg, phi_deg=choice.phi_deg,
        reference_deg=choice.reference_deg, bias=None if "bias" in axes else choice.bias,
        frequency=None if "frequency" in axes else choice.frequency,
        field=None if "field" in axes else choice.field,
        arbitrary=choice.unit == ARBITRARY, name=name or table.source or "data", notes=tuple(notes))


def _column(table: Table, column: int, variable: str, unit: str, area: float) -> Array:
    """One column in the program's unit."""
    if variable not in UNITS:
        raise ParameterError("quantity", variable, f"must be one of {', '.join(UNITS)}")
    if unit not in UNITS[variable]:
        raise ParameterError("unit", unit, f"{variable} can be in {', '.join(UNITS[variable])}")
    if not 0 <= column < table.values.shape[1]:
        raise ParameterError("column", column, f"the table has {table.values.shape[1]} columns")
    factor, power = UNITS[variable][unit]
    scaled: Array = table.values[:, column] * (factor * area**power)
    return scaled

