"""What is forced by hand holds for the fleet, survives Redis, and is kept with who and why."""

import uuid
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis import Redis
from structlog.testing import capture_logs

from mediconnect.accounts.models import User
from mediconnect.records.models import Change
from mediconnect.resilience.breaker import (
    PLENTY,
    Breaker,
    BreakerOptions,
    NotPermitted,
    breaker_of,
    forced,
    known_breakers,
    mirror_overrides,
)
from mediconnect.resilience.breaker.fleet import OVERRIDES
from mediconnect.resilience.breaker.permits import breaker_on
from mediconnect.resilience.breaker.rules import Force
from mediconnect.resilience.errors import ReasonMissing
from mediconnect.resilience.models import BreakerOverride
from mediconnect.resilience.reach import Away, Reach, Server
from mediconnect.resilience.tasks import mirror_breakers
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_heard(valkey: Redis) -> Iterator[None]:
    yield
    forced._heard.all({})
    valkey.flushdb()


@pytest.fixture
def breaker(dependency: str) -> Breaker:
    return breaker_of(dependency)


def another_process(name: str, valkey: Redis) -> Breaker:
    """Return a breaker of a process that has heard nothing so far."""
    forced._heard.all({})
    return breaker_on(Server(valkey, Reach()), name, BreakerOptions())


def test_forced_open_lets_nobody_through_until_reset(breaker: Breaker, valkey: Redis) -> None:
    breaker.force_open("the vendor asked us to", None)
    said = another_process(breaker.name, valkey).state()
    assert (said.state, said.forced, said.reason) == ("forced_open", True, "by hand")
    with pytest.raises(NotPermitted) as refusal:
        breaker.acquire()
    assert refusal.value.retry_after == 60
    assert breaker.room() == 0
    breaker.reset("they are back", None)
    breaker.acquire().succeeded()
    assert breaker.state().state == "closed"


def test_forced_closed_lets_everybody_through_whatever_fails(breaker: Breaker) -> None:
    breaker.force_closed("their alarm is a false one", None)
    for _ in range(50):
        breaker.acquire().failed()
    assert (breaker.state().state, breaker.room()) == ("forced_closed", PLENTY)
    breaker.reset("done", None)
    assert breaker.state().calls == 0


def test_reset_closes_what_opened_by_itself(breaker: Breaker) -> None:
    for _ in range(5):
        breaker.acquire().failed()
    breaker.reset("the line was mended", None)
    assert breaker.state().state == "closed"


def test_it_survives_a_flush_and_a_restart(breaker: Breaker, valkey: Redis) -> None:
    breaker.force_open("maintenance", None)
    valkey.flushdb()
    assert breaker.state().state == "forced_open"  # this process has heard of it
    there = another_process(breaker.name, valkey)
    assert there.state().state == "closed"  # a process that started just now has not
    mirror_breakers()
    assert there.state().state == "forced_open"
    assert another_process(breaker.name, valkey).state().state == "forced_open"


