"""The commands of `./dev`, one function each."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

from mediconnect.development import bench, checks, manage, messages, pictures, testing, up
from mediconnect.embedded import EmbeddedServersError
from mediconnect.env import EnvironmentValueError

COMMANDS: Final[dict[str, Callable[[list[str]], int]]] = {
    "up": up.run,
    "env": up.show_addresses,
    "manage": manage.run,
    "test": testing.run,
    "check": checks.run,
    "bench": bench.run,
    "pictures": pictures.run,
    "messages": messages.run,
}

STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _interrupted(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Leave every block on the way out, so that whatever it started is stopped; once is enough."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    sys.stderr.write("\nStopping ...\n")
    raise KeyboardInterrupt


def main() -> int:
    """Run the command and return its exit status; what a person can mend is one sentence, not a traceback."""
    for number in STOPPING:
        signal.signal(number, _interrupted)
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except (EmbeddedServersError, EnvironmentValueError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
