"""The link in a message: made, opened, and what its holder may do without signing in."""

from .minting import Link, link_hash, mint_link
from .opening import Opened, Standing, Told, open_link

__all__ = ["Link", "Opened", "Standing", "Told", "link_hash", "mint_link", "open_link"]
