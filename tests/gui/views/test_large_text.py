"""A large text on a small screen: the window stays within it, and what does not fit wraps or scrolls."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from smtj_gui.views import ANGULAR, BIAS, DYNAMICS, VIEWS
from smtj_gui.views.angular import AngularView
from smtj_gui.views.controls import Controls
from smtj_gui.views.legend import Entry, Legend
from smtj_gui.views.paged import PagedView
from smtj_gui.views.player import Player
from smtj_gui.views.polar import PolarPlot
from smtj_gui.views.sphere_key import SphereKey
from smtj_gui.views.strip import Strip
from tests.gui.views import samples

#: Pixels of the small screen.
WIDE, HIGH = 1280, 800


@pytest.fixture
def opened(whole_window):
    """Opens a window with these views."""
    windows = []

    def opened(views):
        windows.append(whole_window(views))
        return windows[-1]

    yield opened
    windows[-1].hide()      # or it would be laid out anew
    windows[-1].assistance.chosen.choose("text_pt", 0)


@pytest.mark.parametrize("views", [(ANGULAR, BIAS, DYNAMICS), pytest.param(VIEWS, marks=pytest.mark.slow)],
                         ids=["three views", "all views"])
def test_every_page_fits_on_a_small_screen(opened, views) -> None:
    window = opened(views)
    window.assistance.chosen.choose("text_pt", 14)
    window.resize(WIDE, HIGH)
    for view in window.views:
        window.turn_to(view.kinds[0] if view.kinds else "fit")
        for key in view.pages if isinstance(view, PagedView) else [""]:
            if key:
                view.pages[key].button.click()
            view.show_content()
            QApplication.processEvents()
            assert window.minimumSizeHint().width() <= WIDE, (view.key, key)
            assert window.minimumSizeHint().height() <= HIGH, (view.key, key)
            assert window.width() == WIDE, (view.key, key)


def test_only_the_fields_of_the_page_on_top_are_seen(opened) -> None:
    view, = opened([BIAS]).views
    QApplication.processEvents()
    assert [controls.grid for controls in view.findChildren(Controls) if controls.isVisible()] == ["numerics.bias"]


def test_a_strip_scrolls_to_the_field_with_the_focus(qtbot) -> None:
    strip = Strip()
    qtbot.addWidget(strip)
    fields = [QLineEdit() for _ in range(8)]
    for field in fields:
        field.setFixedWidth(100)
    row = QWidget()
    strip.rows.addWidget(row)
    across = QHBoxLayout(row)
    for field in fields:
        across.addWidget(field)
    strip.resize(1000, 60)
    strip.show()
    qtbot.waitExposed(strip)
    flat = strip.sizeHint().height()
    strip.resize(300, 60)
    strip.activateWindow()
    qtbot.waitUntil(strip.isActiveWindow)
    assert strip.minimumSizeHint().width() < 300 and strip.sizeHint().height() > flat    # room for the bar
    fields[0].setFocus()
    for field in fields[1:]:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert field.hasFocus()
        assert strip.viewport().rect().contains(field.mapTo(strip.viewport(), field.rect().center()))


def test_the_caption_of_the_polar_picture_wraps_and_the_circle_makes_room(angular_view: AngularView) -> None:
    angular_view.show_live(samples.angular(), False)
    polar = angular_view.findChild(PolarPlot)
    assert polar is not None
    font = polar.font()
    font.setPointSize(14)
    polar.setFont(font)
    polar.resize(150, 260)
    place, (centre, rim) = polar._corner(), polar._frame()
    assert place.height() >= 2 * polar.fontMetrics().height() and polar.rect().contains(place)
    assert centre.y() + rim + polar.fontMetrics().height() <= place.top() + polar.fontMetrics().height()
    words = polar.fontMetrics().boundingRect(place, int(Qt.TextFlag.TextWordWrap), polar._caption())
    assert words.width() <= place.width()


def test_legend_key_and_player_follow_the_size_of_the_text(opened, qtbot) -> None:
    window = opened([])
    legend, key, player = Legend(window), SphereKey(window), Player(window)
    legend.set_entries([Entry("α<sub>R</sub> = 4", "#000000"), Entry("preview")])
    for widget in (legend, key, player):
        widget.show()
    before = (legend._places(500)[0].width(), key.width(), player.words.width())
    window.assistance.chosen.choose("text_pt", 16)
    qtbot.waitUntil(lambda: key.width() > before[1])
    assert legend._places(500)[0].width() > before[0] and player.words.width() > before[2]
    assert key.key.width() >= key.key.sizeHint().width()
    assert not any(words.isVisible() for words in player._words_beside)
