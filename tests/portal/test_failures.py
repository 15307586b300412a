"""When something fails, a page says what, what to do next and the number of the request, whatever else is away."""

import re
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings
from redis.exceptions import ConnectionError as ServerAway

from mediconnect.errors import TryAgain
from mediconnect.urls import handler400, handler403, handler404, handler500
from mediconnect.urls import urlpatterns as ours
from tests.factories import UserFactory

__all__ = ["handler400", "handler403", "handler404", "handler500"]

NUMBER = "0123abcd-request"
WORDS = {
    "en": {
        400: ("This cannot be read", "reload the page"),
        403: ("This is not open to you", "ask whoever runs"),
        404: ("There is nothing here", "Check the address"),
        500: ("Something broke on our side", "try again"),
        503: ("Busy for a moment", "Wait 7 seconds"),
    },
    "es": {
        400: ("No se puede leer", "cargue la página de nuevo"),
        403: ("No tiene acceso a esto", "configuración de su clínica"),
        404: ("Aquí no hay nada", "Revise la dirección"),
        500: ("Algo falló de nuestro lado", "inténtelo de nuevo"),
        503: ("Ocupado por un momento", "Espere 7 segundos"),
    },
}


def _raises(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST["reason"])


urlpatterns = [
    path("fails/400/", _raises(SuspiciousOperation())),
    path("fails/403/", _raises(PermissionDenied())),
    path("fails/500/", _raises(ZeroDivisionError())),
    path("fails/503/", _raises(TryAgain(retry_after=7))),
    path("fails/database/", _raises(OperationalError())),
    path("api/fails/", _raises(ZeroDivisionError())),
    path("echo/", echo),
    *ours,
]


@pytest.fixture(autouse=True)
def _addresses_that_fail(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True, headers={"X-Request-ID": NUMBER})


def _text(response: Any) -> str:
    text: str = response.content.decode()
    return text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_each_failure_says_what_happened_and_the_way_on(visitor: Client, status: int, language: str) -> None:
    visitor.cookies["language"] = language
    response = visitor.get(f"/fails/{status}/")
    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"
    text = _text(response)
    for words in WORDS[language][status]:
        assert words in text
    assert NUMBER in text
    assert '<a class="button quiet" href="/">' in text
    assert f'<html lang="{language}"' in text
    assert text.count("<h1>") == 1


def test_no_failure_page_asks_the_database_anything(visitor: Client) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError

    with connection.execute_wrapper(refuse):
        assert [visitor.get(f"/fails/{status}/").status_code for status in (400, 403, 404, 500, 503)] == [
            400,
            403,
            404,
            500,
            503,
        ]


@pytest.mark.django_db
def test_with_database_and_cache_away_a_page_of_somebody_signed_in_says_so(visitor: Client) -> None:
    visitor.force_login(UserFactory.create())

    def refuse(*_: Any) -> None:
        raise OperationalError

    away = mock.patch("redis.connection.Connection.connect", side_effect=ServerAway)
    with connection.execute_wrapper(refuse), away:
        response = visitor.get("/accounts/sessions/")
    assert response.status_code == 503
    assert "Busy for a moment" in _text(response)
    assert response["Retry-After"] == "1"
    assert "Wait 1 second, then try again." in _text(response)


def test_a_page_that_cannot_be_rendered_is_replaced_by_one_that_needs_nothing(visitor: Client) -> None:
    with mock.patch("mediconnect.portal.failures.render_to_string", side_effect=ValueError("no such static file")):
        response = visitor.get("/fails/500/")
    assert response.status_code == 500
    assert NUMBER in _text(response)
    assert "<h1>Something went wrong on our side</h1>" in _text(response)


def test_programs_get_a_document(visitor: Client) -> None:
    response = visitor.get("/api/fails/", headers={"Accept-Language": "es"})
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["title"] == "Something went wrong on our side"


def test_a_failure_beside_the_page_leaves_the_page_as_it_is(visitor: Client) -> None:
    response = visitor.get("/fails/403/", headers={"HX-Request": "true"})
    assert response.status_code == 403
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#notices", "innerHTML")
    assert "<html" not in _text(response)
    assert NUMBER in _text(response)


@pytest.mark.django_db
def test_too_many_pages_are_told_in_words_how_long_to_wait(client: Client, settings: Settings) -> None:
    settings.PAGE_REQUESTS_PER_MINUTE = 1
    client.force_login(UserFactory.create())
    client.get("/accounts/sessions/")
    response = client.get("/accounts/sessions/")
    assert response.status_code == 429
    wait = int(response["Retry-After"])
    assert f"Wait {wait} seconds, then go on." in _text(response) or "Wait 1 minute, then go on." in _text(response)
    assert '<a class="button" href="/accounts/sessions/">Try again</a>' in _text(response)


FORM = {"reason": "Runs <late>", "room": ["1", "2"]}
OURS = {"Origin": "http://testserver"}


def test_a_form_that_could_not_be_carried_out_can_be_sent_again(visitor: Client) -> None:
    client = Client(raise_request_exception=False)
    text = _text(client.post("/fails/503/", FORM))
    assert '<input type="hidden" name="reason" value="Runs &lt;late&gt;">' in text
    assert 'action="/fails/503/"' in text
    assert text.count('name="room"') == 2


def test_an_old_form_from_a_page_of_ours_is_kept_and_sent_again(visitor: Client) -> None:
    response = visitor.post("/echo/", FORM, headers=OURS)
    assert response.status_code == 403
    assert "This page was open for a long time" in _text(response)
    assert "What you typed is kept on this page" in _text(response)
    assert "Runs &lt;late&gt;" in _text(response)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', _text(response))
    assert token is not None
    again = visitor.post("/echo/", FORM | {"csrfmiddlewaretoken": token[1]}, headers=OURS)
    assert (again.status_code, _text(again)) == (200, "Runs <late>")


@pytest.mark.parametrize("origin", [{}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}])
def test_a_form_from_elsewhere_is_refused_and_shown_to_nobody(visitor: Client, origin: dict[str, str]) -> None:
    response = visitor.post("/echo/", FORM, headers=origin)
    assert response.status_code == 403
    assert "This is not open to you" in _text(response)
    assert "Runs" not in _text(response)


def test_secrets_are_typed_again_rather_than_written_into_a_page(visitor: Client) -> None:
    typed = {"email": "ana@clinic.example", "password": "correct horse"}
    response = visitor.post("/accounts/sign-in/", typed, headers=OURS)
    assert response.status_code == 403
    assert "correct horse" not in _text(response)
    assert '<a class="button" href="/accounts/sign-in/">Try again</a>' in _text(response)


@pytest.mark.django_db
def test_an_address_that_only_takes_forms_says_so(visitor: Client) -> None:
    response = visitor.get("/accounts/sign-out/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "This address only takes forms" in _text(response)
