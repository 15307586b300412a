"""Whether this process is about to end and should be sent nothing new."""

import threading

_draining = threading.Event()


def begin() -> None:
    """Say from now on that this process is not ready; requests that still come are served."""
    _draining.set()


def end() -> None:
    """Take it back."""
    _draining.clear()


def is_draining() -> bool:
    """Say whether the end has been announced."""
    return _draining.is_set()
