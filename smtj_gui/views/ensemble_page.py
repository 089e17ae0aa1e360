"""The ensemble: all samples on the sphere at the time shown, the histogram of m_z, and what happens with time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSplitter, QToolButton, QVBoxLayout, QWidget

from smtj_gui.views.labels import Shown, html, number, shown, with_unit
from smtj_gui.views.legend import Entry, Legend
from smtj_gui.views.plot import CurvePlot, Line
from smtj_gui.views.plot_grid import Overlay
from smtj_gui.views.sphere_panel import SpherePanel
from smtj_gui.views.sphere_scene import PRESETS
from smtj_gui.views.time_traces import TracePlot
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme

_TIME = Shown("t", "ns", "time")
#: What is drawn against the time, by variable.
_CHOICES = ("switched", "mean_m", "mean_resistance")
_TITLES = ("Part that has switched", "Mean of m", "Mean resistance")


class CoursePlot(TracePlot):
    """Small parts are seen too; a click asks for that time."""

    def fit_y(self) -> None:
        CurvePlot.fit_y(self)


class EnsemblePage(QWidget):
    """Sphere with its player on the left; histogram and time on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.result: Result | None = None
        self.draft = False
        self.theme: Theme | None = None
        self._overlays: list[Overlay] = []
        self.stage = SpherePanel(self)
        self.stage.for_cloud()
        self.histogram, self.course = CurvePlot(self), CoursePlot(self)
        self.histogram.set_cursor(None, None)
        self.legend, self.course_legend = Legend(self), Legend(self)
        self.chooser = QComboBox(self)
        self.chooser.addItems(list(_TITLES))
        self.chooser.setAccessibleName("Quantity against time")
        self.chooser.setMinimumWidth(110)
        self.readout = Words("Ensemble at the time shown", self)
        self._lay_out()
        self.chooser.currentIndexChanged.connect(lambda _: self._draw_course())
        self.stage.moved.connect(self._follow)
        self.course.scrubbed.connect(self.stage.player.scrub)
        for plot in (self.histogram, self.course):
            plot.reset.connect(lambda plot=plot: self._show_everything(plot))

    def _lay_out(self) -> None:
        left, right = QWidget(self), QWidget(self)
        cameras = QHBoxLayout()
        cameras.setSpacing(2)
        for name, camera in PRESETS.items():
            button = QToolButton(left)
            button.setText(name)
            button.setMinimumWidth(28)
            button.setToolTip("Look at all three axes" if name == "iso" else f"Look along {name}")
            button.setAccessibleName(button.toolTip())
            button.clicked.connect(lambda _=False, camera=camera: self.stage.look_from(camera))
            cameras.addWidget(button)
        cameras.addStretch(1)
        cameras.addWidget(self.stage.key.save)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(cameras)
        column.addWidget(self.stage, 1)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        title = QLabel("Histogram of m<sub>z</sub> at the time shown", right)
        title.setProperty("title", True)
        title.setContentsMargins(8, 0, 0, 0)
        title.setMinimumWidth(110)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 4, 0)
        head.addWidget(self.chooser)
        head.addWidget(self.course_legend, 1)
        column.addWidget(title)
        column.addWidget(self.legend)
        column.addWidget(self.histogram, 1)
        column.addLayout(head)
        column.addWidget(self.course, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([11000, 10000])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(3)
        whole.addWidget(splitter, 1)
        whole.addWidget(self.readout)

    # -- the contract of a page -----------------------------------------------------------------------

    def draws(self, variable: str) -> bool:
        """Whether this variable is on the page."""
        return variable in ("m", "histogram", "boltzmann", "switching_time", *_CHOICES)

    def show_variable(self, variable: str) -> None:
        """Draw this variable against the time."""
        if variable in _CHOICES:
            self.chooser.setCurrentIndex(_CHOICES.index(variable))

    def show_result(self, result: Result | None, draft: bool = False) -> None:
        """Draw an ensemble, or the samples that there are so far."""
        if result is None:
            return
        another = self.result is None or self.result.setup != result.setup
        self.result, self.draft = result, draft
        if another:
            self.stage.player.begin_again()
            self.histogram.auto = True
        total = float(result.data.variables["time"].values[-1])
        self.course.fit_x(0.0, total)
        self._draw_course()
        self.stage.show_cloud(result, total)

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Draw these kept runs too."""
        self._overlays = list(overlays)
        self._draw_course()
        self._draw_histogram(self.stage.now)

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self.theme = theme
        for part in (self.stage, self.histogram, self.course, self.legend, self.course_legend, self.readout):
            part.set_theme(theme)
        self._draw_course()
        self._draw_histogram(self.stage.now)

    def play(self) -> None:
        """Play or pause."""
        self.stage.player.toggle()

    # -- what is drawn ------------------------------------------------------------------------------

    def _kept(self) -> list[Overlay]:
        assert self.result is not None
        return [each for each in self._overlays if each.result.data is not self.result.data]

    def _follow(self, now: float) -> None:
        """The sphere shows another time."""
        with QSignalBlocker(self.course.cursor):
            self.course.set_cursor(now, None)
        self._draw_histogram(now)

    def _draw_histogram(self, now: float) -> None:
        if self.result is None or self.theme is None:
            return
        edges = _edges(self.result)
        density = histogram(self.result, now, edges)
        lines = [Line(*_stairs(edges, histogram(each.result, now, edges)), each.colour, at + 1, True)
                 for at, each in enumerate(self._kept())]
        lines.append(Line(*_stairs(edges, density), self.theme.lines[0]))
        entries = [Entry("samples", self.theme.lines[0])]
        expected = np.asarray(self.result.data.variables["boltzmann"].values)
        if np.isfinite(expected).all():
            lines.append(Line((edges[1:] + edges[:-1]) / 2, expected, self.theme.lines[1], 1))
            gap = np.abs(np.cumsum(density - expected) * np.diff(edges)).max()
            entries.append(Entry(f"Boltzmann (distance {number(float(gap), 2)})", self.theme.lines[1], 1))
        entries += [Entry(each.name, each.colour, at + 1) for at, each in enumerate(self._kept())]
        self.histogram.set_quantities(shown("m_z"), shown("histogram"))
        self.histogram.draw(lines)
        self.histogram.fit_x(-1.0, 1.0)
        self.legend.set_entries(entries)
        self._say(now)

    def _draw_course(self) -> None:
        if self.result is None or self.theme is None:
            return
        name = _CHOICES[self.chooser.currentIndex()]
        lines = [line for at, each in enumerate(self._kept())
                 for line in _course(each.result, name, [each.colour] * 3, at + 1, True)]
        colours = self.theme.lines
        lines += _course(self.result, name, list(colours), 0, False)
        self.course.set_quantities(_TIME, shown(name))
        self.course.draw(lines)
        entries = [Entry(html(f"m_{axis}"), colour) for axis, colour in zip("xyz", colours, strict=False)]
        self.course_legend.set_entries(entries if name == "mean_m" else [])

    def _show_everything(self, plot: CurvePlot) -> None:
        plot.auto = True
        plot.fit_y()
        if self.result is not None:
            plot.fit_x(*((-1.0, 1.0) if plot is self.histogram else
                         (0.0, float(self.result.data.variables["time"].values[-1]))))

    def _say(self, now: float) -> None:
        """The ensemble at the time shown, in numbers."""
        assert self.result is not None
        variables = self.result.data.variables
        times, hits = variables["time"].values, variables["switching_time"].values
        at = int(np.abs(times - now).argmin())
        switched = hits[hits <= times[at]]
        words = [("t", with_unit(number(float(times[at]), 4), "ns")), ("samples", f"{hits.size:,}"),
                 *((html(f"⟨m_{axis}⟩"), number(float(value), 3)) for axis, value in
                   zip("xyz", variables["mean_m"].values[at], strict=True)),
                 ("P", number(switched.size / hits.size, 3))]
        if switched.size:
            words.append((html("⟨t_s⟩"), with_unit(number(float(switched.mean()), 3), "ns")))
        text = "&nbsp;&nbsp; ".join(f"{name}&nbsp;<b>{value}</b>" for name, value in words)
        self.readout.setText(text + ("&nbsp;&nbsp; <i>preview</i>" if self.draft else ""))


def _edges(result: Result) -> np.ndarray:
    return np.linspace(-1.0, 1.0, result.data.sizes["m_z"] + 1)


def histogram(result: Result, now: float, edges: np.ndarray) -> np.ndarray:
    """The density of m_z at the instant next to a time (ns)."""
    variables = result.data.variables
    at = int(np.abs(variables["time"].values - now).argmin())
    values = variables["m"].values[at, :, 2]
    return np.asarray(np.histogram(values, edges)[0] / (max(values.size, 1) * np.diff(edges)))


def _stairs(edges: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat(edges, 2)[1:-1], np.repeat(values, 2)


def _course(result: Result, name: str, colours: list[str], dash: int, faint: bool) -> list[Line]:
    """One variable against the time; the part that has switched by every sample's own time."""
    variables = result.data.variables
    times = variables["time"].values
    if name == "switched":
        hits = np.sort(variables["switching_time"].values)
        hits, count = hits[np.isfinite(hits)], hits.size
        x, y = np.concatenate([[0.0], hits, times[-1:]]), np.arange(hits.size + 1) / max(count, 1)
        return [Line(np.repeat(x, 2)[1:-1], np.repeat(y, 2), colours[0], dash, faint)]
    values = variables[name].values
    if values.ndim == 1:
        return [Line(times, values, colours[0], dash, faint)]
    return [Line(times, column, colour, dash, faint) for column, colour in zip(values.T, colours, strict=False)]
