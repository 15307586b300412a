"""The page of budgets for overriding. They are set in the clinic's own setup."""

from django.contrib import admin

from mediconnect.accounts.administration import ByClinic, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin
from providers.models import OverbookingBudget


@admin.register(OverbookingBudget)
class OverbookingBudgetAdmin(ClinicScoped, ReadOnlyAdmin):
    """How many visits a day each role may put over the rules."""

    why = "Budgets are set by whoever runs the clinic, in its setup, where two who change them at once are told apart."
    list_display = ("clinic", "role", "per_day", "updated_at")
    list_filter = (ByClinic, "role")
    list_select_related = ("clinic",)
    search_fields = ("clinic__name", "=id")
    date_hierarchy = "created_at"
    ordering = ("clinic__name", "role")
