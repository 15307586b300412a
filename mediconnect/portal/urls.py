"""The pages of the portal. All that belongs to a clinic lies below its address, so that no link can forget which one."""

from django.urls import include, path
from django.views.generic import TemplateView

from .home import home
from .lapses import session
from .preferences import prefer
from .waiting_room.views import screen

app_name = "portal"

_OF_A_CLINIC = (
    "board", "booking", "visits", "batches", "groups", "calendars", "arrivals", "waiting_room", "waitlist", "messages", "people", "hours", "displacements", "reports", "sheet", "setup",
    "exchange",
    "feeds", "hooks",
    "series",
)  # fmt: skip

urlpatterns = [
    path("", home, name="home"),
    path("session/", session, name="session"),
    path("signed-in-again/", TemplateView.as_view(template_name="portal/back.html"), name="back"),
    path("", include("mediconnect.portal.reliability.urls")),
    path("preferences/", prefer, name="preferences"),
    path("screen/<str:secret>/", screen, name="screen"),
    *(path("clinics/<uuid:clinic>/", include(f"mediconnect.portal.{pages}.urls")) for pages in _OF_A_CLINIC),
]
