"""The doors of providers: who works here, each one's page, and the hours behind it."""

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mediconnect.errors import DomainError, NotFound
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.displacements.views.entering import entered_over_visits, hits_visits
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import finished, version_in
from mediconnect.portal.showing import Undo, refused, show
from providers.models import OneOffHours, TimeOff, WorkingHours
from providers.services import absences, hours
from providers.services.editing import Edit

from .editing import edit, provider_address, together
from .forms import HoursForm, NothingForm, OneOffForm, TimeOffForm
from .reading import editable, listed, page_of


@require_safe
@desk_page
def providers(request: DeskRequest, desk: Desk) -> HttpResponse:
    """List who works here; a provider who is nothing else goes to the own page."""
    if desk.only_provider and desk.own_provider:
        return HttpResponseRedirect(provider_address(desk, desk.own_provider))
    return show(request, desk, "portal/hours/list.html", {"room": "providers", "providers": listed(desk)})


@require_safe
@desk_page
def provider(request: DeskRequest, desk: Desk, provider: uuid.UUID) -> HttpResponse:
    """Show a provider: the day, the hours, time off."""
    return show(request, desk, "portal/hours/page.html", {"room": "providers", "page": page_of(desk, provider)})


@desk_page
def new_hours(request: DeskRequest, desk: Desk, provider: uuid.UUID) -> HttpResponse:
    """Enter hours that come back, for several weekdays at once."""
    row = editable(desk, provider)
    form = HoursForm(request.POST or None, desk=desk)

    def do(dry_run: bool) -> Edit[WorkingHours]:  # noqa: FBT001  the one question of an edit
        said = form.cleaned_data
        return together(
            [
                hours.add_working_hours(
                    resource_id=row.pk,
                    clinic_id=desk.clinic.pk,
                    hours=hours.NewWorkingHours(
                        weekday=weekday,
                        rrule=rule,
                        start_time=said["start_time"],
                        end_time=said["end_time"],
                        valid_from=said["valid_from"],
                        valid_until=said["valid_until"],
                        types=form.chosen(),
                    ),
                    dry_run=dry_run,
                )
                for weekday, rule in form.patterns()
            ]
        )

    words = {"title": _("New hours"), "save": _("See what it changes"), "save_surely": _("Save these hours")}
    return edit(request, desk, row, form, do, notice=_("The hours are saved."), words=words)


