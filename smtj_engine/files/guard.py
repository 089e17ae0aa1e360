"""Reads an HDF5 file whose seal does not fit, or that has none, in a child process first.

The child reads the file and writes what it found anew, with a seal; only that copy is opened here. A child that
dies or takes too long costs a sentence, not the window.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from smtj_engine.files import seal
from smtj_engine.files.errors import FileError
from smtj_engine.monitor import Monitor, silent

#: How long (s) the child may take to read a file, or to write it anew, and to load its libraries before.
LIMIT = 10.0
_START_LIMIT = 120.0
_PAUSE = 0.03
READY, DONE = "ready", "read"
_CHANGED = "its checksum does not fit, so it was changed or damaged after it was written: check its numbers"


@contextlib.contextmanager
def trusted(path: str | Path, monitor: Monitor = silent) -> Iterator[tuple[Path, list[str]]]:
    """A file that libhdf5 may open: this one if its seal fits, else a copy that a child made of what it could
    read; with the warnings that the user should see. Refusals raised while it is read name the original.

    FileError when the file is missing, no HDF5 file, or refused by the child. The monitor hears of the waiting,
    and may cancel it.
    """
    path = Path(path)
    state = seal.intact(path)
    if state:
        yield path, []
        return
    with tempfile.TemporaryDirectory(prefix="smtj-") as folder:
        copy = Path(folder) / "copy.h5"
        warnings = _read_in_child(path, copy, monitor)
        try:
            yield copy, ([f"{path.name}: {_CHANGED}"] if state is False else []) + warnings
        except FileError as error:
            raise FileError(path, error.reason) from error


def _read_in_child(path: Path, copy: Path, monitor: Monitor) -> list[str]:
    """Have the child make the copy; its warnings, or FileError with the reason of its refusal."""
    package = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH", ""))))
    with (copy.with_name("said").open("w+b") as said, subprocess.Popen(
            [sys.executable, "-P", *_command(path.absolute(), copy)],
            env={**os.environ, "PYTHONPATH": paths}, stdin=subprocess.DEVNULL, stdout=said,
            stderr=subprocess.DEVNULL) as child):
        try:
            _wait(child, Path(said.name), path, monitor)
        finally:
            child.kill()
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").splitlines()
    try:
        answer = json.loads(lines[-1]) if not child.returncode else None
    except (ValueError, IndexError):
        answer = None
    if not isinstance(answer, dict):
        raise FileError(path, "the file is damaged: the process that tried to read it ended without an answer")
    if answer["refused"]:
        raise FileError(path, answer["refused"])
    return [str(warning) for warning in answer["warnings"]]


def _command(source: Path, copy: Path) -> list[str]:
    return ["-m", "smtj_engine.files.trial", str(source), str(copy)]


def _wait(child: subprocess.Popen[bytes], said: Path, path: Path, monitor: Monitor) -> None:
    """Until the child ends; FileError when it has used up the time of a step. Each step begins with a line."""
    begun, lines = time.monotonic(), 0
    while child.poll() is None:
        now, size = time.monotonic(), said.stat().st_size
        if size != lines:
            begun, lines = now, size
        if now - begun > (LIMIT if lines else _START_LIMIT):
            raise FileError(path, f"the file is damaged or not of this program: it could not be read within "
                                  f"{LIMIT:g} s")
        monitor(min(0.99, (now - begun) / LIMIT) if lines else 0.0, "trying it in a separate process")
        time.sleep(_PAUSE)
