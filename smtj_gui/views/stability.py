"""The stability diagram over two parameters: sharpens while it is calculated, launches trajectories, is cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from smtj_engine.schema import ParameterError, value_at
from smtj_gui.number_widgets import Said, set_tip
from smtj_gui.views import STABILITY, stability_theory
from smtj_gui.views.base import View
from smtj_gui.views.cells import Axis, scale
from smtj_gui.views.labels import digits_for, number, with_unit
from smtj_gui.views.map_key import ColourBar, Key, Sample
from smtj_gui.views.map_plot import MapPlot, Place
from smtj_gui.views.stability_controls import StabilityControls
from smtj_gui.views.stability_cut import CutPanel, Ends
from smtj_gui.views.stability_plane import COLOURS, NAMES, Plane
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme
    from smtj_gui.session import Run, Session

_LEGEND = """<b>perpendicular</b>, <b>in-plane</b>, <b>tilted</b>: rests along the normal, in the plane, between.
<br><b>OPP</b>, <b>IPP</b>: precession about the normal (out of plane) or about the plane's easy axis (in plane).
<br><b>undecided</b>: neither at rest nor periodic at the end of the run.
<br><b>sensitive</b>: a start 0.1° beside ends elsewhere.
<br><b>theory</b>: thresholds of the closed form, to first order in η.
<br><b>setup</b>: where the present parameters lie."""


class StabilityView(View):
    """The map, its legend and read-out, and the cut below it."""

    key, title, kinds = STABILITY

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.result: Result | None = None
        self.plane: Plane | None = None
        self.other: Plane | None = None     # the way back, where both are shown
        self.draft = False
        self.mode, self.way = "state", "both"
        self.ends: Ends | None = None
        self._runs: list[Run] = []
        self._kept: dict[int, Plane] = {}       # by the identity of the result: names need not differ
        self._theory: tuple[object, stability_theory.Boundaries] | None = None     # and the setup that it is of
        self.controls = StabilityControls(session, self)
        self.map = MapPlot(self)
        self.legend, self.bar = Key(self), ColourBar(self)
        set_tip(self.legend, _LEGEND)
        self.readout = Words("Read-out", self)
        self.remark = Said(self)
        self.remark.setProperty("muted", True)
        self.remark.setWordWrap(True)
        self.remark.setContentsMargins(8, 0, 8, 0)
        self.cut = CutPanel(self)
        self._empty.setText("Waiting for the first cells…")
        self.top.addWidget(self.controls)
        self.set_content(self._layout())
        self._connect()

    def _layout(self) -> QWidget:
        upper = QWidget(self)
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for widget in (self.bar, self.legend, self.map, self.readout, self.remark):
            column.addWidget(widget, 1 if widget is self.map else 0)
        self.remark.hide()
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.addWidget(upper)
        self._splitter.addWidget(self.cut)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([11000, 9000])      # shares, for the first time that there is a cut
        return self._splitter

    def _connect(self) -> None:
        self.session.setup_changed.connect(self._setup_changed)
        self.controls.colour.chosen.connect(self.colour_by)
        self.controls.direction.chosen.connect(self._turn)
        self.map.hovered.connect(self._hover)
        self.map.left.connect(lambda: self._point_at(None))
        self.map.picked.connect(self.launch)
        self.map.line_moved.connect(self._move_cut)
        self.map.line_drawn.connect(lambda start, end: self.cut_along((start, end)))
        self.map.reset.connect(self.map.show_everything)
        self.cut.closed.connect(lambda: self.cut_along(None))

    # -- the contract -------------------------------------------------------------------------------

    def show_kind(self, kind: str, variable: str = "") -> None:
        if variable in self.controls.colour.buttons:
            self.colour_by(variable)

    def show_live(self, result: Result, draft: bool) -> None:
        self.result, self.draft = result, draft
        self.set_notes(result.notes)
        self._show_plane()
        self.show_content()

    def set_overlays(self, runs: Sequence[Run]) -> None:
        self._runs = list(runs)
        self._kept = {}
        self._show_cut()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for part in (self.map, self.legend, self.bar, self.readout, self.cut):
            part.set_theme(theme)
        self._show_plane()

    def current_result(self) -> Result | None:
        return self.result

    # -- what is shown ------------------------------------------------------------------------------

    def colour_by(self, mode: str) -> None:
        """Colour the cells by "state", "resistance" or "frequency"."""
        self.mode = mode
        self.controls.colour.buttons[mode].setChecked(True)
        self._show_plane()

    def _turn(self, way: str) -> None:
        """Show the way up, the way back, or both of a hysteretic diagram."""
        self.way = way
        self._show_plane()

    def _show_plane(self) -> None:
        if self.result is None or self.theme is None:
            return
        self.plane = Plane(self.result, self.way == "back")
        self.other = Plane(self.result, back=True) if self.plane.has_back and self.way == "both" else None
        self.map.show_plane(self.plane, self.mode, self.theme.border, self.other)
        self._show_theory()
        self._show_key()
        self._show_here()
        self._point_at(self.map.at)
        self._show_cut()

    def _show_theory(self) -> None:
        """The boundaries of the present setup at once, even where the cells still belong to an older one."""
        if self.plane is None:
            return
        grid = self.session.setup.numerics.stability
        if (grid.x, grid.y) != self.plane.paths:
            self.map.show_theory(())
            return
        if self._theory is None or self._theory[0] is not self.session.setup:
            self._theory = self.session.setup, stability_theory.boundaries(self.session.setup)
        theory = self._theory[1]
        self.map.show_theory(theory.curves)
        self.remark.setText(theory.reason)
        self.remark.setVisible(bool(theory.reason))

    def _show_key(self) -> None:
        assert self.plane is not None and self.theme is not None
        plane, entries = self.plane, []
        if self.mode == "state":
            seen = np.unique(np.concatenate([each.state[each.there] for each in (plane, self.other) if each]))
            entries = [Sample(NAMES[plane.words[at]], COLOURS[plane.words[at]]) for at in (*seen[seen > 0], 0)
                       if at in seen]
            self.bar.hide()
        elif self.mode == "resistance":
            duration = float(plane.result.data.attrs["duration"])
            self.bar.show_scale(scale(self.mode), -1.0, 1.0, f"R/ΔR = cos 2θ after {duration:g} ns")
        else:
            self.bar.show_scale(scale(self.mode), 0.0, plane.highest_frequency(), "f of m (GHz)")
            entries = [Sample("no precession", self.theme.border)]
        if (plane.sensitive & plane.there).any():
            entries.append(Sample("sensitive", "#D8D8D8", shape="hatched"))
        if self.other is not None:
            entries.append(Sample("way back", "#D8D8D8", shape="bands"))
        if any(line.isVisible() for line in self.map.theory):
            entries.append(Sample("theory", "#FFFFFF", shape="line"))
        entries.append(Sample("setup", "#FFFFFF", shape="ring"))
        if entries != self.legend.entries:
            self.legend.set_entries(entries)

    def _show_here(self) -> None:
        """Ring the present values of the swept parameters, wherever they were set."""
        if self.plane is None:
            return
        place = tuple(float(axis.place(value_at(self.session.setup, axis.path)))
                      for axis in (self.plane.x, self.plane.y))
        inside = self.plane.cell_at(*place) is not None
        self.map.show_here((place[0], place[1]) if inside else None)

    def _setup_changed(self, paths: object) -> None:
        self._show_theory()
        self._show_here()
        if self.plane is not None and self.ends is not None:
            self._show_cut()

    # -- read-out -----------------------------------------------------------------------------------

    def _hover(self, x: float, y: float) -> None:
        if self.plane is not None:
            self._point_at(self.plane.cell_at(x, y))

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        """Frame a cell and say what it holds; without one, the present setup's if it is in the picture."""
        self.map.show_frame(cell)
        if self.plane is None:
            return
        cell = cell or self.plane.cell_of(self.session.setup)
        if cell is None:
            self.readout.setText(self._hint())
        else:
            self.readout.setText(self._describe(*cell))

    def _hint(self) -> str:
        return ("<i>coarse so far</i>&nbsp;&nbsp; " if self.draft else "") + \
            "Point at a cell to read it, click to follow its trajectory, drag to cut."

    def _describe(self, row: int, column: int) -> str:
        """The numbers of one cell."""
        plane = self.plane
        assert plane is not None
        words = [_value(plane.x, column), _value(plane.y, row)]
        if not plane.there[row, column]:
            return "&nbsp;&nbsp; ".join([*words, "<i>not yet calculated</i>"])
        words.append(f"<b>{NAMES[plane.word(row, column)]}</b>")
        if self.other is not None:
            words[-1] = f"→ {words[-1]} ← <b>{NAMES[self.other.word(row, column)]}</b>"
        words.append(f"R/ΔR&nbsp;<b>{number(float(plane.resistance[row, column]), 4)}</b>")
        if math.isfinite(frequency := float(plane.frequency[row, column])):
            words.append(f"f&nbsp;<b>{with_unit(number(frequency, 4), 'GHz')}</b>")
        if plane.sensitive[row, column]:
            words.append("<b>sensitive</b>")
        if "drive.tau_par" in plane.paths:
            tau = plane.x.values[column] if plane.x.path == "drive.tau_par" else plane.y.values[row]
            words.append(f"2π·τ∥&nbsp;{number(2 * math.pi * float(tau), 4)} <i>(our reading of the Letter)</i>")
        if plane.computed is not None and not plane.computed[row, column]:
            words.insert(2, "<i>(coarse)</i>")
        return "&nbsp;&nbsp; ".join(words)

    # -- click and drag -----------------------------------------------------------------------------

    def launch(self, row: int, column: int) -> None:
        """Take over exactly this cell's parameters and start, in one step for undo, and turn to its trajectory."""
        from smtj_engine.dynamics.stability import cell_parameters

        plane = self.plane
        assert plane is not None
        try:
            values = cell_parameters(plane.result, plane.y.original(row), plane.x.original(column), plane.back)
            self.session.edit_many(values, text="Launch a cell of the diagram")
        except ParameterError as error:
            self.controls.refuse(f"This cell cannot be followed: {error.reason}.")
            return
        self.controls.refuse("")
        self.open_page.emit("trajectory")

    def cut_along(self, ends: Ends | None) -> None:
        """Cut the diagram along a line between two places; None takes the cut away."""
        if self.ends is None and ends is not None:
            for plot in (self.cut.frequency, self.cut.resistance):
                plot.auto = True
        self.ends = ends
        self._show_cut()

    def _move_cut(self, start: Place, end: Place) -> None:
        """Follow the mouse, unless the pane of the cut would first appear and shift the map under it."""
        if self.cut.isVisible():
            self.cut_along((start, end))

    def _show_cut(self) -> None:
        if self.plane is None or self.theme is None or self.ends is None:
            self.map.show_section(None)
            self.cut.hide()
            return
        self.map.show_section(self.ends)
        planes = [self.plane]
        if self.plane.has_back:
            planes = [Plane(self.plane.result), Plane(self.plane.result, back=True)]
        overlays = []
        for overlay in self.overlays(self._runs, "stability"):
            kept = self._kept.setdefault(id(overlay.result), Plane(overlay.result))
            if overlay.result.data is not self.plane.result.data and kept.paths == self.plane.paths:
                overlays.append((overlay, kept))
        self.cut.show_cut(planes, overlays, self.ends, self.session.setup)


def _value(axis: Axis, cell: int) -> str:
    value = float(axis.values[cell])
    text = with_unit(number(value, digits_for(axis.values)), axis.shown.unit)
    return f"{axis.shown.html}&nbsp;<b>{text}</b>"
