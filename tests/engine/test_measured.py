"""Measured data: tables as instruments write them, what their columns are, and units."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from smtj_engine.files import FileError, hdf5_tables, resources, results, tables
from smtj_engine.files.tables import Layout
from smtj_engine.measured import UNITS, Choice, Table, measurement, suggest
from smtj_engine.monitor import Cancelled
from smtj_engine.results import VARIABLES
from smtj_engine.schema import ParameterError
from tests.engine import samples

NUMBERS = st.floats(-1e6, 1e6).map(lambda x: float(f"{x:.6g}"))


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=20),
       st.sampled_from([("\t", "."), ("\t", ","), (";", "."), (";", ","), (",", "."), (" ", "."), (" ", ",")]),
       st.booleans(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_layout_is_guessed_and_read(rows, layout, header, end) -> None:
    separator, decimal = layout
    lines = ["x_axis,one".replace(",", separator) + separator + "two"] if header else []
    lines += [separator.join(f"{cell:.6g}".replace(".", decimal) for cell in row) for row in rows]
    text = end.join(lines) + end
    found = tables.guess(text)
    table = tables.parse(text, found)
    np.testing.assert_array_equal(table.values, rows)
    assert table.names == (("x_axis", "one", "two") if header else ("column 1", "column 2", "column 3"))


@pytest.mark.parametrize(("text", "names", "units"), [
    ("theta (deg),TAMR (%)\n0,1\n1,2\n", ("theta", "TAMR"), ("deg", "%")),
    ("# V [mV]\tI [uA]\n0\t1\n1\t2\n", ("V", "I"), ("mV", "uA")),
    ("V / mV;I / uA\n0;1\n1;2\n", ("V", "I"), ("mV", "uA")),
    ("angle R\ndeg ohm\n0 1\n1 2\n", ("angle", "R"), ("deg", "ohm")),
    ("dI/dV,V\n0,1\n1,2\n", ("dI/dV", "V"), ("", "")),
    ("Sweep up\nmade by me\n0,1\n1,2\n", ("column 1", "column 2"), ("", ""))])
def test_names_and_units_stand_above_the_numbers(text, names, units) -> None:
    table = tables.parse(text, tables.guess(text))
    assert (table.names, table.units) == (names, units)


def test_lines_between_the_numbers_are_counted_and_left_out() -> None:
    table = tables.parse("a,b\n1,2\nstopped\n3,4\n# again\n\n5,6,7\n8,\n", Layout())
    np.testing.assert_array_equal(table.values, [[1, 2], [3, 4], [8, np.nan]])
    assert table.skipped == 2 and table.remarks == ("a,b",)


def test_lines_can_be_skipped_and_names_ignored() -> None:
    text = "1,2\n3,4\na,b\n5,6\n7,8\n"
    assert tables.parse(text, Layout(skip=2)).names == ("a", "b")
    table = tables.parse(text, Layout(skip=2, header=False))
    assert table.names == ("column 1", "column 2") and table.values.tolist() == [[5, 6], [7, 8]]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Winkel (°)\tR\n0\t1\n90\t2\n".encode(codec))
    assert tables.read(path).names == ("Winkel", "R") and tables.read(path).units[0] == "°"


@pytest.mark.parametrize(("content", "why"), [
    (b"", "no rows of numbers"), (b"hello\nworld\n", "no rows of numbers"), (b"1,2\n", "single row"),
    (b"\x00\x01\x02" * 50, "not a text file"), (b"\xff\xfe\x00", "UTF-16 text is damaged"),
    (b"1," * 60_000 + b"\n", "is no row of a table"), (b"nan,nan\nnan,nan\n", "no rows of numbers"),
    (b"1," * 1500 + b"1\n" + b"1," * 1500 + b"1\n", "columns is no measured curve")])
def test_what_is_no_table_is_refused_with_the_reason(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "odd.dat"
    path.write_bytes(content)
    with pytest.raises(FileError, match=why) as refused:
        tables.read(path)
    assert "odd.dat" in str(refused.value)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(tables.MOST_BYTES + 1)
    with pytest.raises(FileError, match="32 MB"):
        tables.read(path)
    with pytest.raises(FileError, match="no such file"):
        tables.read(tmp_path / "none.csv")


@pytest.mark.parametrize(("name", "quantity", "axis", "unit", "sigma", "bias"), [
    ("tamr_theta.csv", "tamr", ("theta", (0, "deg")), "%", 2, 0.1),
    ("tamr_phi.dat", "tamr", ("phi", (0, "deg")), "%", None, 0.1),
    ("current_bias.csv", "current_density", ("bias", (0, "mV")), "mA/um^2", None, None),
    ("torque_bias.csv", "torque_par", ("bias", (0, "V")), "eV/um^2", None, None)])
def test_the_sample_data_explain_themselves(name, quantity, axis, unit, sigma, bias) -> None:
    table = tables.read(resources.path(f"measured/{name}"))
    found = suggest(table)
    assert (found.quantity, dict(found.axes), found.unit, found.sigma, found.bias) == (
        quantity, {axis[0]: axis[1]}, unit, sigma, bias)
    assert any("not a measurement" in remark for remark in table.remarks)


def test_columns_without_names_are_taken_in_order() -> None:
    found = suggest(Table(("column 1", "column 2"), ("", ""), np.ones((3, 2))))
    assert (found.quantity, found.column, dict(found.axes)) == ("tamr", 1, {"theta": (0, "deg")})


def test_units_lead_to_those_of_the_program() -> None:
    table = Table(("V", "I", "dI"), ("mV", "uA", ""), np.array([[100.0, 50.0, 1.0], [200.0, 100.0, 2.0]]))
    choice = Choice(quantity="current_density", column=1, unit="uA", axes={"bias": (0, "mV")}, sigma=2, area=0.5)
    curve = measurement(table, choice)
    np.testing.assert_allclose(curve.axes["bias"], [0.1, 0.2])
    np.testing.assert_allclose(curve.values, [1e-4, 2e-4])      # A/µm², from µA through 0.5 µm²
    np.testing.assert_allclose(curve.sigma, [2e-6, 4e-6])
    assert all(variable in VARIABLES for variable in UNITS)


def test_rows_without_a_number_are_left_out_and_told() -> None:
    table = Table(("theta", "TAMR"), ("", ""), np.array([[0.0, 1.0], [1.0, np.nan], [2.0, 3.0]]), skipped=4)
    curve = measurement(table, suggest(table))
    assert curve.axes["theta"].tolist() == [0.0, 2.0]
    assert len(curve.notes) == 2 and curve.notes[0].startswith("1 rows") and curve.notes[1].startswith("4 lines")


@pytest.mark.parametrize(("changes", "field"), [
    ({"quantity": "colour"}, "quantity"), ({"unit": "furlong"}, "unit"), ({"column": 7}, "column"),
    ({"area": 0.0}, "area"), ({"axes": {"mass": (0, "kg")}}, "quantity"), ({"sigma": 0}, "sigma")])
def test_a_choice_that_does_not_fit_is_refused(changes, field) -> None:
    table = Table(("theta", "TAMR"), ("", ""), np.array([[0.0, 1.0], [1.0, 2.0]]))
    with pytest.raises(ParameterError) as refused:
        measurement(table, Choice(**changes))
    assert refused.value.field == field


# --- HDF5 -------------------------------------------------------------------------------------------------

def test_labelled_files_are_read_with_names_and_units(tmp_path: Path) -> None:
    data = xr.Dataset({"R": (("V", "theta"), np.arange(6.0).reshape(2, 3), {"units": "ohm"})},
                      {"V": ("V", [0.1, 0.2], {"units": "V"}), "theta": ("theta", [0.0, 45.0, 90.0])})
    data.to_netcdf(tmp_path / "a.h5", engine="h5netcdf")
    table = tables.read(tmp_path / "a.h5")
    curve = measurement(table, suggest(table))
    assert set(curve.axes) == {"theta", "bias"} and curve.quantity == "resistance"
    np.testing.assert_array_equal(curve.axes["bias"], [0.1, 0.1, 0.1, 0.2, 0.2, 0.2])
    np.testing.assert_array_equal(curve.values, np.arange(6.0))


def test_results_of_this_program_are_data_too(tmp_path: Path) -> None:
    result = samples.result()
    table = tables.read(results.save(result, tmp_path / "a.h5"))
    assert "theta" in table.names and "tamr" in table.names


def test_plain_files_with_groups_and_circular_links_are_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("run/1")
        group["V"], group["I"] = np.arange(5.0), np.arange(5.0) ** 2
        group["self"] = h5py.SoftLink("/run")
        group["back"] = file["run"]
        file["picture"] = np.zeros((3, 3))
    table = tables.read(tmp_path / "a.h5")
    assert set(table.names) == {"V", "I"}
    assert table.values[:, table.names.index("I")].tolist() == [0, 1, 4, 9, 16]


def test_damaged_and_empty_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(1000.0)
    with pytest.raises(FileError, match="no two columns"):
        tables.read(path)
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(FileError, match=r"a\.h5"):
        tables.read(path)


def test_a_reader_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = results.save(samples.result(), tmp_path / "a.h5")
    monkeypatch.setattr(hdf5_tables, "TIME_LIMIT", 0.0)
    with pytest.raises(FileError, match="took longer"):
        hdf5_tables.read(path)


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        hdf5_tables.read(results.save(samples.result(), tmp_path / "a.h5"), stop)
