"""PostgreSQL and Valkey from wheels, for one machine's development and tests; never in production.

One folder holds one pair of servers: data, generated passwords, logs. Whoever starts them holds the folder's lock and
they live exactly as long as their starter: Linux ends them with it, elsewhere the next start ends what was left.
"""

from mediconnect.embedded.errors import EmbeddedServersError, FolderInUseError
from mediconnect.embedded.pair import Servers, first_free, is_free, running, servers

__all__ = ["EmbeddedServersError", "FolderInUseError", "Servers", "first_free", "is_free", "running", "servers"]
