"""A lock that two windows cannot hold at once; the system takes it back when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import datetime
import errno
import os
import platform
import sys
from pathlib import Path
from typing import IO

from smtj_engine.files.disk import explain
from smtj_engine.files.errors import FileError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class Lock:
    """Holds a lock file from construction until `release`.

    Raises FileError (with `held` set) when another process, or another lock of this one, has it, and FileError
    when the file cannot be made.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._stream: IO[bytes] | None = None
        try:
            while self._stream is None:
                self._stream = self._take()
            self._stream.truncate(0)
            self._stream.write(_who().encode())
        except OSError as error:
            self.release()
            raise FileError(self.path, explain(error)) from error

    def _take(self) -> IO[bytes] | None:
        """The locked file; None when its last holder has just removed it."""
        stream = self.path.open("a+b", buffering=0)     # what a full disk refused would be tried again by close
        try:
            _lock(stream)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
                stream.close()
                raise   # a network disk without locks, say
            stream.seek(0)
            who = b"" if sys.platform == "win32" else stream.read(200)
            stream.close()
            raise Held(self.path, who.decode("utf-8", "replace")) from None
        try:
            if os.path.samestat(os.fstat(stream.fileno()), self.path.stat()):
                return stream
        except FileNotFoundError:
            pass
        stream.close()
        return None

    def release(self) -> None:
        """Give the lock back and remove its file; harmless when repeated."""
        if self._stream is not None:
            if sys.platform != "win32":     # while it is held, so that nobody's new lock is removed
                with contextlib.suppress(OSError):
                    self.path.unlink()
            self._stream.close()
            if sys.platform == "win32":
                with contextlib.suppress(OSError):
                    self.path.unlink()
            self._stream = None


class Held(FileError):
    """Somebody else has the lock."""

    def __init__(self, path: str | Path, who: str = "") -> None:
        self.who = who.strip()
        super().__init__(path, f"it is open in another window of SMTJ ({self.who})" if self.who
                         else "it is open in another window of SMTJ")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.path, self.who)


def _who() -> str:
    now = datetime.datetime.now().astimezone().isoformat(" ", "minutes")
    return f"process {os.getpid()} on {platform.node()} since {now}"


def _lock(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
