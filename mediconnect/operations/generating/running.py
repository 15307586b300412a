"""Generate: clinics and people first, then openings, then visits inside them, then every guard back at its post."""

import datetime as dt
import itertools
import os
import time
import uuid
from collections.abc import Callable
from typing import Final

from django.db import connection
from django.utils import timezone

from mediconnect.records.acting import acting
from providers.models import Clinic

from .lightening import lightened
from .people import Place, build_place, copy_openings, copy_patients
from .sizing import Size
from .visits import copy_visits, days_of_visits, write_claims, write_history

LABEL: Final = "Load test"
_OLDEST: Final = dt.date(1935, 1, 1)
_EVERY: Final = 100_000

TABLES: Final = (
    "patients_patient",
    "patients_registration",
    "providers_opening",
    "appointments_appointment",
    "appointments_claim",
)

# Building an index in memory instead of by way of files is what makes putting back the guards quick.
_ROOM: Final = """
SELECT set_config('maintenance_work_mem', '512MB', true), set_config('work_mem', '128MB', true),
       set_config('statement_timeout', '0', true), set_config('synchronous_commit', 'off', true)
"""


def generate(size: Size, *, say: Callable[[str], object] = len, now: dt.datetime | None = None) -> None:
    """Write so many providers, patients and visits, in clinics of their own beside whatever is there.

    Half of the visits lie ahead, the rest behind. All in one transaction: another reader sees nothing of it or all, and
    a load that breaks a constraint leaves nothing. Raises `TooDense` for a size that cannot be had.
    """
    size.check()
    now = (now or timezone.now()).replace(microsecond=0)
    with acting(actor_id=None, reason="load test"), connection.cursor() as cursor:
        cursor.execute(_ROOM)
        with lightened(TABLES):
            _load(size, now, say)
            say("Putting the guards back: every constraint checks every row")
    say("Counting for the planner")
    with connection.cursor() as cursor:
        for table in (*TABLES, "records_change", "providers_resource"):
            cursor.execute(f"ANALYZE {table}")


def _load(size: Size, now: dt.datetime, say: Callable[[str], object]) -> None:
    new_id, today = _identifiers(), now.date()
    label = f"{LABEL} {Clinic.objects.filter(name__startswith=LABEL, name__endswith='clinic 1').count() + 1}"
    back = size.workdays * 7 // 5 + 14
    since = today - dt.timedelta(days=back)
    shares, places, tick = size.shares(), list[Place](), _ticker(size.appointments, say)
    for number, share in enumerate(shares):
        place = build_place(number, label, share, since, today, new_id)
        copy_openings(place)
        copy_patients(place, label, _OLDEST, now)
        places.append(place)
    say(f"{len(places)} clinics, {size.providers} providers and {size.patients} patients are there")
    for place, share in zip(places, shares, strict=True):
        copy_visits(place, share, days_of_visits(place.days, size.workdays, now), now, new_id, tick)
    clinics = [place.clinic.pk for place in places]
    say("Writing what the visits occupy")
    write_claims(clinics)
    say("Writing their history")
    write_history(clinics)


def _identifiers() -> Callable[[], uuid.UUID]:
    """Return a maker of version 7 identifiers that rise one by one: side by side in an index, and cheap by the million."""
    start, tail = time.time_ns() // 1_000_000, int.from_bytes(os.urandom(7), "big") | (0x8 << 60)
    counter = itertools.count()

    def new() -> uuid.UUID:
        number = next(counter)
        high = ((start + (number >> 12)) << 16) | 0x7000 | (number & 0xFFF)
        return uuid.UUID(int=(high << 64) | tail)

    return new


def _ticker(total: int, say: Callable[[str], object]) -> Callable[[], object]:
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if done % _EVERY == 0:
            say(f"{done:,} of {total:,} visits")

    return tick
