"""From the junction to τ: signs and normalization of physics.md, section 6, and the interpolation over angles."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from smtj_engine.dynamics import fields
from smtj_engine.dynamics.cells import build, direction
from smtj_engine.dynamics.classify import IN_PLANE, IPP, OPP, PERPENDICULAR
from smtj_engine.dynamics.stability import stability_diagram
from smtj_engine.dynamics.torque_laws import rashba_field, torque_unit
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.schema import ParameterError
from smtj_engine.transport.sweeps import transport_point

TRANSPORT = Drive(law="transport")
JUNCTION = Junction(rashba=4.0, bias=0.8)


def test_the_unit_of_the_torque() -> None:
    """53.2 eV/µm² at 45° for d_F = 1 nm is τ = −0.0084."""
    assert -2 * 53.2 / torque_unit(1.6, 1.0) == pytest.approx(-0.0084, abs=5e-5)


def test_a_positive_bias_pushes_to_the_plane() -> None:
    spins = build(Magnet(thickness=1.0), TRANSPORT, JUNCTION).spins
    f, _, _, _ = fields.amplitudes(spins, direction(45.0, 0.0)[None])
    assert f[0] / np.cos(np.pi / 4) == pytest.approx(-0.0084, abs=5e-5)


@pytest.mark.parametrize("junction", [JUNCTION, Junction(rashba=3.0, dresselhaus=1.5, bias=0.5),
                                      Junction(rashba=5.0, rashba_slope=1.0, bias=-0.6),
                                      Junction(rashba=2.0, dresselhaus_bulk=3.0, bias=0.4),
                                      Junction(rashba=1.0, bias=0.4, right_k_up=1.1, right_k_down=0.5)])
@pytest.mark.parametrize(("theta", "phi"), [(20.0, 33.0), (77.0, 140.0), (133.0, -70.0), (2.0, 250.0)])
def test_the_law_is_the_transport_engines_torque(junction: Junction, theta: float, phi: float) -> None:
    spins = build(Magnet(), TRANSPORT, junction).spins
    f, t, _, _ = fields.amplitudes(spins, direction(theta, phi)[None])
    with_bias = transport_point(junction, theta, phi)
    without = transport_point(dataclasses.replace(junction, bias=0.0), theta, phi)
    scale = -1 / (np.sin(np.radians(theta)) * torque_unit(1.6, 1.3))
    size = abs(scale) * abs(with_bias.torque_perp) * 1e-6 + 2e-7 * (abs(f[0]) + abs(t[0]))
    assert f[0] == pytest.approx(scale * (with_bias.torque_par - without.torque_par), abs=size)
    assert t[0] == pytest.approx(scale * (with_bias.torque_perp - without.torque_perp), abs=size)


def test_without_bias_nothing_drives() -> None:
    spins = build(Magnet(), TRANSPORT, Junction(dresselhaus=1.0)).spins
    f, t, _, _ = fields.amplitudes(spins, direction(50.0, 20.0)[None])
    assert abs(f[0]) < 1e-12
    assert abs(t[0]) < 1e-12


def test_the_perpendicular_part_is_optional() -> None:
    both = build(Magnet(), TRANSPORT, JUNCTION).spins
    par = build(Magnet(), Drive(law="transport", junction_perp="dropped"), JUNCTION).spins
    np.testing.assert_array_equal(par.par, both.par)
    assert np.abs(both.perp).max() > 0.0
    assert not par.perp.any()


def test_the_thin_kernel_and_the_numbers_agree_with_beta() -> None:
    """The compiled law with harmonics of φ against the slope of fields.py, through a short step."""
    junction = Junction(rashba=3.0, dresselhaus=1.5, bias=0.8)
    spins = build(Magnet(thickness=0.3), TRANSPORT, junction).spins
    short = 1e-4
    data = trajectory(Magnet(thickness=0.3), TRANSPORT, theta0_deg=70.0, phi0_deg=35.0, junction=junction,
                      times=[0.0, short]).data
    m = data["m"].values
    middle = m.mean(axis=0, keepdims=True)
    speed = (m[1] - m[0]) / (short / spins.unit[0])
    np.testing.assert_allclose(speed, fields.slope(spins, middle / np.linalg.norm(middle))[0], atol=1e-6)


def test_c2z_holds_with_beta() -> None:
    junction = Junction(rashba=3.0, dresselhaus=1.5, bias=0.5)
    one, two = (trajectory(Magnet(), TRANSPORT, theta0_deg=20.0, phi0_deg=phi, junction=junction,
                           times=[0.2, 1.0]).data["m"].values for phi in (30.0, 210.0))
    np.testing.assert_allclose(two, one * [-1, -1, 1], atol=1e-9)


def test_a_voltage_axis_switches_the_magnet() -> None:
    for law in ("transport", "cosine"):
        data = stability_diagram(Magnet(), Drive(law=law), x=("junction.bias", [-0.3, 0.0, 1.0]),
                                 y=("magnet.q_par", [0.1]), junction=Junction()).data
        assert data["state"].values[0].tolist() == [PERPENDICULAR, PERPENDICULAR, IN_PLANE]
    assert data["x"].attrs["units"] == "V"


def test_a_drive_that_the_junction_replaces_is_told() -> None:
    axes = {"x": ("junction.bias", [0.3]), "y": ("magnet.q_par", [0.1]), "junction": Junction(), "duration": 1.0}
    one, two = (stability_diagram(Magnet(), Drive(tau_par=tau), **axes) for tau in (0.0, 0.1))
    assert one.notes == []
    assert "τ∥ of the drive was ignored" in two.notes[0]
    np.testing.assert_array_equal(one.data["resistance"], two.data["resistance"])


def test_two_axes_over_the_junction() -> None:
    data = stability_diagram(Magnet(), TRANSPORT, x=("junction.bias", [0.0, 1.0]), duration=20.0,
                             y=("junction.rashba", [0.5, 5.0]), junction=Junction()).data
    assert data["state"].values.tolist() == [[PERPENDICULAR, PERPENDICULAR], [PERPENDICULAR, IN_PLANE]]


def test_a_second_magnet_across_the_normal_has_no_series_about_it() -> None:
    with pytest.raises(ParameterError, match="right_theta_deg"):
        build(Magnet(), TRANSPORT, Junction(right_k_down=0.4, right_theta_deg=90.0))


def test_a_field_is_all_that_the_rashba_ferromagnet_has() -> None:
    """The Letter: its torque is an effective field, so no amplitude of either sign keeps a precession going."""
    magnet = Magnet()
    by_law = build(magnet, Drive(law="field", tau_par=-0.003, h_y=0.001), None).spins
    assert by_law.h[0] == pytest.approx([0.0, -0.002, 0.0])
    assert not by_law.par.any()
    assert not by_law.perp.any()
    grid = {"x": ("drive.tau_par", np.linspace(-0.009, 0.009, 7)), "y": ("magnet.q_par", np.array([0.1, 0.2])),
            "duration": 100.0}
    driven = stability_diagram(magnet, Drive(law="field"), **grid)  # type: ignore[arg-type]
    states = set(driven.data["state"].values.ravel().tolist())
    assert not states & {OPP, IPP}
    other = stability_diagram(magnet, Drive(law="cosine"), **grid)  # type: ignore[arg-type]
    assert set(other.data["state"].values.ravel().tolist()) & {OPP, IPP}
    notes = trajectory(magnet, Drive(law="field", tau_par=0.01, tau_perp=0.1), duration=0.01).notes
    assert any("ignored" in note for note in notes)
    with pytest.raises(ParameterError, match="current in the plane"):
        build(magnet, Drive(law="field"), Junction(), {"junction.bias": np.array([0.1])})


def test_size_of_that_field() -> None:
    """α = 0.1 eV·nm, 1 A/µm² and P = 0.5 on 1.6 T: 0.34 T by hand."""
    assert 1.6 * rashba_field(0.1, 1.0, 0.5, 1.6) == pytest.approx(0.339, abs=2e-3)
