"""Reference numbers: brute-force calculations confirmed by a second one made apart, and published values.

reference.json: conductance at zero bias, current and torques of six junctions, with the change of each number
when the quadrature that made it was refined.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smtj_engine.parameters import Junction
from smtj_engine.transport.energy import interface_energy
from smtj_engine.transport.sweeps import angular_curve, bias_sweep, rashba_sweep, transport_point

CASES = json.loads((Path(__file__).parent / "reference.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
@pytest.mark.parametrize("accuracy", ["normal", "reference"])
def test_reference_cases(case: dict[str, Any], accuracy: str) -> None:
    junction = Junction(
        k_up=case["k_up"], k_down=case["k_down"], k_normal=case["k_normal"], barrier_height=case["barrier_height"],
        barrier_thickness=case["barrier_thickness_nm"], barrier_mass=case["barrier_mass"], rashba=case["rashba"],
        dresselhaus=case["dresselhaus"], bias=case["bias"])
    where = case["theta_deg"], case["phi_deg"]
    point = transport_point(junction, *where, accuracy=accuracy)
    change = case["quadrature_change"]
    assert point.current_density == pytest.approx(case["current_A_per_um2"], rel=1e-6)
    assert point.torque_par == pytest.approx(case["torque_par_eV_per_um2"], rel=1e-5)
    assert point.torque_perp == pytest.approx(case["torque_perp_eV_per_um2"], rel=1e-6)
    at_rest = transport_point(Junction(**{**junction.__dict__, "bias": 0.0}), *where, accuracy=accuracy)
    assert at_rest.conductance == pytest.approx(case["zero_bias_conductance_S_per_um2"], rel=1e-6)
    assert at_rest.torque_perp == pytest.approx(case["torque_perp_zero_bias_eV_per_um2"], rel=1e-6)
    difference = case["torque_perp_eV_per_um2"] - case["torque_perp_zero_bias_eV_per_um2"]
    assert point.torque_perp - at_rest.torque_perp == pytest.approx(difference, rel=max(5e-6, 2 * max(change)))
    if case["dresselhaus"]:
        assert at_rest.torque_par == pytest.approx(case["torque_par_zero_bias_eV_per_um2"], rel=1e-6)
    else:
        assert abs(at_rest.torque_par) < 1e-9 * at_rest.torque_perp


def test_published_tamr() -> None:
    data = angular_curve(Junction(), theta_deg=[0.0, 90.0], family=("junction.rashba", [1, 2, 3, 4, 5])).data
    assert data["tamr"].dims == ("rashba", "theta")
    percent = 100 * data["tamr"].sel(theta=90.0).values
    assert percent == pytest.approx([0.053, 0.213, 0.479, 0.848, 1.315], abs=5e-4)


def test_published_anisotropy() -> None:
    data = interface_energy(Junction(), family=("junction.rashba", [1, 4, 5])).data
    assert data["K_i"].values == pytest.approx([-0.101, -1.832, -3.098], abs=5e-4)
    assert data["K_i"].attrs["units"] == "mJ/m^2"


def test_published_torques() -> None:
    assert transport_point(Junction(bias=0.8), 45.0).torque_par == pytest.approx(53.2, abs=0.05)
    strongest = [transport_point(Junction(bias=bias, rashba=5.0), 45.0).torque_par for bias in (0.8, -0.8)]
    assert abs(strongest[0]) == pytest.approx(89, abs=1)
    assert abs(strongest[1]) == pytest.approx(128, abs=1)
    data = rashba_sweep(Junction(bias=0.8), rashba=[1.0, 2.0, 3.0, 4.0, 5.0]).data
    ratio = np.abs(data["torque_par"].values / data["torque_perp_neq"].values)
    assert np.all((ratio > 4.8) & (ratio < 7))


def test_thickness_changes_the_ratio_of_the_torques() -> None:
    """At 0.3 nm −224 against 633, at 2.4 nm +4.0 against 1.8e-4 (physics.md, section 5; V = 0.8 V)."""
    data = bias_sweep(Junction(), bias=[0.8], family=("junction.barrier_thickness", [0.3, 2.4])).data
    assert data["torque_perp_neq"].values[:, 0] == pytest.approx([-224, 4.0], rel=1.5e-2)
    assert data["torque_par"].values[:, 0] == pytest.approx([633, 1.8e-4], rel=2e-2)


def test_two_limits_known_from_the_literature() -> None:
    """A thick barrier leaves T∥ far behind T⊥(V) − T⊥(0), which falls with the thickness as a power only; a thin
    one has T∥ proportional to the current."""
    thick = bias_sweep(Junction(barrier_thickness=2.4), bias=[0.2, 0.5, 0.8]).data
    assert np.all(np.abs(thick["torque_par"].values / thick["torque_perp_neq"].values) < 1e-3)
    for thickness in (0.3, 0.6):
        data = bias_sweep(Junction(barrier_thickness=thickness), bias=np.linspace(0.05, 0.8, 16)).data
        ratio = data["torque_par"].values / data["current_density"].values
        assert np.all(np.abs(ratio / ratio.mean() - 1) < 0.3)


def test_sweeps_agree_with_points() -> None:
    by_bias = bias_sweep(Junction(), bias=[-0.5, 0.0, 0.5]).data
    by_alpha = rashba_sweep(Junction(bias=0.5), rashba=[2.0, 4.0]).data
    point = transport_point(Junction(bias=0.5), 45.0)
    rest = transport_point(Junction(), 45.0)
    for data in (by_bias.sel(bias=0.5), by_alpha.sel(rashba=4.0)):
        assert float(data["current_density"]) == pytest.approx(point.current_density, rel=1e-9)
        assert float(data["conductance"]) == pytest.approx(point.conductance, rel=1e-9)
        assert float(data["torque_perp_neq"]) == pytest.approx(point.torque_perp - rest.torque_perp, rel=1e-6)
        assert float(data["resistance"]) == pytest.approx(0.5 / point.current_density, rel=1e-9)
    assert float(by_bias.sel(bias=0.0)["resistance"]) == pytest.approx(1 / rest.conductance, rel=1e-9)
    assert np.isfinite(by_bias["tamr"]).all()


def test_electric_control_of_the_anisotropy() -> None:
    """VCMA is the slope of K_i in the field V/d, also at the end of the admissible bias range."""
    for bias in (0.0, 3.0):
        step = 0.01
        near = {n: float(interface_energy(Junction(bias=bias + n * step)).data["K_i"]) for n in (-2, -1, 0)}
        slope = (near[-2] - 4 * near[-1] + 3 * near[0]) / (2 * step)
        vcma = float(interface_energy(Junction(bias=bias)).data["vcma"])
        assert vcma == pytest.approx(1000 * 0.6 * slope, rel=2e-3)
