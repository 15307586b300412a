"""A hundred requests a minute for each caller, counted exactly across all processes."""

from django.conf import settings

from mediconnect.resilience.rate import count

from .errors import RateLimited
from .principal import Principal


def admit(principal: Principal) -> None:
    """Count this request of the caller's; raises `RateLimited` when the minute is used up."""
    allowed, retry_after = count(f"api:{principal.key}", limit=settings.API_REQUESTS_PER_MINUTE)
    if not allowed:
        raise RateLimited(retry_after)
