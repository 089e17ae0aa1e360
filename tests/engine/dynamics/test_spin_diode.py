"""Spin diode: three ways agree over random junctions and fields, symmetries, thresholds, plain errors."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from smtj_engine.dynamics.bias_response import bias_response
from smtj_engine.dynamics.fields import Spins, amplitudes
from smtj_engine.dynamics.limit_cycles import thresholds
from smtj_engine.dynamics.spin_diode import spin_diode
from smtj_engine.dynamics.torque_laws import cosine_torque, torque_unit
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.monitor import Cancelled, silent
from smtj_engine.parameters import Drive, Junction, Magnet, Waveform
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError
from smtj_engine.transport.sweeps import transport_point

TILTED = Drive(law="transport", h_x=0.1, h_z=0.05)


def resonance(magnet: Magnet, drive: Drive, junction: Junction, **arguments: Any) -> tuple[float, float]:
    """Frequency and linewidth."""
    where = spin_diode(magnet, drive, junction, frequency=[1.0], **arguments).data
    return float(where["resonance"]), float(where["linewidth"])


def about_resonance(magnet: Magnet, drive: Drive, junction: Junction, **arguments: Any) -> Result:
    """The signal at 15 frequencies about the resonance, three linewidths to each side."""
    f0, width = resonance(magnet, drive, junction, **arguments)
    return spin_diode(magnet, drive, junction, frequency=f0 + width * np.linspace(-3, 3, 15), amplitude=2e-4,
                      method="time", **arguments)


@st.composite
def junctions(draw: st.DrawFn, bias: bool) -> Junction:
    return Junction(rashba=draw(st.floats(2.0, 5.0)), barrier_thickness=draw(st.floats(0.4, 1.0)),
                    barrier_height=draw(st.floats(0.6, 1.5)), k_down=draw(st.floats(0.2, 0.7)),
                    bias=draw(st.floats(-0.3, 0.3)) if bias else 0.0)


def assert_agree(one: Any, two: Any, background: Any, part: float = 0.01) -> None:
    """Two signals agree, the background taken off, to a part of the resonance's height."""
    height = np.abs(one - background).max()
    assert height > 0
    assert np.abs(one - two).max() < part * height


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
          phases=(Phase.explicit, Phase.generate))
@given(junctions(bias=False), st.floats(0.03, 0.2), st.floats(-0.05, 0.2), st.sampled_from([0.0, 90.0]),
       st.floats(0.003, 0.008), st.sampled_from(["cosine", "transport"]))
def test_three_ways_agree_in_a_mirror_plane(
        junction: Junction, along: float, h_z: float, phi: float, damping: float, law: str) -> None:
    """Closed form, linear response and integration in time, without bias, to a hundredth of the resonance.

    The closed form is of first order in η, so it is off by about η itself: small dampings only.
    """
    field = {"h_x": along} if phi == 0 else {"h_y": along}
    drive = Drive(law=law, h_z=h_z, **field)
    magnet, start = Magnet(damping=damping, q_par=0.1), {"theta0_deg": 30.0, "phi0_deg": phi}
    f0, width = resonance(magnet, drive, junction, **start)
    assume(np.isfinite(f0) and f0 > 3.5 * width)
    data = about_resonance(magnet, drive, junction, **start).data
    assume(np.isfinite(data["closed"]).all())
    assume(0.05 < abs(float(data["m_rest"][2])) < 0.998)
    assert_agree(data["rectified"], data["closed"], data["background"])
    np.testing.assert_allclose(data["resonant"], data["rectified"] - data["background"], rtol=1e-12)
    np.testing.assert_allclose(data["resonant_voltage"] * data["rectified"],
                               data["resonant"] * data["open_circuit"], rtol=1e-9)
    assert_agree(data["rectified"], data["timed"], data["background"])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
          phases=(Phase.explicit, Phase.generate))
@given(junctions(bias=True), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2),
       st.floats(0.005, 0.05))
