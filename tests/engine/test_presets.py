"""Presets: all of them load, say where their numbers come from, and stay light to import."""

from __future__ import annotations

import math
import re
import subprocess
import sys

import numpy as np
import pytest

from smtj_engine import presets
from smtj_engine.analyses import ANALYSES
from smtj_engine.dynamics.stability import axis_values
from smtj_engine.files import FileError, resources
from smtj_engine.monitor import silent
from smtj_engine.parameters import Setup
from smtj_engine.results import VARIABLES
from smtj_engine.schema import differences, walk, with_values


def test_materials_come_first_and_the_default_is_the_default_setup() -> None:
    names = presets.names()
    groups = [presets.load(name).group for name in names]
    assert groups == sorted(groups, key=presets.GROUPS.index)
    assert names[0] == presets.DEFAULT
    assert presets.load(presets.DEFAULT).setup == Setup()


@pytest.mark.parametrize("name", presets.names())
def test_each_preset_is_described_and_names_an_analysis(name: str) -> None:
    preset = presets.load(name)
    assert preset.key == name
    assert preset.title
    assert preset.description
    assert preset.run in ("", *ANALYSES)
    assert preset.shows in ("", *VARIABLES)
    changed = differences(preset.setup, Setup())
    free = {"Figures of the Letter": ("numerics.", "drive."),   # all are about this junction
            "Comparisons and origins": ("numerics.", "drive.", "junction.bias")}.get(preset.group, ("",))
    assert all(path.startswith(free) for path in changed)
    assert {path for path, (_, new) in changed.items() if isinstance(new, float)} <= set(dict(preset.sources)) | {
        path for path in changed if not path.startswith(("junction.", "magnet."))}
    assert all(f"{spec.symbol} = " in preset.tooltip for path, spec, _ in walk(preset.setup)
               if path in dict(preset.sources) and path.startswith(("junction.", "magnet.")))


@pytest.mark.parametrize("name", presets.names())
def test_each_number_is_marked_with_its_source(name: str) -> None:
    for line in resources.text(f"presets/{name}.toml").splitlines():
        if re.match(r"(?!format)\w+ = [-\d\[][^=]*(#|$)", line):
            marks = ("measured", "calculated", "chosen", "from the Letter")
            assert any(mark in line.partition("#")[2] for mark in marks), line


def test_the_figures_run_what_the_letter_shows() -> None:
    fig_1, fig_2a, fig_2b = (presets.load(f"letter_fig_{figure}").setup.numerics for figure in ("1", "2a", "2b"))
    assert (fig_1.angular.family, fig_1.angular.family_values) == ("junction.rashba", (1, 2, 3, 4, 5))
    assert fig_2a.rashba.family == "junction.bias"
    assert 0.8 in fig_2a.rashba.family_values
    assert (fig_2b.bias.family, fig_2b.bias.family_values) == ("junction.rashba", (1, 2, 3, 4, 5))


@pytest.mark.parametrize(("figure", "printed"), [("4a", -0.0125), ("4b", -0.02), ("4c", -0.0375)])
def test_the_paths_of_fig_4_take_the_printed_torque_divided_by_two_pi(figure: str, printed: float) -> None:
    preset = presets.load(f"letter_fig_{figure}")
    assert preset.run == "trajectory"
    assert preset.setup.drive.tau_par == pytest.approx(printed / (2 * math.pi), rel=1e-5)
    assert (preset.setup.magnet, preset.setup.drive.law) == (Setup().magnet, "cosine")


def test_one_dynamics_three_laws() -> None:
    """Of the same size and on the same magnet: the junction's torque precesses, a field does not, a polarizer
    turns the magnet over."""
    ends = {}
    for key in ("compare_2_precesses", "compare_3_field", "compare_5_polarizer"):
        setup = presets.load(key).setup
        ends[setup.drive.law] = ANALYSES["trajectory"].run(setup, silent).data["m"].values[-400:]
    assert len({presets.load(key).setup.drive.tau_par for key in ("compare_2_precesses", "compare_3_field")}) == 1
    assert np.ptp(ends["cosine"][:, 0]) > 0.3
    assert np.ptp(ends["field"], axis=0).max() < 0.01 and ends["field"][-1, 2] > 0.99
    assert ends["constant"][-1, 2] < -0.99


def test_a_field_makes_no_state_of_precession() -> None:
    setup = with_values(presets.load("compare_4_field_diagram").setup,
                        {"numerics.stability.x_points": 13, "numerics.stability.y_points": 3})
    state = ANALYSES["stability"].run(setup, silent).data["state"].values
    assert not np.isin(state, [2, 3]).any()         # OPP, IPP
    assert {1, 4, 5} <= set(np.unique(state))       # perpendicular, in plane, tilted


def test_the_diagrams_are_those_of_figs_3_and_4d() -> None:
    for figure, shows in (("3", "resistance"), ("4d", "frequency")):
        preset = presets.load(f"letter_fig_{figure}")
        assert (preset.run, preset.shows) == ("stability", shows)
        assert (preset.setup.numerics.stability.x, preset.setup.numerics.stability.y) == (
            "drive.tau_par", "magnet.q_par")
    assert preset.setup.magnet.q_par in np.round(axis_values(preset.setup.numerics.stability, "y"), 12)


@pytest.mark.parametrize("text", [
    "format = 1", "format = 1\n[preset]\ntitle = 'x'", "format = 1\n[preset]\ntitle = 'x'\ngroup = 'Others'",
    "format = 1\n[preset]\ntitle = 'x'\ngroup = 'Materials'\ncolour = 'red'",
    "format = 1\njunction.rashba = 'x'\n[preset]\ntitle = 'x'\ngroup = 'Materials'"])
def test_a_wrong_preset_is_refused(text: str) -> None:
    with pytest.raises(FileError):
        presets.parse("x", text, "x.toml")


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        presets.load("../pyproject")


def test_what_the_window_needs_first_imports_no_heavy_library() -> None:
    program = ("import sys\nfrom smtj_engine import cache, monitor, parameters, presets, schema, system, warm\n"
               "import smtj_engine.files.setups, smtj_engine.cli\n"
               "presets.load(presets.names()[0]); warm.is_warm()\n"
               "print([name for name in ('numba', 'xarray', 'scipy', 'matplotlib', 'h5py', 'PySide6')"
               " if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
