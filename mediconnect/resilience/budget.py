"""How many of a dependency's calls may be second attempts: a tenth, and one per second, so that retries pile up nowhere."""

from typing import Final

from mediconnect.resilience.bucket import Terms, Tokens, tokens_of

DEPOSIT: Final = 0.1
"""Of a retry, earned by each request (reliability S-3: at most 10 % of requests)."""

PER_SECOND: Final = 1.0
"""Retries earned by time alone, so that a quiet dependency is tried again as well (S-3: + 1/s)."""

CAPACITY: Final = 20.0
"""Retries saved up at most: what was earned in a good hour is not spent in one bad second. Our own assumption."""


class RetryBudget:
    """The retries that a dependency still has, for the whole fleet. Begins with none: the first second earns one.

    Its methods never raise for a lost Redis: then each of `processes` earns by its own requests and its share of a second.
    """

    def __init__(self, name: str, *, processes: int = 1, tokens: Tokens | None = None) -> None:
        """Share the budget with all who use this name; `tokens` holds it elsewhere than in Redis."""
        terms = Terms(rate=PER_SECOND, burst=CAPACITY, first=0.0)
        self._tokens = tokens or tokens_of(f"retries:{name}", terms, processes=processes)

    def spent_by_request(self) -> None:
        """Note a first attempt: it earns a tenth of a retry."""
        self._tokens.use(give=DEPOSIT)

    def may_retry(self) -> bool:
        """Take one retry and return True, or return False where none is left: snooze, it is no attempt."""
        return self._tokens.use(want=1, least=1)[0] == 1
