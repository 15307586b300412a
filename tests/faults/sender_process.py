"""A sender in a process of its own, for the tests that kill it: `python -m tests.faults.sender_process`."""

import os
import signal

import django

_LEASE_SECONDS = 12
"""Much longer than a call takes here, as 45 s are much longer than one may take out there; and short enough to wait for."""


def main() -> None:
    """Send what is due until told to stop, with short leases; die of the message that POISON names, if any."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mediconnect.settings"
    django.setup()
    from notifications.locks import messages  # noqa: PLC0415
    from notifications.services.sending import carrying, turning  # noqa: PLC0415
    from notifications.services.sending.carrying import Outcome  # noqa: PLC0415
    from notifications.services.sending.claiming import Call  # noqa: PLC0415

    messages.LEASE_SECONDS = _LEASE_SECONDS  # type: ignore[misc]
    poison, send = os.environ.get("POISON", ""), carrying._send

    def deadly(call: Call) -> Outcome:
        if str(call.message_id) == poison:
            os.kill(os.getpid(), signal.SIGKILL)
        return send(call)

    carrying._send = deadly
    while turning.send_due(seconds=5.0) or os.environ.get("FOREVER"):
        pass


if __name__ == "__main__":
    main()
