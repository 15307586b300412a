"""Organisations and locations become clinics, practitioners become providers, and their roles join the two."""

import uuid
import zoneinfo
from collections.abc import Iterator

from django.db import transaction

from mediconnect.errors import Invalid
from patients.rules.contacts import normal_phone
from providers.models import Clinic, PractitionerRole, Provider
from providers.rules.holidays import is_known_region

from .directory import Directory
from .reporting import Fate, Report
from .sources import PlaceSource, ProviderSource, RoleSource
from .zones import country_code, region_of_address, zone_of_address

_LONGEST_NAME = 120


def write_place(source: PlaceSource, *, directory: Directory, zone: str | None, report: Report) -> None:
    """Write a clinic that is not known yet. A location of a known organisation is that organisation's clinic."""
    whole = directory.clinic(source.managed_by)
    known = whole or directory.clinic([source.identifier])
    if known is not None:
        directory.enter_clinic(source, known)
        report.count(source.kind, Fate.JOINED if whole else Fate.KNOWN)
        return
    timezone = zone or zone_of_address(source.country, source.state)
    if timezone is None:
        report.bad(source.kind, source.origin, "its address does not decide a time zone; name one with --timezone")
        return
    with transaction.atomic():
        clinic = Clinic.objects.create(
            name=_free_name(source),
            timezone=zoneinfo.ZoneInfo(timezone).key,
            region=_region(source),
            phone=_phone(source, report),
            address=source.address,
            active=source.active,
            source_identifier=source.identifier,
        )
    directory.enter_clinic(source, clinic.pk)
    report.count(source.kind, Fate.NEW)


def _region(source: PlaceSource) -> str:
    region = region_of_address(source.country, source.state)
    return region if region and is_known_region(region) else ""


def _phone(source: PlaceSource, report: Report) -> str:
    if not source.phone:
        return ""
    try:
        return normal_phone(source.phone, country=country_code(source.country) or "US")
    except Invalid:
        report.warn(source.origin, "its phone number cannot be one and was left out")
        return ""


def _free_name(source: PlaceSource) -> str:
    """Return the name, or where another clinic bears it, the name with its town, or with the end of its identifier."""
    for name in _names(source):
        if not Clinic.objects.filter(name__iexact=name).exists():
            return name
    return f"{source.name[:80]} ({uuid.uuid5(uuid.NAMESPACE_URL, source.identifier)})"


def _names(source: PlaceSource) -> Iterator[str]:
    yield source.name
    for mark in (source.city, source.identifier[-8:]):
        if mark:
            yield f"{source.name[: _LONGEST_NAME - len(mark[:40]) - 3]} ({mark[:40]})"


def write_provider(source: ProviderSource, *, directory: Directory, report: Report) -> None:
    """Write a provider who is not known yet."""
    known = directory.provider([source.identifier])
    if known is None:
        with transaction.atomic():
            provider = Provider.objects.create(
                name=source.name, active=source.active, source_identifier=source.identifier
            )
        directory.enter_provider(source, provider.pk)
        report.count("Practitioner", Fate.NEW)
        return
    directory.enter_provider(source, known)
    report.count("Practitioner", Fate.KNOWN)


def write_role(source: RoleSource, *, directory: Directory, report: Report) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Write that a provider works at a clinic, unless that is known; return both, or None where one is not known."""
    kind = "PractitionerRole"
    provider_id = directory.provider(source.provider)
    if provider_id is None:
        report.bad(kind, source.origin, "names no practitioner of these files or of an earlier import")
        return None
    clinic_id = directory.clinic(source.organization)
    for location in source.locations:
        clinic_id = clinic_id or directory.clinic(location)
    if clinic_id is None:
        report.bad(kind, source.origin, "names no organisation or location of these files or of an earlier import")
        return None
    with transaction.atomic():
        _, new = PractitionerRole.objects.get_or_create(
            provider_id=provider_id,
            clinic_id=clinic_id,
            defaults={"specialty": source.specialty, "active": source.active},
        )
    report.count(kind, Fate.NEW if new else Fate.KNOWN)
    return provider_id, clinic_id
