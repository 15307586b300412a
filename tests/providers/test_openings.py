"""Openings follow hours: only what differs is replaced, the past stays, no visit loses its time."""

import datetime as dt
import random
from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller, travel

from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox.models import Fact
from mediconnect.records.models import Change
from providers.errors import ChangedMeanwhile, NoHoursOfItsOwn, VisitsInTheWay
from providers.models import Clinic, Closure, OneOffHours, Opening, PractitionerRole, Provider, TimeOff, WorkingHours
from providers.rules.pieces import Piece
from providers.services import openings, rolling
from providers.services.absences import (
    change_closure,
    change_time_off,
    enter_closure,
    enter_time_off,
    withdraw_closure,
    withdraw_time_off,
)
from providers.services.hours import (
    NewOneOffHours,
    NewWorkingHours,
    add_one_off_hours,
    add_working_hours,
    change_one_off_hours,
    change_working_hours,
    end_working_hours,
    remove_one_off_hours,
)
from providers.services.openings import expand
from providers.services.places import change_clinic
from providers.tasks import roll_horizon
from tests.factories import AppointmentTypeFactory, ClinicFactory, ProviderFactory, RoomFactory, WorkingHoursFactory

from .conftest import Diary

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=-4)))  # a Monday in New York
DAYS = 180 + 35 + 1  # the horizon, the margin, and today


@pytest.fixture(autouse=True)
def moving() -> object:
    with travel(NOON, tick=False) as clock:
        yield clock


def opened(provider: Provider, day: dt.date | None = None) -> list[tuple[str, str]]:
    """Return a provider's openings as (start, end) on the clock of New York, all or those that begin on a day."""
    rows = Opening.objects.filter(resource=provider).select_related("clinic").order_by("during")
    found = [tuple(edge.astimezone(row.clinic.zone) for edge in (row.during.lower, row.during.upper)) for row in rows]
    return [(f"{low:%H:%M}", f"{high:%H:%M}") for low, high in found if day is None or low.date() == day]


def hours_of(provider: Provider, weekday: int = 1) -> WorkingHours:
    return WorkingHours.objects.get(resource=provider, weekday=weekday)


TUESDAY, SUNDAY = dt.date(2026, 6, 2), dt.date(2026, 6, 7)


def at(provider: Provider, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=ClinicFactory.build().zone)


def test_hours_reach_from_now_to_the_horizon_and_five_weeks_more(provider: Provider) -> None:
    assert Opening.objects.filter(resource=provider).count() == DAYS
    assert opened(provider, NOON.date()) == [("12:00", "17:00")]
    assert opened(provider, TUESDAY) == [("09:00", "17:00")]


def test_expanding_again_changes_no_row(provider: Provider, clinic: Clinic) -> None:
    before = set(Opening.objects.values_list("id", flat=True))
    preview = expand(resource_id=provider.pk, clinic_id=clinic.pk)
    assert set(Opening.objects.values_list("id", flat=True)) == before
    assert (preview.minutes_opened, preview.minutes_closed) == (0, 0)


def test_an_edit_replaces_only_the_rows_that_differ(provider: Provider, moving: Traveller) -> None:
    before = dict(Opening.objects.values_list("id", "during"))
    row = hours_of(provider)
    edit = change_working_hours(hours_id=row.pk, version=row.version, change={"end_time": dt.time(16)})
    kept = dict(Opening.objects.filter(pk__in=before).values_list("id", "during"))
    tuesdays = sum(1 for during in before.values() if during.lower.weekday() == 1)
    assert len(before) - len(kept) == tuesdays
    assert all(before[pk] == during for pk, during in kept.items())
    assert edit.preview.minutes_closed == tuesdays * 60
    assert edit.preview.minutes_opened == 0
    assert opened(provider, TUESDAY) == [("09:00", "16:00")]
    assert edit.record.version == 2


def test_the_past_of_a_day_stays_open_as_it_was(provider: Provider, moving: Traveller) -> None:
    moving.shift(dt.timedelta(days=1))  # Tuesday noon
    row = hours_of(provider)
    change_working_hours(
        hours_id=row.pk, version=row.version, change={"start_time": dt.time(13), "end_time": dt.time(15)}
    )
    assert opened(provider, TUESDAY) == [("09:00", "12:00"), ("13:00", "15:00")]


