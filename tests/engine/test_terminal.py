"""The progress bar's words."""

from __future__ import annotations

import io

import pytest

from smtj_engine.monitor import Cancelled
from smtj_engine.terminal import Progress, bar, duration


@pytest.mark.parametrize(("seconds", "said"), [
    (0.2, "0 s"), (59.4, "59 s"), (125.0, "2 min 05 s"), (3720.0, "1 h 02 min")])
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(("fraction", "left", "said"), [
    (0.0, None, "[" + "-" * 30 + "] 0 %  Fig. 1"),
    (0.5, 10.0, "[" + "#" * 15 + "-" * 15 + "] 50 %, 10 s left  Fig. 1"),
    (1.5, 0.0, "[" + "#" * 30 + "] 100 %, 0 s left  Fig. 1")])
def test_the_bar(fraction: float, left: float | None, said: str) -> None:
    assert bar(fraction, "Fig. 1", left) == said


def test_the_time_left_is_that_of_the_work_not_of_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    clock = iter((1.0, 60.0, 61.0, 65.0))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    stream = Screen()
    progress = Progress(stream)
    for fraction in (0.0, 0.1, 0.2, 0.6):  # a minute passes before anything is done
        progress(fraction)
    assert [text.partition("%")[2].strip() for text in stream.getvalue().split("\r")[1:]] == [
        "", "", ", 8 s left", ", 4 s left"]


def test_quiet_in_a_pipe_and_cancelled_when_stopped() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress(0.5, "half")
    progress.say("something")
    progress.clear()
    assert stream.getvalue() == ""
    progress.stopped = True
    with pytest.raises(Cancelled):
        progress(0.6)
