"""The junction view in the whole window with the real engine: follows edits, is kept, exported and stopped."""

from __future__ import annotations

import dataclasses

import pytest
import xarray as xr
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from smtj_engine.files import csv
from smtj_engine.systems import table
from smtj_gui import exporting
from smtj_gui.views import JUNCTION

#: The first test compiles the kernels where nobody has.
PATIENCE = 120_000
PAGES = {"bands": "bands", "torque": "density", "maps": "kmap", "energies": "spectral", "comparison": "comparison"}


@pytest.fixture
def smtj(whole_window):
    """The window with the junction view alone, coarse grids, the engine ready."""
    window = whole_window([JUNCTION])
    window.session.edit_many({f"numerics.{kind}.points": 15 for kind in PAGES.values()} | {"junction.bias": 0.3})
    window.conductor.set_ready()
    return window


def answered(smtj, qtbot, kind: str):
    """Wait for the full answer to the present setup."""
    slot = smtj.conductor._slots[kind]
    qtbot.waitUntil(lambda: slot.job is None and slot.answer is not None
                    and slot.answered == slot.needs(smtj.session.setup), timeout=PATIENCE)
    return slot.answer


def test_every_page_follows_an_edit_and_is_kept_and_exported(smtj, qtbot, tmp_path, monkeypatch) -> None:
    for at, (page, kind) in enumerate(PAGES.items()):
        qtbot.mouseClick(smtj.view.pages[page].button, Qt.MouseButton.LeftButton)
        answered(smtj, qtbot, kind)
        smtj.session.edit("junction.bias", 0.4 + 0.01 * at)
        result = answered(smtj, qtbot, kind)
        qtbot.waitUntil(lambda: smtj.view.current_result().setup == smtj.session.setup, timeout=PATIENCE)
        QTest.keyClick(smtj, Qt.Key.Key_F5)
        assert smtj.session.runs[-1].kind == kind
        file = tmp_path / f"{kind}.csv"
        for name, target in (("table", file), ("figure", file.with_suffix(".png"))):
            monkeypatch.setattr(exporting.Dialogs, name, lambda *_, target=target: exporting.Target(target))
        for action, name in (("export_data", file.name), ("export_figure", f"{kind}.png")):
            smtj.actions_[action].trigger()
            qtbot.waitUntil(lambda name=name: any(name in text for text in smtj.toasts.messages), timeout=PATIENCE)
        again = csv.read(file)
        assert again.setup == smtj.session.setup
        xr.testing.assert_equal(again.data, result.data)
        assert file.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    smtj.copy_picture()
    assert any("Copied the picture" in text for text in smtj.toasts.messages)


def test_the_table_grows_and_esc_keeps_what_there_is(smtj, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(table, "_known", {})
    real = table._row
    made = []

    def slowly(setup, bias, monitor):
        """The first system is real, the second one is waited for."""
        if made:
            while True:
                monitor(0.0)    # until it cancels
        made.append(setup)
        return real(setup, bias, monitor)

    monkeypatch.setattr(table, "_row", slowly)
    qtbot.mouseClick(smtj.view.pages["systems"].button, Qt.MouseButton.LeftButton)
    page = smtj.view.picture_of("systems")
    qtbot.waitUntil(lambda: page.table.columnCount() == 2, timeout=PATIENCE)
    assert page.table.horizontalHeaderItem(0).text() == "this setup"
    assert "5 more to come" in page.words.text()
    with qtbot.waitSignal(smtj.conductor.told, timeout=PATIENCE):
        QTest.keyClick(smtj, Qt.Key.Key_Escape)
    run, = smtj.session.runs
    assert run.state == "cancelled"
    assert run.result.data["system"].values.tolist() == ["this setup", "Fe/MgO"]    # one junction, known at once


def test_an_edit_of_the_junction_calculates_one_row_anew(smtj, qtbot, monkeypatch) -> None:
    made = []

    def quickly(setup, bias, monitor):
        made.append(setup.junction)
        return table.Row(*([float(len(made))] * len(table.COLUMNS)))

    monkeypatch.setattr(table, "_known", {})
    monkeypatch.setattr(table, "_row", quickly)
    smtj.view.choose("systems")
    answered(smtj, qtbot, "systems")
    before = list(made)     # the present setup is Fe/MgO, but for the bias, which the table sets
    assert len(before) == len(table.materials())
    smtj.session.edit("junction.bias", 0.9)
    smtj.session.edit("junction.rashba", 3.0)
    answered(smtj, qtbot, "systems")
    assert made[len(before):] == [dataclasses.replace(before[0], rashba=3.0, bias=0.9)]
