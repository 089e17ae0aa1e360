"""The state in words: against the theory's zones, the diagram's classifier and the spectrum."""

from __future__ import annotations

import numpy as np
import pytest

from smtj_engine.dynamics.limit_cycles import limit_cycles
from smtj_engine.dynamics.motion import direction, motion
from smtj_engine.dynamics.spectrum import spectrum
from smtj_engine.dynamics.stability import stability_diagram
from smtj_engine.dynamics.trajectory import trajectory
from smtj_engine.parameters import Drive, Junction, Magnet

#: A torque in each zone of physics.md, section 6, and the words that must be there.
ZONES = [(0.001, "perpendicular", "along +z"), (-0.00199, "opp", "about +z"), (-0.00318, "ipp", "about"),
         (-0.00597, "in_plane", "y")]


@pytest.mark.parametrize(("tau", "state", "words"), ZONES)
def test_each_zone_has_its_state(tau: float, state: str, words: str) -> None:
    found = motion(trajectory(Magnet(), Drive(tau_par=tau), duration=150.0))
    assert found.state == state
    assert words in found.words
    assert np.isfinite(found.frequency) == (state in ("opp", "ipp"))


@pytest.mark.parametrize("tau", [-0.00199, -0.00318, -0.0039])
def test_the_frequency_is_that_of_theory_and_spectrum(tau: float) -> None:
    drive = Drive(tau_par=tau)
    result = trajectory(Magnet(), drive, duration=150.0)
    found = motion(result).frequency
    assert found == pytest.approx(float(limit_cycles(Magnet(), drive).data["frequency_now"]), rel=1e-3)
    assert found == pytest.approx(float(spectrum(result).data["peak"]), rel=2e-3)


def test_it_agrees_with_the_classifier_of_diagrams() -> None:
    taus, anisotropies = np.linspace(-0.009, 0.003, 9), np.linspace(0.05, 0.22, 4)
    diagram = stability_diagram(Magnet(), Drive(), x=("drive.tau_par", taus),
                                y=("magnet.q_par", anisotropies)).data
    names, compared = diagram["state"].attrs["flag_meanings"].split(), 0
    for row, q_par in enumerate(anisotropies):
        for column, tau in enumerate(taus):
            cell = names[int(diagram["state"][row, column])]
            found = motion(trajectory(Magnet(q_par=q_par), Drive(tau_par=tau), duration=35.0))
            if "undecided" not in (cell, found.state):
                compared += 1
                assert found.state == cell, (tau, q_par, found)
    assert compared >= 0.8 * diagram["state"].size


def test_a_decaying_transient_is_no_precession() -> None:
    """Just below the perpendicular threshold m still turns widely after 35 ns, and yet comes to rest."""
    found = motion(trajectory(Magnet(), Drive(tau_par=-0.001), theta0_deg=25.0, duration=35.0))
    assert found.state == "perpendicular"
    assert found.words == "settling: perpendicular, along +z"
    assert found.frequency > 4.0


def test_growth_from_an_unstable_pole_is_undecided() -> None:
    found = motion(trajectory(Magnet(), Drive(tau_par=-0.00199), theta0_deg=0.2, duration=8.0))
    assert (found.state, found.words) == ("undecided", "spiralling away from +z")


def test_the_junctions_torque_is_not_judged_by_another_law() -> None:
    """A spiral that the cosine law would call settling is left open where the torque comes from the junction."""
    junction = Junction(bias=0.02)
    result = trajectory(Magnet(), Drive(law="transport"), theta0_deg=25.0, duration=12.0, junction=junction)
    assert motion(result).words.startswith("spiralling towards +z")


def test_a_tilted_rest_tells_its_angles() -> None:
    found = motion(trajectory(Magnet(damping=0.3), Drive(h_x=0.02), duration=100.0))
    assert found.state == "tilted"
    assert found.words.startswith("tilted, at θ = ")


def test_few_instants_say_nothing() -> None:
    result = trajectory(Magnet(), Drive(tau_par=-0.002), duration=35.0, samples=30)
    assert motion(result).words == "too short to tell"
    short = trajectory(Magnet(), Drive(tau_par=-0.002), duration=0.5)
    assert motion(short).state == "undecided"


def test_only_the_end_of_a_long_record_is_looked_at() -> None:
    """The same words, and in a thousandth of the work, for a record that has been precessing for long."""
    long = trajectory(Magnet(), Drive(tau_par=-0.00318), duration=400.0)
    assert long.data.sizes["time"] > 100_000
    assert motion(long).state == "ipp"
    assert motion(long).frequency == pytest.approx(
        motion(trajectory(Magnet(), Drive(tau_par=-0.00318), duration=100.0)).frequency, rel=1e-3)


@pytest.mark.parametrize(("m", "words"), [((0, 0, 1), "+z"), ((0, -2, 0.1), "−y"), ((0.98, 0, 0.1), "+x"),
                                          ((1, 1, 0), "θ = 90°, φ = 45°"), ((1, -1, 0), "θ = 90°, φ = −45°")])
def test_directions_in_words(m: tuple[float, float, float], words: str) -> None:
    assert direction(np.array(m, dtype=float)) == words
