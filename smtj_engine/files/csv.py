"""Results as CSV: '#' lines that say everything, one header row such as `T_par (eV/um^2)`, full precision.

Without their '#', the comment lines after the first are one TOML document: provenance, values that do not
vary, the columns, and the setup with the unit of each parameter. Hence `read` gives back the same result.
Families and maps are a long table: one row per point, the last dimension fastest; components stand side by side.
Maps may also be written as matrices (matrix.py).
"""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from smtj_engine.files import matrix, setups
from smtj_engine.files.disk import read_text, write_text
from smtj_engine.files.errors import FileError
from smtj_engine.files.results import plain, provenance_attributes, provenance_of
from smtj_engine.results import FORMAT, Result
from smtj_engine.version import __version__

SEPARATORS = (",", ";", "\t")
DECIMALS = (".", ",")
Array = np.ndarray[Any, Any]
_SETUP_LINE = "[setup]"
#: What the header says of a column beside the variable's own attributes.
_DESCRIPTION = ("name", "dims", "coordinate", "dtype", "value", "spread")
_PLAIN_SYMBOLS = str.maketrans({
    "∥": "_par", "⊥": "_perp", "α": "alpha", "β": "beta", "θ": "theta", "φ": "phi", "τ": "tau", "Ω": "Omega",
    "ω": "omega", "µ": "mu", "η": "eta", "−": "-", "²": "^2", "₀": "0", "↑": "_up", "↓": "_down"})


def write(result: Result, path: str | Path, sep: str = ",", decimal: str = ".", as_matrix: bool = False) -> Path:
    """Write a CSV file, whole or not at all; FileError when that fails, or when as_matrix is wanted of no map."""
    if as_matrix and not is_map(result):
        raise FileError(path, "only numbers over a plane can be written as matrices")
    return write_text(path, to_text(result, sep, decimal, as_matrix))


def is_map(result: Result) -> bool:
    """Whether the numbers lie over two dimensions, so that they can be written as matrices."""
    return matrix.is_map(_rows(result.data))


def to_text(result: Result, sep: str = ",", decimal: str = ".", as_matrix: bool = False) -> str:
    """The CSV text of a result, separated by ',' ';' or a tab; its table (not its '#' lines, which are TOML) with
    this decimal sign. as_matrix: one matrix for each quantity instead of one row for each point."""
    if sep not in SEPARATORS or decimal not in DECIMALS or sep == decimal:
        raise ValueError(f"the separator must be one of {SEPARATORS}, the decimal sign another one of {DECIMALS}")
    columns, sizes = _columns(result.data), _rows(result.data)
    if as_matrix and not matrix.is_map(sizes):
        raise ValueError("only numbers over a plane can be written as matrices")
    if as_matrix:
        columns = {heading: column for heading, column in columns.items() if set(sizes) <= set(column.values.dims)}
    stream = io.StringIO()
    stream.write(f"# SMTJ {__version__}\n")
    header = _header(result, columns, decimal, matrix.LAYOUT if as_matrix else "")
    stream.writelines(f"# {line}".rstrip() + "\n" for line in header.split("\n"))
    rows = csv.writer(stream, delimiter=sep, lineterminator="\n")
    if as_matrix:
        blocks = {heading: _cells(result.data, column, decimal) for heading, column in columns.items()}
        titles = {dim: label(result.data, dim) if dim in result.data.coords else dim for dim in sizes}
        rows.writerows(matrix.lines(result.data, sizes, blocks, titles, decimal))
        return stream.getvalue()
    rows.writerow(columns)
    rows.writerows(zip(*(_cells(result.data, column, decimal) for column in columns.values()), strict=True))
    return stream.getvalue()


def read(path: str | Path) -> Result:
    """Read a CSV file of this program; FileError naming file and reason when it is not one or damaged."""
    return from_text(read_text(path), path)


def from_text(text: str, source: str | Path = "CSV text") -> Result:
    """The result whose CSV text this is, with the same numbers."""
    lines = [line.rstrip("\r") for line in text.split("\n")]  # splitlines would also cut at odd characters
    first = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    if not lines or not lines[0].startswith("# SMTJ "):
        raise FileError(source, "this is not a CSV file of SMTJ: its first line does not say so")
    if not text.endswith("\n"):
        raise FileError(source, "the file is damaged: its last line is cut off")
    head = setups.parse("\n".join(line[1:] for line in lines[1:first]), source)
    setups.check_format(head.get("format"), FORMAT, source, "a CSV file of SMTJ")
    try:
        as_matrix = head.get("layout") == matrix.LAYOUT
        table = matrix.cells(lines[first:], head) if as_matrix else _table(lines[first:], head["columns"], source)
        data = _dataset(head, table)
        setup, kind = head["setup"], head["kind"]
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise FileError(source, f"the file is damaged: {error}") from None
    return Result(kind=str(kind), setup=setups.from_table(setup, source), data=data,
                  provenance=provenance_of(head, source))


