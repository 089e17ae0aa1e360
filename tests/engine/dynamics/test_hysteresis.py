"""Loops R(H), R(V) and the read-out R(t): the astroid, the transport engine, thermal narrowing, plain errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from smtj_engine.dynamics import hysteresis
from smtj_engine.dynamics.hysteresis import hysteresis_loop
from smtj_engine.dynamics.reading import Reader, read_out
from smtj_engine.dynamics.spectrum import spectrum
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Drive, Junction, Magnet, Waveform
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError
from smtj_engine.transport.sweeps import transport_point

#: Uniaxial along z, and so damped that it comes to rest within a dwell.
UNIAXIAL = Magnet(q_par=0.0, q_perp=1.25, damping=0.5)


def angles(m: Any) -> tuple[float, float]:
    return float(np.degrees(np.arccos(m[2]))), float(np.degrees(np.arctan2(m[1], m[0])))


@pytest.mark.parametrize("psi", [10.0, 45.0, 80.0])
def test_a_loop_switches_on_the_astroid(psi: float) -> None:
    """At Q (cos^⅔ψ + sin^⅔ψ)^(−3/2); before, m is in the minimum of the energy (Stoner and Wohlfarth, 1948)."""
    values = np.linspace(-0.3, 0.3, 121)
    data = hysteresis_loop(UNIAXIAL, Drive(), values=values, field_theta_deg=psi, dwell=4.0).data
    cos, sin = np.cos(np.radians(psi)), np.sin(np.radians(psi))
    expected = 0.25 * (cos ** (2 / 3) + sin ** (2 / 3)) ** -1.5
    for back, sign in (("", 1), ("_back", -1)):
        along = data[f"mean_m{back}"].values @ [sin, 0, cos] * sign
        order = values * sign
        switched = order[np.argmax(np.abs(np.diff(data[f"mean_m{back}"].values[:, 2])))]
        assert switched == pytest.approx(expected, abs=0.006)
        assert (np.diff(along[np.argsort(order)]) > -1e-6).all()
        if psi < 45:  # m turns over in one jump
            assert float(data[f"switching_value{back}"][0]) * sign == pytest.approx(expected, abs=0.006)
    at = 40  # h = −0.1: not yet turned on the way back
    energy = minimize_scalar(lambda t: -0.125 * np.cos(t) ** 2 + 0.1 * np.cos(t - np.radians(psi)), (-0.3, 0.1))
    m = data["mean_m_back"].values[at]
    assert np.arctan2(m[0], m[2]) == pytest.approx(energy.x, abs=2e-4)
    np.testing.assert_allclose(data["along_back"], data["mean_m_back"].values @ [sin, 0, cos], atol=1e-12)
    np.testing.assert_allclose(data["field"], 1.6 * values)
    assert data["field"].attrs["units"] == "T" and data["over"].attrs["units"] == "M_s"


@pytest.mark.parametrize(("junction", "phi"), [(Junction(), 0.0), (Junction(bias=0.4), 0.0),
                                               (Junction(dresselhaus=1.5, bias=-0.3), 50.0)])
def test_the_resistance_is_that_of_the_transport_engine(junction: Junction, phi: float) -> None:
    data = hysteresis_loop(UNIAXIAL, Drive(h_x=0.02), values=[-0.4, -0.1, 0.3], field_theta_deg=70.0,
                           field_phi_deg=phi, dwell=6.0, junction=junction).data
    assert float(data["spread"].max()) < 1e-4
    normal = transport_point(junction, 0.0)
    for at in range(3):
        point = transport_point(junction, *angles(data["mean_m"].values[at]))
        g = point.current_density / junction.bias if junction.bias else point.conductance
        g0 = normal.current_density / junction.bias if junction.bias else normal.conductance
        assert float(data["resistance"][at]) == pytest.approx(1 / g, rel=2e-7)
        assert float(data["tamr"][at]) == pytest.approx(g0 / g - 1, rel=2e-3)
        assert float(data["current_density"][at]) == pytest.approx(junction.bias * g, rel=2e-7, abs=1e-12)
    assert data["resistance"].attrs["units"] == "ohm um^2"


def test_a_loop_of_the_bias_has_its_current_and_is_wider_one_way() -> None:
    """V>0 pushes m to the plane and V<0 back, but at different voltages."""
    values = np.linspace(-0.8, 0.8, 33)
    data = hysteresis_loop(Magnet(), Drive(law="transport", h_x=0.02), values=values,
                           over="junction.bias", dwell=6.0, junction=Junction()).data
    there, back = data["mean_resistance"].values, data["mean_resistance_back"].values
    assert there[0] == pytest.approx(back[0], abs=1e-3)
    assert there[-1] == pytest.approx(back[-1], abs=1e-3)
    assert there[0] > 0.5 and there[-1] < -0.9
    assert np.abs(there - back).max() > 0.5
    at = 16
    assert values[at] == pytest.approx(0.0, abs=1e-12)
    point = transport_point(Junction(), *angles(data["mean_m"].values[at] /
                                                          np.linalg.norm(data["mean_m"].values[at])))
    assert float(data["resistance"][at]) == pytest.approx(1 / point.conductance, rel=1e-5)
    assert float(data["current_density"][at]) == pytest.approx(0.0, abs=1e-12)
    assert data["over"].attrs["path"] == "junction.bias" and "along" not in data


def test_a_precession_has_the_mean_resistance_of_its_orbit() -> None:
    still = hysteresis_loop(Magnet(), Drive(), values=[-0.0021, -0.002], over="drive.tau_par", dwell=60.0).data
    path = trajectory(Magnet(), Drive(tau_par=-0.002), times=np.linspace(250.0, 290.0, 4001)).data["resistance"]
    assert float(still["mean_resistance_back"][1]) == pytest.approx(float(path.mean()), abs=0.002)
    assert float(still["spread_back"][1]) == pytest.approx(float(path.std()), abs=0.002)
    assert "resistance" not in still


WARM = Drive(temperature=300.0)


def loops(drive: Drive = WARM, **arguments: Any) -> Any:
    return hysteresis_loop(Magnet(q_par=0.0, q_perp=1.25, damping=0.1, volume=300.0), drive,
                           **{"values": np.linspace(-0.3, 0.3, 41), "field_theta_deg": 10.0, "dwell": 0.5,
                              "count": 40, **arguments}).data


def test_heat_and_patience_narrow_a_loop() -> None:
    """A thermally activated reversal comes the earlier the hotter and the slower (Kurkijärvi, 1972)."""
    def width(data: Any) -> float:
        return float((data["switching_value"].mean() - data["switching_value_back"].mean()) / 2)

    cold, warm, hot = (loops(Drive(temperature=kelvin)) for kelvin in (1.0, 300.0, 600.0))
    assert width(cold) == pytest.approx(width(loops(Drive())), abs=0.015)
    assert loops(Drive()).sizes["sample"] == 1
    assert width(cold) > width(warm) + 0.02 > width(hot) + 0.04
    assert width(loops(dwell=2.0)) < width(warm) - 0.01
    assert (warm["spread"] > 0.01).all()


def test_the_numbers_depend_on_seed_and_sample_alone() -> None:
    values = np.linspace(-0.3, 0.3, 9)
    few, many = loops(values=values), loops(values=values, count=150)
    np.testing.assert_array_equal(few["switching_value"], many["switching_value"][:40])
    np.testing.assert_array_equal(many["mean_m"], loops(values=values, count=150)["mean_m"])
    assert not np.array_equal(few["mean_m"], loops(values=values, seed=1)["mean_m"])
    np.testing.assert_allclose(few["mean_m"], many["mean_m"], atol=0.5)


@pytest.mark.parametrize("count", [40, 1000])
def test_a_stopped_loop_keeps_what_it_has(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small one value by value, a large one sample by sample."""
    seen = []

    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None:
            seen.append(partial)
        if len(seen) == 3:
            raise Cancelled

    monkeypatch.setattr(hysteresis, "_INTERVAL", 0.0)
    with pytest.raises(Cancelled) as raised:
        loops(values=np.linspace(-0.3, 0.3, 5), count=count, monitor=stop)
    kept = raised.value.partial
    assert kept is not None and kept.kind == "loop"
    assert np.isfinite(kept.data["mean_resistance"]).sum() == (3 if count == 40 else 5)
    assert np.isfinite(kept.data["mean_resistance_back"]).sum() == (0 if count == 40 else 5)


