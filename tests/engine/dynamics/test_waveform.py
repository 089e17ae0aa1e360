"""Waveforms: exact phases, steps that equal steady drives, the astroid, imports, plain errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import cumulative_simpson

from smtj_engine import cli
from smtj_engine.control import MOST_POINTS, Waveform
from smtj_engine.dynamics.limit_cycles import limit_cycles
from smtj_engine.dynamics.torque_laws import cosine_torque, torque_unit
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.dynamics.waveform import evaluate
from smtj_engine.files import FileError, csv, waveforms
from smtj_engine.monitor import silent
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.schema import ParameterError, with_values

#: A magnet without anisotropy nor damping to speak of: a field along z only turns it.
FREE = Magnet(q_par=0.0, q_perp=1.0, n_z=1.0, damping=1e-6)
SHAPES = {
    "step": Waveform(level=0.05, delay=0.3),
    "pulse": Waveform(level=-0.05, delay=0.2, rise=0.1, length=0.3, fall=0.05),
    "triangle": Waveform(level=0.1, rise=0.5, length=0.0, fall=0.4),
    "sine": Waveform(swing=0.05, frequency=3.0, phase_deg=30.0, delay=0.1),
    "chirp": Waveform(swing=0.05, frequency=1.0, frequency_end=8.0, length=0.8, delay=0.05),
    "points": Waveform(times=(0.1, 0.2, 0.2001, 0.7), values=(0.02, 0.03, -0.05, 0.04)),
    "all": Waveform(level=0.03, delay=0.2, rise=0.1, length=0.4, fall=0.05, swing=0.02, frequency=2.5,
                    times=(0.0, 1.0), values=(-0.02, 0.02)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_free_magnet_turns_by_the_integral_of_the_field(shape: str) -> None:
    """γ∫B_z dt for every shape, jumps included."""
    wave = with_values(SHAPES[shape], {"target": "h_z"})
    drive = Drive(h_z=0.01, waveform=wave)
    result = trajectory(FREE, drive, theta0_deg=70.0, times=[0.25, 0.62, 1.0])
    turned = np.unwrap(np.arctan2(result.data["m"].values[:, 1], result.data["m"].values[:, 0]))
    t = np.linspace(0.0, 1.0, 400_001)
    angle = cumulative_simpson(0.01 + evaluate(wave, t), x=t, initial=0.0) * 176.085962784 * 1.6
    expected = np.interp(result.data["time"].values, t, angle)
    np.testing.assert_allclose(np.exp(1j * turned), np.exp(1j * expected), atol=3e-5)
    np.testing.assert_allclose(result.data["driven"], 0.01 + evaluate(wave, result.data["time"].values))
    assert result.data["driven"].attrs["symbol"] == "h_z"


def test_the_chirp_ends_at_its_last_frequency() -> None:
    wave = Waveform(swing=1.0, frequency=2.0, frequency_end=6.0, length=50.0)
    t = np.linspace(0.0, 50.0, 200_001)
    s = evaluate(wave, t)
    crossings = t[1:][(s[:-1] < 0) & (s[1:] >= 0)]
    assert 1 / np.diff(crossings)[0] == pytest.approx(2.0, rel=0.05)
    assert 1 / np.diff(crossings)[-1] == pytest.approx(6.0, rel=0.01)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(SHAPES)), st.floats(0.0, 1.2))
def test_the_parts_add(shape: str, t: float) -> None:
    """The whole is the sum of pulse, oscillation and points, and stays within its bounds."""
    wave = SHAPES[shape]
    none: dict[str, Any] = {"level": 0.0, "swing": 0.0, "times": (0.0,), "values": (0.0,)}
    parts = [with_values(wave, {**none, "level": wave.level}), with_values(wave, {**none, "swing": wave.swing}),
             with_values(wave, {**none, "times": wave.times, "values": wave.values})]
    at = np.array([t])
    value = float(evaluate(wave, at)[0])
    assert value == pytest.approx(sum(float(evaluate(part, at)[0]) for part in parts), abs=1e-15)
    assert wave.bounds[0] - 1e-15 <= value <= wave.bounds[1] + 1e-15
    if t > wave.end:
        assert value == pytest.approx(np.interp(t, wave.times, wave.values))


@pytest.mark.parametrize(("target", "law"), [
    ("tau_par", "cosine"), ("tau_perp", "cosine"), ("tau_par", "constant"), ("tau_perp", "constant"),
    ("h_x", "cosine"), ("h_y", "constant"), ("h_z", "cosine")])
def test_a_step_is_the_steady_drive_from_then_on(target: str, law: str) -> None:
    base = {"tau_par": -0.001, "tau_perp": 0.0005, "h_x": 0.01, "h_z": 0.02, "law": law}
    steady = Drive(**{**base, target: base.get(target, 0.0) + 0.003})  # type: ignore[arg-type]
    stepped = Drive(**base, waveform=Waveform(target=target, level=0.003, delay=0.4))  # type: ignore[arg-type]
    times = [0.2, 0.4, 1.0]
    before = trajectory(Magnet(), Drive(**base), times=times).data["m"].values  # type: ignore[arg-type]
    both = trajectory(Magnet(), stepped, times=times).data["m"].values
    np.testing.assert_allclose(both[:2], before[:2], atol=1e-7)
    x, y, z = before[1]
    after = trajectory(Magnet(), steady, theta0_deg=np.degrees(np.arccos(z)),
                       phi0_deg=np.degrees(np.arctan2(y, x)), times=[0.6]).data["m"].values
    np.testing.assert_allclose(both[2], after[0], atol=1e-7)


@pytest.mark.parametrize("law", ["cosine", "transport"])
def test_a_step_of_the_bias_is_the_torque_of_that_bias(law: str) -> None:
    drive = Drive(law=law, waveform=Waveform(target="bias", level=0.6))
    moved = trajectory(Magnet(), drive, times=[1.0], junction=Junction(bias=0.1)).data
    biased = Junction(bias=0.7)
    if law == "cosine":
        torque = cosine_torque([biased], silent)[0][0] / torque_unit(1.6, 1.3)
        steady = trajectory(Magnet(), Drive(tau_par=float(torque)), times=[1.0]).data
    else:
        steady = trajectory(Magnet(), Drive(law="transport"), times=[1.0], junction=biased).data
    np.testing.assert_allclose(moved["m"], steady["m"], atol=1e-6)
    assert moved["driven"].values[0] == pytest.approx(0.7)


def test_the_torque_between_the_nodes_of_the_bias() -> None:
    """The polynomial in V holds between its nodes too: a plateau that is none of them."""
    wave = Waveform(target="bias", times=(0.0, 1e-6, 5.0, 5.1), values=(0.0, 0.437, 0.437, -0.8))
    moved = trajectory(Magnet(), Drive(law="transport", waveform=wave), times=[1.5], junction=Junction()).data["m"]
    steady = trajectory(Magnet(), Drive(law="transport"), times=[1.5], junction=Junction(bias=0.437)).data["m"]
    np.testing.assert_allclose(moved, steady, atol=2e-5)


@pytest.mark.parametrize("h_x", [0.02, 0.08])
def test_a_slow_loop_switches_on_the_astroid(h_x: float) -> None:
    """R(H): a field ramp turns the magnet where h_x^⅔ + h_z^⅔ = Q_eff^⅔ (Stoner and Wohlfarth, 1948)."""
    magnet = Magnet(q_par=0.0, q_perp=1.25, damping=0.5)
    wave = Waveform(target="h_z", level=-0.6, rise=150.0, length=0.0, fall=150.0)
    data = trajectory(magnet, Drive(h_x=h_x, h_z=0.3, waveform=wave), theta0_deg=5.0, duration=300.0,
                      samples=6001).data
    z, field = data["m"].values[:, 2], data["driven"].values
    down, up = (int(np.flatnonzero(part)[0]) for part in (z < 0, (z > 0) & (np.arange(len(z)) > 3000)))
    expected = (0.25 ** (2 / 3) - h_x ** (2 / 3)) ** 1.5
    assert -field[down] == pytest.approx(expected, abs=0.004)
    assert field[up] == pytest.approx(expected, abs=0.004)


@pytest.mark.parametrize(("values", "field", "word"), [
    ({"frequency_end": 3.0}, "length", "chirp"),
    ({"times": (0.0, 0.0), "values": (1.0, 2.0)}, "times", "increasing"),
    ({"times": (0.0, 1.0)}, "values", "2 times but 1 values"),
    ({"frequency": -1.0}, "frequency", "between"),
    ({"rise": -1.0}, "rise", "between"),
    ({"target": "volume"}, "target", "one of"),
    ({"times": tuple(range(MOST_POINTS + 1)), "values": (0.0,) * (MOST_POINTS + 1)}, "times", str(MOST_POINTS)),
])
def test_a_bad_waveform_is_explained(values: dict[str, Any], field: str, word: str) -> None:
    with pytest.raises(ParameterError, match=word) as raised:
        Waveform(**values)
    assert raised.value.field == field
    with pytest.raises(ParameterError) as raised:
        with_values(Setup(), {f"drive.waveform.{name}": value for name, value in values.items()})
    assert raised.value.field == f"drive.waveform.{field}"


@pytest.mark.parametrize(("drive", "arguments", "field", "word"), [
    ({"target": "bias", "level": 0.1}, {}, "junction", "needs a junction"),
    ({"target": "bias", "level": 0.1, "law": "constant"}, {"junction": Junction()}, "drive.waveform.target",
     "cosine"),
    ({"target": "tau_par", "level": 0.1, "law": "transport"}, {"junction": Junction()}, "drive.waveform.target",
     "move its bias"),
    ({"target": "bias", "level": 9.0}, {"junction": Junction()}, "junction.bias", "3 V"),
    ({"target": "tau_par", "level": 2.0}, {}, "drive.tau_par", "between"),
    ({"target": "h_z", "swing": 0.01, "frequency": 40.0}, {"duration": 10.0, "samples": 700}, "samples",
     "beyond the sampling"),
    ({"target": "h_z", "swing": 0.01, "frequency": 1e4}, {"duration": 1e5}, "duration", "GB of memory"),
    ({"target": "tau_par", "level": 0.1}, {"theta0_deg": 0.0}, "theta0_deg", "pole"),
])
def test_a_waveform_that_cannot_be_followed_is_explained(drive: dict[str, Any], arguments: dict[str, Any],
                                                         field: str, word: str) -> None:
    law = drive.pop("law", "cosine")
    with pytest.raises(ParameterError, match=word) as raised:
        trajectory(Magnet(), Drive(law=law, waveform=Waveform(**drive)), **arguments)
    assert raised.value.field == field


def test_steady_calculations_say_that_they_ignore_a_waveform() -> None:
    drive = Drive(tau_par=-0.002, waveform=Waveform(target="h_z", level=0.1))
    assert any("waveform was ignored" in note for note in limit_cycles(Magnet(), drive).notes)


def test_a_file_becomes_a_waveform(tmp_path: Path) -> None:
    source = tmp_path / "pulse.csv"
    source.write_text("# scope\ntime (ns); field\n0;0\n\n0.5; 0.02\n1,-0.03\n2\t1e-2\n", encoding="utf-8")
    assert waveforms.read(source) == ((0.0, 0.5, 1.0, 2.0), (0.0, 0.02, -0.03, 0.01))
    command = ["run", "trajectory", "--drive.waveform.target", "h_z", "--waveform", str(source),
               "--numerics.trajectory.duration", "2", "--numerics.trajectory.samples", "5"]
    assert cli.main([*command, "-o", str(tmp_path / "a.csv")]) == 0
    result = csv.read(tmp_path / "a.csv")
    assert result.setup.drive.waveform.values == (0.0, 0.02, -0.03, 0.01)
    np.testing.assert_allclose(result.data["driven"], [0.0, 0.02, -0.03, -0.01, 0.01])


@pytest.mark.parametrize(("text", "word"), [("a b\nc d\n", "line 2"), ("0 1\n1 nan\n", "line 2"), ("", "no two"),
                                            ("0 1\n1\n", "line 2"), ("0 1 2\n3 4 5\n", "line 2")])
def test_a_damaged_file_is_refused_with_its_line(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=word):
        waveforms.read(path)


def test_the_pictures_waveform_is_the_kernels() -> None:
    times = np.linspace(0.0, 12.0, 2001)
    for one in (Waveform(), Waveform(level=0.3, delay=1.0), Waveform(level=-0.3, delay=1.0, rise=2.0),
                Waveform(level=0.3, delay=1.0, rise=2.0, length=1.5, fall=0.5, swing=0.1, frequency=2.0,
                         frequency_end=5.0, phase_deg=30.0),
                Waveform(swing=0.2, frequency=1.3, delay=0.5), Waveform(level=1.0, length=0.0, rise=1.0, fall=1.0),
                Waveform(times=(1.0, 2.0, 7.5), values=(0.1, -0.2, 0.4), level=0.1, length=3.0)):
        np.testing.assert_allclose(one.at(times), evaluate(one, times), rtol=1e-12, atol=1e-12)
