"""All benchmarks in one table: `python -m tests.benchmarks [PART …]`; the parts are in PARTS.

`python -m tests.benchmarks short [--store]` is the short one that CI runs (short_bench.py).
"""

from __future__ import annotations

import importlib
import sys
import time

from smtj_engine import information

PARTS = ("transport", "dynamics", "diode", "growth", "cluster", "window")


def main(wanted: list[str]) -> int:
    """Print the machine, then each part's lines as they come."""
    if wanted[:1] == ["short"] and set(wanted[1:]) <= {"--store"}:
        from tests.benchmarks import short_bench

        return short_bench.main(store="--store" in wanted)
    if unknown := set(wanted) - set(PARTS):
        print(f"There is no benchmark called {', '.join(sorted(unknown))}; there are "
              f"{', '.join(PARTS)}, and short [--store].",
              file=sys.stderr)
        return 2
    print(f"{time.strftime('%Y-%m-%d')}, {information.processor()}\n")
    for part in wanted or PARTS:
        print(f"{part}:", flush=True)
        for figure in importlib.import_module(f"tests.benchmarks.{part}_bench").table():
            print(figure, flush=True)
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
