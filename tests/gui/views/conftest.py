"""A session and views on a display, in the light theme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from smtj_gui.look import LIGHT
from smtj_gui.session import Session
from smtj_gui.views.angular import AngularView
from smtj_gui.views.base import View
from smtj_gui.views.bias import BiasView
from smtj_gui.views.detection import DetectionView
from smtj_gui.views.dynamics import DynamicsView
from tests.gui.views.samples import PlainPreset


@pytest.fixture
def session(qapp: object) -> Session:
    return Session(PlainPreset())  # type: ignore[arg-type]


@pytest.fixture
def on_screen(qtbot: QtBot) -> Callable[[View], View]:
    """Show a view at the size that it has in a small window."""
    def show(view: View) -> View:
        qtbot.addWidget(view)
        view.set_theme(LIGHT)
        view.resize(760, 620)
        with qtbot.waitExposed(view):
            view.show()
        return view
    return show


@pytest.fixture
def angular_view(session: Session, on_screen: Callable[[View], View]) -> AngularView:
    return on_screen(AngularView(session))  # type: ignore[return-value]


@pytest.fixture
def bias_view(session: Session, on_screen: Callable[[View], View]) -> BiasView:
    return on_screen(BiasView(session))  # type: ignore[return-value]


@pytest.fixture(params=["painter", pytest.param("opengl", marks=pytest.mark.opengl)])
def drawing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What draws the sphere: both have to do the same."""
    monkeypatch.setenv("SMTJ_3D", request.param)
    return str(request.param)


@pytest.fixture
def dynamics_view(session: Session, on_screen: Callable[[View], View], drawing: str, qtbot: QtBot) -> DynamicsView:
    """The view with nothing to show yet, its sphere chosen."""
    view = DynamicsView(session)
    with qtbot.waitSignal(view.mode_changed):
        on_screen(view)
        view.show_content()     # the sphere comes on screen, and with it the question what draws it
    assert type(view.stage.sphere).__name__ == {"painter": "SpherePainter", "opengl": "SphereGL"}[drawing]
    return view


@pytest.fixture
def detection_view(session: Session, on_screen: Callable[[View], View],
                   monkeypatch: pytest.MonkeyPatch) -> DetectionView:
    monkeypatch.setenv("SMTJ_3D", "painter")
    return on_screen(DetectionView(session))  # type: ignore[return-value]
