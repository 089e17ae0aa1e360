"""The command line as a user runs it: in a process of its own, with its exit status and both outputs."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from smtj_engine import cli, presets
from smtj_engine.analyses import ANALYSES
from smtj_engine.files import csv, results, setups
from smtj_engine.monitor import silent
from smtj_engine.parameters import Setup
from smtj_engine.schema import walk, with_values
from smtj_engine.version import __version__
from tests.engine import samples

COMMAND = [sys.executable, "-W", "error", "-m", "smtj_engine"]


def smtj(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_version() -> None:
    done = smtj("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"SMTJ {__version__}\n", "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_pipe_without_greek_gets_the_words_and_a_setup_file_is_one(tmp_path: Path, encoding: str) -> None:
    """The list of presets ended in a traceback, and a setup file was none."""
    def ask(*arguments: str) -> bytes:
        done = subprocess.run([*COMMAND, *arguments], capture_output=True, check=False,
                              env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout

    assert "letter_fig_2b" in ask("presets").decode(encoding)
    assert b"--junction.rashba" in ask("run", "angular", "--help")
    path = tmp_path / "mine.toml"
    path.write_bytes(ask("presets", "letter_fig_2b"))
    assert setups.load(path) == presets.load("letter_fig_2b").setup


def test_help_names_every_command() -> None:
    done = smtj("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("run", "figures", "presets", "info"))


@pytest.mark.parametrize("key", ANALYSES)
def test_help_of_a_run_shows_every_flag_with_unit_range_and_default(
        key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", key, "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    listed = [(path, spec) for path, spec, _ in walk(Setup()) if ANALYSES[key].depends_on(path)]
    assert len(listed) > 4
    for path, spec in listed:
        text = said.partition(f"--{path} ")[2].partition(" --")[0]
        assert spec.unit in text
        assert "default" in text
        if spec.low is not None:
            assert f"{spec.low:g} to" in text


@pytest.mark.parametrize("key", ANALYSES)
def test_each_analysis_writes_what_the_engine_returns(tmp_path: Path, key: str) -> None:
    values = {**samples.tiny(key), "junction.rashba": 3.0, "drive.tau_par": -2e-3}
    flags = [part for path, value in values.items() for part in (f"--{path}", str(value))]
    done = smtj("run", key, *flags, "-o", tmp_path / "a.h5")
    found = results.load(tmp_path / "a.h5")
    assert found.setup == with_values(Setup(), values)
    expected = ANALYSES[key].run(found.setup, silent)
    said = "".join(f"note: {note}\n" for note in expected.notes)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", said)  # else quiet in a pipe
    for name in expected.data.data_vars:
        if expected.data[name].dtype.kind == "U":
            assert found.data[name].values.tolist() == expected.data[name].values.tolist()
            continue
        np.testing.assert_allclose(found.data[name], expected.data[name], rtol=1e-12, atol=1e-12)


def test_without_a_file_csv_goes_to_the_standard_output() -> None:
    done = smtj("run", "bias", "--numerics.bias.points", "3", "--separator", "semicolon")
    assert done.returncode == 0
    assert csv.from_text(done.stdout).data.sizes == {"bias": 3}
    assert ";T_par (eV/um^2);" in done.stdout


def test_a_setup_file_runs_and_flags_come_on_top(tmp_path: Path) -> None:
    setup = with_values(Setup(), {"junction.bias": 0.5, "numerics.angular.points": 4, "junction.k_normal": 0.7})
    setups.save(setup, tmp_path / "a.toml")
    done = smtj("run", "angular", "--setup", tmp_path / "a.toml", "--junction.bias", "-1e-1",
                "--junction.k_normal", "none", "--numerics.angular.family", "junction.rashba",
                "--numerics.angular.family_values", "-1", "2.5", "3e0", "-o", tmp_path / "a.csv")
    assert done.returncode == 0, done.stderr
    found = csv.read(tmp_path / "a.csv")
    assert found.setup == with_values(setup, {
        "junction.bias": -0.1, "junction.k_normal": None, "numerics.angular.family": "junction.rashba",
        "numerics.angular.family_values": (-1, 2.5, 3)})
    assert found.data["rashba"].values.tolist() == [-1, 2.5, 3]


def test_a_preset_can_be_printed_and_run(tmp_path: Path) -> None:
    printed = smtj("presets", "letter_fig_2a")
    assert setups.from_toml(printed.stdout) == presets.load("letter_fig_2a").setup
    done = smtj("run", "rashba", "--preset", "letter_fig_2a", "--numerics.rashba.points=3",
                "--numerics.accuracy=draft", "-o", tmp_path / "a.tsv")
    assert done.returncode == 0, done.stderr
    assert csv.read(tmp_path / "a.tsv").data.sizes == {"bias": 4, "rashba": 3}


def test_presets_are_listed() -> None:
    done = smtj("presets")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == presets.names()


def test_info_answers_what_a_bug_report_needs() -> None:
    done = smtj("info")
    assert done.returncode == 0
    said = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert {"smtj", "Python", "processor", "numba", "cache", "resources", "window"} <= set(said)
    assert "threads" in said["processor"]
    assert f"{len(presets.names())} presets" in said["resources"]
    assert "missing" not in done.stdout


@pytest.mark.parametrize(("arguments", "reason"), [
    (["nonsense"], "invalid choice"),
    (["run", "nonsense"], "invalid choice"),
    (["run"], "required"),
    (["run", "angular", "--junction.nonsense", "1"], "unrecognized"),
    (["run", "angular", "--junction.rashba"], "expected one argument"),
    (["run", "angular", "--junction.rashba", "four"], "must be a number"),
    (["run", "angular", "--junction.rashba", "1", "2"], "must be a number"),
    (["run", "angular", "--junction.rashba", "nan"], "finite"),
    (["run", "angular", "--junction.rashba", "50"], "must stay below"),
    (["run", "angular", "--junction.k_up", "none"], "must be a number"),
    (["run", "angular", "--numerics.accuracy", "perfect"], "must be one of"),
    (["run", "bias", "--junction.rashba_slope", "10", "--junction.rashba", "8"], "= "),
    (["run", "angular", "--preset", "nonsense"], "fe_mgo"),
    (["run", "angular", "--setup", "missing.toml"], "no such file"),
    (["run", "angular", "--setup", "."], "folder"),
    (["run", "angular", "-o", "a.doc"], ".csv"),
    (["run", "angular", "-o", "missing/a.csv"], "no folder"),
    (["presets", "nonsense"], "fe_mgo"),
    (["figures"], "required"),
    (["figures", __file__], "in the way"),
])
def test_a_users_mistake_is_one_line_and_status_2(arguments: list[str], reason: str,
                                                  capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines()[-1].startswith("smtj")
    assert reason in shown.err.splitlines()[-1]


def test_a_users_mistake_shows_no_traceback() -> None:
    done = smtj("run", "angular", "--junction.bias", "50")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("smtj: junction.bias = 50.0: must lie between -3 and 3 V "
                           "(beyond 3 V the barrier breaks down)\n")


def test_a_missing_library_is_one_line_and_status_2(monkeypatch: pytest.MonkeyPatch,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "smtj_engine.figures", None)  # what Python does for a missing module
    assert cli.main(["figures", "unused"]) == 2
    assert "a library is missing" in capsys.readouterr().err
    Path("unused").rmdir()


def test_a_closed_pipe_is_no_error() -> None:
    done = subprocess.run([*COMMAND, "presets"], capture_output=True, check=False,
                          preexec_fn=lambda: os.dup2(_closed_pipe(), 1))
    assert (done.returncode, done.stderr) == (0, b"")


def _closed_pipe() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def _read_until(terminal: int, done: str) -> str:
    """What a terminal shows until a text appears."""
    shown = ""
    while done not in shown:
        shown += os.read(terminal, 4096).decode()
    return shown


def test_ctrl_c_writes_what_was_computed_and_a_terminal_shows_progress(tmp_path: Path) -> None:
    path, (terminal, screen) = tmp_path / "a.csv", pty.openpty()
    command = [*COMMAND, "run", "bias", "--numerics.bias.points", "3601", "-o", str(path)]
    with subprocess.Popen(command, stderr=screen) as process:
        os.close(screen)
        shown = _read_until(terminal, " left")  # so the bar shows progress and the time left
        process.send_signal(signal.SIGINT)
        shown += _read_until(terminal, "stopped")
        assert process.wait() == 130
    os.close(terminal)
    assert re.search(r"\[#*-*\] \d+ %, .* left", shown)
    partial = csv.read(path)
    computed = np.isfinite(partial.data["torque_par"].values)
    assert computed.any()
    assert not computed.all()
    assert "stopped by the user" in partial.notes[-1]
    assert partial.setup.numerics.bias.points == 3601
