"""Load-test data: exactly as much as was asked for, true under every check, with every guard back at its post."""

import datetime as dt
import io
import math
import re
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from appointments.models import Appointment, Claim
from appointments.queries.availability import Wanted, free_time
from appointments.services.booking import Booking, Caller, book_appointment
from mediconnect.accounts.models import User
from mediconnect.operations.generating import Size, TooDense, generate
from mediconnect.operations.generating.lightening import lightened
from mediconnect.operations.generating.running import TABLES
from mediconnect.operations.generating.sizing import SLOTS, cells
from mediconnect.operations.verifying import broken
from patients.models import Patient, Registration
from providers.models import AppointmentType, Clinic, Provider

SMALL = Size(providers=7, patients=50, appointments=900, clinics=3)

sizes = st.builds(
    Size,
    providers=st.integers(1, 60),
    patients=st.integers(60, 400),
    appointments=st.integers(0, 3_000),
    clinics=st.one_of(st.none(), st.integers(1, 70)),
)


def guards() -> list[tuple[str, str]]:
    """Everything that guards the tables. PostgreSQL spells casts anew each time it reads its own text, so they are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE conrelid = ANY (%(tables)s::regclass[])
            UNION ALL
            SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
            WHERE indrelid = ANY (%(tables)s::regclass[])
            UNION ALL
            SELECT tgname, pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger
            WHERE tgrelid = ANY (%(tables)s::regclass[]) AND NOT tgisinternal
            """,
            {"tables": list(TABLES)},
        )
        return sorted((name, re.sub(r"::[a-z ]+(\[\])?|[()\s]", "", text)) for name, text in cursor.fetchall())


@given(sizes)
def test_shares_add_up_and_no_two_visits_share_a_place_or_a_person(size: Size) -> None:
    shares = size.shares()
    assert sum(share.providers for share in shares) == size.providers
    assert sum(share.patients for share in shares) == size.patients
    assert sum(share.appointments for share in shares) == size.appointments
    for share in shares:
        assert 1 <= share.providers <= share.patients
        found = list(cells(share, size.workdays))
        assert len(found) == share.appointments
        times = Counter((cell.day, cell.slot, cell.provider) for cell in found)
        persons = Counter((cell.day, cell.slot, cell.patient) for cell in found)
        assert not found or max(times.values()) == max(persons.values()) == 1
        assert all(cell.day < size.workdays and cell.slot < SLOTS and cell.provider < share.providers for cell in found)


@pytest.mark.parametrize(
    "size",
    [Size(0, 1, 1), Size(1, 0, 1), Size(5, 4, 1), Size(1, 1, 1_000_000), Size(1, 1, 1, clinics=0), Size(1, 1, -1)],
)
def test_a_size_that_cannot_be_had_is_refused(size: Size) -> None:
    with pytest.raises(TooDense):
        size.check()


@pytest.mark.django_db
def test_as_much_as_was_asked_for_under_every_promise() -> None:
    before = guards()
    generate(SMALL)
    assert guards() == before
    assert (Clinic.objects.count(), Provider.objects.count()) == (3, 7)
    assert (Patient.objects.count(), Registration.objects.count(), Appointment.objects.count()) == (50, 50, 900)
    assert broken() == []
    ahead = Appointment.objects.filter(starts_at__gt=timezone.now()).count()
    assert math.isclose(ahead, 450, abs_tol=110)  # half of the days, as whole numbers of days allow
    assert set(Appointment.objects.values_list("status", flat=True)) >= {
        "booked",
        "confirmed",
        "cancelled",
        "completed",
        "no_show",
    }
    claimed = Appointment.objects.filter(status__in=["booked", "confirmed", "completed", "in_progress"])
    assert Claim.objects.count() == claimed.count() + claimed.exclude(room=None).count()


@pytest.mark.django_db
def test_a_second_load_lies_beside_the_first_and_can_be_booked() -> None:
    generate(Size(providers=2, patients=5, appointments=40))
    generate(Size(providers=2, patients=5, appointments=40))
    assert (Clinic.objects.count(), Appointment.objects.count()) == (2, 80)
    kind = AppointmentType.objects.filter(name="Examination").first()
    assert kind is not None
    since = timezone.now() + dt.timedelta(days=1)
    free = free_time(Wanted(kind.pk, since, since + dt.timedelta(days=20), None, by_patient=True), limit=5)
    start, place, _ = free.starts[0]
    patient = Patient.objects.filter(registrations__clinic=kind.clinic_id).first()
    assert patient is not None
    booking = Booking(
        kind.pk, free.providers[place], patient.pk, dt.datetime.fromtimestamp(start * 60, dt.UTC), "staff"
    )
    book_appointment(booking, caller=Caller(User.objects.create_user("desk@example.org").pk, patients_own=False))
    assert broken() == []


@pytest.mark.django_db
def test_a_load_that_breaks_a_constraint_leaves_nothing() -> None:
    generate(Size(providers=1, patients=2, appointments=10))
    before = guards()
    twice = (
        "INSERT INTO appointments_claim (resource_id, during, appointment_id, exclusive) "
        "SELECT resource_id, during, appointment_id, true FROM appointments_claim"
    )
    refused = pytest.raises(IntegrityError, match="a_resource_is_claimed_once")
    with refused, transaction.atomic(), lightened(TABLES), connection.cursor() as cursor:
        cursor.execute(twice)
    assert guards() == before
    assert broken() == []


@pytest.mark.django_db
def test_the_command_tells_how_far_it_is() -> None:
    out = io.StringIO()
    call_command("generate", providers=2, patients=4, appointments=30, force=True, stdout=out)
    assert "Done: 30 visits" in out.getvalue()
    with override_settings(DEBUG=True), pytest.raises(CommandError, match="at least as many patients"):
        call_command("generate", providers=3, patients=2, appointments=5)
