"""How often a test tries: few rounds in every run, the figures of docs/reliability in a full one."""

import os


def rounds(*, quick: int, full: int) -> int:
    """Return `full` under `./dev test --full`, else `quick`."""
    return full if os.environ.get("MEDICONNECT_FULL") else quick
