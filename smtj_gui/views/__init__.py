"""The pictures of results: one file per view, and the table that the window reads without importing them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from smtj_gui.views.base import View


class Tab(NamedTuple):
    """What is known of a view before it is built: its key, the words on its tab, and what it draws."""

    key: str
    title: str
    kinds: tuple[str, ...]


ANGULAR = Tab("angular", "Angular", ("angular",))
BIAS = Tab("bias", "Bias", ("bias", "rashba", "energy"))
JUNCTION = Tab("junction", "Junction", ("density", "kmap", "spectral", "bands", "comparison", "systems"))
DYNAMICS = Tab("dynamics", "Dynamics", ("trajectory", "spectrum", "limit-cycles"))
STABILITY = Tab("stability", "Stability", ("stability",))
DETECTION = Tab("detection", "Detection", ("spin-diode", "ensemble", "switching", "rate", "loop", "readout"))
FITTING = Tab("fit", "Fitting", ("fit",))

#: In the order of the tabs: the module and the class of each view.
VIEWS: dict[Tab, tuple[str, str]] = {
    ANGULAR: ("angular", "AngularView"),
    BIAS: ("bias", "BiasView"),
    JUNCTION: ("junction", "JunctionView"),
    DYNAMICS: ("dynamics", "DynamicsView"),
    STABILITY: ("stability", "StabilityView"),
    DETECTION: ("detection", "DetectionView"),
    FITTING: ("fitting", "FittingView"),
}


def load(place: Tab | type[View]) -> type[View]:
    """The class of a view, imported now; a class is its own answer."""
    if not isinstance(place, Tab):
        return place
    module, name = VIEWS[place]
    found: type[View] = getattr(import_module(f"{__name__}.{module}"), name)
    return found
