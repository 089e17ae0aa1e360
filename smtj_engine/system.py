"""Which packages of the system the window needs, and what to say when one is missing."""

from __future__ import annotations

import re

from smtj_engine.files import resources

_LIBRARY = re.compile(r"(lib[\w.+-]*\.so[.\d]*)")


def packages() -> dict[str, str]:
    """Debian package to the library that it brings ("" where it brings no library of the window)."""
    lines = [line.split() for line in resources.text("debian-packages.txt").splitlines()
             if line and not line.startswith("#")]
    return {words[0]: words[1] if len(words) > 1 else "" for words in lines}


def missing_library(error: str) -> str:
    """One sentence on a loader's error such as "libEGL.so.1: cannot open shared object file"; "" for others."""
    if "cannot open shared object file" not in error and "xcb" not in error:
        return ""
    found = _LIBRARY.search(error)
    needed = {package: library for package, library in packages().items() if library}
    if found is None:
        return f"Qt cannot reach the display; on Debian or Ubuntu install {' '.join(needed)}"
    brings = [package for package, library in needed.items() if library == found[1]] or list(needed)
    return f"the system library {found[1]} is missing; on Debian or Ubuntu install {' '.join(brings)}"