def test_a_rehearsal_writes_nothing_and_tells_everything(provider: Provider, diary: Diary) -> None:
    row, before = hours_of(provider), opened(provider)
    visit = diary.add(provider.pk, at(provider, TUESDAY, 16))
    facts, changes = Fact.objects.count(), Change.objects.count()
    edit = change_working_hours(hours_id=row.pk, version=1, change={"end_time": dt.time(16)}, dry_run=True)
    assert [touched for _, touched in edit.preview.touched] == [visit]
    assert edit.preview.minutes_closed > 0
    assert edit.preview.starts_closed == edit.preview.minutes_closed // 60 * 4
    row.refresh_from_db()
    assert (row.version, row.end_time, opened(provider)) == (1, dt.time(17), before)
    assert (Fact.objects.count(), Change.objects.count()) == (facts, changes)


def test_no_visit_loses_its_time(provider: Provider, diary: Diary) -> None:
    row, before = hours_of(provider), opened(provider)
    visit = diary.add(provider.pk, at(provider, TUESDAY, 16))
    with pytest.raises(VisitsInTheWay) as refused:
        change_working_hours(hours_id=row.pk, version=1, change={"end_time": dt.time(16)})
    assert [touched for _, touched in refused.value.touched] == [visit]
    row.refresh_from_db()
    assert (row.end_time, opened(provider)) == (dt.time(17), before)


def test_a_stale_version_shows_the_row_as_it_is(provider: Provider) -> None:
    row = hours_of(provider)
    change_working_hours(hours_id=row.pk, version=1, change={"end_time": dt.time(16)})
    with pytest.raises(ChangedMeanwhile) as stale:
        change_working_hours(hours_id=row.pk, version=1, change={"end_time": dt.time(15)})
    assert getattr(stale.value.record, "end_time") == dt.time(16)  # noqa: B009  the record's type is the widest


def test_every_edit_is_a_fact_and_a_change(provider: Provider, clinic: Clinic) -> None:
    add_working_hours(
        resource_id=provider.pk,
        clinic_id=clinic.pk,
        hours=NewWorkingHours(start_time=dt.time(18), end_time=dt.time(20), rrule="FREQ=MONTHLY;BYDAY=-1FR"),
    )
    assert Fact.objects.get(name="providers.HoursChanged").args == {
        "resource_id": str(provider.pk),
        "clinic_id": str(clinic.pk),
    }
    assert Change.objects.filter(record_type="providers_workinghours", operation="insert").count() == 8
    assert opened(provider, dt.date(2026, 6, 26)) == [("09:00", "17:00"), ("18:00", "20:00")]


def test_hours_end_with_yesterday_or_are_taken_away_if_they_never_began(provider: Provider, clinic: Clinic) -> None:
    row = hours_of(provider)
    ended = end_working_hours(hours_id=row.pk, version=1)
    assert ended.record.valid_until == dt.date(2026, 5, 31)
    assert opened(provider, TUESDAY) == []
    later = add_working_hours(
        resource_id=provider.pk,
        clinic_id=clinic.pk,
        hours=NewWorkingHours(weekday=1, start_time=dt.time(9), end_time=dt.time(10), valid_from=dt.date(2026, 7, 1)),
    ).record
    end_working_hours(hours_id=later.pk, version=1)
    assert not WorkingHours.objects.filter(pk=later.pk).exists()
    assert Change.objects.filter(record_id=later.pk, operation="delete").exists()


def test_hours_of_one_date_come_move_and_go(provider: Provider, clinic: Clinic) -> None:
    hours = NewOneOffHours(date=SUNDAY, start_time=dt.time(17), end_time=dt.time(19))
    row = add_one_off_hours(resource_id=provider.pk, clinic_id=clinic.pk, hours=hours).record
    assert opened(provider, SUNDAY) == [("09:00", "19:00")]
    row = change_one_off_hours(hours_id=row.pk, version=1, change={"start_time": dt.time(18)}).record
    assert opened(provider, SUNDAY) == [("09:00", "17:00"), ("18:00", "19:00")]
    remove_one_off_hours(hours_id=row.pk, version=2)
    assert opened(provider, SUNDAY) == [("09:00", "17:00")]
    assert not OneOffHours.objects.exists()


