"""A person, and that a clinic knows this person under a record number."""

import uuid
from collections.abc import Collection
from typing import ClassVar, Final

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Concat, Upper

from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.models import IdentifiedModel, VersionedModel
from mediconnect.records.triggers import changes_are_kept, refused
from providers.models.clinic import Clinic, validate_zone

# The form in which names are compared: lower case, without accents. `patients.rules.identity.folded` says the same in Python.
FOLDED: Final = r"regexp_replace(normalize(lower(%(expressions)s), NFKD), '[\u0300-\u036f]', '', 'g')"


class PatientQuerySet(models.QuerySet["Patient"]):
    """The words in which patients are asked for."""

    def active(self) -> "PatientQuerySet":
        """Return those who are still seen."""
        return self.filter(active=True)

    def at_clinics(self, clinic_ids: Collection[uuid.UUID]) -> "PatientQuerySet":
        """Return those registered at one of these clinics, each once."""
        return self.filter(Exists(Registration.objects.filter(patient=OuterRef("pk"), clinic__in=clinic_ids)))


class Patient(VersionedModel):
    """A person who is seen. Names and birth date stay readable because the desk searches by them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="patient",
        help_text="the patient's own sign-in",
    )
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    birth_date = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=8, default="en")
    timezone = models.CharField(max_length=64, blank=True, validators=[validate_zone], help_text="empty: the clinic's")
    notes = EncryptedTextField(blank=True, default="")
    active = models.BooleanField(default=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="the record that this one became part of",
    )
    source_identifier = models.CharField(max_length=200, null=True, blank=True, unique=True)
    search_name = models.GeneratedField(
        expression=Func(
            Concat(F("family_name"), Value(" "), F("given_name"), Value(" "), F("family_name")), template=FOLDED
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = PatientQuerySet.as_manager()

    class Meta(VersionedModel.Meta):
        ordering: ClassVar = ["family_name", "given_name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(family_name="") | ~Q(given_name=""), name="a_patient_has_a_name"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(active=False), name="a_merged_record_is_out_of_use"
            ),
        ]
        indexes: ClassVar = [
            # Without fastupdate: else each search would read the entries that wait to be sorted in, up to 4 MB of them.
            GinIndex(
                OpClass(F("search_name"), name="gin_trgm_ops"), name="patients_by_part_of_a_name", fastupdate=False
            ),
            models.Index(fields=["birth_date", "family_name"], name="patients_by_birth_date"),
        ]
        triggers: ClassVar = [
            *VersionedModel.Meta.triggers,
            changes_are_kept(),
            refused(
                name="a_patient_is_never_deleted", operation=pgtrigger.Delete, sentence="a patient is never deleted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class Registration(IdentifiedModel):
    """That a clinic knows a patient, under a record number of its own. Staff see the patients registered with them."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="registrations")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="registrations")
    record_number = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("clinic", Upper("record_number"), name="a_record_number_names_one_patient"),
            models.UniqueConstraint(fields=["patient", "clinic"], name="a_patient_is_registered_once_in_a_clinic"),
            models.CheckConstraint(condition=~Q(record_number=""), name="a_registration_has_a_record_number"),
        ]
        indexes: ClassVar = [
            GinIndex(
                OpClass(Upper("record_number"), name="gin_trgm_ops"),
                name="patients_by_part_of_a_number",
                fastupdate=False,
            ),
        ]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return self.record_number
