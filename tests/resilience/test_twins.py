"""Whatever happens in whatever order, the fleet's account and a process's own say the same; so do the two kinds of tokens."""

import os
import uuid

from hypothesis import given
from hypothesis import strategies as st

from mediconnect.resilience.breaker.fleet import SharedAccount
from mediconnect.resilience.breaker.own import OwnAccount
from mediconnect.resilience.breaker.rules import Account, Answer, BreakerOptions
from mediconnect.resilience.bucket import Lowered, OwnTokens, SharedTokens, Terms
from mediconnect.resilience.reach import connect
from tests.resilience.conftest import Clock
from tests.resilience.test_breaker_rules import OUTCOMES

# Half seconds are exact in milliseconds and in floats, so that both meet each boundary at the same moment.
PAUSES = st.sampled_from([0.0, 0.5, 5.0, 9.5, 10.0, 14.5, 15.0, 29.5, 30.0, 90.0])
STEPS = st.one_of(
    st.tuples(st.just("call"), st.just(0)),
    st.tuples(st.sampled_from(sorted(OUTCOMES)), st.integers(0, 30)),  # how a call ended, and which
    st.tuples(st.sampled_from(["strange F", "strange S", "reset", "report"]), st.integers(0, 40)),
    st.tuples(st.just("pause"), PAUSES),
)


class Caller:
    """Does the same to an account as its twin does to the other."""

    def __init__(self, account: Account) -> None:
        self.account, self.under_way = account, list[Answer]()

    def step(self, what: str, which: float) -> Answer:
        if what == "call":
            answer = self.account.acquire()
            if answer.admitted:
                self.under_way.append(answer)
            return answer
        if what in OUTCOMES and self.under_way:
            call = self.under_way.pop(int(which) % len(self.under_way))
            return self.account.record(OUTCOMES[what], generation=call.generation, token=call.token)
        if what.startswith("strange"):
            return self.account.record(OUTCOMES[what[-1]], generation=None, token="")
        if what == "report":
            return self.account.report_open(which)
        return self.account.reset() if what == "reset" else self.account.read()


def said(answer: Answer) -> tuple[object, ...]:
    """Return what both must agree on: all but numbers that each gives out for itself."""
    return (
        *(answer.state, answer.admitted, answer.room, answer.calls, answer.failures, answer.why, answer.moves),
        *(round(answer.wait, 3), round(answer.since, 3)),
    )


@given(st.lists(STEPS, max_size=60))
def test_the_two_accounts_agree(steps: list[tuple[str, float]]) -> None:
    clock, options = Clock(), BreakerOptions(minimum_number_of_calls=6, consecutive_failures=4)
    with connect(os.environ["REDIS_URL"]) as client:
        fleet = Caller(SharedAccount(client, f"test:{uuid.uuid4().hex}", options, clock=clock))
        own = Caller(OwnAccount(options, clock=clock))
        fleet.account.read()  # an account of the fleet begins with its first question
        for what, which in steps:
            if what == "pause":
                clock.now += which
            assert said(fleet.step(what, which)) == said(own.step(what, which))


USES = st.one_of(
    st.fixed_dictionaries({"want": st.integers(1, 8), "least": st.integers(1, 1)}),
    st.integers(1, 8).map(lambda n: {"want": n, "least": n}),
    st.fixed_dictionaries({"give": st.sampled_from([0.125, 1.0, 50.0])}),
    st.builds(Lowered, st.sampled_from([0.0, 0.25, 8.0]), st.sampled_from([0.5, 4.0, 60.0])).map(
        lambda lowered: {"lowered": lowered}
    ),
)


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.0, 0.5, 3.0, 100.0]), USES), max_size=60))
def test_the_two_kinds_of_tokens_agree(steps: list[tuple[float, dict[str, object]]]) -> None:
    clock, terms = Clock(), Terms(rate=2, burst=8, first=4)
    with connect(os.environ["REDIS_URL"]) as client:
        fleet, own = SharedTokens(client, uuid.uuid4().hex, terms, clock=clock), OwnTokens(terms, clock=clock)
        fleet.use()  # the fleet's begin with their first use
        for pause, use in steps:
            clock.now += pause
            (taken, wait), (own_taken, own_wait) = (tokens.use(**use) for tokens in (fleet, own))  # type: ignore[arg-type]
            assert taken == own_taken
            assert abs(wait - own_wait) <= 0.001 + 1e-9  # the fleet waits in whole milliseconds
