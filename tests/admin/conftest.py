"""A place with one row of each kind of record, and two administrators: of everything, and of one clinic."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from appointments.models import (
    Appointment,
    CalendarFeed,
    DisplacedVisit,
    Displacement,
    FreedTime,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistPass,
    WaitlistPolicy,
)
from appointments.services.booking import book_appointment
from appointments.services.holding import place_hold
from appointments.services.series.booking import SeriesBooking, book_series
from mediconnect.accounts.models import User
from mediconnect.operations.models import ExportRun, ImportRow, ImportRun, VerifyRun
from mediconnect.resilience.models import BreakerOverride
from notifications.models import (
    AddressStanding,
    HookCall,
    HookEvent,
    MessageEvent,
    MessagePolicy,
    Progress,
    Template,
    TypeReminders,
)
from patients.models import Merge, Patient
from providers.models import (
    Closure,
    Device,
    Membership,
    OneOffHours,
    OverbookingBudget,
    PractitionerRole,
    Role,
    TimeOff,
    TypeOverride,
    WorkingHours,
)
from tests.admin.many import ask_many
from tests.appointments.conftest import SmallClinic, add_room, small_clinic
from tests.factories import (
    ContactPointFactory,
    DependantFactory,
    MessageFactory,
    ReminderFactory,
    ReplyFactory,
    UserFactory,
)
from tests.notifications.hooked import hook_to

CANARY = '"><svg onload=alert(1)>'


@dataclass
class World:
    """The small clinic, filled: `visit` is its first patient's."""

    place: SmallClinic
    visit: Appointment

    @property
    def patient(self) -> Patient:
        return self.place.patients[0]


def fill(place: SmallClinic) -> World:
    """Give the clinic one row of each kind, with a name in it that a page must not take for markup."""
    clinic, provider, kind = place.clinic, place.provider, place.kind
    Patient.objects.filter(pk=place.patients[0].pk).update(given_name=CANARY)
    type(clinic).objects.filter(pk=clinic.pk).update(address=CANARY)
    ContactPointFactory.create(patient=place.patients[0])
    DependantFactory.create(guardian=place.patients[0], patient=place.patients[1])
    add_room(place, name=CANARY)
    Device.objects.create(name=CANARY, clinic=clinic, category="ultrasound")
    OverbookingBudget.objects.create(clinic=clinic, role=Role.PROVIDER, per_day=3)
    decided = {"state": "automatic", "reason": CANARY, "at": timezone.now()}
    BreakerOverride.objects.update_or_create(name="twilio", defaults=decided)
    TypeOverride.objects.create(provider=provider, appointment_type=kind, duration=45)
    today = timezone.now().date()
    hours = {"resource": provider, "clinic": clinic, "start_time": dt.time(9), "end_time": dt.time(17)}
    WorkingHours.objects.create(weekday=0, valid_from=today, **hours)
    OneOffHours.objects.create(date=today, **hours)
    away = {"starts_at": timezone.now() + dt.timedelta(days=300), "ends_at": timezone.now() + dt.timedelta(days=301)}
    Closure.objects.create(clinic=clinic, reason=CANARY, **away)
    time_off = TimeOff.objects.create(resource=provider, reason=CANARY, **away)
    visit, _ = book_appointment(place.booking(place.at(9), reason=CANARY), caller=place.staff)
    place_hold(appointment_type_id=kind.pk, provider_id=provider.pk, start=place.at(15), caller=place.staff)
    series = SeriesBooking(
        kind.pk, provider.pk, place.patients[0].pk, "FREQ=WEEKLY;COUNT=2", place.at(13, days=5).date(), dt.time(13)
    )
    book_series(series, caller=place.staff)
    ask_many(place, visit, CANARY)
    group = type(kind).objects.create(clinic=clinic, name="Group", capacity=4)
    book_appointment(place.booking(place.at(12), 1, appointment_type_id=group.pk), caller=place.staff)
    PractitionerRole.objects.filter(provider=provider).update(specialty=CANARY)
    tell_of(visit)
    displace(visit, time_off, place.desk)
    let_wait(visit)
    Merge.objects.create(kept=place.patients[0], gone=place.patients[1], merged_by=place.desk, undone_at=timezone.now())
    VerifyRun.objects.create(how="nightly", finished_at=timezone.now(), ok=True)
    run = ImportRun.objects.create(clinic=clinic, kind="patients", file_name=CANARY, header=f'["{CANARY}"]', total=1)
    ImportRow.objects.create(run=run, number=2, cells=CANARY)
    ExportRun.objects.create(clinic=clinic, kind="patients", form="csv", rows=1)
    return World(place, visit)