def test_it_holds_while_redis_is_away(breaker: Breaker, valkey: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(Reach):
        def ask(self, question: object) -> object:  # type: ignore[override]
            raise Away

    away = breaker_on(Server(valkey, Gone()), breaker.name, BreakerOptions())
    breaker.force_open("maintenance", None)
    assert (away.state().state, away.state().alone) == ("forced_open", True)
    monkeypatch.setattr(forced, "server", lambda: Server(valkey, Gone()))
    breaker.force_closed("enough", None)
    assert away.state().state == "forced_closed"
    assert mirror_overrides() is False


def test_a_mirror_that_overtook_a_fresh_decision_puts_it_right(
    breaker: Breaker, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, stale = forced._write, [True]

    def decided_meanwhile(client: Redis, rows: dict[str, Force]) -> None:
        if stale.pop() if stale else False:
            BreakerOverride.objects.create(name=breaker.name, state="forced_open", reason="x", at=timezone.now())
        write(client, rows)

    monkeypatch.setattr(forced, "_write", decided_meanwhile)
    assert mirror_overrides()
    assert valkey.hget(OVERRIDES, breaker.name) == b"forced_open"


def test_each_decision_is_kept_with_who_and_why_and_told_without(breaker: Breaker) -> None:
    somebody = UserFactory.create()
    with capture_logs() as lines:
        breaker.force_open("first", somebody.pk)
        breaker.force_open("second", None)
        breaker.reset("third", somebody.pk)
    row = BreakerOverride.objects.get(name=breaker.name)
    assert (row.state, row.reason, row.by_id, row.version) == ("automatic", "third", somebody.pk, 3)
    changes = Change.objects.of(row)
    assert [(c.operation, c.reason, c.actor_id) for c in changes] == [
        ("insert", "first", somebody.pk),
        ("update", "second", None),
        ("update", "third", somebody.pk),
    ]
    told = [line for line in lines if line["event"] == "breaker overruled"]
    assert [(line["old"], line["new"]) for line in told] == [
        ("automatic", "forced_open"),
        ("forced_open", "forced_open"),
        ("forced_open", "automatic"),
    ]
    assert "first" not in str(lines)


def test_nobody_overrules_without_a_reason(breaker: Breaker) -> None:
    for verb in (breaker.force_open, breaker.force_closed, breaker.reset):
        with pytest.raises(ReasonMissing):
            verb("  ", None)
    assert not BreakerOverride.objects.exists()


@pytest.mark.parametrize("wrong", [{"state": "ajar"}, {"reason": ""}])
def test_the_database_takes_no_other_state_and_no_silence(wrong: dict[str, str]) -> None:
    row = {"name": "twilio", "state": "automatic", "reason": "why", "at": timezone.now()}
    with pytest.raises(IntegrityError):
        BreakerOverride.objects.create(**{**row, **wrong})


def test_known_are_those_that_are_always_there_and_those_that_were_asked(breaker: Breaker) -> None:
    assert {"twilio", "sendgrid"} <= set(known_breakers())
    assert breaker.name not in known_breakers()
    breaker.acquire().released()
    assert breaker.name in known_breakers()


# ---- by command ----


def test_the_command_shows_and_overrules(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("breaker", "status")
    shown = capsys.readouterr().out
    assert [line.split()[:2] for line in shown.splitlines() if line.startswith(("sendgrid", "twilio"))] == [
        ["sendgrid", "closed"],
        ["twilio", "closed"],
    ]
    call_command("breaker", "force-open", "twilio", "--reason", "number under repair")
    assert "forced_open" in capsys.readouterr().out
    row = BreakerOverride.objects.get(name="twilio")
    assert row.reason.startswith("number under repair (")
    assert row.reason.endswith(", command line)")
    call_command("breaker", "status", "twilio")
    assert "number under repair" in capsys.readouterr().out
    call_command("breaker", "force-close", "ehr:northside", "--reason", "test run")
    assert "forced_closed" in capsys.readouterr().out
    call_command("breaker", "reset", "twilio", "--reason", "repaired")
    assert "closed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["reset"], "Which one"),
        (["reset", "twilio"], "with a reason"),
        (["force-open", "twillio", "--reason", "typed in a hurry"], "No breaker has that name"),
        (["status", "nobody"], "No breaker has that name"),
        (["force-open", "ehr:North Side", "--reason", "x"], "No breaker has that name"),
    ],
)
def test_the_command_says_what_is_wrong(words: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("breaker", *words)


# ---- in the admin ----

LIST = "admin:resilience_breakeroverride_changelist"
DECIDE = "admin:resilience_breakeroverride_decide"


@pytest.fixture
def boss(client: Client) -> User:
    user = UserFactory.create(is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


def test_the_admin_shows_every_breaker_and_overrules_it(client: Client, boss: User) -> None:
    for _ in range(5):
        breaker_of("sendgrid").acquire().failed()
    page = client.get(reverse(LIST)).content.decode()
    assert "5 failures in a row" in page
    sent = {"name": "sendgrid", "verb": "open", "reason": "they are down for the day"}
    page = client.post(reverse(DECIDE), sent, follow=True).content.decode()
    assert "Now forced open: sendgrid." in page
    row = BreakerOverride.objects.get(name="sendgrid")
    assert row.by_id == boss.pk
    change = Change.objects.of(row).get()
    assert (change.actor_id, change.reason, bool(change.request_id)) == (boss.pk, "they are down for the day", True)
    history = client.get(reverse("admin:resilience_breakeroverride_history", args=[row.pk])).content.decode()
    assert "they are down for the day" in history
    client.post(reverse(DECIDE), sent | {"verb": "close"})
    assert breaker_of("sendgrid").state().state == "forced_closed"
    client.post(reverse(DECIDE), sent | {"verb": "reset"})
    assert breaker_of("sendgrid").state().state == "closed"


def test_the_admin_says_what_is_wrong(client: Client, boss: User) -> None:
    sent = {"name": "twilio", "verb": "open", "reason": " "}
    assert "with a reason" in client.post(reverse(DECIDE), sent, follow=True).content.decode()
    sent = {"name": "nobody", "verb": "open", "reason": "why"}
    assert "No breaker has that name" in client.post(reverse(DECIDE), sent, follow=True).content.decode()
    assert client.post(reverse(DECIDE), sent | {"name": "twilio", "verb": "burn"}).status_code == 403
    assert client.get(reverse(DECIDE)).status_code == 405
    assert not BreakerOverride.objects.exists()


def test_nobody_but_superusers_sees_or_overrules(client: Client) -> None:
    client.force_login(UserFactory.create(is_staff=True))
    assert client.get(reverse(LIST)).status_code == 403
    sent = {"name": "twilio", "verb": "open", "reason": str(uuid.uuid4())}
    assert client.post(reverse(DECIDE), sent).status_code == 403
    assert not BreakerOverride.objects.exists()
