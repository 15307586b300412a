"""What a form on a link's page asks for, tried: done, refused in words, or not to be offered any more."""

from collections.abc import Callable
from typing import Final

from django import forms

from mediconnect.errors import DomainError
from notifications.errors import LinkRevoked
from notifications.services.linking import Standing, Told

_FIELD_ERRORS: Final = 400


def tried(told: Told, form: forms.Form, act: Callable[[], object]) -> tuple[bool, DomainError | None]:
    """Do what a form that was sent and fits asks for; return whether it was done, and what refused it.

    Raises `LinkRevoked` for a visit that the link opens no more, be it asked or only looked at.
    """
    if not form.is_valid():
        if told.standing is not Standing.OPEN:
            raise LinkRevoked
        return False, None
    try:
        act()
    except LinkRevoked:
        raise
    except DomainError as refusal:
        return False, refusal
    return True, None


def status_of(form: forms.Form, error: DomainError | None) -> int:
    """Return the status of the page that shows the form again: the refusal's, or 400 where fields have to be corrected."""
    if error is not None:
        return error.status
    return _FIELD_ERRORS if form.errors else 200
