"""Typed readers of the environment: a wrong or missing variable stops the start, by name, in one sentence.

A reader without a default requires its variable. An empty variable counts as missing, so that a line
`SENTRY_DSN=` in an environment file means the same as no line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

SECRET_LENGTH: Final = 50  # characters; what `manage.py check --deploy` asks of SECRET_KEY as well
SECRET_VARIETY: Final = 10  # distinct characters; "aaaa…" is long but no secret
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})
_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


class EnvironmentValueError(Exception):
    """A variable of the environment is missing or unusable; the message names it and never holds its value."""

    def __init__(self, name: str, problem: str) -> None:
        """Remember which variable (`name`) is wrong and what a person should do about it (`problem`)."""
        super().__init__(f"{name} {problem}")
        self.name = name


def _read(name: str, default: object) -> str | None:
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise EnvironmentValueError(name, "is not set. Set it in the environment (docs/operations/environment.md).")
    return None


def text(name: str, default: str | None = None, *, choices: tuple[str, ...] = ()) -> str:
    """Return the variable as text, or `default`; with `choices`, only one of them is accepted.

    Raises EnvironmentValueError where it is missing without a default or is not one of the choices.
    """
    value = _read(name, default)
    if value is None:
        return default or ""
    if choices and value not in choices:
        raise EnvironmentValueError(name, f"must be one of: {', '.join(choices)}.")
    return value


def integer(name: str, default: int | None = None, *, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
    """Return the variable as a whole number within `minimum` and `maximum`, both included, or `default`.

    Raises EnvironmentValueError where it is missing without a default, no number, or out of bounds.
    """
    value = _read(name, default)
    if value is None and default is not None:
        return default
    if not re.fullmatch(r"[+-]?\d{1,18}", value or ""):
        raise EnvironmentValueError(name, "must be a whole number.")
    number = int(value or "")
    if not minimum <= number <= maximum:
        raise EnvironmentValueError(name, f"must lie between {minimum} and {maximum}.")
    return number


def boolean(name: str, *, default: bool | None = None) -> bool:
    """Return the variable as yes or no (1, true, yes, on; 0, false, no, off; any case), or `default`.

    Raises EnvironmentValueError where it is missing without a default or is none of these words.
    """
    value = _read(name, default)
    if value is None:
        return bool(default)
    word = value.lower()
    if word not in _TRUE | _FALSE:
        raise EnvironmentValueError(name, "must be true or false.")
    return word in _TRUE


def url(name: str, default: str | None = None, *, schemes: tuple[str, ...] = ("https", "http")) -> str:
    """Return the variable as a URL with one of `schemes` and a host, or `default` ("" means: not configured).

    Raises EnvironmentValueError where it is missing without a default or is no such URL.
    """
    value = _read(name, default)
    if value is None:
        return default or ""
    try:
        parts = urlsplit(value)
        # Several hosts, separated by commas, are Sentinel's way to be found.
        hosts = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
        usable = parts.scheme in schemes and all(host.hostname and host.port != 0 for host in hosts)
    except ValueError:
        usable = False
    if not usable:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise EnvironmentValueError(name, f"must be a URL that starts with {wanted} and names a host.")
    return value


def duration(name: str, default: timedelta | None = None) -> timedelta:
    """Return the variable as a length of time: a number with ms, s, m, h or d (`250ms`, `15m`), bare = seconds.

    Raises EnvironmentValueError where it is missing without a default or is no such length.
    """
    value = _read(name, default)
    if value is None and default is not None:
        return default
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)?", value or "")
    if match is None:
        raise EnvironmentValueError(name, "must be a length of time such as 250ms, 30s, 15m, 12h or 2d.")
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2] or "s"])


def listing(name: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return the variable's comma-separated parts, trimmed, empty ones dropped, or `default`.

    Raises EnvironmentValueError where it is missing without a default or holds nothing but commas.
    """
    value = _read(name, default)
    if value is None:
        return default or ()
    parts = tuple(part.strip() for part in value.split(",") if part.strip())
    if not parts:
        raise EnvironmentValueError(name, "must hold at least one value; several are separated by commas.")
    return parts


def secret(name: str, *, length: int = SECRET_LENGTH) -> str:
    """Return the variable as a secret of at least `length` characters, ten of them different; there is no default.

    Raises EnvironmentValueError where it is missing, too short or too plain to be one.
    """
    value = _read(name, None) or ""
    if len(value) < length or len(set(value)) < SECRET_VARIETY:
        raise EnvironmentValueError(
            name,
            f"is no secret: it needs at least {length} random characters. Make one with `openssl rand -base64 48`.",
        )
    return value


def secrets(name: str, *, length: int) -> tuple[str, ...]:
    """Return the comma-separated secrets of the variable, newest first, each as `secret` wants it.

    Raises EnvironmentValueError where it is missing or one of them is too short or too plain.
    """
    values = listing(name)
    if any(len(value) < length or len(set(value)) < SECRET_VARIETY for value in values):
        raise EnvironmentValueError(name, f"holds a value that is no secret: each needs {length} random characters.")
    return values


def together(values: Mapping[str, str]) -> None:
    """Raise EnvironmentValueError for the first variable of a set that is empty: they mean something only together."""
    for name, value in values.items():
        if not value:
            others = ", ".join(other for other in values if other != name)
            raise EnvironmentValueError(name, f"is not set, and without it these are of no use: {others}.")
