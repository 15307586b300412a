"""The pages of what can be booked: providers, rooms, devices, and where providers work."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import ByClinic, Clinics, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin, SeenForm, WritingAdmin
from mediconnect.records.administration.writing import check_unchanged
from providers.models import Clinic, Device, PractitionerRole, Provider, Resource, ResourceKind, Room
from providers.services.places import add_provider, add_resource, change_resource

from .edits import EditingAdmin


def resources_at(rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
    """Return of these resources the providers who ever worked at the clinics, and the rooms and devices in them."""
    working = PractitionerRole.objects.filter(clinic__in=clinics).values("provider")
    return rows.filter(Q(clinic__in=clinics) | Q(pk__in=working))


@admin.register(Resource)
class ResourceAdmin(ClinicScoped, ReadOnlyAdmin):
    """All calendars in one list, as hours and claims refer to them."""

    why = "A calendar is a provider's, a room's or a device's: it is written on the page of that one."
    list_display = ("name", "kind", "clinic", "category", "active")
    list_filter = ("kind", "active", "category")
    list_select_related = ("clinic",)
    search_fields = ("name", "=id")
    date_hierarchy = "created_at"
    ordering = ("name",)

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return the providers who work at these clinics, and the rooms and devices that stand in them."""
        return resources_at(rows, clinics)


class ProviderForm(SeenForm):
    """A provider; a new one also says where he or she works first."""

    clinic = forms.ModelChoiceField(Clinic.objects.none(), help_text="where the provider works first")
    specialty = forms.CharField(max_length=120, required=False)

    clinics: ClassVar[QuerySet[Clinic]] = Clinic.objects.none()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the administrator's clinics for a new provider, and none for one that is there."""
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:  # noqa: SLF001  Django's own way to ask
            self.fields["clinic"].queryset = self.clinics  # type: ignore[attr-defined]
        else:
            for name in ("clinic", "specialty"):
                self.fields.pop(name, None)


@admin.register(Provider)
class ProviderAdmin(EditingAdmin):
    """People who see patients."""

    why = "A provider who leaves is made inactive, never deleted. Where a provider works is a practitioner role; when, hours."
    form = ProviderForm
    list_display = ("name", "user", "active", "created_at")
    list_filter = ("active", "created_at")
    list_select_related = ("user",)
    search_fields = ("name", "=id")
    date_hierarchy = "created_at"
    ordering = ("name",)
    autocomplete_fields = ("user",)

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return those who have ever worked at these clinics."""
        return rows.filter(pk__in=PractitionerRole.objects.filter(clinic__in=clinics).values("provider"))

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is shown; whose sign-in a provider has is a superuser's to say, as it opens a calendar."""
        if obj is not None:
            return ("name", "active", "user", "source_identifier", "id", "version", "created_at", "updated_at")
        user = ("user",) if getattr(request.user, "is_superuser", False) else ()
        return ("name", "clinic", "specialty", *user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited."""
        user = () if getattr(request.user, "is_superuser", False) else ("user",)
        kept = ("source_identifier", "id", "version", "created_at", "updated_at")
        return () if obj is None else (*kept, *user)

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Return the form, with the clinics where this administrator may let somebody work."""
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        made.clinics = self.admin_site.get_model_admin(Clinic).get_queryset(request)
        return made

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Add a provider who works at a clinic."""
        values = form.cleaned_data
        user = values.get("user")
        return add_provider(
            name=values["name"], clinic_id=values["clinic"].pk, specialty=values["specialty"], user_id=user and user.pk
        )

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Rename the provider or put him or her out of use; a sign-in is written here, as nothing follows from it."""
        changes, version = form.changes(), form.cleaned_data["seen"] or 0
        if "user" in changes:
            check_unchanged(form)
            provider: Provider = form.instance
            provider.user = changes.pop("user")
            provider.save(update_fields=["user"])
            version = provider.version
        edit = change_resource(resource_id=form.instance.pk, version=version, change=changes)  # type: ignore[arg-type]
        return self.edited(request, edit)


class _InAClinic(EditingAdmin):
    """A room or a device."""

    kind: ClassVar[ResourceKind]

    list_display = ("name", "category", "clinic", "active")
    list_filter = (ByClinic, "active", "category")
    list_select_related = ("clinic",)
    search_fields = ("name", "category", "=id")
    date_hierarchy = "created_at"
    ordering = ("name",)
    autocomplete_fields = ("clinic",)

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is shown."""
        asked = ("name", "category", "clinic")
        more = ("active", "source_identifier", "id", "version", "created_at", "updated_at")
        return asked if obj is None else (*asked, *more)

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: it stays in its clinic, where visits have taken it."""
        kept = ("clinic", "source_identifier", "id", "version", "created_at", "updated_at")
        return kept if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Return a form that asks for the clinic, which only providers do without."""
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        if "clinic" in made.base_fields:
            made.base_fields["clinic"].required = True
        return made

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Put it into its clinic."""
        values = form.cleaned_data
        edit = add_resource(
            clinic_id=values["clinic"].pk, kind=self.kind, name=values["name"], category=values["category"]
        )
        return self.edited(request, edit)

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Rename it, sort it otherwise or put it out of use."""
        seen, changes = form.cleaned_data["seen"] or 0, form.changes()
        edit = change_resource(resource_id=form.instance.pk, version=seen, change=changes)  # type: ignore[arg-type]
        return self.edited(request, edit)


@admin.register(Room)
class RoomAdmin(_InAClinic):
    """Rooms where visits take place."""

    kind = ResourceKind.ROOM

    why = "A room that is given up is made inactive, never deleted. Its category is what a type of visit asks for."


@admin.register(Device)
class DeviceAdmin(_InAClinic):
    """Devices that a visit needs for itself."""

    kind = ResourceKind.DEVICE

    why = "A device that is given up is made inactive, never deleted. Its category is what a type of visit asks for."


@admin.register(PractitionerRole)
class PractitionerRoleAdmin(ClinicScoped, WritingAdmin):
    """Who works at which clinic, and as what."""

    why = "A provider who leaves a clinic has the role there made inactive, never deleted."
    list_display = ("provider", "clinic", "specialty", "active", "created_at")
    list_filter = (ByClinic, "active", "created_at")
    list_select_related = ("provider", "clinic")
    search_fields = ("provider__name", "clinic__name", "specialty")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    autocomplete_fields = ("provider", "clinic")
    fields = ("provider", "clinic", "specialty", "active", "id", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: another provider or clinic is another role."""
        return ("id", "created_at") if obj is None else ("provider", "clinic", "id", "created_at")
