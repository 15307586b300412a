"""Members and providers on the pages of setup: invited, changed, removed; begun, changed, ended."""

from typing import Any

import pytest

from mediconnect.accounts.models import PasswordReset, User
from providers.models import Membership, PractitionerRole, Provider, Role
from providers.services.places import change_resource
from providers.services.staff import change_roles
from tests.factories import AppointmentFactory, ClinicFactory, MembershipFactory, ProviderFactory, UserFactory
from tests.portal.setup.conftest import House, words

pytestmark = pytest.mark.django_db

INES = {"email": "ines.ferreira@example.org", "display_name": "Inês Ferreira", "roles": ["front_desk"]}


def roles(house: House, user: User) -> set[str]:
    return set(Membership.objects.filter(clinic=house.clinic, user=user).values_list("role", flat=True))


def colleague(house: House, role: Role = Role.FRONT_DESK) -> User:
    user: User = MembershipFactory.create(clinic=house.clinic, role=role).user
    return user


def test_somebody_is_invited_and_waits_for_a_password(house: House) -> None:
    assert house.post("people/invite/", INES).status_code == 303
    user = User.objects.get(email=INES["email"])
    assert roles(house, user) == {"front_desk"}
    listed = words(house.get("people/"))
    assert "A link to choose a password is on its way." in listed
    assert "invited, no password yet" in listed
    assert house.post(f"people/{user.pk}/link/").status_code == 303
    assert PasswordReset.objects.filter(user=user, used_at=None).count() == 1
    user.set_password("a-quiet-harbour-lantern")
    user.save()
    page = house.post(f"people/{user.pk}/link/")
    assert page.status_code == 409
    assert "has a password already" in words(page)


def test_who_signs_in_already_is_added_as_known(house: House) -> None:
    known = UserFactory.create(email="robin@example.org")
    assert house.post("people/invite/", {**INES, "email": known.email}).status_code == 303
    assert "The person signs in as before." in words(house.get("people/"))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"email": "nobody"}, 422, "Enter a valid email address."),
        ({"roles": []}, 422, "This field is required."),
        ({"roles": ["boss"]}, 422, "Select a valid choice"),
        ({"display_name": ""}, 422, "This field is required."),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_at_its_field(
    house: House, changes: dict[str, Any], status: int, sentence: str
) -> None:
    page = house.post("people/invite/", {**INES, **changes})
    assert page.status_code == status
    assert sentence in words(page)


def test_a_member_is_not_invited_again(house: House) -> None:
    page = house.post("people/invite/", {**INES, "email": house.admin.email})
    assert page.status_code == 409
    assert "works here already" in words(page)
    closed = UserFactory.create(is_active=False)
    assert "switched off" in words(house.post("people/invite/", {**INES, "email": closed.email}))


def test_roles_are_changed(house: House) -> None:
    user = colleague(house)
    page = house.get(f"people/{user.pk}/").content.decode()
    assert 'name="version" value="front_desk"' in page
    answer = house.post(f"people/{user.pk}/", {"roles": ["provider", "clinic_admin"], "version": "front_desk"})
    assert answer.status_code == 303
    assert roles(house, user) == {"provider", "clinic_admin"}
    assert "signs in again, with a second factor" in words(house.get("people/"))


def test_a_member_keeps_one_role_at_least(house: House) -> None:
    user = colleague(house)
    assert house.post(f"people/{user.pk}/", {"version": "front_desk"}).status_code == 422
    assert roles(house, user) == {"front_desk"}


def test_roles_that_are_others_by_now_clash(house: House) -> None:
    user = colleague(house)
    change_roles(clinic_id=house.clinic.pk, user_id=user.pk, roles=["front_desk", "provider"], changed_by_id=None)
    page = house.post(f"people/{user.pk}/", {"roles": ["front_desk", "clinic_admin"], "version": "front_desk"})
    assert page.status_code == 409
    clash = page.context["clash"]
    assert (clash.version, len(clash.theirs), len(clash.mine)) == ("front_desk,provider", 1, 1)
    assert [value for name, value in clash.fields.items()] == ["front_desk", "clinic_admin"]
    answer = house.post(
        f"people/{user.pk}/", {"version": clash.version, "roles": [value for _, value in clash.fields.items()]}
    )
    assert answer.status_code == 303
    assert roles(house, user) == {"front_desk", "clinic_admin"}


