"""Printed figures, and the Letter's figures with the report on its statements, computed for real."""

from __future__ import annotations

import dataclasses
import io
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib.image import imread

from smtj_engine import figures
from smtj_engine.analyses import ANALYSES
from smtj_engine.dynamics.noise import ensemble
from smtj_engine.figures import dynamics_statements, publication, report, style
from smtj_engine.figures.numbers import Numbers
from smtj_engine.files import FileError, csv, resources
from smtj_engine.monitor import Cancelled, silent
from smtj_engine.parameters import Drive, Magnet, Setup
from smtj_engine.results import Result
from smtj_engine.schema import value_at, with_values
from tests.engine import samples

#: Analyses that draw a family of curves.
FAMILIES = [key for key, analysis in ANALYSES.items() if hasattr(value_at(Setup(), analysis.grid), "family")]


def _run(key: str, **values: object) -> Result:
    grid = {f"numerics.{key}.{name}": value for name, value in values.items()}
    setup = with_values(Setup(), {**samples.tiny(key), "drive.tau_par": -2e-3, **grid})
    return ANALYSES[key].run(setup, silent)


@pytest.mark.parametrize("key", ANALYSES)
@pytest.mark.parametrize("width", [85.0, 180.0])
def test_every_result_is_drawn_with_labels(key: str, width: float) -> None:
    result = _run(key)
    figure = publication.draw(result, width)
    assert figure.get_figwidth() * 25.4 == pytest.approx(width)
    if key == "systems":
        table, = figure.axes[0].tables
        said = {cell.get_text().get_text() for cell in table.get_celld().values()}
        assert {"Co/AlOx/Al", "T∥ (mT)", "–"} <= said
        return
    plots = [plot for plot in figure.axes if plot.get_xlabel()]  # colour bars have none
    if key == "bands":
        majority, minority, _ = plots[0].get_lines()
        assert [majority.get_color(), minority.get_color()] == [style.COLOURS[1], style.COLOURS[0]]
        assert plots[0].get_ylabel() == "E (eV)"
        return
    assert len(plots) == len(publication.panels(result)) > 0
    for plot in plots:
        assert plot.get_ylabel()
        assert "^" not in plot.get_xlabel() + plot.get_ylabel()
        assert plot.get_lines() or plot.collections


@pytest.mark.parametrize("key", ["angular", "trajectory", "loop"])
def test_other_results_are_drawn_beside_with_their_names(key: str) -> None:
    result = _run(key)
    alone, (first, second) = publication.draw(result), (
        dataclasses.replace(result, data=result.data.copy()) for _ in range(2))
    odd = "_cost $1 or $2"
    beside = [publication.Beside("thick barrier", "#123456", first), publication.Beside(odd, "#CC79A7", second),
              publication.Beside("another kind", "#000000", _run("density"))]
    figure = publication.draw(result, beside=beside, own="thin barrier")
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said[-2:] == ["thick barrier", " " + odd.replace("$", r"\$")]
    family = [text.get_text() for text in alone.legends[0].get_texts()] if alone.legends else ["thin barrier"]
    assert said[:-2] == family
    for before, after in zip(alone.axes, figure.axes, strict=True):
        lines = after.get_lines()
        assert len(lines) == 3 * len(before.get_lines())
        assert [line.get_color() for line in lines].count("#123456") == len(before.get_lines())
    figure.savefig(io.BytesIO())    # a name is no mathematics


