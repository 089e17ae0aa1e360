"""Named starting points: materials, and the figures of the Letter, from resources/presets/*.toml."""

from __future__ import annotations

import dataclasses
import functools

from smtj_engine.files import FileError, resources, setups
from smtj_engine.parameters import Setup

#: The groups of the preset chooser, in its order.
GROUPS = ("Materials", "Figures of the Letter")
#: The preset that the program starts with.
DEFAULT = "fe_mgo"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preset:
    """A named setup. `run` is the analysis (a key of ANALYSES) that shows what it is for, "" for none; `shows` is
    the variable of its result that is meant, where a view has several pages."""

    key: str
    title: str
    description: str
    group: str
    setup: Setup
    run: str = ""
    shows: str = ""


def names() -> list[str]:
    """The keys of all presets: materials first, then the figures in their order."""
    keys = resources.names("presets", ".toml")
    return sorted(keys, key=lambda key: (GROUPS.index(load(key).group), key))


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
    return Preset(key=key, setup=setups.from_table(table, source),
                  **{"description": "", **{name: str(value) for name, value in about.items()}})
