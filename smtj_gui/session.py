"""What the user is working on: the current setup with its undo history, and the runs that were kept.

Widgets ask the session to change and then show what it announces; they hold no state of their own. Setups are
frozen values, so the history is a list of them.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from smtj_engine.files.session import ENDED, StoredRun, StoredSession
from smtj_engine.parameters import Setup
from smtj_engine.schema import differences, spec_at, with_values
from smtj_gui.colours import SETS
from smtj_gui.deleted import Deleted

if TYPE_CHECKING:
    from smtj_engine.presets import Preset
    from smtj_engine.results import Result

#: Steps beyond this are forgotten, oldest first.
MOST_STEPS = 1000


def _fresh_id() -> str:
    return uuid.uuid4().hex[:12]


@dataclass(eq=False)
class Run:
    """One kept calculation. Only the session changes it; result is None while it runs or where nothing came of
    it."""

    name: str
    kind: str
    setup: Setup
    colour: str
    result: Result | None = None
    state: str = "finished"     # "queued", "running", "finished", "cancelled" or "failed"
    visible: bool = True
    seconds: float = 0.0
    message: str = ""           # why it failed or ended early
    id: str = field(default_factory=_fresh_id)

    @property
    def ended(self) -> bool:
        """Whether nothing will be added to it."""
        return self.state in ENDED

    def stored(self) -> StoredRun:
        """The run as files know it."""
        return StoredRun(**{each.name: getattr(self, each.name) for each in fields(self)})


@dataclass
class _Step:
    """One undo step: the setup and preset before and after it, and the runs that it took away."""

    text: str
    before: tuple[Setup, Preset]
    after: tuple[Setup, Preset]
    merge: Hashable | None = None
    removed: tuple[tuple[int, Run], ...] = ()


class Session(QObject):
    """The current setup, its history, and the runs."""

    setup_changed = Signal(object)  # frozenset of the changed paths; empty when only the preset changed
    runs_changed = Signal()
    undo_changed = Signal()
    replaced = Signal()             # another session has taken the place of this one
    not_undone = Signal(str)        # what an undo could not bring back, and why

    def __init__(self, preset: Preset, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._setup, self._preset = preset.setup, preset
        self._past: list[_Step] = []
        self._future: list[_Step] = []
        self._runs: list[Run] = []
        self.deleted = Deleted()
        self._numbers: Counter[str] = Counter()     # of the newest run of each kind
        self.use_colours(SETS["okabe-ito"].runs)

    def use_colours(self, colours: Sequence[str]) -> None:
        """The colours that new runs take in turn; runs that are there keep theirs."""
        self.colours = tuple(colours)
        self._colours = itertools.cycle(self.colours)

    @property
    def setup(self) -> Setup:
        """The current setup."""
        return self._setup

    @property
    def preset(self) -> Preset:
        """The preset that values are compared with."""
        return self._preset

    @property
    def runs(self) -> list[Run]:
        """The runs, oldest first (a copy of the list)."""
        return list(self._runs)

    @property
    def changed(self) -> bool:
        """Whether any value differs from the preset."""
        return self._setup != self._preset.setup

    @property
    def undo_text(self) -> str:
        """What undo would take back, or ""."""
        return self._past[-1].text if self._past else ""

    @property
    def redo_text(self) -> str:
        """What redo would do again, or ""."""
        return self._future[-1].text if self._future else ""

    # -- the setup -------------------------------------------------------------------------------------

    def edit(self, path: str, value: object, merge: Hashable | None = None) -> None:
        """Change one value; ParameterError if it is refused. Calls with the same merge token are one step."""
        self.edit_many({path: value}, _edit_text(self._setup, path), merge=merge)

    def edit_many(self, values: Mapping[str, object], text: str = "", merge: Hashable | None = None) -> None:
        """Change many values in one undo step; ParameterError if the combination is refused."""
        self._become(with_values(self._setup, values), self._preset, text or "Change values", merge)

    def use_preset(self, preset: Preset) -> None:
        """Take over a preset, values and comparison, in one undo step."""
        self._become(preset.setup, preset, f"Preset {preset.title}")

    def use_setup(self, setup: Setup, text: str) -> None:
        """Take over a whole setup (of a run, of a file) in one undo step."""
        self._become(setup, self._preset, text)

    def _become(self, setup: Setup, preset: Preset, text: str, merge: Hashable | None = None) -> None:
        before = (self._setup, self._preset)
        if (setup, preset) == before:
            return
        last = self._past[-1] if self._past else None
        if merge is not None and last is not None and last.merge == merge and not self._future:
            last.after = (setup, preset)
            if last.after == last.before:
                self._past.pop()
        else:
            self._push(_Step(text, before, (setup, preset), merge))
        self._show(setup, preset)

    def _push(self, step: _Step) -> None:
        self._past.append(step)
        del self._past[:-MOST_STEPS]
        self._future.clear()

    def _show(self, setup: Setup, preset: Preset) -> None:
        paths = frozenset(differences(self._setup, setup))
        announce = bool(paths) or preset != self._preset
        self._setup, self._preset = setup, preset
        self.undo_changed.emit()
        if announce:
            self.setup_changed.emit(paths)

    def undo(self) -> None:
        """Take the last step back."""
        if self._past:
            step = self._past.pop()
            self._future.append(step)
            self._show(*step.before)
            if step.removed:
                self._bring_back(step.removed)

    def redo(self) -> None:
        """Do the last undone step again."""
        if self._future:
            step = self._future.pop()
            self._past.append(step)
            self._show(*step.after)
            if step.removed:
                self._drop([run for _, run in step.removed])

    def _bring_back(self, removed: Sequence[tuple[int, Run]]) -> None:
        """Put deleted runs into their places again, those that can be."""
        reasons = []
        for index, run in removed:
            if reason := self.deleted.bring_back(run):
                reasons.append(reason)
            else:
                self._runs.insert(index, run)
        self.runs_changed.emit()
        if reasons:
            more = f" {len(reasons) - 1} more could not be brought back either." if len(reasons) > 1 else ""
            self.not_undone.emit(reasons[0] + more)

    # -- the whole -------------------------------------------------------------------------------------

    def stored(self, window: Mapping[str, Any] | None = None) -> StoredSession:
        """The session as files know it; values that do not change when this session does."""
        return StoredSession(setup=self._setup, preset=self._preset.key, window=window or {},
                             runs=tuple(run.stored() for run in self._runs))

    def become(self, stored: StoredSession, preset: Preset) -> None:
        """Take over a stored session instead of this one; what was done here can no longer be undone."""
        self._past, self._future = [], []
        self._numbers = Counter()
        self._runs = [self._restored(run) for run in stored.runs]
        self._show(stored.setup, preset)
        self.replaced.emit()
        self.runs_changed.emit()

    def take_in(self, runs: Iterable[StoredRun]) -> list[Run]:
        """Add runs of a file to the present ones."""
        fresh = [self._restored(run) for run in runs]
        self._runs += fresh
        self.runs_changed.emit()
        return fresh

    def _restored(self, stored: StoredRun) -> Run:
        values = {each.name: getattr(stored, each.name) for each in fields(Run)}
        run = Run(**{**values, "colour": stored.colour or next(self._colours)})
        numbered = re.fullmatch(rf"{re.escape(run.kind.capitalize())} (\d{{1,9}})", run.name)
        if numbered:
            self._numbers[run.kind] = max(self._numbers[run.kind], int(numbered[1]))
        return run

    # -- the runs --------------------------------------------------------------------------------------

    def add(self, result: Result | None, name: str = "", state: str = "finished", *, kind: str = "",
            setup: Setup | None = None, seconds: float = 0.0, message: str = "") -> Run:
        """Keep a result (or, with kind and setup, a run that has none yet) and return its run."""
        kind = result.kind if result is not None else kind
        setup = result.setup if result is not None else setup or self._setup
        self._numbers[kind] += 1
        run = Run(name or f"{kind.capitalize()} {self._numbers[kind]}", kind, setup, next(self._colours), result,
                  state, seconds=seconds, message=message)
        self._runs.append(run)
        self.runs_changed.emit()
        return run

    def update(self, run: Run, **changes: Any) -> None:
        """Change fields of a run: name, colour, visible; result, state, seconds, message when it ends."""
        for name, value in changes.items():
            if not hasattr(run, name):
                raise AttributeError(f"a run has no {name!r}")
            setattr(run, name, value)
        self.runs_changed.emit()

    def enqueue(self, kind: str, setups: Mapping[str, Setup], visible: bool = True) -> list[Run]:
        """Add runs that wait to be calculated, by their names."""
        fresh = [Run(name, kind, setup, next(self._colours), state="queued", visible=visible)
                 for name, setup in setups.items()]
        self._runs += fresh
        self.runs_changed.emit()
        return fresh

    def requeue(self, runs: list[Run]) -> None:
        """Have ended runs calculated again; what there was of them goes. A file of a run is never written twice,
        so they get new ids."""
        for run in runs:
            run.state, run.result, run.seconds, run.message = "queued", None, 0.0, ""
            run.id = _fresh_id()
        if runs:
            self.runs_changed.emit()

    def move(self, run: Run, steps: int) -> None:
        """Change a run's place in the list, and so in the queue."""
        at = self._runs.index(run)
        self._runs.insert(max(0, min(len(self._runs) - 1, at + steps)), self._runs.pop(at))
        self.runs_changed.emit()

    def remove(self, runs: list[Run]) -> None:
        """Take runs away, in one undo step."""
        gone = tuple((index, run) for index, run in enumerate(self._runs) if run in runs)
        if gone:
            here = (self._setup, self._preset)
            text = f"Delete {gone[0][1].name}" if len(gone) == 1 else f"Delete {len(gone)} runs"
            self._push(_Step(text, here, here, removed=gone))
            self._drop([run for _, run in gone])
            self.undo_changed.emit()

    def _drop(self, runs: list[Run]) -> None:
        self._runs = [run for run in self._runs if run not in runs]
        self.deleted.bound(run for step in reversed(self._past) for _, run in reversed(step.removed))
        self.runs_changed.emit()


def _edit_text(setup: Setup, path: str) -> str:
    return f"Change {spec_at(setup, path).symbol}" if "." in path else f"Change {path}"
