"""One request and its answer, in the loop: ends within its deadline, and in one of the known ways."""

import asyncio
import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import aiohttp
from yarl import URL

from mediconnect.resilience.gateway.progress import Progress, current
from mediconnect.resilience.gateway.terms import Answer, Request
from mediconnect.resilience.outside import Garbled, OutsideError, Phase, Refused, Throttled, TimedOut, Unavailable

_PIECE: Final = 65_536  # bytes read at once
_REFUSAL: Final = 65_536  # bytes kept of what a refusal says

# Errors that say by themselves what happened; for the others it matters how far the call had come.
_TELLING: Final[tuple[tuple[type[Exception], type[OutsideError], str], ...]] = (
    (aiohttp.ClientPayloadError, Garbled, "cut-short"),
    (aiohttp.ClientResponseError, Garbled, "not-http"),
    (ssl.SSLError, Unavailable, "tls"),
    (ssl.CertificateError, Unavailable, "tls"),
)


async def exchange(session: aiohttp.ClientSession, request: Request, progress: Progress) -> Answer:
    """Return the answer, 2xx or 304. Raises `OutsideError` children; nothing of the request is in their words."""
    began = time.monotonic()
    current.set(progress)
    failure: OutsideError
    try:
        async with asyncio.timeout(request.limits.total):
            answer = await _exchange(session, request, began)
    except TimeoutError as error:
        failure = _timed_out(error, request, progress)
    except aiohttp.ClientError as error:
        failure = _broken(error, request, progress)
    except OutsideError as error:
        failure = error
    else:
        return answer
    raise failure  # outside of the handler: what the library says in its errors holds addresses and is not kept


async def _exchange(session: aiohttp.ClientSession, request: Request, began: float) -> Answer:
    limits = request.limits
    pauses = aiohttp.ClientTimeout(
        sock_connect=limits.connect,
        sock_read=limits.read,
        ceil_threshold=float("inf"),  # else the library rounds what is over 5 s up to whole seconds of its clock
    )
    async with session.request(
        request.method,
        URL(request.url, encoded=True),
        headers=request.headers,
        data=request.body,
        timeout=pauses,
        allow_redirects=False,
        skip_auto_headers=("Content-Type",),
    ) as response:
        status = response.status
        _refuse(response, safe=request.is_safe)
        if status >= HTTPStatus.BAD_REQUEST:
            raise Refused(status, body=await _start_of(response) if request.reads else b"")
        # What is not read is closed with the connection, however much more would come.
        body = await _whole(response, limits.max_body, safe=request.is_safe) if request.reads else b""
    answer = Answer(status, response.headers, body, time.monotonic() - began)
    if request.sound is not None:
        _check(request, answer)
    return answer


def _refuse(response: aiohttp.ClientResponse, *, safe: bool) -> None:
    """Raise for an answer that needs no reading."""
    status = response.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Throttled("http-429", retry_after=_retry_after(response))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unavailable(f"http-{status}", ambiguous=not safe, retry_after=_retry_after(response))
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST and status != HTTPStatus.NOT_MODIFIED:
        raise Garbled(f"http-{status}", ambiguous=not safe)


async def _start_of(response: aiohttp.ClientResponse) -> bytes:
    kept = b""
    async for piece in response.content.iter_chunked(_PIECE):
        kept += piece
        if len(kept) >= _REFUSAL:
            break
    return kept[:_REFUSAL]


async def _whole(response: aiohttp.ClientResponse, most: int, *, safe: bool) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Garbled("packed", ambiguous=not safe)  # a kilobyte may unpack to a gigabyte
    if (response.content_length or 0) > most:
        raise Garbled("too-long", ambiguous=not safe)
    pieces, length = [], 0
    async for piece in response.content.iter_chunked(_PIECE):
        length += len(piece)
        if length > most:
            raise Garbled("too-long", ambiguous=not safe)
        pieces.append(piece)
    return b"".join(pieces)


def _check(request: Request, answer: Answer) -> None:
    sound = True
    try:
        if request.sound is not None:
            request.sound(answer)
    except (ValueError, RecursionError):  # the latter: brackets without end
        sound = False
    if not sound:
        raise Garbled("not-the-answer", ambiguous=not request.is_safe)


def _timed_out(error: TimeoutError, request: Request, progress: Progress) -> TimedOut:
    """Say where: before the request was written its phase tells, after that whether a pause or the whole was too long."""
    phase: Phase
    if isinstance(error, aiohttp.SocketTimeoutError):
        phase = "read"
    elif progress.phase in ("write", "read"):
        phase = "total"
    else:
        phase = progress.phase  # type: ignore[assignment]  # the two above are excluded
    return TimedOut(phase, sent=progress.sent, ambiguous=progress.sent and not request.is_safe)


def _broken(error: aiohttp.ClientError, request: Request, progress: Progress) -> OutsideError:
    ambiguous = progress.sent and not request.is_safe
    if isinstance(error, aiohttp.InvalidURL):
        return Refused(HTTPStatus.BAD_REQUEST, "bad-url")
    for kind, ending, code in _TELLING:
        if isinstance(error, kind):
            return ending(code, ambiguous=ambiguous)
    if progress.sent or progress.phase == "write":
        return Unavailable("connection-lost", ambiguous=ambiguous)
    return Unavailable("no-connection" if progress.phase == "connect" else progress.phase)


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    """Return the seconds that the service wants to be left alone: told as such, or as a date by its own clock."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        until = parsedate_to_datetime(told)
        now = parsedate_to_datetime(response.headers["Date"]) if "Date" in response.headers else datetime.now(UTC)
        return (until.astimezone(UTC) - now.astimezone(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
