"""Whose rows an administrator sees: a superuser all, anybody else those of the clinics where he or she works.

One place says so for lists, forms, choices and autocomplete, as they all ask for the same rows. The clinics come from
the port that the API asks as well; it stands here because accounts are the lowest layer that knows it.
"""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from mediconnect.accounts import ports

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _SimpleListFilter = admin.SimpleListFilter
else:
    _ModelAdmin = admin.ModelAdmin
    _SimpleListFilter = admin.SimpleListFilter

Clinics = frozenset[uuid.UUID]


def clinics_of(request: HttpRequest) -> Clinics | None:
    """Return the clinics of the signed-in administrator, asked once per request; None for a superuser: all of them."""
    if getattr(request.user, "is_superuser", False):
        return None
    known: Clinics | None = getattr(request, "administered_clinics", None)
    if known is None:
        known = ports.principals().by_user(request.user.pk).clinics()  # type: ignore[arg-type]  # never anonymous here
        request.administered_clinics = known  # type: ignore[attr-defined]
    return known


class ClinicScoped(_ModelAdmin):
    """A page that shows an administrator the rows of his or her own clinics. `clinic_path` leads from a row to its clinic."""

    clinic_path: ClassVar[str] = "clinic"

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return the rows that belong to these clinics."""
        return rows.filter(**{f"{self.clinic_path}__in": clinics})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that this administrator may see; the list, the form and autocomplete ask here."""
        rows = super().get_queryset(request)
        clinics = clinics_of(request)
        return rows if clinics is None else self.within(rows, clinics)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return a field that offers, and accepts, only what this administrator may see."""
        related: type[Model] = db_field.remote_field.model
        if self.admin_site.is_registered(related):
            kwargs.setdefault("queryset", self.admin_site.get_model_admin(related).get_queryset(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class SuperusersOnly(_ModelAdmin):
    """A page for superusers. Accounts open every clinic that their owner works at: no single clinic's matter."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Allow superusers."""
        return self._superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers."""
        return self._superuser(request) and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow superusers what the page allows at all."""
        return self._superuser(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers what the page allows at all."""
        return self._superuser(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers what the page allows at all."""
        return self._superuser(request) and super().has_delete_permission(request, obj)

    def _superuser(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


class ByClinic(_SimpleListFilter):
    """A filter by clinic that names only the administrator's own."""

    title = "clinic"
    parameter_name = "clinic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the clinics to choose from."""
        field = model_admin.model._meta.get_field("clinic")
        clinics = model_admin.admin_site.get_model_admin(field.remote_field.model).get_queryset(request)
        return [(str(clinic.pk), str(clinic)) for clinic in clinics]

    def chosen(self) -> Clinics | None:
        """Return the chosen clinic, None where there is no choice; a malformed choice is no clinic at all."""
        text = self.value()
        if text is None:
            return None
        try:
            return frozenset({uuid.UUID(text)})
        except ValueError:
            return frozenset()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen clinic."""
        chosen = self.chosen()
        return queryset if chosen is None else queryset.filter(clinic__in=chosen)
