"""Show a clinic its words before anybody gets them, on a visit that nobody booked."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.habits import Habits
from notifications.errors import CannotBeWritten
from notifications.models import Channel, Kind
from notifications.queries.clinic_words import words_that_tell
from notifications.rules.wording.demands import LONGEST_BODY, LONGEST_SUBJECT
from notifications.rules.wording.filling import Wording
from notifications.rules.wording.linting import Finding, lint
from notifications.rules.wording.segments import count
from notifications.services.composing import Words, visit_values, write_out
from notifications.services.defaults import spoken
from providers.models import Clinic, Provider

# A token has 22 characters; these open nothing, since a token is never all of one letter.
_LINK: Final = "a/" + 22 * "x" + "/"
_PROVIDER: Final = "Dr. Amara Obi"


@dataclass(frozen=True, slots=True)
class Preview:
    """How a message would look and what it would cost. `costly_characters` is what makes a text message dear.

    `encoding`, `segments` and `costly_characters` are empty for mail; `characters` counts what the recipient reads, in a
    text message as its carrier counts.
    """

    subject: str
    body: str
    html: str
    segments: int | None
    characters: int
    encoding: str
    costly_characters: tuple[str, ...]
    findings: list[Finding]

    @property
    def may_be_saved(self) -> bool:
        """Return whether none of the findings is an error."""
        return not any(finding.is_error for finding in self.findings)


def preview(clinic: Clinic, kind: Kind, channel: Channel, language: str, subject: str, body: str) -> Preview:
    """Return what the words would become for a visit of this clinic next week, and what is wrong with them.

    Words that cannot be written out (nothing typed, no end of it) are shown as they were typed. Writes nothing, and reads
    no patient, no visit. The findings are in the language in force, the message in its own. Of what is longer than any
    message only so much is looked at as shows that.
    """
    subject, body = subject[: LONGEST_SUBJECT + 1], body[: LONGEST_BODY + 1]
    wording = Wording(subject if channel == Channel.EMAIL else "", body)
    values = _sample(clinic, wording, channel, language)
    findings = lint(
        body,
        kind=kind,
        channel=channel,
        clinic_words=words_that_tell(clinic.pk),
        subject=wording.subject,
        values=values,
    )
    try:
        words = write_out(wording, values, kind=kind, channel=channel, language=language)
    except CannotBeWritten:
        words = Words(wording.subject, body, "", None)
    if channel == Channel.EMAIL:
        return Preview(words.subject, words.body, words.html, None, len(words.body), "", (), findings)
    cost = count(words.body)
    return Preview("", words.body, "", cost.segments, cost.characters, cost.encoding, cost.costly, findings)


def _sample(clinic: Clinic, wording: Wording, channel: Channel, language: str) -> Mapping[str, str]:
    monday = timezone.now().astimezone(clinic.zone).date()
    monday += dt.timedelta(days=14 - monday.weekday())
    starts = dt.datetime.combine(monday, dt.time(9, 30), clinic.zone)
    visit = Appointment(clinic=clinic, provider=Provider(name=_PROVIDER), starts_at=starts)
    values = visit_values(wording, clinic=clinic, visits=[visit], channel=channel, language=language)
    habits, later = Habits.of(clinic, spoken(language)), starts + dt.timedelta(days=9, hours=2)
    short = channel == Channel.SMS
    return values | {
        "link": urljoin(settings.PUBLIC_URL, _LINK),
        "code": "123456",
        "until": habits.time(dt.time(8, 45)),
        "old_day": habits.short_day(later.date()) if short else habits.day_and_date(later.date()),
        "old_time": habits.time(later),
        "minutes": "25",
        "number": "12",
    }
