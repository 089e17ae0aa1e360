"""cmtj as a peer: the macrospin of Figs. 3 and 4 in its terms, on all cores by processes, which is its best use.

Its torque law is the constant one, and its constants have three to four digits, so that m slowly drifts apart.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.pool import Pool
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: µ₀M_s (T), Q_eff, η, and the start (θ₀, rad) of the preset; µ₀ and γ as cmtj rounds them.
_MS, _Q_EFF, _DAMPING, _TILT = 1.6, 0.25, 0.01, np.radians(10.0)
_MU_0, _GYRO = 12.57e-7, 220_880.0

Cell = tuple[float, float]


def installed() -> bool:
    """Whether cmtj can be imported."""
    return importlib.util.find_spec("cmtj") is not None


def time_unit() -> float:
    """1/(γµ₀M_s) in seconds, with cmtj's constants."""
    return _MU_0 / (_GYRO * _MS)


@contextmanager
def processes(count: int) -> Iterator[Pool]:
    """Processes with cmtj loaded."""
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        pool.map(integrate, [([(-0.002, 0.2)], 1.0, 0.1)] * count, chunksize=1)
        yield pool


def junction(tau: float, q_par: float) -> Any:
    """One macrospin: uniaxial anisotropy along x for Q∥, a demagnetizing tensor for Q_eff, a damping-like torque
    towards z for τ∥."""
    from cmtj import CVector, Junction, Layer, constantDriver

    start = CVector(float(np.sin(_TILT)), 0.0, float(np.cos(_TILT)))
    tensor = [CVector(0.0, 0.0, 0.0), CVector(0.0, 0.0, 0.0), CVector(0.0, 0.0, -_Q_EFF)]
    layer = Layer.createSOTLayer("free", start, CVector(1.0, 0.0, 0.0), _MS, 1.3e-9, 1e-15, tensor, _DAMPING,
                                 0.0, tau * _MS / _MU_0)
    layer.setReferenceLayer(CVector(0.0, 0.0, 1.0))
    one = Junction([layer])
    one.setLayerAnisotropyDriver("free", constantDriver(0.5 * q_par * _MS**2 / _MU_0))
    one.setLayerCurrentDriver("free", constantDriver(1.0))
    return one


def integrate(work: tuple[Sequence[Cell], float, float]) -> NDArray[np.float64]:
    """m (n, 3) of some cells (τ∥, Q∥) after a duration at a fixed step (time units), by cmtj's RK4."""
    from cmtj import SolverMode

    cells, duration, step = work
    unit = time_unit()
    ends = []
    for tau, q_par in cells:
        one = junction(tau, q_par)
        one.runSimulation(duration * unit, step * unit, duration * unit, False, False, SolverMode.RK4)
        m = one.getLayerMagnetisation("free")
        ends.append((m.x, m.y, m.z))
    return np.array(ends)


@dataclasses.dataclass(frozen=True)
class Diode:
    """A macrospin at rest in a field (M_s), which a torque of the constant law (τ∥, amplitude) drives."""

    rest: tuple[float, float, float]
    field: tuple[float, float, float]
    q_par: float
    q_eff: float
    damping: float
    torque: float


def driven(one: Diode, work: Sequence[tuple[float, int, int, int]]) -> list[NDArray[np.float64]]:
    """Time (s) and m_z (2, n) over the last periods of each of `work`: frequency (Hz), steps in a period, periods
    before and periods that are kept; the torque is a cosine."""
    from cmtj import AxialDriver, CVector, Junction, Layer, SolverMode, constantDriver, sineDriver

    records = []
    for frequency, per, before, kept in work:
        tensor = [CVector(0.0, 0.0, 0.0), CVector(0.0, 0.0, 0.0), CVector(0.0, 0.0, -one.q_eff)]
        layer = Layer.createSOTLayer("free", CVector(*one.rest), CVector(1.0, 0.0, 0.0), _MS, 1.3e-9, 1e-15,
                                     tensor, one.damping, 0.0, one.torque * _MS / _MU_0)
        layer.setReferenceLayer(CVector(0.0, 0.0, 1.0))
        junction = Junction([layer])
        junction.setLayerAnisotropyDriver("free", constantDriver(0.5 * one.q_par * _MS**2 / _MU_0))
        junction.setLayerExternalFieldDriver("free", AxialDriver(*(float(h * _MS / _MU_0) for h in one.field)))
        junction.setLayerCurrentDriver("free", sineDriver(0.0, 1.0, frequency, np.pi / 2))
        step = 1 / frequency / per
        for periods, write in ((before, before / frequency), (kept, step)):
            junction.clearLog()
            junction.runSimulation(periods / frequency, step, write, False, False, SolverMode.RK4)
        log = junction.getLog()
        records.append(np.array([log["time"], log["free_mz"]]))
    return records
