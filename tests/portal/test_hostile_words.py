"""What nobody sends by hand: names that are markup shown on every page, and nonsense in every field of every door."""

import datetime as dt
import itertools
import re
import uuid
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client

from appointments.models import Appointment, Status
from mediconnect.portal.once import new_key
from patients.models import ContactPoint
from providers.models import OneOffHours, PractitionerRole, WorkingHours
from providers.services.absences import enter_closure, enter_time_off
from tests.browser.clinic_day import ClinicDay, clinic_day
from tests.browser.elsewhere import calls_of_a_day, feed_of_a_day
from tests.browser.messages_of_a_day import messages_of_a_day
from tests.browser.series_of_a_day import series_of_a_day
from tests.browser.waiting_of_a_day import waiting_of_a_day
from tests.portal.test_isolation import _client, _ids, _routes

_MARKUP: Final = '"><svg onload=alert(1)>'
_HTMX: Final = {"HX-Request": "true", "HX-Target": "panel"}
_RAW: Final = re.compile(r"<svg onload", re.IGNORECASE)

_NONSENSE: Final = (
    "\x00", "a\x00b", "\ufffd", "z" * 5_000, "9" * 5_000, "0000000001" + "9" * 5_000, "-1", "0", "2147483648", "1e9",
    "25:61", "0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59+14:00", "2026-02-30", "nobody",
    "00000000-0000-0000-0000-000000000000", _MARKUP, "%s %(x)s {0} {x}", "²", "FREQ=SECONDLY", "//evil.example/",
)  # fmt: skip
_WORDS: Final = (
    "date", "who", "q", "from", "to", "provider", "room", "patient", "type", "start", "at", "after", "hold", "history",
    "past", "by", "over", "kind", "days", "take", "when", "next", "minutes", "override_reason", "time", "as", "act",
    "state", "channel", "cursor",
)  # fmt: skip


