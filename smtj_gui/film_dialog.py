"""Asks which part of a precession becomes an animation, how fast and how large."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QWidget

from smtj_gui.decimals import spelled
from smtj_gui.look import restyle
from smtj_gui.number_widgets import NumberBox, Said
from smtj_gui.views.player import SPEEDS
from smtj_gui.views.sphere_pictures import MOST_FRAMES, Cut, Film

PIXELS = (240, 360, 480, 640)
RATES = (10, 20, 25)
_PIXELS, _RATE = 480, 20


class FilmDialog(QDialog):
    """Offers what the view shows: from the time shown at its speed, as far as it fits."""

    def __init__(self, film: Film, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export animation")
        start = film.now if film.now < film.path.end else 0.0
        stop = min(film.path.end, start + MOST_FRAMES / _RATE * film.speed)
        self.start, self.stop = self._time(start, film.path.end), self._time(stop, film.path.end)
        self.speeds, self.pixels, self.rates = QComboBox(self), QComboBox(self), QComboBox(self)
        for box, values, unit, chosen in ((self.speeds, SPEEDS, "ns in a second", film.speed),
                                          (self.pixels, PIXELS, "pixels", _PIXELS),
                                          (self.rates, RATES, "pictures a second", _RATE)):
            for value in values:
                box.addItem(spelled(f"{value:g} {unit}"), value)
            box.setCurrentIndex(max(0, box.findData(chosen)))
            box.currentIndexChanged.connect(lambda _: self._check())
        self.words = Said(self)
        self.words.setWordWrap(True)
        form = QFormLayout(self)
        for text, widget in (("From", self.start), ("to", self.stop), ("Speed", self.speeds),
                             ("Size", self.pixels), ("Rate", self.rates)):
            form.addRow(text, widget)
        form.addRow(self.words)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self.buttons.button(standard.Ok).setText("Choose file…")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form.addRow(self.buttons)
        self._check()

    def _time(self, value: float, most: float) -> NumberBox:
        box = NumberBox(self)
        box.setDecimals(3)
        box.setRange(0.0, most)
        box.setSuffix(" ns")
        box.setButtonSymbols(NumberBox.ButtonSymbols.NoButtons)    # the style sheet draws none
        box.setSingleStep(1.0)
        box.setValue(value)
        box.valueChanged.connect(lambda _: self._check())
        return box

    def cut(self) -> Cut:
        """What is chosen."""
        return Cut(self.start.value(), self.stop.value(), self.speeds.currentData(), self.pixels.currentData(),
                   self.rates.currentData())

    def _check(self) -> None:
        """Say how long it gets, or why it cannot be made."""
        cut = self.cut()
        self.words.setText(cut.refusal or f"{cut.frames} pictures, {cut.frames / cut.rate:.1f} s, repeated")
        restyle(self.words, "error", bool(cut.refusal))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not cut.refusal)

    def ask(self) -> Cut | None:
        """Show the dialog; None when it was cancelled."""
        return self.cut() if self.exec() else None
