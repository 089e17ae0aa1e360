"""`smtj fit` as a user calls it."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtj_engine import cli
from smtj_engine.files import csv, resources, setups


def sample(name: str = "tamr_theta.csv") -> str:
    return str(resources.path(f"measured/{name}"))


def test_the_report_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fit", sample(), "--vary", "junction.rashba=2,0,7", "--vary", "data.offset"]) == 0
    said = capsys.readouterr().out
    assert "α_R  junction.rashba" in said and "0 … 7" in said and "Converged" in said


def test_every_output_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["report.txt", "report.pdf", "fit.csv", "fit.h5", "fit.png", "fitted.toml"]
    outputs = [word for name in names for word in ("-o", str(tmp_path / name))]
    assert cli.main(["fit", sample(), "--vary", "junction.rashba", "--numerics.accuracy", "draft", *outputs]) == 0
    assert all((tmp_path / name).stat().st_size for name in names)
    assert capsys.readouterr().out == ""
    fitted = setups.load(tmp_path / "fitted.toml")
    assert fitted.junction.rashba == csv.read(tmp_path / "fit.csv").setup.junction.rashba != 4.0


def test_columns_can_be_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.txt"
    rows = resources.text("measured/torque_bias.csv").splitlines()[5:]
    path.write_text("".join(f"{row.split(',')[1]} {1000 * float(row.split(',')[0])}\n" for row in rows))
    arguments = ["--quantity", "torque_par", "--column", "1", "--unit", "eV/um^2", "--against", "bias",
                 "--axis-column", "2", "--axis-unit", "mV", "--theta", "45"]
    assert cli.main(["fit", str(path), "--vary", "junction.rashba", *arguments]) == 0
    assert "θ = 45°" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "why"), [
    ([sample(), "--vary", "magnet.damping"], "cannot be fitted"),
    ([sample(), "--vary", "junction.rashba=1,2"], "outside its bounds"),
    ([sample(), "--vary", "junction.rashba=a"], "must be PARAMETER"),
    ([sample(), "--vary", "junction.rashba", "-o", "a.exe"], "must end in"),
    ([sample(), "--vary", "junction.rashba", "--unit", "kg"], "can be in"),
    (["none.csv", "--vary", "junction.rashba"], "no such file")])
def test_mistakes_are_one_sentence(arguments, why, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fit", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith("smtj: ") and why in said and said.count("\n") == 1
