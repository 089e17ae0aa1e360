"""A real Dask scheduler and two worker processes on this machine."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parents[3]


class Machines:
    """A scheduler, and two workers under nannies that start them again when they are killed."""

    def __init__(self, stack: contextlib.ExitStack, folder: Path, workers: bool = True) -> None:
        self._stack, self._folder = stack, folder
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address",
                                     "127.0.0.1:0")
        self.address = self._line(self.scheduler, r"Scheduler at:\s*(tcp://\S+)")
        if workers:
            self._line(self._start("worker", self.address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard",
                                   "--host", "127.0.0.1", "--local-directory", str(folder)),
                       r"Registered to:\s*(tcp://\S+)")

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-m", f"distributed.cli.dask_{program}", *arguments], cwd=ROOT,
                                   stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self._stack.callback(_end, process)
        return process

    def _line(self, process: subprocess.Popen[str], pattern: str) -> str:
        """Read what a process says until it says this; then on, so that it is never held up."""
        assert process.stderr is not None
        said = []
        patience = threading.Timer(120, process.kill)
        patience.start()
        for line in process.stderr:
            said.append(line)
            if found := re.search(pattern, line):
                patience.cancel()
                threading.Thread(target=_drain, args=(process.stderr,), daemon=True).start()
                return found[1]
        patience.cancel()
        raise AssertionError("".join(said))


def _drain(stream: IO[str]) -> None:
    with stream:
        stream.read()


def _end(process: subprocess.Popen[str]) -> None:
    """Ask a process to end with its children, and see to it that it does."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """One cluster for the tests that leave it as it was."""
    with contextlib.ExitStack() as stack:
        yield Machines(stack, tmp_path_factory.mktemp("machines"))


@pytest.fixture
def own_machines(tmp_path: Path) -> Iterator[Machines]:
    """A cluster to break."""
    with contextlib.ExitStack() as stack:
        yield Machines(stack, tmp_path)


@pytest.fixture
def lonely_scheduler(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler without workers."""
    with contextlib.ExitStack() as stack:
        yield Machines(stack, tmp_path, workers=False)