def test_the_last_clinic_admin_stays(house: House) -> None:
    form = {"roles": ["front_desk"], "version": "clinic_admin", "gives_up_own": "1"}
    for part, data in ((f"people/{house.admin.pk}/", form), (f"people/{house.admin.pk}/remove/", form)):
        page = house.post(part, data)
        assert page.status_code == 409
        assert "last clinic admin" in words(page)
    assert roles(house, house.admin) == {"clinic_admin"}


def test_giving_up_ones_own_right_is_asked_for_and_leads_out_of_setup(house: House) -> None:
    colleague(house, Role.CLINIC_ADMIN)
    form = {"roles": ["front_desk"], "version": "clinic_admin"}
    page = house.post(f"people/{house.admin.pk}/", form)
    assert page.status_code == 409
    assert "Yes, give up my own right" in words(page)
    assert roles(house, house.admin) == {"clinic_admin"}
    answer = house.post(f"people/{house.admin.pk}/", {**form, "gives_up_own": "1"})
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert roles(house, house.admin) == {"front_desk"}


def test_removing_somebody_is_asked_once_in_words(house: House) -> None:
    user = colleague(house)
    page = house.get(f"people/{user.pk}/remove/")
    assert f"Remove {user.display_name} from Harbour?" in words(page)
    assert roles(house, user) == {"front_desk"}
    assert house.post(f"people/{user.pk}/remove/").status_code == 303
    assert roles(house, user) == set()
    assert house.get(f"people/{user.pk}/").status_code == 404


def test_a_new_provider_begins_with_a_sign_in(house: House) -> None:
    user = colleague(house)
    form = {"name": "Dr. Ruth Cohen", "specialty": "Dermatology", "user": user.pk}
    answer = house.post("providers/new/", form)
    provider = Provider.objects.get(name="Dr. Ruth Cohen")
    assert (answer.status_code, answer["Location"]) == (303, f"/clinics/{house.clinic.pk}/providers/{provider.pk}/")
    assert (provider.user, provider.roles.get().specialty) == (user, "Dermatology")
    assert roles(house, user) == {"front_desk", "provider"}
    assert house.post("providers/new/", {"name": ""}).status_code == 422
    assert (
        house.post("providers/new/", {**form, "name": "Dr. Copy"}).status_code == 422
    )  # opens another calendar by now


def test_a_provider_of_another_clinic_that_one_runs_keeps_the_calendar(house: House, strangers: House) -> None:
    page = house.get("providers/new/")
    assert "Elsewhere" not in words(page)
    assert house.post("providers/new/", {"known": strangers.provider.pk}).status_code == 422
    Membership.objects.create(user=house.admin, clinic=strangers.clinic, role=Role.CLINIC_ADMIN)
    assert "Dr. Obi of Elsewhere" in words(house.get("providers/new/"))
    assert house.post("providers/new/", {"known": strangers.provider.pk, "specialty": "Surgery"}).status_code == 303
    assert PractitionerRole.objects.get(clinic=house.clinic, provider=strangers.provider).specialty == "Surgery"


def test_a_provider_is_renamed_and_gets_a_sign_in(house: House) -> None:
    user = colleague(house, Role.PROVIDER)
    part = f"providers/{house.provider.pk}/"
    form = {"name": "Dr. Amara Obi-Lee", "specialty": "Surgery", "user": user.pk, "version": "1"}
    assert house.post(part, form).status_code == 303
    house.provider.refresh_from_db()
    assert (house.provider.name, house.provider.user) == ("Dr. Amara Obi-Lee", user)
    assert house.provider.roles.get().specialty == "Surgery"


