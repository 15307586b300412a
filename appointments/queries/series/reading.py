"""Read series: whose they are to see, and who may be offered where a time of one is taken."""

import uuid

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from appointments.models import Appointment, Series
from mediconnect.api.access import CLINIC_ADMIN, FRONT_DESK, PROVIDER
from mediconnect.api.principal import Principal
from mediconnect.errors import NotFound
from providers.models import Provider


def series_visible_to(principal: Principal) -> QuerySet[Series]:
    """Return the series that the caller may see and change: a desk's clinic's, and those in a provider's own calendar alone."""
    series = Series.objects.all()
    if principal.kind != "staff":
        return series.none()
    if principal.is_superuser:
        return series
    desk = principal.clinics(FRONT_DESK) | principal.clinics(CLINIC_ADMIN)
    own = principal.clinics(PROVIDER) - desk
    words = Q(clinic__in=desk)
    if not own:
        return series.filter(words)
    others = Appointment.objects.filter(series=OuterRef("pk")).exclude(provider__user=F("series__provider__user"))
    return series.filter(words | Q(~Exists(others), clinic__in=own, provider__user=principal.user_id))


def visible_series(principal: Principal, series_id: uuid.UUID) -> Series:
    """Return the series with its clinic; raises `NotFound` for somebody else's as for none."""
    series = series_visible_to(principal).select_related("clinic").filter(pk=series_id).first()
    if series is None:
        raise NotFound
    return series


def who_may_be_offered(principal: Principal, clinic_id: uuid.UUID) -> list[uuid.UUID] | None:
    """Return the providers in whose calendars the caller may book at the clinic; None for a desk, which may in all."""
    if principal.is_superuser or principal.may(FRONT_DESK, clinic_id) or principal.may(CLINIC_ADMIN, clinic_id):
        return None
    return list(Provider.objects.filter(user=principal.user_id).values_list("pk", flat=True))
