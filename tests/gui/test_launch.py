"""The command `smtj`: subcommands, and what it says when no window can be opened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smtj_engine.version import __version__
from smtj_gui import launch

_SMTJ = [sys.executable, "-c", "import sys; from smtj_gui.launch import main; sys.exit(main())"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items()
            if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run([*_SMTJ, *arguments], env={**kept, **environment}, capture_output=True, text=True,
                          timeout=60, check=False)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these systems always have a display")
def test_without_a_display_one_sentence_and_status_2() -> None:
    done = run()
    assert done.returncode == 2 and done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and "no display" in lines[0] and "smtj run" in lines[0]


def test_subcommand_needs_no_display() -> None:
    done = run("--version")
    assert done.returncode == 0 and __version__ in done.stdout


def test_reset_forgets_the_window_and_keeps_the_sessions(tmp_path) -> None:
    folders = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_STATE_HOME": str(tmp_path / "state"),
               "HOME": str(tmp_path)}
    kept = tmp_path / "state" / "smtj" / "sessions" / "a"
    kept.mkdir(parents=True)
    find = "import sys; from smtj_gui.launch import settings_file; print(settings_file())"
    path = Path(subprocess.run([sys.executable, "-c", find], env={**os.environ, **folders}, capture_output=True,
                               text=True, check=True).stdout.strip())
    assert path.is_relative_to(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text("[General]\ntab=99\n", encoding="utf-8")
    for _ in range(2):      # nothing to forget is no error
        done = run("--reset", **folders)
        assert done.returncode == 0 and str(path) in done.stdout
    assert not path.exists() and kept.is_dir()


def test_unknown_command_is_refused_by_the_command_line() -> None:
    done = run("fly")
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_missing_library_names_its_package() -> None:
    said = "libxcb-cursor.so.0: cannot open shared object file: No such file or directory"
    assert "libxcb-cursor0" in launch.reason(said)
    assert "libegl1" in launch.reason("libEGL.so.1: cannot open shared object file: No such file or directory")


def test_anything_else_is_told_as_it_is() -> None:
    assert launch.reason("first line\nsomething is wrong.") == "something is wrong"
    assert launch.reason("") == "Qt ended without a word"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads as Linux shows them")
def test_painting_waits_for_no_other_thread() -> None:
    program = """
import os
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from smtj_gui.__main__ import prepare_qt
prepare_qt()
application = QGuiApplication(["", "-platform", "offscreen"])
image = QImage(800, 800, QImage.Format.Format_ARGB32_Premultiplied)
image.fill(0)
before = len(os.listdir("/proc/self/task"))
painter = QPainter(image)
painter.setRenderHint(QPainter.RenderHint.Antialiasing)
painter.setOpacity(0.5)
painter.setBrush(0xff0000)
painter.drawEllipse(0, 0, 800, 800)
painter.end()
assert image.pixelColor(400, 400).red(), "nothing was painted"
assert len(os.listdir("/proc/self/task")) == before
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_no_icon_outlives_the_application(tmp_path: Path) -> None:
    program = """
import sys
from PySide6.QtCore import QTimer
import smtj_gui.__main__ as program
real = program.start
def start(window):
    real(window)
    def close():
        global qtawesome
        import qtawesome
        program.tint(window, window.theme)
        print(len(qtawesome._resource["iconic"].icon_cache) > 10)
        window.close()
    QTimer.singleShot(0, window, close)
program.start = start
status = program.main(["smtj", "-platform", "offscreen"])
print(qtawesome._resource["iconic"].icon_cache)
sys.exit(status)
"""
    homes = {name: str(tmp_path) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, "SMTJ_TOUR": "off", "QT_QPA_PLATFORM": "offscreen", **homes})
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "{}"]
