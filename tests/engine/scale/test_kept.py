"""Runs that are killed and go on, and the file of finished tiles that they go on from."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from smtj_engine import cli
from smtj_engine.files import FileError, results
from smtj_engine.files.tiles import TileFile, decode, encode
from smtj_engine.monitor import silent
from smtj_engine.scale import executor, kept
from tests.engine.scale import tiles

#: A program that kills itself with -9 when its third tile is safe.
_KILLED = """
import os, signal, sys
from smtj_engine import cli
from smtj_engine.files.tiles import TileFile
append = TileFile.append
def third(self, key, answer):
    append(self, key, answer)
    if len(self) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
TileFile.append = third
cli.main(sys.argv[1:])
"""
RUNS = {
    "stability": ["stability", "--numerics.stability.x_points", "20", "--numerics.stability.y_points", "40",
                  "--numerics.stability.duration", "5"],
    "bias": ["bias", "--numerics.bias.points", "60"],
}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The keys of the tiles that are computed."""
    found: list[bytes] = []
    append = TileFile.append

    def count(self: TileFile, key: bytes, answer: Any) -> None:
        found.append(key)
        append(self, key, answer)

    monkeypatch.setattr(TileFile, "append", count)
    return found


@pytest.mark.parametrize("key", RUNS)
def test_a_killed_run_goes_on_to_the_same_bits(key: str, tmp_path: Path, counted: list[bytes]) -> None:
    path, whole = tmp_path / "a.h5", tmp_path / "whole.h5"
    arguments = ["run", *RUNS[key], "--resume", "-o", str(path)]
    killed = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not path.exists()
    assert cli.main(arguments) == cli.DONE
    resumed = len(counted)
    assert cli.main(["run", *RUNS[key], "--resume", "-o", str(whole)]) == cli.DONE
    assert resumed == len(counted) - resumed - 3
    assert results.load(path).data.identical(results.load(whole).data)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.h5", "whole.h5"]


def test_resume_needs_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "bias", "--resume"]) == cli.REFUSED
    assert "needs -o FILE" in capsys.readouterr().err


def _map(path: Path, key: str = "run", resume: bool = True, numbers: range = range(6)) -> dict[int, Any]:
    with kept.keeping(path, key, resume):
        return dict(executor.completed(tiles.square, numbers, silent))


def test_kept_tiles_are_not_computed_again_and_others_are(tmp_path: Path, counted: list[bytes]) -> None:
    path = tmp_path / "tiles"
    assert _map(path) == {number: number * number for number in range(6)}
    assert len(counted) == 6
    assert _map(path, numbers=range(3, 9)) == {at: (at + 3) ** 2 for at in range(6)}
    assert len(counted) == 9


def test_work_is_cut_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, cut = tmp_path / "tiles", executor.workers()
    _map(path)
    monkeypatch.setattr(executor, "processors", lambda: cut + 5)
    assert executor.workers() == cut + 5
    with kept.keeping(path, "run", resume=True):
        assert executor.workers() == cut


def test_tiles_of_another_run_and_forgotten_ones_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "tiles"
    _map(path)
    before = path.read_bytes()
    with pytest.raises(FileError, match="another setup"):
        _map(path, key="other")
    with pytest.raises(FileError, match="add --resume"):
        _map(path, resume=False)
    assert path.read_bytes() == before


def test_nothing_computed_leaves_no_file(tmp_path: Path) -> None:
    with kept.keeping(tmp_path / "tiles", "run", resume=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_run_key_tells_setups_and_analyses_apart() -> None:
    assert len({kept.run_key(*names) for names in (("a", "b"), ("ab", ""), ("a", "c"), ("b", "b"))}) == 4


@pytest.mark.parametrize("cut", [1, 30, 90])
def test_a_torn_record_is_computed_again(tmp_path: Path, counted: list[bytes], cut: int) -> None:
    path = tmp_path / "tiles"
    _map(path)
    path.write_bytes(path.read_bytes()[:-cut])
    assert _map(path) == {number: number * number for number in range(6)}
    assert 6 < len(counted) <= 8
    file = TileFile.open(path)
    file.close()
    assert len(file) == 6


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_no_damage_is_taken_for_an_answer(tmp_path_factory: pytest.TempPathFactory, at: int, flip: int) -> None:
    path = tmp_path_factory.mktemp("damage") / "tiles"
    _map(path)
    content = bytearray(path.read_bytes())
    start = content.index(b"\n") + 1
    content[start + at % (len(content) - start)] ^= flip
    path.write_bytes(content)
    assert _map(path) == {number: number * number for number in range(6)}


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n", b"[1]\n", b'{"format": 99}\n', b'{"format": 1'])
def test_a_foreign_file_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tiles"
    path.write_bytes(content)
    with pytest.raises(FileError, match="not a file of finished tiles"):
        TileFile.open(path)
    assert path.read_bytes() == content


_LEAVES = (st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
           | arrays.arrays(st.sampled_from([np.float64, np.int8, np.bool_, np.complex128]),
                           arrays.array_shapes(min_dims=0, min_side=0))
           | arrays.from_dtype(np.dtype(np.float64)))


@given(st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner)
                    | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8))
def test_an_answer_comes_back_bit_for_bit(answer: Any) -> None:
    _equal(decode(encode(answer)), answer)


def _equal(first: Any, second: Any) -> None:
    assert type(first) is type(second)
    if isinstance(second, (np.ndarray, np.generic)):
        assert (first.dtype, first.shape, first.tobytes()) == (second.dtype, second.shape, second.tobytes())
    elif isinstance(second, (list, tuple)):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            _equal(one, other)
    elif isinstance(second, dict):
        assert list(first) == list(second)
        for name, value in second.items():
            _equal(first[name], value)
    else:
        assert first == second


@pytest.mark.parametrize("answer", [object(), {1: 2}, {"a": {3}}, np.array([object()])])
def test_what_could_not_come_back_is_refused(answer: Any) -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        encode(answer)
