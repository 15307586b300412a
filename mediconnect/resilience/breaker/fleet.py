"""The account that the whole fleet keeps together, in Redis: one script per question, on the server's clock."""

import json
from collections.abc import Callable
from typing import Any, Final

from redis import Redis

from .rules import ASK_AGAIN, FORCED_ASK_AGAIN, PLENTY, Answer, BreakerOptions, Force, Outcome

NAMES: Final = "breaker:1:names"
"""The set of breakers that were ever asked."""

OVERRIDES: Final = "breaker:1:overrides"
"""What is forced, by name; the empty name marks that the mirror is there at all, as a flush takes it away."""

_IDLE: Final = 24 * 3600
"""Seconds after which a dependency that nobody calls is forgotten."""

# Time is the server's, in milliseconds, and never runs back: where the clock is set back the difference is kept in
# `skew` and added from then on. So a step of the clock neither prolongs an open hour nor revives an old lease.
_OPEN: Final = """
local name, asked, options, known = ARGV[1], ARGV[2], cjson.decode(ARGV[3]), ARGV[4]
local key, calls, failures, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local now = tonumber(asked)
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local kept = redis.call('HMGET', key, 'state', 'since', 'until', 'generation', 'consecutive', 'good', 'why', 'token', 'last', 'skew')
local last, skew = tonumber(kept[9]) or 0, tonumber(kept[10]) or 0
now = now + skew
if now < last then
    skew = skew + last - now
    now = last
end
local state = kept[1] or 'closed'
local since, open_until = tonumber(kept[2]) or now, tonumber(kept[3]) or now
-- A new account begins at a number that no permit of a lost one can have.
local generation = tonumber(kept[4]) or now
local consecutive, good = tonumber(kept[5]) or 0, tonumber(kept[6]) or 0
local why, token = kept[7] or '', tonumber(kept[8]) or 0
local forced = known
if redis.call('EXISTS', KEYS[5]) == 1 then forced = redis.call('HGET', KEYS[5], name) or '' end
local moves = {}

local function turn(new, because)
    moves[#moves + 1] = {state, new, because}
    state, why, since = new, because, now
    generation, consecutive, good = generation + 1, 0, 0
    redis.call('DEL', calls, failures, leases)
end

local function open(because, wait)
    turn('open', because)
    open_until = now + wait
end

local function window()
    local old = now - options.window
    redis.call('ZREMRANGEBYSCORE', calls, '-inf', old)
    redis.call('ZREMRANGEBYSCORE', failures, '-inf', old)
    return redis.call('ZCARD', calls), redis.call('ZCARD', failures)
end

local function permits_left()
    redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
    return math.max(0, options.permits - good - redis.call('ZCARD', leases))
end

local admitted, permit = 0, ''
"""

_CLOSE: Final = """
local room, wait = options.plenty, 0
if forced == 'forced_open' then
    room, wait = 0, options.forced_ask_again
elseif forced == '' and state == 'half_open' then
    room = permits_left()
    if room == 0 then wait = options.ask_again end
elseif forced == '' and state == 'open' then
    wait = math.max(0, open_until - now)
    room = wait > 0 and 0 or options.permits
end
local counted, failed = window()
redis.call('HSET', key, 'state', state, 'since', since, 'until', open_until, 'generation', generation,
    'consecutive', consecutive, 'good', good, 'why', why, 'token', token, 'last', now, 'skew', skew)
for _, each in ipairs({key, calls, failures, leases}) do redis.call('EXPIRE', each, options.idle) end
return cjson.encode({state = state, generation = generation, admitted = admitted, token = permit, wait = wait,
    since = now - since, room = room, calls = counted, failures = failed, why = why, forced = forced, moves = moves})
"""

_ACQUIRE: Final = """
redis.call('SADD', KEYS[6], name)
if forced == '' and state == 'open' and now >= open_until then turn('half_open', 'the wait is over') end
if forced == 'forced_closed' or (forced == '' and state == 'closed') then
    admitted = 1
elseif forced == '' and state == 'half_open' and permits_left() > 0 then
    token = token + 1
    admitted, permit = 1, string.format('%.0f', token)
    redis.call('ZADD', leases, now + options.lease, permit)
end
"""

