"""The form: fields, sliders, presets, errors, through real keys and the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from smtj_engine.parameters import Junction, Setup
from smtj_engine.schema import ParameterError, specs, value_at, walk
from smtj_gui.panels.editors import number, numbers, span, tick, written
from smtj_gui.panels.form import rich_symbol
from smtj_gui.panels.setup import SetupPanel
from tests.gui.fakes import fake_preset


@pytest.fixture
def panel(qtbot, session) -> SetupPanel:
    panel = SetupPanel(session)
    panel.resize(380, 900)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    return panel


def row(panel: SetupPanel, path: str):
    return next(form.rows[path] for form in panel.forms if path in form.rows)


def type_into(field, text: str, enter: bool = True) -> None:
    field.setFocus()
    field.selectAll()
    if text.isascii():
        QTest.keyClicks(field, text)
    else:   # QTest has no keys for these
        QApplication.clipboard().setText(text)
        field.paste()
    if enter:
        QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize(("text", "value"), [("7", 7.0), ("3e-1", 0.3), ("0,8", 0.8), ("2.5 eV·Å²", 2.5),
                                             ("1 eV A^2", 1.0), ("−0.5", -0.5)])
def test_field_accepts_what_people_write(panel, session, text: str, value: float) -> None:
    type_into(row(panel, "junction.rashba").field, text)
    assert session.setup.junction.rashba == value
    assert row(panel, "junction.rashba").field.text() == written(value)


@pytest.mark.parametrize(("path", "text", "value"), [
    ("junction.bias", "300 mV", 0.3), ("junction.bias", "0,3e3 mV", 0.3), ("junction.bias", "700mV", 0.7),
    ("junction.bias", "0.3 V", 0.3), ("junction.barrier_thickness", "6 Å", 0.6),
    ("junction.barrier_height", "900 meV", 0.9), ("junction.k_up", "10 1/nm", 1.0)])
def test_field_takes_relatives_of_its_unit(panel, session, path: str, text: str, value: float) -> None:
    type_into(row(panel, path).field, text)
    assert value_at(session.setup, path) == value and row(panel, path).field.text() == written(value)


@pytest.mark.parametrize("text", ["300 mA", "2 TeV", "3 nm V"])
def test_another_unit_is_refused_by_the_name_of_the_right_one(panel, session, text: str) -> None:
    type_into(row(panel, "junction.bias").field, text)
    assert session.setup == Setup() and "a number in V" in row(panel, "junction.bias")._error.text()


@pytest.mark.parametrize("text", ["abc", "1.2.3", "--4", "1e", "nan", "inf", "1,000,000"])
def test_field_refuses_and_keeps_the_text(panel, session, text: str) -> None:
    alpha = row(panel, "junction.rashba")
    before = session.setup
    type_into(alpha.field, text)
    assert alpha.field.text() == text and alpha.field.property("refused")
    assert alpha._error.isVisible() and alpha._error.text()
    assert session.setup == before and not session.undo_text


def test_out_of_range_tells_range_and_reason_under_the_field(panel, session) -> None:
    height = row(panel, "junction.barrier_height")
    type_into(height.field, "-1")
    assert session.setup == Setup()
    assert "between 0 and 10 eV" in height._error.text()
    type_into(height.field, "2")
    assert session.setup.junction.barrier_height == 2.0
    assert not height._error.isVisible() and not height.field.property("refused")


def test_a_move_of_one_slider_leaves_the_other_rows_alone(panel, session, monkeypatch) -> None:
    written_anew = []
    for form in panel.forms:
        for each in form.rows.values():
            monkeypatch.setattr(each.field, "show_value", lambda value, path=each.path: written_anew.append(path))
    session.edit("junction.rashba", 5.0)
    session.edit("junction.rashba", 6.0)
    assert written_anew == ["junction.rashba"] * 2


def test_typing_is_live_and_one_undo_step(panel, session) -> None:
    type_into(row(panel, "junction.rashba").field, "4.75", enter=False)
    assert session.setup.junction.rashba == 4.75
    QTest.keyClick(row(panel, "junction.rashba").field, Qt.Key.Key_Return)
    session.undo()
    assert session.setup == Setup()


def test_escape_takes_the_typing_back(panel, session) -> None:
    field = row(panel, "junction.rashba").field
    type_into(field, "6.5", enter=False)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert session.setup == Setup() and not session.undo_text
    assert field.text() == "4"


def test_leaving_a_field_commits(panel, session) -> None:
    type_into(row(panel, "junction.rashba").field, "abc", enter=False)
    row(panel, "junction.bias").field.setFocus()
    assert row(panel, "junction.rashba").field.property("refused")


def test_refused_text_stays_while_other_values_change(panel, session) -> None:
    alpha = row(panel, "junction.rashba")
    type_into(alpha.field, "abc")
    session.edit("junction.bias", 0.5)
    assert alpha.field.text() == "abc" and alpha._error.isVisible()
    session.edit("junction.rashba", 5.0)
    assert alpha.field.text() == "5" and not alpha._error.isVisible()


def test_optional_field_can_be_set_and_cleared(panel, session) -> None:
    normal = row(panel, "junction.k_normal")
    assert normal.field.text() == "" and normal.field.placeholderText() == "derived"
    type_into(normal.field, "0.9")
    assert session.setup.junction.k_normal == 0.9
    normal.field.selectAll()
    QTest.keyClick(normal.field, Qt.Key.Key_Delete)
    QTest.keyClick(normal.field, Qt.Key.Key_Return)
    assert session.setup.junction.k_normal is None


def test_keys_step_and_one_visit_is_one_undo_step(panel, session) -> None:
    field = row(panel, "junction.rashba").field
    field.setFocus()
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Up)
    assert session.setup.junction.rashba == pytest.approx(4.03)
    QTest.keyClick(field, Qt.Key.Key_PageDown)
    session.undo()
    assert session.setup == Setup()


def test_steps_stop_at_the_limits(panel, session) -> None:
    field = row(panel, "junction.temperature").field
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert session.setup.junction.temperature == 0.0


def test_wheel_without_focus_changes_nothing(panel, session) -> None:
    alpha = row(panel, "junction.rashba")
    row(panel, "junction.bias").field.setFocus()
    for widget in (alpha.field, alpha.slider, row(panel, "numerics.accuracy").field, panel.chooser):
        wheel = QWheelEvent(QPointF(5, 5), QPointF(widget.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, 120),
                            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                            Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(widget, wheel)
    assert session.setup == Setup()


def test_slider_drag_is_one_undo_step(panel, session, qtbot) -> None:
    slider = row(panel, "junction.rashba").slider
    seen = []
    session.setup_changed.connect(lambda _: seen.append(session.setup.junction.rashba))
    middle = slider.height() // 2
    start = QPoint(slider.width() // 4, middle)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    for x in range(start.x(), 3 * slider.width() // 4, 4):
        qtbot.mouseMove(slider, QPoint(x, middle))
        QApplication.processEvents()
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(x, middle))
    assert len(seen) > 5 and seen == sorted(seen)
    session.undo()
    assert session.setup == Setup() and not session.undo_text
    assert row(panel, "junction.rashba").field.text() == "4"


def test_two_drags_are_two_steps(panel, session, qtbot) -> None:
    slider = row(panel, "junction.rashba").slider
    for part in (0.3, 0.8):
        qtbot.mouseClick(slider, Qt.MouseButton.LeftButton,
                         pos=QPoint(round(part * slider.width()), slider.height() // 2))
    second = session.setup.junction.rashba
    session.undo()
    assert 0 < session.setup.junction.rashba < second
    session.undo()
    assert session.setup == Setup()


def test_slider_that_meets_a_limit_says_so(panel, session, qtbot) -> None:
    session.edit("junction.barrier_mass", 2.0)   # limit of α is now 5.7
    alpha = row(panel, "junction.rashba")
    qtbot.mousePress(alpha.slider, Qt.MouseButton.LeftButton, pos=QPoint(alpha.slider.width() - 3, 9))
    assert session.setup.junction.rashba == 4.0 and "must stay below" in alpha._error.text()
    qtbot.mouseRelease(alpha.slider, Qt.MouseButton.LeftButton, pos=QPoint(alpha.slider.width() - 3, 9))
    assert alpha.slider.number() == pytest.approx(4.0)


def test_every_slider_hits_its_round_values() -> None:
    for path, spec, _ in walk(Setup()):
        limits = span(spec)
        if limits is None or spec.log or spec.choices or spec.many:
            continue
        steps = (limits[1] - limits[0]) / tick(*limits)
        assert 99 < steps < 1001 and steps == pytest.approx(round(steps), abs=0.5), path


def test_changed_values_are_marked_and_reset(panel, session, qtbot) -> None:
    alpha = row(panel, "junction.rashba")
    assert not alpha.reset.isVisible()
    session.edit("junction.rashba", 5.0)
    assert alpha.reset.isVisible() and alpha._label.property("changed")
    assert "1 value changed" in panel._state.text()
    qtbot.mouseClick(alpha.reset, Qt.MouseButton.LeftButton)
    assert session.setup == Setup() and not alpha.reset.isVisible()


def test_preset_switch_is_one_undo_step(panel, session) -> None:
    session.edit("junction.rashba", 5.0)
    session.use_preset(fake_preset("thick", "Thick", Setup(junction=Junction(barrier_thickness=2.0, bias=0.5))))
    assert row(panel, "junction.barrier_thickness").field.text() == "2"
    session.undo()
    assert session.setup.junction.rashba == 5.0 and session.setup.junction.barrier_thickness == 0.6
    assert row(panel, "junction.barrier_thickness").field.text() == "0.6"


def test_preset_chooser_tells_which_was_chosen(panel, session, qtbot) -> None:
    panel.chooser.fill([("fe_mgo", "Fe/MgO", "Materials", ""), ("fig_1", "Fig. 1", "Figures of the Letter", "")])
    with qtbot.waitSignal(panel.preset_chosen) as chosen:
        panel.chooser.setFocus()
        QTest.keyClick(panel.chooser, Qt.Key.Key_Down)   # over the heading
    assert chosen.args == ["fig_1"]


def test_error_of_the_engine_marks_its_field_until_the_next_edit(panel, session) -> None:
    assert panel.show_error(ParameterError("rashba_slope", 3.0, "α(V) passes its limit at V = 0.9 V"))
    slope = row(panel, "junction.rashba_slope")
    assert slope.field.isVisible() and slope.field.property("refused")
    assert slope._error.text() == "α(V) passes its limit at V = 0.9 V"
    session.edit("junction.bias", 0.1)
    assert not slope._error.isVisible() and not slope.field.property("refused")
    assert not panel.show_error(ParameterError("no_such_field", 1, "?"))


def test_undo_key_goes_to_the_window_unless_there_is_typing(panel, session) -> None:
    field = row(panel, "junction.rashba").field
    type_into(field, "5")
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() in ("4", "5")   # never a text that the session does not know
    assert field.text() == written(session.setup.junction.rashba)


def test_rarely_used_rows_are_behind_a_switch(panel) -> None:
    slope = row(panel, "junction.rashba_slope")
    assert not slope.field.isVisible()
    panel.forms[0]._more.click()
    assert slope.field.isVisible()


def test_every_field_is_named_and_explained(panel) -> None:
    for form in panel.forms:
        for path, entry in form.rows.items():
            assert entry.field.accessibleName() and path in entry.field.toolTip()


def test_numbers_field_takes_a_list() -> None:
    spec = specs(Setup().numerics.angular)["family_values"]
    assert numbers("0.2 0,4; 0.6", spec) == (0.2, 0.4, 0.6)
    with pytest.raises(ValueError, match="not a number"):
        numbers("0.2 x", spec)


def test_empty_text_is_refused_where_a_number_is_needed() -> None:
    with pytest.raises(ValueError, match="Needs a number"):
        number("", specs(Junction())["rashba"])


def test_symbols_get_their_subscripts() -> None:
    assert rich_symbol("α_R") == "α<sub>R</sub>"
    assert rich_symbol("µ₀M_s") == "µ₀M<sub>s</sub>"