class _Forms(HTMLParser):
    """The forms of a page that are sent (POST): where to, and their fields with a value each."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._open: dict[str, str] | None = None
        self._list = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = {} if said.get("method") == "post" else None
            if self._open is not None:
                self.found.append((said.get("action", ""), self._open))
        elif self._open is not None and tag in {"input", "textarea", "button"} and said.get("name"):
            self._open.setdefault(said["name"], said.get("value", ""))
        elif tag == "select":
            self._list = said.get("name", "")
        elif tag == "option" and self._open is not None and ("selected" in said or self._list not in self._open):
            self._open[self._list] = said.get("value", "")


@pytest.fixture
def day(db: None, settings: Any) -> ClinicDay:
    settings.PAGE_REQUESTS_PER_MINUTE = 1_000_000
    made = clinic_day()
    series_of_a_day(made)
    calls_of_a_day(made)
    feed_of_a_day(made)
    return made


def _rows(day: ClinicDay, reason: str = "") -> dict[str, uuid.UUID]:
    """Return an id for each word that addresses use, with a row behind each."""
    start = day.at(14 * 24 * 60)
    closure = enter_closure(
        clinic_id=day.clinic.pk, starts_at=start, ends_at=start + dt.timedelta(hours=1), reason=reason
    )
    waiting_of_a_day(day, note=reason)
    ids = _ids(day)
    written = messages_of_a_day(day)
    return ids | {
        "message": written.messages["dead"].pk,
        "reply": written.replies["unclear"].pk,
        "closure": closure.record.pk,
        "contact": ContactPoint.objects.filter(patient=ids["patient"])[0].pk,
        "other": day.patients["peter"].pk,
        "time-off": enter_time_off(
            resource_id=ids["provider"], starts_at=start, ends_at=start + dt.timedelta(hours=2), reason=reason
        ).record.pk,
        "one-off": OneOffHours.objects.filter(clinic=day.clinic)[0].pk if OneOffHours.objects.exists() else ids["kind"],
        "hours": WorkingHours.objects.filter(resource=ids["provider"])[0].pk,
    }


def _addresses(day: ClinicDay, ids: dict[str, uuid.UUID]) -> list[str]:
    found = []
    for route in _routes():
        row = next(
            (word for word in ("time-off", "one-off", "displacements", "hours") if f"/{word}/" in route), "hours"
        )
        known = ids | {"row": ids[row]}
        address = re.sub(r"<uuid:(\w+)>", lambda match, known=known: str(known[match[1]]), route)  # type: ignore[misc]
        names = ("utilisation", "no-shows") if "<" in address else ("",)
        found += [f"/{re.sub('<[^>]+>', name, address)}" for name in names]
    return found


def _ask(client: Client, method: str, address: str, fields: dict[str, str], **headers: str) -> Any:
    """Send something, take back what it did, and return the answer."""
    with transaction.atomic():
        answer = getattr(client, method)(address, fields, headers=headers)
        transaction.set_rollback(True)
    assert answer.status_code < 500, (method, address, fields)
    is_page = answer.get("Content-Type", "").startswith("text/html")
    assert not is_page or not _RAW.search(answer.content.decode()), (method, address, fields)
    return answer


def _name_everything(day: ClinicDay) -> dict[str, uuid.UUID]:
    """Give all that has a name, a reason or a note at the clinic the markup, and return the ids of `_rows`."""
    for row, fields in (
        (day.clinic, ("name", "address")),
        (day.admin, ("display_name",)),
        *((user, ("display_name",)) for user in (day.desk, day.other_desk, day.doctor)),
        *((one, ("name",)) for one in (*day.providers, *day.rooms, day.consultation, day.follow_up, day.procedure)),
        *((patient, ("given_name", "family_name", "notes")) for patient in day.patients.values()),
        *((visit, ("reason", "patient_note", "internal_note")) for visit in day.visits.values()),
    ):
        model: Any = type(row)
        fresh = model.objects.get(pk=row.pk)
        for field in fields:
            setattr(fresh, field, f"{_MARKUP} {row.pk}"[:80])
        fresh.save(update_fields=list(fields))
    PractitionerRole.objects.filter(clinic=day.clinic).update(specialty=_MARKUP)
    overridden = Appointment.objects.filter(clinic=day.clinic, status=Status.BOOKED)
    overridden.update(override_reason=_MARKUP, overridden_by=day.desk)
    return _rows(day, reason=_MARKUP)


def test_markup_in_a_name_is_shown_as_it_is_written(day: ClinicDay) -> None:
    """On each page and fragment, whoever looks; an answer to a program is no page, and no browser takes it for one."""
    addresses = _addresses(day, _name_everything(day))
    day.hold(0, 120, by=day.other_desk)
    admin, doctor, shown = _client(day.admin), _client(day.doctor), 0
    chosen = {
        "q": "svg onload",
        "patient": str(day.patients["maria"].pk),
        "from": f"{day.base:%Y-%m-%d}",
        "at": "09:00",
    }
    for address in addresses:
        for client, query, headers in ((admin, {}, {}), (admin, chosen, _HTMX), (doctor, {}, {})):
            answer = _ask(client, "get", address, query, **headers)
            shown += answer.status_code == 200 and "&lt;svg onload=alert(1)&gt;" in answer.content.decode()
    assert shown > 80, "control: the names are on the pages"


def test_nonsense_in_an_address_breaks_no_page(day: ClinicDay) -> None:
    """Everywhere at once, and in one word beside none; which nonsense meets which address changes from one to the next."""
    client, turns = _client(day.admin), itertools.cycle(_NONSENSE)
    words = itertools.cycle(_WORDS)
    for address in _addresses(day, _rows(day)):
        for nonsense in itertools.islice(turns, 4):
            _ask(client, "get", address, dict.fromkeys(_WORDS, nonsense))
            _ask(client, "get", address, {next(words): nonsense})


def test_nonsense_in_a_form_breaks_no_door(day: ClinicDay) -> None:
    """Each field by itself beside good ones, and all at once; nothing leads away from here, and no answer holds markup."""
    client, turns = _client(day.admin), itertools.cycle(_NONSENSE)
    seen: set[tuple[str, ...]] = set()
    for address in _addresses(day, _rows(day)):
        answer = client.get(address)
        page = _Forms()
        page.feed(answer.content.decode() if answer.status_code == 200 else "")
        for action, fields in page.found:
            shape = (re.sub(r"[0-9a-f-]{36}", "", action or address), *fields)
            if shape in seen or "/clinics/" not in (action or address):
                continue
            seen.add(shape)
            tried = [fields | {name: next(turns)} for name in fields]
            tried += [dict.fromkeys(fields, nonsense) for nonsense in itertools.islice(turns, 3)]
            for sent in tried:
                answer = _ask(client, "post", action or address, sent | {"key": new_key()})
                assert "evil" not in answer.get("Location", ""), sent
    assert len(seen) > 25, "control: the forms were found"
