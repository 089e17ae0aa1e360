"""A map: cells in colour, lines over them; a click and a drag mean something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import QApplication, QWidget

from smtj_gui.views.plot import CurvePlot, pen

if TYPE_CHECKING:
    from smtj_gui.views.cells import Cells

Place = tuple[float, float]
#: Strokes of the hatching along one side, at least.
_STROKES = 64
#: Width (pixels) of the bands that show a second picture.
_BAND = 7
#: A drag this close (pixels) to a horizontal or vertical line becomes one.
_SNAP = 7


class Hatching(pg.GraphicsObject):  # type: ignore[misc]
    """Strokes through some cells: black on light colours and white on dark ones."""

    def __init__(self) -> None:
        super().__init__()
        self._where = QRectF()
        self._strokes: list[tuple[QPen, QPainterPath]] = []
        self.mask = np.zeros((0, 0), dtype=np.bool_)

    def show_cells(self, mask: np.ndarray, colours: np.ndarray, where: QRectF) -> None:
        """Hatch these cells (rows upwards) of a picture (RGBA) that lies at `where`."""
        self.prepareGeometryChange()
        self._where, self.mask = where, mask
        dark = colours[..., :3] @ np.array([0.299, 0.587, 0.114]) < 80
        self._strokes = [(pg.mkPen(QColor(ink, ink, ink, 190), width=1), self._path(mask & (dark == bool(ink))))
                         for ink in (0, 255)]
        self.update()

    def _path(self, cells: np.ndarray) -> QPainterPath:
        """Diagonals of each cell that meet those of its neighbours; the fewer cells the more lines."""
        many = max(1, round(_STROKES / max(cells.shape)))
        shift = np.arange(1 - many, many) / many
        begin = np.stack([np.maximum(shift, 0), np.maximum(-shift, 0)])
        ends = np.stack([begin, begin + (1 - abs(shift))], axis=-1)         # (x y, line, first last)
        row, column = np.nonzero(cells)
        wide, high = self._where.width() / cells.shape[1], self._where.height() / cells.shape[0]
        x = self._where.left() + (column[:, None, None] + ends[0]) * wide
        y = self._where.top() + (row[:, None, None] + ends[1]) * high
        return pg.arrayToQPath(x.reshape(-1), y.reshape(-1), connect="pairs")

    def boundingRect(self) -> QRectF:
        return self._where

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for ink, path in self._strokes:
            painter.setPen(ink)
            painter.drawPath(path)


class Bands(pg.ImageItem):  # type: ignore[misc]
    """A second picture in vertical bands over the first one, as wide on the screen whatever the zoom."""

    def paint(self, painter: QPainter, *options: Any) -> None:
        place = painter.worldTransform()
        box = place.mapRect(self.boundingRect()).toAlignedRect()
        painter.save()
        painter.resetTransform()
        region = QRegion()
        for left in range(box.left() + _BAND, box.right() + 1, 2 * _BAND):
            region += QRect(left, box.top(), _BAND, box.height())
        painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)
        painter.setWorldTransform(place)
        super().paint(painter, *options)
        painter.restore()


class MapPlot(CurvePlot):
    """Cells over two axes. A click picks a cell, a left drag draws a line, the wheel zooms."""

    picked = Signal(int, int)               # row and column of a cell
    line_moved = Signal(object, object)     # the two ends (Place), while the mouse draws
    line_drawn = Signal(object, object)     # the two ends, at last
    left = Signal()                         # the mouse is gone

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plane: Cells | None = None
        self._pressed: QPoint | None = None
        self._dragging = False
        self.at: tuple[int, int] | None = None     # the cell under the mouse or the arrow keys
        self.image = pg.ImageItem(axisOrder="row-major")
        self.bands = Bands(axisOrder="row-major")
        self.hatching = Hatching()
        self.theory = [pg.PlotCurveItem(connect="finite", antialias=True) for _ in range(3)]
        self.section = pg.PlotCurveItem(antialias=True)
        self.frame = pg.PlotCurveItem(antialias=False)
        self.here = pg.ScatterPlotItem()
        for item, height in ((self.image, -30), (self.bands, -28), (self.hatching, -25),
                             *((line, 10) for line in self.theory), (self.section, 14), (self.frame, 16),
                             (self.here, 18)):
            item.setZValue(height)
            self.addItem(item, ignoreBounds=True)
        self._dress()
        self._add_cuts()
        self.zero.hide()
        self.set_cursor(None, None)
        self.setMinimumSize(260, 170)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def _dress(self) -> None:
        """Black on white, which reads on every colour of the cells and in both themes."""
        for line in self.theory:
            line.setPen(pen("#000000", 1.6, 1))
            line.setShadowPen(pg.mkPen(QColor(255, 255, 255, 210), width=3.6))
        self.section.setPen(pen("#000000", 1.6))
        self.section.setShadowPen(pg.mkPen(QColor(255, 255, 255, 230), width=4.0))
        self.frame.setPen(pg.mkPen("#000000", width=1))
        self.frame.setShadowPen(pg.mkPen("#FFFFFF", width=3))
        white, black = pg.mkPen("#FFFFFF", width=4.5), pg.mkPen("#000000", width=2)
        self.here.setData([0.0, 0.0], [0.0, 0.0], size=[14, 14], symbol="o", pen=[white, black], brush=None)
        self.here.hide()
        self.frame.hide()

    def _add_cuts(self) -> None:
        """Cuts without a mouse, through the framed cell or the present setup."""
        for text, axis in (("Cut along x here\tX", 0), ("Cut along y here\tY", 1)):
            action = QAction(text, self)
            action.triggered.connect(lambda _=False, axis=axis: self._cut_here(axis))
            self.addAction(action)

    def _cut_here(self, axis: int) -> None:
        if self.plane is None:
            return
        if self.at is not None:
            place = self.centre(self.at)
        elif self.here.isVisible():
            place = self.here.pos().x(), self.here.pos().y()
        else:
            return
        edges = (self.plane.x.edges, self.plane.y.edges)
        start, end = ([(low, high)[at] if which == axis else place[which]
                       for which, (low, high) in enumerate(edges)] for at in range(2))
        self.line_drawn.emit(tuple(start), tuple(end))

    # -- what is drawn ------------------------------------------------------------------------------

    def show_plane(self, plane: Cells, mode: str, at_rest: str, other: Cells | None = None) -> None:
        """Draw the cells, those of another direction in bands; the items stay the same, their numbers change."""
        new_axes = self.plane is None or (plane.x.edges, plane.y.edges, plane.paths) != (
            self.plane.x.edges, self.plane.y.edges, self.plane.paths)
        self.plane = plane
        (left, right), (bottom, top) = plane.x.edges, plane.y.edges
        where = QRectF(left, bottom, right - left, top - bottom)
        colours = plane.colours(mode, at_rest)
        self.image.setImage(colours, autoLevels=False, levels=None)
        self.image.setRect(where)
        self.bands.setVisible(other is not None)
        if other is not None:
            self.bands.setImage(other.colours(mode, at_rest), autoLevels=False, levels=None)
            self.bands.setRect(where)
        self.hatching.show_cells(plane.sensitive & plane.there, colours, where)
        if new_axes:
            self.at = None
            self.frame.hide()
            self.set_quantities(plane.x.shown, plane.y.shown)
            self.getAxis("bottom").setLogMode(plane.x.log)
            self.getAxis("left").setLogMode(plane.y.log)
            self.show_everything()

    def show_everything(self) -> None:
        """Undo every zoom."""
        if self.plane is not None:
            self.auto = True
            (left, right), (bottom, top) = self.plane.x.edges, self.plane.y.edges
            self.fit_x(left, right)
            self.setYRange(bottom, top, padding=1e-6)
            self._label("left", max(abs(bottom), abs(top)), self._y_how)

    def fit_y(self) -> None:
        """The cells give the range, not lines."""

    def show_theory(self, curves: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
        """Draw the boundaries (values of the axes) over the cells."""
        for at, line in enumerate(self.theory):
            if at < len(curves) and self.plane is not None:
                x, y = curves[at]
                line.setData(self.plane.x.place(x), self.plane.y.place(y))
                line.show()
            else:
                line.hide()

    def show_here(self, place: Place | None) -> None:
        """Ring the place of the present parameters."""
        self.here.setVisible(place is not None)
        if place is not None:
            self.here.setPos(*place)

    def show_section(self, ends: tuple[Place, Place] | None) -> None:
        """Draw the line of the cut."""
        self.section.setVisible(ends is not None)
        if ends is not None:
            self.section.setData([ends[0][0], ends[1][0]], [ends[0][1], ends[1][1]])

    def show_frame(self, cell: tuple[int, int] | None) -> None:
        """Frame the cell that the read-out speaks of."""
        self.at = cell
        self.frame.setVisible(cell is not None and self.plane is not None)
        if cell is not None and self.plane is not None:
            x, y, wide, high = *self.centre(cell), self.plane.x.step / 2, self.plane.y.step / 2
            self.frame.setData([x - wide, x + wide, x + wide, x - wide, x - wide],
                               [y - high, y - high, y + high, y + high, y - high])

    def centre(self, cell: tuple[int, int]) -> Place:
        """The place of a cell's own parameters."""
        assert self.plane is not None
        return (float(self.plane.x.place(self.plane.x.values[cell[1]])),
                float(self.plane.y.place(self.plane.y.values[cell[0]])))

    # -- mouse and keys -----------------------------------------------------------------------------

    def place_at(self, point: QPoint) -> Place:
        """The place under a point of the widget."""
        place = self._box.mapSceneToView(self.mapToScene(point))
        return float(place.x()), float(place.y())

    def point_of(self, cell: tuple[int, int]) -> QPoint:
        """Where a cell's centre is in the widget."""
        point: QPoint = self.mapFromScene(self._box.mapViewToScene(QPointF(*self.centre(cell))))
        return point

    def _inside(self, point: QPoint) -> bool:
        return bool(self._box.sceneBoundingRect().contains(self.mapToScene(point)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and self._inside(point) and self.plane is not None:
            self._pressed, self._dragging = point, False
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            super().mouseMoveEvent(event)
            return
        point = event.position().toPoint()
        if (point - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._dragging = True
        if self._dragging:
            ends = self._line(self._pressed, point)
            self.show_section(ends)
            self.line_moved.emit(*ends)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            super().mouseReleaseEvent(event)
            return
        pressed, self._pressed = self._pressed, None
        if self._dragging:
            self.line_drawn.emit(*self._line(pressed, event.position().toPoint()))
        elif self.plane is not None and (cell := self.plane.cell_at(*self.place_at(pressed))) is not None:
            self.picked.emit(*cell)

    def _line(self, pressed: QPoint, point: QPoint) -> tuple[Place, Place]:
        """The ends of a line; one that is nearly horizontal or vertical becomes exactly so."""
        assert self.plane is not None
        gap = point - pressed
        if abs(gap.y()) <= _SNAP < abs(gap.x()):
            point = QPoint(point.x(), pressed.y())
        elif abs(gap.x()) <= _SNAP < abs(gap.y()):
            point = QPoint(pressed.x(), point.y())
        return self._within(self.place_at(pressed)), self._within(self.place_at(point))

    def _within(self, place: Place) -> Place:
        """The place, or the nearest one on the picture's edge."""
        assert self.plane is not None
        (left, right), (bottom, top) = self.plane.x.edges, self.plane.y.edges
        return min(max(place[0], left), right), min(max(place[1], bottom), top)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()      # the first click has picked a cell

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (1, 0),
                Qt.Key.Key_Down: (-1, 0)}.get(Qt.Key(event.key()))
        if move is not None and self.plane is not None:
            ny, nx = self.plane.shape
            row, column = self.at or (ny // 2, nx // 2)
            row, column = min(max(row + move[0], 0), ny - 1), min(max(column + move[1], 0), nx - 1)
            self.hovered.emit(*self.centre((row, column)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.at is not None:
            self.picked.emit(*self.at)
        elif event.key() in (Qt.Key.Key_X, Qt.Key.Key_Y) and not event.modifiers():
            self._cut_here(int(event.key() == Qt.Key.Key_Y))
        else:
            super().keyPressEvent(event)
