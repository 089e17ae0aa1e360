"""Maps on a real cluster of two worker processes: the same bits, and what happens when parts of it die."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smtj_engine import cli
from smtj_engine.analyses import ANALYSES
from smtj_engine.dynamics.stability import stability_diagram
from smtj_engine.files import resources, results, tables
from smtj_engine.fitting.least_squares import fit
from smtj_engine.measured import measurement, suggest
from smtj_engine.monitor import Cancelled, silent
from smtj_engine.parameters import Drive, Junction, Magnet, Setup
from smtj_engine.results import Result
from smtj_engine.scale import cluster, executor
from smtj_engine.scale.cluster import ClusterError
from smtj_engine.terminal import Progress
from smtj_engine.transport.sweeps import bias_sweep
from tests.engine.scale import tiles
from tests.engine.scale.conftest import Machines

pytest.importorskip("distributed", reason="needs the extra `cluster`")


@pytest.fixture
def place(machines: Machines) -> Iterator[Any]:
    with cluster.on(machines.address) as here:
        yield here


def _diagram(**options: Any) -> Result:
    return stability_diagram(Magnet(), Drive(), x=("drive.tau_par", np.linspace(-0.009, 0.003, 40)),
                             y=("magnet.q_par", np.linspace(0.01, 0.24, 30)), **options)


def _same(first: Result, second: Result) -> None:
    assert first.data.identical(second.data)


@pytest.mark.parametrize("start", ["fixed", "hysteretic"])
def test_a_diagram_has_the_same_bits_as_on_threads(place: Any, start: str) -> None:
    there = _diagram(start=start, duration=5.0)
    with executor.at(executor.Threads()):
        _same(there, _diagram(start=start, duration=5.0))


def test_a_sweep_has_the_same_bits_as_on_threads(place: Any) -> None:
    calls = [bias_sweep(Junction(), bias=np.linspace(-1, 1, 21), family=("junction.rashba", [1.0, 4.0]))]
    with executor.at(executor.Threads()):
        calls.append(bias_sweep(Junction(), bias=np.linspace(-1, 1, 21), family=("junction.rashba", [1.0, 4.0])))
    _same(*calls)


def test_a_fit_has_the_same_bits_as_on_threads(place: Any) -> None:
    table = tables.read(resources.path("measured/torque_bias.csv"))
    curve = measurement(table, suggest(table), "sample")
    there = fit(curve, Setup(), ["junction.rashba", "junction.barrier_thickness"], accuracy="draft")
    with executor.at(executor.Threads()):
        _same(there, fit(curve, Setup(), ["junction.rashba", "junction.barrier_thickness"], accuracy="draft"))


def test_partial_pictures_come_while_it_runs(place: Any) -> None:
    counts: list[int] = []

    def watch(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if partial is not None and "computed" in partial.data:
            counts.append(int(partial.data["computed"].sum()))

    with pytest.MonkeyPatch().context() as patch:
        patch.setattr("smtj_engine.dynamics.stability._INTERVAL", -1.0)
        _diagram(duration=5.0, monitor=watch)
    assert counts == sorted(counts)
    assert counts[0] < 40 * 30


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(place: Any, tmp_path: Path) -> None:
    marker = tmp_path / "killed"
    found = list(executor.completed(tiles.dies_once, [(str(marker), number) for number in range(30)], silent))
    assert marker.exists()
    assert sorted(found) == [(number, number * number) for number in range(30)]


def test_a_diagram_survives_the_death_of_a_worker(place: Any) -> None:
    victim = next(iter(place.client.run(os.getpid).values()))
    alive = [victim]

    def kill(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if fraction > 0.3 and alive:
            os.kill(alive.pop(), signal.SIGKILL)

    there = _diagram(duration=5.0, monitor=kill)
    assert not alive
    with executor.at(executor.Threads()):
        _same(there, _diagram(duration=5.0))


def test_cancel_reaches_the_workers(place: Any, tmp_path: Path) -> None:
    markers = [tmp_path / str(number) for number in range(6)]

    def cancel(fraction: float, note: str = "", partial: Result | None = None) -> None:
        if sum(marker.exists() for marker in markers) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(executor.completed(tiles.until_stopped, [str(marker) for marker in markers], cancel))
    assert all(place.client.run(tiles.saw_the_end).values())
    found = dict(executor.completed(tiles.square, range(4), silent))  # and they are free again
    assert found == {0: 0, 1: 1, 2: 4, 3: 9}


def test_what_a_tile_raises_arrives(place: Any) -> None:
    with pytest.raises(ZeroDivisionError, match="tile"):
        list(executor.completed(tiles.refuse, range(3), silent))


def test_other_versions_are_refused_by_name(machines: Machines) -> None:
    with cluster.on(machines.address) as here:
        try:
            here.client.run(tiles.pretend, "1.26.0")
            with pytest.raises(ClusterError, match="joined during the run"):
                list(executor.completed(tiles.square, range(3), silent))
            with pytest.raises(ClusterError, match=r"numpy 1\.26\.0 instead of " + re.escape(np.__version__)):
                cluster.describe(machines.address)
        finally:
            here.client.run(tiles.pretend, np.__version__)
    assert "2 workers" in cluster.describe(machines.address)


def test_other_threads_stay_where_they_are(place: Any) -> None:
    seen: list[executor.Place] = []
    thread = threading.Thread(target=lambda: seen.append(executor.here()))
    thread.start()
    thread.join()
    assert executor.here() is place
    assert seen[0] is not place


def test_the_scheduler_gone_is_said_and_what_was_computed_is_kept(
        own_machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    class Killing(Progress):
        def __call__(self, fraction: float, note: str = "", partial: Result | None = None) -> None:
            if fraction > 0.2:
                own_machines.scheduler.kill()
            super().__call__(fraction, note, partial)

    path, whole = tmp_path / "a.h5", tmp_path / "whole.h5"
    arguments = ["run", "stability", "--numerics.stability.x_points", "40", "--numerics.stability.y_points", "30",
                 "--numerics.stability.duration", "5"]
    with monkeypatch.context() as patch:
        patch.setattr(cli, "_progress", lambda key: Killing())
        assert cli.main([*arguments, "-o", str(path), "--cluster", own_machines.address]) == cli.LOST
    said = capsys.readouterr().err
    assert f"the scheduler at {own_machines.address} is gone" in said
    assert "--resume" in said
    partial = results.load(path)
    assert 0 < int(partial.data["computed"].sum()) < 40 * 30
    assert "is gone" in partial.notes[-1]
    assert cli.main([*arguments, "-o", str(path), "--resume"]) == cli.DONE  # here, on threads
    assert cli.main([*arguments, "-o", str(whole)]) == cli.DONE
    _same(results.load(path), results.load(whole))
    assert [file.name for file in tmp_path.glob("*.tiles")] == []


def test_processes_of_this_machine() -> None:
    with cluster.on("local:2") as here:
        assert here.workers == 2
        assert dict(executor.completed(tiles.square, range(5), silent)) == {n: n * n for n in range(5)}
    assert executor.here() is not here


@pytest.mark.parametrize("command", [
    ["fit", "DATA", "--vary", "junction.rashba"], ["figures", "FOLDER"], ["run", "bias"]])
def test_every_command_refuses_an_address_that_is_none(
        command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = {"DATA": str(resources.path("measured/tamr_theta.csv")), "FOLDER": str(tmp_path)}
    assert cli.main([*(words.get(word, word) for word in command), "--cluster", "somewhere"]) == cli.REFUSED
    said = capsys.readouterr().err
    assert "no address of a cluster" in said and said.count("\n") == 1


@pytest.mark.parametrize("key", [key for key, analysis in ANALYSES.items() if analysis.alone])
def test_what_has_no_independent_points_is_refused(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    for flag in (["--cluster", "local:2"], ["--resume"]):
        assert cli.main(["run", key, *flag]) == cli.REFUSED
        assert "no independent points" in capsys.readouterr().err


def test_the_scheduler_gone_ends_a_fit_in_one_sentence(
        own_machines: Machines, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Killing(Progress):
        def __call__(self, fraction: float, note: str = "", partial: Result | None = None) -> None:
            own_machines.scheduler.kill()
            super().__call__(fraction, note, partial)

    monkeypatch.setattr(cli, "_progress", lambda key: Killing())
    data = str(resources.path("measured/torque_bias.csv"))
    assert cli.main(["fit", data, "--vary", "junction.rashba", "--cluster", own_machines.address]) == cli.LOST
    assert f"the scheduler at {own_machines.address} is gone before the fit" in capsys.readouterr().err


@pytest.mark.parametrize(("address", "said"), [
    ("somewhere", "no address of a cluster"), ("local:0", "1 to 256"), ("local:", "number of processes")])
def test_an_address_that_is_none(address: str, said: str) -> None:
    with pytest.raises(ClusterError, match=said), cluster.on(address):
        pass


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with socket.socket() as taken:  # bound and not listening: nobody else can answer there
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        assert cli.main(["run", "bias", "--cluster", address]) == cli.REFUSED
    assert f"nobody answers at {address}" in capsys.readouterr().err


def test_a_scheduler_without_workers(lonely_scheduler: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 2.0)
    with pytest.raises(ClusterError, match="has no workers"), cluster.on(lonely_scheduler.address):
        pass
