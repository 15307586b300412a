"""The statements of one booking, with the values that differ from booking to booking left open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Variable:
    """A parameter that differs from booking to booking."""

    name: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of the booking; `parameters` hold a `Variable` wherever a value differs."""

    sql: str
    parameters: Any


def filled(parameters: Any, values: Mapping[str, Any]) -> Any:
    """Return the parameters of one booking."""
    if isinstance(parameters, Variable):
        return values[parameters.name]
    if isinstance(parameters, dict):
        return {name: filled(member, values) for name, member in parameters.items()}
    if isinstance(parameters, list):
        return [filled(member, values) for member in parameters]
    return parameters
