"""The program with something done in it, for window_bench.py: `window_child ROLE TIME_OF_START`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from smtj_gui import launch

if TYPE_CHECKING:
    from smtj_gui.main_window import MainWindow

#: ms between two beats of the heart, and between two moves of the mouse.
BEAT, MOVE = 5, 16
#: Seconds that a heart is listened to.
LISTEN = 8.0
STEPS = Iterator[Any]


class Heart(QObject):
    """How late (s) each beat of a timer on the GUI thread comes."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.late: list[float] = []
        self._due = 0.0
        self._timer = QTimer(self, interval=BEAT, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self.restart()

    def restart(self) -> None:
        """Listen from now on."""
        self.late = []
        self._due = time.perf_counter() + BEAT / 1000
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, now - self._due))
        self._due = now + BEAT / 1000


class Painted(QObject):
    """Calls back after each paint of any of some widgets."""

    def __init__(self, widgets: list[QWidget], call: Callable[[], None]) -> None:
        super().__init__(widgets[0])
        self._call = call
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._call)
        return False


class Play:
    """Does one thing after the other in the window: a script is a generator that yields what it waits for."""

    def __init__(self, name: str, started: float) -> None:
        self.name, self.started = name, started
        self.found: dict[str, Any] = {}

    def since(self) -> float:
        """Seconds since the command was given."""
        return time.monotonic() - self.started

    def painted(self, window: MainWindow) -> None:
        """After the first paint."""
        self.window = window
        self.found["painted"] = self.since()
        self.heart = Heart(window)
        window.conductor.live.connect(self._first, Qt.ConnectionType.SingleShotConnection)

    def _first(self, key: str, result: object, draft: bool) -> None:
        QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        self.found["curve"] = self.since()
        self.found["stall"] = max(self.heart.late, default=0.0)
        self.script: STEPS = getattr(self, self.name)()
        QTimer.singleShot(0 if self.name == "start" else 1500, self._on)

    def _on(self) -> None:
        """The next step; a number waits so many ms, a function is called with what goes on."""
        try:
            wanted = next(self.script)
        except StopIteration:
            print(json.dumps(self.found), flush=True)
            QApplication.instance().quit()
            return
        if callable(wanted):
            wanted(self._on)
        else:
            QTimer.singleShot(int(wanted), self._on)

    # -- the scripts -----------------------------------------------------------------------------------

    def start(self) -> STEPS:
        """Nothing more."""
        yield 0

    def drag(self) -> STEPS:
        """Drag α_R over its slider in both views, at 60 Hz."""
        for at, name in enumerate(("angular", "bias")):
            self.window.tabs.setCurrentIndex(at)
            yield 1500
            yield from self._drag(name)

    def _drag(self, name: str) -> STEPS:
        window = self.window
        slider = next(form.rows["junction.rashba"].slider for form in window.setup_panel.forms
                      if "junction.rashba" in form.rows)
        moved: dict[float, float] = {}
        times: list[float] = []
        shown: list[float] = []

        def live(key: str, result: Any, draft: bool) -> None:
            shown[:] = [result.setup.junction.rashba]

        def painted() -> None:
            now = time.perf_counter()
            if shown and (begin := moved.get(shown.pop())) is not None:
                times.append(now - begin)

        from pyqtgraph import GraphicsView

        views = [plot.viewport() for plot in window.view.findChildren(GraphicsView)]
        watch = Painted(views, painted)
        window.conductor.live.connect(live)
        begin = time.perf_counter()
        mouse(slider, QEvent.Type.MouseButtonPress, 10)
        for step in range(300):
            x = 10 + (slider.width() - 20) * abs((step % 150) / 75 - 1) * 0.6
            now = time.perf_counter()
            mouse(slider, QEvent.Type.MouseMove, x)
            moved[window.session.setup.junction.rashba] = now
            yield MOVE
        self.found[name + "_rate"] = len(times) / (time.perf_counter() - begin)
        mouse(slider, QEvent.Type.MouseButtonRelease, x)
        yield 1000
        window.conductor.live.disconnect(live)
        watch.deleteLater()
        self.found[name] = times

    def stability(self) -> STEPS:
        """Drag the damping over its slider at 60 Hz while the 64 × 64 diagram follows."""
        window = self.window
        window.session.edit_many({f"numerics.stability.{axis}_points": 64 for axis in "xy"})
        window.tabs.setCurrentIndex(next(at for at in range(window.tabs.count())
                                         if window.tabs.tabText(at) == "Stability"))
        yield 500
        view: Any = window.view
        while view.result is None or view.draft:
            yield 100
        slider = next(form.rows["magnet.damping"].slider for form in window.setup_panel.forms
                      if "magnet.damping" in form.rows)
        shares: list[float] = []    # of each diagram: how much of it was computed when it was last seen
        pictures, painted, damping = 0, 0, 0.0

        def live(key: str, result: Any, draft: bool) -> None:
            nonlocal pictures, damping
            pictures += 1
            share = float(result.data["computed"].values.mean()) if "computed" in result.data else 1.0
            if result.setup.magnet.damping == damping:
                shares[-1] = share
            else:   # the slider goes back and forth, so that a value may come again: each time it is a new diagram
                damping = result.setup.magnet.damping
                shares.append(share)

        def paint() -> None:
            nonlocal painted
            painted += 1

        watch = Painted([view.map.viewport()], paint)
        window.conductor.live.connect(live)
        mouse(slider, QEvent.Type.MouseButtonPress, 10)
        moves: list[float] = []
        begin, used = time.perf_counter(), time.thread_time()
        while (now := time.perf_counter() - begin) < LISTEN:
            x = 10 + (slider.width() - 20) * abs((len(moves) % 150) / 75 - 1) * 0.6
            mouse(slider, QEvent.Type.MouseMove, x)
            moves.append(window.session.setup.magnet.damping)
            yield max(0.0, 1000 * (len(moves) / 60 - now))
        seconds, used = time.perf_counter() - begin, time.thread_time() - used
        mouse(slider, QEvent.Type.MouseButtonRelease, x)
        window.conductor.live.disconnect(live)
        watch.deleteLater()
        self.found |= {"used": 1e3 * used / len(moves), "moves": len(moves) / seconds, "theory": painted / seconds,
                       "pictures": pictures / seconds, "diagrams": len(shares) / seconds,
                       "shares": sorted(shares)}

    def load(self) -> STEPS:
        """Diagrams on all cores, one after the other; then ten cancelled ones."""
        self._diagram()
        yield 300
        self.heart.restart()
        end = time.perf_counter() + LISTEN
        while time.perf_counter() < end:
            yield 200
            if not self.window._runner.active():
                self._diagram()
        self.found["beats"] = self.heart.late
        self.window.conductor.stop()
        yield 1000
        cancels = self.found["cancels"] = []
        for _ in range(10):
            self._diagram()
            yield 250
            begin = time.perf_counter()
            self.window.conductor.stop()
            yield lambda on: self.window._runner.cancelled.connect(on, Qt.ConnectionType.SingleShotConnection)
            cancels.append(time.perf_counter() - begin)
            yield 100

    def _diagram(self) -> None:
        from smtj_engine.analyses import ANALYSES
        from smtj_engine.parameters import Setup
        from smtj_engine.schema import with_values

        sides = {f"numerics.stability.{axis}": 256 for axis in ("points", "x_points", "y_points")}
        known = {path: value for path, value in sides.items() if hasattr(Setup().numerics.stability, path[19:])}
        setup = with_values(Setup(), {**known, "drive.tau_par": -0.0021 - 1e-9 * len(self.heart.late)})
        self.window._runner.submit("bench", lambda monitor: ANALYSES["stability"].run(setup, monitor), "diagram")

    def sphere(self) -> STEPS:
        """Play the precession of Fig. 4a in the Dynamics view, and count the pictures of the sphere."""
        self.window.use_preset("letter_fig_4a")
        stage: Any = self.window.view.stage     # type: ignore[union-attr]
        yield 6000      # drawn, and the question what draws answered
        pictures: list[float] = []
        counted = lambda: pictures.append(time.perf_counter())  # noqa: E731
        if hasattr(stage.sphere, "frameSwapped"):
            stage.sphere.frameSwapped.connect(counted)
        else:
            self.watch = Painted([stage.sphere], counted)
        stage.player.scrub(1.0)
        stage.player.play()
        yield 1000 * LISTEN
        late = [at for at in pictures if at > pictures[0] + 1]
        self.found["rate"] = (len(late) - 1) / (late[-1] - late[0])
        self.found["mode"], self.found["size"] = stage.mode, [stage.sphere.width(), stage.sphere.height()]
        self.found["memory"] = resident()

    def idle(self) -> STEPS:
        """Only the heart."""
        self.heart.restart()
        yield 1000 * LISTEN
        self.found["beats"] = self.heart.late

    def memory(self) -> STEPS:
        """Ten runs of both views, then a thousand live curves."""
        window = self.window
        yield 1000
        self.found["empty"] = resident()
        for at in range(10):
            window.tabs.setCurrentIndex(at % 2)
            window.session.edit("junction.rashba", 1 + at / 5)
            yield 1200
            window.keep_run()
            yield 300
        self.found["runs"] = resident()
        window.tabs.setCurrentIndex(0)
        for at in range(1000):
            window.session.edit("junction.rashba", 1 + (at % 400) / 100, "bench")
            yield 12
        yield 1000
        self.found["curves"] = resident()


def mouse(widget: QWidget, kind: QEvent.Type, x: float) -> None:
    """One mouse event at x, half way up."""
    at = QPointF(x, widget.height() / 2)
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, QPointF(widget.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def resident() -> float:
    """Resident memory of this process in MiB (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def main(name: str, started: float) -> int:
    """Open the window with a script attached at its first paint."""
    play, real = Play(name, started), launch.trial

    def trial(**environment: str) -> Any:
        process = real(**environment)   # the program's own order: the trial runs while the window is imported
        import smtj_gui.__main__ as program

        start = program.start

        def after_paint(window: MainWindow) -> object:
            play.painted(window)
            return start(window)

        program.start = after_paint  # type: ignore[assignment]
        return process

    launch.trial = trial
    sys.argv = ["smtj"]
    return launch.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
