"""The waveform in the setup panel: chosen, typed, imported and undone through the widgets."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from smtj_engine import presets
from smtj_engine.analyses import ANALYSES
from smtj_engine.control import TARGETS, Waveform
from smtj_engine.files import setups
from smtj_engine.schema import ParameterError
from smtj_engine.script import to_python
from smtj_gui.panels.setup import SetupPanel
from smtj_gui.panels.waveform import WaveformForm
from smtj_gui.panels.waveform_kinds import KINDS, horizon, kind_of, unit_of

WAVE = "drive.waveform."


@pytest.fixture
def panel(qtbot, session) -> SetupPanel:
    panel = SetupPanel(session)
    panel.resize(380, 1100)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def drive(panel: SetupPanel):
    return next(form for form in panel.forms if form.prefix == "drive")


@pytest.fixture
def form(panel) -> WaveformForm:
    assert not panel.findChildren(WaveformForm)     # a closed group does not build it
    drive(panel).set_opened(True)
    found, = panel.findChildren(WaveformForm)
    return found


def pick(box, key: str) -> None:
    """Choose an entry of a list with the keyboard."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findData(key)):
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentData() == key


def shown(form: WaveformForm) -> set[str]:
    return {path.removeprefix(WAVE) for path, row in form.rows.items() if not row.field.isHidden()}


def test_without_a_target_only_the_target_is_there(form) -> None:
    assert shown(form) == {"target"}
    assert form.kinds.isHidden() and form.picture.isHidden() and form.button.isHidden()


def test_a_target_brings_a_waveform_that_shows_something(form, session) -> None:
    pick(form.rows[WAVE + "target"].field, "h_z")
    one = session.setup.drive.waveform
    assert one.target == "h_z" and one.level == 0.1 and one.length == 2.0
    assert shown(form) == {"target", "level", "delay", "rise", "length", "fall"}
    words = [widget.text() for widget in form.rows[WAVE + "level"]._widgets if hasattr(widget, "text")]
    assert "M<sub>s</sub>" in words
    assert form.picture.isVisible() and "from 0 to 0.1 M_s" in form.picture.accessibleName()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", ["tau_par", "bias", "h_x"])
def test_each_kind_shows_its_fields_and_runs(form, session, kind, target) -> None:
    form._aim(target, None)
    pick(form.kinds, kind)
    one = session.setup.drive.waveform
    assert shown(form) - {"target"} == set(KINDS[kind].fields)
    assert one.bounds != (0.0, 0.0) and one.target == target
    assert kind_of(one, kind) == kind
    assert horizon(one, 35.0) > 0


def test_typing_is_one_undo_step_and_the_picture_follows(form, session) -> None:
    pick(form.rows[WAVE + "target"].field, "bias")
    before = session.setup
    field = form.rows[WAVE + "level"].field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.setup.drive.waveform.level == 0.25
    assert "to 0.25 V" in form.picture.accessibleName()
    session.undo()
    assert session.setup == before and field.text() == "0.5"
    while session.undo_text:
        session.undo()
    assert session.setup.drive.waveform == Waveform() and shown(form) == {"target"}


def test_units_follow_the_target_and_own_values_stay(form, session) -> None:
    pick(form.rows[WAVE + "target"].field, "tau_par")
    assert session.setup.drive.waveform.level == 0.005
    pick(form.rows[WAVE + "target"].field, "bias")
    assert session.setup.drive.waveform.level == 0.5            # nobody had chosen the other
    session.edit(WAVE + "level", 0.3)
    pick(form.rows[WAVE + "target"].field, "h_x")
    assert session.setup.drive.waveform.level == 0.3
    assert {unit_of(target) for target in TARGETS} == {"", "V", "M_s"}


