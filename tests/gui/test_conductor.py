"""From edits to jobs: what is calculated, when, and what is shown."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from smtj_engine.analyses import ANALYSES
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, with_value
from smtj_engine.version import __version__
from smtj_gui.conductor import Conductor
from smtj_gui.requests import coarse
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


@pytest.mark.parametrize(("quick", "version"), [(False, __version__), (True, __version__), (False, "0.0.1")])
def test_a_kept_run_is_the_answer_where_calculating_takes_long(conductor, session, engine, shown, qtbot,
                                                               quick: bool, version: str) -> None:
    """With "use this setup", or after a restart: but only of this version, and not where a blink is enough."""
    start(qtbot, conductor)
    setup = with_value(session.setup, "junction.rashba", 5.0)
    old = fake_result(setup)
    run = session.add(dataclasses.replace(old, provenance=dataclasses.replace(old.provenance, version=version)))
    conductor._slots["angular"].seconds = 0.01 if quick else 1.0
    with qtbot.waitSignal(conductor.live, check_params_cb=lambda key, result, draft: not draft) as newest:
        session.use_setup(setup, "Setup of a run")
    recalled = not quick and version == __version__
    assert newest.args[1].setup == setup
    assert (newest.args[1] is run.result) is recalled
    assert len(engine.asked) == (1 if recalled else 2 if quick else 3)      # a slow one has a draft


def test_a_kept_run_is_shown_before_the_kernels_are_there(conductor, session, engine, qtbot) -> None:
    """As after an update of the program's libraries, when a session is opened again."""
    run = session.add(fake_result(session.setup))
    with qtbot.waitSignal(conductor.live) as shown_first:
        conductor.set_wanted(["angular"])
    assert shown_first.args[1] is run.result
    conductor.set_ready()
    assert engine.asked == []


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


@pytest.fixture
def keeping(session, runner, engine) -> Conductor:
    """A slow analysis with drafts, of which what there is is worth something."""
    return Conductor(session, runner, {"angular": dataclasses.replace(engine.analyses()["angular"], keeps=True)})


def test_what_there_is_of_a_slow_answer_is_kept_on_esc(keeping, session, engine, runner, qtbot) -> None:
    start(qtbot, keeping)
    slow(keeping)
    begun, part = threading.Event(), fake_result(points=7)

    def work(setup, monitor):
        while setup.numerics.accuracy != "draft":
            monitor(0.3, partial=part)
            begun.set()
        return fake_result(setup, points=5)

    shown, engine.work = pictures_of(keeping), work
    session.edit("junction.rashba", 5.0)
    qtbot.waitUntil(begun.is_set)
    with qtbot.waitSignal(keeping.told):
        keeping.stop()
    run, = session.runs
    assert run.state == "cancelled" and run.result.data.sizes["theta"] == 7 and run.setup == session.setup
    assert "stopped by the user" in run.result.notes[-1]
    qtbot.waitUntil(lambda: shown[-1] == (5.0, 7, True))    # the run and not the draft is on the screen
    assert runner.active() == []


def test_a_draft_that_is_stopped_is_not_kept(keeping, session, engine, runner, qtbot) -> None:
    start(qtbot, keeping)
    slow(keeping)
    begun = threading.Event()

    def work(setup, monitor):
        while True:
            monitor(0.3, partial=fake_result(points=7))
            begun.set()

    engine.work = work
    session.edit("junction.rashba", 5.0)
    assert begun.wait(5)
    with qtbot.waitSignal(runner.cancelled):
        keeping.stop()
    assert session.runs == []


@pytest.mark.parametrize("kept", [False, True])
def test_what_there_is_of_a_failure_is_kept(keeping, session, engine, qtbot, kept: bool) -> None:
    start(qtbot, keeping)
    told = threading.Event()

    def work(setup, monitor):
        monitor(0.3, partial=fake_result(points=7))
        assert told.wait(5)
        monitor(0.3)    # the live calculation may have made way for the run that is kept
        raise MemoryError

    engine.work = work
    keeping.live.connect(lambda key, result, draft: told.set() if result.data.sizes["theta"] == 7 else None)
    with qtbot.waitSignal(keeping.failed):
        session.edit("junction.rashba", 5.0)
        if kept:
            keeping.keep()
    run, = session.runs
    assert run.state == "failed" and "not enough memory" in run.message
    assert run.result.data.sizes["theta"] == 7 and "not enough memory" in run.result.notes[-1]


def test_draft_is_coarser_in_points_and_accuracy() -> None:
    setup = coarse(Setup(), ANALYSES["bias"])
    assert setup.numerics.accuracy == "draft" and setup.numerics.bias.points == 34
    assert setup.numerics.angular.points == 181


