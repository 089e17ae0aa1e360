"""Sessions for tests of the files that hold them, and disks that refuse."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtj_engine.files.session import StoredRun, StoredSession
from smtj_engine.parameters import Junction, Setup
from smtj_engine.results import Provenance, Result
from tests.engine import samples

#: What the sample files of the folder `formats` hold.
SETUP = Setup(junction=Junction(rashba=2.5, bias=0.8))


def result(shift: float = 0.0, setup: Setup = SETUP) -> Result:
    """A small result with a fixed date."""
    made = samples.result([shift + 0.5, -1 / 3, 2.0], family=False, setup=setup)
    return dataclasses.replace(made, provenance=Provenance(version="0.1.0", accuracy="normal", seed=7,
                                                           date="2026-11-23T12:00:00+01:00"))


def session() -> StoredSession:
    """Two runs with results, one cancelled half way, one that failed."""
    return StoredSession(setup=SETUP, preset="fe_mgo", window={"tab": "bias"}, runs=(
        run("aaaa", "Angular 1", colour="#0072b2", seconds=0.25),
        run("bbbb", "thick — α_R", 1.0, visible=False),
        run("cccc", "stopped", 2.0, state="cancelled", message="Stopped."),
        StoredRun(id="dddd", name="Bias 1", kind="bias", setup=Setup(junction=Junction(k_normal=1.2)),
                  state="failed", message="No convergence.", seconds=3.5)))


def run(name: str, title: str, shift: float = 0.0, **more: object) -> StoredRun:
    """A run with a result."""
    made = result(shift)
    return StoredRun(id=name, name=title, kind=made.kind, setup=made.setup, result=made, **more)  # type: ignore


def same(first: StoredSession, second: StoredSession) -> None:
    """Both sessions hold exactly the same."""
    assert bare(second) == bare(first)
    for left, right in zip(first.runs, second.runs, strict=True):
        if left.result is not None:
            assert right.result is not None
            samples.same(left.result, right.result)


def bare(stored: StoredSession) -> StoredSession:
    """The session without its numbers, which do not compare with ==."""
    return dataclasses.replace(stored, runs=tuple(dataclasses.replace(run, result=None) for run in stored.runs))


@contextlib.contextmanager
def refusing_disk(what: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on a disk that is "full" or "read-only"; with "real …" an own small disk, which needs root."""
    if not what.startswith("real"):
        code = errno.ENOSPC if what == "full" else errno.EROFS

        def refuse(handle: int, real: Callable[[int], None] = os.fsync) -> None:
            if Path(f"/proc/self/fd/{handle}").resolve().is_relative_to(folder):
                raise OSError(code, os.strerror(code))
            real(handle)

        if not Path("/proc/self/fd").is_dir():
            pytest.skip("which file is written can only be seen on Linux")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            yield folder
        return
    place = folder / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", place], capture_output=True,
                      check=False).returncode:
        pytest.skip("no disk can be mounted here: that needs root")
    try:
        if "read-only" in what:
            subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)
