"""One view asks for the page of another."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel

from smtj_gui.look import configure_plots


@pytest.fixture
def pages(window):
    """Two views side by side, of which the second draws two kinds of results."""
    configure_plots(window.theme)
    from smtj_gui.views.base import View

    class Page(View):
        key, title, kinds = "first", "First", ("angular",)

        def __init__(self, session, parent=None):
            super().__init__(session, parent)
            self.set_content(QLabel(self))
            self.turned: list[str] = []

        def show_live(self, result, draft): ...

        def set_overlays(self, runs): ...

        def show_kind(self, kind, variable=""):
            self.turned.append(kind)

    class Other(Page):
        key, title, kinds = "second", "Second", ("trajectory", "spectrum")

    window.fill([Page, Other])
    return window.views


def test_a_view_turns_to_the_page_of_another(window, pages) -> None:
    first, second = pages
    assert window.view is first
    first.open_page.emit("spectrum")
    assert window.view is second and second.turned == ["spectrum"] and first.turned == []
    second.open_page.emit("stability")      # which nobody draws here
    assert window.view is second
