"""The whole way through real widgets and the real engine: edit, curve, undo, export."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from smtj_engine import presets
from smtj_engine.transport import energy, sweeps
from smtj_gui import export_dialogs
from smtj_gui.panels.band_diagram import BandDiagram

#: The first test compiles the kernels where nobody has.
PATIENCE = 120_000
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def threads(monkeypatch) -> dict[str, set[threading.Thread]]:
    """In which threads each engine function was called."""
    seen: dict[str, set[threading.Thread]] = {}

    def noted(name, function, *arguments, **keywords):
        seen.setdefault(name, set()).add(threading.current_thread())
        return function(*arguments, **keywords)

    for module, names in ((sweeps, ("angular_curve", "bias_sweep", "rashba_sweep", "transport_point")),
                          (energy, ("interface_energy",))):
        for name in names:
            monkeypatch.setattr(module, name, partial(noted, name, getattr(module, name)))
    return seen


@pytest.fixture
def smtj(qtbot, whole_window, threads):
    """The window with everything in it, first curve drawn."""
    window = whole_window(diagram=BandDiagram())
    with qtbot.waitSignal(window.conductor.live, timeout=PATIENCE):
        window.conductor.set_ready()
    return window


def row(window, path: str):
    return next(form.rows[path] for form in window.setup_panel.forms if path in form.rows)


def full(key: str, result, draft: bool) -> bool:
    return not draft


def test_edit_curve_undo_export(smtj, qtbot, tmp_path, threads, monkeypatch) -> None:
    session, conductor, view = smtj.session, smtj.conductor, smtj.views[0]
    field = row(smtj, "junction.rashba").field
    field.setFocus()
    field.selectAll()
    with qtbot.waitSignal(conductor.live, check_params_cb=full):
        QTest.keyClicks(field, "5")
        QTest.keyClick(field, Qt.Key.Key_Return)
    result = view.current_result()
    assert result.setup.junction.rashba == 5.0
    assert float(result.data.tamr.sel(theta=90.0)) == pytest.approx(0.01315, rel=1e-3)   # physics.md, section 5

    with qtbot.waitSignal(conductor.live, check_params_cb=full):
        QTest.keyClick(smtj, Qt.Key.Key_Z, CTRL)
    assert session.setup.junction.rashba == 4.0
    assert float(view.current_result().data.tamr.sel(theta=90.0)) == pytest.approx(0.00848, rel=1e-3)

    target = export_dialogs.Target(tmp_path / "curve.csv")
    monkeypatch.setattr(export_dialogs.Dialogs, "table", lambda *_: target)
    QTest.keyClick(smtj, Qt.Key.Key_E, CTRL)
    qtbot.waitUntil(lambda: bool(smtj.toasts.messages))
    assert "curve.csv" in smtj.toasts.messages[-1]
    text = Path(target.path).read_text(encoding="utf-8")
    assert text.startswith("#") and "junction.rashba" in text and "torque" in text.lower()
    assert sum(not line.startswith("#") for line in text.splitlines()) == 182   # header and 181 angles

    smtj.setFocus()
    QTest.keyClick(smtj, Qt.Key.Key_C, CTRL)
    assert not QApplication.clipboard().pixmap().isNull()
    assert threads["angular_curve"] and threading.main_thread() not in threads["angular_curve"]


def test_curves_follow_a_drag(smtj, qtbot) -> None:
    slider = row(smtj, "junction.bias").slider
    seen = []
    smtj.conductor.live.connect(lambda key, result, draft: seen.append(result.setup.junction.bias))
    at = slider.height() // 2
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, at))
    for x in range(slider.width() // 2 + 5, slider.width() - 8, 5):
        with qtbot.waitSignal(smtj.conductor.live):     # a picture for every place of the mouse
            qtbot.mouseMove(slider, QPoint(x, at))
    with qtbot.waitSignal(smtj.conductor.live, check_params_cb=full):
        qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 8, at))
        row(smtj, "junction.bias").field.step(-1)
    assert len(set(seen)) > 5
    assert smtj.views[0].current_result().setup == smtj.session.setup


def test_no_engine_function_runs_on_the_gui_thread(smtj, qtbot, threads) -> None:
    for key in ("fe_mgo", "letter_fig_2a", "letter_fig_2b"):
        smtj.use_preset(key)
        kind = smtj.view.wanted()[0]
        qtbot.waitUntil(lambda kind=kind: smtj.conductor._slots[kind].answer is not None, timeout=PATIENCE)
        smtj.keep_run()
    assert {"angular_curve", "bias_sweep", "rashba_sweep"} <= set(threads)
    assert all(threading.main_thread() not in where for where in threads.values())
    assert {run.kind for run in smtj.session.runs} >= {"bias", "rashba"}


def test_every_preset_is_one_undo_step_and_turns_to_its_view(smtj, qtbot) -> None:
    start = smtj.session.setup
    for key in presets.names():
        preset = presets.load(key)
        smtj.use_preset(key)
        assert smtj.session.setup == preset.setup and not smtj.session.changed
        if any(preset.run in view.kinds for view in smtj.views):
            assert preset.run in smtj.view.wanted()
        if preset.shows and preset.run == "stability":
            assert smtj.view.mode == preset.shows
        elif preset.shows:
            assert smtj.view.picture_of(smtj.view.page).draws(preset.shows)
    for _ in presets.names()[1:]:
        smtj.undo()
    assert smtj.session.setup == start and smtj.session.preset.key == presets.DEFAULT


def test_kept_run_stays_on_the_plot_and_in_the_figure(smtj, qtbot, tmp_path, monkeypatch) -> None:
    QTest.keyClick(smtj, Qt.Key.Key_F5)
    assert len(smtj.session.runs) == 1
    with qtbot.waitSignal(smtj.conductor.live, check_params_cb=full):
        smtj.session.edit("junction.rashba", 5.0)
    target = export_dialogs.Target(tmp_path / "both.svg")
    monkeypatch.setattr(export_dialogs.Dialogs, "figure", lambda *_: target)
    QTest.keyClick(smtj, Qt.Key.Key_E, CTRL | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: any("both.svg" in text for text in smtj.toasts.messages), timeout=PATIENCE)
    text = target.path.read_text(encoding="utf-8")
    assert smtj.session.runs[0].name in text and "this setup" in text
    with qtbot.waitSignal(smtj.conductor.live, check_params_cb=full):
        smtj.setup_panel.forms[0].rows["junction.rashba"].reset.click()
    assert smtj.session.setup == smtj.session.runs[0].result.setup


def test_both_themes_reach_every_view(smtj) -> None:
    for mode in ("dark", "light"):
        smtj._look.choose(mode)
        assert all(view.theme is smtj.theme for view in smtj.views)
        assert smtj.theme.dark == (mode == "dark")


def test_refusal_by_the_engine_marks_the_field(smtj, qtbot) -> None:
    """α(V) leaves its limit within the sweep, though not at the present bias."""
    smtj.tabs.setCurrentIndex(1)
    with qtbot.waitSignal(smtj.conductor.refused, timeout=PATIENCE):
        smtj.session.edit_many({"junction.rashba": 12.0, "junction.rashba_slope": 3.0})
    assert any(entry.field.property("refused") for entry in smtj.setup_panel.forms[0].rows.values())
    assert smtj.toasts.messages
