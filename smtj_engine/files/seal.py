"""A checksum at the end of every HDF5 file of this program, checked before libhdf5 is let near the file.

libhdf5 can crash or hang on a damaged file, and a changed attribute has no checksum of its own. HDF5 ignores
what follows its last block, so the seal is one line there: the SHA-256 of all bytes before it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from smtj_engine.files.disk import explain
from smtj_engine.files.errors import FileError

_MARK = b"\nSMTJ sha256 "
_LENGTH = len(_MARK) + 64 + 1
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CHUNK = 1 << 20


def sealed(content: bytes | memoryview) -> bytes:
    """The content of an HDF5 file with its seal."""
    return b"".join((content, _line(hashlib.sha256(content).hexdigest())))


def intact(path: str | Path) -> bool | None:
    """Whether a file's seal fits; None if it has none.

    FileError if the file cannot be read or does not begin as an HDF5 file does.
    """
    path = Path(path)
    try:
        if not path.is_file():
            path.stat()     # says why not, where it is not there at all
            raise FileError(path, "this is not a file")
        size = path.stat().st_size
        with path.open("rb") as stream:
            if stream.read(len(_SIGNATURE)) != _SIGNATURE:
                raise FileError(path, "this is not an HDF5 file, or its beginning is damaged" if size
                                else "the file is empty")
            stream.seek(max(0, size - _LENGTH))
            line = stream.read()
            if not line.startswith(_MARK):
                return None
            stream.seek(0)
            digest, left = hashlib.sha256(), size - _LENGTH
            while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
                digest.update(chunk)
                left -= len(chunk)
    except OSError as error:
        raise FileError(path, explain(error)) from error
    return line == _line(digest.hexdigest())


def _line(digest: str) -> bytes:
    return _MARK + digest.encode("ascii") + b"\n"
