"""Words of the templates of setup."""

from django import template
from django.utils.translation import gettext as _

from providers.models import Role

register = template.Library()


@register.filter
def role_word(role: str) -> str:
    """Return what a role is called."""
    return _(str(Role(role).label))
