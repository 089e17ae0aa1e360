"""`smtj install-desktop`: what it writes into a temporary data folder, and that it takes all of it out again."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from smtj_engine import cli, desktop

pytestmark = pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="there is no XDG data folder")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that is not there yet, and a program in an awkward place."""
    program = tmp_path / 'odd "100%" $place' / "smtj"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def test_it_is_installed_and_removed_without_a_trace(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    others = home / "applications" / "other.desktop"
    others.parent.mkdir(parents=True)
    others.write_text("")
    assert cli.main(["install-desktop"]) == cli.main(["install-desktop"]) == cli.DONE   # again is no error
    said = capsys.readouterr().out
    for name, place in desktop.FILES.items():
        assert (home / place / name).is_file() and str(home / place / name) in said
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(home / "applications/smtj.desktop", encoding="utf-8")
    assert entry["Desktop Entry"]["Icon"] == "smtj" and (home / "icons/hicolor/scalable/apps/smtj.svg").is_file()
    assert cli.main(["install-desktop", "--remove"]) == cli.DONE
    assert not [path for name, place in desktop.FILES.items() if (path := home / place / name).exists()]
    assert others.is_file()
    assert cli.main(["install-desktop", "--remove"]) == cli.DONE
    assert "nothing to remove" in capsys.readouterr().out


def test_the_command_survives_its_quoting(home: Path) -> None:
    desktop.install()
    line = next(line for line in (home / "applications/smtj.desktop").read_text(encoding="utf-8").splitlines()
                if line.startswith("Exec="))
    value = line.removeprefix("Exec=").replace("\\\\", "\\")      # a string of the file, then quotes as in a shell
    assert value.endswith(" %f")
    quoted = value.removesuffix(" %f").replace("%%", "%")
    said = subprocess.run(["sh", "-c", f"printf %s {quoted}"], capture_output=True, text=True, check=True)
    assert [said.stdout] == sys.argv


def test_a_folder_that_cannot_be_written_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.write_text("in the way")
    assert cli.main(["install-desktop"]) == cli.REFUSED
    assert str(home) in capsys.readouterr().err


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems_are_refused_with_advice(home: Path, monkeypatch, capsys, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert cli.main(["install-desktop"]) == cli.REFUSED
    assert "shortcut" in capsys.readouterr().err and not home.exists()


def test_the_files_are_valid(home: Path) -> None:
    for path in desktop.install():
        if path.suffix in (".xml", ".svg"):
            ElementTree.parse(path)
    described = "metainfo/local.smtj.smtj.metainfo.xml"
    for name, *arguments, file in (("appstreamcli", "validate", "--no-net", described),
                                   ("desktop-file-validate", "applications/smtj.desktop")):
        if program := shutil.which(name):
            done = subprocess.run([program, *arguments, str(home / file)], capture_output=True, text=True,
                                  check=False)
            assert done.returncode == 0, done.stdout + done.stderr
