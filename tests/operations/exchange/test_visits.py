"""Visits from a table: those to come are booked without a word to anybody, those that are over become history."""

import datetime as dt

from appointments.models import Appointment, Source, Status
from appointments.services.booking import book_appointment
from mediconnect.operations.exchange import looking
from mediconnect.operations.exchange.receiving import receive
from mediconnect.operations.verifying import broken
from mediconnect.outbox.models import Delivery, Fact
from mediconnect.outbox.services.relaying import relay
from notifications.models import Message
from providers.models import AppointmentType
from tests.appointments.conftest import small_clinic
from tests.operations.exchange.conftest import Bringer, outcomes, reasons, target, verdicts

HEAD = "Record number,Patient,Visit type,Provider,Date,Time,Minutes,Status,Reason"


def line(number: str, moment: dt.datetime, status: str = "", *, kind: str = "Consultation", minutes: str = "") -> str:
    return f"{number},somebody,{kind},Dr. Amara Obi,{moment:%Y-%m-%d},{moment:%H:%M},{minutes},{status},Cough"


def test_a_visit_to_come_is_booked_as_imported_and_nobody_is_written_to(bringer: Bringer) -> None:
    run = bringer.imported("visits", HEAD, line("R0000", bringer.place.at(9), minutes="45"))
    visit = Appointment.objects.get(pk=target(run, 2))
    assert (visit.status, visit.source, visit.reason) == (Status.BOOKED, Source.IMPORTED, "Cough")
    assert visit.starts_at == bringer.place.at(9)
    assert visit.ends_at - visit.starts_at == dt.timedelta(minutes=45)
    relay()
    assert not Message.objects.exists()
    assert not Delivery.objects.pending().exists()
    assert broken() == []


def test_the_same_file_again_books_nothing(bringer: Bringer) -> None:
    lines = (HEAD, line("R0000", bringer.place.at(9)), line("R0001", bringer.place.at(10, days=-30), "no-show"))
    assert outcomes(bringer.imported("visits", *lines)) == ["written", "written"]
    assert verdicts(bringer.bring("visits", *lines)) == ["same", "same"]
    assert Appointment.objects.count() == 2


def test_visits_that_are_over_become_history(bringer: Bringer) -> None:
    long_ago = bringer.place.at(3, days=-400)
    run = bringer.imported(
        "visits",
        HEAD,
        line("R0000", long_ago, "Completed"),
        line("R0001", long_ago, "cancelled"),
        line("R0002", long_ago, "no_show"),
    )
    assert outcomes(run) == ["written"] * 3
    found = Appointment.objects.order_by("patient__family_name")
    assert [visit.status for visit in found] == ["completed", "cancelled", "no_show"]
    assert {visit.source for visit in found} == {"imported"}
    assert not Fact.objects.filter(name__startswith="appointments.").exists()
    assert broken() == []


def test_a_visit_that_is_over_says_how_it_ended_and_one_to_come_does_not(bringer: Bringer) -> None:
    run = bringer.bring(
        "visits",
        HEAD,
        line("R0000", bringer.place.at(9, days=-30)),
        line("R0001", bringer.place.at(9), "completed"),
        line("R0002", bringer.place.at(9), "confirmed"),
    )
    assert verdicts(run) == ["refused", "refused", "new"]
    assert [reasons(run, number)[0][0] for number in (2, 3)] == ["status", "status"]


def test_what_is_in_the_way_is_seen_before_anything_is_imported(bringer: Bringer) -> None:
    place = bringer.place
    book_appointment(place.booking(place.at(9)), caller=place.staff)
    run = bringer.bring(
        "visits",
        HEAD,
        line("R0001", place.at(9, 15)),
        line("R0001", place.at(9, days=60)),
        line("R0000", place.at(9, 10)),
        line("R0001", place.at(10)),
    )
    assert verdicts(run) == ["refused", "refused", "refused", "new"]
    assert [sentence for _, sentence in reasons(run, 2)] == ["The provider is taken then."]
    assert [sentence for _, sentence in reasons(run, 3)] == ["The provider has no hours for this type of visit then."]
    assert "Nobody can be in two places" in reasons(run, 4)[-1][1]


