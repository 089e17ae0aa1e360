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


@pytest.mark.parametrize(("fraction", "elapsed", "said"), [
    (0.0, 10.0, "[" + "-" * 30 + "] 0 %  Fig. 1"),
    (0.5, 10.0, "[" + "#" * 15 + "-" * 15 + "] 50 %, 10 s left  Fig. 1"),
    (0.5, 0.1, "[" + "#" * 15 + "-" * 15 + "] 50 %  Fig. 1"),
    (1.5, 10.0, "[" + "#" * 30 + "] 100 %, 0 s left  Fig. 1")])
def test_the_bar(fraction: float, elapsed: float, said: str) -> None:
    assert bar(fraction, "Fig. 1", elapsed) == said


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
