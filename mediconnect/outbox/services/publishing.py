"""Publish a fact: one statement inside the transaction that makes it true."""

import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from mediconnect.outbox.rules import encode, name_of
from mediconnect.records.identifiers import uuid7
from mediconnect.telemetry.request_id import current_request_id

from .routing import listeners_of
from .waking import RELAY, WAIT, WAKE, wake_up

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_FACT: Final = """
INSERT INTO outbox_fact (id, name, aggregate_id, args, request_id, trace_context)
VALUES (%(id)s, %(name)s, %(aggregate_id)s, %(args)s::jsonb, %(request_id)s, '')
"""

# One statement for fact, deliveries and wake-up, because a booking pays for each round trip. The foreign key from
# delivery to fact is checked when the statement is over, so the order inside does not matter.
_FACT_AND_DELIVERIES: Final = f"""
WITH fact AS ({_FACT}), deliveries AS (
    INSERT INTO outbox_delivery (fact_id, handler, due_at)
    SELECT %(id)s, unnest(%(handlers)s::text[]), statement_timestamp() + %(after)s * interval '1 second')
{WAKE}
"""


def publish(event: "DataclassInstance", *, aggregate_id: uuid.UUID | None = None, after: float = 0) -> uuid.UUID:
    """Record the event and a delivery for each listener of `wiring.py`, in the open transaction; return the fact's id.

    Nothing is said unless the transaction commits. `aggregate_id` is the object that the fact is about. It is told `after`
    so many seconds and not before: a fact that may be taken back, or the end of a time that was set.
    Raises `TransactionManagementError` outside a transaction and `UnpublishableEvent` for an event whose fields
    could hold more than ids, whole numbers and choices. Costs one SQL statement however many listen.
    """
    if not connection.in_atomic_block:
        message = "publish() needs an open transaction: a fact is said together with what makes it true."
        raise transaction.TransactionManagementError(message)
    fact_id = uuid7()
    parameters: dict[str, Any] = {
        "id": fact_id,
        "name": name_of(type(event)),
        "aggregate_id": aggregate_id,
        "args": json.dumps(encode(event)),
        "request_id": current_request_id(),
    }
    handlers = listeners_of(type(event))
    if handlers:
        parameters |= {
            "handlers": list(handlers),
            "cluster": RELAY.cluster,
            "wake_up": wake_up(),
            "wait": WAIT + after,
            "after": after,
        }
    with connection.cursor() as cursor:
        cursor.execute(_FACT_AND_DELIVERIES if handlers else _FACT, parameters)
    return fact_id
