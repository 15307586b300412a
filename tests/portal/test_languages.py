"""Every word of every page is there in every language, and programs are answered in English whatever they ask for."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation

from mediconnect.development.messages import Word, catalogues, compiled, gathered, in_step, untranslated
from mediconnect.portal.waits import in_words
from tests.factories import PASSWORD, UserFactory

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|</?\w+[^>]*>")


def _name(path: Path) -> str:
    return path.parent.parent.name


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=_name(path))


@pytest.fixture(scope="module")
def words() -> list[Word]:
    return gathered()


def _keys(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, str(message.id)) for message in catalogue if message.id}


every_language = pytest.mark.parametrize("path", catalogues(), ids=_name)


def test_there_is_a_catalogue_for_each_language_but_the_sources_own() -> None:
    assert {_name(path) for path in catalogues()} == {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}


@every_language
def test_the_catalogue_is_in_step_with_the_sources(path: Path, words: list[Word]) -> None:
    there, wanted = _keys(_catalogue(path)), _keys(in_step(path, words))
    assert {"missing": sorted(wanted - there, key=str), "obsolete": sorted(there - wanted, key=str)} == {
        "missing": [],
        "obsolete": [],
    }, "run ./dev messages"


@every_language
def test_everything_is_translated_and_nothing_is_a_guess(path: Path) -> None:
    assert [message.id for message in untranslated(_catalogue(path))] == []


def _forms(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    source = tuple(message.id) if isinstance(message.id, tuple | list) else (message.id,)
    target = tuple(message.string) if isinstance(message.string, tuple | list) else (message.string or "",)
    return source, target


@every_language
def test_a_translation_keeps_what_is_filled_in(path: Path) -> None:
    wrong = []
    for message in _catalogue(path):
        source, target = _forms(message)
        allowed = {tuple(sorted(PLACEHOLDER.findall(form))) for form in source}
        if message.id and any(tuple(sorted(PLACEHOLDER.findall(form))) not in allowed for form in target):
            wrong.append(message.id)
    assert wrong == []


@every_language
def test_a_translation_begins_and_ends_as_its_source(path: Path) -> None:
    def ends(text: str) -> tuple[bool, bool]:
        return text[:1].isspace(), text[-1:].isspace()

    assert [
        m.id for m in _catalogue(path) if m.id and isinstance(m.id, str) and ends(m.id) != ends(str(m.string))
    ] == []


@every_language
def test_what_programs_read_is_compiled_from_what_people_read(path: Path) -> None:
    assert path.with_suffix(".mo").read_bytes() == compiled(path), "run ./dev messages"


@pytest.mark.django_db
def test_a_visitor_reads_the_browsers_language_until_choosing_another() -> None:
    client = Client(headers={"Accept-Language": "es-MX,es;q=0.9"})
    page = client.get("/accounts/sign-in/")
    assert page["Content-Language"] == "es"
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in page["Vary"].split(",")}
    assert "Iniciar sesión" in page.content.decode()
    assert '<html lang="es"' in page.content.decode()
    client.post("/preferences/", {"language": "en", "next": "/accounts/sign-in/"})
    assert "Forgot your password?" in client.get("/accounts/sign-in/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["tlh", "xx; drop", "", "de-CH"])
def test_a_language_that_we_do_not_speak_is_answered_in_english(asked: str) -> None:
    client = Client(headers={"Accept-Language": asked})
    client.cookies["language"] = asked.replace(";", "")
    assert client.get("/accounts/sign-in/")["Content-Language"] == "en"


@pytest.mark.django_db
def test_refusals_are_shown_in_the_readers_language() -> None:
    client = Client(headers={"Accept-Language": "es"})
    refused = client.post("/accounts/sign-in/", {"email": "nadie@example.org", "password": PASSWORD}).content.decode()
    assert "no corresponden a una cuenta" in refused
    empty = client.post("/accounts/sign-in/", {"email": ""}).content.decode()
    assert "Este campo es" in empty


@pytest.mark.django_db
def test_programs_are_answered_in_english_whoever_sends_a_cookie() -> None:
    client = Client(headers={"Accept-Language": "es"})
    client.cookies["language"] = "es"
    client.force_login(UserFactory.create())
    client.get("/accounts/sessions/")
    answer = client.get("/api/v1/nothing/")
    assert answer.json()["title"] == "Not found"
    assert "Content-Language" not in answer.headers
    assert translation.get_language() == settings.LANGUAGE_CODE


def test_the_choice_is_kept_from_scripts_and_other_sites() -> None:
    kept = Client().post("/preferences/", {"language": "es"}).cookies["language"]
    assert (kept.value, kept["httponly"], kept["samesite"], kept["path"]) == ("es", True, "Lax", "/")


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 segundo"), (59, "59 segundos"), (60, "1 minuto"), (61, "2 minutos")]
)
def test_a_wait_is_told_in_words(seconds: int, words: str) -> None:
    with translation.override("es"):
        assert in_words(seconds) == words
