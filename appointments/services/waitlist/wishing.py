"""What a wish may be: each field by itself, and all of them together, whoever wishes."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Final

from django.utils import timezone

from appointments.errors import NotBookableOnline, NothingSooner, TooFar, WishPast
from appointments.models import Appointment, WaitlistEntry
from appointments.models.status import MOVABLE
from appointments.services.booking import Caller
from mediconnect.errors import Invalid, NotPermitted
from providers.models import PractitionerRole, TypeOverride

# Further ahead nobody plans; a year 9999 is a typing mistake.
_LONGEST: Final = dt.timedelta(days=730)
_NOTICE: Final = 30 * 24 * 60  # minutes
_NOTE: Final = 1000


def check_wish(entry: WaitlistEntry, *, caller: Caller, changed: Collection[str]) -> None:
    """Raise what is wrong with the wish: `Invalid` by field, `WishPast`, `NothingSooner`; for patients also the policy.

    `changed` names the fields that are new. Reads the wish's type with its clinic.
    """
    _check_fields(entry)
    if "providers" in changed:
        _check_providers(entry)
    today = timezone.now().astimezone(entry.clinic.zone).date()
    if entry.until_date < today:
        raise WishPast
    if caller.patients_own:
        _check_policy(entry, today, changed)
    if entry.appointment_id is not None:
        _check_visit(entry, entry.appointment_id)


def _check_fields(entry: WaitlistEntry) -> None:
    errors: dict[str, list[str]] = {}
    if not set(entry.weekdays) <= set(range(7)):
        errors["weekdays"] = ["Days are 0 for Monday to 6 for Sunday."]
    if entry.until_date < entry.from_date:
        errors["until_date"] = ["The last day is not before the first."]
    if entry.until_date - timezone.now().date() > _LONGEST:
        errors["until_date"] = ["A wish looks two years ahead at most."]
    if entry.earliest_time and entry.latest_time and entry.latest_time <= entry.earliest_time:
        errors["latest_time"] = ["A visit is over after it begins."]
    if not 0 <= entry.notice_minutes <= _NOTICE:
        errors["notice_minutes"] = ["The notice is up to thirty days, in minutes."]
    if entry.priority not in WaitlistEntry.Priority.values:
        errors["priority"] = [f"This is one of: {', '.join(map(str, WaitlistEntry.Priority.values))}."]
    if len(entry.note) > _NOTE:
        errors["note"] = ["This is too long."]
    if errors:
        raise Invalid(errors=errors)


def _check_providers(entry: WaitlistEntry) -> None:
    wanted = set(entry.providers)
    there = PractitionerRole.objects.filter(
        clinic=entry.clinic_id, active=True, provider__active=True, provider__in=wanted
    )
    offering = set(there.values_list("provider", flat=True)) - set(
        TypeOverride.objects.filter(appointment_type=entry.appointment_type_id, offered=False).values_list(
            "provider", flat=True
        )
    )
    if wanted - offering:
        raise Invalid.field("providers", "One of these does not offer this type of visit here.")


def _check_policy(entry: WaitlistEntry, today: dt.date, changed: Collection[str]) -> None:
    if not entry.appointment_type.bookable_online:
        raise NotBookableOnline(phone=entry.clinic.phone or None)
    if "priority" in changed and entry.priority != WaitlistEntry.Priority.ROUTINE:
        raise NotPermitted("Only staff may say how soon a visit matters.")
    if "note" in changed and entry.note:
        raise NotPermitted("The note is for staff.")
    if entry.from_date > today + dt.timedelta(days=entry.clinic.horizon_days):
        raise TooFar(phone=entry.clinic.phone or None)


def _check_visit(entry: WaitlistEntry, appointment_id: uuid.UUID) -> None:
    visit = Appointment.objects.filter(pk=appointment_id).first()
    same = visit is not None and (visit.patient_id, visit.appointment_type_id) == (
        entry.patient_id,
        entry.appointment_type_id,
    )
    if visit is not None and visit.second_provider_id is not None:
        raise NothingSooner("A visit with two providers is brought forward by the clinic.")
    if visit is None or not same or visit.status not in MOVABLE or visit.starts_at <= timezone.now():
        raise NothingSooner
    if visit.starts_at.astimezone(entry.clinic.zone).date() < entry.from_date:
        raise WishPast("The visit begins before the first day of the wish.")
