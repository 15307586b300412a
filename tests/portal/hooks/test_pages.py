"""Webhooks on the portal: added and tested, shown once, paused, sent again; nobody else's, and no statement per row."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from mediconnect.outbox.models import Fact
from mediconnect.portal.once import new_key
from notifications.models import Hook, HookCall, HookStanding, PausedWhy
from notifications.services.hooks import pinging
from notifications.services.hooks.turning import call_hooks
from providers.models import Role
from tests.factories import AppointmentFactory, MembershipFactory
from tests.notifications.hooked import Receiver, hook_to, is_signed, receiving
from tests.portal.setup.conftest import House, browser_of, house_of, words

pytestmark = pytest.mark.django_db

EVERYTHING = ["booked", "moved", "cancelled", "arrived", "undone"]
PARTS = ("", "edit/", "remove/")
POSTED = ("test/", "pause/", "resume/", "secret/", "again/", "discard/", "remove/")


@pytest.fixture
def house() -> House:
    return house_of("Harbour")


@pytest.fixture
def strangers() -> House:
    return house_of("Elsewhere")


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with receiving() as receiver:
        yield receiver


def shown_secret(page: Any) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page.content.decode())
    return found[0] if found else ""


def add(house: House, url: str, **changes: Any) -> Any:
    return house.post("webhooks/new/", {"name": "Our site", "url": url, "events": EVERYTHING} | changes)


def failed(hook: Hook, count: int = 1) -> list[HookCall]:
    """Return calls that were given up; tests of the address, so that no visit is needed."""
    return HookCall.objects.bulk_create(
        [
            HookCall(hook=hook, event="ping", body={"type": "ping"}, state="dead", reason="unanswered")
            for _ in range(count)
        ]
    )


def test_an_address_is_added_tested_and_its_secret_shown_once(house: House, receiver: Receiver) -> None:
    assert "No program is told of visits" in words(house.get("webhooks/"))
    key = new_key()
    page = add(house, receiver.url(), key=key)
    assert page.status_code == 200
    secret = shown_secret(page)
    assert is_signed(receiver.heard[0], secret)
    assert "The test was answered" in words(page)
    hook = Hook.objects.get()
    assert hook.paused_at is None
    assert secret == hook.secret
    again = add(house, receiver.url(), key=key)
    assert again.status_code == 303
    assert (Hook.objects.count(), len(receiver.heard)) == (1, 1)
    listed = house.get("webhooks/")
    assert "Our site" in words(listed)
    for part in ("webhooks/", f"webhooks/{hook.pk}/", f"webhooks/{hook.pk}/edit/"):
        assert not shown_secret(house.get(part)), part
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_change WHERE after::text LIKE %s", [f"%{secret}%"])
        assert cursor.fetchone()[0] == 0


def test_one_that_does_not_answer_waits_and_begins_by_a_test(house: House, receiver: Receiver) -> None:
    receiver.verdict = lambda _heard: 401
    page = add(house, receiver.url())
    assert shown_secret(page)
    assert "The test was not answered" in words(page)
    assert "Not begun yet" in words(page)
    hook = Hook.objects.get()
    receiver.verdict = lambda _heard: 200
    assert house.post(f"webhooks/{hook.pk}/test/").status_code == 303
    page = house.get(f"webhooks/{hook.pk}/")
    assert "Not begun yet" not in words(page)
    assert "the receiver refused it" in words(page)
    assert "401" in words(page)


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/hooks", "https://169.254.169.254/", "http://example.org/", "nonsense"]
)
def test_a_wrong_address_comes_back_with_what_was_typed(house: House, url: str) -> None:
    page = add(house, url, name="Typed name")
    assert page.status_code == 400
    assert "Typed name" in page.content.decode()
    assert not Hook.objects.exists()


def test_an_address_is_changed_against_its_version(house: House, receiver: Receiver) -> None:
    hook = hook_to(house.clinic, receiver.url())
    form = {"name": "Billing", "url": receiver.url("/elsewhere"), "events": ["booked"], "version": "1"}
    assert house.post(f"webhooks/{hook.pk}/edit/", form).status_code == 303
    assert receiver.heard[0].path == "/elsewhere"
    hook.refresh_from_db()
    assert (hook.name, hook.events, hook.paused_at) == ("Billing", ["booked"], None)
    clash = house.post(f"webhooks/{hook.pk}/edit/", form | {"name": "Other"})
    assert clash.status_code == 409
    assert receiver.url() in clash.content.decode()  # the old address as it was read, not as it is stored
    assert "gAAAA" not in clash.content.decode()


def test_pause_resume_secret_and_removal(house: House, receiver: Receiver) -> None:
    hook = hook_to(house.clinic, receiver.url())

    def post(part: str) -> Any:
        hook.refresh_from_db()
        return house.post(f"webhooks/{hook.pk}/{part}", {"version": str(hook.version)})

    assert post("pause/").status_code == 303
    assert "Paused by hand" in words(house.get(f"webhooks/{hook.pk}/"))
    assert post("resume/").status_code == 303
    before = hook.secret
    page = post("secret/")
    hook.refresh_from_db()
    assert shown_secret(page) == hook.secret != before
    assert "The old secret signs until" in words(house.get(f"webhooks/{hook.pk}/"))
    stale = house.post(f"webhooks/{hook.pk}/pause/", {"version": "1"})
    assert stale.status_code == 409
    assert "Remove" in words(house.get(f"webhooks/{hook.pk}/remove/"))
    assert post("remove/").status_code == 303
    assert house.get(f"webhooks/{hook.pk}/").status_code == 404


def test_calls_are_listed_by_outcome_and_pages(house: House, receiver: Receiver) -> None:
    hook = hook_to(house.clinic, receiver.url())
    failed(hook, 3)
    pinging.ping_hook(hook_id=hook.pk)
    assert words(house.get(f"webhooks/{hook.pk}/?state=delivered")).count("Test ") >= 1
    assert "the test was not answered" in words(house.get(f"webhooks/{hook.pk}/?state=dead"))
    assert "the test was not answered" not in words(house.get(f"webhooks/{hook.pk}/?state=delivered"))
    assert "No call here" in words(house.get(f"webhooks/{hook.pk}/?state=discarded"))
    failed(hook, 60)
    first = house.get(f"webhooks/{hook.pk}/?state=nonsense&cursor=x")
    assert "Older" in words(first)
    older = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert older
    second = house.browser.get(older[1].replace("&amp;", "&"))
    assert "Newer" in words(second)


def test_what_was_given_up_is_sent_again_or_put_away(house: House, receiver: Receiver, told: HookCall) -> None:
    hook = told.hook
    page = words(house.get(f"webhooks/{hook.pk}/"))
    assert "1 call was not accepted in eight attempts" in page
    assert house.post(f"webhooks/{hook.pk}/again/").status_code == 303
    told.refresh_from_db()
    assert (told.state, told.replayed_by_id) == ("queued", house.admin.pk)
    assert house.post(f"webhooks/{hook.pk}/again/", {"call": str(told.pk)}).status_code == 409
    call_hooks(stay=False)
    told.refresh_from_db()
    assert told.state == "delivered"
    assert house.post(f"webhooks/{hook.pk}/again/", {"call": str(told.pk)}).status_code == 303
    assert house.post(f"webhooks/{hook.pk}/again/", {"call": "nonsense"}).status_code == 404
    assert house.post(f"webhooks/{hook.pk}/again/", {"call": str(uuid.uuid4())}).status_code == 404
    HookCall.objects.filter(pk=told.pk).update(state="sending", lease_until=timezone.now(), lease_token=hook.pk)
    HookCall.objects.filter(pk=told.pk).update(state="dead", reason="gone", lease_until=None, lease_token=None)
    assert house.post(f"webhooks/{hook.pk}/discard/").status_code == 303
    told.refresh_from_db()
    assert told.state == "discarded"


def test_days_are_sent_again(house: House, told: HookCall) -> None:
    hook, today = told.hook, timezone.now().astimezone(house.clinic.zone).date().isoformat()
    wrong = house.post(f"webhooks/{hook.pk}/again/", {"first_day": today, "last_day": "2020-01-01"})
    assert wrong.status_code == 422
    assert "The last day comes before the first" in words(wrong)
    assert house.post(f"webhooks/{hook.pk}/again/", {"first_day": today, "last_day": today}).status_code == 303
    told.refresh_from_db()
    assert told.state == "queued"


@pytest.fixture
def told(house: House, receiver: Receiver) -> HookCall:
    """A call about a visit that was given up."""
    hook = hook_to(house.clinic, receiver.url())
    visit = AppointmentFactory.create(clinic=house.clinic)
    fact = Fact.objects.create(name="appointments.AppointmentBooked", aggregate_id=visit.pk, args={})
    return HookCall.objects.create(
        hook=hook, fact=fact, visit=visit, event="booked", body={"type": "x"}, state="dead", reason="attempts-used-up"
    )


def test_one_that_paused_by_itself_is_told_on_the_overview(house: House) -> None:
    hook = hook_to(house.clinic, "https://receiver.example.org/", name="Billing")
    assert "1 program is told of visits" in words(house.get())
    Hook.objects.filter(pk=hook.pk).update(paused_at=timezone.now(), paused_why=PausedWhy.FAILING)
    assert "The webhook “Billing” paused by itself" in words(house.get())
    assert "for three days nothing was accepted" in words(house.get("webhooks/"))


def test_only_admins_of_the_clinic_come_in(house: House, strangers: House) -> None:
    hook, theirs = (hook_to(one.clinic, "https://receiver.example.org/hooks?token=x") for one in (house, strangers))
    desk = browser_of(MembershipFactory.create(clinic=house.clinic, role=Role.FRONT_DESK).user)
    for part in ("webhooks/", "webhooks/new/", *(f"webhooks/{hook.pk}/{part}" for part in PARTS)):
        assert house.get(part).status_code == 200, part
        assert desk.get(house.address(part)).status_code == 403, part
    for part in POSTED:
        assert desk.post(house.address(f"webhooks/{hook.pk}/{part}"), {"key": new_key()}).status_code == 403, part
        assert house.post(f"webhooks/{theirs.pk}/{part}", {"version": "1"}).status_code == 404, part
    for part in PARTS:
        assert house.get(f"webhooks/{theirs.pk}/{part}").status_code == 404, part
    theirs.refresh_from_db()
    assert (theirs.version, theirs.active) == (1, True)


def test_no_statement_per_row(house: House) -> None:
    hook = hook_to(house.clinic, "https://receiver.example.org/")
    failed(hook)

    def statements(part: str) -> int:
        house.get(part)
        with CaptureQueriesContext(connection) as asked:
            assert house.get(part).status_code == 200
        return len(asked)

    before = [statements("webhooks/"), statements(f"webhooks/{hook.pk}/")]
    failed(hook, 20)
    for _ in range(4):
        hook_to(house.clinic, "https://receiver.example.org/")
    assert [statements("webhooks/"), statements(f"webhooks/{hook.pk}/")] == before
    assert HookStanding.objects.count() == 5
