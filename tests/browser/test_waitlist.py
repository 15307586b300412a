"""The waitlist at the desk in a real browser: somebody is put on it, a visit is cancelled, who is next is asked and says yes."""

import datetime as dt
from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page, expect

from appointments.models import Appointment, FreedTime, Source, WaitlistEntry
from appointments.services.booking import Booking, Caller, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.waitlist.offering import offer_now
from mediconnect.accounts.models import User
from mediconnect.api.versions import Expected
from tests.browser.clinic_day import ClinicDay
from tests.browser.sizes import PHONE


def test_a_freed_time_goes_to_whoever_waits(
    page: Page, clinic_day: ClinicDay, signed_in: Callable[[Page, User], Page], axe: Callable[[Page], None]
) -> None:
    day = clinic_day
    somebody_is_put_on_the_list(signed_in(page, day.desk), day)
    axe(page)
    freed = a_visit_is_cancelled(day)
    page.goto(day.path("waitlist"))
    expect(page.get_by_text("1 time for which nobody is asked at the moment")).to_be_visible()
    FreedTime.objects.filter(pk=freed.pk).update(offer_from=timezone.now())
    offer_now(freed_time_id=freed.pk)
    page.reload()
    expect(page.get_by_text("Chen, Mei is asked for")).to_be_visible()
    axe(page)
    page.set_viewport_size(PHONE)
    axe(page)
    page.get_by_role("button", name="Said yes").click()
    expect(page.get_by_text("Said yes: the visit is booked.")).to_be_visible()
    assert WaitlistEntry.objects.get().state == "accepted"
    assert Appointment.objects.filter(patient=day.patients["mei"], starts_at=freed.starts_at).exists()


def somebody_is_put_on_the_list(page: Page, day: ClinicDay) -> None:
    page.goto(day.path("waitlist"))
    expect(page.get_by_text("Nobody waits")).to_be_visible()
    page.get_by_role("link", name="Put somebody on the list").click()
    page.get_by_label("Who waits?").fill("Chen")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("radio", name="Chen, Mei").check()
    page.get_by_label("Type of visit").select_option(label=day.consultation.name)
    page.get_by_label(day.providers[0].name).check()
    page.get_by_role("button", name="Put on the list").click()
    expect(page.get_by_role("heading", name="Chen, Mei")).to_be_visible()


def a_visit_is_cancelled(day: ClinicDay) -> FreedTime:
    """Book and cancel a consultation the day after tomorrow, as the desk does, and return the time that was freed."""
    desk = Caller(day.desk.pk, patients_own=False)
    booking = Booking(
        appointment_type_id=day.consultation.pk,
        provider_id=day.providers[0].pk,
        patient_id=day.patients["olga"].pk,
        start=day.at(0) + dt.timedelta(days=2),
        source=Source.STAFF,
    )
    visit, _ = book_appointment(booking, caller=desk)
    cancel_appointment(
        appointment_id=visit.pk,
        reason="clinic_other",
        expected=Expected(visit.version, by_header=False),
        caller=desk,
    )
    return FreedTime.objects.get(appointment=visit)