def test_points_are_typed_in_pairs(form, session) -> None:
    pick(form.rows[WAVE + "target"].field, "h_z")
    pick(form.kinds, "points")
    field = form.rows[WAVE + "times"].field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0 0; 2.5 0.2; 4 -0.1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    one = session.setup.drive.waveform
    assert one.times == (0.0, 2.5, 4.0) and one.values == (0.0, 0.2, -0.1) and one.level == 0.0
    assert "3 points from 0 to 4 ns, values from -0.1 to 0.2 M_s" in form.summary.text()
    field.selectAll()
    QTest.keyClicks(field, "0 0; 1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.property("refused") and session.setup.drive.waveform == one
    field.selectAll()
    QTest.keyClicks(field, "1 0; 1 2")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "increasing" in form.rows[WAVE + "times"]._error.text() and session.setup.drive.waveform == one


def answer_with(monkeypatch, path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))


def test_a_file_is_imported_in_one_step(form, session, tmp_path, monkeypatch, qtbot) -> None:
    pick(form.rows[WAVE + "target"].field, "h_z")
    before = session.setup
    table = tmp_path / "pulse.csv"
    times = np.linspace(0, 10, 500)
    table.write_text("t (ns); h\n" + "\n".join(f"{t!r}; {float(0.1 * np.sin(t))!r}" for t in times.tolist()))
    answer_with(monkeypatch, table)
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)
    one = session.setup.drive.waveform
    assert one.times == tuple(times) and one.level == 0.0
    assert form.kinds.currentData() == "points" and not form.error.isVisible()
    assert "500 points" in form.summary.text() and "times" not in shown(form)     # too many to type
    assert session.undo_text == "Import pulse.csv"
    session.undo()
    assert session.setup == before


@pytest.mark.parametrize(("text", "reason"), [
    ("0 1\n1 2\nthree four\n", "line 3 does not hold two numbers"),
    ("0 1\n2 1\n1 3\n", "increasing"),
    ("0 1\n1 900\n", "between -20 and 20"),
    ("", "no two columns"),
    (None, "")])
def test_a_bad_file_changes_nothing_and_says_why(form, session, tmp_path, monkeypatch, qtbot, text,
                                                 reason) -> None:
    pick(form.rows[WAVE + "target"].field, "h_z")
    before, table = session.setup, tmp_path / "bad.csv"
    if text is not None:
        table.write_text(text)
    answer_with(monkeypatch, table)
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)
    assert session.setup == before
    assert form.error.isVisible() and "bad.csv" in form.error.text() and reason in form.error.text()


def test_presets_setup_files_and_scripts_carry_it(form, session, tmp_path) -> None:
    form._aim("h_z", None)
    pick(form.kinds, "chirp")
    session.edit("drive.temperature", 300.0)
    chirp = session.setup
    assert setups.load(setups.save(chirp, tmp_path / "chirp.toml")) == chirp
    script = to_python(chirp, "trajectory")
    room: dict[str, object] = {}
    exec(script.partition("result =")[0], room)
    assert room["setup"].drive == chirp.drive  # type: ignore[attr-defined]
    session.use_preset(presets.load("letter_fig_4a"))
    assert shown(form) == {"target"}
    session.undo()
    assert session.setup == chirp and form.kinds.currentData() == "chirp"


def test_the_engines_refusal_marks_the_field(panel, session) -> None:
    """Also where the group has never been opened."""
    session.edit_many({WAVE + "target": "bias", WAVE + "level": 0.2, "drive.law": "constant"})
    with pytest.raises(ParameterError) as refusal:
        ANALYSES["trajectory"].run(session.setup, lambda *_: None)
    assert refusal.value.field == WAVE + "target"
    assert panel.show_error(refusal.value)
    row = drive(panel).rows[WAVE + "target"]
    assert row._error.isVisible() and "constant law" in row._error.text()


def test_a_hidden_field_comes_out_with_its_error(panel, form, session) -> None:
    form._aim("h_z", None)
    assert panel.show_error(ParameterError(WAVE + "frequency", 1.0, "is too high"))
    assert "frequency" in shown(form) and form.kinds.currentData() == "all"
