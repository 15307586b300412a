"""Time off with visits in it: which visits it hits, what each is offered instead, and what became of that."""

from typing import ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from mediconnect.records.models import IdentifiedModel, VersionedModel
from mediconnect.records.triggers import changes_are_kept
from providers.models import AppointmentType, Clinic, Closure, Provider, TimeOff

from .appointment import Appointment


class Displacement(VersionedModel):
    """One absence that hit visits: a provider's time off or a clinic's closure, and the rules by which new times are found.

    Nothing moves without consent unless `moves_without_asking`.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="displacements")
    time_off = models.ForeignKey(TimeOff, models.PROTECT, null=True, blank=True, related_name="displacements")
    closure = models.ForeignKey(Closure, models.PROTECT, null=True, blank=True, related_name="displacements")
    same_provider = models.BooleanField(default=True, help_text="a later time with the same provider may be proposed")
    substitutes = ArrayField(
        models.UUIDField(), default=list, blank=True, help_text="providers who step in, in their order"
    )
    within_days = models.PositiveSmallIntegerField(default=14)
    answer_hours = models.PositiveSmallIntegerField(default=24, help_text="how long a proposed time is held")
    moves_without_asking = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="when the patients were written to")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta(VersionedModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(time_off__isnull=False, closure=None) | Q(time_off=None, closure__isnull=False),
                name="a_displacement_has_one_cause",
            ),
            models.CheckConstraint(
                condition=Q(within_days__range=(1, 90)), name="new_times_are_sought_within_ninety_days"
            ),
            models.CheckConstraint(condition=Q(answer_hours__range=(1, 168)), name="a_proposal_is_held_a_week_at_most"),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return f"displacement {self.pk}"


class DisplacedVisit(IdentifiedModel):
    """One visit that an absence hit. A proposed time is held for it: `Hold.displaced_visit`."""

    class State(models.TextChoices):
        """How it stands."""

        FOUND = "found", "found"
        PROPOSED = "proposed", "new time held"
        ASKED = "asked", "asked"
        ACCEPTED = "accepted", "moved with consent"
        MOVED = "moved", "moved"
        DECLINED = "declined", "said no"
        LAPSED = "lapsed", "did not answer"
        TO_CALL = "to_call", "to be called"
        CANCELLED = "cancelled", "cancelled"
        RESTORED = "restored", "stays as it was"

    displacement = models.ForeignKey(Displacement, models.PROTECT, related_name="visits")
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="displacements")
    was_provider = models.ForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    appointment_type = models.ForeignKey(AppointmentType, models.PROTECT, related_name="+", db_index=False)
    was_starts_at = models.DateTimeField()
    was_ends_at = models.DateTimeField()
    proposed_provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    proposed_starts_at = models.DateTimeField(null=True, blank=True)
    proposed_ends_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.FOUND)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="until when the proposed time is held")
    answered_at = models.DateTimeField(null=True, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    call_outcome = models.CharField(max_length=120, blank=True, db_default="")

    class Meta:
        ordering: ClassVar = ["was_starts_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(state__in=["found", "proposed", "asked", "declined", "lapsed", "to_call"]),
                name="a_visit_is_displaced_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["found", "declined", "to_call", "cancelled", "restored", "moved", "lapsed"])
                | Q(proposed_starts_at__isnull=False, proposed_provider__isnull=False, proposed_ends_at__isnull=False),
                name="a_proposal_says_when_and_with_whom",
            ),
            models.CheckConstraint(
                condition=Q(was_ends_at__gt=F("was_starts_at")), name="a_displaced_visit_had_a_length"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(state="asked"), name="proposals_that_run_out"),
        ]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.was_starts_at}"


# Something is still to be done about a visit in one of these: it waits for an answer, for a call, or to be asked.
OPEN: Final = (
    DisplacedVisit.State.FOUND,
    DisplacedVisit.State.PROPOSED,
    DisplacedVisit.State.ASKED,
    DisplacedVisit.State.DECLINED,
    DisplacedVisit.State.LAPSED,
    DisplacedVisit.State.TO_CALL,
)

# Of those, the call list: whoever is in one of these is waited for by nobody but the desk.
TO_BE_CALLED: Final = (
    DisplacedVisit.State.FOUND,
    DisplacedVisit.State.DECLINED,
    DisplacedVisit.State.LAPSED,
    DisplacedVisit.State.TO_CALL,
)
