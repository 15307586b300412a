"""Addresses of series."""

from django.urls import path

from .views import booking, cancelling, moving, page

urlpatterns = [
    path("series/new/", booking.new, name="series-new"),
    path("series/<uuid:series>/", page.series, name="series"),
    path("series/<uuid:series>/calendar.ics", page.calendar, name="series-calendar"),
    path("series/<uuid:series>/cancel/", cancelling.cancel, name="series-cancel"),
    path("series/<uuid:series>/restore/", cancelling.restore, name="series-restore"),
    path("series/<uuid:series>/move/", moving.move, name="series-move"),
]
