"""What the OpenAPI document says of each door to patients: its words, its answers, its refusals with examples."""

from typing import Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from mediconnect.api.schema import (
    ALWAYS,
    CURSOR,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    LIMIT,
    ONE_OBJECT,
    VERSIONED,
    WITH_BODY,
    paged,
    problems,
)
from mediconnect.errors import Invalid
from patients.errors import (
    AlreadyHasAccount,
    AlreadyRegistered,
    BirthDatesDiffer,
    CannotBeInvited,
    ContactListed,
    DependantListed,
    MergeConflict,
    Merged,
    MergeFinal,
    MergeIsOver,
    MergeNotLast,
    PossibleDuplicate,
    RecordNumberTaken,
)

from .shapes import (
    ContactPointChangeSerializer,
    ContactPointSerializer,
    DashboardSerializer,
    DependantSerializer,
    FurtherRegistrationSerializer,
    InvitationSerializer,
    MergedSerializer,
    MergeSerializer,
    MeSerializer,
    MyChangeSerializer,
    NewContactPointSerializer,
    NewDependantSerializer,
    NewPatientSerializer,
    PartedSerializer,
    PatientChangeSerializer,
    PatientRowSerializer,
    PatientSerializer,
    RegisteredSerializer,
    SearchSerializer,
)

_PATIENT_PAGE: Final = paged(PatientRowSerializer)
# The record may have become part of another one.
_ONE_PATIENT: Final = (*ONE_OBJECT, Merged)
_DELETED: Final = OpenApiResponse(description="It has ended.")
_CLINIC: Final = OpenApiParameter(
    "clinic", OpenApiTypes.UUID, description="those registered at this clinic of the caller's"
)
_Q: Final = OpenApiParameter(
    "q",
    OpenApiTypes.STR,
    description="As in POST /patients/search/, which is the one to use: addresses are kept in browsers and by proxies.",
)

list_patients = extend_schema(
    tags=["patients"],
    operation_id="patients_list",
    parameters=[_Q, _CLINIC, LIMIT, CURSOR],
    responses={200: _PATIENT_PAGE, **problems(Invalid, *ONE_OBJECT, *ALWAYS)},
)
register_patient = extend_schema(
    tags=["patients"],
    operation_id="patients_register",
    parameters=[IDEMPOTENCY_KEY],
    request=NewPatientSerializer,
    responses={
        201: PatientSerializer,
        **problems(PossibleDuplicate, RecordNumberTaken, ContactListed, *WITH_BODY, *ONE_OBJECT, *ALWAYS),
    },
)
search_patients = extend_schema(
    tags=["patients"],
    operation_id="patients_search",
    request=SearchSerializer,
    responses={200: _PATIENT_PAGE, **problems(*WITH_BODY, *ONE_OBJECT, *ALWAYS)},
)
read_patient = extend_schema(
    tags=["patients"],
    operation_id="patients_read",
    responses={200: PatientSerializer, **problems(*_ONE_PATIENT, *ALWAYS)},
)
change_patient = extend_schema(
    tags=["patients"],
    operation_id="patients_change",
    parameters=[IF_MATCH],
    request=PatientChangeSerializer,
    responses={200: PatientSerializer, **problems(*VERSIONED, *WITH_BODY, *_ONE_PATIENT, *ALWAYS)},
)
register_further = extend_schema(
    tags=["patients"],
    operation_id="patients_register_further",
    parameters=[IDEMPOTENCY_KEY],
    request=FurtherRegistrationSerializer,
    responses={
        201: RegisteredSerializer,
        **problems(AlreadyRegistered, RecordNumberTaken, *WITH_BODY, *_ONE_PATIENT, *ALWAYS),
    },
)
invite_patient = extend_schema(
    tags=["patients"],
    operation_id="patients_invite",
    parameters=[IDEMPOTENCY_KEY],
    request=None,
    responses={
        201: InvitationSerializer,
        **problems(AlreadyHasAccount, CannotBeInvited, *WITH_BODY, *_ONE_PATIENT, *ALWAYS),
    },
)
merge_patients = extend_schema(
    tags=["patients"],
    operation_id="patients_merge",
    parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    request=MergeSerializer,
    responses={
        200: MergedSerializer,
        **problems(MergeConflict, BirthDatesDiffer, *VERSIONED, *WITH_BODY, *_ONE_PATIENT, *ALWAYS),
    },
)
undo_merge = extend_schema(
    tags=["patients"],
    operation_id="patients_merge_undo",
    parameters=[IDEMPOTENCY_KEY],
    request=None,
    responses={
        200: PartedSerializer,
        **problems(MergeFinal, MergeIsOver, MergeNotLast, *WITH_BODY, *ONE_OBJECT, *ALWAYS),
    },
)
list_contact_points = extend_schema(
    tags=["patients"],
    operation_id="contact_points_list",
    responses={200: paged(ContactPointSerializer), **problems(*_ONE_PATIENT, *ALWAYS)},
)
add_contact_point = extend_schema(
    tags=["patients"],
    operation_id="contact_points_add",
    parameters=[IDEMPOTENCY_KEY],
    request=NewContactPointSerializer,
    responses={201: ContactPointSerializer, **problems(ContactListed, *WITH_BODY, *_ONE_PATIENT, *ALWAYS)},
)
change_contact_point = extend_schema(
    tags=["patients"],
    operation_id="contact_points_change",
    parameters=[IF_MATCH],
    request=ContactPointChangeSerializer,
    responses={
        200: ContactPointSerializer,
        **problems(ContactListed, *VERSIONED, *WITH_BODY, *_ONE_PATIENT, *ALWAYS),
    },
)
list_dependants = extend_schema(
    tags=["patients"],
    operation_id="dependants_list",
    responses={200: paged(DependantSerializer), **problems(*_ONE_PATIENT, *ALWAYS)},
)
record_dependant = extend_schema(
    tags=["patients"],
    operation_id="dependants_record",
    parameters=[IDEMPOTENCY_KEY],
    request=NewDependantSerializer,
    responses={201: DependantSerializer, **problems(DependantListed, *WITH_BODY, *_ONE_PATIENT, *ALWAYS)},
)
end_dependant = extend_schema(
    tags=["patients"],
    operation_id="dependants_end",
    parameters=[OpenApiParameter("dependant_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="the patient")],
    responses={204: _DELETED, **problems(*_ONE_PATIENT, *ALWAYS)},
)
read_me = extend_schema(
    tags=["me"], operation_id="me_read", responses={200: MeSerializer, **problems(*ONE_OBJECT, *ALWAYS)}
)
change_me = extend_schema(
    tags=["me"],
    operation_id="me_change",
    parameters=[IF_MATCH],
    request=MyChangeSerializer,
    responses={200: MeSerializer, **problems(ContactListed, *VERSIONED, *WITH_BODY, *ONE_OBJECT, *ALWAYS)},
)
read_dashboard = extend_schema(
    tags=["me"], operation_id="me_dashboard", responses={200: DashboardSerializer, **problems(*ONE_OBJECT, *ALWAYS)}
)
