"""How long to wait, in words."""

from django.utils.translation import ngettext


def in_words(seconds: int) -> str:
    """Return seconds below a minute as seconds, more as whole minutes, rounded up: 7 seconds, 2 minutes."""
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = -(-seconds // 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