@pytest.mark.parametrize("width", [85.0, 180.0])
@pytest.mark.parametrize("font", [8.0, 10.0])
def test_long_names_are_printed_whole_above_plots_of_the_same_height(width: float, font: float) -> None:
    result = _run("angular", family="junction.rashba")
    long = "Fe/MgO, dünne Barriere <b>0.8 nm</b>, $V$ = 0 V, " + "measured on Tuesday with the new holder, " * 3
    short, figure = (publication.draw(result, width, [publication.Beside(name, "#123456", result)], font_pt=font)
                     for name in ("thick barrier", long))
    for each in (short, figure):
        each.draw_without_rendering()
    legend = figure.legends[0]
    box = legend.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height
    for plot, before in zip(figure.axes, short.axes, strict=True):
        assert box.y0 >= plot.get_tightbbox().y1
        assert plot.bbox.height == pytest.approx(before.bbox.height, rel=0.05)
    printed = legend.get_texts()[-1].get_text()
    assert " ".join(printed.replace(r"\$", "$").split()) == " ".join(long.split())
    figure.savefig(io.BytesIO())    # no line of it is mathematics


@pytest.mark.parametrize("key", FAMILIES)
def test_a_family_has_units_everywhere_and_a_curve_per_member(key: str) -> None:
    result = _run(key, family="junction.barrier_thickness")
    figure = publication.draw(result)
    for plot in figure.axes:
        assert re.search(r"\(.+\)$", plot.get_xlabel())
        assert re.search(r"\(.+\)$", plot.get_ylabel())
    curves = figure.axes[0].get_lines()
    assert len({line.get_color() for line in curves}) == result.data.sizes["barrier_thickness"]
    assert all(text.get_text().endswith("nm") for text in figure.legends[0].get_texts())


def test_a_map_of_states_names_them() -> None:
    result = _run("stability")
    bars = [plot for plot in publication.draw(result).axes if not plot.get_xlabel()]
    names = [text.get_text() for text in bars[0].get_yticklabels()]
    assert names == ["undecided", "perpendicular", "OPP", "IPP", "in plane", "tilted"]


def test_the_components_of_a_vector_are_three_curves() -> None:
    figure = publication.draw(_run("trajectory"))
    assert len(figure.axes[0].get_lines()) == 3
    assert ["m_" in text.get_text() for text in figure.legends[0].get_texts()] == [True] * 3


@pytest.mark.parametrize("count", [1, 5, 7, 20])
def test_curves_differ_in_colour_and_neighbours_in_dash(count: int) -> None:
    looks = style.looks(count)
    assert len({str(look["color"]) for look in looks}) == count
    assert all(str(one["linestyle"]) != str(two["linestyle"]) for one, two in pairwise(looks))


def test_curves_show_the_numbers() -> None:
    result = _run("angular", family="junction.rashba")
    figure = publication.draw(result)
    for line, expected in zip(figure.axes[0].get_lines(), result.data["tamr"].values, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), result.data["theta"])
        np.testing.assert_allclose(line.get_ydata(), 100 * expected)  # in per cent


def test_a_large_family_keeps_a_short_legend() -> None:
    result = _run("angular", family="junction.rashba", family_values=tuple(np.linspace(0.5, 6, 23)))
    assert len(publication.draw(result).legends[0].get_texts()) <= 8


def test_rounding_errors_get_no_scale() -> None:
    plot = publication.draw(_run("angular")).axes[1]
    assert plot.get_ylabel().startswith("T∥")
    assert plot.get_ylim() == (-1.0, 1.0)


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml")])
def test_pictures_are_written_in_each_format(tmp_path: Path, suffix: str, start: bytes) -> None:
    before = dict(rcParams)
    path = figures.save_result(samples.result(), tmp_path / f"a{suffix}")
    assert path.read_bytes().startswith(start)
    assert dict(rcParams) == before


def test_resolution_and_width_are_as_asked(tmp_path: Path) -> None:
    figures.save_result(samples.result(), tmp_path / "a.png", width_mm=180.0, dpi=100)
    picture = imread(tmp_path / "a.png")
    assert picture.shape[1] == int(180 / 25.4 * 100)
    np.testing.assert_array_equal(picture[0, 0, :3], 1.0)  # a white background


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"must end in \.png"):
        figures.save_result(samples.result(), tmp_path / "a.bmp")


