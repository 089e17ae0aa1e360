"""What the session keeps of the fitting view beside its runs: measured data, marks, bounds, starts, weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smtj_engine.measured import Measurement
    from smtj_gui.views.fitting import FittingView

#: Larger curves stay in their files.
_MOST = 100_000


class FittingMemory:
    """Packs and unpacks it for one view."""

    def __init__(self, view: FittingView) -> None:
        self._view = view
        self._packed: tuple[Measurement, dict[str, Any]] | None = None     # packed once, written after each edit

    def note(self) -> tuple[str, ...]:
        """What the user is to know about the data in use."""
        large = self._view.measurement is not None and self._view.measurement.values.size > _MOST
        return (f"More than {_MOST:,} points are not kept in the session, only in their file.",) if large else ()

    def remembered(self) -> dict[str, Any]:
        """Everything as values that JSON knows, nothing without data."""
        data = self._view.measurement
        if data is None or data.values.size > _MOST:
            return {}
        if self._packed is None or self._packed[0] is not data:
            from smtj_engine.measured import to_plain

            self._packed = data, to_plain(data)
        return {"data": self._packed[1], "table": self._view.table.remembered(),
                "weights": self._view.weights.currentData()}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take back what `remembered` gave. A file may say anything: what makes no sense is told and left out."""
        view = self._view
        if not memory:
            if view.measurement is not None:
                view.forget()
            return
        from smtj_engine.measured import from_plain

        try:
            view.set_measurement(from_plain(memory["data"]))
            view.table.recall(memory["table"])
            view.weights.setCurrentIndex(max(0, view.weights.findData(memory.get("weights"))))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            view.failed.emit(f"The measured data of the session could not be read: {error}.", "")
