"""Where providers work and as what, when that ends, and whose sign-in opens their calendar."""

import datetime as dt

import pytest
from django.utils import timezone

from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox.models import Fact
from providers.errors import SignInOfAnotherClinic, SignInTaken, VisitsInTheWay, WorksHereAlready
from providers.models import Clinic, OneOffHours, Opening, PractitionerRole, Provider, Role, WorkingHours
from providers.services.practitioners import (
    add_practitioner_role,
    change_specialty,
    end_practitioner_role,
    give_sign_in,
)
from tests.factories import (
    ClinicFactory,
    MembershipFactory,
    OneOffHoursFactory,
    ProviderFactory,
    RoomFactory,
    UserFactory,
    WorkingHoursFactory,
)
from tests.providers.conftest import Diary

pytestmark = pytest.mark.django_db


def open_minutes(provider: Provider, clinic: Clinic) -> int:
    """Count the minutes that are open from now on."""
    pieces = Opening.objects.filter(resource=provider, clinic=clinic, during__endswith__gt=timezone.now())
    return sum(int((during.upper - during.lower).total_seconds() // 60) for (during,) in pieces.values_list("during"))


def tomorrow_at_ten(clinic: Clinic) -> dt.datetime:
    day = timezone.now().astimezone(clinic.zone).date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(10), clinic.zone)


def facts() -> list[str]:
    return sorted(Fact.objects.values_list("name", flat=True))


def test_a_provider_comes_to_work_at_a_second_clinic(provider: Provider) -> None:
    second = ClinicFactory.create()
    role = add_practitioner_role(provider_id=provider.pk, clinic_id=second.pk, specialty="Dermatology")
    assert (role.active, role.specialty) == (True, "Dermatology")
    assert open_minutes(provider, second) == 0
    assert facts() == ["providers.PractitionerRoleChanged"]
    with pytest.raises(WorksHereAlready):
        add_practitioner_role(provider_id=provider.pk, clinic_id=second.pk)


def test_only_providers_work_at_clinics(clinic: Clinic) -> None:
    with pytest.raises(NotFound):
        add_practitioner_role(provider_id=RoomFactory.create(clinic=clinic).pk, clinic_id=clinic.pk)


def test_a_specialty_is_changed_and_has_a_length(clinic: Clinic, provider: Provider) -> None:
    change_specialty(provider_id=provider.pk, clinic_id=clinic.pk, specialty="Paediatrics")
    assert PractitionerRole.objects.get(provider=provider).specialty == "Paediatrics"
    with pytest.raises(Invalid):
        change_specialty(provider_id=provider.pk, clinic_id=clinic.pk, specialty="x" * 121)


def test_the_end_is_shown_before_it_comes(clinic: Clinic, provider: Provider) -> None:
    before = open_minutes(provider, clinic)
    edit = end_practitioner_role(provider_id=provider.pk, clinic_id=clinic.pk, dry_run=True)
    assert edit.preview.minutes_closed == pytest.approx(before, abs=2)
    assert edit.preview.starts_closed > 0
    assert open_minutes(provider, clinic) == before
    assert PractitionerRole.objects.get(provider=provider).active
    assert facts() == []


def test_who_ceases_to_work_somewhere_is_open_there_no_more_and_elsewhere_still(
    clinic: Clinic, provider: Provider
) -> None:
    second = ClinicFactory.create(region="")
    add_practitioner_role(provider_id=provider.pk, clinic_id=second.pk)
    WorkingHoursFactory.create(resource=provider, clinic=second)
    WorkingHoursFactory.create(resource=provider, clinic=clinic, weekday=0, valid_from=dt.date(2090, 1, 1))
    past = WorkingHoursFactory.create(
        resource=provider, clinic=clinic, weekday=0, valid_from=dt.date(2020, 1, 1), valid_until=dt.date(2020, 2, 1)
    )
    OneOffHoursFactory.create(resource=provider, clinic=clinic, date=dt.date(2090, 1, 1))
    end_practitioner_role(provider_id=provider.pk, clinic_id=clinic.pk)
    yesterday = timezone.now().astimezone(clinic.zone).date() - dt.timedelta(days=1)
    assert open_minutes(provider, clinic) == 0
    assert set(WorkingHours.objects.filter(clinic=clinic).values_list("valid_until", flat=True)) == {
        yesterday,
        past.valid_until,
    }
    assert not OneOffHours.objects.exists()
    assert WorkingHours.objects.get(clinic=second).valid_until is None
    assert not PractitionerRole.objects.get(clinic=clinic).active
    assert facts().count("providers.HoursChanged") == 1
    with pytest.raises(NotFound):
        end_practitioner_role(provider_id=provider.pk, clinic_id=clinic.pk)


def test_visits_to_come_are_in_the_way(clinic: Clinic, provider: Provider, diary: Diary) -> None:
    visit = diary.add(provider.pk, tomorrow_at_ten(clinic))
    preview = end_practitioner_role(provider_id=provider.pk, clinic_id=clinic.pk, dry_run=True).preview
    assert preview.touched == [(clinic.pk, visit)]
    with pytest.raises(VisitsInTheWay):
        end_practitioner_role(provider_id=provider.pk, clinic_id=clinic.pk)
    assert PractitionerRole.objects.get(provider=provider).active
    assert open_minutes(provider, clinic) > 0


def test_who_comes_back_begins_without_hours(clinic: Clinic, provider: Provider) -> None:
    end_practitioner_role(provider_id=provider.pk, clinic_id=clinic.pk)
    role = add_practitioner_role(provider_id=provider.pk, clinic_id=clinic.pk, specialty="Surgery")
    assert (role.active, role.specialty, open_minutes(provider, clinic)) == (True, "Surgery", 0)
    assert PractitionerRole.objects.filter(provider=provider).count() == 1


def test_a_provider_gets_the_sign_in_of_somebody_who_works_here(clinic: Clinic, provider: Provider) -> None:
    user = MembershipFactory.create(clinic=clinic, role=Role.PROVIDER).user
    give_sign_in(provider_id=provider.pk, clinic_id=clinic.pk, user_id=user.pk)
    assert Provider.objects.get().user == user
    give_sign_in(provider_id=provider.pk, clinic_id=clinic.pk, user_id=user.pk)
    give_sign_in(provider_id=provider.pk, clinic_id=clinic.pk, user_id=None)
    assert Provider.objects.get().user is None
    assert facts() == ["providers.ResourceChanged"] * 2
    with pytest.raises(NotFound):
        give_sign_in(provider_id=provider.pk, clinic_id=clinic.pk, user_id=UserFactory.create().pk)
    with pytest.raises(NotFound):
        give_sign_in(provider_id=provider.pk, clinic_id=ClinicFactory.create().pk, user_id=user.pk)


def test_whoever_gets_a_calendar_may_open_it(clinic: Clinic, provider: Provider) -> None:
    user = MembershipFactory.create(clinic=clinic).user
    give_sign_in(provider_id=provider.pk, clinic_id=clinic.pk, user_id=user.pk)
    assert set(user.memberships.values_list("role", flat=True)) == {"front_desk", "provider"}
    assert facts() == ["providers.ResourceChanged", "providers.RolesChanged"]


def test_one_sign_in_opens_one_calendar(clinic: Clinic, provider: Provider) -> None:
    user = MembershipFactory.create(clinic=clinic, role=Role.PROVIDER).user
    other = ProviderFactory.create(clinic=clinic, weekdays=())
    give_sign_in(provider_id=provider.pk, clinic_id=clinic.pk, user_id=user.pk)
    with pytest.raises(SignInTaken):
        give_sign_in(provider_id=other.pk, clinic_id=clinic.pk, user_id=user.pk)


def test_a_sign_in_from_another_clinic_is_not_replaced(clinic: Clinic, provider: Provider) -> None:
    elsewhere = MembershipFactory.create(role=Role.PROVIDER).user
    mine = MembershipFactory.create(clinic=clinic, role=Role.PROVIDER).user
    Provider.objects.filter(pk=provider.pk).update(user=elsewhere)
    with pytest.raises(SignInOfAnotherClinic):
        give_sign_in(provider_id=provider.pk, clinic_id=clinic.pk, user_id=mine.pk)
    Provider.objects.filter(pk=provider.pk).update(user=UserFactory.create())  # works nowhere any more
    give_sign_in(provider_id=provider.pk, clinic_id=clinic.pk, user_id=mine.pk)
    assert Provider.objects.get().user == mine
