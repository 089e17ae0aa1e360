"""The table of materials: what it computes, and that every published case names a preset."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from smtj_engine import presets
from smtj_engine.figures import materials
from smtj_engine.parameters import Junction


@pytest.mark.parametrize("case", materials.PUBLISHED, ids=lambda case: f"{case.preset} {case.size}")
def test_published_cases_name_presets(case: materials.Published) -> None:
    assert presets.load(case.preset).group == "Materials"
    assert case.turn in ("theta", "phi")


def test_the_rashba_parameter_that_meets_a_tamr_does_meet_it() -> None:
    alpha, size = materials.meeting(Junction(), "theta", 0.005)
    assert size == 0.005
    assert abs(materials.tamr(Junction(rashba=alpha), "theta")) == pytest.approx(0.005, rel=2e-3)


def test_a_tamr_out_of_reach_is_said_to_be() -> None:
    alpha, size = materials.meeting(Junction(barrier_thickness=1.5, barrier_height=2.0), "theta", 0.11)
    assert size < 0.05
    found = materials.tamr(Junction(barrier_thickness=1.5, barrier_height=2.0, rashba=alpha), "theta")
    assert abs(found) == pytest.approx(size, rel=1e-6)


def test_presets_meet_the_tamr_that_they_were_chosen_for() -> None:
    cobalt = presets.load("pt_co_alox_pt").setup.junction
    assert 100 * materials.tamr(cobalt, "theta") == pytest.approx(0.15, abs=5e-3)
    gaas = presets.load("fe_gaas_au").setup.junction
    forward = materials.tamr(gaas, "phi")
    assert 100 * abs(forward) == pytest.approx(0.4, abs=0.03)
    inverted = dataclasses.replace(gaas, rashba=-gaas.rashba)
    assert materials.tamr(inverted, "phi") == pytest.approx(-forward, rel=0.02)


@pytest.mark.slow
def test_the_whole_table(tmp_path: Path) -> None:
    heard: list[float] = []
    text = materials.write_materials(tmp_path, lambda fraction, note="", partial=None: heard.append(fraction)
                                     ).read_text()
    chosen = [preset for preset in map(presets.load, presets.names()) if preset.group == "Materials"]
    assert all(f"| {preset.title} |" in text for preset in chosen)
    assert heard == sorted(heard)
    assert "nan" not in text
