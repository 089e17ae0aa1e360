"""Tables of measured numbers as instruments and spreadsheets write them: any separator, decimal comma, remarks.

`guess` finds the layout, `parse` reads with it. The table is the rows of numbers; lines above them are remarks,
the last of which names the columns.
"""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from smtj_engine.files.disk import explain
from smtj_engine.files.errors import FileError
from smtj_engine.measured import Table

#: Larger files and lines are refused: no measured curve is so long, and a preview must answer at once.
MOST_BYTES, MOST_LINE, MOST_COLUMNS = 32 << 20, 100_000, 1000
#: Separators by what the user calls them; a blank stands for any white space.
SEPARATORS = {"tab": "\t", "semicolon": ";", "comma": ",", "blanks": " "}
DECIMALS = (".", ",")
_REMARK = ("#", "%", "!", "//", "*")
_HDF5 = b"\x89HDF\r\n\x1a\n"
#: The layout is guessed from so many lines.
_SAMPLE = 300
#: What stands for a missing number.
_MISSING = {"", "-", "--", "nan", "na", "n/a", "#n/a", "null", "none", "inf", "-inf"}


@dataclasses.dataclass(frozen=True)
class Layout:
    """How a text is cut into cells: separator, decimal sign, lines to leave out first, whether names stand above
    the numbers."""

    separator: str = ","
    decimal: str = "."
    skip: int = 0
    header: bool = True


def read(path: str | Path, layout: Layout | None = None) -> Table:
    """The table of a text file or of an HDF5 file; FileError in plain words when it holds none."""
    if is_hdf5(path):
        from smtj_engine.files.hdf5_tables import read as read_hdf5

        return read_hdf5(path)
    text = text_of(path)
    return parse(text, layout or guess(text), path)


def is_hdf5(path: str | Path) -> bool:
    """Whether the file begins as HDF5 does."""
    return _bytes(path, len(_HDF5)) == _HDF5


def text_of(path: str | Path) -> str:
    """The text of a file in UTF-8, UTF-16 (with its mark) or Windows' western encoding."""
    path = Path(path)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FileError(path, explain(error)) from error
    if size > MOST_BYTES:
        raise FileError(path, f"the file is larger than {MOST_BYTES >> 20} MB, too large for a measured curve")
    content = _bytes(path)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        codec = "utf-16"
    elif b"\0" in content:
        raise FileError(path, "this is not a text file")
    else:
        codec = "utf-8-sig"
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        if codec == "utf-16":
            raise FileError(path, "the UTF-16 text is damaged") from None
        return content.decode("cp1252", errors="replace")


def _bytes(path: str | Path, most: int = -1) -> bytes:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise FileError(path, explain(error)) from error


def guess(text: str) -> Layout:
    """The separator and decimal sign with which most cells are numbers."""
    lines = _lines(text)[:_SAMPLE]
    best, most = Layout(), 0
    for decimal in DECIMALS:
        for separator in SEPARATORS.values():
            if separator == decimal:
                continue
            counts = [len(numbers) for line in lines if (numbers := _numbers(_cells(line, separator), decimal))]
            columns = max(set(counts), key=lambda count: (counts.count(count) * count, count), default=0)
            score = counts.count(columns) * columns
            if columns > 1 and score > most:
                best, most = Layout(separator, decimal), score
    return best if most else Layout(separator=" ", decimal=_single_decimal(lines))


def _single_decimal(lines: Sequence[str]) -> str:
    """The decimal sign of a single column."""
    return "," if any(re.fullmatch(r"\s*[-+]?\d+,\d+\s*", line) for line in lines) else "."


def parse(text: str, layout: Layout, source: str | Path = "text") -> Table:
    """The table in a text; FileError when there are no two rows of numbers, or a line is beyond all measure."""
    lines = _lines(text)
    longest = max(map(len, lines), default=0)
    if longest > MOST_LINE:
        raise FileError(source, f"a line of {longest} characters is no row of a table (at most {MOST_LINE})")
    lines = lines[layout.skip:]
    rows = [_numbers(_cells(line, layout.separator), layout.decimal) for line in lines]
    width = _width(rows)
    if width == 0:
        raise FileError(source, "there are no rows of numbers in it; try another separator or decimal sign")
    if width > MOST_COLUMNS:
        raise FileError(source, f"a table of {width} columns is no measured curve (at most {MOST_COLUMNS})")
    kept = [row for row in rows if row is not None and len(row) == width]
    first = next(at for at, row in enumerate(rows) if row is not None and len(row) == width)
    names, units = _names(lines[:first], layout, width)
    left_out = sum(1 for at in range(first, len(lines)) if (row := rows[at]) is None or len(row) != width)
    blank = sum(1 for line in lines[first:] if not line.strip() or line.lstrip().startswith(_REMARK))
    if len(kept) < 2:
        raise FileError(source, "a single row of numbers is no curve")
    remarks = tuple(line.strip() for line in lines[:first] if line.strip())
    return Table(names, units, np.array(kept, dtype=float), remarks, max(0, left_out - blank),
                 Path(source).name)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _cells(line: str, separator: str) -> list[str]:
    """The cells of one line; none of a remark."""
    if not line.strip() or line.lstrip().startswith(_REMARK) or len(line) > MOST_LINE:
        return []
    if separator == " ":
        return line.split()
    cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
    return cells[:-1] if len(cells) > 2 and not cells[-1].strip() else cells  # a separator at the end of the line


def _numbers(cells: Sequence[str], decimal: str) -> list[float] | None:
    """The numbers of a row, None if a cell holds other words or no cell holds a number."""
    row = []
    for cell in cells:
        bare = cell.strip()
        if bare.lower() in _MISSING:
            row.append(np.nan)
            continue
        if decimal == ",":
            if "." in bare:
                return None
            bare = bare.replace(",", ".")
        try:
            row.append(float(bare.replace("−", "-")) if "_" not in bare else np.nan)
        except ValueError:
            return None
    return row if any(np.isfinite(row)) else None


def _width(rows: Sequence[list[float] | None]) -> int:
    """How many columns most rows have."""
    counts = [len(row) for row in rows if row is not None]
    return max(set(counts), key=lambda count: (counts.count(count), count), default=0)


def _names(above: Sequence[str], layout: Layout, width: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and units of the columns from the last lines above the numbers; "column 1" … where there are none."""
    rows = []
    for line in reversed(above if layout.header else ()):
        bare = re.sub(r"^\s*(#|%|!|//|\*)+\s*", "", line)
        cells = [cell.strip() for cell in _cells(bare, layout.separator)]
        if len(cells) != width:
            break
        rows.append(cells)
        if len(rows) == 2:
            break
    plain = tuple(f"column {at + 1}" for at in range(width)), ("",) * width
    if not rows:
        return plain
    if len(rows) == 2 and not any(re.search(r"[(\[]", cell) for cell in rows[0]):
        return tuple(rows[1]), tuple(cell.strip("()[]") for cell in rows[0])    # a line of units under the names
    pairs = [_name_and_unit(cell) for cell in rows[0]]
    return (tuple(name or f"column {at + 1}" for at, (name, _) in enumerate(pairs)),
            tuple(unit for _, unit in pairs))


def _name_and_unit(heading: str) -> tuple[str, str]:
    """`V (mV)`, `V [mV]`, `V / mV` or `V` into name and unit."""
    found = re.fullmatch(r"(.*?)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])", heading) or re.fullmatch(
        r"(.*?)\s+/\s+(\S+)()", heading)
    return (found[1], found[2] or found[3] or "") if found else (heading, "")
