"""Tabs are there at once; a view is built when it is looked at, asked for by its kind, or when there is time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel

from smtj_gui.corner import Corner
from smtj_gui.view_tabs import ViewTabs
from smtj_gui.views import VIEWS, load
from smtj_gui.views.base import View


class Page(View):
    def __init__(self, session, parent=None):
        super().__init__(session, parent)
        self.set_content(QLabel(self))

    def show_live(self, result, draft): ...

    def set_overlays(self, runs): ...


class First(Page):
    key, title, kinds = "first", "First", ("angular",)


class Second(Page):
    key, title, kinds = "second", "Second", ("trajectory", "spectrum")


class Third(Page):
    key, title, kinds = "third", "Third", ("stability",)


@pytest.fixture
def tabs(qtbot, session):
    tabs = ViewTabs(session)
    qtbot.addWidget(tabs)
    tabs.show()
    return tabs


def keys(tabs) -> list[str]:
    return [view.key for view in tabs.views]


def test_the_table_names_every_view_as_it_names_itself() -> None:
    for tab in VIEWS:
        view = load(tab)
        assert (view.key, view.title, view.kinds) == tab


def test_a_click_builds_what_is_looked_at(tabs, qtbot) -> None:
    tabs.offer([First, Second, Third])
    assert [tabs.tabText(at) for at in range(3)] == ["First", "Second", "Third"]
    assert keys(tabs) == ["first"] and tabs.view is tabs.views[0] and tabs.key == "first"
    with qtbot.waitSignals([tabs.built, tabs.turned], order="strict"):
        qtbot.mouseClick(tabs.tabBar(), Qt.MouseButton.LeftButton, pos=tabs.tabBar().tabRect(2).center())
    assert keys(tabs) == ["first", "third"] and tabs.view.key == "third" and tabs.view.isVisible()
    assert not tabs.views[0].isVisible()


def test_the_remembered_view_is_the_one_that_is_built(tabs) -> None:
    tabs.offer([First, Second, Third], "second")
    assert keys(tabs) == ["second"] and tabs.view.isVisible()
    tabs.offer([First, Second], "of a version that had it")
    assert keys(tabs) == ["first"] and tabs.key == "first"


def test_a_kind_of_result_finds_its_view(tabs) -> None:
    tabs.offer([First, Second, Third])
    assert tabs.of_kind("spectrum").key == "second" and tabs.key == "first"
    assert tabs.of_kind("nobody's") is None
    tabs.turn_to("second")
    assert tabs.view.key == "second" and tabs.view.isVisible()


def test_the_rest_is_built_one_by_one(tabs) -> None:
    tabs.offer([First, Second, Third], "second")
    assert [tabs.build_next().key, tabs.build_next().key, tabs.build_next()] == ["first", "third", None]
    assert keys(tabs) == ["first", "second", "third"] and tabs.key == "second"


def test_a_view_that_comes_late_knows_what_the_others_know(window) -> None:
    window.open([First, Second])
    window.show_preparing("Preparing the engine…")
    late = window.tabs.of_kind("trajectory")
    assert late.theme is window.theme and "Preparing" in late._empty.text()
    late.open_page.emit("angular")
    assert window.view.key == "first"


def test_the_corner_makes_itself_small_before_a_tab_is_cut_off(tabs, qtbot) -> None:
    actions = [QAction("Export"), QAction("Keep")]
    corner = Corner(*actions)
    tabs.set_corner(corner)
    tabs.offer([First, Second, Third])
    tabs.resize(900, 300)
    assert [button.text() for button in corner.buttons] == ["Export data", "Keep as run"]
    tabs.resize(tabs.tabBar().sizeHint().width() + 120, 300)
    assert [button.text() for button in corner.buttons] == ["", ""]
    assert [button.accessibleName() for button in corner.buttons] == ["Export data", "Keep as run"]
    with qtbot.waitSignal(actions[1].triggered):
        qtbot.mouseClick(corner.buttons[1], Qt.MouseButton.LeftButton)
