"""A step that is taken back takes its time back: from the waitlist, too, while a hand may slip."""

import datetime as dt

from django.utils import timezone

from appointments.locks import lock_freed_times_of
from appointments.models import Appointment, FreedTime, Hold, WaitlistOffer
from appointments.rules.undo import UNDO_CANCELLATION
from appointments.rules.waitlist import Why
from appointments.services.sweeping import release

from .ending import end_offers
from .offering import close


def take_back(visit: Appointment, start: dt.datetime, end: dt.datetime) -> None:
    """Close what the visit, which is locked with its resources, gave back of this time; it is about to have it again.

    An offer of it that stands is taken back, if the time was freed in the last two minutes. Later it is left to whoever
    was asked, and the visit finds the time held.
    """
    for freed in lock_freed_times_of(visit.pk):
        if freed.starts_at >= end or freed.ends_at <= start:
            continue
        live = list(WaitlistOffer.objects.filter(freed_time=freed, state=WaitlistOffer.State.OFFERED))
        if live and timezone.now() - freed.created_at > UNDO_CANCELLATION:
            continue
        end_offers([offer.pk for offer in live], WaitlistOffer.State.WITHDRAWN, why=Why.UNDONE)
        for hold in Hold.objects.filter(freed_time=freed):
            release(hold)
        close(freed, FreedTime.State.TAKEN)
