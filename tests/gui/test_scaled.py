"""Screens with more pixels: at scale 1, 1.5 and 2 the window is as sharp as the screen, and words are whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_pictures_are_sharp_and_words_are_whole(tmp_path: Path, scale: float) -> None:
    scaled = {**os.environ, "QT_SCALE_FACTOR": str(scale), "QT_QPA_PLATFORM": "offscreen"}    # any size of screen
    done = subprocess.run([sys.executable, "-m", "tests.gui.scaled", str(tmp_path)], env=scaled, text=True,
                          capture_output=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["ratio"] == scale
    for name in ("window", "preferences", "help"):
        wide, high, width, height = answer[name]
        assert (wide, high) == pytest.approx((scale * width, scale * height), abs=1)
    assert answer["cut"] == {"window": [], "preferences": [], "help": []}
