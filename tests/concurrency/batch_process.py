"""A worker in a process of its own that dies in the middle of a batch: `python -m tests.concurrency.batch_process 20 after`."""

import os
import signal
import sys
import uuid

import django


def main(number: int, moment: str) -> None:
    """Work what is due; before or after the tick of so many visits, be killed as `kill -9` does it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mediconnect.settings"
    django.setup()
    from appointments.services.batches import working  # noqa: PLC0415
    from appointments.services.batches.finishing import finish_item  # noqa: PLC0415
    from mediconnect.outbox.services.relaying import relay  # noqa: PLC0415

    tick, ticked = finish_item, 0

    def die_at(*, item_id: uuid.UUID, refusal: str = "") -> None:
        nonlocal ticked
        ticked += 1
        if ticked == number and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        tick(item_id=item_id, refusal=refusal)
        if ticked == number:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(working, "finish_item", die_at)  # noqa: B010  # by its name: the module does not export it
    relay()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
