"""Who hears which fact: the wiring table, found by its dotted name so that nothing here imports upward."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from mediconnect.outbox.errors import UnknownFact
from mediconnect.outbox.rules import name_of

if TYPE_CHECKING:
    from mediconnect.outbox.models import Fact

    Handler = Callable[[Fact], None]


@functools.cache
def _wiring() -> Mapping[type, tuple[str, ...]]:
    return cast("Mapping[type, tuple[str, ...]]", import_string(settings.FACT_HANDLERS))


@functools.cache
def _event_types() -> dict[str, type]:
    return {name_of(event_type): event_type for event_type in _wiring()}


def listeners_of(event_type: type) -> tuple[str, ...]:
    """Return the dotted names of the handlers wired to this event; none for one that nobody hears yet."""
    return _wiring().get(event_type, ())


def event_type_of(name: str) -> type:
    """Return the event class of a fact's name. Raises `UnknownFact` if it is not wired in this release."""
    try:
        return _event_types()[name]
    except KeyError:
        message = "No event of this name is wired."
        raise UnknownFact(message) from None


def handler_of(dotted_name: str) -> "Handler":
    """Return the handler. Raises `UnknownFact` if the wiring does not list it (a stored name alone runs nothing)."""
    if not any(dotted_name in names for names in _wiring().values()):
        message = "The wiring does not list this handler."
        raise UnknownFact(message)
    return cast("Handler", import_string(dotted_name))


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "FACT_HANDLERS":
        _wiring.cache_clear()
        _event_types.cache_clear()


setting_changed.connect(_forget, dispatch_uid="outbox.routing")
