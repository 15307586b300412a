"""The addresses of visits, series, holds and free time, below /api/v1/."""

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
from .series.views import (
    AllSeriesView,
    SeriesCalendarView,
    SeriesCancelView,
    SeriesMoveView,
    SeriesRestoreView,
    SeriesView,
)
from .waiting.views import AcceptView, DeclineView, WaitlistEntryView, WaitlistView

_VISIT = "appointments/<uuid:appointment_id>/"
_SERIES = "series/<uuid:series_id>/"


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
    path("series/", AllSeriesView.as_view(), name="series"),
    path(_SERIES, SeriesView.as_view(), name="series-one"),
    path(f"{_SERIES}cancel/", SeriesCancelView.as_view(), name="series-cancel"),
    path(f"{_SERIES}move/", SeriesMoveView.as_view(), name="series-move"),
    path(f"{_SERIES}restore/", SeriesRestoreView.as_view(), name="series-restore"),
    path(f"{_SERIES}calendar.ics", SeriesCalendarView.as_view(), name="series-calendar"),
]
