"""The bias dependence: current, dI/dV, TAMR, torques and anisotropy against V, and the torques against α_R."""

from __future__ import annotations

from smtj_gui.views import BIAS
from smtj_gui.views.controls import Controls, Field
from smtj_gui.views.energy_page import EnergyPage, telling_alpha
from smtj_gui.views.paged import PagedView
from smtj_gui.views.plot_grid import PlotGrid

_SQUARE = ((0, 0), (0, 1), (1, 0), (1, 1))


class BiasView(PagedView):
    """Pages "current", "torque", "anisotropy" and "rashba"."""

    key, title, kinds = BIAS

    def add_pages(self) -> None:
        bias, rashba, energy = (self._grid_controls(kind) for kind in ("bias", "rashba", "energy"))
        self.add_page("current", "Current", "bias", bias, lambda: telling_alpha(PlotGrid(
            [("current_density",), ("conductance",), ("tamr",), ("resistance",)], ("bias",), _SQUARE, self)))
        self.add_page("torque", "Torque", "bias", bias, lambda: telling_alpha(PlotGrid(
            [("torque_par",), ("torque_perp_neq", "torque_perp")], ("bias",), [(0, 0), (1, 0)], self)))
        self.add_page("anisotropy", "Anisotropy", "energy", energy, lambda: EnergyPage(self.session, self))
        self.add_page("rashba", "Against α", "rashba", rashba, lambda: PlotGrid(
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
