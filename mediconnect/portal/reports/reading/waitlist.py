"""What the waitlist did: times that were freed and filled, offers and answers, and days that people came sooner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .asking import Asked

# By the day on which an offer was made; what one freed time led to counts on the day on which it was freed.
_OFFERS: Final = """
SELECT grouping(kind.id), coalesce(kind.name, ''), count(*),
       count(*) FILTER (WHERE offer.state = 'accepted'), count(*) FILTER (WHERE offer.state = 'declined'),
       count(*) FILTER (WHERE offer.state = 'expired'), count(*) FILTER (WHERE offer.state = 'overtaken'),
       count(*) FILTER (WHERE offer.state = 'withdrawn'), count(*) FILTER (WHERE offer.state = 'offered'),
       count(*) FILTER (WHERE offer.too_late_at IS NOT NULL),
       coalesce(sum(offer.days_won) FILTER (WHERE offer.state = 'accepted'), 0),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY offer.days_won) FILTER (WHERE offer.state = 'accepted' AND offer.days_won IS NOT NULL)
FROM appointments_waitlistoffer AS offer
JOIN appointments_waitlistentry AS wish ON wish.id = offer.entry_id
JOIN providers_appointmenttype AS kind ON kind.id = wish.appointment_type_id
WHERE wish.clinic_id = %(clinic)s AND offer.made_at >= %(from)s AND offer.made_at < %(until)s
  AND (%(provider)s::uuid IS NULL OR offer.provider_id = %(provider)s)
GROUP BY GROUPING SETS ((kind.id, kind.name), ())
ORDER BY 1, 2, kind.id
"""
_TIMES: Final = """
SELECT count(*), count(*) FILTER (WHERE freed.state = 'filled'), count(*) FILTER (WHERE freed.state = 'taken'),
       count(*) FILTER (WHERE freed.state = 'over'), count(*) FILTER (WHERE freed.state = 'open'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM freed.closed_at - freed.created_at) / 60)
           FILTER (WHERE freed.state = 'filled')
FROM appointments_freedtime AS freed
WHERE freed.clinic_id = %(clinic)s AND freed.created_at >= %(from)s AND freed.created_at < %(until)s
  AND (%(provider)s::uuid IS NULL OR freed.provider_id = %(provider)s)
"""


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers of one type of visit, or of all, and what became of them.

    `too_late` are those to which somebody said yes after they had ended. `days_won` are days sooner than the visits that were
    moved; their median is None where none was.
    """

    name: str
    made: int
    accepted: int
    declined: int
    expired: int
    overtaken: int
    withdrawn: int
    standing: int
    too_late: int
    days_won: int
    median_days: int | None


@dataclass(frozen=True, slots=True)
class FreedTimes:
    """Times that were freed and what became of them; `minutes` is the median from freeing to filling."""

    freed: int
    filled: int
    taken: int
    over: int
    open: int
    minutes: float | None


@dataclass(frozen=True, slots=True)
class WaitlistFigures:
    """The offers by type of visit and in all, and the freed times."""

    types: Sequence[Offers]
    total: Offers
    times: FreedTimes


def waitlist_of(asked: Asked) -> WaitlistFigures:
    """Return what the waitlist did in the days asked for; two statements."""
    types, total = list[Offers](), list[Offers]()
    for in_all, *values in asked.rows(_OFFERS):
        (total if in_all else types).append(Offers(*values))
    (times,) = asked.rows(_TIMES)
    return WaitlistFigures(types, total[0], FreedTimes(*times))