def test_time_off_closes_everywhere_and_opens_again_when_withdrawn(provider: Provider, clinic: Clinic) -> None:
    hill = ClinicFactory.create(region="")
    PractitionerRole.objects.create(provider=provider, clinic=hill)
    add_working_hours(
        resource_id=provider.pk,
        clinic_id=hill.pk,
        hours=NewWorkingHours(weekday=1, start_time=dt.time(19), end_time=dt.time(21)),
    )
    away = enter_time_off(
        resource_id=provider.pk,
        starts_at=at(provider, TUESDAY, 12) + dt.timedelta(seconds=30),
        ends_at=at(provider, TUESDAY, 20) - dt.timedelta(seconds=30),
    )
    assert opened(provider, TUESDAY) == [("09:00", "12:00"), ("20:00", "21:00")]
    assert {effect.clinic_id for effect in away.preview.effects if effect.closes} == {clinic.pk, hill.pk}
    moved = change_time_off(time_off_id=away.record.pk, version=1, change={"ends_at": at(provider, TUESDAY, 13)})
    assert opened(provider, TUESDAY) == [("09:00", "12:00"), ("13:00", "17:00"), ("19:00", "21:00")]
    withdraw_time_off(time_off_id=moved.record.pk, version=2)
    assert opened(provider, TUESDAY) == [("09:00", "17:00"), ("19:00", "21:00")]
    assert TimeOff.objects.get().cancelled
    assert list(Fact.objects.filter(name__startswith="providers.TimeOff").order_by("created_at").values_list("name", flat=True)) == [
        "providers.TimeOffEntered", "providers.TimeOffChanged", "providers.TimeOffChanged"
    ]  # fmt: skip


def test_a_closure_closes_for_everyone_there_and_nobody_elsewhere(provider: Provider, clinic: Clinic) -> None:
    colleague, other = ProviderFactory.create(clinic=clinic), ProviderFactory.create()
    start, end = at(provider, TUESDAY, 8), at(provider, TUESDAY, 10)
    row = enter_closure(clinic_id=clinic.pk, starts_at=start, ends_at=end, reason="inventory").record
    assert opened(provider, TUESDAY) == opened(colleague, TUESDAY) == [("10:00", "17:00")]
    assert opened(other, TUESDAY) == [("09:00", "17:00")]
    row = change_closure(closure_id=row.pk, version=1, change={"reason": "stock taking"}).record
    withdraw_closure(closure_id=row.pk, version=2)
    assert opened(provider, TUESDAY) == [("09:00", "17:00")]
    assert Closure.objects.get().cancelled


def test_a_closure_lists_the_visits_of_everyone(provider: Provider, clinic: Clinic, diary: Diary) -> None:
    colleague = ProviderFactory.create(clinic=clinic)
    late = diary.add(provider.pk, at(provider, TUESDAY, 11))
    early = diary.add(colleague.pk, at(provider, TUESDAY, 9, 30))
    with pytest.raises(VisitsInTheWay) as refused:
        enter_closure(clinic_id=clinic.pk, starts_at=at(provider, TUESDAY, 0), ends_at=at(provider, TUESDAY, 23))
    assert [visit for _, visit in refused.value.touched] == [early, late]
    assert not Closure.objects.exists()


def test_public_holidays_of_the_region_close(clinic: Clinic) -> None:
    harbour = ClinicFactory.create(region="US-NY")
    provider = ProviderFactory.create(clinic=harbour)
    assert opened(provider, dt.date(2026, 9, 7)) == []  # Labor Day
    assert opened(provider, dt.date(2026, 9, 8)) == [("09:00", "17:00")]
    change_clinic(clinic_id=harbour.pk, version=1, values={"region": ""})
    assert opened(provider, dt.date(2026, 9, 7)) == [("09:00", "17:00")]


def test_a_new_zone_moves_the_openings_of_everyone(provider: Provider, clinic: Clinic) -> None:
    change_clinic(clinic_id=clinic.pk, version=1, values={"timezone": "America/Chicago"})
    assert opened(provider, TUESDAY) == [("09:00", "17:00")]
    first = Opening.objects.filter(resource=provider).order_by("during")[1]
    assert first.during.lower == dt.datetime(2026, 6, 2, 14, tzinfo=dt.UTC)


def test_a_shorter_horizon_closes_nothing(provider: Provider, clinic: Clinic) -> None:
    change_clinic(clinic_id=clinic.pk, version=1, values={"horizon_days": 30})
    assert Opening.objects.filter(resource=provider).count() == DAYS


def test_the_horizon_rolls_each_night(provider: Provider, moving: Traveller) -> None:
    moving.shift(dt.timedelta(days=1))
    roll_horizon()
    assert Opening.objects.filter(resource=provider).count() == DAYS + 1
    assert opened(provider, NOON.date()) == [("12:00", "17:00")]


def test_rolling_spares_the_time_of_visits_that_newer_rules_would_strand(provider: Provider, diary: Diary) -> None:
    visit = diary.add(provider.pk, at(provider, TUESDAY, 16))
    # As a newer list of holidays would do it: beside the services.
    WorkingHours.objects.filter(resource=provider).update(end_time=dt.time(16))
    roll_horizon()
    rows = Opening.objects.filter(resource=provider, during__contains=visit.start)
    assert [row.serves for row in rows] == [[visit.appointment_type_id]]
    assert opened(provider, dt.date(2026, 6, 3)) == [("09:00", "16:00")]


