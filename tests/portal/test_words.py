"""No word of a page stands outside the catalogue: in a language of marks, whatever is left without them is data."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.apps import apps
from django.db.models import CharField, TextField
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation
from django.utils.dates import WEEKDAYS
from pytest_django import Settings

from mediconnect.development.messages import gathered
from tests.browser.clinic_day import ClinicDay, clinic_day
from tests.browser.messages_of_a_day import Written, messages_of_a_day

# Esperanto for the time of a test: no clinic reads it here, and its own words of days and months are known.
MARKS = "eo"
_SHOWN = frozenset({"aria-label", "title", "placeholder", "alt"})
_SILENT = frozenset({"script", "style", "code"})
# Programs', the admin's, and our own answers to the two that end a session or show a secret made for the page.
_OTHERS = ("api/", "^api", "admin/", "o/", "health/")
_APART = frozenset({"accounts/sign-out/", "accounts/second-factor/enrol/"})
_WORD = re.compile(r"[^\W\d_]{2,}")
# Marked, or cut out of what is marked: a reason is shown without the word of whose it is.
_MARKED = re.compile(r"⟦[^⟦⟧]*⟧|^[^⟦⟧]*⟧|⟦[^⟦⟧]*$")


def _marked(text: str) -> str:
    return f"⟦{text}⟧"


@pytest.fixture
def _language_of_marks(settings: Settings, tmp_path: Path) -> None:
    catalogue = Catalog(locale=MARKS)
    for word in gathered():
        forms = word.text if isinstance(word.text, tuple) else (word.text,)
        marked = tuple(map(_marked, forms))
        catalogue.add(word.text, marked if len(marked) > 1 else marked[0], context=word.context)
    folder = tmp_path / MARKS / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    settings.LANGUAGES = [("en", "English"), (MARKS, "Esperanto")]
    settings.LOCALE_PATHS = [tmp_path]


class _Said(HTMLParser):
    """Everything that a page says, in text or in an attribute that is read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._inside.append(tag)
        self.said += [value for name, value in attrs if name in _SHOWN and value]
        self.said += [value for name, value in attrs if name.startswith("data-") and value and " " in value]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.said.append(data)


# What is the same in every language: names, and what is printed on a key or the head of a table of figures.
_SAME_EVERYWHERE = frozenset(
    {"MediConnect", "English", "Esperanto", "CSV", "API", "Enter", "Ctrl", "Mac", "min", "Twilio", "SendGrid"}
)


def _data() -> set[str]:
    """Return the words of every row, those of the calendar and of languages as CLDR has them, and Django's own."""
    locale = Locale(MARKS)
    said = [*_SAME_EVERYWHERE, *locale.languages.values(), *locale.territories.values()]
    for names in (locale.days, locale.months, locale.day_periods):
        said += [name for width in names["format"].values() for name in width.values()]
    said += [format_date(dt.date(2026, 11, 30), form, locale=locale) for form in ("medium", "full")]
    for model in apps.get_models():
        columns = [
            f.name for f in model._meta.concrete_fields if isinstance(f, CharField | TextField) and not f.choices
        ]
        for row in model._default_manager.values_list(*columns) if columns else ():
            said += [str(value) for value in row if value]
    with translation.override(MARKS):
        said += [translation.gettext("This field is required."), *map(str, WEEKDAYS.values())]
    return {word for text in said for word in _WORD.findall(text)}


def _left(html: str, data: set[str]) -> set[str]:
    """Return what a page says without marks and is no data."""
    reader = _Said()
    reader.feed(html)
    return {text.strip() for text in map(_unmarked, reader.said) if {*_WORD.findall(text)} - data}


def _unmarked(text: str) -> str:
    """Return a text without what is marked; a word that is filled into a sentence has marks within marks."""
    less = _MARKED.sub(" ", text)
    return less if less == text else _unmarked(less)


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from _patterns(entry, route)


def _addresses(day: ClinicDay, written: Written) -> Iterator[str]:
    visit = next(iter(day.visits.values()))
    ids = {
        "clinic": day.clinic.pk,
        "visit": visit.pk,
        "patient": visit.patient_id,
        "provider": day.providers[0].pk,
        "resource": day.rooms[0].pk,
        "kind": day.consultation.pk,
        "member": day.desk.pk,
        "message": written.messages["dead"].pk,
        "reply": written.replies["unclear"].pk,
    }
    for route in sorted(set(_patterns(get_resolver()))):
        if not route.startswith(_OTHERS) and route not in _APART:
            filled = re.sub(r"<uuid:(\w+)>", lambda found: str(ids.get(found[1], uuid.uuid4())), route)
            yield "/" + re.sub(r"<[^>]+>", "x", filled)


@pytest.mark.usefixtures("_language_of_marks")
@pytest.mark.parametrize("who", ["admin", "desk", "doctor"])
def test_every_word_of_every_page_is_in_the_catalogue(db: None, who: str) -> None:
    day = clinic_day()
    written = messages_of_a_day(day)
    data = _data()
    client = Client(headers={"Accept-Language": MARKS})
    client.force_login(getattr(day, who))
    client.get("/accounts/sessions/")
    client.cookies["language"] = MARKS
    left: dict[str, str] = {}
    looked_at = 0
    for address in _addresses(day, written):
        for answer in (client.get(address), client.post(address, {"sent": "wrongly"})):
            if "html" in answer.get("Content-Type", ""):
                looked_at += 1
                left |= dict.fromkeys(_left(answer.content.decode(), data), address)
    assert left == {}
    assert looked_at > 100


@pytest.mark.django_db
@pytest.mark.usefixtures("_language_of_marks")
def test_every_word_for_visitors_is_in_the_catalogue() -> None:
    client = Client(headers={"Accept-Language": MARKS})
    client.cookies["language"] = MARKS
    pages = ("/", "/accounts/sign-in/", "/accounts/reset/", "/accounts/claim/", "/accounts/reset/new/", "/nowhere/")
    left = {page: _left(client.get(page).content.decode(), _data()) for page in pages}
    assert {page: words for page, words in left.items() if words} == {}
