"""The queue of runs: order, time left, hold, cancel, resume; and the sequences that fill it."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLineEdit, QToolButton

from smtj_engine.analyses import ANALYSES
from smtj_engine.files import session as packed
from smtj_engine.parameters import Junction, Setup
from smtj_gui.panels.queue_bar import QueueBar
from smtj_gui.run_queue import RunQueue
from smtj_gui.sequence_dialog import DEEPEST, DRAWN, MOST, SequenceDialog, steppable
from tests.gui.fakes import fake_result


def setups(*alphas: float) -> dict[str, Setup]:
    return {f"α_R {alpha:g}": Setup(junction=Junction(rashba=alpha)) for alpha in alphas}


class Gate:
    """Lets the fake engine's runs through one by one, and cancels those that are to be cancelled."""

    def __init__(self) -> None:
        self.begun: list[float] = []
        self._open = threading.Semaphore(0)

    def __call__(self, setup, monitor):
        self.begun.append(setup.junction.rashba)
        while not self._open.acquire(timeout=0.002):
            monitor(0.25, "", fake_result(setup))
        return fake_result(setup)

    def let(self, count: int = 1) -> None:
        self._open.release(count)


@pytest.fixture
def gate(engine) -> Gate:
    engine.work = Gate()
    return engine.work


@pytest.fixture
def queue(session, conductor, runner) -> RunQueue:
    conductor.set_ready()
    return RunQueue(session, conductor, runner)


def states(session) -> list[str]:
    return [run.state for run in session.runs]


def test_runs_are_calculated_in_their_order_one_at_a_time(queue, session, gate, qtbot) -> None:
    session.enqueue("angular", setups(1, 2, 3))
    assert states(session) == ["running", "queued", "queued"]
    for number in (1, 2, 3):
        qtbot.waitUntil(lambda number=number: len(gate.begun) == number)
        assert states(session).count("running") == 1
        gate.let()
        qtbot.waitUntil(lambda number=number: states(session).count("finished") == number)
    assert gate.begun == [1.0, 2.0, 3.0]
    assert [run.result.setup.junction.rashba for run in session.runs] == gate.begun


def test_the_end_is_told_once(queue, session, gate, qtbot) -> None:
    heard = []
    queue.emptied.connect(heard.append)
    session.enqueue("angular", setups(1, 2))
    gate.let(2)
    qtbot.waitUntil(lambda: states(session) == ["finished"] * 2)
    session.update(session.runs[0], name="other")
    assert heard == [2] and queue.progress() == (0, 0)


def test_nothing_starts_before_the_engine_is_ready(session, conductor, runner, gate, qtbot) -> None:
    queue = RunQueue(session, conductor, runner)
    session.enqueue("angular", setups(1))
    assert states(session) == ["queued"] and queue.waiting
    conductor.set_ready()
    qtbot.waitUntil(lambda: states(session) == ["running"])
    gate.let()
    qtbot.waitUntil(lambda: states(session) == ["finished"])


def test_a_moved_run_is_next(queue, session, gate, qtbot) -> None:
    session.enqueue("angular", setups(1, 2, 3))
    session.move(session.runs[2], -1)
    gate.let(3)
    qtbot.waitUntil(lambda: states(session) == ["finished"] * 3)
    assert gate.begun == [1.0, 3.0, 2.0]


def test_held_the_present_run_ends_and_no_other_starts(queue, session, gate, qtbot) -> None:
    session.enqueue("angular", setups(1, 2))
    queue.hold()
    gate.let(2)
    qtbot.waitUntil(lambda: states(session) == ["finished", "queued"])
    queue.go_on()
    qtbot.waitUntil(lambda: states(session) == ["finished", "finished"])


def test_cancelled_runs_are_resumed(queue, session, gate, qtbot) -> None:
    session.enqueue("angular", setups(1, 2, 3))
    first, second, _ = session.runs
    qtbot.waitUntil(lambda: bool(gate.begun))
    queue.cancel([second, first])
    qtbot.waitUntil(lambda: states(session) == ["cancelled", "cancelled", "running"])
    assert first.result is not None     # what there was of it
    before = first.id
    queue.resume([first, second])
    assert first.result is None and first.id != before and first.state == "queued"
    gate.let(3)
    qtbot.waitUntil(lambda: states(session) == ["finished"] * 3)
    assert gate.begun == [1.0, 3.0, 1.0, 2.0]


def test_a_failed_run_does_not_stop_the_others_and_is_tried_again(queue, session, engine, qtbot) -> None:
    healed = []

    def work(setup, monitor):
        if setup.junction.rashba == 1.0 and not healed:
            raise RuntimeError("no convergence")
        return fake_result(setup)

    engine.work = work
    session.enqueue("angular", setups(1, 2))
    qtbot.waitUntil(lambda: states(session) == ["failed", "finished"])
    assert "no convergence" in session.runs[0].message
    healed.append(True)
    queue.resume(session.runs[:1])
    qtbot.waitUntil(lambda: states(session) == ["finished", "finished"])
    assert session.runs[0].message == ""