def test_what_is_read_along_a_path() -> None:
    """R(t) under a ramp of the bias through zero, against the transport engine at each instant."""
    wave = Waveform(target="bias", level=0.6, rise=2.0)
    path = trajectory(Magnet(), Drive(law="transport", h_x=0.05, waveform=wave), times=np.linspace(0.5, 3.0, 6),
                      junction=Junction(bias=-0.3))
    read = read_out(path, Junction(bias=-0.3)).data
    assert float(np.abs(read["bias"]).min()) < 1e-12 and "driven" not in read
    for at in range(6):
        volts = float(read["bias"][at])
        point = transport_point(Junction(bias=volts), *angles(read["m"].values[at]))
        g = point.conductance if abs(volts) < 1e-9 else point.current_density / volts
        assert float(read["resistance"][at]) == pytest.approx(1 / g, rel=1e-6)
        assert float(read["current_density"][at]) == pytest.approx(volts * g, rel=1e-6, abs=1e-12)
    assert read["resistance"].attrs["units"] == "ohm um^2" and read["bias"].attrs["units"] == "V"
    moved = trajectory(Magnet(), Drive(waveform=Waveform(target="h_z", level=0.1)), times=[0.1, 0.2])
    kept = read_out(moved, Junction(bias=0.1)).data
    assert kept["driven"].attrs["path"] == "drive.h_z" and (kept["bias"] == 0.1).all()
    with pytest.raises(ParameterError, match="needs a trajectory"):
        read_out(spectrum(trajectory(Magnet(), Drive(tau_par=-0.002), duration=5.0)), Junction())


