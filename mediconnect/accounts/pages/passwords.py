"""Change a password that is known; replace one that is forgotten."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from mediconnect.accounts.pages.forms import ChangePasswordForm, EmailForm, NewPasswordForm
from mediconnect.accounts.pages.requests import network_address, page, private_page, signed_in
from mediconnect.accounts.services.passwords import change_password, find_reset, request_reset, reset_password
from mediconnect.accounts.services.sign_in import open_session
from mediconnect.errors import DomainError

# The link's token moves into the session at once, so that no later request or page carries it in its address.
_TOKEN = "reset_token"  # noqa: S105  a name, not a secret


@private_page
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Change the password; every other browser and program is signed out, this one gets a new session."""
    form = ChangePasswordForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "accounts/password.html", form)
    user = signed_in(request)
    try:
        user = change_password(
            user_id=user.pk,
            current=form.cleaned_data["current"],
            new=form.cleaned_data["new"],
            address=network_address(request),
        )
    except DomainError as error:
        return page(request, "accounts/password.html", form, error)
    open_session(request, user)
    return redirect("accounts:sessions")


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def reset_request(request: HttpRequest) -> HttpResponse:
    """Take an address and say the same whether anybody has it."""
    form = EmailForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "accounts/reset_request.html", form)
    try:
        request_reset(email=form.cleaned_data["email"], address=network_address(request))
    except DomainError as error:
        return page(request, "accounts/reset_request.html", form, error)
    return page(request, "accounts/reset_sent.html")


@private_page
@require_http_methods(["GET", "HEAD"])
def reset_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address and go on."""
    try:
        find_reset(token=token)
    except DomainError as error:
        return page(request, "accounts/refused.html", error=error)
    request.session[_TOKEN] = token
    return redirect("accounts:reset-password")


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    """Ask for the new password and set it, once."""
    form = NewPasswordForm(request.POST or None)
    try:
        token = request.session.get(_TOKEN, "")
        find_reset(token=token)
        if request.method == "POST" and form.is_valid():
            reset_password(token=token, new=form.cleaned_data["new"])
            request.session.flush()
            return page(request, "accounts/reset_done.html")
    except DomainError as error:
        template = "accounts/refused.html" if error.code == "link-invalid" else "accounts/reset_password.html"
        return page(request, template, form, error)
    return page(request, "accounts/reset_password.html", form)
