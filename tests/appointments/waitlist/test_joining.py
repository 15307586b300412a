"""Join, change, leave: what a wish may be, and that its place in the line is kept."""

import datetime as dt
import uuid
from typing import Any

import pytest

from appointments.errors import (
    AlreadyWaiting,
    NotBookableOnline,
    NothingSooner,
    TooFar,
    WishClosed,
    WishPast,
)
from appointments.models import WaitlistEntry
from appointments.queries.waitlist.free_now import free_now
from appointments.rules.waitlist import Asking
from appointments.services.waitlist.changing import change_entry
from appointments.services.waitlist.joining import join_waitlist
from appointments.services.waitlist.leaving import withdraw_entry
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound, NotPermitted, VersionConflict
from patients.models import Patient, Registration
from providers.models import AppointmentType
from tests.appointments.waitlist.line import Line


def seen(entry: WaitlistEntry) -> Expected:
    entry.refresh_from_db()
    return Expected(entry.version, by_header=False)


def test_a_wish_is_kept_as_it_was_made(line: Line) -> None:
    entry = line.wait(1, weekdays=[4, 0, 4], earliest_time=dt.time(9), providers=[line.place.provider.pk], note="call")
    entry.refresh_from_db()
    assert (entry.weekdays, entry.providers, entry.state) == ([0, 4], [line.place.provider.pk], "waiting")
    assert entry.from_date == line.place.at(9, days=0).date()
    assert entry.created_by == line.place.desk


def test_whoever_joins_is_registered_at_the_clinic(line: Line) -> None:
    stranger = Patient.objects.create(given_name="Maja", family_name="Holm")
    line.place.patients.append(stranger)
    line.wait(len(line.place.patients) - 1)
    assert Registration.objects.filter(patient=stranger, clinic=line.place.clinic).exists()


def test_nobody_waits_twice_for_a_type(line: Line) -> None:
    entry = line.wait(1)
    with pytest.raises(AlreadyWaiting) as refused:
        line.wait(1)
    assert refused.value.extra == {"entry": str(entry.pk)}
    withdraw_entry(entry_id=entry.pk, caller=line.place.staff)
    line.wait(1)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("weekdays", {"weekdays": [7]}),
        ("until_date", {"from_date": dt.date(2030, 1, 2), "until_date": dt.date(2030, 1, 1)}),
        ("until_date", {"until_date": dt.date(2099, 1, 1)}),
        ("latest_time", {"earliest_time": dt.time(9), "latest_time": dt.time(9)}),
        ("notice_minutes", {"notice_minutes": -1}),
        ("notice_minutes", {"notice_minutes": 10**6}),
        ("priority", {"priority": 9}),
        ("providers", {"providers": [uuid.uuid4()]}),
        ("note", {"note": "x" * 1001}),
    ],
)
def test_what_no_wish_can_be_is_refused_by_field(line: Line, field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        line.wait(1, **changes)
    assert field in refused.value.extra["errors"]


def test_a_wish_for_the_past_or_for_nothing_there_is(line: Line) -> None:
    with pytest.raises(WishPast):
        line.wait(1, from_date=dt.date(2020, 1, 1), until_date=dt.date(2020, 1, 2))
    with pytest.raises(NotFound):
        line.wait(1, appointment_type_id=uuid.uuid4())
    with pytest.raises(NotFound):
        line.wait(1, clinic_id=uuid.uuid4())
    with pytest.raises(NotFound):
        line.wait(1, patient_id=uuid.uuid4())


def test_only_an_own_visit_that_is_still_to_be_is_brought_forward(line: Line) -> None:
    place = line.place
    own, foreign = line.visit(place.at(9), 1), line.visit(place.at(11), 2)
    with pytest.raises(NothingSooner):
        line.wait(1, appointment_id=foreign.pk)
    with pytest.raises(WishPast):
        line.wait(1, appointment_id=own.pk, from_date=place.at(9, days=3).date())
    assert line.wait(1, appointment_id=own.pk).appointment == own
    cancelled = line.cancel(foreign, 2).appointment
    assert cancelled is not None
    with pytest.raises(NothingSooner):
        line.wait(2, appointment_id=cancelled.pk)


def test_a_patient_joins_within_the_policy_for_patients(line: Line) -> None:
    caller = line.place.patient_caller(1)
    for changes in ({"priority": WaitlistEntry.Priority.URGENT}, {"note": "please"}):
        with pytest.raises(NotPermitted):
            join_waitlist(line.wish(1, **changes), caller=caller)
    far = line.place.at(9, days=400).date()
    with pytest.raises(TooFar):
        join_waitlist(line.wish(1, from_date=far, until_date=far), caller=caller)
    assert join_waitlist(line.wish(1, source="patient"), caller=caller).source == "patient"
    AppointmentType.objects.update(bookable_online=False)
    with pytest.raises(NotBookableOnline):
        join_waitlist(line.wish(2), caller=line.place.patient_caller(2))


def test_a_change_keeps_the_place(line: Line) -> None:
    entry = line.wait(1)
    joined = entry.joined_at
    change = {"weekdays": [1, 1], "latest_time": dt.time(12)}
    changed = change_entry(entry_id=entry.pk, expected=seen(entry), change=change, caller=line.place.staff)
    assert (changed.weekdays, changed.latest_time, changed.joined_at) == ([1], dt.time(12), joined)
    with pytest.raises(VersionConflict):
        change_entry(
            entry_id=entry.pk, expected=Expected(1, by_header=False), change={"weekdays": []}, caller=line.place.staff
        )
    with pytest.raises(Invalid):
        change_entry(entry_id=entry.pk, expected=None, change={"state": "accepted"}, caller=line.place.staff)
    with pytest.raises(NotPermitted):
        change_entry(entry_id=entry.pk, expected=None, change={"priority": 2}, caller=line.place.patient_caller(1))


def test_whoever_leaves_with_an_offer_lets_the_next_be_asked(line: Line) -> None:
    first, second = line.wait(1), line.wait(2)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    left = withdraw_entry(entry_id=first.pk, caller=line.place.patient_caller(1), expected=seen(first))
    assert left.state == withdraw_entry(entry_id=first.pk, caller=line.place.staff).state == "withdrawn"
    offer.refresh_from_db()
    assert (offer.state, offer.why) == ("withdrawn", "left")
    assert line.live(freed)[0].entry == second
    with pytest.raises(WishClosed):
        change_entry(entry_id=first.pk, expected=None, change={"weekdays": []}, caller=line.place.staff)


def test_whoever_asks_hears_what_is_free_at_once(line: Line) -> None:
    place = line.place
    day = place.at(9).date()
    asking = Asking(
        day, day, earliest_time=dt.time(9), latest_time=dt.time(10, 15), providers=frozenset({place.provider.pk})
    )
    words: dict[str, Any] = {
        "appointment_type_id": place.kind.pk,
        "timezone_name": "America/New_York",
        "by_patient": False,
    }
    starts = [free.start for free in free_now(asking, **words)]
    assert starts == [place.at(9), place.at(9, 15), place.at(9, 30)]
    line.visit(place.at(9), 0, minutes=45)
    assert [free.start for free in free_now(asking, **words)] == [place.at(9, 45)]
    assert free_now(asking, before=place.at(9, 15), **words) == []
    assert free_now(Asking(day, day), **(words | {"appointment_type_id": uuid.uuid4()})) == []