def test_what_is_taken_meanwhile_is_refused_row_by_row(bringer: Bringer) -> None:
    place = bringer.place
    run = bringer.bring(
        "visits", HEAD, line("R0000", place.at(9)), line("R0001", place.at(9, 15)), line("R0002", place.at(11))
    )
    assert verdicts(run) == ["new", "new", "new"]
    book_appointment(place.booking(place.at(11), 1), caller=place.staff)
    run = bringer.carry_out(run)
    assert outcomes(run) == ["written", "failed", "failed"]
    assert reasons(run, 3) == [("", "Somebody else has this time. Choose another one.")]


def test_a_visit_that_was_moved_since_is_recognised_and_left_alone(bringer: Bringer) -> None:
    place = bringer.place
    visit, _ = book_appointment(place.booking(place.at(9)), caller=place.staff)
    run = bringer.bring("visits", f"Identifier,{HEAD}", f"{visit.pk},{line('R0000', place.at(15))}")
    assert verdicts(run) == ["refused"]
    assert "at another time" in reasons(run, 2)[0][1]


def test_what_an_earlier_file_brought_and_is_gone_is_asked_about(bringer: Bringer) -> None:
    lines = (HEAD, line("R0000", bringer.place.at(9)))
    run = bringer.imported("visits", *lines)
    Appointment.objects.filter(pk=target(run, 2)).update(status="cancelled", cancellation_reason="clinic_other")
    again = bringer.bring("visits", *lines)
    assert verdicts(again) == ["doubtful"]
    assert "An earlier file brought this" in reasons(again, 2)[0][1]


def test_what_cannot_be_read_or_is_not_offered_is_refused_by_column(bringer: Bringer) -> None:
    AppointmentType.objects.create(clinic=bringer.place.clinic, name="Yoga", capacity=6)
    run = bringer.bring(
        "visits",
        HEAD,
        f"R0000,,Surgery,Dr Nobody,{bringer.place.at(9):%Y-%m-%d},noon,7,gone,",
        line("X99", bringer.place.at(9)),
        line("R0000", bringer.place.at(9, days=-30), "completed", kind="Yoga"),
        "R0000,,Consultation,Dr. Amara Obi,2027-03-14,02:30,,,",
    )
    assert verdicts(run) == ["refused"] * 4
    assert {column for column, _ in reasons(run, 2)} == {"type", "provider", "time", "minutes", "status"}
    assert [column for column, _ in reasons(run, 3)] == ["record_number"]
    assert [column for column, _ in reasons(run, 4)] == ["type"]
    assert reasons(run, 5) == [("time", "The clock jumps over this time on that day.")]


def test_another_clinics_patient_is_nobody_here(bringer: Bringer) -> None:
    other = small_clinic()
    other.patients[0].registrations.update(record_number="Z1")
    run = bringer.bring("visits", HEAD, line("Z1", bringer.place.at(9)))
    assert [column for column, _ in reasons(run, 2)] == ["record_number"]


def test_a_thousand_visits_are_looked_at_in_a_bounded_number_of_statements(
    bringer: Bringer, django_assert_max_num_queries: object
) -> None:
    place = bringer.place
    starts = [place.at(0) + dt.timedelta(minutes=15 * number) for number in range(1000)]
    lines = [HEAD, *(line(f"R000{number % 3}", start) for number, start in enumerate(starts))]
    content = "\n".join(lines).encode()
    receive(clinic_id=place.clinic.pk, kind="visits", content=content, file_name="x", by_id=bringer.user.pk)
    with django_assert_max_num_queries(18 * (1000 // looking.BATCH + 2)):  # type: ignore[operator]
        while looking.look_at_batch():
            pass
