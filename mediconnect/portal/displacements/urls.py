"""Addresses of absences over booked visits."""

from django.urls import path

from .views import acting, entering, listing, rows

_ONE = "displacements/<uuid:displacement>/"
_ROW = f"{_ONE}visits/<uuid:row>/"

urlpatterns = [
    path("displacements/", listing.displacements, name="displacements"),
    path("displacements/closure/", entering.closure, name="displace-closure"),
    path("providers/<uuid:provider>/away/", entering.away, name="displace-provider"),
    path(_ONE, listing.displacement, name="displacement"),
    path(f"{_ONE}pulse/", listing.pulse, name="displacement-pulse"),
    path(f"{_ONE}send/", acting.send, name="displacement-send"),
    path(f"{_ONE}undo/", acting.undo, name="displacement-undo"),
    path(_ROW, rows.row, name="displaced-visit"),
    path(f"{_ROW}choose/", rows.choose, name="displaced-visit-choose"),
    path(f"{_ROW}answer/", rows.answer, name="displaced-visit-answer"),
    path(f"{_ROW}call/", rows.call, name="displaced-visit-call"),
]
