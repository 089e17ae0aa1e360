"""A diagram in the whole window with the real engine: grows, follows a drag, stops, is launched and exported."""

from __future__ import annotations

import gc
import threading
import tracemalloc

import numpy as np
import pytest
import xarray as xr
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from smtj_engine.dynamics import stability
from smtj_engine.files import csv
from smtj_gui import exporting
from smtj_gui.views import DYNAMICS, STABILITY

#: The first test compiles the kernels where nobody has.
PATIENCE = 120_000
LEFT = Qt.MouseButton.LeftButton
GRID = "numerics.stability."


@pytest.fixture
def threads(monkeypatch) -> set[threading.Thread]:
    """In which threads diagrams were calculated."""
    seen: set[threading.Thread] = set()
    real = stability.stability_diagram

    def noted(*arguments, **keywords):
        seen.add(threading.current_thread())
        return real(*arguments, **keywords)

    monkeypatch.setattr(stability, "stability_diagram", noted)
    return seen


@pytest.fixture
def smtj(whole_window, threads):
    """The window with the stability view on top, and the view that shows trajectories."""
    window = whole_window([DYNAMICS, STABILITY])
    window.turn_to("stability")
    return window


def resize(smtj, side: int, **grid) -> None:
    smtj.session.edit_many({f"{GRID}{name}": value for name, value in {
        "x_points": side, "y_points": side, **grid}.items()})


def full(key: str, result, draft: bool) -> bool:
    return key == "stability" and not draft


def finished(smtj, qtbot):
    """Wait for the whole diagram of the present setup."""
    slot = smtj.conductor._slots["stability"]
    qtbot.waitUntil(lambda: slot.job is None and slot.answered == slot.needs(smtj.session.setup), timeout=PATIENCE)
    qtbot.waitUntil(lambda: smtj.view.result.data is slot.answer.data)
    return slot.answer


def test_a_diagram_is_coarse_at_once_and_sharpens_off_the_gui_thread(smtj, qtbot, threads) -> None:
    resize(smtj, 64, duration=5.0)
    shares = []
    smtj.conductor.live.connect(lambda key, result, draft: shares.append(
        float(result.data["computed"].mean()) if "computed" in result.data else 1.0))
    with qtbot.waitSignal(smtj.conductor.live, check_params_cb=full, timeout=PATIENCE):
        smtj.conductor.set_ready()
    assert shares[0] < 0.5 and shares == sorted(shares) and shares[-1] == 1.0
    assert threads and threading.main_thread() not in threads
    assert smtj.view.plane.state.shape == (64, 64)


def test_a_click_is_followed_by_exactly_this_trajectory(smtj, qtbot) -> None:
    resize(smtj, 24, duration=35.0)
    smtj.conductor.set_ready()
    data = finished(smtj, qtbot).data
    view, setup = smtj.view, smtj.session.setup
    clear = np.argwhere((data["state"].values == 3) & ~data["sensitive"].values)
    row, column = (int(at) for at in clear[-1])     # far from the corner where the zones meet
    qtbot.mouseClick(view.map.viewport(), LEFT, pos=view.map.point_of((row, column)))
    dynamics = smtj.view
    assert dynamics.key == "dynamics"
    slot = smtj.conductor._slots["trajectory"]
    qtbot.waitUntil(lambda: slot.answer is not None and dynamics.result is slot.answer, timeout=PATIENCE)
    trajectory = dynamics.result
    assert "In-plane precession" in dynamics.state.text()
    assert trajectory.setup == smtj.session.setup
    assert trajectory.setup.drive.tau_par == data["x"].values[column]
    assert trajectory.setup.magnet.q_par == data["y"].values[row]
    m = trajectory.data["m"].values
    assert float(trajectory.data["time"][-1]) == 35.0
    assert 2 * m[-1, 2]**2 - 1 == pytest.approx(float(data["resistance"][row, column]), abs=3e-3)

    smtj.turn_to("stability")       # the diagram is still the same one, with the cell marked
    assert smtj.view.result.data is data and smtj.view.map.here.isVisible()
    assert smtj.conductor._slots["stability"].job is None
    smtj.undo()
    assert smtj.session.setup == setup


