"""Every message has words in every language, says nothing of anybody's health, and keeps hostile names in their place."""

import datetime as dt
import itertools
import re
import uuid
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import timezone
from pytest_django import Settings

from appointments.events import ProviderRunsLate
from appointments.models import Appointment, DisplacedVisit, Status, Ticket, WaitlistEntry, WaitlistOffer
from appointments.services.booking import book_appointment
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import encode
from notifications.errors import CannotBeWritten
from notifications.models import Channel, Kind, Message, Template
from notifications.rules.wording.linting import ClinicWords, lint
from notifications.rules.wording.looking import asks_to_confirm
from notifications.rules.wording.segments import count
from notifications.services.composing import Words, compose, compose_account
from notifications.services.defaults import our_words, spoken
from notifications.services.framing import as_html
from providers.models import AppointmentType, Clinic, PractitionerRole, Provider
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.notifications.asked import noted, numbered

LINK = "https://visits.clinic.example/a/abcdefghijklmnopqrstuv/"
LANGUAGES = [code for code, _ in project.LANGUAGES]
VISIT_KINDS = [kind for kind in Kind if kind.about_a_visit]
ACCOUNT_WAYS = [(kind, Channel.EMAIL) for kind in Kind if not kind.about_a_visit] + [
    (Kind.INVITATION, Channel.SMS),
    (Kind.ACCOUNT_CODE, Channel.SMS),
]
SATURDAY = dt.datetime(2026, 11, 28, 14, 30, tzinfo=dt.UTC)  # 9:30 in New York
LISTING = (Kind.REMINDER, Kind.THANKS)
ASKING = (Kind.BOOKED, Kind.MOVED, Kind.REMINDER)

every_language = pytest.mark.parametrize("language", LANGUAGES)
every_channel = pytest.mark.parametrize("channel", list(Channel))
either_way = pytest.mark.parametrize("confirmed", [False, True], ids=["open", "confirmed"])


@pytest.fixture
def place(db: None) -> SmallClinic:
    place = small_clinic(patients=1)
    Clinic.objects.filter(pk=place.clinic.pk).update(name="Harbour Family Clinic", address="12 Harbour Street")
    place.clinic.refresh_from_db()
    return place


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://visits.clinic.example"


def visit(place: SmallClinic, starts: dt.datetime = SATURDAY, *, confirmed: bool = False) -> Appointment:
    return Appointment(
        clinic=place.clinic,
        provider=place.provider,
        appointment_type=place.kind,
        patient=place.patients[0],
        starts_at=starts,
        status=Status.CONFIRMED if confirmed else Status.BOOKED,
    )


def message(kind: Kind, channel: Channel, language: str = "en") -> Message:
    return Message(kind=kind, channel=channel, language=language)


def complete(place: SmallClinic, kind: Kind, channel: Channel, language: str) -> Message:
    written = message(kind, channel, language)
    for name, value in beside(place, kind).items():
        setattr(written, name, value)
    return written


def beside(place: SmallClinic, kind: Kind) -> dict[str, Any]:
    """Return what a message of this kind has beside its visit."""
    if kind in (Kind.OFFER, Kind.OFFER_OVER):
        sooner = visit(place, SATURDAY + dt.timedelta(days=3))
        entry = WaitlistEntry(clinic=place.clinic, patient=place.patients[0], appointment=sooner)
        until = SATURDAY - dt.timedelta(hours=1)
        return {"offer": WaitlistOffer(entry=entry, provider=place.provider, starts_at=SATURDAY, expires_at=until)}
    if kind == Kind.PROPOSAL:
        return {"displaced_visit": displaced(place)}
    if kind == Kind.LATE:
        return {"fact": Fact(args=encode(ProviderRunsLate(uuid.uuid4(), 25)))}
    if kind == Kind.PLACE:
        ticket = Ticket.objects.first()
        there = ticket.appointment if ticket else book_appointment(place.booking(place.at(9)), caller=place.staff)[0]
        return {"visit": there if ticket else numbered(there).appointment}
    return {"batch": noted(place)} if kind == Kind.NOTE else {}


