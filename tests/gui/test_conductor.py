"""From edits to jobs: what is calculated, when, and what is shown."""

from __future__ import annotations

import threading

import pytest

from smtj_engine.analyses import ANALYSES
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError
from smtj_gui.conductor import coarse
from tests.gui.fakes import fake_result


@pytest.fixture
def shown(conductor) -> list[tuple[float, int, bool]]:
    """Every picture: α, points, draft."""
    pictures = []
    conductor.live.connect(lambda key, result, draft: pictures.append(
        (result.setup.junction.rashba, result.data.sizes["theta"], draft)))
    return pictures


def start(qtbot, conductor) -> None:
    """Ready, with the first answer there and its frame over."""
    conductor.set_wanted(["angular"])
    with qtbot.waitSignal(conductor.live):
        conductor.set_ready()
    qtbot.waitUntil(lambda: not conductor._slots["angular"].redraw.isActive())


def slow(conductor) -> None:
    """As if the last full answer had taken longer than a blink."""
    conductor._slots["angular"].seconds = 1.0


def test_nothing_runs_before_the_engine_is_ready(conductor, session, engine, runner, qtbot) -> None:
    conductor.set_wanted(["angular"])
    session.edit("junction.rashba", 5.0)
    assert runner.active() == []
    with qtbot.waitSignal(conductor.live) as first:
        conductor.set_ready()
    assert first.args[1].setup.junction.rashba == 5.0 and not first.args[2]
    assert len(engine.asked) == 1


def test_an_analysis_does_not_wait_for_the_kernels_of_others(conductor, session, runner, qtbot) -> None:
    conductor.set_wanted(["angular"])
    conductor.set_ready("bias")
    assert runner.active() == []
    with qtbot.waitSignal(conductor.live):
        conductor.set_ready("angular")
    conductor.set_ready()
    assert runner.active() == []    # nothing is calculated twice


def test_idle_slot_starts_at_once(conductor, session, engine, qtbot) -> None:
    start(qtbot, conductor)
    with qtbot.waitSignal(conductor.live) as newest:
        session.edit("junction.rashba", 5.0)
    assert newest.args[1].setup.junction.rashba == 5.0 and not newest.args[2]
    assert threading.main_thread() not in engine.threads


def test_edits_that_do_not_matter_calculate_nothing(conductor, session, engine, runner, qtbot) -> None:
    start(qtbot, conductor)
    session.edit("magnet.damping", 0.02)
    session.edit("numerics.bias.points", 50)
    assert runner.active() == [] and len(engine.asked) == 1


def test_slow_analysis_gives_a_draft_and_then_the_full_answer(conductor, session, shown, qtbot) -> None:
    start(qtbot, conductor)
    slow(conductor)
    with qtbot.waitSignals([conductor.live, conductor.live]):
        session.edit("junction.rashba", 5.0)
    assert shown[-2:] == [(5.0, 61, True), (5.0, 181, False)]


def test_running_draft_is_shown_and_then_the_newest_setup(conductor, session, engine, shown, qtbot) -> None:
    start(qtbot, conductor)
    slow(conductor)
    begun, go_on = threading.Event(), threading.Event()

    def work(setup, monitor):
        begun.set()
        assert go_on.wait(5)
        monitor(0.5)
        return fake_result(setup)

    engine.work = work
    session.edit("junction.rashba", 5.0)
    assert begun.wait(5)
    for alpha in (5.1, 5.2, 5.3):
        session.edit("junction.rashba", alpha)
    with qtbot.waitSignal(conductor.live, check_params_cb=lambda key, result, draft: not draft):
        go_on.set()
    assert [entry[0] for entry in shown[1:]] == [5.0, 5.3, 5.3]
    assert [entry[2] for entry in shown[1:]] == [True, True, False]
    assert len(engine.asked) == 4   # first answer, two drafts, one full: nothing for 5.1 and 5.2


def test_full_calculation_makes_way_for_an_edit(conductor, session, engine, shown, runner, qtbot) -> None:
    start(qtbot, conductor)
    slow(conductor)
    begun = threading.Event()

    def work(setup, monitor):
        if setup.numerics.accuracy != "draft" and setup.junction.rashba == 5.0:
            while True:
                monitor(0.1)
                begun.set()
        return fake_result(setup)

    engine.work = work
    with qtbot.waitSignal(conductor.live):
        session.edit("junction.rashba", 5.0)
    qtbot.waitUntil(begun.is_set)
    with qtbot.waitSignals([runner.cancelled, conductor.live, conductor.live]):
        session.edit("junction.rashba", 5.5)
    assert shown[-2:] == [(5.5, 61, True), (5.5, 181, False)]
    assert (5.0, 181, False) not in shown


