"""The doors through which an absence over booked visits is entered: look at what it hits, then close the time and hold."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.errors import PeopleAreHere
from appointments.queries.displacing.hits import Away, visits_hit
from appointments.services.displacing.entering import displace, look_ahead
from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError, Invalid
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.displacements.acting import may_enter
from mediconnect.portal.displacements.forms import AwayForm, ClosedForm, chosen_in
from mediconnect.portal.displacements.reading import OTHERS, plan_of
from mediconnect.portal.hours.editing import provider_address
from mediconnect.portal.hours.reading import may_edit
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import SURE, finished, mark_of, put_at_fields
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import Refusal, refused, show
from providers.errors import VisitsInTheWay
from providers.models import Provider

# The word of an address that fills the form for a sick morning: from now to the end of the day, or the whole day.
SICK = "sick"
# What a form that came from the plain one does not bring along: the rules as they usually are.
_USUAL: Mapping[str, str] = {"same_provider": "on", "within_days": "14", "answer_hours": "24"}
_STEP = 5  # minutes: what a clock at a desk is read to


@desk_page
def away(request: DeskRequest, desk: Desk, provider: uuid.UUID) -> HttpResponse:
    """Enter a provider's time off over the visits in it; `?sick=now` looks at the rest of today at once."""
    who = may_enter(desk, provider)
    return entered_over_visits(request, desk, who)


@desk_page(roles=ADMINS)
def closure(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Close the clinic over the visits of everybody."""
    return entered_over_visits(request, desk, None)


def entered_over_visits(request: DeskRequest, desk: Desk, provider: Provider | None) -> HttpResponse:
    """Answer the form: what the absence hits and what would be held, and once that was seen the absence itself."""
    form = _form(request, desk, provider)
    if provider is not None and form.is_valid():
        _check_reach(desk, provider, form)
    if not form.is_valid():
        return _shown(request, desk, provider, form, status=422 if form.is_bound else 200)
    if request.POST.get(SURE) != mark_of(form):
        return _shown(request, desk, provider, form)
    away_at, ways = form.away(desk, provider.pk if provider else None), form.ways()

    def work() -> dict[str, Any]:
        entered = displace(away_at, ways, caller=desk.caller, chosen=chosen_in(request.POST.dict()))
        own = next((one for one in entered.displacements if one.clinic_id == desk.clinic.pk), None)
        return {"displacement": own.pk if own else None, "visits": own.visits.count() if own else 0}

    try:
        answer = once(request, desk, work, fresh_reads=True)
    except PeopleAreHere as error:
        return _shown(request, desk, provider, form, refusal=refused(error), status=error.status)
    except Invalid as error:
        put_at_fields(form, refused(error).errors)
        return _shown(request, desk, provider, form, status=error.status)
    except VisitsInTheWay as error:
        return _shown(request, desk, provider, form, refusal=refused(error), status=error.status)
    return _done(request, desk, provider, answer)


def _done(request: DeskRequest, desk: Desk, provider: Provider | None, answer: Mapping[str, Any]) -> HttpResponse:
    if answer["displacement"] is None:
        back = provider_address(desk, provider.pk) if provider else address(desk, "setup-closures")
        notice = _("The time off is entered.") if provider else _("The clinic is closed then.")
        return finished(request, notice, to=back)
    to = reverse("portal:displacement", kwargs={"clinic": desk.clinic.pk, "displacement": answer["displacement"]})
    return finished(request, _("The time is closed and new times are held. Nobody has been told yet."), to=to)


def _form(request: DeskRequest, desk: Desk, provider: Provider | None) -> AwayForm | ClosedForm:
    kind = ClosedForm if provider is None else AwayForm
    who = provider.pk if provider else None
    if request.method != "POST":
        sick = request.GET.get(SICK)
        return kind(_today(desk, sick), desk=desk, away=who) if sick in {"now", "day"} else kind(desk=desk, away=who)
    data: dict[str, Any] = request.POST.dict()
    if "within_days" not in data:
        data = {**_USUAL, **data}
    if "begin" in data:
        data |= dict(zip(("first_day", "from_time"), data["begin"].split("T"), strict=False))
    return kind(data, desk=desk, away=who)


def _today(desk: Desk, sick: str | None) -> dict[str, Any]:
    """Return the form of a sick morning: the rest of today, or all of it."""
    now = desk.now
    start = dt.time(now.hour, now.minute // _STEP * _STEP) if sick == "now" else None
    return {**_USUAL, "first_day": desk.today.isoformat(), "from_time": f"{start:%H:%M}" if start else ""}


def _check_reach(desk: Desk, provider: Provider, form: AwayForm | ClosedForm) -> None:
    """Leave longer plans to who may change the hours: the desk enters what is upon it, today or tomorrow."""
    if not may_edit(desk, provider.pk) and form.cleaned_data["first_day"] > desk.today + dt.timedelta(days=1):
        sentence = _(
            "The front desk enters what begins today or tomorrow. A clinic admin enters time off further ahead."
        )
        form.add_error("first_day", sentence)


def _shown(
    request: DeskRequest,
    desk: Desk,
    provider: Provider | None,
    form: AwayForm | ClosedForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    plan, sure = None, ""
    if form.is_bound and form.is_valid():
        typed = request.POST.dict()
        ends = form.away(desk, provider.pk if provider else None)
        try:
            preview = look_ahead(ends, form.ways(), chosen=chosen_in(typed), others=OTHERS)
        except DomainError as error:
            refusal, status = refused(error), error.status
        else:
            plan = plan_of(desk, preview, typed)
            sure = "" if plan.blocked else mark_of(form)
        if ends.ends_at <= ends.starts_at:
            form.add_error("last_day", _("The end lies after the start."))
            plan, sure, status = None, "", 422
    action = _action(desk, provider)
    back = provider_address(desk, provider.pk) if provider else address(desk, "setup-closures")
    words = {
        "room": "providers" if provider else "setup",
        "provider": provider,
        "form": form,
        "plan": plan,
        "sure": sure,
        "refusal": refusal,
        "action": action,
        "back": back,
    }
    return show(request, desk, "portal/displacements/enter.html", words, status=status)


def _action(desk: Desk, provider: Provider | None) -> str:
    if provider is None:
        return reverse("portal:displace-closure", kwargs={"clinic": desk.clinic.pk})
    return reverse("portal:displace-provider", kwargs={"clinic": desk.clinic.pk, "provider": provider.pk})


def hits_visits(desk: Desk, instants: Mapping[str, Any], provider_id: uuid.UUID | None) -> bool:
    """Return whether an absence, as a plain form says it, hits visits, or people who are here."""
    return visits_hit(Away(desk.clinic.pk, provider_id, **instants), desk.now).exists()
