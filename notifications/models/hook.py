"""Addresses of other programs that a clinic tells of its visits, and each call to them: signed, repeated, kept for a month."""

from typing import ClassVar, Final

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from appointments.models import Appointment
from mediconnect.outbox.models import Fact
from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.identifiers import uuid7
from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept
from providers.models import Clinic


class HookEvent(models.TextChoices):
    """What a program can be told of. A ping is only sent when somebody asks for one."""

    BOOKED = "booked", "booked"
    MOVED = "moved", "moved"
    CANCELLED = "cancelled", "cancelled"
    ARRIVED = "arrived", "arrived"
    UNDONE = "undone", "taken back"
    PING = "ping", "test"


HEARD: Final = tuple(event for event in HookEvent if event is not HookEvent.PING)


class PausedWhy(models.TextChoices):
    """Why nothing is sent to an address."""

    BY_HAND = "by_hand", "paused by a person"
    UNANSWERED = "unanswered", "the first test was not answered"
    GONE = "gone", "the receiver said that it is gone (410)"
    FAILING = "failing", "nothing was accepted for days"


class Hook(VersionedModel):
    """One address that a clinic gave. It may carry a token, and the secret signs: both are sealed, the host is not.

    While it is paused calls are written and wait. After the secret was changed the one before signs as well, for a while.
    """

    Event, PausedWhy = HookEvent, PausedWhy

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="hooks")
    name = models.CharField(max_length=60)
    url = EncryptedTextField()
    host = models.CharField(max_length=253)
    secret = EncryptedTextField()
    former_secret = EncryptedTextField(blank=True, default="")
    former_until = models.DateTimeField(null=True, blank=True)
    events = ArrayField(models.CharField(max_length=10, choices=HookEvent.choices))
    active = models.BooleanField(default=True, help_text="not removed")
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.CharField(max_length=10, blank=True, default="", choices=PausedWhy.choices)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(events__len__gt=0), name="a_hook_hears_of_something"),
            models.CheckConstraint(
                condition=Q(events__contained_by=[event.value for event in HEARD]), name="a_hook_hears_of_what_there_is"
            ),
            models.CheckConstraint(
                condition=(Q(paused_at=None) & Q(paused_why=""))
                | (Q(paused_at__isnull=False) & Q(paused_why__in=PausedWhy.values)),
                name="a_paused_hook_says_why",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        """Return name and host; the rest of the address may open something."""
        return f"{self.name} ({self.host})"


class HookStanding(models.Model):
    """How an address does at the moment: what the senders know of it, apart from what people decided."""

    hook = models.OneToOneField(Hook, models.CASCADE, primary_key=True, related_name="standing")
    rests_until = models.DateTimeField(null=True, blank=True, help_text="its breaker is open, or it asked for a rest")
    failing_since = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Return the hook's id."""
        return str(self.pk)


class CallState(models.TextChoices):
    """Where a call stands."""

    QUEUED = "queued", "queued"
    SENDING = "sending", "being sent"
    WAITING = "waiting", "waiting"
    DELIVERED = "delivered", "delivered"
    DEAD = "dead", "given up"
    DISCARDED = "discarded", "discarded"


# Every step that a call may take, whoever writes it. What is over is sent again by a person alone, under the same id.
CALL_TRANSITIONS: Final[dict[CallState, tuple[CallState, ...]]] = {
    CallState.QUEUED: (CallState.SENDING, CallState.DISCARDED),
    CallState.WAITING: (CallState.SENDING, CallState.QUEUED, CallState.DISCARDED),
    CallState.SENDING: (CallState.DELIVERED, CallState.WAITING, CallState.DEAD, CallState.DISCARDED),
    CallState.DELIVERED: (CallState.QUEUED,),
    CallState.DEAD: (CallState.QUEUED, CallState.DISCARDED),
    CallState.DISCARDED: (CallState.QUEUED,),
}

_KNOWN_STEP: Final = "IF OLD.state <> NEW.state AND NOT (\n{steps}\n) THEN\n{refuse}\nEND IF;\nRETURN NEW;".format(
    steps="\n OR ".join(
        f"(OLD.state = '{source.value}' AND NEW.state IN ({', '.join(repr(target.value) for target in targets)}))"
        for source, targets in CALL_TRANSITIONS.items()
    ),
    refuse="""
        RAISE EXCEPTION 'a call does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = '23514', CONSTRAINT = 'a_call_takes_a_known_step', TABLE = TG_TABLE_NAME;
    """,
)


class HookCall(models.Model):
    """One event on its way to one address. Its id is what the receiver tells repeats by.

    `body` holds ids, times and a status, as they were when the event was heard: no name, no contact, no reason.
    """

    State, Event = CallState, HookEvent

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hook = models.ForeignKey(Hook, models.PROTECT, related_name="calls", db_index=False)
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    event = models.CharField(max_length=10, choices=HookEvent.choices)
    visit = models.ForeignKey(Appointment, models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    body = models.JSONField()
    state = models.CharField(
        max_length=9, choices=CallState.choices, db_default=CallState.QUEUED.value, default=CallState.QUEUED
    )
    reason = models.CharField(max_length=40, blank=True, db_default="", help_text="why it waits or was given up")
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(
        db_default=0, default=0, help_text="requests begun since it was queued, counted before each"
    )
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of HTTP, where one came")
    last_error = models.CharField(max_length=80, blank=True, db_default="", help_text="a code, never what was answered")
    last_milliseconds = models.PositiveIntegerField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, help_text="who does not hold it may not write the outcome")
    delivered_at = models.DateTimeField(null=True, blank=True)
    replayed_at = models.DateTimeField(null=True, blank=True)
    replayed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    request_id = models.CharField(max_length=64, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hook", "fact"], name="a_hook_hears_a_fact_once"),
            models.CheckConstraint(
                condition=Q(event="ping", fact=None, visit=None)
                | (~Q(event="ping") & Q(fact__isnull=False, visit__isnull=False)),
                name="a_call_follows_from_a_fact_or_is_a_test",
            ),
            models.CheckConstraint(condition=Q(state__in=CallState.values), name="a_call_has_a_known_state"),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False, lease_token__isnull=False)
                | (~Q(state="sending") & Q(lease_until=None, lease_token=None)),
                name="a_call_is_leased_while_it_is_sent",
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(delivered_at__isnull=False), name="a_delivered_call_says_when"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "dead", "discarded"]) | ~Q(reason=""),
                name="a_call_that_is_not_delivered_says_why",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["hook", "due_at", "id"], condition=Q(state__in=["queued", "waiting"]), name="hook_calls_due"
            ),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="hook_calls_leased"),
            models.Index(fields=["hook", "-created_at", "-id"], name="hook_calls_newest_first"),
            models.Index(fields=["hook", "-created_at"], condition=Q(state="dead"), name="hook_calls_given_up"),
            # For whoever forgets what is old.
            models.Index(fields=["created_at"], name="hook_calls_by_age"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="a_call_takes_a_known_step",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]  # the library has no types here
                func=_KNOWN_STEP,
            ),
        ]

    def __str__(self) -> str:
        """Return event and id."""
        return f"{self.event} {self.id}"
