"""What waits for a person of a clinic: replies that nobody answered, and messages that reached nobody before a visit."""

import datetime as dt
import uuid
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Literal

from django.db import connection

MOST: Final = 500
"""Messages that are read at most, soonest visit first: after an outage there may be thousands, and nobody counts on."""

# An offer or a proposal that reached nobody is a call to make, as long as it stands: whether it failed on its way, or there
# is nowhere to write to.
_NOT_TOLD: Final = "('no_address', 'no_consent', 'opted_out', 'address_fails')"

# A message that failed matters for each visit it told of that is ahead and stands as it was told, while nobody made it
# good: not the other channel, and not a later message about that visit. Visits told together begin within a day of each
# other, so the index on the first one's begin finds them all.
_WAITING: Final = f"""
SELECT 'reply', reply.id, ARRAY_REMOVE(ARRAY[reply.visit_id], NULL), '', '', reply.received_at
FROM notifications_reply AS reply
LEFT JOIN appointments_appointment AS visit ON visit.id = reply.visit_id
WHERE reply.clinic_id = %(clinic)s AND reply.state = 'open'
  AND (%(provider)s::uuid IS NULL OR visit.provider_id = %(provider)s)
UNION ALL
(SELECT 'message', message.id, array_agg(told.visit_id), message.channel, message.reason, min(told.starts_at)
 FROM notifications_message AS message
 CROSS JOIN LATERAL (
    SELECT message.visit_id, message.visit_starts_at AS starts_at
    UNION SELECT joined.visit_id, joined.visit_starts_at
    FROM notifications_reminder AS joined WHERE joined.message_id = message.id) AS told
 JOIN appointments_appointment AS visit ON visit.id = told.visit_id
 WHERE message.clinic_id = %(clinic)s AND message.state IN ('dead', 'undelivered')
   AND message.visit_starts_at > statement_timestamp() - interval '25 hours'
   AND told.starts_at > statement_timestamp()
   AND (%(provider)s::uuid IS NULL OR visit.provider_id = %(provider)s)
   AND (message.kind <> 'proposal' OR EXISTS (
        SELECT FROM appointments_displacedvisit AS asked WHERE asked.id = message.displaced_visit_id
        AND asked.state = 'asked' AND asked.expires_at > statement_timestamp()))
   AND CASE WHEN message.kind = 'cancelled' THEN visit.status = 'cancelled'
            ELSE visit.status IN ('booked', 'confirmed') AND visit.starts_at = told.starts_at END
   AND NOT EXISTS (SELECT FROM notifications_message AS other WHERE other.instead_of_id = message.id
                   AND other.state IN ('queued', 'waiting', 'sending', 'sent', 'delivered'))
   AND NOT EXISTS (SELECT FROM notifications_message AS later WHERE later.visit_id = told.visit_id
                   AND later.id > message.id AND later.state IN ('sent', 'delivered'))
   AND NOT EXISTS (SELECT FROM notifications_reminder AS along
                   JOIN notifications_message AS later ON later.id = along.message_id
                   WHERE along.visit_id = told.visit_id
                   AND later.id > message.id AND later.state IN ('sent', 'delivered'))
 GROUP BY message.id
 ORDER BY 6, message.id LIMIT %(most)s)
UNION ALL
SELECT 'message', message.id, ARRAY[]::uuid[], message.channel, message.reason, offer.expires_at
FROM appointments_waitlistoffer AS offer
JOIN appointments_waitlistentry AS entry ON entry.id = offer.entry_id AND entry.clinic_id = %(clinic)s
JOIN notifications_message AS message ON message.offer_id = offer.id AND message.kind = 'offer'
WHERE offer.state = 'offered' AND offer.expires_at > statement_timestamp()
  AND (message.state IN ('dead', 'undelivered') OR message.state = 'skipped' AND message.reason IN {_NOT_TOLD})
  AND (%(provider)s::uuid IS NULL OR offer.provider_id = %(provider)s)
  AND NOT EXISTS (SELECT FROM notifications_message AS other WHERE other.offer_id = offer.id AND other.kind = 'offer'
                  AND other.state IN ('queued', 'waiting', 'sending', 'sent', 'delivered'))
UNION ALL
SELECT 'message', message.id, ARRAY[visit.id], message.channel, message.reason, visit.starts_at
FROM appointments_displacedvisit AS asked
JOIN appointments_appointment AS visit ON visit.id = asked.appointment_id AND visit.clinic_id = %(clinic)s
JOIN notifications_message AS message ON message.displaced_visit_id = asked.id AND message.kind = 'proposal'
WHERE asked.state = 'asked' AND asked.expires_at > statement_timestamp()
  AND message.state = 'skipped' AND message.reason IN {_NOT_TOLD}
  AND (%(provider)s::uuid IS NULL OR visit.provider_id = %(provider)s)
  AND NOT EXISTS (SELECT FROM notifications_message AS other
                  WHERE other.displaced_visit_id = asked.id AND other.kind = 'proposal'
                  AND other.state IN ('queued', 'waiting', 'sending', 'sent', 'delivered'))
ORDER BY 6, 2
"""  # noqa: S608 - names of our own


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to do. `at` is when the reply came, or when the visit begins that the message was about.

    One that should have made an offer is about no visit; `at` is until when the offer stands.
    """

    what: Literal["reply", "message"]
    id: uuid.UUID
    visits: frozenset[uuid.UUID]
    channel: str
    reason: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Alerts:
    """All that waits at a clinic: replies, longest waiting first, and messages, soonest visit first."""

    replies: tuple[Alert, ...]
    messages: tuple[Alert, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.replies) + len(self.messages)

    @property
    def version(self) -> str:
        """Return what changes as soon as one comes or goes."""
        ids = b"".join(alert.id.bytes for alert in (*self.replies, *self.messages))
        return blake2b(ids, digest_size=8).hexdigest()

    @property
    def unreached(self) -> frozenset[uuid.UUID]:
        """The visits of which somebody was told nothing."""
        return frozenset().union(*(alert.visits for alert in self.messages))


def alerts_of(clinic_id: uuid.UUID, *, provider: uuid.UUID | None = None) -> Alerts:
    """Return what waits at a clinic, that of one calendar alone where `provider` is given. One statement, on two indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"clinic": clinic_id, "provider": provider, "most": MOST})
        rows = cursor.fetchall()
    found = [Alert(what, pk, frozenset(visits), channel, reason, at) for what, pk, visits, channel, reason, at in rows]
    replies, messages = ([alert for alert in found if alert.what == what] for what in ("reply", "message"))
    return Alerts(tuple(replies), tuple(messages))