def test_time_left_follows_from_the_last_runs(queue, session, gate, qtbot) -> None:
    assert queue.time_left() == 0.0
    session.enqueue("angular", setups(1, 2, 3))
    assert queue.time_left() is None
    for run in (session.add(fake_result(), seconds=10.0), session.add(fake_result(), seconds=14.0)):
        assert run.state == "finished"
    assert queue.usual("angular") == 12.0 and queue.usual("bias") is None
    left = queue.time_left()
    assert left is not None and left > 24.0
    queue.cancel(session.runs[:3])
    qtbot.waitUntil(lambda: not queue.running)
    assert queue.time_left() == 0.0


def test_the_next_run_waits_for_f5s(queue, session, conductor, gate, qtbot) -> None:
    conductor.set_wanted(["angular"])
    conductor.keep()
    session.enqueue("angular", setups(7))
    assert states(session) == ["running", "queued"]
    gate.let(3)
    qtbot.waitUntil(lambda: states(session) == ["finished", "finished"])


def test_another_session_stops_the_runs_of_this_one(queue, session, gate, runner, qtbot) -> None:
    session.enqueue("angular", setups(1, 2))
    stored = session.stored()
    session.become(packed.StoredSession(), session.preset)
    qtbot.waitUntil(lambda: not runner.active())
    assert session.runs == [] and queue.progress() == (0, 0)
    assert [run.state for run in stored.runs] == ["running", "queued"]


def test_what_waited_when_it_was_saved_can_be_resumed(queue, session, gate, tmp_path, qtbot) -> None:
    session.enqueue("angular", setups(1, 2))
    path = packed.save(session.stored(), tmp_path / "a.smtj.h5")
    session.become(packed.load(path).session, session.preset)
    assert states(session) == ["cancelled", "cancelled"] and not queue.waiting
    queue.resume(session.runs)
    gate.let(3)
    qtbot.waitUntil(lambda: states(session) == ["finished", "finished"])


# -- in the window -------------------------------------------------------------------------------------


def test_esc_holds_the_queue_and_the_bar_lets_it_go_on(window, session, conductor, gate, qtbot) -> None:
    conductor.set_ready()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    bar = window.runs_panel.bar
    assert not bar.isVisible()
    session.enqueue("angular", setups(1, 2, 3))
    qtbot.waitUntil(lambda: bool(gate.begun))
    assert bar.isVisible() and "0 of 3 done" in bar.text() and not bar.hold.icon().isNull()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: states(session) == ["cancelled", "queued", "queued"])
    assert "held" in bar.text() and bar.hold.text() == "Go on"
    qtbot.mouseClick(bar.hold, Qt.MouseButton.LeftButton)
    gate.let(2)
    qtbot.waitUntil(lambda: states(session) == ["cancelled", "finished", "finished"])
    assert not bar.isVisible()
    assert window.toasts.messages == ["The queue is done: 2 runs."]


def test_the_table_shows_places_and_progress_and_its_buttons_act(window, session, conductor, gate, qtbot) -> None:
    conductor.set_ready()
    panel = window.runs_panel
    session.enqueue("angular", setups(1, 2, 3))
    qtbot.waitUntil(lambda: panel.table.topLevelItem(0).text(1) == "25%")
    assert [panel.table.topLevelItem(row).text(1) for row in (1, 2)] == ["queued 1", "queued 2"]
    panel.table.topLevelItem(2).setSelected(True)
    panel.actions_["earlier"].trigger()
    assert [run.name for run in session.runs] == ["α_R 1", "α_R 3", "α_R 2"]
    assert [run.name for run in panel.selected()] == ["α_R 3"]
    assert [panel.table.topLevelItem(row).text(0) for row in range(3)] == ["α_R 1", "α_R 3", "α_R 2"]
    panel.actions_["cancel"].trigger()
    assert states(session) == ["running", "cancelled", "queued"]
    assert not panel.actions_["earlier"].isEnabled() and panel.actions_["resume"].isEnabled()
    panel.actions_["resume"].trigger()
    assert states(session) == ["running", "queued", "queued"]
    gate.let(3)
    qtbot.waitUntil(lambda: states(session) == ["finished"] * 3)


# -- sequences -----------------------------------------------------------------------------------------


