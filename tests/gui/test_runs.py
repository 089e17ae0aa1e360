"""The runs panel: showing, renaming, comparing, using, deleting."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from smtj_engine.parameters import Junction, Setup
from smtj_gui.colours import NAMES, SETS
from smtj_gui.panels.runs import RunsPanel, swatch
from smtj_gui.run_queue import RunQueue
from tests.gui.fakes import fake_result


@pytest.fixture
def panel(qtbot, session, conductor, runner) -> RunsPanel:
    panel = RunsPanel(session, RunQueue(session, conductor, runner))
    panel.resize(320, 600)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def select(panel: RunsPanel, *rows: int) -> None:
    panel.table.clearSelection()
    for index in rows:
        panel.table.topLevelItem(index).setSelected(True)


def thick() -> Setup:
    return Setup(junction=Junction(barrier_thickness=2.0, rashba=5.0))


def test_runs_show_name_parameters_time_and_state(panel, session) -> None:
    assert panel._empty.isVisible()
    session.add(fake_result(thick()), seconds=0.42)
    session.add(None, kind="bias", state="failed", message="No convergence.")
    first, second = (panel.table.topLevelItem(index) for index in range(2))
    assert [first.text(0), first.data(0, Qt.ItemDataRole.UserRole + 1), first.text(1)] == [
        "Angular 1", "d 2 nm, α_R 5 eV·Å²", "0.4 s"]
    assert second.text(1) == "failed" and "No convergence." in second.toolTip(0)
    assert not panel._empty.isVisible()


def test_what_a_fit_found_is_rounded_in_the_table(panel, session) -> None:
    session.add(fake_result(Setup(junction=Junction(rashba=3.9946479583412))))
    assert panel.table.topLevelItem(0).data(0, Qt.ItemDataRole.UserRole + 1) == "α_R 3.9946 eV·Å²"
    panel.table.topLevelItem(0).setSelected(True)
    assert panel._compare.topLevelItem(0).text(1) == "3.99464795834 eV·Å²"


def test_every_colour_of_runs_has_a_name() -> None:
    assert {colour for each in SETS.values() for colour in each.runs} <= NAMES.keys()
    assert all(len({NAMES[colour] for colour in each.runs}) == len(each.runs) for each in SETS.values())


def test_a_selected_run_keeps_its_colour() -> None:
    selected = swatch("#E69F00").pixmap(14, 14, QIcon.Mode.Selected).toImage()
    assert selected.pixelColor(selected.rect().center()).name() == "#e69f00"


def test_box_shows_and_hides_the_overlay(panel, session) -> None:
    run = session.add(fake_result())
    panel.table.topLevelItem(0).setCheckState(0, Qt.CheckState.Unchecked)
    assert not run.visible
    panel.table.topLevelItem(0).setCheckState(0, Qt.CheckState.Checked)
    assert run.visible


def test_rename_by_key(panel, session, qtbot) -> None:
    run = session.add(fake_result())
    panel.table.setCurrentItem(panel.table.topLevelItem(0))
    panel.actions_["rename"].trigger()
    editor = panel.table.findChild(QLineEdit)
    QTest.keyClicks(editor, "thin barrier")
    with qtbot.waitSignal(session.runs_changed):
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert run.name == "thin barrier"


def test_empty_name_is_not_taken(panel, session) -> None:
    run = session.add(fake_result())
    panel.table.topLevelItem(0).setText(0, "  ")
    assert run.name == "Angular 1" and panel.table.topLevelItem(0).text(0) == "Angular 1"


def test_two_runs_show_what_differs(panel, session) -> None:
    session.add(fake_result())
    session.add(fake_result(thick()))
    select(panel, 0, 1)
    table = panel._compare
    rows = [[table.topLevelItem(row).text(column) for column in range(3)]
            for row in range(table.topLevelItemCount())]
    assert rows == [["d", "0.6 nm", "2 nm"], ["α_R", "4 eV·Å²", "5 eV·Å²"]]


def test_one_run_is_compared_with_the_present_setup(panel, session) -> None:
    session.add(fake_result())
    select(panel, 0)
    assert "same parameters" in panel._compare_title.text()
    session.edit("junction.bias", 0.8)
    assert panel._compare.topLevelItem(0).text(2) == "0.8 V"


def test_the_table_of_differences_gets_room_where_one_sentence_stood(panel, session, qtbot) -> None:
    session.add(fake_result())
    select(panel, 0)
    panel._split.setSizes([10_000, 0])      # as little as the sentence takes
    session.edit_many({"junction.bias": 0.8, "junction.rashba": 2.0, "junction.barrier_thickness": 1.0})
    table = panel._compare
    qtbot.waitUntil(lambda: table.visualItemRect(table.topLevelItem(2)).bottom() <= table.viewport().height())


def test_use_this_setup_is_one_undo_step(panel, session) -> None:
    session.add(fake_result(thick()))
    select(panel, 0)
    panel.actions_["use"].trigger()
    assert session.setup == thick()
    session.undo()
    assert session.setup == Setup()


def test_delete_can_be_undone(panel, session, qtbot) -> None:
    run = session.add(fake_result())
    select(panel, 0)
    with qtbot.waitSignal(panel.deleted):
        panel.actions_["delete"].trigger()
    assert session.runs == [] and panel.table.topLevelItemCount() == 0
    session.undo()
    assert session.runs == [run] and panel.table.topLevelItemCount() == 1


def test_a_running_run_is_not_deleted(panel, session) -> None:
    session.add(None, kind="angular", state="running")
    select(panel, 0)
    assert not panel.actions_["delete"].isEnabled() and not panel.actions_["export"].isEnabled()


def test_recolour(panel, session) -> None:
    run = session.add(fake_result())
    panel._recolour([run], "#123456")
    assert run.colour == "#123456"
