"""A message to a person: what it is about, where it stands, and what became of each try."""

from typing import ClassVar, Final

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from appointments.models import Appointment, Batch, DisplacedVisit, WaitlistOffer
from mediconnect.outbox.models import Fact
from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.identifiers import uuid7
from patients.models import Patient, follows_a_merge
from providers.models import Clinic


class Kind(models.TextChoices):
    """What a message is for."""

    PASSWORD_RESET = "password_reset", "new password"
    PASSWORD_CHANGED = "password_changed", "password changed"
    INVITATION = "invitation", "invitation to an account"
    COLLEAGUE_INVITED = "colleague_invited", "invitation of a colleague"
    ACCOUNT_CODE = "account_code", "code for an account"
    EMAIL_CHECK = "email_check", "check of an address"
    ADDRESS_IN_USE = "address_in_use", "address has an account"
    BOOKED = "booked", "booked"
    MOVED = "moved", "moved"
    CANCELLED = "cancelled", "cancelled"
    REMINDER = "reminder", "reminder"
    THANKS = "thanks", "thanks for confirming"
    WILL_CALL = "will_call", "we will call"
    PLEASE_CALL = "please_call", "please call us"
    OFFER = "offer", "offer from the waitlist"
    OFFER_OVER = "offer_over", "offer taken back"
    PROPOSAL = "proposal", "proposal of a new time"
    PROPOSAL_OVER = "proposal_over", "proposal taken back"
    LATE = "late", "running late"
    PLACE = "place", "place in line"
    NOTE = "note", "note from the clinic"

    @property
    def about_a_visit(self) -> bool:
        """Whether the message speaks of a visit, be it one that is offered; the others speak of an account."""
        return self in _OF_VISITS

    @property
    def of_an_offer(self) -> bool:
        """Whether the message speaks of an offer from the waitlist, and of no visit of its own."""
        return self in (Kind.OFFER, Kind.OFFER_OVER)


_OF_VISITS: Final = frozenset(
    {
        Kind.BOOKED,
        Kind.MOVED,
        Kind.CANCELLED,
        Kind.REMINDER,
        Kind.THANKS,
        Kind.WILL_CALL,
        Kind.PLEASE_CALL,
        Kind.OFFER,
        Kind.OFFER_OVER,
        Kind.PROPOSAL,
        Kind.PROPOSAL_OVER,
        Kind.LATE,
        Kind.PLACE,
        Kind.NOTE,
    }
)


class Channel(models.TextChoices):
    """How a message travels."""

    EMAIL = "email", "e-mail"
    SMS = "sms", "text message"


class State(models.TextChoices):
    """Where a message stands."""

    QUEUED = "queued", "queued"
    SENDING = "sending", "being sent"
    WAITING = "waiting", "waiting"
    SENT = "sent", "sent"
    DELIVERED = "delivered", "delivered"
    UNDELIVERED = "undelivered", "not delivered"
    SKIPPED = "skipped", "not sent"
    DEAD = "dead", "given up"
    DISCARDED = "discarded", "discarded"


# Something is still to happen by itself; SENDING included, since a lost lease returns the message.
OPEN: Final = (State.QUEUED, State.WAITING, State.SENDING)
# What a person may send on its way once more.
REQUEUABLE: Final = (State.DEAD, State.UNDELIVERED)

# Every step that a message may take, whoever writes it. What was delivered may still bounce (SendGrid tells so hours
# later); what was handed over never returns to the queue by itself. While nobody knows whether an attempt was accepted
# the message waits, and the service's own word, when it comes, settles it.
TRANSITIONS: Final[dict[State, tuple[State, ...]]] = {
    State.QUEUED: (State.SENDING, State.WAITING, State.SKIPPED, State.DEAD),
    State.WAITING: (State.SENDING, State.QUEUED, State.SKIPPED, State.DEAD, State.SENT, State.DELIVERED, State.UNDELIVERED),
    State.SENDING: (State.SENT, State.DELIVERED, State.UNDELIVERED, State.WAITING, State.QUEUED, State.SKIPPED, State.DEAD),
    State.SENT: (State.DELIVERED, State.UNDELIVERED),
    State.DELIVERED: (State.UNDELIVERED,),
    State.UNDELIVERED: (State.QUEUED, State.DISCARDED),
    State.DEAD: (State.QUEUED, State.DISCARDED, State.SENT, State.DELIVERED),
    State.SKIPPED: (),
    State.DISCARDED: (),
}  # fmt: skip

