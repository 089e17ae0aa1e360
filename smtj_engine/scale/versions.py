"""What decides the bits of an answer besides the setup: the versions of program and libraries."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from pathlib import Path

from smtj_engine.version import __version__

#: The libraries that compute, and the one that a cluster's parts speak with.
COMPUTING = ("numpy", "scipy", "numba", "llvmlite")
SPEAKING = ("distributed",)


@functools.cache
def source_hash() -> str:
    """A short hash over the engine's source files, whatever their line ends."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:8]


@functools.cache
def versions() -> dict[str, str]:
    """Versions by name: SMTJ with its source, Python, and the libraries ("missing" for one that is not there)."""
    found = {"SMTJ": f"{__version__} (source {source_hash()})", "Python": platform.python_version()}
    for library in (*COMPUTING, *SPEAKING):
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            found[library] = "missing"
    return found


@functools.cache
def fingerprint() -> str:
    """A hash of all versions that an answer depends on."""
    deciding = {name: version for name, version in versions().items() if name not in SPEAKING}
    return hashlib.sha256(repr(sorted(deciding.items())).encode()).hexdigest()
