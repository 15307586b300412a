"""The form of a visit: what is typed is what the services of booking, moving and noting ask for."""

from typing import Any

from django import forms
from django.contrib.admin.helpers import ActionForm

from appointments.models import CancellationReason
from mediconnect.records.administration import SeenForm
from providers.admin.clock import WallClockField, wall


class VisitForm(SeenForm):
    """A visit to book, or to move and annotate."""

    start = WallClockField(help_text="by the clinic's own clock")
    override = forms.CharField(
        max_length=200,
        required=False,
        help_text="why this visit may lie outside the openings or over another one; empty: it may not",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the start as the clinic's clock does."""
        super().__init__(*args, **kwargs)
        visit = self.instance
        if not visit._state.adding:  # noqa: SLF001  Django's own way to ask
            self.fields["start"].initial = wall(visit.starts_at, visit.clinic.zone)


class VisitActionForm(ActionForm):
    """The actions of the list, with the reason that cancelling asks for."""

    reason = forms.ChoiceField(
        choices=[("", "reason, for cancelling"), *CancellationReason.choices], required=False, label="Reason"
    )
