"""What may be a fact, and how it is written down."""

import uuid
from dataclasses import dataclass
from datetime import date

import pytest

from mediconnect.outbox.errors import UnpublishableEvent, UnreadableFact
from mediconnect.outbox.rules import decode, encode, name_of
from tests.outbox.listeners import Colour, Rang


@dataclass(frozen=True)
class Everything:
    """Each kind of field that an event may have."""

    one: uuid.UUID
    many: tuple[uuid.UUID, ...]
    number: int
    yes: bool
    colour: Colour
    perhaps: uuid.UUID | None
    nothing: int | None


@dataclass(frozen=True)
class WithWords:
    """An event that could carry a name."""

    text: str


@dataclass(frozen=True)
class WithDate:
    """An event that could carry a birth date."""

    on: date


@dataclass
class Changeable:
    """An event that somebody could rewrite."""

    one: uuid.UUID


def test_an_event_reads_as_it_was_written() -> None:
    event = Everything(uuid.uuid4(), (uuid.uuid4(), uuid.uuid4()), 3, True, Colour.BLUE, uuid.uuid4(), None)
    assert decode(Everything, encode(event)) == event


def test_the_name_is_app_and_class() -> None:
    from mediconnect.accounts.events import PatientInvited  # noqa: PLC0415

    assert name_of(PatientInvited) == "accounts.PatientInvited"


@pytest.mark.parametrize("event", [WithWords("Mary"), WithDate(date(1950, 5, 3)), Changeable(uuid.uuid4()), object()])
def test_an_event_that_could_carry_more_than_ids_is_refused(event: object) -> None:
    with pytest.raises(UnpublishableEvent):
        encode(event)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["Mary Jones", 7, None])
def test_a_value_of_another_type_than_its_field_is_refused(value: object) -> None:
    with pytest.raises(UnpublishableEvent):
        encode(Rang(bell_id=value))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "args",
    [None, [], {}, {"bell_id": None}, {"bell_id": "x"}, {"bell_id": str(uuid.uuid4()), "more": 1}, {"bell_id": 5}],
)
def test_arguments_that_do_not_fit_are_unreadable(args: object) -> None:
    with pytest.raises(UnreadableFact):
        decode(Rang, args)
