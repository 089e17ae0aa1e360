"""One map over the in-plane wave vector: colours, a crosshair that snaps to its samples, keys that move it."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QWidget

from smtj_gui.look import Theme
from smtj_gui.views.cells import scale
from smtj_gui.views.labels import Shown, axis_scale, shown
from smtj_gui.views.plot import CurvePlot


class KMap(CurvePlot):
    """A picture over (k_x, k_y), as wide as high. `stepped_y` asks for the next sample along k_y."""

    stepped_y = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setZValue(-30)
        self.across = pg.InfiniteLine(angle=0)
        self.across.setZValue(-10)
        for item in (self.image, self.across):
            self.addItem(item, ignoreBounds=True)
        self._box.setAspectLocked(True)
        self.zero.hide()
        self.limits = (0.0, 1.0)
        self._extent = 0.0
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_map(self, k: np.ndarray, values: np.ndarray, how: Shown) -> tuple[np.ndarray, float, str]:
        """Draw values (k_x, k_y), NaN transparent; returns the 256 colours, and factor and unit of their scale.

        Magnitudes run from 0 in viridis, signed values about zero in a diverging scale.
        """
        finite = values[np.isfinite(values)]
        signed = bool(finite.size and finite.min() < 0)
        largest = float(np.abs(finite).max()) if finite.size and np.any(finite) else 1.0
        self.limits = (-largest if signed else 0.0, largest)
        colours = scale("resistance" if signed else "frequency")
        part = (values.T - self.limits[0]) / (self.limits[1] - self.limits[0])
        picture = colours[np.clip(np.nan_to_num(part) * 255, 0, 255).round().astype(np.uint8)].copy()
        picture[~np.isfinite(values.T)] = 0
        self.set_quantities(shown("k_x"), shown("k_y"))
        self.setAccessibleName(f"{how.name} over the in-plane wave vector")
        self.image.setImage(picture, autoLevels=False, levels=None)
        half = float(k[1] - k[0]) / 2
        self.image.setRect(QRectF(k[0] - half, k[0] - half, k[-1] - k[0] + 2 * half, k[-1] - k[0] + 2 * half))
        if self._extent != float(k[-1]):
            self._extent = float(k[-1])
            if self.auto:
                self.show_everything()
        return colours, *axis_scale(largest, how.unit)

    def show_everything(self) -> None:
        """Undo every zoom."""
        self.auto = True
        k = self._extent
        self._box.setRange(QRectF(-k, -k, 2 * k, 2 * k), padding=0.03)
        for side, how in (("bottom", self._x_how), ("left", self._y_how)):
            self._label(side, k, how)

    def fit_y(self) -> None:
        """The picture gives the range, not lines."""

    def set_cross(self, x: float, y: float) -> None:
        """Put the crosshair here."""
        self.set_cursor(x, None)
        self.across.setPos(y)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: -1, Qt.Key.Key_Up: 1}.get(Qt.Key(event.key()))
        if step is not None:
            self.stepped_y.emit(step)
        else:
            super().keyPressEvent(event)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.cursor.setPen(pg.mkPen(QColor("#E69F00"), width=1))
        self.across.setPen(pg.mkPen(QColor("#E69F00"), width=1))
