"""Draws the equations of the help as SVG, light and dark: run it after a change of equations.toml.

Each file names a hash of its source, so that those that are up to date are left alone, and a test can tell.
"""

from __future__ import annotations

import hashlib
import io
import re
import tomllib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
#: Colour of the text by the ending of the name.
INKS = {"": "#1c2330", "-dark": "#e3e7ee"}
#: Size of the letters in points.
SIZE = 12


def sources() -> dict[str, str]:
    """TeX by name."""
    return dict(tomllib.loads((FOLDER / "equations.toml").read_text(encoding="utf-8")))


def mark(tex: str, ink: str) -> str:
    """What a drawing of this source carries."""
    return f"<!-- source {hashlib.sha256(f'{tex} {ink} {SIZE}'.encode()).hexdigest()[:16]} -->"


def svg(tex: str, ink: str) -> str:
    """The drawing, as wide and high as the equation."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"mathtext.fontset": "stix", "svg.fonttype": "path", "svg.hashsalt": "smtj"}):
        figure = Figure()
        figure.text(0, 0, f"${tex}$", fontsize=SIZE, color=ink)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", transparent=True, bbox_inches="tight", pad_inches=0.04,
                       metadata={"Date": None, "Creator": None})
    drawn = re.sub(r"\s*<metadata>.*?</metadata>", "", stream.getvalue(), flags=re.DOTALL)
    return drawn.replace("\n<svg", f"\n{mark(tex, ink)}\n<svg", 1)


def main() -> None:
    """Draw what is missing or was drawn from another source, and remove what has none."""
    wanted = {f"{name}{ending}.svg": (tex, ink) for name, tex in sources().items() for ending, ink in INKS.items()}
    for name, source in wanted.items():
        path = FOLDER / name
        if not path.exists() or mark(*source) not in path.read_text(encoding="utf-8"):
            path.write_text(svg(*source), encoding="utf-8")
            print(f"drew {name}")
    for path in FOLDER.glob("*.svg"):
        if path.name not in wanted:
            path.unlink()
            print(f"removed {path.name}")


if __name__ == "__main__":
    main()