def test_linear_response_and_time_agree_for_any_field_and_bias(
        junction: Junction, h_x: float, h_y: float, h_z: float, damping: float) -> None:
    assume(np.hypot(h_x, h_y) > 0.03)
    drive = Drive(law="transport", h_x=h_x, h_y=h_y, h_z=h_z)
    magnet, start = Magnet(damping=damping), {"theta0_deg": 40.0, "phi0_deg": 20.0}
    f0, width = resonance(magnet, drive, junction, **start)
    assume(np.isfinite(f0) and f0 > 3.5 * width > 0)
    data = about_resonance(magnet, drive, junction, **start).data
    # of a weaker resonance the background's own fourth order would show at this amplitude
    height = float(np.abs(data["rectified"] - data["background"]).max())
    assume(height > 1e-3 * abs(float(data["background"])))
    assert_agree(data["rectified"], data["timed"], data["background"])


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
          phases=(Phase.explicit, Phase.generate))
@given(junctions(bias=True), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2),
       st.floats(0.02, 0.05))
def test_under_a_current_too(junction: Junction, h_x: float, h_y: float, h_z: float, damping: float) -> None:
    """The voltage V(I, m) follows m in every step, and its mean is that of the small signals."""
    assume(np.hypot(h_x, h_y) > 0.03)
    drive, start = Drive(law="transport", h_x=h_x, h_y=h_y, h_z=h_z), {"theta0_deg": 40.0, "phi0_deg": 20.0}
    magnet = Magnet(damping=damping)
    f0, width = resonance(magnet, drive, junction, source="current", **start)
    assume(np.isfinite(f0) and f0 > 3.5 * width > 0)
    data = about_resonance(magnet, drive, junction, source="current", **start).data
    height = float(np.abs(data["rectified"] - data["background"]).max())
    assume(height > 1e-3 * abs(float(data["background"])))
    assert_agree(data["rectified"], data["timed"], data["background"])


@pytest.mark.parametrize("source", ["voltage", "current"])
def test_rashba_and_dresselhaus_in_one_junction(source: str) -> None:
    junction, start = Junction(dresselhaus=2.0, bias=0.2), {"theta0_deg": 40.0, "phi0_deg": 20.0}
    data = spin_diode(Magnet(damping=0.05), Drive(law="transport", h_x=0.1, h_y=0.04, h_z=0.05), junction,
                      frequency=[7.0, 7.8, 8.5], amplitude=2e-4, method="time", source=source, **start).data
    assert_agree(data["rectified"], data["timed"], data["background"])
    assert np.isnan(data["closed"]).all()


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
          phases=(Phase.explicit, Phase.generate))
@given(junctions(bias=True), st.floats(0.5, 3.0), st.booleans(), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2),
       st.floats(-0.1, 0.2), st.sampled_from(["voltage", "current"]))
def test_rashba_and_dresselhaus_together(junction: Junction, beta: float, negative: bool, h_x: float, h_y: float,
                                         h_z: float, source: str) -> None:
    """Torque and current depend on φ as well: small signals and the integration in time agree; no closed form."""
    assume(np.hypot(h_x, h_y) > 0.03)
    junction = dataclasses.replace(junction, dresselhaus=-beta if negative else beta)
    drive, start = Drive(law="transport", h_x=h_x, h_y=h_y, h_z=h_z), {"theta0_deg": 40.0, "phi0_deg": 20.0}
    magnet = Magnet(damping=0.04)
    f0, width = resonance(magnet, drive, junction, source=source, **start)
    assume(np.isfinite(f0) and f0 > 3.5 * width > 0)
    result = spin_diode(magnet, drive, junction, frequency=f0 + width * np.linspace(-2, 2, 5), amplitude=2e-4,
                        method="time", source=source, **start)
    data = result.data
    assume(float(np.abs(data["rectified"] - data["background"]).max()) > 1e-3 * abs(float(data["background"])))
    assert_agree(data["rectified"], data["timed"], data["background"])
    assert np.isnan(data["closed"]).all() and any("α and β together" in note for note in result.notes)