_KNOWN_STEP: Final = "IF OLD.state <> NEW.state AND NOT (\n{steps}\n) THEN\n{refuse}\nEND IF;\nRETURN NEW;".format(
    steps="\n OR ".join(
        f"(OLD.state = '{source.value}' AND NEW.state IN ({', '.join(repr(target.value) for target in targets)}))"
        for source, targets in TRANSITIONS.items()
        if targets
    ),
    refuse="""
        RAISE EXCEPTION 'a message does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = '23514', CONSTRAINT = 'a_message_takes_a_known_step', TABLE = TG_TABLE_NAME;
    """,
)


# The sealed columns beside the address.
_WORDS: Final = ("body", "html")


class MessageQuerySet(models.QuerySet["Message"]):
    """The words in which messages are asked for."""

    def sealed(self) -> "MessageQuerySet":
        """Return them unopened: whoever only moves a message needs no address and no words, and one may be unreadable."""
        return self.defer("recipient", *_WORDS)

    def without_words(self) -> "MessageQuerySet":
        """Return them with their address, and without the words, for lists."""
        return self.defer(*_WORDS)


class Message(models.Model):
    """One message about one step of one visit, or because of one fact of an account, on one channel.

    Recipient and words are sealed: they hold addresses, links and codes. Both are empty until the message is made ready:
    consent, channel, visit and words are those of the moment of sending. `fact` is the fact it follows from, `instead_of`
    the message on the other channel that could not be delivered, `answers` the reply that it answers.
    """

    Kind, Channel, State = Kind, Channel, State

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    language = models.CharField(max_length=8, default="en")
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    visit = models.ForeignKey(Appointment, models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    visit_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="the version with which the visit got the time that is told"
    )
    visit_starts_at = models.DateTimeField(null=True, blank=True, help_text="the time that is told")
    lead_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="of a reminder: how long before the visit"
    )
    offer = models.ForeignKey(
        WaitlistOffer, models.PROTECT, related_name="+", null=True, blank=True, help_text="the time that is offered"
    )
    displaced_visit = models.ForeignKey(
        DisplacedVisit,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="the new time that is proposed",
    )
    batch = models.ForeignKey(
        Batch,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="the act on many visits that it is part of",
    )
    instead_of = models.OneToOneField(
        "self", models.PROTECT, related_name="fallback", null=True, blank=True, help_text="what could not be delivered"
    )
    answers = models.ForeignKey(
        "notifications.Reply", models.PROTECT, related_name="answers", db_index=False, null=True, blank=True
    )

    recipient = EncryptedTextField(blank=True, default="")
    recipient_index = models.CharField(max_length=32, blank=True, db_default="", help_text="finds the address again")
    subject = models.CharField(
        max_length=200, blank=True, help_text="Names nobody: it is shown in lists and on lock screens."
    )
    body = EncryptedTextField(blank=True, default="")
    html = EncryptedTextField(blank=True, default="", db_default="", help_text="of mail: the same words, to look at")
    link_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, help_text="of the link's token")
    segments = models.PositiveSmallIntegerField(null=True, blank=True)

    state = models.CharField(max_length=11, choices=State.choices, db_default=State.QUEUED.value, default=State.QUEUED)
    reason = models.CharField(
        max_length=40, blank=True, db_default="", help_text="why it waits, was not sent or given up"
    )
    urgent = models.BooleanField(
        db_default=False, default=False, help_text="goes before reminders: somebody waits for it"
    )
    due_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True, help_text="afterwards it is not worth sending")
    attempts = models.PositiveSmallIntegerField(
        db_default=0, default=0, help_text="requests really begun, counted before each"
    )
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=80, blank=True, db_default="", help_text="class and code, never words")
    in_doubt = models.BooleanField(
        db_default=False,
        default=False,
        help_text="nobody knows whether the last attempt was accepted; looked up before the next",
    )
    ambiguities = models.PositiveSmallIntegerField(
        db_default=0,
        default=0,
        help_text="attempts sent again without knowing; the recipient may have it so many times more",
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, help_text="who does not hold it may not write the outcome")
    via = models.CharField(max_length=10, blank=True, db_default="", help_text="twilio, sendgrid or sandbox")
    provider_id = models.CharField(max_length=100, blank=True, db_default="")
    provider_status = models.CharField(max_length=20, blank=True, db_default="")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="when the service accepted it")
    delivered_at = models.DateTimeField(null=True, blank=True)
    requeued_at = models.DateTimeField(null=True, blank=True)
    requeued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    request_id = models.CharField(max_length=64, blank=True, db_default="")
    trace_context = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["fact", "kind"], name="a_fact_is_written_about_once"),
            models.UniqueConstraint(
                fields=["visit", "visit_version", "kind", "lead_minutes", "channel", "displaced_visit", "batch"],
                condition=Q(visit__isnull=False, answers=None),
                nulls_distinct=False,
                name="a_step_of_a_visit_is_told_once_on_a_channel",
            ),
            models.UniqueConstraint(
                fields=["offer", "kind", "channel"],
                condition=Q(offer__isnull=False),
                name="an_offer_is_told_once_on_a_channel",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["offer", "offer_over"], offer__isnull=False)
                | (~Q(kind__in=["offer", "offer_over"]) & Q(offer=None)),
                name="a_message_of_an_offer_says_which",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["proposal", "proposal_over"], displaced_visit__isnull=False)
                | (~Q(kind__in=["proposal", "proposal_over"]) & Q(displaced_visit=None)),
                name="a_proposal_says_which_time",
            ),
            models.CheckConstraint(
                condition=Q(kind="note", batch__isnull=False) | ~Q(kind="note"), name="a_note_says_whose_words_it_holds"
            ),
            models.UniqueConstraint(fields=["answers", "kind"], name="a_reply_is_answered_once_in_a_way"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="a_message_has_a_known_state"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="a_message_has_a_known_kind"),
            models.CheckConstraint(
                condition=Q(visit=None)
                | Q(
                    visit_version__isnull=False,
                    visit_starts_at__isnull=False,
                    clinic__isnull=False,
                    patient__isnull=False,
                ),
                name="a_message_about_a_visit_says_which_time_of_whom",
            ),
            models.CheckConstraint(
                condition=Q(kind="reminder", lead_minutes__isnull=False) | (~Q(kind="reminder") & Q(lead_minutes=None)),
                name="a_reminder_says_how_long_before",
            ),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False, lease_token__isnull=False)
                | (~Q(state="sending") & Q(lease_until=None, lease_token=None)),
                name="a_message_is_leased_while_it_is_sent",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "delivered"]) | Q(sent_at__isnull=False),
                name="a_sent_message_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "undelivered", "skipped", "dead", "discarded"]) | ~Q(reason=""),
                name="a_message_that_is_not_sent_says_why",
            ),
            models.CheckConstraint(
                condition=Q(instead_of=None) | ~Q(instead_of=F("id")), name="no_message_replaces_itself"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-created_at", "-id"], name="messages_newest_first"),
            models.Index(
                fields=["-urgent", "due_at", "id"],
                condition=Q(state__in=["queued", "waiting"]),
                name="messages_due",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="messages_leased"),
            models.Index(fields=["visit", "id"], condition=Q(visit__isnull=False), name="messages_of_a_visit"),
            models.Index(
                fields=["patient", "-created_at"], condition=Q(patient__isnull=False), name="messages_of_a_patient"
            ),
            models.Index(
                fields=["clinic", "-created_at"], condition=Q(clinic__isnull=False), name="messages_of_a_clinic"
            ),
            models.Index(
                fields=["clinic", "visit_starts_at"],
                condition=Q(state__in=["dead", "undelivered"]),
                name="messages_that_failed",
            ),
            models.Index(
                fields=["channel", "recipient_index", "-created_at"],
                condition=~Q(recipient_index=""),
                name="messages_to_an_address",
            ),
            # For whoever forgets addresses and words: the rows that still have them, the oldest first.
            models.Index(fields=["id"], condition=~Q(recipient_index=""), name="messages_with_an_address"),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="messages_by_the_services_id"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="a_message_takes_a_known_step",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]  # the library has no types here
                func=_KNOWN_STEP,
            ),
            follows_a_merge(),
        ]

    def __str__(self) -> str:
        """Return kind and id; to whom it goes is not readable here."""
        return f"{self.kind} {self.id}"
