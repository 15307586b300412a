"""The pictures of README and docs: each a page of a busy day, its size and theme, and what is done there first."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django.utils import timezone
from playwright.sync_api import Page, ViewportSize

from appointments.models import Appointment, Status
from notifications.models import Channel, Kind, Message, Reply, State
from notifications.rules.reasons import Why
from tests.browser.clinic_day import ClinicDay
from tests.browser.sizes import DESK, PHONE
from tests.factories import ContactPointFactory, MessageFactory, ReplyFactory
from tests.notifications.linked import linked

_REPLIES: Final = (
    ("My bus is late, can I come twenty minutes later?", Reply.Meaning.UNCLEAR, Why.UNCLEAR_WORDS),
    ("2", Reply.Meaning.CALL, Why.ASKED_BY_REPLY),
    ("¿Puede venir mi hija conmigo?", Reply.Meaning.UNCLEAR, Why.UNCLEAR_WORDS),
)
_FAILED: Final = (
    (Channel.SMS, State.UNDELIVERED, Why.UNDELIVERABLE, "+12125550142"),
    (Channel.EMAIL, State.DEAD, Why.ATTEMPTS_USED_UP, "noor@mail.example"),
)


def _nothing(page: Page, day: ClinicDay) -> None:
    """Leave the page as it opens."""


@dataclass(frozen=True)
class Picture:
    """One picture. `path` gives the address for a day, `steps` what is done before the shutter; `by` is whose page it is."""

    name: str
    path: Callable[[ClinicDay], str]
    viewport: ViewportSize = field(default_factory=DESK.copy)
    theme: Literal["light", "dark"] = "light"
    steps: Callable[[Page, ClinicDay], None] = _nothing
    by: Literal["desk", "admin", "doctor"] = "desk"


def _phone_rings(page: Page, day: ClinicDay) -> None:
    """Open the panel on free time and look somebody up."""
    page.get_by_role("link", name="Book").first.click()
    page.locator("#panel input[name=q]").press_sequentially("San")
    page.locator("#book-found").get_by_text("Santos").wait_for()


def _a_card(page: Page, day: ClinicDay) -> None:
    """Open the card of a visit to come."""
    page.locator("#board a.visit.is-confirmed").first.click()
    page.locator("#panel [data-visit]").wait_for()


def _inbox(day: ClinicDay) -> str:
    """Write what waits for somebody, and return where it waits."""
    now = timezone.now()
    ahead = Appointment.objects.filter(
        clinic=day.clinic, status=Status.BOOKED, starts_at__gt=now, provider__in=day.providers[3:]
    )
    visits = iter(ahead.select_related("patient").order_by("starts_at")[: len(_REPLIES) + len(_FAILED)])
    for number, (body, meaning, why) in enumerate(_REPLIES):
        asked = _reminder(next(visits), state=State.DELIVERED, sent_at=now, delivered_at=now)
        since = now - dt.timedelta(minutes=52 - 17 * number)
        ReplyFactory.create(message=asked, body=body, meaning=meaning, reason=why, received_at=since)
    for number, (channel, state, why, address) in enumerate(_FAILED):
        failed = _reminder(
            next(visits), state=state, channel=channel, reason=why, recipient=address, attempts=4, sent_at=now
        )
        ContactPointFactory.create(patient=failed.patient, value=f"+1212555{142 + number:04d}")
    return day.path("messages")


def _reminder(visit: Appointment, **columns: Any) -> Message:
    usual = {"kind": Kind.REMINDER, "lead_minutes": 2880, "recipient": "+12125550142", "via": "twilio"}
    made: Message = MessageFactory.create(visit=visit, **(usual | columns))
    return made


def _link(day: ClinicDay) -> str:
    """Return the link that a reminder of a visit tomorrow brought."""
    return f"/a/{linked(day.visits['tomorrow'], kind=Kind.REMINDER, lead_minutes=2880)}/"


# What is written for the last ones would show on a board.
PICTURES: Final = (
    Picture("board", lambda day: day.path("board"), steps=_a_card),
    Picture("board-dark", lambda day: day.path("board"), theme="dark"),
    Picture("board-phone", lambda day: day.path("board"), PHONE),
    Picture("booking", lambda day: day.path("board"), steps=_phone_rings),
    Picture("arrivals", lambda day: day.path("arrivals")),
    Picture("week", lambda day: day.path("week")),
    Picture("month", lambda day: day.path("month")),
    Picture("reports", lambda day: day.path("reports")),
    Picture("reports-dark", lambda day: day.path("reports"), theme="dark"),
    Picture("messages", _inbox),
    Picture("link", _link, PHONE),
)
