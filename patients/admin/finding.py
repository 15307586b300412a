"""The desk's search, for the search boxes of the admin."""

import uuid
from collections.abc import Collection
from typing import Any, Final

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest

from mediconnect.accounts.administration import clinics_of
from mediconnect.errors import Invalid
from patients.models import Patient
from patients.queries import found_by
from patients.rules.contacts import country_of
from patients.rules.searching import read_search
from providers.models import Clinic

# More hits than four pages of a list are no answer; whoever gets them types on.
MOST: Final = 200


def people(request: HttpRequest, words: str) -> Q:
    """Return the condition on `Patient` that the words of a search box mean: name, birth date, phone, number or address.

    Retired patients are found by their names as well, unlike at the desk: here they can be taken back. What cannot be
    searched for finds nobody, and the page says why.
    """
    clinics = clinics_of(request)
    try:
        sought = read_search(words, language=getattr(request.user, "language", "en"), countries=_countries(clinics))
    except Invalid as refusal:
        messages.warning(request, " ".join(refusal.extra["errors"].get("q", [refusal.detail])))
        return Q(pk__in=[])
    found = Q(pk__in=found_by(sought, clinic_ids=clinics, limit=MOST))
    if sought.names and not sought.by_identifier and not sought.birth_dates:
        retired = Q(active=False)
        for name in sought.names:
            retired &= Q(search_name__contains=name)
        found |= retired
    return found


def of_people(request: HttpRequest, words: str, path: str) -> Q:
    """Return the condition that `path` leads to one of the people whom the words mean."""
    return Q(**{f"{path}__in": Patient.objects.filter(people(request, words)).values("pk")})


def _countries(clinics: Collection[uuid.UUID] | None) -> list[str]:
    known = Clinic.objects.all() if clinics is None else Clinic.objects.filter(pk__in=clinics)
    regions: Any = known.order_by().values_list("region", flat=True).distinct()
    return sorted({country for region in regions if (country := country_of(region))})
