"""Secrets that work once: signed links and short codes, of which only a hash is ever kept."""

import hashlib
import secrets

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac


def digest(value: str) -> str:
    """Return the SHA-256 of a random value as 64 hex digits; for values too random to guess."""
    return hashlib.sha256(value.encode()).hexdigest()


def new_token(purpose: str) -> tuple[str, str]:
    """Return a signed token for a link, and the hash to keep. 256 random bits; the signature refuses noise early."""
    token = signing.Signer(salt=f"accounts.{purpose}", sep=".").sign(secrets.token_urlsafe(32))
    return token, digest(token)


def token_hash(purpose: str, token: str) -> str | None:
    """Return the hash under which a token of ours would be kept, or None if we never signed it for this purpose."""
    try:
        signing.Signer(salt=f"accounts.{purpose}", sep=".").unsign(token)
    except signing.BadSignature:
        return None
    return digest(token)


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def code_hash(code: str, *, owner: object) -> str:
    """Return the keyed hash of a short code, bound to its row: without our key, six digits are soon tried out."""
    return salted_hmac(f"accounts.code.{owner}", code, algorithm="sha256").hexdigest()


def code_matches(code: str, kept: str, *, owner: object) -> bool:
    """Return whether this is the code whose hash is kept; an empty hash matches nothing."""
    return constant_time_compare(code_hash(code, owner=owner), kept or "none")
