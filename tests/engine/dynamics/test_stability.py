"""The stability diagram: zones, attractors, independence of tiles and threads, starts, cancel, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from smtj_engine.dynamics import lanes, stability, starts
from smtj_engine.dynamics.cells import build, time_unit
from smtj_engine.dynamics.classify import IN_PLANE, IPP, OPP, PERPENDICULAR, UNDECIDED, classify
from smtj_engine.dynamics.limit_cycles import cycle, limit_cycles, thresholds
from smtj_engine.dynamics.stability import levels, stability_diagram
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.results import Result
from smtj_engine.scale import executor
from smtj_engine.schema import ParameterError
from tests.engine.dynamics.magnets import biaxial

TAU = ("drive.tau_par", np.linspace(-0.009, 0.003, 24))
Q = ("magnet.q_par", np.linspace(0.01, 0.24, 16))


def _diagram(**arguments: Any) -> Result:
    return stability_diagram(Magnet(), Drive(), **{"x": TAU, "y": Q, **arguments})


@pytest.fixture(scope="module")
def diagram() -> Result:
    return _diagram()


def _zone(magnet: Magnet, tau: np.ndarray) -> np.ndarray:
    """The state that theory expects at τ∥."""
    upper, middle, lower = thresholds(magnet)
    return np.select([tau > upper, tau > middle, tau > lower], [PERPENDICULAR, OPP, IPP], IN_PLANE)


def test_form(diagram: Result) -> None:
    data = diagram.data
    assert diagram.kind == "stability"
    assert data["state"].dims == ("y", "x")
    assert data["state"].dtype == np.int8
    assert data["state"].attrs["flag_values"] == [0, 1, 2, 3, 4, 5]
    assert data["state"].attrs["flag_meanings"] == "undecided perpendicular opp ipp in_plane tilted"
    assert data["sensitive"].dtype == bool
    assert data["m_mean"].dims == ("y", "x", "component")
    assert data["x"].attrs["path"] == "drive.tau_par"
    assert data["frequency"].attrs["units"] == "GHz"
    assert "computed" not in data


def test_four_zones_in_order(diagram: Result) -> None:
    """Every decided cell of the preset of Figs. 3-4 bears the name of its zone."""
    data = diagram.data
    for row, q_par in zip(data["state"].values, Q[1], strict=True):
        expected = _zone(Magnet(q_par=q_par), TAU[1])
        decided = row != UNDECIDED
        assert (row[decided] == expected[decided]).all()
        assert decided.mean() > 0.85
    along = data["state"].values[-2]
    assert list(dict.fromkeys(along[along != UNDECIDED])) == [IN_PLANE, IPP, OPP, PERPENDICULAR]


def test_frequency_follows_the_theory() -> None:
    data = _diagram(duration=300.0).data
    state, frequency = data["state"].values, data["frequency"].values
    assert np.isnan(frequency[(state == PERPENDICULAR) | (state == IN_PLANE)]).all()
    errors = []
    for row, column in zip(*np.nonzero((state == OPP) | (state == IPP)), strict=True):
        theory = limit_cycles(Magnet(q_par=Q[1][row]), Drive(tau_par=TAU[1][column])).data
        if abs(float(theory["w_now"]) / Q[1][row] - 1) > 0.03:
            errors.append(abs(frequency[row, column] / float(theory["frequency_now"]) - 1))
    assert len(errors) > 30
    assert np.median(errors) < 1e-4
    assert max(errors) < 0.02  # next to a threshold even 300 ns are short


def test_resistance_is_the_trajectorys_at_the_duration(diagram: Result) -> None:
    data = diagram.data
    for row, column in ((3, 2), (8, 11), (14, 13), (10, 20)):
        exact = trajectory(Magnet(q_par=Q[1][row]), Drive(tau_par=TAU[1][column]), times=[35.0]).data
        assert float(data["resistance"][row, column]) == pytest.approx(float(exact["resistance"][0]), abs=2e-3)


def test_easy_plane_is_bistable_between_its_thresholds() -> None:
    """Q_eff = −0.25: no stable precession; between 0.0035 and 0.0065 both the pole and the plane are stable."""
    tau = np.array([0.002, 0.0045, 0.0055, 0.008])
    states = []
    for theta in (5.0, 85.0):
        data = stability_diagram(Magnet(q_perp=0.75), Drive(), x=("drive.tau_par", tau),
                                 y=("magnet.q_par", [0.2]), theta0_deg=theta, phi0_deg=5.0, duration=100.0).data
        states.append(data["state"].values[0].tolist())
    assert states[0] == [IN_PLANE, PERPENDICULAR, PERPENDICULAR, PERPENDICULAR]
    assert states[1] == [IN_PLANE, IN_PLANE, IN_PLANE, PERPENDICULAR]


@pytest.mark.parametrize(("size", "count"), [((5, 7), 1), ((64, 100), 3)])
def test_values_do_not_depend_on_tiles_or_threads(diagram: Result, monkeypatch: pytest.MonkeyPatch,
                                                  size: tuple[int, int], count: int) -> None:
    monkeypatch.setattr(stability, "_TILE", size)
    monkeypatch.setattr(stability, "workers", lambda: count)
    monkeypatch.setattr(executor, "processors", lambda: count)
    other = _diagram()
    for name in diagram.data.data_vars:
        np.testing.assert_array_equal(other.data[name], diagram.data[name])


@pytest.mark.parametrize("start", ["fixed", "random"])
def test_a_level_is_a_strided_subset_of_the_final_grid(diagram: Result, start: str) -> None:
    fine = diagram if start == "fixed" else _diagram(start=start, seed=5)
    pictures: list[Result] = []

    def watch(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None:
            pictures.append(partial)

    with pytest.MonkeyPatch().context() as patch:
        patch.setattr(stability, "_INTERVAL", -1.0)
        _diagram(start=start, seed=5, monitor=watch)
    assert len(pictures) > 3
    counts = [int(picture.data["computed"].sum()) for picture in pictures if "computed" in picture.data]
    assert counts == sorted(counts)
    for picture in pictures[:-1]:
        done = picture.data["computed"].values
        np.testing.assert_array_equal(picture.data["state"].values[done], fine.data["state"].values[done])
    first = next(picture for picture in pictures if picture.data["computed"].values[::4, ::4].all())
    np.testing.assert_array_equal(first.data["resistance"].values[1:4, 1:4],
                                  np.full((3, 3), fine.data["resistance"].values[0, 0]))


@pytest.mark.parametrize(("ny", "nx"), [(256, 256), (1, 1), (5, 130), (9, 8)])
def test_levels_compute_each_cell_once(ny: int, nx: int) -> None:
    steps = levels(ny, nx)
    cells = np.concatenate([new for _, new in steps])
    assert sorted(cells.tolist()) == list(range(ny * nx))
    strides = [stride for stride, _ in steps]
    assert strides == [2**power for power in range(len(steps) - 1, -1, -1)]
    assert max(ny, nx) <= 8 * strides[0]
    seen = np.zeros(ny * nx, dtype=bool)
    for stride, new in steps:
        seen[new] = True
        assert seen.reshape(ny, nx)[::stride, ::stride].all()


def test_a_random_start_is_keyed_by_seed_and_cell() -> None:
    one, two = starts.random(5, 8, 8), starts.random(6, 8, 8)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1)
    assert np.abs(one - two).max() > 0.1
    many = starts.random(0, 200, 200)
    assert np.abs(many.mean(axis=0)).max() < 0.02
    np.testing.assert_allclose((many**2).mean(axis=0), 1 / 3, atol=0.01)
    assert np.unique(many, axis=0).shape == many.shape
    assert _diagram(start="random", seed=5).provenance.seed == 5


def test_hysteresis_shows_both_branches() -> None:
    """Easy plane: coming from small τ∥ the magnet stays in the plane, coming back it stays at the pole."""
    tau = np.linspace(0.001, 0.009, 17)
    data = stability_diagram(Magnet(q_perp=0.75, damping=0.01), Drive(), x=("drive.tau_par", tau),
                             y=("magnet.q_par", [0.1, 0.2]), start="hysteretic", duration=100.0).data
    up, back = data["state"].values[1], data["state_back"].values[1]
    between = (tau > 0.0038) & (tau < 0.0062)
    assert (up[between] == IN_PLANE).all()
    assert (back[between] == PERPENDICULAR).all()
    assert (up[tau > 0.0075] == PERPENDICULAR).all()
    assert (back[tau < 0.003] == IN_PLANE).all()
    assert {"resistance_back", "frequency_back", "m_mean_back", "sensitive_back"} <= set(data.data_vars)
    assert "tilted" in data.attrs["notes"][0]


def test_sensitive_cells_are_those_whose_neighbour_ends_elsewhere(diagram: Result) -> None:
    sensitive = diagram.data["sensitive"].values
    assert 0 < sensitive.mean() < 0.3
    perpendicular = diagram.data["state"].values == PERPENDICULAR
    assert not sensitive[perpendicular].any()
    row, column = next(zip(*np.nonzero(sensitive), strict=True))
    spins = build(Magnet(q_par=Q[1][row]), Drive(tau_par=TAU[1][column]), None).spins
    m = starts.fixed(10.0, 0.0, spins)
    ends = [lanes.run(spins, start, 35 / spins.unit, lambda: None, phase=0.2).mean for start in
            (m, starts.beside(m))]
    assert np.abs(ends[0] - ends[1]).max() > 0.1


def test_a_cancel_keeps_the_partial_picture(diagram: Result) -> None:
    calls = 0

    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        nonlocal calls
        calls += 1
        if partial is not None and partial.data["computed"].values.mean() > 0.1:
            raise Cancelled

    with pytest.MonkeyPatch().context() as patch, pytest.raises(Cancelled) as raised:
        patch.setattr(stability, "_INTERVAL", -1.0)
        _diagram(monitor=stop)
    kept = raised.value.partial
    assert kept is not None
    done = kept.data["computed"].values
    assert 0.1 < done.mean() < 1
    np.testing.assert_array_equal(kept.data["resistance"].values[done], diagram.data["resistance"].values[done])
    assert not np.isnan(kept.data["resistance"]).any()


@pytest.mark.parametrize(("arguments", "field", "word"), [
    ({"x": ("drive.law", [1.0])}, "drive.law", "an axis takes a number"),
    ({"x": ("drive.nonsense", [1.0])}, "drive.nonsense", "no such parameter"),
    ({"x": ("numerics.bias.start", [1.0])}, "numerics.bias.start", "an axis takes a number"),
    ({"x": ("junction.bias", [0.1])}, "junction", "needs a junction"),
    ({"x": ("magnet.damping", [0.01, -1.0])}, "magnet.damping", "without damping"),
    ({"x": ("magnet.q_par", [0.1])}, "y", "same parameter"),
    ({"x": ("drive.tau_par", [])}, "x", "at least one"),
    ({"x": ("drive.tau_par", np.zeros(10**6))}, "x", "GB"),
    ({"x": ("drive.tau_par", "abc")}, "x", "must be numbers"),
    ({"x": ("drive.tau_par", [[0.1, 0.2]])}, "x", "list of numbers"),
    ({"y": None}, "y", "a path and a list"),
    ({"x": ("drive.tau_par", [np.nan])}, "x", "finite"),
    ({"x": ("magnet.q_par", [11.0]), "y": TAU}, "magnet.q_par", "between -10 and 10"),
    ({"duration": None}, "duration", "positive"),
    ({"seed": None}, "seed", "whole number"),
    ({"start": "anywhere"}, "start", "hysteretic"),
    ({"duration": 0.0}, "duration", "positive"),
    ({"theta0_deg": 0.0}, "theta0_deg", "exactly at the pole"),
])
def test_bad_input_is_explained(arguments: dict[str, Any], field: str, word: str) -> None:
    with pytest.raises(ParameterError, match=word) as raised:
        _diagram(**arguments)
    assert raised.value.field == field


def test_a_junction_axis_needs_a_law_that_follows_it() -> None:
    for law, reason in (("constant", "changes nothing"), ("field", "no torque from the junction")):
        with pytest.raises(ParameterError, match=reason):
            stability_diagram(Magnet(), Drive(law=law), x=("junction.bias", [0.1]), y=Q, junction=Junction())


@settings(max_examples=8)
@given(biaxial())
def test_thresholds_from_integration(magnet: Magnet) -> None:
    """40/η time units, starts near the states whose stability is asked: edges within a grid cell + 2η²."""
    upper, middle, lower = thresholds(magnet)
    tau = np.linspace(1.3 * lower, 0.4 * upper, 61)
    cell = tau[1] - tau[0] + 2 * magnet.damping**2
    duration = 40 / magnet.damping * time_unit(magnet.mu0_ms)
    for theta, phi, name, edge, side in ((5.0, 0.0, PERPENDICULAR, upper, -1), (88.0, 85.0, IN_PLANE, lower, 1)):
        data = stability_diagram(magnet, Drive(), x=("drive.tau_par", tau), y=("drive.h_z", [0.0]),
                                 theta0_deg=theta, phi0_deg=phi, duration=duration).data
        named = tau[data["state"].values[0] == name]
        found = named.min() if side < 0 else named.max()
        assert abs(found - edge) <= cell
    inner = stability_diagram(magnet, Drive(), x=("drive.tau_par", tau), y=("drive.h_z", [0.0]), theta0_deg=60.0,
                              duration=5 * duration).data["state"].values[0]
    assert tau[inner == IPP].max(initial=lower) <= middle + cell
    assert tau[inner == OPP].min(initial=upper) >= middle - cell
    if magnet.q_perp > 1.3:  # a softer magnet makes only a few turns in this time
        assert (inner == IPP).sum() > 2


def test_labels_agree_with_a_tight_run() -> None:
    """At most 0.1 % of the cells away from boundaries are labelled differently (speed.md)."""
    rng = np.random.default_rng(7)
    count = 3000
    tau, q_par = rng.uniform(-0.009, 0.003, count), rng.uniform(0.01, 0.24, count)
    spins = build(Magnet(), Drive(), None, {"drive.tau_par": tau, "magnet.q_par": q_par}, count).spins
    start, duration = starts.fixed(10.0, 0.0, spins), 35 / spins.unit
    labels = [classify(spins, lanes.run(spins, start, duration, lambda: None, phase=phase, tail=tail), duration)[0]
              for phase, tail in ((lanes.TILE_PHASE, 2048), (0.15, 12_000))]
    edges = -0.01 * np.array([0.25 - q_par / 2, 0.25 + 0 * q_par, 0.25 + q_par])
    away = np.abs(tau - edges).min(axis=0) > 2e-4
    assert (labels[0] != labels[1])[away].mean() <= 1e-3


def test_a_preview_shows_the_same_zones(diagram: Result) -> None:
    preview = _diagram(preview=True)
    assert preview.provenance.accuracy == "preview" and not preview.data["sensitive"].any()
    clear = ~diagram.data["sensitive"].values
    assert (preview.data["state"].values == diagram.data["state"].values)[clear].mean() > 0.98
    whirl = clear & np.isin(diagram.data["state"].values, [OPP, IPP])
    np.testing.assert_allclose(preview.data["frequency"].values[whirl], diagram.data["frequency"].values[whirl],
                               rtol=0.01)


@pytest.mark.slow
def test_decided_cells_are_where_a_ten_times_longer_run_ends() -> None:
    rng = np.random.default_rng(3)
    count = 1500
    for magnet, drive, axes in (
            (Magnet(), Drive(), {"drive.tau_par": rng.uniform(-0.009, 0.003, count)}),
            (Magnet(q_perp=0.75), Drive(), {"drive.tau_par": rng.uniform(0.0, 0.01, count)}),
            (Magnet(), Drive(law="constant"), {"drive.tau_par": rng.uniform(-0.02, 0.02, count),
                                               "drive.h_z": rng.uniform(-0.2, 0.2, count),
                                               "drive.h_x": rng.uniform(-0.05, 0.05, count)})):
        axes = axes | {"magnet.q_par": rng.uniform(-0.2, 0.24, count)}
        spins = build(magnet, drive, None, axes, count).spins
        start = starts.fixed(10.0, 0.0, spins)
        short, long = (classify(spins, lanes.run(spins, start, time / spins.unit, lambda: None),
                                time / spins.unit)[0] for time in (35.0, 350.0))
        both = (short != UNDECIDED) & (long != UNDECIDED)
        assert (short != long)[both].mean() < 2e-3
        assert (short == UNDECIDED).mean() < 0.05
        assert (long == UNDECIDED).mean() < 0.01


def test_a_cycle_is_told_from_a_slow_decay() -> None:
    """Both swing as widely at 35 ns; only the drift of the energy tells them apart."""
    magnet = Magnet()
    tau = cycle(magnet, np.array([0.24]))[0][0]
    data = stability_diagram(magnet, Drive(), x=("drive.tau_par", [tau, -0.00147]), y=("drive.h_z", [0.0]),
                             theta0_deg=23.0, duration=35.0).data
    assert data["state"].values[0].tolist() == [OPP, PERPENDICULAR]
    last = trajectory(magnet, Drive(tau_par=-0.00147), theta0_deg=23.0, duration=35.0).data["m"].values[-200:]
    assert np.abs(last[:, 0]).max() > 0.1
