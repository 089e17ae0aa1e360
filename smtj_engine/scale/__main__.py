"""`python -m smtj_engine.scale ADDRESS` says whether runs can be sent to a cluster; status 1 if not."""

from __future__ import annotations

import sys

from smtj_engine.scale.cluster import ClusterError, describe


def main(address: str) -> int:
    """Say what is at an address, or why it cannot be used."""
    try:
        print(describe(address))
    except ClusterError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
