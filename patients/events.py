"""What happened to patients' records, in the past tense and by id alone.

An invitation is told by `accounts.PatientInvited`: what happens to accounts is said there, once.
"""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PatientRegistered:
    """A clinic knows a patient now, who may be new or known elsewhere before."""

    patient_id: uuid.UUID
    clinic_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PatientChanged:
    """Names, birth date, language, zone, notes or the account of a patient changed."""

    patient_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PatientsMerged:
    """One record became part of another: both were the same person's."""

    merge_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PatientsParted:
    """A merge was undone: the two records stand apart again."""

    merge_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """A way to reach a patient was added, changed or retired."""

    patient_id: uuid.UUID
    contact_point_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class DependantRecorded:
    """A guardian may act for a patient, until the right ends."""

    dependant_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class DependantEnded:
    """A guardian may not act for a patient any more."""

    dependant_id: uuid.UUID
