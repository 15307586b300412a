"""The doors of visits over HTTP: the contract of api.md, answer by answer."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, Hold, Status
from mediconnect.idempotency.models import IdempotencyRecord
from patients.models import Dependant
from providers.models import AppointmentType, Clinic, Closure, TimeOff
from tests.appointments.conftest import SmallClinic, add_room
from tests.http import Api, code

pytestmark = pytest.mark.django_db


def wish(place: SmallClinic, start: dt.datetime, **changes: Any) -> dict[str, Any]:
    """Return the body of a booking."""
    body = {"appointment_type": str(place.kind.pk), "provider": str(place.provider.pk), "start": start.isoformat()}
    return body | changes


def booked(place: SmallClinic, start: dt.datetime, number: int = 0) -> dict[str, Any]:
    """Book as a patient and return the visit."""
    answer = Api.patient(place.users[number]).post("appointments/", wish(place, start))
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_patient_books(place: SmallClinic) -> None:
    api = Api.patient(place.users[0])
    answer = api.post("appointments/", wish(place, place.at(9, 30), reason="Knee 🙂"))
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"v1"'
    visit = answer.json()
    assert answer.headers["Location"] == f"/api/v1/appointments/{visit['id']}/"
    assert visit["start"] == place.at(9, 30).isoformat()
    assert (visit["status"], visit["timezone"], visit["reason"]) == ("booked", "America/New_York", "Knee 🙂")
    assert (visit["source"], visit["patient"]) == ("patient", str(place.patients[0].pk))
    assert "internal_note" not in visit
    assert answer.headers["X-Request-ID"]
    read = api.get(f"appointments/{visit['id']}/")
    assert read.json() == visit
    assert read.headers["ETag"] == '"v1"'


def test_the_same_key_gets_the_same_bytes(place: SmallClinic) -> None:
    api = Api.patient(place.users[0])
    body = wish(place, place.at(9))
    first = api.post("appointments/", body, key="a-key-of-16-chars")
    second = api.post("appointments/", dict(reversed(body.items())), key='"a-key-of-16-chars"')
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["ETag"] == first.headers["ETag"]
    assert "Idempotent-Replayed" not in first.headers
    assert Appointment.objects.count() == 1


def test_a_refusal_is_replayed_and_another_body_is_refused(place: SmallClinic) -> None:
    booked(place, place.at(9))
    api = Api.patient(place.users[1])
    first = api.post("appointments/", wish(place, place.at(9)), key="k" * 16)
    assert (first.status_code, code(first)) == (409, "slot-taken")
    assert len(first.json()["alternatives"]) == 3
    Appointment.objects.update(status=Status.CANCELLED, cancellation_reason="clinic_other")
    again = api.post("appointments/", wish(place, place.at(9)), key="k" * 16)
    assert again.content == first.content
    other = api.post("appointments/", wish(place, place.at(11)), key="k" * 16)
    assert (other.status_code, code(other)) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    "key", ["short", "x" * 256, "with space in it!!", "schlüssel-schlüssel", "a" * 16 + "," + "b" * 16]
)
def test_a_malformed_key_is_refused(place: SmallClinic, key: str) -> None:
    answer = Api.patient(place.users[0]).post("appointments/", wish(place, place.at(9)), key=key)
    assert (answer.status_code, code(answer)) == (400, "idempotency-key-invalid")


def test_a_key_is_required_and_says_so(place: SmallClinic) -> None:
    answer = Api.patient(place.users[0]).post("appointments/", wish(place, place.at(9)), key=None)
    assert (answer.status_code, code(answer)) == (400, "idempotency-key-required")
    assert 'rel="describedby"' in answer.headers["Link"]


def test_keys_are_private_to_their_caller(place: SmallClinic) -> None:
    for number in range(2):
        answer = Api.patient(place.users[number]).post(
            "appointments/", wish(place, place.at(9 + number)), key="shared-by-chance"
        )
        assert answer.status_code == 201
    assert IdempotencyRecord.objects.count() == 2


def test_nothing_is_stored_for_a_malformed_request(place: SmallClinic) -> None:
    api = Api.patient(place.users[0])
    answer = api.post("appointments/", {"start": "tomorrow"}, key="k" * 16)
    assert (answer.status_code, code(answer)) == (400, "invalid")
    assert not IdempotencyRecord.objects.exists()
    assert api.post("appointments/", wish(place, place.at(9)), key="k" * 16).status_code == 201


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"start": "2026-12-01T09:30:00"}, 400, "invalid-local-time"),
        ({"start": "2026-12-01"}, 400, "invalid"),
        ({"start": "2026-02-30T09:30:00Z"}, 400, "invalid"),
        ({"start": 12}, 400, "invalid"),
        ({"start": "0001-01-01T00:00:00+14:00"}, 400, "invalid"),
        ({"provider": "not-a-uuid"}, 400, "invalid"),
        ({"provider": "00000000-0000-4000-8000-000000000000"}, 404, "not-found"),
        ({"appointment_type": None}, 400, "invalid"),
        ({"status": "completed"}, 400, "invalid"),
        ({"reason": "nul \0 byte"}, 400, "invalid"),
        ({"reason": "x" * 1001}, 400, "invalid"),
        ({"reason": ["list"]}, 400, "invalid"),
        ({"override": {"reason": "please"}}, 403, "not-permitted"),
        ({"patient": "00000000-0000-4000-8000-000000000000"}, 404, "not-found"),
    ],
)
def test_bad_input_is_refused_in_words_and_writes_nothing(
    place: SmallClinic, change: dict[str, Any], status: int, expected: str
) -> None:
    answer = Api.patient(place.users[0]).post("appointments/", wish(place, place.at(9)) | change)
    assert (answer.status_code, code(answer)) == (status, expected)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"text"', b"\xff\xfe", b"null", b"{" * 100_000, b"[" * 100_000 + b"]" * 100_000]
)
def test_a_body_that_is_no_object_is_refused(place: SmallClinic, body: bytes) -> None:
    answer = Api.patient(place.users[0]).post("appointments/", body)
    assert (answer.status_code, code(answer)) == (400, "invalid")


def test_a_megabyte_is_too_much_and_xml_is_not_read(place: SmallClinic) -> None:
    api = Api.patient(place.users[0])
    large = api.post("appointments/", wish(place, place.at(9), reason="x" * 1_100_000))
    assert (large.status_code, code(large)) == (413, "body-too-large")
    xml = api.client.post(
        "/api/v1/appointments/",
        "<a/>",
        content_type="application/xml",
        headers=api.headers | {"Idempotency-Key": "k" * 16},
    )
    assert (xml.status_code, code(xml)) == (415, "unsupported-media-type")


def test_a_wrong_method_names_the_right_ones(place: SmallClinic) -> None:
    answer = Api.patient(place.users[0]).send("PUT", "appointments/", {})
    assert (answer.status_code, code(answer)) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_nobody_is_asked_to_sign_in() -> None:
    for answer in (Api().get("appointments/"), Api({"Authorization": "Bearer nonsense"}).get("appointments/")):
        assert (answer.status_code, code(answer)) == (401, "not-authenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_scope_is_needed(place: SmallClinic) -> None:
    answer = Api.patient(place.users[0], ["appointments:read"]).post("appointments/", wish(place, place.at(9)))
    assert (answer.status_code, code(answer)) == (403, "not-permitted")


def test_another_patients_visit_is_not_there(place: SmallClinic) -> None:
    visit = booked(place, place.at(9))
    other = Api.patient(place.users[1])
    for answer in (
        other.get(f"appointments/{visit['id']}/"),
        other.post(f"appointments/{visit['id']}/cancel/", {"reason": "patient_request", "version": 1}),
        other.post(f"appointments/{visit['id']}/reschedule/", {"start": place.at(12).isoformat(), "version": 1}),
        other.get(f"appointments/{visit['id']}/calendar.ics"),
    ):
        assert (answer.status_code, code(answer)) == (404, "not-found")
    assert other.get("appointments/").json()["results"] == []


def test_a_guardian_books_for_a_dependant(place: SmallClinic) -> None:
    Dependant.objects.create(guardian=place.patients[0], patient=place.patients[1], relationship="child")
    api = Api.patient(place.users[0])
    answer = api.post("appointments/", wish(place, place.at(9), patient=str(place.patients[1].pk)))
    assert answer.status_code == 201
    assert answer.json()["patient"] == str(place.patients[1].pk)


def test_a_replay_shows_nothing_to_whoever_lost_the_right_to_see_it(place: SmallClinic) -> None:
    right = Dependant.objects.create(guardian=place.patients[0], patient=place.patients[1], relationship="child")
    api, body = Api.patient(place.users[0]), wish(place, place.at(9), patient=str(place.patients[1].pk))
    assert api.post("appointments/", body, key="k" * 16).status_code == 201
    right.delete()
    again = api.post("appointments/", body, key="k" * 16)
    assert (again.status_code, code(again)) == (403, "not-permitted")
    assert str(place.patients[1].pk) not in again.content.decode()


def test_policy_binds_patients_and_not_the_desk(place: SmallClinic) -> None:
    Clinic.objects.filter(pk=place.clinic.pk).update(minimum_notice_minutes=60 * 24 * 10)
    answer = Api.patient(place.users[0]).post("appointments/", wish(place, place.at(9)))
    assert (answer.status_code, code(answer)) == (422, "too-soon")
    assert answer.json()["explain"] == {"rule": "notice", "minutes": 14400}
    assert answer.json()["phone"] == "+12025550100"
    desk = Api.staff(place.desk).post("appointments/", wish(place, place.at(9), patient=str(place.patients[0].pk)))
    assert desk.status_code == 201
    assert desk.json()["source"] == "staff"


def test_each_rule_has_its_code(place: SmallClinic) -> None:
    api = Api.patient(place.users[0])
    far = api.post("appointments/", wish(place, place.at(9, days=300)))
    assert (far.status_code, code(far)) == (422, "too-far")
    outside = api.post("appointments/", wish(place, place.at(9, days=60)))
    assert (outside.status_code, code(outside)) == (422, "outside-availability")
    off_grid = api.post("appointments/", wish(place, place.at(9, 7)))
    assert (off_grid.status_code, code(off_grid)) == (422, "outside-availability")
    AppointmentType.objects.filter(pk=place.kind.pk).update(bookable_online=False)
    closed = api.post("appointments/", wish(place, place.at(9)))
    assert (closed.status_code, code(closed)) == (422, "not-bookable-online")


def test_limits_count(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(daily_limit=1)
    booked(place, place.at(9))
    full = Api.patient(place.users[1]).post("appointments/", wish(place, place.at(11)))
    assert (full.status_code, code(full)) == (422, "daily-limit")
    AppointmentType.objects.filter(pk=place.kind.pk).update(daily_limit=None)
    booked(place, place.at(11))
    booked(place, place.at(13))
    enough = Api.patient(place.users[0]).post("appointments/", wish(place, place.at(15)))
    assert (enough.status_code, code(enough)) == (422, "booking-limit")


def test_the_day_runs_its_course_and_each_step_can_be_undone(place: SmallClinic) -> None:
    visit, desk = booked(place, place.at(9)), Api.staff(place.desk)
    path, version = f"appointments/{visit['id']}", 1
    for step, status in (
        ("confirm", "confirmed"),
        ("arrive", "arrived"),
        ("room", "roomed"),
        ("start", "in_progress"),
        ("complete", "completed"),
    ):
        answer = desk.post(f"{path}/{step}/", {"version": version})
        assert (answer.status_code, answer.json()["status"]) == (200, status), answer.content
        version = answer.json()["version"]
    for status in ("in_progress", "roomed", "arrived", "confirmed", "booked"):
        answer = desk.post(f"{path}/undo/", {"version": version})
        assert (answer.status_code, answer.json()["status"]) == (200, status), answer.content
        version = answer.json()["version"]
    final = desk.get(f"{path}/").json()
    assert (final["arrived_at"], version) == (None, 11)
    nothing = desk.post(f"{path}/undo/", {"version": version})
    assert (nothing.status_code, code(nothing)) == (409, "nothing-to-undo")


def test_a_step_out_of_order_is_refused(place: SmallClinic) -> None:
    visit, desk = booked(place, place.at(9)), Api.staff(place.desk)
    answer = desk.post(f"appointments/{visit['id']}/complete/", {"version": 1})
    assert (answer.status_code, code(answer)) == (409, "invalid-transition")
    patient = Api.patient(place.users[0]).post(f"appointments/{visit['id']}/arrive/", {"version": 1})
    assert (patient.status_code, code(patient)) == (403, "not-permitted")


def test_a_version_is_asked_for_and_a_stale_one_shows_the_present(place: SmallClinic) -> None:
    visit, desk = booked(place, place.at(9)), Api.staff(place.desk)
    path = f"appointments/{visit['id']}/confirm/"
    missing = desk.post(path)
    assert (missing.status_code, code(missing)) == (428, "version-required")
    desk.post(path, {"version": 1})
    stale = desk.post(path, {"version": 1})
    assert (stale.status_code, code(stale)) == (409, "version-conflict")
    assert stale.json()["current"]["version"] == 2
    header = desk.post(path, **{"If-Match": '"v1"'})
    assert (header.status_code, code(header)) == (412, "version-conflict")
    for bad in ("v1", "*", '"1"'):
        assert desk.post(path, **{"If-Match": bad}).status_code == 400
    assert desk.post(path, {"version": "2"}).status_code == 400


def test_a_move_frees_the_old_time_and_keeps_the_visit(place: SmallClinic) -> None:
    visit, api = booked(place, place.at(9)), Api.patient(place.users[0])
    moved = api.post(f"appointments/{visit['id']}/reschedule/", {"start": place.at(14).isoformat(), "version": 1})
    assert (moved.status_code, moved.json()["id"], moved.json()["start"]) == (
        200,
        visit["id"],
        place.at(14).isoformat(),
    )
    assert moved.headers["ETag"] == '"v2"'
    booked(place, place.at(9), 1)
    back = api.post(f"appointments/{visit['id']}/reschedule/", {"start": place.at(9).isoformat(), "version": 2})
    assert (back.status_code, code(back)) == (409, "slot-taken")
    assert api.get(f"appointments/{visit['id']}/").json() == moved.json()


def test_a_visit_does_not_stand_in_its_own_way(place: SmallClinic) -> None:
    visit, api = booked(place, place.at(9)), Api.patient(place.users[0])
    moved = api.post(f"appointments/{visit['id']}/reschedule/", {"start": place.at(9, 15).isoformat(), "version": 1})
    assert moved.status_code == 200


def test_a_cancelled_time_is_free_and_can_be_won_back(place: SmallClinic) -> None:
    visit, desk = booked(place, place.at(9)), Api.staff(place.desk)
    path = f"appointments/{visit['id']}"
    assert desk.post(f"{path}/cancel/", {"reason": "clinic_error", "version": 1}).status_code == 200
    undone = desk.post(f"{path}/undo/", {"version": 2})
    assert (undone.status_code, undone.json()["status"], undone.json()["cancellation_reason"]) == (200, "booked", None)
    desk.post(f"{path}/cancel/", {"reason": "clinic_error", "version": 3})
    booked(place, place.at(9), 1)
    lost = desk.post(f"{path}/undo/", {"version": 4})
    assert (lost.status_code, code(lost)) == (409, "slot-taken")


def test_patients_cancel_in_time_and_for_reasons_of_their_own(place: SmallClinic) -> None:
    visit, api = booked(place, place.at(9)), Api.patient(place.users[0])
    path = f"appointments/{visit['id']}/cancel/"
    wrong = api.post(path, {"reason": "clinic_closed", "version": 1})
    assert (wrong.status_code, code(wrong)) == (400, "invalid")
    Clinic.objects.filter(pk=place.clinic.pk).update(cancel_cutoff_hours=24 * 30, move_cutoff_hours=24 * 30)
    late = api.post(path, {"reason": "patient_request", "version": 1})
    assert (late.status_code, code(late)) == (422, "too-late-to-cancel")
    assert late.json()["phone"] == "+12025550100"
    move = api.post(f"appointments/{visit['id']}/reschedule/", {"start": place.at(14).isoformat(), "version": 1})
    assert (move.status_code, code(move)) == (422, "too-late-to-move")


def test_a_no_show_gives_the_time_back(place: SmallClinic) -> None:
    visit, desk = booked(place, place.at(9)), Api.staff(place.desk)
    assert desk.post(f"appointments/{visit['id']}/no-show/", {"version": 1}).json()["status"] == "no_show"
    booked(place, place.at(9), 1)
    lost = desk.post(f"appointments/{visit['id']}/undo/", {"version": 2})
    assert (lost.status_code, code(lost)) == (409, "slot-taken")


def test_a_hold_keeps_the_time_for_its_holder(place: SmallClinic) -> None:
    add_room(place)
    api, other = Api.patient(place.users[0]), Api.patient(place.users[1])
    hold = api.post("holds/", wish(place, place.at(9)))
    assert hold.status_code == 201
    assert dt.datetime.fromisoformat(hold.json()["expires_at"]) > dt.datetime.now(dt.UTC) + dt.timedelta(minutes=9)
    taken = other.post("appointments/", wish(place, place.at(9)))
    assert (taken.status_code, code(taken)) == (409, "slot-taken")
    stolen = other.post("appointments/", wish(place, place.at(9), hold=hold.json()["id"]))
    assert (stolen.status_code, code(stolen)) == (404, "not-found")
    mismatch = api.post("appointments/", wish(place, place.at(10), hold=hold.json()["id"]))
    assert (mismatch.status_code, code(mismatch)) == (422, "hold-mismatch")
    booked_ = api.post("appointments/", wish(place, place.at(9), hold=hold.json()["id"]))
    assert (booked_.status_code, booked_.json()["room"]) == (201, hold.json()["room"])
    assert not Hold.objects.exists()


def test_an_expired_hold_blocks_nobody_though_no_sweeper_runs(place: SmallClinic) -> None:
    hold = Api.patient(place.users[0]).post("holds/", wish(place, place.at(9)))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE appointments_hold SET expires_at = now() - interval '1 second'")
        cursor.execute("UPDATE appointments_claim SET expires_at = now() - interval '1 second'")
    other = Api.patient(place.users[1])
    day = place.at(9).date().isoformat()
    free = other.get("availability/", {"appointment_type": place.kind.pk, "from": day, "to": day}).json()
    assert place.at(9).isoformat() in [found["start"] for found in free["results"]]
    assert other.post("appointments/", wish(place, place.at(9))).status_code == 201
    late = Api.patient(place.users[0]).post("appointments/", wish(place, place.at(9), hold=hold.json()["id"]))
    assert (late.status_code, code(late)) == (409, "slot-taken")


def test_a_hold_is_given_back_once_and_by_its_holder(place: SmallClinic) -> None:
    api, other = Api.patient(place.users[0]), Api.patient(place.users[1])
    hold = api.post("holds/", wish(place, place.at(9))).json()
    assert other.delete(f"holds/{hold['id']}/").status_code == 404
    assert api.delete(f"holds/{hold['id']}/").status_code == 204
    assert api.delete(f"holds/{hold['id']}/").status_code == 404
    booked(place, place.at(9), 1)


def test_one_person_cannot_hold_the_whole_day(place: SmallClinic) -> None:
    api = Api.patient(place.users[0])
    answers = [api.post("holds/", wish(place, place.at(hour))) for hour in (9, 10, 11)]
    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert code(answers[2]) == "hold-limit"


def test_a_list_is_paged_both_ways_and_filtered(place: SmallClinic) -> None:
    desk = Api.staff(place.desk)
    for hour in range(9, 14):
        desk.post("appointments/", wish(place, place.at(hour), patient=str(place.patients[0].pk)))
    first = desk.get("appointments/", {"limit": 2}).json()
    second = desk.client.get(first["next"]).json()
    third = desk.client.get(second["next"]).json()
    starts = [visit["start"] for part in (first, second, third) for visit in part["results"]]
    assert starts == sorted(starts)
    assert len(set(starts)) == 5
    assert (first["previous"], third["next"]) == (None, None)
    assert desk.client.get(third["previous"]).json()["results"] == second["results"]
    window = desk.get(
        "appointments/", {"from": place.at(10).isoformat(), "to": place.at(12).isoformat(), "status": "booked"}
    )
    assert len(window.json()["results"]) == 2
    for query in (
        {"limit": 0},
        {"limit": 201},
        {"cursor": "x"},
        {"status": "lost"},
        {"ordering": "patient__user__password"},
        {"from": "x"},
    ):
        answer = desk.get("appointments/", query)
        assert (answer.status_code, code(answer)) == (400, "invalid"), query


def test_the_history_tells_who_did_what(place: SmallClinic) -> None:
    visit, desk = booked(place, place.at(9)), Api.staff(place.desk)
    desk.patch(f"appointments/{visit['id']}/", {"internal_note": "prefers mornings", "version": 1})
    changes = desk.get(f"appointments/{visit['id']}/history/").json()["results"]
    assert [change["operation"] for change in changes] == ["insert", "update"]
    assert (changes[1]["before"], changes[1]["after"]) == ({"internal_note": ""}, {"internal_note": "prefers mornings"})
    assert [change["by"] for change in changes] == [str(place.users[0].pk), str(place.desk.pk)]
    assert changes[1]["request_id"]
    assert Api.patient(place.users[0]).get(f"appointments/{visit['id']}/history/").status_code == 403


def test_patients_never_see_or_write_the_internal_note(place: SmallClinic) -> None:
    visit, api = booked(place, place.at(9)), Api.patient(place.users[0])
    answer = api.patch(f"appointments/{visit['id']}/", {"internal_note": "x", "version": 1})
    assert (answer.status_code, code(answer)) == (400, "invalid")
    noted = api.patch(f"appointments/{visit['id']}/", {"patient_note": "bring papers", "version": 1})
    assert (noted.status_code, noted.json()["patient_note"]) == (200, "bring papers")


def test_the_calendar_file_keeps_its_uid_and_counts_up(place: SmallClinic) -> None:
    visit, api = booked(place, place.at(9)), Api.patient(place.users[0])
    first = api.get(f"appointments/{visit['id']}/calendar.ics").content.decode()
    api.post(f"appointments/{visit['id']}/cancel/", {"reason": "patient_request", "version": 1})
    second = api.get(f"appointments/{visit['id']}/calendar.ics").content.decode()
    uid = f"UID:{visit['id']}@mediconnect"
    assert uid in first
    assert uid in second
    assert ("SEQUENCE:1" in first, "METHOD:PUBLISH" in first) == (True, True)
    assert ("SEQUENCE:2" in second, "METHOD:CANCEL" in second, "STATUS:CANCELLED" in second) == (True, True, True)


def test_booking_takes_at_most_fourteen_statements(place: SmallClinic) -> None:
    api = Api.patient(place.users[0])
    with CaptureQueriesContext(connection) as queries:
        assert api.post("appointments/", wish(place, place.at(9))).status_code == 201
    assert len(queries) <= 14, [query["sql"][:90] for query in queries]


def test_lists_take_six_statements_whatever_their_length(place: SmallClinic) -> None:
    desk = Api.staff(place.desk)
    counts = []
    for hours in (range(9, 10), range(10, 20)):
        for hour in hours:
            desk.post("appointments/", wish(place, place.at(hour), patient=str(place.patients[0].pk)))
        with CaptureQueriesContext(connection) as queries:
            desk.get("appointments/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_availability_takes_three_statements_whatever_is_asked(place: SmallClinic) -> None:
    api = Api.patient(place.users[0])
    query = {
        "appointment_type": place.kind.pk,
        "from": place.at(0).date().isoformat(),
        "to": place.at(0, days=20).date().isoformat(),
    }
    with CaptureQueriesContext(connection) as queries:
        answer = api.get("availability/", query)
    assert len(queries) <= 3
    assert len(answer.json()["results"]) > 500


def explained(api: Api, place: SmallClinic, start: dt.datetime) -> Any:
    """Ask why a time is not free."""
    query = {"appointment_type": str(place.kind.pk), "provider": str(place.provider.pk), "start": start.isoformat()}
    return api.get("availability/explain/", query).json()


def test_staff_hear_the_rule_and_patients_the_coarse_reason(place: SmallClinic) -> None:
    desk, patient = Api.staff(place.desk), Api.patient(place.users[2])
    assert explained(desk, place, place.at(9)) | {"free": True} == explained(desk, place, place.at(9))
    AppointmentType.objects.filter(pk=place.kind.pk).update(buffer_after=15)
    booked(place, place.at(9))
    Api.patient(place.users[1]).post("holds/", wish(place, place.at(11)))
    assert explained(desk, place, place.at(9))["rule"] == "booked"
    assert explained(desk, place, place.at(9, 30))["rule"] == "buffer"
    held = explained(desk, place, place.at(11))
    assert (held["rule"], held["until"] is not None) == ("held", True)
    assert explained(patient, place, place.at(11))["rules"] == [{"rule": "booked"}]
    far = place.at(9, days=60)
    assert explained(desk, place, far)["rule"] == "hours"
    TimeOff.objects.create(resource=place.provider, starts_at=far, ends_at=far + dt.timedelta(hours=1))
    assert explained(desk, place, far)["rule"] == "time_off"
    assert explained(patient, place, far)["rule"] == "hours"


def test_a_closed_clinic_and_a_public_holiday_are_closures(place: SmallClinic) -> None:
    desk, far = Api.staff(place.desk), place.at(9, days=60)
    Closure.objects.create(clinic=place.clinic, starts_at=far, ends_at=far + dt.timedelta(hours=1))
    assert explained(desk, place, far)["rule"] == "closure"
    Clinic.objects.filter(pk=place.clinic.pk).update(region="US-NY")
    new_year = dt.datetime(far.year + 1, 1, 1, 9, tzinfo=far.tzinfo)
    assert explained(desk, place, new_year)["rule"] == "closure"


def test_an_empty_range_names_the_next_free_start(place: SmallClinic) -> None:
    api = Api.patient(place.users[0])
    past = {"appointment_type": place.kind.pk, "from": "2020-01-01", "to": "2020-01-31"}
    answer = api.get("availability/", past).json()
    assert answer["results"] == []
    assert dt.datetime.fromisoformat(answer["next_available"]) > dt.datetime.now(dt.UTC)
    again = api.get(
        "availability/",
        {"appointment_type": place.kind.pk, "from": place.at(9).isoformat(), "to": place.at(12).isoformat()},
    )
    same = api.get(
        "availability/",
        {"appointment_type": place.kind.pk, "from": place.at(9).isoformat(), "to": place.at(12).isoformat()},
        **{"If-None-Match": again.headers["ETag"]},
    )
    assert (again.status_code, same.status_code) == (200, 304)
    for query in ({"to": "2020-03-01"}, {"to": "2019-12-31"}, {"from": "x"}, {"limit": "0"}, {"colour": "red"}):
        bad = api.get("availability/", past | query)
        assert (bad.status_code, code(bad)) == (400, "invalid"), query