def label(data: xr.Dataset, name: str, suffix: str = "") -> str:
    """A column's heading in ASCII: symbol and unit, such as `T_par (eV/um^2)` or `m_x (1)`."""
    attributes = data[name].attrs
    symbol = str(attributes.get("symbol") or name).translate(_PLAIN_SYMBOLS)
    symbol = (symbol if symbol.isascii() else name) + suffix
    return f"{symbol} ({attributes['units']})" if attributes.get("units") else symbol


@dataclasses.dataclass(frozen=True)
class _Column:
    """One column: a variable, or its part at one label of a worded dimension (m at component x)."""

    name: str
    values: xr.DataArray
    spread: str = ""

    def describe(self, data: xr.Dataset) -> dict[str, Any]:
        """What the header says so that the column can be read back."""
        spread = {"spread": self.spread} if self.spread else {}
        return {"name": self.name, **_describe(data, self.name), **spread}


def _worded(data: xr.Dataset) -> set[str]:
    """Dimensions whose coordinate is words, such as the components x, y, z: columns side by side, not rows."""
    return {str(dim) for dim in data.dims if dim in data.coords and data[dim].dtype.kind in "UO"}


def _rows(data: xr.Dataset) -> dict[str, int]:
    """The dimensions along which the table runs, with their sizes.

    Dimensions that no variable has in common (frequencies and harmonics, say) would fill the table with every
    pair of them: the group of the attribute `rows`, or else the one with the most points, makes the table, the
    others stand in the header.
    """
    groups: list[set[str]] = []
    for variable in data.variables.values():
        group = {str(dim) for dim in variable.dims} - _worded(data)
        joined = [other for other in groups if other & group]
        groups = [other for other in groups if other not in joined]
        if group:
            groups.append(group.union(*joined))
    sizes = {str(dim): size for dim, size in data.sizes.items()}
    largest = max(groups, key=lambda group: math.prod(sizes[dim] for dim in group), default=set())
    chosen = next((group for group in groups if data.attrs.get("rows") in group), largest)
    return {dim: size for dim, size in sizes.items() if dim in chosen}


def _columns(data: xr.Dataset) -> dict[str, _Column]:
    """Heading to column for everything that varies along the rows: axes first, in the order of the rows."""
    along = set(_rows(data))
    names = [dim for dim in _rows(data) if dim in data.coords]
    names += [str(name) for name in data.variables if along & set(data[name].dims) and str(name) not in names]
    columns: dict[str, _Column] = {}
    for name in names:
        for column, suffix in _parts(data, name):
            heading = label(data, name, suffix)
            columns[heading if heading not in columns else f"{name}: {heading}"] = column
    return columns


def _parts(data: xr.Dataset, name: str) -> Iterator[tuple[_Column, str]]:
    """The columns of one variable with the ends of their names: one, or one per label of its worded dimension."""
    spread = next((str(dim) for dim in data[name].dims if dim in _worded(data)), "")
    if not spread:
        yield _Column(name, data[name]), ""
        return
    for at, word in enumerate(data[spread].values):
        yield _Column(name, data[name].isel({spread: at}), spread), f"_{word}"


def _header(result: Result, columns: dict[str, _Column], decimal: str, layout: str) -> str:
    """The TOML document of the '#' lines."""
    import tomlkit

    data, document = result.data, tomlkit.document()
    for key, value in provenance_attributes(result).items():
        document[key] = value
    document["notes"] = result.notes
    if decimal != ".":
        document["decimal"] = decimal
    if layout:
        document["layout"] = layout
    others = {str(key): plain(value) for key, value in data.attrs.items() if key != "notes"}
    document["attributes"] = _inline(others)
    document["sizes"] = _inline(_rows(data))
    fixed, varying = tomlkit.table(), tomlkit.table()
    shown = {column.name for column in columns.values()}
    for name, variable in data.variables.items():
        if name not in shown:
            fixed[str(name)] = _inline({"value": variable.values.tolist(), **_describe(data, str(name))})
    for heading, column in columns.items():
        varying[heading] = _inline(column.describe(data))
    document["values"], document["columns"] = fixed, varying
    return f"{tomlkit.dumps(document)}\n{_SETUP_LINE}\n{setups.to_toml(result.setup)}"


