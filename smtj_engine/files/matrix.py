"""The other layout of CSV files for maps: below the '#' lines one matrix for each quantity.

    T_par (eV/um^2): y \\ x, x1, x2, …
    y1, value, value, …

with an empty line between them. Everything else of a file, its header too, is that of csv.py.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

#: What the header says of such a file.
LAYOUT = "matrix"


def is_map(sizes: Mapping[str, int]) -> bool:
    """Whether a table along these dimensions can be written so: there are two of them."""
    return len(sizes) == 2


def lines(data: xr.Dataset, sizes: Mapping[str, int], blocks: Mapping[str, Iterable[str]],
          titles: Mapping[str, str], decimal: str) -> Iterator[list[str]]:
    """The rows of all matrices. blocks: the cells of each, by its heading, the second dimension fastest; titles:
    the headings of the dimensions."""
    (down, _), (across, wide) = sizes.items()
    rows = [cell.replace(".", decimal) for cell in _axis(data, down)]
    top = [cell.replace(".", decimal) for cell in _axis(data, across)]
    for heading, block in blocks.items():
        values = list(block)
        yield [f"{heading}: {titles[down]} \\ {titles[across]}", *top]
        for at, row in enumerate(rows):
            yield [row, *values[at * wide:(at + 1) * wide]]
        yield []


def _axis(data: xr.Dataset, dim: str) -> list[str]:
    """The places along a dimension; they are counted where it has no numbers."""
    values = data[dim].values if dim in data.coords else np.arange(data.sizes[dim])
    return [repr(value) for value in values.tolist()]


def cells(text: list[str], head: Mapping[str, Any]) -> dict[str, list[str]]:
    """The cells under each heading, in the order of a long table; ValueError when some are missing."""
    (high, wide), headings = head["sizes"].values(), list(head["columns"])
    body = [line for line in text if line]
    if len(body) != len(headings) * (high + 1):
        raise ValueError(f"there are {len(body)} lines instead of {len(headings) * (high + 1)}")
    found = {}
    for at, heading in enumerate(headings):
        block = body[at * (high + 1):(at + 1) * (high + 1)]
        rows = list(csv.reader(block[1:], delimiter=_separator(block[0], wide)))
        short = next((row for row, one in enumerate(rows, 1) if len(one) != wide + 1), None)
        if short:
            raise ValueError(f"row {short} of {heading} has {len(rows[short - 1])} cells instead of {wide + 1}")
        found[heading] = [cell for row in rows for cell in row[1:]]
    return found


def _separator(line: str, wide: int) -> str:
    """What stands between the cells of a header row."""
    for sep in ("\t", ";", ","):
        if len(next(csv.reader([line], delimiter=sep))) == wide + 1:
            return sep
    raise ValueError("a header row has the wrong number of cells")
