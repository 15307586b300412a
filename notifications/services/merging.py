"""What of messages follows a patient whose record became part of another one."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar, Final

from django.db.models import Model

from notifications.models import Message, Reply
from patients.rules.merging import Conflict, Line, Pair


class MessagesFollow:
    """Messages and replies. To whom one that waits goes is decided when it is sent, by the record that stays."""

    follows: ClassVar[Mapping[type[Model], str]] = {Message: "messages", Reply: "replies"}
    locked: ClassVar[Sequence[type[Model]]] = ()

    def conflicts(self, _pair: Pair, *, within: Collection[uuid.UUID] | None) -> list[Conflict]:
        """Return nothing: messages are in nobody's way."""
        return []

    def settle(self, _pair: Pair) -> list[Line]:
        """Change nothing beforehand."""
        return []


STEP: Final = MessagesFollow()
