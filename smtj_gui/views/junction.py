"""What happens inside the junction: bands, spin density, k∥ maps, energies; and junctions beside each other."""

from __future__ import annotations

from functools import cache, partial

from PySide6.QtWidgets import QWidget

from smtj_gui.views import JUNCTION
from smtj_gui.views.band_plot import BandPlot
from smtj_gui.views.controls import Controls, Field
from smtj_gui.views.depth_plots import DepthPlots
from smtj_gui.views.energy_plots import EnergyPlots
from smtj_gui.views.kmap_page import MapPage
from smtj_gui.views.mechanism_plots import MechanismPlots
from smtj_gui.views.paged import PagedView
from smtj_gui.views.systems_page import SystemsMenu, SystemsPage

_FIELDS = {
    "bands": [Field("beside", "electrodes", "nm"), Field("points", "points")],
    "density": [Field("depth", "z up to", "nm"), Field("points", "points"), Field("theta_deg", "θ", "°"),
                Field("phi_deg", "φ", "°")],
    "kmap": [Field("energy", "E − E_F", "eV"), Field("extent", "k up to", "1/Å", 52), Field("points", "values"),
             Field("theta_deg", "θ", "°"), Field("phi_deg", "φ", "°")],
    "spectral": [Field("start", "E from"), Field("stop", "to", "eV"), Field("points", "points"),
                 Field("theta_deg", "θ", "°"), Field("phi_deg", "φ", "°")],
    "comparison": [Field("points", "angles"), Field("phi_deg", "φ", "°")],
    "systems": [Field("bias", "V", "V")],
}


class JunctionView(PagedView):
    """Pages "bands", "spin", "torque", "maps", "energies", "comparison" and "systems"."""

    key, title, kinds = JUNCTION

    def add_pages(self) -> None:
        fields = cache(self._fields)
        for key, text, kind, make, tip in (
                ("bands", "Bands", "bands", BandPlot, "Potential and Fermi levels across the layers"),
                ("spin", "Spin density", "density", _spin, "Spin density in the ferromagnet, across and along M"),
                ("torque", "Torque density", "density", _torque,
                 "Torque density in the ferromagnet, and the torque that it adds up to"),
                ("maps", "k∥ maps", "kmap", MapPage,
                 "Transmission, polarization and torques over the in-plane wave vector"),
                ("energies", "Energies", "spectral", _energies, "What each energy adds to current and torques"),
                ("comparison", "Comparison", "comparison", MechanismPlots,
                 "The spin-orbit torque beside that of a conventional junction"),
                ("systems", "Systems", "systems", SystemsPage, "All materials in one table")):
            self.add_page(key, text, kind, partial(fields, kind), partial(make, parent=self), tip)

    def _fields(self, kind: str) -> Controls:
        """The fields of one kind of result, which two pages may share."""
        menu = [SystemsMenu(self.session, self)] if kind == "systems" else []
        return Controls(self.session, f"numerics.{kind}", _FIELDS[kind], without=None, before=menu, parent=self)

    def set_busy(self, text: str) -> None:
        """A picture of another junction gives way to the reason why there is none of this one."""
        super().set_busy(text)
        known = self._results.get(self._page().kind)
        if text and known is not None and known[0].setup.junction != self.session.setup.junction:
            del self._results[self._page().kind]
            self.show_content(False)


def _spin(parent: QWidget) -> DepthPlots:
    return DepthPlots([("spin_par",), ("spin_perp",), ("spin_along",)], ("depth",), [(0, 0), (1, 0), (0, 1, 2)],
                      parent)


def _torque(parent: QWidget) -> DepthPlots:
    return DepthPlots([("torque_density_par",), ("torque_density_perp",), ("running_par",), ("running_perp",)],
                      ("depth",), [(0, 0), (0, 1), (1, 0), (1, 1)], parent)


def _energies(parent: QWidget) -> EnergyPlots:
    return EnergyPlots([("current_spectrum",), ("torque_par_spectrum",), ("torque_perp_spectrum",)],
                       [(0, 0, 2), (0, 1), (1, 1)], parent)
