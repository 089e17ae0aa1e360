"""One plot of curves over a common axis, with a cursor, made to be redrawn thirty times a second."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from smtj_gui.decimals import said, spelled
from smtj_gui.number_widgets import Said
from smtj_gui.views.labels import Shown, axis_label, axis_scale, span

if TYPE_CHECKING:
    from smtj_gui.look import Theme

#: Lines are thin while new answers come in and get this width when they have come to rest: thick antialiased
#: lines are slow to paint.
REST_WIDTH, REST_AFTER_MS, REST_MOST_POINTS = 1.8, 250, 20_000

#: Dash patterns that go with the colours, so that curves can be told apart without them.
DASHES: tuple[tuple[float, ...], ...] = ((), (7, 3), (2, 2), (8, 3, 2, 3), (12, 4), (6, 2, 2, 2, 2, 2), (4, 4))


@dataclasses.dataclass(frozen=True)
class Line:
    """One line to draw: numbers in the units of the screen, colour, and which dash pattern."""

    x: np.ndarray
    y: np.ndarray
    colour: str
    dash: int = 0
    faint: bool = False
    dots: bool = False


def pen(colour: str | QColor, width: float, dash: int = 0) -> QPen:
    """A pen whose width does not scale with the plot, and whose dashes keep their length on the screen."""
    result: QPen = pg.mkPen(colour, width=width)
    if pattern := DASHES[dash % len(DASHES)]:
        result.setCapStyle(Qt.PenCapStyle.FlatCap)  # the default cap would fill the gaps
        result.setDashPattern([length / max(width, 1.0) for length in pattern])
    return result


class _Axis(pg.AxisItem):  # type: ignore[misc]
    """An axis with true minus signs, and with ticks at round fractions of a turn where it carries an angle."""

    angle = False
    _places: tuple[tuple[float, ...], list[float]] = ((), [])

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        if self.angle and high - low > 30:
            major = next((step for step in (15, 30, 45, 90) if (high - low) / step * 40 <= size), 180)
            return [(major, 0), (major / 3, 0)]
        spacing: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        return spacing

    def places(self, low: float, high: float, size: float) -> list[float]:
        """Where the long ticks are, in pixels from the low end of an axis of this size."""
        key = (low, high, size, self.scale)
        if self._places[0] != key:
            levels = self.tickValues(low, high, size) if high > low else []
            places = [(value - low) / (high - low) * size for value in levels[0][1]] if levels else []
            self._places = key, places
        return self._places[1]

    def resizeEvent(self, ev: Any = None) -> None:
        """The label in the middle, and smaller where it is longer than the axis."""
        super().resizeEvent(ev)
        label = getattr(self, "label", None)    # the base class resizes before there is one
        if label is None or self.orientation not in ("left", "bottom"):
            return
        upright = self.orientation == "left"
        room, long = self.size().height() if upright else self.size().width(), label.boundingRect().width()
        scale = min(1.0, room / long) if long > 0 < room else 1.0
        if scale != label.scale():
            label.setScale(scale)
        if scale < 1:
            place = label.pos()
            label.setPos(place.x() if upright else 0.0, room if upright else place.y())

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [spelled(text).replace("-", "−") for text in super().tickStrings(values, scale, spacing)]


class _Box(pg.ViewBox):  # type: ignore[misc]
    """The drawing area: the wheel zooms, a left drag moves; the range is never chosen by pyqtgraph.

    It draws the grid itself: the one of pyqtgraph's axes takes half of the time of a redraw.
    """

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.disableAutoRange()
        self.grid = True
        self.grid_colour = QColor()
        self.axes: tuple[_Axis, _Axis] | None = None

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None) -> None:
        super().paint(painter, option, widget)
        if self.axes is None or not self.grid:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self.grid_colour, 1))
        wide, high = self.rect().width(), self.rect().height()
        ((left, right), (bottom, top)), (x_axis, y_axis) = self.viewRange(), self.axes
        for x in x_axis.places(left, right, wide):
            painter.drawLine(QLineF(x, 0, x, high))
        for y in y_axis.places(bottom, top, high):
            painter.drawLine(QLineF(0, high - y, wide, high - y))

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            event.ignore()
        else:
            super().mouseDragEvent(event, axis)


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]
    """Curves of one quantity. Lines are kept and given new numbers, never made anew for each answer."""

    hovered = Signal(float, float)     # the mouse, in the numbers of the axes
    stepped = Signal(int)              # an arrow key asks for the next sample
    moved = Signal()                   # the user zoomed or moved the picture
    reset = Signal()                   # the user wants to see everything

    def __init__(self, parent: QWidget | None = None) -> None:
        self._box = _Box()
        super().__init__(parent, viewBox=self._box, enableMenu=False,
                         axisItems={side: _Axis(side) for side in ("bottom", "left")})
        self.plotItem.layout.setContentsMargins(0, 4, 14, 0)
        self.hideButtons()
        self.setMinimumSize(150, 110)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(self.Shape.NoFrame)
        self.auto = True
        self._lines: list[Any] = []     # what _new_item() makes
        self._shown: list[Line] = []
        self._x_how = self._y_how = Shown("", "", "")
        self._scales = {"bottom": (0.0, ""), "left": (0.0, "")}
        self._hint = Said(self)
        self._hint.setWordWrap(True)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.hide()
        self._add_guides()
        self._add_menu()
        self._rest = QTimer(self, singleShot=True, interval=REST_AFTER_MS)
        self._rest.timeout.connect(self.come_to_rest)
        self._box.sigRangeChangedManually.connect(self._moved_by_hand)

    def _add_guides(self) -> None:
        self.zero = pg.InfiniteLine(pos=0, angle=0)
        self.cursor = pg.InfiniteLine(angle=90)
        self.mark = pg.ScatterPlotItem([0.0], [0.0], size=8)   # moved by setPos, which costs less than new data
        self._mark_colour = ""
        self._focus_pen = QPen()
        self.dots = pg.ScatterPlotItem(size=5)
        for item, height in ((self.zero, -20), (self.cursor, -10), (self.dots, 15), (self.mark, 20)):
            item.setZValue(height)
            self.addItem(item, ignoreBounds=True)
        self.cursor.hide()
        for side in ("bottom", "left"):
            self._plain(side)
        self._box.axes = (self.getAxis("bottom"), self.getAxis("left"))

    def _plain(self, side: str) -> None:
        axis = self.getAxis(side)
        axis.enableAutoSIPrefix(False)
        axis.setStyle(tickLength=-4, autoExpandTextSpace=False, hideOverlappingLabels=16)
        if side != "bottom":
            axis.setTickDensity(0.7)

    def add_right_axis(self) -> None:
        """A second scale for the same curves; its factor and label are the caller's."""
        self.plotItem.setAxisItems({"right": _Axis("right")})
        self.plotItem.showAxis("right")
        self._plain("right")

    def _add_menu(self) -> None:
        """A short menu of our own; pyqtgraph's has an export that loses digits and units."""
        everything = QAction("Show everything", self)
        everything.setToolTip("Also by a double click")
        everything.triggered.connect(self.reset)
        self._grid_action = QAction("Grid", self, checkable=True, checked=True)
        self._grid_action.toggled.connect(self._show_grid)
        self.addActions([everything, self._grid_action])
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._show_grid(True)

    def _show_grid(self, on: bool) -> None:
        self._box.grid = on
        self._box.update()

    # -- what is drawn ------------------------------------------------------------------------------

    def set_quantities(self, x: Shown, y: Shown) -> None:
        """Which quantities the axes carry."""
        if (x, y) != (self._x_how, self._y_how):
            self._x_how, self._y_how = x, y
            self._scales = {"bottom": (0.0, ""), "left": (0.0, "")}
            for side, how in (("bottom", x), ("left", y)):
                self.getAxis(side).angle = how.unit == "°"
            self.setAccessibleName(f"{y.name} against {x.name}")

    def draw(self, lines: Sequence[Line]) -> None:
        """Draw these lines; items are re-used, and those not needed are hidden."""
        self._shown = list(lines)
        while len(self._lines) < len(lines):
            item = self._new_item()
            self._lines.append(item)
            self.addItem(item, ignoreBounds=True)
        for item, line in zip(self._lines, lines, strict=False):
            item.setData(line.x, line.y, pen=self._pen_of(line, 1.0))
            item.setZValue(0 if line.faint else 10)
            item.show()
        for item in self._lines[len(lines):]:
            item.hide()
        self._draw_dots()
        self._rest.start()
        if self.auto:
            self.fit_y()

    def _new_item(self) -> Any:
        """An item that draws one line."""
        return pg.PlotCurveItem(antialias=True, connect="finite")

    def set_hint(self, text: str) -> None:
        """A few words inside the plot, for a curve that has nothing to show."""
        if said(text) != self._hint.text():
            self._hint.setText(text)
            self._place_hint()
        self._hint.setVisible(bool(text))

    def hint(self) -> str:
        """The words inside the plot."""
        return self._hint.text()

    def _place_hint(self) -> None:
        left = int(self.getAxis("left").width())
        wide = self._hint.fontMetrics().horizontalAdvance(self._hint.text()) + 4
        self._hint.setFixedWidth(min(wide, max(60, self.width() - left - 16)))
        self._hint.setFixedHeight(max(0, self._hint.heightForWidth(self._hint.width())))
        self._hint.move(left + (self.width() - left - self._hint.width()) // 2, self.height() // 6)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # the base class resizes before there is a hint, and after close() has taken the axes away
        if getattr(self, "_hint", None) is not None and self.plotItem is not None:
            self._place_hint()

    def _draw_dots(self) -> None:
        """Single values of a short list are shown as dots on their line."""
        dotted = [line for line in self._shown if line.dots]
        self.dots.setVisible(bool(dotted))
        if not dotted:
            return
        there = [(line, np.isfinite(line.y)) for line in dotted]
        self.dots.setData(np.concatenate([line.x[at] for line, at in there]),
                          np.concatenate([line.y[at] for line, at in there]), pen=None,
                          brush=[line.colour for line, at in there for _ in range(int(at.sum()))])

    def _pen_of(self, line: Line, width: float) -> QPen:
        colour = QColor(line.colour)
        if line.faint:
            colour.setAlphaF(0.9)
        return pen(colour, width, line.dash)

    def come_to_rest(self) -> None:
        """Draw lines as thick as they look best, which is too slow while new answers come in."""
        if sum(line.x.size for line in self._shown) <= REST_MOST_POINTS:
            for item, line in zip(self._lines, self._shown, strict=False):
                item.setPen(self._pen_of(line, 1.4 if line.faint else REST_WIDTH))

    @property
    def lines(self) -> list[Line]:
        """What is drawn now."""
        return list(self._shown)

    # -- range --------------------------------------------------------------------------------------

    def x_span(self) -> tuple[float, float]:
        """Smallest and largest x of all lines."""
        return span(np.concatenate([line.x for line in self._shown])) if self._shown else (np.nan, np.nan)

    def fit_x(self, low: float, high: float) -> None:
        """Show this range of x."""
        if np.isfinite(low + high) and high > low:
            self.setXRange(low, high, padding=1e-6)  # so that rounding drops no tick at the ends
            self._label("bottom", max(abs(low), abs(high)), self._x_how)

    def fit_y(self) -> None:
        """Show all of every line; a constant gets a band around it, so that rounding is not blown up."""
        low, high = span(np.concatenate([line.y for line in self._shown])) if self._shown else (np.nan, np.nan)
        if not np.isfinite(low + high):
            low, high = -1.0, 1.0
        largest = max(abs(low), abs(high))
        if largest < self._y_how.floor:
            low, high, largest = -1.0, 1.0, 1.0
        elif high - low <= 1e-7 * largest:
            low, high = low - 0.05 * largest, high + 0.05 * largest
        self.setYRange(low, high, padding=0.07)
        self._label("left", largest, self._y_how)

    def settle(self) -> None:
        """Take over the new range now: left to pyqtgraph it happens while painting, and all is painted twice."""
        self.scene().prepareForPaint()

    def _label(self, side: str, largest: float, how: Shown) -> None:
        scale, unit = axis_scale(largest, how.unit)
        if self._scales[side] != (scale, unit):
            self._scales[side] = (scale, unit)
            self.getAxis(side).setScale(scale)
            self.setLabel(side, axis_label(how.symbol, unit))
            self.getAxis(side).resizeEvent()  # pyqtgraph centres a new text only when the axis changes size

    def label(self, side: str) -> str:
        """The text of an axis label."""
        return str(self.getAxis(side).labelText)

    def _moved_by_hand(self, _: object) -> None:
        self.auto = False
        self.moved.emit()

    # -- cursor -------------------------------------------------------------------------------------

    def set_cursor(self, x: float | None, mark: tuple[float, float, str] | None) -> None:
        """Put the vertical cursor at x, and a dot (x, y, colour) on a curve; None hides them."""
        self.cursor.setVisible(x is not None)
        if x is not None:
            self.cursor.setPos(x)
        self.mark.setVisible(mark is not None and bool(np.isfinite(mark[1])))
        if mark is not None and np.isfinite(mark[1]):
            self.mark.setPos(mark[0], mark[1])
            if mark[2] != self._mark_colour:
                self._mark_colour = mark[2]
                self.mark.setBrush(mark[2])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        position = self.mapToScene(event.position().toPoint())
        if not event.buttons() and self._box.sceneBoundingRect().contains(position):
            point = self._box.mapSceneToView(position)
            self.hovered.emit(point.x(), point.y())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset.emit()
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._box.setBorder(self._focus_pen)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._box.setBorder(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageDown: -10, Qt.Key.Key_PageUp: 10}
        if event.key() in step:
            self.stepped.emit(step[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Home:
            self.reset.emit()
        else:
            QWidget.keyPressEvent(self, event)  # not the scene: Ctrl+C and Space belong to the window

    # -- look ---------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Recolour everything but the lines, which the next draw() brings."""
        self.setBackground(theme.background)
        ink = QColor(theme.foreground)
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(theme.grid))
            axis.setTextPen(pg.mkPen(ink))
            axis.setTickFont(self.font())
            axis.label.setFont(self.font())
        metrics = QFontMetrics(self.font())
        self.getAxis("left").setWidth(metrics.horizontalAdvance("−0.0000") + metrics.height() + 8)
        self.getAxis("bottom").setHeight(2 * metrics.height() + 6)
        self._focus_pen = pg.mkPen(theme.accent, width=1)
        self._box.setBorder(self._focus_pen if self.hasFocus() else None)
        self._box.grid_colour = _faded(QColor(theme.grid), 0.35)
        self._hint.setStyleSheet(f"color: {theme.muted}; background: transparent;")
        self.zero.setPen(pg.mkPen(_faded(ink, 0.45)))
        self.cursor.setPen(pg.mkPen(_faded(QColor(theme.accent), 0.9)))
        self.mark.setPen(pg.mkPen(theme.background, width=1.5))


def _faded(colour: QColor, alpha: float) -> QColor:
    colour = QColor(colour)
    colour.setAlphaF(alpha)
    return colour
