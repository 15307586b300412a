"""Which version a change was made against, and what to answer when that is no longer the one."""

import re
from dataclasses import dataclass
from typing import Final

from mediconnect.errors import Invalid, VersionRequired

from .requests import ApiRequest

_ETAG: Final = re.compile(r'(?:W/)?"v([1-9][0-9]{0,8})"')


@dataclass(frozen=True, slots=True)
class Expected:
    """The version that the caller last saw, and whether it stood in If-Match (a conflict is 412) or in the body (409)."""

    version: int
    by_header: bool


def expected_version(request: ApiRequest) -> Expected:
    """Return the version from `If-Match: "v3"` or from `"version": 3` in the body; the header wins.

    Raises `VersionRequired` (428) for neither and `Invalid` for a malformed one, `*` included: it would overwrite blindly.
    """
    header = request.headers.get("If-Match")
    if header is not None:
        match = _ETAG.fullmatch(header.strip())
        if match is None:
            raise Invalid.field("If-Match", 'Write the version as "v3", quotes included.')
        return Expected(int(match[1]), by_header=True)
    body = request.data if isinstance(request.data, dict) else {}
    version = body.get("version")
    if version is None:
        raise VersionRequired
    if isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 1_000_000_000:
        raise Invalid.field("version", "A version is a whole number from 1.")
    return Expected(version, by_header=False)
