"""The tiles of every analysis can go to another machine, and their answers into a file and back."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from smtj_engine.analyses import ANALYSES
from smtj_engine.files.tiles import decode, encode
from smtj_engine.monitor import Monitor, silent
from smtj_engine.parameters import Setup
from smtj_engine.scale import executor
from smtj_engine.schema import with_values
from tests.engine import samples

#: More than the default where an analysis would else be refused or have no tiles.
_MORE: dict[str, dict[str, object]] = {"stability": {"numerics.stability.start": "hysteretic"}}


class Travelling:
    """Every tile is packed, unpacked and worked out here, and its answer written and read."""

    workers, grain = 3, 4

    def __init__(self) -> None:
        self.tiles = 0

    def completed(self, function: Callable[[Any, executor.Check], Any], tiles: Sequence[Any], monitor: Monitor,
                  note: str) -> Iterator[tuple[int, Any]]:
        for index, tile in enumerate(tiles):
            monitor(index / len(tiles), note)
            self.tiles += 1
            sent, there = pickle.loads(pickle.dumps((function, tile), protocol=5))
            yield index, decode(encode(sent(there, lambda: None)))


#: One path, one junction, or numbers in closed form: no map over independent points.
ALONE = {"trajectory", "spectrum", "limit-cycles", "density", "kmap", "spectral"}


@pytest.mark.parametrize("key", ANALYSES)
def test_an_analysis_gives_the_same_bits_elsewhere(key: str) -> None:
    setup = with_values(Setup(), {**samples.tiny(key), **_MORE.get(key, {})})
    elsewhere = Travelling()
    with executor.at(elsewhere):
        there = ANALYSES[key].run(setup, silent)
    assert there.data.identical(ANALYSES[key].run(setup, silent).data)
    if key not in ALONE:
        assert elsewhere.tiles > 0