def test_the_reader_meets_the_engine_between_its_nodes() -> None:
    """Any V and direction, α and β together, where the current depends on φ too."""
    junction = Junction(dresselhaus=1.0, rashba=3.0)
    reader = Reader.of(junction, -1.0, 1.0)
    rng = np.random.default_rng(2)
    m = rng.normal(size=(5, 3))
    m /= np.linalg.norm(m, axis=1, keepdims=True)
    volts = rng.uniform(-1.0, 1.0, 5)
    volts[0] = reader.at[7]
    for one, v, g in zip(m, volts, reader.conductance(volts, m), strict=True):
        exact = transport_point(Junction(dresselhaus=1.0, rashba=3.0, bias=float(v)), *angles(one))
        assert g * v == pytest.approx(exact.current_density, rel=2e-5)


@pytest.mark.parametrize(("arguments", "field", "word"), [
    ({"values": [0.1]}, "values", "two finite"),
    ({"values": [0.1, np.nan]}, "values", "finite"),
    ({"values": [[0.1], "a"]}, "values", "must be numbers"),
    ({"values": [0.0, 11.0]}, "drive.h_z", "between -10"),
    ({"over": "magnet.damping"}, "over", "one of"),
    ({"over": "drive.tau_par", "drive": Drive(law="transport")}, "over", "sweep its bias"),
    ({"over": "drive.tau_perp", "drive": Drive(law="field")}, "over", "no τ⊥"),
    ({"over": "junction.bias"}, "junction", "needs a junction"),
    ({"over": "junction.bias", "junction": Junction(), "drive": Drive(law="constant")}, "drive.law", "nothing"),
    ({"over": "junction.bias", "junction": Junction(), "values": [0.0, 4.0]}, "junction.bias", "3 V"),
    ({"dwell": 0.0}, "dwell", "positive time"),
    ({"count": 0}, "count", "whole number"),
    ({"theta0_deg": np.inf}, "theta0_deg", "finite angle"),
    ({"dwell": 1e6, "values": np.linspace(-1, 1, 500)}, "dwell", "hours"),
])
def test_bad_input_is_explained(arguments: dict[str, Any], field: str, word: str) -> None:
    drive = arguments.pop("drive", Drive())
    with pytest.raises(ParameterError, match=word) as raised:
        hysteresis_loop(Magnet(), drive, **{"values": [-0.1, 0.1], **arguments})
    assert raised.value.field == field


def test_a_tilted_right_magnet_leaves_the_resistance_out_and_says_so() -> None:
    junction = Junction(right_k_up=1.0, right_k_down=0.4, right_theta_deg=30.0)
    result = hysteresis_loop(UNIAXIAL, Drive(), values=[-0.1, 0.1], dwell=0.5, junction=junction)
    assert "resistance" not in result.data and any("left out" in note for note in result.notes)
    with pytest.raises(ParameterError, match="0 or 180"):
        Reader.of(junction, 0.0, 0.0)


def test_a_waveform_is_left_out_and_that_is_said() -> None:
    drive = Drive(waveform=Waveform(target="h_z", level=0.1))
    assert any("waveform" in note for note in hysteresis_loop(UNIAXIAL, drive, values=[-0.1, 0.1]).notes)
