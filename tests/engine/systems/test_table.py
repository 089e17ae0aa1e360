"""The table of systems: its rows are the engine's own numbers, its critical biases those of the closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from smtj_engine import presets
from smtj_engine.dynamics.limit_cycles import limit_cycles, thresholds
from smtj_engine.dynamics.torque_laws import cosine_torque, torque_unit
from smtj_engine.monitor import Cancelled, silent
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.schema import ParameterError, with_values
from smtj_engine.systems import table
from smtj_engine.transport.energy import interface_energy
from smtj_engine.transport.sweeps import angular_curve, transport_point


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of other tests are not known."""
    monkeypatch.setattr(table, "_known", {})


def test_every_material_is_a_system() -> None:
    assert set(table.materials()) == {name for name in presets.names()
                                      if presets.load(name).group == "Materials"}
    titles = [title for title, _ in table.chosen(Setup())]
    assert titles == [table.OWN, *(presets.load(name).title for name in table.materials())]


def test_a_row_is_what_the_engine_says() -> None:
    setup = with_values(Setup(), {"junction.bias": 0.7, "magnet.mu0_ms": 1.2})
    row = table.row_of(setup, 0.4)
    point, rest = transport_point(Junction(bias=0.4), 45.0), transport_point(Junction(), 45.0)
    assert row.resistance == pytest.approx(1 / rest.conductance)
    assert row.torque_par == pytest.approx(point.torque_par)
    assert row.torque_perp_neq == pytest.approx(point.torque_perp - rest.torque_perp)
    assert row.field_par == pytest.approx(point.torque_par / torque_unit(1.2, 1.3) * 1200)
    assert row.power == pytest.approx(0.4 * point.current_density)
    assert row.magnetoresistance == pytest.approx(
        float(angular_curve(Junction(), theta_deg=[0.0, 90.0]).data["tamr"][1]))
    energy = interface_energy(Junction()).data
    assert (row.K_i, row.vcma) == pytest.approx((float(energy["K_i"]), float(energy["vcma"])), rel=1e-2)
    first = transport_point(Junction(bias=row.bias_precession), 45.0)
    assert row.power_critical == pytest.approx(row.bias_precession * first.current_density, rel=1e-3)


def test_critical_biases_meet_the_closed_form_of_the_cosine_law() -> None:
    """At weak interaction the torque is the cosine law: where it reaches the zones' ends, the states change."""
    junction, magnet = Junction(rashba=1.0), Magnet(damping=0.001)
    found = table.critical_biases(junction, magnet)
    unit = torque_unit(magnet.mu0_ms, magnet.thickness)
    begins, _, ends = thresholds(magnet)

    def tau(bias: float) -> float:
        return float(cosine_torque([Junction(rashba=1.0, bias=bias)], silent)[0][0] / unit)

    assert tau(found.precession) == pytest.approx(begins, rel=0.02)
    assert tau(found.switching) == pytest.approx(ends, rel=0.03)
    cycle = limit_cycles(magnet, Drive(tau_par=tau(found.precession))).data
    near = cycle["frequency"].values[np.argmin(np.abs(cycle["tau_par"].values - begins))]
    assert found.frequency == pytest.approx(float(near), rel=0.05)


def test_no_torque_no_critical_bias() -> None:
    found = table.critical_biases(Junction(barrier_thickness=3.0), Magnet())
    assert all(math.isnan(value) for value in (found.precession, found.switching, found.frequency))
    undefined = table.critical_biases(Junction(barrier_mass=0.067, rashba=50.0, dresselhaus_bulk=40.0), Magnet())
    assert math.isnan(undefined.precession)


@pytest.mark.parametrize(("magnet", "expected"), [
    (Magnet(), (0.0, 0.0)), (Magnet(q_perp=0.9), (90.0, 0.0)), (Magnet(q_perp=1.1), (90.0, 0.0)),
    (Magnet(q_perp=0.5, q_par=-0.1), (90.0, 90.0))])
def test_rest_is_the_axis_of_least_energy(magnet: Magnet, expected: tuple[float, float]) -> None:
    assert table.rest_of(magnet) == expected


def test_the_table_grows_row_by_row_and_keeps_what_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[float] = []

    def row(setup: Setup, bias: float, monitor: object) -> table.Row:
        made.append(setup.junction.rashba)
        return table.Row(*([setup.junction.rashba] * len(table.COLUMNS)))

    monkeypatch.setattr(table, "_row", row)
    systems = [(f"α = {alpha:g}", with_values(Setup(), {"junction.rashba": alpha})) for alpha in (1.0, 2.0, 1.0)]
    partials = []
    result = table.table(systems, monitor=lambda fraction, note="", partial=None: partials.append(partial))
    assert made == [1.0, 2.0]
    assert [partial.data.sizes["row"] for partial in partials if partial is not None] == [1, 2]
    assert result.data["system"].values.tolist() == ["α = 1", "α = 2", "α = 1"]
    assert result.data["K_i"].values.tolist() == [1.0, 2.0, 1.0]

    def stop(fraction: float, note: str = "", partial: object = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        table.table(systems, monitor=stop)


def test_a_table_needs_a_system() -> None:
    hidden = {f"numerics.systems.{name}": "hidden" for name in ("this_setup", *table.materials())}
    with pytest.raises(ParameterError, match="at least one"):
        table.chosen(with_values(Setup(), hidden))
