"""The two clinics that a machine compares, one in the database and one in plain Python, and how they speak of the same."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection, transaction
from hypothesis.stateful import RuleBasedStateMachine

from appointments.models import Appointment
from mediconnect.api.versions import Expected
from mediconnect.errors import DomainError
from mediconnect.resilience.transactions import constraint
from providers.models import AppointmentType, Provider, Room
from tests.appointments.conftest import small_clinic
from tests.appointments.model import Kept, Kind, Visit
from tests.appointments.model_waitlist import GRID, WaitlistModel
from tests.concurrency.clinics import second_provider

OPENS, CLOSES = 0, 240  # minutes after eight o'clock
STARTS = range(OPENS, CLOSES + GRID, GRID)
KINDS = [
    Kind("Consultation", 30, after=10),
    Kind("Examination", 20, before=10, needs_room=True, daily_limit=4),
    Kind("Class", 40, needs_room=True, capacity=2),
]


def outcome(action: Callable[[], object]) -> str:
    """Return `done`, or the code of the refusal or the name of the constraint that refused."""
    try:
        with transaction.atomic():
            action()
    except DomainError as error:
        return error.code
    except IntegrityError as error:
        return constraint(error)
    return "done"


class TwoClinics(RuleBasedStateMachine):
    """What every part of the machine stands on; each part adds its rules and invariants in a class of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.place = small_clinic(patients=3)
        self.providers: list[Provider] = [self.place.provider, second_provider(self.place)]
        self.rooms = [
            Room.objects.create(name=f"Room {n}", clinic=self.place.clinic, category="exam") for n in range(2)
        ]
        self.kinds = {kind: self._make(kind) for kind in KINDS}
        self.model = WaitlistModel(KINDS, providers=2, rooms=2, hours=(OPENS, CLOSES))
        for provider in range(2):
            assert self._write_hours(provider, [(OPENS, CLOSES)]) == "done"
        self.visits: dict[Visit, uuid.UUID] = {}
        self.holds: dict[Kept, uuid.UUID] = {}

    def _make(self, kind: Kind) -> AppointmentType:
        return AppointmentType.objects.create(
            clinic=self.place.clinic,
            name=kind.name + " of the model",
            duration=kind.duration,
            buffer_before=kind.before,
            buffer_after=kind.after,
            room_kind="exam" if kind.needs_room else "",
            capacity=kind.capacity,
            daily_limit=kind.daily_limit,
            start_grid=GRID,
        )

    def teardown(self) -> None:
        """Leave nothing in the database."""
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    # How the two clinics speak of the same thing.

    def at(self, minute: int) -> dt.datetime:
        """Return the instant of a minute of the model's day."""
        return self.place.at(8) + dt.timedelta(minutes=minute)

    def visit(self, number: int) -> Visit:
        """Return one of the visits that were booked."""
        return list(self.visits)[number % len(self.visits)]

    def on(self, visit: Visit) -> dict[str, Any]:
        """Return what a service needs to change the visit as it is now."""
        pk = self.visits[visit]
        version = Appointment.objects.values_list("version", flat=True).get(pk=pk)
        return {"appointment_id": pk, "expected": Expected(version, by_header=False), "caller": self.place.staff}

    def _write_hours(self, provider: int, opens: list[tuple[int, int]]) -> str:
        def write() -> None:
            with connection.cursor() as cursor:
                cursor.execute(
                    """
                    WITH gone AS (DELETE FROM providers_opening WHERE resource_id = %s RETURNING 1)
                    INSERT INTO providers_opening (resource_id, clinic_id, during)
                    SELECT %s, %s, tstzrange(low, high) FROM unnest(%s::timestamptz[], %s::timestamptz[]) AS piece(low, high)
                    WHERE (SELECT count(*) FROM gone) >= 0
                    """,
                    [
                        self.providers[provider].pk,
                        self.providers[provider].pk,
                        self.place.clinic.pk,
                        [self.at(low) for low, _ in opens],
                        [self.at(high) for _, high in opens],
                    ],
                )

        return outcome(write)
