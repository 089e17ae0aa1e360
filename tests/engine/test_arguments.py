"""What is no number, no word and no junction is refused at the door of every public function, by name."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from smtj_engine import (
    Drive,
    Junction,
    Magnet,
    Numerics,
    ParameterError,
    angular_curve,
    bias_sweep,
    ensemble,
    hysteresis_loop,
    interface_energy,
    k_map,
    limit_cycles,
    rashba_sweep,
    read_out,
    spectral,
    spectrum,
    spin_density,
    spin_diode,
    stability_diagram,
    switching_map,
    switching_rate,
    trajectory,
    transport_point,
)
from smtj_engine.arguments import real_number, real_numbers

JUNCTION, MAGNET, DRIVE = Junction(), Magnet(), Drive()
HOT = {"magnet": Magnet(volume=100.0), "drive": Drive(temperature=300.0)}
#: What looks like numbers, or may be cast to them in silence.
NO_NUMBERS = (
    1 + 1j, np.array([1 + 1j, 2.0]), np.complex128(3 + 1j), "45", b"4", np.str_("1"), True, np.array([True]),
    {}, {1.0}, object(), 10**400, ["1", "2"], [None, 1.0], [[1], [1, 2]], np.zeros((2, 2)), [], np.nan, -np.inf,
    np.array(["2020-01-01"], dtype="datetime64[D]"), np.ma.array([1.0, 2.0], mask=[0, 1]))
TAU, Q = ("drive.tau_par", [0.0, 0.1]), ("magnet.q_par", [0.1, 0.2])

NUMBERS: dict[str, Callable[[Any], object]] = {
    "theta_deg": lambda bad: transport_point(JUNCTION, bad),
    "phi_deg": lambda bad: transport_point(JUNCTION, 45.0, bad),
    "theta_deg, angular": lambda bad: angular_curve(JUNCTION, theta_deg=bad),
    "phi_deg, angular": lambda bad: angular_curve(JUNCTION, theta_deg=30.0, phi_deg=bad),
    "reference_deg": lambda bad: angular_curve(JUNCTION, theta_deg=[0.0, 1.0], reference_deg=bad),
    "family": lambda bad: angular_curve(JUNCTION, theta_deg=[0.0, 1.0], family=("junction.rashba", bad)),
    "family, whole": lambda bad: interface_energy(JUNCTION, family=bad),
    "bias": lambda bad: bias_sweep(JUNCTION, bias=bad),
    "rashba": lambda bad: rashba_sweep(JUNCTION, rashba=bad),
    "theta_deg, energy": lambda bad: interface_energy(JUNCTION, theta_deg=bad),
    "phi_deg, energy": lambda bad: interface_energy(JUNCTION, phi_deg=bad),
    "depth": lambda bad: spin_density(JUNCTION, depth=bad),
    "energy": lambda bad: spectral(JUNCTION, energy=bad),
    "energy, map": lambda bad: k_map(JUNCTION, energy=bad),
    "extent": lambda bad: k_map(JUNCTION, extent=bad),
    "points": lambda bad: k_map(JUNCTION, points=bad),
    "times": lambda bad: trajectory(MAGNET, DRIVE, times=bad),
    "duration": lambda bad: trajectory(MAGNET, DRIVE, duration=bad),
    "seed": lambda bad: trajectory(**HOT, duration=0.1, seed=bad),
    "x": lambda bad: stability_diagram(MAGNET, DRIVE, x=("drive.tau_par", bad), y=Q),
    "y": lambda bad: stability_diagram(MAGNET, DRIVE, x=TAU, y=bad),
    "seed, diagram": lambda bad: stability_diagram(MAGNET, DRIVE, x=TAU, y=Q, start="random", seed=bad),
    "frequency": lambda bad: spin_diode(MAGNET, DRIVE, JUNCTION, frequency=bad),
    "over": lambda bad: spin_diode(MAGNET, DRIVE, JUNCTION, frequency=[1.0], over=("drive.h_x", bad)),
    "values": lambda bad: hysteresis_loop(MAGNET, DRIVE, values=bad),
    "dwell": lambda bad: hysteresis_loop(MAGNET, DRIVE, values=[0.0, 0.1], dwell=bad),
    "seed, cloud": lambda bad: ensemble(**HOT, count=4, seed=bad),
    "seed, map": lambda bad: switching_map(**HOT, x=TAU, y=Q, seed=bad),
    "x, map": lambda bad: switching_map(MAGNET, DRIVE, x=("drive.tau_par", bad), y=Q),
    "seed, rate": lambda bad: switching_rate(**HOT, seed=bad),
}

WORDS: dict[str, Callable[[Any], object]] = {
    "accuracy": lambda bad: transport_point(JUNCTION, 45.0, accuracy=bad),
    "accuracy, curve": lambda bad: bias_sweep(JUNCTION, bias=[0.1], accuracy=bad),
    "accuracy, numerics": lambda bad: Numerics(accuracy=bad),
    "angular": lambda bad: Numerics(angular=bad),
    "law": lambda bad: Drive(law=bad),
    "start": lambda bad: stability_diagram(MAGNET, DRIVE, x=TAU, y=Q, start=bad),
    "method": lambda bad: spin_diode(MAGNET, DRIVE, JUNCTION, frequency=[1.0], method=bad),
    "over": lambda bad: hysteresis_loop(MAGNET, DRIVE, values=[0.0, 0.1], over=bad),
    "junction": lambda bad: transport_point(bad, 45.0),
    "junction, curve": lambda bad: angular_curve(bad),
    "junction, sweep": lambda bad: bias_sweep(bad, bias=[0.1]),
    "junction, depth": lambda bad: spin_density(bad),
    "junction, path": lambda bad: trajectory(MAGNET, Drive(law="transport"), junction=bad, duration=0.1),
    "magnet": lambda bad: trajectory(bad, DRIVE, duration=0.1),
    "magnet, diagram": lambda bad: stability_diagram(bad, DRIVE, x=TAU, y=Q),
    "magnet, cycles": lambda bad: limit_cycles(bad, DRIVE),
    "drive": lambda bad: limit_cycles(MAGNET, bad),
    "drive, loop": lambda bad: hysteresis_loop(MAGNET, bad, values=[0.0, 0.1]),
    "result": lambda bad: spectrum(bad),
    "path": lambda bad: read_out(bad, JUNCTION),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_no_number_is_refused_by_name(name: str) -> None:
    for bad in NO_NUMBERS:
        with pytest.raises(ParameterError) as refused:
            NUMBERS[name](bad)
        assert refused.value.field == name.partition(",")[0], bad


@pytest.mark.parametrize("name", WORDS)
def test_what_is_none_of_the_words_or_of_another_kind_is_refused_by_name(name: str) -> None:
    for bad in (3.0, "nonsense", {}, [], np.zeros(2), ["draft"], object()):
        with pytest.raises(ParameterError) as refused:
            WORDS[name](bad)
        assert refused.value.field == name.partition(",")[0], bad


def test_every_kind_of_real_number_is_taken() -> None:
    for good in (45, 45.0, np.float32(45), np.int8(45), np.array(45), Decimal(45), np.array(45, dtype=object)):
        assert real_number("theta_deg", good) == 45.0
    frozen = np.array([1.0, 2.0])
    frozen.flags.writeable = False
    for several in ([1, 2], (1.0, 2), range(1, 3), frozen, np.array([1, 2], dtype=np.uint8), [Decimal(1), 2.0],
                    np.ma.array([1.0, 2.0])):
        assert real_numbers("bias", several).tolist() == [1.0, 2.0]
