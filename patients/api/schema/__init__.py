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
    CannotBeInvited,
    ContactListed,
    DependantListed,
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
    MeSerializer,
    MyChangeSerializer,
    NewContactPointSerializer,
    NewDependantSerializer,
    NewPatientSerializer,
    PatientChangeSerializer,
    PatientRowSerializer,
    PatientSerializer,
    RegisteredSerializer,
    SearchSerializer,
)

_PATIENT_PAGE: Final = paged(PatientRowSerializer)
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
    responses={200: PatientSerializer, **problems(*ONE_OBJECT, *ALWAYS)},
)
change_patient = extend_schema(
    tags=["patients"],
    operation_id="patients_change",
    parameters=[IF_MATCH],
    request=PatientChangeSerializer,
    responses={200: PatientSerializer, **problems(*VERSIONED, *WITH_BODY, *ONE_OBJECT, *ALWAYS)},
)
register_further = extend_schema(
    tags=["patients"],
    operation_id="patients_register_further",
    parameters=[IDEMPOTENCY_KEY],
    request=FurtherRegistrationSerializer,
    responses={
        201: RegisteredSerializer,
        **problems(AlreadyRegistered, RecordNumberTaken, *WITH_BODY, *ONE_OBJECT, *ALWAYS),
    },
)
invite_patient = extend_schema(
    tags=["patients"],
    operation_id="patients_invite",
    parameters=[IDEMPOTENCY_KEY],
    request=None,
    responses={
        201: InvitationSerializer,
        **problems(AlreadyHasAccount, CannotBeInvited, *WITH_BODY, *ONE_OBJECT, *ALWAYS),
    },
)
list_contact_points = extend_schema(
    tags=["patients"],
    operation_id="contact_points_list",
    responses={200: paged(ContactPointSerializer), **problems(*ONE_OBJECT, *ALWAYS)},
)
add_contact_point = extend_schema(
    tags=["patients"],
    operation_id="contact_points_add",
    parameters=[IDEMPOTENCY_KEY],
    request=NewContactPointSerializer,
    responses={201: ContactPointSerializer, **problems(ContactListed, *WITH_BODY, *ONE_OBJECT, *ALWAYS)},
)
change_contact_point = extend_schema(
    tags=["patients"],
    operation_id="contact_points_change",
    parameters=[IF_MATCH],
    request=ContactPointChangeSerializer,
    responses={
        200: ContactPointSerializer,
        **problems(ContactListed, *VERSIONED, *WITH_BODY, *ONE_OBJECT, *ALWAYS),
    },
)
list_dependants = extend_schema(
    tags=["patients"],
    operation_id="dependants_list",
    responses={200: paged(DependantSerializer), **problems(*ONE_OBJECT, *ALWAYS)},
)
record_dependant = extend_schema(
    tags=["patients"],
    operation_id="dependants_record",
    parameters=[IDEMPOTENCY_KEY],
    request=NewDependantSerializer,
    responses={201: DependantSerializer, **problems(DependantListed, *WITH_BODY, *ONE_OBJECT, *ALWAYS)},
)
end_dependant = extend_schema(
    tags=["patients"],
    operation_id="dependants_end",
    parameters=[OpenApiParameter("dependant_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="the patient")],
    responses={204: _DELETED, **problems(*ONE_OBJECT, *ALWAYS)},
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
