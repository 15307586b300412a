"""Who sits in front of a browser: signed in through the form, or, where that is not the point, by a cookie."""

import time

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from playwright.sync_api import Page

from mediconnect.accounts.models import Authenticator, Session, User
from mediconnect.accounts.rules import TOTP_PERIOD, totp
from mediconnect.accounts.services.second_factor import begin_enrolment, confirm_enrolment
from mediconnect.accounts.services.sign_in import open_session
from mediconnect.accounts.sessions import SessionStore
from tests.factories import PASSWORD


def sign_in_by_form(page: Page, user: User, password: str = PASSWORD) -> None:
    """Fill in the form on the page, or go to it first; ends wherever that leads: a second factor, or the page wished for."""
    if "/accounts/sign-in/" not in page.url:
        page.goto("/accounts/sign-in/")
    page.locator("input[name=email]").fill(user.email)
    page.locator("input[name=password]").fill(password)
    page.locator("main button[type=submit]").click()


def sign_in_by_cookie(page: Page, user: User, address: str) -> None:
    """Open a session for the user and give its cookie to the page's browser; `address` is the server's."""
    request = HttpRequest()
    session = SessionStore()
    session.user_agent = "Chromium of the tests"
    request.session = session
    open_session(request, user)
    session.save()
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": str(session.session_key),
                "url": address,
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )


def lapse(user: User) -> None:
    """End the user's sessions as idle time does: the next request finds nobody signed in."""
    Session.objects.filter(user=user, revoked_at=None).update(idle_at=timezone.now())


def has_second_factor(user: User) -> list[str]:
    """Set up a second factor for the user and return the recovery codes."""
    secret = begin_enrolment(user=user).secret
    return confirm_enrolment(user_id=user.pk, code=totp(secret, int(time.time() // TOTP_PERIOD) - 1))


def code_of(user: User) -> str:
    """Return what the user's authenticator app shows now, or next, where the present code has been used."""
    app = Authenticator.objects.get(user=user)
    return totp(app.secret, max(int(time.time() // TOTP_PERIOD), app.last_step + 1))
