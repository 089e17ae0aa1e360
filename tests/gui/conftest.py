"""A window for the tests: real widgets and a real runner, analyses that answer as they are told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QSettings, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu, QMessageBox, QWidget

from smtj_engine import presets
from smtj_engine.analyses import ANALYSES, Analysis
from smtj_engine.monitor import Monitor
from smtj_engine.parameters import Setup
from smtj_engine.results import Result
from smtj_gui.archive import Archive
from smtj_gui.conductor import Conductor
from smtj_gui.jobs import JobRunner
from smtj_gui.look import Look, configure_plots
from smtj_gui.main_window import MainWindow
from smtj_gui.session import Session
from smtj_gui.views import VIEWS, Tab
from smtj_gui.views.base import View
from tests.gui.fakes import fake_preset, fake_result

# As the program does, before there is an application: pyqtgraph compiles its shaders once for all contexts.
QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


def _unanswered(*about: object) -> None:
    raise AssertionError(f"a dialog waits for an answer that nobody gives: {about}")


# A test that forgot to answer one would wait for ever. Those that answer put their own function here.
for _dialog, _names in {QDialog: ("exec",), QMessageBox: ("exec", "question", "warning"), QMenu: ("exec",),
                        QFileDialog: ("exec", "getOpenFileName", "getSaveFileName")}.items():
    for _name in _names:
        setattr(_dialog, _name, _unanswered)


class FakeEngine:
    """The analysis "angular": notes what it was asked and in which thread, and does what `work` says."""

    def __init__(self) -> None:
        self.asked: list[Setup] = []
        self.threads: set[threading.Thread] = set()
        self.work: Callable[[Setup, Monitor], Result] = lambda setup, monitor: fake_result(setup)

    def run(self, setup: Setup, monitor: Monitor) -> Result:
        self.asked.append(setup)
        self.threads.add(threading.current_thread())
        return self.work(setup, monitor)

    def analyses(self) -> dict[str, Analysis]:
        real = ANALYSES["angular"]
        return {"angular": Analysis("angular", real.title, real.help, real.grid, real.uses, self.run)}


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def session(qapp) -> Session:
    return Session(fake_preset())


@pytest.fixture
def runner(qapp) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.shutdown()


@pytest.fixture
def conductor(session: Session, runner: JobRunner, engine: FakeEngine) -> Conductor:
    return Conductor(session, runner, engine.analyses())


@pytest.fixture
def whole_window(qtbot, qapp, tmp_path) -> Callable[..., MainWindow]:
    """Opens the window as the program composes it, with the real engine, on a preset and with these views."""
    def opened(views: Iterable[Tab | type[View]] = VIEWS, preset: str = presets.DEFAULT,
               diagram: QWidget | None = None) -> MainWindow:
        settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        look = Look(qapp, settings)
        configure_plots(look.theme)
        session, runner = Session(presets.load(preset)), JobRunner()
        window = MainWindow(session, runner, Conductor(session, runner), look, settings)
        window.resize(1280, 800)
        qtbot.addWidget(window, before_close_func=lambda _: runner.shutdown())
        window.show()
        qtbot.waitExposed(window)
        window.fill(views, diagram)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    return opened


@pytest.fixture
def window(qtbot, qapp, tmp_path, session, runner, conductor) -> MainWindow:
    """The main window without views."""
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(session, runner, conductor, Look(qapp, settings, qapp), settings,
                        Archive(session, tmp_path / "sessions"))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.fill(())
    return window
