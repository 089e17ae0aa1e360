"""A view of several pages: a row of buttons, and for each page its fields and its picture."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QStackedWidget, QToolButton, QWidget

from smtj_gui.views.base import View

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.look import Theme
    from smtj_gui.session import Run, Session
    from smtj_gui.views.overlaid import Overlay


class Picture(Protocol):
    """What a page draws a result with: a QWidget that does this."""

    def show_result(self, result: Result | None, draft: bool = False) -> None: ...

    def set_overlays(self, overlays: Sequence[Overlay]) -> None: ...

    def set_theme(self, theme: Theme) -> None: ...

    def draws(self, variable: str) -> bool: ...


@dataclasses.dataclass(eq=False)
class Page:
    """One page: the kind of result that it draws, its button, its fields and its picture."""

    kind: str
    button: QToolButton
    make_controls: Callable[[], QWidget]
    make: Callable[[], Picture]
    made: Picture | None = None     # four plots take some 50 ms: made when they are looked at

    @functools.cached_property
    def controls(self) -> QWidget:
        """The fields, made when they are first looked at."""
        return self.make_controls()


class PagedView(View):
    """Only the page on top asks for answers; the others are brought up to date when they are looked at."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._results: dict[str, tuple[Result, bool]] = {}
        self._runs: list[Run] = []
        self._busy: dict[str, str] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(2)
        self._buttons = QButtonGroup(self)
        self._controls = QStackedWidget(self)
        self._pictures = QStackedWidget(self)
        self.pages: dict[str, Page] = {}
        self.page = ""
        self.add_pages()
        self._row.addStretch(1)
        self.top.addLayout(self._row)
        self.top.addWidget(self._controls)
        self.set_content(self._pictures)
        self.choose(next(iter(self.pages)))

    def add_pages(self) -> None:
        """Call `add_page` for each page, the first one on top."""
        raise NotImplementedError

    def add_page(self, key: str, text: str, kind: str, controls: QWidget | Callable[[], QWidget],
                 make: Callable[[], Picture], tip: str = "") -> None:
        """One more page; `make` makes its picture, which is a QWidget, when it is first looked at, and `controls`
        may make its fields."""
        button = QToolButton(self)
        button.setText(text)
        if tip:
            button.setToolTip(tip)
        button.setCheckable(True)
        button.clicked.connect(lambda: self.choose(key))
        self._buttons.addButton(button)
        self._row.addWidget(button)
        if isinstance(controls, QWidget):
            controls.hide()     # until its page is on top
        self.pages[key] = Page(kind, button, (lambda: controls) if isinstance(controls, QWidget) else controls,
                               make)

    def choose(self, key: str) -> None:
        """Put a page on top."""
        if key == self.page:
            return
        before, self.page = self.wanted() if self.page else (), key
        page = self._page()
        page.button.setChecked(True)
        if self._controls.indexOf(page.controls) < 0:
            self._controls.addWidget(page.controls)
        turn(self._controls, page.controls)
        picture = self.picture_of(key)
        assert isinstance(picture, QWidget)
        turn(self._pictures, picture)
        self._refresh()
        if self.wanted() != before:
            self.wanted_changed.emit()

    def _page(self) -> Page:
        return self.pages[self.page]

    def picture_of(self, key: str) -> Picture:
        """The picture of a page, made now if nobody has looked at it yet."""
        page = self.pages[key]
        if page.made is None:
            page.made = page.make()
            assert isinstance(page.made, QWidget)
            self._pictures.addWidget(page.made)
            if self.theme is not None:
                page.made.set_theme(self.theme)
        return page.made

    def _refresh(self) -> None:
        """Bring the page on top up to date; the others wait until they are looked at."""
        page = self._page()
        result, draft = self._results.get(page.kind, (None, False))
        picture = self.picture_of(self.page)
        picture.set_overlays(self.overlays(self._runs, page.kind))
        self.set_notes(result.notes if result is not None else ())
        super().set_busy(self._busy.get(page.kind, "Waiting for the first curve…"))
        self.show_content(result is not None)
        if result is not None:
            picture.show_result(result, draft)

    # -- the contract -------------------------------------------------------------------------------

    def wanted(self) -> tuple[str, ...]:
        return (self._page().kind,)

    def show_kind(self, kind: str, variable: str = "") -> None:
        fitting = [key for key, page in self.pages.items() if page.kind == kind]
        meant = [key for key in fitting if variable and self.picture_of(key).draws(variable)]
        if meant or self.page not in fitting:
            self.choose((meant or fitting)[0])

    def show_live(self, result: Result, draft: bool) -> None:
        self._results[result.kind] = (result, draft)
        if result.kind == self._page().kind:
            self.set_notes(result.notes)
            self.picture_of(self.page).show_result(result, draft)
            self.show_content()

    def set_overlays(self, runs: Sequence[Run]) -> None:
        self._runs = list(runs)
        self.picture_of(self.page).set_overlays(self.overlays(self._runs, self._page().kind))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for page in self.pages.values():
            if page.made is not None:
                page.made.set_theme(theme)

    def current_result(self) -> Result | None:
        return self._results[self._page().kind][0] if self._page().kind in self._results else None

    def set_busy(self, text: str) -> None:
        self._busy[self._page().kind] = text
        super().set_busy(text)


def turn(pages: QStackedWidget, top: QWidget) -> None:
    """Put one page on top; the others' widths do not matter then."""
    for at in range(pages.count()):
        page = pages.widget(at)
        policy = page.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred if page is top else QSizePolicy.Policy.Ignored)
        page.setSizePolicy(policy)
    pages.setCurrentWidget(top)
