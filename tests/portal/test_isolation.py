"""Staff of one clinic see nothing of another by any address: every door of the portal, with the other's ids in it."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from appointments.models import CalendarFeed, Series
from appointments.services.batches.starting import Asked, Seen, start_batch
from appointments.services.booking import Caller
from notifications.models import Hook, Message, Reply, State
from patients.models import Merge, Patient
from providers.models import Membership
from tests.browser.absences_of_a_day import absence_of_a_day
from tests.browser.brought import brought
from tests.browser.clinic_day import ClinicDay, clinic_day
from tests.browser.elsewhere import calls_of_a_day, feed_of_a_day
from tests.browser.messages_of_a_day import messages_of_a_day
from tests.browser.pages import grouped
from tests.browser.series_of_a_day import series_of_a_day
from tests.browser.waiting_of_a_day import waiting_of_a_day
from tests.factories import ClinicFactory, MembershipFactory

# Everything in this clinic that has a name which would give it away.
_MARK = re.compile(r"Santos|\bLang\b|\bKhan\b|Herrera|Nilsen|Mensah|Petrova|Whitfield|Harbour Street|Cholmondeley")

_TYPED = "Santos Mari"  # finds Maria Santos where she is known


def _patterns(resolver: URLResolver, prefix: str = "") -> list[str]:
    found: list[str] = []
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found.append(route)
        else:
            found += _patterns(entry, route)
    return found


def _routes() -> list[str]:
    return sorted(route for route in _patterns(get_resolver()) if route.startswith("clinics/<uuid:clinic>/"))


@pytest.fixture(autouse=True)
def _many_pages(settings: Any) -> None:
    """Nobody but this test opens every page of the house within a minute."""
    settings.PAGE_REQUESTS_PER_MINUTE = 100_000


@pytest.fixture
def day(db: None) -> ClinicDay:
    made = clinic_day()
    messages_of_a_day(made)
    series_of_a_day(made)
    calls_of_a_day(made)
    feed_of_a_day(made)
    return made


def _ids(day: ClinicDay) -> dict[str, uuid.UUID]:
    """Return an id of the clinic's own for each word that addresses use."""
    visit = next(iter(day.visits.values()))
    another = next(patient for patient in day.patients.values() if patient.pk != visit.patient_id)
    return {
        "clinic": day.clinic.pk,
        "visit": visit.pk,
        "patient": visit.patient_id,
        "merge": _merge(day, visit.patient, another),
        "other": another.pk,
        "provider": day.providers[0].pk,
        "resource": day.rooms[0].pk,
        "kind": day.consultation.pk,
        "member": day.desk.pk,
        "run": brought(day).pk,
        "series": Series.objects.get(clinic=day.clinic.pk).pk,
        "batch": _batch(day),
        "session": grouped(day)["session"],
        **_written(day),
        **_displaced(day),
        **waiting_of_a_day(day),
    }


def _merge(day: ClinicDay, kept: Patient, gone: Patient) -> uuid.UUID:
    """Return a merge of the clinic's, one however often it is asked for."""
    merge, _made = Merge.objects.get_or_create(kept=kept, gone=gone, defaults={"merged_by": day.desk})
    found: uuid.UUID = merge.pk
    return found


def _displaced(day: ClinicDay) -> dict[str, uuid.UUID]:
    """Return a displaced visit of the clinic, and what displaced it."""
    row = absence_of_a_day(day)
    return {"displacement": row.displacement_id, "row": row.pk, "displacements": row.pk}


def _batch(day: ClinicDay) -> uuid.UUID:
    """Return what was asked for many of the clinic's visits."""
    visit = day.fresh("booked")
    begun = start_batch(
        clinic_id=day.clinic.pk,
        asked=Asked("message", words="Mind the step at Harbour Street."),
        visits=[Seen(visit.pk, visit.version)],
        caller=Caller(day.desk.pk, patients_own=False),
    )
    return begun.pk


def _written(day: ClinicDay) -> dict[str, uuid.UUID]:
    """Return a message and a reply of the clinic, where there are any."""
    found = {
        "message": Message.objects.filter(clinic=day.clinic.pk, state=State.DEAD).first(),
        "hook": Hook.objects.filter(clinic=day.clinic.pk).first(),
        "feed": CalendarFeed.objects.first(),
        "reply": Reply.objects.filter(clinic=day.clinic.pk).first(),
    }
    return {word: row.pk for word, row in found.items() if row is not None}


def _address(route: str, ids: dict[str, uuid.UUID]) -> str:
    address = re.sub(r"<uuid:(\w+)>", lambda found: str(ids.get(found[1], uuid.uuid4())), route)
    return "/" + re.sub(r"<[^>]+>", "x", address)


def _client(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_no_door_of_another_clinic_opens(day: ClinicDay) -> None:
    ids, other = _ids(day), ClinicFactory.create()
    desk = _client(MembershipFactory.create(clinic=other).user)
    admin = MembershipFactory.create(clinic=other)
    Membership.objects.create(user=admin.user, clinic=other, role="clinic_admin")
    for client in (desk, _client(admin.user)):
        for route in _routes():
            for ask in (client.get, client.post):
                for headers in ({}, {"HX-Request": "true", "HX-Target": "panel"}):
                    response = ask(_address(route, ids), headers=headers)
                    assert response.status_code in {404, 405}, (route, ask.__name__, response.status_code)
                    assert not _MARK.search(response.content.decode()), route


def test_the_others_ids_open_nothing_at_ones_own_clinic(day: ClinicDay) -> None:
    """The clinic of the address is one's own, every other id in it, and every filter, is a stranger's."""
    other = ClinicFactory.create()
    member = MembershipFactory.create(clinic=other, role="clinic_admin")
    client = _client(member.user)
    ids = _ids(day) | {"clinic": other.pk}
    filters = {
        "who": str(ids["provider"]), "provider": str(ids["provider"]), "room": str(ids["resource"]), "visit": str(ids["visit"]),
        "patient": str(ids["patient"]), "type": str(ids["kind"]), "date": day.base.date().isoformat(), "q": _TYPED,
    }  # fmt: skip
    for route in _routes():
        for query in ({}, filters):
            for headers in ({}, {"HX-Request": "true", "HX-Target": "panel"}):
                response = client.get(_address(route, ids), query, headers=headers)
                assert response.status_code < 500, route
                # What one typed oneself comes back in its own field, or parted into the names of somebody new; what was
                # found would be anything but that word.
                said = response.content.decode().replace(_TYPED, "").replace(_TYPED.replace(" ", "+"), "")
                said = said.replace('value="Santos"', "")
                assert not _MARK.search(said), (route, query)


def test_patients_and_visitors_find_no_door(day: ClinicDay) -> None:
    patient = next(iter(day.patients.values()))
    patient.user = MembershipFactory.create(clinic=ClinicFactory.create()).user
    Membership.objects.filter(user=patient.user).delete()
    patient.save()
    ids = _ids(day)
    for route in _routes():
        assert _client(patient.user).get(_address(route, ids)).status_code in {404, 405}, route
        assert Client().get(_address(route, ids)).status_code in {302, 405}, route
