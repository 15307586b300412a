"""Where a request comes from: what the proxies of the house say, and nobody else."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from mediconnect.accounts.pages.requests import network_address


def address(remote: str, forwarded: str | None = None) -> str:
    request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded} if forwarded is not None else {})
    request.META["REMOTE_ADDR"] = remote
    return network_address(request)


@pytest.mark.parametrize(
    ("remote", "forwarded", "seen"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "1.1.1.1, 198.51.100.1, 10.0.0.6", "198.51.100.1"),
        ("10.0.0.5", "nonsense", "unknown"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("", None, "unknown"),
        ("2001:db8:1:2:aaaa::1", None, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", None, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Settings, remote: str, forwarded: str | None, seen: str) -> None:
    settings.TRUSTED_PROXIES = ("10.0.0.0/8",)
    assert address(remote, forwarded) == seen


def test_without_proxies_no_header_is_believed(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ()
    assert address("203.0.113.9", "198.51.100.1") == "203.0.113.9"