def displaced(place: SmallClinic) -> DisplacedVisit:
    """Return a visit of two days later that would move to Saturday."""
    return DisplacedVisit(
        was_starts_at=SATURDAY + dt.timedelta(days=2),
        proposed_provider=place.provider,
        proposed_starts_at=SATURDAY,
        expires_at=SATURDAY - dt.timedelta(hours=20),
    )


def words(
    place: SmallClinic, kind: Kind, channel: Channel, language: str = "en", visits: int = 1, *, confirmed: int = 0
) -> Words:
    """Return the words for so many visits, of which so many (the first) are confirmed."""
    several = [
        visit(place, SATURDAY + dt.timedelta(hours=2 * number), confirmed=number < confirmed)
        for number in range(visits)
    ]
    return compose(complete(place, kind, channel, language), several, link_url=LINK)


@either_way
@every_language
@every_channel
@pytest.mark.parametrize("kind", VISIT_KINDS)
def test_every_message_about_a_visit_has_words(
    place: SmallClinic, kind: Kind, channel: Channel, language: str, confirmed: bool
) -> None:
    written = words(place, kind, channel, language, confirmed=int(confirmed))
    assert "Harbour Family Clinic" in written.body
    assert not re.search(r"[{}\[\]]", written.subject + written.body)
    if channel == Channel.SMS:
        assert (written.subject, written.html) == ("", "")
        assert written.segments is not None
        assert written.segments <= 2
        assert count(written.body).encoding == "GSM-7"
        assert "STOP" in written.body[-20:]
        assert "\n" not in written.body
    else:
        assert written.segments is None
        assert 0 < len(written.subject) <= 80
        assert f'<html lang="{language}">' in written.html


@either_way
@every_language
@every_channel
@pytest.mark.parametrize("kind", LISTING)
def test_several_visits_are_told_in_one_message(
    place: SmallClinic, kind: Kind, channel: Channel, language: str, confirmed: bool
) -> None:
    written = words(place, kind, channel, language, visits=3, confirmed=3 * confirmed)
    times = [found.group() for found in re.finditer(r"(9:30|11:30|1:30)", written.body)]
    assert times == ["9:30", "11:30", "1:30"]
    if channel == Channel.SMS:
        assert written.segments is not None
        assert written.segments <= 3
    else:
        assert written.html.count("<li>") == 3


@every_language
@pytest.mark.parametrize(("kind", "channel"), ACCOUNT_WAYS)
def test_every_message_about_an_account_has_words(kind: Kind, channel: Channel, language: str) -> None:
    written = compose_account(kind=kind, channel=channel, language=language, values={"link": LINK, "code": "481516"})
    assert not re.search(r"[{}\[\]]", written.subject + written.body)
    assert ("481516" in written.body) == (kind in {Kind.ACCOUNT_CODE, Kind.EMAIL_CHECK})
    if channel == Channel.SMS:
        assert written.segments == 1
        assert "STOP" in written.body
    else:
        assert written.subject
        assert written.html


def test_our_words_differ_from_language_to_language() -> None:
    for kind, channel, several, confirmed in itertools.product(Kind, Channel, (False, True), (False, True)):
        there = {our_words(kind, channel, language, several=several, confirmed=confirmed) for language in LANGUAGES}
        assert len(there) == (1 if None in there else len(LANGUAGES))


@either_way
@every_language
@every_channel
@pytest.mark.parametrize("several", [False, True], ids=["one", "several"])
@pytest.mark.parametrize("kind", list(Kind))
def test_our_words_pass_the_rules_that_we_set(
    kind: Kind, channel: Channel, language: str, several: bool, confirmed: bool
) -> None:
    ours = our_words(kind, channel, language, several=several, confirmed=confirmed)
    if ours is None:
        assert several or (not kind.about_a_visit and channel == Channel.SMS)
        return
    of_the_clinic = ClinicWords(types=("Consultation", "Consulta", "Visit", "Cita"), specialties=("Cardiology",))
    found = lint(ours.body, kind=kind, channel=channel, clinic_words=of_the_clinic, subject=ours.subject)
    assert [f for f in found if f.is_error or kind.about_a_visit] == []


