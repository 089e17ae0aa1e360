"""Tiles that worker processes import by name, and what the tests ask of those processes."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from smtj_engine.monitor import Cancelled
from smtj_engine.scale import versions

ended = threading.Event()


def square(number: int, check: Callable[[], None]) -> int:
    check()
    return number * number


def refuse(number: int, check: Callable[[], None]) -> int:
    raise ZeroDivisionError(f"tile {number}")


def dies_once(tile: tuple[str, int], check: Callable[[], None]) -> int:
    """The square of a number; the first process that comes to number 5 is killed there with -9."""
    marker, number = tile
    if number == 5:
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return 25
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def until_stopped(marker: str, check: Callable[[], None]) -> None:
    """Says by a file that it has begun, and works until it is stopped."""
    Path(marker).touch()
    try:
        while not ended.wait(1e-3):
            check()
    except Cancelled:
        ended.set()
        raise


async def saw_the_end() -> bool:
    """In a worker: whether its tile was stopped, once it was."""
    return await asyncio.to_thread(ended.wait, 60)


def pretend(version: str) -> None:
    """In a worker: claim a version of numpy."""
    versions.versions()["numpy"] = version
    versions.fingerprint.cache_clear()