@pytest.fixture
def growing(session, runner, engine) -> Conductor:
    """A conductor whose analysis grows from coarse to fine, and for which the bias is idle while β = 0."""
    def idle(setup: Setup) -> tuple[str, ...]:
        return () if setup.junction.dresselhaus else ("junction.bias",)

    analysis = dataclasses.replace(engine.analyses()["angular"], grows=True, idle=idle)
    return Conductor(session, runner, {"angular": analysis})


class Growth:
    """Hands over a coarse picture of 7 points as soon as it may, and then works until it is cancelled."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.end = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, setup, monitor):
        self.begun.set()
        assert self.go_on.wait(5)
        while not self.end.wait(0.002):     # a busy loop would leave the window's thread little of Python
            monitor(0.1, partial=fake_result(Setup(junction=setup.junction), points=7))
        return fake_result(setup)


def pictures_of(conductor) -> list[tuple[float, int, bool]]:
    pictures: list[tuple[float, int, bool]] = []
    conductor.live.connect(lambda key, result, draft: pictures.append(
        (result.setup.junction.rashba, result.data.sizes["theta"], draft)))
    return pictures


def test_growing_picture_needs_no_draft_and_makes_way_for_an_edit(growing, session, engine, runner, qtbot) -> None:
    start(qtbot, growing)
    slow(growing)
    shown, engine.work = pictures_of(growing), Growth()
    engine.work.go_on.set()
    with qtbot.waitSignal(growing.live):
        session.edit("junction.rashba", 5.0)
    assert set(shown) == {(5.0, 7, True)}
    engine.work = lambda setup, monitor: fake_result(setup)
    with qtbot.waitSignal(growing.live, check_params_cb=lambda key, result, draft: not draft):
        session.edit("junction.rashba", 5.5)
    assert shown[-1] == (5.5, 181, False) and (5.0, 181, False) not in shown
    assert {setup.numerics.accuracy for setup in engine.asked} == {"normal"}
    assert session.runs == []   # a picture that made way is not kept


def test_drag_shows_a_growing_picture_before_it_is_cancelled(growing, session, engine, qtbot) -> None:
    start(qtbot, growing)
    shown, work = pictures_of(growing), Growth()
    engine.work = work
    session.edit("junction.rashba", 5.0)
    assert work.begun.wait(5)
    for alpha in (5.1, 5.2, 5.3):
        session.edit("junction.rashba", alpha)
    work.go_on.set()
    with qtbot.waitSignal(growing.live, check_params_cb=lambda key, result, draft: (
            result.setup.junction.rashba == 5.3 and draft)):
        pass
    assert shown[0] == (5.0, 7, True)   # late, but on its way
    assert [setup.junction.rashba for setup in engine.asked] == [4.0, 5.0, 5.3]
    work.end.set()
    qtbot.waitUntil(lambda: shown[-1] == (5.3, 181, False))


def test_a_growing_picture_that_stays_away_is_not_waited_for(
        growing, session, engine, qtbot, monkeypatch) -> None:
    monkeypatch.setattr("smtj_gui.conductor._PATIENCE", 0.02)
    start(qtbot, growing)
    begun = threading.Event()

    def work(setup, monitor):
        while setup.junction.rashba == 5.0:
            monitor(0.1)
            begun.set()
        return fake_result(setup)

    engine.work = work
    session.edit("junction.rashba", 5.0)
    assert begun.wait(5)
    with qtbot.waitSignal(growing.live) as newest:
        session.edit("junction.rashba", 6.0)
    assert newest.args[1].setup.junction.rashba == 6.0


def test_growth_goes_on_through_edits_that_do_not_matter(growing, session, engine, qtbot) -> None:
    start(qtbot, growing)
    work = engine.work = Growth()
    work.go_on.set()
    with qtbot.waitSignal(growing.live):
        session.edit("junction.rashba", 5.0)
    session.edit("junction.bias", 0.3)
    with qtbot.waitSignal(growing.live, check_params_cb=lambda key, result, draft: not draft):
        work.end.set()
    assert len(engine.asked) == 2
    session.edit("junction.bias", 0.4)          # and afterwards the answer is still the answer
    assert len(engine.asked) == 2
    with qtbot.waitSignal(growing.live, check_params_cb=lambda key, result, draft: (
            result.setup.junction.dresselhaus == 0.5)):     # the old answer may still be on its way to the screen
        session.edit("junction.dresselhaus", 0.5)
    assert len(engine.asked) == 3


@pytest.fixture
def previewed(session, runner, engine) -> Conductor:
    """A conductor whose growing analysis has a preview of 31 points."""
    def preview(setup: Setup):
        return lambda setup, monitor: engine.run(with_value(setup, "numerics.angular.points", 31), monitor)

    analysis = dataclasses.replace(engine.analyses()["angular"], grows=True, preview=preview)
    return Conductor(session, runner, {"angular": analysis})


def test_a_slow_growing_picture_is_previewed_in_a_drag(previewed, session, engine, qtbot) -> None:
    start(qtbot, previewed)
    slow(previewed)
    shown = pictures_of(previewed)
    for alpha in (5.0, 5.5):
        with qtbot.waitSignal(previewed.live):
            session.edit("junction.rashba", alpha)
    qtbot.waitUntil(lambda: shown[-1] == (5.5, 181, False))
    assert shown == [(5.0, 31, True), (5.5, 31, True), (5.5, 181, False)]
    assert {setup.numerics.accuracy for setup in engine.asked} == {"normal"}


def test_a_slow_preview_grows_and_makes_way_for_an_edit(previewed, session, engine, qtbot, monkeypatch) -> None:
    monkeypatch.setattr("smtj_gui.conductor._PREVIEW", 0.01)
    start(qtbot, previewed)
    slow(previewed)
    shown, engine.work = pictures_of(previewed), Growth()
    engine.work.go_on.set()
    with qtbot.waitSignal(previewed.live):
        session.edit("junction.rashba", 5.0)
    engine.work = lambda setup, monitor: fake_result(setup)
    session.edit("junction.rashba", 5.5)
    qtbot.waitUntil(lambda: shown[-1] == (5.5, 181, False))
    assert shown[0] == (5.0, 7, True) and shown[-2] == (5.5, 31, True)


def test_after_a_preview_growth_is_shown_once_it_is_finer(previewed, session, engine, qtbot) -> None:
    start(qtbot, previewed)
    slow(previewed)
    shown, asked = pictures_of(previewed), threading.Event()

    def work(setup, monitor):
        if setup.numerics.angular.points == 31:
            return fake_result(setup)
        for points in (7, 31, 61):
            monitor(0.1, partial=fake_result(Setup(junction=setup.junction), points=points))
        while not asked.wait(0.05):     # a report too soon after another waits for the next one
            monitor(0.1, partial=fake_result(Setup(junction=setup.junction), points=61))
        return fake_result(setup)

    engine.work = work
    with qtbot.waitSignal(previewed.live, check_params_cb=lambda key, result, draft: (
            result.data.sizes["theta"] == 61)):
        session.edit("junction.rashba", 5.0)
    asked.set()
    qtbot.waitUntil(lambda: shown[-1] == (5.0, 181, False))
    assert [points for _, points, _ in shown] == [31, 61, 181]


def test_esc_keeps_the_partial_picture_as_a_run(growing, session, engine, runner, qtbot) -> None:
    start(qtbot, growing)
    engine.work = Growth()
    engine.work.go_on.set()
    session.edit("magnet.damping", 0.02)        # of which the partial result itself knows nothing
    with qtbot.waitSignal(growing.live):
        session.edit("junction.rashba", 5.0)
    with qtbot.waitSignal(growing.told) as told:
        growing.stop()
    run, = session.runs
    assert run.state == "cancelled" and run.result.data.sizes["theta"] == 7
    assert run.setup == run.result.setup == session.setup
    assert run.name in told.args[0]
    growing.stop()
    assert len(session.runs) == 1 and runner.active() == []


def test_esc_after_an_edit_does_not_keep_the_picture_of_the_older_setup(
        growing, session, engine, runner, qtbot, monkeypatch) -> None:
    monkeypatch.setattr("smtj_gui.conductor._GLIMPSE", 0.0)
    start(qtbot, growing)
    engine.work = Growth()
    engine.work.go_on.set()
    with qtbot.waitSignal(growing.live):
        session.edit("junction.rashba", 5.0)
    session.edit("junction.rashba", 5.5)        # cancels at once
    growing.stop()
    qtbot.waitUntil(lambda: runner.active() == [])
    assert session.runs == []


def test_a_diagram_does_not_depend_on_what_its_axes_replace() -> None:
    analysis = ANALYSES["stability"]
    plain = Setup()
    for path, value in (("drive.tau_par", -0.004), ("magnet.q_par", 0.1), ("junction.rashba", 5.0),
                        ("numerics.trajectory.theta0_deg", 20.0)):
        assert analysis.needs(with_value(plain, path, value)) == analysis.needs(plain), path
    for path, value in (("magnet.damping", 0.02), ("numerics.stability.seed", 3), ("drive.law", "constant")):
        assert analysis.needs(with_value(plain, path, value)) != analysis.needs(plain), path
    driven = with_value(plain, "drive.law", "transport")
    assert analysis.needs(with_value(driven, "junction.rashba", 5.0)) != analysis.needs(driven)
