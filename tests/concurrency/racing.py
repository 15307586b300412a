"""Clients that compete: real threads that start together, each with a database connection of its own."""

import datetime as dt
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from django.db import connection

from mediconnect.accounts.models import User
from mediconnect.errors import DomainError
from tests.appointments.conftest import SmallClinic
from tests.http import Api

Result = TypeVar("Result")

# Nobody competes for longer: whatever still runs then hangs, and the test says so.
LONGEST_SECONDS: Final = 60.0
# How often a client sends the same request again before it calls the answer lost.
RETRIES: Final = 40


class _Runner(threading.Thread, Generic[Result]):
    """One competitor. `outcome` is what it returned, `refused` what it raised."""

    def __init__(self, action: Callable[[], Result], start: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self._action, self._start_line = action, start
        self.outcome: Result | None = None
        self.refused: BaseException | None = None

    def run(self) -> None:
        """Connect, wait for the others, act."""
        try:
            connection.ensure_connection()
            self._start_line.wait(LONGEST_SECONDS)
            self.outcome = self._action()
        except BaseException as error:  # noqa: BLE001  # told to the thread that waits
            self.refused = error
        finally:
            connection.close()


def race(actions: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run the actions at the same moment and return what each returned, in their order.

    Raises the first exception that any of them raised, and AssertionError if one is still running after a minute.
    """
    start = threading.Barrier(len(actions))
    runners = [_Runner(action, start) for action in actions]
    for runner in runners:
        runner.start()
    end = time.monotonic() + LONGEST_SECONDS
    for runner in runners:
        runner.join(max(0.0, end - time.monotonic()))
    assert not [runner for runner in runners if runner.is_alive()], f"somebody still waits after {LONGEST_SECONDS} s"
    for runner in runners:
        if runner.refused is not None:
            raise runner.refused
    return [runner.outcome for runner in runners]  # type: ignore[misc]


def refusal_of(action: Callable[[], object]) -> Callable[[], str]:
    """Return the action as one that returns the code of the refusal, or `done`."""

    def run() -> str:
        try:
            action()
        except DomainError as error:
            return error.code
        return "done"

    return run


def patient_api(user: User) -> Api:
    """Return a patient's app to which an unforeseen error is a 500 to look at, as it would be to anybody."""
    api = Api.patient(user)
    api.client.raise_request_exception = False
    return api


def desk_apis(user: User, browsers: int) -> list[Api]:
    """Return so many browsers in which this member of staff has signed in."""
    apis = [Api.staff(user) for _ in range(browsers)]
    for api in apis:
        api.client.raise_request_exception = False
    return apis


def definite(send: Callable[[], Any]) -> Any:
    """Return the first answer that settles the request: a client that retries as the contract says.

    Busy (503 with Retry-After) and a twin under way are no answers. Any other 5xx is returned, to be seen.
    """
    answer = send()
    for _ in range(RETRIES):
        busy = answer.status_code == 503 and answer.headers.get("Retry-After")
        if not busy and not (answer.status_code == 409 and answer.json()["code"] == "idempotency-in-progress"):
            return answer
        time.sleep(0.1)
        answer = send()
    raise AssertionError(f"no definite answer after {RETRIES} attempts: {answer.content[:300]}")


def wish(place: SmallClinic, start: dt.datetime, **changes: Any) -> dict[str, Any]:
    """Return the body of a booking of the usual type with the usual provider."""
    body = {"appointment_type": str(place.kind.pk), "provider": str(place.provider.pk), "start": start.isoformat()}
    return body | changes


def sending(api: Api, path: str, body: dict[str, Any], *, key: str = "", method: str = "POST") -> Callable[[], Any]:
    """Return the action of sending this, with a key of its own unless one is given, until the answer is definite."""
    kept = key or f"race-{uuid.uuid4()}"
    return lambda: definite(lambda: api.send(method, path, body, key=kept))


def tally(answers: Sequence[Any]) -> Counter[str]:
    """Return how often each answer was given: `201`, or `409 slot-taken`."""
    return Counter(
        str(answer.status_code) if answer.status_code < 400 else f"{answer.status_code} {answer.json()['code']}"
        for answer in answers
    )
