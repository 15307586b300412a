"""The addresses of visits, holds and free time, below /api/v1/."""

from django.urls import path

from appointments.services.flow import STEPS

from .appointments import (
    AppointmentsView,
    AppointmentView,
    CalendarView,
    CancelView,
    ConfirmView,
    HistoryView,
    RescheduleView,
    StepView,
    UndoView,
)
from .availability import AvailabilityView, ExplainView
from .holds import HoldsView, HoldView
from .waiting.views import AcceptView, DeclineView, WaitlistEntryView, WaitlistView

_VISIT = "appointments/<uuid:appointment_id>/"


urlpatterns = [
    path("availability/", AvailabilityView.as_view(), name="availability"),
    path("availability/explain/", ExplainView.as_view(), name="availability-explain"),
    path("holds/", HoldsView.as_view(), name="holds"),
    path("holds/<uuid:hold_id>/", HoldView.as_view(), name="hold"),
    path("waitlist/", WaitlistView.as_view(), name="waitlist"),
    path("waitlist/<uuid:entry_id>/", WaitlistEntryView.as_view(), name="waitlist-entry"),
    path("waitlist/offers/<uuid:offer_id>/accept/", AcceptView.as_view(), name="waitlist-offer-accept"),
    path("waitlist/offers/<uuid:offer_id>/decline/", DeclineView.as_view(), name="waitlist-offer-decline"),
    path("appointments/", AppointmentsView.as_view(), name="appointments"),
    path(_VISIT, AppointmentView.as_view(), name="appointment"),
    path(f"{_VISIT}reschedule/", RescheduleView.as_view(), name="appointment-reschedule"),
    path(f"{_VISIT}cancel/", CancelView.as_view(), name="appointment-cancel"),
    path(f"{_VISIT}undo/", UndoView.as_view(), name="appointment-undo"),
    path(f"{_VISIT}calendar.ics", CalendarView.as_view(), name="appointment-calendar"),
    path(f"{_VISIT}history/", HistoryView.as_view(), name="appointment-history"),
    *(
        path(
            f"{_VISIT}{step}/",
            (ConfirmView if step == "confirm" else StepView).as_view(step=step),
            name=f"appointment-{step}",
        )
        for step in STEPS
    ),
]
