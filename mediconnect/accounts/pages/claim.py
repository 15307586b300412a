"""Claim an account: the invitation's link, a birth date, a code, a password, an address that is verified."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from mediconnect.accounts import ports
from mediconnect.accounts.errors import LinkInvalid
from mediconnect.accounts.models import Invitation, User
from mediconnect.accounts.pages.forms import AccountForm, BirthDateForm, CodeForm
from mediconnect.accounts.pages.requests import page, private_page
from mediconnect.accounts.queries import open_invitation
from mediconnect.accounts.services import invitations
from mediconnect.accounts.services.sign_in import open_session
from mediconnect.errors import DomainError

_INVITATION = "invitation"
# What this browser proved. The row knows that somebody did; only the session knows that it was here.
_PROVEN = "invitation_proven"

_REFUSED = "accounts/refused.html"


@private_page
@require_http_methods(["GET", "HEAD"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address and go on."""
    try:
        found = invitations.find_invitation(token=token)
    except DomainError as error:
        return page(request, _REFUSED, error=error)
    request.session[_INVITATION] = str(found.pk)
    request.session.pop(_PROVEN, None)
    return redirect("accounts:claim")


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def birth_date(request: HttpRequest) -> HttpResponse:
    """Ask for the birth date and where the code shall go."""
    try:
        found = _invitation(request)
        contacts = [(hint.kind, hint.masked) for hint in ports.subjects().deliverable_contacts(found.subject_id)]
        form = BirthDateForm(request.POST or None, contacts=contacts)
        if request.method == "POST" and form.is_valid():
            invitations.request_code(invitation_id=found.pk, **form.cleaned_data)
            return redirect("accounts:claim-code")
    except DomainError as error:
        return page(request, _REFUSED, error=error)
    return page(request, "accounts/claim_birth_date.html", form, contacts=contacts)


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that went to the contact on file."""
    form = CodeForm(request.POST or None)
    try:
        found = _invitation(request)
        if request.method == "POST" and form.is_valid():
            invitations.prove(invitation_id=found.pk, code=form.cleaned_data["code"])
            request.session[_PROVEN] = str(found.pk)
            return redirect("accounts:claim-account")
    except DomainError as error:
        template = "accounts/claim_code.html" if error.code == "code-wrong" else _REFUSED
        return page(request, template, form, error)
    return page(request, "accounts/claim_code.html", form, hint=found.contact_hint)


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Ask for the address and password of the new account, or offer the account that is signed in."""
    form = AccountForm(request.POST or None)
    try:
        found = _proven(request)
        if request.method == "POST" and form.is_valid():
            user = invitations.propose_account(
                invitation_id=found.pk,
                email=form.cleaned_data["email"],
                password=form.cleaned_data["new"],
            )
            return _welcome(request, user) if user else redirect("accounts:claim-email")
    except DomainError as error:
        template = "accounts/claim_account.html" if error.code == "password-unfit" else _REFUSED
        return page(request, template, form, error)
    return page(request, "accounts/claim_account.html", form)


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest) -> HttpResponse:
    """Ask for the code that went to the new account's address."""
    form = CodeForm(request.POST or None)
    try:
        found = _proven(request)
        if request.method == "POST" and form.is_valid():
            user = invitations.verify_email(invitation_id=found.pk, code=form.cleaned_data["code"])
            return _welcome(request, user)
    except DomainError as error:
        template = "accounts/claim_email.html" if error.code == "code-wrong" else _REFUSED
        return page(request, template, form, error)
    return page(request, "accounts/claim_email.html", form)


@private_page
@require_POST
def attach(request: HttpRequest) -> HttpResponse:
    """Give the record to the account that is signed in on this browser."""
    try:
        found = _proven(request)
        if not request.user.is_authenticated:
            return redirect("accounts:claim-account")
        invitations.attach_existing(invitation_id=found.pk, user_id=request.user.pk)
    except DomainError as error:
        return page(request, _REFUSED, error=error)
    request.session.pop(_INVITATION, None)
    request.session.pop(_PROVEN, None)
    return page(request, "accounts/claim_done.html")


def _welcome(request: HttpRequest, user: User) -> HttpResponse:
    open_session(request, User.objects.get(pk=user.pk))
    return page(request, "accounts/claim_done.html")


def _invitation(request: HttpRequest) -> Invitation:
    kept = request.session.get(_INVITATION)
    found = open_invitation(uuid.UUID(kept)) if kept else None
    if found is None:
        raise LinkInvalid
    return found


def _proven(request: HttpRequest) -> Invitation:
    found = _invitation(request)
    if request.session.get(_PROVEN) != str(found.pk):
        raise LinkInvalid
    return found
