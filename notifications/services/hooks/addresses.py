"""Which addresses a clinic may give."""

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mediconnect.errors import Invalid
from mediconnect.resilience.gateway import Guard
from mediconnect.resilience.outside import Forbidden

_SENTENCES: Final = {
    "not-https": _("The address has to begin with https://."),
    "address-with-password": _(
        "The address holds a name or a password before an @. Leave it out; our calls are signed."
    ),
    "forbidden-port": _("This port is not called. Leave it out: the usual one for https is 443."),
    "forbidden-address": _("This address lies in a private network, so it cannot be called from here."),
    "forbidden-name": _("This name lies in a private network, so it cannot be called from here."),
    "own-address": _("This is our own address. Give that of the program that is to be told."),
}
_NO_ADDRESS: Final = _("This is no address that can be called. Copy it as the receiving program shows it.")


def guard() -> Guard:
    """Return what our settings let us call."""
    return Guard(frozenset(settings.WEBHOOK_PORTS), loopback=settings.WEBHOOKS_TO_THIS_MACHINE)


def checked_address(url: str) -> tuple[str, str]:
    """Return the address as it is kept, and its host. Raises `Invalid` for one that is not called, and says why."""
    address = url.strip()
    try:
        guard().check_url(address)
    except Forbidden as error:
        raise Invalid.field("url", str(_SENTENCES.get(error.code, _NO_ADDRESS))) from None
    host = urlsplit(address).hostname or ""
    if host == urlsplit(settings.PUBLIC_URL).hostname and not settings.WEBHOOKS_TO_THIS_MACHINE:
        raise Invalid.field("url", str(_SENTENCES["own-address"]))
    return address, host
