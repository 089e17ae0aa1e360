"""Damaged and odd files by the hundred: each is read, or refused in a sentence that names it; never anything else.

The files are made here, each from a good one and a kind of damage, so that the corpus grows with the formats.
HDF5 files have their own in test_session.py and test_hdf5.py; here they are cut, flipped and mixed up too.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtj_engine.files import FileError, csv, opening, setups, tables, waveforms
from smtj_engine.files import session as packed
from smtj_engine.parameters import Setup
from smtj_engine.schema import ParameterError
from tests.engine import samples, sessions

#: A good file of each kind of text, with the functions that read it.
GOOD: dict[str, tuple[str, tuple[Callable[[Path], object], ...]]] = {
    "result.csv": (csv.to_text(samples.result()), (csv.read, opening.read, tables.read)),
    "setup.toml": (setups.to_toml(Setup()), (setups.load,)),
    "table.txt": ("# theta = 45 deg\nV (mV)\tI (nA)\n" + "".join(f"{at}\t{at**2 / 7:g}\n" for at in range(40)),
                  (tables.read,)),
    "pulse.csv": ("t (ns),value\n" + "".join(f"{at / 10},{at % 3}\n" for at in range(30)), (waveforms.read,)),
}


def damages(text: str) -> Iterator[tuple[str, bytes]]:
    """(what was done, the bytes) for everything that may befall a text file."""
    good, chance = text.encode(), random.Random(1)
    for part in range(1, 16):
        yield f"cut at {part}/16", good[:len(good) * part // 16]
    for seed in range(20):
        flipped = bytearray(good)
        for _ in range(1 + seed // 4):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        yield f"bits flipped, {seed}", bytes(flipped)
    for _ in range(12):
        lines = good.splitlines(keepends=True)
        at = chance.randrange(len(lines))
        yield f"line {at} gone", b"".join(lines[:at] + lines[at + 1:])
        yield f"line {at} twice", b"".join(lines[:at + 1] + lines[at:])
    for word in ("nan", "inf", "1e999", "-1", "9" * 400, "true", '"x"', "[]", "{}", "1979-05-27", "", "=", "\x00"):
        digits = [at for at, letter in enumerate(text) if letter.isdigit()]
        at = digits[chance.randrange(len(digits))]
        yield f"a digit became {word[:8]!r}", (text[:at] + word + text[at + 1:]).encode()
    for codec in ("utf-16", "utf-16-le", "utf-32", "cp500"):
        yield codec, text.encode(codec, "replace")
    noise = bytes(chance.randrange(256) for _ in range(4096))
    yield from (("empty", b""), ("one byte", b"\xff"), ("spaces", b" \n" * 99), ("noise", noise),
                ("zeros", bytes(5000)), ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(99)),
                ("byte order mark", b"\xef\xbb\xbf" + good), ("old ends", good.replace(b"\n", b"\r")),
                ("brackets", b"a = " + b"[" * 5000), ("a wide row", b"1," * 50_000 + b"\n"),
                ("HDF5 by name only", b"\x89HDF\r\n\x1a\n" + bytes(600)))


CORPUS = [(name, what, content) for name, (text, _) in GOOD.items() for what, content in damages(text)]


def told(path: Path, read: Callable[[Path], object]) -> str:
    """Read a file; why it is refused, empty when it is not. Anything else is an error of this program."""
    try:
        read(path)
    except (FileError, ParameterError) as error:
        assert isinstance(error, ParameterError) or str(path) in str(error)
        assert len(str(error)) > len(str(path)) + 10 and "Traceback" not in str(error)
        return str(error)
    return ""


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 300


@pytest.mark.filterwarnings("ignore")       # numbers that overflow on their way
@pytest.mark.parametrize("name", GOOD)
def test_every_file_of_the_corpus_is_read_or_refused(tmp_path: Path, name: str) -> None:
    text, readers = GOOD[name]
    good = tmp_path / name
    good.write_text(text, encoding="utf-8")
    assert [told(good, read) for read in readers] == [""] * len(readers)
    refused = 0
    for at, (_, what, content) in enumerate(one for one in CORPUS if one[0] == name):
        path = tmp_path / f"{at}{good.suffix}"
        path.write_bytes(content)
        for read in readers:
            try:
                refused += bool(told(path, read))
            except Exception as error:
                raise AssertionError(f"{name}, {what}: {read.__module__}") from error
    assert refused > 10     # a table of somebody else may look like anything


def test_a_line_of_64_mb_is_refused_at_a_limit_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"1" * (64 << 20))
    assert "32 MB" in told(path, tables.read)
    assert told(path, csv.read) and told(path, waveforms.read)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(list(GOOD)))
def test_fuzz(tmp_path: Path, data: st.DataObject, name: str) -> None:
    """Pieces of good files, numbers and noise, joined at random."""
    text, readers = GOOD[name]
    lines = text.splitlines(keepends=True)
    piece = st.one_of(st.sampled_from(lines), st.text(max_size=30), st.floats().map(repr), st.sampled_from(
        ["\n", "\t", ";", ",", "# ", "[setup]\n", "format = 9\n", "=", '"', "'''", "\\", "\x1a"]))
    content = "".join(data.draw(st.lists(piece, max_size=40)))
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", errors="replace")
    for read in readers:
        told(path, read)


#: Reads each file named on its standard input as the child process of `guard` does, in a fork with its limit, and
#: prints what came of it.
_READER = """
import json, os, signal, sys
from smtj_engine.files import results, session, trial
import xarray, h5netcdf
for line in sys.stdin:
    path = line.strip()
    child = os.fork()
    if not child:
        signal.alarm(10)
        os.dup2(os.open(path + ".said", os.O_CREAT | os.O_WRONLY), 1)
        trial.main(path, path + ".copy")
        sys.stdout.flush()
        os._exit(0)
    print(json.dumps([path, os.waitpid(child, 0)[1]]), flush=True)
"""


_DEATHS = (signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, getattr(signal, "SIGBUS", None),
           getattr(signal, "SIGALRM", None))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_damaged_hdf5_files_end_in_a_sentence_or_with_the_child(tmp_path: Path) -> None:
    good = packed.save(sessions.session(), tmp_path / "good.smtj.h5").read_bytes()
    chance, paths = random.Random(2), []
    for at in range(40):
        damaged = bytearray(good)
        if at % 3 == 0:
            del damaged[chance.randrange(600, len(damaged)):]
        for _ in range(1 + at):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        paths.append(tmp_path / f"{at}.smtj.h5")
        paths[-1].write_bytes(damaged)
    round_about = tmp_path / "circle.h5"
    with h5py.File(round_about, "w") as file:
        file["runs/a"] = h5py.SoftLink("/runs")
        file["runs/b"] = h5py.SoftLink("/runs/b")
        file["runs/c/up"] = file["runs"]
        file.attrs["kind"] = "session"
    names = "\n".join(map(str, [*paths, round_about]))
    done = subprocess.run([sys.executable, "-c", _READER], input=names, text=True, capture_output=True,
                          timeout=600, check=True)
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ends) == 41
    answers = {}
    for path, status in ends:
        if os.WIFSIGNALED(status):      # a death in libhdf5, or the alarm: guard tells it in its own words
            assert os.WTERMSIG(status) in _DEATHS
        else:
            assert status == 0
            answers[Path(path)] = json.loads(Path(f"{path}.said").read_text(encoding="utf-8").splitlines()[-1])
    assert all("Traceback" not in answer["refused"] for answer in answers.values())
    assert sum(bool(answer["refused"]) for answer in answers.values()) > 12 and answers[round_about]["refused"]
