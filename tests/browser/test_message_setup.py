"""Setting messages up in a browser: reminders by row, a look before saving, words written beside their preview."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mediconnect.accounts.models import User
from notifications.models import MessagePolicy, Template
from notifications.services.planning import plan_reminders
from notifications.services.policies import save_policy
from notifications.services.templates import save_template
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.browser.sizes import PHONE

SignedIn = Callable[[Page, User], Page]
Axe = Callable[[Page], None]

REMINDER = {"kind": "reminder", "channel": "sms", "language": "en"}


def test_a_reminder_is_added_and_another_removed_by_keyboard(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Axe
) -> None:
    signed_in(page, clinic_day.admin).goto(clinic_day.path("setup-messages"))
    page.get_by_role("button", name="Remove reminder 2").press("Enter")
    expect(page.get_by_label("Reminder 3: how many")).to_have_count(0)
    page.get_by_role("button", name="Add a reminder").press("Enter")
    expect(page.get_by_label("Reminder 3: how many")).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Reminder 3: days, hours or minutes")).to_have_value("days")
    axe(page)
    page.get_by_label("Reminder 3: how many").press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert MessagePolicy.objects.get().reminder_minutes == [7 * 1440, 1440, 180]


def test_new_steps_say_what_they_change_before_they_are_saved(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Axe
) -> None:
    visit = clinic_day.visits["tomorrow"]
    plan_reminders(visit=visit, version=visit.version, since=timezone.now())
    signed_in(page, clinic_day.admin).goto(clinic_day.path("setup-messages"))
    page.get_by_label("Reminder 3: how many").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="What this changes")).to_be_visible()
    expect(page.get_by_text("1 more reminder planned")).to_be_visible()
    expect(page.get_by_text("1 reminder dropped")).to_be_visible()
    axe(page)
    assert not MessagePolicy.objects.exists()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. 1 more reminder planned, 1 reminder dropped.")).to_be_visible()
    assert MessagePolicy.objects.get().reminder_minutes == [7 * 1440, 2880, 120]


def test_two_admins_clash_and_one_chooses(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Axe, watch: Callable[[Page], object]
) -> None:
    signed_in(page, clinic_day.admin).goto(clinic_day.path("setup-messages"))
    page.get_by_label("in an hour").fill("5")
    save_policy(clinic_id=clinic_day.clinic.pk, version=0, values={"tells_moved": False})
    watch(page).expect("409")  # type: ignore[attr-defined]
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Somebody else changed this first")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Do mine on top").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    policy = MessagePolicy.objects.get()
    assert (policy.hourly_cap, policy.tells_moved) == (5, False)


def test_words_are_judged_as_they_are_typed_and_a_chip_puts_in_what_is_missing(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Axe
) -> None:
    signed_in(page, clinic_day.admin).goto(clinic_day.path("setup-messages-word", **REMINDER))
    text, preview = page.get_by_label("Text"), page.get_by_role("region", name="Preview")
    text.fill("{clinic}: see you {day}. Bring the chemotherapy plan. {link} STOP to end ")
    expect(preview).to_contain_text("Leave out “chemotherapy”")
    expect(preview).to_contain_text("Say {time}, outside of brackets.")
    axe(page)
    text.fill("{clinic}: see you {day}, {link} STOP to end at ")
    page.get_by_role("button", name="{time}").press("Enter")
    expect(text).to_have_value("{clinic}: see you {day}, {link} STOP to end at {time}")
    expect(text).to_be_focused()
    expect(preview).to_contain_text("Nothing is wrong with these words.")
    expect(preview).to_contain_text("Harbour Street Clinic: see you")
    page.keyboard.type(" ☺")
    expect(page.locator("#cost")).to_contain_text("UCS-2")
    expect(page.locator("#cost kbd")).to_have_text("☺")
    page.keyboard.press("Backspace")
    expect(page.locator("#cost")).to_contain_text("GSM-7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="yours (Reminder)")).to_be_visible()
    assert Template.objects.get().body.endswith("at {time}")


def test_our_words_come_back_after_one_question(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Axe
) -> None:
    save_template(
        clinic_id=clinic_day.clinic.pk,
        subject="",
        body="{clinic}: {day}, {time} {link} STOP to end",
        expected=None,
        by_id=clinic_day.admin.pk,
        **REMINDER,
    )
    signed_in(page, clinic_day.admin).goto(clinic_day.path("setup-messages-word", **REMINDER))
    axe(page)
    page.get_by_role("link", name="Use ours again…").click()
    axe(page)
    page.get_by_role("button", name="Use ours again").click()
    expect(page.get_by_text("Our words are used again.")).to_be_visible()
    expect(page.get_by_text("Given up for ours")).to_be_visible()
    assert not Template.objects.exists()


def test_without_scripts_it_works_the_same(open_page: OpenPage, clinic_day: ClinicDay, signed_in: SignedIn) -> None:
    page = signed_in(open_page(PHONE, java_script_enabled=False), clinic_day.admin)
    page.goto(clinic_day.path("setup-messages"))
    page.get_by_label("in an hour").fill("4")
    page.get_by_role("button", name="Add a reminder").click()
    page.get_by_label("Reminder 4: how many").fill("5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    policy = MessagePolicy.objects.get()
    assert (policy.hourly_cap, policy.reminder_minutes) == (4, [7 * 1440, 5 * 1440, 2880, 180])
    page.goto(clinic_day.path("setup-messages-word", **REMINDER))
    page.get_by_label("Text").fill("{clinic}: {day}, {time} {link}")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Say how to stop the messages")).to_be_visible()
    expect(page.get_by_label("Text")).to_have_value("{clinic}: {day}, {time} {link}")


@pytest.mark.parametrize("name", ["setup-messages", "setup-messages-words", "setup-messages-word"])
def test_the_desk_reads(page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Axe, name: str) -> None:
    arguments = REMINDER if name.endswith("word") else {}
    signed_in(page, clinic_day.desk).goto(clinic_day.path(name, **arguments))
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    axe(page)
