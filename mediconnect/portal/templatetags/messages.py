"""Words about messages that templates ask for."""

from django import template

from mediconnect.portal.messages.words import SERVICES
from notifications.channels.choosing import is_real
from notifications.models import Channel
from notifications.services.listening import silent_services

register = template.Library()


@register.simple_tag
def sandboxed() -> str:
    """Return which of the two ways the sandbox takes, and delivers nothing of: sms, email, both, or "" for none."""
    taken = [channel.value for channel in Channel if not is_real(channel.value)]
    return "both" if len(taken) > 1 else "".join(taken)


@register.simple_tag
def silent() -> list[str]:
    """Return by name the services that take messages and no longer tell what becomes of them."""
    return [SERVICES.get(via, via) for via in silent_services()]
