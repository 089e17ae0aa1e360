"""The one exception for files that cannot be read or written."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class FileError(Exception):
    """A file that cannot be read or written: which one, and why in one plain sentence."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path, self.reason = Path(path), reason
        super().__init__(f"{path}: {reason}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.reason)
