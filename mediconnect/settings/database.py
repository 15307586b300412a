"""PostgreSQL: which role this process signs in as, how many connections it may hold, how long a statement may take."""

from urllib.parse import parse_qsl, unquote, urlsplit

from mediconnect import env

# What this process does decides its connections: web threads share a pool; queue workers fork, and a pool does not
# survive a fork, so they keep one connection each; anything else (migrations, shell) opens and closes its own.
PROCESS_ROLE = env.text("PROCESS_ROLE", "command", choices=("command", "web", "jobs"))

_SCHEMES = ("postgres", "postgresql")
_OWNER_URL = env.url("DATABASE_URL", schemes=_SCHEMES)
_URLS = {
    "command": _OWNER_URL,
    "web": env.url("DATABASE_URL_WEB", _OWNER_URL, schemes=_SCHEMES),
    "jobs": env.url("DATABASE_URL_JOBS", _OWNER_URL, schemes=_SCHEMES),
}
# Who is granted what by `manage.py grants`: the user names of the two process roles.
DATABASE_PROCESS_USERS = tuple(
    dict.fromkeys(unquote(urlsplit(_URLS[role]).username or "") for role in ("web", "jobs")),
)

BOOKING_ISOLATION = env.text("BOOKING_ISOLATION", "read-committed", choices=("read-committed", "repeatable-read"))

# Per instance: 15 connections for the web processes together (docs/operations/environment.md has the whole sum).
WEB_PROCESSES = env.integer("WEB_CONCURRENCY", 2, minimum=1, maximum=64)
WEB_CONNECTIONS = env.integer("WEB_CONNECTIONS", 15, minimum=1, maximum=300)

_STATEMENT_TIMEOUT_MS = {"command": 0, "web": 5_000, "jobs": 60_000}  # a migration or an import may take its time
_IDLE_TRANSACTION_MS = {"command": 0, "web": 10_000, "jobs": 10_000}  # a zombie's locks are gone within ten seconds
_LOCK_TIMEOUT_MS = 2_000  # a queue for a busy provider is short; whoever waits longer is told to try again


def _options(role: str) -> dict[str, object]:
    session = {
        "lock_timeout": _LOCK_TIMEOUT_MS,
        "statement_timeout": _STATEMENT_TIMEOUT_MS[role],
        "idle_in_transaction_session_timeout": _IDLE_TRANSACTION_MS[role],
    }
    options: dict[str, object] = {
        "connect_timeout": 3,
        "application_name": f"mediconnect-{role}",
        "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
        "tcp_user_timeout": 5_000,  # milliseconds; a server that fell off the network is noticed
    }
    if role == "web":
        options["pool"] = {
            "min_size": 1,
            "max_size": max(1, WEB_CONNECTIONS // WEB_PROCESSES),
            "timeout": 5,  # seconds; below this a pool whose connections were all killed cannot recover in time
            "max_waiting": 50,  # as many as the threads of one instance
            "max_lifetime": 600,
            "max_idle": 120,
        }
    return options


def _connection(role: str) -> dict[str, object]:
    parts = urlsplit(_URLS[role])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 300 if role == "jobs" else 0,
        "CONN_HEALTH_CHECKS": True,  # without it a dead pooled connection is handed out
        "ATOMIC_REQUESTS": False,  # a transaction belongs to a service, not to a request
        "OPTIONS": _options(role) | dict(parse_qsl(parts.query)),
        "TEST": {"NAME": env.text("TEST_DATABASE", "test_mediconnect")},
    }


DATABASES = {"default": _connection(PROCESS_ROLE)}
