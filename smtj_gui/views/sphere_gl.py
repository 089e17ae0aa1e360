"""The sphere drawn with OpenGL: the same scene as sphere_painter, its marks painted over it.

All items are made once and given new numbers. The projection is orthographic, as in the painter.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph.opengl as gl
from OpenGL import GL  # type: ignore[import-untyped]
from pyqtgraph.opengl import shaders
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QMatrix4x4, QPainter
from PySide6.QtWidgets import QWidget

from smtj_gui.views.sphere_control import SphereControl
from smtj_gui.views.sphere_marks import (
    FAR,
    Frame,
    axis_pieces,
    energy_colours,
    paint_marks,
    trail_colour,
)
from smtj_gui.views.sphere_scene import Array, Camera, Scene, fading

if TYPE_CHECKING:
    from smtj_gui.look import Theme

#: Depth is tested, colours are mixed: the near side.
_NEAR = {GL.GL_DEPTH_TEST: True, GL.GL_BLEND: True, GL.GL_CULL_FACE: False,
         "glBlendFuncSeparate": (GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ONE,
                                 GL.GL_ONE_MINUS_SRC_ALPHA)}
#: Drawn faintly through the sphere: the far side.
_THROUGH = _NEAR | {GL.GL_DEPTH_TEST: False}
#: The far side of the sphere is not drawn.
_SOLID = {GL.GL_DEPTH_TEST: True, GL.GL_BLEND: False, GL.GL_CULL_FACE: True,
          "glCullFace": (GL.GL_FRONT,)}      # whose triangles pyqtgraph winds the other way
#: Points are this far from the camera; orthographic, so it does not matter.
_DISTANCE = 10.0
_BALL = "smtj ball"


def _shader() -> str:
    """Vertex colours, a little darker towards the rim, as sphere_painter.light(); made once.

    By the vertex: a processor that has to do without a graphics card draws it too.
    """
    if _BALL not in shaders.ShaderProgram.names:
        shaders.ShaderProgram(_BALL, [
            shaders.VertexShader("""
                uniform mat4 u_mvp;
                uniform mat3 u_normal;
                attribute vec4 a_position;
                attribute vec3 a_normal;
                attribute vec4 a_color;
                varying vec4 v_color;
                void main() {
                    float depth = abs(normalize(u_normal * a_normal).z);
                    v_color = vec4(a_color.rgb * (0.72 + 0.28 * sqrt(depth)), 1.0);
                    gl_Position = u_mvp * a_position;
                }"""),
            shaders.FragmentShader("""
                #ifdef GL_ES
                precision mediump float;
                #endif
                varying vec4 v_color;
                void main() {
                    gl_FragColor = v_color;
                }""")])
    return _BALL


class SphereGL(SphereControl, gl.GLViewWidget):  # type: ignore[misc]
    """The scene in OpenGL."""

    mode = "OpenGL"
    turned = Signal(object)

    def __init__(self, scene: Scene, parent: QWidget | None = None, smooth: bool = False) -> None:
        super().__init__(scene, parent)
        if smooth:      # too slow for a processor: 41 instead of 62 frames/s on two cores
            form = self.format()
            form.setSamples(4)
            self.setFormat(form)
        self._drawn = -1
        self._add_items()
        self._show_camera()

    def _add_items(self) -> None:
        self._mesh = gl.MeshData.sphere(rows=36, cols=72)
        self.ball = gl.GLMeshItem(meshdata=self._mesh, smooth=True, shader=_shader(), glOptions=_SOLID)
        self.axes, self.contours = self._lines("lines"), self._lines("lines")
        self.cycles, self.far_cycles = self._lines("lines"), self._lines("lines", _THROUGH)
        self.trail, self.far_trail = self._lines("line_strip"), self._lines("line_strip", _THROUGH)
        self.addItem(self.ball)
        # what is seen through the sphere comes after it and before the near lines
        for order, item in enumerate((self.axes, self.contours, self.far_trail, self.far_cycles, self.trail,
                                      self.cycles), start=1):
            item.setDepthValue(order)
            self.addItem(item)
        self.clouds = [gl.GLScatterPlotItem(pos=np.zeros((1, 3)), size=2.0, pxMode=True, glOptions=options)
                       for options in (_NEAR, _THROUGH)]
        for order, cloud in zip((6, 3), self.clouds, strict=True):
            cloud.setDepthValue(order)
            cloud.hide()
            self.addItem(cloud)
        self.axes.setData(pos=axis_pieces().reshape(-1, 3))
        self.others: list[tuple[gl.GLLinePlotItem, gl.GLLinePlotItem]] = []

    @staticmethod
    def _lines(mode: str, options: dict[Any, Any] | None = None) -> gl.GLLinePlotItem:
        return gl.GLLinePlotItem(pos=np.zeros((2, 3)), mode=mode, antialias=True, width=1.0,
                                 glOptions=options or _NEAR)

    # -- camera ----------------------------------------------------------------------------------------

    def set_camera(self, camera: Camera) -> None:
        super().set_camera(camera)
        self._show_camera()

    def _show_camera(self) -> None:
        self.setCameraPosition(distance=_DISTANCE, azimuth=self.camera.azimuth, elevation=self.camera.elevation)

    def projectionMatrix(self, region: Any, viewport: Any) -> QMatrix4x4:
        """Orthographic, with the sphere where Frame has it."""
        wide, high = max(1, viewport[2]), max(1, viewport[3])
        radius = Frame.of(wide, high, self.camera.zoom).radius
        matrix = QMatrix4x4()
        matrix.ortho(-wide / 2 / radius, wide / 2 / radius, -high / 2 / radius, high / 2 / radius,
                     _DISTANCE - 3, _DISTANCE + 3)
        return matrix

    # -- what is drawn ---------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.setBackgroundColor(theme.background)
        self._drawn = -1
        self.redraw()

    def redraw(self) -> None:
        if self.theme is None:
            return
        if self._drawn != self.scene.revision:
            self._drawn = self.scene.revision
            self._draw_standing(self.theme)
        self._draw_others()
        _draw_trail((self.trail, self.far_trail), self.scene.trail, trail_colour(self.theme))
        self._draw_cloud(trail_colour(self.theme))
        self.update()

    def _draw_standing(self, theme: Theme) -> None:
        """Energy, contours, cycles: what changes with the parameters only."""
        level = self.scene.landscape.level(np.asarray(self._mesh.vertexes(), dtype=float))
        colours = np.ones((len(level), 4), dtype=np.float32)
        colours[:, :3] = energy_colours(theme)[(255 * level).astype(int)] / 255
        self._mesh.setVertexColors(colours)
        self.ball.meshDataChanged()
        self.axes.setData(color=QColor(theme.muted).getRgbF())
        _give(self.contours, self.scene.contours, QColor(theme.foreground), 0.22)
        _give(self.cycles, self.scene.cycles, QColor(theme.foreground), 0.95)
        _give(self.far_cycles, self.scene.cycles, QColor(theme.foreground), FAR)

    def _draw_others(self) -> None:
        """The kept runs; items are re-used, and those not needed are hidden."""
        while len(self.others) < len(self.scene.others):
            pair = self._lines("line_strip"), self._lines("line_strip", _THROUGH)
            for order, item in zip((5, 3), pair, strict=True):      # below the trail of m itself
                item.setDepthValue(order)
                self.addItem(item)
            self.others.append(pair)
        for pair, strand in zip(self.others, self.scene.others, strict=False):
            _draw_trail(pair, strand.trail, QColor(strand.colour), 0.9)
        for pair in self.others[len(self.scene.others):]:
            for item in pair:
                item.hide()

    def _draw_cloud(self, colour: QColor) -> None:
        """The samples of an ensemble; through the sphere only faintly."""
        points = self.scene.cloud
        opacity = min(0.9, max(0.25, 3000 / max(len(points), 1)))
        for cloud, alpha in zip(self.clouds, (opacity, opacity * FAR), strict=True):
            cloud.setVisible(len(points) > 0)
            if len(points):
                cloud.setData(pos=points, color=(colour.redF(), colour.greenF(), colour.blueF(), alpha))

    def initializeGL(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)     # "primarily tested against OpenGL Desktop"
            super().initializeGL()

    def paintGL(self) -> None:
        GL.glDepthMask(True)    # the painter of the last frame may have left it off, and the depth must be cleared
        super().paintGL()
        if self.theme is not None:
            GL.glDisable(GL.GL_DEPTH_TEST)      # else the painter's marks lie behind the sphere
            painter = QPainter(self)
            paint_marks(painter, self.scene, self.camera, Frame.of(self.width(), self.height(), self.camera.zoom),
                        self.theme)
            painter.end()


def _give(item: gl.GLLinePlotItem, pieces: Array, colour: QColor, alpha: float) -> None:
    """New pieces for an item; an empty one is hidden."""
    item.setVisible(len(pieces) > 0)
    if len(pieces):
        item.setData(pos=pieces.reshape(-1, 3), color=(colour.redF(), colour.greenF(), colour.blueF(), alpha))


def _draw_trail(pair: tuple[gl.GLLinePlotItem, gl.GLLinePlotItem], points: Array, colour: QColor,
                opacity: float = 1.0) -> None:
    """A trail's near side, and faintly its far one."""
    shown = len(points) > 1
    for item, alpha in zip(pair, (opacity, opacity * FAR), strict=True):
        item.setVisible(shown)
        if shown:
            colours = np.empty((len(points), 4), dtype=np.float32)
            colours[:, :3] = colour.redF(), colour.greenF(), colour.blueF()
            colours[:, 3] = alpha * fading(len(points))
            item.setData(pos=points, color=colours)
