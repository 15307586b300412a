"""Roll the horizon forward: each night a day of openings is added for everyone who works."""

import logging

from django.db import Error, transaction

from mediconnect.errors import DomainError
from providers.locks import lock_resources
from providers.queries.plans import Pair, every_pair

from .openings import settle

log = logging.getLogger(__name__)


def roll_openings() -> list[Pair]:
    """Bring the openings of every active resource in line with its hours; return the pairs that failed.

    One short transaction for each, so that bookings wait for one resource at a time and a failure stops no other. A visit
    that newer rules of holidays or clocks would strand keeps its time open, for it alone.
    """
    failed = []
    for pair in every_pair():
        try:
            with transaction.atomic():
                lock_resources([pair[0]])
                settle([pair], spare_visits=True)
        except (Error, DomainError):
            failed.append(pair)
            log.exception("openings of %s at %s did not roll", *pair)
    return failed
