"""The child process of `guard`: reads a suspicious HDF5 file and writes what it found anew, sealed.

Called as `python -m smtj_engine.files.trial FILE COPY`. Says "ready" when its libraries are loaded, "read"
when it has read the file, then one line of JSON: why the file is refused ("" if it is not), and warnings.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from smtj_engine.files import guard, results, session
from smtj_engine.files.errors import FileError

#: A damaged size must not take the whole memory (bytes).
_MOST_MEMORY = 8 << 30


def main(source: str, copy: str) -> None:
    """Read `source`, write `copy`, and say how it went."""
    _limit_memory()
    print(guard.READY, flush=True)
    refused, warnings = "", []
    try:
        if session.is_session(source):
            found = session.read(source)
            print(guard.DONE, flush=True)
            session.save(found.session, copy)
            warnings = found.warnings
        else:
            result = results.read(source)
            print(guard.DONE, flush=True)
            results.save(result, copy)
    except FileError as error:
        refused = error.reason
    except Exception as error:  # whatever a damaged file makes a library do, it is refused with a sentence
        refused = f"the file is damaged or not of this program ({type(error).__name__}: {error})"
    print(json.dumps({"refused": refused, "warnings": warnings}), flush=True)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    main(str(Path(sys.argv[1])), str(Path(sys.argv[2])))
