"""A cell of a diagram, followed: its trajectory ends where the diagram says; diagrams grow from coarse to fine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from smtj_engine.analyses import ANALYSES
from smtj_engine.dynamics import stability
from smtj_engine.dynamics.cells import angles, direction
from smtj_engine.dynamics.stability import cell_parameters
from smtj_engine.dynamics.torque_laws import cosine_torque, torque_unit
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError, value_at, with_values

TAU = {"x": "drive.tau_par", "x_start": -0.006, "x_stop": 0.001, "x_points": 5}
BIAS = {"x": "junction.bias", "x_start": 0.1, "x_stop": 0.9, "x_points": 3}


def _setup(drive: Drive | None = None, **grid: Any) -> Setup:
    """A small diagram of a magnet that differs from every default."""
    grid = {"y_start": 0.06, "y_stop": 0.2, "y_points": 3, "duration": 8.0} | grid
    setup = Setup(magnet=Magnet(damping=0.02, thickness=1.1), drive=drive or Drive(),
                  junction=Junction(rashba=4.5))
    return with_values(setup, {f"numerics.stability.{name}": value for name, value in grid.items()})


@pytest.mark.parametrize("setup", [
    _setup(**TAU), _setup(**TAU | {"x_start": 0.001, "x_stop": -0.006}), _setup(**TAU, start="random", seed=4),
    _setup(**TAU, start="hysteretic"), _setup(**BIAS), _setup(Drive(law="transport"), **BIAS, y_points=2)],
    ids=["fixed", "descending", "random", "hysteretic", "cosine law of a junction", "transport law"])
def test_the_trajectory_of_a_cell_ends_where_the_diagram_says(setup: Setup) -> None:
    result = ANALYSES["stability"].run(setup, lambda *_: None)
    data = result.data
    followed = 0
    for back in (False, True) if setup.numerics.stability.start == "hysteretic" else (False,):
        way = "_back" if back else ""
        for row, column in np.argwhere(~data["sensitive" + way].values)[::2].tolist():
            values = cell_parameters(result, row, column, back)
            for name, at in (("x", column), ("y", row)):
                assert values[data[name].attrs["path"]] == data[name].values[at]
            # started from the defaults: the cell has to bring everything that matters
            end = ANALYSES["trajectory"].run(with_values(Setup(), values), lambda *_: None).data["m"].values[-1]
            assert 2 * end[2]**2 - 1 == pytest.approx(data["resistance" + way].values[row, column], abs=3e-3)
            followed += 1
    assert followed >= 3


def test_a_cell_leaves_alone_what_does_not_drive_it() -> None:
    result = ANALYSES["stability"].run(_setup(**TAU), lambda *_: None)
    assert not any(path.startswith("junction.") for path in cell_parameters(result, 0, 0))


def test_the_cosine_law_of_a_junction_axis_becomes_a_number() -> None:
    setup = _setup(**BIAS)
    values = cell_parameters(ANALYSES["stability"].run(setup, lambda *_: None), 1, 2)
    torque = cosine_torque([with_values(setup, {"junction.bias": values["junction.bias"]}).junction],
                           lambda *_: None)[0]
    assert values["drive.tau_par"] == pytest.approx(torque[0] / torque_unit(1.6, 1.1), rel=1e-12)
    assert values["drive.tau_par"] < 0      # V > 0 pushes m into the plane


@pytest.mark.parametrize("m", [(0.6, 0.0, 0.8), (0.0, -1.0, 0.0), (-0.6, 1e-9, -0.8), (1e-9, 1e-9, 1.0)])
def test_angles_give_the_direction_back(m: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(direction(*angles(np.array(m))), m, rtol=1e-12, atol=1e-15)


def _partials(monkeypatch: pytest.MonkeyPatch, setup: Setup) -> list[Result]:
    monkeypatch.setattr(stability, "_INTERVAL", -1.0)
    seen: list[Result] = []

    def watch(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None:
            seen.append(partial)

    ANALYSES["stability"].run(setup, watch)
    return seen


@pytest.mark.parametrize("start", ["fixed", "random", "hysteretic"])
def test_the_first_picture_is_coarse_but_whole(monkeypatch: pytest.MonkeyPatch, start: str) -> None:
    grid = TAU | {"x_points": 20, "y_points": 20, "duration": 0.5, "start": start}
    seen = _partials(monkeypatch, _setup(**grid))
    for partial in seen:
        assert np.isfinite(partial.data["resistance"].values).all()
    first = seen[0].data["computed"].values
    assert first[::4].all(axis=1).all() if start == "hysteretic" else first[::4, ::4].all()
    shares = [partial.data["computed"].values.mean() if "computed" in partial.data else 1.0 for partial in seen]
    assert shares == sorted(shares) and shares[0] < 0.5 and shares[-1] == 1.0


def test_a_hysteretic_cell_that_is_not_there_yet_cannot_be_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stability, "_INTERVAL", -1.0)

    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None:
            raise Cancelled

    setup = _setup(**TAU | {"y_points": 20, "duration": 0.5, "start": "hysteretic"})
    with pytest.raises(Cancelled) as raised:
        ANALYSES["stability"].run(setup, stop)
    part = raised.value.partial
    assert part is not None
    row = int(np.argmin(part.data["computed"].values[:, 0]))
    with pytest.raises(ParameterError, match="not calculated yet"):
        cell_parameters(part, row, 2)
    assert cell_parameters(part, 0, 0)["numerics.trajectory.theta0_deg"] == pytest.approx(10.0)
    assert value_at(part.setup, "magnet.damping") == 0.02


def test_the_way_back_carries_its_units() -> None:
    setup = _setup(**TAU | {"duration": 0.5, "start": "hysteretic"})
    data = ANALYSES["stability"].run(setup, lambda *_: None).data
    for name in ("frequency", "m_mean", "m_start"):
        assert data[name + "_back"].attrs["units"] == data[name].attrs["units"]
    assert data["frequency_back"].attrs["long_name"] == "frequency, on the way back"
