"""How long work reports its progress and learns that it is no longer wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from smtj_engine.results import Result


class Monitor(Protocol):
    """Called by an engine function between pieces of work.

    fraction: 0 to 1; note: a few words on what runs; partial: the newest whole picture.
    Raises Cancelled when the caller no longer wants the answer.
    """

    def __call__(self, fraction: float, note: str = "", partial: Result | None = None) -> None: ...


def silent(fraction: float, note: str = "", partial: Result | None = None) -> None:
    """The monitor that listens to nothing."""


class Cancelled(Exception):
    """Raised inside a monitor call; `partial` is what had been computed, or None."""

    def __init__(self, partial: Result | None = None) -> None:
        super().__init__("cancelled")
        self.partial = partial


class Interrupted(Cancelled):
    """Work that ended without being asked to, because the machines that did it are gone; `reason` says how."""

    def __init__(self, reason: str, partial: Result | None = None) -> None:
        super().__init__(partial)
        self.args = (reason,)
        self.reason = reason
