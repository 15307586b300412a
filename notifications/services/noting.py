"""A clinic's own words to many patients: what they must not say, before anybody is asked to send them."""

import uuid
from typing import Final

from notifications.models import Kind
from notifications.queries.clinic_words import words_that_tell
from notifications.rules.wording.findings import Finding
from notifications.rules.wording.linting import lint

_FRAME: Final = "{clinic}: "
_END: Final = " STOP"


def note_findings(clinic_id: uuid.UUID, words: str) -> list[Finding]:
    """Return what keeps these words from being sent: health, types of visit, specialties, links, words of carriers.

    The sentences are in the language in force. Braces and brackets mean nothing in a note and are sent as they stand.
    """
    bare = words.translate(str.maketrans("{}[]", "()()"))
    framed = f"{_FRAME}{bare} {{note}}{_END}" if bare.strip() else ""
    findings = lint(framed, kind=Kind.NOTE, channel="sms", clinic_words=words_that_tell(clinic_id))
    return [finding for finding in findings if finding.is_error]


def may_be_written(clinic_id: uuid.UUID, words: str) -> bool:
    """Return whether nothing keeps these words from being sent."""
    return not note_findings(clinic_id, words)
