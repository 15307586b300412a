"""What readiness asks: can this process reach a database that fits its code? And, for information, the cache."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Final

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django_redis import get_redis_connection
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from redis.exceptions import RedisError

_DATABASE_SECONDS: Final = 2.0


@cache
def _migrations_of_this_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


@dataclass
class Database(HealthCheck):
    """The database answers within two seconds, through this process's own pool, and has every migration of this code.

    One statement for both: the list of applied migrations is short, and reading it proves more than SELECT 1.
    """

    # The library adds a second before it stops waiting: two in all.
    timeout: timedelta = field(default=timedelta(seconds=_DATABASE_SECONDS - 1), repr=False)

    def run(self) -> None:
        """Raise `ServiceUnavailable` if the database is away, slow or behind."""
        started = time.monotonic()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT app, name FROM django_migrations")
                applied = set(cursor.fetchall())
        except (DatabaseError, InterfaceError) as error:
            message = "no answer"
            raise ServiceUnavailable(message) from error
        finally:
            connection.close()  # back to the pool; this thread only asks now and then
        if time.monotonic() - started > _DATABASE_SECONDS:
            message = "slow"
            raise ServiceUnavailable(message)
        if not _migrations_of_this_code() <= applied:
            message = "migrations missing"
            raise ServiceUnavailable(message)


@dataclass
class Cache(HealthCheck):
    """Redis answers a PING. Told, never decisive: everything works without it, only less quickly."""

    timeout: timedelta = field(default=timedelta(seconds=0.5), repr=False)

    def run(self) -> None:
        """Raise `ServiceUnavailable` if there is no answer."""
        try:
            get_redis_connection("default").ping()
        except (RedisError, OSError) as error:
            message = "no answer"
            raise ServiceUnavailable(message) from error
