"""Sign in and out."""

import time
import uuid

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.views.decorators.http import require_http_methods, require_POST

from mediconnect.accounts.errors import SecondFactorDue
from mediconnect.accounts.models import User
from mediconnect.accounts.pages.forms import SecondFactorForm, SignInForm
from mediconnect.accounts.pages.qr import qr_picture
from mediconnect.accounts.pages.requests import network_address, next_path, page, private_page, signed_in
from mediconnect.accounts.rules import provisioning_uri
from mediconnect.accounts.services.second_factor import (
    begin_enrolment,
    confirm_enrolment,
    renew_recovery_codes,
    verify_second_factor,
)
from mediconnect.accounts.services.sign_in import check_password, open_session, second_factor_of
from mediconnect.errors import DomainError

# Between password and second factor nobody is signed in: the session only remembers whose password was right.
_PENDING = "pending_sign_in"
_PENDING_SECONDS = 10 * 60


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for address and password; go on to the second factor where one is due."""
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "accounts/sign_in.html", form)
    try:
        user = check_password(**form.cleaned_data, address=network_address(request))
    except DomainError as error:
        return page(request, "accounts/sign_in.html", form, error)
    due = second_factor_of(user)
    target = next_path(request)
    if not due:
        open_session(request, user)
        return redirect(target)
    request.session.flush()
    request.session[_PENDING] = {
        "user": str(user.pk),
        "epoch": user.session_epoch,
        "next": target,
        "until": time.time() + _PENDING_SECONDS,
    }
    return redirect("accounts:enrol" if due == "enrol" else "accounts:second-factor")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session for good."""
    logout(request)
    return redirect("accounts:sign-in")


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask whoever gave the right password for a code, and sign in with it."""
    try:
        user, target = _pending(request)
    except SecondFactorDue:
        return redirect("accounts:sign-in")
    if second_factor_of(user) != "verify":
        return redirect("accounts:enrol")
    form = SecondFactorForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "accounts/second_factor.html", form)
    try:
        verify_second_factor(user_id=user.pk, code=form.cleaned_data["code"])
    except DomainError as error:
        return page(request, "accounts/second_factor.html", form, error)
    open_session(request, user)
    return redirect(target)


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the second factor: for whoever must before signing in, and for anyone signed in who wants one."""
    try:
        user, target = _pending(request)
    except SecondFactorDue:
        if not request.user.is_authenticated:
            return redirect("accounts:sign-in")
        user, target = request.user, ""
    if second_factor_of(user) == "verify":
        return redirect("accounts:sessions" if not target else "accounts:second-factor")
    form = SecondFactorForm(request.POST or None)
    error: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            codes = confirm_enrolment(user_id=user.pk, code=form.cleaned_data["code"].replace(" ", ""))
        except DomainError as refusal:
            error = refusal
        else:
            if target:
                open_session(request, user)
            return page(request, "accounts/recovery_codes.html", codes=codes, target=target or next_path(request))
    secret = begin_enrolment(user=user).secret
    picture = qr_picture(provisioning_uri(secret, user.email))
    return page(request, "accounts/enrol.html", form, error, secret=_grouped(secret), picture=picture)


@private_page
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes for whoever is signed in, against a code: a browser left open is not enough."""
    user = signed_in(request)
    if second_factor_of(user) != "verify":
        return redirect("accounts:enrol")
    form = SecondFactorForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "accounts/new_codes.html", form)
    try:
        verify_second_factor(user_id=user.pk, code=form.cleaned_data["code"])
    except DomainError as error:
        return page(request, "accounts/new_codes.html", form, error)
    codes = renew_recovery_codes(user_id=user.pk)
    return page(request, "accounts/recovery_codes.html", codes=codes, target=resolve_url("accounts:sessions"))


def _pending(request: HttpRequest) -> tuple[User, str]:
    """Return who gave the right password on this browser within ten minutes, and where they go then."""
    pending = request.session.get(_PENDING) or {}
    if pending.get("until", 0) < time.time():
        raise SecondFactorDue
    user = User.objects.filter(
        pk=uuid.UUID(pending["user"]),
        is_active=True,
        session_epoch=pending["epoch"],
    ).first()
    if user is None:
        raise SecondFactorDue
    return user, pending["next"]


def _grouped(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
