"""Thermal noise: its strength, the keys of its random numbers, and ensembles of macrospins that feel it."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from smtj_engine.arguments import check_whole, check_word
from smtj_engine.constants import K_B, MU_0, E
from smtj_engine.dynamics import starts
from smtj_engine.dynamics.cells import check_all, check_duration, direction, setup_of
from smtj_engine.dynamics.fields import Array, equilibria
from smtj_engine.dynamics.kernels import LANES
from smtj_engine.dynamics.waveform import Driven, Flock, driven
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Drive, Junction, Magnet
from smtj_engine.results import Provenance, Result, describe
from smtj_engine.scale.executor import Check, Made, completed, together
from smtj_engine.schema import ParameterError

#: Phase per step (rad) of the fastest precession. A step of the noise is of weak order one: at 0.1 the moments of
#: m in equilibrium are off by less than 1e6 samples can show (tests/engine/dynamics/test_noise.py).
PHASE = 0.1
#: A sample has switched once m·(the state that it began in) is below this.
SWITCHED = -0.5
#: Bins of the histogram of m_z.
BINS = 50
#: The most numbers m that one ensemble keeps (1 GB).
MOST_KEPT = 40_000_000
_INTERVAL = 0.1
#: Processor time (s) of a step of one sample in noise, about.
_STEP = 3.5e-9
_MODES = ("fixed", "random")


def barrier(magnet: Magnet, drive: Drive) -> float:
    """ξ = µ₀M_s²𝒱/k_BT: an energy of µ₀M_s² per volume in units of k_BT.

    Raises ParameterError without a volume or a temperature.
    """
    if magnet.volume is None:
        raise ParameterError("magnet.volume", None, "thermal noise needs the volume of the magnet (nm³): it "
                             "sets the strength of the thermal field", 1.0, 1e9)
    if drive.temperature <= 0:
        raise ParameterError("drive.temperature", drive.temperature, "thermal noise needs a temperature above 0 K",
                             0.0, 1000.0)
    return float(magnet.mu0_ms**2 / MU_0 * magnet.volume * 1e-27 / (K_B * E * drive.temperature))


def noisy(magnet: Magnet, drive: Drive) -> bool:
    """Whether a thermal field acts."""
    return magnet.volume is not None and drive.temperature > 0


def diffusion(magnet: Magnet, drive: Drive) -> float:
    """η/ξ: the thermal field in M_s has ⟨h_i(t)h_j(t')⟩ = 2(η/ξ) δ_ij δ(t − t'), t in 1/(γµ₀M_s) (Brown, 1963)."""
    return magnet.damping / barrier(magnet, drive)


def keys(seed: int, samples: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The keys of some samples' noise, filled up to the lanes of a kernel call."""
    numbers = np.zeros(LANES, dtype=np.uint64)
    numbers[:len(samples)] = samples.astype(np.uint64)
    base = starts.mix(np.array([seed % 2**64], dtype=np.uint64))
    return starts.mix(starts.mix(base + numbers) ^ np.uint64(0x5851F42D4C957F2D))


