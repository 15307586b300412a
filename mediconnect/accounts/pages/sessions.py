"""Show where somebody is signed in, and end what should not be."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from mediconnect.accounts.pages.requests import page, private_page, signed_in
from mediconnect.accounts.queries import live_sessions, recovery_codes_left
from mediconnect.accounts.services.endings import end_other_sessions, end_session
from mediconnect.accounts.sessions import key_hash


@private_page
@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """List the browsers that are signed in."""
    user = signed_in(request)
    return page(
        request,
        "accounts/sessions.html",
        sessions=list(live_sessions(user.pk)),
        this=_this(request),
        codes_left=recovery_codes_left(user.pk),
    )


@login_required
@require_POST
def end(request: HttpRequest, key: str) -> HttpResponse:
    """End one of them."""
    if not end_session(user_id=signed_in(request).pk, key_hash=key):
        raise Http404
    return redirect("accounts:sessions")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all but this one."""
    end_other_sessions(user_id=signed_in(request).pk, keep=_this(request))
    return redirect("accounts:sessions")


def _this(request: HttpRequest) -> str:
    return key_hash(request.session.session_key or "")
