"""Tiles on a Dask cluster: the same map as on threads, in other processes and on other machines.

`with on("tcp://host:8786"): …` sends every map of the context there. Dask is imported only then.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import importlib
import logging
import pickle
import queue
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any

from smtj_engine.monitor import Cancelled, Interrupted, Monitor
from smtj_engine.scale import executor, versions
from smtj_engine.scale.executor import Check, Place

#: Of the library, which has no types that hold in every version of it.
Client = Any
Future = Any

#: How long (s) to wait for a scheduler, and then for its first worker.
PATIENCE = 10.0
#: How often (s) the number of workers is asked for.
_CENSUS = 1.0
#: How long (s) to wait until the workers know that a map was stopped.
_FAREWELL = 5.0
#: The most processes of "local:N".
_MOST = 256
#: Tiles may be this many times larger than on threads: some tenths of a second.
_GRAIN = 4
#: What the library does beside the work, less often than it would: on this machine alone, with two processes, its
#: own way takes a tenth of a core (measured).
_CALM = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "500ms",
         "distributed.admin.system-monitor.interval": "5s", "distributed.worker.memory.monitor-interval": "1s"}


class ClusterError(Exception):
    """A cluster that cannot be used, and why in plain words."""


@contextlib.contextmanager
def on(address: str) -> Iterator[Place]:
    """Run every map of this context on a cluster.

    address: "tcp://host:8786" or "tls://host:8786", a Dask scheduler; "local:N", N processes on this machine
    for as long as the context lasts. Raises ClusterError when nobody answers, when there are no workers, or when
    their versions differ from this program's; maps raise Interrupted when the scheduler is lost.
    """
    with _quiet(), _client(address) as client:
        _compare(client)
        place = _Cluster(client, address)
        with executor.at(place):
            yield place


def describe(address: str) -> str:
    """Connect, compare versions, and say what is there; ClusterError as `on` raises it."""
    with on(address) as place:
        return f"{place.workers} workers with the same versions as here at {address}"


# --- connecting -------------------------------------------------------------------------------------------

def _library() -> ModuleType:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise ClusterError("a cluster needs the library dask.distributed, which is not installed: "
                           "pip install 'smtj[cluster]'") from None


@contextlib.contextmanager
def _client(address: str) -> Iterator[Client]:
    """A client of the scheduler at an address, with at least one worker."""
    library = _library()
    kind, _, rest = address.partition(":")
    if kind not in ("tcp", "tls", "local"):
        raise ClusterError(f"{address!r} is no address of a cluster; there are tcp://host:8786, tls://host:8786 "
                           "and local:N")
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(_processes(rest)) if kind == "local" else address
        try:
            client = library.Client(place, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError):
            raise ClusterError(f"nobody answers at {address}: is `dask scheduler` running there, of a similar "
                               "version, and does the network let it through?") from None
        stack.callback(_close, client)
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise ClusterError(f"the scheduler at {address} has no workers; start some with "
                               f"`dask worker {address}`") from None
        yield client


@contextlib.contextmanager
def _processes(count: str) -> Iterator[Any]:
    """Worker processes on this machine, deaf to the Ctrl-C that is meant for the program."""
    if not count.isdecimal() or not 1 <= int(count) <= _MOST:
        raise ClusterError(f"local:{count} needs a number of processes, 1 to {_MOST}, such as local:4")
    library = _library()
    with importlib.import_module("dask.config").set(_CALM):
        with _deaf():
            cluster = library.LocalCluster(n_workers=int(count), threads_per_worker=1, host="127.0.0.1",
                                           dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL)
        with cluster:
            yield cluster


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Ignore Ctrl-C meanwhile: child processes inherit that (only the main thread may)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What the library logs about lost connections is said in our own words."""
    _library()  # sets the levels of its loggers when it is imported
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict
               if name.partition(".")[0] == "distributed"]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _close(client: Client) -> None:
    """Leave without waiting for a scheduler that is gone."""
    with contextlib.suppress(Exception):
        client.close(timeout=2)


# --- versions ---------------------------------------------------------------------------------------------

def _compare(client: Client) -> None:
    """Refuse workers that would compute with other code than this program."""
    try:
        found = client.run(versions.versions)
    except ImportError:
        raise ClusterError("a worker does not have SMTJ installed, or an older one; install the same version on "
                           "every machine") from None
    ours = versions.versions()
    for worker, theirs in sorted(found.items()):
        differing = [f"{name} {theirs.get(name, 'missing')} instead of {version}" for name, version in ours.items()
                     if theirs.get(name) != version]
        if differing:
            raise ClusterError(f"the worker {worker} has {', '.join(differing)}; install the same versions on "
                               "every machine, else the numbers could differ")


# --- in a worker ------------------------------------------------------------------------------------------

#: The maps that were stopped, in this worker process.
_stopped: set[str] = set()