def ensemble(magnet: Magnet, drive: Drive, *, count: int = 10_000, duration: float = 5.0, instants: int = 21,
             theta0_deg: float = 10.0, phi0_deg: float = 0.0, start: str = "fixed", seed: int = 0,
             junction: Junction | None = None, phase: float = PHASE, monitor: Monitor = silent) -> Result:
    """`count` macrospins that differ in their thermal noise (and, with start="random", in where they begin).

    The stochastic equation of Landau, Lifshitz and Gilbert in Stratonovich's sense, with the thermal field of
    physics.md, section 6; a waveform of the drive is followed. A sample's numbers depend on seed and sample alone.

    Variables m (time, sample, component) at `instants` times from 0 to `duration` (ns; 1: the end only); mean_m
    (time, component); mean_resistance (time); switched (time), the part of the samples that have ever been beyond
    m·m₀ < −0.5, m₀ the stable state next to the start; switching_time (sample, ns, NaN: never); histogram (m_z),
    the density of m_z at the end, beside boltzmann (m_z), p ∝ exp[ξ(w/2 + h·m)] where no torque acts.

    A partial result holds the samples that are there, by their numbers, of the attribute `count`.
    Without temperature or volume there is no thermal field, and a note says so. Raises ParameterError for more
    numbers than fit into memory.
    """
    check_all(magnet, drive, junction)
    check_whole("count", count, 1, MOST_KEPT)
    check_whole("instants", instants, 1, MOST_KEPT)
    check_whole("seed", seed)
    if count * instants > MOST_KEPT:
        raise ParameterError("count", count, f"{count} samples at {instants} instants would need "
                             f"{count * instants * 24 / 2**30:.2g} GB: keep fewer instants or samples")
    check_duration(duration)
    check_word("start", start, _MODES)
    strength = diffusion(magnet, drive) if noisy(magnet, drive) else 0.0
    spin = driven(magnet, drive, junction, monitor)
    m0 = direction(theta0_deg, phi0_deg)
    begin = starts.random(seed, 1, count) if start == "random" else np.broadcast_to(m0, (count, 3))
    flocks = Flocks(spin, begin, strength, seed, phase, home(spin, m0),
                     np.linspace(0.0, duration, instants) if instants > 1 else np.array([duration]))
    picture = _Cloud(magnet, drive, junction, flocks, seed)
    told, tiles = time.monotonic(), flocks.shares
    try:
        for index, (m, hit) in completed(follow, Made(flocks.part, tiles), monitor, "ensemble"):
            picture.put(tiles[index], m, hit)
            if monitor is not silent and time.monotonic() - told > _INTERVAL:
                told = time.monotonic()
                monitor(picture.done.mean(), "ensemble", picture.result())
    except Cancelled as stop:
        stop.partial = picture.result() if picture.done.any() else None
        raise
    return picture.result()


def notes_of(magnet: Magnet, drive: Drive, spin: Driven) -> list[str]:
    """What the user should know about the noise and the torque."""
    still = [] if noisy(magnet, drive) else [
        "No thermal field acts: it needs a temperature of the magnet above 0 K and its volume. All samples that "
        "start together stay together."]
    return [*still, *spin.notes]


def home(spin: Driven, m: Array) -> Array:
    """The stable equilibrium next to m (3,), or m itself where there is none."""
    found, rates = equilibria(spin.spins, 50)
    found = found[(rates.real < 0).all(axis=1)]
    return found[np.argmax(found @ m)] if len(found) else m


@dataclasses.dataclass(frozen=True)
class Flocks:
    """The samples of one macrospin, a kernel call's lanes at a time."""

    spin: Driven
    begin: Array
    strength: float
    seed: int
    phase: float
    axis: Array
    instants: Array
    offset: int = 0

    @property
    def calls(self) -> list[NDArray[np.int64]]:
        """The samples of each call."""
        return np.array_split(np.arange(len(self.begin)), range(LANES, len(self.begin), LANES))

    @property
    def shares(self) -> list[slice]:
        """The samples of each tile."""
        steps = int(self.spin.legs(self.instants, self.phase, self.strength).counts.sum())
        width = LANES * together(len(self.calls), LANES * max(steps, 1) * _STEP)
        return [slice(first, first + width) for first in range(0, len(self.begin), width)]

    def part(self, samples: slice) -> Flocks:
        """Some samples alone, as they travel."""
        return dataclasses.replace(self, begin=self.begin[samples].copy(), offset=self.offset + samples.start)

    def run(self, samples: NDArray[np.int64], check: Check) -> tuple[Array, Array]:
        """m (time, sample, 3) of some samples and when they switched (ns)."""
        legs = self.spin.legs(self.instants, self.phase, self.strength)
        start = np.empty((LANES, 3))
        start[:len(samples)], start[len(samples):] = self.begin[samples], self.begin[samples[0]]
        flock = Flock(self.spin, start, keys(self.seed, samples + self.offset), self.strength, self.axis, SWITCHED)
        kept = []
        for first, last in legs.batches():
            kept.append(flock.follow(legs, first, last))
            check()
        return np.concatenate(kept)[:, :len(samples)], flock.hit[:len(samples)]


