"""Files that came in, row by row and sealed, until they are deleted; and what went out, by whom and how much."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.models import IdentifiedModel
from mediconnect.records.triggers import changes_are_kept
from providers.models import Clinic


class ExchangeKind(models.TextChoices):
    """What a table is about."""

    PATIENTS = "patients", "patients"
    PROVIDERS = "providers", "providers"
    HOURS = "hours", "hours"
    VISITS = "visits", "visits"


class Verdict(models.TextChoices):
    """What a row would do, as found by looking at it."""

    NEW = "new", "new"
    CHANGE = "change", "changes"
    SAME = "same", "nothing new"
    DOUBTFUL = "doubtful", "may be there already"
    REFUSED = "refused", "cannot be used"


class ImportRun(IdentifiedModel):
    """A file that somebody brought. Its rows are looked at, shown, and imported once that was asked for.

    `columns` names ours by the place where each stands in the file ("" for one that is left out), `orders` says in which
    order the dates of a column are certainly written. File name and headings may name people, so they are sealed.
    `counts` is {verdict or outcome: number} and stays when the rows are deleted.
    """

    class State(models.TextChoices):
        """Where it stands."""

        CHECKING = "checking", "being looked at"
        CHECKED = "checked", "waits for a decision"
        IMPORTING = "importing", "being imported"
        DONE = "done", "done"
        DROPPED = "dropped", "not imported"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="imports")
    kind = models.CharField(max_length=9, choices=ExchangeKind)
    state = models.CharField(max_length=9, choices=State, default=State.CHECKING)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    file_name = EncryptedTextField(blank=True, default="")
    header = EncryptedTextField(blank=True, default="", help_text="the headings as they stood in the file, as JSON")
    columns = models.JSONField(default=list)
    orders = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    with_doubtful = models.BooleanField(default=False, help_text="rows that may be there already were imported as well")
    asked_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True, help_text="when its rows were deleted")

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(asked_at=None) ^ Q(state__in=["importing", "done"]), name="an_import_was_asked_for"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["clinic", "-created_at"], name="imports_of_a_clinic"),
            models.Index(
                fields=["created_at"], condition=Q(state__in=["checking", "importing"]), name="imports_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"


class ImportRow(models.Model):
    """One row of a file, sealed: what stands in it, what it would do, and what became of it.

    `told` is JSON: findings, differences and the plan by which it is written. `key_index` is a blind index of what makes
    it the same as another row. A row is written in the transaction that sets its `outcome`, so it is written once.
    """

    class Outcome(models.TextChoices):
        """What became of it."""

        WRITTEN = "written", "imported"
        FAILED = "failed", "refused"
        LEFT = "left", "left out"

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField(help_text="in the file, the header being 1 as a rule")
    cells = EncryptedTextField()
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    told = EncryptedTextField(blank=True, default="")
    key_index = models.CharField(max_length=32, blank=True)
    target = models.UUIDField(null=True, blank=True)
    seen = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="a_row_of_a_file_is_kept_once"),
            models.CheckConstraint(
                condition=Q(outcome="") | ~Q(verdict=""), name="a_row_is_looked_at_before_it_is_imported"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "key_index"], condition=~Q(key_index=""), name="rows_of_a_file_by_key"),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"


class ExportRun(IdentifiedModel):
    """That somebody took data of a clinic out: what, between which days, how many rows, with notes or without."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="exports")
    kind = models.CharField(max_length=9, choices=ExchangeKind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    form = models.CharField(max_length=4, help_text="csv or xlsx")
    first = models.DateField(null=True, blank=True)
    last = models.DateField(null=True, blank=True)
    with_notes = models.BooleanField(default=False)
    rows = models.PositiveIntegerField(help_text="how many were asked for")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="empty: not taken to the end")

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["clinic", "-created_at"], name="exports_of_a_clinic")]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"
