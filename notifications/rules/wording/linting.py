"""What a clinic's own words must not say, must not lack, and should not cost, each told in a sentence."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.translation import gettext

from notifications.rules.wording import looking
from notifications.rules.wording.demands import LONGEST_BODY, LONGEST_SUBJECT, MOST_SEGMENTS, of_body, of_subject
from notifications.rules.wording.filling import Wording, fill, placeholders
from notifications.rules.wording.findings import ClinicWords, Finding, error, warning
from notifications.rules.wording.health import health_words, names_in
from notifications.rules.wording.segments import as_plain_as, count

__all__ = ["SAMPLES", "ClinicWords", "Finding", "breaks_the_rules", "lint"]

# As long as they usually are: what a text costs is reckoned with these where nobody gives others.
SAMPLES: Final = {
    "clinic": "Harbour Family Clinic",
    "phone": "(202) 555-0100",
    "address": "12 Harbour Street",
    "day": "Wed, Nov 25",
    "time": "10:30 AM",
    "provider": "Dr. Amara Obi",
    "link": "https://visits.clinic.example/a/abcdefghijklmnopqrstuv/",
    "until": "9:45 AM",
    "old_day": "Fri, Dec 4",
    "old_time": "11:30 AM",
    "minutes": "25",
    "number": "12",
    "note": "please bring your card",
    "when_list": "Wed, Nov 25, 10:30 AM; Thu, Nov 26, 11:30 AM",
}
_UNLIKED_SEGMENTS: Final = 2


def lint(
    text: str,
    *,
    kind: str,
    channel: str,
    clinic_words: ClinicWords,
    subject: str = "",
    values: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Return what is wrong with a text and its subject, errors first; the sentences are in the language in force.

    `kind` and `channel` are the values that a message keeps. `values` fill in the text to reckon its cost, `SAMPLES`
    where there are none. What costs more than it need is a warning; all else is an error.
    """
    samples = SAMPLES if values is None else values
    found = [*_body(text, kind, channel, clinic_words)]
    if channel == "email":
        found += _subject(subject, kind, clinic_words, samples)
    else:
        found += _cost(text, samples)
    return sorted(dict.fromkeys(found), key=lambda finding: not finding.is_error)


def breaks_the_rules(wording: Wording, *, kind: str, channel: str, clinic_words: ClinicWords) -> bool:
    """Return whether the words would be refused if somebody saved them today."""
    findings = lint(wording.body, kind=kind, channel=channel, clinic_words=clinic_words, subject=wording.subject)
    return any(finding.is_error for finding in findings)


def _body(text: str, kind: str, channel: str, clinic_words: ClinicWords) -> Iterator[Finding]:
    if not text.strip():
        yield error("empty", gettext("Write something."), "body")
        return
    if len(text) > LONGEST_BODY:
        yield error("too_long", gettext("Use %(limit)s characters at most.") % {"limit": LONGEST_BODY}, "body")
    yield from _said(text, clinic_words, "body")
    yield from _braces(text, "body", of_body(kind).known)
    yield from _missing(text, kind, channel)
    if channel == "sms":
        yield from _replies(text)


def _subject(text: str, kind: str, clinic_words: ClinicWords, samples: Mapping[str, str]) -> Iterator[Finding]:
    if not text.strip():
        yield error("no_subject", gettext("A mail needs a subject."), "subject")
        return
    if "\n" in text or "\r" in text:
        yield error("control_character", gettext("A subject is one line."), "subject")
    if len(fill(text, samples)) > LONGEST_SUBJECT or len(text) > LONGEST_SUBJECT:
        yield error(
            "long_subject",
            gettext("The subject is too long: use %(limit)s characters at most.") % {"limit": LONGEST_SUBJECT},
            "subject",
        )
    yield from _said(text, clinic_words, "subject")
    yield from _braces(text, "subject", of_subject(kind))


