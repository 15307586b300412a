"""A provider's page, and the hours behind it: shown first, then saved."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mediconnect.portal.once import new_key
from providers.models import OneOffHours, Opening, TimeOff, WorkingHours
from tests.browser.clinic_day import ClinicDay, clinic_day
from tests.factories import MembershipFactory, ProviderFactory

DAY = dt.timedelta(days=1)


@pytest.fixture
def day(db: None) -> ClinicDay:
    return clinic_day()


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def path(day: ClinicDay, name: str, number: int = 0, **more: Any) -> str:
    return day.path(name, provider=day.providers[number].pk, **more)


def hours_of(day: ClinicDay, number: int = 0) -> WorkingHours:
    return WorkingHours.objects.filter(resource=day.providers[number]).order_by("weekday", "start_time")[0]


def fields(row: WorkingHours, **changes: Any) -> dict[str, Any]:
    return {
        "key": new_key(),
        "version": row.version,
        "repeats": "weekly",
        "weekdays": [row.weekday],
        "start_time": f"{row.start_time:%H:%M}",
        "end_time": f"{row.end_time:%H:%M}",
        "valid_from": row.valid_from.isoformat(),
        "valid_until": "",
    } | changes


def sure_of(response: Any) -> str:
    found = re.search(r'name="sure" value="([0-9a-f]+)"', response.content.decode())
    assert found, response.content.decode()[:2000]
    return found[1]


def test_the_list_says_who_is_here_today(day: ClinicDay) -> None:
    page = browser(day.desk).get(day.path("providers")).content.decode()
    assert day.providers[0].name in page
    assert path(day, "provider") in page


def test_a_provider_alone_goes_to_the_own_page(day: ClinicDay) -> None:
    client = browser(day.doctor)
    assert client.get(day.path("providers"))["Location"] == path(day, "provider")
    assert client.get(path(day, "provider", 1)).status_code == 404


def test_the_page_shows_day_hours_and_time_off_in_a_fixed_number_of_statements(day: ClinicDay) -> None:
    client = browser(day.desk)
    client.get(path(day, "provider"))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path(day, "provider")).content.decode()
    assert len(queries) <= 12
    assert "Santos, Maria" in page or "Lang, Peter" in page
    assert "Add hours" not in page  # the desk reads, it does not edit


@pytest.mark.parametrize("name", ["hours-new", "one-off-new", "time-off-new"])
def test_the_desk_may_not_change_hours(day: ClinicDay, name: str) -> None:
    assert browser(day.desk).get(path(day, name)).status_code == 403


def test_a_provider_may_change_the_own_hours_and_no_other(day: ClinicDay) -> None:
    client = browser(day.doctor)
    assert client.get(path(day, "hours-new")).status_code == 200
    assert client.get(path(day, "hours-new", 1)).status_code == 404


def test_new_hours_on_several_days_are_shown_first_and_saved_then(day: ClinicDay) -> None:
    client, before = browser(day.admin), WorkingHours.objects.count()
    form = {"key": new_key(), "repeats": "weekly", "weekdays": ["5", "6"], "start_time": "21:00", "end_time": "22:00"}
    preview = client.post(path(day, "hours-new"), form)
    assert "Opens" in preview.content.decode()
    assert WorkingHours.objects.count() == before
    response = client.post(path(day, "hours-new"), form | {"sure": sure_of(preview)})
    assert (response.status_code, WorkingHours.objects.count()) == (303, before + 2)
    client.post(path(day, "hours-new"), form | {"sure": sure_of(preview)})  # the same form once more
    assert WorkingHours.objects.count() == before + 2


def test_a_rule_is_asked_for_in_words_and_said_in_words(day: ClinicDay) -> None:
    client = browser(day.admin)
    form = {
        "key": new_key(), "repeats": "monthly", "weekdays": ["4"], "which": "-1", "start_time": "21:00", "end_time": "22:00",
    }  # fmt: skip
    client.post(path(day, "hours-new"), form | {"sure": sure_of(client.post(path(day, "hours-new"), form))})
    assert WorkingHours.objects.filter(rrule="FREQ=MONTHLY;BYDAY=-1FR").exists()
    assert "the last Friday of each month" in client.get(path(day, "provider")).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"weekdays": []}, "Choose a day."),
        ({"repeats": "every"}, "Say every how many weeks."),
        ({"repeats": "monthly"}, "Say which one of the month."),
        ({"repeats": "rule"}, "Write the rule, or choose another way."),
        ({"repeats": "rule", "rrule": "FREQ=SECONDLY"}, "FREQ"),
    ],
)
def test_what_is_missing_is_said_at_its_field(day: ClinicDay, wrong: dict[str, Any], words: str) -> None:
    form = {
        "key": new_key(),
        "repeats": "weekly",
        "weekdays": ["5"],
        "start_time": "21:00",
        "end_time": "22:00",
    } | wrong
    response = browser(day.admin).post(path(day, "hours-new"), form)
    assert response.status_code in {400, 422}
    assert words in response.content.decode()
    assert 'value="21:00"' in response.content.decode()


def test_an_edit_that_touches_visits_lists_them_and_saves_nothing(day: ClinicDay) -> None:
    client, row = (
        browser(day.admin),
        WorkingHours.objects.filter(
            resource=day.visits["booked"].provider_id,
            weekday=day.visits["booked"].starts_at.astimezone(day.base.tzinfo).weekday(),
        ).get(),
    )
    response = client.post(
        day.path("hours", provider=row.resource_id, row=row.pk),
        fields(row, end_time=f"{row.start_time.hour + 1:02}:00"),
    )
    page = response.content.decode()
    assert "Touches" in page
    assert 'name="sure"' not in page
    row.refresh_from_db()
    assert row.version == 1


def test_two_edits_of_the_same_hours_show_both(day: ClinicDay) -> None:
    client, row = browser(day.admin), hours_of(day)
    row.valid_from -= DAY
    row.save()
    address = path(day, "hours", row=row.pk)
    stale = fields(row, version=1, end_time="21:00")
    preview = client.post(address, stale)
    response = preview if preview.status_code == 409 else client.post(address, stale | {"sure": sure_of(preview)})
    assert response.status_code == 409
    assert "Do mine on top" in response.content.decode()


def test_hours_of_one_day_stay_of_one_day(day: ClinicDay) -> None:
    row = hours_of(day)
    response = browser(day.admin).post(path(day, "hours", row=row.pk), fields(row, weekdays=["0", "1"]))
    assert "Add new hours for the others." in response.content.decode()


def test_hours_end_after_a_look(day: ClinicDay) -> None:
    client, provider = browser(day.admin), ProviderFactory.create(clinic=day.clinic)
    row = WorkingHours.objects.filter(resource=provider)[0]
    address = day.path("hours-end", provider=provider.pk, row=row.pk)
    form = {"key": new_key(), "version": row.version}
    preview = client.post(address, form)
    assert "Closes" in preview.content.decode()
    assert client.post(address, form | {"sure": sure_of(preview)}).status_code == 303
    assert not Opening.objects.filter(resource=provider, during__startswith__gt=day.base + 2 * DAY).exists() or (
        WorkingHours.objects.filter(resource=provider, valid_until=None).exists()
    )


def test_hours_on_one_date_come_and_go(day: ClinicDay) -> None:
    client, date = browser(day.admin), day.base.date() + 3 * DAY
    form = {"key": new_key(), "date": date.isoformat(), "start_time": "21:00", "end_time": "22:00"}
    address = path(day, "one-off-new")
    client.post(address, form | {"sure": sure_of(client.post(address, form))})
    row = OneOffHours.objects.get(date=date, start_time=dt.time(21))
    away = path(day, "one-off-remove", row=row.pk)
    form = {"key": new_key(), "version": str(row.version)}
    client.post(away, form | {"sure": sure_of(client.post(away, form))})
    assert not OneOffHours.objects.filter(pk=row.pk).exists()


def test_time_off_is_entered_withdrawn_and_put_back(day: ClinicDay) -> None:
    client, date = browser(day.admin), day.base.date() + 5 * DAY
    form = {"key": new_key(), "first_day": date.isoformat(), "reason": "Conference"}
    address = path(day, "time-off-new")
    client.post(address, form | {"sure": sure_of(client.post(address, form))})
    row = TimeOff.objects.get()
    assert "Conference" in client.get(path(day, "provider")).content.decode()
    assert "Conference" not in browser(day.desk).get(path(day, "provider")).content.decode()
    client.post(path(day, "time-off-withdraw", row=row.pk), {"key": new_key(), "version": row.version})
    row.refresh_from_db()
    assert row.cancelled
    page = client.get(path(day, "provider")).content.decode()
    assert path(day, "time-off-restore", row=row.pk) in page
    client.post(path(day, "time-off-restore", row=row.pk), {"key": new_key(), "version": row.version})
    row.refresh_from_db()
    assert not row.cancelled


def test_time_off_over_visits_lists_them(day: ClinicDay) -> None:
    visit = day.visits["tomorrow"]
    date = visit.starts_at.astimezone(day.base.tzinfo).date()
    response = browser(day.admin).post(
        day.path("time-off-new", provider=visit.provider_id), {"key": new_key(), "first_day": date.isoformat()}
    )
    assert "This hits 1 visit" in response.content.decode()
    assert not TimeOff.objects.exists()


def test_another_clinics_hours_are_not_here(day: ClinicDay) -> None:
    stranger = ProviderFactory.create()
    row = WorkingHours.objects.filter(resource=stranger)[0]
    client = browser(day.admin)
    assert client.get(day.path("provider", provider=stranger.pk)).status_code == 404
    assert client.get(path(day, "hours", row=row.pk)).status_code == 404
    assert browser(MembershipFactory.create().user).get(path(day, "provider")).status_code == 404


def test_the_page_speaks_spanish(day: ClinicDay) -> None:
    client = browser(day.admin)
    client.cookies["language"] = "es"
    assert 'lang="es"' in client.get(path(day, "provider")).content.decode()
