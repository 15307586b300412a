"""Who may enter setup, what of another clinic is found there (nothing), and how much each page asks of the database."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers.models import Membership, Role
from tests.factories import AppointmentTypeFactory, MembershipFactory, ProviderFactory, RoomFactory, WorkingHoursFactory
from tests.portal.setup.conftest import House, browser_of, words

pytestmark = pytest.mark.django_db

LISTS = ("", "types/", "rooms/", "closures/", "policies/", "people/")
NEW = ("types/new/", "rooms/new/", "closures/new/", "people/invite/", "providers/new/")


def rows(house: House) -> list[str]:
    """Return the addresses of everything that the clinic has, those that only take a form last."""
    kind, provider, closure = house.kind.pk, house.provider.pk, house.closure().pk
    return [
        f"types/{kind}/",
        f"types/{kind}/providers/{provider}/",
        f"rooms/{house.room.pk}/",
        f"rooms/{house.device.pk}/",
        f"closures/{closure}/",
        f"people/{house.admin.pk}/",
        f"people/{house.admin.pk}/remove/",
        f"providers/{provider}/",
        f"providers/{provider}/end/",
        f"closures/{closure}/withdraw/",
        f"closures/{closure}/restore/",
        f"people/{house.admin.pk}/link/",
    ]


POSTED = ("withdraw/", "restore/", "link/")


def test_every_page_opens_for_whoever_runs_the_clinic(house: House) -> None:
    for part in (*LISTS, *NEW, *rows(house)):
        page = house.get(part)
        assert page.status_code == (405 if part.endswith(POSTED) else 200), part
        if page.status_code == 200:
            assert "style=" not in page.content.decode(), part


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.PROVIDER])
def test_others_who_work_there_are_told_that_it_is_not_for_them(house: House, role: Role) -> None:
    desk = browser_of(MembershipFactory.create(clinic=house.clinic, role=role).user)
    for part in (*LISTS, *NEW, *rows(house)):
        if not part.endswith(POSTED):
            assert desk.get(house.address(part)).status_code == 403, part
        assert desk.post(house.address(part), {"key": str(uuid.uuid4())}).status_code in (403, 405), part


def test_another_clinic_is_not_found(house: House, strangers: House) -> None:
    for part in (*LISTS, *NEW, *rows(strangers)):
        for answer in (
            house.browser.get(strangers.address(part)),
            house.browser.post(strangers.address(part), {"key": str(uuid.uuid4())}),
        ):
            assert answer.status_code in (404, 405), part
            assert "Elsewhere" not in words(answer), part


def test_rows_of_another_clinic_are_not_found_under_ones_own(house: House, strangers: House) -> None:
    for part in rows(strangers):
        if not part.endswith(POSTED):
            page = house.get(part)
            assert page.status_code == 404, part
            assert "Elsewhere" not in words(page), part
        assert house.post(part, {"version": "1"}).status_code == 404, part
    mixed = f"types/{house.kind.pk}/providers/{strangers.provider.pk}/"
    assert house.get(mixed).status_code == 404


def test_lists_name_nobody_of_another_clinic(house: House, strangers: House) -> None:
    for part in (*LISTS, *NEW):
        assert "Elsewhere" not in house.get(part).content.decode(), part


def test_whoever_is_not_signed_in_is_asked_to(house: House) -> None:
    house.browser.logout()
    assert house.get().status_code == 302
    assert house.post("types/new/").status_code == 401


def test_longer_lists_ask_no_more(house: House) -> None:
    before = {part: statements(house, part) for part in LISTS}
    for _ in range(8):
        AppointmentTypeFactory.create(clinic=house.clinic)
        RoomFactory.create(clinic=house.clinic)
        provider = ProviderFactory.create(clinic=house.clinic, weekdays=())
        WorkingHoursFactory.create(clinic=house.clinic, resource=provider)
        MembershipFactory.create(clinic=house.clinic)
    assert Membership.objects.filter(clinic=house.clinic).count() == 9
    after = {part: statements(house, part) for part in LISTS}
    assert after == before
    assert max(after.values()) <= 18


def statements(house: House, part: str) -> int:
    house.get(part)
    with CaptureQueriesContext(connection) as asked:
        assert house.get(part).status_code == 200
    return len(asked)
