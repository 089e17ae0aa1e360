"""What every view is: a picture of the newest result of its kinds, and of the runs that are switched on."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from smtj_gui.decimals import said
from smtj_gui.number_widgets import Said
from smtj_gui.views.overlaid import Overlay
from smtj_gui.views.plot import CurvePlot
from smtj_gui.views.strip import Strip

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.jobs import JobRunner
    from smtj_gui.look import Theme
    from smtj_gui.session import Run, Session
    from smtj_gui.views.sphere_pictures import Film


class View(QWidget):
    """One picture. It shows what it is given and asks for nothing itself: `wanted()` names the analyses that it
    needs live, the conductor has them calculated."""

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    kinds: ClassVar[tuple[str, ...]] = ()

    wanted_changed = Signal()
    mode_changed = Signal(str)  # how a view draws, for the status bar
    action_wanted = Signal(str) # an action of the menus, by its name
    open_page = Signal(str)     # turn to the page that draws this kind of result
    told = Signal(str)          # news for the user
    failed = Signal(str, str)   # what went wrong in plain words, details
    memory_changed = Signal()   # what `remembered` gives

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.theme: Theme | None = None
        self.setAccessibleName(self.title)
        self.setProperty("help_at", self.key)
        strip = Strip(self)
        self.top = strip.rows
        self._note = _words(self)
        self._note.setContentsMargins(10, 5, 10, 5)
        self._note.setFrameShape(QLabel.Shape.StyledPanel)
        self._note.setProperty("card", True)
        self._note.hide()
        self._empty = _words(self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setProperty("muted", True)
        self._empty.setText("Waiting for the first curve…")
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 4)
        column.setSpacing(6)
        column.addWidget(strip)
        column.addWidget(self._note)
        column.addLayout(self._stack, 1)

    def set_content(self, content: QWidget) -> None:
        """The picture itself; shown as soon as there is something to show."""
        self._stack.addWidget(content)

    # -- what the conductor and the window call --------------------------------------------------------

    def attach(self, runner: JobRunner) -> None:
        """For views with long work of their own beside the analyses."""

    def wanted(self) -> tuple[str, ...]:
        """The analyses that this view needs live right now."""
        return self.kinds

    def kept(self) -> tuple[str, ...]:
        """The analyses that F5 keeps as runs."""
        return self.wanted()

    def play(self) -> None:
        """Play or pause what moves (Space)."""

    def show_kind(self, kind: str, variable: str = "") -> None:
        """Turn to the page that draws this kind of result, and this variable of it, where there are several."""

    def show_live(self, result: Result, draft: bool) -> None:
        """Show the newest answer for the current setup."""
        raise NotImplementedError

    def set_overlays(self, runs: Sequence[Run]) -> None:
        """Show these kept runs too."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Recolour."""
        self.theme = theme

    def changeEvent(self, event: QEvent) -> None:
        """Another decimal sign: what a view paints itself, and its tables, are drawn anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LocaleChange and self.theme is not None:
            self.set_theme(self.theme)

    def current_result(self) -> Result | None:
        """What export writes."""
        raise NotImplementedError

    def remembered(self) -> dict[str, Any]:
        """What of the view belongs to the session beside setup and runs, as values that JSON knows."""
        return {}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take back what `remembered` gave; a file may say anything, and what makes no sense is left out."""

    def film(self) -> Film | None:
        """What a picture or an animation of the sphere is made of; None for a view without one."""
        return None

    def picture(self) -> QWidget:
        """What is copied as a picture: the view without the fields above it."""
        return self._stack.currentWidget()

    def come_to_rest(self) -> None:
        """Draw everything at its best at once, for a picture."""
        for plot in self.findChildren(CurvePlot):
            plot.come_to_rest()

    def set_busy(self, text: str) -> None:
        """What to say while there is nothing to show."""
        if text:
            self._empty.setText(text)

    # -- for the views themselves ----------------------------------------------------------------------

    def show_content(self, there: bool = True) -> None:
        """The picture, or the words in its place."""
        self._stack.setCurrentIndex(1 if there else 0)

    def set_notes(self, notes: Sequence[str]) -> None:
        """The sentences that come with a result, above the picture."""
        text = "\n".join(_sentence(note) for note in notes)
        if said(text) != self._note.text():
            self._note.setText(text)
        self._note.setVisible(bool(text))

    def notes(self) -> str:
        """What the banner says."""
        return self._note.text()

    def overlays(self, runs: Sequence[Run], kind: str) -> list[Overlay]:
        """The runs of one kind that have something to draw."""
        return [Overlay(html.escape(run.name), run.colour, run.result) for run in runs
                if run.result is not None and run.result.kind == kind]


def _words(parent: QWidget) -> QLabel:
    label = Said(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _sentence(note: str) -> str:
    """A note without the key word that the engine puts in front of it for programs ("bound_states: …")."""
    note = re.sub(r"^[a-z]+(_[a-z]+)+: ", "", note)
    return note[:1].upper() + note[1:]