def test_a_sign_in_from_another_clinic_is_kept_and_not_named(house: House, strangers: House) -> None:
    Provider.objects.filter(pk=house.provider.pk).update(user=strangers.admin)
    house.provider.refresh_from_db()
    part = f"providers/{house.provider.pk}/"
    page = house.get(part)
    assert "The sign-in of another clinic" in words(page)
    assert "Elsewhere" not in words(page)
    form = {"name": house.provider.name, "specialty": "", "version": house.provider.version}
    assert house.post(part, {**form, "user": strangers.admin.pk}).status_code == 303
    refused = house.post(part, {**form, "user": ""})
    assert refused.status_code == 409
    assert "sign-in from another clinic" in words(refused)


def test_two_who_change_a_provider_are_told(house: House) -> None:
    change_resource(resource_id=house.provider.pk, version=1, change={"name": "Dr. A. Obi"})
    page = house.post(
        f"providers/{house.provider.pk}/", {"name": "Dr. Amara Obi", "specialty": "Surgery", "version": "1"}
    )
    assert page.status_code == 409
    assert "Dr. A. Obi" in words(page)
    assert "Surgery" in words(page)
    assert house.provider.roles.get().specialty == "General practice"


def test_a_clash_over_a_provider_with_a_sign_in_says_what_differs(house: House) -> None:
    part, doctor = (
        f"providers/{house.provider.pk}/",
        MembershipFactory.create(clinic=house.clinic, role="provider").user,
    )
    mine = {"name": house.provider.name, "specialty": "Surgery", "version": "1"}
    assert house.post(part, {**mine, "user": str(doctor.pk)}).status_code == 303
    page = house.post(part, {**mine, "name": "Dr. Amara Obi"})
    assert page.status_code == 409
    clash = page.context["clash"]
    assert [word for word, *_ in clash.theirs] == ["Sign-in"]
    assert [word for word, _ in clash.mine] == ["Name"]
    on_top = {**dict(clash.fields.items()), "version": clash.version}
    assert house.post(part, on_top).status_code == 303
    house.provider.refresh_from_db()
    assert (house.provider.name, house.provider.user_id) == ("Dr. Amara Obi", doctor.pk)


def test_the_end_of_a_providers_work_is_shown_and_asked(house: House) -> None:
    part = f"providers/{house.provider.pk}/end/"
    page = house.get(part)
    assert "cease to work at Harbour?" in words(page)
    assert "Closes" in words(page)
    assert house.provider.roles.get().active
    assert house.post(part).status_code == 303
    assert not house.provider.roles.get().active
    assert house.get(part).status_code == 404
    assert house.provider.name in words(house.get("providers/new/"))


def test_visits_to_come_keep_a_provider(house: House) -> None:
    visit = AppointmentFactory.create(clinic=house.clinic, provider=house.provider, appointment_type=house.kind)
    part = f"providers/{house.provider.pk}/end/"
    assert "Yes, from today on" not in words(house.get(part))
    page = house.post(part)
    assert page.status_code == 409
    assert visit.patient.family_name in words(page)


def test_visits_of_a_shared_provider_at_another_clinic_are_not_shown(house: House, strangers: House) -> None:
    PractitionerRole.objects.create(provider=strangers.provider, clinic=house.clinic)
    visit = AppointmentFactory.create(
        clinic=strangers.clinic, provider=strangers.provider, appointment_type=strangers.kind
    )
    page = house.get(f"providers/{strangers.provider.pk}/end/")
    assert visit.patient.family_name not in words(page)
    assert "Yes, from today on" in words(page)


def test_who_may_sign_in_is_offered_once(house: House) -> None:
    taken = colleague(house, Role.PROVIDER)
    ProviderFactory.create(clinic=house.clinic, user=taken, weekdays=())
    elsewhere = MembershipFactory.create(clinic=ClinicFactory.create()).user
    page = house.get("providers/new/").content.decode()
    assert str(house.admin.pk) in page
    assert str(taken.pk) not in page
    assert str(elsewhere.pk) not in page
