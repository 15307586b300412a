"""One request, sent many times at once: it happens once, and everybody hears the same."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from appointments.models import Appointment, Hold
from mediconnect.idempotency import decorator
from mediconnect.idempotency.models import IdempotencyRecord
from mediconnect.idempotency.services.answering import Answer
from mediconnect.outbox.models import Fact
from providers.models import AppointmentType
from tests.appointments.conftest import SmallClinic
from tests.concurrency.clinics import second_provider
from tests.concurrency.racing import definite, desk_apis, patient_api, race, tally, wish
from tests.counts import rounds
from tests.http import Api

pytestmark = pytest.mark.race

CLIENTS = 50


@pytest.fixture(params=["redis answers", "redis is away"])
def _counting(request: pytest.FixtureRequest, settings: Any) -> None:
    """Count requests in Redis, or with a server that nobody runs."""
    if request.param == "redis is away":
        settings.REDIS_URL = "redis://127.0.0.1:1/0"


@pytest.fixture
def _without_idempotency(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every request plainly, whatever its key."""

    def plainly(*, work: Callable[[], Answer], **_words: Any) -> Answer:
        return work()

    monkeypatch.setattr(decorator, "answer_once", plainly)


def twins(api: Api, path: str, body: dict[str, Any], key: str, clients: int) -> list[Any]:
    """Send the same request from so many threads at once, each from a client of its own, and return the answers."""
    apis = [Api(api.headers) for _ in range(clients)] if api.headers else [api] * clients
    return race([partial(one.post, path, body, key=key) for one in apis])


@pytest.mark.usefixtures("_counting")
def test_the_same_key_fifty_times_at_once_books_once(place: SmallClinic, isolation: str) -> None:
    api, times = patient_api(place.users[0]), rounds(quick=1, full=100)
    firsts: dict[str, bytes] = {}
    for number in range(times):
        body = wish(place, place.at(number % 24, days=2 + number // 24))
        key = f"the-same-key-{number:04}"
        answers = twins(api, "appointments/", body, key, CLIENTS)
        fresh = [a for a in answers if a.status_code == 201 and "Idempotent-Replayed" not in a.headers]
        assert set(tally(answers)) <= {"201", "409 idempotency-in-progress"}
        assert all(a.headers["Retry-After"] == "1" for a in answers if a.status_code == 409)
        assert len(fresh) == 1
        firsts[key] = fresh[0].content
        assert {a.content for a in answers if a.status_code == 201} == {fresh[0].content}
        again = twins(api, "appointments/", body, key, rounds(quick=5, full=CLIENTS))
        assert {
            (a.status_code, a.content, a.headers["Idempotent-Replayed"]) for a in again if a.status_code != 409
        } == {(201, fresh[0].content, "true")}
        assert set(tally(again)) <= {"201", "409 idempotency-in-progress"}
    assert Appointment.objects.count() == times
    assert Fact.objects.filter(name__endswith="AppointmentBooked").count() == times
    assert IdempotencyRecord.objects.count() == times
    assert {json.loads(body)["id"] for body in firsts.values()} == {
        str(pk) for pk in Appointment.objects.values_list("pk", flat=True)
    }


def test_a_refusal_is_the_same_for_every_twin_and_for_ever(place: SmallClinic, isolation: str) -> None:
    assert patient_api(place.users[1]).post("appointments/", wish(place, place.at(9))).status_code == 201
    api, body = patient_api(place.users[0]), wish(place, place.at(9))
    answers = twins(api, "appointments/", body, "refused-many-times", 20)
    assert set(tally(answers)) <= {"409 slot-taken", "409 idempotency-in-progress"}
    settled = {answer.content for answer in answers if answer.json()["code"] == "slot-taken"}
    assert len(settled) == 1
    assert definite(lambda: api.post("appointments/", body, key="refused-many-times")).content in settled


@pytest.mark.usefixtures("_without_idempotency")
def test_control_without_keys_a_retry_is_told_that_its_own_booking_is_in_the_way(place: SmallClinic) -> None:
    answers = twins(patient_api(place.users[0]), "appointments/", wish(place, place.at(9)), "one-key-for-all-twins", 10)
    assert tally(answers) == {"201": 1, "409 patient-overlap": 9}


def group_hold(place: SmallClinic) -> dict[str, Any]:
    """Let twenty share a visit, seat one of them, and return the body of a hold on a seat beside that one."""
    AppointmentType.objects.filter(pk=place.kind.pk).update(capacity=20)
    assert patient_api(place.users[0]).post("appointments/", wish(place, place.at(9))).status_code == 201
    return wish(place, place.at(9))


@pytest.mark.usefixtures("_without_idempotency")
def test_control_without_keys_one_held_seat_becomes_eight(place: SmallClinic) -> None:
    body, (api,) = group_hold(place), desk_apis(place.desk, 1)
    assert tally(race([_as_desk(place, api, body)] * 8)) == {"201": 8}
    assert Hold.objects.count() == 8


def test_with_keys_one_held_seat_stays_one(place: SmallClinic, isolation: str) -> None:
    body, (api,) = group_hold(place), desk_apis(place.desk, 1)
    answers = race([_as_desk(place, api, body)] * 8)
    assert set(tally(answers)) <= {"201", "409 idempotency-in-progress"}
    assert Hold.objects.count() == 1


def _as_desk(place: SmallClinic, api: Api, body: dict[str, Any]) -> Callable[[], Any]:
    def run() -> Any:
        browser = Api(client=type(api.client)(raise_request_exception=False))
        browser.client.cookies = api.client.cookies
        return browser.post("holds/", body, key="hold-one-seat-once")

    return run


def test_two_keys_of_one_patient_with_two_providers_book_one_visit(place: SmallClinic, isolation: str) -> None:
    # A double click that makes two requests: the patient is the thing that both want.
    other = second_provider(place)
    api = patient_api(place.users[0])
    bodies = [wish(place, place.at(9)), wish(place, place.at(9), provider=str(other.pk))]
    answers = race(
        [
            partial(definite, partial(api.post, "appointments/", body, key=f"double-click-{n:05}"))
            for n, body in enumerate(bodies)
        ]
    )
    assert tally(answers) == {"201": 1, "409 patient-overlap": 1}
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert lost.json()["appointment"] == won.json()["id"]
