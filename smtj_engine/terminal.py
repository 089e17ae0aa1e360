"""Progress with time left on a terminal, silence in a pipe, and Ctrl-C that keeps what was computed."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from smtj_engine.monitor import Cancelled

if TYPE_CHECKING:
    from smtj_engine.results import Result

_WIDTH = 30
_EVERY = 0.1  # s between two drawings of the bar


class Progress:
    """A monitor that draws a bar on a terminal and raises Cancelled after Ctrl-C."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.partial: Result | None = None
        self.stopped = False
        self._terminal = self.stream.isatty()
        self._start: tuple[float, float] | None = None  # when work was first heard of, and how much was done
        self._drawn = 0.0
        self._length = 0

    def __call__(self, fraction: float, note: str = "", partial: Result | None = None) -> None:
        self.partial = partial or self.partial
        if self.stopped:
            raise Cancelled(self.partial)
        now = time.monotonic()
        if self._terminal and now - self._drawn >= _EVERY:
            self._drawn = now
            self._draw(bar(fraction, note, self._left(fraction, now)))

    def _left(self, fraction: float, now: float) -> float | None:
        """Seconds left at the rate since work began: what was compiled before is no part of it."""
        if self._start is None and fraction > 0:
            self._start = now, fraction
        if self._start is None or now - self._start[0] < 0.5 or fraction <= self._start[1]:
            return None
        return (now - self._start[0]) / (fraction - self._start[1]) * (1 - min(fraction, 1.0))

    def clear(self) -> None:
        """Take the bar off the terminal."""
        if self._length:
            self._draw("")
            self._length = 0

    def say(self, text: str) -> None:
        """A line for somebody at a terminal; nothing in a pipe."""
        self.clear()
        if self._terminal:
            print(text, file=self.stream)

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Ctrl-C stops at the next monitor call; a second one stops at once."""
        def stop(*_: Any) -> None:
            self.stopped = True
            signal.signal(signal.SIGINT, signal.default_int_handler)

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            self.clear()

    def _draw(self, text: str) -> None:
        self.stream.write("\r" + text.ljust(self._length) + ("" if text else "\r"))
        self.stream.flush()
        self._length = len(text)


def bar(fraction: float, note: str, left: float | None) -> str:
    """One line such as `[##########----------] 50 %, 3 s left  Fig. 2a`."""
    fraction = min(max(fraction, 0.0), 1.0)
    full = round(fraction * _WIDTH)
    more = "" if left is None else f", {duration(left)} left"
    return f"[{'#' * full}{'-' * (_WIDTH - full)}] {100 * fraction:.0f} %{more}  {note}".rstrip()


def duration(seconds: float) -> str:
    """A time in words: 3 s, 2 min 05 s, 1 h 02 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
