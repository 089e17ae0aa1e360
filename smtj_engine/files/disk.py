"""Reading whole files and writing them so that a reader never sees half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from smtj_engine.files.errors import FileError

#: Larger text files are not ours; refusing them early keeps a mistaken choice from filling the memory.
_MOST_TEXT = 1 << 28

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EFBIG: "the file would be larger than this system allows",
    errno.EACCES: "you have no permission for it",
    errno.EPERM: "you have no permission for it",
    errno.EROFS: "the disk can only be read",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "there is no such folder",
    errno.EISDIR: "this is a folder, not a file",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EIO: "the disk reports an error",
}


def explain(error: OSError) -> str:
    """Why the system refused, in plain words."""
    return _REASONS.get(error.errno or 0) or f"the system says: {error.strerror or error}"


def read_text(path: str | Path) -> str:
    """The whole of a UTF-8 text file; FileError when it cannot be read or is not text."""
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_TEXT:
            raise FileError(path, "the file is too large to be a text file of this program")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(path, "the file is not UTF-8 text") from None
    except OSError as error:
        raise FileError(path, explain(error)) from error


def write_text(path: str | Path, text: str) -> Path:
    """Write a UTF-8 text file, whole or not at all; FileError when that fails."""
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | Path, content: bytes | memoryview) -> Path:
    """Write a file, whole or not at all: temporary file beside it, fsync, rename. Returns the path."""
    path = Path(path)
    target = Path(os.path.realpath(path))  # a link keeps pointing at its file
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if target.exists() and not os.access(target, os.W_OK):  # a rename would walk around the protection
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except OSError as error:
        raise FileError(path, explain(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)
    return path


def make_folder(path: str | Path) -> Path:
    """Create a folder (and its parents) unless it is there; FileError when that fails."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(path, "a file of this name is in the way") from None
    except OSError as error:
        raise FileError(path, explain(error)) from error
    return path


def check_writable(path: str | Path) -> None:
    """Refuse a place that cannot be written before the hours of work whose answer should go there."""
    path = Path(path)
    if path.is_dir():
        raise FileError(path, _REASONS[errno.EISDIR])
    if not path.parent.is_dir():
        raise FileError(path, f"there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise FileError(path, _REASONS[errno.EACCES])


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
