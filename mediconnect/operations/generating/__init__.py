"""A database of any size for load tests, made by COPY and true under every constraint."""

from .running import generate
from .sizing import Size, TooDense

__all__ = ["Size", "TooDense", "generate"]
