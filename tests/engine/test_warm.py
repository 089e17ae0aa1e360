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


@pytest.mark.slow
def test_the_child_process_reports_each_step() -> None:
    command = [sys.executable, "-W", "error", "-m", "smtj_engine.warm"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert all(line.startswith("preparing the engine: ") for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) >= len(ANALYSES)
