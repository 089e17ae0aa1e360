"""The command `smtj`: a subcommand goes to the engine's command line, nothing or a file opens the window, --reset
forgets what the window remembers.

A QApplication without a display or with a library missing aborts the process, so a child tries it first, while
this process imports what the window needs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_TRIAL = "from PySide6.QtWidgets import QApplication; QApplication([])"
_NO_DISPLAY = "could not connect to display"
#: What is opened in the window; anything else is a command.
_FILES = (".toml", ".h5", ".hdf5", ".nc", ".csv", ".tsv")
_HEADLESS = "Without a window, `smtj run` calculates and writes files."


def main() -> int:
    """Run `smtj ...` and return its exit status."""
    arguments = sys.argv[1:]
    if arguments == ["--reset"]:
        return reset()
    if arguments and Path(arguments[0]).suffix.lower() not in _FILES:
        from smtj_engine import cli

        return cli.main(arguments)
    child = trial()
    try:
        import pyqtgraph  # noqa: F401  meanwhile, since it would stall the painted window

        from smtj_gui.__main__ import main as window
    except ImportError as error:
        child.kill()
        child.wait()
        return refuse(str(error))
    said = child.communicate()[1]
    if not child.returncode:
        return window([sys.argv[0], *arguments])
    return refuse(said if _NO_DISPLAY in said else trial(QT_DEBUG_PLUGINS="1").communicate()[1])


def reset() -> int:
    """Forget the window's layout, preferences and recent files; sessions stay."""
    path = settings_file()
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        print(f"smtj: {path} could not be removed: {error.strerror}", file=sys.stderr)
        return 2
    print(f"The window starts as on the first day: removed {path}. Sessions and files are as they were.")
    return 0


def settings_file() -> Path:
    """Where the window keeps its layout, preferences and recent files: in the user's configuration folder."""
    import platformdirs

    return Path(platformdirs.user_config_dir("smtj")) / "window.ini"


def trial(**environment: str) -> subprocess.Popen[str]:
    """Start a child that makes a QApplication and says on its standard error why it could not."""
    return subprocess.Popen([sys.executable, "-c", _TRIAL], env={**os.environ, **environment},
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def refuse(said: str) -> int:
    """Say in one sentence why the window cannot be opened, and what works without it."""
    print(f"smtj: the window cannot be opened: {reason(said)}. {_HEADLESS}", file=sys.stderr)
    return 2


def reason(said: str) -> str:
    """What Qt or the loader said, in plain words, with the package that helps."""
    from smtj_engine.system import missing_library

    if _NO_DISPLAY in said:
        return "there is no display (the variable DISPLAY names none that answers)"
    last = said.strip().splitlines()[-1] if said.strip() else "Qt ended without a word"
    return missing_library(said) or last.rstrip(".")