def follow(flocks: Flocks, check: Check) -> tuple[Array, Array]:
    """m (time, sample, 3) of all samples and when they switched (ns)."""
    m, hit = zip(*(flocks.run(samples, check) for samples in flocks.calls), strict=True)
    return np.concatenate(m, axis=1), np.concatenate(hit)


class _Cloud:
    """The samples computed so far."""

    def __init__(self, magnet: Magnet, drive: Drive, junction: Junction | None, flocks: Flocks, seed: int) -> None:
        self.setup = setup_of(magnet, drive, junction)
        self.flocks, self.seed = flocks, seed
        count = len(flocks.begin)
        self.m = np.full((len(flocks.instants), count, 3), np.nan)
        self.hit = np.full(count, np.inf)
        self.done = np.zeros(count, dtype=np.bool_)
        self.edges = np.linspace(-1.0, 1.0, BINS + 1)
        self.boltzmann = self._boltzmann(self.edges)

    def put(self, samples: slice, m: Array, hit: Array) -> None:
        self.m[:, samples], self.hit[samples] = m, hit
        self.done[samples] = True

    def result(self) -> Result:
        """What is known so far; samples not computed yet are left out."""
        times, numbers = self.flocks.instants, np.flatnonzero(self.done)
        m, hit = self.m[:, self.done], self.hit[self.done]
        edges = self.edges
        density = np.histogram(m[-1, :, 2], edges)[0] / (len(numbers) * (edges[1] - edges[0]))
        variables: dict[str, Any] = {
            "m": (("time", "sample", "component"), m),
            "mean_m": (("time", "component"), m.mean(axis=1)),
            "mean_resistance": ("time", (2 * m[..., 2] ** 2 - 1).mean(axis=1)),
            "switched": ("time", (hit <= times[:, None]).mean(axis=1)),
            "switching_time": ("sample", np.where(hit <= times[-1], hit, np.nan)),
            "histogram": ("m_z", density), "boltzmann": ("m_z", self.boltzmann)}
        data = describe(xr.Dataset(variables, coords={
            "time": times, "sample": numbers, "component": ["x", "y", "z"], "m_z": (edges[1:] + edges[:-1]) / 2}))
        data.attrs.update(home=self.flocks.axis.tolist(), count=len(self.done))
        if notes := notes_of(self.setup.magnet, self.setup.drive, self.flocks.spin):
            data.attrs["notes"] = notes
        return Result(kind="ensemble", setup=self.setup, data=data,
                      provenance=Provenance(accuracy="rk4, Stratonovich", seed=self.seed))

    def _boltzmann(self, edges: Array) -> Array:
        """The density of m_z in equilibrium, by integration over the bins; NaN where a torque drives."""
        spin = self.flocks.spin
        driven = spin.rows.size or np.any(spin.spins.par) or np.any(spin.spins.perp) or spin.harmonics is not None
        if driven or not self.flocks.strength:
            return np.full(BINS, np.nan)
        return density_of_mz(spin, barrier(self.setup.magnet, self.setup.drive), edges)


def density_of_mz(spin: Driven, xi: float, edges: Array) -> Array:
    """Boltzmann's density of m_z, averaged over bins: p ∝ exp[ξ(w/2 + h·m)]."""
    one, inside = spin.spins, 8
    z = (edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(inside) + 0.5) / inside).reshape(-1, 1)
    phi = np.arange(256) * (2 * np.pi / 256)
    x, y = np.sqrt(1 - z * z) * np.cos(phi), np.sqrt(1 - z * z) * np.sin(phi)
    energy = (one.q_par * x**2 + one.q_eff * z**2) / 2 + one.h[0, 0] * x + one.h[0, 1] * y + one.h[0, 2] * z
    weight = np.exp(xi * (energy - energy.max())).sum(axis=1).reshape(-1, inside).sum(axis=1)
    return np.asarray(weight / (weight.sum() * np.diff(edges)))
