"""The shapes of requests and answers about patients. They describe; what is read is read by `patients.api.reading`."""

from typing import Any

from rest_framework import serializers

from patients.models import ContactSystem
from patients.rules.merging import SIDES

_S = serializers.Serializer[Any]


class ContactPointSerializer(_S):
    """A phone number in E.164 or an e-mail address. The lowest `rank` is tried first."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    system = serializers.ChoiceField(ContactSystem.choices)
    value = serializers.CharField()
    rank = serializers.IntegerField()
    consent = serializers.BooleanField(help_text="messages may be sent here")
    verified = serializers.BooleanField()
    active = serializers.BooleanField()


class NewContactPointSerializer(_S):
    """A way to reach a patient. A phone number without country code is read by the rules of the clinic's country."""

    system = serializers.ChoiceField(ContactSystem.choices)
    value = serializers.CharField(max_length=254)
    rank = serializers.IntegerField(required=False, min_value=1, max_value=99)
    consent = serializers.BooleanField(required=False)


class ContactPointChangeSerializer(_S):
    """`active: false` retires it; a new number is a new contact point."""

    rank = serializers.IntegerField(required=False, min_value=1, max_value=99)
    consent = serializers.BooleanField(required=False)
    active = serializers.BooleanField(required=False)
    version = serializers.IntegerField(required=False)


class RegistrationSerializer(_S):
    """A clinic that knows the patient, and the record number there."""

    clinic = serializers.UUIDField()
    clinic_name = serializers.CharField()
    record_number = serializers.CharField()


class FurtherRegistrationSerializer(_S):
    """A further clinic; without `record_number` the next free one is given."""

    clinic = serializers.UUIDField()
    record_number = serializers.CharField(required=False, max_length=40)


class RegisteredSerializer(_S):
    """The record number at the further clinic."""

    patient = serializers.UUIDField()
    clinic = serializers.UUIDField()
    record_number = serializers.CharField()


class DependantSerializer(_S):
    """Somebody for whom a patient may act, up to and including `ends_on`."""

    patient = serializers.UUIDField()
    given_name = serializers.CharField()
    family_name = serializers.CharField()
    birth_date = serializers.DateField(allow_null=True)
    relationship = serializers.CharField()
    ends_on = serializers.DateField(allow_null=True)


class NewDependantSerializer(_S):
    """The right to act for `patient`."""

    patient = serializers.UUIDField()
    relationship = serializers.CharField(max_length=40, help_text="as in child, parent, spouse")
    ends_on = serializers.DateField(required=False, allow_null=True)


class _PersonSerializer(_S):
    id = serializers.UUIDField()
    version = serializers.IntegerField()
    given_name = serializers.CharField(allow_blank=True)
    family_name = serializers.CharField(allow_blank=True)
    birth_date = serializers.DateField(allow_null=True)
    language = serializers.CharField()


class PatientRowSerializer(_PersonSerializer):
    """A patient in a list: enough to tell people apart, contacts masked."""

    active = serializers.BooleanField()
    phone = serializers.CharField(allow_null=True, help_text="masked, as in •••• 4821")
    email = serializers.CharField(allow_null=True, help_text="masked, as in a•••@example.org")
    registrations = RegistrationSerializer(many=True)


class PatientSerializer(_PersonSerializer):
    """A patient as the desk sees it; registrations at the caller's clinics alone."""

    timezone = serializers.CharField(allow_null=True, help_text="null: the clinic's")
    notes = serializers.CharField(allow_blank=True)
    active = serializers.BooleanField()
    has_account = serializers.BooleanField()
    registrations = RegistrationSerializer(many=True)
    contact_points = ContactPointSerializer(many=True)
    dependants = DependantSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class MeSerializer(_PersonSerializer):
    """A patient's own profile."""

    timezone = serializers.CharField(allow_null=True)
    clinics = RegistrationSerializer(many=True)
    contact_points = ContactPointSerializer(many=True)
    dependants = DependantSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class _PersonFieldsSerializer(_S):
    given_name = serializers.CharField(required=False, allow_blank=True, max_length=80)
    family_name = serializers.CharField(required=False, allow_blank=True, max_length=80)
    birth_date = serializers.DateField(required=False)
    language = serializers.RegexField(r"^[a-z]{2,3}(-[A-Z]{2})?$", required=False)
    timezone = serializers.CharField(required=False, allow_blank=True, max_length=64)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=4000)


class NewPatientSerializer(_PersonFieldsSerializer):
    """A new patient: a given or a family name at least. `phone` and `email` are short for a contact point each."""

    clinic = serializers.UUIDField(required=False, help_text="needed by whoever works at several desks")
    record_number = serializers.CharField(required=False, max_length=40, help_text="left out: the next free one")
    contact_points = NewContactPointSerializer(many=True, required=False)
    phone = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    confirm_duplicate = serializers.BooleanField(required=False)


