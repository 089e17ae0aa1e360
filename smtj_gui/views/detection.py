"""Detection and control: the spin diode, ensembles under thermal noise, and maps of switching."""

from __future__ import annotations

from smtj_gui.views import detection_controls as controls
from smtj_gui.views.diode_page import DiodePage
from smtj_gui.views.ensemble_page import EnsemblePage
from smtj_gui.views.paged import PagedView
from smtj_gui.views.switching_page import SwitchingPage


class DetectionView(PagedView):
    """Pages "diode", "ensemble" and "switching"."""

    key, title, kinds = "detection", "Detection", ("spin-diode", "ensemble", "switching")

    def add_pages(self) -> None:
        self.add_page("diode", "Spin diode", "spin-diode", controls.diode_controls(self.session, self),
                      DiodePage(self), "The current that a resonance driven by the torque rectifies")
        self.ensemble = EnsemblePage(self)
        self.ensemble.stage.mode_changed.connect(self.mode_changed)
        self.add_page("ensemble", "Ensemble", "ensemble", controls.ensemble_controls(self.session, self),
                      self.ensemble, "Many macrospins under thermal noise")
        switching = SwitchingPage(self.session, self)
        rows = controls.switching_controls(self.session, self)
        switching.launched.connect(lambda: self.open_page.emit("trajectory"))
        switching.refused.connect(rows.refuse)
        self.add_page("switching", "Switching", "switching", rows, switching,
                      "The probability of having switched, over two parameters")

    def show_kind(self, kind: str, variable: str = "") -> None:
        super().show_kind(kind, variable)
        picture = self.pages[self.page].picture
        if variable and picture.draws(variable):
            picture.show_variable(variable)

    def play(self) -> None:
        """Space moves what moves."""
        if self.page == "ensemble":
            self.ensemble.play()