def _work(name: str, fingerprint: str, packed: bytes) -> bytes:
    """Work out one tile of a map; workers that joined late are compared here.

    The answer travels as one piece: the library would send each of a tile's many small arrays as a message of its
    own, which took as long as the work of a short sweep.
    """
    if fingerprint != versions.fingerprint():
        raise ClusterError("a worker that joined during the run has other versions; install the same on every "
                           "machine")
    function, tile = pickle.loads(packed)
    return pickle.dumps(function(tile, functools.partial(_check, name)), protocol=5)


def _check(name: str) -> None:
    if name in _stopped:
        raise Cancelled


def _stop(name: str) -> None:
    """The tiles of this map that are running end at their next check."""
    _stopped.add(name)


# --- here -------------------------------------------------------------------------------------------------

class _Cluster:
    """The workers behind one client. The work is cut for as many as there are at the start; those that join
    later get their share of the tiles, and the tiles of those that are lost are done again by others."""

    grain = _GRAIN

    def __init__(self, client: Client, address: str) -> None:
        self.client, self._address = client, address
        self._threads = sum(client.nthreads().values())
        self._counted = time.monotonic()
        self._asked: concurrent.futures.Future[dict[str, int]] | None = None
        self.workers = max(1, self._threads)

    def completed(self, function: Callable[[Any, Check], Any], tiles: Sequence[Any], monitor: Monitor,
                  note: str) -> Iterator[tuple[int, Any]]:
        name = "smtj-" + secrets.token_hex(8)
        news: queue.SimpleQueue[tuple[int, Any, BaseException | None]] = queue.SimpleQueue()
        todo = iter(range(len(tiles)))
        running: dict[int, Future] = {}
        done = 0
        try:
            while True:
                threads = self._census()
                if self.client.status != "running":
                    raise self._lost()
                # one tile in work and one waiting on each, so that no worker waits for the network
                while len(running) < 2 * max(threads, 1) and (index := next(todo, None)) is not None:
                    packed = pickle.dumps((function, tiles[index]), protocol=5)
                    running[index] = self._send(name, index, packed, news)
                if not running:
                    return
                monitor(done / len(tiles), note if threads else f"{note}: waiting for a worker")
                for index, answer in self._arrived(news):
                    if running.pop(index, None) is not None:
                        done += 1
                        yield index, answer
        finally:
            self._abandon(name, running.values())

    def _send(self, name: str, index: int, packed: bytes, news: queue.SimpleQueue[Any]) -> Future:
        """Give one tile to the scheduler; its answer will be in `news`."""
        try:
            future = self.client.submit(_work, name, versions.fingerprint(), packed, key=f"{name}-{index}",
                                         pure=False, retries=0)
            future.add_done_callback(functools.partial(_post, news, index))
        except Exception as error:
            if self.client.status == "running":
                raise
            raise self._lost() from error
        return future

    def _arrived(self, news: queue.SimpleQueue[Any]) -> Iterator[tuple[int, Any]]:
        """What has come, after waiting a moment for it."""
        with contextlib.suppress(queue.Empty):
            item = news.get(timeout=executor.POLL)
            while True:
                index, answer, error = item
                if error is not None:
                    raise self._explained(error) from error
                yield index, answer
                item = news.get_nowait()
        if self.client.status != "running":
            raise self._lost()

    def _explained(self, error: BaseException) -> BaseException:
        """Errors of the cluster in plain words; those of a tile as they are."""
        if isinstance(error, _library().KilledWorker):
            return Interrupted("the same tile ended several workers one after the other; perhaps they have too "
                               "little memory")
        cancelled = any(base.__name__ == "CancelledError" for base in type(error).__mro__)
        if cancelled or isinstance(error, OSError) or self.client.status != "running":
            return self._lost()
        return error

    def _lost(self) -> Interrupted:
        return Interrupted(f"the scheduler at {self._address} is gone")

    def _abandon(self, name: str, futures: Iterable[Future]) -> None:
        """Stop what still waits or runs: tiles end at their next check. Who is gone is not waited for long."""
        left = list(futures)

        def tell() -> None:
            with contextlib.suppress(Exception):
                self.client.cancel(left, force=True)
                self.client.run(_stop, name, on_error="ignore")

        if left and self.client.status == "running":
            teller = threading.Thread(target=tell, daemon=True)
            teller.start()
            teller.join(_FAREWELL)

    def _census(self) -> int:
        """How many threads the workers have, as the scheduler said about a second ago."""
        now = time.monotonic()
        if self._asked is not None and self._asked.done():
            with contextlib.suppress(Exception):  # a lost scheduler shows elsewhere
                self._threads = sum(self._asked.result().values())
            self._asked, self._counted = None, now
        if self._asked is None and now - self._counted > _CENSUS and self.client.status == "running":
            self._asked = asyncio.run_coroutine_threadsafe(self._ask(), self.client.loop.asyncio_loop)
        return int(self._threads)

    async def _ask(self) -> dict[str, int]:
        return dict(await self.client.scheduler.ncores())


def _post(news: queue.SimpleQueue[Any], index: int, future: Future) -> None:
    """In the client's thread for callbacks: fetch an answer."""
    try:
        news.put((index, pickle.loads(future.result()), None))
    except BaseException as error:
        news.put((index, None, error))
