"""The angular dependence: TAMR and torques against θ or φ, in the plane of curves and around a circle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtj_gui.views import ANGULAR
from smtj_gui.views.base import View
from smtj_gui.views.controls import Controls, Field, Toggle
from smtj_gui.views.curves import Curve
from smtj_gui.views.harmonics import harmonics
from smtj_gui.views.harmonics_panel import Content, HarmonicsPanel, percent
from smtj_gui.views.labels import shown
from smtj_gui.views.plot_grid import PlotGrid, QuantityBox
from smtj_gui.views.polar import PolarPlot

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme
    from smtj_gui.session import Run, Session

_GRID = "numerics.angular"
_TORQUES = ("torque_par", "torque_perp")


class AngularView(View):
    """TAMR (or resistance, or current), T∥ and T⊥ against the angle of M, the polar picture, the harmonics."""

    key, title, kinds = ANGULAR

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        toggle = Toggle(session, f"{_GRID}.against", {"theta": "against θ", "phi": "against φ"})
        self.controls = Controls(session, _GRID, [
            Field("phi_deg", "φ", "°"), Field("theta_deg", "θ", "°"), Field("points", "points")],
            before=[toggle], parent=self)
        self.top.addWidget(self.controls)
        self.plots = PlotGrid([("tamr", "resistance", "current_density"), ("torque_par", "torque_par_p"),
                               ("torque_perp", "torque_perp_p")],
                              ("theta", "phi"), [(0, 0), (1, 0), (1, 1)], self)
        self.polar = PolarPlot(self)
        self.polar_choice = QuantityBox(("tamr", *_TORQUES, "resistance", "current_density"),
                                        "Quantity of the polar picture", self)
        self.harmonics = HarmonicsPanel(self)
        self._contents: dict[str, tuple[Curve, Content]] = {}   # the last analysed curve of each variable
        self.plots.grid.addWidget(self._circle(), 0, 1)
        self.plots.remarks = self._remark
        self.plots.cursor_moved.connect(self._follow_cursor)
        self.polar_choice.currentIndexChanged.connect(lambda _: self._redraw_polar())
        self.set_content(self.plots)
        session.setup_changed.connect(lambda _: self._show_fields())
        self._show_fields()

    def _circle(self) -> QWidget:
        """The polar picture with its choice of quantity, and the harmonics beside it."""
        box = QWidget(self)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 4, 0)
        head.addWidget(self.polar_choice)
        head.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.polar, 5)
        row.addWidget(self.harmonics, 2)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(row, 1)
        return box

    def _show_fields(self) -> None:
        """Only the angle that stays fixed has a field."""
        along_theta = self.session.setup.numerics.angular.against == "theta"
        self.controls.show_field("phi_deg", along_theta)
        self.controls.show_field("theta_deg", not along_theta)

    # -- the contract -------------------------------------------------------------------------------

    def show_live(self, result: Result, draft: bool) -> None:
        self.set_notes(result.notes)
        self.plots.show_result(result, draft)
        self._redraw_polar(follow=False)
        self.show_content()

    def set_overlays(self, runs: Sequence[Run]) -> None:
        self.plots.set_overlays(self.overlays(runs, "angular"))
        self._redraw_polar()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.polar.set_theme(theme)
        self.harmonics.set_theme(theme)
        self.plots.set_theme(theme)
        self._redraw_polar()

    def current_result(self) -> Result | None:
        return self.plots.result

    # -- polar picture and harmonics ------------------------------------------------------------------

    def _redraw_polar(self, follow: bool = True) -> None:
        result = self.plots.result
        if result is None or self.theme is None:
            return
        variable = self.polar_choice.variable
        self.polar.draw(self.plots.lines_of(variable), shown(variable, result.data),
                        azimuth=self.plots.sweep == "phi", lobes=variable in _TORQUES)
        if follow:
            self._follow_cursor()

    def _follow_cursor(self) -> None:
        self.polar.set_cursor(self.plots.mark(self.polar_choice.variable))
        self.harmonics.set_contents([self.content(pane.variable) for pane in self.plots.panes])

    def content(self, variable: str) -> Content:
        """The harmonic content of the curve that the read-out speaks of."""
        how, curve = shown(variable), self.plots.selected_curve(variable)
        if curve is None or np.max(np.abs(curve.y), initial=0.0, where=np.isfinite(curve.y)) < how.floor:
            return Content(how, ())
        known, content = self._contents.get(variable, (None, Content(how, ())))
        if known is not curve:
            symbol = "θ" if self.plots.sweep == "theta" else "φ"
            content = Content(how, tuple(harmonics(curve.x, curve.y, symbol, odd=variable.startswith("torque"))))
            self._contents[variable] = (curve, content)
        return content

    def _remark(self) -> str:
        """The largest term of T⊥, as the read-out line ends with it."""
        terms = self.content("torque_perp").terms
        return f"{terms[0].name} <b>{percent(terms[0].share)}</b> of T⊥" if terms else ""
