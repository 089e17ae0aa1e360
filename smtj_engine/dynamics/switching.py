"""Maps of switching: over two parameters, the part of an ensemble that has left the state it began in."""

from __future__ import annotations

import dataclasses
import functools
import time
from typing import Any

import numpy as np
import xarray as xr

from smtj_engine.arguments import check_whole, path_and_numbers
from smtj_engine.dynamics.cells import check_all, check_duration, direction, setup_of
from smtj_engine.dynamics.fields import Array
from smtj_engine.dynamics.noise import PHASE, Flocks, diffusion, follow, home, noisy, notes_of
from smtj_engine.dynamics.waveform import Driven, driven, place
from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import DEFAULT, Drive, Junction, Magnet, Setup
from smtj_engine.results import Provenance, Result, attributes, describe, described_by
from smtj_engine.scale.executor import Check, completed
from smtj_engine.schema import ParameterError, spec_at, with_values

Axis = tuple[str, Any]
#: The most runs of one map: cells times samples.
MOST_RUNS = 20_000_000
_INTERVAL = 0.1


@dataclasses.dataclass(frozen=True)
class _Cell:
    """One cell: the macrospin, its noise, the state that it leaves."""

    number: int
    spin: Driven
    strength: float
    home: Array


def switching_map(magnet: Magnet, drive: Drive, *, x: Axis, y: Axis, count: int = 64, duration: float = 5.0,
                  theta0_deg: float = 10.0, phi0_deg: float = 0.0, seed: int = 0,
                  junction: Junction | None = None, monitor: Monitor = silent) -> Result:
    """The probability of switching over two parameters, x = (path, values) and y = (path, values).

    An axis may be a number of the waveform, such as its level and length, of the drive, the magnet or the
    junction. Each cell is an ensemble of `count` samples from (θ0, φ0), followed over `duration` (ns); without
    temperature or volume one sample tells all.

    Dimensions (y, x): probability, the part with m·m₀ < 0 at the end, m₀ the stable
    state next to the start; mean_time (ns) until m·m₀ < −0.5 of those that got there (NaN: none);
    in a partial result computed, the cells that are there.

    Raises ParameterError for a bad axis and for more runs than fit into memory.
    """
    check_all(magnet, drive, junction)
    check_whole("count", count, 1)
    check_whole("seed", seed)
    axes = [axis_of(name, axis, drive, junction) for name, axis in (("x", x), ("y", y))]
    (across, columns), (down, rows) = axes
    if across == down:
        raise ParameterError("y", down, "both axes are the same parameter")
    if len(columns) * len(rows) * count > MOST_RUNS:
        raise ParameterError("count", count, f"{len(columns)} × {len(rows)} cells of {count} samples are more "
                             f"than {MOST_RUNS} runs: take fewer", 1)
    check_duration(duration)
    start = direction(theta0_deg, phi0_deg)
    setup = setup_of(magnet, drive, junction)
    homes: dict[bytes, Array] = {}
    cells = [_cell(with_values(setup, {across: float(a), down: float(b)}), junction, start, number, homes, monitor)
             for number, (b, a) in enumerate((b, a) for b in rows for a in columns)]
    probability, mean_time = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    computed = np.zeros(len(cells), dtype=np.bool_)

    run = functools.partial(_switch, start=start, count=int(count), seed=seed, duration=float(duration))

    def result() -> Result:
        shape = (len(rows), len(columns))
        data = describe(xr.Dataset({"probability": (("y", "x"), probability.reshape(shape).copy()),
                                    "mean_time": (("y", "x"), mean_time.reshape(shape).copy())},
                                   coords={"x": columns, "y": rows}))
        if not computed.all():
            data["computed"] = (("y", "x"), computed.reshape(shape).copy(), attributes("computed"))
        for name, path in (("x", across), ("y", down)):
            data[name].attrs.update(described_by(path))
            if path in ("drive.waveform.level", "drive.waveform.swing"):
                data[name].attrs["units"] = spec_at(setup, place(drive.waveform)).ascii_unit or "1"
        data.attrs.update(duration=duration, count=count, theta0_deg=theta0_deg, phi0_deg=phi0_deg)
        still = not any(cell.strength for cell in cells)
        if notes := [note for note in notes_of(magnet, drive, cells[0].spin) if still or "thermal" not in note]:
            data.attrs["notes"] = notes
        return Result(kind="switching", setup=setup, data=data,
                      provenance=Provenance(accuracy="rk4, Stratonovich", seed=seed))

    told = time.monotonic()
    try:
        for index, answer in completed(run, cells, monitor, "switching"):
            probability[index], mean_time[index] = answer
            computed[index] = True
            if monitor is not silent and time.monotonic() - told > _INTERVAL:
                told = time.monotonic()
                monitor(computed.mean(), "switching", result())
    except Cancelled as stop:
        stop.partial = result() if computed.any() else None
        raise
    return result()


def _switch(cell: _Cell, check: Check, *, start: Array, count: int, seed: int,
            duration: float) -> tuple[float, float]:
    """The probability of one cell and its mean time."""
    samples = count if cell.strength else 1
    flocks = Flocks(cell.spin, np.broadcast_to(start, (samples, 3)), cell.strength, seed, PHASE, cell.home,
                    np.array([duration]), cell.number * count)
    m, hits = follow(flocks, check)
    ends, hits = m[-1] @ cell.home, hits[np.isfinite(hits)]
    return float((ends < 0).mean()), float(hits.mean()) if hits.size else np.nan


def _cell(setup: Setup, junction: Junction | None, start: Array, number: int, homes: dict[bytes, Array],
          monitor: Monitor) -> _Cell:
    """One cell's macrospin; here and not in a tile, because a junction's torque is itself a map over tiles.

    homes: the stable states found so far; an axis of the waveform does not move them."""
    monitor(0.0, "switching, cells")
    spin = driven(setup.magnet, setup.drive, setup.junction if junction is not None else None, monitor)
    strength = diffusion(setup.magnet, setup.drive) if noisy(setup.magnet, setup.drive) else 0.0
    spins = spin.spins
    key = b"".join(values.tobytes() for values in (spins.eta, spins.par, spins.perp, spins.q_par, spins.q_eff,
                                                   spins.h))
    if spin.harmonics is not None:
        key += spin.harmonics.tobytes()
    if key not in homes:
        homes[key] = home(spin, start)
    return _Cell(number, spin, strength, homes[key])


def axis_of(name: str, axis: Axis, drive: Drive, junction: Junction | None) -> tuple[str, Array]:
    """The path and values of an axis; refuses one that changes nothing."""
    path, values = path_and_numbers(name, axis)
    spec = spec_at(DEFAULT, path)
    group = path.split(".")[0]
    if group not in ("magnet", "drive", "junction") or spec.choices or spec.many:
        raise ParameterError(path, None, "an axis takes a number of the magnet, the drive or the junction")
    if path.startswith("drive.waveform.") and drive.waveform.target == "none":
        raise ParameterError("drive.waveform.target", "none", f"the axis {path} changes nothing: choose what the "
                             "waveform moves")
    follows = drive.law == "transport" or drive.waveform.target == "bias"
    if group == "junction" and not (follows and junction is not None):
        raise ParameterError("drive.law", drive.law, f"the axis {path} changes nothing: take the transport law, "
                             "or a waveform of the bias")
    return path, values
