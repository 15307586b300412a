"""When a breaker opens, tries and closes: each rule for the fleet's account and for one process's own alike."""

import pytest
from redis import Redis

from mediconnect.resilience.breaker.fleet import OVERRIDES, SharedAccount
from mediconnect.resilience.breaker.own import OwnAccount
from mediconnect.resilience.breaker.rules import (
    PLENTY,
    Account,
    Answer,
    BreakerOptions,
    Outcome,
    checked_name,
    options_of,
)
from tests.resilience.conftest import Accounts, Clock

OUTCOMES: dict[str, Outcome] = {"F": "failed", "S": "succeeded", "r": "released"}


def end(account: Account, call: Answer, how: str) -> Answer:
    return account.record(OUTCOMES[how], generation=call.generation, token=call.token)


def calls(account: Account, how: str) -> Answer:
    """Make calls that end as the letters say, one after the other; return what was said last."""
    for letter in how:
        call = account.acquire()
        assert call.admitted
        end(account, call, letter)
    return account.read()


def opened(account: Account) -> Account:
    assert calls(account, "FFFFF").state == "open"
    return account


def test_nine_calls_say_too_little_whatever_their_rate(account: Account) -> None:
    said = calls(account, "FFFFSFFFF")
    assert (said.state, said.calls, said.failures, said.room) == ("closed", 9, 8, PLENTY)


def test_the_fifth_failure_in_a_row_opens(account: Account) -> None:
    assert calls(account, "FFFF").state == "closed"
    call = account.acquire()
    said = end(account, call, "F")
    assert (said.state, said.why, said.room) == ("open", "5 failures in a row", 0)
    assert said.moves == (("closed", "open", "5 failures in a row"),)
    assert account.read().moves == ()


def test_a_success_or_a_released_call_between_them_counts_as_it_should(account: Account) -> None:
    assert calls(account, "FFFFSFFFF").state == "closed"
    assert calls(account, "rr").state == "closed"
    assert calls(account, "F").state == "open"


def test_half_of_ten_calls_opens(account: Account) -> None:
    assert calls(account, "FSFSFSFSF").state == "closed"
    said = calls(account, "S")
    assert (said.state, said.why) == ("open", "5 of 10 calls failed")


def test_the_same_ten_calls_with_the_first_older_than_the_window_do_not(account: Account, clock: Clock) -> None:
    calls(account, "F")
    clock.now += 9
    calls(account, "SFSFSFSF")
    clock.now += 1.001
    said = calls(account, "S")
    assert (said.state, said.calls, said.failures) == ("closed", 9, 4)


def test_fewer_than_half_do_not_open(account: Account) -> None:
    assert calls(account, "FSS" * 20).state == "closed"


def test_failures_in_a_row_count_over_any_time(account: Account, clock: Clock) -> None:
    for _ in range(4):
        calls(account, "F")
        clock.now += 600
    assert calls(account, "F").state == "open"


def test_a_call_too_early_is_refused_and_told_when_to_come(account: Account, clock: Clock) -> None:
    opened(account)
    clock.now += 29.9
    said = account.acquire()
    assert (said.admitted, said.state) == (False, "open")
    assert said.wait == pytest.approx(0.1, abs=0.002)
    clock.now += 0.1
    said = account.acquire()
    assert (said.admitted, said.state) == (True, "half_open")


def test_nothing_opens_by_itself_but_room_says_that_two_may_try(account: Account, clock: Clock) -> None:
    opened(account)
    assert account.read().room == 0
    clock.now += 30
    assert (account.read().state, account.read().room) == ("open", 2)
    account.acquire()
    assert (account.read().state, account.read().room) == ("half_open", 1)


def test_two_may_try_and_others_are_refused_at_once(account: Account, clock: Clock) -> None:
    opened(account)
    clock.now += 30
    assert [account.acquire().admitted for _ in range(4)] == [True, True, False, False]
    assert account.acquire().wait > 0
    assert account.read().room == 0


def test_two_successes_close(account: Account, clock: Clock) -> None:
    opened(account)
    clock.now += 30
    first, second = account.acquire(), account.acquire()
    assert end(account, first, "S").state == "half_open"
    assert not account.acquire().admitted  # the two were all
    said = end(account, second, "S")
    assert (said.state, said.calls, said.failures) == ("closed", 0, 0)
    assert calls(account, "FFFF").state == "closed"


@pytest.mark.parametrize("endings", ["SF", "FS"])
def test_one_failure_of_two_opens_for_a_new_wait(account: Account, clock: Clock, endings: str) -> None:
    opened(account)
    clock.now += 31
    trials = account.acquire(), account.acquire()
    said = [end(account, trial, how) for trial, how in zip(trials, endings, strict=True)][-1]
    assert (said.state, said.why) == ("open", "a trial call failed")
    clock.now += 29.9
    assert not account.acquire().admitted
    clock.now += 0.1
    assert account.acquire().admitted


def test_an_ignored_ending_gives_the_permit_back(account: Account, clock: Clock) -> None:
    opened(account)
    clock.now += 30
    trial, _ = account.acquire(), account.acquire()
    assert not account.acquire().admitted
    end(account, trial, "r")
    assert account.acquire().admitted


def test_a_killed_caller_holds_its_permit_for_a_lease_and_no_longer(account: Account, clock: Clock) -> None:
    opened(account)
    clock.now += 30
    account.acquire(), account.acquire()
    clock.now += 14.9
    assert not account.acquire().admitted
    clock.now += 0.1
    assert [account.acquire().admitted for _ in range(3)] == [True, True, False]


def test_a_trial_that_outlives_its_lease_is_still_heard(account: Account, clock: Clock) -> None:
    opened(account)
    clock.now += 30
    trial = account.acquire()
    clock.now += 15.5
    assert end(account, trial, "F").state == "open"