_RECORD: Final = """
local outcome, of, ended = ARGV[5], ARGV[6], ARGV[7]
if of == '' or tonumber(of) == generation then
    redis.call('ZREM', leases, ended)
    if outcome ~= 'released' and forced == '' then
        if state == 'closed' then
            token = token + 1
            redis.call('ZADD', calls, now, token)
            if outcome == 'failed' then
                redis.call('ZADD', failures, now, token)
                consecutive = consecutive + 1
            else
                consecutive = 0
            end
            local counted, failed = window()
            if consecutive >= options.consecutive then
                open(string.format('%d failures in a row', consecutive), options.wait)
            elseif counted >= options.minimum and failed * 100 >= options.rate * counted then
                open(string.format('%d of %d calls failed', failed, counted), options.wait)
            end
        elseif state == 'half_open' and of ~= '' then
            if outcome == 'failed' then
                open('a trial call failed', options.wait)
            else
                good = good + 1
                if good >= options.permits then turn('closed', 'trial calls succeeded') end
            end
        end
    end
end
"""

_REPORT: Final = "if state == 'closed' then open('reported open', math.min(tonumber(ARGV[5]), options.wait)) end\n"

_RESET: Final = """
turn('closed', 'reset')
if moves[1][1] == 'closed' then moves = {} end
"""


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


class SharedAccount:
    """Counts in Redis for all processes together. Raises `RedisError` where that cannot be done in time."""

    def __init__(
        self,
        client: Redis,
        name: str,
        options: BreakerOptions,
        *,
        known: Callable[[], Force] = lambda: "",
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Count under this name. `known` is what this process knows to be forced, asked where the mirror is lost.

        `clock` gives seconds and stands in for the server's.
        """
        self._name, self._known, self._clock = name, known, clock
        key = f"breaker:1:{{{name}}}"
        self._keys = [key, f"{key}:calls", f"{key}:failures", f"{key}:leases", OVERRIDES, NAMES]
        self._options = json.dumps(_in_script(options))
        self._scripts = {
            verb: client.register_script(_OPEN + body + _CLOSE)
            for verb, body in {
                "acquire": _ACQUIRE,
                "record": _RECORD,
                "report": _REPORT,
                "reset": _RESET,
                "read": "",
            }.items()
        }

    def acquire(self) -> Answer:
        """Admit a call, or say in `wait` how many seconds to stay away."""
        return self._run("acquire")

    def record(self, outcome: Outcome, *, generation: int | None, token: str) -> Answer:
        """Note how a call ended; `generation` None where another account admitted it."""
        return self._run("record", outcome, "" if generation is None else generation, token)

    def report_open(self, seconds: float) -> Answer:
        """Open for so many seconds if closed: another account knows that the dependency is down."""
        return self._run("report", _milliseconds(seconds))

    def reset(self) -> Answer:
        """Close and forget what was counted."""
        return self._run("reset")

    def read(self) -> Answer:
        """Return what is, and change nothing."""
        return self._run("read")

    def _run(self, verb: str, *arguments: str | int) -> Answer:
        now = "" if self._clock is None else _milliseconds(self._clock())
        told: Any = self._scripts[verb](
            keys=self._keys, args=[self._name, now, self._options, self._known(), *arguments]
        )
        return _answer(json.loads(told))


def _in_script(options: BreakerOptions) -> dict[str, float]:
    """Return the options under the script's short names, with times in milliseconds."""
    return {
        "window": _milliseconds(options.sliding_window_seconds),
        "minimum": options.minimum_number_of_calls,
        "rate": options.failure_rate_threshold,
        "consecutive": options.consecutive_failures,
        "wait": _milliseconds(options.wait_duration_in_open_state),
        "permits": options.permitted_number_of_calls_in_half_open_state,
        "lease": _milliseconds(options.permit_lease_seconds),
        "ask_again": _milliseconds(ASK_AGAIN),
        "forced_ask_again": _milliseconds(FORCED_ASK_AGAIN),
        "plenty": PLENTY,
        "idle": _IDLE,
    }


def _answer(told: dict[str, Any]) -> Answer:
    forced: Force = told["forced"]
    return Answer(
        state=forced or told["state"],
        generation=0 if forced else int(told["generation"]),
        admitted=bool(told["admitted"]),
        token=told["token"],
        wait=told["wait"] / 1000,
        since=told["since"] / 1000,
        room=int(told["room"]),
        calls=int(told["calls"]),
        failures=int(told["failures"]),
        why=told["why"],
        forced=forced,
        # An empty table of Lua becomes an object in JSON.
        moves=tuple((old, new, why) for old, new, why in told["moves"] or ()),
    )
