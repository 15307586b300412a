"""The pages of closures and time off."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import ByClinic, Clinics
from mediconnect.records.administration import SeenForm
from providers.models import Closure, Resource, TimeOff
from providers.services.absences import change_closure, change_time_off, enter_closure, enter_time_off

from .clock import WallClockField, shown, typed, wall, zone_of
from .edits import EditingAdmin
from .resources import resources_at


def _zone(absence: Any) -> ZoneInfo:
    return absence.clinic.zone if isinstance(absence, Closure) else zone_of(absence.resource)


class AbsenceForm(SeenForm):
    """When somebody is away or a clinic is closed, by the clinic's clock."""

    start = WallClockField(help_text="by the clinic's own clock")
    end = WallClockField(help_text="by the clinic's own clock")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the times as the clinic's clock does."""
        super().__init__(*args, **kwargs)
        absence = self.instance
        if not absence._state.adding:  # noqa: SLF001  Django's own way to ask
            zone = _zone(absence)
            self.fields["start"].initial = wall(absence.starts_at, zone)
            self.fields["end"].initial = wall(absence.ends_at, zone)

    def wanted(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return what differs, as the services call it; raises `Invalid` for a time that the clock skips."""
        wanted = self.changes()
        for name, column in (("start", "starts_at"), ("end", "ends_at")):
            if name in wanted:
                wanted[column] = typed(wanted.pop(name), zone, name)
        return wanted


class _AbsenceAdmin(EditingAdmin):
    """Time that takes openings away."""

    form = AbsenceForm
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)
    whose: ClassVar[str] = ""

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is shown."""
        if obj is None:
            return (self.whose, "start", "end", "reason")
        times = ("start", "end") if self.has_change_permission(request, obj) else ("begins", "ends")
        return (self.whose, *times, "reason", "cancelled", "id", "version", "created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: somebody else's absence is another one."""
        kept = (self.whose, "begins", "ends", "id", "version", "created_at", "updated_at")
        return () if obj is None else kept

    @admin.display(description="start", ordering="starts_at")
    def begins(self, absence: Any) -> str:
        """Return the start by the clinic's clock."""
        return shown(absence.starts_at, _zone(absence))

    @admin.display(description="end", ordering="ends_at")
    def ends(self, absence: Any) -> str:
        """Return the end by the clinic's clock."""
        return shown(absence.ends_at, _zone(absence))


@admin.register(Closure)
class ClosureAdmin(_AbsenceAdmin):
    """When clinics are closed."""

    why = "A closure is withdrawn by “cancelled”, never deleted. One that has booked visits in it is refused and names them."
    whose = "clinic"
    list_display = ("clinic", "begins", "ends", "reason", "cancelled")
    list_filter = (ByClinic, "cancelled", "starts_at")
    list_select_related = ("clinic",)
    search_fields = ("clinic__name", "reason", "=id")
    autocomplete_fields = ("clinic",)

    def add(self, request: HttpRequest, form: Any) -> Model:
        """Close the clinic."""
        clinic = form.cleaned_data["clinic"]
        wanted = form.wanted(clinic.zone)
        times = {name: wanted[name] for name in ("starts_at", "ends_at")}
        return self.edited(request, enter_closure(clinic_id=clinic.pk, reason=form.cleaned_data["reason"], **times))

    def change(self, request: HttpRequest, form: Any) -> Model:
        """Move, annotate or withdraw the closure."""
        seen, wanted = form.cleaned_data["seen"] or 0, form.wanted(form.instance.clinic.zone)
        return self.edited(request, change_closure(closure_id=form.instance.pk, version=seen, change=wanted))


@admin.register(TimeOff)
class TimeOffAdmin(_AbsenceAdmin):
    """When somebody or something is away."""

    why = (
        "Time off is withdrawn by “cancelled”, never deleted. One that has booked visits in it is refused and names them. "
        "Times are by the clinic's clock; for a provider of several clinics, by that of the first."
    )
    whose = "resource"
    list_display = ("resource", "starts_at", "ends_at", "reason", "cancelled")
    list_filter = ("cancelled", "resource__kind", "starts_at")
    list_select_related = ("resource",)
    search_fields = ("resource__name", "=id")
    autocomplete_fields = ("resource",)

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return the time off of whoever works, and whatever stands, at these clinics."""
        return rows.filter(resource__in=resources_at(Resource.objects.all(), clinics))

    def add(self, request: HttpRequest, form: Any) -> Model:
        """Take the resource away for a while."""
        resource = form.cleaned_data["resource"]
        wanted = form.wanted(zone_of(resource))
        times = {name: wanted[name] for name in ("starts_at", "ends_at")}
        return self.edited(
            request, enter_time_off(resource_id=resource.pk, reason=form.cleaned_data["reason"], **times)
        )

    def change(self, request: HttpRequest, form: Any) -> Model:
        """Move, annotate or withdraw the time off."""
        seen, wanted = form.cleaned_data["seen"] or 0, form.wanted(zone_of(form.instance.resource))
        return self.edited(request, change_time_off(time_off_id=form.instance.pk, version=seen, change=wanted))
