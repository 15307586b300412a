"""Ten workers that call a dead service, for the test that counts their calls: `python -m tests.resilience.fleet …`.

Made of one process that divides itself, as ten that start by themselves would take a minute to do so.
"""

import os
import socket
import sys
import time

import django

WORKERS = 10


def main(kind: str, name: str, port: int, seconds: float, wait: float) -> None:
    """Call the service at `port` from ten processes for so many seconds; `kind` is `shared` or, the control, `own`."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mediconnect.settings"
    django.setup()
    gate, opener = os.pipe()
    children = []
    for _ in range(WORKERS):
        child = os.fork()
        if child == 0:
            os.close(opener)
            os.read(gate, 1)  # until the opener is closed: all begin at once
            work(kind, name, port, time.monotonic() + seconds, wait)
            os._exit(0)
        children.append(child)
    os.close(opener)
    sys.exit(max(os.waitpid(child, 0)[1] for child in children))


def work(kind: str, name: str, port: int, until: float, wait: float) -> None:
    """Call whenever there is leave to."""
    from mediconnect.resilience.breaker import Breaker, BreakerOptions, NotPermitted  # noqa: PLC0415
    from mediconnect.resilience.breaker.own import OwnAccount  # noqa: PLC0415
    from mediconnect.resilience.breaker.permits import breaker_on  # noqa: PLC0415
    from mediconnect.resilience.reach import Reach, server  # noqa: PLC0415

    options = BreakerOptions(wait_duration_in_open_state=wait)
    breaker = breaker_on(server(), name, options)
    if kind == "own":
        breaker = Breaker(name, OwnAccount(options), OwnAccount(options), Reach())
    while time.monotonic() < until:
        try:
            permit = breaker.acquire()
        except NotPermitted:
            time.sleep(0.02)
            continue
        with socket.create_connection(("127.0.0.1", port)) as line:
            answer = line.recv(1)
        permit.succeeded() if answer else permit.failed()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))
