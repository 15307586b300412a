"""Every check beside the tests, one line each: what, how it went, how long it took."""

import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Final

from mediconnect.development.stack import ROOT, environment, new_keys

_MANAGE: Final = (sys.executable, "manage.py")
_BIN: Final = f"{sys.prefix}/bin"
_AUDIT_OPTIONS: Final = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "10")
# What `check --deploy` judges is a production that has all it must have; keys of its own, made for this run.
_PRODUCTION: Final = {
    "DEBUG": "false",
    "ALLOWED_HOSTS": "clinic.example",
    "PUBLIC_URL": "https://clinic.example",
    "TRUSTED_PROXIES": "127.0.0.1",
    "PROCESS_ROLE": "web",
    "DAY_SHEETS_DIR": "/srv/day-sheets",
}


@dataclass(frozen=True)
class Check:
    """A command that passes with status 0, and words by which its output says that it could not look."""

    name: str
    command: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)
    unreachable: tuple[str, ...] = ()


CHECKS: Final = (
    Check("ruff", (f"{_BIN}/ruff", "check", ".")),
    Check("format", (f"{_BIN}/ruff", "format", "--check", ".")),
    Check("mypy", (f"{_BIN}/mypy",)),
    Check("imports", (f"{_BIN}/lint-imports", "--no-cache")),
    Check("migrations", (*_MANAGE, "makemigrations", "--check", "--dry-run")),
    Check("deploy", (*_MANAGE, "check", "--deploy", "--fail-level", "WARNING"), _PRODUCTION | new_keys()),
    Check("templates", (f"{_BIN}/djlint", "templates", "--lint", "--quiet")),
    Check(
        "audit",
        (f"{_BIN}/pip-audit", *_AUDIT_OPTIONS, "-r", "requirements.txt"),
        unreachable=("ConnectionError", "ServiceError", "Failed to", "timed out", "Max retries", "HTTPError"),
    ),
)


def run(arguments: list[str]) -> int:
    """Run the checks named in `arguments` (all of them without); return 1 if one failed, 2 for an unknown name."""
    unknown = set(arguments) - {check.name for check in CHECKS}
    if unknown:
        sys.stderr.write(
            f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(c.name for c in CHECKS)}.\n"
        )
        return 2
    with environment() as variables:
        passed = [_passes(check, variables) for check in CHECKS if not arguments or check.name in arguments]
    return 0 if all(passed) else 1


def _passes(check: Check, variables: dict[str, str]) -> bool:
    started = time.monotonic()
    result = subprocess.run(
        check.command, cwd=ROOT, env=variables | check.variables, check=False, capture_output=True, text=True
    )
    output = (result.stdout + result.stderr).strip()
    blind = result.returncode != 0 and any(word in output for word in check.unreachable)
    verdict = "passed" if result.returncode == 0 else "could not reach its data, not judged" if blind else "FAILED"
    if verdict == "FAILED":
        sys.stdout.write(f"{output}\n")
    sys.stdout.write(f"{check.name:<11} {verdict} ({time.monotonic() - started:.1f} s)\n")
    sys.stdout.flush()
    return verdict != "FAILED"
