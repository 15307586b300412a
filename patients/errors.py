"""Why a patient's record cannot be written, in words for the person at the desk."""

from typing import TYPE_CHECKING

from mediconnect.errors import DomainError, VersionConflict

if TYPE_CHECKING:
    from django.db.models import Model


class ChangedMeanwhile(VersionConflict):
    """Somebody else changed the record first. `record` is the row as it is now; the door that shows it renders it."""

    def __init__(self, record: "Model") -> None:
        super().__init__()
        self.record = record


class PossibleDuplicate(DomainError):
    """Someone like this is registered already. `duplicates` lists who, and why they may be the same person."""

    code, status, title = "possible-duplicate", 409, "This person may be registered already"
    sentence = "Compare with “duplicates”. If it is somebody else, send the request again with confirm_duplicate: true."


class Merged(DomainError):
    """The record became part of another one. `merged_into` says of which."""

    code, status, title = "merged", 410, "The record became part of another one"
    sentence = "Two records of this person were made one. Go on with the one under “merged_into”."


class MergeConflict(DomainError):
    """The two cannot be one person's as they stand. `conflicts` lists why, each with what to look at."""

    code, status, title = "merge-conflict", 409, "Something keeps the two records apart"
    sentence = "Put what “conflicts” lists in order, then merge the records again."


class BirthDatesDiffer(DomainError):
    """Two people are born on two days; whoever says that it is one person types the right day."""

    code, status, title = "birth-dates-differ", 422, "The birth dates differ"
    sentence = "If it is one person all the same, send the right birth date as confirm_birth_date."


class MergeFinal(DomainError):
    """The thirty days are over."""

    code, status, title = "merge-final", 409, "The merge is final"
    sentence = "A merge can be undone for 30 days. Register the other person anew if they were two."


class MergeIsOver(DomainError):
    """It was undone already."""

    code, status, title = "merge-undone", 409, "The merge was undone already"
    sentence = "The two records stand apart again."


class MergeNotLast(DomainError):
    """The kept record became part of a third one since. `merged_into` says of which."""

    code, status, title = "merge-not-last", 409, "A later merge stands on this one"
    sentence = "The record that was kept became part of another one since. Undo that merge first."


class RecordNumberTaken(DomainError):
    """Another patient of the clinic has this record number."""

    code, status, title = "record-number-taken", 409, "The record number is taken"
    sentence = "Another patient of this clinic has this record number. Leave it out to get the next free one."


class AlreadyRegistered(DomainError):
    """The clinic knows the patient under another number."""

    code, status, title = "already-registered", 409, "The patient is registered here already"
    sentence = "The clinic knows this patient already."


class ContactListed(DomainError):
    """The patient can be reached there already."""

    code, status, title = "contact-listed", 409, "The contact is listed already"
    sentence = "This phone number or e-mail address is listed for the patient already."


class DependantListed(DomainError):
    """The right is recorded already."""

    code, status, title = "dependant-listed", 409, "The dependant is listed already"
    sentence = "This guardian may act for this patient already."


class AlreadyHasAccount(DomainError):
    """The patient signs in already."""

    code, status, title = "already-has-account", 409, "The patient has an account"
    sentence = "The patient has an account already. A forgotten password is reset on the sign-in page."


class CannotBeInvited(DomainError):
    """The record lacks what a claim is proven with. `missing` lists it."""

    code, status, title = "cannot-be-invited", 422, "Something is missing for an invitation"
    sentence = "An invitation needs a birth date and a phone number or e-mail address that may be written to."
