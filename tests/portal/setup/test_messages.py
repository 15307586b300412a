"""What a clinic's messages follow: changed by whoever runs it after a look at what it touches, read by the desk."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.records.models import Change
from notifications.models import MessagePolicy, Reminder, TypeReminders
from notifications.services.planning import plan_reminders
from notifications.services.policies import save_policy, save_type_reminders
from providers.models import Role
from tests.factories import AppointmentFactory, MembershipFactory
from tests.portal.setup.conftest import House, browser_of, words

pytestmark = pytest.mark.django_db

PAGE = "messages/"
RULES: dict[str, Any] = {
    "version": "0",
    "tells_booked": "on",
    "tells_moved": "on",
    "tells_cancelled": "on",
    "reminder_minutes_count": ["7", "48", "3"],
    "reminder_minutes_unit": ["days", "hours", "hours"],
    "quiet_from": "21:00",
    "quiet_until": "08:00",
    "hourly_cap": "3",
}


def rules(*steps: str, **changes: Any) -> dict[str, Any]:
    """Return the form of a clinic that set nothing yet, with these changes; steps as in “7 days”."""
    typed = [step.split() for step in steps]
    leads = {
        "reminder_minutes_count": [count for count, _ in typed],
        "reminder_minutes_unit": [unit for _, unit in typed],
    }
    return {**RULES, **(leads if steps else {}), **changes}


@pytest.fixture
def planned(house: House) -> Appointment:
    """A visit in twenty days with its plan."""
    start = dt.datetime.now(house.clinic.zone).replace(hour=10, minute=0, second=0, microsecond=0)
    visit = AppointmentFactory.create(
        clinic=house.clinic,
        provider=house.provider,
        appointment_type=house.kind,
        starts_at=start + dt.timedelta(days=20),
    )
    plan_reminders(visit=visit, version=visit.version, since=timezone.now())
    return visit


def desk_of(house: House) -> Client:
    return browser_of(MembershipFactory.create(clinic=house.clinic, role=Role.FRONT_DESK).user)


def test_the_page_shows_what_holds_before_anything_is_set(house: House) -> None:
    page = house.get(PAGE)
    html = page.content.decode()
    assert page.status_code == 200
    for value in ('value="7"', 'value="48"', 'value="3"', 'value="21:00"', 'value="08:00"'):
        assert value in html
    assert "They are recorded and shown here, and reach nobody." in words(page)
    assert "TWILIO_ACCOUNT_SID" in html
    assert "SENDGRID_API_KEY" in html
    assert "Reminders: 7 days, 48 hours, 3 hours" in words(house.get())


def test_what_touches_no_plan_is_saved_at_once_and_the_history_says_by_whom(house: House) -> None:
    answer = house.post(PAGE, rules(tells_moved=None, hourly_cap="5"))
    assert (answer.status_code, answer["Location"]) == (303, house.address(PAGE))
    policy = MessagePolicy.objects.get(clinic=house.clinic)
    assert (policy.tells_booked, policy.tells_moved, policy.hourly_cap) == (True, False, 5)
    assert Change.objects.of(policy).get().actor_id == house.admin.pk
    assert "Saved." in words(house.get(PAGE))


def test_new_steps_are_shown_before_they_are_saved(house: House, planned: Appointment) -> None:
    asked = rules("7 days", "1 days")
    page = house.post(PAGE, asked)
    said = words(page)
    assert page.status_code == 200
    assert "1 more reminder planned" in said
    assert "2 reminders dropped" in said
    assert not MessagePolicy.objects.exists()
    sure = page.context["sure"]
    answer = house.post(PAGE, {**asked, "sure": sure})
    assert answer.status_code == 303
    leads = Reminder.objects.filter(visit=planned, state="planned").values_list("lead_minutes", flat=True)
    assert sorted(leads) == [1440, 10080]
    assert "Saved. 1 more reminder planned, 2 reminders dropped." in words(house.get(PAGE))


def test_being_sure_of_other_values_is_not_being_sure(house: House, planned: Appointment) -> None:
    sure = house.post(PAGE, rules("7 days")).context["sure"]
    page = house.post(PAGE, {**rules("6 days"), "sure": sure})
    assert page.status_code == 200
    assert "What this changes" in words(page)
    assert not MessagePolicy.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (rules("48 hours", "2 days"), "“48 hours before” is there twice."),
        (rules("x days"), "Write how many days, hours or minutes before, as a whole number."),
        (rules("1 minutes"), "A reminder goes out half an hour to 60 days before the visit."),
        (rules("99 days"), "A reminder goes out half an hour to 60 days before the visit."),
        (rules("3 fortnights"), "Write how many days, hours or minutes before, as a whole number."),
        (rules(*[f"{n} days" for n in range(3, 10)]), "Six reminders are the most."),
        (rules(hourly_cap="0"), "greater than or equal to 1"),
        (rules(quiet_from="late"), "Enter a valid time."),
    ],
)
def test_what_cannot_be_is_said_and_stays_typed(house: House, changes: dict[str, Any], sentence: str) -> None:
    page = house.post(PAGE, changes)
    assert page.status_code == 422
    assert sentence in words(page)
    assert f'value="{changes["reminder_minutes_count"][0]}"' in page.content.decode()
    assert not MessagePolicy.objects.exists()


def test_rows_come_and_go_without_saving(house: House) -> None:
    more = house.post(PAGE, rules("7 days", quiet_from="22:30", rows="add"))
    assert more.status_code == 200
    assert more.content.decode().count('name="reminder_minutes_count"') == 2
    assert 'value="22:30"' in more.content.decode()
    less = house.post(
        PAGE, rules("7 days", "5 hours", rows="without-1"), **{"HX-Request": "true", "HX-Target": "steps"}
    )
    html = less.content.decode()
    assert html.count('name="reminder_minutes_count"') == 1
    assert 'value="5"' in html
    assert "<html" not in html
    assert not MessagePolicy.objects.exists()
    assert house.post(PAGE, rules("7 days", rows="without-²")).status_code == 200


def test_no_rows_at_all_remind_nobody(house: House) -> None:
    form = {name: value for name, value in rules().items() if not name.startswith("reminder_minutes")}
    assert house.post(PAGE, form).status_code == 303
    assert MessagePolicy.objects.get().reminder_minutes == []
    assert "Nobody is reminded." in words(house.get(PAGE))


def test_the_first_of_two_who_set_something_is_named_to_the_second(house: House) -> None:
    with_five = house.post(PAGE, rules(hourly_cap="5"))
    assert with_five.status_code == 303
    page = house.post(PAGE, rules("5 days", tells_moved=None))
    assert page.status_code == 409
    said = words(page)
    assert f"{house.admin.display_name} changed it at" in said
    assert "at most 3 → 5" in said
    assert "Reminders 5 days" in said
    clash = page.context["clash"]
    on_top: dict[str, Any] = {"version": clash.version}
    for name, value in clash.fields.items():
        on_top.setdefault(name, []).append(value)
    answer = house.post(PAGE, on_top)
    assert answer.status_code == 303, words(answer)
    policy = MessagePolicy.objects.get()
    assert (policy.hourly_cap, policy.reminder_minutes, policy.tells_moved) == (5, [5 * 1440], False)


def test_a_later_change_clashes_as_well(house: House) -> None:
    save_policy(clinic_id=house.clinic.pk, version=0, values={"hourly_cap": 4})
    save_policy(clinic_id=house.clinic.pk, version=1, values={"hourly_cap": 6})
    page = house.post(PAGE, rules(version="1", hourly_cap="4", quiet_from="20:00"))
    assert page.status_code == 409
    assert "at most 4 → 6" in words(page)


def test_a_type_has_reminders_of_its_own_none_or_the_clinics(house: House, planned: Appointment) -> None:
    address = f"messages/types/{house.kind.pk}/"
    own = {"version": "0", "choice": "own", "reminder_minutes_count": ["5"], "reminder_minutes_unit": ["hours"]}
    page = house.post(address, own)
    assert "1 more reminder planned" in words(page)
    assert house.post(address, {**own, "sure": page.context["sure"]}).status_code == 303
    assert TypeReminders.objects.get().reminder_minutes == [300]
    assert "5 hours the type itself" in words(house.get(PAGE))
    none = {"version": "1", "choice": "none"}
    sure = house.post(address, none).context["sure"]
    assert house.post(address, {**none, "sure": sure}).status_code == 303
    assert "no reminder the type itself" in words(house.get(PAGE))
    follow = {"version": "2", "choice": "follow"}
    sure = house.post(address, follow).context["sure"]
    assert house.post(address, {**follow, "sure": sure}).status_code == 303
    assert not TypeReminders.objects.exists()
    assert Reminder.objects.filter(visit=planned, state="planned").count() == 3


def test_own_reminders_are_asked_for_where_they_are_chosen(house: House) -> None:
    address = f"messages/types/{house.kind.pk}/"
    page = house.post(address, {"version": "0", "choice": "own"})
    assert page.status_code == 422
    assert "Add a reminder, or choose “not at all”." in words(page)


def test_two_who_change_a_type_clash_and_so_does_who_finds_it_given_up(house: House) -> None:
    address = f"messages/types/{house.kind.pk}/"
    save_type_reminders(appointment_type_id=house.kind.pk, version=0, minutes=[300])
    wanted = {"choice": "own", "reminder_minutes_count": ["9"], "reminder_minutes_unit": ["hours"]}
    assert house.post(address, {**wanted, "version": "0"}).status_code == 409
    save_type_reminders(appointment_type_id=house.kind.pk, version=1, minutes=None)
    page = house.post(address, {**wanted, "version": "1"})
    assert page.status_code == 409
    assert page.context["clash"].version == 0


def test_the_desk_reads_and_does_not_change(house: House) -> None:
    desk = desk_of(house)
    for part in (PAGE, f"messages/types/{house.kind.pk}/"):
        page = desk.get(house.address(part))
        assert page.status_code == 200
        assert "Who runs the clinic changes this." in words(page)
        assert '<form method="post" class="card edit' not in page.content.decode()
        for form in (rules(), {"choice": "none", "version": "0"}, rules(rows="add")):
            assert desk.post(house.address(part), form).status_code == 403
    assert not MessagePolicy.objects.exists()
    assert not TypeReminders.objects.exists()


def test_a_provider_without_the_desk_has_no_business_here(house: House) -> None:
    doctor = browser_of(MembershipFactory.create(clinic=house.clinic, role=Role.PROVIDER).user)
    for part in (PAGE, f"messages/types/{house.kind.pk}/", "messages/words/", "messages/words/reminder/sms/en/"):
        assert doctor.get(house.address(part)).status_code == 403
        assert doctor.post(house.address(part), rules()).status_code in (403, 405)


def test_another_clinics_rules_are_nobody_elses(house: House, strangers: House) -> None:
    assert house.browser.get(strangers.address(PAGE)).status_code == 404
    assert house.browser.post(strangers.address(PAGE), rules()).status_code == 404
    assert house.get(f"messages/types/{strangers.kind.pk}/").status_code == 404
    assert house.post(f"messages/types/{strangers.kind.pk}/", {"version": "0", "choice": "none"}).status_code == 404
    assert not MessagePolicy.objects.exists()
