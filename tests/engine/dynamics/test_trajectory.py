"""Trajectories: reference numbers, conservation, order of the methods, partial results and plain errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smtj_engine.dynamics import fields, lanes
from smtj_engine.dynamics.cells import build, direction
from smtj_engine.dynamics.trajectory import MOST_INSTANTS, trajectory
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError

CASES = json.loads(Path(__file__).with_name("reference.json").read_text(encoding="utf-8"))["cases"]
FIELDS = Drive(tau_par=0.01, tau_perp=0.005, law="constant", h_x=0.02, h_y=-0.01, h_z=0.03)


@pytest.mark.parametrize("method", ["dop853", "rk4"])
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_reference(case: dict[str, Any], method: str) -> None:
    h_x, h_y, h_z = case["h_ext"]
    result = trajectory(
        Magnet(q_par=case["q_par"], q_perp=case["q_perp"], n_z=case["n_z"], damping=case["eta"],
               mu0_ms=case["mu0_ms"]),
        Drive(tau_par=case["tau_par"], tau_perp=case["tau_perp"], law=case["law"], h_x=h_x, h_y=h_y, h_z=h_z),
        theta0_deg=case["theta0_deg"], phi0_deg=case["phi0_deg"], times=case["t_ns"], method=method)
    assert result.data["time"].values.tolist() == case["t_ns"]
    np.testing.assert_allclose(result.data["m"], case["m"], atol=1e-6)
    # the error shown is one of twice the step, so it does not understate the answer's
    assert np.abs(result.data["m"] - np.array(case["m"])).max() <= float(result.data["error"]) + 3e-11


@pytest.mark.parametrize("method", ["dop853", "rk4"])
@pytest.mark.parametrize("drive", [Drive(tau_par=-0.002), FIELDS, Drive(tau_par=0.5)])
def test_m_stays_on_the_sphere(drive: Drive, method: str) -> None:
    m = trajectory(Magnet(), drive, duration=5.0, method=method).data["m"].values
    assert np.abs(np.linalg.norm(m, axis=1) - 1).max() < 1e-12


@pytest.mark.parametrize("drive", [Drive(), Drive(h_x=0.05, h_z=-0.2)])
@pytest.mark.parametrize("damping", [1e-4, 0.01, 0.3])
def test_without_torque_the_energy_never_rises(drive: Drive, damping: float) -> None:
    magnet = Magnet(damping=damping)
    m = trajectory(magnet, drive, theta0_deg=80.0, phi0_deg=20.0, duration=5.0).data["m"].values
    spins = build(magnet, drive, None).spins.take(np.zeros(len(m), dtype=int))
    energy = fields.energy(spins, m)
    assert np.diff(energy).max() < 1e-13
    assert energy[-1] < energy[0]


@pytest.mark.parametrize(("turn", "law"), [((-1, -1, 1), "cosine"), ((1, -1, -1), "cosine"),
                                           ((-1, 1, -1), "cosine"), ((-1, -1, 1), "constant")])
def test_rotated_starts_give_rotated_trajectories(turn: tuple[int, int, int], law: str) -> None:
    start = direction(25.0, 40.0) * turn
    theta, phi = np.degrees(np.arccos(start[2])), np.degrees(np.arctan2(start[1], start[0]))
    drive = Drive(tau_par=-0.002, tau_perp=0.001, law=law)
    one = trajectory(Magnet(), drive, theta0_deg=25.0, phi0_deg=40.0, times=[0.5, 1.0]).data["m"].values
    two = trajectory(Magnet(), drive, theta0_deg=theta, phi0_deg=phi, times=[0.5, 1.0]).data["m"].values
    np.testing.assert_allclose(two, one * turn, atol=1e-9)


def _end(method: str, steps: int) -> np.ndarray:
    """m after 40 time units in a number of equal steps."""
    path = lanes.Path(build(Magnet(), FIELDS, None).spins, direction(60.0, 30.0), method)
    return path.follow(np.array([40.0 / steps]), np.array([steps]))[-1]


@pytest.mark.parametrize(("method", "order", "steps"), [("rk4", 4, 64), ("dop853", 8, 12)])
def test_halving_the_step_shows_the_order(method: str, order: int, steps: int) -> None:
    exact = _end("dop853", 400)
    coarse, fine = (np.abs(_end(method, count) - exact).max() for count in (steps, 2 * steps))
    assert order - 0.6 < np.log2(coarse / fine) < order + 1.2


def test_times_are_kept_exactly_and_nothing_is_prepended() -> None:
    times = [0.0, 0.013, 1.0, 1.0000001, 7.5]
    data = trajectory(Magnet(), Drive(tau_par=-0.002), times=times).data
    assert data["time"].values.tolist() == times
    np.testing.assert_array_equal(data["m"][0], direction(10.0, 0.0))
    dense = trajectory(Magnet(), Drive(tau_par=-0.002), times=np.linspace(0, 7.5, 3001)).data
    np.testing.assert_allclose(dense["m"][-1], data["m"][-1], atol=1e-9)


def test_a_duration_is_sampled_from_zero() -> None:
    data = trajectory(Magnet(), Drive(tau_par=-0.002), duration=2.0, samples=11).data
    np.testing.assert_allclose(data["time"], np.linspace(0, 2, 11))
    assert data["m"].dims == ("time", "component")
    assert data["component"].values.tolist() == ["x", "y", "z"]
    assert {data[name].attrs["units"] for name in ("m", "resistance", "w")} == {"1"}


def test_a_cancel_keeps_what_was_computed() -> None:
    full = trajectory(Magnet(), Drive(tau_par=-0.002), duration=400.0)
    seen: list[Result] = []

    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        assert partial is not None
        seen.append(partial)
        if len(seen) == 2:
            raise Cancelled

    with pytest.raises(Cancelled) as raised:
        trajectory(Magnet(), Drive(tau_par=-0.002), duration=400.0, monitor=stop)
    kept = raised.value.partial
    assert kept is not None
    assert 0 < seen[0].data.sizes["time"] < kept.data.sizes["time"] < full.data.sizes["time"]
    np.testing.assert_array_equal(kept.data["m"], full.data["m"][:kept.data.sizes["time"]])


@pytest.mark.parametrize(("arguments", "field", "word"), [
    ({"theta0_deg": 0.0}, "theta0_deg", "exactly at the pole"),
    ({"theta0_deg": 180.0}, "theta0_deg", "θ = 179°"),
    ({"theta0_deg": 90.0}, "theta0_deg", "Tilt the start"),
    ({"theta0_deg": np.nan}, "theta0_deg", "finite angle"),
    ({"duration": -1.0}, "duration", "positive"),
    ({"duration": 1e6}, "duration", "samples = "),
    ({"samples": MOST_INSTANTS + 1}, "samples", "GB"),
    ({"times": [1.0, 0.5]}, "times", "increasing"),
    ({"times": [-1.0]}, "times", "negative"),
    ({"times": [1.0], "duration": 2.0}, "times", "not both"),
    ({"times": []}, "times", "at least one"),
    ({"times": [1e12]}, "duration", "would take hours: stay below"),
    ({"duration": 1e300, "samples": 10}, "duration", "would take hours"),
    ({"duration": [1.0, 2.0]}, "duration", "positive"),
    ({"duration": "long"}, "duration", "positive"),
    ({"samples": 2.5}, "samples", "whole number"),
    ({"samples": np.inf}, "samples", "whole number"),
    ({"theta0_deg": None}, "theta0_deg", "finite angle"),
    ({"method": ["rk4"]}, "method", "dop853"),
    ({"method": "euler"}, "method", "dop853"),
])
def test_bad_input_is_explained(arguments: dict[str, Any], field: str, word: str) -> None:
    with pytest.raises(ParameterError, match=word) as raised:
        trajectory(Magnet(), Drive(tau_par=-0.002), **arguments)
    assert raised.value.field == field


def test_a_field_moves_a_magnet_at_the_pole() -> None:
    data = trajectory(Magnet(), Drive(h_x=0.01), theta0_deg=0.0, duration=1.0).data
    assert abs(data["m"].values[:, 0]).max() > 0.01


def test_the_transport_law_needs_a_junction() -> None:
    with pytest.raises(ParameterError, match="needs a junction"):
        trajectory(Magnet(), Drive(law="transport"))


def test_what_is_left_out_is_said() -> None:
    ignored = trajectory(Magnet(), Drive(law="transport", tau_par=0.1), junction=Junction(bias=0.5), duration=0.1)
    assert "ignored" in ignored.notes[0]
