"""What came in, and what is known of addresses: to read, and to let an address be written to again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import SuperusersOnly
from mediconnect.errors import DomainError
from mediconnect.records.administration import ReadOnlyAdmin
from notifications.models import AddressStanding, Reply
from notifications.services.standing import clear_standing


@admin.register(Reply)
class ReplyAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Texts that came in. Those of numbers that nobody knows are seen here alone: they belong to no clinic."""

    why = (
        "A clinic answers and closes its replies in the portal's inbox. A reply without a clinic came from a number of "
        "nobody, or of somebody of several clinics: its words are shown here, so that whoever reads it can call back."
    )
    list_display = ("received_at", "meaning", "state", "reason", "clinic", "channel")
    list_filter = ("state", "meaning", "reason", ("clinic", admin.EmptyFieldListFilter), "received_at")
    search_fields = ("=id", "=provider_id", "=message__id", "=visit__id")
    list_select_related = ("clinic",)
    date_hierarchy = "received_at"
    ordering = ("-received_at", "-id")

    def get_fields(self, request: HttpRequest, obj: Reply | None = None) -> tuple[str, ...]:
        """Return the columns; number and words only of a reply that no clinic reads."""
        columns = (
            *("id", "provider_id", "channel", "meaning", "state", "reason", "message", "visit", "patient", "clinic"),
            *("received_at", "closed_at", "closed_by", "note"),
        )
        return (*columns, "sender", "body") if obj is not None and obj.clinic_id is None else columns


@admin.register(AddressStanding)
class AddressStandingAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Numbers and addresses that may not, or cannot, be written to; only their blind index is known."""

    why = (
        "Written by what people answer and what the services tell. Whoever said STOP says START to the same number; a "
        "note of the front desk lifts it as well, but not what the carrier itself blocks."
    )
    list_display = (
        "channel",
        "address_index",
        "opted_out_at",
        "opted_out_by",
        "undeliverable_at",
        "undeliverable_code",
    )
    list_filter = ("channel", "opted_out_by", "undeliverable_code", "created_at")
    search_fields = ("=id", "=address_index")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = ("id", *list_display, "created_at")
    actions = ("clear_undeliverable",)

    def has_clear_permission(self, request: HttpRequest) -> bool:
        """Allow superusers."""
        return self.has_view_permission(request)

    @admin.action(description="Try chosen addresses again", permissions=["clear"])
    def clear_undeliverable(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Forget that nothing arrives there; an opt-out stays, and how many had one is said."""
        refused = 0
        for standing in chosen:
            try:
                clear_standing(standing_id=standing.pk, by_id=request.user.pk)  # type: ignore[arg-type]  # signed in here
            except DomainError:
                refused += 1
        done = len(chosen) - refused
        self.message_user(request, f"{done} will be tried again, {refused} want no messages.", messages.INFO)
