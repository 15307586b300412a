"""What the OpenAPI document says of every endpoint: refusals with their codes, headers with their meaning."""

from collections.abc import Iterable
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from mediconnect.errors import DomainError, Invalid, NotFound, NotPermitted, TryAgain, VersionConflict, VersionRequired

from .errors import (
    BodyTooLarge,
    NotAuthenticated,
    RateLimited,
    UnsupportedMediaType,
)


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal (RFC 9457). Clients decide by `code`; people read `detail`."""

    type = serializers.CharField(help_text="urn:mediconnect:problem:<code>")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="stable and machine-readable")
    request_id = serializers.CharField()
    trace_id = serializers.CharField(allow_null=True)
    errors = serializers.DictField(  # type: ignore[assignment]  # the contract's word, and DRF's as well
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="sentences by field, for 400",
    )


# What any endpoint may answer, whatever it does.
ALWAYS: Final[tuple[type[DomainError], ...]] = (NotAuthenticated, NotPermitted, RateLimited, TryAgain)
# What any endpoint that reads a body may answer besides.
WITH_BODY: Final[tuple[type[DomainError], ...]] = (Invalid, BodyTooLarge, UnsupportedMediaType)
ONE_OBJECT: Final[tuple[type[DomainError], ...]] = (NotFound,)
VERSIONED: Final[tuple[type[DomainError], ...]] = (VersionRequired, VersionConflict)

IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        "16 to 255 characters of A-Z a-z 0-9 . _ : -, new for each request and the same for each retry of it. The answer is "
        "kept for 48 hours and replayed with `Idempotent-Replayed: true`. Retry with the same key after 1, 2 and 4 seconds "
        "with jitter, four times at most."
    ),
)
REQUIRED_KEY: Final = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, description=IDEMPOTENCY_KEY.description
)
IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description='The version last seen, as `"v3"`; or send `version` in the body.',
)
LIMIT: Final = OpenApiParameter("limit", OpenApiTypes.INT, description="rows per page, 1 to 200")
CURSOR: Final = OpenApiParameter("cursor", OpenApiTypes.STR, description="from `next` or `previous` of an earlier page")


def problems(*refusals: type[DomainError]) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the responses of these refusals, one per status, with an example for each code."""
    by_status: dict[int, list[type[DomainError]]] = {}
    for refusal in dict.fromkeys(refusals):
        by_status.setdefault(refusal.status, []).append(refusal)
    if VersionConflict in refusals:
        by_status.setdefault(412, []).append(VersionConflict)
    return {
        (status, "application/problem+json"): OpenApiResponse(
            ProblemSerializer,
            description="; ".join(dict.fromkeys(f"`{kind.code}`: {kind.title}" for kind in kinds)),
            examples=list(_examples(kinds, status)),
        )
        for status, kinds in sorted(by_status.items())
    }


def _examples(kinds: Iterable[type[DomainError]], status: int) -> Iterable[OpenApiExample]:
    for kind in dict.fromkeys(kinds):
        yield OpenApiExample(
            f"{kind.code} ({kind.__name__})",
            value={
                "type": f"urn:mediconnect:problem:{kind.code}",
                "title": kind.title,
                "status": status,
                "detail": kind.sentence,
                "code": kind.code,
                "request_id": "8a1f2c1e-6f0a-4a57-9a5e-3b9f6b0f7d11",
                "trace_id": None,
            },
            response_only=True,
            status_codes=[str(status)],
            media_type="application/problem+json",
        )


def paged(serializer: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the serializer of a page of these rows, for the document."""
    name = serializer.__name__.removesuffix("Serializer")
    members = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": serializer(many=True),
    }
    return type(f"{name}PageSerializer", (serializers.Serializer,), members)
