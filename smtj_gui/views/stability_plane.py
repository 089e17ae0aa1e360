"""A stability diagram as the screen shows it: states, resistance and frequency of its cells; no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smtj_gui.views.cells import Cells, rgba, scale, steps

if TYPE_CHECKING:
    from smtj_engine.results import Result

#: Names of the states as written on screen, by the words of the result's flags.
NAMES = {"undecided": "undecided", "perpendicular": "perpendicular", "opp": "OPP", "ipp": "IPP",
         "in_plane": "in-plane", "tilted": "tilted"}
#: The colours of printed diagrams too (Okabe-Ito), so that a state has one colour everywhere.
COLOURS = {"undecided": "#BBBBBB", "perpendicular": "#0072B2", "opp": "#D55E00", "ipp": "#009E73",
           "in_plane": "#CC79A7", "tilted": "#E69F00"}


class Plane(Cells):
    """The numbers of one direction of a diagram (hysteretic ones have a way back), axes ascending."""

    def __init__(self, result: Result, back: bool = False) -> None:
        super().__init__(result)
        self.has_back = "state_back" in result.data
        self.back = back and self.has_back
        self.words = str(result.data["state"].attrs["flag_meanings"]).split()
        self.state, self.sensitive = self._get("state"), self._get("sensitive")
        self.resistance, self.frequency = self._get("resistance"), self._get("frequency")
        self.there = np.isfinite(self.resistance)
        self.computed = self._get("computed", False) if "computed" in result.data else None

    def _get(self, name: str, directed: bool = True) -> np.ndarray:
        return self.oriented(self.result.data[name + ("_back" if self.back and directed else "")].values)

    def word(self, row: int, column: int) -> str:
        """The state's word in a cell."""
        return self.words[int(self.state[row, column])]

    def highest_frequency(self) -> float:
        """The top of the frequency's colour scale (GHz)."""
        finite = self.frequency[np.isfinite(self.frequency)]
        return float(finite.max()) if finite.size else 1.0

    def colours(self, mode: str, at_rest: str) -> np.ndarray:
        if mode == "state":
            picture = np.array([rgba(COLOURS[word]) for word in self.words], dtype=np.uint8)[self.state]
        elif mode == "resistance":
            picture = scale(mode)[steps((self.resistance + 1) / 2)]
        else:
            picture = scale(mode)[steps(self.frequency / self.highest_frequency())]
            picture[~np.isfinite(self.frequency)] = rgba(at_rest)
        picture = picture.copy()
        picture[~self.there] = 0
        return picture
