"""Draw a QR code on the server, so that a secret never visits another host."""

import segno
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext


def qr_picture(text: str) -> SafeString:
    """Return an inline SVG of this text, without any style or script, with a description for screen readers."""
    svg = segno.make(text, error="m").svg_inline(
        scale=5,
        border=4,
        title=gettext("QR code for your authenticator app; the same secret stands below as text"),
        dark="#000",
        light="#fff",
        omitsize=False,
    )
    return mark_safe(svg)  # noqa: S308  drawn here from our own text; segno writes paths and escapes the title
