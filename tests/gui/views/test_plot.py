"""The plot under every view: what it shows of its lines, and that it can be redrawn for hours."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtj_gui.look import DARK, LIGHT
from smtj_gui.views.labels import shown
from smtj_gui.views.plot import CurvePlot, Line

_X = np.linspace(0.0, 180.0, 181)


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.set_theme(LIGHT)
    plot.resize(380, 260)
    plot.set_quantities(shown("theta"), shown("torque_par"))
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def draw(plot: CurvePlot, *lines: Line) -> None:
    plot.draw(lines)
    plot.fit_x(0.0, 180.0)
    plot.settle()


def coloured(image: QImage, colour: str) -> bool:
    return any(image.pixelColor(x, y).name() == colour.lower()
               for x in range(image.width()) for y in range(image.height()))


def test_lines_appear_in_their_colour_and_go_again(plot: CurvePlot) -> None:
    red = Line(_X, np.sin(np.radians(_X)), "#ff0000")
    draw(plot, red, Line(_X, np.cos(np.radians(_X)), "#00ff00", dash=1))
    plot.come_to_rest()
    assert coloured(plot.grab().toImage(), "#ff0000")
    assert coloured(plot.grab().toImage(), "#00ff00")
    draw(plot, red)
    assert not coloured(plot.grab().toImage(), "#00ff00")


def test_the_zero_line_is_there_when_zero_is(plot: CurvePlot) -> None:
    draw(plot, Line(_X, np.sin(np.radians(2 * _X)), "#ff0000"))
    assert plot.zero.isVisible()
    assert plot.getViewBox().viewRect().contains(QPointF(90.0, plot.zero.value()))


@pytest.mark.parametrize("values", [
    np.zeros(181), np.full(181, np.nan), np.full(181, 3.0), np.full(181, 1e-300), np.append(_X[:180] * np.nan, 5)],
    ids=["zero", "nan", "constant", "tiny", "one"])
def test_odd_curves_have_a_sound_range(plot: CurvePlot, values: np.ndarray) -> None:
    draw(plot, Line(_X, values, "#ff0000"))
    bottom, top = plot.getViewBox().viewRange()[1]
    assert np.isfinite([bottom, top]).all()
    assert top > bottom
    finite = values[np.isfinite(values)]
    if finite.size:
        assert bottom < finite.min() <= finite.max() < top
    assert not plot.grab().isNull()


def test_angles_have_ticks_at_fractions_of_a_turn(plot: CurvePlot) -> None:
    draw(plot, Line(_X, _X, "#ff0000"))
    axis = plot.getAxis("bottom")
    major = axis.tickValues(0.0, 180.0, 300)[0][1]
    assert list(major) == [0, 30, 60, 90, 120, 150, 180]
    assert list(axis.tickStrings([-30.0], 1.0, 30.0)) == ["−30"]


def test_small_numbers_get_a_prefix_instead_of_zeros(plot: CurvePlot) -> None:
    draw(plot, Line(_X, 1e-6 * np.sin(np.radians(_X)), "#ff0000"))
    assert plot.label("left") == "T∥ (µeV/µm²)"
    draw(plot, Line(_X, np.sin(np.radians(_X)), "#ff0000"))
    assert plot.label("left") == "T∥ (eV/µm²)"


def test_many_lines_with_few_and_back_keep_the_items(plot: CurvePlot) -> None:
    lines = [Line(_X, n * _X, "#ff0000") for n in range(50)]
    draw(plot, *lines)
    before = len(plot.getViewBox().allChildren())
    for count in (1, 50, 3, 0, 50):
        draw(plot, *lines[:count])
    assert len(plot.getViewBox().allChildren()) == before


def test_keys_that_are_not_the_plots_own_are_left_to_the_window(plot: CurvePlot, qtbot: QtBot) -> None:
    with qtbot.waitSignal(plot.stepped) as step:
        qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert step.args == [-1]
    with qtbot.waitSignal(plot.reset):
        qtbot.keyClick(plot, Qt.Key.Key_Home)
    with qtbot.assertNotEmitted(plot.stepped):
        qtbot.keyClick(plot, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)


def test_the_focus_is_visible(plot: CurvePlot) -> None:
    draw(plot, Line(_X, _X, "#ff0000"))
    for event, visible in ((QEvent.Type.FocusIn, True), (QEvent.Type.FocusOut, False)):  # needs no window manager
        QApplication.sendEvent(plot, QFocusEvent(event))
        assert coloured(plot.grab().toImage(), LIGHT.accent) == visible


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads the memory from /proc")  # noqa: PTH110
def test_ten_thousand_redraws_keep_memory_and_none(plot: CurvePlot) -> None:
    def pages() -> int:
        with open("/proc/self/statm", encoding="ascii") as text:  # noqa: PTH123
            return int(text.read().split()[1])

    def redraw(step: int) -> None:
        draw(plot, *(Line(_X, (1 + n + step % 97) * np.sin(np.radians(_X)), "#ff0000", n) for n in range(3)))
        plot.set_cursor(float(step % 180), (float(step % 180), 0.0, "#ff0000"))
        if step % 1000 == 0:
            plot.set_theme(DARK if step % 2000 else LIGHT)
        plot.grab() if step % 100 == 0 else plot.viewport().repaint()

    plot.resize(180, 130)
    for step in range(500):
        redraw(step)
    memory, nones = pages(), sys.getrefcount(None)
    for step in range(10_000):
        redraw(step)
    assert (pages() - memory) * os.sysconf("SC_PAGE_SIZE") < 16 * 2**20
    assert sys.getrefcount(None) > nones - 1000