@every_language
@every_channel
@pytest.mark.parametrize("kind", ASKING)
def test_who_confirmed_is_not_asked_to_confirm(place: SmallClinic, kind: Kind, channel: Channel, language: str) -> None:
    asks, tells = (words(place, kind, channel, language, confirmed=confirmed) for confirmed in (0, 1))
    assert asks_to_confirm(asks.body)
    assert not asks_to_confirm(tells.subject + tells.body)
    assert "confirm" in tells.body
    assert LINK in tells.body
    if channel == Channel.SMS:
        assert re.search(r"(Reply 2 for a call|Responda 2 para que le llamemos)\. ", tells.body)


@every_language
@every_channel
def test_of_several_visits_one_that_is_not_confirmed_is_asked_about(
    place: SmallClinic, channel: Channel, language: str
) -> None:
    asked = [
        asks_to_confirm(words(place, Kind.REMINDER, channel, language, visits=3, confirmed=confirmed).body)
        for confirmed in range(4)
    ]
    assert asked == [True, True, True, False]


def test_dates_and_times_are_the_clinics_in_the_recipients_words(place: SmallClinic) -> None:
    assert "Sat, Nov 28, 9:30 AM" in words(place, Kind.REMINDER, Channel.SMS).body
    assert "su cita: sab, 28 de nov, 9:30 a.m. Responda 1" in words(place, Kind.REMINDER, Channel.SMS, "es").body
    mail = words(place, Kind.REMINDER, Channel.EMAIL, "es-MX")
    assert "sábado, 28 de noviembre de 2026" in mail.body
    assert mail.subject.startswith("Recordatorio: su cita del sábado")
    Clinic.objects.filter(pk=place.clinic.pk).update(timezone="Europe/London", region="GB")
    place.clinic.refresh_from_db()
    assert "Sat 28 Nov, 14:30" in words(place, Kind.REMINDER, Channel.SMS).body


def test_a_language_that_we_do_not_write_is_written_in_english(place: SmallClinic) -> None:
    assert [spoken(language) for language in ("es", "es-MX", "ES_us", "tlh", "")] == ["es", "es", "es", "en", "en"]
    assert words(place, Kind.THANKS, Channel.SMS, "tlh").body.endswith("STOP to end")


def test_what_is_not_known_is_left_out(place: SmallClinic) -> None:
    Clinic.objects.filter(pk=place.clinic.pk).update(phone="", address="")
    place.clinic.refresh_from_db()
    for kind in VISIT_KINDS:
        for channel in Channel:
            body = words(place, kind, channel).body
            assert "Call" not in body.replace("Call us about", "")
            assert "Address" not in body
            assert "  " not in body
            assert "\n\n\n" not in body


@every_language
@every_channel
@pytest.mark.parametrize("kind", VISIT_KINDS)
def test_nothing_tells_why_somebody_comes(place: SmallClinic, kind: Kind, channel: Channel, language: str) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(name="Hepatitis follow-up")
    PractitionerRole.objects.filter(provider=place.provider).update(specialty="Hepatology")
    Provider.objects.filter(pk=place.provider.pk).update(name="Dr. Canary")
    place.kind.refresh_from_db()
    place.provider.refresh_from_db()
    seen = visit(place)
    seen.reason, seen.patient_note, seen.internal_note = "canary reason", "canary note", "canary inside"
    written = compose(complete(place, kind, channel, language), [seen], link_url=LINK)
    for telling in ("epat", "anary", "Lena", "Moreau"):
        assert telling not in written.subject + written.body + written.html


