"""Waveforms from text files: two columns, the time in ns and the value."""

from __future__ import annotations

import math
import re
from pathlib import Path

from smtj_engine.files.disk import read_text
from smtj_engine.files.errors import FileError


def read(path: str | Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Times (ns) and values of a file with two columns, separated by commas, semicolons, tabs or blanks.

    Lines that are empty or begin with '#' are skipped, and one line of headings at the top. FileError names the
    first line that holds no two numbers.
    """
    times: list[float] = []
    values: list[float] = []
    headed = False
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        cells = [cell for cell in re.split(r"[,;\s]+", line.strip()) if cell]
        if not cells or line.lstrip().startswith("#"):
            continue
        try:
            time, value = (float(cell) for cell in cells)
            if not (math.isfinite(time) and math.isfinite(value)):
                raise ValueError
        except ValueError:
            if not times and not headed:
                headed = True
                continue
            raise FileError(path, f"line {number} does not hold two numbers, a time in ns and a value") from None
        times.append(time)
        values.append(value)
    if not times:
        raise FileError(path, "it holds no two columns of numbers, times in ns and values")
    return tuple(times), tuple(values)