def test_rolling_goes_on_when_one_fails(
    provider: Provider, clinic: Clinic, moving: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlucky = ProviderFactory.create(clinic=clinic)
    real: Callable[..., object] = openings.settle

    def settle(pairs: list[tuple[object, object]], **words: object) -> object:
        if pairs[0][0] == unlucky.pk:
            raise VisitsInTheWay
        return real(pairs, **words)

    monkeypatch.setattr(rolling, "settle", settle)
    moving.shift(dt.timedelta(days=1))
    with pytest.raises(RuntimeError, match="1 resources"):
        roll_horizon()
    assert Opening.objects.filter(resource=provider).count() == DAYS + 1
    assert Opening.objects.filter(resource=unlucky).count() == DAYS


def test_the_past_is_filled_when_records_are_brought_in(provider: Provider, clinic: Clinic) -> None:
    expand(resource_id=provider.pk, clinic_id=clinic.pk, since=dt.date(2026, 5, 1))
    assert opened(provider, dt.date(2026, 5, 1)) == [("09:00", "17:00")]
    assert opened(provider, NOON.date()) == [("09:00", "17:00")]
    assert Opening.objects.filter(resource=provider).count() == DAYS + 31


def test_hours_for_a_type_are_openings_for_it_alone(provider: Provider, clinic: Clinic) -> None:
    kind = AppointmentTypeFactory.create(clinic=clinic)
    hours = NewWorkingHours(weekday=1, start_time=dt.time(16), end_time=dt.time(18), types=[kind.pk])
    edit = add_working_hours(resource_id=provider.pk, clinic_id=clinic.pk, hours=hours)
    assert Opening.objects.get(resource=provider, during__contains=at(provider, TUESDAY, 17)).serves == [kind.pk]
    assert edit.preview.effects[0].opens[0] == Piece(
        at(provider, TUESDAY, 17).astimezone(dt.UTC), at(provider, TUESDAY, 18).astimezone(dt.UTC), frozenset({kind.pk})
    )


def test_an_expansion_costs_the_same_however_far_it_reaches(
    provider: Provider, clinic: Clinic, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(horizon_days=730)
    with django_assert_max_num_queries(13):  # the last one asks whether anybody waits for what opens
        expand(resource_id=provider.pk, clinic_id=clinic.pk)


@pytest.mark.parametrize(("start", "end"), [(22, 6), (0, 0)])
def test_night_hours_do_not_creep_beyond_the_horizon(clinic: Clinic, start: int, end: int) -> None:
    provider = ProviderFactory.create(clinic=clinic, weekdays=())
    for weekday in range(7):
        WorkingHoursFactory.create(
            resource=provider, clinic=clinic, weekday=weekday, start_time=dt.time(start), end_time=dt.time(end)
        )
    expand(resource_id=provider.pk, clinic_id=clinic.pk)
    first = opened(provider)
    for _ in range(3):
        assert expand(resource_id=provider.pk, clinic_id=clinic.pk).minutes_opened == 0
    assert opened(provider) == first


def test_a_closure_across_adjoining_openings_leaves_the_rest_of_them(provider: Provider, clinic: Clinic) -> None:
    kind = AppointmentTypeFactory.create(clinic=clinic)
    evening = NewWorkingHours(weekday=1, start_time=dt.time(17), end_time=dt.time(20), types=[kind.pk])
    add_working_hours(resource_id=provider.pk, clinic_id=clinic.pk, hours=evening)
    before = Opening.objects.filter(resource=provider).count()
    start, end = at(provider, TUESDAY, 16), at(provider, TUESDAY, 18)
    edit = enter_closure(clinic_id=clinic.pk, starts_at=start, ends_at=end)
    assert opened(provider, TUESDAY) == [("09:00", "16:00"), ("18:00", "20:00")]
    assert (edit.preview.minutes_closed, Opening.objects.filter(resource=provider).count()) == (120, before)
    withdraw_closure(closure_id=edit.record.pk, version=1)
    assert opened(provider, TUESDAY) == [("09:00", "17:00"), ("17:00", "20:00")]


def test_time_off_beyond_the_horizon_waits_for_it(provider: Provider, moving: Traveller) -> None:
    last = NOON.date() + dt.timedelta(days=DAYS - 1)
    start, end = at(provider, last, 0), at(provider, last + dt.timedelta(days=3), 0)
    edit = enter_time_off(resource_id=provider.pk, starts_at=start, ends_at=end)
    assert edit.preview.minutes_closed == 8 * 60
    assert Opening.objects.filter(resource=provider).count() == DAYS - 1
    moving.shift(dt.timedelta(days=5))
    roll_horizon()
    assert opened(provider, last + dt.timedelta(days=2)) == []
    assert opened(provider, last + dt.timedelta(days=4)) == [("09:00", "17:00")]


def test_time_off_in_the_past_changes_nothing(provider: Provider) -> None:
    before = opened(provider)
    enter_time_off(resource_id=provider.pk, starts_at=NOON - dt.timedelta(days=3), ends_at=NOON - dt.timedelta(days=1))
    assert opened(provider) == before


def test_any_chain_of_edits_ends_where_a_fresh_expansion_ends(provider: Provider, clinic: Clinic) -> None:
    """Edits look at parts of the calendar; together they must come to what the whole of it says."""
    dice = random.Random(7)
    for _ in range(12):
        day = TUESDAY + dt.timedelta(days=dice.randrange(0, 6))
        start = at(provider, day, dice.randrange(0, 20), dice.choice([0, 15, 30]))
        end = start + dt.timedelta(minutes=dice.choice([15, 90, 600, 2000]))
        match dice.randrange(4):
            case 0:
                enter_time_off(resource_id=provider.pk, starts_at=start, ends_at=end)
            case 1:
                enter_closure(clinic_id=clinic.pk, starts_at=start, ends_at=end)
            case 2:
                row = TimeOff.objects.order_by("starts_at").first()
                if row is not None:
                    change_time_off(
                        time_off_id=row.pk, version=row.version, change={"starts_at": start, "ends_at": end}
                    )
            case _:
                hours = NewOneOffHours(
                    date=day, start_time=dt.time(dice.randrange(24)), end_time=dt.time(dice.randrange(24))
                )
                add_one_off_hours(resource_id=provider.pk, clinic_id=clinic.pk, hours=hours)
    edited = opened(provider)
    Opening.objects.filter(resource=provider).delete()
    expand(resource_id=provider.pk, clinic_id=clinic.pk)
    assert edited == opened(provider)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"weekday": None}, "weekday"),
        ({"rrule": "FREQ=DAILY"}, "weekday"),
        ({"weekday": None, "rrule": "FREQ=HOURLY"}, "rrule"),
        ({"valid_from": dt.date(1, 1, 1)}, "valid_from"),
        ({"valid_from": dt.date(2026, 1, 2), "valid_until": dt.date(2026, 1, 1)}, "valid_until"),
        ({"valid_until": dt.date(9999, 1, 1)}, "valid_until"),
        ({"start_time": dt.time(9, 0, 1)}, "start_time"),
        ({"types": ["018f0000-0000-7000-8000-000000000000"]}, "types"),
    ],
)
def test_impossible_hours_are_refused_by_field(
    provider: Provider, clinic: Clinic, words: dict[str, object], field: str
) -> None:
    usual: dict[str, object] = {"weekday": 1, "start_time": dt.time(9), "end_time": dt.time(17)}
    hours = NewWorkingHours(**(usual | words))  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        add_working_hours(resource_id=provider.pk, clinic_id=clinic.pk, hours=hours)
    assert field in refused.value.extra["errors"]


