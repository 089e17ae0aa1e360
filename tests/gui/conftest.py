"""A window for the tests: real widgets and a real runner, analyses that answer as they are told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QSettings, Qt

from smtj_engine.analyses import ANALYSES, Analysis
from smtj_engine.monitor import Monitor
from smtj_engine.parameters import Setup
from smtj_engine.results import Result
from smtj_gui.archive import Archive
from smtj_gui.conductor import Conductor
from smtj_gui.jobs import JobRunner
from smtj_gui.look import Look
from smtj_gui.main_window import MainWindow
from smtj_gui.session import Session
from tests.gui.fakes import fake_preset, fake_result

# As the program does, before there is an application: pyqtgraph compiles its shaders once for all contexts.
QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


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
