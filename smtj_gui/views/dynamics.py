"""The precession: m on its sphere while it is integrated, its traces, its spectrum, and its state in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from smtj_gui.views import DYNAMICS
from smtj_gui.views.base import View
from smtj_gui.views.controls import Controls, Field, Toggle
from smtj_gui.views.labels import number, with_unit
from smtj_gui.views.spectrum_panel import SpectrumPanel
from smtj_gui.views.sphere_panel import SpherePanel
from smtj_gui.views.sphere_pictures import Film
from smtj_gui.views.time_traces import TracesPanel
from smtj_gui.views.words import Words

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme
    from smtj_gui.session import Run, Session

_GRID = "numerics.trajectory"
#: Fewer instants than this have no spectrum (the engine leaves the first part of them out).
_LEAST_SAMPLES = 24
#: Traces and words follow the sphere with every second picture only: thirty times a second.
_EVERY = 2
#: A start at a pole, where nothing moves, is tilted to this angle from it.
_TILT = 1.0


class DynamicsView(View):
    """Draws the live trajectory; spectrum and closed form come as answers of their own."""

    key, title, kinds = DYNAMICS

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.result: Result | None = None
        self._frame = 0
        self._state_of: tuple[Result, bool] | None = None
        toggle = Toggle(session, f"{_GRID}.method", {"dop853": "DOP853", "rk4": "RK4"})
        self.controls = Controls(session, _GRID, [
            Field("theta0_deg", "start at θ", "°"), Field("phi0_deg", "φ", "°"),
            Field("duration", "for", "ns", 56), Field("samples", "instants", width=70)],
            without=None, before=[toggle], parent=self)
        self.tilt = QPushButton("Tilt the start", self)
        self.tilt.setToolTip("At a pole every torque vanishes, and m would stay there for ever")
        self.tilt.clicked.connect(self._tilt)
        self.controls.row.insertWidget(self.controls.row.count() - 1, self.tilt)
        self.state, self.readout = Words("State", self), Words("Values at the time shown", self)
        self.stage, self.traces, self.spectrum = SpherePanel(self), TracesPanel(self), SpectrumPanel(self)
        self._empty.setText("Waiting for the trajectory…")
        self.top.addWidget(self.controls)
        self.set_content(self._layout())
        self._connect()
        self._show_start()

    def _layout(self) -> QWidget:
        upper, lower = QWidget(self), QWidget(self)
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.state)
        column.addWidget(self.stage, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.traces, 1)
        row.addWidget(self.spectrum, 1)
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 2, 0, 0)
        below.setSpacing(2)
        below.addLayout(row, 1)
        below.addWidget(self.readout)
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(upper)
        splitter.addWidget(lower)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([360, 240])
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        return splitter

    def _connect(self) -> None:
        self.session.setup_changed.connect(self._setup_changed)
        self.stage.moved.connect(self._follow)
        self.stage.mode_changed.connect(self.mode_changed)
        self.stage.key.file_wanted.connect(self.action_wanted)
        self.traces.scrubbed.connect(self.stage.player.scrub)

    # -- the contract -------------------------------------------------------------------------------

    def wanted(self) -> tuple[str, ...]:
        samples = self.session.setup.numerics.trajectory.samples
        few = samples is not None and samples < _LEAST_SAMPLES
        return tuple(kind for kind in self.kinds if not (few and kind == "spectrum"))

    def kept(self) -> tuple[str, ...]:
        return tuple(kind for kind in self.wanted() if kind != "limit-cycles")

    def show_live(self, result: Result, draft: bool) -> None:
        if result.kind == "trajectory":
            self._show_trajectory(result, draft)
        elif result.kind == "spectrum":
            self.spectrum.show_result(result)
        else:
            self._show_theory(result)

    def set_overlays(self, runs: Sequence[Run]) -> None:
        trajectories = self.overlays(runs, "trajectory")
        self.traces.set_overlays(trajectories)
        self.stage.set_overlays(trajectories)
        self.spectrum.set_overlays(self.overlays(runs, "spectrum"))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for part in (self.state, self.readout, self.stage, self.traces, self.spectrum):
            part.set_theme(theme)

    def current_result(self) -> Result | None:
        return self.result

    def film(self) -> Film | None:
        return Film.of(self.stage)

    def play(self) -> None:
        self.stage.player.toggle()

    # -- what is shown ------------------------------------------------------------------------------

    def _setup_changed(self, paths: object) -> None:
        assert isinstance(paths, frozenset)
        self._show_start()
        if f"{_GRID}.samples" in paths:
            self.wanted_changed.emit()
            if "spectrum" not in self.wanted():
                self.spectrum.show_result(None)

    def _show_start(self) -> None:
        self.tilt.setVisible(self.session.setup.numerics.trajectory.theta0_deg in (0.0, 180.0))

    def _tilt(self) -> None:
        above = self.session.setup.numerics.trajectory.theta0_deg < 90.0
        self.session.edit_many({f"{_GRID}.theta0_deg": _TILT if above else 180.0 - _TILT}, text="Tilt the start")

    def _show_trajectory(self, result: Result, draft: bool) -> None:
        """A finished trajectory, or all of it so far."""
        before, self.result = self.result, result
        if before is None or not _same(before, result):
            self.stage.player.begin_again()
            spectrum = self.spectrum.result
            if draft and spectrum is not None and not _same(spectrum, result):
                self.spectrum.show_result(None)     # of another trajectory, and its own takes as long as this one
        total = result.setup.numerics.trajectory.duration
        self.set_notes(result.notes)
        self.traces.show_result(result, total)
        self._show_state(result, draft)
        self.show_content()
        self.stage.show_trajectory(result, total)

    def _show_state(self, result: Result, draft: bool) -> None:
        from smtj_engine.dynamics.motion import motion

        found = motion(result)
        words = [f"<b>{found.words[:1].upper()}{found.words[1:]}</b>"]
        if math.isfinite(found.frequency):
            words.append(f"f&nbsp;<b>{with_unit(number(found.frequency, 4), 'GHz')}</b>")
            words.append(f"R&nbsp;<b>{with_unit(number(2 * found.frequency, 4), 'GHz')}</b>")
        if "error" in result.data.variables:    # there is none beside thermal noise
            words.append(f"error&nbsp;≤&nbsp;{number(float(result.data.variables['error'].values), 1)}")
        if draft:
            words.append("<i>integrating…</i>")
        self.state.setText("&nbsp;&nbsp; ".join(words))

    def _show_theory(self, result: Result) -> None:
        values = result.data.variables
        frequency = float(values["frequency_now"].values)
        self.stage.set_cycle(float(values["w_now"].values), frequency, str(result.data.attrs.get("reason", "")))
        self.spectrum.set_theory(frequency)

    def _follow(self, now: float) -> None:
        """The sphere shows another time."""
        self._frame = (self._frame + 1) % _EVERY
        if self._frame and self.stage.player.playing:
            return
        self.traces.set_now(now)
        m = self.stage.scene.m
        if m is not None:
            x, y, z = (float(part) for part in m)
            theta, phi = math.degrees(math.acos(np.clip(z, -1, 1))), math.degrees(math.atan2(y, x))
            self.readout.setText("&nbsp;&nbsp; ".join(
                f"{name}&nbsp;<b>{text}</b>" for name, text in (
                    ("t", with_unit(f"{now:.3f}", "ns")), ("m<sub>x</sub>", _fixed(x)),
                    ("m<sub>y</sub>", _fixed(y)), ("m<sub>z</sub>", _fixed(z)), ("θ", f"{theta:.1f}°"),
                    ("φ", f"{phi:.1f}°".replace("-", "−")), ("R/ΔR", _fixed(2 * z * z - 1)))))


def _same(first: Result, second: Result) -> bool:
    """Whether two results are the same trajectory, of which there may be more now."""
    one, other = first.setup, second.setup
    return (one.magnet == other.magnet and one.drive == other.drive
            and one.numerics.trajectory == other.numerics.trajectory
            and (one.drive.law != "transport" or one.junction == other.junction))


def _fixed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
