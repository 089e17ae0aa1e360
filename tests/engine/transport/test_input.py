"""Bad input is refused with the field, the value and the reason; cancelled work keeps what was computed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Junction
from smtj_engine.results import Result
from smtj_engine.schema import ParameterError
from smtj_engine.transport.energy import interface_energy
from smtj_engine.transport.sweeps import angular_curve, bias_sweep, rashba_sweep, transport_point


@pytest.mark.parametrize(("field", "value"), [
    ("k_up", math.nan), ("k_up", -1.0), ("k_down", 2.0), ("barrier_height", math.inf), ("barrier_thickness", -0.1),
    ("barrier_mass", 0.0), ("rashba", 13.4), ("rashba", -13.4), ("dresselhaus", 20.0), ("bias", 3.1),
    ("temperature", -1.0), ("k_normal", 0.0), ("rashba", "4"), ("bias", None), ("rashba", True)])
def test_each_field_has_a_range_and_a_reason(field: str, value: object) -> None:
    with pytest.raises(ParameterError) as caught:
        Junction(**{field: value})  # type: ignore[arg-type]
    assert caught.value.field == field
    assert caught.value.value == value or math.isnan(value)  # type: ignore[arg-type]
    assert len(caught.value.reason) > 10
    assert field in str(caught.value)


def test_validity_limit_counts_both_fields_and_the_mass() -> None:
    Junction(rashba=13.3)
    Junction(rashba=7.5, barrier_mass=1.0)
    for fields in ({"rashba": 10.0, "dresselhaus": 3.4}, {"rashba": 7.7, "barrier_mass": 1.0},
                   {"rashba": 7.7, "barrier_thickness": 0.0}, {"rashba": 12.0, "rashba_slope": 2.0, "bias": 0.8}):
        with pytest.raises(ParameterError) as caught:
            Junction(**fields)
        assert "unbounded" in caught.value.reason
        assert caught.value.high is not None


def test_a_sweep_names_the_first_bad_bias_before_it_starts() -> None:
    calls: list[float] = []
    with pytest.raises(ParameterError, match=r"V = 1\.5 V"):
        bias_sweep(Junction(rashba=10.0, rashba_slope=2.5), bias=[0.0, 1.0, 1.5, 2.0],
                   monitor=lambda fraction, note="", partial=None: calls.append(fraction))
    assert not calls


@pytest.mark.parametrize("call", [
    lambda: transport_point(Junction(), math.nan),
    lambda: transport_point(Junction(), 45.0, accuracy="best"),
    lambda: transport_point(Junction(), "north"),  # type: ignore[arg-type]
    lambda: angular_curve(Junction(), theta_deg=[0, math.inf]),
    lambda: angular_curve(Junction(), theta_deg=[0, 90], phi_deg=[0, 90]),
    lambda: angular_curve(Junction(), theta_deg=45.0, phi_deg=0.0),
    lambda: angular_curve(Junction(), theta_deg=[]),
    lambda: angular_curve(Junction(), family=("junction.rashba", [4, 14])),
    lambda: angular_curve(Junction(), family=("magnet.q_par", [0.1])),
    lambda: angular_curve(Junction(), family=("junction.colour", [1])),
    lambda: bias_sweep(Junction(), bias=[0, 1], family=("junction.bias", [0.1])),
    lambda: bias_sweep(Junction(), bias=[0, 4]),
    lambda: rashba_sweep(Junction(), rashba=[0, 20]),
    lambda: interface_energy(Junction(), theta_deg=[math.nan])])
def test_bad_requests(call: object) -> None:
    with pytest.raises(ParameterError):
        call()  # type: ignore[operator]


def test_no_exchange_no_torque_and_no_endless_splitting() -> None:
    point = transport_point(Junction(k_up=0.8, k_down=0.8, bias=0.5), 45.0)
    assert point.torque_perp == pytest.approx(0, abs=1e-12)
    assert point.torque_par == pytest.approx(0, abs=1e-9)
    assert point.current_density > 0


def test_half_metal_and_shallow_bands() -> None:
    for junction in (Junction(k_down=0.0, bias=0.3), Junction(k_up=0.3, k_down=0.1, bias=-1.0),
                     Junction(k_normal=0.1, bias=1.0)):
        data = angular_curve(junction, theta_deg=np.linspace(0, 180, 19)).data
        assert all(np.isfinite(data[name]).all() for name in data)


def test_cancelling_a_sweep_keeps_what_was_computed() -> None:
    seen: list[Result] = []

    def stop_later(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None:
            seen.append(partial)
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled) as caught:
        bias_sweep(Junction(), bias=np.linspace(-1, 1, 400), monitor=stop_later)
    partial = caught.value.partial
    assert partial is not None
    solved = np.isfinite(partial.data["current_density"].values)
    assert 0 < solved.sum() < 400
    whole = bias_sweep(Junction(), bias=np.linspace(-1, 1, 400)[solved]).data
    assert partial.data["torque_par"].values[solved] == pytest.approx(whole["torque_par"].values, rel=1e-12)


def test_partial_pictures_grow() -> None:
    counts: list[int] = []

    def watch(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None:
            counts.append(int(np.isfinite(partial.data["current_density"].values).sum()))

    bias_sweep(Junction(barrier_thickness=3.0), bias=np.linspace(-1, 1, 600), accuracy="reference", monitor=watch)
    assert counts == sorted(counts)
    assert counts
    assert counts[0] < 600


def test_one_junction_at_most_one_more_kernel_call_after_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    from smtj_engine.transport import kernels, window_kernels

    calls = []
    for module, name in ((window_kernels, "window"), (kernels, "sea")):
        original = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args, original=original: (calls.append(1), original(*args)))
    ended = []

    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if len(calls) >= 2:
            ended.append(len(calls))
            raise Cancelled

    with pytest.raises(Cancelled):
        angular_curve(Junction(bias=0.8), monitor=stop)
    assert len(calls) <= ended[0] + 1
