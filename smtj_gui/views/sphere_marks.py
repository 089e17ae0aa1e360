"""What both spheres draw alike with QPainter: equilibria, the needle of m, the names of the axes, the colours."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from smtj_gui.views.sphere_scene import Array, Camera, Scene

if TYPE_CHECKING:
    from smtj_gui.look import Theme

#: Marks on the far side are this faint.
FAR = 0.3
#: How far the axes reach.
REACH = 1.24


@dataclasses.dataclass(frozen=True)
class Frame:
    """Where the sphere lies in a picture: its centre and radius in pixels."""

    x: float
    y: float
    radius: float

    @classmethod
    def of(cls, width: float, height: float, zoom: float = 1.0) -> Frame:
        """The sphere with room for the names of the axes."""
        return cls(width / 2, height / 2, max(10.0, 0.5 * min(width, height) / (REACH + 0.1) * zoom))

    def place(self, seen: Array) -> QPointF:
        """The pixel of a projected point."""
        return QPointF(self.x + self.radius * float(seen[0]), self.y - self.radius * float(seen[1]))


def energy_colours(theme: Theme) -> np.ndarray:
    """256 colours (256, 3) from low to high energy: viridis, softened so that lines stand out from it."""
    table = pg.colormap.get("viridis").getLookupTable(0.15, 0.95, 256)[:, :3].astype(float)
    colour = QColor("#ffffff" if not theme.dark else "#1b222c")
    ground = np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float64)
    share = 0.5 if not theme.dark else 0.55
    return np.asarray(share * table + (1 - share) * ground)


def trail_colour(theme: Theme) -> QColor:
    """The colour of m and its trail."""
    return QColor("#C43C00" if not theme.dark else "#FFB347")


def with_alpha(colour: QColor | str, alpha: float) -> QColor:
    """A colour of this opacity."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def paint_marks(painter: QPainter, scene: Scene, camera: Camera, frame: Frame, theme: Theme) -> None:
    """Equilibria, the needle and the names of the axes, over the sphere."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_names(painter, camera, frame, theme)
    for mark in scene.marks:
        seen = camera.project(np.array(mark.m)[None])[0]
        paint_mark(painter, frame.place(seen), mark.kind, theme, 1.0 if seen[2] > -1e-6 else FAR)
    if scene.m is not None:
        _paint_needle(painter, scene.m, camera, frame, theme)


def paint_mark(painter: QPainter, at: QPointF, kind: str, theme: Theme, alpha: float = 1.0) -> None:
    """One equilibrium: a disc if stable, a ring if unstable, a diamond for a saddle."""
    ink, ground = with_alpha(theme.foreground, alpha), with_alpha(theme.background, alpha)
    painter.setPen(QPen(ground if kind == "stable" else ink, 1.5))
    painter.setBrush(ink if kind == "stable" else ground)
    if kind == "saddle":
        x, y, size = at.x(), at.y(), 5.5
        painter.drawPolygon([QPointF(x, y - size), QPointF(x + size, y), QPointF(x, y + size),
                             QPointF(x - size, y)])
    else:
        painter.drawEllipse(at, 4.5, 4.5)


def _paint_needle(painter: QPainter, m: Array, camera: Camera, frame: Frame, theme: Theme) -> None:
    """m as a line from the centre to a ball on the sphere; fainter when it points away."""
    seen = camera.project(m[None])[0]
    alpha = 1.0 if seen[2] >= 0 else 0.55
    tip, colour = frame.place(seen), trail_colour(theme)
    painter.setPen(QPen(with_alpha(colour, 0.85 * alpha), 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(QPointF(frame.x, frame.y), tip)
    painter.setPen(QPen(with_alpha(theme.background, alpha), 1.5))
    painter.setBrush(with_alpha(colour, alpha))
    painter.drawEllipse(tip, 6.5, 6.5)


def _paint_names(painter: QPainter, camera: Camera, frame: Frame, theme: Theme) -> None:
    """The names of the axes beyond their ends."""
    metrics = painter.fontMetrics()
    for index, name in enumerate("xyz"):
        seen = camera.project(np.eye(3)[index][None])[0]
        if np.hypot(seen[0], seen[1]) < 0.12:
            continue  # it points at the viewer: its name would lie on the equilibrium
        place = frame.place(seen * (REACH + 0.06))
        high, wide = metrics.height(), metrics.horizontalAdvance(name) + 2
        painter.setPen(with_alpha(theme.foreground, 1.0 if seen[2] > -0.3 else 0.55))
        painter.drawText(QRectF(place.x() - wide / 2, place.y() - high / 2, wide, high),
                         Qt.AlignmentFlag.AlignCenter, name)


def axis_pieces() -> Array:
    """The axes outside the sphere: pieces (6, 2, 3), the positive half longer."""
    pieces = []
    for index in range(3):
        unit = np.eye(3)[index]
        pieces += [np.stack([unit, REACH * unit]), np.stack([-unit, -1.1 * unit])]
    return np.stack(pieces)
