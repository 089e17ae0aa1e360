"""Named starting points: materials, and the figures of the Letter, from resources/presets/*.toml."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator

from smtj_engine.files import FileError, resources, setups
from smtj_engine.parameters import Setup
from smtj_engine.schema import spec_at, value_at

#: The groups of the preset chooser, in its order.
GROUPS = ("Materials", "Figures of the Letter", "Comparisons and origins", "Detection and control")
#: The preset that the program starts with.
DEFAULT = "fe_mgo"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preset:
    """A named setup. `run` is the analysis (a key of ANALYSES) that shows what it is for, "" for none; `shows` is
    the variable of its result that is meant, where a view has several pages; `sources` says for each number of the
    file where it comes from: (path, words)."""

    key: str
    title: str
    description: str
    group: str
    setup: Setup
    run: str = ""
    shows: str = ""
    sources: tuple[tuple[str, str], ...] = ()

    @property
    def tooltip(self) -> str:
        """The description, then one line for each parameter of the junction and the magnet with its source."""
        lines = [f"{spec_at(self.setup, path).symbol} = {value_at(self.setup, path):g}"
                 f"{' ' if spec_at(self.setup, path).unit else ': '}{words}" for path, words in self.sources
                 if path.startswith(("junction.", "magnet."))]
        return "\n".join([self.description, "", *lines] if lines else [self.description])


def names() -> list[str]:
    """The keys of all presets: materials first, led by the default, then the figures in their order."""
    keys = resources.names("presets", ".toml")
    return sorted(keys, key=lambda key: (GROUPS.index(load(key).group), key != DEFAULT, key))


@functools.cache
def load(key: str) -> Preset:
    """One preset by its key; KeyError if there is none of this name."""
    if key not in resources.names("presets", ".toml"):
        raise KeyError(key)
    name = f"presets/{key}.toml"
    return parse(key, resources.text(name), name)


def parse(key: str, text: str, source: str) -> Preset:
    """A preset from its TOML text: a setup with a [preset] table on top; FileError if it is not one."""
    table = setups.parse(text, source)
    about = table.pop("preset", {})
    unknown = set(about) - {"title", "description", "group", "run", "shows"}
    if unknown or not {"title", "group"} <= set(about) or about["group"] not in GROUPS:
        raise FileError(source, "a preset needs a [preset] table with a title, a group "
                                f"({' or '.join(GROUPS)}), a description, and nothing unknown")
    return Preset(key=key, setup=setups.from_table(table, source), sources=tuple(_sources(text)),
                  **{"description": "", **{name: str(value) for name, value in about.items()}})


def _sources(text: str) -> Iterator[tuple[str, str]]:
    """(path, comment) of every line `name = value # comment`."""
    section = ""
    for line in text.splitlines():
        if head := re.match(r"\[([\w.]+)\]", line):
            section = head[1]
        elif (found := re.match(r"(\w+) = [^#]*# *(.+)", line)) and section != "preset":
            yield f"{section}.{found[1]}", found[2]
