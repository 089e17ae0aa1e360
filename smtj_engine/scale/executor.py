"""One map over independent tiles of work: a process-wide pool of threads.

The kernels release the GIL, so threads suffice. A coordinator (the calling thread) waits here; nothing that
runs in the pool submits again.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from smtj_engine.monitor import Cancelled, Monitor

Tile = TypeVar("Tile")
Answer = TypeVar("Answer")
#: Called by a tile between kernel calls; raises Cancelled when the map is no longer wanted.
Check = Callable[[], None]

#: How often (s) the coordinator looks whether it is still wanted.
_POLL = 0.02


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=workers(), thread_name_prefix="smtj-tile")


def workers() -> int:
    """How many tiles run at a time."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1


def completed(function: Callable[[Tile, Check], Answer], tiles: Sequence[Tile], monitor: Monitor,
              note: str = "") -> Iterator[tuple[int, Answer]]:
    """Yield (index, answer) for every tile as it finishes.

    function(tile, check) calls check() between kernel calls. The monitor is called from this thread only.
    Raises what a tile raises, and Cancelled when the monitor does; then running tiles stop at their next
    check and waiting ones never start.
    """
    if len(tiles) == 1:  # not worth a thread; the monitor itself is the check
        yield 0, function(tiles[0], lambda: monitor(0.0, note))
        return
    stop = threading.Event()

    def check() -> None:
        if stop.is_set():
            raise Cancelled

    todo = iter(enumerate(tiles))
    running: dict[Future[Answer], int] = {}
    done = 0
    try:
        while True:
            while len(running) < 2 * workers() and (item := next(todo, None)) is not None:
                running[_pool().submit(function, item[1], check)] = item[0]
            if not running:
                return
            finished, _ = wait(running, timeout=_POLL, return_when=FIRST_COMPLETED)
            monitor(done / len(tiles), note)
            for future in finished:
                index = running.pop(future)
                done += 1
                yield index, future.result()
    finally:
        stop.set()
        for future in running:
            future.cancel()
        wait(running)
