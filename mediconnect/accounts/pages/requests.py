"""What pages read from a request besides forms: where it comes from and where it wants to go."""

from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from mediconnect.accounts.models import User
from mediconnect.errors import DomainError

_FIELD_ERRORS = 400


def network_address(request: HttpRequest) -> str:
    """Return the network address that tries are counted under; IPv6 by /64, which is one household.

    X-Forwarded-For is believed from the right, as far as the hops are proxies that TRUSTED_PROXIES names.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    address = str(request.META.get("REMOTE_ADDR", ""))
    while hops and _is_ours(address):
        address = hops.pop()
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def _is_ours(address: str) -> bool:
    try:
        parsed = ip_address(address)
        return any(parsed in ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES)
    except ValueError:
        return False


def next_path(request: HttpRequest) -> str:
    """Return where the visitor wanted to go, if that is a page of ours; else the start page."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def signed_in(request: HttpRequest) -> User:
    """Return who is signed in; for pages that let nobody else come so far. Raises `PermissionDenied` otherwise."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def page(
    request: HttpRequest,
    template: str,
    form: forms.Form | None = None,
    error: DomainError | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a page. An error gives its sentence and status; a form that was filled in wrongly gives 400."""
    status = error.status if error else _FIELD_ERRORS if form is not None and form.errors else 200
    context |= {"form": form, "error": error, "next": request.POST.get("next") or request.GET.get("next", "")}
    response = render(request, template, context, status=status)
    if error is not None and "retry_after" in error.extra:
        response["Retry-After"] = str(error.extra["retry_after"])
    return response


def private_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Mark a page that carries secrets: never cached, never a referrer, its form fields out of error reports."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        # Addresses stay within this house. Not "no-referrer": a browser then sends `Origin: null` with our own forms,
        # and the protection against forged ones refuses them.
        response["Referrer-Policy"] = "same-origin"
        return response

    return sensitive_post_parameters()(never_cache(wrapped))
