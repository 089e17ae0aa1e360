"""What the conductor has calculated: one job, with where it is worked out and how it was refused or lost."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from smtj_engine.analyses import Analysis
from smtj_engine.monitor import Interrupted, Monitor
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError, value_at, with_values

if TYPE_CHECKING:
    from smtj_engine.results import Result
    from smtj_gui.conductor import _Slot
    from smtj_gui.session import Run

#: A draft has this fraction of the points, cells and samples of a grid.
COARSER = {"points": 3, "x_points": 3, "y_points": 3, "over_points": 2, "count": 8}


@dataclasses.dataclass(eq=False)
class Request:
    """One job: what it calculates, and the refusal that its setup met, if any."""

    slot: _Slot
    setup: Setup
    draft: bool = False
    run: Run | None = None              # the run that it is for, None for a live curve
    keep: bool = False                  # what there is becomes a run when the job is cancelled
    refusal: ParameterError | None = None
    cluster: str = ""                   # where it is worked out, "" for this machine
    lost: str = ""                      # why the cluster did not finish it
    newest: Result | None = None        # the newest that it has handed over

    def __call__(self, monitor: Monitor) -> Result:
        """In a coordinator."""
        analysis, setup = self.slot.analysis, self.setup
        run = (analysis.preview(setup) if self.draft else None) or analysis.run
        if self.draft and run is analysis.run:
            setup = coarse(setup, analysis)
        try:
            with place(self.cluster, monitor):
                return run(setup, monitor)
        except ParameterError as error:
            self.refusal = error
            raise
        except Interrupted as stop:
            self.lost = stop.reason
            raise


@contextlib.contextmanager
def place(cluster: str, monitor: Monitor) -> Iterator[None]:
    """Work on the cluster at this address, on this machine's threads without one."""
    if not cluster:
        yield
        return
    from smtj_engine.scale.cluster import ClusterError, on

    monitor(0.0, f"connecting to {cluster}")
    try:
        with on(cluster):
            yield
    except ClusterError as error:
        raise ConnectionError(f"Cluster: {error}. Edit, Preferences has the address.") from None


def coarse(setup: Setup, analysis: Analysis) -> Setup:
    """A setup's draft: fewer points, the accuracy of a preview, and no integration in time where a closed
    response does."""
    values: dict[str, object] = {"numerics.accuracy": "draft"}
    grid = value_at(setup, analysis.grid)
    for name, factor in COARSER.items():
        if (number := getattr(grid, name, None)) is not None:
            values[f"{analysis.grid}.{name}"] = min(number, max(3, (number - 1) // factor + 1))
    if getattr(grid, "method", "") == "time":
        values[f"{analysis.grid}.method"] = "linear"
    return with_values(setup, values)

