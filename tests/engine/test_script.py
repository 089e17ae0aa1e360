"""What was clicked can be scripted: the script runs as it stands and gives the same numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from smtj_engine.analyses import ANALYSES
from smtj_engine.files import csv
from smtj_engine.monitor import silent
from smtj_engine.parameters import Setup
from smtj_engine.schema import with_values
from smtj_engine.script import to_python

SETUP = with_values(Setup(), {
    "junction.rashba": 1 / 3, "junction.k_normal": 0.9, "junction.bias": 0.3, "numerics.angular.points": 7,
    "numerics.angular.family": "junction.bias", "numerics.angular.family_values": (0.1, 0.2),
    "numerics.bias.points": 5, "numerics.rashba.points": 5, "numerics.energy.points": 5,
    "numerics.stability.x_points": 8, "numerics.stability.y_points": 8,
    "numerics.trajectory.duration": 2.0, "drive.tau_par": -0.003})


def test_there_is_a_script_for_every_analysis() -> None:
    for key in ANALYSES:
        compile(to_python(SETUP, key), key, "exec")


@pytest.mark.parametrize("key", ["angular", "trajectory"])
def test_script_runs_in_a_fresh_interpreter_and_gives_the_same_numbers(key: str, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(to_python(SETUP, key), encoding="utf-8")
    here = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    said = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, env={**os.environ, "PYTHONPATH": here},
                          capture_output=True, text=True, timeout=120, check=False)
    assert not said.returncode, said.stderr
    again = csv.read(tmp_path / f"{key}.csv")
    xr.testing.assert_identical(again.data.drop_attrs(), ANALYSES[key].run(SETUP, silent).data.drop_attrs())


@pytest.mark.parametrize("key", sorted(ANALYSES))
def test_script_holds_all_that_the_answer_depends_on(key: str) -> None:
    names: dict[str, object] = {}
    exec(to_python(SETUP, key).split("result = ")[0], names)
    assert ANALYSES[key].needs(names["setup"]) == ANALYSES[key].needs(SETUP)  # type: ignore[arg-type]