def test_with_both_interactions_the_signal_has_the_interfaces_symmetry() -> None:
    """C2v: without Q∥ the mirror at 45° and the twofold axis z take a field at (φ, h_z) to one at (90° − φ, −h_z),
    which rectifies alike; one at (−φ, −h_z) does not."""
    magnet, junction, frequency = Magnet(q_par=0.0), Junction(dresselhaus=2.0, bias=0.2), np.linspace(6.0, 12.0, 7)

    def signal(phi_deg: float, h_z: float) -> Any:
        along = 0.1 * np.cos(np.radians(phi_deg)), 0.1 * np.sin(np.radians(phi_deg))
        drive = Drive(law="transport", h_x=along[0], h_y=along[1], h_z=h_z)
        data = spin_diode(magnet, drive, junction, frequency=frequency, theta0_deg=40.0 if h_z > 0 else 140.0,
                          phi0_deg=phi_deg).data
        return data["resonant"].values

    one, largest = signal(20.0, 0.05), np.abs(signal(20.0, 0.05)).max()
    for phi_deg, h_z in ((70.0, -0.05), (200.0, 0.05), (250.0, -0.05)):
        np.testing.assert_allclose(signal(phi_deg, h_z), one, rtol=1e-4, atol=1e-5 * largest)
    assert np.abs(signal(-20.0, -0.05) - one).max() > 0.05 * largest


def test_the_response_is_the_transport_engines_at_any_direction() -> None:
    junction, (theta, phi, bias) = Junction(dresselhaus=2.0), (50.0, 25.0, 0.27)
    response = bias_response(junction, TILTED, 0.1, 0.3, silent)
    at, rest = (transport_point(dataclasses.replace(junction, bias=v), theta, phi) for v in (bias, 0.0))
    sine, turn = np.sin(np.radians(theta)), np.radians(phi)
    m, volts = np.array([[sine * np.cos(turn), sine * np.sin(turn), np.cos(np.radians(theta))]]), np.array([bias])
    assert response.current_at(volts, m)[0] == pytest.approx(at.current_density, rel=1e-6)
    one = np.zeros(1)
    spins = Spins(one, one, one, np.zeros((1, 3)), *response.torque_at(volts), one, response.harmonics_at(volts))
    par, perp, _, _ = amplitudes(spins, m)
    assert par[0] == pytest.approx(-(at.torque_par - rest.torque_par) / sine, rel=1e-5)
    assert perp[0] == pytest.approx(-(at.torque_perp - rest.torque_perp) / sine, rel=1e-5)
    assert abs(rest.torque_par) > 1e-3 * abs(at.torque_par)     # at rest too, and no part of what drives


def test_what_there_is_of_a_stopped_integration_is_kept() -> None:
    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if note == "spin diode in time" and fraction > 0.2:
            raise Cancelled

    arguments: dict[str, Any] = {"frequency": np.linspace(2.0, 20.0, 200), "method": "time", "amplitude": 0.02}
    with pytest.raises(Cancelled) as raised:
        spin_diode(Magnet(damping=0.05), TILTED, Junction(), monitor=stop, **arguments)
    kept = raised.value.partial
    assert kept is not None and np.isfinite(kept.data["rectified"]).all()
    assert 0 < int(np.isnan(kept.data["timed"]).sum()) < 200


def test_the_last_two_terms_matter_under_bias() -> None:
    """¼δm†I_mm δm and I_m·⟨δm⁽²⁾⟩ are zero at V_dc = 0, where I does not depend on m, and not at a bias."""
    def mixing(junction: Junction) -> float:
        data = about_resonance(Magnet(), TILTED, junction).data
        m, step = data["m_rest"].values, 1e-3
        height = float(np.abs(data["rectified"] - data["background"]).max())
        assert_agree(data["rectified"], data["timed"], data["background"])
        theta = float(np.degrees(np.arccos(m[2])))
        slopes = [transport_point(junction, theta + d).current_density for d in (-step, step)]
        return abs(slopes[1] - slopes[0]) / height

    assert mixing(Junction()) < 1e-9
    assert mixing(Junction(bias=0.3)) > 1e-3


