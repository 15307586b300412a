"""A load generator in a process of its own: fixed requests, a closed loop per connection, every answer counted.

Run as `python -m benchmarks.load FILE`, where FILE is a pickle of `Load`; writes a JSON object to standard output.
"""

import asyncio
import json
import pickle
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Load:
    """What to send: one list of raw HTTP/1.1 requests per connection."""

    port: int
    connections: list[list[bytes]]


@dataclass
class Outcome:
    """What came back. Times are milliseconds; `rate` is answers per second."""

    rate: float
    p50: float
    p95: float
    p99: float
    statuses: dict[str, int] = field(default_factory=dict)
    failures: int = 0


def run(load: Load) -> Outcome:
    """Send the load from another process and return what came back."""
    with tempfile.NamedTemporaryFile(suffix=".load") as file:
        Path(file.name).write_bytes(pickle.dumps(load))
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", file.name], check=True, capture_output=True, text=True
        )
    return Outcome(**json.loads(done.stdout))


async def _talk(port: int, requests: list[bytes], statuses: Counter[str], times: list[float]) -> int:
    failures = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        began = time.perf_counter()
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            lower = head.lower()
            at = lower.find(b"content-length:")
            body = await reader.readexactly(int(lower[at + 15 : lower.index(b"\r\n", at)])) if at >= 0 else b""
            statuses[_status(head, body)] += 1
            closing = b"connection: close" in lower
        except (OSError, asyncio.IncompleteReadError):
            failures += 1
            closing = True
        times.append(time.perf_counter() - began)
        if closing:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return failures


def _status(head: bytes, body: bytes) -> str:
    """Return the status of an answer, and the code of a refusal."""
    status = head[9:12].decode()
    found = re.search(rb'"code":"([a-z-]+)"', body) if status >= "400" else None
    return f"{status} {found[1].decode()}" if found else status


async def _main(load: Load) -> Outcome:
    statuses: Counter[str] = Counter()
    times: list[float] = []
    began = time.perf_counter()
    failures = await asyncio.gather(*(_talk(load.port, requests, statuses, times) for requests in load.connections))
    seconds = time.perf_counter() - began
    times.sort()

    def at(share: float) -> float:
        return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 2)

    return Outcome(round(len(times) / seconds, 1), at(0.50), at(0.95), at(0.99), dict(statuses), sum(failures))


def request(method: str, path: str, body: Any = None, **headers: str) -> bytes:
    """Return the bytes of a request; `headers` are written with dashes for underscores."""
    content = json.dumps(body).encode() if body is not None else b""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "X-Forwarded-Proto: https",
        f"Content-Length: {len(content)}",
    ]
    if content:
        lines.append("Content-Type: application/json")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(asyncio.run(_main(pickle.loads(Path(sys.argv[1]).read_bytes()))))))
