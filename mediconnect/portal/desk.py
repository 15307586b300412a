"""Who is at which desk: the caller, the clinic of the address, and what may be done there."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, Final, ParamSpec, cast, overload

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django_htmx.middleware import HtmxDetails

from appointments.models import Appointment
from appointments.queries.visits import visible_to
from appointments.services.booking import Caller
from mediconnect.accounts.models import User
from mediconnect.accounts.ports import principals
from mediconnect.api.access import CLINIC_ADMIN, FRONT_DESK, PROVIDER, STAFF
from mediconnect.api.errors import UnreadableBody
from mediconnect.api.principal import Principal
from mediconnect.errors import DomainError, NotFound
from mediconnect.habits import Habits
from mediconnect.operations.verifying.recording import broken_promises
from notifications.queries.alerts import Alerts, alerts_of
from providers.models import Clinic, Provider
from providers.queries.directory import clinics_visible_to
from providers.rules.clock import days_as_span

from .failures import failed
from .lapses import lapsed

Arguments = ParamSpec("Arguments")

# Where the session remembers the clinic that its owner looked at last.
LAST_CLINIC: Final = "clinic"


class DeskRequest(HttpRequest):
    """A request of somebody at a desk: signed in, with what htmx says of itself."""

    user: User
    htmx: HtmxDetails


@dataclass(frozen=True)
class Desk:
    """A member of staff at one clinic. Everything a page looks up, it looks up through this."""

    principal: Principal
    user: User
    clinic: Clinic
    clinics: tuple[Clinic, ...]

    @property
    def caller(self) -> Caller:
        """Return the caller as services know it."""
        return Caller(self.user.pk, patients_own=False)

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The clinic's own clock."""
        return self.clinic.zone

    @property
    def habits(self) -> Habits:
        """How the clinic writes times, dates and phone numbers, in the reader's words."""
        return Habits.of(self.clinic, get_language() or settings.LANGUAGE_CODE)

    @cached_property
    def now(self) -> dt.datetime:
        """This moment by the clinic's clock, the same for a whole page."""
        return dt.datetime.now(self.zone)

    @property
    def today(self) -> dt.date:
        """The clinic's day."""
        return self.now.date()

    def may(self, role: str) -> bool:
        """Return whether the person has this role at this clinic."""
        return self.principal.may(role, self.clinic.pk)

    @property
    def is_admin(self) -> bool:
        """Whether the person runs this clinic."""
        return self.may(CLINIC_ADMIN)

    @property
    def is_desk(self) -> bool:
        """Whether the person may book for everybody here, and not for one calendar alone."""
        return self.is_admin or self.may(FRONT_DESK)

    @cached_property
    def own_provider(self) -> uuid.UUID | None:
        """The person's own calendar at this clinic, where there is one."""
        if not self.may(PROVIDER):
            return None
        own = Provider.objects.filter(user=self.user.pk, roles__clinic=self.clinic.pk, roles__active=True)
        found: uuid.UUID | None = own.values_list("pk", flat=True).first()
        return found

    @property
    def only_provider(self) -> uuid.UUID | None:
        """The one calendar that the person may see and book; None for a desk, which sees all."""
        return None if self.is_desk else self.own_provider or uuid.UUID(int=0)

    @cached_property
    def alerts(self) -> Alerts:
        """What waits here for this person: counted on top of every page. One statement, once it is asked for."""
        return alerts_of(self.clinic.pk, provider=self.only_provider)

    @cached_property
    def broken_promises(self) -> int:
        """How many promises the last self-check found broken: said to whoever runs the clinic."""
        return broken_promises()

    def may_book(self, provider_id: uuid.UUID) -> bool:
        """Return whether the person may book, move and cancel in this provider's calendar."""
        return self.is_desk or provider_id == self.own_provider

    def visits(self) -> QuerySet[Appointment]:
        """Return the visits of this clinic that the person may see."""
        return visible_to(self.principal).filter(clinic=self.clinic.pk)

    def day(self, words: str | None) -> dt.date:
        """Return the day that an address names (2026-11-30), or today where it names none."""
        try:
            day = parse_date(words or "")
        except ValueError:
            day = None
        return day if day and dt.date(1990, 1, 2) <= day <= dt.date(2100, 12, 30) else self.today

    def span(self, first: dt.date, last: dt.date | None = None) -> tuple[dt.datetime, dt.datetime]:
        """Return the instants between which the days lie by the clinic's clock; the second is not part of them."""
        return days_as_span(first, last or first, self.zone)


View = Callable[Concatenate[DeskRequest, Desk, Arguments], HttpResponse]
Door = Callable[..., HttpResponseBase]


@overload
def desk_page(view: View[Arguments], /) -> Door: ...
@overload
def desk_page(*, roles: frozenset[str] = ...) -> Callable[[View[Arguments]], Door]: ...


def desk_page(view: Any = None, /, *, roles: frozenset[str] = STAFF) -> Any:
    """Let staff of the clinic in the address in, with one of the roles there; hand the view their `Desk`.

    Another clinic looks like none (404), a missing role is a 403. Whoever is not signed in is asked to, and what a form
    carried is kept. Refusals that a view lets pass are shown as pages. Nothing of it is cached or reported.
    """

    def wrap(inner: View[Arguments]) -> Door:
        @wraps(inner)
        def door(visitor: HttpRequest, clinic: uuid.UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not visitor.user.is_authenticated:
                return _closed(asked_to_sign_in(visitor))
            request = cast("DeskRequest", visitor)
            try:
                _refuse_nul(request)
                desk = desk_at(request, clinic, roles)
                if len(desk.clinics) > 1 and request.session.get(LAST_CLINIC) != str(clinic):
                    request.session[LAST_CLINIC] = str(clinic)
                return _closed(inner(request, desk, *args, **kwargs))
            except DomainError as error:
                return _closed(failed(request, error))

        return sensitive_post_parameters()(door)

    return wrap if view is None else wrap(view)


def _refuse_nul(request: HttpRequest) -> None:
    """Raise `UnreadableBody` for a NUL anywhere: nobody types one, and neither texts nor JSON of PostgreSQL can hold it."""
    for fields in (request.GET, request.POST):
        if any("\0" in value for _name, values in fields.lists() for value in values):
            raise UnreadableBody


def asked_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Return the way to the sign-in; a form or a fragment is answered with 401, so that the page in the browser stays."""
    if request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    return lapsed(request)


def desk_at(request: DeskRequest, clinic_id: uuid.UUID | None, roles: frozenset[str] = STAFF) -> Desk:
    """Return the caller's desk at a clinic (None: the first of theirs). Raises `NotFound` and `PermissionDenied`."""
    principal = principals().by_user(request.user.pk)
    clinics = tuple(clinics_visible_to(principal).filter(active=True).order_by("name")) if _works(principal) else ()
    clinic = next((one for one in clinics if clinic_id in {None, one.pk}), None)
    if clinic is None:
        raise NotFound("There is nothing at this address, or it is not yours to see.")
    if not any(principal.may(role, clinic.pk) for role in roles):
        raise PermissionDenied
    return Desk(principal, request.user, clinic, clinics)


def _works(principal: Principal) -> bool:
    return principal.kind == "staff"


def _closed(response: HttpResponse) -> HttpResponse:
    """Keep the page out of every cache: what was on a screen is gone when its reader has signed out."""
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["HX-Request", "HX-Target", "Cookie"])
    return response
