"""The first page of setup says what is missing and where it is done."""

import pytest

from mediconnect.accounts.models import User
from providers.models import AppointmentType, Clinic, Membership, Resource, Role, TypeOverride
from tests.factories import ClinicFactory, MembershipFactory, ProviderFactory
from tests.portal.setup.conftest import House, browser_of, words

pytestmark = pytest.mark.django_db


def test_an_empty_clinic_is_told_how_to_begin() -> None:
    clinic = ClinicFactory.create(region="", phone="")
    browser = browser_of(MembershipFactory.create(clinic=clinic, role=Role.CLINIC_ADMIN).user)
    said = words(browser.get(f"/clinics/{clinic.pk}/setup/"))
    for sentence in (
        "There is no type of visit",
        "Nobody sees patients here",
        "Public holidays do not close the clinic",
        "Patients are told no phone number",
        "Only one person can set up the clinic",
    ):
        assert sentence in said
    for part in ("types/", "rooms/", "closures/", "people/"):
        page = browser.get(f"/clinics/{clinic.pk}/setup/{part}")
        assert 'class="empty"' in page.content.decode(), part


def test_a_clinic_that_is_set_up_misses_nothing(house: House) -> None:
    Clinic.objects.filter(pk=house.clinic.pk).update(region="US-NY")
    MembershipFactory.create(clinic=house.clinic, role=Role.CLINIC_ADMIN)
    assert "Nothing is missing: the clinic can be booked." in words(house.get())


def test_what_cannot_be_booked_is_named(house: House) -> None:
    ProviderFactory.create(clinic=house.clinic, name="Dr. Ruth Cohen", weekdays=())
    AppointmentType.objects.filter(pk=house.kind.pk).update(room_kind="surgery", device_kind="laser")
    said = words(house.get())
    assert "Dr. Ruth Cohen has no working hours" in said
    assert "needs “surgery”" in said
    assert "needs “laser”" in said
    Resource.objects.filter(pk=house.room.pk).update(category="surgery")
    assert "needs “surgery”" not in words(house.get())


def test_a_type_that_nobody_offers_is_named(house: House) -> None:
    TypeOverride.objects.create(provider=house.provider, appointment_type=house.kind, offered=False)
    assert f"Nobody offers “{house.kind.name}”" in words(house.get())


def test_invitations_that_wait_are_counted(house: House) -> None:
    for number in range(2):
        waiting = User(email=f"colleague{number}@example.org", display_name="Inês Ferreira")
        waiting.set_unusable_password()
        waiting.save()
        Membership.objects.create(user=waiting, clinic=house.clinic, role=Role.FRONT_DESK)
    assert "2 invitations wait" in words(house.get())
