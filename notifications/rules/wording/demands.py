"""Which placeholders each kind of message may use, and which it cannot do without."""

from dataclasses import dataclass
from typing import Final

LONGEST_SUBJECT: Final = 120
"""Characters, before and after filling in: what the row holds. Telephones show some forty of them."""
LONGEST_BODY: Final = 2000
MOST_SEGMENTS: Final = 4

_OF_A_VISIT: Final = frozenset({"clinic", "phone", "address", "day", "time", "provider", "link", "when_list"})
# Shown in lists and on lock screens, and kept unsealed: nothing that opens anything, nobody's name.
_IN_A_SUBJECT: Final = frozenset({"clinic", "day", "time"})


@dataclass(frozen=True, slots=True)
class Demands:
    """What a text may and must fill in. {when_list} stands for {day} and {time}: it lists those of all visits."""

    known: frozenset[str]
    needed: tuple[str, ...] = ()


_OF_A_TIME: Final = _OF_A_VISIT - {"when_list"}
_OF_A_QUESTION: Final = _OF_A_TIME | {"until", "old_day", "old_time"}
_WITH_LINK: Final = Demands(_OF_A_VISIT, ("day", "time", "link"))
_WITH_TIME: Final = Demands(_OF_A_VISIT, ("day", "time"))
_BODIES: Final = {
    "booked": _WITH_LINK,
    "moved": _WITH_LINK,
    "reminder": _WITH_LINK,
    "cancelled": _WITH_TIME,
    "thanks": _WITH_TIME,
    "will_call": Demands(_OF_A_VISIT),
    "please_call": Demands(_OF_A_VISIT),
    "offer": Demands(_OF_A_QUESTION, ("day", "time", "until", "link")),
    "offer_over": Demands(_OF_A_TIME - {"link"}, ("day", "time")),
    "proposal": Demands(_OF_A_QUESTION, ("day", "time", "until", "link")),
    "proposal_over": Demands(_OF_A_TIME, ("day", "time")),
    "late": Demands(_OF_A_TIME | {"minutes"}, ("minutes",)),
    "place": Demands(_OF_A_TIME | {"number"}, ("number", "link")),
    "note": Demands(_OF_A_TIME | {"note"}, ("note",)),
    "password_reset": Demands(frozenset({"link"}), ("link",)),
    "invitation": Demands(frozenset({"link"}), ("link",)),
    "colleague_invited": Demands(frozenset({"link"}), ("link",)),
    "account_code": Demands(frozenset({"code"}), ("code",)),
    "email_check": Demands(frozenset({"code"}), ("code",)),
    "password_changed": Demands(frozenset()),
    "address_in_use": Demands(frozenset()),
}


def of_body(kind: str) -> Demands:
    """Return what the text of this kind of message may and must fill in."""
    return _BODIES[kind]


def of_subject(kind: str) -> frozenset[str]:
    """Return what the subject of this kind may fill in."""
    return _IN_A_SUBJECT & _BODIES[kind].known
