"""A worker in a process of its own that dies in the middle of an import: `python -m tests.concurrency.import_process 20 after`."""

import os
import signal
import sys
from dataclasses import replace
from typing import Any

import django


def main(number: int, moment: str) -> None:
    """Work the imports; before or after so many rows were written, be killed as `kill -9` does it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mediconnect.settings"
    django.setup()
    from mediconnect.operations.exchange.importing import take_turn  # noqa: PLC0415
    from mediconnect.operations.exchange.kinds import KINDS  # noqa: PLC0415

    kind, written = KINDS["visits"], 0

    def die_at(scene: Any, order: Any) -> Any:
        nonlocal written
        written += 1
        if written == number and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        record = kind.write(scene, order)
        if written == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return record

    KINDS["visits"] = replace(kind, write=die_at)
    take_turn()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
