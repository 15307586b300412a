"""What every stored record shares: its identifier, its version, its history, and the sealing of what is private."""

from .acting import acting, declare_actor
from .encryption import EncryptedTextField, blind_index, decrypt, encrypt
from .identifiers import uuid7

__all__ = ["EncryptedTextField", "acting", "blind_index", "declare_actor", "decrypt", "encrypt", "uuid7"]
