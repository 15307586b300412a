"""A house of any size, made by `manage.py generate`, and people who may ask it for free times."""

import uuid
from dataclasses import dataclass
from typing import Final

from django.core.management import call_command
from django.db import connection
from django.db.models import Count

from mediconnect.accounts.models import User
from mediconnect.accounts.services.tokens import issue_token
from patients.models import Patient
from providers.models import AppointmentType, Clinic, PractitionerRole

_ASKERS: Final = 10


@dataclass(frozen=True, slots=True)
class Grown:
    """What to ask about: a type of visit, the providers of its clinic, and tokens to ask with."""

    kind: uuid.UUID
    providers: list[uuid.UUID]
    tokens: list[str]


def grow(*, visits: int, providers: int, patients: int) -> Grown:
    """Empty the database, generate so many visits, and return what to ask about: the clinic with the most providers."""
    call_command("flush", interactive=False, verbosity=0)
    call_command(
        "generate",
        providers=providers,
        patients=patients,
        appointments=visits,
        clinics=max(1, providers // 50),
        force=True,
        verbosity=0,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    clinic = Clinic.objects.annotate(staff=Count("practitioner_roles")).order_by("-staff", "pk").first()
    if clinic is None:
        message = "generate made no clinic."
        raise RuntimeError(message)
    kind = (
        AppointmentType.objects.filter(clinic=clinic, room_kind="", device_kind="", capacity=1).order_by("name").first()
    )
    if kind is None:
        message = "generate made no plain type of visit."
        raise RuntimeError(message)
    providers = list(
        PractitionerRole.objects.filter(clinic=clinic).order_by("provider__name").values_list("provider", flat=True)
    )
    return Grown(kind.pk, providers, [_token(number) for number in range(_ASKERS)])


def _token(number: int) -> str:
    email = f"asker-{number}@example.org"
    user = User.objects.create_user(email=email, password=None)
    Patient.objects.create(given_name="Noa", family_name=f"Asker {number}", user=user)
    return issue_token(email=email, scopes=["appointments:read"], seconds=3600, issued_by="benchmarks")
