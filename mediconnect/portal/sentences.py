"""Refusals in words for people, where the sentence of the class speaks to programs: of bodies, headers, members."""

from typing import Final

from django.utils.translation import gettext, gettext_noop

from mediconnect.errors import DomainError

# By code: title and sentence. A refusal with a sentence made for the occasion keeps that.
_FOR_PEOPLE: Final = {
    "invalid": (
        gettext_noop("Something cannot be used as it is"),
        gettext_noop("Look at what is named here, correct it and send it again."),
    ),
    "not-found": (
        gettext_noop("It is no longer there"),
        gettext_noop("What this leads to is gone, or not yours to see. Reload the page to see what there is."),
    ),
    "version-required": (
        gettext_noop("This page is out of date"),
        gettext_noop("Reload it, then do your change again."),
    ),
    "version-conflict": (
        gettext_noop("Somebody else changed this first"),
        gettext_noop("Look at it as it is now, then do your change again."),
    ),
    "try-again": (
        gettext_noop("Busy for a moment"),
        gettext_noop("The system could not answer in time. Nothing was booked or changed; send it again."),
    ),
    "idempotency-key-required": (
        gettext_noop("This page is out of date"),
        gettext_noop("Reload it, then do your change again."),
    ),
    "idempotency-key-invalid": (
        gettext_noop("This page is out of date"),
        gettext_noop("Reload it, then do your change again."),
    ),
    "idempotency-in-progress": (
        gettext_noop("This is being carried out right now"),
        gettext_noop("You sent it a moment ago. Wait a second, then look: it is carried out once."),
    ),
    "idempotency-key-reused": (
        gettext_noop("This form was sent already"),
        gettext_noop("It was carried out as it was sent first. Reload the page to do something else."),
    ),
    "slot-taken": (
        gettext_noop("The time is taken"),
        gettext_noop("Somebody else has this time. Choose another one."),
    ),
    "possible-duplicate": (
        gettext_noop("This person may be registered already"),
        gettext_noop("Compare with who is shown here. If it is somebody else, say so and go on."),
    ),
    "visits-in-the-way": (
        gettext_noop("Visits are in the way"),
        gettext_noop("Move or cancel them first, then save the change again."),
    ),
}


def for_people(error: DomainError) -> tuple[str, str]:
    """Return title and sentence of a refusal in the reader's language.

    What a service said for the occasion is shown as it is where the catalogue has no translation.
    """
    title, sentence = _FOR_PEOPLE.get(error.code, (error.title, error.sentence))
    return gettext(title), gettext(sentence if error.detail == error.sentence else error.detail)
