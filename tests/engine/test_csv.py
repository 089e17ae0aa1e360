"""CSV files: the same numbers back, readable by other programs, and refused when damaged."""

from __future__ import annotations

import csv as standard_csv
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from smtj_engine.analyses import ANALYSES
from smtj_engine.files import FileError, csv
from smtj_engine.monitor import silent
from smtj_engine.parameters import Setup
from smtj_engine.results import Result
from smtj_engine.schema import walk, with_values
from smtj_engine.version import __version__
from tests.engine import samples


@settings(max_examples=30)
@given(st.lists(st.floats(width=64), min_size=10, max_size=10), samples.setups(), st.booleans(),
       st.sampled_from(csv.SEPARATORS))
def test_round_trip_is_exact(values: list[float], setup: Setup, family: bool, sep: str) -> None:
    with np.errstate(over="ignore", under="ignore"):
        result = samples.result(values, family=family, setup=setup)
    samples.same(result, csv.from_text(csv.to_text(result, sep)))


def test_a_file_gives_back_the_result(tmp_path: Path) -> None:
    result = samples.result()
    path = csv.write(result, tmp_path / "a.csv")
    samples.same(result, csv.read(path))


@pytest.mark.parametrize("key", ANALYSES)
def test_every_kind_of_result_is_given_back(key: str) -> None:
    result = ANALYSES[key].run(with_values(Setup(), samples.tiny(key)), silent)
    samples.same(result, csv.from_text(csv.to_text(result)))


def test_lines_resaved_by_an_editor_of_another_system_are_read() -> None:
    result = samples.result()
    samples.same(result, csv.from_text(csv.to_text(result).replace("\n", "\r\n")))


def test_the_header_says_everything() -> None:
    result = samples.result()
    text = csv.to_text(result)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert comments[0] == f"# SMTJ {__version__}"
    assert f'# date = "{result.provenance.date}"' in comments
    assert '# kind = "angular"' in comments
    for path, spec, value in walk(result.setup):
        if value is not None:
            assert any(line.startswith(f"# {path} = ") and spec.ascii_unit in line for line in comments)
    header = text.splitlines()[len(comments)]
    assert header == ("alpha_R (eV A^2),theta (deg),j (A/um^2),TAMR (1),T_par (eV/um^2),T_perp (eV/um^2),"
                      "state,sensitive,pull_x,pull_y,pull_z")
    assert "# K_i = {value = -1.8325" in text  # one number for all rows
    assert "# amplitude = {value = [1.0, 0.25, nan]" in text  # numbers that share no axis with the rows


def test_a_family_is_a_long_table_that_any_reader_understands(tmp_path: Path) -> None:
    result = samples.result()
    path = csv.write(result, tmp_path / "a.csv", ";")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(standard_csv.DictReader(lines, delimiter=";"))
    assert len(rows) == 10
    for row in rows:
        expected = result.data["torque_par"].sel(rashba=float(row["alpha_R (eV A^2)"]),
                                                 theta=float(row["theta (deg)"]))
        assert float(row["T_par (eV/um^2)"]) == float(expected)


def _change(text: str, what: str) -> str:
    lines = text.splitlines()
    if what == "cut in the middle":
        return "\n".join([*lines[:-3], ""])
    if what == "half a line":
        return text[:-3]
    if what == "a word for a number":
        return "\n".join([*lines[:-1], lines[-1].replace("180.0", "many"), ""])
    if what == "a column missing from the header row":
        return text.replace("theta (deg),j", "j")
    if what == "no columns table":
        return text.replace("# [columns]", "# [others]")
    if what == "no kind":
        return text.replace("# kind", "# sort")
    if what == "no setup":
        return text.replace("# [setup]", "# [other]")
    if what == "a wrong parameter":
        return text.replace("# junction.rashba = 4.0", "# junction.rashba = 400.0")
    if what == "newer":
        return text.replace("# format = 1", "# format = 99", 1)
    if what == "broken comment":
        return text.replace("# [values]", "# [values")
    assert what == "only comments"
    return "\n".join(line for line in lines if line.startswith("#")) + "\n"


@pytest.mark.parametrize("what", [
    "cut in the middle", "half a line", "a word for a number", "a column missing from the header row",
    "no columns table", "no kind", "no setup", "a wrong parameter", "newer", "broken comment", "only comments"])
def test_a_damaged_file_is_refused(tmp_path: Path, what: str) -> None:
    reason = {"newer": "newer version", "a wrong parameter": "must lie between", "broken comment": "not valid TOML"
              }.get(what, "damaged")
    path = tmp_path / "damaged.csv"
    changed = _change(csv.to_text(samples.result()), what)
    assert changed != csv.to_text(samples.result())
    path.write_text(changed)
    with pytest.raises(FileError, match=reason) as caught:
        csv.read(path)
    assert caught.value.path == path
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "# a comment\n1,2\n"])
def test_a_foreign_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "foreign.csv"
    path.write_text(text)
    with pytest.raises(FileError, match="not a CSV file of SMTJ"):
        csv.read(path)


def test_an_unknown_separator_is_refused() -> None:
    with pytest.raises(ValueError, match="separator"):
        csv.to_text(samples.result(), "|")


@pytest.mark.parametrize(("sep", "decimal"), [(",", "."), (";", ","), ("\t", ",")])
def test_a_map_as_matrices_gives_the_same_numbers(tmp_path: Path, sep: str, decimal: str) -> None:
    x, y = np.linspace(-0.01, 0.003, 5), np.array([0.1, 0.25, 1 / 3])
    cells = np.random.default_rng(1).normal(size=(3, 5))
    cells[1, 2] = np.nan
    state = np.arange(15, dtype=np.int8).reshape(3, 5)
    data = xr.Dataset({"resistance": (("y", "x"), cells), "state": (("y", "x"), state),
                       "sensitive": (("y", "x"), cells > 0), "m": (("y", "x", "component"), np.ones((3, 5, 3))),
                       "edge": ("x", 2 * x), "duration": 35.0},
                      {"x": ("x", x, {"symbol": "τ∥", "units": "1"}), "y": y, "component": ["x", "y", "z"]})
    result = Result(kind="stability", setup=Setup(), data=data)
    text = csv.to_text(result, sep, decimal, as_matrix=True)
    body = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(body) == 6 * 5 and body.count("") == 6       # R, state, sensitive, three components
    assert body[0].startswith("resistance: y \\ tau_par (1)" + sep)
    assert body[1].split(sep)[0] == "0.1".replace(".", decimal)
    path = csv.write(result, tmp_path / "map.csv", sep, decimal, as_matrix=True)
    assert csv.read(path).data.identical(csv.from_text(csv.to_text(result)).data)
    numbers = np.loadtxt([line.replace(decimal, ".") for line in body[1:4]], delimiter=sep)
    np.testing.assert_array_equal(numbers[:, 1:], cells)
    with pytest.raises(FileError, match="damaged"):
        csv.from_text(text.replace(f"\n{body[2]}\n", "\n", 1))


def test_only_maps_can_be_matrices(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="plane"):
        csv.write(samples.result(family=False), tmp_path / "a.csv", as_matrix=True)
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="plane"):
        csv.to_text(samples.result(family=False), as_matrix=True)
