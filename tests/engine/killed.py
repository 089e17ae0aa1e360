"""Run by test_live.py: keeps runs in a live folder, killed at the Nth thing it does to the disk, for every N.

Forks after the libraries are loaded, so that hundreds of deaths take seconds. Prints one line of JSON per death:
the folder, and the ids of the runs that were kept before it. Not a test itself.
"""

from __future__ import annotations

import builtins
import io
import json
import os
import signal
import sys
from pathlib import Path

from smtj_engine.files import live, results, session
from tests.engine import sessions

RUNS = 2


def work(root: Path, tell: int) -> None:
    """What the window does in an hour: runs end one after the other, one is deleted, the index follows."""
    folder = live.LiveFolder.create(root)
    runs: list[session.StoredRun] = []
    for number in range(RUNS):
        runs.append(sessions.run(f"run{number}", f"Angular {number + 1}", float(number)))
        folder.write(session.StoredSession(setup=sessions.SETUP, preset="fe_mgo", runs=tuple(runs)))
        os.write(tell, f"{runs[-1].id}\n".encode())
    folder.write(session.StoredSession(setup=sessions.SETUP, runs=tuple(runs[1:])), gone=["run0"])


def deadly(at: int) -> None:
    """From now on the `at`th call that touches the disk is the last."""
    left = [at]

    def counted(call):
        def step(*arguments, **keywords):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **keywords)
        return step

    for module, name in ((os, "fsync"), (os, "replace"), (os, "rename"), (os, "mkdir"), (os, "unlink"),
                         (io, "open"), (builtins, "open")):
        setattr(module, name, counted(getattr(module, name)))


def main(root: Path) -> None:
    results.to_bytes(sessions.result())     # loads what is loaded late
    for number in range(1000):
        place = root / str(number)
        place.mkdir()
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            deadly(number)
            work(place, writing)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as told:
            kept = told.read().split()
        _, status = os.waitpid(child, 0)
        print(json.dumps([str(place), kept, os.WIFSIGNALED(status)]), flush=True)
        if not os.WIFSIGNALED(status):
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
