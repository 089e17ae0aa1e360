"""The fitting view through real widgets and the real engine: import, overlay, fit, report, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox

from smtj_engine.files import csv, resources
from smtj_engine.files import session as packed
from smtj_engine.files.session import StoredSession
from smtj_engine.fitting.model import Model
from smtj_engine.measured import Measurement
from smtj_engine.parameters import Junction, Setup
from smtj_gui.jobs import JobRunner
from smtj_gui.look import DARK, LIGHT
from smtj_gui.views.fitting import FittingView
from smtj_gui.views.fitting_table import ParameterTable
from smtj_gui.views.import_dialog import ImportDialog

#: The first fit imports lmfit, and compiles the kernels where nobody has.
PATIENCE = 120_000
OK = QDialogButtonBox.StandardButton.Ok
THETA = np.linspace(0.0, 180.0, 13)


@pytest.fixture
def runner(qapp) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.shutdown()


@pytest.fixture
def view(session, runner, on_screen) -> FittingView:
    view = FittingView(session)
    view.attach(runner)
    return on_screen(view)


def tamr(junction: Junction | None = None, **more) -> Measurement:
    junction = junction or Junction(rashba=4.5)
    empty = Measurement(quantity="tamr", values=np.arange(13.0), axes={"theta": THETA}, name="test.csv", **more)
    exact = Model(empty, Setup(junction=junction)).curve({})
    noise = np.random.default_rng(1).normal(0.0, 1e-4, 13)
    return Measurement(quantity="tamr", values=exact + noise, axes={"theta": THETA}, name="test.csv", **more)


def imported(view: FittingView, qtbot, name: str) -> ImportDialog:
    """The dialog after a file was given to the view."""
    view.dialog = None
    view.import_file(resources.path(f"measured/{name}"))
    qtbot.waitUntil(lambda: view.dialog is not None, timeout=PATIENCE)
    return view.dialog


def accept(view: FittingView, qtbot) -> None:
    qtbot.mouseClick(view.dialog.buttons.button(OK), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.measurement is not None, timeout=PATIENCE)


def fitted(view: FittingView, qtbot) -> None:
    qtbot.mouseClick(view.fit_button, Qt.MouseButton.LeftButton)
    assert view.fit_button.text() == "Stop"
    qtbot.waitUntil(lambda: view.fitted is not None, timeout=PATIENCE)


def cell(view: FittingView, path: str, column: int):
    return view.table.item(view.table.paths.index(path), column)


# --- import -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "shown", "units"), [
    ("tamr_theta.csv", ("TAMR", "2: TAMR", "%", "Polar angle of M", "3: sigma"), ("V", "0.1")),
    ("current_bias.csv", ("Current density", "2: I", "mA/µm²", "Bias", "none"), ("θ", "0"))])
def test_the_dialog_understands_the_samples(view, qtbot, name, shown, units) -> None:
    dialog = imported(view, qtbot, name)
    assert (dialog.quantity.currentText(), dialog.column.currentText(), dialog.unit.currentText(),
            dialog.axes[0].axis.currentText(), dialog.sigma.currentText()) == shown
    assert dialog.preview.rowCount() == 8 and "not a measurement" in dialog.remarks.text()
    assert dialog.fields["bias" if units[0] == "V" else "theta_deg"].text() == units[1]
    accept(view, qtbot)
    assert view.measurement.name == name and view.about.text() == f"<b>{name}</b>"


def test_a_resonance_has_its_own_parameters_and_numbers(view, qtbot) -> None:
    dialog = imported(view, qtbot, "spin_diode_frequency.csv")
    assert (dialog.fields["field"].text(), dialog.fields["frequency"].isEnabled()) == ("0.2", False)
    assert not dialog.problem.text()
    accept(view, qtbot)
    assert view.measurement.field == 0.2 and view.fit_button.isEnabled()
    assert view.table.rowCount() == len(view.table.paths) and "junction.barrier_height" not in view.table.paths
    assert view.table.varied == {"data.scale_par", "data.scale_perp", "magnet.damping", "magnet.q_perp",
                                 "data.offset"}
    fitted(view, qtbot)
    assert "∂T∥/∂V" in view.report.toPlainText()
    qtbot.mouseClick(view.use_button, Qt.MouseButton.LeftButton)
    assert view.session.setup.magnet.damping == pytest.approx(0.014, abs=5e-4)
    dialog = imported(view, qtbot, "spin_diode_field.dat")
    dialog.fields["frequency"].setText("")
    dialog.fields["frequency"].textEdited.emit("")
    assert "needs its frequency" in dialog.problem.text() and dialog.buttons.button(OK).isEnabled()
    dialog.reject()


def test_a_wrong_layout_is_told_and_put_right(view, qtbot) -> None:
    dialog = imported(view, qtbot, "current_bias.csv")
    dialog.separator.setCurrentIndex(dialog.separator.findText("tab"))
    dialog.separator.activated.emit(0)
    assert "try another separator" in dialog.problem.text() and not dialog.buttons.button(OK).isEnabled()
    dialog.separator.setCurrentIndex(dialog.separator.findText("semicolon"))
    dialog.separator.activated.emit(0)
    assert dialog.buttons.button(OK).isEnabled() and not dialog.problem.text()
    dialog.fields["area"].setText("x")
    dialog.fields["area"].textEdited.emit("x")
    assert "not a number" in dialog.problem.text() and not dialog.buttons.button(OK).isEnabled()


def test_units_follow_the_quantity_and_a_second_axis_is_taken(view, qtbot) -> None:
    dialog = ImportDialog("t p r\n0 0 1\n45 0 2\n90 30 3\n", "text")
    qtbot.addWidget(dialog)
    dialog.quantity.setCurrentIndex(dialog.quantity.findData("resistance"))
    dialog.quantity.activated.emit(0)
    assert dialog.unit.findText("kΩ") >= 0
    second = dialog.axes[1]
    second.axis.setCurrentIndex(second.axis.findData("phi"))
    second.axis.activated.emit(0)
    second.column.setCurrentIndex(1)
    dialog.column.setCurrentIndex(2)
    view.set_measurement(dialog.reader()(lambda *_: None))
    assert set(view.measurement.axes) == {"theta", "phi"} and view.measurement.values.tolist() == [1, 2, 3]


def test_paste_and_drop(view, qtbot) -> None:
    QGuiApplication.clipboard().setText("V (V)\tI (A)\n0,1\t1e-3\n0,2\t2e-3\n0,3\t3,1e-3\n")
    view.paste()
    accept(view, qtbot)
    np.testing.assert_allclose(view.measurement.axes["bias"], [0.1, 0.2, 0.3])
    view.dialog = None
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(resources.path("measured/tamr_phi.dat")))])
    view.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                              Qt.KeyboardModifier.NoModifier))
    qtbot.waitUntil(lambda: view.dialog is not None, timeout=PATIENCE)
    assert view.dialog.windowTitle() == "Import tamr_phi.dat"


@pytest.mark.parametrize(("name", "taken"), [("tamr.DAT", True), ("run.h5", True), ("mine.TOML", False),
                                             ("monday.smtj.h5", False)])
def test_setups_and_sessions_are_left_to_the_window(view, tmp_path: Path, name: str, taken: bool) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
    drag = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                           Qt.KeyboardModifier.NoModifier)
    drag.ignore()
    view.dragEnterEvent(drag)
    assert drag.isAccepted() == taken


def test_what_cannot_be_read_is_told_and_changes_nothing(view, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(b"\x00\x01\x02")
    failures = []
    view.failed.connect(lambda *what: failures.append(what))
    view.import_file(path)
    qtbot.waitUntil(view.reason.isVisible, timeout=PATIENCE)
    assert view.reason.text().startswith(str(path)) and "not a text file" in view.reason.text()
    assert view.measurement is None and not failures


def test_curves_without_a_model_are_shown_but_not_fitted(view) -> None:
    view.set_measurement(Measurement(quantity="resistance", values=np.array([1.0, 2.0, 3.0]),
                                     axes={"field": np.array([0.0, 0.1, 0.2])}))
    assert not view.fit_button.isEnabled()
    assert "magnetic field" in view.plots.curve.accessibleName()


# --- curve, fit, report -----------------------------------------------------------------------------------

def test_the_curve_of_the_present_setup_follows_edits(view, session, qtbot) -> None:
    view.set_measurement(tamr())
    qtbot.waitUntil(lambda: view.current_result() is not None, timeout=PATIENCE)
    before = view.current_result().data["fitted"].values.copy()
    session.edit("junction.rashba", 5.0)
    qtbot.waitUntil(lambda: view.current_result().setup.junction.rashba == 5.0, timeout=PATIENCE)
    assert view.current_result().data["fitted"].values[6] > before[6]
    assert [entry.text for entry in view.plots.legend.entries] == ["test.csv", "present setup"]
    assert cell(view, "junction.rashba", 1).text() == "5"


def test_a_table_that_nobody_sees_waits_until_it_is_shown(session, qtbot) -> None:
    table = ParameterTable(session)
    qtbot.addWidget(table)
    start = table.item(table.paths.index("junction.rashba"), 1)
    session.edit("junction.rashba", 5.5)
    assert start.text() == "4"
    table.show()
    assert start.text() == "5.5"
    session.edit("junction.rashba", 6.5)
    assert start.text() == "6.5"


def test_a_fit_is_shown_reported_kept_and_taken_over_in_one_step(view, session, qtbot, tmp_path: Path) -> None:
    view.set_measurement(tamr(bias=0.05))
    cell(view, "data.offset", 0).setCheckState(Qt.CheckState.Checked)
    fitted(view, qtbot)
    result = view.fitted
    found = float(result.data["value"].sel(parameter="junction.rashba"))
    assert found == pytest.approx(4.5, abs=0.2)
    assert "±" in cell(view, "junction.rashba", 4).text() and "…" in cell(view, "junction.rashba", 5).text()
    assert cell(view, "junction.barrier_height", 4).text() == ""
    assert "Correlations" in view.report.toPlainText() and view.current_result() is result
    assert [(run.kind, run.state) for run in session.runs] == [("fit", "finished")]
    np.testing.assert_allclose(view.plots.residual.lines[0].y, 100 * result.data["residual"])
    np.testing.assert_allclose(view.plots.residual.points.getData()[1], 100 * result.data["residual"])

    before = session.setup
    qtbot.mouseClick(view.use_button, Qt.MouseButton.LeftButton)
    assert session.setup.junction.rashba == found and session.setup.junction.bias == 0.05
    assert view.table.starts["data.offset"] == float(result.data["value"].sel(parameter="data.offset"))
    session.undo()
    assert session.setup == before

    view.copy_report()
    assert QGuiApplication.clipboard().text() == view.report.toPlainText()
    for name in ("report.txt", "numbers.csv", "report.pdf"):
        with qtbot.waitSignal(view.told, timeout=PATIENCE):
            view.save_report(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 500
    assert csv.read(tmp_path / "numbers.csv").data["value"].values.tolist() == result.data["value"].values.tolist()


def test_a_fit_is_stopped(view, session, qtbot, monkeypatch) -> None:
    slow = Model.curve

    def curve(self, values):
        for _ in range(20_000):     # until the monitor raises Cancelled
            self._monitor(0.0)
        return slow(self, values)

    view.set_measurement(tamr())
    qtbot.waitUntil(lambda: view.current_result() is not None, timeout=PATIENCE)
    monkeypatch.setattr(Model, "curve", curve)
    qtbot.mouseClick(view.fit_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.fit_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.fit_button.text() == "Fit", timeout=PATIENCE)
    assert "stopped" in view.reason.text() and not session.runs and view.fitted is None


def test_a_fit_that_makes_no_sense_is_refused_in_words(view, qtbot) -> None:
    view.set_measurement(tamr())
    cell(view, "junction.rashba", 0).setCheckState(Qt.CheckState.Unchecked)
    qtbot.mouseClick(view.fit_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "at least one parameter" in view.reason.text(), timeout=PATIENCE)
    assert view.fit_button.text() == "Fit"


def test_starts_edit_the_setup_and_bounds_are_checked(view, session) -> None:
    view.set_measurement(tamr())
    cell(view, "junction.rashba", 1).setText("3,5")
    assert session.setup.junction.rashba == 3.5
    cell(view, "junction.rashba", 2).setText("2")
    cell(view, "junction.rashba", 3).setText("1")
    assert "below the upper" in view.reason.text()
    cell(view, "junction.rashba", 3).setText("6")
    assert not view.reason.isVisible()
    vary = view.table.vary()[0]
    assert (vary.path, vary.low, vary.high) == ("junction.rashba", 2.0, 6.0)
    cell(view, "junction.barrier_height", 1).setText("-1")
    assert "Barrier height" in view.reason.text() and session.setup.junction.barrier_height == 1.0


def test_arbitrary_units_need_a_scale(view) -> None:
    view.set_measurement(tamr(arbitrary=True))
    assert "data.scale" in view.table.varied


def test_read_out_and_theme(view, qtbot) -> None:
    view.set_measurement(tamr(sigma=np.full(13, 1e-4)))
    qtbot.waitUntil(lambda: view.current_result() is not None, timeout=PATIENCE)
    view.plots.curve.hovered.emit(91.0, 0.0)
    assert "90.000°" in view.plots.readout.text() and "±" in view.plots.readout.text()
    qtbot.keyClick(view.plots.curve, Qt.Key.Key_Right)
    assert "105" in view.plots.readout.text()
    view.set_theme(DARK)
    assert view.plots.legend.entries[0].colour == DARK.lines[0]
    view.set_theme(LIGHT)


# --- what the session keeps -------------------------------------------------------------------------------


def test_data_marks_and_bounds_come_back_with_the_session(view, session, on_screen, tmp_path: Path) -> None:
    view.set_measurement(tamr(sigma=np.full(13, 1e-4), bias=0.2))
    with_changes = []
    view.memory_changed.connect(lambda: with_changes.append(1))
    cell(view, "data.offset", 0).setCheckState(Qt.CheckState.Checked)
    cell(view, "junction.rashba", 2).setText("1,5")
    cell(view, "data.scale", 1).setText("0.9")
    view.weights.setCurrentIndex(view.weights.findData("equal"))
    assert len(with_changes) == 3
    path = packed.save(StoredSession(window={"views": {"fit": view.remembered()}}), tmp_path / "a.smtj.h5")
    again = on_screen(FittingView(session))
    again.recall(packed.load(path).session.window["views"]["fit"])
    assert again.measurement.values.tobytes() == view.measurement.values.tobytes()
    assert again.measurement.bias == 0.2 and again.weights.currentData() == "equal"
    assert again.table.remembered() == view.table.remembered()
    again.recall({})        # another session, without data
    assert again.measurement is None and not again.fit_button.isEnabled() and not again.about.text()


@pytest.mark.parametrize("spoil", [
    {"data": 3}, {"data": {}}, {"data": {"values": "x"}}, {"table": {"varied": 1}}, {"table": {"bounds": [[1]]}}])
def test_spoilt_memory_is_told_and_left_out(view, session, on_screen, spoil) -> None:
    view.set_measurement(tamr())
    told = []
    again = on_screen(FittingView(session))
    again.failed.connect(lambda message, _: told.append(message))
    again.recall(view.remembered() | spoil)
    assert len(told) == 1 and "could not be read" in told[0]


def test_a_hundred_thousand_points_fit_into_a_session_file(view, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(size=100_000)
    view.set_measurement(Measurement(quantity="tamr", values=noise, axes={"theta": np.linspace(0, 90, 100_000)}))
    session = StoredSession(window={"views": {"fit": view.remembered()}})
    assert packed.load(packed.save(session, tmp_path / "a.smtj.h5")).session.window == session.window
    view.set_measurement(Measurement(quantity="tamr", values=np.append(noise, 1.0),
                                     axes={"theta": np.linspace(0, 90, 100_001)}))
    assert view.remembered() == {} and "not kept in the session" in view.notes()


def test_both_menus_offer_what_their_buttons_say(view) -> None:
    reports = [action.text() for action in view.report_button.menu().actions()]
    samples = view.samples.menu()
    samples.popup(view.mapToGlobal(QPoint(40, 40)))
    assert [action.text() for action in samples.actions() if action.text().endswith("(tamr_theta.csv)")]
    assert len(samples.actions()) == 6 and samples.height() > 6 * view.fontMetrics().height()
    samples.close()
    assert [action.text() for action in view.report_button.menu().actions()] == reports == [
        "Save report…", "Copy report"]


# --- room -------------------------------------------------------------------------------------------------

def test_in_a_small_window_the_table_and_the_buttons_are_whole(view, runner, qtbot) -> None:
    """At 1280×800 the view is 604 pixels wide; the columns for numbers were 26, and the buttons cut off."""
    view.resize(604, 660)
    view.set_measurement(tamr())
    qtbot.waitUntil(lambda: view.table.viewport().width() > 500)
    digits = view.table.fontMetrics().horizontalAdvance("1.0900")
    assert min(view.table.columnWidth(column) for column in range(6)) > digits
    for button in (view.import_button, view.samples, view.weights, view.fit_button, view.use_button,
                   view.report_button):
        qtbot.waitUntil(lambda button=button: button.width() >= button.sizeHint().width())
        assert view.rect().contains(button.mapTo(view, button.rect().bottomRight()))

    def below() -> int:
        return view.fit_button.mapTo(view, QPoint()).y() - view.import_button.mapTo(view, QPoint()).y()

    assert below() > 20
    view.resize(1240, 660)
    qtbot.waitUntil(lambda: below() < 5)


def test_there_is_no_pane_for_a_report_before_there_is_one(view, qtbot) -> None:
    view.set_measurement(tamr())
    assert not view.report.isVisible()
    fitted(view, qtbot)
    assert view.report.isVisible() and "α_R" in view.report.toPlainText()
    view.set_measurement(tamr())
    assert not view.report.isVisible()
