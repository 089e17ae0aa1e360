"""The only package that opens files."""

from smtj_engine.files.errors import FileError

__all__ = ["FileError"]
