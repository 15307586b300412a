"""Tell the processes of a cluster that it is to stop, so that whoever works in turns ends the present one."""

import mmap
from typing import Final

# One byte of memory that a process shares with the children it forks. No lock guards it: a worker may be killed at any
# moment, also while it looks, and a lock that it held would be held for ever.
_FLAG: Final = mmap.mmap(-1, 1)


def announce_stop() -> None:
    """Let this process and all that it forked know that they are to end."""
    _FLAG[0] = 1


def is_stopping() -> bool:
    """Return whether this process, or the one that forked it, is to end. Costs nothing to ask."""
    return _FLAG[0] == 1
