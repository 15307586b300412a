"""On what terms a visit of one type with one provider is booked."""

import datetime as dt
import uuid
import zoneinfo
from dataclasses import dataclass
from functools import cached_property, lru_cache


@lru_cache(maxsize=256)
def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Return the zone of a name that a clinic carries."""
    return zoneinfo.ZoneInfo(name)


@dataclass(frozen=True)
class Terms:
    """What the type, the provider's override and the clinic's policy say together. Durations are minutes.

    The three limits of open bookings count a patient's visits ahead: with this provider, of this type, at this clinic at all.
    `rooms` and `devices` are the candidates, in the order in which they are taken; empty where none is needed.
    `second_provider_id` is who is there as well: open and free like the first, or the visit is not booked.
    """

    clinic_id: uuid.UUID
    provider_id: uuid.UUID
    appointment_type_id: uuid.UUID
    timezone: str
    phone: str
    duration: int
    buffer_before: int
    buffer_after: int
    start_grid: int
    bookable_online: bool
    needs_room: bool
    needs_device: bool
    daily_limit: int | None
    capacity: int
    minimum_notice_minutes: int
    horizon_days: int
    cancel_cutoff_hours: int
    move_cutoff_hours: int
    hold_minutes: int
    open_bookings_limit: int
    open_of_type_limit: int | None
    open_at_all_limit: int | None
    rooms: tuple[uuid.UUID, ...]
    devices: tuple[uuid.UUID, ...]
    second_provider_id: uuid.UUID | None = None

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The clinic's own clock."""
        return zone_of(self.timezone)

    @property
    def is_group(self) -> bool:
        """Whether several patients share one visit."""
        return self.capacity > 1

    @property
    def resources(self) -> list[uuid.UUID]:
        """Everything that a booking may have to claim, to be locked before anything is read."""
        return [*self.providers, *self.rooms, *self.devices]

    @property
    def providers(self) -> list[uuid.UUID]:
        """The provider, and the second one where there are two."""
        return [self.provider_id, *([self.second_provider_id] if self.second_provider_id else [])]

    def span(self, start: dt.datetime, minutes: int | None = None) -> "Span":
        """Return the time of a visit that begins at `start` and lasts `minutes`, or as long as usual.

        In UTC: a visit lasts as long through a change of the clock.
        """
        start = start.astimezone(dt.UTC)
        end = start + dt.timedelta(minutes=self.duration if minutes is None else minutes)
        return Span(start, end, self.buffer_before, self.buffer_after)

    def local_day(self, instant: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
        """Return the clinic's day in which the instant lies, as its first instant and the next day's."""
        day = instant.astimezone(self.zone).date()
        midnight = dt.datetime.combine(day, dt.time(), self.zone)
        return midnight, dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), self.zone)


@dataclass(frozen=True, slots=True)
class Span:
    """A visit's time, and what it occupies with its buffers (minutes)."""

    start: dt.datetime
    end: dt.datetime
    buffer_before: int
    buffer_after: int

    @property
    def minutes(self) -> int:
        """How long the visit lasts, without its buffers."""
        return (self.end - self.start) // dt.timedelta(minutes=1)

    @property
    def occupied(self) -> tuple[dt.datetime, dt.datetime]:
        """The time that provider, room and device are taken for."""
        return self.start - dt.timedelta(minutes=self.buffer_before), self.end + dt.timedelta(minutes=self.buffer_after)
