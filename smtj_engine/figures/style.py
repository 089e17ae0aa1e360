"""How printed figures look: sizes in mm, Okabe-Ito colours (or others) with different dashes, labels with units.

Everything is set on the figure itself and never through pyplot or rcParams, so that a host program (the
window, a notebook) keeps its own state. matplotlib is imported on the first figure.
"""

from __future__ import annotations

import io
import itertools
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtj_engine.files import FileError, disk
from smtj_engine.version import __version__

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

SUFFIXES = (".png", ".pdf", ".svg")
#: Okabe and Ito's colours that stand out from white, and a dash for each, so that grey prints are legible too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1.5, 1.5, 1.5)), (0, (8, 2)),
                           (0, (3, 1, 1, 1, 1, 1)), (0, (2.5, 2.5)))
#: States of the magnetization as printed.
WORDS = {"undecided": "undecided", "perpendicular": "perpendicular", "opp": "OPP", "ipp": "IPP",
         "in_plane": "in plane", "tilted": "tilted"}
_taken: ContextVar[tuple[str, ...]] = ContextVar("colours", default=COLOURS)     # each thread has its own
TEXT, SMALL, LINE = 8.0, 7.0, 1.3  # points
_MM = 1 / 25.4
_LETTERS = (120, 100, 80, 64, 52, 44, 36, 30, 24, 18, 12)    # per line of a long name, tried in turn
_FULL = 0.97     # of a figure's width is for its legend: letters are a little wider in other resolutions
_UNITS = {"1": "", "deg": "°", "eV A^2": "eV·Å²", "1/A": "1/Å", "m0": "m₀",
          "M_s": r"$\mathrm{M_s}$"}
_SYMBOL = re.compile(r"([A-Za-zα-ωΑ-Ω⟩])_([A-Za-z0-9]+)")


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """An empty white figure of this size."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_mm * _MM, height_mm * _MM), layout="constrained", facecolor="white")


def axes(figure: Figure, *position: Any, **options: Any) -> Axes:
    """One plot in the common style."""
    return dress(figure.add_subplot(*position, **options))


def dress(plot: Axes, size: float = TEXT) -> Axes:
    """Font sizes, thin frame, ticks and a faint grid."""
    plot.tick_params(labelsize=size - 1, width=0.6, length=2.5, direction="in", top=True, right=True)
    for side in plot.spines.values():
        side.set_linewidth(0.6)
    plot.grid(color="#E4E4E4", linewidth=0.5)
    plot.set_axisbelow(True)
    return plot


def resize_text(figure: Figure, size: float) -> None:
    """All text of a figure as if TEXT were this many points; the layout makes room for it."""
    from matplotlib.text import Text

    if size == TEXT:
        return
    for text in figure.findobj(Text):
        text.set_fontsize(float(text.get_fontsize()) * size / TEXT)
    for plot in figure.axes:    # tick labels are made anew at each drawing
        plot.tick_params(labelsize=size - 1)


def legend(figure: Figure, handles: Sequence[Any], labels: Sequence[str], columns: int,
           size: float = TEXT) -> Legend:
    """The names of curves above a figure: in at most this many columns, fewer or in lines where they are long.

    The figure grows by the legend's height, so that plots keep theirs.
    """
    options: dict[str, Any] = {"loc": "outside upper center", "fontsize": SMALL * size / TEXT, "frameon": False,
                               "handlelength": 2.6}
    tries = [(number, 0) for number in range(min(columns, len(labels)), 0, -1)]
    for number, letters in [*tries, *((1, letters) for letters in _LETTERS)]:
        made = figure.legend(handles, [_in_lines(text, letters) for text in labels], ncols=number, **options)
        extent = made.get_window_extent()
        if extent.width <= _FULL * figure.bbox.width or letters == _LETTERS[-1]:
            break
        made.remove()
    figure.set_figheight(figure.get_figheight() + extent.height / figure.dpi)
    return made


def _in_lines(text: str, letters: int) -> str:
    """A name in lines of this many letters, 0 for one line; mathematics is not broken."""
    plain = text.replace(r"\$", "$")
    if not letters or plain.count("$") != text.count(r"\$"):
        return text
    return textwrap.fill(plain, letters).replace("$", r"\$")


@contextmanager
def in_colours(colours: Sequence[str]) -> Iterator[None]:
    """Curves drawn inside take these colours in turn, in the place of COLOURS; states of a diagram keep theirs."""
    token = _taken.set(tuple(colours))
    try:
        yield
    finally:
        _taken.reset(token)


def colour(at: int) -> str:
    """The colour of the curve with this number, from 0."""
    return _taken.get()[at % len(_taken.get())]


def looks(count: int) -> list[dict[str, Any]]:
    """Colour and dash for each of `count` curves; many curves take a colour scale instead."""
    if count <= len(DASHES):
        return [{"color": colour(at), "linestyle": dash, "linewidth": LINE}
                for at, dash in enumerate(DASHES[:count])]
    from matplotlib import colormaps

    scale = colormaps["viridis"]
    return [{"color": scale(0.9 * at / (count - 1)), "linestyle": DASHES[at % len(DASHES)], "linewidth": LINE}
            for at in range(count)]


def palette(count: int) -> Any:
    """A colour for each of a few words, such as the states of a diagram; the first (undecided) is grey."""
    from matplotlib.colors import ListedColormap

    return ListedColormap(["#BBBBBB", *itertools.islice(itertools.cycle(COLOURS[:-1]), count - 1)])


def label(attributes: Mapping[str, Any], name: str = "") -> str:
    """An axis label such as `T∥ (eV/µm²)` from a variable's attributes."""
    shown = unit(str(attributes.get("units", "")))
    said = symbol(str(attributes.get("symbol") or name))
    return f"{said} ({shown})" if shown else said


def unit(ascii_unit: str) -> str:
    """The unit as printed: eV/um^2 becomes eV/µm²."""
    if ascii_unit in _UNITS:
        return _UNITS[ascii_unit]
    for plain, fancy in (("^2", "²"), ("^3", "³"), ("um", "µm"), ("ohm", "Ω"), (" ", "·")):
        ascii_unit = ascii_unit.replace(plain, fancy)
    return ascii_unit


def symbol(text: str) -> str:
    """The symbol as printed, with true subscripts: α_R, K_i."""
    return _SYMBOL.sub(r"$\\mathrm{\1_{\2}}$", text)


def save(figure: Figure, path: Path, dpi: float = 300) -> Path:
    """Write a figure as PNG, PDF or SVG, whole or not at all; FileError when that fails."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise FileError(path, f"a picture's name must end in {', '.join(SUFFIXES)}")
    stream = io.BytesIO()
    maker = "Software" if suffix == ".png" else "Creator"
    figure.savefig(stream, format=suffix[1:], dpi=dpi, metadata={maker: f"SMTJ {__version__}"})
    return disk.write_bytes(path, stream.getvalue())
