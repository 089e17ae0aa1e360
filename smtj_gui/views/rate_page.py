"""Switching rates: against a parameter or the barrier, with error bars, beside Brown's and Kramers' laws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from smtj_gui.decimals import spelled
from smtj_gui.views import rate_data
from smtj_gui.views.controls import Choice
from smtj_gui.views.labels import axis_label, number, shown, span, with_unit
from smtj_gui.views.legend import Entry
from smtj_gui.views.plot import CurvePlot, Line, _Axis
from smtj_gui.views.plot_grid import Overlay, PlotGrid

if TYPE_CHECKING:
    from smtj_engine.results import Result

_POWER = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: Decades below which ticks between the powers of ten are written too.
_NARROW = 1.5


class _Decades(_Axis):
    """The axis of a decimal logarithm: powers of ten."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        if high - low < _NARROW:
            return super().tickSpacing(low, high, size)
        step = max(1, math.ceil((high - low) * 34 / max(size, 1.0)))
        return [(step, 0), (1, 0)] if step > 1 else [(1, 0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"10{str(round(value)).translate(_POWER)}" if abs(value - round(value)) < 1e-6
                else spelled(number(10.0**value, 2)) for value in values]


class DecadePlot(CurvePlot):
    """Positive numbers on a logarithmic scale; what is not positive is left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plotItem.setAxisItems({"left": _Decades("left")})
        self._plain("left")
        self._box.axes = (self.getAxis("bottom"), self.getAxis("left"))
        self.zero.hide()

    def draw(self, lines: Sequence[Line]) -> None:
        super().draw([Line(line.x, _log(line.y), line.colour, line.dash, line.faint, line.dots) for line in lines])

    def set_cursor(self, x: float | None, mark: tuple[float, float, str] | None) -> None:
        """Put the cursor at x, and the dot at a number."""
        super().set_cursor(x, None if mark is None else (mark[0], float(_log(np.array(mark[1]))), mark[2]))

    def fit_x(self, low: float, high: float) -> None:
        """Show this range and a little more: the bars at its ends are not cut."""
        if high > low:
            super().fit_x(low - 0.02 * (high - low), high + 0.02 * (high - low))

    def fit_y(self) -> None:
        """Show all of every line, half a decade at least."""
        low, high = span(np.concatenate([line.y for line in self.lines])) if self.lines else (math.nan, math.nan)
        if not math.isfinite(low + high):
            low, high = -1.0, 1.0
        if high - low < 0.5:
            low, high = (low + high) / 2 - 0.25, (low + high) / 2 + 0.25
        self.setYRange(low, high, padding=0.07)
        self.setLabel("left", axis_label(self._y_how.symbol, self._y_how.unit))
        self.getAxis("left").resizeEvent()


def _log(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(values > 0, np.log10(values), np.nan))


class RateGrid(PlotGrid):
    """Estimates as dots with bars, the laws as lines; kept runs in their colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.raw: Result | None = None      # as the engine gave it
        self._kept: list[Overlay] = []
        super().__init__([rate_data.QUANTITIES], ("barrier", "over", "repeat"), [(0, 0)], parent, DecadePlot)
        self.against_choice = Choice({
            "over": ("Value", "Against the values of the sweep"),
            "barrier": ("Barrier", "Against the barrier ΔE/kT: by Arrhenius a straight line")}, self)
        self.against_choice.chosen.connect(lambda _: self._picture())
        row = QHBoxLayout()
        row.addWidget(QLabel("Against", self))
        row.addWidget(self.against_choice)
        row.addStretch(1)
        layout = self.layout()
        assert layout is not None
        layout.insertLayout(0, row)     # type: ignore[attr-defined]
        self._row = row

    # -- the contract of a page -----------------------------------------------------------------------

    def show_variable(self, variable: str) -> None:
        """Turn the chooser to a rate or to its inverse."""
        chooser = self.panes[0].chooser
        if chooser is not None and variable in self.panes[0].variables:
            chooser.choose(variable)

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        """Draw the estimates that there are."""
        self.raw, self.draft = result, draft
        self._picture()

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Draw these kept runs too."""
        self._kept = list(overlays)
        self._picture()

    def _picture(self) -> None:
        """Everything against the axis that is chosen."""
        if self.raw is None:
            return
        swept = rate_data.is_swept(self.raw)
        for at in range(self._row.count()):
            if (widget := self._row.itemAt(at).widget()) is not None:
                widget.setVisible(swept)
        barrier = swept and self.against_choice.buttons["barrier"].isChecked()
        drawn = rate_data.pictured(self.raw, barrier)
        path = _path(self.raw)
        self.overlays = [Overlay(each.name, each.colour, rate_data.pictured(each.result, barrier))
                         for each in self._kept
                         if (barrier or _path(each.result) == path) and not _same(each.result, self.raw)]
        super().show_result(drawn, self.draft)

    # -- what is drawn ------------------------------------------------------------------------------

    def _live_lines(self, variable: str) -> list[Line]:
        assert self.theme is not None and self.result is not None
        data, x = self.result.data, self._x(self.result)
        laws = [Line(x, values, self.theme.lines[at], at)
                for at, name in enumerate(rate_data.LAWS, 1)
                if (values := rate_data.law_of(data, name, variable)) is not None]
        return [*laws, *self._dots(self.result, variable, self.theme.lines[0])]

    def _overlay_lines(self, variable: str) -> list[Line]:
        return [line for each in self._drawn_overlays() for line in self._dots(each.result, variable, each.colour)]

    def _dots(self, result: Result, variable: str, colour: str) -> list[Line]:
        x, (values, errors) = self._x(result), rate_data.values_of(result.data, variable)
        return [Line(*rate_data.bars(x, values, errors), colour),
                Line(*rate_data.apart(x, values), colour, dots=True)]

    def _x(self, result: Result) -> np.ndarray:
        return np.asarray(result.data.variables[self.sweep].values, dtype=np.float64)

    def _entries(self) -> list[Entry]:
        assert self.theme is not None and self.result is not None
        quantity = self.panes[0].variable
        laws = [Entry(words, self.theme.lines[at], at)
                for at, (name, words) in enumerate(rate_data.LAWS.items(), 1)
                if rate_data.law_of(self.result.data, name, quantity) is not None]
        return [Entry("forward flux", self.theme.lines[0]), *laws,
                *(Entry(each.name, each.colour) for each in self._drawn_overlays())]

    def _why_zero(self, variable: str) -> str:
        if self.result is None or np.isfinite(self.result.data["mean_rate"].values).any():
            return ""
        return "no estimate yet"

    def _readout(self, at: float | None) -> str:
        """Rate with its error, waiting time, laws and barrier where the cursor is; without a sweep the mean of all
        estimates."""
        if self.raw is None or self.result is None or at is None:
            return ""
        data, words = self.raw.data, []
        if rate_data.is_swept(self.raw):
            how, x = shown(self.sweep, self.result.data), self._x(self.result)
            data = self.result.data.isel({self.sweep: self._nearest(x, at)})
            words.append(f"{how.html}&nbsp;<b>{with_unit(number(at, 4), how.unit)}</b>")
        rate, error = float(data["mean_rate"]), float(data["rate_error"])
        if math.isfinite(rate):
            spread = f"&nbsp;±&nbsp;{number(error, 2)}" if math.isfinite(error) else ""
            words.append(f"k&nbsp;<b>{with_unit(number(rate, 3) + spread, '1/ns')}</b>")
            if rate > 0:
                time, unit = rate_data.wait_in_words(1 / rate)
                words.append(f"1/k&nbsp;<b>{with_unit(number(time, 3), unit)}</b>")
        for name in (*rate_data.LAWS, "barrier"):
            if name in data.variables and math.isfinite(value := float(data[name])):
                words.append(f"{shown(name).html}&nbsp;<b>{number(value, 3)}</b>")
        if self.draft:
            words.append("<i>preview</i>")
        return "&nbsp;&nbsp; ".join(words)


def _path(result: Result) -> str | None:
    """What a rate is swept over."""
    return result.data["over"].attrs.get("path") if rate_data.is_swept(result) else None


def _same(first: Result, second: Result) -> bool:
    """Whether the one is the other, kept."""
    return np.array_equal(first.data["rate"].values, second.data["rate"].values, equal_nan=True)
