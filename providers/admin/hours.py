"""The pages of hours and of the openings that follow from them."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import ByClinic, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin, SeenForm, SeenRows
from providers.models import AppointmentType, OneOffHours, Opening, WorkingHours
from providers.services.hours import (
    NewOneOffHours,
    NewWorkingHours,
    add_one_off_hours,
    add_working_hours,
    change_one_off_hours,
    change_working_hours,
    end_working_hours,
    remove_one_off_hours,
)

from .edits import EditingAdmin

if TYPE_CHECKING:
    _MultipleChoice = forms.ModelMultipleChoiceField[AppointmentType]
else:
    _MultipleChoice = forms.ModelMultipleChoiceField


class _Types(_MultipleChoice):
    """Types of visit, chosen by name and clinic, held as the list of ids that hours keep."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name, and where it is offered."""
        return f"{obj.name} ({obj.clinic})"

    def clean(self, value: Any) -> Any:
        """Return the ids in order."""
        return sorted(kind.pk for kind in super().clean(value))


class HoursForm(SeenForm):
    """Hours, with the types of visit that they are for."""

    offered: ClassVar[QuerySet[AppointmentType]] = AppointmentType.objects.none()

    types = _Types(AppointmentType.objects.none(), required=False, help_text="none chosen: every type of the clinic")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the types of the clinic, once it is known."""
        super().__init__(*args, **kwargs)
        if "types" in self.fields:
            known = {} if self.instance.clinic_id is None else {"clinic": self.instance.clinic_id}
            self.fields["types"].queryset = self.offered.filter(**known).select_related("clinic")  # type: ignore[attr-defined]


class _HoursAdmin(SeenRows, EditingAdmin):
    """Hours of either kind: for a resource at a clinic, edited there and nowhere else."""

    form = HoursForm
    list_select_related = ("resource", "clinic")
    search_fields = ("resource__name", "clinic__name", "=id")
    autocomplete_fields = ("resource", "clinic")
    timed: ClassVar[tuple[str, ...]] = ()

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is shown."""
        asked = ("resource", "clinic", *self.timed, "types")
        return asked if obj is None else (*asked, "id", "version", "created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: hours elsewhere are other hours."""
        return () if obj is None else ("resource", "clinic", "id", "version", "created_at", "updated_at")

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Return the form, with the types that this administrator may see."""
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        made.offered = self.admin_site.get_model_admin(AppointmentType).get_queryset(request)
        return made


@admin.register(WorkingHours)
class WorkingHoursAdmin(_HoursAdmin):
    """Hours that come back."""

    why = (
        "Hours hold by the clinic's clock, and openings follow at once. A change that leaves booked visits outside is refused "
        "and names them. Hours are ended with the action in the list."
    )
    list_display = ("resource", "clinic", "weekday", "rrule", "start_time", "end_time", "valid_from", "valid_until")
    list_filter = (ByClinic, "weekday", "resource__kind", "valid_from", "valid_until")
    date_hierarchy = "valid_from"
    ordering = ("resource__name", "weekday", "start_time", "id")
    actions = ("end",)
    timed = ("weekday", "rrule", "start_time", "end_time", "valid_from", "valid_until")

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Let the resource work in these hours."""
        values = form.cleaned_data
        hours = NewWorkingHours(**{name: values[name] for name in (*self.timed, "types")})
        edit = add_working_hours(resource_id=values["resource"].pk, clinic_id=values["clinic"].pk, hours=hours)
        return self.edited(request, edit)

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Change the hours from now on."""
        seen, values = form.cleaned_data["seen"] or 0, form.changes()
        edit = change_working_hours(hours_id=form.instance.pk, version=seen, change=values)  # type: ignore[arg-type]
        return self.edited(request, edit)

    @admin.action(description="End these hours with yesterday", permissions=["change"])
    def end(self, request: HttpRequest, chosen: QuerySet[WorkingHours]) -> None:
        """End each of the hours; those that have not begun are taken away."""

        def verb(hours: WorkingHours, seen: int) -> object:
            return end_working_hours(hours_id=hours.pk, version=seen)

        self.for_each(request, chosen, verb, done="ended.")


@admin.register(OneOffHours)
class OneOffHoursAdmin(_HoursAdmin):
    """Hours on one date."""

    why = (
        "Hours hold by the clinic's clock, public holiday or not, and openings follow at once. A change that leaves booked "
        "visits outside is refused and names them. Hours are taken away with the action in the list."
    )
    list_display = ("resource", "clinic", "date", "start_time", "end_time")
    list_filter = (ByClinic, "resource__kind", "date")
    date_hierarchy = "date"
    ordering = ("-date", "start_time", "id")
    actions = ("take_away",)
    timed = ("date", "start_time", "end_time")

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Let the resource work on that date."""
        values = form.cleaned_data
        hours = NewOneOffHours(**{name: values[name] for name in (*self.timed, "types")})
        edit = add_one_off_hours(resource_id=values["resource"].pk, clinic_id=values["clinic"].pk, hours=hours)
        return self.edited(request, edit)

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Change the hours."""
        seen, values = form.cleaned_data["seen"] or 0, form.changes()
        edit = change_one_off_hours(hours_id=form.instance.pk, version=seen, change=values)  # type: ignore[arg-type]
        return self.edited(request, edit)

    @admin.action(description="Take these hours away", permissions=["change"])
    def take_away(self, request: HttpRequest, chosen: QuerySet[OneOffHours]) -> None:
        """Take each of the hours away; the history keeps them."""

        def verb(hours: OneOffHours, seen: int) -> object:
            return remove_one_off_hours(hours_id=hours.pk, version=seen)

        self.for_each(request, chosen, verb, done="taken away.")


@admin.register(Opening)
class OpeningAdmin(ClinicScoped, ReadOnlyAdmin):
    """Who can be booked when, as it follows from the hours."""

    why = "Openings follow from working hours, one-off hours, closures and time off: change those."
    list_display = ("resource", "clinic", "during", "serves_all")
    list_filter = (ByClinic, "resource__kind")
    list_select_related = ("resource", "clinic")
    search_fields = ("resource__name", "clinic__name")
    ordering = ("resource__name", "during")

    @admin.display(description="every type", boolean=True)
    def serves_all(self, opening: Opening) -> bool:
        """Return whether every type of visit may be booked in it."""
        return opening.serves is None
