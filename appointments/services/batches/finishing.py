"""Say what became of one visit of many: once, whoever comes second."""

import uuid

from django.db.models.functions import Now

from appointments.models import BatchItem

_LONGEST = 40


def finish_item(*, item_id: uuid.UUID, refusal: str = "") -> None:
    """Note in the caller's transaction that the item is done, or refused with this code (40 characters at most).

    From waiting only, by compare-and-swap: an item that was stopped or finished meanwhile stays as it is.
    """
    state = BatchItem.State.REFUSED if refusal else BatchItem.State.DONE
    waiting = BatchItem.objects.filter(pk=item_id, state=BatchItem.State.WAITING)
    waiting.update(state=state, refusal=refusal[:_LONGEST], done_at=Now())
