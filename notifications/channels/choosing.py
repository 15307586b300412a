"""Which service a channel uses in this house: the real one where its keys are set, else the sandbox."""

from collections.abc import Mapping
from typing import Final

from django.conf import settings

from notifications.channels.port import Channel
from notifications.channels.sandbox import Sandbox
from notifications.channels.sendgrid import SendGrid
from notifications.channels.twilio import Twilio

_SANDBOX: Final = Sandbox()
_TWILIO: Final = Twilio()
_SENDGRID: Final = SendGrid()


def channel_for(channel: str) -> Channel:
    """Return what carries messages of this channel, `sms` or `email`. Raises `KeyError` for another word."""
    real: Mapping[str, tuple[Channel, bool]] = {
        "sms": (_TWILIO, bool(settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN)),
        "email": (_SENDGRID, bool(settings.SENDGRID_API_KEY)),
    }
    service, has_keys = real[channel]
    return service if has_keys else _SANDBOX


def names_of() -> dict[str, str]:
    """Return by which service each channel goes, for pages: {"sms": "twilio", "email": "sandbox"}."""
    return {channel: channel_for(channel).name for channel in ("sms", "email")}


def is_real(channel: str) -> bool:
    """Return whether messages of this channel reach anybody."""
    return channel_for(channel).name != _SANDBOX.name
