"""The sphere drawn with QPainter, for displays without OpenGL, for copies and for files: the same scene."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from smtj_gui.views.sphere_control import SphereControl
from smtj_gui.views.sphere_marks import (
    FAR,
    Frame,
    axis_pieces,
    energy_colours,
    paint_marks,
    trail_colour,
    with_alpha,
)
from smtj_gui.views.sphere_scene import Array, Camera, Landscape, Scene, fading

if TYPE_CHECKING:
    from smtj_gui.look import Theme

#: On screen the ball is shaded at no more than this many pixels across, and enlarged smoothly.
_FINEST = 360
#: The trail fades in this many steps.
_STEPS = 10
#: How much one point of a cloud leaves of what is behind it.
_CLEAR = 0.4


class SpherePainter(SphereControl, QWidget):
    """A 2-D projection of the scene."""

    mode = "painter"
    turned = Signal(object)

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._ball = Ball()

    def paintEvent(self, _: QPaintEvent) -> None:
        if self.theme is None:
            return
        painter = QPainter(self)
        paint_scene(painter, self.scene, self.camera, self.width(), self.height(), self.theme, self._ball,
                    self.devicePixelRatioF())
        painter.end()


class Ball:
    """The shaded sphere as an image, kept until energy, camera, size or theme change."""

    def __init__(self, finest: int = _FINEST) -> None:
        self.finest = finest
        self._key: object = None
        self._image = QImage()

    def image(self, landscape: Landscape, camera: Camera, size: int, theme: Theme) -> QImage:
        """A square image of the sphere, transparent around it."""
        key = (landscape, camera.azimuth, camera.elevation, size, theme.dark)
        if key != self._key:
            self._key, self._image = key, _shade(landscape, camera, size, theme)
        return self._image


def _shade(landscape: Landscape, camera: Camera, size: int, theme: Theme) -> QImage:
    """The energy as colour, darker towards the rim, the rim itself smooth."""
    line = (np.arange(size) + 0.5) * 2 / size - 1
    x, y = np.meshgrid(line, -line)
    distance = np.hypot(x, y)
    depth = np.sqrt(np.maximum(0.0, 1 - distance**2))
    points = np.stack([x, y, depth], axis=-1) @ camera.axes()
    colour = energy_colours(theme)[(255 * landscape.level(points)).astype(int)]
    pixels = np.empty((size, size, 4), dtype=np.uint8)
    pixels[..., :3] = colour * light(depth)[..., None]
    pixels[..., 3] = 255 * np.clip((1 - distance) * size / 2 + 0.5, 0.0, 1.0)
    return QImage(pixels.data, size, size, 4 * size, QImage.Format.Format_RGBA8888).copy()


def light(depth: Array) -> Array:
    """How bright a place is by its depth towards the viewer."""
    return 0.72 + 0.28 * np.sqrt(depth)


def paint_scene(painter: QPainter, scene: Scene, camera: Camera, width: float, height: float, theme: Theme,
                ball: Ball, sharpness: float = 1.0) -> None:
    """The whole picture into a painter of this size."""
    frame = Frame.of(width, height, camera.zoom)
    painter.fillRect(QRectF(0, 0, width, height), QColor(theme.background))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    pieces = axis_pieces()
    away = camera.project(pieces[:, 1])[:, 2] < 0
    axes = QPen(QColor(theme.muted), 1.2)
    _draw_pieces(painter, pieces[away], camera, frame, axes)
    radius = frame.radius
    size = min(ball.finest, round(2 * radius * sharpness))
    painter.drawImage(QRectF(frame.x - radius, frame.y - radius, 2 * radius, 2 * radius),
                      ball.image(scene.landscape, camera, size, theme))
    _draw_near(painter, scene.contours, camera, frame, QPen(with_alpha(theme.foreground, 0.2), 1))
    for alpha, near in ((FAR, False), (1.0, True)):
        for strand in scene.others:
            _draw_trail(painter, strand.trail, camera, frame, QColor(strand.colour), 0.9 * alpha, near)
        _draw_trail(painter, scene.trail, camera, frame, trail_colour(theme), alpha, near)
        cycle = QPen(with_alpha(theme.foreground, 0.9 * alpha), 1.6)
        _draw_near(painter, scene.cycles, camera, frame, cycle, near)
    _draw_cloud(painter, scene.cloud, camera, frame, (width, height), trail_colour(theme), sharpness)
    _draw_pieces(painter, pieces[~away], camera, frame, axes)
    paint_marks(painter, scene, camera, frame, theme)


def _draw_near(painter: QPainter, pieces: Array, camera: Camera, frame: Frame, pen: QPen,
               near: bool = True) -> None:
    """The pieces (n, 2, 3) on the near or the far side."""
    if len(pieces):
        front = camera.project(pieces.mean(axis=1))[:, 2] >= 0
        _draw_pieces(painter, pieces[front == near], camera, frame, pen)


def _draw_pieces(painter: QPainter, pieces: Array, camera: Camera, frame: Frame, pen: QPen) -> None:
    if not len(pieces):
        return
    seen = camera.project(pieces.reshape(-1, 3))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)    # else the pieces' ends overlap and show as dots
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(pg.functions.arrayToQPath(frame.x + frame.radius * seen[:, 0],
                                               frame.y - frame.radius * seen[:, 1], connect="pairs"))


def _draw_trail(painter: QPainter, trail: Array, camera: Camera, frame: Frame, colour: QColor, alpha: float,
                near: bool) -> None:
    """The trail's near or far side, in a few steps of opacity; thin, because it changes with every frame."""
    count = len(trail)
    if count < 2:
        return
    seen = camera.project(trail)
    x, y = frame.x + frame.radius * seen[:, 0], frame.y - frame.radius * seen[:, 1]
    side = ((seen[:-1, 2] + seen[1:, 2] >= 0) == near).astype(np.int32)
    opacity = fading(count)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    bounds = np.unique(np.linspace(0, count - 1, min(_STEPS, count - 1) + 1).astype(int))
    for first, last in itertools.pairwise(bounds):
        joined = np.append(side[first:last], 0).astype(np.int32)
        if joined.any():
            painter.setPen(QPen(with_alpha(colour, float(opacity[last]) * alpha), 1.0 if count > 600 else 1.6))
            painter.drawPath(pg.functions.arrayToQPath(x[first:last + 1], y[first:last + 1], connect=joined))


def _draw_cloud(painter: QPainter, points: Array, camera: Camera, frame: Frame, room: tuple[float, float],
                colour: QColor, sharpness: float) -> None:
    """Many points as dots of two pixels, the darker the more of them; one image, however many there are."""
    if not len(points):
        return
    wide, high = (max(4, round(side * sharpness)) for side in room)
    seen = camera.project(points)
    x = ((frame.x + frame.radius * seen[:, 0]) * sharpness).astype(int)
    y = ((frame.y - frame.radius * seen[:, 1]) * sharpness).astype(int)
    inside = (x >= 0) & (x < wide - 1) & (y >= 0) & (y < high - 1)
    weights = np.where(seen[inside, 2] >= 0, 1.0, FAR)
    single = np.bincount(y[inside] * wide + x[inside], weights, wide * high).reshape(high, wide)
    many = single.copy()
    for down, right in ((0, 1), (1, 0), (1, 1)):
        many[down:, right:] += single[:high - down, :wide - right]
    pixels = np.empty((high, wide, 4), dtype=np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = colour.red(), colour.green(), colour.blue()
    pixels[..., 3] = 255 * (1 - _CLEAR ** np.minimum(many, 40))
    image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
    painter.drawImage(QRectF(0, 0, *room), image)
