"""The gate between the queue's tables and its workers: what is not on the list is not executed."""

from collections.abc import Mapping
from typing import Any, Final

from mediconnect.schedule import ALLOWED_FUNCTIONS

# A hook is a function that the monitor calls by name, a chain is a list of further tasks: two more ways in.
_REFUSED_OPTIONS: Final = ("hook", "chain")


def refusal(task: Any) -> str:
    """Return why this unpacked task must not run, or "" if it may.

    Only the dotted name of a function in `mediconnect/schedule.py` passes, never a pickled callable.
    """
    if not isinstance(task, Mapping):
        return "no task"
    function = task.get("func")
    if not isinstance(function, str) or function not in ALLOWED_FUNCTIONS:
        return "function not allowed"
    return next((f"{option} not allowed" for option in _REFUSED_OPTIONS if task.get(option)), "")
