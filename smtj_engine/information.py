"""What a bug report needs: versions, folders, processor, threads, and whether the window's library loads."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Iterator

from smtj_engine import cache, presets, warm
from smtj_engine.files import FileError, disk, resources
from smtj_engine.scale import executor
from smtj_engine.version import __version__

_LIBRARIES = ("numpy", "scipy", "numba", "llvmlite", "xarray", "h5py", "h5netcdf", "matplotlib",
              "PySide6-Essentials", "pyqtgraph", "PyOpenGL")


def lines() -> Iterator[tuple[str, str]]:
    """(name, value) pairs; nothing here raises, since this is what one runs when something is wrong."""
    yield "smtj", __version__
    yield "Python", f"{platform.python_version()} ({sys.executable})"
    yield "system", platform.platform()
    yield "processor", processor()
    for library in _LIBRARIES:
        yield library, _version(library)
    yield "cache", f"{cache.prepare()} ({'kernels compiled' if warm.is_warm() else 'kernels not compiled yet'})"
    yield "resources", _resources()
    yield "window", _window()


def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def processor() -> str:
    """The processor's name and how many threads are used."""
    try:
        models = [line for line in disk.read_text("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    except FileError:  # not Linux
        models = []
    name = models[0].partition(":")[2].strip() if models else platform.processor() or platform.machine()
    return f"{name}, {executor.processors()} threads"


def _resources() -> str:
    try:
        return f"{resources.folder()} ({len(presets.names())} presets)"
    except FileError as error:
        return str(error)


def _window() -> str:
    """Whether Qt can be imported, tried in a child process since a broken Qt may abort."""
    try:
        trial = subprocess.run([sys.executable, "-c", "import PySide6.QtWidgets"], capture_output=True, text=True,
                               timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"Qt cannot be tried: {error}"
    if trial.returncode == 0:
        return "Qt can be imported"
    return "Qt cannot be imported: " + (trial.stderr.strip().splitlines() or ["it ended without a word"])[-1]
