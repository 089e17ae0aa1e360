"""The bias dependence: current, dI/dV, TAMR, torques and anisotropy against V, and the torques against α_R."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QToolButton, QWidget

from smtj_gui.views import BIAS
from smtj_gui.views.base import View
from smtj_gui.views.controls import Controls, Field
from smtj_gui.views.energy_page import EnergyPage
from smtj_gui.views.plot_grid import PlotGrid

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme
    from smtj_gui.session import Run, Session

_SQUARE = ((0, 0), (0, 1), (1, 0), (1, 1))


@dataclasses.dataclass(eq=False)
class _Page:
    """One of the view's pages: the kind of result that it draws, its picture and its fields."""

    kind: str
    button: QToolButton
    controls: Controls
    make: Callable[[], PlotGrid | EnergyPage]
    made: PlotGrid | EnergyPage | None = None   # four plots take some 50 ms: made when they are looked at


class BiasView(View):
    """Pages "current", "torque", "anisotropy" and "rashba"; only the one on top asks for answers."""

    key, title, kinds = BIAS

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._results: dict[str, tuple[Result, bool]] = {}
        self._runs: list[Run] = []
        self._busy: dict[str, str] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(2)
        self._buttons = QButtonGroup(self)
        self._controls = QStackedWidget(self)
        self._pictures = QStackedWidget(self)
        self.pages: dict[str, _Page] = {}
        self._add_pages()
        self._row.addStretch(1)
        self.top.addLayout(self._row)
        self.top.addWidget(self._controls)
        self.set_content(self._pictures)
        self.page = ""
        self.choose("current")

    def _add_pages(self) -> None:
        bias, rashba, energy = (self._grid_controls(kind) for kind in ("bias", "rashba", "energy"))
        self._add("current", "Current", "bias", bias, lambda: PlotGrid(
            [("current_density",), ("conductance",), ("tamr",), ("resistance",)], ("bias",), _SQUARE, self))
        self._add("torque", "Torque", "bias", bias, lambda: PlotGrid(
            [("torque_par",), ("torque_perp_neq", "torque_perp")], ("bias",), [(0, 0), (1, 0)], self))
        self._add("anisotropy", "Anisotropy", "energy", energy, lambda: EnergyPage(self.session, self))
        self._add("rashba", "Against α", "rashba", rashba, lambda: PlotGrid(
            [("torque_par",), ("torque_perp_neq", "torque_perp"), ("tamr", "conductance", "resistance")],
            ("rashba",), [(0, 0, 2), (0, 1), (1, 1)], self))

    def _grid_controls(self, kind: str) -> Controls:
        angles = [Field("theta_deg", "θ", "°"), Field("phi_deg", "φ", "°")]
        fields = {
            "bias": [Field("start", "V from"), Field("stop", "to", "V"), Field("points", "points"), *angles],
            "rashba": [Field("start", "α from"), Field("stop", "to", "eV·Å²"), Field("points", "points"), *angles],
            "energy": [Field("points", "angles"), angles[1]],
        }[kind]
        without = "" if kind == "energy" else f"junction.{kind}"
        return Controls(self.session, f"numerics.{kind}", fields, without=without, parent=self)

    def _add(self, key: str, text: str, kind: str, controls: Controls,
             make: Callable[[], PlotGrid | EnergyPage]) -> None:
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.clicked.connect(lambda: self.choose(key))
        self._buttons.addButton(button)
        self._row.addWidget(button)
        if self._controls.indexOf(controls) < 0:
            self._controls.addWidget(controls)
        self.pages[key] = _Page(kind, button, controls, make)

    def choose(self, key: str) -> None:
        """Put a page on top."""
        if key == self.page:
            return
        before, self.page = self.wanted() if self.page else (), key
        page = self._page()
        page.button.setChecked(True)
        self._controls.setCurrentWidget(page.controls)
        self._pictures.setCurrentWidget(self.picture_of(key))
        self._refresh()
        if self.wanted() != before:
            self.wanted_changed.emit()

    def _page(self) -> _Page:
        return self.pages[self.page]

    def picture_of(self, key: str) -> PlotGrid | EnergyPage:
        """The picture of a page, made now if nobody has looked at it yet."""
        page = self.pages[key]
        if page.made is None:
            page.made = page.make()
            self._pictures.addWidget(page.made)
            if self.theme is not None:
                page.made.set_theme(self.theme)
        return page.made

    def _refresh(self) -> None:
        """Bring the page on top up to date; the others wait until they are looked at."""
        page = self._page()
        result, draft = self._results.get(page.kind, (None, False))
        picture = self.picture_of(self.page)
        picture.set_overlays(self.overlays(self._runs, page.kind))
        self.set_notes(result.notes if result is not None else ())
        super().set_busy(self._busy.get(page.kind, "Waiting for the first curve…"))
        self.show_content(result is not None)
        if result is not None:
            picture.show_result(result, draft)

    # -- the contract -------------------------------------------------------------------------------

    def wanted(self) -> tuple[str, ...]:
        return (self._page().kind,)

    def show_kind(self, kind: str, variable: str = "") -> None:
        fitting = {key: self.picture_of(key) for key, page in self.pages.items() if page.kind == kind}
        meant = [key for key, grid in fitting.items() if isinstance(grid, PlotGrid) and grid.draws(variable)]
        if meant or self.page not in fitting:
            self.choose((meant or list(fitting))[0])

    def show_live(self, result: Result, draft: bool) -> None:
        self._results[result.kind] = (result, draft)
        if result.kind == self._page().kind:
            self.set_notes(result.notes)
            self.picture_of(self.page).show_result(result, draft)
            self.show_content()

    def set_overlays(self, runs: Sequence[Run]) -> None:
        self._runs = list(runs)
        self.picture_of(self.page).set_overlays(self.overlays(self._runs, self._page().kind))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for page in self.pages.values():
            if page.made is not None:
                page.made.set_theme(theme)

    def current_result(self) -> Result | None:
        return self._results[self._page().kind][0] if self._page().kind in self._results else None

    def set_busy(self, text: str) -> None:
        self._busy[self._page().kind] = text
        super().set_busy(text)
