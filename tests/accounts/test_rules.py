"""The pure rules: codes and waits."""

import base64
from datetime import timedelta

import pytest

from mediconnect.accounts.rules import ACCOUNT, ACCOUNT_AND_ADDRESS, matching_step, totp

# The secret and the moments of RFC 6238, appendix B; its eight digits end in our six.
SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert totp(SECRET, seconds // 30) == code


def test_a_code_counts_one_step_early_and_late_and_no_more() -> None:
    now = 1_000_000_000.0
    step = int(now // 30)
    assert [matching_step(SECRET, totp(SECRET, step + away), now=now, after=0) for away in (-2, -1, 0, 1, 2)] == [
        None,
        step - 1,
        step,
        step + 1,
        None,
    ]


def test_a_code_that_was_used_does_not_count_again() -> None:
    now = 1_000_000_000.0
    step = int(now // 30)
    assert matching_step(SECRET, totp(SECRET, step), now=now, after=step) is None


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "١٢٣٤٥٦", "\x00" * 6])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(SECRET, code, now=1e9, after=0) is None


def test_waits_double_and_end() -> None:
    waits = [ACCOUNT_AND_ADDRESS.wait_after(failures).total_seconds() for failures in range(1, 16)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert ACCOUNT.wait_after(10_000) == timedelta(seconds=30)
