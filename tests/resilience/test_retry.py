"""A wait doubles, is spread evenly over a quarter either way, and never exceeds five minutes."""

import random
import statistics
from math import sqrt

import pytest

from mediconnect.resilience.retry import LONGEST, RETRIES, delay

SAMPLES = 10_000


def _waits(attempt: int) -> list[float]:
    chance = random.Random(attempt)
    return [delay(attempt, spread=chance.uniform) for _ in range(SAMPLES)]


def _distance_from_uniform(samples: list[float], low: float, high: float) -> float:
    """Return the Kolmogorov–Smirnov distance between the samples and the uniform distribution on [low, high]."""
    shares = [(value - low) / (high - low) for value in sorted(samples)]
    return max(max((i + 1) / len(shares) - share, share - i / len(shares)) for i, share in enumerate(shares))


@pytest.mark.parametrize("attempt", range(8))
def test_waits_are_spread_evenly_over_a_quarter_either_way(attempt: int) -> None:
    waits, base = _waits(attempt), 2**attempt
    assert 0.75 * base <= min(waits) <= max(waits) <= 1.25 * base
    assert statistics.mean(waits) == pytest.approx(base, rel=0.01)
    # A uniform sample is further away than this once in a thousand; the seed makes it the same sample each time.
    assert _distance_from_uniform(waits, 0.75 * base, 1.25 * base) < 1.95 / sqrt(SAMPLES)


def test_control_another_distribution_is_told_apart() -> None:
    chance = random.Random(1)
    lopsided = [delay(3, spread=chance.triangular) for _ in range(SAMPLES)]
    assert _distance_from_uniform(lopsided, 6, 10) > 1.95 / sqrt(SAMPLES)


@pytest.mark.parametrize("attempt", [8, 9, 12, 100, 5000])
def test_no_wait_exceeds_five_minutes(attempt: int) -> None:
    waits = _waits(attempt)
    assert max(waits) == LONGEST
    assert min(waits) >= 0.75 * min(LONGEST, 2**attempt)


def test_how_often_each_kind_is_tried_again() -> None:
    assert RETRIES == {"sms": 3, "email": 5, "ehr": 3}
