"""Detection and control: spin diode, ensembles under noise, maps of switching, rates, loops, read-out."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from smtj_gui.views import DETECTION
from smtj_gui.views import detection_controls as controls
from smtj_gui.views.paged import PagedView, Picture

if TYPE_CHECKING:
    from smtj_gui.views.sphere_pictures import Film


_NO_NOISE = "A switching rate needs thermal noise: a temperature and the volume of the magnet, above."


class DetectionView(PagedView):
    """Pages "diode", "ensemble", "switching", "rate", "loop" and "readout"; a page's modules come with it."""

    key, title, kinds = DETECTION

    def add_pages(self) -> None:
        fields: dict[str, Callable[..., QWidget]] = {
            "diode": controls.diode_controls, "ensemble": controls.ensemble_controls,
            "switching": controls.switching_controls, "rate": controls.rate_controls,
            "loop": controls.LoopFields, "readout": controls.readout_controls}
        for key, text, kind, make, tip in (
                ("diode", "Spin diode", "spin-diode", self._diode,
                 "The current that a resonance driven by the torque rectifies"),
                ("ensemble", "Ensemble", "ensemble", self._ensemble, "Many macrospins under thermal noise"),
                ("switching", "Switching", "switching", self._switching,
                 "The probability of having switched, over two parameters"),
                ("rate", "Rate", "rate", self._rate,
                 "How often thermal noise switches the magnet, however rare that is"),
                ("loop", "Loops", "loop", self._loop, "R(H) and R(V): there and back"),
                ("readout", "Read-out", "readout", self._readout,
                 "Resistance and current of the junction along a trajectory")):
            self.add_page(key, text, kind, functools.partial(fields[key], self.session, self), make, tip)

        self.session.setup_changed.connect(lambda _: self._look_for_noise())

    def wanted(self) -> tuple[str, ...]:
        """No rate while there is no thermal noise: that is no mistake of the user's to be told of."""
        return () if self.page == "rate" and not self._noisy() else super().wanted()

    def _noisy(self) -> bool:
        """Whether a rate can be asked for."""
        setup = self.session.setup
        over = setup.numerics.rate.over
        return ((setup.drive.temperature > 0 or over == "drive.temperature")
                and (setup.magnet.volume is not None or over == "magnet.volume"))

    def _look_for_noise(self) -> None:
        """Thermal noise was switched on or off, perhaps."""
        if self.page == "rate" and self._asked != self.wanted():
            self._asked = self.wanted()
            if not self._asked:
                self.set_busy(_NO_NOISE)
            self.wanted_changed.emit()

    def choose(self, key: str) -> None:
        super().choose(key)
        self._asked = self.wanted()
        if key == "rate" and not self._asked:
            self.set_busy(_NO_NOISE)
        self.setProperty("help_at", f"detection#{self.pages[key].button.text()}")

    def _diode(self) -> Picture:
        from smtj_gui.views.diode_page import DiodePage

        return DiodePage(self)

    def _ensemble(self) -> Picture:
        from smtj_gui.views.ensemble_page import EnsemblePage

        page = EnsemblePage(self)
        page.stage.mode_changed.connect(self.mode_changed)
        page.stage.key.file_wanted.connect(self.action_wanted)
        return page

    def _switching(self) -> Picture:
        from smtj_gui.views.switching_page import SwitchingPage

        page, rows = SwitchingPage(self.session, self), self.pages["switching"].controls
        assert isinstance(rows, controls.Rows)
        page.launched.connect(lambda: self.open_page.emit("trajectory"))
        page.refused.connect(rows.refuse)
        return page

    def _rate(self) -> Picture:
        from smtj_gui.views.rate_page import RateGrid

        return RateGrid(self)

    def _loop(self) -> Picture:
        from smtj_gui.views.loop_page import LoopGrid

        return LoopGrid(self)

    def _readout(self) -> Picture:
        from smtj_gui.views.loop_page import ReadoutGrid

        return ReadoutGrid(self)

    def show_kind(self, kind: str, variable: str = "") -> None:
        super().show_kind(kind, variable)
        picture: Any = self.picture_of(self.page)
        if variable and picture.draws(variable):
            picture.show_variable(variable)

    def film(self) -> Film | None:
        """The cloud on its sphere."""
        if self.page != "ensemble":
            return None
        from smtj_gui.views.sphere_pictures import Film

        picture: Any = self.picture_of("ensemble")
        return Film.of(picture.stage)

    def play(self) -> None:
        """Space moves what moves."""
        if self.page == "ensemble":
            picture: Any = self.picture_of("ensemble")
            picture.play()
