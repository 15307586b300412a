"""What can go wrong with servers of our own."""


class EmbeddedServersError(Exception):
    """The servers could not be started; the message is one sentence for the person at the keyboard."""


class FolderInUseError(EmbeddedServersError):
    """Another live process runs servers on the same folder."""
