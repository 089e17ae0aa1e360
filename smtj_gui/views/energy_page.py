"""The interface anisotropy: K_i and its control by the voltage along a family, and the energy against θ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from smtj_engine.main_grids import FAMILIES
from smtj_gui.number_widgets import Said
from smtj_gui.views.labels import number, shown, title, with_unit
from smtj_gui.views.overlaid import Overlay
from smtj_gui.views.paged import turn
from smtj_gui.views.plot_grid import PlotGrid

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme
    from smtj_gui.session import Session

_GRID = "numerics.energy"
#: What K_i may be drawn against: every parameter that a family may have, the bias first.
_AGAINST = ("bias", *(path.rpartition(".")[2] for path in FAMILIES if path not in ("none", "junction.bias")))
#: The bias values of the sweep that the button starts (V).
BIAS_VALUES = tuple(round(float(value), 3) for value in np.linspace(-1.0, 1.0, 11))


def telling_alpha(plots: PlotGrid) -> PlotGrid:
    """The plots, whose read-out against the bias says what α(V) is at the cursor, where it follows the bias."""
    def said() -> str:
        at, junction = plots.position(), plots.result.setup.junction if plots.result is not None else None
        if at is None or junction is None or plots.sweep != "bias" or not junction.rashba_slope:
            return ""
        curve = plots.selected_curve(plots.panes[0].variable)
        family = plots.family()
        alpha = curve.value if curve is not None and family is not None and family.name == "rashba" \
            and curve.value is not None else junction.rashba
        return f"α(V)&nbsp;<b>{with_unit(number(alpha + junction.rashba_slope * at, 4), 'eV·Å²')}</b>"

    plots.remarks = said
    return plots


class EnergyPage(QWidget):
    """K_i and VCMA against the family's parameter on the left, Ω(θ) on the right."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.along = telling_alpha(PlotGrid([("K_i",), ("vcma",)], _AGAINST, [(0, 0), (1, 0)], self))
        self.energy = PlotGrid([("omega",)], ("theta",), [(0, 0)], self)
        self.numbers = Said(self)
        self.numbers.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.numbers.setWordWrap(True)
        self.sweep_bias = QPushButton("Anisotropy against the bias", self)
        self.sweep_bias.setProperty("primary", True)
        self.sweep_bias.clicked.connect(self._sweep_bias)
        self._left = QStackedWidget(self)
        self._left.addWidget(self.along)
        self._left.addWidget(self._single())
        turn(self._left, self._left.widget(1))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._left, 1)
        row.addWidget(self.energy, 1)

    def _single(self) -> QWidget:
        """What stands on the left for one junction: its two numbers, and the way to the curve."""
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.addStretch(2)
        column.addWidget(self.numbers)
        column.addSpacing(12)
        column.addWidget(self.sweep_bias, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)
        return box

    def _sweep_bias(self) -> None:
        self.session.edit_many({f"{_GRID}.family": "junction.bias", f"{_GRID}.family_values": BIAS_VALUES},
                               text="Anisotropy against the bias")

    # -- as a PlotGrid ----------------------------------------------------------------------------------

    @property
    def result(self) -> Result | None:
        """What is shown."""
        return self.energy.result

    def draws(self, variable: str) -> bool:
        """Whether this variable is on the page."""
        return self.along.draws(variable) or self.energy.draws(variable)

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        """Draw this result; without a family K_i and VCMA are numbers, not curves."""
        self.energy.show_result(result, draft)
        self.along.show_result(result, draft)
        turn(self._left, self.along if self.along.sweep else self._left.widget(1))
        if result is not None and not self.along.sweep:
            self.numbers.setText("<br><br>".join(
                f"{title(name)}<br>"
                f"<big>{shown(name).html} = <b>{shown(name).text(float(result.data[name]))}</b></big>"
                for name in ("K_i", "vcma") if name in result.data))

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Draw these kept runs with it."""
        self.along.set_overlays(overlays)
        self.energy.set_overlays(overlays)

    def set_theme(self, theme: Theme) -> None:
        """Recolour everything."""
        self.along.set_theme(theme)
        self.energy.set_theme(theme)
