"""Small setups of the detection view's pages, and the engine's answers to them."""

from __future__ import annotations

import functools
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from smtj_engine.analyses import ANALYSES
from smtj_engine.monitor import silent
from smtj_engine.parameters import Setup
from smtj_engine.results import Result
from smtj_engine.schema import with_values
from smtj_gui.views.detection import DetectionView

LEFT = Qt.MouseButton.LeftButton
WARM = {"magnet.volume": 300.0, "drive.temperature": 300.0}
DIODE = {"drive.h_x": 0.1, "drive.h_z": 0.05, "numerics.spin_diode.start": 4.0, "numerics.spin_diode.stop": 12.0,
         "numerics.spin_diode.points": 41}
SWEPT = DIODE | {"numerics.spin_diode.over": "drive.h_x", "numerics.spin_diode.over_start": 0.05,
                 "numerics.spin_diode.over_points": 7}
CLOUD = WARM | {"numerics.ensemble.count": 300, "numerics.ensemble.duration": 0.4, "numerics.ensemble.instants": 5}
PULSE = WARM | {"drive.waveform.target": "h_x", "drive.waveform.level": 0.1, "drive.waveform.length": 0.1,
                "numerics.switching.x": "drive.waveform.level", "numerics.switching.x_start": 0.0,
                "numerics.switching.x_stop": 0.3, "numerics.switching.x_points": 6,
                "numerics.switching.y": "drive.waveform.length", "numerics.switching.y_start": 0.05,
                "numerics.switching.y_stop": 0.2, "numerics.switching.y_points": 4,
                "numerics.switching.count": 4, "numerics.switching.duration": 0.4}
RATE = {"magnet.volume": 100.0, "drive.temperature": 300.0, "magnet.damping": 0.2, "magnet.q_par": 0.0,
        "numerics.rate.count": 32, "numerics.rate.repeats": 3}
RATES = RATE | {"numerics.rate.over": "drive.temperature", "numerics.rate.over_start": 100.0,
                "numerics.rate.over_stop": 300.0, "numerics.rate.over_points": 3}
LOOP = {"numerics.loop.start": -0.3, "numerics.loop.stop": 0.3, "numerics.loop.points": 13,
        "numerics.loop.dwell": 0.5}


@functools.cache
def answer(kind: str, *changes: tuple[str, Any]) -> Result:
    """The engine's answer to the default setup with these changes."""
    return ANALYSES[kind].run(with_values(Setup(), dict(changes)), silent)


def show(view: DetectionView, page: str, changes: dict[str, Any]) -> Any:
    """Turn to a page, make these changes, and show the engine's answer; the page's picture."""
    view.choose(page)
    view.session.edit_many(changes)
    kind = view.pages[page].kind
    view.show_live(answer(kind, *changes.items()), False)
    return view.picture_of(page)


def click(qtbot: QtBot, widget: QWidget) -> None:
    """Click a widget that may have come on screen just now."""
    qtbot.waitUntil(lambda: not widget.visibleRegion().isEmpty())
    qtbot.mouseClick(widget, LEFT)
