"""What the tests themselves do without a display, without OpenGL, and without a system library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TWO_TESTS = """
import pytest
def test_plain(): pass
@pytest.mark.opengl
def test_with_opengl(): raise AssertionError
"""


def _tests(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run two small tests under the conftest of these, with no display and no program on the path."""
    (folder / "test_two.py").write_text(TWO_TESTS)
    kept = {name: value for name, value in os.environ.items()
            if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "PATH")
            and not name.startswith("PYTEST_XDIST")}
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "pytest", "-c", str(root / "pyproject.toml"), "-p", "tests.conftest",
               "-p", "no:cacheprovider", "-n0", str(folder / "test_two.py")]
    return subprocess.run(command, cwd=root, env={**kept, "PATH": "", **environment}, capture_output=True,
                          text=True, check=False)


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="this system always has a display")
def test_without_a_display_opengl_tests_are_skipped_with_the_reason(tmp_path: Path) -> None:
    done = _tests(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 1 skipped" in done.stdout
    skipped = next(line for line in done.stdout.splitlines() if line.startswith("SKIPPED"))
    assert "neither a running one nor Xvfb (Debian package xvfb)" in skipped


def test_a_missing_system_library_is_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "PySide6"
    broken.mkdir()
    (broken / "__init__.py").write_text(
        'raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")')
    done = _tests(tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path), *sys.path]))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == ("The tests need Qt, but the system library libEGL.so.1 is missing; on Debian or Ubuntu "
                           "install libegl1.\n")
