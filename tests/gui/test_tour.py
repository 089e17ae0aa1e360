"""The tour: it points at real parts, is worked by keys, comes once by itself, and is in nobody's way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from smtj_gui import tour
from tests.gui.fakes import fake_result

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def front(window, qtbot):
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_every_step_lies_beside_what_it_is_about(front, qtbot) -> None:
    front.actions_["tour"].trigger()
    card = front.assistance.touring
    qtbot.waitUntil(card.hasFocus)
    for at, step in enumerate(tour.steps(front)):
        assert card.step.title == step.title and card.count.text().startswith(f"{at + 1} of ")
        target = step.target()
        around = QRect(target.mapTo(front, QPoint()), target.size())
        assert target.isVisible() and not card.geometry().intersects(around)
        assert front.rect().contains(card.geometry()) and card._frame.geometry().intersects(around)
        assert card.words.heightForWidth(card.words.width()) <= card.words.height()     # nothing is cut off
        QTest.keyClick(card, Qt.Key.Key_Right)
    assert front.assistance.touring is None


def test_it_is_worked_by_keys_alone(front, conductor, qtbot) -> None:
    front.assistance.tour()
    card = front.assistance.touring
    qtbot.waitUntil(card.hasFocus)
    QTest.keyClick(card, Qt.Key.Key_N, ALT)
    QTest.keyClick(card, Qt.Key.Key_Return)
    QTest.keyClick(card, Qt.Key.Key_B, ALT)
    assert card.step.title == "Views"
    QTest.keyClick(card, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() in (card.next, card.back, card.skip)
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert front.assistance.touring is None


def test_the_window_works_under_it(front, session, qtbot) -> None:
    front.assistance.show_tour()
    field = front.setup_panel.forms[0].rows["junction.rashba"].field
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    field.selectAll()
    QTest.keyClicks(field, "5")
    assert session.setup.junction.rashba == 5.0 and front.assistance.touring is not None
    front.resize(1000, 700)
    qtbot.waitUntil(lambda: front.rect().contains(front.assistance.touring.geometry()))


def first_curve(front, conductor, qtbot) -> None:
    conductor.set_wanted(["angular"])
    with qtbot.waitSignal(conductor.live):
        conductor.set_ready()


def test_it_comes_once_after_the_first_curve(front, conductor, monkeypatch, qtbot) -> None:
    monkeypatch.delenv(tour.SWITCH)
    monkeypatch.setattr(tour, "_LATER", 0)
    shown = []
    tour.offer(front, front._settings, lambda: shown.append(1))
    assert shown == []
    first_curve(front, conductor, qtbot)
    qtbot.waitUntil(lambda: shown == [1])
    tour.offer(front, front._settings, lambda: shown.append(2))
    conductor.live.emit("angular", fake_result(), False)
    QTest.qWait(0)
    assert shown == [1] and front._settings.contains(tour.SEEN)


def test_a_question_and_automatic_use_go_first(front, monkeypatch, qtbot) -> None:
    assert not tour.is_due(front._settings)         # the tests have switched it off
    monkeypatch.delenv(tour.SWITCH)
    assert tour.is_due(front._settings)
    box = QMessageBox(parent=front)                 # as the offer to restore
    box.open()
    qtbot.waitUntil(box.isVisible)
    assert not tour.is_due(front._settings) and not front._settings.contains(tour.SEEN)
    box.close()
