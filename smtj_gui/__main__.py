"""The window's composition root: builds the objects and connects them, here only."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain, repeat
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from smtj_engine import presets
from smtj_engine.analyses import ANALYSES
from smtj_engine.files import live, resources
from smtj_gui import tour
from smtj_gui.archive import Archive
from smtj_gui.conductor import Conductor
from smtj_gui.jobs import JobRunner, plain
from smtj_gui.launch import settings_file
from smtj_gui.look import Look, configure_plots, tint
from smtj_gui.main_window import MainWindow
from smtj_gui.session import Session
from smtj_gui.views import VIEWS
from smtj_gui.warm_up import WarmUp

#: ms between two steps of building the window, for the user's events.
_TURN = 5
#: The views that nobody has looked at are built after the first curve, or after this (ms) without one.
_PATIENCE = 3000


class Mishaps(QObject):
    """Exceptions that nobody caught, from any thread, told on the GUI thread."""

    happened = Signal(str, str)

    def install(self) -> None:
        """Take over sys.excepthook."""
        sys.excepthook = self._hook

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        details = "".join(traceback.format_exception(kind, error, trace))
        self.happened.emit(plain(error, "Something went wrong"), details)


class Collector(QObject):
    """Python's cyclic garbage collector on the GUI thread only: in a worker it could end a widget there."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(500)

    def settle(self) -> None:
        """The libraries are loaded: what lives now is not looked through again, so that no collection stalls."""
        gc.freeze()

    def _collect(self) -> None:
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [age for age in range(3) if counts[age] > thresholds[age]]
        if due:
            gc.collect(max(due))


def broken_pyside() -> bool:
    """PySide6 6.12.0 on Python < 3.12 takes a reference too many off None in every call that returns nothing,
    and aborts after some seconds of live plotting."""
    probe = QObject()
    before = sys.getrefcount(None)
    for _ in range(50):
        probe.setObjectName("probe")
    return before - sys.getrefcount(None) > 25


def prepare_qt() -> None:
    """What Qt reads before there is an application.

    Left to itself it paints everything higher than 64 pixels on a pool of threads and waits for them, some fifty
    times a picture: beside busy cores each time may last as long as a turn of the scheduler.
    """
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    QLocale.setDefault(QLocale.c())


def settings() -> QSettings:
    """The window's settings."""
    return QSettings(str(settings_file()), QSettings.Format.IniFormat)


def start(window: MainWindow) -> None:
    """After the first paint: the view on top, then the engine; the rest when the first curve is there.

    The engine's libraries are imported by a worker, which would share the interpreter with whatever is built
    meanwhile: the rest waits, unless the kernels are being compiled first, in a process of their own.
    """
    configure_plots(window.theme)
    window.open(VIEWS)
    begin = QTimer(window, singleShot=True, interval=_PATIENCE)
    begin.timeout.connect(lambda: _in_turns(window, chain(
        [partial(tint, window, window.theme), _show_icon], repeat(window.tabs.build_next, len(VIEWS)))))
    window.conductor.live.connect(lambda: begin.start(0), Qt.ConnectionType.SingleShotConnection)
    begin.start()
    _in_turns(window, [partial(_prepare, window, begin), partial(_place_diagram, window),
                       window.sessions.offer_restore])


def _show_icon() -> None:
    QApplication.setWindowIcon(QIcon(str(resources.path("desktop/smtj.svg"))))


def _in_turns(window: MainWindow, steps: Iterable[Callable[[], object]]) -> None:
    """Do one after the other, with turns for the user's events between them."""
    waiting = iter(steps)

    def step() -> None:
        call = next(waiting, None)
        if call is not None:
            call()
            QTimer.singleShot(_TURN, window, step)

    step()


def _prepare(window: MainWindow, rest: QTimer) -> None:
    """Have the engine's kernels compiled where that is due; each analysis starts as soon as its own are."""
    warm = WarmUp(window)
    warm.news.connect(window.show_preparing)
    warm.news.connect(lambda: rest.start(0), Qt.ConnectionType.SingleShotConnection)
    warm.failed.connect(lambda output: window.toasts.show(
        "The engine could not be prepared beforehand; the first calculation will take longer.", output,
        serious=True))
    titles = {analysis.title: key for key, analysis in ANALYSES.items()}
    warm.prepared.connect(lambda title: title in titles and window.conductor.set_ready(titles[title]))
    warm.done.connect(lambda: window.activity.say("Ready"))
    warm.done.connect(window.conductor.set_ready)
    window.closing.connect(warm.stop)
    warm.start()


def _place_diagram(window: MainWindow) -> None:
    from smtj_gui.panels.band_diagram import BandDiagram

    diagram = BandDiagram(window)
    session = window.session
    diagram.set_theme(window.theme)
    diagram.set_junction(session.setup.junction)
    session.setup_changed.connect(lambda _: diagram.set_junction(session.setup.junction))
    window.theme_changed.connect(diagram.set_theme)
    window.setup_panel.place_diagram(diagram)


class FirstPaint(QObject):
    """Calls back once, after a window was painted for the first time."""

    painted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self.painted.emit)
        return False


def main(argv: list[str]) -> int:
    """Open the window, on a file if one is given, and return the exit status."""
    if broken_pyside():
        print("smtj: this PySide6 aborts on this Python; please install PySide6-Essentials 6.10.3",
              file=sys.stderr)
        return 2
    prepare_qt()
    app = QApplication(argv[:1])
    app.setApplicationName("SMTJ")
    app.setDesktopFileName("smtj")
    stored = settings()
    appearance = Look(app, stored, app)
    session = Session(presets.load(presets.DEFAULT), app)
    runner = JobRunner(app)
    conductor = Conductor(session, runner, parent=app)
    window = MainWindow(session, runner, conductor, appearance, stored, Archive(session, live.home(), app))
    mishaps = Mishaps(app)
    mishaps.happened.connect(window.show_failure, Qt.ConnectionType.QueuedConnection)
    mishaps.install()
    collector = Collector(app)
    conductor.live.connect(collector.settle, Qt.ConnectionType.SingleShotConnection)
    FirstPaint(window).painted.connect(lambda: start(window))
    tour.offer(window, stored, window.assistance.show_tour)
    window.show()
    for name in argv[1:2]:
        window.sessions.open(name)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
