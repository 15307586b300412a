"""A form sent twice acts once: the page brings a key, and the first answer is the answer."""

import json
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings

from mediconnect.idempotency.rules import fingerprint, parse_key
from mediconnect.idempotency.services.answering import Answer, answer_once
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .desk import Desk, DeskRequest

Result = TypeVar("Result")

# Not part of what a form asks for: another token or the same key sent again is the same wish.
_APART = frozenset({"csrfmiddlewaretoken", "key"})


def acted(desk: Desk, work: Callable[[], Result], *, fresh_reads: bool = False) -> Result:
    """Run a write in one transaction recorded as this person's, and return its result; raises what the work raises.

    `fresh_reads` is for edits of hours, as `decide` says.
    """
    return decide(work, actor_id=desk.user.pk, request_id=current_request_id(), fresh_reads=fresh_reads)


def once(
    request: DeskRequest, desk: Desk, work: Callable[[], dict[str, Any]], *, fresh_reads: bool = False
) -> dict[str, Any]:
    """Run a write once per key of its form, and return what it returned the first time: JSON without health data.

    A refusal is not kept, so that the same form may be corrected and sent again. Raises `KeyInvalid` for a form without
    a key, `KeyReused` where a form that was carried out comes back with other fields, `InProgress` while its twin runs.
    """
    key = parse_key(request.POST.get("key", ""))
    fields = {name: values for name, values in request.POST.lists() if name not in _APART}
    mark = fingerprint(settings.BLIND_INDEX_KEY, method="POST", path=request.path, query="", body=fields)

    def run() -> Answer:
        return answer_once(
            principal=desk.principal.key,
            key=key,
            fingerprint=mark,
            work=lambda: Answer(303, json.dumps(work(), default=str)),
        )

    answered: dict[str, Any] = json.loads(acted(desk, run, fresh_reads=fresh_reads).body)
    return answered


def new_key() -> str:
    """Return a key for one form."""
    return f"page-{uuid.uuid4()}"
