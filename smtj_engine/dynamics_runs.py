"""How the analyses of the dynamics run: from a setup with its grid to the arguments of an engine function.

Each function is run(setup, monitor) -> Result as the table of analyses wants it; beside them stand the paths of a
setup that they do not read.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from smtj_engine.monitor import Cancelled, Monitor, silent
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, value_at, with_values

if TYPE_CHECKING:
    from smtj_engine.results import Result


def run_trajectory(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.dynamics.trajectory import trajectory

    grid = setup.numerics.trajectory
    return with_setup(setup, trajectory(
        setup.magnet, setup.drive, theta0_deg=grid.theta0_deg, phi0_deg=grid.phi0_deg, duration=grid.duration,
        samples=grid.samples, junction=setup.junction, method=grid.method, seed=grid.seed,
        monitor=whole_setup(setup, monitor)))


def whole_setup(setup: Setup, monitor: Monitor) -> Monitor:
    """Gives partial results the whole setup too, of which the engine function knows a part."""
    def tell(fraction: float, note: str = "", partial: Result | None = None) -> None:
        monitor(fraction, note, with_setup(setup, partial) if partial is not None else None)

    return tell


def run_spectrum(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.dynamics.spectrum import spectrum

    try:
        path = run_trajectory(setup, progress_only(monitor))
    except Cancelled as stop:
        with contextlib.suppress(ParameterError):  # too short for a spectrum
            stop.partial = with_setup(setup, spectrum(stop.partial)) if stop.partial else None
        raise
    return with_setup(setup, spectrum(path))


def progress_only(monitor: Monitor) -> Monitor:
    """For a first step whose partial results are not of the kind that was asked for."""
    def progress(fraction: float, note: str = "", partial: Result | None = None) -> None:
        monitor(fraction, note)

    return progress


def run_limit_cycles(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.dynamics.limit_cycles import limit_cycles

    return with_setup(setup, limit_cycles(setup.magnet, setup.drive))


def run_stability(setup: Setup, monitor: Monitor = silent, preview: bool = False) -> Result:
    from smtj_engine.dynamics.stability import axis_values, stability_diagram

    grid = setup.numerics.stability
    return with_setup(setup, stability_diagram(
        setup.magnet, setup.drive, x=(grid.x, axis_values(grid, "x")), y=(grid.y, axis_values(grid, "y")),
        duration=grid.duration, theta0_deg=grid.theta0_deg, phi0_deg=grid.phi0_deg, start=grid.start,
        seed=grid.seed, junction=setup.junction, preview=preview, monitor=monitor))


def preview_of_stability(setup: Setup) -> Callable[[Setup, Monitor], Result] | None:
    """The diagram while its parameters are dragged, with no more cells than the eye follows.

    None where most of the work is in the torques of many junctions.
    """
    grid = setup.numerics.stability
    if any(axis.startswith("junction.") for axis in (grid.x, grid.y)):
        return None
    few = {f"numerics.stability.{axis}_points": min(getattr(grid, f"{axis}_points"), 64) for axis in "xy"}
    run = located("numerics.stability", functools.partial(run_stability, preview=True))
    return lambda setup, monitor: run(with_values(setup, few), monitor)


def replaced(setup: Setup) -> tuple[str, ...]:
    """What a diagram takes from its axes instead of from the setup, and the junction where nothing reads it."""
    grid = setup.numerics.stability
    axes = (grid.x, grid.y, "drive.waveform")
    from_junction = setup.drive.law == "transport" or any(path.startswith("junction.") for path in axes)
    return axes if from_junction else (*axes, "junction")


def run_ensemble(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.dynamics.noise import ensemble

    grid = setup.numerics.ensemble
    return with_setup(setup, ensemble(
        setup.magnet, setup.drive, count=grid.count, duration=grid.duration, instants=grid.instants,
        theta0_deg=grid.theta0_deg, phi0_deg=grid.phi0_deg, start=grid.start, seed=grid.seed,
        junction=setup.junction, monitor=monitor))


def run_switching(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.dynamics.switching import switching_map

    grid = setup.numerics.switching
    return with_setup(setup, switching_map(
        setup.magnet, setup.drive, x=(grid.x, np.linspace(grid.x_start, grid.x_stop, grid.x_points)),
        y=(grid.y, np.linspace(grid.y_start, grid.y_stop, grid.y_points)), count=grid.count,
        duration=grid.duration, theta0_deg=grid.theta0_deg, phi0_deg=grid.phi0_deg, seed=grid.seed,
        junction=setup.junction, monitor=monitor))


def run_spin_diode(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.dynamics.spin_diode import spin_diode

    grid = setup.numerics.spin_diode
    over = None if grid.over == "none" else (
        grid.over, np.linspace(grid.over_start, grid.over_stop, grid.over_points))
    return with_setup(setup, spin_diode(
        setup.magnet, setup.drive, setup.junction, frequency=np.linspace(grid.start, grid.stop, grid.points),
        amplitude=grid.amplitude, over=over, method=grid.method, source=grid.source, theta0_deg=grid.theta0_deg,
        phi0_deg=grid.phi0_deg, monitor=monitor))


def run_loop(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.dynamics.hysteresis import hysteresis_loop

    grid = setup.numerics.loop
    return with_setup(setup, hysteresis_loop(
        setup.magnet, setup.drive, values=np.linspace(grid.start, grid.stop, grid.points), over=grid.over,
        field_theta_deg=grid.field_theta_deg, field_phi_deg=grid.field_phi_deg, dwell=grid.dwell, count=grid.count,
        theta0_deg=grid.theta0_deg, phi0_deg=grid.phi0_deg, seed=grid.seed, junction=setup.junction,
        monitor=whole_setup(setup, monitor)))


def run_rate(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.dynamics.rare import switching_rate

    grid = setup.numerics.rate
    over = None if grid.over == "none" else (
        grid.over, np.linspace(grid.over_start, grid.over_stop, grid.over_points))
    return with_setup(setup, switching_rate(
        setup.magnet, setup.drive, count=grid.count, repeats=grid.repeats, theta0_deg=grid.theta0_deg,
        phi0_deg=grid.phi0_deg, seed=grid.seed, over=over, junction=setup.junction,
        monitor=whole_setup(setup, monitor)))


def unread_by_rate(setup: Setup) -> tuple[str, ...]:
    """What a rate takes from its sweep or does not know."""
    over = setup.numerics.rate.over
    return ("drive.waveform", *[over][:over != "none"],
            *(("junction",) if setup.drive.law != "transport" and over != "junction.bias" else ()))


def replaced_by_loop(setup: Setup) -> tuple[str, ...]:
    """What a loop takes from its sweep or does not know."""
    return ("drive.waveform", *filter(lambda path: path != "field", [setup.numerics.loop.over]))


def run_readout(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.dynamics.reading import read_out

    try:
        path = run_trajectory(setup, progress_only(monitor))
    except Cancelled as stop:
        stop.partial = with_setup(setup, read_out(stop.partial, setup.junction)) if stop.partial else None
        raise
    return with_setup(setup, read_out(path, setup.junction, monitor))


def unread_by_diode(setup: Setup) -> tuple[str, ...]:
    """What the spin diode takes from its sweep or does not know."""
    grid = setup.numerics.spin_diode
    return ("drive.waveform", *filter(lambda path: path != "none", [grid.over]))


def axes_of_switching(setup: Setup) -> tuple[str, ...]:
    """What a map of switching takes from its axes."""
    return setup.numerics.switching.x, setup.numerics.switching.y


#: What a refused argument is called in a grid: a record that is too short has too few samples.
_CALLED = {"result": "samples"}


def located(grid: str, run: Callable[[Setup, Monitor], Result]) -> Callable[[Setup, Monitor], Result]:
    """The same, but a refused field of the grid is named by its path, as flags and forms know it."""
    def located(setup: Setup, monitor: Monitor = silent) -> Result:
        try:
            return run(setup, monitor)
        except ParameterError as error:
            name = _CALLED.get(error.field, error.field)
            if name not in {field.name for field in dataclasses.fields(value_at(setup, grid))}:
                raise
            raise ParameterError(f"{grid}.{name}", error.value, error.reason, error.low,
                                 error.high) from None

    return located


def junction_unread(setup: Setup) -> tuple[str, ...]:
    """The junction, unless the torque comes from it."""
    drive = setup.drive
    return () if drive.law == "transport" or drive.waveform.target == "bias" else ("junction",)


def with_setup(setup: Setup, result: Result) -> Result:
    """The result with the whole setup (grid, magnet and drive too), so that it can be repeated."""
    return dataclasses.replace(result, setup=setup)