def test_a_call_of_an_earlier_time_changes_nothing(account: Account, clock: Clock) -> None:
    early = [account.acquire() for _ in range(14)]
    for call in early[:5]:
        end(account, call, "F")
    clock.now += 20
    for call in early[5:9]:
        assert end(account, call, "F").state == "open"
    clock.now += 10
    assert account.acquire().admitted  # the late ones made the wait no longer
    assert end(account, early[9], "F").state == "half_open"
    assert end(account, early[10], "S").state == "half_open"


def test_another_accounts_call_counts_while_closed_only(account: Account, clock: Clock) -> None:
    said = [account.record("failed", generation=None, token="") for _ in range(5)]
    assert [answer.state for answer in said] == ["closed"] * 4 + ["open"]
    clock.now += 30
    account.acquire()
    assert account.record("failed", generation=None, token="").state == "half_open"


def test_reset_closes_and_forgets(account: Account) -> None:
    opened(account)
    said = account.reset()
    assert (said.state, said.moves) == ("closed", (("open", "closed", "reset"),))
    assert account.reset().moves == ()
    assert calls(account, "FFFF").state == "closed"


def test_what_another_account_knows_opens_what_is_closed_and_nothing_else(account: Account, clock: Clock) -> None:
    assert account.report_open(12).state == "open"
    assert account.read().wait == pytest.approx(12)
    assert account.report_open(30).wait == pytest.approx(12)
    clock.now += 12
    account.acquire()
    assert account.report_open(30).state == "half_open"


def test_batch_calls_hold_their_permits_for_as_long_as_they_may_take(accounts: Accounts, clock: Clock) -> None:
    account = opened(accounts(options_of("ehr:northside")))
    clock.now += 30
    account.acquire(), account.acquire()
    clock.now += 149.9
    assert not account.acquire().admitted
    clock.now += 0.1
    assert account.acquire().admitted


def test_options_are_what_they_are_called(accounts: Accounts, clock: Clock) -> None:
    account = accounts(
        BreakerOptions(
            sliding_window_seconds=60,
            minimum_number_of_calls=4,
            failure_rate_threshold=75,
            consecutive_failures=100,
            wait_duration_in_open_state=1,
            permitted_number_of_calls_in_half_open_state=3,
        )
    )
    assert calls(account, "SFF").state == "closed"
    clock.now += 59
    assert calls(account, "F").state == "open"
    clock.now += 1
    assert [account.acquire().admitted for _ in range(4)] == [True, True, True, False]


def test_the_servers_clock_set_back_prolongs_nothing(valkey: Redis, clock: Clock, dependency: str) -> None:
    account = opened(SharedAccount(valkey, dependency, BreakerOptions(), clock=clock))
    clock.now += 10
    assert account.read().wait == pytest.approx(20)
    clock.now -= 3600
    assert account.read().wait == pytest.approx(20)
    clock.now += 20
    assert account.acquire().admitted
    account.acquire()
    clock.now -= 3600
    assert not account.acquire().admitted
    clock.now += 15
    assert account.acquire().admitted


def test_control_an_account_by_the_wall_clock_stays_open_for_an_hour_and_more(clock: Clock) -> None:
    own = OwnAccount(BreakerOptions(), clock=clock)  # made for a clock that never runs back
    opened(own)
    clock.now -= 3600
    clock.now += 30
    assert not own.acquire().admitted


def test_the_server_measures_by_itself(valkey: Redis, dependency: str) -> None:
    here = SharedAccount(valkey, dependency, BreakerOptions(wait_duration_in_open_state=0.05))
    opened(here)
    there = SharedAccount(valkey, dependency, BreakerOptions(wait_duration_in_open_state=0.05))
    assert there.read().state == "open"
    lives = [int(valkey.ttl(key)) for key in valkey.scan_iter(f"*{dependency}*")]
    assert lives
    assert min(lives) > 0


@pytest.mark.parametrize(("forced", "admitted", "room"), [("forced_open", False, 0), ("forced_closed", True, PLENTY)])
@pytest.mark.parametrize("counted", ["SSS", "FFFFF"])
def test_what_is_forced_comes_before_what_was_counted(
    valkey: Redis, dependency: str, counted: str, forced: str, admitted: bool, room: int
) -> None:
    forces = {dependency: ""}
    own = OwnAccount(BreakerOptions(), forced=lambda: forces[dependency])  # type: ignore[arg-type,return-value]
    shared = SharedAccount(valkey, dependency, BreakerOptions())
    for account in (own, shared):
        calls(account, counted)
    before = own.read().state
    forces[dependency] = forced
    valkey.hset(OVERRIDES, mapping={"": "mirrored", dependency: forced})
    for account in (own, shared):
        call = account.acquire()
        assert (call.admitted, call.state, call.room) == (admitted, forced, room)
        for _ in range(10):
            end(account, account.acquire(), "F")
        assert account.read().state == forced
    forces[dependency] = ""
    valkey.hdel(OVERRIDES, dependency)
    assert own.read().state == shared.read().state == before
    valkey.delete(OVERRIDES)


def test_a_lost_mirror_is_replaced_by_what_the_process_knows(valkey: Redis, dependency: str) -> None:
    valkey.delete(OVERRIDES)
    account = SharedAccount(valkey, dependency, BreakerOptions(), known=lambda: "forced_open")
    assert account.acquire().state == "forced_open"
    valkey.hset(OVERRIDES, "", "mirrored")
    assert account.acquire().state == "closed"
    valkey.delete(OVERRIDES)


@pytest.mark.parametrize("name", ["", "Twilio", "a b", "x" * 64, "+4420", "a\n"])
def test_a_name_is_short_and_plain(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a breaker"):
        checked_name(name)
