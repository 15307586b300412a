"""People are told what they can do, in their own language; no page speaks of headers, bodies or quoted members."""

import re

import pytest
from django.utils import translation

from appointments.errors import SlotTaken
from mediconnect.errors import DomainError, Invalid, NotFound, TryAgain, VersionConflict
from mediconnect.idempotency.errors import InProgress, KeyInvalid, KeyRequired, KeyReused
from mediconnect.portal.sentences import for_people
from patients.errors import PossibleDuplicate
from providers.errors import VisitsInTheWay

OF_PROGRAMS = re.compile(r"“\w+”|[Hh]eader|\bbody\b|JSON|Idempotency|If-Match|request_id|true\b")


def _made(kind: type[DomainError]) -> DomainError:
    made: DomainError = kind.__new__(kind)
    DomainError.__init__(made)
    return made


@pytest.mark.parametrize(
    "kind",
    [
        Invalid,
        NotFound,
        TryAgain,
        VersionConflict,
        SlotTaken,
        PossibleDuplicate,
        VisitsInTheWay,
        KeyRequired,
        KeyInvalid,
        KeyReused,
        InProgress,
    ],
)
def test_what_a_page_may_meet_is_said_to_people(kind: type[DomainError]) -> None:
    assert OF_PROGRAMS.findall(" ".join(for_people(_made(kind)))) == []


def test_what_was_said_for_the_occasion_is_kept() -> None:
    assert for_people(NotFound("There is no such hold."))[1] == "There is no such hold."
    with translation.override("es"):
        assert for_people(NotFound("There is no such hold."))[1] == "No existe esa hora apartada."
        assert for_people(SlotTaken()) == ("La hora está ocupada", "Otra persona tiene esta hora. Elija otra.")
