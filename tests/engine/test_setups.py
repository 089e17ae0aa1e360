"""Setup files: exact round trips, and one plain sentence for everything that is not one."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from smtj_engine.analyses import ANALYSES
from smtj_engine.files import FileError, disk, setups
from smtj_engine.parameters import Junction, Setup
from smtj_engine.schema import differences, walk, with_values
from tests.engine import samples


@given(samples.setups())
def test_round_trip_is_exact(setup: Setup) -> None:
    assert setups.from_toml(setups.to_toml(setup)) == setup


def test_a_file_gives_back_the_setup(tmp_path: Path) -> None:
    setup = with_values(Setup(), {"junction.k_normal": 0.7, "numerics.bias.family_values": (1.5, 2.5)})
    assert setups.load(setups.save(setup, tmp_path / "a.toml")) == setup


def test_none_is_an_absent_key_and_every_parameter_is_shown_with_its_unit() -> None:
    text = setups.to_toml(Setup())
    assert "\njunction.k_normal =" not in text
    assert "junction.rashba = 4.0 # eV A^2, Rashba parameter" in text
    for path, spec, value in walk(Setup()):
        if value is not None:
            line = next(line for line in text.splitlines() if line.startswith(f"{path} = "))
            assert spec.ascii_unit in line


def test_absent_keys_take_their_defaults() -> None:
    assert setups.from_toml("format = 1\n[junction]\nbias = 1").junction == Junction(bias=1.0)


@pytest.mark.parametrize(("text", "reason"), [
    ("junction.rashba = 4.0", "format number"),
    ("format = 'one'", "format number"),
    ("format = true", "format number"),
    ("format = 0", "format number"),
    ("format = 2", "newer version"),
    ("format = 1\n[project]\nname = 'x'", "no parameter 'project.name'"),
    ("format = 1\njunction.rashbaa = 4.0", "did you mean junction.rashba?"),
    ("format = 1\njunction = 4.0", "no parameter 'junction'"),
    ("format = 1\njunction.rashba = 'four'", "must be a number"),
    ("format = 1\njunction.rashba = true", "must be a number"),
    ("format = 1\njunction.rashba = 1979-05-27", "must be a number"),
    ("format = 1\njunction.rashba = [4.0]", "must be a number"),
    ("format = 1\njunction.rashba.x = 4.0", "no parameter"),
    ("format = 1\njunction.rashba = nan", "finite"),
    ("format = 1\njunction.rashba = -inf", "finite"),
    ("format = 1\njunction.bias = 50", "must lie between -3 and 3 V"),
    ("format = 1\njunction.k_down = 2.0", "must not exceed"),
    ("format = 1\ndrive.law = 'sine'", "must be one of"),
    ("format = 1\nnumerics.bias.points = 10.5", "whole number"),
    ("format = 1\nnumerics.bias.stop = -1.0", "must differ"),
    ("format = 1\njunction.rashba = ", "not valid TOML"),
    ("format = 1\nformat = 1", "not valid TOML"),
    ("\x00\x01", "not valid TOML"),
    ("a = " + "[" * 20000, "not valid TOML"),
])
def test_a_wrong_text_is_refused_with_file_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(FileError) as caught:
        setups.load(path)
    assert reason in caught.value.reason
    assert caught.value.path == path
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("make", "reason"), [
    (lambda path: None, "no such file"),
    (lambda path: path.mkdir(), "folder"),
    (lambda path: path.write_bytes(b"\xff\xfe\x00"), "not UTF-8"),
])
def test_an_unreadable_file_is_refused(tmp_path: Path, make: object, reason: str) -> None:
    path = tmp_path / "a.toml"
    make(path)  # type: ignore[operator]
    with pytest.raises(FileError, match=reason):
        setups.load(path)


def test_errors_can_be_sent_between_processes() -> None:
    error = pickle.loads(pickle.dumps(FileError("a.toml", "the disk is full")))
    assert (error.path, error.reason) == (Path("a.toml"), "the disk is full")


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """A file size limit stands for the full disk: the system refuses the write half way."""
    path = tmp_path / "a.toml"
    path.write_text("old")
    program = ("import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
               "from smtj_engine.files import FileError, setups\nfrom smtj_engine.parameters import Setup\n"
               "try: setups.save(Setup(), sys.argv[1])\nexcept FileError as error: print(error.reason)\n")
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert "larger than this system allows" in done.stdout
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_sync_is_a_file_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="the disk is full"):
        disk.write_text(tmp_path / "a.txt", "text")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("path", "reason"), [
    ("missing/a.toml", "no such file or folder"), (".", "folder"), ("file/a.toml", "no such folder"),
    ("n" * 300, "name is too long")])
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=reason):
        disk.write_text(tmp_path / path, "text")


def test_a_link_keeps_pointing_at_its_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    disk.write_text(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "text"


@given(samples.setups(), samples.setups())
def test_differences_are_those_of_every_path(first: Setup, second: Setup) -> None:
    left, right = ({path: value for path, _, value in walk(setup)} for setup in (first, second))
    assert differences(first, second) == {path: (left[path], right[path]) for path in left
                                          if left[path] != right[path]}


@given(samples.setups())
def test_what_an_analysis_needs_is_what_it_uses_without_what_is_idle(setup: Setup) -> None:
    for analysis in ANALYSES.values():
        idle = analysis.idle(setup)
        assert analysis.needs(setup) == tuple(
            value for path, _, value in walk(setup) if analysis.depends_on(path)
            and not any(path == one or path.startswith(one + ".") for one in idle))
