"""Stop e-mail with one click: the page for people, and the form that mail programs send by themselves (RFC 8058)."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_http_methods

from mediconnect.errors import NotPermitted
from notifications.errors import LinkUnknown
from notifications.models import AddressStanding, Message
from notifications.services.linking.opening import message_of
from notifications.services.standing import opt_out

from .doors import door, language_of

_FIELD: Final = "List-Unsubscribe"
_ONE_CLICK: Final = "One-Click"


@require_http_methods(["GET", "HEAD", "POST"])
@door
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Write no more e-mail to the address that this message went to. It works as long as the message is kept.

    Nothing but the one form of RFC 8058 acts; the page sends the same. It needs no cookie and answers without a way on.
    """
    message = message_of(token)
    if message is None or message.channel != Message.Channel.EMAIL or not message.recipient_index:
        raise LinkUnknown
    if request.method == "POST":
        if request.POST.get(_FIELD) != _ONE_CLICK:
            raise NotPermitted
        opt_out(Message.Channel.EMAIL, message.recipient_index, AddressStanding.OptedOutBy.UNSUBSCRIBE)
    language = language_of(message)
    with translation.override(language):
        context = {"done": request.method == "POST", "clinic": message.clinic}
        response = render(request, "notifications/link/unsubscribe.html", context)
    response["Content-Language"] = language
    return response
