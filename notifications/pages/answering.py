"""Answer what a message asked: take an offered or proposed time, say no, or leave the waitlist.

What books, moves or gives up is asked for by birth date first; a no gives nothing up that the person has.
"""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from appointments.errors import OfferOver, ProposalOver
from mediconnect.errors import DomainError
from notifications.errors import LinkUnknown
from notifications.services.linking import Opened, open_link
from notifications.services.linking.deciding import accept_by_link, decline_by_link, leave_by_link

from .asking import asked_of, show_asked
from .checking import ask
from .doors import Holder, link_page, to
from .showing import show


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def accept(request: HttpRequest, holder: Holder) -> HttpResponse:
    """Show the time once more, and take it."""
    return _step(request, holder, "accept", accept_by_link)


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def leave(request: HttpRequest, holder: Holder) -> HttpResponse:
    """Ask whether there shall be no more offers, and leave the waitlist."""
    if holder.opened.offer is None:
        raise LinkUnknown
    return _step(request, holder, "leave", leave_by_link)


@require_POST
@link_page
def decline(request: HttpRequest, holder: Holder) -> HttpResponse:
    """Say no at once; nothing is told by it."""
    if not holder.opened.asks:
        raise LinkUnknown
    return _answered(request, holder, partial(decline_by_link, token=holder.token)) or to(holder.at("link"))


def _step(request: HttpRequest, holder: Holder, name: str, act: Callable[..., Opened]) -> HttpResponse:
    if not holder.opened.asks:
        raise LinkUnknown
    if not asked_of(holder).is_open and name == "accept" and request.method != "POST":
        return to(holder.at("link"))
    if not holder.checked:
        return ask(request, holder, name)
    if request.method != "POST":
        return show(request, holder, name, asked=asked_of(holder))
    try:
        return _answered(request, holder, partial(act, token=holder.token)) or to(holder.at("link"))
    except DomainError as error:
        return show(request, holder, name, status=error.status, asked=asked_of(holder), error=error)


def _answered(request: HttpRequest, holder: Holder, act: Callable[[], Opened]) -> HttpResponse | None:
    """Do it; return the page that says that it is over where it is."""
    try:
        act()
    except (OfferOver, ProposalOver) as over:
        now = Holder(holder.token, open_link(holder.token), holder.checked)
        return show_asked(request, now, status=over.status)
    return None
