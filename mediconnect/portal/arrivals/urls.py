"""Addresses of arrivals."""

from django.urls import path

from . import urgency, views, walk_in

urlpatterns = [
    path("arrivals/", views.arrivals, name="arrivals"),
    path("arrivals/<uuid:visit>/priority/", urgency.priority, name="arrivals-priority"),
    path("arrivals/walk-in/", walk_in.walk_in, name="walk-in"),
    path("arrivals/walk-in/patients/", walk_in.walk_in_patients, name="walk-in-patients"),
]
