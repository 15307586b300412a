"""Where a person may be written to: consent of the person, standing of the address, guardians for those without one."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from notifications.models import AddressStanding, Channel
from notifications.queries.addresses import destinations_of, reach_of
from notifications.rules.reasons import Why
from patients.models import ContactPoint, Patient
from tests.appointments.conftest import SmallClinic
from tests.factories import ContactPointFactory, DependantFactory, PatientFactory

from .conftest import EMAIL, PHONE, reachable

pytestmark = pytest.mark.django_db


def stand(point: ContactPoint, **words: object) -> None:
    """Note what is known of an address."""
    channel = Channel.SMS if point.system == "phone" else Channel.EMAIL
    AddressStanding.objects.create(channel=channel, address_index=point.value_index, **words)


def test_a_phone_comes_before_an_address_of_the_same_rank(lena: Patient) -> None:
    found = destinations_of(lena.pk)
    assert [(one.channel, one.recipient) for one in found.usable] == [("sms", PHONE), ("email", EMAIL)]
    assert found.blocked == {}
    assert PHONE not in repr(found)


def test_the_lowest_rank_comes_first(lena: Patient, phone: ContactPoint) -> None:
    ContactPoint.objects.filter(pk=phone.pk).update(rank=2)
    assert [one.channel for one in destinations_of(lena.pk).usable] == ["email", "sms"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"opted_out_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "opted_out_by": "reply"}, Why.OPTED_OUT),
        (
            {"undeliverable_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "undeliverable_code": "30006"},
            Why.ADDRESS_FAILS,
        ),
    ],
)
def test_an_address_that_may_or_can_not_be_written_to_is_left_out_with_the_reason(
    lena: Patient, phone: ContactPoint, words: dict[str, object], why: Why
) -> None:
    stand(phone, **words)
    found = destinations_of(lena.pk)
    assert [one.channel for one in found.usable] == ["email"]
    assert found.blocked == {Channel.SMS: why}


def test_a_standing_that_was_cleared_is_none(lena: Patient, phone: ContactPoint) -> None:
    stand(phone)
    assert destinations_of(lena.pk).blocked == {}


def test_a_second_number_helps_where_the_first_fails(lena: Patient, phone: ContactPoint) -> None:
    stand(phone, undeliverable_at=timezone.now())
    ContactPointFactory.create(patient=lena, rank=2, value="+12125550199")
    found = destinations_of(lena.pk)
    assert [one.recipient for one in found.usable] == [EMAIL, "+12125550199"]
    assert found.blocked == {}


def test_without_consent_or_address_there_is_nowhere_to_write(
    lena: Patient, phone: ContactPoint, email: ContactPoint
) -> None:
    ContactPoint.objects.filter(pk=phone.pk).update(consent=False)
    ContactPoint.objects.filter(pk=email.pk).update(active=False)
    found = destinations_of(lena.pk)
    assert found.usable == ()
    assert found.blocked == {Channel.SMS: Why.NO_CONSENT, Channel.EMAIL: Why.NO_ADDRESS}
    assert found.why_none == Why.NO_CONSENT


def test_a_child_is_written_to_at_its_guardians_in_their_language(lena: Patient) -> None:
    child = PatientFactory.create()
    Patient.objects.filter(pk=lena.pk).update(language="es")
    DependantFactory.create(guardian=lena, patient=child)
    assert [(one.recipient, one.language) for one in destinations_of(child.pk).usable] == [(PHONE, "es"), (EMAIL, "es")]


def test_a_right_that_has_ended_reaches_nobody(lena: Patient) -> None:
    child = PatientFactory.create()
    DependantFactory.create(guardian=lena, patient=child, ends_on=timezone.now().date() - dt.timedelta(days=1))
    assert destinations_of(child.pk).usable == ()


def test_a_child_with_a_phone_is_written_to_there(lena: Patient) -> None:
    child = reachable(PatientFactory.create(), phone="+12125550177", email="")
    DependantFactory.create(guardian=lena, patient=child)
    assert [one.recipient for one in destinations_of(child.pk).usable] == ["+12125550177"]


def test_the_reach_of_many_is_read_in_five_statements_and_says_the_same(
    place: SmallClinic, lena: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    child = PatientFactory.create()
    DependantFactory.create(guardian=lena, patient=child)
    many = [*(patient.pk for patient in place.patients), child.pk]
    with django_assert_num_queries(5):
        reach = reach_of(many)
    for patient_id in many:
        usable = destinations_of(patient_id).usable
        assert reach[patient_id].preferred() == (usable[0].channel if usable else None)
        assert (reach[patient_id].why_not(None) is None) == bool(usable)


def test_about_somebody_whose_record_is_closed_nobody_is_written_to(lena: Patient) -> None:
    """A child that died: neither its own phone nor its parents hear of the visit."""
    child = PatientFactory.create()
    DependantFactory.create(guardian=lena, patient=child)
    assert destinations_of(child.pk).usable
    for patient in (child, lena):
        Patient.objects.filter(pk=patient.pk).update(active=False)
        assert destinations_of(patient.pk).usable == ()
    assert reach_of([lena.pk])[lena.pk].why_not(None) == Why.RECORD_CLOSED
