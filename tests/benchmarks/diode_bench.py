"""The spin diode: maps in linear response, and the spectrum in time against cmtj's.

`python -m tests.benchmarks diode`. At V_dc = 0 the rectified current is, to second order, that of the torque at
the state of rest: cmtj, which has the constant law, gets τ∥(V) of that state and solves the same problem. It holds
its drivers for a step, so that its error falls only as the step: with 16 times as many it is a percent, where its
rounded constants lie.
"""

from __future__ import annotations

import functools
import time

import numpy as np
from numpy.typing import NDArray

from smtj_engine.dynamics.bias_response import BiasResponse, bias_response
from smtj_engine.dynamics.cells import build
from smtj_engine.dynamics.fields import growth_rates
from smtj_engine.dynamics.rectifying import MEAN, schedule
from smtj_engine.dynamics.spin_diode import spin_diode
from smtj_engine.dynamics.torque_laws import torque_unit
from smtj_engine.monitor import silent
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.scale.executor import workers
from tests.benchmarks import cmtj_peer
from tests.benchmarks.measure import Figure, interleaved

MAGNET = Magnet(damping=0.02, q_par=0.1)
DRIVE = Drive(law="transport", junction_perp="dropped", h_x=0.1, h_z=0.05)
JUNCTION, AMPLITUDE = Junction(), 0.005
#: Frequencies (GHz) of the spectrum.
FREQUENCIES = np.linspace(5.0, 15.0, 64)
#: How many times as many make full tiles.
_DENSE = 8


def maps(side: int = 200, repeats: int = 7) -> list[Figure]:
    """Frequency × field and frequency × V_dc, as a user calls them."""
    frequency = np.linspace(0.5, 20.0, side)
    sweeps = {"field": ("drive.h_x", np.linspace(-0.2, 0.2, side)),
              "V_dc": ("junction.bias", np.linspace(-0.3, 0.3, side))}
    calls = {name: functools.partial(spin_diode, MAGNET, DRIVE, JUNCTION, frequency=frequency, over=over)
             for name, over in sweeps.items()}
    found = interleaved(calls, repeats)
    figures = []
    for name, call in calls.items():
        begin = time.process_time()
        call()
        what = f"linear map {side} × {side}, f and {name}"
        figures += [Figure(what, "this program", found[name], "s", 0.2),
                    Figure(what, "CPU time", time.process_time() - begin, "s")]
    return figures


def against_cmtj(repeats: int = 3) -> list[Figure]:
    """The same spectrum by integration in time, with the same steps and periods."""
    if not cmtj_peer.installed():
        return [Figure("cmtj: not installed, pip install '.[bench]'", "", np.nan, "")]
    response = bias_response(JUNCTION, DRIVE, -AMPLITUDE, AMPLITUDE, silent)
    data = spin_diode(MAGNET, DRIVE, JUNCTION, frequency=FREQUENCIES, amplitude=AMPLITUDE, method="time").data
    diode, work = _problem(response, data["m_rest"].values)
    cores = workers()
    parts = [work[first::cores] for first in range(cores)]
    ours = functools.partial(spin_diode, MAGNET, DRIVE, JUNCTION, frequency=FREQUENCIES, amplitude=AMPLITUDE,
                             method="time")
    dense_one = functools.partial(ours, frequency=np.linspace(FREQUENCIES[0], FREQUENCIES[-1],
                                                              _DENSE * len(FREQUENCIES)))
    with cmtj_peer.processes(cores) as pool:
        theirs = functools.partial(pool.starmap, cmtj_peer.driven, [(diode, part) for part in parts], chunksize=1)
        found = interleaved({"ours": ours, "cmtj": theirs, "dense": dense_one}, repeats)
        records = theirs()
    signal = np.empty(len(FREQUENCIES))
    for first, part in enumerate(records):
        signal[first::cores] = [_rectified(response, diode, record, one[0]) for record, one in zip(
            part, parts[first], strict=True)]
    height = float(np.abs(data["timed"] - data["background"]).max())
    apart = float(np.abs(signal - data["timed"].values).max()) / height
    steps = sum(per * (before + kept) for _, per, before, kept in work)
    what = f"spin diode in time, {len(FREQUENCIES)} frequencies"
    dense = f"the same, {_DENSE} times as many"
    return [Figure(what, "this program", found["ours"], "s"),
            Figure(what, f"cmtj, {cores} processes", found["cmtj"], "s"),
            Figure(what, "this program, times cmtj", found["cmtj"] / found["ours"], "×"),
            Figure(dense, "this program", found["dense"], "s"),
            Figure(dense, "this program, times cmtj", _DENSE * found["cmtj"] / found["dense"], "×"),
            Figure(what, f"cmtj, of {steps:.3g} steps", found["cmtj"] / steps * cores * 1e9, "ns/step a core"),
            Figure(what, "difference, of the height", 100 * apart, "%")]


def _problem(response: BiasResponse, rest: NDArray[np.float64]) -> tuple[
        cmtj_peer.Diode, list[tuple[float, int, int, int]]]:
    """What cmtj is given: the torque at rest under V_rf, and the steps that this program takes."""
    spins = build(MAGNET, Drive(h_x=DRIVE.h_x, h_z=DRIVE.h_z), None).spins
    torque = response.torque_at(np.array([AMPLITUDE]))[0][0] @ rest[2] ** np.arange(response.par.shape[1])
    diode = cmtj_peer.Diode((float(rest[0]), float(rest[1]), float(rest[2])), (DRIVE.h_x, DRIVE.h_y, DRIVE.h_z),
                            MAGNET.q_par, MAGNET.q_perp - MAGNET.n_z, MAGNET.damping,
                            float(torque / torque_unit(MAGNET.mu0_ms, MAGNET.thickness)))
    omega = 2 * np.pi * FREQUENCIES * spins.unit
    decay = -growth_rates(spins, rest[None]).real.max()
    steps, periods = schedule(np.full(omega.shape, spins.fastest[0]), omega, np.full(omega.shape, decay))
    turns = FREQUENCIES * spins.unit / cmtj_peer.time_unit()  # Hz, in its rounded constants
    return diode, [(float(f), int(per), int(before), MEAN)
                   for f, per, before in zip(turns, steps, periods, strict=True)]


def _rectified(response: BiasResponse, diode: cmtj_peer.Diode, record: NDArray[np.float64],
               frequency: float) -> float:
    """ΔI_dc (A/µm²) of m_z(t) under V_rf cos ωt, frequency in Hz."""
    bias = AMPLITUDE * np.cos(2 * np.pi * frequency * record[0])
    current = response.current_at(bias, _tilted(record[1])).mean()
    return float(current - response.current_at(np.zeros(1), _tilted(np.array([diode.rest[2]])))[0])


def _tilted(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """m (n, 3) of these m_z: with α alone the current does not depend on φ."""
    return np.stack([np.sqrt(1 - z * z), np.zeros_like(z), z], axis=1)


def table() -> list[Figure]:
    """All figures."""
    return [*maps(), *against_cmtj()]
