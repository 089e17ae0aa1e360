"""Compiling ahead: the marker appears after success only, and says so without importing numba."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from smtj_engine import cache, warm
from smtj_engine.analyses import ANALYSES


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A marker folder of its own; this process' kernels stay where they are."""
    monkeypatch.setattr(cache, "prepare", lambda: tmp_path / "kernels")
    return tmp_path / "kernels"


@pytest.mark.slow
def test_warm_after_every_analysis_has_run(own_cache: Path) -> None:
    assert not warm.is_warm()
    lines = list(warm.compile_all())
    assert warm.is_warm()
    assert all(warm.is_warm(key) for key in ANALYSES)
    assert all(any(analysis.title in line for line in lines) for analysis in ANALYSES.values())


def test_not_warm_after_a_failure(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setitem(ANALYSES, "bias", dataclasses.replace(ANALYSES["bias"], run=broken))
    with pytest.raises(RuntimeError):
        list(warm.compile_all())
    assert warm.is_warm("angular")  # curves come first, and are ready
    assert not warm.is_warm("bias")
    assert not warm.is_warm()


def test_other_kernels_are_not_warm(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_cache.mkdir()
    warm._marker().touch()
    assert warm.is_warm()
    monkeypatch.setattr(cache, "kernel_hash", lambda: "another")
    assert not warm.is_warm()


@pytest.mark.parametrize("change", ["moved", "written again"])
def test_the_same_kernels_elsewhere_or_installed_again_are_not_warm(
        own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    own_cache.mkdir()
    path = tmp_path / "kernels.py"
    path.write_text("")
    monkeypatch.setattr(cache, "_kernel_files", lambda: [path])
    warm._marker().touch()
    assert warm.is_warm()
    if change == "moved":
        path = path.rename(tmp_path / "moved.py")
    else:
        os.utime(path, (1, 1))
    assert not warm.is_warm()


@pytest.mark.parametrize(("processors", "warm_already", "helpers"), [(1, False, 0), (2, False, 1), (2, True, 0)])
def test_a_second_process_helps_where_a_processor_is_free(
        own_cache: Path, monkeypatch: pytest.MonkeyPatch, processors: int, warm_already: bool,
        helpers: int) -> None:
    own_cache.mkdir()
    if warm_already:
        warm._marker("angular").touch()
    started, real = [], warm._helper
    monkeypatch.setattr("smtj_engine.scale.executor.processors", lambda: processors)
    monkeypatch.setattr(warm, "_helper", lambda: started.append(real()) or started[-1])
    title = ANALYSES["angular"].title
    for line in warm.compile_all():
        if title not in line:
            break
    assert len(started) == helpers
    assert all(helper.returncode == 0 for helper in started)    # it was waited for, and went through
    assert warm.is_warm("angular")


@pytest.mark.slow
def test_what_two_processes_compiled_is_all_that_a_curve_needs(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    first = "from smtj_engine import warm\nlines = warm.compile_all()\nwhile 'Angular' in next(lines): pass"
    curve = ("from smtj_engine import Junction, angular_curve\n"
             "from smtj_engine.transport import kernels, window_kernels\n"
             "angular_curve(Junction())\nfor one in kernels.sea, kernels.bound_margin, window_kernels.window:\n"
             "    assert one.stats.cache_hits and not one.stats.cache_misses, one")
    for program in (first, curve):
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)


@pytest.mark.slow
def test_the_child_process_reports_each_step() -> None:
    command = [sys.executable, "-W", "error", "-m", "smtj_engine.warm"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert all(line.startswith("preparing the engine: ") for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) >= len(ANALYSES)