def test_stale_full_answer_of_a_slow_analysis_is_dropped(conductor, session, engine, shown, qtbot) -> None:
    start(qtbot, conductor)
    slow(conductor)
    begun, go_on = threading.Event(), threading.Event()

    def work(setup, monitor):
        if setup.numerics.accuracy != "draft" and setup.junction.rashba == 5.0:
            begun.set()
            assert go_on.wait(5)   # deaf to the cancel, as a long kernel call is
        return fake_result(setup)

    engine.work = work
    session.edit("junction.rashba", 5.0)
    qtbot.waitUntil(begun.is_set)
    session.edit("junction.rashba", 6.0)
    with qtbot.waitSignals([conductor.live, conductor.live]):
        go_on.set()
    assert (5.0, 181, False) not in shown and shown[-1] == (6.0, 181, False)


def test_undo_to_the_last_answer_calculates_nothing(conductor, session, engine, shown, qtbot) -> None:
    start(qtbot, conductor)
    session.edit("magnet.damping", 0.02)
    conductor.set_wanted([])
    with qtbot.waitSignal(conductor.live) as again:
        conductor.set_wanted(["angular"])
    assert not again.args[2] and len(engine.asked) == 1


def test_esc_stops_and_an_edit_starts_again(conductor, session, engine, runner, qtbot) -> None:
    start(qtbot, conductor)
    begun = threading.Event()

    def work(setup, monitor):
        while True:
            monitor(0.1)
            begun.set()

    engine.work = work
    session.edit("junction.rashba", 5.0)
    assert begun.wait(5)
    with qtbot.waitSignals([runner.cancelled, conductor.waiting], timeout=1000):
        conductor.stop()
    assert runner.active() == []
    engine.work = lambda setup, monitor: fake_result(setup)
    with qtbot.waitSignal(conductor.live):
        session.edit("junction.rashba", 5.5)


def test_refusal_of_the_engine_names_the_field(conductor, session, engine, qtbot) -> None:
    start(qtbot, conductor)

    def work(setup, monitor):
        raise ParameterError("rashba_slope", 3.0, "α(V) passes its limit at V = 0.9 V")

    engine.work = work
    with qtbot.waitSignals([conductor.refused, conductor.waiting]):
        session.edit("junction.rashba", 5.0)


def test_keep_uses_the_answer_that_is_there(conductor, session, engine, qtbot) -> None:
    start(qtbot, conductor)
    session.edit("magnet.damping", 0.02)
    conductor.keep()
    assert len(engine.asked) == 1
    assert [run.state for run in session.runs] == ["finished"]
    assert session.runs[0].result.setup == session.setup
    conductor.keep()
    assert len(session.runs) == 1   # the same curves are not kept twice


def test_keep_calculates_in_full_and_outlives_edits(conductor, session, engine, qtbot) -> None:
    start(qtbot, conductor)
    slow(conductor)
    begun, go_on = threading.Event(), threading.Event()

    def work(setup, monitor):
        if setup.junction.rashba == 5.0 and setup.numerics.accuracy != "draft":
            begun.set()
            assert go_on.wait(5)
        return fake_result(setup)

    engine.work = work
    session.edit("junction.rashba", 5.0)
    conductor.keep()
    assert session.runs[0].state == "running"
    assert begun.wait(5)
    session.edit("junction.rashba", 6.0)
    with qtbot.waitSignal(session.runs_changed):
        go_on.set()
    run = session.runs[0]
    assert run.state == "finished" and run.result.setup.junction.rashba == 5.0
    assert run.result.data.sizes["theta"] == 181


def test_cancelled_run_keeps_what_was_computed(conductor, session, engine, runner, qtbot) -> None:
    start(qtbot, conductor)
    begun, part = threading.Event(), fake_result(points=7)

    def work(setup, monitor):
        while True:
            monitor(0.3, partial=part)
            begun.set()

    engine.work = work
    session.edit("junction.rashba", 5.0)
    with qtbot.waitSignal(runner.cancelled):
        conductor.stop()
    begun.clear()
    conductor.keep()
    assert begun.wait(5)
    with qtbot.waitSignal(session.runs_changed):
        conductor.stop()
    assert session.runs[0].state == "cancelled" and session.runs[0].result.data.sizes["theta"] == 7


def test_failed_run_is_marked_and_told(conductor, session, engine, qtbot) -> None:
    start(qtbot, conductor)
    conductor.set_wanted(["angular"])
    slow(conductor)

    def work(setup, monitor):
        raise RuntimeError("no convergence")

    engine.work = work
    session.edit("junction.rashba", 5.0)
    with qtbot.waitSignal(conductor.failed, check_params_cb=lambda *_: session.runs[0].state == "failed"):
        conductor.keep()
    assert "no convergence" in session.runs[0].message


def test_draft_is_coarser_in_points_and_accuracy() -> None:
    setup = coarse(Setup(), ANALYSES["bias"])
    assert setup.numerics.accuracy == "draft" and setup.numerics.bias.points == 34
    assert setup.numerics.angular.points == 181
