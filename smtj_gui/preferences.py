"""What the user may choose about the program itself: kept in the settings, announced when it changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal

from smtj_gui.colours import SETS

#: Themes that may be chosen.
MODES = ("system", "light", "dark")
#: Sizes of the text in points; 0 is the system's.
SMALLEST, LARGEST = 7, 20
#: Seconds of rest after which edits are kept.
SHORTEST, LONGEST = 0.5, 600.0
#: The most threads that may be asked for; a machine with fewer processors uses those.
MOST_THREADS = 1024


@dataclass(frozen=True)
class Preference:
    """One choice: what it is at first, and what it may be."""

    default: bool | int | float | str
    allows: Callable[[Any], bool] = lambda value: True

    def read(self, stored: object) -> Any:
        """A stored value in its own type; the default where somebody has written nonsense into the file."""
        try:
            if isinstance(self.default, bool):
                value: Any = {"true": True, "false": False}[str(stored).lower()]
            else:
                value = type(self.default)(str(stored))
        except (KeyError, ValueError):
            return self.default
        return value if self.allows(value) else self.default


#: Every choice, by the name under which the settings keep it.
ALL: dict[str, Preference] = {
    "theme": Preference("system", MODES.__contains__),
    "text_pt": Preference(0, lambda size: size == 0 or SMALLEST <= size <= LARGEST),
    "colours": Preference(next(iter(SETS)), SETS.__contains__),
    "decimal_comma": Preference(False),
    "autosave": Preference(True),
    "rest_s": Preference(2.0, lambda seconds: SHORTEST <= seconds <= LONGEST),
    "threads": Preference(0, lambda count: 0 <= count <= MOST_THREADS),     # 0: one for each processor
    "cluster": Preference("", lambda address: not address or bool(
        re.fullmatch(r"(tcp|tls)://\S+:\d{1,5}|local:[1-9]\d{0,2}", address))),
}


class Preferences(QObject):
    """The choices in force."""

    changed = Signal(str)   # name of the choice

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._values = {name: each.read(settings.value(name, each.default)) for name, each in ALL.items()}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def choose(self, name: str, value: object) -> None:
        """Take a choice and remember it; ValueError for one that is not offered."""
        if not ALL[name].allows(value):
            raise ValueError(f"{name} cannot be {value!r}")
        if value != self._values[name]:
            self._values[name] = value
            self._settings.setValue(name, value)
            self.changed.emit(name)

    def reset(self) -> None:
        """Everything as on the first day."""
        for name, each in ALL.items():
            self.choose(name, each.default)