@pytest.fixture
def dialog(qtbot) -> SequenceDialog:
    made = SequenceDialog(Setup(), "angular", lambda kind: 2.0)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def put(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def test_one_parameter_over_a_list(dialog) -> None:
    put(dialog.loops[0].values, "1 2,5 4")
    assert [setup.junction.rashba for setup in dialog.setups.values()] == [1.0, 2.5, 4.0]
    assert list(dialog.setups) == ["α_R 1 eV·Å²", "α_R 2.5 eV·Å²", "α_R 4 eV·Å²"]
    assert dialog.words.text() == "3 runs, about 6.0 s: α_R 1 eV·Å²; α_R 2.5 eV·Å²; α_R 4 eV·Å²."
    assert dialog.start.text() == "Queue 3 runs"


def test_values_that_differ_in_late_digits_are_told_apart(dialog) -> None:
    put(dialog.loops[0].values, "1 1.000001 1.000002")
    assert list(dialog.setups) == ["α_R 1 eV·Å²", "α_R 1.000001 eV·Å²", "α_R 1.000002 eV·Å²"]


def test_a_nested_loop_runs_fastest(dialog, qtbot) -> None:
    put(dialog.loops[0].values, "1 2")
    qtbot.mouseClick(dialog.more, Qt.MouseButton.LeftButton)
    inner = dialog.loops[1]
    assert inner.path == "junction.bias"
    for field, text in ((inner.first, "0.2"), (inner.last, "0.8"), (inner.count, "3")):
        put(field, text)
    qtbot.mouseClick(inner.fill, Qt.MouseButton.LeftButton)
    assert inner.values.text() == "0.2 0.5 0.8"
    assert [(setup.junction.rashba, setup.junction.bias) for setup in dialog.setups.values()] == [
        (alpha, bias) for alpha in (1.0, 2.0) for bias in (0.2, 0.5, 0.8)]


@pytest.mark.parametrize(("text", "reason"), [
    ("", "at least one"), ("1 x", "not a number"), ("1e9", "must lie between"),
    (" ".join(map(str, range(MOST + 1))), f"may have {MOST}")])
def test_a_refused_value_is_told_with_its_reason(dialog, text, reason) -> None:
    dialog.loops[0].values.setText(text)
    assert reason in dialog.words.text() and not dialog.start.isEnabled()
    dialog.loops[0].values.setText("1 2")
    assert dialog.start.isEnabled()


def test_the_same_parameter_twice_is_refused(dialog) -> None:
    dialog.add_loop().choose(dialog.loops[0].path)
    assert "of its own" in dialog.words.text() and not dialog.start.isEnabled()


def test_loops_come_and_go(dialog, qtbot) -> None:
    while dialog.more.isEnabled():
        qtbot.mouseClick(dialog.more, Qt.MouseButton.LeftButton)
    assert len(dialog.loops) == DEEPEST and len({loop.path for loop in dialog.loops}) == DEEPEST
    qtbot.mouseClick(dialog.loops[1].findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert len(dialog.loops) == DEEPEST - 1 and dialog.more.isEnabled()


@pytest.mark.parametrize("key", ANALYSES)
def test_every_analysis_has_something_to_step(key) -> None:
    paths = steppable(Setup(), key)
    assert paths and all(ANALYSES[key].depends_on(path) for path in paths)


def answer(monkeypatch, fill) -> None:
    """Let the dialog be shown, filled in and closed."""
    def shown(dialog) -> int:
        dialog.show()
        fill(dialog)
        return dialog.result()

    monkeypatch.setattr(SequenceDialog, "exec", shown)


def test_from_the_menu_to_finished_runs(window, session, conductor, engine, qtbot, monkeypatch) -> None:
    conductor.set_ready()

    def fill(dialog) -> None:
        assert isinstance(dialog.analysis, QComboBox) and dialog.kind == "angular"
        put(dialog.loops[0].values, "1 2 3")
        box = dialog.findChild(QDialogButtonBox)
        qtbot.mouseClick(box.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)

    answer(monkeypatch, fill)
    window.actions_["sequence"].trigger()
    qtbot.waitUntil(lambda: states(session) == ["finished"] * 3)
    assert [run.name for run in session.runs] == ["α_R 1 eV·Å²", "α_R 2 eV·Å²", "α_R 3 eV·Å²"]
    assert all(run.visible for run in session.runs)
    assert [asked.junction.rashba for asked in engine.asked] == [1.0, 2.0, 3.0]


def test_a_long_sequence_is_not_drawn_over_itself(window, session, conductor, monkeypatch) -> None:
    def fill(dialog) -> None:
        put(dialog.loops[0].values, " ".join(f"{number / 10}" for number in range(DRAWN + 1)))
        assert "not drawn" in dialog.words.text()
        dialog.accept()

    answer(monkeypatch, fill)
    window.actions_["sequence"].trigger()
    assert len(session.runs) == DRAWN + 1 and not any(run.visible for run in session.runs)


def test_the_bar_is_a_line_of_words(queue, session, gate, qtbot) -> None:
    bar = QueueBar(queue)
    qtbot.addWidget(bar)
    session.add(fake_result(), seconds=30.0)
    session.enqueue("angular", setups(1, 2))
    assert bar.text().startswith("Queue: 0 of 2 done") and "left" in bar.text()
    queue.hold()
    assert "held" in bar.text()
