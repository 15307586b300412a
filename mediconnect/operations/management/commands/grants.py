"""Give the process roles what they need on the tables, and no way to rewrite what is append-only."""

from typing import Final

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from psycopg import sql

APPEND_ONLY: Final = ("records_change",)


class Command(BaseCommand):
    """Run after `migrate`, by the owner of the tables; running it again changes nothing."""

    help = "Grants the web and jobs roles their rights on all tables; append-only tables can only be added to and read."

    def handle(self, *args: object, **options: object) -> None:
        """Grant to each role of DATABASE_URL_WEB and DATABASE_URL_JOBS that is not the owner itself."""
        owner = settings.DATABASES["default"]["USER"]
        roles = [role for role in settings.DATABASE_PROCESS_USERS if role != owner]
        with transaction.atomic():
            for role in roles:
                _grant(role)
        if options["verbosity"]:
            self.stdout.write(f"Granted to: {', '.join(roles) or 'nobody, the processes sign in as the owner'}")


def _grant(role: str) -> None:
    name = sql.Identifier(role)
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {role}").format(role=name),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}").format(role=name),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}").format(role=name),
        *(
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}").format(
                table=sql.Identifier(table), role=name
            )
            for table in APPEND_ONLY
        ),
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