class PatientChangeSerializer(_PersonFieldsSerializer):
    """What shall be written; what is left out stays."""

    active = serializers.BooleanField(required=False)
    version = serializers.IntegerField(required=False)


class MyContactPointSerializer(_S):
    """With `id`: a change of one's own. Without: a new one, which needs `system` and `value`."""

    id = serializers.UUIDField(required=False)
    system = serializers.ChoiceField(ContactSystem.choices, required=False)
    value = serializers.CharField(required=False, max_length=254)
    rank = serializers.IntegerField(required=False, min_value=1, max_value=99)
    consent = serializers.BooleanField(required=False)
    active = serializers.BooleanField(required=False)


class MyChangeSerializer(_S):
    """What a patient changes about itself; names and birth date are the desk's."""

    language = serializers.RegexField(r"^[a-z]{2,3}(-[A-Z]{2})?$", required=False)
    timezone = serializers.CharField(required=False, allow_blank=True, max_length=64)
    contact_points = MyContactPointSerializer(many=True, required=False)
    version = serializers.IntegerField(required=False)


class SearchSerializer(_S):
    """One box: a part of a name, a birth date, a phone or its last four digits, a record number, an e-mail address."""

    q = serializers.CharField(max_length=120)
    clinic = serializers.UUIDField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class HintSerializer(_S):
    """A contact on file, masked."""

    kind = serializers.ChoiceField(["email", "sms"])
    masked = serializers.CharField()


class InvitationSerializer(_S):
    """An invitation on its way."""

    id = serializers.UUIDField()
    patient = serializers.UUIDField()
    expires_at = serializers.DateTimeField()
    contacts = HintSerializer(many=True)


class MergeChoicesSerializer(_S):
    """Whose word holds where the two records differ; what is left out is the kept record's unless that says nothing."""

    given_name = serializers.ChoiceField(SIDES, required=False)
    family_name = serializers.ChoiceField(SIDES, required=False)
    birth_date = serializers.ChoiceField(SIDES, required=False)
    language = serializers.ChoiceField(SIDES, required=False)
    timezone = serializers.ChoiceField(SIDES, required=False)


class MergeSerializer(_S):
    """Which record becomes part of the one in the address. With `dry_run` nothing is written and no version is needed."""

    # The member is called as the word is; a class of Python cannot name it so.
    locals()["with"] = serializers.UUIDField(help_text="the record that becomes part of this one")
    choices = MergeChoicesSerializer(required=False)
    account = serializers.ChoiceField(SIDES, required=False, help_text="whose sign-in stays where both have one")
    confirm_birth_date = serializers.DateField(
        required=False, allow_null=True, help_text="the right one of two birth dates, needed where they differ"
    )
    dry_run = serializers.BooleanField(required=False)
    version = serializers.IntegerField(required=False, help_text="of the record that stays")


class MergeConflictSerializer(_S):
    """What keeps the two apart or, where it does not block, will not simply follow."""

    code = serializers.ChoiceField(
        ["acts-for-the-other", "visits-overlap", "offers-twice", "wish-twice", "contact-twice"]
    )
    ids = serializers.ListField(
        child=serializers.UUIDField(), help_text="visits, wishes or contacts; empty where they are at another clinic"
    )
    blocks = serializers.BooleanField()


class MergedSerializer(_S):
    """What the merge did or, rehearsed, would do. `counts` are rows of the caller's clinics that follow."""

    merge = serializers.UUIDField(allow_null=True)
    merged = serializers.UUIDField(help_text="the record that became part of `patient`")
    counts = serializers.DictField(child=serializers.IntegerField())
    conflicts = MergeConflictSerializer(many=True)
    choices = serializers.DictField(child=serializers.CharField(), help_text="whose word holds, for what differs")
    birth_dates_differ = serializers.BooleanField()
    two_accounts = serializers.BooleanField()
    possible = serializers.BooleanField()
    undo_until = serializers.DateTimeField(allow_null=True)
    patient = PatientSerializer()


class PartedSerializer(_S):
    """The two records, apart again. `stays` counts what was changed since the merge and so stays with the kept one."""

    merge = serializers.UUIDField()
    stays = serializers.DictField(child=serializers.IntegerField())
    kept = serializers.UUIDField()
    patient = PatientSerializer()


class DashboardSerializer(_S):
    """Visits to come, soonest first; visits gone by, latest first; offers of freed times; messages."""

    upcoming = serializers.ListField(child=serializers.DictField())
    past = serializers.ListField(child=serializers.DictField())
    offers = serializers.ListField(child=serializers.DictField())
    messages = serializers.ListField(child=serializers.DictField())
