"""`smtj run` for the dynamics: pictures, plain refusals, and what is kept when a run is stopped."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from smtj_engine import cli
from smtj_engine.analyses import ANALYSES
from smtj_engine.files import csv, results
from smtj_engine.monitor import Cancelled, silent
from smtj_engine.parameters import Setup
from smtj_engine.results import Result
from smtj_engine.scale import executor
from smtj_engine.schema import with_values
from smtj_engine.terminal import Progress
from tests.engine import samples
from tests.engine.test_cli import COMMAND, _read_until

KEYS = ("trajectory", "stability", "limit-cycles", "spectrum", "ensemble", "switching", "spin-diode", "loop",
        "readout", "rate")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_a_picture_is_drawn(tmp_path: Path, key: str, suffix: str, start: bytes) -> None:
    flags = [part for path, value in samples.tiny(key).items() for part in (f"--{path}", str(value))]
    path = tmp_path / f"a{suffix}"
    assert cli.main(["run", key, *flags, "--drive.tau_par", "-2e-3", "-o", str(path)]) == 0
    assert path.read_bytes().startswith(start)


def test_a_picture_of_nothing_is_refused_with_the_reason(tmp_path: Path,
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    command = ["run", "limit-cycles", "--drive.law", "constant", "-o"]
    assert cli.main([*command, str(tmp_path / "a.png")]) == 2
    assert "cosine law only" in capsys.readouterr().err
    assert cli.main([*command, str(tmp_path / "a.csv")]) == 0  # numbers may be none
    assert "note: The closed form" in capsys.readouterr().err


@pytest.mark.parametrize(("key", "arguments", "reason"), [
    ("trajectory", ["--magnet.damping", "0"], "without damping nothing comes to rest"),
    ("trajectory", ["--magnet.volume", "0"], "magnet.volume = 0.0: must lie between 1"),
    ("ensemble", ["--drive.temperature", "-1"], "drive.temperature = -1.0: must lie between 0"),
    ("rate", ["--drive.temperature", "300"], "magnet.volume = None: thermal noise needs the volume"),
    ("loop", ["--numerics.loop.dwell", "1e6"], "numerics.loop.dwell = 1000000.0"),
    ("readout", ["--drive.waveform.target", "h_z", "--drive.waveform.swing", "0.1", "--drive.waveform.frequency",
                 "40", "--numerics.trajectory.samples", "100"], "beyond the sampling"),
    ("ensemble", ["--drive.waveform.target", "h_z", "--drive.waveform.swing", "0.1", "--drive.waveform.frequency",
                  "1e4", "--numerics.ensemble.duration", "1e6"], "numerics.ensemble.duration = 1000000.0"),
    ("stability", ["--magnet.q_perp", "11"], "magnet.q_perp = 11.0: must lie between -10 and 10"),
    ("trajectory", ["--numerics.trajectory.theta0_deg", "0"], "numerics.trajectory.theta0_deg = 0.0: m starts "
     "exactly at the pole"),
    ("spectrum", ["--numerics.trajectory.theta0_deg", "180"], "Tilt the start, for example to θ = 179°"),
    ("stability", ["--numerics.stability.theta0_deg", "0"], "numerics.stability.theta0_deg"),
    ("trajectory", ["--numerics.trajectory.duration", "1e5"], "would need 2.5 GB of memory: stay below"),
    ("trajectory", ["--numerics.trajectory.duration", "1e5"], "keeps every 27th"),
    ("spectrum", ["--numerics.trajectory.samples", "10"], "numerics.trajectory.samples = 7: a spectrum needs"),
    ("stability", ["--numerics.stability.x_points", "5000"], "must lie between 2 and 2000"),
    ("stability", ["--numerics.stability.x_scale", "log"], "a logarithmic axis needs positive values"),
    ("stability", ["--numerics.stability.x", "junction.bias", "--numerics.stability.x_stop", "5"],
     "beyond 3 V the barrier breaks down"),
    ("stability", ["--numerics.stability.x", "junction.bias", "--drive.law", "constant"], "changes nothing"),
])
def test_refusals_are_one_line(key: str, arguments: list[str], reason: str,
                               capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", key, *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert shown.err.startswith("smtj: ")
    assert reason in shown.err


def test_a_long_run_fits_once_it_keeps_fewer_instants(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    command = ["run", "trajectory", "--numerics.trajectory.duration", "2e4", "--drive.tau_par", "-2e-3", "-o"]
    assert cli.main([*command, str(path)]) == 2
    assert cli.main([*command, str(path), "--numerics.trajectory.samples", "100"]) == 0
    assert csv.read(path).data.sizes["time"] == 100


@pytest.mark.parametrize(("duration", "kind"), [(3000.0, "spectrum"), (0.03, "trajectory")])
def test_a_spectrum_that_is_stopped_is_that_of_what_there_is(duration: float, kind: str) -> None:
    """Of too few instants there is no spectrum; then the path itself is kept."""
    setup = with_values(Setup(), {"drive.tau_par": -2e-3, "numerics.trajectory.duration": duration})

    def stop(fraction: float, note: str = "", partial: Result | None = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled) as raised:
        ANALYSES["spectrum"].run(setup, stop)
    kept = raised.value.partial
    assert kept is not None
    assert kept.kind == kind
    if kind == "spectrum":  # of 40 ns, in which the orbit still grows
        whole = ANALYSES["spectrum"].run(setup, silent).data
        assert float(kept.data["peak"]) == pytest.approx(float(whole["peak"]), rel=0.1)
        assert float(kept.data["resolution"]) > 10 * float(whole["resolution"])


@pytest.mark.parametrize(("key", "changes"), [
    ("ensemble", {"numerics.ensemble.count": 2000, "numerics.ensemble.duration": 0.2}),
    ("switching", {"numerics.switching.x": "drive.tau_par", "numerics.switching.y": "drive.h_x",
                   "numerics.switching.x_points": 12, "numerics.switching.y_points": 8,
                   "numerics.switching.count": 16, "numerics.switching.duration": 0.2})])
def test_what_there_is_of_stopped_noise_is_kept_and_read_back(
        key: str, changes: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C once something is there: every sample or cell that is there is that of the whole run."""
    warm = {"magnet.volume": 300.0, "drive.temperature": 300.0, **changes}
    flags = [part for path, value in warm.items() for part in (f"--{path}", str(value))]
    whole = ANALYSES[key].run(with_values(Setup(), warm), silent).data
    monkeypatch.setattr(f"smtj_engine.dynamics.{'noise' if key == 'ensemble' else key}._INTERVAL", 0.0)
    monkeypatch.setattr(executor, "_LEAST", 0.0)     # many tiles, so that they do not all end at once
    once = Progress.__call__

    def interrupted(self: Progress, fraction: float, note: str = "", partial: Result | None = None) -> None:
        once(self, fraction, note, partial)
        self.stopped = partial is not None or self.stopped

    monkeypatch.setattr(Progress, "__call__", interrupted)
    for suffix, read in ((".csv", csv.read), (".h5", results.load)):
        path = tmp_path / f"part{suffix}"
        assert cli.main(["run", key, *flags, "-o", str(path)]) == 130
        part = read(path)
        assert "stopped by the user" in part.notes[-1] and part.setup == with_values(Setup(), warm)
        if key == "ensemble":
            there = part.data["sample"].values
            assert 0 < len(there) < 2000 == part.data.attrs["count"]
            np.testing.assert_array_equal(part.data["m"], whole["m"].values[:, there])
        else:
            there = part.data["computed"].values
            assert 0 < there.sum() < there.size == 96
            np.testing.assert_array_equal(part.data["probability"].values[there],
                                          whole["probability"].values[there])
            assert np.isnan(part.data["probability"].values[~there]).all()
    assert "computed" not in whole


def test_ctrl_c_keeps_the_diagram_so_far(tmp_path: Path) -> None:
    path, (terminal, screen) = tmp_path / "a.csv", pty.openpty()
    many = [part for axis in "xy" for part in (f"--numerics.stability.{axis}_points", "600")]
    with subprocess.Popen([*COMMAND, "run", "stability", *many, "-o", str(path)], stderr=screen) as process:
        os.close(screen)
        _read_until(terminal, " left")
        process.send_signal(signal.SIGINT)
        _read_until(terminal, "stopped")
        assert process.wait() == 130
    os.close(terminal)
    partial = csv.read(path)
    computed = partial.data["computed"].values
    assert 0 < computed.mean() < 1
    assert np.isfinite(partial.data["resistance"].values[computed]).all()
    assert "stopped by the user" in partial.notes[-1]
