"""What a public function is called with, checked at its door: a refusal names the argument."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smtj_engine.schema import ParameterError

Array = NDArray[np.float64]


def is_number(value: Any) -> bool:
    """Whether a value is one finite real number."""
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        return False
    return array.ndim == 0 and array.dtype.kind in "iuf" and bool(np.isfinite(array))


def real_numbers(name: str, value: object) -> Array:
    """Finite real numbers, shape () or (n,) with n > 0; ParameterError for anything that only looks like them."""
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and not any(item is None or isinstance(item, (str, bytes, bool))
                                               for item in array.flat):
            array = array.astype(float)     # decimals, fractions and whole numbers of any length
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(name, value, "must be numbers") from None
    if array.dtype.kind not in "iuf" or np.ma.is_masked(value):
        raise ParameterError(name, value, "must be numbers")
    if array.size == 0:
        raise ParameterError(name, value, "needs at least one value")
    if array.ndim > 1:
        raise ParameterError(name, value, "must be a number or a list of numbers")
    if not np.all(np.isfinite(array)):
        raise ParameterError(name, value, "must be finite")
    return array.astype(np.float64)


def real_number(name: str, value: object) -> float:
    """One finite real number, or ParameterError."""
    array = real_numbers(name, value)
    if array.ndim:
        raise ParameterError(name, value, "must be a single number")
    return float(array)


def path_and_numbers(name: str, value: object) -> tuple[str, Array]:
    """A parameter's path and the values (n,) that it takes, as of a family or an axis."""
    if isinstance(value, (tuple, list)) and len(value) == 2 and isinstance(value[0], str):
        return value[0], np.atleast_1d(real_numbers(name, value[1]))
    raise ParameterError(name, value, "must be a path and a list of numbers, such as "
                         "(\"junction.rashba\", [1, 2, 3])")


def check_word(name: str, value: object, known: Iterable[str]) -> None:
    """Refuse what is none of a few words."""
    known = tuple(known)
    if not isinstance(value, str) or value not in known:
        raise ParameterError(name, value, f"must be one of {', '.join(known)}")


def check_whole(name: str, value: Any, low: int | None = None, high: int | None = None) -> None:
    """Refuse what is no whole number, or out of range."""
    if is_number(value) and value == int(value) and (low is None or value >= low) and (
            high is None or value <= high):
        return
    least = "" if low is None else f", at least {low}"
    raise ParameterError(name, value, f"must be a whole number{least}", low, high)


def check_kinds(**given: tuple[object, type]) -> None:
    """Refuse an argument that is not of its class: check_kinds(magnet=(magnet, Magnet))."""
    for name, (value, kind) in given.items():
        if not isinstance(value, kind):
            raise ParameterError(name, value, f"must be a {kind.__name__}")
