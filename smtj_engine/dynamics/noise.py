"""Thermal noise: its strength, the keys of its random numbers, and ensembles of macrospins that feel it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smtj_engine.constants import K_B, MU_0
from smtj_engine.dynamics.starts import mix
from smtj_engine.parameters import Drive, Magnet
from smtj_engine.schema import ParameterError

#: Elementary charge times 1e27: µ₀M_s²𝒱 in eV from T²/(T·m/A) and nm³.
_NM3 = 1e-27


def barrier(magnet: Magnet, drive: Drive) -> float:
    """ξ = µ₀M_s²𝒱/k_BT: energies in µ₀M_s² per k_BT.

    Raises ParameterError without a volume or a temperature.
    """
    from scipy.constants import e

    if magnet.volume is None:
        raise ParameterError("magnet.volume", None, "thermal noise needs the volume of the magnet (nm³): it "
                             "sets the strength of the thermal field", 1.0, 1e9)
    if drive.temperature <= 0:
        raise ParameterError("drive.temperature", drive.temperature, "thermal noise needs a temperature above 0 K",
                             0.0, 1000.0)
    return float(magnet.mu0_ms**2 / MU_0 * magnet.volume * _NM3 / (K_B * e * drive.temperature))


def diffusion(magnet: Magnet, drive: Drive) -> float:
    """η/ξ: the thermal field in M_s has ⟨h_i(t)h_j(t')⟩ = 2(η/ξ) δ_ij δ(t − t'), t in 1/(γµ₀M_s) (Brown, 1963)."""
    return magnet.damping / barrier(magnet, drive)


def keys(seed: int, samples: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The keys of some samples' noise, filled up to the lanes of a kernel call."""
    from smtj_engine.dynamics.kernels import LANES

    numbers = np.zeros(LANES, dtype=np.uint64)
    numbers[:len(samples)] = samples.astype(np.uint64)
    base = mix(np.array([seed % 2**64], dtype=np.uint64))
    return mix(mix(base + numbers) ^ np.uint64(0x5851F42D4C957F2D))
