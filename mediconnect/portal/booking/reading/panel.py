"""The whole panel, and the parts of it that change by themselves."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from mediconnect.portal.booking.form import LONGEST_OVERRIDE, LONGEST_REASON, Draft, Slot
from mediconnect.portal.desk import Desk

from .choices import Choices, choices
from .people import Found, choose, find
from .times import Offered, first_day, offer
from .why import Answer, answer


def panel_of(desk: Desk, draft: Draft, *, last_kind: str | None, pinned: bool = False) -> dict[str, Any]:
    """Return everything that the panel shows. Raises `NotFound` for what is not this clinic's.

    `pinned` says that the time picked before stays, since the form comes back for another reason.
    """
    times = times_of(desk, draft, last_kind=last_kind, pinned=pinned)
    return {**patient_of(desk, draft), **times, "close": _beneath(desk, draft)}


def patient_of(desk: Desk, draft: Draft) -> dict[str, Any]:
    """Return who is booked for: the patient who was chosen, or what the search brought."""
    chosen = choose(desk, draft.patient) if draft.patient else None
    found = find(desk, draft.q) if draft.q and chosen is None else Found((), draft.q)
    return {"draft": draft, "chosen": chosen, "found": found}


def times_of(desk: Desk, draft: Draft, *, last_kind: str | None, pinned: bool = False) -> dict[str, Any]:
    """Return what and when: types, providers, the next free starts, and what is to be said about the wished time."""
    chosen = choices(desk, draft, last_kind=last_kind)
    said = answer(desk, draft, chosen)
    wished = said.choice.slot if said and said.free and said.choice else None
    offered = offer(desk, draft, chosen, without=wished, pinned=draft.slot if pinned else None)
    return {
        "draft": draft,
        "choices": chosen,
        "answer": said,
        "offered": offered,
        "checked": _checked(draft, said, offered),
        "from": (draft.wish.astimezone(desk.zone).date() if draft.wish else first_day(desk, draft)).isoformat(),
        "at": f"{draft.wish.astimezone(desk.zone):%H:%M}" if draft.wish else "",
        "longest": {"reason": LONGEST_REASON, "override": LONGEST_OVERRIDE},
    }


def why_of(desk: Desk, draft: Draft, *, last_kind: str | None) -> dict[str, Any]:
    """Return what is to be said about the wished time alone."""
    chosen: Choices = choices(desk, draft, last_kind=last_kind)
    said = answer(desk, draft, chosen)
    return {
        "draft": draft,
        "choices": chosen,
        "answer": said,
        "checked": said.choice.slot if said and said.free and said.choice else None,
        "longest": {"override": LONGEST_OVERRIDE},
    }


def _checked(draft: Draft, said: Answer | None, offered: Offered) -> Slot | None:
    """Return which time is picked: the wished one if it is free, none if it is not, else the one picked before or the first."""
    listed = [choice.slot for day in offered.days for choice in day.choices]
    if said is not None:
        if said.free and said.choice:
            return said.choice.slot
        return draft.slot if draft.slot in listed else None
    return draft.slot if draft.slot in listed else next(iter(listed), None)


def _beneath(desk: Desk, draft: Draft) -> str:
    """Return the address of the page beneath the panel."""
    known = urlencode({name: value for name, value in (("date", draft.day), ("who", draft.who)) if value})
    return reverse("portal:board", kwargs={"clinic": desk.clinic.pk}) + (f"?{known}" if known else "")