def test_the_diagram_follows_a_dragged_damping(smtj, qtbot) -> None:
    resize(smtj, 64, duration=10.0)
    smtj.conductor.set_ready()
    finished(smtj, qtbot)
    form = next(form for form in smtj.setup_panel.forms if "magnet.damping" in form.rows)
    form.set_opened(True)
    slider = form.rows["magnet.damping"].slider
    seen = []
    smtj.conductor.live.connect(lambda key, result, draft: seen.append(result.setup.magnet.damping))
    at = QPoint(slider.width() // 2, slider.height() // 2)
    qtbot.mousePress(slider, LEFT, pos=at)

    def newest(key, result, draft) -> bool:
        return result.setup.magnet.damping == smtj.session.setup.magnet.damping

    for _ in range(4):
        at += QPoint(4, 0)
        with qtbot.waitSignal(smtj.conductor.live, check_params_cb=newest, timeout=PATIENCE):
            qtbot.mouseMove(slider, at)     # a picture for every place of the mouse
    qtbot.mouseRelease(slider, LEFT, pos=at)
    assert finished(smtj, qtbot).setup == smtj.session.setup
    assert len(set(seen)) >= 4 and smtj.session.setup.magnet.damping > 0.01
    smtj.undo()
    assert smtj.session.setup.magnet.damping == 0.01    # one drag, one step


def test_an_edit_while_it_is_refined_starts_anew(smtj, qtbot) -> None:
    resize(smtj, 256, duration=35.0)
    smtj.conductor.set_ready()
    with qtbot.waitSignal(smtj.conductor.live, timeout=PATIENCE):
        pass
    with qtbot.waitSignal(smtj._runner.cancelled, timeout=PATIENCE):
        resize(smtj, 16, duration=2.0)
    assert finished(smtj, qtbot).data["state"].shape == (16, 16)
    assert smtj.session.runs == []


def test_esc_keeps_the_partial_picture_of_a_large_diagram(smtj, qtbot, threads, tmp_path) -> None:
    resize(smtj, 256, duration=35.0)
    smtj.conductor.set_ready()
    with qtbot.waitSignal(smtj.conductor.live, timeout=PATIENCE):
        pass
    with qtbot.waitSignal(smtj.conductor.told, timeout=PATIENCE):
        QTest.keyClick(smtj, Qt.Key.Key_Escape)
    run, = smtj.session.runs
    assert run.state == "cancelled" and run.setup == smtj.session.setup
    computed = run.result.data["computed"].values
    assert computed.shape == (256, 256) and 0 < computed.mean() < 1
    assert np.isfinite(run.result.data["resistance"].values).all()      # coarse cells stand for the others
    assert threading.main_thread() not in threads
    assert smtj._runner.active() == []
    assert smtj.view.current_result() is not None       # and it is still on the screen


def test_f5_keeps_a_whole_diagram_and_esc_a_part_of_one(smtj, qtbot) -> None:
    resize(smtj, 16, duration=2.0)
    smtj.conductor.set_ready()
    result = finished(smtj, qtbot)
    QTest.keyClick(smtj, Qt.Key.Key_F5)
    assert smtj.session.runs[0].result.data is result.data
    smtj.conductor.stop()
    resize(smtj, 256, duration=35.0)
    QTest.keyClick(smtj, Qt.Key.Key_F5)
    with qtbot.waitSignal(smtj.conductor.live, timeout=PATIENCE):
        pass
    QTest.keyClick(smtj, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: smtj.session.runs[1].state == "cancelled", timeout=PATIENCE)
    assert smtj.session.runs[1].result is not None and len(smtj.session.runs) == 2


def test_export_of_numbers_and_figure(smtj, qtbot, tmp_path, monkeypatch) -> None:
    resize(smtj, 12, duration=2.0, start="hysteretic")
    smtj.conductor.set_ready()
    result = finished(smtj, qtbot)
    targets = {"table": exporting.Target(tmp_path / "map.csv"), "figure": exporting.Target(tmp_path / "map.png")}
    for name, target in targets.items():
        monkeypatch.setattr(exporting.Dialogs, name, lambda *_, target=target: target)
    for action, name in (("export_data", "map.csv"), ("export_figure", "map.png")):
        smtj.actions_[action].trigger()
        qtbot.waitUntil(lambda name=name: any(name in text for text in smtj.toasts.messages), timeout=PATIENCE)
    again = csv.read(tmp_path / "map.csv")
    assert again.setup == smtj.session.setup
    for name in ("state", "resistance", "frequency_back", "m_start"):
        xr.testing.assert_equal(again.data[name], result.data[name])
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    smtj.copy_picture()
    assert any("Copied the picture" in text for text in smtj.toasts.messages)


def forget(smtj) -> None:
    """Delete all runs, and the undo steps that could bring them back."""
    smtj.session.remove(smtj.session.runs)
    smtj.session._past.clear()
    smtj.session.undo_changed.emit()


@pytest.mark.slow
def test_memory_returns_after_ten_large_diagrams(smtj, qtbot) -> None:
    """Ten diagrams of 256 × 256, half of them stopped on their way and their runs deleted again."""
    def one(index: int) -> None:
        smtj.session.edit(f"{GRID}duration", 1.0 + 0.01 * index)
        if index % 2:
            qtbot.waitUntil(refining, timeout=PATIENCE)
            smtj.stop()
            qtbot.waitUntil(lambda: smtj._runner.active() == [], timeout=PATIENCE)
        else:
            finished(smtj, qtbot)

    def refining() -> bool:
        """The diagram itself has a picture: what there is of a preview would not be kept."""
        slot = smtj.conductor._slots["stability"]
        return slot.request is not None and not slot.request.draft and slot.pictured

    resize(smtj, 256, duration=1.0)
    smtj.conductor.set_ready()
    finished(smtj, qtbot)
    for index in range(5):      # what is loaded late is loaded now
        one(index)
    forget(smtj)
    tracemalloc.start()
    try:
        one(16)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for index in range(5, 15):
            one(index)
        kept = len(smtj.session.runs)
        forget(smtj)
        one(16)
        gc.collect()
        growth = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept >= 1
    assert growth < 2e6     # one such diagram is 2.8 MB