@pytest.mark.parametrize(("unit", "shown"), [
    ("eV/um^2", "eV/µm²"), ("eV A^2", "eV·Å²"), ("A/um^2", "A/µm²"), ("ohm um^2", "Ω·µm²"), ("1", ""),
    ("deg", "°"), ("fJ/(V m)", "fJ/(V·m)"), ("1/A", "1/Å")])
def test_units_are_printed_properly(unit: str, shown: str) -> None:
    assert style.unit(unit) == shown


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[float], Numbers]:
    """Everything that `smtj figures` writes, its progress, and the numbers behind it: one run for all tests."""
    heard: list[float] = []
    kept: list[Numbers] = []

    def keep(numbers: Numbers) -> str:
        kept.append(numbers)
        return report.report(numbers)

    with pytest.MonkeyPatch().context() as patch:
        patch.setattr("smtj_engine.figures.letter.report", keep)
        written = figures.letter_figures(tmp_path_factory.mktemp("letter") / "new" / "folder",
                                         lambda fraction, note="", partial=None: heard.append(fraction))
    return written, heard, kept[0]


def test_the_letters_figures_are_written(letter: tuple[list[Path], list[float], Numbers]) -> None:
    written, heard, _ = letter
    tables = ("1a", "1b", "1b_inset", "2a", "2b", "3", "3_from_the_plane", "4a", "4b", "4c", "4d", "4d_simulated")
    drawings = ("1a", "1b", "2a", "2b", "3", "3_from_the_plane", "4abc", "4d")
    assert {path.name for path in written} == {"report.md"} | {f"fig_{name}.csv" for name in tables} | {
        f"fig_{name}.{suffix}" for name in drawings for suffix in ("png", "pdf")}
    assert all(path.stat().st_size > 1000 for path in written)
    assert np.diff(heard).min() > -0.01  # tiles report their own progress, a hair behind the last partial
    assert heard[-1] == 1.0


def test_the_letters_numbers(letter: tuple[list[Path], list[float], Numbers]) -> None:
    """The shapes of Figs. 1 to 4, read from the files."""
    folder = letter[0][0].parent
    tamr = csv.read(folder / "fig_1a.csv").data["tamr"].sel(theta=90.0).values
    np.testing.assert_allclose(100 * tamr, [0.053, 0.213, 0.479, 0.848, 1.315], atol=6e-4)
    torque = csv.read(folder / "fig_2b.csv").data["torque_par"].sel(rashba=4.0).sel(bias=0.8, method="nearest")
    assert float(torque) == pytest.approx(53.216, abs=1e-3)
    states = csv.read(folder / "fig_3.csv").data["state"]
    along = states.sel(y=0.2, method="nearest").values[::-1]
    assert list(dict.fromkeys(along[along > 0])) == [1, 2, 3, 4]
    ends = [csv.read(folder / f"fig_4{letter}.csv").data["resistance"].values[-2000:] for letter in "abc"]
    assert -0.7 < ends[0].min() < 0.6 < ends[0].max() < 0.8  # stays above the plane
    assert ends[1].min() < -0.99 < 0.4 < ends[1].max()       # crosses it
    assert ends[2].max() < -0.99                             # rests in it
    assert csv.read(folder / "fig_4d.csv").data["threshold"].values == pytest.approx([-0.0015, -0.0025, -0.0045])


def test_the_verdicts_on_the_letters_statements(letter: tuple[list[Path], list[float], Numbers]) -> None:
    text = letter[0][-1].read_text("utf-8")
    verdicts = re.findall(r"^\| \d+ \| .* \| \*\*(.+)\*\* \|$", text, re.M)
    assert verdicts[:17] == ["holds"] * 7 + ["does not hold", "holds", "does not hold"] + ["holds"] * 2 + [
        "holds in part", "holds", "holds", "holds in part", "holds"]
    assert verdicts[17:] == ["holds", "holds", "holds in part", "holds", "holds in part", "holds", "holds",
                             "holds", "holds in part", "holds", "holds", "holds"]
    assert len(re.findall(r"^## \d+\. ", text, re.M)) == len(verdicts)


