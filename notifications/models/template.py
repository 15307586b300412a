"""A clinic's own words for a message, in place of ours."""

from typing import ClassVar

from django.db import models

from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept
from providers.models import Clinic

from .message import Message


class Template(VersionedModel):
    """The words of one kind of message, on one channel, in one language, of one clinic. Without a row, ours are used.

    Words in braces ({day}, {time}, {link}, …) are filled in; which there are says `notifications.rules.wording`.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="message_templates")
    kind = models.CharField(max_length=20, choices=Message.Kind.choices)
    channel = models.CharField(max_length=5, choices=Message.Channel.choices)
    language = models.CharField(max_length=8)
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField(max_length=2000)

    class Meta(VersionedModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "kind", "channel", "language"], name="a_clinic_words_a_message_once"
            ),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        """Return which message it words."""
        return f"{self.kind} by {self.channel} in {self.language}"
