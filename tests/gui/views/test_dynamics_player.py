"""The play head: while a trajectory grows, at its end, with another one; and the question whether OpenGL works."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from smtj_gui.look import LIGHT
from smtj_gui.views.opengl_probe import OpenGLProbe
from smtj_gui.views.player import SPEEDS, Player


@pytest.fixture
def player(qtbot: QtBot) -> Player:
    player = Player()
    qtbot.addWidget(player)
    player.set_theme(LIGHT)
    with qtbot.waitExposed(player):
        player.show()
    return player


def quick(player: Player) -> None:
    player.speeds.setCurrentIndex(len(SPEEDS) - 1)


def test_it_plays_to_the_end_and_begins_again_with_another_trajectory(player: Player, qtbot: QtBot) -> None:
    quick(player)
    player.set_total(35.0)
    player.set_end(35.0)
    qtbot.waitUntil(lambda: not player.playing)
    assert player.now == 35.0
    assert player.button.accessibleName() == "Play"
    player.speeds.setCurrentIndex(0)
    player.begin_again()
    player.set_end(35.0)
    assert player.now < 1.0
    assert player.playing


def test_another_trajectory_goes_on_from_the_same_time(player: Player) -> None:
    """While a parameter is dragged, the picture must not jump back to the start with every answer."""
    player.set_total(35.0)
    player.set_end(35.0)
    player.pause()
    player.scrub(12.0)
    player.begin_again()
    player.set_end(35.0)
    assert player.now == 12.0
    assert not player.playing       # who has paused wants it paused


def test_it_waits_for_a_trajectory_that_is_being_integrated(player: Player, qtbot: QtBot) -> None:
    seen: list[float] = []
    player.moved.connect(seen.append)
    quick(player)
    player.set_total(1e4)
    player.set_end(2.0)
    qtbot.waitUntil(lambda: not player.playing)
    assert player.now == 2.0
    assert player.button.accessibleName() == "Pause"    # it still wants to play
    player.set_end(8.0)
    assert player.playing
    qtbot.waitUntil(lambda: player.now == 8.0)
    assert max(seen) == 8.0


def test_a_time_that_is_not_there_yet_is_shown_when_it_is(player: Player) -> None:
    seen: list[float] = []
    player.moved.connect(seen.append)
    player.set_total(35.0)
    player.set_end(35.0)
    player.pause()
    player.scrub(20.0)
    player.set_end(3.0)     # a new trajectory has only begun
    assert seen[-1] == 3.0
    player.set_end(30.0)
    assert seen[-1] == 20.0


def test_play_at_the_end_starts_over(player: Player) -> None:
    player.set_total(35.0)
    player.set_end(35.0)
    player.scrub(35.0)
    QTest.mouseClick(player.button, Qt.MouseButton.LeftButton)
    assert player.playing
    assert player.now == 0.0


def test_it_rests_while_nobody_sees_it(player: Player) -> None:
    player.set_total(35.0)
    player.set_end(35.0)
    assert player.playing
    player.hide()
    assert not player.playing
    player.show()
    assert player.playing


def test_the_slider_by_keys(player: Player) -> None:
    player.set_total(40.0)
    player.set_end(40.0)
    player.pause()
    player.slider.setFocus()
    QTest.keyClick(player.slider, Qt.Key.Key_PageUp)
    assert player.now == pytest.approx(2.0)
    QTest.keyClick(player.slider, Qt.Key.Key_End)
    assert player.now == 40.0
    assert "40.00 / 40.00" in player.words.accessibleName()


# -- whether OpenGL works ------------------------------------------------------------------------------


def ask(qtbot: QtBot, *program: str, patience: int = 20_000) -> OpenGLProbe:
    owner = QWidget()
    qtbot.addWidget(owner)
    probe = OpenGLProbe(owner, ("-c", "\n".join(program)), patience)
    with qtbot.waitSignal(probe.answered, timeout=60_000):
        probe.start()
    return probe


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the child process answer, whatever the platform."""
    from PySide6.QtGui import QGuiApplication

    monkeypatch.delenv("SMTJ_3D", raising=False)
    monkeypatch.setattr(QGuiApplication, "platformName", staticmethod(lambda: "xcb"))


def test_a_driver_that_works(qtbot: QtBot, asked: None) -> None:
    probe = ask(qtbot, "print('works on NVIDIA')")
    assert probe.works
    assert probe.hardware
    assert not ask(qtbot, "print('works on llvmpipe (LLVM 15)')").hardware


@pytest.mark.parametrize("program", ["import os; os.abort()", "raise SystemExit(3)", "print('no context')"])
def test_a_driver_that_does_not(qtbot: QtBot, asked: None, program: str) -> None:
    probe = ask(qtbot, program)
    assert probe.works is False
    assert probe.reason == "OpenGL is not available"


def test_a_driver_that_hangs_is_not_waited_for(qtbot: QtBot, asked: None) -> None:
    probe = ask(qtbot, "import time", "time.sleep(600)", patience=50)
    assert probe.works is False
    assert probe.reason == "OpenGL did not answer"


def test_a_child_that_cannot_be_started(qtbot: QtBot, asked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert ask(qtbot, "pass").reason == "OpenGL could not be tried"


@pytest.mark.parametrize(("choice", "works"), [("painter", False), ("OpenGL", True)])
def test_the_environment_decides(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, choice: str, works: bool) -> None:
    monkeypatch.setenv("SMTJ_3D", choice)
    probe = ask(qtbot, "raise SystemExit(3)")
    assert probe.works is works
    assert probe.reason == "chosen by SMTJ_3D"


def test_a_platform_without_opengl_is_not_asked(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    from PySide6.QtGui import QGuiApplication

    monkeypatch.delenv("SMTJ_3D", raising=False)
    monkeypatch.setattr(QGuiApplication, "platformName", staticmethod(lambda: "offscreen"))
    assert ask(qtbot, "print('works')").reason == "this display has no OpenGL"


@pytest.mark.opengl
def test_the_real_question_is_answered_here(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMTJ_3D", raising=False)
    probe = OpenGLProbe()
    with qtbot.waitSignal(probe.answered, timeout=60_000):
        probe.start()
    assert probe.works, probe.reason


def test_closing_in_between_ends_the_child(qtbot: QtBot, asked: None) -> None:
    """No process is left, and Qt has nothing to warn of."""
    from smtj_gui.views.sphere_panel import SpherePanel

    panel = SpherePanel()
    panel.probe._command = ("-c", "import time; time.sleep(600)")
    panel.set_theme(LIGHT)
    panel.show()
    process = panel.probe._process
    assert process is not None
    assert process.waitForStarted(20_000)
    with qtbot.waitSignal(process.destroyed):
        panel.deleteLater()
        QCoreApplication.sendPostedEvents(panel, QEvent.Type.DeferredDelete.value)
