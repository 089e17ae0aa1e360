"""A day at the program through its real widgets: open, edit, sweep, import, fit, overlay, export, save, kill,
restore, compare."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from smtj_engine.files import session as packed
from smtj_engine.files import setups
from smtj_engine.parameters import Junction, Setup


def act(part: str, folder: Path) -> subprocess.CompletedProcess[str]:
    homes = {name: str(folder / "home") for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    return subprocess.run([sys.executable, "-m", "tests.gui.day", part, str(folder)], env={**os.environ, **homes},
                          capture_output=True, text=True, timeout=900, check=False)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_day_is_lived_killed_and_restored(tmp_path: Path) -> None:
    setups.save(Setup(junction=Junction(bias=0.8)), tmp_path / "mine.toml")
    done = act("morning", tmp_path)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert "Qt" not in done.stderr and "Traceback" not in done.stderr
    before = json.loads((tmp_path / "morning.json").read_text(encoding="utf-8"))
    assert len(before["runs"]) == 5 and before["rashba"] == 5.0
    assert before["measured"][0] == "tamr_theta.csv"
    saved = packed.load(tmp_path / "day.smtj.h5").session      # what Ctrl+S wrote before the last run
    assert len(saved.runs) == 4 and saved.setup.junction.rashba != 5.0

    done = act("afternoon", tmp_path)
    assert done.returncode == 0, done.stderr
    after = json.loads((tmp_path / "afternoon.json").read_text(encoding="utf-8"))
    compared = after.pop("compared")
    assert after == before
    assert [row[1:] for row in compared] == [["1 eV·Å²", "4 eV·Å²"]]
