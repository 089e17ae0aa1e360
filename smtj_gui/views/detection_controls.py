"""The fields above the pages of the detection view."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from smtj_engine.control import PLACES
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, spec_at
from smtj_gui.number_widgets import Said, set_tip
from smtj_gui.session import Session
from smtj_gui.views.axis_chooser import AxisRow
from smtj_gui.views.controls import Controls, Field, SessionField, Toggle
from smtj_gui.views.labels import html

DIODE, ENSEMBLE, SWITCHING, RATE, LOOP = (f"numerics.{name}" for name in (
    "spin_diode", "ensemble", "switching", "rate", "loop"))
#: What switches the thermal noise on, where the setup has neither: room temperature, and a pillar of 30 nm.
_WARM, _PILLAR = 300.0, 1000.0
_TILT = {"drive.h_x": 0.1, "drive.h_z": 0.05}
_START = (Field("theta0_deg", "start at θ", "°", 44), Field("phi0_deg", "φ", "°", 44))


class Rows(QWidget):
    """Rows of fields, and under them the reason where one was refused."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.reason = Said(self)
        self.reason.setProperty("error", True)
        self.reason.setWordWrap(True)
        self.reason.hide()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(3)

    def add(self, *widgets: QWidget) -> None:
        """One more row."""
        row = QHBoxLayout()
        row.setSpacing(10)
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        self.column.addLayout(row)

    def end(self) -> None:
        """The last row: the reason."""
        self.column.addWidget(self.reason)

    def showEvent(self, event: QShowEvent) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rows that are out of sight must not make room for themselves among those on top."""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        super().hideEvent(event)

    def refuse(self, reason: str) -> None:
        """Say why something was refused, or nothing any more."""
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))

    def fields(self, grid: str, fields: Sequence[Field], before: Sequence[QWidget] = ()) -> Controls:
        """Fields of a group of the setup."""
        return Controls(self.session, grid, fields, without=None, before=before, parent=self)


class NoiseFields(QWidget):
    """Temperature and volume of the magnet, and a button that switches the thermal field on or off."""

    def __init__(self, session: Session, refuse: object, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        assert callable(refuse)
        self.temperature = SessionField(session, "drive.temperature", refuse, self)
        self.volume = SessionField(session, "magnet.volume", refuse, self)
        self.volume.setPlaceholderText("none")
        self.button = QPushButton(self)
        self.button.clicked.connect(self._switch)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for words, field, unit in (("noise at T_m", self.temperature, "K"), ("𝒱", self.volume, "nm³")):
            label, after = QLabel(html(words), self), QLabel(unit, self)
            label.setBuddy(field)
            after.setProperty("muted", True)
            field.set_width(54)
            for widget in (label, field, after):
                row.addWidget(widget)
        row.addWidget(self.button)
        session.setup_changed.connect(lambda _: self.refresh())
        self.refresh()

    @property
    def on(self) -> bool:
        """Whether a thermal field acts."""
        setup = self.session.setup
        return setup.drive.temperature > 0 and setup.magnet.volume is not None

    def _switch(self) -> None:
        setup = self.session.setup
        if self.on:
            self.session.edit_many({"drive.temperature": 0.0}, text="Thermal noise off")
        else:
            self.session.edit_many({"drive.temperature": setup.drive.temperature or _WARM,
                                    "magnet.volume": setup.magnet.volume or _PILLAR}, text="Thermal noise on")

    def refresh(self) -> None:
        """Show what is in force."""
        self.temperature.refresh()
        self.volume.refresh()
        self.button.setText("Switch off" if self.on else "Switch on")
        self.button.setToolTip("The same without thermal noise" if self.on else
                               f"Thermal noise, at {_WARM:g} K and for {_PILLAR:g} nm³ where nothing else is said")
        self.button.setAccessibleName("Thermal noise: " + ("switch off" if self.on else "switch on"))


class TiltButton(QPushButton):
    """Offers a field while there is none: along the normal and in the plane there is no signal."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Tilt m by a field", parent)
        self.session = session
        set_tip(self, "Along the normal and in the plane nothing is rectified: a field of 0.1 M_s along x and "
                      "0.05 M_s along z tilts m")
        self.clicked.connect(lambda: session.edit_many(_TILT, text="Tilt m by a field"))
        session.setup_changed.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Only without any field."""
        drive = self.session.setup.drive
        self.setVisible(drive.h_x == drive.h_y == drive.h_z == 0.0)


def no_refusal(path: str, setup: Setup) -> str:
    """Every axis that is offered makes sense."""
    return ""


def diode_controls(session: Session, parent: QWidget | None = None) -> Rows:
    """Frequencies, amplitude, source, method; the sweep."""
    rows = Rows(session, parent)
    source = Toggle(session, f"{DIODE}.source", {"voltage": "V drive", "current": "I drive"}, rows)
    method = Toggle(session, f"{DIODE}.method", {"linear": "2nd order", "time": "+ in time"}, rows)
    rows.add(rows.fields(DIODE, [Field("amplitude", "V_rf", "V", 54)], [source]), rows.fields(DIODE, [], [method]))
    rows.add(rows.fields(DIODE, [Field("start", "f from"), Field("stop", "to", "GHz"), Field("points", "points"),
                                 Field("theta0_deg", "state next to θ", "°"), Field("phi0_deg", "φ", "°")]))
    sweep = AxisRow(session, DIODE, "over", ("Sweep", "values"), no_refusal, rows.refuse,
                    lambda setup: {"junction.bias": (-0.5, 0.5)}, parent=rows)
    rows.add(sweep)
    rows.add(TiltButton(session, rows))
    rows.end()
    return rows


def ensemble_controls(session: Session, parent: QWidget | None = None) -> Rows:
    """Samples, duration, instants, start; temperature and volume."""
    rows = Rows(session, parent)
    start = Toggle(session, f"{ENSEMBLE}.start", {"fixed": "fixed start", "random": "even start"}, rows)
    rows.add(rows.fields(ENSEMBLE, [Field("count", "samples", "", 60), Field("duration", "for", "ns", 48),
                                    Field("instants", "instants"), Field("seed", "seed", "", 54)]))
    rows.add(rows.fields(ENSEMBLE, _START, [start]))
    rows.add(NoiseFields(session, rows.refuse, rows))
    rows.end()
    return rows


def switching_refusal(path: str, setup: Setup) -> str:
    """Why the engine would refuse this axis in a setup, or nothing."""
    from smtj_engine.dynamics.switching import axis_of

    try:
        axis_of("x", (path, [spec_at(setup, path).low or 0.0]), setup.drive, setup.junction)
    except ParameterError as error:
        return error.reason
    return ""


_HEIGHTS = {"": (-0.05, 0.05), "V": (-1.0, 1.0), "M_s": (-0.5, 0.5)}


def switching_ranges(setup: Setup) -> dict[str, tuple[float, float]]:
    """Ranges that show something, by what the waveform moves."""
    heights = _HEIGHTS[moved_unit(setup)]
    return {"drive.waveform.level": heights, "drive.waveform.swing": (0.0, heights[1]),
            "drive.waveform.length": (0.05, 3.0), "drive.waveform.rise": (0.0, 3.0),
            "drive.waveform.fall": (0.0, 3.0), "drive.waveform.frequency": (1.0, 20.0),
            "drive.temperature": (0.0, 600.0), "drive.tau_par": (-0.05, 0.05)}


def moved_unit(setup: Setup) -> str:
    """The unit of what the waveform moves."""
    path = PLACES.get(setup.drive.waveform.target, "")
    return spec_at(setup, path).unit if path else ""


def _unit(path: str, setup: Setup) -> str:
    if path in ("drive.waveform.level", "drive.waveform.swing"):
        return moved_unit(setup)
    return spec_at(setup, path).unit


def switching_controls(session: Session, parent: QWidget | None = None) -> Rows:
    """The two axes, samples, duration, start; temperature and volume."""
    rows = Rows(session, parent)
    for name, words in (("x", "Across"), ("y", "Up")):
        rows.add(AxisRow(session, SWITCHING, name, (words, "cells"), switching_refusal, rows.refuse,
                         switching_ranges, _unit, rows))
    rows.add(rows.fields(SWITCHING, [Field("count", "samples", "", 54), Field("duration", "for", "ns", 48),
                                     *_START, Field("seed", "seed", "", 54)]))
    rows.add(NoiseFields(session, rows.refuse, rows))
    rows.end()
    return rows


def rate_refusal(path: str, setup: Setup) -> str:
    """Why the engine would refuse this sweep in a setup, or nothing."""
    from smtj_engine.dynamics.cells import check_path

    try:
        check_path(path, setup.drive, setup.junction)
    except ParameterError as error:
        return error.reason
    return ""


#: Ranges in which a magnet that is stable stays so.
_RATES = {"drive.temperature": (200.0, 500.0), "magnet.volume": (200.0, 2000.0), "magnet.damping": (0.005, 0.1),
          "magnet.q_par": (0.02, 0.2), "magnet.q_perp": (1.22, 1.3), "drive.tau_par": (-0.001, 0.002),
          "drive.h_x": (0.0, 0.02), "drive.h_y": (0.0, 0.05), "drive.h_z": (-0.04, 0.04),
          "junction.bias": (-0.3, 0.3)}


def rate_controls(session: Session, parent: QWidget | None = None) -> Rows:
    """Paths, estimates, start; the sweep; temperature and volume."""
    rows = Rows(session, parent)
    rows.add(rows.fields(RATE, [Field("count", "paths", "", 54), Field("repeats", "estimates", "", 40), *_START,
                                Field("seed", "seed", "", 54)]))
    rows.add(AxisRow(session, RATE, "over", ("Sweep", "values"), rate_refusal, rows.refuse, lambda setup: _RATES,
                     parent=rows))
    rows.add(NoiseFields(session, rows.refuse, rows))
    rows.end()
    return rows


#: What suits each sweep of a loop.
_LOOPS = {"field": (-0.2, 0.2), "junction.bias": (-1.0, 1.0), "drive.tau_par": (-0.02, 0.02),
          "drive.tau_perp": (-0.2, 0.2)}


def _loop_range(word: str) -> dict[str, float]:
    low, high = _LOOPS[word]
    return {f"{LOOP}.start": low, f"{LOOP}.stop": high}


class LoopFields(Rows):
    """What is swept, from where to where, how slowly; the direction of a field; temperature and volume."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        over = Toggle(session, f"{LOOP}.over", {"field": "R(H)", "junction.bias": "R(V)", "drive.tau_par": "R(τ∥)",
                                                "drive.tau_perp": "R(τ⊥)"}, self, _loop_range)
        self.unit = QLabel(self)
        self.unit.setProperty("muted", True)
        self.direction = self.fields(LOOP, [Field("field_theta_deg", "field at θ", "°", 44),
                                            Field("field_phi_deg", "φ", "°", 44)])
        self.add(self.fields(LOOP, [Field("start", "from", "", 54), Field("stop", "to", "", 54)], [over]),
                 self.unit)
        self.add(self.fields(LOOP, [Field("points", "values"), Field("dwell", "dwell", "ns", 48)]), self.direction)
        self.add(self.fields(LOOP, [*_START, Field("count", "samples", "", 50), Field("seed", "seed", "", 54)]))
        self.add(NoiseFields(session, self.refuse, self))
        self.end()
        session.setup_changed.connect(lambda _: self._refresh())
        self._refresh()

    def _refresh(self) -> None:
        over = self.session.setup.numerics.loop.over
        self.direction.setVisible(over == "field")
        self.unit.setText(html("M_s" if over == "field" else spec_at(self.session.setup, over).unit))


def readout_controls(session: Session, parent: QWidget | None = None) -> Rows:
    """The trajectory that is read out."""
    rows = Rows(session, parent)
    rows.add(rows.fields("numerics.trajectory", [*_START, Field("duration", "for", "ns", 56),
                                                 Field("samples", "instants", "", 70)]))
    rows.add(NoiseFields(session, rows.refuse, rows))
    rows.end()
    return rows