def displace(visit: Appointment, time_off: TimeOff, by: User) -> None:
    """Write what time off once displaced, and what became of it."""
    displacement = Displacement.objects.create(clinic=visit.clinic, time_off=time_off, created_by=by)
    DisplacedVisit.objects.create(
        displacement=displacement,
        appointment=visit,
        was_provider=visit.provider,
        appointment_type=visit.appointment_type,
        was_starts_at=visit.starts_at,
        was_ends_at=visit.ends_at,
        state="restored",
        call_outcome=CANARY,
    )


def let_wait(visit: Appointment) -> None:
    """Write one row of everything about the waitlist: a wish, a time that was freed, who was asked, who was passed over."""
    start = visit.starts_at + dt.timedelta(days=1)
    freed = FreedTime.objects.create(
        clinic=visit.clinic,
        provider=visit.provider,
        starts_at=start,
        ends_at=start + dt.timedelta(minutes=30),
        cause="cancelled",
        offer_from=timezone.now(),
    )
    entry = WaitlistEntry.objects.create(
        clinic=visit.clinic,
        patient=visit.patient,
        appointment_type=visit.appointment_type,
        from_date=start.date(),
        until_date=start.date(),
        note=CANARY,
        joined_at=timezone.now(),
    )
    WaitlistOffer.objects.create(
        entry=entry,
        freed_time=freed,
        provider=visit.provider,
        starts_at=freed.starts_at,
        ends_at=freed.ends_at,
        state="declined",
        made_at=timezone.now(),
        expires_at=timezone.now(),
        ended_at=timezone.now(),
    )
    WaitlistPass.objects.create(entry=entry, freed_time=freed, why="notice")
    WaitlistPolicy.objects.create(clinic=visit.clinic)


def tell_of(visit: Appointment) -> None:
    """Write one row of everything about messages, with what people typed where they may type."""
    message = MessageFactory.create(visit=visit)
    MessageEvent.objects.create(message=message, what="discarded", note=CANARY)
    ReminderFactory.create(visit=visit)
    ReplyFactory.create(message=message, clinic=None, body=CANARY)
    AddressStanding.objects.create(channel="sms", address_index=str(visit.pk)[-12:], undeliverable_at=timezone.now())
    MessagePolicy.objects.create(clinic=visit.clinic)
    TypeReminders.objects.create(appointment_type=visit.appointment_type)
    words = {"kind": "booked", "channel": "sms", "language": "en", "body": CANARY}
    Template.objects.create(clinic=visit.clinic, **words)
    Progress.objects.get_or_create(name="reminders")
    CalendarFeed.objects.create(
        provider=visit.provider, name=CANARY, secret_hash=str(visit.pk), created_by=UserFactory.create()
    )
    hook = hook_to(visit.clinic, "https://receiver.example.org/hooks", name=CANARY)
    HookCall.objects.create(hook=hook, event=HookEvent.PING, body={"type": "ping"})


@pytest.fixture
def world(db: None) -> World:
    return fill(small_clinic())


@pytest.fixture
def elsewhere(db: None) -> World:
    """A second clinic with its own people."""
    return fill(small_clinic())


@pytest.fixture
def boss(client: Client) -> User:
    user = UserFactory.create(is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


def clerk_of(place: SmallClinic) -> User:
    """Return an administrator of one clinic: of a group that may everything with the records of the three apps."""
    apps = ("appointments", "patients", "providers", "records", "outbox")
    group, _ = Group.objects.get_or_create(name="clinic records")
    kinds = ContentType.objects.filter(app_label__in=apps)
    group.permissions.set(Permission.objects.filter(content_type__in=kinds))
    user = UserFactory.create(is_staff=True)
    user.groups.add(group)
    Membership.objects.create(user=user, clinic=place.clinic, role=Role.FRONT_DESK)
    return user


@pytest.fixture
def clerk(world: World, client: Client) -> User:
    user = clerk_of(world.place)
    client.force_login(user)
    return user
