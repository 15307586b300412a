"""How an event becomes ids in a row and back, and how often a delivery is tried: pure, without a database."""

import dataclasses
import enum
import functools
import types
import typing
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from .errors import UnpublishableEvent, UnreadableFact

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

E = TypeVar("E", bound="DataclassInstance")

MAX_ATTEMPTS = 8
"""Eight attempts wait 1 + 2 + … + 64 s ≈ 2 minutes in all: longer than a restart, shorter than a working day."""

Json = str | int | None | list[Any]
Codec = tuple[Callable[[Any], Json], Callable[[Any], Any]]


@functools.cache
def name_of(event_type: type) -> str:
    """Return the stable name of an event: its app and its class, such as `accounts.PasswordResetRequested`."""
    package = event_type.__module__.rpartition(".")[0] or event_type.__module__
    return f"{package.rpartition('.')[2]}.{event_type.__name__}"


def encode(event: "DataclassInstance") -> dict[str, Json]:
    """Return the event's fields as JSON values.

    Raises `UnpublishableEvent` for a class that is no frozen dataclass, for a field whose type could hold words
    (health data would follow), and for a value that is not of its field's type.
    """
    encoded = {}
    for name, (dump, _) in codecs_of(type(event)).items():
        try:
            encoded[name] = dump(getattr(event, name))
        except (TypeError, ValueError) as error:
            message = f"{name_of(type(event))}.{name} holds a value of another type than it declares."
            raise UnpublishableEvent(message) from error
    return encoded


def decode(event_type: type[E], args: object) -> E:
    """Return the event that `encode` made `args` from. Raises `UnreadableFact` if anything is missing, extra or misshapen."""
    codecs = codecs_of(event_type)
    if not isinstance(args, Mapping) or args.keys() != codecs.keys():
        message = f"The arguments are not the fields of {name_of(event_type)}."
        raise UnreadableFact(message)
    try:
        return event_type(**{name: load(args[name]) for name, (_, load) in codecs.items()})
    except (TypeError, ValueError, AttributeError) as error:
        message = f"An argument of {name_of(event_type)} has another type than its field."
        raise UnreadableFact(message) from error


@functools.cache
def codecs_of(event_type: type) -> dict[str, Codec]:
    """Return how each field of the event is written and read. Raises `UnpublishableEvent` as `encode` says."""
    parameters = getattr(event_type, "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        message = f"{event_type.__qualname__} is no frozen dataclass."
        raise UnpublishableEvent(message)
    hints = get_type_hints(event_type)
    return {field.name: _codec(hints[field.name], event_type, field.name) for field in dataclasses.fields(event_type)}


def _codec(hint: Any, event_type: type, field: str) -> Codec:
    """Return the writer and the reader of one field: UUID, int, bool, a choice, None, or a tuple of those."""
    if hint is uuid.UUID:
        return _dump_uuid, _load_uuid
    if hint in (int, bool):
        return functools.partial(_exactly, hint), functools.partial(_exactly, hint)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return functools.partial(_dump_choice, hint), hint
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType) and len(inner) == 2 and type(None) in inner:
        return _optional(_codec(next(kind for kind in inner if kind is not type(None)), event_type, field))
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return _many(_codec(inner[0], event_type, field))
    message = (
        f"{name_of(event_type)}.{field} could hold more than an id: facts carry ids, whole numbers and choices only."
    )
    raise UnpublishableEvent(message)


def _dump_uuid(value: Any) -> str:
    if not isinstance(value, uuid.UUID):
        raise TypeError
    return str(value)


def _load_uuid(value: Any) -> uuid.UUID:
    if not isinstance(value, str):
        raise TypeError
    return uuid.UUID(value)


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value


def _dump_choice(kind: type[enum.Enum], value: Any) -> Json:
    return typing.cast("Json", kind(value).value)


def _optional(codec: Codec) -> Codec:
    dump, load = codec
    return (lambda value: None if value is None else dump(value)), (
        lambda value: None if value is None else load(value)
    )


def _many(codec: Codec) -> Codec:
    dump, load = codec

    def dump_all(values: Any) -> list[Json]:
        return [dump(value) for value in values]

    def load_all(values: Any) -> tuple[Any, ...]:
        if not isinstance(values, list):
            raise TypeError
        return tuple(load(value) for value in values)

    return dump_all, load_all
