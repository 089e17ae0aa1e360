"""The tabs: each view has one from the start, and is built when it is first looked at or when there is time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QWidget

if TYPE_CHECKING:
    from smtj_gui.corner import Corner
    from smtj_gui.session import Session
    from smtj_gui.views import Tab
    from smtj_gui.views.base import View


class ViewTabs(QTabWidget):
    """The page of a tab is a place that its view comes into, so that building one does not lay out the others."""

    built = Signal(object)  # a View, before it is seen
    turned = Signal()       # another view is on top

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._places: list[Tab | type[View]] = []
        self._views: dict[int, View] = {}
        self._corner: Corner | None = None
        self._memories: dict[str, Any] = {}     # of views that are not built yet
        self.setDocumentMode(True)
        self.tabBar().setExpanding(False)
        self.addTab(self._place(), "…")
        self.currentChanged.connect(self._turned)

    def _place(self) -> QWidget:
        words = QLabel("Loading the views…", alignment=Qt.AlignmentFlag.AlignCenter)
        words.setProperty("muted", True)
        place = QWidget(self)
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(words)
        return place

    def set_corner(self, corner: Corner) -> None:
        """What stands beside the tabs: it makes itself small before a tab is cut off."""
        self._corner = corner
        self.setCornerWidget(corner)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_corner()

    def _fit_corner(self) -> None:
        if self._corner is not None:
            self._corner.fit(self.width() - self.tabBar().sizeHint().width())

    def offer(self, places: Iterable[Tab | type[View]], key: str = "") -> None:
        """A tab for each of these; the view of that key, else the first, comes on top and is built."""
        self._places, self._views = list(places), {}
        self.blockSignals(True)
        self.clear()
        for place in self._places:
            self.addTab(self._place(), place.title)
        self.setCurrentIndex(next((at for at, place in enumerate(self._places) if place.key == key), 0))
        self.blockSignals(False)
        self._fit_corner()
        self._turned(self.currentIndex())

    @property
    def views(self) -> list[View]:
        """The views that are built, in the order of their tabs."""
        return [self._views[at] for at in sorted(self._views)]

    @property
    def view(self) -> View | None:
        """The view on top."""
        return self._views.get(self.currentIndex())

    def remembered(self) -> dict[str, Any]:
        """What belongs to the session: which view is on top, and what each has to remember."""
        memories = self._memories | {view.key: view.remembered() for view in self.views}
        return {"tab": self.key, "views": {key: memory for key, memory in memories.items() if memory}}

    def recall(self, state: Mapping[str, Any]) -> None:
        """Take back what `remembered` gave; a view that is not built yet hears of it when it is."""
        memories = state.get("views")
        memories = memories if isinstance(memories, dict) else {}
        self._memories = {key: memory for key, memory in memories.items() if isinstance(memory, dict)}
        for view in self.views:
            view.recall(self._memories.pop(view.key, {}))
        self.turn_to(str(state.get("tab")))

    @property
    def key(self) -> str:
        """The key of the view on top, empty without one."""
        return self._places[self.currentIndex()].key if self._places else ""

    def turn_to(self, key: str) -> None:
        """Put the view of this key on top, if there is one."""
        for at, place in enumerate(self._places):
            if place.key == key:
                self.setCurrentIndex(at)

    def of_kind(self, kind: str) -> View | None:
        """The view that draws this kind of result, built if need be."""
        return next((self._build(at) for at, place in enumerate(self._places) if kind in place.kinds), None)

    def build_next(self) -> View | None:
        """Build one more view, None if there is none left."""
        return next((self._build(at) for at in range(len(self._places)) if at not in self._views), None)

    def _turned(self, at: int) -> None:
        if 0 <= at < len(self._places):
            self._build(at)
        self.turned.emit()

    def _build(self, at: int) -> View:
        if at not in self._views:
            from smtj_gui.views import load

            page = self.widget(at)
            view = self._views[at] = load(self._places[at])(self._session, page)
            self.built.emit(view)
            view.recall(self._memories.pop(view.key, {}))
            row = page.layout()
            words = row.takeAt(0).widget()
            words.hide()
            words.deleteLater()
            row.addWidget(view)
            view.show()     # at once, where the layout would do it in its turn
        return self._views[at]
