"""A sender of webhooks in a process of its own, for the tests that kill it: `python -m tests.faults.hook_process`."""

import os

import django

_LEASE_SECONDS = 3
"""Longer than a call takes here, and short enough to wait for."""


def main() -> None:
    """Make the calls that are due until told to stop, with short leases."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mediconnect.settings"
    django.setup()
    from notifications.locks import hooks  # noqa: PLC0415
    from notifications.services.hooks import turning  # noqa: PLC0415

    hooks.LEASE_SECONDS = _LEASE_SECONDS  # type: ignore[misc]
    while True:
        turning.call_hooks(seconds=5.0)


if __name__ == "__main__":
    main()
