"""Arrivals: who stands where, in which order, since when, and what one click does."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, Status
from tests.browser.busy_day import busy_day
from tests.browser.clinic_day import ClinicDay
from tests.factories import AppointmentFactory, ClinicFactory, MembershipFactory
from tests.portal.people.conftest import client_of

HTMX = {"HX-Request": "true", "HX-Target": "flow"}
BACKGROUND = HTMX | {"X-Background": "1"}


def page_of(client: Client, day: ClinicDay, headers: Any = None, **query: str) -> str:
    response = client.get(day.path("arrivals"), query, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def column(page: str, key: str) -> str:
    """Return the markup of one column, or of a folded one."""
    begin = f'id="folded-{key}"' if key in {"completed", "missed"} else f'id="flow-{key}"'
    return re.split(r"</(?:section|details)>", page.split(begin)[1])[0]


def row(page: str, day: ClinicDay, visit: str) -> str:
    """Return the markup of one visit's row."""
    before, after = page.split(f'id="visit-{day.visits[visit].pk}"')
    return before.rpartition("<li")[2] + after.split("</li>")[0]


def step(client: Client, day: ClinicDay, visit: str, name: str, headers: Any = None, **words: Any) -> Any:
    form = {
        "key": f"page-{uuid.uuid4()}",
        "version": day.fresh(visit).version,
        "step": name,
        "next": day.path("arrivals"),
    }
    address = day.path("visit-step", visit=day.visits[visit].pk) + "?over=arrivals"
    return client.post(address, form | words, headers=headers)


def test_everybody_stands_where_they_are(day: ClinicDay, desk: Client) -> None:
    page = page_of(desk, day)
    for key, names in {
        "expected": ("Mensah", "Chen", "Petrova", "Featherstonehaugh"),
        "arrived": ("Nilsen",),
        "roomed": ("Herrera",),
        "in_progress": ("Khan",),
        "completed": ("Santos",),
        "missed": ("Lang", "Whitfield"),
    }.items():
        for name in names:
            assert name in column(page, key), (key, name)
    assert "כהן" not in page  # tomorrow's


def test_the_counts_stand_on_top(day: ClinicDay, desk: Client) -> None:
    page = page_of(desk, day)
    assert re.search(r"<dt>Expected</dt><dd>5</dd>", page)
    assert re.search(r"<dt>Waiting</dt><dd>1</dd>", page)
    arrived = day.fresh("arrived").arrived_at
    assert arrived is not None
    waited = int((dt.datetime.now(dt.UTC) - arrived).total_seconds() // 60)
    assert re.search(rf"<dt>Longest wait</dt><dd>{waited}\s*min</dd>", page)


def test_whoever_is_overdue_is_marked_late_and_may_be_missed(day: ClinicDay, desk: Client) -> None:
    page = page_of(desk, day)
    assert re.search(r"\d+\s*min late", row(page, day, "late"))
    assert 'value="no-show"' in row(page, day, "late")
    assert " late</strong>" not in row(page, day, "booked")
    assert 'value="no-show"' not in row(page, day, "booked")
    assert " late</strong>" not in row(page, day, "no_show")


def test_those_who_came_stand_in_the_order_of_coming(day: ClinicDay, desk: Client) -> None:
    for visit, minutes in (("booked", 1), ("confirmed", 60)):
        Appointment.objects.filter(pk=day.visits[visit].pk).update(
            status=Status.ARRIVED, arrived_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes)
        )
    waiting = column(page_of(desk, day), "arrived")
    places = [waiting.index(name) for name in ("Petrova", "Nilsen", "Chen")]
    assert places == sorted(places)


def test_one_click_takes_the_next_step_and_can_be_undone(day: ClinicDay, desk: Client) -> None:
    response = step(desk, day, "late", "arrive", HTMX)
    assert response.status_code == 303
    page = desk.get(response["Location"], headers=HTMX).content.decode()
    assert "Mensah" in column(page, "arrived")
    assert "Undo" in page
    assert day.path("visit-undo", visit=day.visits["late"].pk) in page
    assert page.lstrip().startswith('<div id="flow"')
    undo = {"key": f"page-{uuid.uuid4()}", "version": day.fresh("late").version, "next": day.path("arrivals")}
    back = desk.post(day.path("visit-undo", visit=day.visits["late"].pk), undo)
    assert back["Location"] == day.path("arrivals")
    assert day.fresh("late").status == Status.BOOKED


@pytest.mark.parametrize(
    ("visit", "steps"),
    [
        ("booked", ["arrive"]),
        ("late", ["arrive", "no-show"]),
        ("arrived", ["room"]),
        ("roomed", ["start"]),
        ("in_progress", ["complete"]),
        ("completed", []),
        ("no_show", []),
        ("cancelled", []),
    ],
)
def test_the_likely_step_stands_first(day: ClinicDay, desk: Client, visit: str, steps: list[str]) -> None:
    offered = re.findall(r'name="step" value="([a-z-]+)"', row(page_of(desk, day), day, visit))
    assert sorted(offered) == sorted(steps)
    assert offered[:1] == steps[:1]


