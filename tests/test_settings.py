"""The settings refuse to start where a production would be unsafe, and say which variable is wrong."""

import os
import subprocess
import sys

import pytest

from mediconnect.development.stack import ROOT, new_keys

PRODUCTION = {
    "DEBUG": "false",
    "ALLOWED_HOSTS": "clinic.example",
    "PUBLIC_URL": "https://clinic.example",
    "DATABASE_URL": "postgresql://owner:secret@db.example/clinic?sslmode=require",
    "REDIS_URL": "rediss://cache.example/0",
}
_SHOW = "from django.conf import settings; print({!s})"


def _python(code: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    base = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "mediconnect.settings"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=base | variables, check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "only-thirty-characters-of-key!"),
        ("SECRET_KEY", "a" * 64),
        ("BLIND_INDEX_KEY", ""),
        ("FIELD_ENCRYPTION_KEYS", ""),
        ("FIELD_ENCRYPTION_KEYS", "no-fernet-key-but-long-enough-to-pass-for-one-0123"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://owner@db.example/clinic"),
        ("REDIS_URL", ""),
        ("ALLOWED_HOSTS", ""),
        ("PUBLIC_URL", ""),
        ("BOOKING_ISOLATION", "serializable"),
        ("DEBUG", "perhaps"),
        ("WEBHOOK_PORTS", "443,https"),
        ("WEBHOOK_PORTS", "0"),
        ("WEBHOOKS_TO_THIS_MACHINE", "true"),
    ],
)
def test_a_missing_or_weak_variable_stops_the_start_by_name(name: str, value: str) -> None:
    command = [sys.executable, "manage.py", "check"]
    variables = {"PATH": os.environ["PATH"], **PRODUCTION, **new_keys(), name: value}
    result = subprocess.run(command, cwd=ROOT, env=variables, check=False, capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stderr.startswith(f"{name} ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SENDGRID_API_KEY": "SG.key"}, "SENDGRID_FROM"),
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_AUTH_TOKEN": "token"}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token"}, "TWILIO_MESSAGING_SERVICE or TWILIO_FROM"),
    ],
)
def test_half_a_set_of_keys_stops_the_start_rather_than_sending_to_nobody(given: dict[str, str], missing: str) -> None:
    command = [sys.executable, "manage.py", "check"]
    variables = {"PATH": os.environ["PATH"], **PRODUCTION, **new_keys(), **given}
    result = subprocess.run(command, cwd=ROOT, env=variables, check=False, capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stderr.startswith(f"{missing} ")


def test_each_kind_of_process_gets_its_own_role_and_connections() -> None:
    roles = {
        "DATABASE_URL_WEB": "postgresql://web:w@db.example/clinic",
        "DATABASE_URL_JOBS": "postgresql://jobs:j@db.example/clinic",
    }
    show = _SHOW.format(
        "(settings.DATABASES['default']['USER'], settings.DATABASES['default']['CONN_MAX_AGE'],"
        " (settings.DATABASES['default']['OPTIONS'].get('pool') or {}).get('max_size'),"
        " 'statement_timeout=5000' in settings.DATABASES['default']['OPTIONS']['options'])"
    )
    answers = {
        role: _python(show, PRODUCTION | new_keys() | roles | {"PROCESS_ROLE": role}).stdout.strip()
        for role in ("command", "web", "jobs")
    }
    assert answers == {
        "command": "('owner', 0, None, False)",
        "web": "('web', 0, 7, True)",  # 15 connections of one instance, two processes
        "jobs": "('jobs', 300, None, False)",
    }


def test_options_of_the_database_address_are_kept() -> None:
    show = _SHOW.format("settings.DATABASES['default']['OPTIONS']['sslmode']")
    assert _python(show, PRODUCTION | new_keys()).stdout.strip() == "require"


def test_a_sentinel_address_names_its_service_and_hosts() -> None:
    show = _SHOW.format("(settings.CACHES['default']['LOCATION'], settings.CACHES['default']['OPTIONS']['SENTINELS'])")
    variables = (
        PRODUCTION | new_keys() | {"REDIS_URL": "redis+sentinel://:p@one.example:26379,two.example:26380/main/1"}
    )
    result = _python(show, variables)
    assert result.stdout.strip() == "('redis://main/1', [('one.example', 26379), ('two.example', 26380)])"


def test_production_serves_only_over_tls() -> None:
    show = _SHOW.format(
        "all([settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.LANGUAGE_COOKIE_SECURE,"
        " settings.SECURE_HSTS_SECONDS >= 31536000, not settings.DEBUG])"
    )
    assert _python(show, PRODUCTION | new_keys()).stdout.strip() == "True"
