"""A worker in a process of its own that dies while it offers a freed time: `python -m tests.concurrency.waitlist_process after`."""

import os
import signal
import sys
from typing import Any

import django


def main(moment: str) -> None:
    """Work what is due; before an offer is made, or when it is written and not committed, be killed as `kill -9` does it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mediconnect.settings"
    django.setup()
    from appointments.services.waitlist import offering  # noqa: PLC0415
    from mediconnect.outbox.services.relaying import relay  # noqa: PLC0415

    ask = offering.offer_next

    def die(*words: Any) -> None:
        if moment == "after":
            ask(*words)
        os.kill(os.getpid(), signal.SIGKILL)

    offering.offer_next = die  # type: ignore[assignment]
    relay()


if __name__ == "__main__":
    main(sys.argv[1])
