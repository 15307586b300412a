"""Other programs of the clinic: one that is told of visits, and one that reads a provider's calendar."""

from django.utils import timezone

from appointments.models import CalendarFeed
from mediconnect.outbox.models import Fact
from notifications.models import Hook, HookCall
from tests.browser.clinic_day import ClinicDay
from tests.notifications.hooked import hook_to


def calls_of_a_day(day: ClinicDay) -> Hook:
    """Return a webhook with a call of each outcome."""
    hook = hook_to(
        day.clinic, "https://receiver.example.org/hooks?token=4f2a", name="Billing of Khan", host="receiver.example.org"
    )
    ping = {"hook": hook, "event": "ping", "body": {"type": "ping"}, "attempts": 1, "last_milliseconds": 84}
    visit = day.visits["booked"]
    fact = Fact.objects.create(name="appointments.AppointmentBooked", aggregate_id=visit.pk, args={})
    booked = ping | {"event": "booked", "fact": fact, "visit": visit}
    now = timezone.now()
    HookCall.objects.bulk_create(
        [
            HookCall(**ping, state="delivered", delivered_at=now, last_status=204),
            HookCall(**ping, state="waiting", reason="retry", last_error="timeout-read", due_at=now),
            HookCall(**booked, state="dead", reason="attempts-used-up", last_error="http-500", last_status=500),
            HookCall(**ping, state="discarded", reason="too-old"),
        ]
    )
    return hook


def feed_of_a_day(day: ClinicDay) -> CalendarFeed:
    """Return an address at which the first provider's calendar is read, with names."""
    feed: CalendarFeed = CalendarFeed.objects.create(
        provider=day.providers[0], name="Phone of Khan", secret_hash="0" * 64, names_patients=True, created_by=day.admin
    )
    return feed
