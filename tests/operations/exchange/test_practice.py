"""Providers and their hours from tables: written as on the pages of setup, and the same file again changes nothing."""

import datetime as dt

from mediconnect.operations.verifying import broken
from providers.models import AppointmentType, Opening, PractitionerRole, Provider, WorkingHours
from tests.appointments.conftest import small_clinic
from tests.operations.exchange.conftest import Bringer, outcomes, reasons, target, told, verdicts

PETROVA = ("Name,Specialty", "Dr Ana Petrova,Cardiology")
WEEK = ("Provider;Day;From;To", "Dr Ana Petrova;Monday;9:00;12:00", "Dr Ana Petrova;martes;1 pm;17:00")


def test_a_provider_is_added_and_not_twice(bringer: Bringer) -> None:
    run = bringer.imported("providers", *PETROVA)
    role = PractitionerRole.objects.get(provider=target(run, 2))
    assert (role.provider.name, role.specialty, role.clinic_id) == (
        "Dr Ana Petrova",
        "Cardiology",
        bringer.place.clinic.pk,
    )
    assert verdicts(bringer.bring("providers", *PETROVA)) == ["same"]
    assert verdicts(bringer.bring("providers", "name", "DR ANA PÉTROVA")) == ["change"]


def test_a_provider_is_renamed_by_identifier_and_sorted_otherwise(bringer: Bringer) -> None:
    first = bringer.imported("providers", *PETROVA)
    line = f"{target(first, 2)},Dr Ana Ivanova,Surgery"
    run = bringer.imported("providers", "Identifier,Name,Specialty", line)
    assert told(run, 2)["differences"] == [
        ["name", "Dr Ana Petrova", "Dr Ana Ivanova"], ["specialty", "Cardiology", "Surgery"],
    ]  # fmt: skip
    assert Provider.objects.get(pk=target(first, 2)).name == "Dr Ana Ivanova"


def test_a_provider_ceases_and_begins_again(bringer: Bringer) -> None:
    first = bringer.imported("providers", *PETROVA)
    bringer.imported("providers", "name,works here", "Dr Ana Petrova,no")
    assert not PractitionerRole.objects.get(provider=target(first, 2)).active
    bringer.imported("providers", "name,works here", "Dr Ana Petrova,yes")
    assert PractitionerRole.objects.get(provider=target(first, 2)).active
    assert verdicts(bringer.bring("providers", "name,works here", "Dr Nobody,no")) == ["refused"]


def test_another_clinics_provider_is_nobody_here(bringer: Bringer) -> None:
    other = small_clinic()
    run = bringer.bring("providers", "id,name", f"{other.provider.pk},Dr. Amara Obi")
    assert reasons(run, 2) == [("id", "Nobody with this identifier works here.")]


def test_hours_are_entered_and_open_time(bringer: Bringer) -> None:
    first = bringer.imported("providers", *PETROVA)
    run = bringer.imported("hours", *WEEK)
    assert outcomes(run) == ["written", "written"]
    rows = WorkingHours.objects.filter(resource=target(first, 2)).order_by("weekday")
    assert [(row.weekday, row.start_time, row.end_time) for row in rows] == [
        (0, dt.time(9), dt.time(12)), (1, dt.time(13), dt.time(17)),
    ]  # fmt: skip
    assert Opening.objects.filter(resource=target(first, 2)).exists()
    assert verdicts(bringer.bring("hours", *WEEK)) == ["same", "same"]
    assert broken() == []


def test_hours_are_changed_by_what_says_when_they_are(bringer: Bringer) -> None:
    bringer.imported("providers", *PETROVA)
    bringer.imported("hours", *WEEK)
    kind = bringer.place.kind
    run = bringer.imported(
        "hours",
        "Provider,Weekday,From,To,Valid until,Visit types",
        f"Dr Ana Petrova,Mon,09:00,12:00,2099-12-31,{kind.name}",
    )
    assert [column for column, _, _ in told(run, 2)["differences"]] == ["valid_until", "types"]
    row = WorkingHours.objects.get(pk=target(run, 2))
    assert (str(row.valid_until), row.types) == ("2099-12-31", [kind.pk])


def test_hours_of_one_row_are_moved_by_identifier(bringer: Bringer) -> None:
    bringer.imported("providers", *PETROVA)
    first = bringer.imported("hours", *WEEK[:2])
    run = bringer.imported(
        "hours", "id,provider,day,from,to", f"{target(first, 2)},Dr Ana Petrova,Wednesday,08:00,12:00"
    )
    assert told(run, 2)["differences"] == [["weekday", "Monday", "Wednesday"], ["start", "09:00", "08:00"]]
    assert WorkingHours.objects.get(pk=target(run, 2)).weekday == 2


def test_what_is_wrong_with_hours_is_said(bringer: Bringer) -> None:
    bringer.imported("providers", *PETROVA)
    run = bringer.bring(
        "hours",
        "Provider,Weekday,From,To,Valid from,Valid until,Visit types,Rule",
        "Dr Nobody,Funday,9,25:00,2026-02-30,,Surgery,",
        "Dr Ana Petrova,Monday,09:00,12:00,,,,FREQ=DAILY",
        "Dr Ana Petrova,,09:00,12:00,2026-05-01,2026-04-01,,FREQ=SECONDLY",
        "Dr Ana Petrova,,09:00,12:00,2026-05-01,,,FREQ=MONTHLY;BYDAY=-1FR",
    )
    assert verdicts(run) == ["refused", "refused", "refused", "new"]
    assert {column for column, _ in reasons(run, 2)} == {"provider", "weekday", "start", "end", "valid_from", "types"}
    assert [column for column, _ in reasons(run, 3)] == ["weekday"]
    assert {column for column, _ in reasons(run, 4)} == {"rule", "valid_until"}


def test_two_providers_of_one_name_are_told_apart_by_identifier(bringer: Bringer) -> None:
    twin, provider = (Provider.objects.create(name="Dr Twin") for _ in range(2))
    for one in (twin, provider):
        PractitionerRole.objects.create(provider=one, clinic=bringer.place.clinic)
    run = bringer.bring(
        "hours", "Provider,Day,From,To", "Dr Twin,Monday,09:00,12:00", f"{provider.pk},Monday,09:00,12:00"
    )
    assert verdicts(run) == ["refused", "new"]
    assert "Several providers" in reasons(run, 2)[0][1]


def test_a_former_type_of_visit_stays_in_hours_that_have_it(bringer: Bringer) -> None:
    bringer.imported("providers", *PETROVA)
    kind = AppointmentType.objects.create(clinic=bringer.place.clinic, name="Former", active=False)
    run = bringer.imported("hours", "Provider,Day,From,To,Types", "Dr Ana Petrova,Monday,09:00,12:00,Former")
    assert WorkingHours.objects.get(pk=target(run, 2)).types == [kind.pk]
