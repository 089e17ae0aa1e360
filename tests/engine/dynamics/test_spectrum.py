"""Frequencies, linewidths and harmonics of trajectories and of made-up signals."""

from __future__ import annotations

import numpy as np
import pytest

from smtj_engine.dynamics.limit_cycles import limit_cycles
from smtj_engine.dynamics.spectrum import spectrum
from smtj_engine.dynamics.stability import stability_diagram
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.parameters import Drive, Magnet
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError


def _made_up(frequency: float, decay: float = 0.0) -> Result:
    """A trajectory whose m_x is one damped wave."""
    result = trajectory(Magnet(), Drive(tau_par=-0.002), duration=40.0, samples=8001)
    time = result.data["time"].values
    x = 0.3 * np.exp(-decay * time) * np.cos(2 * np.pi * frequency * time + 0.7)
    data = result.data.copy()
    data["m"] = (("time", "component"), np.stack([x, np.zeros_like(x), np.sqrt(1 - x * x)], axis=1))
    data["resistance"] = ("time", 1 - 2 * x * x)
    return Result(kind="trajectory", setup=result.setup, data=data)


@pytest.mark.parametrize("frequency", [3.0, 4.87654321, 11.111])
def test_the_peak_is_interpolated(frequency: float) -> None:
    data = spectrum(_made_up(frequency), discard=0.0).data
    assert float(data["peak"]) == pytest.approx(frequency, rel=1e-5)
    assert float(data["linewidth"]) == pytest.approx(float(data["resolution"]), rel=0.02)
    assert float(data["harmonic_mx"][0]) == pytest.approx(0.3, rel=1e-4)
    assert float(data["harmonic_resistance"][1]) == pytest.approx(0.09, rel=1e-3)  # 2x² has 0.3² at 2f
    assert float(data["amplitude_mx"].max()) == pytest.approx(0.3, rel=1e-2)


def test_a_damped_line_is_wider() -> None:
    steady, damped = (spectrum(_made_up(5.0, decay), discard=0.0).data for decay in (0.0, 0.5))
    assert float(damped["linewidth"]) > 1.5 * float(steady["linewidth"])


@pytest.mark.parametrize("tau", [-0.00199, -0.00318])
def test_precessions_have_the_theorys_frequency(tau: float) -> None:
    drive = Drive(tau_par=tau)
    data = spectrum(trajectory(Magnet(), drive, duration=100.0), discard=0.5).data
    theory = float(limit_cycles(Magnet(), drive).data["frequency_now"])
    assert float(data["peak"]) == pytest.approx(theory, rel=1e-4 + 2e-4)
    diagram = stability_diagram(Magnet(), Drive(), x=("drive.tau_par", [tau]), y=("magnet.q_par", [0.2]),
                                duration=100.0).data
    assert float(diagram["frequency"][0, 0]) == pytest.approx(float(data["peak"]), rel=1e-4)
    mx, resistance = data["harmonic_mx"].values, data["harmonic_resistance"].values
    assert mx[0] > 0.5
    assert mx[1] < 1e-4      # m_x has odd harmonics only
    assert resistance[1] > 0.3
    assert resistance[0] < 1e-4  # R oscillates at twice the frequency


def test_rest_has_no_line() -> None:
    result = spectrum(trajectory(Magnet(), Drive(tau_par=0.01), duration=100.0), discard=0.9)
    assert np.isnan(result.data["peak"])
    assert "Nothing oscillates" in result.notes[-1]


def test_bad_input_is_explained() -> None:
    good = trajectory(Magnet(), Drive(tau_par=-0.002), duration=1.0)
    with pytest.raises(ParameterError, match="needs a trajectory"):
        spectrum(spectrum(good))
    with pytest.raises(ParameterError, match="equal time steps"):
        spectrum(trajectory(Magnet(), Drive(tau_par=-0.002), times=np.geomspace(0.1, 5, 100)))
    with pytest.raises(ParameterError, match="at least 16"):
        spectrum(trajectory(Magnet(), Drive(tau_par=-0.002), duration=1.0, samples=10))
    with pytest.raises(ParameterError, match="from 0 up to 1"):
        spectrum(good, discard=1.0)
