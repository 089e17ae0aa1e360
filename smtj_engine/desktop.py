"""`smtj install-desktop`: the program in the menus of a Linux or BSD desktop, for this user; and its removal.

The files come from resources/desktop; only the command that starts the window is filled in.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template

from smtj_engine.files import FileError, disk, resources

#: Where each file goes below the user's data folder.
FILES = {
    "smtj.desktop": "applications",
    "local.smtj.smtj.metainfo.xml": "metainfo",
    "smtj-session.xml": "mime/packages",
    "smtj.svg": "icons/hicolor/scalable/apps",
}
#: What rereads these folders, where it is installed; elsewhere the desktop does so by itself, sooner or later.
_REFRESH = (("update-desktop-database", "applications"), ("update-mime-database", "mime"))
#: What must not stand in the quotes of an Exec line by itself.
_RESERVED = str.maketrans({character: f"\\{character}" for character in '"`$\\'})


def data_folder() -> Path:
    """The user's XDG data folder; FileError on systems that have none."""
    import platformdirs

    if sys.platform in ("darwin", "win32"):
        raise FileError("install-desktop", "this works on Linux and BSD desktops; here, make a shortcut or an "
                        f"alias to {command()}")
    return Path(platformdirs.user_data_dir())


def command() -> str:
    """The command that starts this installation's window, quoted as an Exec line wants it."""
    started = Path(sys.argv[0])
    words = [str(started.absolute())] if started.name == "smtj" else [sys.executable, "-m", "smtj_gui"]
    quoted = " ".join(f'"{word.translate(_RESERVED)}"' for word in words)
    return quoted.replace("%", "%%").replace("\\", "\\\\")     # a field code, and an escape in any value


def install() -> list[Path]:
    """Write the files and return their paths; FileError when one cannot be written."""
    folder, written = data_folder(), []
    for name, place in FILES.items():
        text = resources.text(f"desktop/{name}")
        if name.endswith(".desktop"):
            text = Template(text).substitute(command=command())
        written.append(disk.write_text(disk.make_folder(folder / place) / name, text))
    _refresh(folder)
    return written


def remove() -> list[Path]:
    """Remove the files that are there and return their paths; FileError when one cannot be removed."""
    folder = data_folder()
    there = [folder / place / name for name, place in FILES.items() if (folder / place / name).exists()]
    for path in there:
        try:
            path.unlink()
        except OSError as error:
            raise FileError(path, disk.explain(error)) from error
    if there:
        _refresh(folder)
    return there


def _refresh(folder: Path) -> None:
    """Have the desktop notice, by its own tools; one that is missing or fails costs nothing but time."""
    for program, place in _tools():
        subprocess.run([program, str(folder / place)], capture_output=True, timeout=60, check=False)


def _tools() -> Iterator[tuple[str, str]]:
    for name, place in _REFRESH:
        if found := shutil.which(name):
            yield found, place
