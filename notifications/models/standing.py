"""What is known of an address, whoever it belongs to: that its owner wants nothing, or that nothing arrives there."""

from typing import ClassVar

from django.db import models

from mediconnect.records.models import IdentifiedModel
from mediconnect.records.triggers import changes_are_kept

from .message import Message


class AddressStanding(IdentifiedModel):
    """A phone number or e-mail address, known by its blind index alone, that may not or cannot be written to.

    Consent belongs to the patient's contact point; this belongs to the address, since a STOP comes from a phone and not
    from a record: a family shares one.
    """

    class OptedOutBy(models.TextChoices):
        """How we know that the owner wants no messages."""

        REPLY = "reply", "answered STOP"
        CARRIER = "carrier", "the carrier says so"
        UNSUBSCRIBE = "unsubscribe", "unsubscribed"
        COMPLAINT = "complaint", "reported our mail as spam"
        STAFF = "staff", "told the front desk"

    channel = models.CharField(max_length=5, choices=Message.Channel.choices)
    address_index = models.CharField(max_length=32)
    opted_out_at = models.DateTimeField(null=True, blank=True)
    opted_out_by = models.CharField(max_length=11, choices=OptedOutBy.choices, blank=True, default="")
    undeliverable_at = models.DateTimeField(null=True, blank=True)
    undeliverable_code = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "address_index"], name="an_address_has_one_standing"),
        ]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        """Return the channel; the address is not readable here."""
        return f"{self.channel} {self.address_index[:6]}"
