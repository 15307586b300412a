"""Make the link of one message: short enough for a text, too random to guess, kept as a hash alone."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from django.conf import settings

# 128 random bits are 22 characters: nobody finds one of a billion links by trying, and a text has room for the words.
_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands in the words, and the hash under which its message is found again."""

    url: str = field(repr=False)
    hash: str


def link_hash(token: str) -> str:
    """Return the SHA-256 of a token in hex, as `Message.link_hash` keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()


def mint_link(message_id: uuid.UUID) -> Link:
    """Return a new link for this message, `PUBLIC_URL/a/<22 characters>/`.

    The caller stores the hash in `link_hash`, together with the words that hold the link. A later one replaces it only as
    long as nothing was handed over: what somebody may have in hand keeps working. Nothing in the token says whose it is.
    """
    del message_id  # the row binds them; a token that held it would tell it
    token = secrets.token_urlsafe(_BYTES)
    return Link(urljoin(settings.PUBLIC_URL.rstrip("/") + "/", f"a/{token}/"), link_hash(token))