@pytest.mark.parametrize(
    "name",
    [
        "Harbour\r\nBcc: everybody@mail.example",
        "Harbour\nSubject: Prize",
        '"><svg onload=alert(1)>',
        "<script>alert(1)</script>",
        "{link} {code} {{ link }} {% now %}",
        "[Harbour {phone}]",
        "Harbour https://evil.example/a/",
        "x" * 120,
        "عيادة الميناء",
        "Harbour \u202egnp.exe",
        "Clinic 👩‍⚕️🏥",
        "健康診断センター",
    ],
)
@every_channel
def test_a_hostile_name_stays_a_name(place: SmallClinic, name: str, channel: Channel) -> None:
    Clinic.objects.filter(pk=place.clinic.pk).update(name=name)
    place.clinic.refresh_from_db()
    Template.objects.create(
        clinic=place.clinic, kind=Kind.REMINDER, channel=channel, language="en",
        subject="{clinic}" if channel == Channel.EMAIL else "", body="{clinic}: {day} {time}\n\n{link}\n\nSTOP to end",
    )  # fmt: skip
    written = words(place, Kind.REMINDER, channel)
    assert "\r" not in written.body
    assert len(written.subject.splitlines()) == (channel == Channel.EMAIL)
    assert not set("\n\r\u2028\u202e") & set(written.subject)
    assert written.body.count("\n") == 4
    assert written.body.count(LINK) == 1
    assert (written.segments or 1) <= 4
    assert "<svg" not in written.html
    assert "<script" not in written.html
    links = re.findall(r'href="([^"]*)"', written.html)
    assert set(links) == ({LINK} if channel == Channel.EMAIL else set())


