"""How a parameter is declared once, and how parameters are found and changed by their path.

A parameter class is a frozen, keyword-only dataclass whose fields are made by `quantity` or `choice`. The
form, the tooltip, the command line, the files and the manual all read that declaration.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

_Data = TypeVar("_Data")

#: The most numbers of a list, such as the curves of one family, unless its declaration says otherwise.
MOST_CURVES = 50


class ParameterError(ValueError):
    """A refused value: which field, what was given, the range, and why in plain words."""

    def __init__(self, field: str, value: object, reason: str, low: float | None = None,
                 high: float | None = None) -> None:
        self.field, self.value, self.reason, self.low, self.high = field, value, reason, low, high
        super().__init__(f"{field} = {value!r}: {reason}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.field, self.value, self.reason, self.low, self.high)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spec:
    """The declaration of one parameter.

    unit is the unit of the number everywhere ("" for a pure number); low and high are inclusive; soft is
    the range a slider offers; optional fields take None, whose meaning is `none_means`; `most` limits a list.
    """

    name: str = ""
    label: str
    symbol: str
    unit: str = ""
    help: str = ""
    low: float | None = None
    high: float | None = None
    why: str = ""
    soft: tuple[float, float] | None = None
    log: bool = False
    optional: bool = False
    none_means: str = ""
    choices: tuple[str, ...] = ()
    integer: bool = False
    many: bool = False
    most: int = MOST_CURVES
    advanced: bool = False

    @property
    def ascii_unit(self) -> str:
        """The unit in ASCII, for files: eV·Å² becomes eV A^2."""
        return ascii_unit(self.unit)

    def check(self, value: object, path: str = "") -> Any:
        """Return the value in its own type, or raise ParameterError with the reason."""
        if (type(value) is float and self.low is not None and self.high is not None
                and self.low <= value <= self.high and not (self.integer or self.choices or self.many)):
            return value    # nearly every check of a sweep
        path = path or self.name
        if self.choices:
            if not isinstance(value, str) or value not in self.choices:
                raise ParameterError(path, value, f"must be one of {', '.join(self.choices)}")
            return value
        if self.many:
            return self._check_many(value, path)
        if value is None:
            if self.optional:
                return None
            raise ParameterError(path, value, "needs a number", self.low, self.high)
        if isinstance(value, (bool, str, bytes)):
            raise ParameterError(path, value, "must be a number", self.low, self.high)
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            raise ParameterError(path, value, "must be a number", self.low, self.high) from None
        if not math.isfinite(number):
            raise ParameterError(path, value, "must be a finite number", self.low, self.high)
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            raise ParameterError(path, value, self._range_reason(), self.low, self.high)
        if self.integer:
            if number != int(number):
                raise ParameterError(path, value, "must be a whole number", self.low, self.high)
            return int(number)
        return number

    def _check_many(self, value: object, path: str) -> tuple[float, ...]:
        """A list of numbers: each one in range, no more than a legend can hold."""
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            raise ParameterError(path, value, "must be a list of numbers", self.low, self.high)
        one = dataclasses.replace(self, many=False)
        numbers = tuple(one.check(item, path) for item in value)
        if not 1 <= len(numbers) <= self.most:
            shown = value if len(numbers) <= MOST_CURVES else len(numbers)
            raise ParameterError(path, shown, f"takes 1 to {self.most} numbers", self.low, self.high)
        return numbers

    def _range_reason(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if self.low is None:
            span = f"must be at most {self.high:g}{unit}"
        elif self.high is None:
            span = f"must be at least {self.low:g}{unit}"
        else:
            span = f"must lie between {self.low:g} and {self.high:g}{unit}"
        return f"{span} ({self.why})" if self.why else span


def ascii_unit(unit: str) -> str:
    """A unit in ASCII, as files carry it."""
    for fancy, plain in (("·", " "), ("Å", "A"), ("µ", "u"), ("Ω", "ohm"), ("²", "^2"), ("³", "^3"),
                         ("°", "deg"), ("₀", "0")):
        unit = unit.replace(fancy, plain)
    return unit


def quantity(default: float | None, label: str, unit: str = "", *, symbol: str, **spec: Any) -> Any:
    """Declare a numeric field: `rashba: float = quantity(4.0, "Rashba parameter", "eV·Å²", symbol="α_R")`."""
    spec.setdefault("optional", default is None)
    return dataclasses.field(default=default,
                             metadata={"spec": Spec(label=label, unit=unit, symbol=symbol, **spec)})


def choice(default: str, label: str, choices: tuple[str, ...], *, symbol: str, **spec: Any) -> Any:
    """Declare a field that takes one of a few words."""
    return dataclasses.field(default=default,
                             metadata={"spec": Spec(label=label, symbol=symbol, choices=choices, **spec)})


def numbers(default: tuple[float, ...], label: str, unit: str = "", *, symbol: str, **spec: Any) -> Any:
    """Declare a field that takes a list of numbers, such as the values of a family of curves."""
    return dataclasses.field(default=default,
                             metadata={"spec": Spec(label=label, unit=unit, symbol=symbol, many=True, **spec)})


def specs(owner: Any) -> Mapping[str, Spec]:
    """The declarations of a parameter class or instance, in order, by field name."""
    return _specs(owner if isinstance(owner, type) else type(owner))


@functools.cache
def _specs(owner: type) -> Mapping[str, Spec]:
    return {field.name: dataclasses.replace(field.metadata["spec"], name=field.name)
            for field in dataclasses.fields(owner) if "spec" in field.metadata}


def check_fields(instance: Any) -> None:
    """Validate and normalize every declared field; called from __post_init__ of the parameter classes."""
    for name, spec in specs(instance).items():
        value = getattr(instance, name)
        checked = spec.check(value, name)
        if checked is not value:
            object.__setattr__(instance, name, checked)


def groups(owner: Any) -> dict[str, Any]:
    """The nested parameter groups of an instance, by field name."""
    kind: type = type(owner)
    values = ((name, getattr(owner, name)) for name in _undeclared(kind))
    return {name: value for name, value in values if dataclasses.is_dataclass(value)}


@functools.cache
def _undeclared(owner: type) -> tuple[str, ...]:
    """The fields that declare no parameter: groups, if they are anything."""
    return tuple(field.name for field in dataclasses.fields(owner) if "spec" not in field.metadata)


def walk(owner: Any, prefix: str = "") -> Iterator[tuple[str, Spec, Any]]:
    """Every parameter as (path, declaration, value), groups in order: ("junction.rashba", Spec, 4.0)."""
    for name, spec in specs(owner).items():
        yield prefix + name, spec, getattr(owner, name)
    for name, group in groups(owner).items():
        yield from walk(group, f"{prefix}{name}.")


def spec_at(owner: Any, path: str) -> Spec:
    """The declaration of the parameter at a path; ParameterError if there is none."""
    group, name = _resolve(owner, path)
    return specs(group)[name]


def value_at(owner: Any, path: str) -> Any:
    """The value of the parameter at a path; ParameterError if there is none."""
    group, name = _resolve(owner, path)
    return getattr(group, name)


def with_value(owner: _Data, path: str, value: object) -> _Data:
    """A copy with one parameter changed; ParameterError (with the full path) if the value is refused."""
    return with_values(owner, {path: value})


def with_values(owner: _Data, values: Mapping[str, object]) -> _Data:
    """A copy with many parameters changed at once, so that only the final combination must be valid."""
    own: dict[str, object] = {}
    nested: dict[str, dict[str, object]] = {}
    for path, value in values.items():
        _resolve(owner, path)
        head, _, rest = path.partition(".")
        if rest:
            nested.setdefault(head, {})[rest] = value
        else:
            own[head] = value
    for head, changes in nested.items():
        if head in own:
            raise ParameterError(head, own[head], "is given twice, whole and in part")
        try:
            own[head] = with_values(getattr(owner, head), changes)
        except ParameterError as error:
            raise ParameterError(f"{head}.{error.field}", error.value, error.reason, error.low,
                                 error.high) from None
    return dataclasses.replace(owner, **own)  # type: ignore[type-var]


def differences(first: Any, second: Any) -> dict[str, tuple[Any, Any]]:
    """The paths whose values differ between two setups, with both values."""
    if type(first) is type(second):     # most groups of two setups are one object: not looked into
        return _differences(first, second, "")
    left = {path: value for path, _, value in walk(first)}
    right = {path: value for path, _, value in walk(second)}
    return {path: (left.get(path), right.get(path)) for path in {**left, **right}
            if left.get(path) != right.get(path)}


def _differences(first: Any, second: Any, prefix: str) -> dict[str, tuple[Any, Any]]:
    """The same of two instances of one class, under a prefix."""
    if first is second:
        return {}
    both = {prefix + name: (getattr(first, name), getattr(second, name)) for name in specs(first)}
    found = {path: pair for path, pair in both.items() if pair[0] != pair[1]}
    left, right = groups(first), groups(second)
    for name in left:
        found |= _differences(left[name], right[name], f"{prefix}{name}.")
    return found


def field_types(owner: Any) -> dict[str, type]:
    """The plain type of each field (float, int, str), with `| None` taken off."""
    hints = typing.get_type_hints(owner if isinstance(owner, type) else type(owner))
    plain = {}
    for name, hint in hints.items():
        if isinstance(hint, types.UnionType):
            hint = next(part for part in hint.__args__ if part is not type(None))
        plain[name] = hint
    return plain


def _resolve(owner: Any, path: str) -> tuple[Any, str]:
    """The group that holds the last name of a path."""
    group = owner
    *heads, name = path.split(".")
    for head in heads:
        if not _is_group(group, head):
            raise ParameterError(path, None, "there is no such parameter")
        group = getattr(group, head)
    if name not in specs(group) and not _is_group(group, name):
        raise ParameterError(path, None, "there is no such parameter")
    return group, name


def _is_group(owner: Any, name: str) -> bool:
    kind: type = type(owner)
    return name in _undeclared(kind) and dataclasses.is_dataclass(getattr(owner, name))