def _describe(data: xr.Dataset, name: str) -> dict[str, Any]:
    attributes = {str(key): plain(value) for key, value in data[name].attrs.items()}
    return {"dims": [str(dim) for dim in data[name].dims], "coordinate": name in data.coords,
            "dtype": data[name].dtype.str, **attributes}


def _inline(values: dict[str, Any]) -> Any:
    import tomlkit

    table = tomlkit.inline_table()
    table.update(values)
    return table


def _cells(data: xr.Dataset, column: _Column, decimal: str) -> Iterator[str]:
    """One column as text along all rows; repr of a float is the shortest text that gives it back."""
    sizes, one = _rows(data), column.values
    one = one.expand_dims([dim for dim in sizes if dim not in one.dims]).transpose(*sizes)
    values: Array = np.broadcast_to(one.values, tuple(sizes.values()))
    if values.dtype.kind == "b":
        values = values.astype(np.int8)
    texts = (value if isinstance(value, str) else repr(value) for value in values.ravel().tolist())
    yield from (text.replace(".", decimal) for text in texts) if values.dtype.kind == "f" else texts


def _table(lines: list[str], columns: dict[str, Any], source: str | Path) -> dict[str, list[str]]:
    """The cells under each heading, with the separator that the header row shows."""
    for sep in SEPARATORS:
        rows = list(csv.reader(lines, delimiter=sep))
        if rows and rows[0] == list(columns):
            break
    else:
        raise FileError(source, "the file is damaged: its header row does not name the columns it promises")
    body = [row for row in rows[1:] if row]
    short = next((at for at, row in enumerate(body, start=1) if len(row) != len(columns)), None)
    if short:
        raise FileError(source, f"the file is damaged: row {short} below the header row has "
                                f"{len(body[short - 1])} cells instead of {len(columns)}")
    return {heading: [row[at] for row in body] for at, heading in enumerate(columns)}


def _dataset(head: dict[str, Any], table: dict[str, list[str]]) -> xr.Dataset:
    """Put the cells back into labelled arrays; ValueError when they are not all there."""
    sizes: dict[str, int] = head["sizes"]
    decimal = str(head.get("decimal", "."))
    entries = {name: {**entry, "name": name} for name, entry in head["values"].items()} | head["columns"]
    parts: dict[str, list[Array]] = {}
    last: dict[str, dict[str, Any]] = {}
    for heading, entry in entries.items():
        dtype = np.dtype(entry["dtype"])
        values = np.asarray(entry["value"], dtype) if "value" in entry else _values(
            table[heading], sizes, [dim for dim in entry["dims"] if dim != entry.get("spread")], dtype, heading,
            decimal)
        parts.setdefault(entry["name"], []).append(values)
        last[entry["name"]] = entry
    variables = {}
    for name, entry in last.items():
        values = parts[name][0]
        if "spread" in entry:
            values = np.stack(parts[name], axis=entry["dims"].index(entry["spread"]))
        variables[name] = (entry["dims"], values,
                           {key: value for key, value in entry.items() if key not in _DESCRIPTION})
    attributes = {**head["attributes"], "notes": head["notes"]}
    return xr.Dataset(variables, attrs=attributes).set_coords(
        [name for name, entry in last.items() if entry["coordinate"]])


def _values(cells: list[str], sizes: dict[str, int], dims: list[str], dtype: np.dtype[Any], heading: str,
            decimal: str) -> Array:
    """One column as an array: rows where the other dimensions are at their first value."""
    if dtype.kind in "biu":
        numbers = np.asarray([int(cell) for cell in cells]).astype(dtype)
    elif dtype.kind == "f":
        points = (cell.replace(decimal, ".") for cell in cells)
        numbers = np.asarray([_number(cell, heading, row) for row, cell in enumerate(points, 1)], dtype)
    else:
        numbers = np.asarray(cells, dtype)
    expected = int(np.prod(list(sizes.values()), dtype=np.int64))
    if len(cells) != expected:
        raise ValueError(f"it has {len(cells)} rows instead of {expected}")
    kept = [dim for dim in sizes if dim in dims]
    first = numbers.reshape(tuple(sizes.values()))[tuple(slice(None) if dim in dims else 0 for dim in sizes)]
    return first.transpose([kept.index(dim) for dim in dims])


def _number(cell: str, heading: str, row: int) -> float:
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{cell!r} in row {row} of {heading} is not a number") from None
