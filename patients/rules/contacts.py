"""Phones and e-mail addresses: their one stored form, and how much of them may be shown."""

from typing import Final

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from mediconnect.errors import Invalid

LONGEST_EMAIL: Final = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
LONGEST_PHONE: Final = 40  # as typed, with spaces and brackets

_HIDDEN: Final = "••••"


def country_of(region: str) -> str | None:
    """Return the country of a clinic's region, as US for US-NY, by which a number without a country code is read."""
    return region.partition("-")[0].upper() or None


def normal_phone(text: str, *, country: str | None, field: str = "value") -> str:
    """Return the number in E.164, as +15550104821.

    Raises `Invalid` where it cannot be a number: the length must be possible in its country. Whether the number is
    given out is not asked, since numbering plans change faster than any list of them.
    """
    try:
        number = phonenumbers.parse(text[:LONGEST_PHONE], country)
    except NumberParseException:
        raise Invalid.field(field, _how_to_write(country)) from None
    if number.extension or len(text) > LONGEST_PHONE:
        raise Invalid.field(field, "Write the number alone, without an extension.")
    # A number without its area code is possible too, but only next door.
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise Invalid.field(field, _how_to_write(country))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _how_to_write(country: str | None) -> str:
    if country is None:
        return "Write the phone number with its country code, as in +1 555 010 4821."
    return "This is no phone number; for another country, begin with its code, as in +44."


def normal_email(text: str, *, field: str = "value") -> str:
    """Return the address with its domain in lower case; what stands before the @ is kept as written. Raises `Invalid`."""
    local, _, domain = text.strip().rpartition("@")
    address = f"{local}@{domain.lower()}"
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid.field(field, "This is no e-mail address.") from None
    if len(address) > LONGEST_EMAIL:
        raise Invalid.field(field, f"An e-mail address may have {LONGEST_EMAIL} characters at most.")
    return address


def masked_phone(number: str) -> str:
    """Return what a person recognises the number by: “•••• 4821”."""
    return f"{_HIDDEN} {number[-4:]}"


def masked_email(address: str) -> str:
    """Return what a person recognises the address by: “a•••@example.org”; of a single letter nothing is shown."""
    local, _, domain = address.rpartition("@")
    first = local[0] if len(local) > 1 else ""
    return f"{first}•••@{domain}"
