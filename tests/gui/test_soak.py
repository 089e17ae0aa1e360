"""Many redraws: PySide6 must not lose references to None, and the memory must stay flat."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from smtj_engine.parameters import Setup
from smtj_engine.schema import with_value
from smtj_gui.look import LIGHT
from smtj_gui.views.plot_grid import PlotGrid
from tests.gui.fakes import fake_result

REDRAWS = 10_000
#: What ten thousand redraws may leave behind, in MiB; a plot item lost on each would leave hundreds.
_ROOM = 20.0


def resident() -> float:
    """Resident memory of this process in MiB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_is_flat_over_ten_thousand_redraws(qtbot) -> None:
    view = PlotGrid([("torque_par",)], ("theta", "phi"), [(0, 0)])
    view.set_theme(LIGHT)
    view.resize(320, 240)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    results = [fake_result(with_value(Setup(), "junction.rashba", alpha / 10)) for alpha in range(1, 60)]

    def redraw(count: int) -> None:
        for at in range(count):
            view.show_result(results[at % len(results)], at % 2 == 0)
            QApplication.processEvents()
        gc.collect()

    redraw(500)     # caches of glyphs and pens fill here
    memory, references = resident(), sys.getrefcount(None)
    redraw(REDRAWS)
    assert sys.getrefcount(None) > references - 1000
    assert resident() - memory < _ROOM


RUNS = 500


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_is_flat_over_five_hundred_runs_added_and_deleted(window, session, qtbot) -> None:
    """With the real Angular view, which overlays them, the runs panel, and the archive, which writes each."""
    from smtj_gui.views.angular import AngularView

    window.fill([AngularView])
    setups = [with_value(Setup(), "junction.rashba", alpha / 10) for alpha in range(1, 60)]

    def add_and_delete(count: int) -> None:
        for at in range(count):
            run = session.add(fake_result(setups[at % len(setups)]))
            QApplication.processEvents()
            session.remove([run])
            QApplication.processEvents()
        window.archive.wait()
        QApplication.processEvents()
        gc.collect()

    add_and_delete(60)
    memory, references = resident(), sys.getrefcount(None)
    add_and_delete(RUNS)
    assert session.runs == [] and window.runs_panel.table.topLevelItemCount() == 0
    assert sys.getrefcount(None) > references - 1000
    assert resident() - memory < _ROOM
