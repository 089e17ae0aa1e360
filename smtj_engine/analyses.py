"""What can be calculated: one table that the command line and the window read.

A new quantity is one engine function and one line here; its run button, grid form, command, saving and
export follow.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from smtj_engine import dynamics_runs as runs
from smtj_engine.dynamics_runs import located, with_setup
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Setup
from smtj_engine.schema import walk

if TYPE_CHECKING:
    from smtj_engine.results import Result


@dataclasses.dataclass(frozen=True)
class Analysis:
    """One analysis: key (the Result's kind), title, help, the paths that its answer depends on, and how to run
    it. `grid` is the path of its grid inside Setup. run(setup, monitor) -> Result raises ParameterError for a
    setup it refuses and Cancelled when the monitor does. `idle` names the paths among `uses` (groups too) that a
    given setup does not use. A `grows` analysis hands over coarse pictures soon and needs no draft, but its
    `preview` may give a rougher run for pictures in motion; what there is of one that `keeps` becomes a run when
    it is stopped. `alone` says why one has no independent points that a cluster could share. One without `kernels`
    of its own need not be compiled beforehand: it comes after those whose kernels it runs."""

    key: str
    title: str
    help: str
    grid: str
    uses: tuple[str, ...]
    run: Callable[[Setup, Monitor], Result]
    idle: Callable[[Setup], tuple[str, ...]] = lambda setup: ()
    grows: bool = False
    keeps: bool = False
    alone: str = ""
    kernels: bool = True
    preview: Callable[[Setup], Callable[[Setup, Monitor], Result] | None] = lambda setup: None

    @property
    def keeps_some(self) -> bool:
        """Whether what there is becomes a run when it is stopped."""
        return self.grows or self.keeps

    def depends_on(self, path: str) -> bool:
        """Whether a change at this path may change the answer."""
        return _covers(self.uses, path)

    def needs(self, setup: Setup) -> tuple[object, ...]:
        """All of a setup that the answer depends on, to be compared."""
        return tuple(value_of(setup) for value_of in _needed(self.uses, self.idle(setup)))


@functools.cache
def _needed(uses: tuple[str, ...], idle: tuple[str, ...]) -> tuple[Callable[[Setup], object], ...]:
    """What reads each value that counts; asked at every move of a slider."""
    return tuple(operator.attrgetter(path) for path, _, _ in walk(Setup())
                 if _covers(uses, path) and not _covers(idle, path))


def _covers(paths: tuple[str, ...], path: str) -> bool:
    """Whether one of the paths is this one or a group around it."""
    return any(path == one or path.startswith(one + ".") for one in paths)


def _family(grid: Any) -> tuple[str, tuple[float, ...]] | None:
    return None if grid.family == "none" else (grid.family, grid.family_values)


def _angular(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.transport.sweeps import angular_curve

    grid = setup.numerics.angular
    theta: Any = np.linspace(0.0, 180.0, grid.points) if grid.against == "theta" else grid.theta_deg
    phi: Any = np.linspace(0.0, 360.0, grid.points) if grid.against == "phi" else grid.phi_deg
    return with_setup(setup, angular_curve(
        setup.junction, theta_deg=theta, phi_deg=phi, family=_family(grid), accuracy=setup.numerics.accuracy,
        monitor=monitor))


def _bias(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.transport.sweeps import bias_sweep

    grid = setup.numerics.bias
    return with_setup(setup, bias_sweep(
        setup.junction, bias=np.linspace(grid.start, grid.stop, grid.points), theta_deg=grid.theta_deg,
        phi_deg=grid.phi_deg, family=_family(grid), accuracy=setup.numerics.accuracy, monitor=monitor))


def _rashba(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.transport.sweeps import rashba_sweep

    grid = setup.numerics.rashba
    return with_setup(setup, rashba_sweep(
        setup.junction, rashba=np.linspace(grid.start, grid.stop, grid.points), theta_deg=grid.theta_deg,
        phi_deg=grid.phi_deg, family=_family(grid), accuracy=setup.numerics.accuracy, monitor=monitor))


def _energy(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.transport.energy import interface_energy

    grid = setup.numerics.energy
    return with_setup(setup, interface_energy(
        setup.junction, theta_deg=np.linspace(0.0, 180.0, grid.points), phi_deg=grid.phi_deg,
        family=_family(grid), accuracy=setup.numerics.accuracy, monitor=monitor))


def _density(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.transport.density import spin_density

    grid = setup.numerics.density
    return with_setup(setup, spin_density(
        setup.junction, theta_deg=grid.theta_deg, phi_deg=grid.phi_deg,
        depth=np.linspace(0.0, grid.depth, grid.points), accuracy=setup.numerics.accuracy, monitor=monitor))


def _kmap(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.transport.density import k_map

    grid = setup.numerics.kmap
    return with_setup(setup, k_map(
        setup.junction, theta_deg=grid.theta_deg, phi_deg=grid.phi_deg, energy=grid.energy, points=grid.points,
        extent=grid.extent, accuracy=setup.numerics.accuracy, monitor=monitor))


def _spectral(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.transport.density import spectral

    grid = setup.numerics.spectral
    return with_setup(setup, spectral(
        setup.junction, energy=np.linspace(grid.start, grid.stop, grid.points), theta_deg=grid.theta_deg,
        phi_deg=grid.phi_deg, accuracy=setup.numerics.accuracy, monitor=monitor))


def _bands(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.transport.bands import band_profile

    points, beside = setup.numerics.bands.points, setup.numerics.bands.beside
    return with_setup(setup, band_profile(setup.junction, points=points, beside=beside, monitor=monitor))


def _comparison(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.systems.comparison import comparison

    grid = setup.numerics.comparison
    return with_setup(setup, comparison(
        setup.junction, setup.magnet, theta_deg=np.linspace(0.0, 180.0, grid.points), phi_deg=grid.phi_deg,
        accuracy=setup.numerics.accuracy, monitor=monitor))


def _systems(setup: Setup, monitor: Monitor = silent) -> Result:
    from smtj_engine.systems import table

    rows = table.chosen(setup)
    return with_setup(setup, table.table(rows, bias=setup.numerics.systems.bias,
                                          monitor=runs.whole_setup(setup, monitor)))


def _hides_own(setup: Setup) -> tuple[str, ...]:
    """The present junction and magnet, where the table does not show them; its bias it takes from the table."""
    return ("junction.bias",) if setup.numerics.systems.this_setup == "shown" else ("junction", "magnet")


_TRANSPORT = ("junction", "numerics.accuracy")
_DYNAMICS = ("magnet", "drive")
_AT_ONCE = "it is calculated before a cluster has answered"
_ONE_PATH = "one path is computed step after step"

ANALYSES: dict[str, Analysis] = {analysis.key: analysis for analysis in (
    Analysis("angular", "Angular dependence",
             "TAMR, resistance, current and both torques against the angle of M (Fig. 1)",
             "numerics.angular", (*_TRANSPORT, "numerics.angular"), _angular),
    Analysis("bias", "Bias dependence",
             "Current, dI/dV, TAMR and torques against the bias voltage (Fig. 2b)",
             "numerics.bias", (*_TRANSPORT, "numerics.bias"), _bias),
    Analysis("rashba", "Rashba dependence",
             "Current, TAMR and torques against the Rashba parameter (Fig. 2a)",
             "numerics.rashba", (*_TRANSPORT, "numerics.rashba"), _rashba),
    Analysis("energy", "Interface energy",
             "Interface energy against the angle of M, interface anisotropy K_i and its control by the voltage",
             "numerics.energy", (*_TRANSPORT, "numerics.energy"), _energy),
    Analysis("bands", "Band diagram",
             "The potential of both spins and the Fermi levels across the layers, under bias",
             "numerics.bands", ("junction", "numerics.bands"), _bands, kernels=False, alone=_AT_ONCE),
    Analysis("trajectory", "Trajectory",
             "The magnetization's path under the torque (Fig. 4a-c)",
             "numerics.trajectory", (*_DYNAMICS, "junction", "numerics.trajectory"),
             located("numerics.trajectory", runs.run_trajectory), idle=runs.junction_unread, grows=True,
             alone=_ONE_PATH),
    Analysis("stability", "Stability diagram",
             "The state, resistance and frequency over a plane of two parameters (Fig. 3)",
             "numerics.stability", (*_DYNAMICS, "junction", "numerics.stability"),
             located("numerics.stability", runs.run_stability), idle=runs.replaced, grows=True,
             preview=runs.preview_of_stability),
    Analysis("limit-cycles", "Limit cycles",
             "Thresholds, torque and frequency of the precessions in closed form (Fig. 4d)",
             "numerics.trajectory", _DYNAMICS, runs.run_limit_cycles, idle=lambda setup: ("drive.waveform",),
             alone="limit cycles come from closed forms, at once"),
    Analysis("spectrum", "Spectrum",
             "Frequency, linewidth and harmonics of a trajectory",
             "numerics.trajectory", (*_DYNAMICS, "junction", "numerics.trajectory"),
             located("numerics.trajectory", runs.run_spectrum), idle=runs.junction_unread, grows=True,
             alone=_ONE_PATH),
    Analysis("ensemble", "Ensemble",
             "Many macrospins under thermal noise: cloud, histogram of m_z, switching times",
             "numerics.ensemble", (*_DYNAMICS, "junction", "numerics.ensemble"),
             located("numerics.ensemble", runs.run_ensemble), idle=runs.junction_unread, keeps=True),
    Analysis("switching", "Switching probability",
             "The part of an ensemble that has switched, over a plane of two parameters such as a pulse's height "
             "and length",
             "numerics.switching", (*_DYNAMICS, "junction", "numerics.switching"),
             located("numerics.switching", runs.run_switching), idle=runs.axes_of_switching, keeps=True),
    Analysis("spin-diode", "Spin diode",
             "The current that a resonance driven by the torque rectifies, against frequency, field or bias",
             "numerics.spin_diode", (*_DYNAMICS, "junction", "numerics.spin_diode"),
             located("numerics.spin_diode", runs.run_spin_diode), idle=runs.unread_by_diode, keeps=True),
    Analysis("loop", "Hysteresis loop",
             "Resistance and magnetization while a field, the bias or a torque goes there and back: R(H), R(V)",
             "numerics.loop", (*_DYNAMICS, "junction", "numerics.loop"), located("numerics.loop", runs.run_loop),
             idle=runs.replaced_by_loop, grows=True),
    Analysis("readout", "Read-out",
             "Voltage, current and resistance of the junction against time along a trajectory: R(t)",
             "numerics.trajectory", (*_DYNAMICS, "junction", "numerics.trajectory"),
             located("numerics.trajectory", runs.run_readout), grows=True, alone=_ONE_PATH),
    Analysis("rate", "Switching rate",
             "How often thermal noise switches the magnet, by forward flux sampling and by Brown's and Kramers' "
             "laws: retention up to years",
             "numerics.rate", (*_DYNAMICS, "junction", "numerics.rate"), located("numerics.rate", runs.run_rate),
             idle=runs.unread_by_rate, grows=True),
    Analysis("density", "Spin density",
             "Spin density and torque density against the depth in the ferromagnet, and the torque they add up to",
             "numerics.density", (*_TRANSPORT, "numerics.density"), _density,
             alone="all depths share one integral over energies and wave vectors"),
    Analysis("kmap", "k-resolved map",
             "Transmission, its spin polarization and the torques over the in-plane wave vector at one energy",
             "numerics.kmap", (*_TRANSPORT, "numerics.kmap"), located("numerics.kmap", _kmap)),
    Analysis("spectral", "Energy-resolved current and torque",
             "What each energy adds to the current and the torques inside the bias window",
             "numerics.spectral", (*_TRANSPORT, "numerics.spectral"), _spectral),
    Analysis("comparison", "Comparison with a conventional junction",
             "The spin-orbit torque beside the spin-transfer torque of a second magnet, per area and as a field",
             "numerics.comparison",
             (*_TRANSPORT, "magnet.mu0_ms", "magnet.thickness", "numerics.comparison"), _comparison,
             alone=_AT_ONCE),
    Analysis("systems", "Table of systems",
             "Resistance, TAMR or TMR, torques, anisotropy, critical biases, frequency and power of the materials",
             "numerics.systems", ("junction", "magnet", "numerics.systems"), _systems, idle=_hides_own,
             grows=True, kernels=False, alone="each row is a chain of short steps"),
)}
