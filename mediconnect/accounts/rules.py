"""Pure rules of signing in: how long to wait, which code is right when."""

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

# Idle and absolute ends of a session, from the reliability rules.
STAFF_IDLE = timedelta(minutes=15)
PATIENT_IDLE = timedelta(minutes=30)
SESSION_LIFE = timedelta(hours=12)
# Being seen is written at most this often: a page with ten requests costs one write, not ten.
SEEN_EVERY = timedelta(minutes=1)

RESET_LIFE = timedelta(hours=1)
INVITATION_LIFE = timedelta(days=14)
CODE_LIFE = timedelta(minutes=15)
# Six digits and five tries: one guess in 200,000 per invitation.
CODE_TRIES = 5

TOTP_PERIOD = 30
TOTP_DIGITS = 6
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """How many tries are free, how long the wait may grow, how many tries one minute allows, and the first wait."""

    free: int
    longest: timedelta
    per_minute: int
    first: timedelta = timedelta(seconds=1)

    def wait_after(self, failures: int) -> timedelta:
        """Return how long the next try has to wait after so many failures in a row: 0, then once, twice, 4 times … `first`.

        The wait has a longest value, so nobody is locked out for good by somebody else's guesses.
        """
        if failures <= self.free:
            return timedelta(0)
        # 2^20 s is beyond any sensible limit; the cap keeps the arithmetic small.
        return min(self.first * (1 << min(failures - self.free - 1, 20)), self.longest)


ACCOUNT_AND_ADDRESS = Pace(free=4, longest=timedelta(minutes=5), per_minute=10)
ACCOUNT = Pace(free=20, longest=timedelta(seconds=30), per_minute=60)
RESETS = Pace(free=3, longest=timedelta(minutes=15), per_minute=3)
# Five tries and then an hour's rest: whoever found a phone does not find the birth date as well.
BIRTH_DATE_TRIES = 5
BIRTH_DATE = Pace(
    free=BIRTH_DATE_TRIES - 1, longest=timedelta(hours=1), per_minute=BIRTH_DATE_TRIES, first=timedelta(hours=1)
)


def totp(secret: str, step: int) -> str:
    """Return the six digits of a base32 secret at a time step of 30 s (RFC 6238 with HMAC-SHA-1, as apps expect)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**TOTP_DIGITS:0{TOTP_DIGITS}d}"


def matching_step(secret: str, code: str, *, now: float, after: int) -> int | None:
    """Return the time step for which the code is right, or None.

    `now` is Unix seconds. One step to either side allows for slow clocks and fingers; steps up to `after` were used
    before and do not count again.
    """
    current = int(now // TOTP_PERIOD)
    found = None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(totp(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def provisioning_uri(secret: str, email: str) -> str:
    """Return the otpauth URI that authenticator apps read from a QR code."""
    return f"otpauth://totp/MediConnect:{quote(email)}?secret={secret}&issuer=MediConnect&digits={TOTP_DIGITS}"