def _said(text: str, clinic_words: ClinicWords, where: str) -> Iterator[Finding]:
    """Yield what neither text nor subject may say."""
    plain = looking.without_placeholders(text)
    for word in health_words(plain):
        sentence = gettext("Leave out “%(word)s”: a message says nothing of anybody's health.") % {"word": word}
        yield error("health_word", sentence, where, word)
    for word in names_in(plain, clinic_words.types):
        sentence = gettext("Leave out “%(word)s”: a message does not say what kind of visit it is.") % {"word": word}
        yield error("type_of_visit", sentence, where, word)
    for word in names_in(plain, clinic_words.specialties):
        sentence = gettext("Leave out “%(word)s”: a message does not name a specialty.") % {"word": word}
        yield error("specialty", sentence, where, word)
    for word in looking.links(text):
        sentence = gettext("Leave out “%(word)s”: the only link in a message is {link}, which we make.") % {
            "word": word
        }
        yield error("other_link", sentence, where, word)
    if looking.has_invisible(text):
        yield error(
            "control_character", gettext("There is a character in it that nobody can see. Type it anew."), where
        )


def _braces(text: str, where: str, known: frozenset[str]) -> Iterator[Finding]:
    for name in sorted(looking.named(text) - known):
        sentence = gettext("“{%(name)s}” is not filled in here. Use one of: %(known)s.") % {
            "name": name,
            "known": ", ".join(f"{{{word}}}" for word in sorted(known)),
        }
        yield error("unknown_placeholder", sentence, where, f"{{{name}}}")
    if looking.has_loose_brace(text):
        yield error("loose_brace", gettext("A brace is not closed or not opened. Write {day}, without blanks."), where)
    if looking.has_loose_bracket(text):
        sentence = gettext("A bracket is not closed or not opened, or stands in another one.")
        yield error("loose_bracket", sentence, where)


def _missing(text: str, kind: str, channel: str) -> Iterator[Finding]:
    demands = of_body(kind)
    always = placeholders(looking.without_optional(text))
    for name in demands.needed:
        # The list says day and time of each visit.
        if name not in always and not (name in {"day", "time"} and "when_list" in always):
            sentence = gettext("Say {%(name)s}, outside of brackets.") % {"name": name}
            yield error("missing_placeholder", sentence, "body", f"{{{name}}}")
    if channel == "sms" and not looking.says_how_to_stop(text):
        sentence = gettext("Say how to stop the messages, best at the end: “STOP to end”.")
        yield error("no_way_to_stop", sentence, "body")
    if channel == "sms" and "clinic" not in always:
        sentence = gettext("Say {clinic}: nobody knows who writes by the number alone.")
        yield warning("no_sender", sentence, "body", "{clinic}")


def _replies(text: str) -> Iterator[Finding]:
    for word in looking.taken_replies(text):
        sentence = gettext(
            "Do not ask for the answer “%(word)s”: phone companies take it for themselves and stop all messages or start"
            " them. We understand 1 and C to confirm, 2 and R for a call."
        ) % {"word": word}
        yield error("reply_word_taken", sentence, "body", word)


def _cost(text: str, samples: Mapping[str, str]) -> Iterator[Finding]:
    cost = count(fill(text, as_plain_as(text, samples)))
    if cost.segments > MOST_SEGMENTS:
        sentence = gettext("It would be cut into %(count)s parts; %(limit)s is the most. Make it shorter.") % {
            "count": cost.segments,
            "limit": MOST_SEGMENTS,
        }
        yield error("too_many_segments", sentence, "body")
    elif cost.segments > _UNLIKED_SEGMENTS:
        sentence = gettext("It is cut into %(count)s parts, and each is paid for.") % {"count": cost.segments}
        yield warning("many_segments", sentence, "body")
    costly = count(text).costly
    if costly:
        shown = " ".join(costly)
        sentence = gettext("These characters make a text message cost about double: %(characters)s.")
        yield warning("costly_characters", sentence % {"characters": shown}, "body", shown)
