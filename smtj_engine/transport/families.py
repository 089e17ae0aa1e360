"""Families of junctions that differ in one parameter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from smtj_engine.arguments import check_kinds, path_and_numbers
from smtj_engine.parameters import Junction
from smtj_engine.schema import ParameterError, with_value

Array = NDArray[np.float64]
#: Path of a parameter of the junction, and its values.
Family = tuple[str, Sequence[float]]


def members_of(junction: Junction, family: Family | None) -> NDArray[np.object_]:
    """The members of a family as an array of junctions: shape () without one, else (values,)."""
    check_kinds(junction=(junction, Junction))
    if family is None:
        return np.array(junction, dtype=object)
    path, values = path_and_numbers("family", family)
    if not path.startswith("junction."):
        raise ParameterError("family", path, "must name a parameter of the junction, such as junction.rashba")
    return np.array([changed(junction, path, value) for value in values], dtype=object)


def dims_of(family: Family | None) -> dict[str, Array]:
    """The family's coordinate, named by the last part of its path."""
    if family is None:
        return {}
    path, values = path_and_numbers("family", family)
    return {path.rpartition(".")[2]: values}


def changed(junction: Junction, path: str, value: object) -> Junction:
    """A junction with one parameter changed; ParameterError carries the path as the user wrote it."""
    try:
        return with_value(junction, path.removeprefix("junction."), value)
    except ParameterError as error:
        raise ParameterError(f"junction.{error.field}", error.value, error.reason, error.low, error.high) from None
