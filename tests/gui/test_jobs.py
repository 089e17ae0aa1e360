"""The runner: threads, cancelling, progress, failures, shutdown."""

from __future__ import annotations

import threading

from smtj_engine.monitor import Cancelled
from smtj_engine.schema import ParameterError
from smtj_gui.jobs import JobRunner
from tests.gui.fakes import fake_result


def test_work_is_done_in_another_thread(runner: JobRunner, qtbot) -> None:
    threads = []

    def call(monitor):
        threads.append(threading.current_thread())
        return fake_result()

    with qtbot.waitSignal(runner.finished) as done:
        job = runner.submit("angular", call)
    assert done.args[0] == job and done.args[1].kind == "angular"
    assert threads[0] is not threading.main_thread()
    assert runner.active() == []


def test_signals_come_on_the_gui_thread(runner: JobRunner, qtbot) -> None:
    heard = []
    for signal in (runner.started, runner.progress, runner.partial, runner.finished):
        signal.connect(lambda *_: heard.append(threading.current_thread()))

    def call(monitor):
        monitor(0.5, "half", fake_result())
        return fake_result()

    with qtbot.waitSignal(runner.ended):
        runner.submit("angular", call)
    assert len(heard) == 4 and set(heard) == {threading.main_thread()}


def test_cancelled_job_makes_at_most_one_further_call(runner: JobRunner, qtbot) -> None:
    running, calls, at_cancel, partial = threading.Event(), [], [], fake_result(points=3)

    def call(monitor):
        while True:
            monitor(0.1, partial=partial)
            calls.append(1)  # a kernel call
            running.set()

    job = runner.submit("angular", call)
    assert running.wait(5)
    with qtbot.waitSignal(runner.cancelled) as stopped:
        runner.cancel(job)
        at_cancel.append(len(calls))
    assert len(calls) <= at_cancel[0] + 1
    assert stopped.args[1].data.sizes == {"theta": 3}  # what was computed is handed back


def test_reports_are_thinned_and_the_newest_wins(runner: JobRunner, qtbot) -> None:
    fractions = []
    runner.progress.connect(lambda job, fraction, note: fractions.append(fraction))

    def call(monitor):
        for step in range(20_000):
            monitor(step / 20_000)
        return fake_result()

    with qtbot.waitSignal(runner.finished):
        runner.submit("angular", call)
    assert 1 <= len(fractions) < 100
    assert fractions == sorted(fractions)


def test_failure_is_told_with_details(runner: JobRunner, qtbot) -> None:
    def call(monitor):
        raise ZeroDivisionError("division by zero")

    with qtbot.waitSignal(runner.failed) as told:
        runner.submit("angular", call)
    assert told.args[1] == "The calculation failed: division by zero"
    assert "Traceback" in told.args[2]


def test_parameter_error_keeps_its_sentence(runner: JobRunner, qtbot) -> None:
    error = ParameterError("rashba", 20.0, "must stay below 13.33 eV·Å²")

    def call(monitor):
        raise error

    with qtbot.waitSignal(runner.failed) as told:
        runner.submit("angular", call)
    assert told.args[1] == str(error)


def test_shutdown_waits_and_nothing_comes_after(runner: JobRunner, qtbot) -> None:
    running, ended = threading.Event(), threading.Event()

    def call(monitor):
        try:
            while True:
                monitor(0.0)
                running.set()
        except Cancelled:
            ended.set()
            raise

    runner.submit("angular", call)
    assert running.wait(5)
    with qtbot.assertNotEmitted(runner.cancelled, wait=50):
        runner.shutdown()
        assert ended.is_set()


def test_queued_job_can_be_cancelled_before_it_starts(runner: JobRunner, qtbot) -> None:
    hold, calls = threading.Event(), []

    def wait_for_it(monitor):
        hold.wait(5)
        return fake_result()

    def never(monitor):
        calls.append(1)
        return fake_result()

    for _ in range(3):
        runner.submit("busy", wait_for_it)
    job = runner.submit("angular", never)
    with qtbot.waitSignal(runner.cancelled) as stopped:
        runner.cancel(job)
        hold.set()
    assert stopped.args[0] == job and calls == []