class _Reader(HTMLParser):
    """Reads the text of a page, and which elements are open at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_html_says_the_same_as_the_text_and_loads_nothing(place: SmallClinic) -> None:
    mail = words(place, Kind.REMINDER, Channel.EMAIL)
    reader = _Reader()
    reader.feed(mail.html)
    said = " ".join(" ".join(reader.text).split())
    for line in mail.body.splitlines():
        assert " ".join(line.split()) in said
    assert not {"img", "script", "link", "iframe", "object", "form", "input"} & set(reader.tags)
    assert "url(" not in mail.html
    assert "prefers-color-scheme: dark" in mail.html
    assert re.search(rf'<a class="button" href="{LINK}">See your visit</a>', mail.html)
    assert f'<a href="{LINK}">{LINK}</a>' in mail.html


def test_what_a_colon_announces_stands_out() -> None:
    html = as_html(kind=Kind.BOOKED, language="en", subject="S", body="Your visit:\n\nSat, 9:30\n\nQuestions? Call us.")
    assert '<p class="told">Sat, 9:30</p>' in html
    assert "<p>Questions? Call us.</p>" in html


def test_the_same_text_gives_the_same_html() -> None:
    made = [
        as_html(kind=Kind.BOOKED, language="es", subject="S", body=f"Uno\ndos\n\n- a\n- b\n\n{LINK}.") for _ in range(2)
    ]
    assert made[0] == made[1]
    assert "Uno<br>\ndos" in made[0]
    assert "<li>a</li>" in made[0]
    assert f'<a href="{LINK}">{LINK}</a>.' in made[0]


def test_a_clinics_own_words_come_first(place: SmallClinic) -> None:
    own = {"clinic": place.clinic, "kind": Kind.REMINDER, "channel": Channel.SMS, "language": "en"}
    Template.objects.create(body="{clinic} with {provider}: {day} {time} {link} STOP to end", **own)
    assert "with Dr. Amara Obi: Sat" in words(place, Kind.REMINDER, Channel.SMS).body
    assert "with Dr." not in words(place, Kind.REMINDER, Channel.SMS, "es").body
    assert "with Dr." not in words(place, Kind.BOOKED, Channel.SMS).body
    assert "reminds you of your visits" in words(place, Kind.REMINDER, Channel.SMS, visits=2).body
    Template.objects.update(body="{clinic} expects you: {when_list} {link} STOP to end")
    assert (
        "expects you: Sat, Nov 28, 9:30 AM; Sat, Nov 28, 11:30 AM"
        in words(place, Kind.REMINDER, Channel.SMS, visits=2).body
    )
    assert "expects you: Sat, Nov 28, 9:30 AM https" in words(place, Kind.REMINDER, Channel.SMS).body


@pytest.mark.parametrize(
    ("asking", "gives_way"),
    [
        ("Reply 1 to confirm, 2 for a call.", True),
        ("Responda “C” si viene.", True),
        ("Please confirm by the link.", True),
        ("Reply 2 for a call.", False),
        ("Your confirmed place: suite 1, entrance C.", False),
    ],
)
def test_a_clinics_words_that_ask_to_confirm_give_way_once_it_is_settled(
    place: SmallClinic, asking: str, gives_way: bool
) -> None:
    own = {"clinic": place.clinic, "channel": Channel.SMS, "language": "en"}
    body = f"{{clinic}} expects you: {{when_list}}. {asking} {{link}} STOP to end"
    for kind in (Kind.REMINDER, Kind.THANKS):
        Template.objects.create(kind=kind, body=body, **own)
    for visits in (1, 2):
        assert asking in words(place, Kind.REMINDER, Channel.SMS, visits=visits, confirmed=visits - 1).body
        settled = words(place, Kind.REMINDER, Channel.SMS, visits=visits, confirmed=visits).body
        assert (asking not in settled) == gives_way
        assert ("reminds you of your confirmed visit" in settled) == gives_way
        assert asking in words(place, Kind.THANKS, Channel.SMS, visits=visits, confirmed=visits).body


def test_words_that_would_be_refused_today_are_not_sent(place: SmallClinic) -> None:
    Template.objects.create(
        clinic=place.clinic, kind=Kind.REMINDER, channel=Channel.SMS, language="en",
        body="{clinic}, knee check: {day} {time} {link} STOP to end",
    )  # fmt: skip
    assert "knee check" in words(place, Kind.REMINDER, Channel.SMS).body
    AppointmentType.objects.create(clinic=place.clinic, name="Knee check", duration=30)
    assert "reminds you of your visit" in words(place, Kind.REMINDER, Channel.SMS).body


def test_names_do_not_make_a_plain_text_dear(place: SmallClinic) -> None:
    Clinic.objects.filter(pk=place.clinic.pk).update(name="Clínica García – “Más”")
    place.clinic.refresh_from_db()
    written = words(place, Kind.REMINDER, Channel.SMS, "es")
    assert written.body.startswith('Clinica Garcia - "Mas" le recuerda')
    assert "Clínica García – “Más”" in words(place, Kind.REMINDER, Channel.EMAIL, "es").body


def test_what_cannot_be_written_is_refused(place: SmallClinic) -> None:
    with pytest.raises(CannotBeWritten):
        compose(message(Kind.REMINDER, Channel.SMS), [], link_url=LINK)
    with pytest.raises(CannotBeWritten):
        compose(message(Kind.REMINDER, Channel.SMS), [visit(place)], link_url="")
    with pytest.raises(CannotBeWritten):
        words(place, Kind.CANCELLED, Channel.SMS, visits=2)
    with pytest.raises(CannotBeWritten):
        compose_account(kind=Kind.PASSWORD_RESET, channel=Channel.EMAIL, language="en", values={})
    with pytest.raises(CannotBeWritten):
        compose_account(kind=Kind.PASSWORD_RESET, channel=Channel.SMS, language="en", values={"link": LINK})


def test_a_message_that_asks_for_no_link_needs_none(place: SmallClinic) -> None:
    written = compose(message(Kind.CANCELLED, Channel.SMS), [visit(place, timezone.now())], link_url="")
    assert "is cancelled" in written.body