def test_nobody_works_where_they_do_not(provider: Provider, clinic: Clinic) -> None:
    hours = NewWorkingHours(weekday=1, start_time=dt.time(9), end_time=dt.time(17))
    with pytest.raises(NotFound):
        add_working_hours(resource_id=provider.pk, clinic_id=ClinicFactory.create().pk, hours=hours)
    with pytest.raises(NotFound):
        add_working_hours(resource_id=RoomFactory.create().pk, clinic_id=clinic.pk, hours=hours)


def test_time_off_has_a_length(provider: Provider) -> None:
    for start, end in ((NOON, NOON), (NOON, NOON - dt.timedelta(hours=1)), (NOON, NOON + dt.timedelta(days=2000))):
        with pytest.raises(Invalid):
            enter_time_off(resource_id=provider.pk, starts_at=start, ends_at=end)


def test_a_room_that_is_always_open_has_nothing_to_take_away(clinic: Clinic) -> None:
    room = RoomFactory.create(clinic=clinic)
    with pytest.raises(NoHoursOfItsOwn):
        enter_time_off(resource_id=room.pk, starts_at=NOON, ends_at=NOON + dt.timedelta(hours=2))
    WorkingHoursFactory.create(resource=room, clinic=clinic)
    enter_time_off(resource_id=room.pk, starts_at=NOON, ends_at=NOON + dt.timedelta(hours=2))
    assert TimeOff.objects.get().resource_id == room.pk
