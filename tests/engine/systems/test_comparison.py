"""Two mechanisms side by side: each is its own junction, and they go over into each other."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from smtj_engine.dynamics.torque_laws import torque_field
from smtj_engine.monitor import Cancelled
from smtj_engine.parameters import Junction, Magnet
from smtj_engine.systems.comparison import comparison, conventional, spin_orbit
from smtj_engine.transport.sweeps import transport_point


def test_field_of_a_torque() -> None:
    """53.2 eV/µm² on 1.6 T and 1.3 nm: 8.52e-6 J/m² over 1655 A."""
    expected = 1e3 * 53.2 * 1.602177e-7 / (1.6 / 1.2566371e-6 * 1.3e-9)
    assert torque_field(53.2, 1.6, 1.3) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("junction", [Junction(bias=0.4), Junction(bias=-0.3, dresselhaus=1.0, rashba=2.0),
                                      Junction(bias=0.3, right_k_up=1.2, right_k_down=0.3, right_theta_deg=40.0)])
def test_each_torque_is_that_of_its_own_junction(junction: Junction) -> None:
    data = comparison(junction, Magnet(), theta_deg=[30.0, 75.0], phi_deg=25.0).data
    for mechanism, one in (("spin-orbit", spin_orbit(junction)), ("conventional", conventional(junction))):
        rest = dataclasses.replace(one, bias=0.0)
        for theta in (30.0, 75.0):
            here = data.sel(mechanism=mechanism, theta=theta)
            point, zero = (transport_point(which, theta, 25.0) for which in (one, rest))
            scale = abs(point.torque_perp) + abs(point.torque_par)
            assert float(here["torque_par"]) == pytest.approx(point.torque_par - zero.torque_par, abs=1e-7 * scale)
            assert float(here["torque_perp_neq"]) == pytest.approx(point.torque_perp - zero.torque_perp,
                                                                   abs=1e-7 * scale)
            assert float(here["field_par"]) == pytest.approx(torque_field(float(here["torque_par"]), 1.6, 1.3))
            assert float(here["current_density"]) == pytest.approx(point.current_density, rel=1e-6)


def test_the_angular_laws_tell_the_mechanisms_apart() -> None:
    """sin 2θ about the normal without a polarizer (weak interaction), sin θ with one (thick barrier)."""
    theta = np.array([30.0, 60.0, 90.0])
    data = comparison(Junction(bias=0.05, rashba=0.5, barrier_thickness=2.0), Magnet(), theta_deg=theta).data
    torque = data["torque_par"].values
    assert torque[0] / torque[0, 0] == pytest.approx(np.sin(2 * np.radians(theta)) / np.sin(np.pi / 3), abs=5e-3)
    assert torque[1] / torque[1, 2] == pytest.approx(np.sin(np.radians(theta)), rel=5e-3)


def test_the_partner_of_a_junction_is_the_same_but_for_the_mechanism() -> None:
    junction = Junction(bias=0.2, rashba=3.0, rashba_slope=0.5, dresselhaus=1.0, barrier_height=1.5)
    partner = conventional(junction)
    assert (partner.right_k_up, partner.right_k_down) == (junction.k_up, junction.k_down)
    assert partner.rashba_at_bias == partner.dresselhaus == 0
    back = dataclasses.replace(partner, rashba=3.0, rashba_slope=0.5, dresselhaus=1.0)
    assert spin_orbit(back) == junction
    own = conventional(Junction(right_k_up=1.3, right_k_down=0.2))
    assert (own.right_k_up, own.right_k_down) == (1.3, 0.2)


def test_without_exchange_on_the_right_and_without_interaction_both_vanish() -> None:
    junction = Junction(bias=0.4, rashba=0.0, right_k_up=0.8, right_k_down=0.8)
    data = comparison(junction, Magnet(), theta_deg=[45.0]).data
    assert np.abs(data["torque_par"].values).max() < 1e-9
    assert np.abs(data["torque_perp_neq"].values).max() < 1e-9


def test_it_can_be_cancelled() -> None:
    def stop(fraction: float, note: str = "", partial: object = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled) as caught:
        comparison(Junction(bias=0.1), Magnet(), monitor=stop)
    assert caught.value.partial is None
