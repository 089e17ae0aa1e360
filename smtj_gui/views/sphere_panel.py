"""The sphere with its key and its player: which widget draws it, where the camera stands, what moves."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtj_gui.views.opengl_probe import OpenGLProbe
from smtj_gui.views.overlaid import Overlay
from smtj_gui.views.player import Player
from smtj_gui.views.sphere_control import SphereControl
from smtj_gui.views.sphere_key import SphereKey
from smtj_gui.views.sphere_painter import SpherePainter
from smtj_gui.views.sphere_scene import PRESETS, Array, Camera, Cloud, Path, Scene, Strand

if TYPE_CHECKING:
    from smtj_engine.parameters import Drive, Magnet, Setup
    from smtj_engine.results import Result
    from smtj_gui.look import Theme

#: Nearer to a pole than this (|m_x + i m_y|) the azimuth of m says nothing, and the camera stays.
_POLE = 0.03


class SpherePanel(QWidget):
    """Draws with the painter until OpenGL is known to work, and then with OpenGL.

    `moved` comes with every time shown (ns); `mode_changed` says in words what draws.
    """

    moved = Signal(float)
    mode_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene, self.camera = Scene(), Camera()
        self.path: Path | None = None
        self.cloud: Cloud | None = None
        self.follow = False
        self.mode = ""
        self.theme: Theme | None = None
        self._drawn: tuple[Magnet, Drive] | None = None
        self._azimuth = 0.0
        self.probe = OpenGLProbe(self)
        self.probe.answered.connect(self._on_answer)
        self.destroyed.connect(self.probe.stop)
        self.key, self.player = SphereKey(self), Player(self)
        self.sphere: SphereControl = SpherePainter(self.scene, self)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._row.addWidget(self.sphere, 1)
        self._row.addWidget(self.key)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._row, 1)
        column.addWidget(self.player)
        self.sphere.turned.connect(self._on_turn)
        self.player.moved.connect(self._move)
        self.player.changed.connect(self._redraw)
        self.key.camera_wanted.connect(lambda name: self.look_from(PRESETS[name]))
        self.key.follow_changed.connect(self.set_follow)

    # -- what is shown ---------------------------------------------------------------------------------

    def show_trajectory(self, result: Result, total: float) -> None:
        """A trajectory, or the part of it that there is, of `total` ns."""
        variables = result.data.variables
        self.path = Path(variables["time"].values, variables["m"].values)
        self._show_magnet(result.setup)
        self.player.set_total(total)
        self.player.set_end(self.path.end)

    def show_cloud(self, result: Result, total: float) -> None:
        """The samples of an ensemble over `total` ns, or those that there are so far."""
        variables = result.data.variables
        self.cloud = Cloud(variables["time"].values, variables["m"].values)
        self._show_magnet(result.setup)
        self.player.set_total(total)
        self.player.set_end(self.cloud.end)

    def _show_magnet(self, setup: Setup) -> None:
        if (setup.magnet, setup.drive) != self._drawn:
            self._drawn = (setup.magnet, setup.drive)
            self.scene.set_magnet(setup.magnet, setup.drive)
            self.key.show_drive(setup.drive)

    def set_cycle(self, w: float, frequency: float, reason: str) -> None:
        """The predicted limit cycle: contour and frequency (GHz), NaN for none, or why nothing is predicted."""
        self.scene.set_cycle(w)
        self.key.show_theory(frequency, reason)
        self._redraw()

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Kept runs, drawn at the same time."""
        self.scene.others = [Strand(Path(overlay.result.data["time"].values, overlay.result.data["m"].values),
                                    overlay.colour) for overlay in overlays]
        self._redraw()

    def for_cloud(self) -> None:
        """Without what belongs to one trajectory: its key, and the length of its trail."""
        self.key.hide()
        self.player.hide_trail()

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self.theme = theme
        self.sphere.set_theme(theme)
        self.key.set_theme(theme)
        self.player.set_theme(theme)

    @property
    def now(self) -> float:
        """The time shown, in ns."""
        return min(self.player.now, self.player.end)

    def _redraw(self) -> None:
        self._move(self.now)

    def _move(self, now: float) -> None:
        if self.cloud is not None:
            self.scene.scatter(self.cloud, now)
        elif self.path is None or not self.path.time.size:
            return
        else:
            self.scene.move(self.path, now, self.player.trail)
        self._place_camera()
        self.sphere.redraw()
        self.moved.emit(now)

    # -- camera ----------------------------------------------------------------------------------------

    def look_from(self, camera: Camera) -> None:
        """Look from there; the zoom stays."""
        self.camera = dataclasses.replace(camera, zoom=self.camera.zoom)
        self._place_camera()

    def set_follow(self, on: bool) -> None:
        """Turn with m, or stand still again where the camera is now."""
        if not on:
            self.camera = self.sphere.camera
        elif self.scene.m is not None:
            self.camera = _turned(self.camera, -azimuth_of(self.scene.m, self._azimuth))
        self.follow = on
        self._place_camera()

    def seen_from(self, m: Array | None) -> Camera:
        """The camera while m points there."""
        if not self.follow or m is None:
            return self.camera
        self._azimuth = azimuth_of(m, self._azimuth)
        return _turned(self.camera, self._azimuth)

    def _place_camera(self) -> None:
        self.sphere.set_camera(self.seen_from(self.scene.m))

    def _on_turn(self, camera: Camera) -> None:
        """The user has turned the sphere."""
        self.camera = _turned(camera, -self._azimuth) if self.follow else camera

    # -- which widget draws ----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Look for OpenGL when it is first needed: a GL widget costs memory."""
        super().showEvent(event)
        self.probe.start()

    def _on_answer(self, works: bool, reason: str) -> None:
        if works:
            try:
                from smtj_gui.views.sphere_gl import SphereGL

                self._replace(SphereGL(self.scene, self, smooth=self.probe.hardware))
            except Exception as error:  # whatever a driver or library says, the painter still draws
                works, reason = False, str(error) or type(error).__name__
        self.mode = "3-D by OpenGL" if works else f"3-D by painter: {reason}"
        self.mode_changed.emit(self.mode)

    def _replace(self, sphere: SphereControl) -> None:
        old, self.sphere = self.sphere, sphere
        focused = old.hasFocus()
        self._row.replaceWidget(old, sphere)
        old.hide()
        old.deleteLater()
        sphere.turned.connect(self._on_turn)
        if self.theme is not None:
            sphere.set_theme(self.theme)
        sphere.set_camera(old.camera)
        sphere.redraw()
        sphere.show()
        if focused:
            sphere.setFocus()


def azimuth_of(m: Array, before: float) -> float:
    """The azimuth of m in degrees; near a pole the one before."""
    return math.degrees(math.atan2(m[1], m[0])) if np.hypot(m[0], m[1]) > _POLE else before


def _turned(camera: Camera, angle: float) -> Camera:
    return dataclasses.replace(camera, azimuth=(camera.azimuth + angle + 180.0) % 360.0 - 180.0)
