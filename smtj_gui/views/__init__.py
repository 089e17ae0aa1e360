"""The pictures of results: one file per view, and the table that the window reads."""

from smtj_gui.views.angular import AngularView
from smtj_gui.views.base import View
from smtj_gui.views.bias import BiasView
from smtj_gui.views.dynamics import DynamicsView
from smtj_gui.views.fitting import FittingView
from smtj_gui.views.stability import StabilityView

VIEWS: tuple[type[View], ...] = (AngularView, BiasView, DynamicsView, StabilityView, FittingView)

__all__ = ["VIEWS", "View"]
