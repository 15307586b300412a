"""The directory over HTTP: who sees what, what a search finds, how many statements it costs."""

import uuid

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from providers.models import Clinic, PractitionerRole, Provider, Role, TypeOverride
from tests.factories import (
    AppointmentTypeFactory,
    ClinicFactory,
    MembershipFactory,
    PatientFactory,
    ProviderFactory,
    UserFactory,
)
from tests.http import Api, code

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def desk(*clinics: Clinic) -> Api:
    user = UserFactory.create()
    for clinic in clinics:
        MembershipFactory.create(user=user, clinic=clinic, role=Role.FRONT_DESK)
    return Api.staff(user)


def patient(*scopes: str) -> Api:
    user = UserFactory.create()
    PatientFactory.create(user=user)
    return Api.patient(user, scopes or ("profile:read",))


def ids(answer: object) -> list[str]:
    return [row["id"] for row in answer.json()["results"]]  # type: ignore[attr-defined]


def doctor(clinic: Clinic, name: str, specialty: str = "Dermatology") -> Provider:
    return ProviderFactory.create(clinic=clinic, name=name, specialty=specialty, weekdays=())


def test_nobody_sees_nothing() -> None:
    for path in ("clinics/", "providers/", "appointment-types/"):
        assert code(Api().get(path)) == "not-authenticated"


def test_patients_see_open_clinics_active_providers_and_what_they_can_book(clinic: Clinic) -> None:
    closed = ClinicFactory.create(active=False)
    here = doctor(clinic, "Dr. Chen")
    gone = doctor(clinic, "Dr. Davis")
    Provider.objects.filter(pk=gone.pk).update(active=False)
    former = doctor(clinic, "Dr. Evans")
    PractitionerRole.objects.filter(provider=former).update(active=False)
    doctor(closed, "Dr. Fischer")
    offered = AppointmentTypeFactory.create(clinic=clinic)
    AppointmentTypeFactory.create(clinic=clinic, bookable_online=False)
    AppointmentTypeFactory.create(clinic=clinic, active=False)
    api = patient()
    assert ids(api.get("clinics/")) == [str(clinic.pk)]
    assert ids(api.get("providers/")) == [str(here.pk)]
    assert ids(api.get("appointment-types/")) == [str(offered.pk)]
    assert code(api.get(f"clinics/{closed.pk}/")) == "not-found"
    assert code(api.get(f"providers/{gone.pk}/")) == "not-found"
    shown = api.get(f"clinics/{clinic.pk}/")
    assert shown.headers["ETag"] == '"v1"'
    assert (shown.json()["timezone"], shown.json()["cancel_cutoff_hours"]) == ("America/New_York", 24)


def test_staff_see_their_own_clinics_alone(clinic: Clinic) -> None:
    elsewhere = ClinicFactory.create()
    both = doctor(clinic, "Dr. Chen")
    PractitionerRole.objects.create(provider=both, clinic=elsewhere, specialty="Surgery")
    other = doctor(elsewhere, "Dr. Okafor")
    kind, foreign = AppointmentTypeFactory.create(clinic=clinic), AppointmentTypeFactory.create(clinic=elsewhere)
    api = desk(clinic)
    assert ids(api.get("clinics/")) == [str(clinic.pk)]
    assert ids(api.get("appointment-types/")) == [str(kind.pk)]
    (row,) = api.get("providers/").json()["results"]
    assert [role["clinic"] for role in row["clinics"]] == [str(clinic.pk)]
    for path in (f"providers/{other.pk}/", f"clinics/{elsewhere.pk}/", f"appointment-types/{foreign.pk}/"):
        assert code(api.get(path)) == "not-found"
    assert ids(api.get("providers/", {"specialty": "surgery"})) == []


def test_a_search_joins_its_words(clinic: Clinic) -> None:
    chen, okafor = doctor(clinic, "Dr. Chen"), doctor(clinic, "Dr. Okafor", "Cardiology")
    kind = AppointmentTypeFactory.create(clinic=clinic, name="Skin check")
    TypeOverride.objects.create(provider=okafor, appointment_type=kind, offered=False)
    api = patient()
    assert ids(api.get("providers/", {"q": "oka"})) == [str(okafor.pk)]
    assert ids(api.get("providers/", {"specialty": "cardio"})) == [str(okafor.pk)]
    assert ids(api.get("providers/", {"appointment_type": str(kind.pk)})) == [str(chen.pk)]
    assert ids(api.get("providers/", {"clinic": str(uuid.uuid4())})) == []
    assert ids(api.get("appointment-types/", {"q": "SKIN", "clinic": str(clinic.pk)})) == [str(kind.pk)]
    assert ids(api.get("appointment-types/", {"specialty": "dentist"})) == []
    assert ids(api.get("clinics/", {"specialty": "derma", "q": "harb", "appointment_type": str(kind.pk)})) == [
        str(clinic.pk)
    ]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("providers/", {"clinic": "7"}),
        ("providers/", {"colour": "blue"}),
        ("providers/", {"q": "a\0b"}),
        ("clinics/", {"limit": "0"}),
        ("clinics/", {"cursor": "nonsense"}),
        ("appointment-types/", {"q": "x" * 121}),
    ],
)
def test_nonsense_is_refused_by_field(clinic: Clinic, path: str, query: dict[str, str]) -> None:
    answer = patient().get(path, query)
    assert (answer.status_code, code(answer)) == (400, "invalid")
    assert answer.json()["errors"]


def test_a_list_costs_the_same_however_long(
    clinic: Clinic, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        doctor(clinic, f"Dr. Number {number:02}")
        AppointmentTypeFactory.create(clinic=clinic)
    api = desk(clinic)
    api.get("providers/")
    for path in ("clinics/", "providers/", "appointment-types/"):
        with django_assert_max_num_queries(6):
            api.get(path)


def test_pages_follow_one_another(clinic: Clinic) -> None:
    every = [str(doctor(clinic, f"Dr. Number {number}").pk) for number in range(5)]
    api = patient()
    first = api.get("providers/", {"limit": "3"}).json()
    second = api.client.get(first["next"], headers=api.headers).json()
    assert [row["id"] for row in (*first["results"], *second["results"])] == every
    assert second["next"] is None
