"""What every picture of curves has: parts in the theme's colours, and kept runs drawn with the live result."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme


@dataclasses.dataclass(frozen=True)
class Overlay:
    """A kept run that is drawn with the live curves."""

    name: str       # rich text
    colour: str
    result: Result


class Part(Protocol):
    """Anything that is recoloured."""

    def set_theme(self, theme: Theme) -> None: ...


class Overlaid(QWidget):
    """Is drawn anew when the theme or the kept runs change; `parts` are its plots, legend and words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme | None = None
        self.overlays: list[Overlay] = []
        self.parts: list[Part] = []

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Draw these kept runs with it."""
        self.overlays = list(overlays)
        self.redraw()

    def set_theme(self, theme: Theme) -> None:
        """Recolour everything."""
        self.theme = theme
        for part in self.parts:
            part.set_theme(theme)
        self.redraw()

    def redraw(self) -> None:
        """Give the plots their lines anew; nothing before there is a theme."""
        raise NotImplementedError
