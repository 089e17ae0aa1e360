"""What all tests share: a display found before Qt is loaded, and user folders of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import hypothesis
import pytest

from smtj_engine import cache, system

#: Tried in a child process, because a Qt without a display or a library aborts: import, window, OpenGL.
_TRIAL = """
from PySide6.QtGui import QOffscreenSurface, QOpenGLContext
from PySide6.QtWidgets import QApplication
application = QApplication([])
print("display")
surface, context = QOffscreenSurface(), QOpenGLContext()
surface.create()
if context.create() and context.makeCurrent(surface) and context.functions().glGetString(0x1F02):
    print("opengl")
"""


def _trial() -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", _TRIAL], capture_output=True, text=True, timeout=120, check=False)


def _start_xvfb() -> bool:
    """Start a display of our own, where Xvfb is installed; it ends with the tests."""
    program = shutil.which("Xvfb")
    if not program or sys.platform in ("darwin", "win32"):
        return False
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()  # empty when the server has ended
    if not number:
        server.wait()
        return False

    def stop() -> None:
        server.terminate()
        server.wait()

    atexit.register(stop)
    os.environ["DISPLAY"] = f":{number}"
    return True


def _find_display() -> str:
    """Choose the running display, else Xvfb, else Qt's offscreen; returns why OpenGL tests are skipped, or ""."""
    native = sys.platform in ("darwin", "win32")
    trial = None
    if "PYTEST_XDIST_WORKER" in os.environ and not native:
        # Two processes on one display would take the focus from each other.
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            os.environ.pop(name, None)
    if "QT_QPA_PLATFORM" in os.environ or native or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        trial = _trial()
    if (trial is None or "display" not in trial.stdout) and "QT_QPA_PLATFORM" not in os.environ and _start_xvfb():
        trial = _trial()
    if trial is not None and "opengl" in trial.stdout:
        return ""
    if trial is not None and "display" in trial.stdout:
        return "this display has no OpenGL"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    offscreen = _trial()
    if "display" not in offscreen.stdout:
        reason = system.missing_library(offscreen.stderr) or offscreen.stderr.strip().rpartition("\n")[2]
        print(f"The tests need Qt, but {reason or 'it ends without a word'}.", file=sys.stderr)
        raise SystemExit(2)
    if trial is not None and (reason := system.missing_library(trial.stderr)):
        return f"there is no display with OpenGL: {reason}"
    return "there is no display with OpenGL: neither a running one nor Xvfb (Debian package xvfb)"


def _own_folders() -> None:
    """Keep the tests out of the user's settings and state; the compiled kernels stay shared."""
    cache.prepare()  # sets NUMBA_CACHE_DIR, which child processes inherit
    folder = tempfile.mkdtemp(prefix="smtj-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["SMTJ_TOUR"] = "off"     # of programs that tests start
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        os.environ[name] = str(Path(folder, name))


hypothesis.settings.register_profile(  # a busy machine is no failure, and CI tries the same examples every time
    "shared machine", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("shared machine")
_own_folders()
_NO_OPENGL = _find_display()


def pytest_report_header() -> str:
    """Which display the tests use."""
    where = os.environ.get("QT_QPA_PLATFORM") or os.environ.get("DISPLAY") or "native"
    return f"display: {where}, OpenGL: {_NO_OPENGL or 'yes'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests marked `opengl` where there is none, and say why."""
    if _NO_OPENGL:
        for item in items:
            if item.get_closest_marker("opengl"):
                item.add_marker(pytest.mark.skip(reason=_NO_OPENGL))
