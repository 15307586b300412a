"""Moving a visit: by a form, by a drag's post, refused with a way on, judged before it is done."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment
from appointments.services.holding import place_hold
from appointments.services.moving import reschedule_appointment
from mediconnect.api.versions import Expected
from providers.models import AppointmentType, Opening
from tests.factories import RoomFactory

from .conftest import HTMX, Place, path_of, text_of

JSON = {"Accept": "application/json"}


def fresh(visit: Appointment) -> Appointment:
    return Appointment.objects.get(pk=visit.pk)


def wall(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def test_the_form_offers_free_times_nearest_first(place: Place) -> None:
    visit = place.visit(place.at(9))
    answer = place.panel(visit, "visit-move")
    form = answer.context["form"]
    starts = [offer.start for offer in form.free]
    assert answer.status_code == 200
    assert starts[0] in {place.at(8, 30), place.at(9, 30)}
    distances = [abs(start - place.at(9)) for start in starts]
    assert distances == sorted(distances)
    assert [name for _id, name in form.providers] == ["Dr. Okafor", "Dr. Reyes"]


def test_no_time_is_offered_at_which_the_patient_is_elsewhere(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.visit(place.at(9, 30), provider=place.reyes)
    offered = [offer.start for offer in place.panel(visit, "visit-move").context["form"].free]
    assert place.at(9, 30) not in offered
    assert place.at(8, 30) in offered
    to_reyes = place.panel(visit, "visit-move", {"provider": str(place.reyes.pk)}).context["form"].free
    assert to_reyes[0].start == place.at(9)


def test_looking_at_another_day_and_person_changes_what_is_offered(place: Place) -> None:
    visit = place.visit(place.at(9))
    day = place.at(9, days=5)
    query = {"date": f"{day:%Y-%m-%d}", "provider": str(place.reyes.pk), "minutes": "60"}
    answer = place.get(visit, "visit-move", query, headers={"HX-Request": "true", "HX-Target": "move-times"})
    assert answer.content.decode().lstrip().startswith('<div id="move-times">')
    assert answer.context["form"].free[0].start == day
    assert "Dr. Reyes" in text_of(answer)


def test_without_a_script_the_whole_page_holds_the_form(place: Place) -> None:
    answer = place.get(place.visit(), "visit-move", {"date": f"{place.at(9, days=3):%Y-%m-%d}"})
    assert "<html" in answer.content.decode()
    assert "Show free times" in text_of(answer)


def test_a_visit_moves_to_a_time_on_the_clinics_wall(place: Place) -> None:
    visit = place.visit(place.at(9))
    answer = place.post(visit, "visit-move", {"start": wall(place.at(10, 30))})
    assert answer.status_code == 303
    assert path_of(answer) == place.path(visit)
    assert fresh(visit).starts_at == place.at(10, 30)
    assert "Moved to 10:30 AM." in text_of(place.panel(visit))


def test_date_and_time_apart_say_the_same(place: Place) -> None:
    visit, later = place.visit(place.at(9)), place.at(16, days=4)
    place.post(visit, "visit-move", {"date": f"{later:%Y-%m-%d}", "time": "16:00", "provider": str(place.reyes.pk)})
    assert (fresh(visit).starts_at, fresh(visit).provider_id) == (later, place.reyes.pk)


def test_a_visit_is_lengthened_where_it_is(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.post(visit, "visit-move", {"start": wall(place.at(9)), "minutes": "45"})
    assert fresh(visit).ends_at == place.at(9, 45)
    assert "Changed." in text_of(place.panel(visit))


def test_the_move_is_taken_back_by_its_notice(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.post(visit, "visit-move", {"start": wall(place.at(10, 30))})
    undo = place.client.session["undo"]
    assert undo["action"] == place.path(visit, "visit-undo")
    place.post(visit, "visit-undo", {**undo["fields"], "version": undo["version"]})
    assert fresh(visit).starts_at == place.at(9)


def test_a_move_sent_twice_moves_once(place: Place) -> None:
    visit = place.visit(place.at(9))
    form = {"start": wall(place.at(10)), "version": 1, "key": f"page-{uuid.uuid4()}"}
    answers = [place.post(visit, "visit-move", form) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert fresh(visit).version == 2


def test_control_another_key_clashes(place: Place) -> None:
    visit = place.visit(place.at(9))
    form = {"start": wall(place.at(10)), "version": 1}
    answers = [place.post(visit, "visit-move", form) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]


def test_a_taken_time_is_refused_with_others_to_choose(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.visit(place.at(11), patient=place.others[0])
    answer = place.post(visit, "visit-move", {"start": wall(place.at(11))}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Dr. Okafor is taken until 11:30 AM." in text_of(answer)
    assert "202" not in answer.content.decode().split('class="refusal"')[1].split("</div>")[0]
    assert len(answer.context["instead"]) == 3
    assert 'name="time" value="11:00"' in page
    chosen = answer.context["instead"][0]
    moved = place.post(visit, "visit-move", {"to": f"{chosen.field} {chosen.provider_id}"})
    assert moved.status_code == 303
    assert fresh(visit).starts_at == chosen.start


def test_the_rules_may_be_overridden_with_a_reason(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.visit(place.at(11), patient=place.others[0])
    form = {"start": wall(place.at(11)), "override_reason": "Both doctors agreed"}
    assert place.post(visit, "visit-move", form).status_code == 303
    assert fresh(visit).override_reason == "Both doctors agreed"
    assert fresh(visit).overridden_by_id == place.desk.pk


def test_nobody_is_put_in_two_places_whatever_the_reason(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.visit(place.at(11), provider=place.reyes)
    form = {"start": wall(place.at(11)), "override_reason": "Please"}
    answer = place.post(visit, "visit-move", form, headers=HTMX)
    assert answer.status_code == 409
    assert "The patient has another visit then" in text_of(answer)
    assert 'value="Please"' in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({}, 400, "Give a day and a time."),
        ({"start": "tomorrow"}, 400, "Give a day and a time."),
        ({"start": "2026-02-30T09:00"}, 400, "Give a day and a time."),
        ({"start": "2030-01-01T09:00", "minutes": "7"}, 400, "in steps of 5"),
        ({"start": "2030-01-01T09:00", "minutes": "000030" + "1" * 9}, 400, "in steps of 5"),
        ({"start": "2030-01-01T09:00", "minutes": "000030" + "1" * 5000}, 400, "in steps of 5"),
        ({"start": "2030-01-01T09:00", "provider": "somebody"}, 400, "Choose one of the list."),
        ({"start": "2030-01-01T09:00", "override_reason": "x" * 201}, 400, "200 letters"),
        ({"start": "2031-01-01T09:00"}, 422, "The time is outside the openings"),
    ],
)
def test_what_cannot_be_used_is_said_and_kept(place: Place, fields: dict[str, str], status: int, words: str) -> None:
    visit = place.visit(place.at(9))
    answer = place.post(visit, "visit-move", fields, headers=HTMX)
    assert answer.status_code == status
    assert words in text_of(answer)
    assert "Move this visit" in text_of(answer)
    assert fresh(visit).version == 1


@pytest.mark.parametrize("version", ["0", "-1", "1e1", "٣", "0000000001" + "9" * 5000])
def test_a_version_that_is_none_is_said_whatever_its_length(place: Place, version: str) -> None:
    visit = place.visit(place.at(9))
    answer = place.post(visit, "visit-move", {"start": wall(place.at(11)), "version": version}, headers=HTMX)
    assert answer.status_code == 400
    assert "A version is a whole number from 1." in text_of(answer)


def test_a_time_that_the_clock_skips_is_refused_with_both_sides_of_it(place: Place) -> None:
    answer = place.post(place.visit(), "visit-move", {"start": "2027-03-14T02:30"}, headers=HTMX)
    assert answer.status_code == 422
    assert "The clock skips this time" in text_of(answer)
    assert [offer.field for offer in answer.context["instead"]] == [
        "2027-03-14T01:30-05:00",
        "2027-03-14T03:30-04:00",
    ]


def test_a_time_that_comes_twice_is_refused_with_both(place: Place) -> None:
    visit = place.visit()
    answer = place.post(visit, "visit-move", {"start": "2027-11-07T01:30"}, headers=HTMX)
    fields = [offer.field for offer in answer.context["instead"]]
    assert answer.status_code == 422
    assert fields == ["2027-11-07T01:30-04:00", "2027-11-07T01:30-05:00"]
    assert "UTC−05:00" in text_of(answer)
    Opening.objects.filter(resource=place.okafor).update(during=("2026-01-01T00:00Z", "2028-01-01T00:00Z"))
    place.post(visit, "visit-move", {"to": f"{fields[1]} {place.okafor.pk}"})
    assert fresh(visit).starts_at == dt.datetime.fromisoformat(fields[1])


def test_a_clash_keeps_the_wish_and_can_be_done_on_top(place: Place) -> None:
    visit = place.visit(place.at(9))
    reschedule_appointment(
        appointment_id=visit.pk, start=place.at(13), expected=Expected(1, by_header=False), caller=place.caller
    )
    form = {"start": wall(place.at(10)), "provider": str(place.reyes.pk), "version": 1}
    answer = place.post(visit, "visit-move", form, headers=HTMX)
    clash = answer.context["trouble"].clash
    assert answer.status_code == 409
    assert clash.who == "Nadia Brandt"
    assert [word for word, _before, _after in clash.theirs] == ["Start"]
    assert dict(clash.mine)["Provider"] == "Dr. Reyes"
    assert place.post(visit, "visit-move", {**clash.fields, "version": clash.version}).status_code == 303
    assert (fresh(visit).starts_at, fresh(visit).provider_id) == (place.at(10), place.reyes.pk)


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_has_arrived_is_not_moved(place: Place, method: str) -> None:
    visit = place.now("arrived")
    if method == "get":
        answer = place.panel(visit, "visit-move")
    else:
        answer = place.post(visit, "visit-move", {"start": wall(place.at(9))}, headers=HTMX)
    assert answer.status_code == 409
    assert 'class="visit-card"' in answer.content.decode()


def test_a_drag_onto_something_opens_the_form_with_the_reason(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.visit(place.at(11), patient=place.others[0])
    query = {"start": wall(place.at(11)), "provider": str(place.okafor.pk)}
    answer = place.panel(visit, "visit-move", query)
    assert "Dr. Okafor is taken until 11:30" in text_of(answer)
    assert 'data-verdict="warned"' in answer.content.decode()


def judged(place: Place, visit: Appointment, start: dt.datetime, **query: Any) -> dict[str, Any]:
    answer = place.get(visit, "visit-check", {"start": wall(start), **query}, headers=JSON)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_a_free_time_is_allowed_and_its_own_is_free(place: Place) -> None:
    visit = place.visit(place.at(9))
    assert judged(place, visit, place.at(10)) == {
        "verdict": "allowed",
        "words": "Free until 10:30\N{NO-BREAK SPACE}AM.",
        "rules": [],
    }
    assert judged(place, visit, place.at(9, 15))["verdict"] == "allowed"


def test_a_taken_time_is_warned_of_with_who_and_until_when(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.visit(place.at(11), patient=place.others[0])
    found = judged(place, visit, place.at(10, 45))
    assert found["verdict"] == "warned"
    assert found["words"].startswith("Dr. Okafor is taken until 11:30\N{NO-BREAK SPACE}AM.")
    assert [rule["rule"] for rule in found["rules"]] == ["booked"]
    assert judged(place, visit, place.at(10, 45), provider=str(place.reyes.pk))["verdict"] == "allowed"


def test_a_length_is_judged_with_the_time(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.visit(place.at(10), patient=place.others[0])
    assert judged(place, visit, place.at(9), minutes="60")["verdict"] == "allowed"
    assert judged(place, visit, place.at(9), minutes="75")["verdict"] == "warned"


def test_a_held_time_and_a_missing_room_are_told(place: Place) -> None:
    visit = place.visit(place.at(9))
    place_hold(appointment_type_id=place.kind.pk, provider_id=place.okafor.pk, start=place.at(14), caller=place.caller)
    assert [rule["rule"] for rule in judged(place, visit, place.at(14))["rules"]] == ["held"]
    AppointmentType.objects.filter(pk=place.kind.pk).update(room_kind="exam")
    assert "No room" in judged(place, visit, place.at(15))["words"]
    RoomFactory.create(clinic=place.clinic)
    assert judged(place, visit, place.at(15))["verdict"] == "allowed"


def test_closed_time_is_told_and_a_patient_elsewhere_is_refused(place: Place) -> None:
    visit = place.visit(place.at(9))
    outside = judged(place, visit, place.at(9, days=300))
    assert outside["verdict"] == "warned"
    assert outside["words"].startswith("Dr. Okafor has no hours for this type of visit then.")
    place.visit(place.at(16), provider=place.reyes)
    assert judged(place, visit, place.at(16))["verdict"] == "refused"


def test_a_check_of_nonsense_is_a_refusal_in_words(place: Place) -> None:
    found = place.get(place.visit(), "visit-check", {"start": "soon"}, headers=JSON).json()
    assert (found["verdict"], found["words"]) == ("refused", "Give a day and a time.")


def test_a_check_is_a_sentence_to_whoever_asks_for_html(place: Place) -> None:
    visit = place.visit(place.at(9))
    query = {"date": f"{place.at(10):%Y-%m-%d}", "time": "10:00"}
    answer = place.get(visit, "visit-check", query, headers={"HX-Request": "true", "HX-Target": "move-verdict"})
    assert answer["Content-Type"].startswith("text/html")
    assert answer.content.decode().startswith('<p class="verdict is-allowed"')


def test_a_check_is_quick(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.visit(place.at(11), patient=place.others[0])
    for query, most in (
        ({"start": wall(place.at(10))}, 3),
        ({"start": wall(place.at(11)), "minutes": "45"}, 3),
        ({"start": wall(place.at(9, days=300))}, 4),
        ({"start": wall(place.at(10)), "provider": str(place.reyes.pk)}, 4),
        ({"start": wall(place.at(9, days=300)), "provider": str(place.reyes.pk), "minutes": "30"}, 4),
    ):
        with CaptureQueriesContext(connection) as statements:
            place.get(visit, "visit-check", query, headers=JSON)
        ours = [
            query["sql"]
            for query in statements
            if "appointments_" in query["sql"]
            or "providers_resource" in query["sql"]
            or "providers_closure" in query["sql"]
        ]
        assert len(ours) <= most, ours
