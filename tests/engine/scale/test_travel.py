"""The tiles of every analysis can go to another machine, and their answers into a file and back."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from smtj_engine.analyses import ANALYSES
from smtj_engine.dynamics import bias_response
from smtj_engine.files import resources, tables
from smtj_engine.files.tiles import decode, encode
from smtj_engine.fitting.least_squares import fit
from smtj_engine.measured import measurement, suggest
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Setup
from smtj_engine.results import Result
from smtj_engine.scale import executor
from smtj_engine.schema import with_values
from smtj_engine.systems import table
from tests.engine import samples

_WARM: dict[str, object] = {"magnet.volume": 1000.0, "drive.temperature": 300.0}
#: Analyses with more than the default where they would else have no tiles, or other ones.
CASES: list[tuple[str, dict[str, object]]] = [
    *((key, {}) for key in ANALYSES if key != "loop"),
    ("loop", {**_WARM, "numerics.loop.count": 150, "numerics.loop.dwell": 0.05}),
    ("ensemble", {"numerics.ensemble.count": 300, "numerics.ensemble.start": "random"}),
    ("stability", {"numerics.stability.start": "hysteretic"}),
    ("spin-diode", {"numerics.spin_diode.method": "time", "numerics.spin_diode.over": "drive.h_z",
                    "numerics.spin_diode.over_start": 0.02, "numerics.spin_diode.over_stop": 0.08}),
    ("bias", {"junction.dresselhaus_bulk": 2.0}),
]


class Travelling:
    """Every tile is packed, unpacked and worked out here, and its answer written and read."""

    workers, grain = 3, 4

    def __init__(self) -> None:
        self.tiles = 0
        self.maps: list[int] = []

    def completed(self, function: Callable[[Any, executor.Check], Any], tiles: Sequence[Any], monitor: Monitor,
                  note: str) -> Iterator[tuple[int, Any]]:
        self.maps.append(len(tiles))
        for index, tile in enumerate(tiles):
            monitor(index / len(tiles), note)
            self.tiles += 1
            sent, there = pickle.loads(pickle.dumps((function, tile), protocol=5))
            yield index, decode(encode(sent(there, lambda: None)))


def _anew(key: str, setup: Setup, monkeypatch: pytest.MonkeyPatch) -> Result:
    """An answer that owes nothing to what earlier runs, perhaps of other tests, left in memory."""
    for module in (bias_response, table):
        monkeypatch.setattr(module, "_known", {})
    return ANALYSES[key].run(setup, silent)


@pytest.mark.parametrize(("key", "more"), CASES)
def test_an_analysis_gives_the_same_bits_elsewhere(key: str, more: dict[str, object],
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    setup = with_values(Setup(), {**samples.tiny(key), **more})
    elsewhere = Travelling()
    with executor.at(elsewhere):
        there = _anew(key, setup, monkeypatch)
    assert there.data.identical(_anew(key, setup, monkeypatch).data)
    if not ANALYSES[key].alone:
        assert elsewhere.tiles > 0


def test_the_differences_of_a_fit_are_one_map_with_the_same_bits() -> None:
    """Three parameters at one bias: the two neighbours of the junction at once (the third is only a factor)."""
    read = tables.read(resources.path("measured/tamr_theta.csv"))
    curve = measurement(read, suggest(read), "sample")
    setup, vary = Setup(), ["junction.rashba", "junction.barrier_height", "data.scale"]
    elsewhere = Travelling()
    with executor.at(elsewhere):
        there = fit(curve, setup, vary, accuracy="draft")
    assert 2 in elsewhere.maps
    assert there.data.identical(fit(curve, setup, vary, accuracy="draft").data)


@pytest.mark.parametrize(("count", "cost", "together"), [
    (1, 1e-3, 1), (10_000, 1e-3, 197), (3000, 1e-3, 125), (1000, 1e-3, 67), (100, 1e-3, 34), (100, 9.0, 1)])
def test_tiles_take_some_tenths_of_a_second_and_each_worker_has_its_share(
        count: int, cost: float, together: int) -> None:
    with executor.at(Travelling()):
        assert executor.together(count, cost) == together
