"""What is made of the peers' numbers, without the peers."""

from __future__ import annotations

import numpy as np
import pytest

from smtj_engine.dynamics.bias_response import bias_response
from smtj_engine.dynamics.spin_diode import spin_diode
from smtj_engine.monitor import silent
from tests.benchmarks import diode_bench


def test_a_magnet_that_rests_rectifies_the_background() -> None:
    """The peer's record of m_z becomes a current by the same response as ours."""
    junction, drive, amplitude = diode_bench.JUNCTION, diode_bench.DRIVE, diode_bench.AMPLITUDE
    data = spin_diode(diode_bench.MAGNET, drive, junction, frequency=[8.0], amplitude=amplitude).data
    response = bias_response(junction, drive, -amplitude, amplitude, silent)
    diode, work = diode_bench._problem(response, data["m_rest"].values)
    assert len(work) == len(diode_bench.FREQUENCIES)
    times = np.arange(400) / 400 / 8e9
    record = np.stack([times, np.full(400, diode.rest[2])])
    assert diode_bench._rectified(response, diode, record, 8e9) == pytest.approx(
        float(data["background"]), rel=1e-5)
