"""Processes that tests start beside themselves, on the database of the test."""

import os
from urllib.parse import quote

from django.db import connection


def environment_of_the_test_database() -> dict[str, str]:
    """Return the environment in which a process of ours works on this test's database, in each of its roles."""
    values = connection.settings_dict
    user, password = quote(values["USER"], safe=""), quote(values["PASSWORD"], safe="")
    url = f"postgresql://{user}:{password}@{quote(values['HOST'], safe='')}:{values['PORT']}/{values['NAME']}"
    return os.environ | {"DATABASE_URL": url, "DATABASE_URL_WEB": url, "DATABASE_URL_JOBS": url}
