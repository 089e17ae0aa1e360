"""Maps whose finished tiles are kept in a file, so that a run goes on after it was killed."""

from __future__ import annotations

import contextlib
import hashlib
import pickle
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from smtj_engine.files.errors import FileError
from smtj_engine.files.tiles import TileFile
from smtj_engine.monitor import Monitor
from smtj_engine.scale import executor, versions
from smtj_engine.scale.executor import Check, Made, Place


def file_beside(output: Path) -> Path:
    """Where the tiles of an output are kept."""
    return output.with_name(output.name + ".tiles")


def run_key(analysis: str, setup: str) -> str:
    """The key of a run: its analysis, its setup (TOML), and the versions that compute it."""
    return hashlib.sha256("\0".join((analysis, setup, versions.fingerprint())).encode()).hexdigest()


@contextlib.contextmanager
def keeping(path: Path, key: str, resume: bool) -> Iterator[TileFile]:
    """Keep the tiles of every map of this context in a file, and take from it those that are there.

    FileError if tiles are there and resume is not wanted, or if they belong to another run.
    """
    inner = executor.here()
    if not path.exists():
        file = TileFile.create(path, {"run": key, "workers": inner.workers, "grain": inner.grain})
    elif resume:
        file = TileFile.open(path)
        if file.about.get("run") != key:
            file.close()
            raise FileError(path, "these tiles belong to a run with another setup or other versions; finish that "
                            "one, or remove the file to begin again")
    else:
        raise FileError(path, "a run that did not finish left its tiles here; add --resume to go on with it, or "
                        "remove the file to begin again")
    try:
        with executor.at(_Kept(inner, file)):
            yield file
    finally:
        file.close() if len(file) else file.remove()


class _Kept:
    """Another place, and a file in front of it. Work is cut as it was when the file was begun, whoever works on
    it now, so that the tiles are the same."""

    def __init__(self, inner: Place, file: TileFile) -> None:
        self._inner, self._file = inner, file
        self.workers = int(file.about.get("workers", inner.workers))
        self.grain = int(file.about.get("grain", inner.grain))

    def completed(self, function: Callable[[Any, Check], Any], tiles: Sequence[Any], monitor: Monitor,
                  note: str) -> Iterator[tuple[int, Any]]:
        keys = [_key(function, tile) for tile in tiles]
        missing = [index for index, key in enumerate(keys) if key not in self._file]
        known = len(tiles) - len(missing)
        for index, key in enumerate(keys):
            if key in self._file:
                monitor(index / len(tiles) * known / len(tiles), note)
                yield index, self._file.read(key)

        def rest(fraction: float, note: str = "", partial: Any = None) -> None:
            monitor((known + fraction * len(missing)) / len(tiles), note, partial)

        if missing:
            for at, answer in self._inner.completed(function, Made(tiles.__getitem__, missing), rest, note):
                self._file.append(keys[missing[at]], answer)
                yield missing[at], answer


def _key(function: Callable[[Any, Check], Any], tile: Any) -> bytes:
    """A tile's key: what is computed of what."""
    return hashlib.sha256(pickle.dumps((function, tile), protocol=5)).digest()
