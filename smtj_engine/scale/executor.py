"""One map over independent tiles of work: on a process-wide pool of threads, or wherever `at` says.

The kernels release the GIL, so threads suffice on one machine. A coordinator (the calling thread) waits here;
nothing that runs in the pool submits again.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import ContextVar
from typing import Any, Generic, Protocol, TypeVar, overload

from smtj_engine.monitor import Cancelled, Monitor

Part = TypeVar("Part")
Tile = TypeVar("Tile")
Answer = TypeVar("Answer")
#: Called by a tile between kernel calls; raises Cancelled when the map is no longer wanted.
Check = Callable[[], None]

#: How often (s) the coordinator looks whether it is still wanted.
POLL = 0.02


class Place(Protocol):
    """Where tiles are worked out.

    workers: for how many workers the work is cut; grain: how many times larger tiles may be than on threads,
    where each costs a message; completed: as the function of that name.
    """

    workers: int
    grain: int

    def completed(self, function: Callable[[Any, Check], Any], tiles: Sequence[Any], monitor: Monitor,
                  note: str) -> Iterator[tuple[int, Any]]: ...


#: How many threads the user wants at most.
_wanted: list[int | None] = [None]

#: The place of the maps of this context (a thread begins with none of its own): None stands for threads.
_place: ContextVar[Place | None] = ContextVar("place", default=None)


@contextlib.contextmanager
def at(place: Place) -> Iterator[None]:
    """Run every map of this context at a place; maps in other threads stay where they are."""
    before = _place.set(place)
    try:
        yield
    finally:
        _place.reset(before)


def here() -> Place:
    """The place of this context."""
    return _place.get() or Threads()


def processors() -> int:
    """How many threads run at a time on this machine."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1


def threads() -> int:
    """How many threads a map takes on this machine."""
    return min(_wanted[-1] or processors(), processors())


def use_threads(count: int | None) -> None:
    """Take at most this many threads for the maps that begin from now on; None: one for each processor."""
    _wanted[:] = [count]


def workers() -> int:
    """For how many workers work is to be cut."""
    return here().workers


def completed(function: Callable[[Tile, Check], Answer], tiles: Sequence[Tile], monitor: Monitor,
              note: str = "") -> Iterator[tuple[int, Answer]]:
    """Yield (index, answer) for every tile as it finishes.

    function(tile, check) calls check() between kernel calls. It and the tiles may travel to other machines:
    pickle must know the function by its name (functools.partial of one is fine). The monitor is called from
    this thread only. Raises what a tile raises, and Cancelled when the monitor does; then running tiles stop at
    their next check and waiting ones never start. Raises Interrupted when the machines are gone.
    """
    return here().completed(function, tiles, monitor, note)


#: Processor time (s) of a tile on threads, at most and at least, and how many each worker gets if that allows.
_TILE, _LEAST, _TILES = 0.05, 0.02, 8


def together(count: int, cost: float) -> int:
    """How many of `count` pieces of work make a tile here; each costs about so much (s of one processor).

    Some hundredths of a second on threads, some tenths on a cluster, where a tile costs messages; every worker
    gets several, but no crumbs, and all of them the same number. The place and these numbers alone decide, so that
    a resumed run is cut as it was.
    """
    most, least = (int(seconds * here().grain / cost) for seconds in (_TILE, _LEAST))
    size = max(1, min(count // (_TILES * workers()), most), min(-(-count // workers()), least))
    rounds = -(-count // (size * workers()))
    return max(1, -(-count // (rounds * workers())))


class Made(Sequence[Tile], Generic[Part, Tile]):
    """Tiles that are made from their parts when they are sent, so that they need not all be held at once."""

    def __init__(self, make: Callable[[Part], Tile], parts: Sequence[Part]) -> None:
        self._make, self._parts = make, parts

    def __len__(self) -> int:
        return len(self._parts)

    @overload
    def __getitem__(self, index: int) -> Tile: ...
    @overload
    def __getitem__(self, index: slice) -> Made[Part, Tile]: ...
    def __getitem__(self, index: int | slice) -> Tile | Made[Part, Tile]:
        if isinstance(index, slice):
            return Made(self._make, self._parts[index])
        return self._make(self._parts[index])


@functools.lru_cache(maxsize=1)
def _pool(count: int) -> ThreadPoolExecutor:
    """The pool of all maps; one of another size ends when the maps that use it have ended."""
    return ThreadPoolExecutor(max_workers=count, thread_name_prefix="smtj-tile")


class Threads:
    """The pool of threads."""

    grain = 1

    def __init__(self) -> None:
        self.workers = threads()

    def completed(self, function: Callable[[Any, Check], Any], tiles: Sequence[Any], monitor: Monitor,
                  note: str) -> Iterator[tuple[int, Any]]:
        if len(tiles) == 1:  # not worth a thread; the monitor itself is the check
            yield 0, function(tiles[0], lambda: monitor(0.0, note))
            return
        stop = threading.Event()

        def check() -> None:
            if stop.is_set():
                raise Cancelled

        pool, todo = _pool(self.workers), iter(range(len(tiles)))
        running: dict[Future[Any], int] = {}
        done = 0
        try:
            while True:
                while len(running) < 2 * self.workers and (index := next(todo, None)) is not None:
                    running[pool.submit(function, tiles[index], check)] = index
                if not running:
                    return
                finished, _ = wait(running, timeout=POLL, return_when=FIRST_COMPLETED)
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