def test_a_single_trajectory_rectifies_as_much() -> None:
    """The general trajectory under a sine of the bias, and the transport engine at each of its instants."""
    junction, amplitude, f = Junction(bias=0.2), 0.05, 8.0
    drive = Drive(law="transport", h_x=0.1, h_z=0.05,
                  waveform=Waveform(target="bias", swing=amplitude, frequency=f, phase_deg=90.0))
    magnet = Magnet(damping=0.05)
    linear = spin_diode(magnet, TILTED, junction, frequency=[f], amplitude=amplitude, method="time").data
    per, last = 16, 120
    path = trajectory(magnet, drive, times=(last + np.arange(per) / per) / f, junction=junction).data
    currents = [transport_point(Junction(bias=float(v)), float(np.degrees(np.arccos(z)))).current_density
                for v, z in zip(path["driven"].values, path["m"].values[:, 2], strict=True)]
    rest = transport_point(junction, float(np.degrees(np.arccos(linear["m_rest"].values[2])))).current_density
    assert np.mean(currents) - rest == pytest.approx(float(linear["timed"][0]), rel=1e-3)


def test_the_signal_grows_as_the_square_and_is_even_in_the_field() -> None:
    frequency = np.linspace(4.0, 12.0, 9)
    one, two = (spin_diode(Magnet(), TILTED, Junction(bias=0.2), frequency=frequency,
                           amplitude=a).data["rectified"] for a in (0.01, 0.02))
    np.testing.assert_allclose(two, 4 * one, rtol=1e-5)  # their polynomials in V differ
    turned = spin_diode(Magnet(), Drive(law="transport", h_x=-0.1, h_z=0.05), Junction(bias=0.2), phi0_deg=180.0,
                        frequency=frequency).data["rectified"]
    np.testing.assert_allclose(turned, one, rtol=1e-6)  # the twofold rotation about z


@pytest.mark.parametrize("drive", [Drive(law="transport"), Drive(law="transport", h_z=0.1)])
def test_no_signal_along_the_normal(drive: Drive) -> None:
    result = spin_diode(Magnet(), drive, Junction(), frequency=np.linspace(1.0, 20.0, 20))
    signal = result.data["rectified"] - result.data["background"]
    assert np.abs(signal).max() < 1e-6 * np.abs(result.data["background"])
    assert any("tilt it by a field" in note for note in result.notes)


def test_the_two_torques_make_the_two_lorentzians() -> None:
    with_both = about_resonance(Magnet(), TILTED, Junction()).data
    without = about_resonance(Magnet(), Drive(law="transport", h_x=0.1, h_z=0.05, junction_perp="dropped"),
                              Junction()).data
    assert np.abs(without["antisymmetric"]).max() == 0
    assert np.abs(with_both["antisymmetric"]).max() > 0
    np.testing.assert_allclose(with_both["closed"] - with_both["symmetric"] - with_both["antisymmetric"],
                               float(with_both["background"]), rtol=1e-3)
    assert_agree(without["rectified"], without["timed"], without["background"])


def test_the_torque_narrows_the_line_until_the_state_is_lost() -> None:
    """Along z the linewidth is Δ/2π, Δ = 2η(Q_eff − Q∥/2) + 2τ, and vanishes at the first threshold."""
    magnet, biases = Magnet(), np.linspace(-0.8, 0.8, 17)
    data = spin_diode(magnet, Drive(law="cosine", junction_perp="dropped"), Junction(), frequency=[5.0],
                      over=("junction.bias", biases)).data
    tau = np.array([cosine_torque([Junction(bias=float(v))], silent)[0][0] for v in biases])
    tau = tau / torque_unit(1.6, 1.3)
    expected = 2 * (tau - thresholds(magnet)[0]) * 176.085962784 * 1.6 / (2 * np.pi)
    found = data["linewidth"].values
    stable = tau > thresholds(magnet)[0]
    assert 0 < stable.sum() < len(stable)
    np.testing.assert_allclose(found[stable], expected[stable], rtol=2e-3, atol=1e-5)
    assert (np.abs(data["m_rest"].values[stable, 2]) > 1 - 1e-9).all()
    assert not (np.abs(data["m_rest"].values[~stable, 2]) > 0.5)[np.isfinite(found[~stable])].any()
    assert np.isnan(found[~stable]).any() and np.isnan(data["rectified"].values[np.isnan(found)]).all()


