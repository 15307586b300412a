"""Notice when a service stops telling what became of messages: its callbacks get lost, and every message stays “sent”."""

import logging
from typing import Final

from django.db import connection

from notifications.models import Progress

log = logging.getLogger(__name__)

LEAST: Final = 20
"""Messages of a day; fewer may all be to phones that are off."""

_PREFIX: Final = "no callbacks of "

# Heard of within an hour is usual; a day back is enough to notice, and little to read.
_HEARD: Final = """
SELECT via, count(*) FILTER (WHERE state = 'sent'),
       count(*) FILTER (WHERE state IN ('delivered', 'undelivered', 'discarded'))
FROM notifications_message
WHERE created_at > statement_timestamp() - interval '3 days' AND via IN ('twilio', 'sendgrid')
  AND sent_at BETWEEN statement_timestamp() - interval '1 day' AND statement_timestamp() - interval '1 hour'
GROUP BY via
"""


def check_callbacks() -> list[str]:
    """Look at what each service told of the last day's messages; return those that told nothing of twenty or more.

    Kept in `Progress`, for pages, and logged as an error. A service is silent where its callbacks do not reach us: another
    address than `PUBLIC_URL`, a key that changed, a firewall.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HEARD)
        unheard = {via: count for via, count, heard in cursor.fetchall() if not heard and count >= LEAST}
    silent = sorted(unheard)
    Progress.objects.filter(name__startswith=_PREFIX).exclude(name__in=map(_name, silent)).delete()
    for via in silent:
        Progress.objects.update_or_create(name=_name(via), defaults={"rows": unheard[via]})
        log.error("%s told nothing of the %s messages that it took in the last day", via, unheard[via])
    return silent


def silent_services() -> list[str]:
    """Return the services that were silent when it was last looked at."""
    names = Progress.objects.filter(name__startswith=_PREFIX).order_by("name").values_list("name", flat=True)
    return [name.removeprefix(_PREFIX) for name in names]


def _name(via: str) -> str:
    return f"{_PREFIX}{via}"
