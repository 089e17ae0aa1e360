"""A file of finished tiles beside an output, which a run that was killed goes on from.

The first line says which run it belongs to; then come records, each with a checksum: a torn or damaged one is
left out and its tile computed again. Records hold arrays and JSON, nothing that could run.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from smtj_engine.files.disk import explain
from smtj_engine.files.errors import FileError

#: Number of the layout.
FORMAT = 1
#: Before each record: a mark, the tile's key, the length of what follows, its checksum.
_HEAD = struct.Struct("<4s32sQ32s")
_MARK = b"tile"


class TileFile:
    """The finished tiles of one run, by key (32 bytes); about: plain data that the file keeps of the run."""

    def __init__(self, path: Path, about: dict[str, Any], stream: BinaryIO, places: dict[bytes, tuple[int, int]]
                 ) -> None:
        self.path, self.about = path, about
        self._stream, self._places = stream, places

    @classmethod
    def create(cls, path: Path, about: dict[str, Any]) -> TileFile:
        """A new file; FileError if there is one already or it cannot be written."""
        try:
            stream = path.open("x+b", buffering=0)
            stream.write(json.dumps({"format": FORMAT, **about}).encode() + b"\n")
        except FileExistsError:
            raise FileError(path, "this file is in the way") from None
        except OSError as error:
            raise FileError(path, explain(error)) from error
        return cls(path, about, stream, {})

    @classmethod
    def open(cls, path: Path) -> TileFile:
        """The file that a run left; what is torn at its end is cut off. FileError if it is none of ours."""
        try:
            stream = path.open("r+b", buffering=0)
            about = _about(stream.readline(1 << 16))
            if about is None:
                stream.close()
                raise FileError(path, "this is not a file of finished tiles, or it is damaged; remove it to begin "
                                "again")
            places, end = _records(stream)
            stream.truncate(end)
        except OSError as error:
            raise FileError(path, explain(error)) from error
        return cls(path, about, stream, places)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def read(self, key: bytes) -> Any:
        """The answer of one tile."""
        start, length = self._places[key]
        self._stream.seek(start)
        return decode(self._stream.read(length))

    def append(self, key: bytes, answer: Any) -> None:
        """Keep one answer: once this returns, it outlives the program. FileError when the disk refuses."""
        content = encode(answer)
        record = _HEAD.pack(_MARK, key, len(content), _checksum(key, content)) + content
        try:
            start = self._stream.seek(0, os.SEEK_END)
            if self._stream.write(record) != len(record):
                self._stream.truncate(start)
                raise FileError(self.path, "the disk is full")
        except OSError as error:
            raise FileError(self.path, explain(error)) from error
        self._places[key] = (start + _HEAD.size, len(content))

    def close(self) -> None:
        """Close the file and leave it where it is."""
        self._stream.close()

    def remove(self) -> None:
        """The run is complete and written: its tiles are no longer needed."""
        self.close()
        self.path.unlink(missing_ok=True)


def _about(line: bytes) -> dict[str, Any] | None:
    """What the first line says of the run; None if it is not one of ours."""
    try:
        about = json.loads(line)
    except ValueError:
        return None
    if not line.endswith(b"\n") or not isinstance(about, dict) or about.pop("format", None) != FORMAT:
        return None
    return about


def _records(stream: BinaryIO) -> tuple[dict[bytes, tuple[int, int]], int]:
    """Where the sound records are, and where the last complete one ends."""
    places: dict[bytes, tuple[int, int]] = {}
    size, end = os.fstat(stream.fileno()).st_size, stream.tell()
    while end + _HEAD.size <= size:
        stream.seek(end)
        mark, key, length, checksum = _HEAD.unpack(stream.read(_HEAD.size))
        start = end + _HEAD.size
        if mark != _MARK or length > size - start:
            break
        if _checksum(key, stream.read(length)) == checksum:
            places[key] = (start, length)
        end = start + length
    return places, end


def _checksum(key: bytes, content: bytes) -> bytes:
    return hashlib.sha256(key + content).digest()


def encode(answer: Any) -> bytes:
    """An answer of arrays, numbers, texts, lists, tuples and dicts, bit for bit; TypeError for anything else."""
    arrays: list[Any] = []
    tree = json.dumps(_flat(answer, arrays)).encode()
    stream = io.BytesIO()
    stream.write(struct.pack("<Q", len(tree)) + tree)
    for array in arrays:
        np.lib.format.write_array(stream, array, allow_pickle=False)
    return stream.getvalue()


def decode(content: bytes) -> Any:
    """The answer that was encoded."""
    (length,) = struct.unpack_from("<Q", content)
    stream = io.BytesIO(content)
    stream.seek(8 + length)
    return _restored(json.loads(content[8:8 + length]), stream)


def _flat(value: Any, arrays: list[Any]) -> Any:
    """The value as JSON; arrays and numpy's numbers are put aside and only named by their kind."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biufcSU":
        arrays.append(np.asarray(value))
        return {"array" if isinstance(value, np.ndarray) else "number": None}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_flat(item, arrays) for item in value]}
    if type(value) is dict and all(type(name) is str for name in value):
        return {"dict": [[name, _flat(item, arrays)] for name, item in value.items()]}
    raise TypeError(f"the answer of a tile cannot hold a {type(value).__name__}")


def _restored(tree: Any, stream: io.BytesIO) -> Any:
    """The reverse of _flat; arrays come in the order in which they were put aside."""
    if not isinstance(tree, dict):
        return tree
    ((kind, value),) = tree.items()
    if kind in ("array", "number"):
        array = np.lib.format.read_array(stream, allow_pickle=False)
        return array if kind == "array" else array[()]
    if kind == "dict":
        return {name: _restored(item, stream) for name, item in value}
    items = [_restored(item, stream) for item in value]
    return tuple(items) if kind == "tuple" else items