def test_the_resonance_is_kittels() -> None:
    """√[(Q_eff + h)(Q_eff − Q∥ + h)] along z."""
    fields = np.linspace(0.0, 0.3, 7)
    data = spin_diode(Magnet(damping=1e-4), Drive(law="transport"), Junction(), frequency=[5.0],
                      over=("drive.h_z", fields)).data
    expected = np.sqrt((0.25 + fields) * (0.05 + fields)) * 176.085962784 * 1.6 / (2 * np.pi)
    np.testing.assert_allclose(data["resonance"], expected, rtol=1e-6)
    assert data["rectified"].dims == ("over", "frequency")
    assert data["over"].attrs["symbol"] == "h_z"


def test_a_current_drive_and_a_voltage_drive_differ_by_the_circuit() -> None:
    """Without bias no feedback of the resistance is left: V_oc of a voltage is −ΔV_dc of a current of V_rf dI/dV
    once each has lost its own background (¼I_VV has no counterpart of the same size)."""
    frequency = np.linspace(6.0, 10.0, 9)
    both = [spin_diode(Magnet(), TILTED, Junction(), frequency=frequency, source=source).data
            for source in ("voltage", "current")]
    # V = V(I, m): to second order ΔV = −ΔI dV/dI at fixed amplitudes, δV_rf = −I_m δm dV/dI vanishing at I = 0
    for one in both:
        assert np.abs(one["rectified"] - one["background"]).max() > 0
    np.testing.assert_allclose(both[0]["rectified"] - both[0]["background"],
                               both[1]["rectified"] - both[1]["background"], rtol=0.05)


def test_values_do_not_depend_on_what_else_is_computed() -> None:
    arguments: dict[str, Any] = {"method": "time", "amplitude": 0.02}
    many = spin_diode(Magnet(damping=0.05), TILTED, Junction(), frequency=np.linspace(2.0, 20.0, 70), **arguments)
    few = spin_diode(Magnet(damping=0.05), TILTED, Junction(), frequency=many.data["frequency"].values[[3, 41]],
                     **arguments)
    np.testing.assert_array_equal(few.data["timed"], many.data["timed"].values[[3, 41]])


@pytest.mark.parametrize(("drive", "junction", "arguments", "field", "word"), [
    (TILTED, None, {}, "junction", "needs a junction"),
    (Drive(law="constant"), Junction(), {}, "drive.law", "from the junction"),
    (TILTED, Junction(right_k_up=1.0, right_k_down=0.4, right_theta_deg=30.0), {}, "junction.right_theta_deg",
     "along the normal"),
    (TILTED, Junction(bias=2.99), {"amplitude": 0.1}, "junction.bias", "±3 V"),
    (TILTED, Junction(), {"amplitude": 0.0}, "amplitude", "above 0"),
    (TILTED, Junction(), {"frequency": [0.0]}, "frequency", "above 0"),
    (TILTED, Junction(), {"frequency": [1e5]}, "frequency", "at most"),
    (TILTED, Junction(), {"method": "guess"}, "method", "one of"),
    (TILTED, Junction(), {"over": ("drive.tau_par", [0.1])}, "over", "must be a number"),
    (TILTED, Junction(), {"over": ("drive.h_x", [99.0])}, "drive.h_x", "between"),
    (TILTED, Junction(), {"over": ("drive.h_x", np.zeros(5000)), "frequency": np.ones(5000)}, "over", "too many"),
])
def test_bad_input_is_explained(drive: Drive, junction: Junction | None, arguments: dict[str, Any], field: str,
                                word: str) -> None:
    with pytest.raises(ParameterError, match=word) as raised:
        spin_diode(Magnet(), drive, junction, **{"frequency": [1.0], **arguments})
    assert raised.value.field == field
