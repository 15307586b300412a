"""There is one door to services outside: the gateway; and one folder that knows the vendors' clients."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from mediconnect.development.stack import ROOT

HOUSE = ("mediconnect", "providers", "patients", "appointments", "notifications", "ehr")
# What can reach another machine by itself. `http` alone names statuses.
CLIENTS = {
    "requests",
    "urllib.request",
    "urllib3",
    "http.client",
    "httpx",
    "aiohttp",
    "smtplib",
    "ftplib",
    "poplib",
    "imaplib",
    "telnetlib",
    "xmlrpc.client",
    "django.core.mail",
}
VENDORS = {"twilio", "sendgrid", "python_http_client"}
GATEWAY = "mediconnect/resilience/gateway/"
CHANNELS = "notifications/channels/"
# They speak to servers that they started on a developer's machine, and nothing that production runs imports them.
OF_DEVELOPERS = ("mediconnect/development/", "mediconnect/embedded/")
# Checking a signature calls nobody.
SIGNATURES = frozenset({"twilio.request_validator", "sendgrid.helpers.eventwebhook"})


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_of(name: str, packages: Iterable[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _importers(root: Path, packages: set[str], *, but: frozenset[str] = frozenset()) -> set[str]:
    return {
        str(path.relative_to(root))
        for house in HOUSE
        for path in (root / house).rglob("*.py")
        if any(_is_of(name, packages) and not _is_of(name, but) for name in _imported(ast.parse(path.read_text())))
    }


def test_only_the_gateway_has_a_client() -> None:
    importers = _importers(ROOT, CLIENTS)
    assert {name for name in importers if not name.startswith((GATEWAY, *OF_DEVELOPERS))} == set()
    assert any(name.startswith(GATEWAY) for name in importers)


def test_only_the_channels_have_the_vendors_clients() -> None:
    importers = _importers(ROOT, VENDORS, but=SIGNATURES)
    assert {name for name in importers if not name.startswith(CHANNELS)} == set()
    assert importers == {f"{CHANNELS}twilio.py", f"{CHANNELS}sendgrid.py"}


def test_the_vendors_own_transports_are_used_nowhere() -> None:
    """The clients bring transports without a deadline; ours are the only ones they get."""
    transports = {"twilio.http.http_client", "twilio.http.async_http_client", "twilio.rest.TwilioHttpClient"}
    assert _importers(ROOT, transports) == set()


def test_another_way_out_would_be_found(tmp_path: Path) -> None:
    ways = (
        "import requests",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import http.client as h",
    )
    for number, way in enumerate((*ways, "from http import HTTPStatus", "from urllib.parse import quote")):
        house = tmp_path / str(number) / "patients"
        house.mkdir(parents=True)
        (house / "queries.py").write_text(way)
        assert bool(_importers(tmp_path / str(number), CLIENTS)) is (way in ways), way