@desk_page
def edit_hours(request: DeskRequest, desk: Desk, provider: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """Change hours that come back, from now on."""
    owner, line = editable(desk, provider), _of(desk, WorkingHours, provider, row)
    form = HoursForm(
        request.POST or None,
        desk=desk,
        one_day=True,
        initial=HoursForm.initial_of(desk, line) | {"version": line.version},
    )

    def do(dry_run: bool) -> Edit[WorkingHours]:  # noqa: FBT001  the one question of an edit
        said, (weekday, rule) = form.cleaned_data, form.patterns()[0]
        change = hours.WorkingHoursChange(
            weekday=weekday,
            rrule=rule,
            start_time=said["start_time"],
            end_time=said["end_time"],
            valid_from=said["valid_from"] or line.valid_from,
            valid_until=said["valid_until"],
            types=form.chosen(),
        )
        return hours.change_working_hours(
            hours_id=line.pk, version=said["version"] or 0, change=change, dry_run=dry_run
        )

    words = {
        "title": _("Change hours"),
        "save": _("See what it changes"),
        "save_surely": _("Save these hours"),
        "end": reverse("portal:hours-end", kwargs={"clinic": desk.clinic.pk, "provider": owner.pk, "row": line.pk}),
    }
    return edit(request, desk, owner, form, do, notice=_("The hours are saved."), words=words)


@desk_page
def end_hours(request: DeskRequest, desk: Desk, provider: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """End hours from today on; what is past stays as it was."""
    owner, line = editable(desk, provider), _of(desk, WorkingHours, provider, row)
    form = NothingForm(request.POST or None, initial={"version": line.version})

    def do(dry_run: bool) -> Edit[WorkingHours]:  # noqa: FBT001  the one question of an edit
        version = form.cleaned_data["version"] or 0
        return hours.end_working_hours(hours_id=line.pk, version=version, dry_run=dry_run)

    words = {
        "title": _("End these hours"),
        "save": _("End them from today on"),
        "save_surely": _("End them"),
        "asks": line,
    }
    return edit(request, desk, owner, form, do, notice=_("The hours have ended."), words=words)


@desk_page
def new_one_off(request: DeskRequest, desk: Desk, provider: uuid.UUID) -> HttpResponse:
    """Enter hours on one date."""
    row = editable(desk, provider)
    form = OneOffForm(request.POST or None, desk=desk, initial={"date": request.GET.get("date")})

    def do(dry_run: bool) -> Edit[OneOffHours]:  # noqa: FBT001  the one question of an edit
        said = form.cleaned_data
        new = hours.NewOneOffHours(
            date=said["date"], start_time=said["start_time"], end_time=said["end_time"], types=form.chosen()
        )
        return hours.add_one_off_hours(resource_id=row.pk, clinic_id=desk.clinic.pk, hours=new, dry_run=dry_run)

    words = {"title": _("Hours on one date"), "save": _("See what it changes"), "save_surely": _("Save these hours")}
    return edit(request, desk, row, form, do, notice=_("The hours are saved."), words=words)


@desk_page
def remove_one_off(request: DeskRequest, desk: Desk, provider: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """Take hours on one date away."""
    owner, line = editable(desk, provider), _of(desk, OneOffHours, provider, row)
    form = NothingForm(request.POST or None, initial={"version": line.version})

    def do(dry_run: bool) -> Edit[OneOffHours]:  # noqa: FBT001  the one question of an edit
        return hours.remove_one_off_hours(hours_id=line.pk, version=form.cleaned_data["version"] or 0, dry_run=dry_run)

    words = {
        "title": _("Take these hours away"),
        "save": _("Take them away"),
        "save_surely": _("Take them away"),
        "asks": line,
    }
    return edit(request, desk, owner, form, do, notice=_("The hours are taken away."), words=words)


@desk_page
def new_time_off(request: DeskRequest, desk: Desk, provider: uuid.UUID) -> HttpResponse:
    """Enter time off; where visits are booked then, look at them first, each with a new time."""
    row = editable(desk, provider)
    form = TimeOffForm(request.POST or None, initial={"first_day": request.GET.get("date")})
    if form.is_valid() and hits_visits(desk, form.instants(desk.zone), row.pk):
        return entered_over_visits(request, desk, row)

    def do(dry_run: bool) -> Edit[TimeOff]:  # noqa: FBT001  the one question of an edit
        return absences.enter_time_off(resource_id=row.pk, dry_run=dry_run, **form.instants(desk.zone))

    words = {"title": _("Time off"), "save": _("See what it changes"), "save_surely": _("Enter the time off")}
    return edit(request, desk, row, form, do, notice=_("The time off is entered."), words=words)


@desk_page
def edit_time_off(request: DeskRequest, desk: Desk, provider: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """Move time off or give it another reason."""
    owner, line = editable(desk, provider), _absence(provider, row)
    form = TimeOffForm(request.POST or None, initial=TimeOffForm.initial_of(desk, line))

    def do(dry_run: bool) -> Edit[TimeOff]:  # noqa: FBT001  the one question of an edit
        said = form.instants(desk.zone)
        change = absences.AbsenceChange(starts_at=said["starts_at"], ends_at=said["ends_at"], reason=said["reason"])
        version = form.cleaned_data["version"] or 0
        return absences.change_time_off(time_off_id=line.pk, version=version, change=change, dry_run=dry_run)

    words = {"title": _("Time off"), "save": _("See what it changes"), "save_surely": _("Save")}
    return edit(request, desk, owner, form, do, notice=_("Saved."), words=words)


@require_POST
@desk_page
def withdraw_time_off(request: DeskRequest, desk: Desk, provider: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """Withdraw time off; it stays on record and can be put back."""
    return _switched(request, desk, provider, row, cancelled=True)


@require_POST
@desk_page
def restore_time_off(request: DeskRequest, desk: Desk, provider: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """Put time off back that was withdrawn, unless something was booked meanwhile."""
    return _switched(request, desk, provider, row, cancelled=False)


def _switched(
    request: DeskRequest, desk: Desk, provider_id: uuid.UUID, row_id: uuid.UUID, *, cancelled: bool
) -> HttpResponse:
    owner, line, version = editable(desk, provider_id), _absence(provider_id, row_id), version_in(request)
    change: absences.AbsenceChange = {"cancelled": cancelled}

    def work() -> dict[str, Any]:
        edited = absences.change_time_off(time_off_id=line.pk, version=version, change=change)
        return {"version": edited.record.version}

    try:
        answer = once(request, desk, work, fresh_reads=True)
    except DomainError as error:
        context = {"room": "providers", "page": page_of(desk, provider_id), "refusal": refused(error)}
        return show(request, desk, "portal/hours/page.html", context, status=error.status)
    door = "portal:time-off-restore" if cancelled else "portal:time-off-withdraw"
    back = reverse(door, kwargs={"clinic": desk.clinic.pk, "provider": owner.pk, "row": line.pk})
    notice = _("The time off is withdrawn.") if cancelled else _("The time off is entered.")
    return finished(request, notice, to=provider_address(desk, owner.pk), undo=Undo(back, answer["version"]))


def _of(desk: Desk, model: Any, provider_id: uuid.UUID, row_id: uuid.UUID) -> Any:
    """Return hours of this provider at this clinic; raises `NotFound` for another's, or another clinic's."""
    row = model.objects.filter(pk=row_id, resource=provider_id, clinic=desk.clinic.pk).first()
    if row is None:
        raise NotFound
    return row


def _absence(provider_id: uuid.UUID, row_id: uuid.UUID) -> TimeOff:
    row = TimeOff.objects.filter(pk=row_id, resource=provider_id).first()
    if row is None:
        raise NotFound
    return row
