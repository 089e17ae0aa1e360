"""Where numba keeps the compiled kernels: chosen before numba is imported.

The folder's name holds the program version and a hash of every kernel file, because numba's own check sees
only the file of the outermost function.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
from pathlib import Path

from smtj_engine.version import __version__


def _kernel_files() -> list[Path]:
    return sorted(Path(__file__).parent.glob("*/*kernels.py"))


def kernel_hash() -> str:
    """A short hash over the kernel files, the Python version and the platform."""
    digest = hashlib.sha256(f"{sys.version_info[:3]}{sys.platform}".encode())
    for path in _kernel_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def installation_hash() -> str:
    """The same, and where those files lie and when they were written: numba compiles again if that differs."""
    digest = hashlib.sha256(kernel_hash().encode())
    for path in _kernel_files():
        digest.update(f"{path.resolve()}{path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


@functools.cache
def prepare() -> Path:
    """Point numba at a writable cache folder and return it; a folder that the user has set stays."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(given) if given else _writable_folder()
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    return folder


def _writable_folder() -> Path:
    """The user's cache folder, or a temporary one where that cannot be written."""
    import platformdirs

    name = f"{__version__}-{kernel_hash()}"
    folder = Path(platformdirs.user_cache_dir("smtj")) / "kernels" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="smtj-kernels-"))
