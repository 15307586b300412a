"""What a panel about a message stands beside: what waits, the log, a visit's day, or a patient's record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from appointments.models import Appointment
from mediconnect.portal.desk import Desk, DeskRequest
from mediconnect.portal.people.views.record import page as record_page
from mediconnect.portal.showing import show
from mediconnect.portal.visits.around import Around, beside
from patients.models import Patient

from .log import log_of, wanted
from .reading import todo_of

_LOG_WORDS: Final = ("state", "kind", "channel", "date", "patient")
_VISIT_WORDS: Final = ("who", "by", "over")
_NOTHING: Final = "portal/board/_nothing.html"


@dataclass(frozen=True, slots=True)
class Beneath:
    """The page below, by the address of the panel: `at` says which, `kept` is its filter."""

    desk: Desk
    at: str
    kept: Mapping[str, str] = field(default_factory=dict)
    visit: Appointment | None = None
    patient: Patient | None = None

    @classmethod
    def of(
        cls, request: DeskRequest, desk: Desk, visit: Appointment | None = None, patient: Patient | None = None
    ) -> "Beneath":
        """Return what this request's address says; the first word that makes no sense here leads to what waits."""
        at = request.GET.get("at", "")
        if (at == "visit" and visit is None) or (at == "patient" and patient is None):
            at = ""
        words = {"log": _LOG_WORDS, "visit": _VISIT_WORDS}.get(at, ())
        kept = {word: request.GET[word] for word in words if request.GET.get(word)}
        return cls(desk, at if at in {"log", "visit", "patient"} else "", kept, visit, patient)

    @property
    def query(self) -> str:
        """Return what every address in the panel carries along, as the end of an address that has none yet."""
        return f"?{urlencode({'at': self.at, **self.kept})}" if self.at else ""

    def address(self, name: str, **ids: Any) -> str:
        """Return the address of a door of messages that knows what it stands beside."""
        return reverse(f"portal:{name}", kwargs={"clinic": self.desk.clinic.pk, **ids}) + self.query

    def close(self, request: DeskRequest) -> str:
        """Return the address of the page beneath, without a panel."""
        clinic = {"clinic": self.desk.clinic.pk}
        if self.at == "visit" and self.visit is not None:
            return self._around(request, self.visit).beneath(self.visit.starts_at.astimezone(self.desk.zone).date())
        if self.at == "patient" and self.patient is not None:
            return reverse("portal:patient", kwargs=clinic | {"patient": self.patient.pk})
        if self.at == "log":
            return f"{reverse('portal:message-log', kwargs=clinic)}?{urlencode(self.kept)}".rstrip("?")
        return reverse("portal:messages", kwargs=clinic)

    def card(self, request: DeskRequest) -> str:
        """Return the card of the visit that the message is about, over its day or whatever the reader came from; or ""."""
        return self._around(request, self.visit).card if self.visit is not None else ""

    def _around(self, request: DeskRequest, visit: Appointment) -> Around:
        return Around.of(request, self.desk, visit.pk)


def show_beside(
    request: DeskRequest, beneath: Beneath, panel: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Show a panel: alone to htmx where that is all it needs, else beside its page."""
    desk = beneath.desk
    words = {**context, "beneath": beneath, "close": beneath.close(request)}
    if beneath.at == "visit" and beneath.visit is not None:
        day = beneath.visit.starts_at.astimezone(desk.zone).date()
        return beside(request, desk, Around.of(request, desk, beneath.visit.pk), day, panel, words, status=status)
    if beneath.at == "patient" and beneath.patient is not None and _target(request) != "panel":
        return record_page(request, desk, beneath.patient, {**words, "panel": panel}, status=status)
    if beneath.at == "log":
        return over_log(request, desk, panel, words, status=status)
    return over_todo(request, desk, panel, words, status=status)


def over_todo(
    request: DeskRequest,
    desk: Desk,
    panel: str = _NOTHING,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Show what waits, with a panel beside it; it is not looked up for the panel alone.

    What is refused stands in the panel, too: the list is fetched again as soon as anything changes.
    """
    words = {"room": "messages", "part": "todo", **(context or {}), "panel": panel}
    is_panel = _is_panel(request, "todo", status)
    if not is_panel:
        words |= {"todo": todo_of(desk)}
    return _shown(request, desk, "portal/messages/todo.html", words, "todo", is_panel=is_panel, status=status)


def over_log(
    request: DeskRequest,
    desk: Desk,
    panel: str = _NOTHING,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Show the log as the address asks for it, with a panel beside it."""
    words = {"room": "messages", "part": "log", **(context or {}), "panel": panel}
    is_panel = _is_panel(request, "log", status)
    if not is_panel:
        asked = wanted(desk, request.GET.dict())
        words |= {"log": log_of(desk, asked, request.GET.get("cursor", ""))}
    return _shown(request, desk, "portal/messages/log.html", words, "log", is_panel=is_panel, status=status)


def _shown(
    request: DeskRequest, desk: Desk, page: str, words: Mapping[str, Any], part: str, *, is_panel: bool, status: int
) -> HttpResponse:
    panel = words["panel"]
    fragments = {"panel": panel, part: panel if is_panel else f"portal/messages/_{part}.html"}
    response = show(request, desk, page, words, fragments=fragments, status=status)
    if _target(request) == "panel" and request.method == "GET":
        response["HX-Push-Url"] = request.get_full_path()
    if is_panel and _target(request) != "panel":
        response["HX-Retarget"], response["HX-Reswap"] = "#panel", "innerHTML show:none"
    return response


def _is_panel(request: DeskRequest, part: str, status: int) -> bool:
    target = _target(request)
    return target == "panel" or (target == part and status >= HTTPStatus.BAD_REQUEST)


def _target(request: DeskRequest) -> str:
    return (request.htmx.target or "") if request.htmx and not request.htmx.history_restore_request else ""
