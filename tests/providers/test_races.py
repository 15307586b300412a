"""Hours that shrink while a visit is booked in them: whoever comes second sees the first, and without the guards does not."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from django.db import close_old_connections, connection
from pytest_django import Settings

from appointments.errors import OutsideAvailability
from appointments.models import Appointment
from appointments.queries import visits_outside
from appointments.services import booking as booking_module
from appointments.services.booking import Booking, Caller, book_appointment
from mediconnect.errors import DomainError
from mediconnect.resilience.transactions import decide
from providers.errors import VisitsInTheWay
from providers.models import Clinic, Opening, Provider, Role, WorkingHours
from providers.ports import TouchedVisit
from providers.services import hours as hours_module
from providers.services.hours import change_working_hours
from tests.factories import (
    AppointmentTypeFactory,
    ClinicFactory,
    MembershipFactory,
    ProviderFactory,
    RegistrationFactory,
    UserFactory,
)
from tests.http import Api

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

LONG_ENOUGH = 1.0  # seconds that the edit holds its locks; a booking that does not wait is done by then
GUARD = "ALTER TABLE providers_opening {} TRIGGER openings_cover_their_visits"


class Meeting:
    """An edit that has looked for visits and pauses, so that a booking can come between looking and writing."""

    def __init__(self) -> None:
        self.looked, self.booked = threading.Event(), threading.Event()

    def look(self, *question: object) -> Sequence[TouchedVisit]:
        found = visits_outside(*question)  # type: ignore[arg-type]
        self.looked.set()
        self.booked.wait(LONG_ENOUGH)
        return found


MEETING = Meeting()


def paused_look(*question: object) -> Sequence[TouchedVisit]:
    return MEETING.look(*question)


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[Exception]]:
    refusals: list[Exception] = []

    def run() -> None:
        close_old_connections()
        try:
            work()
        except DomainError as error:
            refusals.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, refusals


@pytest.fixture
def scene(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[list[Exception], ...]]:
    """Return what lets an edit to noon and a booking at three meet, and gives what refused each."""
    settings.VISITS_TOUCHED = "tests.providers.test_races.paused_look"
    monkeypatch.setattr("tests.providers.test_races.MEETING", Meeting())
    clinic = ClinicFactory.create(region="", minimum_notice_minutes=0)
    provider = ProviderFactory.create(clinic=clinic)
    kind = AppointmentTypeFactory.create(clinic=clinic)
    patient = RegistrationFactory.create(clinic=clinic).patient
    desk = UserFactory.create()
    start = three_o_clock(clinic)
    row = WorkingHours.objects.get(resource=provider, weekday=start.weekday())

    def meet() -> tuple[list[Exception], ...]:
        edit, edit_refused = in_thread(
            lambda: decide(
                lambda: change_working_hours(hours_id=row.pk, version=1, change={"end_time": dt.time(12)}),
                actor_id=desk.pk,
                fresh_reads=True,
            )
        )
        assert MEETING.looked.wait(10)
        wanted = Booking(kind.pk, provider.pk, patient.pk, start, "staff")
        book, book_refused = in_thread(lambda: book_appointment(wanted, caller=Caller(desk.pk, patients_own=False)))
        book.join(LONG_ENOUGH / 2)
        MEETING.booked.set()
        book.join(10)
        edit.join(10)
        assert not book.is_alive()
        assert not edit.is_alive()
        return edit_refused, book_refused

    return meet


def three_o_clock(clinic: Clinic) -> dt.datetime:
    day = dt.datetime.now(clinic.zone).date() + dt.timedelta(days=7)
    return dt.datetime.combine(day, dt.time(15), clinic.zone)


def stranded() -> int:
    """Count the visits that no opening covers."""
    return sum(
        not Opening.objects.filter(resource=visit.provider_id, during__contains=visit.during).exists()
        for visit in Appointment.objects.all()
    )


@contextmanager
def without_trigger() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(GUARD.format("DISABLE"))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(GUARD.format("ENABLE"))


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking_module, "lock_resources", lambda _: None)
    monkeypatch.setattr(hours_module, "lock_resource", lambda pk: Provider.objects.get(pk=pk))


Scene = Callable[[], tuple[list[Exception], ...]]


@pytest.mark.parametrize("isolation", ["read-committed", "repeatable-read"])
def test_the_booking_waits_for_the_edit_and_sees_it(scene: Scene, settings: Settings, isolation: str) -> None:
    settings.BOOKING_ISOLATION = isolation
    edit_refused, book_refused = scene()
    assert edit_refused == []
    assert [type(error) for error in book_refused] == [OutsideAvailability]
    assert Appointment.objects.count() == 0


def test_without_locks_the_database_still_refuses_the_second(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch)
    edit_refused, book_refused = scene()
    assert [type(error) for error in edit_refused] == [VisitsInTheWay]
    assert book_refused == []
    assert (Appointment.objects.count(), stranded()) == (1, 0)
    assert WorkingHours.objects.filter(end_time=dt.time(12)).count() == 0


def test_without_any_guard_a_visit_is_stranded(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch)
    with without_trigger():
        assert scene() == ([], [])
    assert stranded() == 1


@pytest.mark.parametrize("isolation", ["read-committed", "repeatable-read"])
def test_hours_are_edited_over_http_whatever_bookings_use(settings: Settings, isolation: str) -> None:
    settings.BOOKING_ISOLATION = isolation
    clinic = ClinicFactory.create(region="")
    provider = ProviderFactory.create(clinic=clinic)
    admin = UserFactory.create()
    MembershipFactory.create(user=admin, clinic=clinic, role=Role.CLINIC_ADMIN)
    api, path = Api.staff(admin), f"providers/{provider.pk}/working-hours/"
    row = api.get(path).json()["results"][0]
    assert api.patch(f"{path}{row['id']}/", {"end_time": "12:00", "version": 1}).status_code == 200
    hours = {"weekday": 1, "start_time": "18:00", "end_time": "19:00"}
    assert api.post(path, hours).status_code == 201
    absence = {"start": "2030-06-03", "end": "2030-06-04"}
    assert api.post(f"providers/{provider.pk}/time-off/", absence).status_code == 201
