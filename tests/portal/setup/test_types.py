"""Types of visit: added, changed, refused, and how providers differ from them."""

from typing import Any

import pytest

from mediconnect.portal.once import new_key
from mediconnect.records.acting import acting
from mediconnect.records.models import Change
from providers.models import AppointmentType, TypeOverride
from providers.services.kinds import change_appointment_type
from tests.portal.setup.conftest import House, words

pytestmark = pytest.mark.django_db

CHECKUP: dict[str, Any] = {
    "name": "Checkup",
    "colour": "#228833",
    "duration": "45",
    "buffer_before": "5",
    "buffer_after": "10",
    "start_grid": "15",
    "room_kind": "exam",
    "capacity": "1",
    "bookable_online": "on",
    "active": "on",
}


def changed(house: House, **changes: Any) -> dict[str, Any]:
    """Return the form of the house's type as it is shown, with these changes."""
    kind = AppointmentType.objects.get(pk=house.kind.pk)
    shown = {name: getattr(kind, name) for name in CHECKUP} | {"bookable_online": "on", "active": "on"}
    return {**shown, "version": kind.version, **changes}


def test_a_type_is_added_and_the_history_says_by_whom(house: House) -> None:
    answer = house.post("types/new/", CHECKUP)
    assert (answer.status_code, answer["Location"]) == (303, house.address("types/"))
    kind = AppointmentType.objects.get(name="Checkup")
    assert (kind.clinic, kind.duration, kind.buffer_before, kind.buffer_after) == (house.clinic, 45, 5, 10)
    assert (kind.bookable_online, kind.active, kind.daily_limit) == (True, True, None)
    assert Change.objects.of(kind).get().actor_id == house.admin.pk
    page = house.get("types/")
    assert "The type of visit is offered." in words(page)
    assert 'fill="#228833"' in page.content.decode()


def test_a_type_s_own_rules_for_patients_are_kept_and_empty_means_the_clinic_s(house: House) -> None:
    own = {
        "minimum_notice_minutes": "90",
        "cancel_cutoff_hours": "0",
        "move_cutoff_hours": "",
        "open_bookings_limit": "2",
    }
    house.post("types/new/", {**CHECKUP, **own})
    kind = AppointmentType.objects.get(name="Checkup")
    found = [kind.minimum_notice_minutes, kind.cancel_cutoff_hours, kind.move_cutoff_hours, kind.open_bookings_limit]
    assert found == [90, 0, None, 2]
    page = words(house.get(f"types/{kind.pk}/"))
    assert "Patients who book themselves" in page
    assert "Later than that patients must call. Empty: as the clinic" in page


def test_a_form_that_is_sent_twice_adds_once(house: House) -> None:
    form = {**CHECKUP, "key": new_key()}
    assert [house.post("types/new/", form).status_code for _ in range(2)] == [303, 303]
    assert AppointmentType.objects.filter(name="Checkup").count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"duration": "4"}, "greater than or equal to 5"),
        ({"duration": "half an hour"}, "Enter a whole number."),
        ({"buffer_after": "121"}, "less than or equal to 120"),
        ({"capacity": "0"}, "greater than or equal to 1"),
        ({"start_grid": "7"}, "Select a valid choice"),
        ({"colour": "red"}, "Choose a colour."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    house: House, changes: dict[str, str], sentence: str
) -> None:
    page = house.post("types/new/", {**CHECKUP, "room_kind": "typed by hand", **changes})
    assert page.status_code == 422
    assert sentence in words(page)
    assert 'value="typed by hand"' in page.content.decode()
    assert AppointmentType.objects.count() == 1


def test_a_name_is_given_once(house: House) -> None:
    page = house.post("types/new/", {**CHECKUP, "name": house.kind.name.upper()})
    assert page.status_code == 409
    assert "The name is taken" in words(page)
    assert 'value="45"' in page.content.decode()


def test_a_form_without_its_key_is_refused(house: House) -> None:
    page = house.post("types/new/", {**CHECKUP, "key": ""})
    assert page.status_code == 400
    assert not AppointmentType.objects.filter(name="Checkup").exists()


def test_a_type_is_changed_for_bookings_from_now_on(house: House) -> None:
    page = house.get(f"types/{house.kind.pk}/").content.decode()
    assert f'name="version" value="{house.kind.version}"' in page
    assert house.provider.name in page
    answer = house.post(f"types/{house.kind.pk}/", changed(house, duration="20", active=None))
    assert answer.status_code == 303
    house.kind.refresh_from_db()
    assert (house.kind.duration, house.kind.active) == (20, False)
    assert "no longer offered" in words(house.get("types/"))


def test_a_clash_says_who_was_first_shows_both_and_lets_one_choose(house: House) -> None:
    form = changed(house, duration="20")
    with acting(actor_id=house.admin.pk):
        change_appointment_type(
            appointment_type_id=house.kind.pk, version=1, values={"name": "Talk", "bookable_online": False}
        )
    page = house.post(f"types/{house.kind.pk}/", form)
    assert page.status_code == 409
    said = words(page)
    assert f"{house.admin.display_name} changed it at" in said
    assert f"Name {house.kind.name} → Talk" in said
    assert "Patients may book it themselves yes → no" in said
    assert "Length in minutes 20" in said
    clash = page.context["clash"]
    sent = dict(clash.fields.items())
    assert (sent["name"], sent["duration"], "bookable_online" in sent) == ("Talk", "20", False)
    assert house.post(f"types/{house.kind.pk}/", {**sent, "version": clash.version}).status_code == 303
    house.kind.refresh_from_db()
    assert (house.kind.name, house.kind.duration, house.kind.bookable_online) == ("Talk", 20, False)


def test_a_provider_differs_and_goes_back_to_what_the_type_says(house: House) -> None:
    part = f"types/{house.kind.pk}/providers/{house.provider.pk}/"
    assert "Empty is as the type says: 30." in words(house.get(part))
    assert house.post(part, {"offered": "on", "duration": "50", "buffer_after": "0"}).status_code == 303
    own = TypeOverride.objects.get()
    assert (own.offered, own.duration, own.buffer_before, own.buffer_after) == (True, 50, None, 0)
    assert "50 min" in words(house.get(f"types/{house.kind.pk}/"))
    assert "1" in words(house.get("people/"))
    assert "50 min" in words(house.get(f"providers/{house.provider.pk}/"))
    assert house.post(part, {"duration": "500", "offered": "on"}).status_code == 422
    assert house.post(part, {}).status_code == 303
    own.refresh_from_db()
    assert (own.offered, own.duration) == (False, None)
    assert "not offered" in words(house.get(f"providers/{house.provider.pk}/"))
