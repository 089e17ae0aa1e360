"""Which packages of the system the window needs, and what to say when one is missing."""

from __future__ import annotations

import re

from smtj_engine.files import resources

_MISSING = re.compile(r"(lib[\w.+-]*\.so[.\d]*): cannot open shared object file")


def packages() -> dict[str, str]:
    """Debian package to the library that it brings ("" where it brings no library of the window)."""
    lines = [line.split() for line in resources.text("debian-packages.txt").splitlines()
             if line and not line.startswith("#")]
    return {words[0]: words[1] if len(words) > 1 else "" for words in lines}


def missing_library(error: str) -> str:
    """One sentence on what a loader or Qt said, with the package that helps; "" when no library is missing.

    Qt tries several plugins, each with libraries of its own, so a library that the window needs comes first.
    """
    brings = {library: package for package, library in packages().items() if library}
    found = sorted(_MISSING.findall(error), key=lambda library: library not in brings)
    if found:
        return (f"the system library {found[0]} is missing; on Debian or Ubuntu install "
                f"{brings.get(found[0]) or ' '.join(brings.values())}")
    if "xcb" in error:
        return f"Qt cannot reach the display; on Debian or Ubuntu install {' '.join(brings.values())}"
    return ""
