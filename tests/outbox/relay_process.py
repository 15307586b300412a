"""A relay in a process of its own, for the tests that kill it: `python -m tests.outbox.relay_process`."""

import os

import django


def main() -> None:
    """Work what is due with the tests' listeners, once."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mediconnect.settings"
    django.setup()
    from django.conf import settings  # noqa: PLC0415

    from mediconnect.outbox.services.relaying import relay  # noqa: PLC0415

    settings.FACT_HANDLERS = "tests.outbox.listeners.HANDLERS"
    relay()


if __name__ == "__main__":
    main()
