"""A clinic's own words for its messages: kept, and given up for ours."""

import unicodedata
import uuid
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from mediconnect.errors import Invalid, NotFound, VersionConflict
from mediconnect.records.acting import declare_actor
from mediconnect.resilience.transactions import constraint
from notifications.models import Channel, Kind, Template
from notifications.rules.wording.linting import Finding
from notifications.services.previewing import preview
from providers.models import Clinic

_OURS: Final = frozenset({Kind.OFFER_OVER, Kind.PROPOSAL_OVER, Kind.PLACE, Kind.NOTE})

EDITABLE: Final = tuple(kind for kind in Kind if kind.about_a_visit and kind not in _OURS)
"""The kinds that a clinic may word itself. Account mail is ours: it is about a sign-in, not about a clinic.

So is what takes a question back, a place in line, and the frame of a note, which is in the clinic's own words already.
"""


def save_template(
    *,
    clinic_id: uuid.UUID,
    kind: str,
    channel: str,
    language: str,
    subject: str,
    body: str,
    expected: int | None,
    by_id: uuid.UUID,
) -> Template:
    """Keep the clinic's words for one kind of message on one channel in one language, and return them.

    `expected` is the version that the editor saw, None where there were none. The subject of a text message is dropped.
    Raises `NotFound` for no such clinic, `Invalid` by field (kind, channel, language; subject and body with each error
    of the linter), and `VersionConflict` with `template`, the words as they are now (or None), where somebody was faster.
    """
    chosen = _chosen(kind, channel, language)
    clinic = Clinic.objects.filter(pk=clinic_id).first()
    if clinic is None:
        raise NotFound
    subject = _tidy(subject) if chosen[1] == Channel.EMAIL else ""
    body = _tidy(body)
    _refuse(preview(clinic, *chosen, subject, body).findings)
    with transaction.atomic():
        declare_actor(actor_id=by_id)
        if expected is None:
            return _add(clinic, *chosen, subject, body)
        return _change(clinic_id, *chosen, subject, body, expected)


def reset_template(
    *, clinic_id: uuid.UUID, kind: str, channel: str, language: str, expected: int, by_id: uuid.UUID
) -> None:
    """Give the clinic's words up: from now on ours are used. What they were stays in the history.

    Raises `Invalid` by field and `VersionConflict`, with `template` None where they were given up already.
    """
    chosen = _chosen(kind, channel, language)
    with transaction.atomic():
        declare_actor(actor_id=by_id)
        deleted, _ = _words(clinic_id, *chosen).filter(version=expected).delete()
        if not deleted:
            raise _conflict(clinic_id, *chosen)


def _chosen(kind: str, channel: str, language: str) -> tuple[Kind, Channel, str]:
    if kind not in EDITABLE:
        raise Invalid.field("kind", "A clinic words messages about visits only.")
    if channel not in Channel.values:
        raise Invalid.field("channel", "Messages go by e-mail or as text messages.")
    if language not in {code for code, _ in settings.LANGUAGES}:
        raise Invalid.field("language", "We do not write in this language.")
    return Kind(kind), Channel(channel), language


def _refuse(findings: Sequence[Finding]) -> None:
    errors: dict[str, list[str]] = {}
    for finding in findings:
        if finding.is_error:
            errors.setdefault(finding.where, []).append(finding.sentence)
    if errors:
        raise Invalid(errors=errors)


def _tidy(text: str) -> str:
    """Return the text with line ends as we keep them, letters in one piece (é, not e with an accent), no blanks around."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _words(clinic_id: uuid.UUID, kind: Kind, channel: Channel, language: str) -> QuerySet[Template]:
    return Template.objects.filter(clinic=clinic_id, kind=kind, channel=channel, language=language)


def _add(clinic: Clinic, kind: Kind, channel: Channel, language: str, subject: str, body: str) -> Template:
    try:
        with transaction.atomic():
            return Template.objects.create(
                clinic=clinic, kind=kind, channel=channel, language=language, subject=subject, body=body
            )
    except IntegrityError as error:
        if constraint(error) != "a_clinic_words_a_message_once":
            raise
        raise _conflict(clinic.pk, kind, channel, language) from error


def _change(
    clinic_id: uuid.UUID, kind: Kind, channel: Channel, language: str, subject: str, body: str, expected: int
) -> Template:
    # One statement compares and writes: of two editors who saw the same version, the second finds it gone.
    words = _words(clinic_id, kind, channel, language)
    if not words.filter(version=expected).update(subject=subject, body=body):
        raise _conflict(clinic_id, kind, channel, language)
    return words.get()


def _conflict(clinic_id: uuid.UUID, kind: Kind, channel: Channel, language: str) -> VersionConflict:
    now = _words(clinic_id, kind, channel, language).first()
    conflict = VersionConflict(current_version=now.version if now else None)
    conflict.template = now  # type: ignore[attr-defined]
    return conflict
