"""Several plots over the same axis: one cursor through all of them, one legend, one read-out line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from smtj_gui.views.curves import Curve, Family, curves_of, family_of, sweep_of
from smtj_gui.views.labels import Shown, axis_label, digits_for, html, short, shown, title, with_unit
from smtj_gui.views.legend import Entry, Legend, thin_out
from smtj_gui.views.overlaid import Overlaid, Overlay
from smtj_gui.views.plot import CurvePlot, Line
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme


#: Row and column, and how many rows high if not one.
Place = tuple[int, int] | tuple[int, int, int]


#: Without a bias there is nothing of these (T∥ has an exception with β ≠ 0, where it is not zero).
_NEEDS_BIAS = ("current_density", "torque_par", "torque_perp_neq", "spin_perp", "torque_density_par",
               "running_par")


#: Axes that are parameters of the junction, too.
_OWN = ("bias", "rashba")


#: Components about the direction of a second magnet.
_NEEDS_A_MAGNET = ("torque_par_p", "torque_perp_p")


def family_colours(theme: Theme, count: int) -> list[str]:
    """Okabe-Ito for a few curves, viridis for many."""
    if count <= len(theme.lines):
        return list(theme.lines[:count])
    low, high = (0.25, 1.0) if theme.dark else (0.0, 0.85)
    return [colour.name() for colour in pg.colormap.get("viridis").map(
        np.linspace(low, high, count), mode=pg.ColorMap.QCOLOR)]


class QuantityBox(QComboBox):
    """A choice among variables, by their long names."""

    def __init__(self, variables: Sequence[str], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.variables = tuple(variables)
        self.addItems([title(variable) for variable in self.variables])
        self.setAccessibleName(name)
        self.setMinimumWidth(110)   # a long name must not widen the window
        self.currentTextChanged.connect(self.setToolTip)

    @property
    def variable(self) -> str:
        """The chosen variable."""
        return self.variables[self.currentIndex()]

    def choose(self, variable: str) -> None:
        """Choose this variable."""
        self.setCurrentIndex(self.variables.index(variable))


class Pane(QWidget):
    """A title (or a choice of quantities), room for a remark beside it, and the plot."""

    changed = Signal()

    def __init__(self, variables: Sequence[str], parent: QWidget | None = None,
                 plot: type[CurvePlot] = CurvePlot) -> None:
        super().__init__(parent)
        self.variables = tuple(variables)
        self.plot = plot(self)
        self.chooser: QuantityBox | None = None
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 4, 0)
        head.addWidget(self._heading(), 0 if len(variables) > 1 else 1)
        head.addStretch(0 if len(variables) == 1 else 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        if self.chooser is not None:
            self.setTabOrder(self.chooser, self.plot)

    def _heading(self) -> QWidget:
        if len(self.variables) == 1:
            label = QLabel(title(self.variables[0]), self)
            label.setProperty("title", True)
            label.setWordWrap(True)
            label.setMinimumHeight(QComboBox().sizeHint().height())  # so that plots beside each other line up
            return label
        self.chooser = QuantityBox(self.variables, "Quantity of this plot", self)
        self.chooser.currentIndexChanged.connect(lambda _: self.changed.emit())
        return self.chooser

    @property
    def variable(self) -> str:
        """The variable that is drawn."""
        return self.chooser.variable if self.chooser is not None else self.variables[0]


class PlotGrid(Overlaid):
    """Linked plots of a result and of kept runs.

    Each pane offers one or more variables and has a place. `against` are the dimensions that may be the common
    axis, in order of preference. `remarks` gives further words for the read-out line.
    """

    cursor_moved = Signal()

    def __init__(self, panes: Iterable[Sequence[str]], against: Sequence[str],
                 places: Sequence[Place], parent: QWidget | None = None,
                 plot: type[CurvePlot] = CurvePlot) -> None:
        super().__init__(parent)
        self.against = tuple(against)
        self.panes = [Pane(variables, self, plot) for variables in panes]
        self.legend = Legend(self)
        self.readout = Words("Values at the cursor", self)
        self.remarks: Callable[[], str] = str
        self.result: Result | None = None
        self.parts += [self.legend, self.readout, *(pane.plot for pane in self.panes)]
        self.sweep = ""
        self.draft = False
        self.selected = -1
        self._curves: dict[str, list[Curve]] = {}   # of the result, by variable
        self._at: float | None = None
        self._auto_x = True
        self._build(places)
        self._connect()

    def draws(self, variable: str) -> bool:
        """Whether a pane offers this variable."""
        return any(variable in pane.variables for pane in self.panes)

    def _build(self, places: Sequence[Place]) -> None:
        self.grid = QGridLayout()
        self.grid.setSpacing(8)
        for pane, (row, column, *rows_high) in zip(self.panes, places, strict=True):
            self.grid.addWidget(pane, row, column, rows_high[0] if rows_high else 1, 1)
            self.grid.setRowStretch(row, 1)
            self.grid.setColumnStretch(column, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        rows.addWidget(self.legend)
        rows.addLayout(self.grid, 1)
        rows.addWidget(self.readout)

    def _connect(self) -> None:
        first = self.panes[0].plot
        for pane in self.panes:
            pane.changed.connect(self.redraw)
            pane.plot.moved.connect(self._moved_by_hand)
            pane.plot.reset.connect(self.show_everything)
            pane.plot.stepped.connect(self._step)
            pane.plot.hovered.connect(lambda x, y, pane=pane: self._hover(pane, x, y))
            if pane.plot is not first:
                pane.plot.setXLink(first)

    # -- what is drawn ------------------------------------------------------------------------------

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        """Draw this result; the read-out says when it is a draft."""
        self.draft = draft
        sweep = sweep_of(result.data, self.against) if result is not None else ""
        if sweep != self.sweep:
            self.sweep, self._at = sweep, None
            self._auto_x = True
        self.result = result
        self._curves.clear()
        self.redraw()

    def redraw(self) -> None:
        if self.theme is None or self.result is None or not self.sweep:
            return
        x_how = shown(self.sweep, self.result.data)
        for pane in self.panes:
            pane.plot.set_quantities(x_how, shown(pane.variable, self.result.data))
            pane.plot.draw(self.lines_of(pane.variable))
            pane.plot.set_hint(self._why_zero(pane.variable))
        if self._auto_x:
            self._fit_x()
        self.legend.set_entries(self._entries())
        self._show_cursor()
        for pane in self.panes:
            pane.plot.settle()

    def lines_of(self, variable: str) -> list[Line]:
        """The lines of one variable: kept runs below, the result itself above."""
        return [*self._overlay_lines(variable), *self._live_lines(variable)]

    def _why_zero(self, variable: str) -> str:
        """Why a curve is zero everywhere or not there at all, where that is no accident."""
        if self.result is not None and variable in _NEEDS_A_MAGNET and variable not in self.result.data:
            return "needs a magnet on the right: set k↑ᴿ and k↓ᴿ"
        curves, floor = self.live_curves(variable), shown(variable).floor
        if self.result is None or not curves or any(np.any(np.abs(curve.y) >= floor) for curve in curves):
            return ""
        if all(np.all(np.isnan(curve.y)) for curve in curves):
            return "not defined for this junction"
        junction, dims = self.result.setup.junction, self.result.data.dims
        if junction.rashba == junction.dresselhaus == 0 and variable != "current_density":
            return "zero without spin-orbit interaction"
        if variable in _NEEDS_BIAS and junction.bias == 0 and "bias" not in dims:
            return "zero at V = 0: apply a bias voltage"
        if variable == "tamr" and self.sweep == "phi" and junction.dresselhaus == 0:
            return "zero: without β nothing depends on φ"
        return "zero for this junction"

    def live_curves(self, variable: str) -> list[Curve]:
        """The curves of the result itself, without kept runs."""
        if variable not in self._curves and self.result is not None:
            self._curves[variable] = curves_of(self.result, variable, self.sweep)
        return self._curves.get(variable, [])

    def family(self) -> Family | None:
        """The family of the result, if it is one."""
        if self.result is None:
            return None
        return family_of(self.result, self.sweep, [pane.variable for pane in self.panes])

    def _live_lines(self, variable: str) -> list[Line]:
        assert self.theme is not None
        curves = self.live_curves(variable)
        colours = family_colours(self.theme, len(curves))
        return [Line(curve.x, curve.y, colour, curve.index if curve.of <= len(self.theme.lines) else 0,
                     dots=curve.x.size <= 12)
                for curve, colour in zip(curves, colours, strict=True)]

    def _overlay_lines(self, variable: str) -> list[Line]:
        return [Line(curve.x, curve.y, overlay.colour, order + curve.index + 1, faint=True)
                for order, overlay in enumerate(self._drawn_overlays())
                for curve in curves_of(overlay.result, variable, self.sweep)]

    def _drawn_overlays(self) -> list[Overlay]:
        """The kept runs with the same axis, without the one that is on show anyway."""
        return [overlay for overlay in self.overlays
                if overlay.result is not self.result and self.sweep in overlay.result.data.dims]

    def _entries(self) -> list[Entry]:
        assert self.theme is not None
        entries, family = [], self.family()
        if family is not None:
            colours = family_colours(self.theme, len(family.values))
            few = len(family.values) <= len(self.theme.lines)
            samples = [Entry(short(value), colour, index if few else 0)
                       for index, (value, colour) in enumerate(zip(family.values, colours, strict=True))]
            entries = [Entry(axis_label(family.how.symbol, family.how.unit) + ":"), *thin_out(samples)]
        elif self._drawn_overlays():
            entries = [Entry("now", self.theme.lines[0])]
        return entries + [Entry(overlay.name, overlay.colour, order + 1)
                          for order, overlay in enumerate(self._drawn_overlays())]

    # -- range --------------------------------------------------------------------------------------

    def _fit_x(self) -> None:
        spans = np.array([pane.plot.x_span() for pane in self.panes if pane.plot.lines])
        spans = spans[np.isfinite(spans).all(axis=1)] if spans.size else spans
        if spans.size:
            for pane in self.panes:
                pane.plot.fit_x(float(spans[:, 0].min()), float(spans[:, 1].max()))

    def show_everything(self) -> None:
        """Undo every zoom."""
        self._auto_x = True
        for pane in self.panes:
            pane.plot.auto = True
            pane.plot.fit_y()
        self._fit_x()

    def _moved_by_hand(self) -> None:
        self._auto_x = False

    # -- cursor -------------------------------------------------------------------------------------

    def _hover(self, pane: Pane, x: float, y: float) -> None:
        curves = self.live_curves(pane.variable)
        if curves:
            index = self._nearest(curves[0].x, x)
            gaps = [abs(curve.y[index] - y) if np.isfinite(curve.y[index]) else np.inf for curve in curves]
            self.selected = int(np.argmin(gaps))
        self.set_cursor(x)

    def set_cursor(self, x: float) -> None:
        """Put the cursor at the sample nearest to x."""
        self._at = x
        self._show_cursor()

    def position(self) -> float | None:
        """Where the cursor is, in the numbers of the common axis: always on a sample."""
        curve = self._selected_curve()
        if curve is None:
            return None
        at = self._at if self._at is not None else self._at_first(curve)
        return float(curve.x[self._nearest(curve.x, at)])

    def _at_first(self, curve: Curve) -> float:
        """Where the cursor is until it is moved: at the setup's own bias or α_R, else a quarter of the way."""
        own = getattr(self.result.setup.junction, self.sweep, None) if self.result and self.sweep in _OWN else None
        if own is not None and curve.x.min() <= own <= curve.x.max():
            return float(own)
        return float(curve.x[0] + 0.25 * (curve.x[-1] - curve.x[0]))

    def _selected_curve(self, variable: str = "") -> Curve | None:
        names = [variable] if variable else [pane.variable for pane in self.panes]
        curves = next((found for name in names if (found := self.live_curves(name))), [])
        if not curves:
            return None
        return curves[self.selected if self.selected < len(curves) else -1]

    def selected_curve(self, variable: str) -> Curve | None:
        """The curve of this variable that the read-out speaks of: of a family, the one nearest to the mouse."""
        return self._selected_curve(variable)

    def _step(self, samples: int) -> None:
        curve, at = self._selected_curve(), self.position()
        if curve is not None and at is not None:
            index = self._nearest(curve.x, at) + samples
            self.set_cursor(float(curve.x[min(max(index, 0), curve.x.size - 1)]))

    @staticmethod
    def _nearest(samples: np.ndarray, x: float) -> int:
        return int(np.argmin(np.abs(samples - x)))

    def _show_cursor(self) -> None:
        at = self.position()
        for pane in self.panes:
            pane.plot.set_cursor(at, self.mark(pane.variable))
        self.readout.setText(self._readout(at))
        self.cursor_moved.emit()

    def mark(self, variable: str) -> tuple[float, float, str] | None:
        """Where the cursor meets the selected curve: position, value, colour."""
        at, curve = self.position(), self._selected_curve(variable)
        if curve is None or at is None or self.theme is None:
            return None
        return at, float(curve.y[self._nearest(curve.x, at)]), family_colours(self.theme, curve.of)[curve.index]

    def _readout(self, at: float | None) -> str:
        if at is None or self.result is None:
            return ""
        data = self.result.data
        x_how = shown(self.sweep, data)
        words = [_word(x_how, with_unit(_position(at, x_how), x_how.unit))]
        family, curve = self.family(), self._selected_curve()
        if family is not None and curve is not None and curve.value is not None:
            words.append(_word(family.how, with_unit(short(curve.value), family.how.unit)))
        for pane in self.panes:
            curve, how = self._selected_curve(pane.variable), shown(pane.variable, data)
            if curve is not None:
                value = float(curve.y[self._nearest(curve.x, at)])
                words.append(_word(how, how.text(value, digits_for(curve.y))))
        if remark := self.remarks():
            words.append(remark)
        if self.draft:
            words.append("<i>preview</i>")
        return "&nbsp;&nbsp; ".join(words)


def _word(how: Shown, text: str) -> str:
    return f"{how.html}&nbsp;<b>{html(text)}</b>"


def _position(at: float, how: Shown) -> str:
    """Angles with one decimal, other positions as typed."""
    return f"{at:.1f}" if how.unit == "°" else short(round(at, 6))
