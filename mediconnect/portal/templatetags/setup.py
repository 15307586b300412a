"""Words of the templates of setup."""

from collections.abc import Iterable

from django import template
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from providers.models import Role

register = template.Library()


@register.filter
def role_words(roles: Iterable[str]) -> str:
    """Return what roles are called: Clinic admin, provider."""
    return capfirst(", ".join(_(str(Role(role).label)) for role in roles))
