"""m(t): the components or the resistance of a trajectory and of kept runs, quick also where there are millions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from smtj_gui.views.labels import Shown, html
from smtj_gui.views.legend import Entry, Legend
from smtj_gui.views.overlaid import Overlaid
from smtj_gui.views.plot import CurvePlot, Line

if TYPE_CHECKING:
    from smtj_engine.results import Result

_TIME = Shown("t", "ns", "time")
#: Lines of more points than this are drawn without smoothing.
_SMOOTH = 3000
#: What may be drawn: words, and the columns of _columns(); 3 is the resistance.
_CHOICES = (("m", (0, 1, 2)), ("m_x", (0,)), ("m_y", (1,)), ("m_z", (2,)), ("R", (3,)))
_SYMBOLS = ("m_x", "m_y", "m_z", "R/ΔR")
_NAMES = {"m": "m(t)", "m_x": "m_x", "m_y": "m_y", "m_z": "m_z", "R": "R/ΔR"}


class _Trace(pg.PlotDataItem):  # type: ignore[misc]
    """A curve thinned out to its highest and lowest values at each pixel, whatever the plot says that it joins."""

    def setDownsampling(self, ds: Any = None, auto: Any = None, method: Any = None) -> None:
        super().setDownsampling(auto=True, method="peak")

    def setClipToView(self, state: Any) -> None:
        super().setClipToView(True)


class LongPlot(CurvePlot):
    """A plot of long records: what is out of sight is left out, what is too dense is drawn as its envelope."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box.sigResized.connect(self._thin_out)

    def _thin_out(self) -> None:
        """As many points as the new width can show: pyqtgraph looks at the range only."""
        for item in self._lines:
            item.viewRangeChanged()

    def _new_item(self) -> Any:
        return _Trace(antialias=True, skipFiniteCheck=True, autoDownsampleFactor=1.0, dynamicRangeLimit=None)

    def draw(self, lines: Sequence[Line]) -> None:
        """Draw these lines; dense ones without smoothing, which takes them a second and shows nothing."""
        for item, line in zip(self._lines, lines, strict=False):
            item.opts["antialias"] = line.x.size <= _SMOOTH
        super().draw(lines)


class TracePlot(LongPlot):
    """Traces between −1 and 1; a click or a drag of the line at the time shown asks for another time."""

    scrubbed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cursor.setMovable(True)
        self.cursor.setCursor(Qt.CursorShape.SizeHorCursor)
        self.cursor.sigDragged.connect(lambda line: self.scrubbed.emit(float(line.value())))
        self.scene().sigMouseClicked.connect(self._clicked)
        self.setToolTip("Click to see that time; drag to move, wheel to zoom, double click to see everything")

    def fit_y(self) -> None:
        """Every quantity here lies between −1 and 1."""
        self.setYRange(-1.0, 1.0, padding=0.07)
        self._label("left", 1.0, self._y_how)

    def _clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not event.double():
            place = event.scenePos()
            if self._box.sceneBoundingRect().contains(place):
                self.scrubbed.emit(float(self._box.mapSceneToView(place).x()))


class TracesPanel(Overlaid):
    """The traces with their legend; the vertical line is the time on the sphere."""

    scrubbed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = TracePlot(self)
        self.legend = Legend(self)
        self.chooser = QComboBox(self)
        self.chooser.addItems([_NAMES[key].replace("_", "") for key, _ in _CHOICES])
        self.chooser.setAccessibleName("Quantity of the traces")
        self.chooser.currentIndexChanged.connect(lambda _: self.redraw())
        self.parts += [self.plot, self.legend]
        self._result: Result | None = None
        self._total = 1.0
        self._auto = True
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 4, 0)
        head.addWidget(self.chooser)
        head.addWidget(self.legend, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        self.plot.scrubbed.connect(self.scrubbed)
        self.plot.moved.connect(self._moved)
        self.plot.reset.connect(self.show_everything)
        self.plot.stepped.connect(self._step)

    def show_result(self, result: Result, total: float) -> None:
        """Draw a trajectory, or the part of it that there is; the axis reaches to its end (ns)."""
        self._result = result
        if total != self._total:
            self._total, self._auto = total, True
        self.redraw()

    def redraw(self) -> None:
        if self.theme is None or self._result is None:
            return
        key, columns = _CHOICES[self.chooser.currentIndex()]
        symbol = "m" if key == "m" else _SYMBOLS[columns[0]]
        self.plot.set_quantities(_TIME, Shown(symbol, "", symbol.replace("_", "")))
        kept = [overlay for overlay in self.overlays if overlay.result.data is not self._result.data]
        colours = self.theme.lines
        lines = [Line(*_column(overlay.result, column), overlay.colour, dash=1 + column % 3, faint=True)
                 for overlay in kept for column in columns]
        lines += [Line(*_column(self._result, column), colours[column % 3]) for column in columns]
        if self._auto:
            self.plot.fit_x(0.0, self._total)
        self.plot.draw(lines)
        self.legend.set_entries([Entry(html(_SYMBOLS[column]), colours[column % 3]) for column in columns]
                                + [Entry(overlay.name, overlay.colour, 1 + columns[0] % 3) for overlay in kept])

    def set_now(self, now: float) -> None:
        """The time on the sphere, in ns."""
        with QSignalBlocker(self.plot.cursor):
            self.plot.set_cursor(now, None)

    def show_everything(self) -> None:
        """Undo every zoom."""
        self._auto = self.plot.auto = True
        self.plot.fit_x(0.0, self._total)
        self.plot.fit_y()

    def _moved(self) -> None:
        self._auto = False

    def _step(self, steps: int) -> None:
        """An arrow key: a two-hundredth of what is seen."""
        (left, right), _ = self.plot.viewRange()
        self.scrubbed.emit(float(self.plot.cursor.value()) + steps * (right - left) / 200)


def _column(result: Result, column: int) -> tuple[np.ndarray, np.ndarray]:
    """Times and values of one component, or of the resistance."""
    variables = result.data.variables
    values = variables["resistance"].values if column == 3 else variables["m"].values[:, column]
    return variables["time"].values, values