def test_a_clash_is_shown_in_the_panel_and_nothing_is_lost(day: ClinicDay, desk: Client) -> None:
    seen = day.fresh("late").version
    step(client_of(day.other_desk), day, "late", "no-show")
    response = step(desk, day, "late", "arrive", HTMX, version=seen)
    page = response.content.decode()
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#panel"
    assert "Sam Ortega" in page
    assert day.fresh("late").status == Status.NO_SHOW


def test_without_javascript_a_clash_stands_beside_the_flow(day: ClinicDay, desk: Client) -> None:
    seen = day.fresh("late").version
    step(client_of(day.other_desk), day, "late", "no-show")
    page = step(desk, day, "late", "arrive", version=seen).content.decode()
    assert "<html" in page
    assert 'id="flow"' in page
    assert "Somebody else changed this first" in page


def test_a_card_stands_beside_the_flow(day: ClinicDay, desk: Client) -> None:
    address = day.path("visit", visit=day.visits["late"].pk)
    page = desk.get(address, {"over": "arrivals"}).content.decode()
    assert 'id="flow"' in page
    assert "Mensah" in page.split('id="panel"')[1]
    fragment = desk.get(address, {"over": "arrivals"}, headers={"HX-Request": "true", "HX-Target": "panel"})
    assert 'id="flow"' not in fragment.content.decode()


def test_one_provider_can_be_looked_at_alone(day: ClinicDay, desk: Client) -> None:
    one = str(day.providers[2].pk)
    page = page_of(desk, day, who=one)
    assert "Nilsen" in page
    assert "Chen" not in page.split('id="flow"')[1]
    assert f'data-live="{day.path("arrivals")}?who={one}"' in page
    everybody = page_of(desk, day, who=str(uuid.uuid4()))
    assert "Chen" in everybody
    assert "Chen" in page_of(desk, day, who="nobody")


def test_a_provider_sees_the_own_patients_alone(day: ClinicDay) -> None:
    page = page_of(client_of(day.doctor), day)
    assert "Khan" in page
    assert "Nilsen" not in page
    assert step(client_of(day.doctor), day, "arrived", "start").status_code == 404


def test_a_clinic_where_nobody_is_expected_says_what_to_do(day: ClinicDay) -> None:
    clinic = ClinicFactory.create()
    client = client_of(MembershipFactory.create(clinic=clinic).user)
    page = client.get(f"/clinics/{clinic.pk}/arrivals/").content.decode()
    assert "Nobody is expected today" in page
    assert "Chen" not in page


def test_another_clinic_is_none(day: ClinicDay, desk: Client) -> None:
    other = AppointmentFactory.create(patient__family_name="Featherington")
    response = desk.get(f"/clinics/{other.clinic_id}/arrivals/")
    assert response.status_code == 404
    assert "Featherington" not in response.content.decode()


def test_a_refresh_asks_little_and_leaves_the_notices_alone(day: ClinicDay, desk: Client) -> None:
    page_of(desk, day)
    with CaptureQueriesContext(connection) as asked:
        page = page_of(desk, day, BACKGROUND)
    assert len(asked) <= 6, [query["sql"] for query in asked]
    assert "notices" not in page
    with CaptureQueriesContext(connection) as asked:
        page_of(desk, day)
    assert len(asked) <= 8, [query["sql"] for query in asked]


def test_the_page_knows_which_version_it_shows(day: ClinicDay, desk: Client) -> None:
    page = page_of(desk, day)
    address, version = re.findall(r'data-pulse="([^"]+)" data-version="([^"]+)"', page)[0]
    assert desk.get(address).json()["version"].rpartition("-")[0] == version.rpartition("-")[0]


def test_a_reader_of_spanish_is_answered_in_spanish(day: ClinicDay, desk: Client) -> None:
    response = desk.get(day.path("arrivals"), headers={"Accept-Language": "es"})
    assert '<html lang="es' in response.content.decode()


def test_a_full_day_stays_light_and_folds_what_is_later(db: None) -> None:
    day = busy_day(providers=20)
    client = client_of(day.desk)
    page_of(client, day)
    with CaptureQueriesContext(connection) as asked:
        page = page_of(client, day)
    assert len(asked) <= 8, [query["sql"] for query in asked]
    assert page.count('id="visit-') > 200
    assert len(page.encode()) < 170_000
    later = page.split('id="folded-later"')[1].split("</details>")[0]
    assert "<form" not in later
    assert later.count('id="visit-') > 20
