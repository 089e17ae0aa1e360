"""Measured data on their way through the main window: dropped, pasted, opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox

from smtj_engine.files import csv, opening, resources
from smtj_gui.views.angular import AngularView
from smtj_gui.views.fitting import FittingView
from tests.gui.fakes import fake_result

PATIENCE = 120_000


@pytest.fixture
def front(window, qtbot):
    window.fill((AngularView, FittingView))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.views[1].dialog = None
    return window


def drop(window, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                                Qt.KeyboardModifier.NoModifier))


def test_somebody_elses_table_is_dropped_into_the_fitting_view(front, qtbot) -> None:
    view = front.views[1]
    drop(front, resources.path("measured/tamr_theta.csv"))
    assert front.view is view
    qtbot.waitUntil(lambda: view.dialog is not None, timeout=PATIENCE)
    qtbot.mouseClick(view.dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.measurement is not None and view.current_result() is not None, timeout=PATIENCE)
    assert view.measurement.values.size == 37


def test_a_table_of_this_program_becomes_a_run(front, session, qtbot, tmp_path: Path) -> None:
    path = csv.write(fake_result(), tmp_path / "own.csv")
    assert not opening.is_foreign_table(path) and opening.is_foreign_table(resources.path("measured/tamr_phi.dat"))
    with qtbot.waitSignal(session.runs_changed, timeout=PATIENCE):
        drop(front, path)
    assert front.view is front.views[0]


def test_a_table_is_pasted_by_key(front, qtbot) -> None:
    QGuiApplication.clipboard().setText("theta\tTAMR\n0\t0\n45\t0.001\n90\t0.002\n")
    QTest.keyClick(front, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: front.views[1].dialog is not None, timeout=PATIENCE)
    assert front.views[1].dialog.axes[0].axis.currentData() == "theta"
    front.views[1].dialog.reject()


def test_a_fit_stays_a_run_of_the_session(front, session, qtbot) -> None:
    view = front.views[1]
    front.turn_to("fit")
    view.import_file(resources.path("measured/tamr_theta.csv"))
    qtbot.waitUntil(lambda: view.dialog is not None, timeout=PATIENCE)
    qtbot.mouseClick(view.dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.measurement is not None, timeout=PATIENCE)
    qtbot.mouseClick(view.fit_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(session.runs), timeout=PATIENCE)
    run = session.runs[0]
    assert (run.name, run.kind) == ("Fit 1", "fit") and run.result is view.fitted
    front.copy_python()
    assert front.toasts.messages[-1] == "A fit has no script; `smtj fit` repeats it."
    drawn = view.plots.curve.lines
    session.use_setup(run.setup, "Use Fit 1")
    assert session.setup.junction.bias == 0.1 and len(drawn) == 2
