"""Webhooks: what is told, to whom, signed with what, and what becomes of a receiver that does not answer."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from appointments.models import Appointment
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox.models import Fact
from mediconnect.outbox.services.relaying import relay
from mediconnect.resilience.breaker import breaker_of
from mediconnect.resilience.gateway import Limits
from mediconnect.wiring import HANDLERS
from notifications.errors import CallNotOver, TooManyHooks
from notifications.handlers import queue_hook_calls
from notifications.models import CallState, Hook, HookCall, HookStanding, PausedWhy
from notifications.rules.hooks import MOST_ATTEMPTS, WAITS, breaker_name, wait_after
from notifications.services.hooks import carrying, keeping
from notifications.services.hooks.forgetting import forget_calls
from notifications.services.hooks.pinging import ping_hook
from notifications.services.hooks.replaying import discard_dead, replay_between, replay_call, replay_dead
from notifications.services.hooks.turning import call_hooks
from patients.models import Patient
from providers.errors import ChangedMeanwhile
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.counterparts.faults import going_wrong, silent
from tests.notifications.conftest import Book
from tests.notifications.hooked import Heard, Receiver, hook_to, is_signed, receiving


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def hook(place: SmallClinic, receiver: Receiver) -> Hook:
    hook = hook_to(place.clinic, receiver.url())
    breaker_of(breaker_name(place.clinic.pk, "127.0.0.1")).reset("a test begins", None)
    return hook


def seen(visit: Appointment) -> Expected:
    visit.refresh_from_db()
    return Expected(visit.version, by_header=False)


def send() -> int | None:
    """Carry what was said to the hooks, and make the calls that are due."""
    relay()
    return call_hooks(stay=False)


def let_pass(**delta: float) -> None:
    """Let the time pass that calls and addresses wait for."""
    for call in HookCall.objects.filter(state="waiting"):
        HookCall.objects.filter(pk=call.pk).update(due_at=call.due_at - dt.timedelta(**delta))
    for standing in HookStanding.objects.exclude(rests_until=None):
        rests = (standing.rests_until or timezone.now()) - dt.timedelta(**delta)
        HookStanding.objects.filter(pk=standing.pk).update(rests_until=rests)


def test_each_step_of_a_visit_is_told_and_signed(
    place: SmallClinic, hook: Hook, receiver: Receiver, book: Book
) -> None:
    visit = book()
    send()
    reschedule_appointment(
        appointment_id=visit.pk, start=place.at(11, days=10), expected=seen(visit), caller=place.staff
    )
    send()
    cancel_appointment(appointment_id=visit.pk, reason="provider_unavailable", expected=seen(visit), caller=place.staff)
    send()
    undo_last_step(appointment_id=visit.pk, expected=seen(visit), caller=place.staff)
    send()
    advance_appointment(appointment_id=visit.pk, step="arrive", expected=seen(visit), caller=place.staff)
    send()
    assert receiver.types == [
        "appointment.booked",
        "appointment.moved",
        "appointment.cancelled",
        "appointment.undone",
        "appointment.arrived",
    ]
    assert all(is_signed(one, hook.secret) for one in receiver.heard)
    assert len({one.id for one in receiver.heard}) == 5
    sequences = [one.said["sequence"] for one in receiver.heard]
    assert sequences == sorted(set(sequences))
    last = receiver.heard[-1].said
    visit.refresh_from_db()
    assert last["appointment"]["id"] == str(visit.pk)
    assert last["appointment"]["status"] == "arrived"
    assert dt.datetime.fromisoformat(last["appointment"]["start"]) == visit.starts_at
    assert last["clinic"] == str(place.clinic.pk)
    assert set(HookCall.objects.values_list("state", "last_status", "attempts")) == {("delivered", 204, 1)}


def test_other_steps_of_the_day_are_not_told(place: SmallClinic, hook: Hook, receiver: Receiver, book: Book) -> None:
    visit = book()
    for step in ("confirm", "arrive", "start", "complete"):
        advance_appointment(appointment_id=visit.pk, step=step, expected=seen(visit), caller=place.staff)
    undo_last_step(appointment_id=visit.pk, expected=seen(visit), caller=place.staff)
    send()
    assert sorted(receiver.types) == ["appointment.arrived", "appointment.booked"]


def test_a_hook_hears_what_it_chose(place: SmallClinic, hook: Hook, receiver: Receiver, book: Book) -> None:
    Hook.objects.filter(pk=hook.pk).update(events=["cancelled"])
    visit = book()
    cancel_appointment(appointment_id=visit.pk, reason="provider_unavailable", expected=seen(visit), caller=place.staff)
    send()
    assert receiver.types == ["appointment.cancelled"]


def test_nothing_of_a_person_is_in_a_body(place: SmallClinic, hook: Hook, receiver: Receiver) -> None:
    canary = "Quetzalcoatl"
    patient = place.patients[0]
    Patient.objects.filter(pk=patient.pk).update(given_name=canary, family_name=canary)
    book_appointment(
        place.booking(place.at(10, days=10), reason=f"{canary} knee", patient_note=canary), caller=place.staff
    )
    send()
    (heard,) = receiver.heard
    whole = json.dumps(heard.headers) + heard.body.decode()
    assert canary not in whole
    assert str(patient.pk) not in whole
    assert set(heard.said) == {"id", "type", "occurred_at", "sequence", "clinic", "appointment"}
    assert set(heard.said["appointment"]) == {
        "id", "status", "start", "end", "timezone", "provider", "second_provider", "room", "appointment_type",
    }  # fmt: skip


def test_clinics_hear_of_their_own_visits_alone(hook: Hook, receiver: Receiver, book: Book) -> None:
    other = small_clinic()
    theirs = hook_to(other.clinic, receiver.url("/theirs"))
    book()
    send()
    assert [one.path for one in receiver.heard] == ["/hooks"]
    assert not HookCall.objects.filter(hook=theirs).exists()


def test_a_clinic_without_hooks_costs_one_statement(book: Book) -> None:
    visit = book()
    fact = Fact.objects.get(aggregate_id=visit.pk, name="appointments.AppointmentBooked")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        queue_hook_calls(fact)
    assert len(queries) == 1
    assert not HookCall.objects.exists()


def test_a_fact_that_is_delivered_twice_is_told_once(hook: Hook, book: Book) -> None:
    visit = book()
    fact = Fact.objects.get(aggregate_id=visit.pk, name="appointments.AppointmentBooked")
    queue_hook_calls(fact)
    queue_hook_calls(fact)
    assert HookCall.objects.count() == 1


def test_the_wiring_lists_what_the_handler_knows() -> None:
    wired = {
        event.__name__ for event, handlers in HANDLERS.items() if "notifications.handlers.queue_hook_calls" in handlers
    }
    assert wired == {
        "AppointmentBooked", "AppointmentMoved", "AppointmentCancelled", "AppointmentAdvanced", "AppointmentStepUndone",
    }  # fmt: skip


def test_both_secrets_sign_for_a_day(hook: Hook, receiver: Receiver, book: Book) -> None:
    before = hook.secret
    hook, secret = keeping.rotate_secret(hook_id=hook.pk, version=hook.version)
    book()
    send()
    assert is_signed(receiver.heard[-1], before)
    assert is_signed(receiver.heard[-1], secret)
    Hook.objects.filter(pk=hook.pk).update(former_until=timezone.now())
    book(12)
    send()
    assert not is_signed(receiver.heard[-1], before)
    assert is_signed(receiver.heard[-1], secret)


def test_a_failure_is_tried_again_with_the_same_words_under_the_same_id(
    hook: Hook, receiver: Receiver, book: Book
) -> None:
    receiver.verdict = lambda _heard: 500 if len(receiver.heard) < 3 else 200
    book()
    for _ in range(4):
        send()
        let_pass(days=1)
    assert len(receiver.heard) == 3
    assert len({(one.id, one.body) for one in receiver.heard}) == 1
    call = HookCall.objects.get()
    assert (call.state, call.attempts, call.last_status) == ("delivered", 3, 200)
    assert HookStanding.objects.get(hook=hook).failing_since is None


@pytest.mark.parametrize(
    ("verdict", "status", "error"),
    [
        (500, 500, "http-500"),
        (404, 404, "http-404"),
        ((302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""), 302, "http-302"),
        ((429, {"Retry-After": "120"}, b""), 429, "http-429"),
    ],
)
def test_whatever_is_no_2xx_is_a_failure(
    hook: Hook, receiver: Receiver, book: Book, verdict: Any, status: int, error: str
) -> None:
    receiver.verdict = lambda _heard: verdict
    book()
    send()
    call = HookCall.objects.get()
    assert (call.state, call.reason, call.last_status, call.last_error) == ("waiting", "retry", status, error)
    assert len(receiver.heard) == 1
    if status == 429:
        assert call.due_at > timezone.now() + dt.timedelta(seconds=110)


def test_a_huge_answer_is_not_read_and_counts_by_its_status(hook: Hook, receiver: Receiver, book: Book) -> None:
    receiver.verdict = lambda _heard: (200, {}, b"x" * 30_000_000)
    book()
    send()
    assert HookCall.objects.get().state == "delivered"


def test_it_is_given_up_after_its_attempts_and_sent_again_by_hand(
    place: SmallClinic, hook: Hook, receiver: Receiver, book: Book
) -> None:
    receiver.verdict = lambda _heard: 503
    book()
    for _ in range(MOST_ATTEMPTS + 3):
        send()
        let_pass(days=1)
        breaker_of(breaker_name(place.clinic.pk, "127.0.0.1")).reset("a test goes on", None)
    call = HookCall.objects.get()
    assert (call.state, call.reason, call.attempts) == ("dead", "attempts-used-up", MOST_ATTEMPTS)
    assert len(receiver.heard) == MOST_ATTEMPTS
    receiver.verdict = lambda _heard: 200
    assert replay_dead(hook_id=hook.pk, by_id=place.desk.pk) == 1
    send()
    call.refresh_from_db()
    assert (call.state, call.attempts, call.replayed_by_id) == ("delivered", 1, place.desk.pk)
    assert {one.id for one in receiver.heard} == {str(call.pk)}


def test_the_waits_span_a_day() -> None:
    assert len(WAITS) == 7
    assert 22 * 3600 < sum(WAITS) < 24 * 3600
    assert wait_after(MOST_ATTEMPTS) is None
    assert wait_after(1, spread=lambda low, _high: low) == 3.75


def test_gone_pauses_the_hook_and_says_so(hook: Hook, receiver: Receiver, book: Book) -> None:
    receiver.verdict = lambda _heard: 410
    book()
    book(12)
    send()
    hook.refresh_from_db()
    assert (hook.paused_why, len(receiver.heard) <= 2) == (PausedWhy.GONE, True)
    assert set(HookCall.objects.values_list("state", flat=True)) <= {"dead", "queued"}
    before = len(receiver.heard)
    book(14)
    send()
    assert len(receiver.heard) == before


def test_an_address_that_accepts_nothing_for_days_is_paused(hook: Hook, receiver: Receiver, book: Book) -> None:
    receiver.verdict = lambda _heard: 500
    book()
    send()
    standing = HookStanding.objects.get(hook=hook)
    assert standing.failing_since is not None
    HookStanding.objects.filter(hook=hook).update(failing_since=timezone.now() - dt.timedelta(days=3, minutes=1))
    let_pass(days=1)
    send()
    hook.refresh_from_db()
    assert hook.paused_why == PausedWhy.FAILING


def test_what_happens_while_it_is_paused_waits_and_is_told_after(hook: Hook, receiver: Receiver, book: Book) -> None:
    hook = keeping.pause_hook(hook_id=hook.pk, version=hook.version)
    book()
    send()
    assert (receiver.heard, HookCall.objects.get().state) == ([], "queued")
    keeping.resume_hook(hook_id=hook.pk, version=hook.version)
    send()
    assert receiver.types == ["appointment.booked"]


def test_an_open_breaker_lets_the_address_rest_and_costs_no_attempt(
    place: SmallClinic, hook: Hook, receiver: Receiver, book: Book
) -> None:
    breaker = breaker_of(breaker_name(place.clinic.pk, "127.0.0.1"))
    breaker.force_open("a test", None)
    try:
        for minute in range(5):
            book(10 + minute)
        assert (send() or 9) <= 3  # those under way find it out, the others are not taken up
        assert receiver.heard == []
        assert set(HookCall.objects.values_list("attempts", flat=True)) == {0}
        assert HookStanding.objects.get(hook=hook).rests_until is not None
    finally:
        breaker.reset("the test is over", None)
    let_pass(hours=1)
    send()
    assert len(receiver.heard) == 5


def test_a_receiver_that_hangs_does_not_keep_the_others_waiting(
    settings: Settings, place: SmallClinic, hook: Hook, receiver: Receiver, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "LIMITS", Limits(connect=1, read=2, total=2))
    with going_wrong(silent) as dead:
        hook_to(place.clinic, dead.url("localhost"), host="localhost")
        breaker_of(breaker_name(place.clinic.pk, "localhost")).reset("a test begins", None)
        for minute in range(6):
            book(9 + minute)
        relay()
        began = timezone.now()
        call_hooks(seconds=1.5)
        assert len(receiver.heard) == 6
        assert dead.calls <= 4
    delivered = HookCall.objects.filter(hook=hook).values_list("delivered_at", flat=True)
    assert all(at and at - began < dt.timedelta(seconds=1.5) for at in delivered)


def test_a_call_whose_name_leads_inside_is_not_made(
    hook: Hook, receiver: Receiver, book: Book, settings: Settings
) -> None:
    settings.WEBHOOKS_TO_THIS_MACHINE = False
    book()
    send()
    call = HookCall.objects.get()
    assert (receiver.heard, call.state, call.last_error) == ([], "waiting", "forbidden-address")


def test_a_new_hook_is_tested_and_begins_by_its_answer(place: SmallClinic, receiver: Receiver, book: Book) -> None:
    hook, secret = keeping.make_hook(
        clinic_id=place.clinic.pk, name=" Our site ", url=receiver.url(), events=["booked"], by_id=place.desk.pk
    )
    assert (hook.name, hook.paused_why) == ("Our site", PausedWhy.UNANSWERED)
    receiver.verdict = lambda heard: 200 if is_signed(heard, secret) else 401
    call = ping_hook(hook_id=hook.pk)
    assert (call.state, call.last_status, call.event) == ("delivered", 200, "ping")
    assert receiver.types == ["ping"]
    hook.refresh_from_db()
    assert hook.paused_at is None
    assert secret not in str(Hook.objects.raw("SELECT id, secret::text AS name FROM notifications_hook")[0].name)


def test_a_test_that_is_not_answered_is_not_repeated(place: SmallClinic, receiver: Receiver) -> None:
    hook, _secret = keeping.make_hook(
        clinic_id=place.clinic.pk, name="x", url=receiver.url(), events=["booked"], by_id=None
    )
    receiver.verdict = lambda _heard: 401
    call = ping_hook(hook_id=hook.pk)
    assert (call.state, call.reason, call.last_status) == ("dead", "unanswered", 401)
    hook.refresh_from_db()
    assert hook.paused_why == PausedWhy.UNANSWERED
    assert call_hooks(stay=False) == 0


def test_a_pause_by_hand_is_ended_by_hand(hook: Hook, receiver: Receiver) -> None:
    keeping.pause_hook(hook_id=hook.pk, version=hook.version)
    assert ping_hook(hook_id=hook.pk).state == "delivered"
    hook.refresh_from_db()
    assert hook.paused_why == PausedWhy.BY_HAND


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://10.0.0.1/", "https://me:pass@example.org/", "https://localhost/", "x", ""]
)
def test_an_address_that_is_not_called_is_refused_in_words(place: SmallClinic, url: str) -> None:
    with pytest.raises(Invalid) as caught:
        keeping.make_hook(clinic_id=place.clinic.pk, name="x", url=url, events=["booked"], by_id=None)
    assert list(caught.value.extra["errors"]) == ["url"]


def test_our_own_address_is_refused(place: SmallClinic, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://clinic.example.org"
    with pytest.raises(Invalid):
        keeping.make_hook(
            clinic_id=place.clinic.pk, name="x", url="https://clinic.example.org/api/", events=["booked"], by_id=None
        )


def test_a_hook_has_a_name_and_events_and_a_clinic_ten_of_them(place: SmallClinic) -> None:
    url = "https://receiver.example.org/"
    for name, events in ((" ", ["booked"]), ("x" * 61, ["booked"]), ("x", []), ("x", ["ping"]), ("x", ["other"])):
        with pytest.raises(Invalid):
            keeping.make_hook(clinic_id=place.clinic.pk, name=name, url=url, events=events, by_id=None)
    for number in range(keeping.MOST_HOOKS):
        keeping.make_hook(clinic_id=place.clinic.pk, name=f"n{number}", url=url, events=["booked"], by_id=None)
    with pytest.raises(TooManyHooks):
        keeping.make_hook(clinic_id=place.clinic.pk, name="x", url=url, events=["booked"], by_id=None)


def test_a_change_made_against_an_old_version_is_refused(hook: Hook) -> None:
    changed = keeping.change_hook(hook_id=hook.pk, version=hook.version, values={"name": "Other"})
    assert changed.version == hook.version + 1
    with pytest.raises(ChangedMeanwhile):
        keeping.change_hook(hook_id=hook.pk, version=hook.version, values={"name": "Third"})


def test_another_address_is_tested_anew(hook: Hook, receiver: Receiver) -> None:
    changed = keeping.change_hook(hook_id=hook.pk, version=hook.version, values={"url": receiver.url("/new")})
    assert changed.paused_why == PausedWhy.UNANSWERED


def test_a_removed_hook_hears_nothing(hook: Hook, receiver: Receiver, book: Book) -> None:
    book()
    relay()
    keeping.remove_hook(hook_id=hook.pk, version=hook.version)
    book(12)
    send()
    assert receiver.heard == []
    assert list(HookCall.objects.values_list("state", "reason")) == [("discarded", "hook-removed")]
    with pytest.raises(NotFound):
        ping_hook(hook_id=hook.pk)


def test_a_stretch_of_time_is_sent_again_with_the_same_ids(
    place: SmallClinic, hook: Hook, receiver: Receiver, book: Book
) -> None:
    book()
    book(12)
    send()
    first = {one.id for one in receiver.heard}
    now = timezone.now()
    hour = dt.timedelta(hours=1)
    assert replay_between(hook_id=hook.pk, start=now - hour, end=now - hour / 2, by_id=None) == 0
    assert replay_between(hook_id=hook.pk, start=now - hour, end=now + hour, by_id=place.desk.pk) == 2
    with pytest.raises(CallNotOver):
        replay_call(hook_id=hook.pk, call_id=HookCall.objects.first().pk, by_id=None)  # type: ignore[union-attr]
    send()
    assert len(receiver.heard) == 4
    assert {one.id for one in receiver.heard} == first


def test_a_call_of_another_hook_is_not_found(hook: Hook, receiver: Receiver, book: Book) -> None:
    other = hook_to(small_clinic().clinic, receiver.url())
    book()
    send()
    with pytest.raises(NotFound):
        replay_call(hook_id=other.pk, call_id=HookCall.objects.get().pk, by_id=None)


def test_what_was_given_up_can_be_put_away(hook: Hook, receiver: Receiver, book: Book) -> None:
    book()
    relay()
    HookCall.objects.update(state="sending", lease_until=timezone.now(), lease_token=hook.pk)
    HookCall.objects.update(state="dead", reason="attempts-used-up", lease_until=None, lease_token=None)
    assert discard_dead(hook_id=hook.pk, by_id=None) == 1
    assert HookCall.objects.get().state == CallState.DISCARDED


def test_a_month_later_calls_are_forgotten_and_a_week_later_put_away(
    hook: Hook, receiver: Receiver, book: Book
) -> None:
    book()
    send()
    keeping.pause_hook(hook_id=hook.pk, version=hook.version)
    book(12)
    relay()
    assert forget_calls() == 0
    for call in HookCall.objects.all():
        days = 31 if call.state == "delivered" else 8
        HookCall.objects.filter(pk=call.pk).update(created_at=timezone.now() - dt.timedelta(days=days))
    assert forget_calls() == 1
    assert list(HookCall.objects.values_list("state", "reason")) == [("discarded", "too-old")]


def test_a_receiver_may_tell_repeats_and_order_apart(hook: Hook, receiver: Receiver, book: Book) -> None:
    """What docs/webhooks.md tells receivers to do: keep the ids, and of each visit the highest sequence."""
    receiver.verdict = lambda heard: 500 if len([one for one in receiver.heard if one.id == heard.id]) < 2 else 200
    visit = book()
    send()
    let_pass(days=1)
    send()
    kept: dict[str, Heard] = {}
    for heard in receiver.heard:
        kept.setdefault(heard.id, heard)
    assert len(kept) == 1
    assert next(iter(kept.values())).said["sequence"] == visit.version
