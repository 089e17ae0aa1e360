"""The session: edits, undo, merging, presets, and the runs."""

from __future__ import annotations

import pytest

from smtj_engine.parameters import Junction, Setup
from smtj_engine.schema import ParameterError
from smtj_gui import deleted
from smtj_gui.session import Session
from tests.gui.fakes import fake_preset, fake_result


def test_edit_announces_the_changed_path(session: Session, qtbot) -> None:
    with qtbot.waitSignal(session.setup_changed) as heard:
        session.edit("junction.rashba", 4.2)
    assert heard.args == [frozenset({"junction.rashba"})]
    assert session.setup.junction.rashba == 4.2
    assert session.changed


def test_refused_value_changes_nothing(session: Session, qtbot) -> None:
    with qtbot.assertNotEmitted(session.setup_changed), pytest.raises(ParameterError) as refusal:
        session.edit("junction.barrier_height", -1.0)
    assert refusal.value.field == "junction.barrier_height"
    assert session.setup == Setup()
    assert not session.undo_text


def test_one_token_is_one_step(session: Session) -> None:
    for alpha in (4.1, 4.2, 4.3):
        session.edit("junction.rashba", alpha, merge="drag 1")
    session.edit("junction.rashba", 5.0, merge="drag 2")
    session.undo()
    assert session.setup.junction.rashba == 4.3
    session.undo()
    assert session.setup.junction.rashba == 4.0
    session.redo()
    assert session.setup.junction.rashba == 4.3


def test_a_drag_back_to_the_start_leaves_no_step(session: Session) -> None:
    session.edit("junction.rashba", 4.4, merge="drag")
    session.edit("junction.rashba", 4.0, merge="drag")
    assert not session.undo_text


def test_an_undone_token_is_not_continued(session: Session) -> None:
    session.edit("junction.rashba", 4.4, merge="drag")
    session.undo()
    session.edit("junction.rashba", 4.6, merge="drag")
    session.undo()
    assert session.setup.junction.rashba == 4.0


def test_preset_is_one_step_and_brings_its_comparison(session: Session) -> None:
    other = fake_preset("other", setup=Setup(junction=Junction(k_up=0.5, k_down=0.2, rashba=1.0, bias=0.3)))
    session.use_preset(other)
    assert session.setup == other.setup and not session.changed
    session.undo()
    assert session.preset.key == "fe_mgo" and session.setup == Setup()


def test_edit_many_checks_only_the_final_combination(session: Session) -> None:
    session.edit_many({"junction.k_up": 0.3, "junction.k_down": 0.1}, "Half of everything")
    assert session.undo_text == "Half of everything"
    session.undo()
    assert session.setup == Setup()


def test_runs_are_kept_renamed_and_deleted_with_undo(session: Session, qtbot) -> None:
    first, second = session.add(fake_result()), session.add(fake_result(), name="thick")
    assert [run.name for run in session.runs] == ["Angular 1", "thick"]
    assert first.colour != second.colour
    with qtbot.waitSignal(session.runs_changed):
        session.update(first, name="thin", visible=False)
    session.remove([first])
    assert session.runs == [second]
    session.undo()
    assert session.runs == [first, second] and first.name == "thin"
    session.redo()
    assert session.runs == [second]


def test_of_deleted_runs_that_no_file_holds_many_stay_and_the_rest_is_told(session: Session, monkeypatch) -> None:
    monkeypatch.setattr(deleted, "MOST_RUNS", 2)
    told: list[str] = []
    session.not_undone.connect(told.append)
    runs = [session.add(fake_result()) for _ in range(2 * deleted.MORE + 3)]
    failed = session.add(None, kind="angular", state="failed", message="why")
    session.remove([*runs, failed])
    assert [run.result is None for run in runs] == [True] * 3 + [False] * (2 * deleted.MORE)
    session.undo()
    assert session.runs == [*runs[3:], failed]
    assert told == ["Angular 1 cannot be brought back: it was deleted before it was written, and too many runs "
                    "were deleted since. 2 more could not be brought back either."]


def test_undoing_an_edit_keeps_runs_made_since(session: Session) -> None:
    session.edit("junction.rashba", 5.0)
    run = session.add(fake_result())
    session.undo()
    assert session.runs == [run]