def test_one_reading_alone_gives_fig_4(letter: tuple[list[Path], list[float], Numbers]) -> None:
    rows = [line for line in letter[0][-1].read_text("utf-8").splitlines()
            if line.startswith(("| cosine", "| constant"))]
    assert len(rows) == 8
    assert [row for row in rows if "**yes**" in row] == [
        "| cosine | +0.25 | divided by 2π | OPP | IPP | in plane | **yes** |"]


def test_the_help_inside_the_program_tells_the_same(letter: tuple[list[Path], list[float], Numbers]) -> None:
    table = [line for line in dynamics_statements.readings_table(letter[2]) if line.startswith("|")]
    assert "\n".join(table) in resources.text("help/letter.md")
    assert "letter.md" in resources.text("help/index.md")


def _altered(numbers: Numbers, name: str, **variables: object) -> Numbers:
    """The same numbers but for some variables of one result, computed from the old ones."""
    old = getattr(numbers, name)
    data = old.data.assign({key: change(old.data[key]) for key, change in variables.items()})
    return dataclasses.replace(numbers, **{name: dataclasses.replace(old, data=data)})


@pytest.mark.parametrize(("name", "variables", "failing"), [
    ("fig_3", {"state": lambda state: state.copy(data=state.values[:, ::-1])},
     {"four_zones", "edges", "from_the_plane"}),
    ("fig_4d_simulated", {"frequency": lambda f: 20 - f}, {"slopes", "frequencies"}),
    ("fig_4d_simulated", {"state": lambda state: 5 - state}, {"hands", "slopes"}),
    ("fig_4d_simulated", {"state": lambda state: 0 * state + (state == 2)}, {"sustained"}),
    ("fig_2b", {"torque_par": lambda torque: -torque}, {"by_the_bias"}),
])
def test_verdicts_follow_the_numbers(letter: tuple[list[Path], list[float], Numbers], name: str,
                                     variables: dict[str, object], failing: set[str]) -> None:
    other = _altered(letter[2], name, **variables)
    for state in dynamics_statements.STATEMENTS:
        if state.__name__ in failing:
            assert state(letter[2]).verdict != state(other).verdict, state.__name__


def test_edges_of_stability_are_where_the_growth_vanishes() -> None:
    pole, x, y = np.eye(3)[[2, 0, 1]]
    setup = Setup()
    assert dynamics_statements.edge_of_stability(setup, pole) == pytest.approx(-0.0015, abs=1e-12)
    assert dynamics_statements.edge_of_stability(setup, y) == pytest.approx(-0.0045, abs=1e-12)
    assert np.isnan(dynamics_statements.edge_of_stability(setup, x))  # a saddle at every torque


def test_cancelling_keeps_the_figures_that_were_ready(tmp_path: Path) -> None:
    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if note.startswith("fig 2b"):
            raise Cancelled

    with pytest.raises(Cancelled):
        figures.letter_figures(tmp_path, stop)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"fig_1a.png", "fig_1b.pdf", "fig_2a.csv"} <= names
    assert not {"fig_2b.csv", "report.md"} & names


def test_a_histogram_is_drawn_beside_boltzmanns_density() -> None:
    """One panel with both; without a temperature there is nothing to compare with."""
    for kelvin, lines in ((300.0, 2), (0.0, 1)):
        result = ensemble(Magnet(volume=300.0), Drive(temperature=kelvin), count=20, duration=0.05, instants=2)
        figure = publication.draw(result, 170)
        panel = next(plot for plot in figure.axes if plot.get_xlabel() == "$\\mathrm{m_{z}}$")
        assert len(panel.lines) == lines
