"""Show breakers and overrule them, for whoever is on call."""

import getpass
from collections.abc import Iterable
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mediconnect.errors import DomainError
from mediconnect.resilience.breaker import BreakerStatus, breaker_of, find_breaker, known_breakers
from mediconnect.resilience.models import BreakerOverride

VERBS: Final = ("reset", "force-open", "force-close")


class Command(BaseCommand):
    """`breaker status [NAME]`, or `breaker reset|force-open|force-close NAME --reason TEXT`."""

    help = "Show the breakers of outside services, or overrule one. Audited."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb, a name and a reason; only `status` does without the latter two."""
        parser.add_argument("verb", choices=("status", *VERBS))
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--reason", default="", help="why, for whoever looks at it next; no names of people")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what the verb says and print what is then."""
        name = options["name"]
        if options["verb"] != "status" and not name:
            raise CommandError("Which one? `breaker status` lists them.")
        try:
            names = [find_breaker(name).name] if name else known_breakers()
            if options["verb"] != "status":
                _overrule(options["verb"], name, options["reason"])
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write("\n".join(_lines(names)))


def _overrule(verb: str, name: str, reason: str) -> None:
    breaker = find_breaker(name)
    act = {"reset": breaker.reset, "force-open": breaker.force_open, "force-close": breaker.force_closed}[verb]
    act(f"{reason.strip()} ({_operator()}, command line)" if reason.strip() else "", None)


def _lines(names: Iterable[str]) -> Iterable[str]:
    reasons = dict(BreakerOverride.objects.values_list("name", "reason"))
    for name in names:
        status = breaker_of(name).state()
        yield f"{name:<30} {status.state:<13} {_rest(status, reasons.get(name, ''))}"


def _rest(status: BreakerStatus, by_hand: str) -> str:
    """Return what there is to say beside the state: since when, for how long, what was counted, why."""
    parts = [f"{status.failures} of {status.calls} failed"]
    if status.forced:
        parts.append(by_hand)
    else:
        parts.insert(0, f"since {status.since:%Y-%m-%d %H:%M:%S} UTC")
        parts += [status.reason] if status.reason else []
        parts += [f"asked again in {status.retry_after:.0f} s"] if status.retry_after else []
    if status.alone:
        parts.append("Redis is away: this process alone")
    return "; ".join(parts)


def _operator() -> str:
    """Return the operating system's account; a container without one still says so."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
