"""Spin density over depth, and what single energies and wave vectors carry (Eqs. 5-7)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from smtj_engine.constants import HBAR2_2M
from smtj_engine.parameters import Junction
from smtj_engine.schema import ParameterError
from smtj_engine.transport.bands import band_profile
from smtj_engine.transport.barrier import model
from smtj_engine.transport.density import k_map, spectral, spin_density
from smtj_engine.transport.scattering import waves
from smtj_engine.transport.sweeps import transport_point

SYSTEMS = {
    "rashba": Junction(bias=0.6), "at rest": Junction(), "warm": Junction(bias=-0.3, temperature=300.0),
    "both fields": Junction(rashba=3.0, dresselhaus=1.5, bias=0.2),
    "bulk": Junction(rashba=2.0, dresselhaus_bulk=3.0, bias=0.3),
    "second magnet": Junction(rashba=1.0, bias=0.3, right_k_up=1.1, right_k_down=0.4, right_theta_deg=60.0),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_integrated_torque_reaches_the_interface_formula(name: str) -> None:
    """It swings about it with a tail that falls: the mean far out is the limit."""
    junction = SYSTEMS[name]
    data = spin_density(junction, theta_deg=50.0, phi_deg=20.0, depth=np.linspace(0.0, 40.0, 401)).data
    point = transport_point(junction, 50.0, 20.0)
    size = np.hypot(point.torque_par, point.torque_perp)
    for component, expected in (("par", point.torque_par), ("perp", point.torque_perp)):
        running = data[f"running_{component}"].values
        assert running[0] == 0
        assert running[200:].mean() == pytest.approx(expected, abs=2e-5 * size)
        far, near = np.abs(running[350:] - expected).max(), np.abs(running[50:100] - expected).max()
        assert far < 0.3 * near + 1e-12 * size
        assert float(data[f"torque_{component}"]) == expected


@pytest.mark.parametrize("name", ["rashba", "bulk", "second magnet"])
def test_the_running_integral_is_that_of_the_torque_density(name: str) -> None:
    z, weights = np.polynomial.legendre.leggauss(24)
    depths = np.concatenate([[0.2, 0.8], 0.5 + 0.3 * z])
    order = np.argsort(depths)
    data = spin_density(SYSTEMS[name], depth=depths[order]).data.isel(depth=np.argsort(order))
    for component in ("par", "perp"):
        integral = 0.3 * weights @ data[f"torque_density_{component}"].values[2:]  # eV/nm²
        running = data[f"running_{component}"].values
        assert 1e6 * integral == pytest.approx(running[1] - running[0], rel=1e-5)


def test_torque_density_is_j_m_cross_magnetization() -> None:
    junction = SYSTEMS["rashba"]
    data = spin_density(junction, depth=np.linspace(0.0, 2.0, 5)).data
    exchange = model(junction).exchange
    assert data["torque_density_par"].values == pytest.approx(-exchange * data["spin_perp"].values)
    assert data["torque_density_perp"].values == pytest.approx(exchange * data["spin_par"].values)


def test_a_map_is_that_of_the_scattering_states() -> None:
    """Transmission and torques at single wave vectors against the matrices written out."""
    junction = Junction(bias=0.4, right_k_up=1.1, right_k_down=0.4, right_theta_deg=35.0, rashba=2.0)
    one, theta, phi = model(junction), np.radians(45.0), 0.0
    data = k_map(junction, energy=0.1, points=5).data
    e = one.fermi + 0.1 - 0.2
    for i in (0, 2, 3):
        for j in (1, 2):
            state = waves(one, e, float(data["k_x"][i]), float(data["k_y"][j]), theta, phi)
            here = data.isel(k_x=i, k_y=j)
            assert float(here["transmission"]) == pytest.approx(state.transmission_n, rel=1e-10, abs=1e-300)
            e_theta = np.array([np.cos(theta), 0.0, -np.sin(theta)])
            scale = 1 / (16 * np.pi**3)
            par, perp = -scale * state.spin_n @ e_theta, scale * state.spin_n[1]
            assert float(here["torque_par_k"]) == pytest.approx(par, rel=1e-9, abs=1e-18)
            assert float(here["torque_perp_k"]) == pytest.approx(perp, rel=1e-9, abs=1e-18)


def test_a_map_adds_up_to_its_energy() -> None:
    """Sum over (k_x, k_y) against the integral over k∥ of the energy-resolved curve."""
    for junction in (Junction(bias=0.8), SYSTEMS["bulk"]):
        data = k_map(junction, points=241).data
        area = float(data["k_x"][1] - data["k_x"][0]) ** 2
        line = spectral(junction, energy=[0.0]).data.isel(electron_energy=0)
        total = 1e8 * area * float(data["torque_par_k"].sum())
        assert total == pytest.approx(float(line["torque_par_spectrum"]), rel=2e-3)
        assert np.nanmax(np.abs(data["polarization"].values)) <= 1 + 1e-12


@pytest.mark.parametrize("junction", [Junction(bias=0.5), Junction(bias=-0.5, rashba=5.0),
                                      Junction(bias=0.3, rashba=0.0, right_k_down=0.4)])
def test_the_window_of_energies_is_the_current_and_the_torque(junction: Junction) -> None:
    half = junction.bias / 2
    nodes, weights = np.polynomial.legendre.leggauss(20)
    data = spectral(junction, energy=np.sort(half * nodes)).data
    point = transport_point(junction, 45.0)
    current = half * float(weights @ data["current_spectrum"].values)
    torque = half * float(weights @ data["torque_par_spectrum"].values)
    assert current == pytest.approx(point.current_density, rel=1e-6)
    assert torque == pytest.approx(point.torque_par, rel=1e-5)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_tail_that_is_faded_out_settles_on_the_interface_formula(name: str) -> None:
    """Much sooner than the integral that is cut off, and it is that of the density itself, faded out by cos²."""
    depth = np.linspace(0.0, 6.0, 1201)
    data = spin_density(SYSTEMS[name], theta_deg=50.0, phi_deg=20.0, depth=depth).data
    size = np.hypot(float(data["torque_par"]), float(data["torque_perp"]))
    for component in ("par", "perp"):
        limit = float(data[f"torque_{component}"])
        tapered, running = (data[f"{kind}_{component}"].values for kind in ("tapered", "running"))
        assert np.abs(tapered[800:] - limit).max() < 0.2 * np.abs(running[800:] - limit).max() + 1e-6 * size
        window = np.where(depth < 3.0, 1.0, np.cos(np.pi * (depth - 3.0) / 6.0) ** 2)
        direct = 1e6 * integrate.simpson(data[f"torque_density_{component}"].values * window, x=depth)
        assert tapered[-1] == pytest.approx(direct, abs=2e-4 * size)
        assert tapered[0] == 0


def test_no_density_where_the_torque_is_not_defined() -> None:
    result = spin_density(Junction(barrier_mass=0.067, rashba=50.0, dresselhaus_bulk=40.0), depth=[0.0, 1.0])
    assert np.isnan(result.data["running_par"]).all()
    assert "not defined" in result.notes[0]


def test_a_map_may_look_closer() -> None:
    wide, near = k_map(Junction(), points=5).data, k_map(Junction(), points=5, extent=0.1).data
    assert near["k_x"].values == pytest.approx([-0.1, -0.05, 0.0, 0.05, 0.1])
    assert float(near["transmission"][2, 2]) == float(wide["transmission"][2, 2])


def test_bands_are_those_of_equations_3_and_4() -> None:
    junction = Junction(bias=0.6, right_k_up=1.0, right_k_down=0.5)
    data = band_profile(junction, points=51, beside=2.0).data
    z, up, down = (data[name].values for name in ("z", "potential_up", "potential_down"))
    assert (z[0], z[-1]) == (-2.0, 2.6)
    fermi = HBAR2_2M * (1.09**2 + 0.4**2) / 2
    assert up[0] == pytest.approx(fermi - HBAR2_2M * 1.09**2 + 0.3)
    assert down[0] == pytest.approx(fermi - HBAR2_2M * 0.4**2 + 0.3)
    assert up[-1] == pytest.approx(fermi - HBAR2_2M - 0.3)
    assert down[-1] == pytest.approx(fermi - HBAR2_2M * 0.25 - 0.3)
    inside = slice(2, -2)
    assert up[inside] == pytest.approx(fermi + 1.0 + (0.5 - z[inside] / 0.6) * 0.6)
    assert np.array_equal(up[inside], down[inside]) and np.isnan(data["fermi_level"].values[inside]).all()
    assert data["fermi_level"].values[[0, -1]] == pytest.approx([fermi + 0.3, fermi - 0.3])


def test_polarization_of_half_a_metal_is_complete() -> None:
    values = k_map(Junction(k_down=0.0, rashba=0.0), points=21).data["polarization"].values
    assert np.nanmin(values) == pytest.approx(1.0)
    assert np.isnan(values[0, 0])  # no wave has k∥ in the corner


def test_no_torque_density_along_the_normal() -> None:
    data = spin_density(Junction(bias=0.3), theta_deg=0.0, depth=np.linspace(0.0, 1.0, 5)).data
    assert np.abs(data["running_perp"].values).max() < 1e-9


def test_the_tail_integrates_to_the_limit_with_a_convergence_factor() -> None:
    """∫ t(z) exp(−ηz) dz → T for η → 0, with the density's own values: what "the limit" means."""
    depth = np.linspace(0.0, 40.0, 4001)
    data = spin_density(Junction(), theta_deg=45.0, depth=depth).data
    expected = float(data["torque_perp"])
    damped = [1e6 * integrate.simpson(data["torque_density_perp"].values * np.exp(-eta * depth), x=depth)
              for eta in (0.4, 0.2, 0.1)]
    errors = np.abs(np.array(damped) / expected - 1)
    assert errors[2] < errors[1] < errors[0]
    assert errors[2] < 0.02


@pytest.mark.parametrize("call", [
    lambda: spin_density(Junction(), depth=[-1.0]), lambda: spin_density(Junction(), accuracy="best"),
    lambda: k_map(Junction(), energy=-9.0), lambda: spectral(Junction(), energy=[np.nan]),
    lambda: spin_density(Junction(), depth=[]), lambda: band_profile(Junction(), beside=0.0)])
def test_bad_requests(call: object) -> None:
    with pytest.raises(ParameterError):
        call()  # type: ignore[operator]
