"""A provider's day is cancelled: chosen with one click, looked at first, watched while it is worked, and taken back."""

import datetime as dt
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from appointments.models import Appointment
from mediconnect.accounts.models import User
from mediconnect.outbox.services.relaying import relay
from patients.models import ContactPoint
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.factories import AppointmentFactory

SignIn = Callable[[Page, User], Page]
SOON = 6000  # milliseconds: three looks of a live page


def a_full_morning(day: ClinicDay) -> list[Appointment]:
    """Book four people the day after tomorrow; one of them allows no messages."""
    first = (day.base + dt.timedelta(days=2)).replace(hour=9, minute=0)
    ContactPoint.objects.filter(patient=day.patients["olga"]).update(consent=False)
    return [
        AppointmentFactory.create(
            clinic=day.clinic,
            provider=day.providers[0],
            appointment_type=day.consultation,
            patient=day.patients[name],
            starts_at=first + dt.timedelta(minutes=30 * number),
            ends_at=first + dt.timedelta(minutes=30 * number + 30),
        )
        for number, name in enumerate(("peter", "maria", "olga", "max"))
    ]


def statuses(visits: list[Appointment]) -> set[str]:
    return set(Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).values_list("status", flat=True))


def to_the_preview(page: Page, day: ClinicDay, visits: list[Appointment]) -> None:
    words = f"?date={visits[0].starts_at.astimezone(day.clinic.zone).date().isoformat()}"
    page.goto(day.path("board") + words)
    page.get_by_role("link", name=re.compile(f"This provider’s day… {day.providers[0].name}")).click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(4)
    page.get_by_label("Why").select_option("provider_unavailable")
    page.get_by_role("button", name="Look at the cancellations").click()
    expect(page.get_by_role("heading", name="Cancel 4 visits?")).to_be_visible()
    expect(page.get_by_text("1 patient cannot be written to, and is listed to be called.")).to_be_visible()


def test_a_providers_day_is_cancelled_watched_and_taken_back(
    page: Page, clinic_day: ClinicDay, signed_in: SignIn, axe: Callable[[Page], None]
) -> None:
    visits = a_full_morning(clinic_day)
    to_the_preview(signed_in(page, clinic_day.desk), clinic_day, visits)
    assert statuses(visits) == {"booked"}
    axe(page)
    page.get_by_role("button", name="Cancel them").click()
    expect(page.get_by_text("0 of 4 done")).to_be_visible()
    relay(limit=2)
    relay()
    expect(page.get_by_text("4 of 4 done")).to_be_visible(timeout=SOON)
    call = page.get_by_role("region", name="To call").or_(page.locator("section", has_text="To call"))
    expect(call.get_by_text("Petrova, Olga").first).to_be_visible(timeout=SOON)
    expect(page.get_by_text("3 messages are on their way.")).to_be_visible(timeout=SOON)
    assert statuses(visits) == {"cancelled"}
    axe(page)
    page.get_by_role("button", name=re.compile("Take all back")).click()
    relay()
    expect(page.get_by_text(re.compile("4 taken back"))).to_be_visible(timeout=SOON)
    assert statuses(visits) == {"booked"}


def test_it_works_without_scripts(clinic_day: ClinicDay, signed_in: SignIn, open_page: OpenPage) -> None:
    visits = a_full_morning(clinic_day)
    page = signed_in(open_page(java_script_enabled=False), clinic_day.desk)
    to_the_preview(page, clinic_day, visits)
    page.get_by_role("button", name="Change the choice").click()
    page.get_by_role("checkbox", name=re.compile("Santos, Maria")).uncheck()
    page.get_by_label("Minutes").fill("60")
    page.get_by_role("button", name="Look at the moves").click()
    expect(page.get_by_role("heading", name="Move 3 visits?")).to_be_visible()
    page.get_by_role("button", name="Move them").click()
    relay()
    page.get_by_role("link", name="See how far it is now").click()
    expect(page.get_by_text(re.compile("[0-9] of 3 done"))).to_be_visible()
