"""The demo: everything that the contract lists, true under every check, full at any hour, and written once."""

import datetime as dt
import io

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone
from oauth2_provider.models import Application

from appointments.models import Appointment, Status
from appointments.queries.availability import Wanted, free_time
from mediconnect.accounts.models import User
from mediconnect.operations.demo import fill
from mediconnect.operations.demo.cast import PLACES
from mediconnect.operations.demo.names import people
from mediconnect.operations.verifying import broken
from patients.models import ContactPoint, Dependant, Patient
from providers.models import AppointmentType, Clinic, Device, Membership, PractitionerRole, Provider, Role, WorkingHours

pytestmark = pytest.mark.django_db


def sign_ins() -> list[str]:
    names = [
        "admin",
        "frontdesk",
        "manager",
        *(f"dr{n}" for n in range(1, 13)),
        *(f"patient{n}" for n in range(1, 301)),
    ]
    return [f"{name}@demo.example" for name in names]


def check_people() -> None:
    users = {user.email: user for user in User.objects.all()}
    assert sorted(users) == sorted(sign_ins())
    assert all(user.second_factor_exempt and user.email_verified_at and user.is_active for user in users.values())
    assert all(check_password("mediconnect-demo", users[name].password) for name in (sign_ins()[0], sign_ins()[-1]))
    assert [user.email for user in users.values() if user.is_superuser] == ["admin@demo.example"]
    roles = Membership.objects.values_list("user__email", "role")
    assert list(roles.filter(role=Role.FRONT_DESK)) == [("frontdesk@demo.example", "front_desk")]
    assert list(roles.filter(role=Role.CLINIC_ADMIN)) == [("manager@demo.example", "clinic_admin")] * 3
    assert all(provider.user.email.startswith("dr") for provider in Provider.objects.select_related("user"))
    assert ContactPoint.objects.filter(system="phone").values("value_index").distinct().count() == 300
    assert Dependant.objects.count() == 7
    assert Patient.objects.filter(language__in=["ar", "he", "ur"]).count() > 20


def check_places() -> None:
    assert (Clinic.objects.count(), Provider.objects.count(), Patient.objects.count()) == (3, 12, 300)
    assert {clinic.timezone: clinic.region for clinic in Clinic.objects.all()} == {
        "America/New_York": "US-NY",
        "Europe/London": "GB-ENG",
        "Asia/Kolkata": "IN",
    }
    two_clinics = PractitionerRole.objects.values_list("provider", flat=True)
    assert len(two_clinics) - len(set(two_clinics)) == 2
    assert WorkingHours.objects.exclude(rrule="").count() == 1
    assert Device.objects.count() == 3
    for clinic in Clinic.objects.all():
        kinds = AppointmentType.objects.filter(clinic=clinic)
        assert 5 <= kinds.count() <= 7
        assert kinds.filter(capacity__gt=1).count() == 1
        assert kinds.exclude(room_kind="").exclude(device_kind="").count() == 1
        assert kinds.filter(bookable_online=False).count() == 1
        assert kinds.exclude(daily_limit=None).count() == 1
    assert Application.objects.get(client_id="mediconnect-demo").client_type == "public"


def check_calendar(now: dt.datetime) -> None:
    for clinic in Clinic.objects.all():
        midnight = now.astimezone(clinic.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        visits = Appointment.objects.filter(clinic=clinic)
        today = visits.filter(starts_at__gte=midnight, starts_at__lt=midnight + dt.timedelta(days=1))
        if today.count() >= 20:  # a weekend or holiday has few
            assert set(today.values_list("status", flat=True)) == set(Status.values)
        assert today.exists() or midnight.weekday() in {5, 6}
        assert visits.filter(starts_at__lt=midnight - dt.timedelta(days=9)).exists()
        assert visits.filter(starts_at__gt=midnight + dt.timedelta(days=9)).exists()
        over = visits.filter(starts_at__lt=midnight)
        assert set(over.values_list("status", flat=True)) == {"completed", "no_show", "cancelled"}


def check_free_times(now: dt.datetime) -> None:
    for clinic in Clinic.objects.all():
        kind = AppointmentType.objects.get(clinic=clinic, name="Consultation")
        for ahead in (1, 60, 88):  # a holiday or two may lie in between, not four days long
            since = now + dt.timedelta(days=ahead)
            wanted = Wanted(kind.pk, since, since + dt.timedelta(days=4), None, by_patient=True)
            assert free_time(wanted, limit=10).starts, f"nobody could book in {clinic.name} {ahead} days ahead"


def test_the_demo_is_all_that_the_contract_lists_and_keeps_every_promise() -> None:
    out = io.StringIO()
    with override_settings(DEBUG=True):
        call_command("demo", stdout=out)
    assert out.getvalue().startswith("Demo data written")
    now = timezone.now()
    check_people()
    check_places()
    check_calendar(now)
    check_free_times(now)
    assert broken() == []
    again = fill()
    assert (again.built, again.visits) == (False, 0)


def test_a_demo_of_last_week_is_brought_up_to_today() -> None:
    # Filled on a Sunday in the middle of the night, looked at the Tuesday nine days later.
    sunday = timezone.now().replace(hour=3, minute=0, second=0, microsecond=0)
    sunday -= dt.timedelta(days=(sunday.weekday() + 1) % 7 + 7)
    assert fill(sunday).built
    newest = Appointment.objects.latest("starts_at").starts_at
    later = fill(sunday + dt.timedelta(days=9))
    assert not later.built
    assert later.visits > 0
    assert Appointment.objects.latest("starts_at").starts_at > newest
    assert broken() == []


def test_the_same_people_live_there_on_every_machine() -> None:
    today = dt.date(2026, 11, 24)
    persons = list(people(today))
    assert persons == list(people(today))
    assert [person.number for person in persons] == list(range(1, 301))
    assert sum(place.patients for place in PLACES) == 300
    assert len({person.phone for person in persons}) == 300


@pytest.mark.parametrize("command", ["demo", "generate --providers 1 --patients 1 --appointments 1"])
def test_where_debug_is_off_nothing_is_invented(command: str) -> None:
    with override_settings(DEBUG=False), pytest.raises(CommandError, match="DEBUG is off"):
        call_command(*command.split())
    assert not Clinic.objects.exists()
